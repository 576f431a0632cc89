"""Rows of unlike length side by side without padding: where each word then stands; what is read so is elsewhere.

Shapes: rows, words (of all rows together).
"""

from collections.abc import Sequence

import numpy as np
import torch

from seqlabel.nn.moving import moved


class PackedRows:
    """Where the words of some rows stand when they are read side by side, longest row first, without padding.

    In forward order, word `t` of all rows that have one comes after all words `t - 1`; in backward order rows are read
    from their ends. `source` (words,) is each word's place among the rows' words one after another, in forward order,
    `mirrored` (words,) where each backward place is in forward order, and `counts` how many rows have a word `t`.
    `row` (words,) is the row of each of the rows' words one after another, `lengths` (rows,) how many each has.

    Args:
        lengths: The number of words of each row, at least 1.
        device: Where the tensors are put.
    """

    def __init__(self, lengths: Sequence[int], device: torch.device | str = "cpu") -> None:
        there = torch.device(device)
        sizes = np.asarray(lengths, dtype=np.int64)
        self.lengths = sizes
        self.row = moved(torch.from_numpy(np.repeat(np.arange(len(sizes)), sizes)), there)
        order = np.argsort(-sizes, kind="stable")
        starts = np.concatenate([[0], np.cumsum(sizes)])[:-1][order]
        sizes = sizes[order]
        time = int(sizes[0]) if len(sizes) else 0
        counts = np.searchsorted(-sizes, -np.arange(time), side="left")
        begins = np.concatenate([[0], np.cumsum(counts)])
        step = np.repeat(np.arange(time), counts)
        place = np.arange(begins[-1]) - begins[step]
        self.source = moved(torch.from_numpy(starts[place] + step), there)
        self.mirrored = moved(torch.from_numpy(begins[sizes[place] - 1 - step] + place), there)
        self.counts: list[int] = counts.tolist()
