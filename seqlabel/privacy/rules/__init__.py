"""What is known of private values without a model: the tables of kinds and of rules, and the engine that runs rules.

Start with `find_patterns`.
"""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
