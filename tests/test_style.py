"""The English of the library: turns of phrase that were taken out of docstrings, comments and
messages stay out.
"""

import ast
import io
import re
import tokenize
from pathlib import Path

import pytest

import seqlabel

FOLDER = Path(seqlabel.__file__).parent

# What may not come back, and what to write in its place.
PHRASES = {
    r"anew": "again",
    r"likeliest": "most likely",
    r"whoever": "those who",
    r"mend(?:s|ed|ing)?": "correct, repair",
    r"behind": "after",
    r"beside": "next to, besides or compared with",
    r"(?:tell|say|give) whether": "Return whether",
    (
        r"one (?:(?:tag|label|id|text|file|number) )?an? "
        r"(?:word|token|line|row|label|document|layer|head)"
    ): "one … per …",
    r"(?<!there )(?:is|are) (?-i:none)": "is not a …",
    r"(?:is|are) nothing": "is not a …",
    r"(?<!there )is no(?! longer| more| matter| such)": "is not a …",
    r"told": "reported, identified or named",
    r"(?:is|are|was) said": "is reported, is named",
    r"what stands": "the value, the rest, the existing …",
    r"so many": "the number",
    r"so much": "the number, the amount",
    r"nobody": "no person, not personal",
    r"somebody": "a person",
    r"goes on": "continues",
    r"may come again": "Repeatable.",
}
PATTERN = re.compile("|".join(rf"\b(?:{phrase})\b" for phrase in PHRASES), re.IGNORECASE)
# Messages say "Expected …, got …. Do …".
TELEGRAM = re.compile(r"^Found |: Found |\. Give ")


def room_of(path):
    """The package of a module, with its room where it has rooms."""
    folders = path.relative_to(FOLDER).parent.parts
    return "/".join(folders[:2]) or path.stem


def comments_of(source):
    """The comments of a module, with their lines."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def strings_of(source):
    """The strings of a module that are docstrings or messages, with their lines; values in
    f-strings are `{}`.
    """
    tree = ast.parse(source)
    inside = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = [part.value if isinstance(part, ast.Constant) else "{}" for part in node.values]
            yield node.lineno, "".join(parts)
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in inside
        ):
            yield node.lineno, node.value


def phrases_of(source):
    """The phrases of a module that may not come back, with their lines."""
    for line, text in comments_of(source):
        yield from ((line, match[0]) for match in PATTERN.finditer(text))
    for line, text in strings_of(source):
        if " " in text:
            yield from ((line, match[0]) for match in PATTERN.finditer(text))
            yield from ((line, match[0]) for match in TELEGRAM.finditer(text))


MODULES = {path: path.read_text(encoding="utf-8") for path in sorted(FOLDER.rglob("*.py"))}
ROOMS = sorted({room_of(path) for path in MODULES})


@pytest.mark.parametrize("room", ROOMS)
def test_phrases_stay_out(room):
    found = [
        f"{path.relative_to(FOLDER)}:{line}: {phrase}"
        for path, source in MODULES.items()
        if room_of(path) == room
        for line, phrase in phrases_of(source)
    ]
    assert found == []


def test_the_check_sees_what_it_looks_for():
    source = '"""Read anew."""\n# Beside it.\nraise ValueError(f"rows: Found {rows}. Give one.")\nmark = "behind"\n'  # noqa: E501
    assert sorted(phrases_of(source)) == [
        (1, "anew"),
        (2, "Beside"),
        (3, ". Give "),
        (3, ": Found "),
    ]
