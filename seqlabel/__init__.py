"""A recurrent language model whose head can be swapped; this package only hands on the public
names.

The model reads text, word by word: it predicts the next word, labels every word, or labels the
document. Start with `seqlabel.LanguageModel` and `seqlabel.fit`; to label words with a model of
your own, with `seqlabel.Labeler` and `seqlabel.fine_tune`; to take private data out of texts, with
`seqlabel.PrivateFinder` and `seqlabel.redact`.

The public names stand in `__init__.pyi`, and a module is imported when one of its names is first
used.
"""

from pathlib import Path

from seqlabel.names import VERSION, lazy_names, warn_of_namesake

__version__ = VERSION

warn_of_namesake(Path(__file__).parent.parent)

__getattr__, __dir__, __all__ = lazy_names(__name__)
