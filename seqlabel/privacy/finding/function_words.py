"""Function words of languages, by which a sentence tells its language, from `function_words.toml`."""

import tomllib
from pathlib import Path

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
FUNCTION_WORDS = {language: frozenset(words.split()) for language, words in _WORDS.items()}
"""The function words of each language."""
