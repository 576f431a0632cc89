"""Whether texts are in the language that an encoder has read: a warning where most words are unknown to it.

It also warns of texts in scripts without spaces, whose words cannot be told apart.
"""

import warnings
from collections.abc import Container, Iterable

from seqlabel.documents.phrases import has_phrases
from seqlabel.text.vocabulary import Vocabulary

FEW, MANY = 40, 2_000
"""How many words must have been read before anything is said, and after how many no more are counted."""
UNKNOWN = 0.7
"""The share of unknown words above which texts are taken for another language. It is 0.09 in English prose, 0.55 in
JSON records of names and 0.84 in German."""
FEW_LOWER, UNKNOWN_LOWER = 3, 0.6
"""The same for words without capitals, which are hardly ever names and so tell sooner. Alone, 97 % of Vietnamese and
65 % of German sentences are found so, none of English prose or logs, and 1.4 % of questions to an airline."""
SMALLEST = 5_000
"""The words of a vocabulary that is large enough to tell."""


class LanguageCheck:
    """Counts the words of texts that a vocabulary lacks, and warns once where most are unknown or whole phrases.

    Args:
        vocabulary: The words that the encoder has read; None where it reads pieces of words, and nothing is said.
    """

    def __init__(self, vocabulary: Vocabulary | None) -> None:
        self._vocabulary: Container[str] = vocabulary or ()
        self._read = self._unknown = self._lower = self._lower_unknown = 0
        self._done = vocabulary is None or len(vocabulary) < SMALLEST

    def read(self, words: Iterable[str]) -> None:
        """Count the words of a text.

        Args:
            words: Its words; those of letters alone count.
        """
        if self._done:
            return
        words = list(words)
        if has_phrases(words):
            self._done = True
            warnings.warn(
                "Some texts have no spaces between their words, as Chinese, Japanese and Thai have, so the model reads "
                "whole phrases as one word and misses private data. en_pii reads English, eu_pii also German, French, "
                "Spanish, Italian, Dutch and Portuguese.",
                stacklevel=2,
            )
            return
        for word in words:
            if len(word) > 1 and word.isalpha():
                unknown = word not in self._vocabulary and word.lower() not in self._vocabulary
                self._read += 1
                self._unknown += unknown
                if word.islower():
                    self._lower += 1
                    self._lower_unknown += unknown
        told = self._read >= FEW or (
            self._lower >= FEW_LOWER and self._lower_unknown >= UNKNOWN_LOWER * self._lower and self._read > FEW_LOWER
        )
        if told and self._unknown > UNKNOWN * self._read:
            self._done = True
            warnings.warn(
                f"{self._unknown} of the first {self._read} words are unknown to the model. In a language that it has "
                "not read it takes words for private data and misses values. en_pii reads English, eu_pii also German, "
                "French, Spanish, Italian, Dutch and Portuguese.",
                stacklevel=2,
            )
        self._done = self._done or self._read >= MANY
