"""Labelers of words: the labeler, its networks and weights, and the one inference path with its engines.

Start with `labeler`. Configs, training and streams are in `models.configs`, `models.fine_tuning` and `models.stream`.
"""
