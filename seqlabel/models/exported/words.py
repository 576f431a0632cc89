"""The words of English text, and the spans of tags; the network is run by `run.py`.

The rules of words are in `words.json`; `english.py` reads them. What is hashed of words is in
`features.py`.
"""

import re
import runpy
from collections.abc import Collection, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

_MARKS = r"""=,:;|<>{}()\[\]/\\@"#&?%+*~`“”‘«»"""
_PIECE = re.compile(
    rf"[{_MARKS}]|(?<=[0-9]Z)\.\Z|(?:[^{_MARKS}'’.]|(?!(?<=[0-9]Z)\.\Z)\.|\b['’]\b)+|['’]"
)
_CONTRACTION = re.compile(r"(?:n['’]t|['’]\w{1,2})\Z", re.IGNORECASE)


class EnglishWords:
    """Cuts English text into words, by the rules in `words.json`; cut at marks too where words are
    `fine`.
    """

    def __init__(self, rules: dict[str, Any], *, fine: bool) -> None:
        english = runpy.run_path(str(Path(__file__).with_name("english.py")))["EnglishRules"]
        self._pieces = english(rules["special"], rules["inner"], rules["patterns"]).pieces
        self._fine = fine

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Find the half-open character offsets of the words of a text."""
        offsets: list[tuple[int, int]] = []
        # A run of more than 256 characters without white space is cut after every 256.
        for match in re.finditer(r"\S{1,256}", text):
            ends = accumulate(map(len, self._pieces(match.group())), initial=match.start())
            for start, end in pairwise(ends):
                whole = not self._fine or _CONTRACTION.match(text, start, end)
                offsets += (
                    [(start, end)]
                    if whole
                    else [piece.span() for piece in _PIECE.finditer(text, start, end)]
                )
        return offsets


def no_words(text: str) -> list[tuple[int, int]]:
    """Stand for the words of a text in a language without rules."""
    raise ValueError(
        "text: expected a language whose words are separated here, got another one. Pass words "
        "to `tag`."
    )


def paragraph_starts(text: str, words: Sequence[tuple[int, int]]) -> list[int]:
    """Find the numbers of the words that follow a blank line, without the first word."""
    pairs = enumerate(pairwise(words), start=1)
    return [
        number for number, ((_, end), (start, _)) in pairs if re.search(r"\n\s*\n", text[end:start])
    ]


def spans(tags: Sequence[str], paragraphs: Collection[int] = ()) -> list[tuple[int, int, str]]:
    """Read the spans of tags of any scheme: half-open runs of words, and their labels.

    No span crosses `paragraphs`, the numbers of words.
    """
    words_of_spans: list[tuple[int, int, str]] = []
    is_open = False
    for word, tag in enumerate(tags):
        prefix, _, label = tag.partition("-")
        if (
            is_open
            and word not in paragraphs
            and prefix in tuple("IEL")
            and label == words_of_spans[-1][2]
        ):
            words_of_spans[-1] = (words_of_spans[-1][0], word + 1, label)
        elif tag != "O":
            words_of_spans.append((word, word + 1, label))
        is_open = tag != "O" and prefix not in tuple("ESLU")
    return words_of_spans
