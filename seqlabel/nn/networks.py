"""Whole models made of an embedder, an encoder and a head, their frozen configs, and builders that carry the numbers.

Training is in `training`, files in `checkpoints`. Shapes: batch, time, vocabulary.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.documents.label_sets import LabelSet
from seqlabel.errors import OptionError
from seqlabel.native.compiled import Floats
from seqlabel.nn.copying import ContinuousCache, Memory, PointerMixture
from seqlabel.nn.embedders import HashedEmbedder, Inputs, TableEmbedder, WordInputs
from seqlabel.nn.encoders import RecurrentEncoder, TextEncoder, TwoWayEncoder, reversed_places, units_of
from seqlabel.nn.heads.categories import DocumentHead, WordVotes
from seqlabel.nn.heads.head import ArcScores, Head, Rows, TagScores
from seqlabel.nn.heads.language import AdaptiveSoftmaxHead, LanguageModelHead
from seqlabel.nn.layers import StatePool, VariationalDropout
from seqlabel.nn.network_configs import (
    Decision,
    EncoderConfig,
    LanguageModelConfig,
    PieceModelConfig,
    TwoWayConfig,
    WordModelConfig,
)
from seqlabel.nn.states import State, detach_state


class SequenceModel(nn.Module):
    """A language model in one direction: an encoder under a head that can be swapped.

    Args:
        encoder: An encoder with one direction.
        head: The output layer over the vocabulary, on states as wide as the encoder's.
    """

    def __init__(self, encoder: TextEncoder, head: LanguageModelHead) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Score every word of the vocabulary as the next one.

        Args:
            inputs: Ids of words, (batch, time).
            state: The state after the words before, None at the beginning of a text.

        Returns:
            Logits (batch, time, vocabulary), and the state after the words.
        """
        hidden, state = self.encoder.forward_encoder(self.encoder.embedder(inputs), state)
        return self.head(hidden), state


class CopyingLanguageModel(nn.Module):
    """A language model that may also repeat a word from its own past.

    Args:
        language_model: The model whose encoder and head this one holds; they are not copied.
        copier: The cache or pointer that repeats words.
    """

    def __init__(self, language_model: SequenceModel, copier: ContinuousCache | PointerMixture) -> None:
        super().__init__()
        self.encoder = language_model.encoder
        self.head = language_model.head
        self.copier = copier

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Give each word of the vocabulary its probability of being the next one.

        Args:
            inputs: Ids of words, (batch, time).
            state: The pair (encoder state, memory) after the words before, None at the beginning of a text.

        Returns:
            Log-probabilities (batch, time, vocabulary), and the pair after the words.
        """
        encoder_state, memory = state if isinstance(state, tuple) else (None, None)
        hidden, encoder_state = self.encoder.forward_encoder(self.encoder.embedder(inputs), encoder_state)
        memory = None if memory is None else Memory(*memory)
        log_probabilities, memory = self.copier(hidden, self.head(hidden), inputs, memory)
        return log_probabilities, (encoder_state, memory)


def build_language_model(config: LanguageModelConfig) -> SequenceModel | CopyingLanguageModel:
    """Build a fresh language model.

    Args:
        config: Its numbers.

    Returns:
        The model, one that copies where the config has a pointer.

    Raises:
        OptionError: The numbers do not fit together.
    """
    encoder = build_encoder(config)
    table = encoder.embedder.table if config.tied else None
    model = SequenceModel(encoder, LanguageModelHead(config.hidden, config.vocabulary, table=table))
    if config.pointer is None:
        return model
    pointer = PointerMixture(config.hidden, width=config.pointer.width, window=config.pointer.window)
    return CopyingLanguageModel(model, pointer)


class TwoWayLanguageModel(nn.Module):
    """A forward and a backward language model that share their embedder.

    A batch holds rows of the text followed by as many rows of the text read backwards, (2 · batch, time).

    Args:
        encoder: An encoder with two directions.
        heads: The output layers over the forward and over the backward states.

    Raises:
        OptionError: The encoder has one direction.
    """

    def __init__(self, encoder: TextEncoder, heads: tuple[AdaptiveSoftmaxHead, AdaptiveSoftmaxHead]) -> None:
        super().__init__()
        if encoder.backward_encoder is None:
            raise OptionError("Found an encoder without a backward direction. Build one with two directions.")
        self.encoder = encoder
        self.forward_head, self.backward_head = heads

    def forward(self, words: WordInputs | Tensor, targets: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Sum up the losses of both language models; negative targets are not counted.

        Args:
            words: Rows of the text, then rows of the text read backwards, (2 · batch, time).
            targets: The ids to predict, (2 · batch, time).
            state: The pair of states after the words before, None at the beginning.

        Returns:
            Losses in nats, forward and backward, (2,), and the pair of states after the words.
        """
        vectors = self.encoder.embedder(words)
        before = state if isinstance(state, tuple) else (None, None)
        heads = (self.forward_head, self.backward_head)
        losses, after = [], []
        for way, head, initial, rows, wanted in zip(
            self.encoder.ways, heads, before, vectors.chunk(2), targets.chunk(2), strict=True
        ):
            hidden, final = way(rows, initial)
            counted = wanted.flatten() >= 0
            losses.append(head.loss(hidden.flatten(0, 1)[counted], wanted.flatten()[counted]))
            after.append(final)
        return torch.stack(losses), tuple(after)


