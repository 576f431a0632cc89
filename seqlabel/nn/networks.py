"""Whole models made of an embedder, an encoder and a head, their frozen configs, and builders that carry the numbers.

Training is in `training`, files in `checkpoints`. Shapes: batch, time, vocabulary.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.nn.copying import ContinuousCache, Memory, PointerMixture
from seqlabel.nn.embedders import HashedEmbedder, Inputs, PieceInputs, TableEmbedder, WordInputs
from seqlabel.nn.encoders import OneWayEncoder, Recurrence, RecurrentEncoder, TwoWayEncoder, reversed_places
from seqlabel.nn.heads import (
    AdaptiveSoftmaxHead,
    CRFTagHead,
    DocumentHead,
    LanguageModelHead,
    SoftmaxTagHead,
    TagScores,
    WordVotes,
)
from seqlabel.nn.layers import StatePool, VariationalDropout
from seqlabel.nn.states import State, detach_state


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
        embedder: HashedEmbedder | TableEmbedder,
        encoders: tuple[RecurrentEncoder, RecurrentEncoder],
        heads: tuple[AdaptiveSoftmaxHead, AdaptiveSoftmaxHead],
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.forward_encoder, self.backward_encoder = encoders
        self.forward_head, self.backward_head = heads

    def forward(self, words: WordInputs | Tensor, targets: Tensor, state: State = None) -> tuple[Tensor, State]:
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


@dataclass(frozen=True)
class PieceModelConfig:
    """The numbers of a `TwoWayLanguageModel` that reads and predicts `pieces` of words (`seqlabel.text.pieces`)."""

    pieces: int
    embedding: int
    hidden: int
    cutoffs: tuple[int, ...]
    layers: int = 1
    recurrence: Recurrence = Recurrence.GRU
    dropout: float = 0.0


def build_word_model(config: WordModelConfig) -> TwoWayLanguageModel:
    """A fresh pair of language models with these numbers."""
    embedder = HashedEmbedder(
        config.words, config.buckets, config.embedding, word_dropout=config.word_dropout, dropout=config.dropout
    )
    return _two_ways(embedder, config, predicted=config.words)


def build_piece_model(config: PieceModelConfig) -> TwoWayLanguageModel:
    """A fresh pair of language models with these numbers."""
    embedder = TableEmbedder(config.pieces, config.embedding, dropout=config.dropout)
    return _two_ways(embedder, config, predicted=config.pieces)


def _two_ways(
    embedder: HashedEmbedder | TableEmbedder, config: WordModelConfig | PieceModelConfig, *, predicted: int
) -> TwoWayLanguageModel:
    def encoder() -> RecurrentEncoder:
        return RecurrentEncoder(
            config.embedding,
            config.hidden,
            layers=config.layers,
            recurrence=config.recurrence,
            dropout=config.dropout,
        )

    def head() -> AdaptiveSoftmaxHead:
        return AdaptiveSoftmaxHead(config.hidden, predicted, cutoffs=config.cutoffs)

    return TwoWayLanguageModel(embedder, (encoder(), encoder()), (head(), head()))


def english_config(words: int) -> WordModelConfig:
    """The numbers of the shipped English encoder: 256 GRU units a way over vectors of 128."""
    return WordModelConfig(
        words=words, buckets=32_768, embedding=128, hidden=256, cutoffs=_english_cutoffs(words), dropout=0.05
    )


def english_piece_config(pieces: int) -> PieceModelConfig:
    """The same over pieces: vectors of 256, since a piece has no features beside its row."""
    return PieceModelConfig(pieces=pieces, embedding=256, hidden=256, cutoffs=_english_cutoffs(pieces), dropout=0.05)


def _english_cutoffs(predicted: int) -> tuple[int, ...]:
    return tuple(cutoff for cutoff in (2_000, 6_000) if 2 * cutoff < predicted) or (predicted // 2,)


TagHead = SoftmaxTagHead | CRFTagHead


def _units(words: Inputs, lengths: Tensor) -> tuple[WordInputs | Tensor, Tensor]:
    """What an encoder reads one after another, and how many of it in each row: words, or their pieces."""
    return (words.ids, words.lengths) if isinstance(words, PieceInputs) else (words, lengths)


class TaggingModel(nn.Module):
    """Heads that tag words, on a fresh two-way layer, on the encoder of a language model.

    Where that is a pair of language models, the two are the first two-way layer; the second reads their states and the
    word's vector. Every head reads the same states. A first layer over pieces gives each word the states after its
    whole, and the mean of its pieces' vectors.
    """

    def __init__(
        self,
        embedder: HashedEmbedder | TableEmbedder,
        first: TwoWayEncoder | OneWayEncoder,
        second: TwoWayEncoder,
        heads: Sequence[TagHead],
        *,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.first = first
        self.second = second
        self.heads = nn.ModuleList(heads)
        self.dropout = VariationalDropout(dropout)

    def hidden(self, words: Inputs, lengths: Tensor) -> Tensor:
        """States (batch, time, width) for the heads, of rows of words of these lengths (batch,)."""
        units, counts = _units(words, lengths)
        vectors = self.embedder(units)
        read = self.first(self.dropout(vectors), counts)
        if isinstance(words, PieceInputs):
            read, vectors = words.word_states(read), words.word_vectors(vectors)
        states = self.second(self.dropout(torch.cat([read, vectors], dim=-1)), lengths)
        dropped: Tensor = self.dropout(states)
        return dropped

    def forward(self, words: Inputs, lengths: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Each head's summed loss in nats (heads,) of its gold tags (batch, time)."""
        hidden = self.hidden(words, lengths)
        heads = cast(Sequence[TagHead], self.heads)
        return torch.stack([head.loss(hidden, tags, lengths) for head, tags in zip(heads, gold, strict=True)])

    def decode(self, words: Inputs, lengths: Tensor) -> list[TagScores]:
        """Each head's best tags, and all tags' probabilities."""
        hidden = self.hidden(words, lengths)
        return [head.decode(hidden, lengths) for head in cast(Sequence[TagHead], self.heads)]


