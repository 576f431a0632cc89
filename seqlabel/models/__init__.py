"""Trained models with their vocabularies: language models, labelers, classifiers; fine-tuning, inference and streams.

Start with `Labeler` and `fine_tune`. The networks inside are in `seqlabel.nn`.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
