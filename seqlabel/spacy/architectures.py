"""This library's layers as spaCy's model architectures; how they are trained is in `learning`,
stored in `shim`.

`seqlabel.RecurrentTok2Vec.v1` drives spaCy's own components; `seqlabel.RecurrentLabeler.v1` and
`seqlabel.RecurrentClassifier.v1` are under this library's own trainable pipes.

Shapes: words, tokens (words and white space), width.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Optional

import torch
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model
from thinc.types import Floats2d
from thinc.util import torch2xp, xp2torch
from torch import Tensor

from seqlabel.batches.windows import groups_of
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.inference import Inference
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import check_rate
from seqlabel.nn.threads import use_one_thread_after_fork, use_one_thread_in_worker
from seqlabel.spacy.doc_words import (
    DocWords,
    doc_cuts,
    states_of_docs,
    strings_of,
    tags_of_docs,
    words_of_docs,
)
from seqlabel.spacy.learning import start_labeler
from seqlabel.spacy.shim import TorchShim, shim_of
from seqlabel.spacy.trainable import CLASSIFIER, LABELER
from seqlabel.spacy.tree_writer import sentence_borders
from seqlabel.training.batch_sizes import BATCH_WORDS, BatchUse


def _labeler_of(model: Model[Any, Any]) -> tuple[Labeler, Inference]:
    shim = shim_of(model)
    labeler = shim.part
    inference = shim.inference
    if labeler is None or inference is None:
        raise OptionError(
            f"{model.name}: has no weights yet. Call nlp.initialize with the pipe enabled, or "
            "load a trained pipeline."
        )
    return labeler, inference


def _labels_forward(
    model: Model[Any, Any], docs: Sequence[Doc], is_train: bool
) -> tuple[Any, Callable[..., Any]]:
    """Label each Doc, or its words, with the first head; training goes through `train_labels`.

    A head of trees chooses in the sentences that a Doc has, else in those that the labeler finds.
    """
    labeler, inference = _labeler_of(model)
    words = words_of_docs(docs)
    has_trees = labeler.tag_sets[0].unit is Unit.SENTENCE
    borders = sentence_borders(docs, words, labeler, keep=True) if has_trees else None
    rows = labeler.config.rows
    (tags,) = tags_of_docs(
        inference, words, labeler.decisions, heads=[0], borders=borders, rows=rows
    )
    return tags, _no_backprop


def _no_backprop(_: Any) -> list[Doc]:
    return []


def _model_on(
    encoder: str | None,
    lower_rate: float,
    name: str,
    forward: Callable[..., Any],
    init: Callable[..., None] | None = None,
    dims: Mapping[str, int | None] = MappingProxyType({}),
    **attributes: Any,
) -> Model[list[Doc], Any]:
    """A model on an encoder, of which one that has read nothing learns at the rate of all else."""
    if encoder == "":
        raise OptionError(
            "encoder: expected a model's folder, the name of one that ships, or null for none, "
            "got ''."
        )
    if not 0 <= lower_rate < math.inf:
        raise OptionError(
            "lower_rate: expected a factor of the encoder's learning rate, at least 0, got "
            f"{lower_rate}."
        )
    shim = TorchShim(lower_rate=1.0 if encoder is None else lower_rate)
    return Model(
        name,
        forward,
        init=init,
        dims=dict(dims),
        attrs={"encoder": encoder, **attributes},
        shims=[shim],
    )


@registry.architectures(LABELER)
def recurrent_labeler(
    encoder: Optional[str] = "en",  # noqa: UP045
    hidden: int = 128,
    word_dropout: float = 0.2,
    lower_rate: float = 0.3,
) -> Model[list[Doc], Any]:
    """Make the layers of `seqlabel_tagger` and `seqlabel_ner`: a pretrained encoder, a fresh
    two-way layer, and a head.

    Args:
        encoder: The folder or name of a language model or a labeler of this library; None for an
            untrained encoder. It is read when training begins, not when a trained pipeline is
            loaded.
        hidden: Units of the fresh layer in each direction.
        word_dropout: The share of words whose own vector is hidden in training.
        lower_rate: The factor of the encoder's learning rate, compared with that of the layers
            above.

    Returns:
        The model; its forward pass gives tags of the words of each Doc.

    Raises:
        OptionError: For numbers out of range and an encoder without a name.
    """
    if hidden < 1:
        raise OptionError(f"hidden: expected a number of units each way, at least 1, got {hidden}.")
    check_rate("word_dropout", word_dropout)
    return _model_on(
        encoder, lower_rate, LABELER, _labels_forward, hidden=hidden, word_dropout=word_dropout
    )


@registry.architectures(CLASSIFIER)
def recurrent_classifier(
    encoder: Optional[str] = "en",  # noqa: UP045
    lower_rate: float = 0.3,
) -> Model[list[Doc], Any]:
    """Make the layers of `seqlabel_textcat`: a pretrained encoder, pooled, and a head.

    Args:
        encoder: The folder or name of a language model or a labeler of this library; None for an
            untrained encoder.
        lower_rate: The factor of the encoder's learning rate, compared with that of the layers
            above.

    Returns:
        The model; its forward pass gives the probabilities of each Doc's labels.

    Raises:
        OptionError: For a rate out of range and an encoder without a name.
    """
    return _model_on(encoder, lower_rate, CLASSIFIER, _labels_forward)


@registry.architectures("seqlabel.RecurrentTok2Vec.v1")
def recurrent_tok2vec(
    width: int = 256,
    encoder: Optional[str] = "en",  # noqa: UP045
    word_dropout: float = 0.2,
    lower_rate: float = 0.3,
) -> Model[list[Doc], list[Floats2d]]:
    """Make a `tok2vec` from a pretrained encoder and a fresh two-way layer; white space has vectors
    of zeros.

    spaCy's tagger, parser, NER and others listen to it, and one pass serves them all. Each
    initialisation starts again from the encoder.

    Args:
        width: Units of a token's vector; each direction has half of them.
        encoder: As in `seqlabel.RecurrentLabeler.v1`. With None, only the words of the first ten
            texts, which are all that spaCy shows to its layers, have vectors of their own; other
            words have the vectors of their letters.
        word_dropout: The share of words whose own vector is hidden in training.
        lower_rate: The factor of the encoder's learning rate, compared with that of the layers
            above.

    Returns:
        The model; its forward pass gives vectors (tokens, width) of each Doc.

    Raises:
        OptionError: For an odd width, numbers out of range and an encoder without a name.
    """
    if width < 2 or width % 2:
        raise OptionError(f"width: expected an even number, half of it for each way, got {width}.")
    check_rate("word_dropout", word_dropout)
    return _model_on(
        encoder,
        lower_rate,
        "seqlabel_tok2vec",
        _vectors_forward,
        _start_vectors,
        {"nO": width},
        hidden=width // 2,
        word_dropout=word_dropout,
        dropout_rate=0.0,
    )


# A labeler has at least one head; nothing asks this one, so that it is never trained.
_NO_HEAD = HeadConfig(TagSet("none", ("0", "1")))


def _start_vectors(model: Model[Any, Any], X: Sequence[Doc] | None = None, Y: Any = None) -> None:  # noqa: N803
    labeler = start_labeler(model, _NO_HEAD, lambda: X or ())
    width = labeler.module.word_layer.width
    if width != model.get_dim("nO"):
        raise OptionError(
            f"width: expected {width}, the width of the labeler in `encoder`, got "
            f"{model.get_dim('nO')}."
        )
    shim_of(model).take(labeler)


def _vectors_forward(
    model: Model[Any, Any], docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[..., Any]]:
    shim = shim_of(model)
    labeler, inference = _labeler_of(model)
    words = words_of_docs(docs)
    use_one_thread_after_fork()
    if not is_train:
        use_one_thread_in_worker()
        device = next(labeler.module.parameters()).device
        states = [torch.from_numpy(rows).to(device) for rows in states_of_docs(inference, words)]
        return _at_tokens(states, words, docs), _no_backprop
    shim.begin_pass()
    module = labeler.module
    module.train()
    module.dropout.rate = model.attrs["dropout_rate"]
    device = next(module.parameters()).device
    groups = list(groups_of(doc_cuts(words), BATCH_WORDS[BatchUse.PIPES].on(device)))
    hidden = []
    width = module.word_layer.width
    states = [torch.zeros(len(of_doc.keys), width, device=device) for of_doc in words]
    for group in groups:
        lengths = torch.tensor([cut.last - cut.first for cut in group], device=device)
        rows = module.hidden(labeler.words(strings_of(words, group)).to(device), lengths)
        for cut, row in zip(group, rows.detach(), strict=True):
            states[cut.doc][cut.labeled] = row[cut.inside]
        hidden.append(rows)

    def backprop(gradients: Sequence[Any]) -> list[Doc]:
        """Add up the weights' gradients for those (tokens, width) of each Doc's vectors."""
        wanted = [torch.zeros_like(rows) for rows in hidden]
        of_words = [
            xp2torch(gradient)[torch.from_numpy(of_doc.tokens).to(device)]
            for gradient, of_doc in zip(gradients, words, strict=True)
        ]
        for group, rows in zip(groups, wanted, strict=True):
            for cut, row in zip(group, rows, strict=True):
                row[cut.inside] = of_words[cut.doc][cut.labeled]
        torch.autograd.backward(hidden, wanted)
        shim.end_pass()
        return []

    return _at_tokens(states, words, docs), backprop


def _at_tokens(
    states: Sequence[Tensor], words: Sequence[DocWords], docs: Sequence[Doc]
) -> list[Any]:
    """The states (words, width) of each Doc at their tokens, as thinc's arrays (tokens, width)."""
    arrays = []
    for rows, of_doc, doc in zip(states, words, docs, strict=True):
        spread = rows
        if len(rows) < len(doc):
            spread = rows.new_zeros(len(doc), rows.shape[1])
            spread[torch.from_numpy(of_doc.tokens).to(rows.device)] = rows
        arrays.append(torch2xp(spread))
    return arrays
