"""Metrics and calibration, computed from pairs of gold and predicted documents; nothing is printed
or drawn here.
"""

from seqlabel.names import lazy_names

__getattr__, __dir__, __all__ = lazy_names(__name__)
