"""Private data found: the finder, streams, settings, lists and patterns; what replaces it is in
`replacing`.
"""
