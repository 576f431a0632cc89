"""Metrics and calibration, computed from pairs of gold and predicted documents; nothing is printed or drawn here."""

from seqlabel.names import hand_on

__getattr__, __dir__, __all__ = hand_on(__name__)
