"""Torch modules: embedders, recurrent encoders, heads, the CRF, and the whole networks made of them; no strings.

Start with `networks`, which puts the parts together. Trained models with their vocabularies are in `seqlabel.models`.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
