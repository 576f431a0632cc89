"""Tells texts of which the words are whole phrases, for want of spaces between words; needs neither torch nor spaCy."""

import re
from collections.abc import Iterable, Sequence

from seqlabel.documents.document import Document

# Thai, Lao, Burmese, Khmer, Japanese, Chinese.
_PHRASE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{6,}")
_LONG, _LONGEST = 20, 41
"""The letters of a word that may be several, and of one that certainly is: German compounds have up to 40."""
_FEWEST_LOWER = 15
"""How many small letters in a row the longest has; the parts of names in code are shorter."""
_FEWEST_LETTERS = 9
"""How many different letters it has; genes and cries have fewer."""
_VOWELS = frozenset("aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüаеёиоуыэюяіїєαεηιουωάέήίόύώ")
_FEWEST_VOWELS = 0.25
"""The share of vowels in it; random letters have fewer."""
_SHARE = 0.4
"""The share of a text's characters that words which may be several have at least."""
_PARTS = frozenset("/\\@=#?&_")
"""Words beside parts of a path, an address or a query."""


def lacks_spaces(document: Document) -> bool:
    """Tell whether a text has no spaces between its words, so that its words are whole phrases.

    Args:
        document: The document.

    Returns:
        Whether a word has six or more characters of a script without spaces, or words run together.

    Example:
        >>> [lacks_spaces(Document.from_words([word])) for word in ("これはペンです", "東京", "incomprehensibly")]
        [True, False, False]
    """
    return has_phrases(document.words) or runs_together(document.words)


def has_phrases(words: Iterable[str]) -> bool:
    """Tell whether words are whole phrases of a script without spaces.

    Args:
        words: The words of a text.

    Returns:
        Whether one has six or more characters of such a script.
    """
    text = " ".join(words)
    return not text.isascii() and _PHRASE.search(text) is not None


def runs_together(words: Sequence[str]) -> bool:
    """Tell whether the words of a text run together though its script has spaces, as broken extraction leaves them.

    Args:
        words: The words of a text.

    Returns:
        Whether much of the text is long words of letters, and one of them is longer than any real one.

    Example:
        >>> runs_together(["AnnMosslivesinParisandworksforaninsurancecompany", "."])
        True
        >>> runs_together(["AbstractAnnotationConfigDispatcherServletInitializer"])
        False
    """
    if max(map(len, words), default=0) < _LONGEST:
        return False
    padded = ["", *words, ""]
    long = [
        word
        for before, word, after in zip(padded[:-2], words, padded[2:], strict=True)
        if len(word) >= _LONG and word.isalpha() and before not in _PARTS and after not in _PARTS
    ]
    return sum(map(len, long)) >= _SHARE * sum(map(len, words)) and any(map(_is_run, long))


def _is_run(word: str) -> bool:
    if len(word) < _LONGEST:
        return False
    row = most = 0
    for letter in word:
        row = row + 1 if letter.islower() else 0
        most = max(most, row)
    small = word.lower()
    vowels = sum(letter in _VOWELS for letter in small)
    return most >= _FEWEST_LOWER and len(set(small)) >= _FEWEST_LETTERS and vowels >= _FEWEST_VOWELS * len(word)
