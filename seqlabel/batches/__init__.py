"""Documents and corpora to tensors: labelled batches, streams for language models, and windows over
long input.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
