"""Tables and pictures of a training and of its results; the scores themselves are computed in `seqlabel.scores`."""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
