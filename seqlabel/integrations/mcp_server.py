"""A server of the Model Context Protocol with tools that redact, restore, find and explain; it
opens no connection.

A server is one conversation: its session lasts as long as it does. What a tool returns, the
language model reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError
from seqlabel.io.files import write_file
from seqlabel.names import VERSION
from seqlabel.privacy.finding.explaining import Reason, explain, sources_alone
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, finder_of
from seqlabel.privacy.replacing.placeholders import Form
from seqlabel.privacy.session import Session

_INSTRUCTIONS = (
    "Private values are numbered placeholders, such as <PERSON_1>. Read files that may hold "
    "private data with `redact` and write files with `restore`, so that you never see the values. "
    "Copy placeholders as they are."
)
_JSON_NAMES = (".json", ".jsonl")

_Text = Annotated[str, Field(description="A text, where no file is given.")]
_File = Annotated[
    str, Field(description="A file of UTF-8 text in the folder of the server, instead of a text.")
]
_Answer = Annotated[str, Field(description="A text with placeholders.")]
_Target = Annotated[
    str,
    Field(
        description=(
            "A file in the folder of the server to write the values to, which are then not "
            "returned."
        )
    ),
]


@dataclass(frozen=True)
class RestoredText:
    """What `restore` returns: the text, or none where it was written to a file.

    Args:
        text: The text with values; empty where it was written to a file.
        restored: How many placeholders were replaced.
        unknown: Placeholders that were never handed out, which stay.
    """

    text: str = field(repr=False)
    restored: int
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class FoundValue:
    """Where a private value is, without the value.

    Args:
        label: Its label.
        start: Its first character.
        end: The character after its last one.
        source: What found it: `model`, or the id of a rule or pattern.
        words: The words around it that tell the model most; only `explain` of a text gives them.
    """

    label: str
    start: int
    end: int
    source: str
    words: tuple[str, ...] = field(default=(), repr=False)


class _Tools:
    """The tools, which share a session. They are coroutines so that no two of them use it at a
    time.
    """

    def __init__(self, finder: PrivateFinder, folder: Path | None) -> None:
        self._finder = finder
        self._session = Session(finder)
        self._folder = None if folder is None else folder.resolve()

    async def redact(self, text: _Text = "", file: _File = "") -> str:
        """Replace the private values of a text or file by placeholders that stay the same in this
        conversation.
        """
        return self._session.redact(self._read(text, file))

    async def restore(self, text: _Answer, file: _Target = "") -> RestoredText:
        """Put the values of placeholders back into a text, and write it to a file or return it."""
        if not file:
            answer = self._session.restore(text)
            return RestoredText(answer.text, answer.restored, answer.unknown)
        path = self._path(file)
        form = Form.JSON if path.suffix in _JSON_NAMES else Form.TEXT
        answer = self._session.restore(text, form=form)
        try:
            write_file(path, answer.text.encode())
        except OSError as error:
            raise ToolError(f"{file}: cannot be written ({error.strerror}).") from None
        return RestoredText("", answer.restored, answer.unknown)

    async def find(self, text: _Text = "", file: _File = "") -> list[FoundValue]:
        """Say where private values are in a text or file and which kind they are, without the
        values.
        """
        document = self._finder(self._read(text, file))
        return _located(document, sources_alone(self._finder, document))

    async def explain(self, text: _Text = "", file: _File = "") -> list[FoundValue]:
        """Say also why each value was found; the words around it only in a text, since those of a
        file stay unseen.
        """
        document = self._finder(self._read(text, file))
        reasons = sources_alone if file else explain
        return _located(document, reasons(self._finder, document))

    def _read(self, text: str, file: str) -> str:
        if bool(text) == bool(file):
            raise ToolError("expected a text or a file, got both or neither. Pass one of them.")
        if not file:
            return text
        try:
            return self._path(file).read_bytes().decode("utf-8")
        except OSError as error:
            raise ToolError(f"{file}: cannot be read ({error.strerror}).") from None
        except UnicodeDecodeError:
            raise ToolError(
                f"{file}: expected UTF-8 text, got other bytes. Use `seqlabel redact` for it."
            ) from None

    def _path(self, file: str) -> Path:
        """The path of a file, links followed, so that none leads out of the folder."""
        if self._folder is None:
            raise ToolError(
                "file: expected a text, since the server has no folder. Start it with --folder."
            )
        path = (self._folder / file).resolve()
        if not path.is_relative_to(self._folder):
            raise ToolError(
                f"{file}: expected a file in the folder of the server, got one outside it."
            )
        return path


def make_server(finder: PrivateFinder | None = None, *, folder: Path | None = None) -> MCPServer:
    """Make a server for one conversation.

    Args:
        finder: What finds private values; None is the model `en_pii` with rules.
        folder: The folder whose files the tools may read and write; None for texts alone.

    Returns:
        The server; `run()` answers over standard input and output until these are closed.

    Raises:
        OptionError: The folder is not there.
    """
    if folder is not None and not folder.is_dir():
        raise OptionError(f"folder: expected a folder, got {folder}. Pass one that exists.")
    tools = _Tools(finder_of(finder), folder)
    # The package logs requests and tracebacks below this level, which could hold text.
    server = MCPServer(
        "seqlabel", version=VERSION, instructions=_INSTRUCTIONS, log_level="CRITICAL"
    )
    for tool in (tools.redact, tools.restore, tools.find, tools.explain):
        server.add_tool(tool)
    return server


def _located(document: Document, reasons: Sequence[Reason]) -> list[FoundValue]:
    spans = document.spans[LAYER].spans
    findings = []
    for span, reason in zip(spans, reasons, strict=True):
        start, end = document.characters(span)
        findings.append(FoundValue(span.label, start, end, reason.source, reason.words))
    return findings