def build_tagging_model(
    language_model: TwoWayLanguageModel | SequenceModel, heads: Sequence[TagHead], *, hidden: int, dropout: float
) -> TaggingModel:
    """New heads, of `2 * hidden` wide, on the encoder of one or of a pair of language models: the head is swapped.

    The encoder and the embedder are the language model's own, not copies.
    """
    first: TwoWayEncoder | OneWayEncoder
    if isinstance(language_model, TwoWayLanguageModel):
        first = TwoWayEncoder(language_model.forward_encoder, language_model.backward_encoder)
    else:
        first = OneWayEncoder(language_model.encoder)
    width = first.width + language_model.embedder.width
    second = TwoWayEncoder(RecurrentEncoder(width, hidden), RecurrentEncoder(width, hidden))
    return TaggingModel(language_model.embedder, first, second, heads, dropout=dropout)


class DocumentModel(nn.Module):
    """A head that labels documents, on the encoder of a language model, or the two of a pair.

    Each way reads the document from its end in pieces of `bptt` words, carrying its state; the gradient is cut between
    pieces (truncated back-propagation through time), and flows only through the pieces with the last `gradient_words`
    words of a row that each way reads, so that memory does not grow with the document; rows of a batch are of like
    length.
    """

    def __init__(
        self,
        embedder: HashedEmbedder | TableEmbedder,
        encoders: Sequence[RecurrentEncoder],
        head: DocumentHead,
        *,
        votes: WordVotes | None = None,
        bptt: int = 128,
        gradient_words: int = 1024,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.embedder = embedder
        self.encoders = nn.ModuleList(encoders)
        self.head = head
        self.votes = votes
        self.bptt = bptt
        self.gradient_words = gradient_words
        self.dropout = VariationalDropout(dropout)

    def pooled(self, words: Inputs, lengths: Tensor) -> Tensor:
        """Last, largest and mean states of each way over words, or their pieces, (batch, 3 · width · ways)."""
        units, lengths = _units(words, lengths)
        time = int(lengths.max())
        # Of the shortest row, so that every row has all of its own last words.
        first = int(lengths.min()) - self.gradient_words
        vectors, places = cast(Any, self.embedder).vectors_and_places(units)
        orders = (places, places.gather(1, reversed_places(lengths, time)))
        ways = []
        for encoder, order in zip(self.encoders, orders, strict=False):
            pool = StatePool(lengths)
            state: State = None
            for start in range(0, time, self.bptt):
                with torch.set_grad_enabled(torch.is_grad_enabled() and start + self.bptt > first):
                    piece = functional.embedding(order[:, start : start + self.bptt], vectors)
                    states, state = encoder(self.dropout(piece), detach_state(state))
                    pool.add(states)
            ways.append(pool.pooled())
        return torch.cat(ways, dim=-1)

    def forward(self, words: Inputs, lengths: Tensor, ngrams: Sequence[Tensor] | None = None) -> Tensor:
        """Logits (batch, labels), with the votes of each document's n-gram ids where they are given."""
        logits: Tensor = self.head(self.pooled(words, lengths))
        if self.votes is not None and ngrams is not None:
            logits = logits.float() + self.votes.share * self.votes(ngrams)
        return logits
