"""Documents and corpora to tensors: labelled batches, streams for language models, and windows over long input."""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
