"""The small transformer with a head of dependency trees beside its tags, for `tree_teacher.py` and
`trees.py`.

A parser reads whole sentences: a row has one or more, and arcs stay within a sentence. How it is
tuned is in `tree_teacher.py`. Shapes: rows, time (words of the longest row), columns (0 the root,
then the words of the row).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from seqlabel import Document, Scheme, TagSet
from seqlabel.documents import Trees, cut_at_sentences
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.trees import unpack_arcs
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision
from seqlabel.scores import TreeScore, score_trees
from transformer import Transformer, unpacked

ROWS = 32
"""Sentences that are read at a time."""


class Read(NamedTuple):
    """What a parser says of rows, before any tree is chosen.

    Args:
        tags: The scores of each layer's tags, of the words of all rows, row after row, (words,
            tags).
        scores: What the head of trees reads, (rows, time, outputs).
        lengths: The number of words of each row, (rows,).
    """

    tags: list[Tensor]
    scores: Tensor
    lengths: Tensor


class Parser(Transformer):
    """A transformer with a linear layer for each layer of tags, and a biaffine head of trees.

    Args:
        folder: What the package's archive holds, unpacked.
        tag_sets: The tags.
        relations: The relations of arcs.
    """

    def __init__(self, folder: Path, tag_sets: Sequence[TagSet], relations: RelationSet) -> None:
        super().__init__(folder, tag_sets)
        self.relations = relations
        self.tree = Biaffine(arcs=256, relations=128)
        self.layer = self.tree.layer(self.body.config.hidden_size, len(relations.tags))
        shapes = self.tree.shapes(len(relations.tags))
        self.map = nn.ParameterDict(
            {name: nn.Parameter(torch.zeros(shape)) for name, shape in shapes.items()}
        )

    @classmethod
    def load(cls, folder: Path) -> "Parser":
        """Load a parser that the recipe saved."""
        tags, relations = (
            json.loads((folder / name).read_text("utf-8"))
            for name in ("tags.json", "relations.json")
        )
        sets = [
            TagSet(one["layer"], tuple(one["labels"]), one["scheme"] and Scheme(one["scheme"]))
            for one in tags
        ]
        found = RelationSet(relations["layer"], tuple(relations["relations"]), relations["root"])
        parser = cls(unpacked(folder), sets, found)
        parser.load_state_dict(load_file(folder / "teacher.safetensors"))
        return parser.eval()

    def save(self, folder: Path) -> None:
        """Save the parser."""
        super().save(folder)
        (folder / "relations.json").write_text(json.dumps(asdict(self.relations)), encoding="utf-8")

    def weights(self) -> dict[str, Tensor]:
        """The weights of the head beside its layer, by their names."""
        return dict(self.map.items())

    def read(self, rows: Sequence[Sequence[str]]) -> Read:
        """Read rows of words."""
        with torch.autocast("cpu", torch.bfloat16):
            states = self.states(rows)
            tags = [head(states) for head in self.heads]
        lengths = [len(row) for row in rows]
        padded = nn.utils.rnn.pad_sequence(states.float().split(lengths), batch_first=True)
        return Read(tags, self.layer(padded), torch.tensor(lengths))

    @torch.no_grad()
    def parsed(self, sentences: Sequence[Document]) -> list[Document]:
        """Give each sentence its best tree."""
        weights = {name: weight.numpy() for name, weight in self.weights().items()}
        found = []
        for start in range(0, len(sentences), ROWS):
            some = sentences[start : start + ROWS]
            scores = self.read([one.words for one in some]).scores.numpy()
            for one, row in zip(some, scores, strict=True):
                size = len(one)
                ids = self.tree.decode(
                    row[:size].copy(), Rows([size]), Decision(), self.relations, weights
                ).tags
                arcs = unpack_arcs(ids, len(self.relations.relations))
                heads = tuple((np.arange(size) + arcs.distances).tolist())
                names = tuple(
                    self.relations.relations[relation] for relation in arcs.relations.tolist()
                )
                found.append(one.with_layers(trees={self.relations.layer: Trees(heads, names)}))
        return found

    def measure(self, documents: Sequence[Document]) -> TreeScore:
        """Score the trees of sentences that are given."""
        sentences = [one for whole in documents for one in cut_at_sentences(whole, repeat(1))]
        return score_trees(
            zip(sentences, self.parsed(sentences), strict=True), self.relations.layer
        )
