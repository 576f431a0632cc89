"""Recognizes texts without spaces between words, whose words are whole phrases; needs neither torch
nor spaCy.
"""

import re
from collections.abc import Iterable, Sequence

from seqlabel.documents.document import Document

# Thai, Lao, Burmese, Khmer, Japanese, Chinese.
_PHRASE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{6,}")
_LONG = 20
"""The fewest letters of a word that may be several words."""
_LONGEST = 41
"""The fewest letters of a word that certainly is several words: German compounds have up to 40."""
_FEWEST_LOWER = 15
"""The fewest lower-case letters in a row in such a word; the parts of names in code are shorter."""
_FEWEST_LETTERS = 9
"""The fewest different letters in it; genes and cries have fewer."""
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüаеёиоуыэюяіїєαεηιουωάέήίόύώ")
_FEWEST_VOWELS = 0.25
"""The lowest share of vowels in it; random letters have fewer."""
_SHARE = 0.4
"""The lowest share of a text's characters that are in words of `_LONG` letters or more."""
_PARTS = frozenset("/\\@=#?&_")
"""Marks before and after parts of a path, an address or a query."""


def lacks_spaces(document: Document) -> bool:
    """Return whether a text has no spaces between its words, so that its words are whole phrases.

    Args:
        document: The document.

    Returns:
        Whether a word has six or more characters of a script without spaces, or words run together.

    Example:
        >>> words = ("これはペンです", "東京", "incomprehensibly")
        >>> [lacks_spaces(Document.from_words([word])) for word in words]
        [True, False, False]
    """
    return has_phrases(document.words) or runs_together(document.words)


def has_phrases(words: Iterable[str]) -> bool:
    """Return whether words are whole phrases of a script without spaces.

    Args:
        words: The words of a text.

    Returns:
        Whether one has six or more characters of such a script.
    """
    text = " ".join(words)
    return not text.isascii() and _PHRASE.search(text) is not None


def runs_together(words: Sequence[str]) -> bool:
    """Return whether the words of a text run together though its script has spaces, as broken
    extraction leaves them.

    Args:
        words: The words of a text.

    Returns:
        Whether much of the text is long words of letters, and one of them is longer than any real
        one.

    Example:
        >>> runs_together(["AnnMosslivesinParisandworksforaninsurancecompany", "."])
        True
        >>> runs_together(["AbstractAnnotationConfigDispatcherServletInitializer"])
        False
    """
    if max(map(len, words), default=0) < _LONGEST:
        return False
    padded = ["", *words, ""]
    long_words: list[str] = []
    for before, word, after in zip(padded[:-2], words, padded[2:], strict=True):
        if len(word) >= _LONG and word.isalpha() and before not in _PARTS and after not in _PARTS:
            long_words.append(word)
    long_characters = sum(map(len, long_words))
    all_characters = sum(map(len, words))
    return long_characters >= _SHARE * all_characters and any(map(_is_several_words, long_words))


def _is_several_words(word: str) -> bool:
    if len(word) < _LONGEST:
        return False
    run = 0
    longest_run = 0
    for letter in word:
        run = run + 1 if letter.islower() else 0
        longest_run = max(longest_run, run)
    letters = word.lower()
    vowels = sum(letter in _VOWELS for letter in letters)
    has_letters = len(set(letters)) >= _FEWEST_LETTERS
    return longest_run >= _FEWEST_LOWER and has_letters and vowels >= _FEWEST_VOWELS * len(word)
