"""Whole models made of an embedder, an encoder and a head, their frozen configs, and builders that
carry the numbers.

Training is in `training`, files in `checkpoints`. Shapes: batch, time, vocabulary.
"""

from collections.abc import Sequence
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.errors import OptionError
from seqlabel.native.compiled import Floats
from seqlabel.nn.copying import ContinuousCache, Memory, PointerMixture
from seqlabel.nn.embedders import HashedEmbedder, Inputs, TableEmbedder, WordInputs
from seqlabel.nn.encoders import EncodedWords, RecurrentEncoder, TextEncoder, TwoWayEncoder
from seqlabel.nn.heads.head import ArcScores, Head, Rows, TagScores, unit_of
from seqlabel.nn.heads.language import AdaptiveSoftmaxHead, LanguageModelHead
from seqlabel.nn.layers import VariationalDropout
from seqlabel.nn.moving import moved
from seqlabel.nn.network_configs import (
    Decision,
    EncoderConfig,
    LanguageModelConfig,
    PieceModelConfig,
    TwoWayConfig,
    WordModelConfig,
)
from seqlabel.nn.pooling import pooled_states
from seqlabel.nn.states import State, flatten_state
from seqlabel.nn.streams import side_by_side


class SequenceModel(nn.Module):
    """A language model in one direction: an encoder under a head that can be swapped (Mikolov,
    Karafiát, Burget, Černocký and Khudanpur 2010, "Recurrent Neural Network Based Language Model").

    Formula::

        h[t] = encoder(word[t], h[t - 1]),  p(word[t + 1]) = softmax(head(h[t]))

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
    """A language model that may also repeat a word from its own past: by a cache (Grave, Joulin and
    Usunier 2017) or a pointer (Merity, Xiong, Bradbury and Socher 2016).

    Formula::

        p(w) = (1 - g) · softmax(head(h))[w] + g · Σ a[i] over all i with word[i] = w

    g and a, the share and the attention of the copier.

    Args:
        language_model: The model whose encoder and head this one holds; they are not copied.
        copier: The cache or pointer that repeats words.
    """

    def __init__(
        self, language_model: SequenceModel, copier: ContinuousCache | PointerMixture
    ) -> None:
        super().__init__()
        self.encoder = language_model.encoder
        self.head = language_model.head
        self.copier = copier

    def forward(self, inputs: Tensor, state: State = None) -> tuple[Tensor, State]:
        """Give each word of the vocabulary its probability of being the next one.

        Args:
            inputs: Ids of words, (batch, time).
            state: The pair (encoder state, memory) after the words before, None at the beginning of
                a text.

        Returns:
            Log-probabilities (batch, time, vocabulary), and the pair after the words.
        """
        encoder_state, memory = state if isinstance(state, tuple) else (None, None)
        hidden, encoder_state = self.encoder.forward_encoder(
            self.encoder.embedder(inputs), encoder_state
        )
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
    pointer = PointerMixture(
        config.hidden, width=config.pointer.width, window=config.pointer.window
    )
    return CopyingLanguageModel(model, pointer)


class TwoWayLanguageModel(nn.Module):
    """A forward and a backward language model that share their embedder (Peters et al. 2018, "Deep
    Contextualized Word Representations").

    Formula::

        loss = -Σ log p_ahead(word[t + 1] | word[1], …, word[t])
               -Σ log p_back(word[t - 1] | word[n], …, word[t])

    A batch holds rows of the text followed by as many rows of the text read backwards, (2 · batch,
    time).

    Args:
        encoder: An encoder with two directions.
        heads: The output layers over the forward and over the backward states.

    Raises:
        OptionError: The encoder has one direction.
    """

    def __init__(
        self, encoder: TextEncoder, heads: tuple[AdaptiveSoftmaxHead, AdaptiveSoftmaxHead]
    ) -> None:
        super().__init__()
        if encoder.backward_encoder is None:
            raise OptionError(
                "Expected an encoder with two directions, got one without a backward direction."
            )
        self.encoder = encoder
        self.forward_head, self.backward_head = heads

    def forward(
        self, words: WordInputs | Tensor, targets: Tensor, state: State = None
    ) -> tuple[Tensor, State]:
        """Sum up the losses of both language models; negative targets are not counted.

        Args:
            words: Rows of the text, then rows of the text read backwards, (2 · batch, time).
            targets: The ids to predict, (2 · batch, time), best on the CPU; see
                `AdaptiveSoftmaxHead.loss`.
            state: The pair of states after the words before, None at the beginning.

        Returns:
            Losses in nats, forward and backward, (2,), and the pair of states after the words.
        """
        vectors: Tensor = self.encoder.embedder(words)
        ahead, back = self.encoder.ways
        rows, rows_backwards = vectors.chunk(2)
        initial_ahead, initial_back = state if isinstance(state, tuple) else (None, None)
        read = side_by_side(
            lambda: ahead(rows, initial_ahead),
            lambda: back(rows_backwards, initial_back),
            inputs=(vectors, *flatten_state(initial_back)[1]),
        )

        heads = (self.forward_head, self.backward_head)
        losses: list[Tensor] = []
        for head, (hidden, _), wanted in zip(heads, read, targets.cpu().chunk(2), strict=True):
            counted = (wanted.flatten() >= 0).nonzero().squeeze(1)
            states = hidden.flatten(0, 1)[moved(counted, hidden.device)]
            losses.append(head.loss(states, wanted.flatten()[counted]))
        return torch.stack(losses), tuple(final for _, final in read)


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
        return TextEncoder(
            TableEmbedder(config.pieces, config.embedding, dropout=config.dropout), way(), way()
        )
    embedder = HashedEmbedder(
        config.words,
        config.buckets,
        config.embedding,
        word_dropout=config.word_dropout,
        dropout=config.dropout,
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
    ahead, back = (
        AdaptiveSoftmaxHead(config.hidden, predicted, cutoffs=config.cutoffs) for _ in range(2)
    )
    return TwoWayLanguageModel(encoder, (ahead, back))


def english_config(words: int, *, hidden: int = 256) -> WordModelConfig:
    """Return the numbers of the shipped English encoder: 256 GRU units per direction over vectors
    of 128.

    Args:
        words: The number of words that have rows of their own and are predicted.
        hidden: GRU units per direction, at least 2. Vectors have half as many numbers, and the
            table of features 128 times as many rows.

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
    """Return the numbers of an English encoder over pieces of words: 256 GRU units per direction
    over vectors of 256.

    Its vectors are wider than those of `english_config`, since a piece has no features besides its
    row.

    Args:
        pieces: The number of pieces that are read and predicted.
        hidden: GRU units per direction, and the numbers of a vector.

    Returns:
        The numbers of the pair of language models.
    """
    cutoffs = _english_cutoffs(pieces)
    return PieceModelConfig(
        pieces=pieces, embedding=hidden, hidden=hidden, cutoffs=cutoffs, dropout=0.05
    )


def _english_cutoffs(predicted: int) -> tuple[int, ...]:
    return tuple(cutoff for cutoff in (2_000, 6_000) if 2 * cutoff < predicted) or (predicted // 2,)


class TagHead(nn.Module):
    """A head in torch: the layer that scores tags, and the further weights of the head.

    Its paper is that of its kind: `Softmax`, `CRF`, `Biaffine` or `Pooled`.

    Formula::

        s = layer(h),  loss = kind.loss(s, gold)

    Args:
        kind: The head's options, which also say how it learns and decodes.
        tag_set: The labels.
        width: The width of the states that the layer reads; of a head of documents, that of pooled
            states.

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
            learns = not getattr(kind, "fitted", False)
            weights = [
                (name, nn.Parameter(torch.zeros(shape), learns)) for name, shape in shapes.items()
            ]
            self.add_module(kind.name, nn.ParameterDict(weights))

    @property
    def weights(self) -> dict[str, Tensor]:
        """The weights besides the layer, by their names."""
        return dict(getattr(self, self.kind.name, {}))

    def loss(self, hidden: Tensor, gold: Tensor, lengths: Tensor) -> Tensor:
        """Compute the loss of gold tags.

        Args:
            hidden: States (batch, time, width), or of a head of documents pooled states (batch,
                width).
            gold: The tags, (batch, time), or the labels of documents (batch,); a negative one is
                not known.
            lengths: The number of words of each row, (batch,).

        Returns:
            The sum over all words, or documents, whose tags are known, in nats, ().
        """
        scores = functional.dropout(
            self.output(hidden), getattr(self.kind, "dropout", 0.0), self.training
        )
        return self.kind.loss(scores, gold, lengths, self.tag_set, self.weights)

    @torch.no_grad()
    def decode(self, states: Tensor, rows: Rows, decision: Decision) -> TagScores | ArcScores:
        """Choose the tags of words; scores are read by NumPy, wherever the network is.

        Args:
            states: States (words, width) of the words of all rows, row after row, or pooled states
                of documents.
            rows: The rows.
            decision: How scores are read.

        Returns:
            The tags, and the probabilities of all tags.
        """
        scores = _array(self.output(states))
        weights = {name: _array(weight) for name, weight in self.weights.items()}
        return self.kind.decode(scores, rows, decision, self.tag_set, weights)


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().float().cpu().numpy()
    return array


class TaggingModel(nn.Module):
    """Heads that label words, sentences and documents, on the encoder of a language model.

    Heads of words and of sentences read a fresh two-way layer, which reads the encoder's states
    next to the word's vector (Peters, Ammar, Bhagavatula and Power 2017, "Semi-supervised Sequence
    Tagging with Bidirectional Language Models"; the layer under a CRF is that of Huang, Xu and Yu
    2015, "Bidirectional LSTM-CRF Models for Sequence Tagging"). Heads of documents read the
    encoder's states pooled over the document (Howard and Ruder 2018).

    Formula::

        h[t] = dropout(second(dropout([states[t], vectors[t]])))    for heads of words and sentences
        p = pooled_states(encoder)                                  for heads of documents

    Args:
        encoder: The encoder, which the model then holds.
        second: The fresh layer, on the encoder's states and the embedder's vectors side by side;
            None where no head reads it.
        heads: The heads, in the order of the layers that they write.
        dropout: The share of values dropped in training from the vectors, and below and above the
            fresh layer.

    Raises:
        OptionError: `dropout` is outside [0, 1).
    """

    def __init__(
        self,
        encoder: TextEncoder,
        second: TwoWayEncoder | None,
        heads: Sequence[TagHead],
        *,
        dropout: float = 0.0,
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

    @property
    def word_layer(self) -> TwoWayEncoder:
        """The fresh layer of a model with heads of words or sentences.

        Raises:
            OptionError: The model labels documents only.
        """
        if self.second is None:
            raise OptionError(
                "expected a model that labels words, got one that labels documents only."
            )
        return self.second

    def hidden(self, words: Inputs, lengths: Tensor) -> Tensor:
        """Compute the states that the heads of words read.

        Args:
            words: Rows of words.
            lengths: The number of words of each row, (batch,).

        Returns:
            States (batch, time, width).

        Raises:
            OptionError: The model labels documents only.
        """
        return self.hidden_of(self.encoder(words, lengths, dropout=self.dropout), lengths)

    def hidden_of(self, read: EncodedWords, lengths: Tensor) -> Tensor:
        """Compute the states that the heads of words read, from what the encoder has read.

        Args:
            read: The encoder's states and vectors of the words.
            lengths: The number of words of each row, (batch,).

        Returns:
            States (batch, time, width).

        Raises:
            OptionError: The model labels documents only.
        """
        states = self.word_layer(
            self.dropout(torch.cat([read.states, read.vectors], dim=-1)), lengths
        )
        dropped: Tensor = self.dropout(states)
        return dropped

    def pooled(self, words: Inputs, lengths: Tensor) -> Tensor:
        """Compute the states that the heads of documents read.

        Args:
            words: Rows of words, a document per row.
            lengths: The number of words of each row, at least 1, (batch,).

        Returns:
            Pooled states (batch, 3 · width of the encoder), as `pooled_states` gives them.
        """
        kinds = [head.kind for head in self.tag_heads]
        pooled = next(kind for kind in kinds if unit_of(kind) is Unit.DOCUMENT)
        numbers = {
            name: getattr(pooled, name)
            for name in ("bptt", "gradient_words")
            if hasattr(pooled, name)
        }
        return pooled_states(self.encoder, words, lengths, dropout=self.dropout, **numbers)

    def forward(self, words: Inputs, lengths: Tensor, gold: Sequence[Tensor]) -> Tensor:
        """Compute the loss of each head.

        Args:
            words: Rows of words; whole documents where a head of documents is asked.
            lengths: The number of words of each row, (batch,).
            gold: The gold tags of each head, (batch, time), or of a head of documents (batch,); a
                negative one is not known. A head whose tensor is empty is not asked.

        Returns:
            Each head's loss, summed over the words or documents, in nats, (heads,).
        """
        asked: set[Unit] = set()
        for head, ids in zip(self.tag_heads, gold, strict=True):
            if ids.numel():
                asked.add(unit_of(head.kind))

        hidden = pooled = None
        if Unit.WORD in asked or Unit.SENTENCE in asked:
            hidden = self.hidden(words, lengths)
        if Unit.DOCUMENT in asked:
            pooled = self.pooled(words, lengths)

        losses: list[Tensor] = []
        for head, ids in zip(self.tag_heads, gold, strict=True):
            states = pooled if unit_of(head.kind) is Unit.DOCUMENT else hidden
            if states is None or not ids.numel():
                losses.append(torch.zeros((), device=lengths.device))
            else:
                losses.append(head.loss(states, ids, lengths))
        return torch.stack(losses)


def build_tagging_model(
    encoder: TextEncoder, heads: Sequence[TagHead], *, hidden: int, dropout: float = 0.0
) -> TaggingModel:
    """Put heads on an encoder: the head of a language model is swapped.

    Args:
        encoder: The encoder, which the model then holds; it is not copied.
        heads: Heads of words and sentences on states of the width 2 · `hidden`, and heads of
            documents.
        hidden: The width in each direction of the fresh two-way layer between the encoder and the
            heads of words; 0 for none.
        dropout: The share of values dropped below, in and above the fresh layer in training.

    Returns:
        The tagging model.
    """
    return TaggingModel(encoder, build_word_layer(encoder, hidden), heads, dropout=dropout)


def build_word_layer(encoder: TextEncoder, hidden: int) -> TwoWayEncoder | None:
    """Build the fresh layer between an encoder and heads of words.

    Args:
        encoder: The encoder whose states and vectors it reads.
        hidden: Its width in each direction.

    Returns:
        The layer; None for a width of 0.
    """
    if not hidden:
        return None
    width = encoder.width + encoder.embedder.width
    return TwoWayEncoder(RecurrentEncoder(width, hidden), RecurrentEncoder(width, hidden))
