"""The rules of spaCy's English tokeniser as `seqlabel/text/english.json` holds them.

python -m tests.text.english_rules        # write the file again with the rules of the spaCy that is
installed
"""

import json
from pathlib import Path

import spacy

from seqlabel.text import english

FILE = Path(english.__file__).with_suffix(".json")


def rules_of_spacy():
    """Everything that decides about a run of characters without white space."""
    tokenizer = spacy.blank("en").tokenizer
    assert tokenizer.token_match is None
    patterns = {
        "prefix": tokenizer.prefix_search,
        "suffix": tokenizer.suffix_search,
        "infix": tokenizer.infix_finditer,
        "url": tokenizer.url_match,
    }
    special = {
        text: [part[65] for part in parts]
        for text, parts in tokenizer.rules.items()
        if not text.isspace()
    }
    assert not any(character.isspace() for text in special for character in text)
    inner = [
        text
        for text in special
        if tokenizer.find_prefix(text) or tokenizer.find_suffix(text) or tokenizer.find_infix(text)
    ]
    expressions = {name: search.__self__.pattern for name, search in patterns.items()}
    plain = english.EnglishRules({}, {}, expressions)
    return {
        "spacy": spacy.__version__,
        "patterns": expressions,
        "special": special,
        "inner": {text: plain.pieces(text) for text in inner},
    }


if __name__ == "__main__":
    FILE.write_text(
        json.dumps(rules_of_spacy(), ensure_ascii=True, indent=0) + "\n", encoding="utf-8"
    )
