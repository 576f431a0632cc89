"""The format of plain text, one text per line; all lines of a private key are one."""

from seqlabel.formats.format import Format
from seqlabel.io.records import TextRecords

TEXT = Format(
    "text",
    looks_like=lambda _: True,
    records=lambda *_: TextRecords(),
)
"""One text per line."""
