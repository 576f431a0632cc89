"""The format of plain text, one text per line; all lines of a private key are one."""

from seqlabel.formats.format import Exchange, Format
from seqlabel.io.records import TextRecords

TEXT = Format(
    "text",
    looks_like=lambda _: True,
    exchange=Exchange(records=lambda *_: TextRecords(), by_line=True),
)
"""One text per line."""
