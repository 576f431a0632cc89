"""Runs the code of a page, README or docs, from top to bottom, and compares what it prints with
what the page shows.

A block of `python` is executed. Of a block of `sh` the lines `seqlabel …` and
`python -m seqlabel …` are run in this process; other commands are not. Where a block of `text`
follows such a block, it is what the block prints; `...` stands for anything.
"""

import doctest
import io
import re
import shlex
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", flags=re.DOTALL | re.MULTILINE)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class Block:
    """Code of a page: its language, its text, the line where it begins, and what the page says that
    it prints.
    """

    language: str
    code: str
    line: int
    expected: str | None


@dataclass(frozen=True)
class Run:
    """The names that a page's Python leaves behind, and all that it printed."""

    names: dict
    output: str


def blocks_of(path):
    """The blocks of code of a page."""
    page = path.read_text(encoding="utf-8")
    found = list(_BLOCK.finditer(page))
    blocks = []
    for number, match in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        shown = (
            after is not None
            and after[1] == "text"
            and not page[match.end() : after.start()].strip()
        )
        line = page.count("\n", 0, match.start()) + 1
        blocks.append(Block(match[1], match[2], line, after[2] if shown else None))
    return blocks


def run_page(path, *, commands=True):
    """Run a page's Python, and its commands."""
    names, outputs = {"__name__": "page"}, []
    for block in blocks_of(path):
        # With bytes below it, as standard output has.
        printed = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        if block.language == "python":
            # Blank lines before the code, so that a traceback has the page's own line numbers.
            code = compile("\n" * block.line + block.code, str(path), "exec")
            with redirect_stdout(printed):
                exec(code, names)
        elif block.language == "sh" and commands:
            with redirect_stdout(printed):
                for line in block.code.replace("\\\n", " ").splitlines():
                    _run(line)
        else:
            continue
        printed.flush()
        output = printed.buffer.getvalue().decode("utf-8")
        outputs.append(output)
        if block.expected is not None:
            example = doctest.Example("", block.expected)
            checker = doctest.OutputChecker()
            assert checker.check_output(block.expected, output, _FLAGS), (
                f"{path.name}, line {block.line}: "
                f"{checker.output_difference(example, output, _FLAGS)}"
            )
    return Run(names, "".join(outputs))


def _run(line):
    from seqlabel.cli import app

    words = shlex.split(line, comments=True)
    for program in (["seqlabel"], ["python", "-m", "seqlabel"]):
        if words[: len(program)] == program:
            assert not app(words[len(program) :], standalone_mode=False), line
