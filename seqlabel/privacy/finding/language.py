"""Whether texts are in a language that an encoder has read: a warning for sentences of others and
for unknown words.

The languages' function words are in `seqlabel.text.languages`. It also warns of texts without
spaces between their words, which cannot be distinguished.
"""

import warnings
from collections import deque
from collections.abc import Collection, Iterator, Sequence

from seqlabel.documents.phrases import has_phrases, runs_together
from seqlabel.text.languages import FUNCTION_WORDS
from seqlabel.text.vocabulary import Vocabulary

LOOK = 200
"""How many words are looked back on, so that texts of another language are seen after any number of
others. Of a longer text about as many are looked up, spread evenly."""
UNKNOWN = 0.7
"""The share of unknown words above which texts are taken for another language. It is 0.09 in
English prose, 0.55 in JSON records of names and 0.84 in German."""
FEW_LOWER = 20
"""How many different words without capitals, which are hardly ever names, must have been read
before."""
UNKNOWN_LOWER = 0.6
"""The share of unknown words among those, as `UNKNOWN` of all."""
ALL_READ = 2_000
"""Up to how many words those of each text are looked up, which costs time."""
ONE_IN = 16
"""After these words, one text of this many is looked up."""
SMALLEST = 5_000
"""The words of a vocabulary that is large enough to tell."""
KNOWN = 0.8
"""The share of a language's function words in a vocabulary above which it was read. It is 0.9 and
more for the thirteen languages of `eu`, and 0.4 at most for others."""
PIECE = 40
"""Words that tell their language together."""
FEW_TELL = 2
"""Different function words by which a piece of up to `MOST_FEW` words shows its language; a longer
piece needs one more."""
MOST_FEW = 8
"""The words of a short piece."""
SHARE = 0.2
"""The least share of function words among the words of a piece."""
READS = (
    "en_pii reads English; eu_pii (pip install seqlabel-eu, then --model eu_pii, or "
    'PrivateFinder.load("eu_pii")) also '
    "German, French, Spanish, Italian, Dutch and Portuguese."
)


class LanguageCheck:
    """Looks for words that a vocabulary lacks, for sentences of languages that it lacks, and for
    whole phrases.

    It warns once of each of these.

    Args:
        vocabulary: The words that the encoder has read; None where it reads pieces of words, and
            nothing is reported.
    """

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary: Collection[str] = vocabulary or ()
        self._texts = self._words = 0
        self._last: deque[str] = deque(maxlen=LOOK)
        looks = vocabulary is not None and len(vocabulary) >= SMALLEST
        self._left = {"phrases", "together", "language", "unknown"} if looks else set()
        known = set()
        for language, words in FUNCTION_WORDS.items():
            if sum(word in self._vocabulary for word in words) > KNOWN * len(words):
                known.add(language)
        self._known = [FUNCTION_WORDS[language] for language in known]
        self._others = {
            language: words for language, words in FUNCTION_WORDS.items() if language not in known
        }
        self._telling = frozenset().union(*self._others.values())

    def read(self, words: Sequence[str], *, is_ascii: bool = False) -> None:
        """Look at the words of a text.

        Args:
            words: Its words; those of letters alone count.
            is_ascii: Whether it is known to have no letter but those of English.
        """
        if not self._left:
            return

        if not is_ascii and "phrases" in self._left and has_phrases(words):
            self._warn(
                "phrases",
                "Some texts have no spaces between their words, as Chinese, Japanese and Thai "
                "have, so the model reads "
                f"whole phrases as one word and misses private data. {READS}",
            )
        if "together" in self._left and runs_together(words):
            self._warn(
                "together",
                "Some texts have lost the spaces between their words, as broken extraction from "
                "PDF leaves them, so the model reads whole phrases as one word and misses private "
                "data. Extract them with another tool.",
            )

        if (
            "language" in self._left
            and not self._telling.isdisjoint(words)
            and (language := self._language(words))
        ):
            self._warn(
                "language",
                f"Some texts seem to be {language}, which the model has not read: it takes words "
                f"for private data and misses values. {READS}",
            )

        self._texts += 1
        if "unknown" in self._left and (self._words < ALL_READ or self._texts % ONE_IN == 0):
            self._count(words)

    def _language(self, words: Sequence[str]) -> str | None:
        """The language, not read, that a piece of a text has most of the function words of; None
        where none has.
        """
        for piece in _pieces(words):
            piece[:1] = map(str.lower, piece[:1])
            distinct = set(piece)
            if len(distinct & self._telling) < FEW_TELL:
                continue
            most, language = max(
                (len(distinct & function), language) for language, function in self._others.items()
            )
            most_known = max((len(distinct & function) for function in self._known), default=0)
            count = sum(word in self._others[language] for word in piece)
            is_enough = most >= FEW_TELL + (len(piece) > MOST_FEW)
            if is_enough and most > most_known and count >= SHARE * len(piece):
                return language
        return None

    def _count(self, words: Sequence[str]) -> None:
        """Look up the last words in the vocabulary, and warn where most of them are unknown."""
        step = max(1, len(words) // LOOK)
        letters = [word for word in words[::step] if len(word) > 1 and word.isalpha()]
        self._words += len(letters)
        self._last.extend(letters)
        last = list(self._last)
        unknown = sum(map(self._is_unknown, last))
        # Names and the same few keys are unknown too.
        lower = {word for word in last if not word[0].isupper()}
        if (
            unknown > UNKNOWN * len(last)
            and len(lower) >= FEW_LOWER
            and sum(map(self._is_unknown, lower)) > UNKNOWN_LOWER * len(lower)
        ):
            self._warn(
                "unknown",
                f"{unknown} of {len(last)} words are unknown to the model. In a language that it "
                f"has not read it takes words for private data and misses values. {READS}",
            )

    def _is_unknown(self, word: str) -> bool:
        return word not in self._vocabulary and word.lower() not in self._vocabulary

    def _warn(self, what: str, message: str) -> None:
        # Of texts in another language one warning is enough.
        self._left -= {"language", "unknown"} if what in ("language", "unknown") else {what}
        warnings.warn(message, stacklevel=4)


def _pieces(words: Sequence[str]) -> Iterator[list[str]]:
    """The words of letters alone, from `PIECE` words at a time."""
    for start in range(0, len(words), PIECE):
        yield [word for word in words[start : start + PIECE] if word.isalpha()]
