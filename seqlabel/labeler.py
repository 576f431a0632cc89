"""Texts or documents in, labelled documents out: batched, on documents of any length; training is elsewhere.

A `Labeler` is a tagging model with all that it needs: its labels, its words, and the tokeniser for plain text.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple

import spacy
import torch

from seqlabel.batches import WordEncoder
from seqlabel.checkpoints import (
    MODEL_PARTS,
    building,
    config_from,
    find_folder,
    load_weights,
    new_checkpoint,
    read_config,
    save_weights,
    write_config,
)
from seqlabel.documents import Document, Tags
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.features import WordHasher
from seqlabel.files import read_json, write_json
from seqlabel.heads import SoftmaxTagHead
from seqlabel.language_model import load_vocabulary, word_config_from
from seqlabel.models import TwoWayLanguageModel, WordModelConfig, build_tagging_model, build_word_model
from seqlabel.vocabulary import Vocabulary

_KIND = "labeler"


class _Cut(NamedTuple):
    """A window of a document: words `first` to `last` are read, `start` to `end` are labelled (half-open)."""

    document: int
    first: int
    start: int
    end: int
    last: int


@dataclass(frozen=True)
class LabelerConfig:
    """What a labeler is made of: its encoder, the width of its second layer, and the layer of tags that it writes."""

    encoder: WordModelConfig
    hidden: int
    layer: str
    language: str = "en"
    dropout: float = 0.0


class Labeler:
    """Tags the words of texts and documents.

    Long documents are cut into windows of `window` words, each read with `context` words on both sides; the labels of
    a shorter one do not depend on what else is labelled with it. Labelling leaves the model in evaluation mode, so that
    threads may share it.
    """

    def __init__(
        self,
        config: LabelerConfig,
        labels: Sequence[str],
        vocabulary: Vocabulary,
        *,
        language_model: TwoWayLanguageModel | None = None,
    ) -> None:
        if len(labels) < 2:
            raise OptionError(f"labels: found {len(labels)}; a labeler chooses among at least 2")
        self.config = config
        self.labels = tuple(labels)
        self.words = WordEncoder(vocabulary, WordHasher(config.encoder.buckets))
        head = SoftmaxTagHead(2 * config.hidden, len(labels))
        # The encoders of a given language model are used as they are, not copied: its head is swapped.
        below = language_model or build_word_model(config.encoder)
        self.module = build_tagging_model(below, head, hidden=config.hidden, dropout=config.dropout)
        self._tokenizer = spacy.blank(config.language).tokenizer

    def __call__(
        self,
        texts: Iterable[str | Document],
        *,
        batch_words: int = 4096,
        window: int = 1024,
        context: int = 64,
    ) -> Iterator[Document]:
        """Yield a document for each text, in order, with the layer of tags and their probabilities.

        Plain text is tokenised as spaCy does, white space left out. About `batch_words` words are run at once. Raises
        `OptionError` for a window below 1 or a context below 0.
        """
        if window < 1:
            raise OptionError(f"window: found {window}; it is a number of words to label at once, at least 1")
        if context < 0:
            raise OptionError(f"context: found {context}; it is a number of words read on each side, at least 0")
        waiting: list[Document] = []
        words = 0
        for text in texts:
            document = self.tokenise(text) if isinstance(text, str) else text
            waiting.append(document)
            words += len(document)
            # Several batches at once, so that rows of like length can be found.
            if words >= 8 * batch_words:
                yield from self._label(waiting, batch_words, window, context)
                waiting, words = [], 0
        yield from self._label(waiting, batch_words, window, context)

    def tokenise(self, text: str) -> Document:
        """A text as a document of spaCy's words, without those that are white space."""
        tokens = self._tokenizer(text)
        offsets = tuple((token.idx, token.idx + len(token)) for token in tokens if not token.is_space)
        return Document(text, offsets)

    @torch.inference_mode()
    def _label(self, documents: list[Document], batch_words: int, window: int, context: int) -> Iterator[Document]:
        texts = [document.words for document in documents]
        cuts = [
            _Cut(number, max(start - context, 0), start, min(start + window, end), min(start + window + context, end))
            for number, end in enumerate(map(len, texts))
            for start in range(0, end, window)
        ]
        cuts.sort(key=lambda cut: cut.last - cut.first)
        found: list[list[str | None]] = [[None] * len(words) for words in texts]
        scores = [[0.0] * len(words) for words in texts]
        device = next(self.module.parameters()).device
        # Left in evaluation mode: with several threads, putting it back would put it back under another one's feet.
        self.module.eval()
        for group in _groups(cuts, batch_words):
            rows = [texts[cut.document][cut.first : cut.last] for cut in group]
            lengths = torch.tensor([len(row) for row in rows], device=device)
            best, probabilities = self.module.decode(self.words(rows).to(device), lengths)
            sure = probabilities.gather(2, best[..., None]).squeeze(2).tolist()
            for row, certain, cut in zip(best.tolist(), sure, group, strict=True):
                inside = slice(cut.start - cut.first, cut.end - cut.first)
                found[cut.document][cut.start : cut.end] = [self.labels[index] for index in row[inside]]
                scores[cut.document][cut.start : cut.end] = certain[inside]
        for document, labels, certain in zip(documents, found, scores, strict=True):
            yield document.with_tags(self.config.layer, Tags(tuple(labels), tuple(certain)))

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, labels, vocabulary and weights to a folder; with `compact`, as small as models that ship."""
        with new_checkpoint(Path(folder), holds=MODEL_PARTS) as beside:
            write_config(beside, kind=_KIND, config=asdict(self.config))
            write_json(beside / "labels.json", list(self.labels))
            self.words.vocabulary.save(beside / "vocabulary.json")
            save_weights(beside / "model.safetensors", self.module, compact=compact)

    @classmethod
    def load(cls, path_or_name: Path | str) -> "Labeler":
        """The labeler in a folder that `save` wrote, or that ships under this name, on the CPU.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = find_folder(path_or_name)
        numbers = read_config(folder, kind=_KIND)
        encoder = word_config_from(numbers.get("encoder", {}), folder)
        config = config_from(LabelerConfig, {**numbers, "encoder": encoder}, folder)
        try:
            labels = read_json(folder / "labels.json")
        except DataError as error:
            raise CheckpointError(str(error)) from error
        named = isinstance(labels, list) and all(isinstance(label, str) for label in labels)
        if not named or len(set(labels)) < max(len(labels), 2):
            raise CheckpointError(f"{folder / 'labels.json'}: is not a list of at least two different labels")
        vocabulary = load_vocabulary(folder, encoder.words)
        with building(folder):
            labeler = cls(config, labels, vocabulary)
        load_weights(folder / "model.safetensors", labeler.module)
        labeler.module.eval()
        return labeler


def _groups(cuts: list[_Cut], words: int) -> Iterator[list[_Cut]]:
    """Windows, sorted by length, in groups of at most `words` words, padding counted."""
    group: list[_Cut] = []
    for cut in cuts:
        if group and (len(group) + 1) * (cut.last - cut.first) > words:
            yield group
            group = []
        group.append(cut)
    if group:
        yield group