def build_encoder(config: EncoderConfig) -> TextEncoder:
    """Build a fresh encoder, without the output layers of its language model.

    Args:
        config: The numbers of the language model.

    Returns:
        An encoder with one direction for a `LanguageModelConfig`, with two otherwise.

    Raises:
        OptionError: A number is not allowed.
    """

    numbers = {"layers": config.layers, "recurrence": config.recurrence, "dropout": config.dropout}
    way = partial(RecurrentEncoder, config.embedding, config.hidden, **numbers)
    if isinstance(config, LanguageModelConfig):
        table = TableEmbedder(config.vocabulary, config.embedding, dropout=config.embedding_dropout)
        return TextEncoder(table, way())
    if isinstance(config, PieceModelConfig):
        return TextEncoder(TableEmbedder(config.pieces, config.embedding, dropout=config.dropout), way(), way())
    embedder = HashedEmbedder(
        config.words, config.buckets, config.embedding, word_dropout=config.word_dropout, dropout=config.dropout
    )
    return TextEncoder(embedder, way(), way())


def build_two_way_model(config: TwoWayConfig) -> TwoWayLanguageModel:
    """Build a fresh pair of language models.

    Args:
        config: Their numbers.

    Returns:
        The pair, over words or over pieces.

    Raises:
        OptionError: The numbers do not fit together.
    """
    encoder = build_encoder(config)
    predicted = config.words if isinstance(config, WordModelConfig) else config.pieces
    ahead, back = (AdaptiveSoftmaxHead(config.hidden, predicted, cutoffs=config.cutoffs) for _ in range(2))
    return TwoWayLanguageModel(encoder, (ahead, back))


def english_config(words: int, *, hidden: int = 256) -> WordModelConfig:
    """Return the numbers of the shipped English encoder: 256 GRU units per direction over vectors of 128.

    Args:
        words: The number of words that have rows of their own and are predicted.
        hidden: GRU units per direction, at least 2. Vectors have half as many numbers, and the table of features 128
            times as many rows.

    Returns:
        The numbers of the pair of language models.
    """
    return WordModelConfig(
        words=words,
        buckets=128 * hidden,
        embedding=hidden // 2,
        hidden=hidden,
        cutoffs=_english_cutoffs(words),
        dropout=0.05,
    )


def english_piece_config(pieces: int, *, hidden: int = 256) -> PieceModelConfig:
    """Return the numbers of an English encoder over pieces of words: 256 GRU units per direction over vectors of 256.

    Its vectors are wider than those of `english_config`, since a piece has no features beside its row.

    Args:
        pieces: The number of pieces that are read and predicted.
        hidden: GRU units per direction, and the numbers of a vector.

    Returns:
        The numbers of the pair of language models.
    """
    cutoffs = _english_cutoffs(pieces)
    return PieceModelConfig(pieces=pieces, embedding=hidden, hidden=hidden, cutoffs=cutoffs, dropout=0.05)


