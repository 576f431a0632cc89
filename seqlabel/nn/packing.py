"""Rows of unlike length side by side without padding: where each word then stands; what is read so is elsewhere.

Shapes: rows, words (of all rows together).
"""

from collections.abc import Sequence

import numpy as np
import torch


class PackedRows:
    """Where the words of some rows stand when they are read side by side, longest row first, without padding.

    In forward order, word `t` of all rows that have one comes after all words `t - 1`; in backward order rows are read
    from their ends. `source` (words,) is each word's place among the rows' words one after another, in forward order,
    `mirrored` (words,) where each backward place is in forward order, and `counts` how many rows have a word `t`.

    Args:
        lengths: The number of words of each row, at least 1.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        sizes = np.asarray(lengths, dtype=np.int64)
        order = np.argsort(-sizes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1][order]
        sizes = sizes[order]
        time = int(sizes[0]) if len(sizes) else 0
        counts = np.searchsorted(-sizes, -np.arange(time), side="left")
        begins = np.concatenate([[0], np.cumsum(counts)])
        step = np.repeat(np.arange(time), counts)
        place = np.arange(begins[-1]) - begins[step]
        self.source = torch.from_numpy(starts[place] + step)
        self.mirrored = torch.from_numpy(begins[sizes[place] - 1 - step] + place)
        self.counts: list[int] = counts.tolist()
