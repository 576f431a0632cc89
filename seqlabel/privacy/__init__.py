"""Private data found and replaced: in texts, streams and files.

Start with `PrivateFinder` and `redact`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
