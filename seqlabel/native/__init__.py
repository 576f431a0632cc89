"""Compiled steps of recurrent layers and CRFs on NumPy arrays, for labelling; nothing here knows
torch or strings.

`compiled` says whether they are there. Without a compiler the package installs without them.
"""
