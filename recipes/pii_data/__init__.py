"""Texts with labelled private data: a generator, real corpora in its conventions, training, figures
and the card.

The recipe that trains a model on them is `recipes/pii.py`, beside this package.
"""

from .by_hand import hand_written
from .generator import ALL_STYLES, Style, generate
from .labels import EXAMPLES, PII_ANON, PiiType, convert_pii_anon
from .splits import Split

__all__ = [
    "ALL_STYLES",
    "EXAMPLES",
    "PII_ANON",
    "PiiType",
    "Split",
    "Style",
    "convert_pii_anon",
    "generate",
    "hand_written",
]
