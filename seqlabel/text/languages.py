"""Function words of languages, and the language that a text has most of them of; no model is in
here.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_name("function_words.toml").read_text(encoding="utf-8"))
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""The function words of each language, by its name in English."""


def language_of(
    words: Iterable[str], more: Mapping[str, Iterable[str]] | None = None
) -> str | None:
    """Return the language that words have most function words of.

    Args:
        words: The words of a text.
        more: Further words that are frequent in a language and rare in the others, by its name.

    Returns:
        The name of the language; None where no word is known, or two languages have equally many.

    Example:
        >>> language_of("Il gatto non dorme nella casa".split())
        'Italian'
    """
    languages = (
        _languages()
        if more is None
        else _languages_with(tuple((name, *words) for name, words in more.items()))
    )
    counts: Counter[str] = Counter()
    for word in words:
        counts.update(languages.get(word.lower(), ()))
    best = counts.most_common(2)
    if not best or (len(best) == 2 and best[0][1] == best[1][1]):
        return None
    return best[0][0]


@cache
def _languages() -> Mapping[str, tuple[str, ...]]:
    """The languages that each function word belongs to."""
    return _languages_with(())


@cache
def _languages_with(more: tuple[tuple[str, ...], ...]) -> Mapping[str, tuple[str, ...]]:
    languages: dict[str, tuple[str, ...]] = {}
    rows = [(name, *words) for name, words in FUNCTION_WORDS.items()]
    for name, *words in (*rows, *more):
        for word in words:
            known = languages.get(word, ())
            languages[word] = known if name in known else (*known, name)
    return languages
