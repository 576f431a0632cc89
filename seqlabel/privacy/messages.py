"""The texts of messages to language models, as the clients of OpenAI and Anthropic take them; what
changes them is not.

A message is a mapping. Its content is a text or a list of parts, and it may have calls of tools,
whose arguments are a mapping or a text of JSON. Names of fields, of tools and of roles, and ids
stay as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from seqlabel.errors import DataError
from seqlabel.io.json_records import json_text
from seqlabel.privacy.replacing.nested import field_path

_STRUCTURE = frozenset(
    {
        *(
            "role",
            "type",
            "id",
            "call_id",
            "tool_call_id",
            "tool_use_id",
            "file_id",
            "status",
            "cache_control",
        ),
        *("media_type", "format", "detail", "signature", "encrypted_content"),
    }
)
"""Fields of messages and parts that hold no text of a person's."""
_FREE = frozenset({"arguments", "input"})
"""Fields of a call of a tool whose fields have any name."""
_ADDRESSES = frozenset({"url", "image_url", "file_url"})
Change = Callable[[str, str], str]
"""Gives the new text for the path of a field and its text."""


class Messages:
    """Messages as their texts, and back.

    Attributes:
        texts: For each text, in order, the path of its field and the text.
        has_media: Whether there are images, sound or files, which are not texts.

    Args:
        messages: Mappings, or objects of the clients, of which mappings are made.

    Raises:
        DataError: For bytes, and for any other value that is not one of JSON.

    Example:
        >>> call = {"function": {"name": "send", "arguments": '{"to": "Ann"}'}}
        >>> messages = Messages([{"role": "assistant", "content": "ok", "tool_calls": [call]}])
        >>> messages.texts
        [('content', 'ok'), ('to', 'Ann')]
        >>> messages.written(["", "Bob"])[0]["tool_calls"]
        [{'function': {'name': 'send', 'arguments': '{"to": "Bob"}'}}]
    """

    def __init__(self, messages: Sequence[Any]) -> None:
        self.texts: list[tuple[str, str]] = []
        self.has_media = False
        self._messages = self._mapped(messages, self._kept, "", free=False)

    def written(self, texts: Iterable[str]) -> Any:
        """Write other texts in place of these.

        Args:
            texts: A text for each one, in order.

        Returns:
            Messages of the same shape.
        """
        new = iter(texts)
        return self._mapped(self._messages, lambda path, text: next(new), "", free=False)

    def _kept(self, path: str, text: str) -> str:
        self.texts.append((path, text))
        return text

    def _mapped(self, value: Any, change: Change, path: str, *, free: bool) -> Any:
        if isinstance(value, str):
            return change(path, value)
        if value is None or isinstance(value, bool | int | float):
            return value
        if callable(dump := getattr(value, "model_dump", None)):
            value = dump(mode="json", exclude_unset=True)
        if isinstance(value, Mapping):
            return {
                name: self._field(value, name, change, field_path(path, name), free=free)
                for name in value
            }
        if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
            return [self._mapped(item, change, path, free=free) for item in value]
        raise DataError(
            "messages: expected texts, numbers, lists and mappings, as JSON has, got "
            f"{type(value).__name__}."
        )

    def _field(
        self, fields: Mapping[str, Any], name: str, change: Change, path: str, *, free: bool
    ) -> Any:
        value = fields[name]
        if free:
            return self._mapped(value, change, path, free=True)
        if name in _STRUCTURE or (name == "name" and not _FREE.isdisjoint(fields)):
            return value
        if isinstance(value, str) and (
            _is_encoded(fields, name) or (name in _ADDRESSES and value.startswith("data:"))
        ):
            self.has_media = True
            return value
        if (
            name == "arguments"
            and isinstance(value, str)
            and (record := json_text(value)) is not None
        ):
            return record.written([change(cell.name, cell.text) for cell in record.cells])
        return self._mapped(value, change, path, free=name in _FREE)


def _is_encoded(fields: Mapping[str, Any], name: str) -> bool:
    """Whether a field holds bytes in base64; a source of Anthropic's may be plain text instead."""
    return name == "file_data" or (name == "data" and fields.get("type") != "text")
