"""Texts, words, spans and labels: what is labelled, and the tag schemes that labels are written in.

Start with `Document`. A `Document` has words, and layers of `Tags` or `Spans` over them; a `TagSet`
says which labels a layer may have. Files are read in `seqlabel.formats`, and nothing here knows
torch.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
