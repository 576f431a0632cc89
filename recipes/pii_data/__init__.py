"""A generator of texts with labelled private data; the recipe that trains a model on them is beside this package."""

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
