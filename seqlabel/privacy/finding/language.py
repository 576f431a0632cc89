"""Whether texts are in a language that an encoder has read: a warning for sentences of others.

The languages' function words are in `language.toml`. It also warns of texts without spaces between their words, which
cannot be told apart.
"""

import tomllib
import warnings
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from seqlabel.documents.document import Document
from seqlabel.documents.phrases import lacks_spaces
from seqlabel.text.vocabulary import Vocabulary

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""The function words of each language."""

SMALLEST = 5_000
"""The words of a vocabulary that is large enough to tell."""
KNOWN = 0.8
"""The share of a language's function words in a vocabulary above which it was read. It is 0.9 and more for the thirteen
languages of `eu`, and 0.4 at most for others."""
PIECE = 40
"""Words that tell their language together."""
FEW_TELL, MOST_FEW, SHARE = 2, 8, 0.2
"""A piece of up to `MOST_FEW` words shows its language by `FEW_TELL` different function words, a longer piece by one
more; they are at least `SHARE` of its words."""
READS = (
    'en_pii reads English; eu_pii (pip install seqlabel-eu, then --model eu_pii, or PrivateFinder("eu_pii")) also '
    "German, French, Spanish, Italian, Dutch and Portuguese."
)


class LanguageCheck:
    """Looks for sentences of languages that a vocabulary lacks, and for whole phrases; it warns once of each.

    Args:
        vocabulary: The words that the encoder has read; None where it reads pieces of words, and nothing is said.
    """

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        read: Collection[str] = vocabulary or ()
        self._looks_for_phrases = self._looks_for_languages = len(read) >= SMALLEST
        known = {
            language
            for language, words in FUNCTION_WORDS.items()
            if sum(word in read for word in words) > KNOWN * len(words)
        }
        self._known = [FUNCTION_WORDS[language] for language in known]
        self._others = {language: words for language, words in FUNCTION_WORDS.items() if language not in known}
        self._telling = frozenset().union(*self._others.values())

    def read(self, document: Document) -> None:
        """Look at the words of a text.

        Args:
            document: The text and its words; those of letters alone count.
        """
        if self._looks_for_phrases and lacks_spaces(document):
            self._looks_for_phrases = False
            _warn(
                "Some texts have no spaces between their words, as Chinese, Japanese and Thai, or lost them to broken "
                f"extraction, so the model reads whole phrases as one word and misses private data. {READS}"
            )
        words = document.words
        if self._looks_for_languages and not self._telling.isdisjoint(words) and (found := self._language(words)):
            self._looks_for_languages = False
            _warn(
                f"Some texts seem to be {found}, which the model has not read: it takes words for private data and "
                f"misses values. {READS}"
            )

    def _language(self, words: Sequence[str]) -> str | None:
        """The language, not read, that a piece of a text has most of the function words of; None where none has."""
        for piece in _pieces(words):
            piece[:1] = map(str.lower, piece[:1])
            found = set(piece)
            if len(found & self._telling) < FEW_TELL:
                continue
            most, language = max((len(found & function), language) for language, function in self._others.items())
            if (
                most >= FEW_TELL + (len(piece) > MOST_FEW)
                and most > max((len(found & function) for function in self._known), default=0)
                and sum(word in self._others[language] for word in piece) >= SHARE * len(piece)
            ):
                return language
        return None


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=4)


def _pieces(words: Sequence[str]) -> Iterator[list[str]]:
    """The words of letters alone, from `PIECE` words at a time."""
    for start in range(0, len(words), PIECE):
        yield [word for word in words[start : start + PIECE] if word.isalpha()]
