"""What is known of private values without a model: the tables of kinds and of rules, and the engine
that runs rules.

Start with `find_proven`.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
