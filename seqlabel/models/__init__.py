"""Trained models with their vocabularies: language models and labelers; fine-tuning, inference and
streams.

Start with `Labeler` and `fine_tune`. The networks inside are in `seqlabel.nn`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
