"""Strings of which odd words are made."""

ODD = [
    "a",
    "Zb",
    "1",
    ".",
    "-",
    "'",
    "/",
    " ",
    "http://x.yz",
    ":",
    "(",
    "½",
    "İ",
    "𝔘",
    "x" * 70,
    "5Z.",
    "10:00Z.",
]
