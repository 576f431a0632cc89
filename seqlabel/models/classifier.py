"""Texts or documents in, documents with a label for the whole out, whatever their length; training is elsewhere.

A `Classifier` is a document model with all that it needs: its labels, its words, and the tokeniser for plain text.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import overload

import torch
from pydantic import TypeAdapter
from torch import Tensor

from seqlabel.documents.document import Document
from seqlabel.errors import OptionError
from seqlabel.io.markup import counted
from seqlabel.models.folders import ModelForm, ModelKind
from seqlabel.models.language_model import LanguageModel, WordLanguageModel, encoder_for, word_encoder
from seqlabel.models.saving import load_model, save_model
from seqlabel.models.tagging.torch_engine import use_evaluation_mode
from seqlabel.models.texts import grouped_texts, label_as_given
from seqlabel.nn.embedders import Inputs
from seqlabel.nn.encoders import TextEncoder
from seqlabel.nn.heads.categories import DocumentHead, WordVotes
from seqlabel.nn.layers import evaluating, seeded
from seqlabel.nn.moving import moved
from seqlabel.nn.network_configs import EncoderConfig
from seqlabel.nn.networks import DocumentModel, build_encoder
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.text.hashing import hash_ngrams
from seqlabel.text.pieces import Pieces
from seqlabel.text.tokenisers import Tokeniser
from seqlabel.text.vocabulary import Vocabulary

MEASURED_DOCUMENTS = 300
"""Training documents from which a fresh head knows its units' means."""


@dataclass(frozen=True)
class ClassifierConfig:
    """The numbers of a classifier: its encoder, its labels, and the layer of categories that it writes.

    `buckets` is how many n-grams of words may vote (`WordVotes`); with 0 none do.
    """

    encoder: EncoderConfig
    labels: tuple[str, ...]
    layer: str = "category"
    language: str = "en"
    dropout: float = 0.0
    buckets: int = 1 << 20
    bptt: int = 128
    gradient_words: int = 256
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if len(self.labels) < 2 or len(set(self.labels)) < len(self.labels) or not all(self.labels):
            raise OptionError(f"labels: Found {list(self.labels)}. Give at least 2 different ones, none of them empty.")
        if self.buckets < 0 or self.bptt < 1 or self.gradient_words < 1:
            raise OptionError(
                f"Found buckets {self.buckets}, bptt {self.bptt}, gradient_words {self.gradient_words}. Give "
                f"buckets of at least 0, the others at least 1."
            )
        if not 0 < self.temperature < math.inf:
            raise OptionError(f"temperature: Found {self.temperature}. Give a number above 0.")


_MEASURED_WORDS = 16_384


def build_classifier_module(config: ClassifierConfig, encoder: TextEncoder | None = None) -> DocumentModel:
    """Build the network of a classifier.

    Args:
        config: Its numbers.
        encoder: The encoder to hold; a fresh one if None.

    Returns:
        The network, with a fresh head and, if `config.buckets` is not 0, votes that say nothing yet.
    """
    encoder = build_encoder(config.encoder) if encoder is None else encoder
    return DocumentModel(
        encoder,
        DocumentHead(3 * encoder.width, len(config.labels)),
        votes=WordVotes(config.buckets, len(config.labels)) if config.buckets else None,
        bptt=config.bptt,
        gradient_words=config.gradient_words,
        dropout=config.dropout,
    )


_FORM = ModelForm(ModelKind.CLASSIFIER, TypeAdapter(ClassifierConfig), build_classifier_module)


