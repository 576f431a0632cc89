"""The format of plain text, one text per line; where texts are exchanged, all lines of a private key are one."""

from seqlabel.formats.format import Format
from seqlabel.io.records import TextLines, TextRecords

TEXT = Format(
    "text",
    looks_like=lambda _: True,
    lines=lambda _: TextLines(),
    records=lambda *_: TextRecords(),
)
"""One text per line."""
