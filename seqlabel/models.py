"""Whole models made of an embedder, an encoder and a head, their frozen configs, and builders that carry the numbers.

Training is in `training`, files in `checkpoints`. Shapes: batch, time, vocabulary.
"""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seqlabel.copying import ContinuousCache, Memory, PointerMixture
from seqlabel.embedders import HashedEmbedder, TableEmbedder, WordInputs
from seqlabel.encoders import Recurrence, RecurrentEncoder, TwoWayEncoder
from seqlabel.heads import AdaptiveSoftmaxHead, CRFTagHead, LanguageModelHead, SoftmaxTagHead, TagScores
from seqlabel.layers import VariationalDropout
from seqlabel.states import State


class SequenceModel(nn.Module):
    """An encoder that reads what an embedder gives, under a head that can be swapped."""

    def __init__(self, embedder: TableEmbedder, encoder: RecurrentEncoder, head: LanguageModelHead) -> None:
        super().__init__()
        self.embedder = embedder
        self.encoder = encoder
        self.head = head

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """The head's logits for ids (batch, time), and the state after them."""
        hidden, state = self.encoder(self.embedder(inputs), state)
        return self.head(hidden), state


class CopyingLanguageModel(nn.Module):
    """A language model that may also repeat a word from its own past."""

    def __init__(self, language_model: SequenceModel, copier: ContinuousCache | PointerMixture) -> None:
        super().__init__()
        self.language_model = language_model
        self.copier = copier

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Log-probabilities (batch, time, vocabulary) for ids (batch, time), and the pair (encoder state, memory)."""
        encoder_state, memory = state if isinstance(state, tuple) else (None, None)
        model = self.language_model
        hidden, encoder_state = model.encoder(model.embedder(inputs), encoder_state)
        memory = None if memory is None else Memory(*memory)
        log_probabilities, memory = self.copier(hidden, model.head(hidden), inputs, memory)
        return log_probabilities, (encoder_state, memory)


@dataclass(frozen=True)
class PointerConfig:
    """The numbers of a `PointerMixture`: the width of queries and keys, and how many past words it may point to."""

    width: int = 32
    window: int = 60


@dataclass(frozen=True)
class LanguageModelConfig:
    """The numbers of a language model over a table of words; `pointer` makes it one that copies."""

    vocabulary: int
    embedding: int
    hidden: int
    layers: int = 2
    recurrence: Recurrence = Recurrence.GRU
    embedding_dropout: float = 0.0
    dropout: float = 0.0
    tied: bool = True
    pointer: PointerConfig | None = None


def build_language_model(config: LanguageModelConfig) -> SequenceModel | CopyingLanguageModel:
    """A fresh language model with these numbers. Raises `OptionError` where they do not fit together."""
    embedder = TableEmbedder(config.vocabulary, config.embedding, dropout=config.embedding_dropout)
    encoder = RecurrentEncoder(
        config.embedding,
        config.hidden,
        layers=config.layers,
        recurrence=config.recurrence,
        dropout=config.dropout,
    )
    head = LanguageModelHead(config.hidden, config.vocabulary, table=embedder.table if config.tied else None)
    model = SequenceModel(embedder, encoder, head)
    if config.pointer is None:
        return model
    pointer = PointerMixture(config.hidden, width=config.pointer.width, window=config.pointer.window)
    return CopyingLanguageModel(model, pointer)


def human_numbers_config(vocabulary: int) -> LanguageModelConfig:
    """The library's own model of the base task: two layers of 64 GRU units, embeddings tied to the output."""
    return LanguageModelConfig(vocabulary=vocabulary, embedding=64, hidden=64)


def copying_config(vocabulary: int) -> LanguageModelConfig:
    """The best model of the base task: two layers of 128 GRU units and a pointer into the last 60 words."""
    return LanguageModelConfig(vocabulary=vocabulary, embedding=128, hidden=128, pointer=PointerConfig())


