"""Tells texts of which the words are whole phrases, since their script has no spaces; needs neither torch nor spaCy."""

import re
from collections.abc import Iterable

from seqlabel.documents.document import Document

# Thai, Lao, Burmese, Khmer, Japanese, Chinese.
_PHRASE = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{6,}")


def lacks_spaces(document: Document) -> bool:
    """Tell whether a text is in a script without spaces, and its words are whole phrases.

    Args:
        document: The document.

    Returns:
        Whether a word has six or more characters of such a script.

    Example:
        >>> [lacks_spaces(Document.from_words([word])) for word in ("これはペンです", "東京", "incomprehensibly")]
        [True, False, False]
    """
    return has_phrases(document.words)


def has_phrases(words: Iterable[str]) -> bool:
    """Tell whether words are whole phrases of a script without spaces.

    Args:
        words: The words of a text.

    Returns:
        Whether one has six or more characters of such a script.
    """
    text = " ".join(words)
    return not text.isascii() and _PHRASE.search(text) is not None
