"""Words to numbers: vocabularies, pieces of words, hashed features, tokenizers, and corpora on
disk.

Start with `Vocabulary` and `build_corpus`. Nothing here knows labels or torch.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
