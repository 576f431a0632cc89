"""Labelers of words: the labeler, its networks and weights, and the one inference path with its
engines.

Start with `labeler`. Configs, training and streams are in `model_configs`, `fine_tuning` and
`stream` of `models`.
"""
