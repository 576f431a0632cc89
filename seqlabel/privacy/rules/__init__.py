"""Private values that their form proves, or a word before them, found by rules; all others are a model's.

Start with `find_patterns`.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
