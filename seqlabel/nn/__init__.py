"""Torch modules: embedders, recurrent encoders, heads, the CRF, and the whole networks made of
them; no strings.

Start with `networks`, which puts the parts together. Trained models with their vocabularies are in
`seqlabel.models`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