class Classifier:
    """Labels whole texts and documents. A document is read to its end, in pieces, however long it is.

    A new classifier has a fresh head.

    Args:
        config: Its numbers.
        vocabulary: The words or pieces that the encoder reads.
        encoder: The encoder that the classifier holds from now on, built of the numbers in `config.encoder`; a
            fresh one if None.

    Raises:
        OptionError: Numbers do not fit together or to the vocabulary.
    """

    def __init__(
        self, config: ClassifierConfig, vocabulary: Vocabulary | Pieces, *, encoder: TextEncoder | None = None
    ) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.words = word_encoder(config.encoder, vocabulary)
        self.module = build_classifier_module(config, encoder)
        self._tokeniser = Tokeniser(config.language)

    def __repr__(self) -> str:
        return f"Classifier(layer: {self.config.layer}; {counted(self.config.labels, 'labels')})"

    @classmethod
    def on(
        cls,
        encoder: WordLanguageModel | LanguageModel | Path | str,
        labels: Sequence[str],
        *,
        layer: str = "category",
        dropout: float = 0.1,
        language: str = "en",
        buckets: int = 1 << 20,
        seed: int | None = 0,
    ) -> "Classifier":
        """Put a fresh head on a copy of a language model's encoder.

        Args:
            encoder: The language model, its folder, or the name of one that ships.
            labels: The labels to choose from, at least 2.
            layer: The layer of categories that the classifier writes.
            dropout: The share of values dropped in training from the vectors of the words.
            language: The language of the tokeniser for plain text.
            buckets: How many n-grams of words may vote; 0 for a classifier without votes.
            seed: The seed of the fresh weights; None draws them from torch's own random numbers.

        Returns:
            The classifier, to be trained.

        Raises:
            CheckpointError: The folder holds no language model.
            OptionError: Labels are too few, empty or repeated, `dropout` is outside [0, 1),
                or `buckets` is below 0.
        """
        below = encoder_for(encoder, language)
        config = ClassifierConfig(
            below.config, tuple(labels), layer=layer, language=language, dropout=dropout, buckets=buckets
        )
        with seeded(seed):
            return cls(config, below.vocabulary, encoder=deepcopy(below.module.encoder))

    def set_temperature(self, temperature: float) -> None:
        """Set what scores are divided by before they become probabilities (Guo et al. 2017); no label changes.

        Args:
            temperature: The divisor, a number above 0; 1 leaves scores as they are.

        Raises:
            OptionError: The temperature is not a finite number above 0.
        """
        self.config = replace(self.config, temperature=temperature)

    @overload
    def __call__(self, texts: str | Document) -> Document: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, texts: Sequence[str | Document]) -> list[Document]: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, texts: Iterable[str | Document]) -> Iterator[Document]: ...

    def __call__(
        self, texts: str | Document | Iterable[str | Document]
    ) -> Document | list[Document] | Iterator[Document]:
        """Label a text or several, in order.

        Args:
            texts: A text, which `tokenise` cuts into words, or a document, which has words; or a list or another
                iterable of these.

        Returns:
            A document for each text, with the layer of categories and their probabilities: one document for one text, a
            list for a list, and for any other iterable the iterator of `pipe`.

        Raises:
            DataError: For what is neither a text nor a document.
            OptionError: For what cannot be iterated over.
        """
        return label_as_given(texts, self.pipe)

    def pipe(self, texts: Iterable[str | Document], *, batch_words: int = 16_384) -> Iterator[Document]:
        """Label texts one after another, in order; only some batches are held at once.

        In a text without words all labels are equally probable.

        Args:
            texts: Texts, which `tokenise` cuts into words, or documents, which have words.
            batch_words: About how many words are run at once.

        Yields:
            A document for each text, with the layer of categories and their probabilities.

        Raises:
            DataError: For what is neither a text nor a document.
            OptionError: For what is not a list of texts, and for a number of words below 1.
        """
        for documents in grouped_texts(texts, self.tokenise, batch_words=batch_words, batches=8):
            yield from self._label(documents, batch_words)

    def tokenise(self, text: str) -> Document:
        """Cut a text into spaCy's words (`seqlabel.text.tokenisers`).

        Args:
            text: Any text.

        Returns:
            A document of its words, without white space.
        """
        return self._tokeniser(text)

    def ngrams(self, rows: Sequence[Sequence[str]]) -> list[Tensor]:
        """Hash the words and word pairs of documents, which vote for labels (`WordVotes`).

        Args:
            rows: The words of each document.

        Returns:
            For each document, the distinct ids (n-grams,), int64, on the model's device; an empty list where the model
            has no votes.

        Raises:
            DataError: A word is empty.
        """
        if not self.config.buckets:
            return []
        return [moved(torch.from_numpy(hash_ngrams(row, self.config.buckets)), self._device) for row in rows]

    @torch.no_grad()
    def standardise(self, documents: Iterable[Document]) -> None:
        """Let the head measure the mean and spread of the encoder's states over documents (`DocumentHead`).

        `fine_tune` does so before a fresh head is trained.

        Args:
            documents: Some hundreds of documents of the kind that is to be labelled, of which one has words.
        """
        rows = [document.words for document in documents]
        with evaluating(self.module):
            groups = ([rows[number] for number in group] for group in _groups(rows, _MEASURED_WORDS))
            pooled = [self.module.pooled(*self._inputs(group)) for group in groups]
        self.module.head.standardise(torch.cat(pooled))

    @torch.inference_mode()
    def _label(self, documents: list[Document], batch_words: int) -> Iterator[Document]:
        rows = [document.words for document in documents]
        labels = self.config.labels
        probabilities = dict.fromkeys(range(len(rows)), [1 / len(labels)] * len(labels))
        use_one_thread_after_fork()
        use_evaluation_mode(self.module)
        for group in _groups(rows, batch_words):
            read = [rows[number] for number in group]
            logits = self.module(*self._inputs(read), self.ngrams(read)).float()
            shares = (logits / self.config.temperature).softmax(dim=-1).tolist()
            probabilities.update(zip(group, shares, strict=True))
        for number, document in enumerate(documents):
            scores = dict(zip(labels, probabilities[number], strict=True))
            yield document.with_categories(self.config.layer, scores)

    @property
    def _device(self) -> torch.device:
        return next(self.module.parameters()).device

    def _inputs(self, rows: Sequence[Sequence[str]]) -> tuple[Inputs, Tensor]:
        """The words of some rows and their numbers, on the model's device."""
        return self.words(rows).to(self._device), moved(torch.tensor([len(row) for row in rows]), self._device)

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder, in place of the model that was there.

        Args:
            folder: The folder; it is made where it is missing.
            compact: Whether to store weights in 8 and 16 bits, as models that ship are.

        Raises:
            CheckpointError: The folder cannot be written; the model that was there is then as it was.
            OptionError: The folder holds other files, which would be lost.
        """
        save_model(_FORM, self, folder, compact=compact)

    @classmethod
    def load(cls, path_or_name: Path | str, *, recurrences: Sequence[type] = ()) -> "Classifier":
        """Load a classifier on the CPU, ready to use.

        Args:
            path_or_name: A folder that `save` wrote, or the name of a classifier that ships.
            recurrences: The classes of recurrences of your own that its encoder has.

        Returns:
            The classifier.

        Raises:
            CheckpointError: A file is missing or damaged, or the folder holds another kind of model.
        """
        return load_model(_FORM, path_or_name, cls, own=recurrences)


def _groups(rows: Sequence[Sequence[str]], words: int) -> Iterator[list[int]]:
    """Group the numbers of rows of similar length by about `words` words, longest first; empty rows are left out."""
    order = sorted((number for number, row in enumerate(rows) if row), key=lambda number: len(rows[number]))
    while order:
        count = max(words // len(rows[order[-1]]), 1)
        yield order[-count:]
        del order[-count:]