def _english_cutoffs(predicted: int) -> tuple[int, ...]:
    return tuple(cutoff for cutoff in (2_000, 6_000) if 2 * cutoff < predicted) or (predicted // 2,)


class TagHead(nn.Module):
    """A head in torch: the layer that scores tags, and the further weights of the head.

    Args:
        kind: The head's options, which also say how it learns and decodes.
        tag_set: The labels.
        width: The width of the states that the layer reads.

    Raises:
        OptionError: The options do not fit the tags.
    """

    def __init__(self, kind: Head, tag_set: LabelSet, width: int) -> None:
        super().__init__()
        self.kind = kind
        self.tag_set = tag_set
        self.output = kind.layer(width, len(tag_set.tags))
        shapes = kind.shapes(len(tag_set.tags))
        if shapes:
            # Pairs keep their order, a dict would be sorted.
            weights = [(name, torch.zeros(shape)) for name, shape in shapes.items()]
            self.add_module(kind.name, nn.ParameterDict(weights))

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights beside the layer, by their names."""
        return dict(getattr(self, self.kind.name, {}))

    def loss(self, hidden: Tensor, gold: Tensor, lengths: Tensor) -> Tensor:
        """Compute the loss of gold tags.

        Args:
            hidden: States (batch, time, width).
            gold: The tags, (batch, time); a negative one is not known.
            lengths: The number of words of each row, (batch,).

        Returns:
            The sum over all words whose tags are known, in nats, ().
        """
        scores = functional.dropout(self.output(hidden), getattr(self.kind, "dropout", 0.0), self.training)
        return self.kind.loss(scores, gold, lengths, self.tag_set, self.weights)

    @torch.no_grad()
    def decode(self, states: Tensor, rows: Rows, decision: Decision) -> TagScores | ArcScores:
        """Choose the tags of words; scores are read by NumPy, wherever the network is.

        Args:
            states: States (words, width) of the words of all rows, row after row.
            rows: The rows.
            decision: How scores are read.

        Returns:
            The tags, and the probabilities of all tags.
        """
        scores, weights = _array(self.output(states)), {name: _array(one) for name, one in self.weights.items()}
        return self.kind.decode(scores, rows, decision, self.tag_set, weights)


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().float().cpu().numpy()
    return array


class TaggingModel(nn.Module):
    """Heads that tag words, on a fresh two-way layer, on the encoder of a language model.

    The fresh layer reads the encoder's states beside the word's vector. Every head reads the same states.

    Args:
        encoder: The encoder, which the model then holds.
        second: The fresh layer, on the encoder's states and the embedder's vectors side by side.
        heads: The heads, in the order of the layers that they write.
        dropout: The share of values dropped in training from the vectors, and below and above the fresh layer.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    def __init__(
        self, encoder: TextEncoder, second: TwoWayEncoder, heads: Sequence[TagHead], *, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.second = second
        self.heads = nn.ModuleList(heads)
        self.dropout = VariationalDropout(dropout)

    @property
    def tag_heads(self) -> Sequence[TagHead]:
        """The heads, in the order of the layers that they write."""
        return cast(Sequence[TagHead], self.heads)

    def hidden(self, words: Inputs, lengths: Tensor) -> Tensor:
        """Compute the states that the heads read.

        Args:
            words: Rows of words.
            lengths: The number of words of each row, (batch,).

        Returns:
            States (batch, time, width).
        """
        read = self.encoder(words, lengths, dropout=self.dropout)
        states = self.second(self.dropout(torch.cat([read.states, read.vectors], dim=-1)), lengths)
        dropped: Tensor = self.dropout(states)
        return dropped

    def forward(self, words: Inputs, lengths: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Compute the loss of each head.

        Args:
            words: Rows of words.
            lengths: The number of words of each row, (batch,).
            gold: The gold tags of each head, (batch, time); a negative one is not known.

        Returns:
            Each head's loss, summed over the words, in nats, (heads,).
        """
        hidden = self.hidden(words, lengths)
        losses = [head.loss(hidden, tags, lengths) for head, tags in zip(self.tag_heads, gold, strict=True)]
        return torch.stack(losses)


def build_tagging_model(
    encoder: TextEncoder, heads: Sequence[TagHead], *, hidden: int, dropout: float = 0.0
) -> TaggingModel:
    """Put heads on an encoder, with a fresh two-way layer between: the head of a language model is swapped.

    Args:
        encoder: The encoder, which the model then holds; it is not copied.
        heads: Heads on states of the width 2 · `hidden`.
        hidden: The width of the fresh layer in each direction.
        dropout: The share of values dropped below, in and above the fresh layer in training.

    Returns:
        The tagging model.
    """
    width = encoder.width + encoder.embedder.width
    second = TwoWayEncoder(RecurrentEncoder(width, hidden), RecurrentEncoder(width, hidden))
    return TaggingModel(encoder, second, heads, dropout=dropout)


class DocumentModel(nn.Module):
    """A head that labels documents, on the encoder of a language model, or the two of a pair.

    Each direction reads the document in pieces, carrying its state. The gradient is cut between pieces (truncated
    back-propagation through time), and flows only through the last ones, so that memory does not grow with the
    document. The rows of a batch should be of similar length.

    Args:
        encoder: The encoder, which the model then holds.
        head: The output layer over labels, on pooled states, three of each of the encoder's.
        votes: The votes of words and word pairs, added to the head's logits; None for none.
        bptt: The number of words, or pieces of words, that are read at once.
        gradient_words: How many last words of each row, as each direction reads it, the gradient reaches at least.
        dropout: The share of values dropped in training from the vectors.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    def __init__(
        self,
        encoder: TextEncoder,
        head: DocumentHead,
        *,
        votes: WordVotes | None = None,
        bptt: int = 128,
        gradient_words: int = 1024,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = head
        self.votes = votes
        self.bptt = bptt
        self.gradient_words = gradient_words
        self.dropout = VariationalDropout(dropout)

    def pooled(self, words: Inputs, lengths: Tensor) -> Tensor:
        """Pool the states of each direction over the words of each document, or over their pieces.

        Args:
            words: Rows of words, a document per row.
            lengths: The number of words of each row, at least 1, (batch,).

        Returns:
            The last, largest and mean states of each direction, side by side, (batch, 3 · width · ways).
        """
        units, lengths = units_of(words, lengths)
        time = int(lengths.max())
        # Of the shortest row, so that every row has all of its own last words.
        first = int(lengths.min()) - self.gradient_words
        vectors, places = cast(Any, self.encoder.embedder).vectors_and_places(units)
        orders = (places, places.gather(1, reversed_places(lengths, time)))
        ways = []
        for way, order in zip(self.encoder.ways, orders, strict=False):
            pool = StatePool(lengths)
            state: State = None
            for start in range(0, time, self.bptt):
                with torch.set_grad_enabled(torch.is_grad_enabled() and start + self.bptt > first):
                    piece = functional.embedding(order[:, start : start + self.bptt], vectors)
                    states, state = way(self.dropout(piece), detach_state(state))
                    pool.add(states)
            ways.append(pool.pooled())
        return torch.cat(ways, dim=-1)

    def forward(self, words: Inputs, lengths: Tensor, ngrams: Sequence[Tensor] | None = None) -> Tensor:
        """Score the labels of documents.

        Args:
            words: Rows of words, a document per row.
            lengths: The number of words of each row, at least 1, (batch,).
            ngrams: Ids of the words and word pairs of each document, each (n-grams,); None for no votes.

        Returns:
            Logits (batch, labels), with the votes of the n-grams where the model has votes.
        """
        logits: Tensor = self.head(self.pooled(words, lengths))
        if self.votes is not None and ngrams is not None:
            logits = logits.float() + self.votes.share * self.votes(ngrams)
        return logits
