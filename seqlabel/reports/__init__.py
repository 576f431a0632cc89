"""Tables and pictures of a training and of its results; the scores themselves are computed in
`seqlabel.scores`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
