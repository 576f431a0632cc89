"""Words to numbers: vocabularies, pieces of words, hashed features, tokenisers, and corpora on disk.

Start with `Vocabulary` and `build_corpus`. Nothing here knows labels or torch.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
