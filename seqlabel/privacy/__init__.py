"""Private data found and replaced: in texts, streams and files.

Start with `PrivateFinder` and `redact`.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