class TwoWayLanguageModel(nn.Module):
    """A forward and a backward language model that share their embedder.

    A batch holds rows of the text followed by as many rows of the text read backwards, (2 · batch, time).
    """

    def __init__(
        self,
        embedder: HashedEmbedder,
        encoders: tuple[RecurrentEncoder, RecurrentEncoder],
        heads: tuple[AdaptiveSoftmaxHead, AdaptiveSoftmaxHead],
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.forward_encoder, self.backward_encoder = encoders
        self.forward_head, self.backward_head = heads

    def forward(self, words: WordInputs, targets: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Summed losses in nats (2,), forward and backward, of targets (2 · batch, time), and the pair of states.

        Negative targets are not counted.
        """
        vectors = self.embedder(words)
        before = state if isinstance(state, tuple) else (None, None)
        ways = (
            (self.forward_encoder, self.forward_head, before[0]),
            (self.backward_encoder, self.backward_head, before[1]),
        )
        losses, after = [], []
        for way, rows, wanted in zip(ways, vectors.chunk(2), targets.chunk(2), strict=True):
            encoder, head, initial = way
            hidden, final = encoder(rows, initial)
            counted = wanted.flatten() >= 0
            losses.append(head.loss(hidden.flatten(0, 1)[counted], wanted.flatten()[counted]))
            after.append(final)
        return torch.stack(losses), tuple(after)


@dataclass(frozen=True)
class WordModelConfig:
    """The numbers of a `TwoWayLanguageModel`: `words` have rows of their own and are what is predicted."""

    words: int
    buckets: int
    embedding: int
    hidden: int
    cutoffs: tuple[int, ...]
    layers: int = 1
    recurrence: Recurrence = Recurrence.GRU
    word_dropout: float = 0.1
    dropout: float = 0.0


def build_word_model(config: WordModelConfig) -> TwoWayLanguageModel:
    """A fresh pair of language models with these numbers."""
    embedder = HashedEmbedder(
        config.words, config.buckets, config.embedding, word_dropout=config.word_dropout, dropout=config.dropout
    )

    def encoder() -> RecurrentEncoder:
        return RecurrentEncoder(
            config.embedding,
            config.hidden,
            layers=config.layers,
            recurrence=config.recurrence,
            dropout=config.dropout,
        )

    def head() -> AdaptiveSoftmaxHead:
        return AdaptiveSoftmaxHead(config.hidden, config.words, cutoffs=config.cutoffs)

    return TwoWayLanguageModel(embedder, (encoder(), encoder()), (head(), head()))


def english_config(words: int) -> WordModelConfig:
    """The numbers of the shipped English encoder: 256 GRU units a way over vectors of 128."""
    cutoffs = tuple(cutoff for cutoff in (2_000, 6_000) if 2 * cutoff < words) or (words // 2,)
    return WordModelConfig(words=words, buckets=16_384, embedding=128, hidden=256, cutoffs=cutoffs, dropout=0.05)


class TaggingModel(nn.Module):
    """A head that tags words, on a fresh two-way layer, on the encoders of a pair of language models.

    The first two-way layer *is* the pair of language models; the second reads their states and the word's vector.
    """

    def __init__(
        self,
        embedder: HashedEmbedder,
        first: TwoWayEncoder,
        second: TwoWayEncoder,
        head: SoftmaxTagHead | CRFTagHead,
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.first = first
        self.second = second
        self.head = head
        self.dropout = VariationalDropout(dropout)

    def hidden(self, words: WordInputs, lengths: Tensor) -> Tensor:
        """States (batch, time, width) for the head."""
        vectors = self.embedder(words)
        read = self.first(self.dropout(vectors), lengths)
        states = self.second(self.dropout(torch.cat([read, vectors], dim=-1)), lengths)
        dropped: Tensor = self.dropout(states)
        return dropped

    def forward(self, words: WordInputs, lengths: Tensor, gold: Tensor) -> Tensor:
        """The head's summed loss in nats of gold tags (batch, time)."""
        return self.head.loss(self.hidden(words, lengths), gold, lengths)

    def decode(self, words: WordInputs, lengths: Tensor) -> TagScores:
        """The best tags and all tags' probabilities."""
        return self.head.decode(self.hidden(words, lengths), lengths)


def build_tagging_model(
    language_model: TwoWayLanguageModel, head: SoftmaxTagHead | CRFTagHead, *, hidden: int, dropout: float
) -> TaggingModel:
    """A new head, of `2 * hidden` wide, on the encoders of a pair of language models: the head is swapped."""
    first = TwoWayEncoder(language_model.forward_encoder, language_model.backward_encoder)
    width = first.width + language_model.embedder.width
    second = TwoWayEncoder(RecurrentEncoder(width, hidden), RecurrentEncoder(width, hidden))
    return TaggingModel(language_model.embedder, first, second, head, dropout=dropout)
