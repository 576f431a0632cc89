"""This library's layers as spaCy's model architectures, and the shim by which thinc trains, averages and stores them.

`seqlabel.RecurrentTok2Vec.v1` drives spaCy's own components; `seqlabel.RecurrentLabeler.v1` and
`seqlabel.RecurrentClassifier.v1` are under this library's own trainable pipes (`seqlabel.spacy.trainable`).

Shapes: words, tokens (words and white space), width.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Optional, cast

import numpy as np
import torch
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Model, Optimizer
from thinc.shims.shim import Shim
from thinc.types import Floats2d
from thinc.util import get_torch_default_device, torch2xp, xp2torch
from torch import Tensor, nn
from torch.nn import functional

from seqlabel.batches.windows import Cut, groups_of
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import OptionError
from seqlabel.models.classifier import Classifier
from seqlabel.models.labeler import HeadConfig, Labeler
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.nn.layers import check_rate
from seqlabel.spacy.reading import DocReader, DocWords, doc_cuts, strings_of, words_of
from seqlabel.spacy.running import (
    categories_of,
    do_not_wait_for_threads,
    load_model,
    pack_folder,
    share_cores,
    unpack_folder,
)
from seqlabel.training.checkpoints import find_folder, read_kind

BELOW = ("embedder.", "first.", "encoders.")
"""What the weights of a pretrained encoder are called; they are trained at a lower rate."""

LABELER, CLASSIFIER = "seqlabel_labeler", "seqlabel_classifier"
"""What thinc calls the models of `recurrent_labeler` and `recurrent_classifier`."""

_ARCHITECTURES = {LABELER: "seqlabel.RecurrentLabeler.v1", CLASSIFIER: "seqlabel.RecurrentClassifier.v1"}

_TRAINING_WORDS, _CLASSIFIER_WORDS = 1024, 8192

# What pipes of the first versions called the layer that they write: the place in a Doc.
_OLD_LAYERS = {"pos_": "upos", "tag_": "xpos"}


class TorchShim(Shim):
    """A labeler or a classifier inside a thinc model: thinc's optimizer trains it, and keeps averages of its weights.

    What is stored is the folder that `save` writes (JSON and safetensors), never a pickle. Predictions leave the module
    in evaluation mode, so that threads may share it. `lower_rate` is what the learning rate of the encoder is
    multiplied by; while it is `frozen` it does not learn at all.
    """

    def __init__(self, part: Labeler | Classifier | None = None, *, lower_rate: float = 1.0) -> None:
        super().__init__(None)
        self.lower_rate = lower_rate
        self.frozen = False
        self.part: Labeler | Classifier | None = None
        self._reader: DocReader | None = None
        self._steps_later = False
        self._in_flight = False
        self._late: tuple[Any, dict[str, Tensor]] | None = None
        if part is not None:
            self.take(part)

    def take(self, part: Labeler | Classifier) -> None:
        """Hold this labeler or classifier from now on, on thinc's device."""
        part.module.to(get_torch_default_device())
        self.part = part
        # What was to be stepped was for other weights.
        self._steps_later, self._in_flight, self._late = False, False, None
        self._reader = DocReader(part.module, part.words) if isinstance(part, Labeler) else None
        # An optimizer knows weights by this number: what it remembers of others must not be taken for these.
        with Shim.global_id_lock:
            Shim.global_id += 1
            self.id = Shim.global_id

    @property
    def reader(self) -> DocReader | None:
        """What reads Docs with the labeler; None for a classifier."""
        if self._steps_later:
            self._steps_later = False
            for _, parameter in self._parameters():
                torch.autograd.graph.increment_version(parameter)
        return self._reader

    def _parameters(self) -> list[tuple[str, nn.Parameter]]:
        return [] if self.part is None else list(self.part.module.named_parameters())

    def finish_update(self, optimizer: Any) -> None:
        """Let the optimizer change each weight that has a gradient, and forget the gradients.

        `nlp.rehearse` gives a function instead, that only takes note of both and steps later, at one rate for all.
        """
        gradients = {name: weight.grad for name, weight in self._parameters() if weight.grad is not None}
        for _, parameter in self._parameters():
            parameter.grad = None
        if not self._in_flight:
            self._step(optimizer, gradients)
        elif gradients:
            self._late = optimizer, gradients

    def begin_pass(self) -> None:
        """A training pass begins whose gradients come later: until `end_pass` no weight changes under its feet.

        spaCy's `nlp.update` steps `tok2vec` right after its pass, with the gradients of the pass before, and only then
        come those of its listeners.
        """
        self.end_pass()
        self._in_flight = True

    def end_pass(self) -> None:
        """The pass's gradients are there; what was to be stepped meanwhile is stepped now."""
        self._in_flight = False
        if self._late is not None:
            late, self._late = self._late, None
            self._step(*late)

    def _step(self, optimizer: Any, gradients: Mapping[str, Tensor]) -> None:
        steps_now = isinstance(optimizer, Optimizer)
        self._steps_later |= not steps_now
        for name, parameter in self._parameters():
            if name not in gradients or (self.frozen and name.startswith(BELOW)):
                continue
            rate = {"lr_scale": self.lower_rate} if steps_now and name.startswith(BELOW) else {}
            values = torch2xp(parameter.data)
            changed, _ = optimizer((self.id, name), values, torch2xp(gradients[name]), **rate)
            if changed is not values:
                parameter.data.copy_(xp2torch(changed))
            # The optimizer writes past torch, whose count of changes tells readers that theirs are old.
            torch.autograd.graph.increment_version(parameter)

    @contextmanager
    def use_params(self, params: Mapping[tuple[int, str], Any]) -> Iterator[None]:
        """The module has these weights inside, such as an optimizer's averages, and afterwards what it had before."""
        held = {}
        with torch.no_grad():
            for name, parameter in self._parameters():
                other = params.get((self.id, name))
                if other is not None:
                    held[name] = parameter.detach().clone()
                    parameter.copy_(xp2torch(other).view_as(parameter))
        try:
            yield
        finally:
            with torch.no_grad():
                for name, parameter in self._parameters():
                    if name in held:
                        parameter.copy_(held[name])

    def to_device(self, device_type: str, device_id: int) -> None:
        """Move the module."""
        if self.part is not None:
            kind = {"cpu": "cpu", "gpu": f"cuda:{device_id}"}.get(device_type, device_type)
            self.part.module.to(kind)

    def to_bytes(self) -> bytes:
        """The files of the labeler or classifier, packed; nothing before there is one."""
        return b"" if self.part is None else pack_folder(self.part.save)

    def from_bytes(self, data: bytes) -> "TorchShim":
        """Take what `to_bytes` packed, whatever was held before and however many labels it had."""
        if data:
            self.take(unpack_folder(data, load_model))
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"lower_rate": self.lower_rate, "data": self.to_bytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        TorchShim.__init__(self, lower_rate=state["lower_rate"])
        self.from_bytes(state["data"])


def shim_of(model: Model[Any, Any]) -> TorchShim:
    """The shim of one of this module's architectures."""
    return cast(TorchShim, model.shims[0])


def check_architecture(model: Model[Any, Any], wanted: str, *, pipe: str) -> None:
    """Raise `OptionError` unless a model is that of `recurrent_labeler` or `recurrent_classifier`, by its name."""
    if model.name != wanted:
        raise OptionError(
            f'{pipe}: found a model {model.name!r}; give it one with `@architectures = "{_ARCHITECTURES[wanted]}"`'
        )


def _part_of(model: Model[Any, Any]) -> Labeler | Classifier:
    part = shim_of(model).part
    if part is None:
        raise OptionError(
            f"{model.name}: has no weights yet; call nlp.initialize with the pipe enabled, or load a trained pipeline"
        )
    return part


def start_labeler(
    model: Model[Any, Any], heads: Sequence[HeadConfig], *, words: Iterable[str], language: str = "xx"
) -> Labeler:
    """A labeler with fresh heads on the encoder that a model's attributes name; `words` are those of a fresh one.

    The encoder may be a language model's or a labeler's, by its folder or its name. Raises `CheckpointError` where it
    is neither.
    """
    encoder, hidden = model.attrs["encoder"], model.attrs["hidden"]
    if encoder is not None and read_kind(find_folder(encoder)) == "labeler":
        return with_heads(Labeler.load(encoder), heads)
    below = WordLanguageModel.fresh(set(words)) if encoder is None else LanguageModel.load(encoder)
    return Labeler.on(
        below, list(heads), hidden=hidden, word_dropout=model.attrs["word_dropout"], dropout=0.0, language=language
    )


def with_heads(labeler: Labeler, heads: Sequence[HeadConfig]) -> Labeler:
    """A labeler with the same weights under other heads; what a head says of tags that it had before stays."""
    other = Labeler(replace(labeler.config, heads=tuple(heads)), labeler.vocabulary, arithmetic=labeler.arithmetic)
    before, after = labeler.module.state_dict(), other.module.state_dict()
    with torch.no_grad():
        for name, tensor in after.items():
            if not name.startswith("heads."):
                tensor.copy_(before[name])
        layers = [_OLD_LAYERS.get(layer, layer) for layer in (head.tag_set.layer for head in labeler.config.heads)]
        known = {layer: (number, labeler.config.heads[number]) for number, layer in enumerate(layers)}
        for number, head in enumerate(heads):
            if head.tag_set.layer not in known or known[head.tag_set.layer][1].kind is not head.kind:
                continue
            old_number, old = known[head.tag_set.layer]
            here, there = _shared(head.tag_set.tags, old.tag_set.tags)
            for name, tensor in after.items():
                prefix = f"heads.{number}."
                if name.startswith(prefix):
                    _copy_labels(tensor, before[f"heads.{old_number}.{name.removeprefix(prefix)}"], here, there)
    return other


def with_labels(classifier: Classifier, labels: Sequence[str]) -> Classifier:
    """A classifier with the same weights and other labels; what it says of labels that it had before stays."""
    other = Classifier(replace(classifier.config, labels=tuple(labels)), classifier.vocabulary)
    before, after = classifier.module.state_dict(), other.module.state_dict()
    here, there = _shared(labels, classifier.config.labels)
    with torch.no_grad():
        for name, tensor in after.items():
            if tensor.shape == before[name].shape:
                tensor.copy_(before[name])
            else:
                _copy_labels(tensor, before[name], here, there)
    return other


def _shared(new: Sequence[str], old: Sequence[str]) -> tuple[Tensor, Tensor]:
    """The places, in both, of the labels that both have."""
    places = {label: number for number, label in enumerate(old)}
    pairs = [(number, places[label]) for number, label in enumerate(new) if label in places]
    here, there = torch.tensor(pairs, dtype=torch.int64).reshape(-1, 2).unbind(1)
    return here, there


def _copy_labels(tensor: Tensor, old: Tensor, here: Tensor, there: Tensor) -> None:
    """Copy the rows of shared labels, and of scores of a label after a label the columns too."""
    if tensor.ndim == 2 and tensor.shape[0] == tensor.shape[1] and old.shape[0] == old.shape[1]:
        tensor[here[:, None], here] = old[there[:, None], there]
    else:
        tensor[here] = old[there]


def train_tags(labeler: Labeler, docs: Sequence[DocWords], gold: Sequence[np.ndarray[Any, Any]], drop: float) -> float:
    """Add up the gradients of the only head's loss for gold tags (words,) of each Doc; return the loss in nats a word.

    A tag of `MISSING` gives no gradient. Nothing is stepped.
    """
    known = sum(int((tags >= 0).sum()) for tags in gold)
    if not known:
        return 0.0
    do_not_wait_for_threads()
    module = labeler.module
    module.train()
    module.dropout.rate = drop
    device = next(module.parameters()).device
    total = 0.0
    for group in groups_of(doc_cuts(docs), _TRAINING_WORDS):
        lengths = torch.tensor([cut.last - cut.first for cut in group])
        wanted = torch.full((len(group), int(lengths.max())), MISSING)
        for row, cut in zip(wanted, group, strict=True):
            inside = gold[cut.doc][cut.start : cut.end]
            row[cut.start - cut.first : cut.end - cut.first] = torch.from_numpy(inside)
        inputs = labeler.words(strings_of(docs, group)).to(device)
        loss = module(inputs, lengths.to(device), [wanted.to(device)]).sum() / known
        loss.backward()
        total += float(loss.detach())
    return total


def start_classifier(model: Model[Any, Any], labels: Sequence[str], *, words: Iterable[str]) -> Classifier:
    """A classifier with a fresh head on the encoder that a model's attributes name; `words` are those of a fresh one.

    No words vote in it: votes are fitted on all documents at once, and spaCy trains batch by batch. Raises
    `CheckpointError` where the encoder is no language model.
    """
    encoder = model.attrs["encoder"]
    below = WordLanguageModel.fresh(set(words)) if encoder is None else LanguageModel.load(encoder)
    voting = Classifier.on(below, labels, dropout=0.0)
    classifier = Classifier(replace(voting.config, buckets=0), voting.vocabulary)
    weights = voting.module.state_dict()
    classifier.module.load_state_dict({name: weights[name] for name in classifier.module.state_dict()})
    return classifier


def train_categories(classifier: Classifier, docs: Sequence[DocWords], gold: Sequence[int], drop: float) -> float:
    """Add up the gradients of the loss for the labels of Docs; return the loss in nats a Doc.

    A label of `MISSING` and a Doc without words give no gradient. Nothing is stepped.
    """
    known = [number for number, label in enumerate(gold) if label >= 0 and len(docs[number].keys)]
    do_not_wait_for_threads()
    module = classifier.module
    module.train()
    module.dropout.rate = drop
    device = next(module.parameters()).device
    total = 0.0
    # Whole Docs in place of windows: a classifier reads a Doc to its end.
    whole = [Cut(number, 0, 0, len(docs[number].keys), len(docs[number].keys)) for number in known]
    for group in groups_of(whole, _CLASSIFIER_WORDS):
        lengths = torch.tensor([cut.last for cut in group], device=device)
        logits = module(classifier.words(strings_of(docs, group)).to(device), lengths).float()
        wanted = torch.tensor([gold[cut.doc] for cut in group], device=device)
        loss = functional.cross_entropy(logits, wanted, reduction="sum") / len(known)
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    return total


def _labels_forward(model: Model[Any, Any], docs: Sequence[Doc], is_train: bool) -> tuple[Any, Callable[..., Any]]:
    """What the only head finds in the words of each Doc; training goes through `train_tags`."""
    _part_of(model)
    reader = shim_of(model).reader
    assert reader is not None
    return reader.tags([words_of(doc) for doc in docs])[0], _no_backprop


def _categories_forward(model: Model[Any, Any], docs: Sequence[Doc], is_train: bool) -> tuple[Any, Callable[..., Any]]:
    """The probabilities of each Doc's labels; training goes through `train_categories`."""
    classifier = _part_of(model)
    assert isinstance(classifier, Classifier)
    return categories_of(classifier, docs), _no_backprop


def _no_backprop(_: Any) -> list[Doc]:
    return []


@registry.architectures("seqlabel.RecurrentLabeler.v1")  # type: ignore[untyped-decorator]
def recurrent_labeler(
    encoder: Optional[str] = "en",  # noqa: UP045
    hidden: int = 128,
    word_dropout: float = 0.2,
    lower_rate: float = 0.3,
) -> Model[list[Doc], Any]:
    """The layers of `seqlabel_tagger` and `seqlabel_ner`: a pretrained encoder, a fresh two-way layer, and a head.

    `encoder` is a folder or name of a language model or a labeler of this library, None for one that has read nothing.
    It is read when a training begins, not when a trained pipeline is loaded. `hidden` are the units of the fresh layer
    each way; `word_dropout` how often a word's own vector is hidden in training; `lower_rate` what the encoder's
    learning rate is multiplied by. Raises `OptionError` for numbers that they cannot be, and an encoder without a name.
    """
    if hidden < 1:
        raise OptionError(f"hidden: found {hidden}; it is a number of units each way, at least 1")
    check_rate("word_dropout", word_dropout)
    return Model(
        LABELER,
        _labels_forward,
        attrs={"encoder": _checked_encoder(encoder), "hidden": hidden, "word_dropout": word_dropout},
        shims=[TorchShim(lower_rate=_rate_below(encoder, lower_rate))],
    )


def _checked_encoder(encoder: str | None) -> str | None:
    if encoder == "":
        raise OptionError("encoder: found ''; give a model's folder, the name of one that ships, or null for none")
    return encoder


def _rate_below(encoder: str | None, lower_rate: float) -> float:
    """What the learning rate of an encoder is multiplied by: one that has read nothing learns as all else does."""
    if not 0 <= lower_rate < math.inf:
        raise OptionError(f"lower_rate: found {lower_rate}; the encoder's learning rate is multiplied by it, 0 or more")
    return 1.0 if encoder is None else lower_rate


@registry.architectures("seqlabel.RecurrentClassifier.v1")  # type: ignore[untyped-decorator]
def recurrent_classifier(
    encoder: Optional[str] = "en",  # noqa: UP045
    lower_rate: float = 0.3,
) -> Model[list[Doc], Any]:
    """The layers of `seqlabel_textcat`: a pretrained encoder, pooled, and a head.

    `encoder` is a language model's folder or name, None for one that has read nothing; `lower_rate` and errors are as
    in `seqlabel.RecurrentLabeler.v1`.
    """
    return Model(
        CLASSIFIER,
        _categories_forward,
        attrs={"encoder": _checked_encoder(encoder)},
        shims=[TorchShim(lower_rate=_rate_below(encoder, lower_rate))],
    )


@registry.architectures("seqlabel.RecurrentTok2Vec.v1")  # type: ignore[untyped-decorator]
def recurrent_tok2vec(
    width: int = 256,
    encoder: Optional[str] = "en",  # noqa: UP045
    word_dropout: float = 0.2,
    lower_rate: float = 0.3,
) -> Model[list[Doc], list[Floats2d]]:
    """A vector of `width` for each token from a pretrained encoder and a fresh two-way layer; white space has zeros.

    For spaCy's `tok2vec`: its tagger, parser, NER and others listen to it, and one pass serves them all. `encoder`,
    `word_dropout`, `lower_rate` and errors are as in `seqlabel.RecurrentLabeler.v1`; each initialising begins anew on
    the encoder. With None only the words of the first ten texts, which are all that spaCy shows to its layers, have
    vectors of their own; all other words have those of their letters. Raises `OptionError` for an odd width: each way
    has half of it.
    """
    if width < 2 or width % 2:
        raise OptionError(f"width: found {width}; it is an even number, as each way has half of it")
    check_rate("word_dropout", word_dropout)
    attributes = {"encoder": _checked_encoder(encoder), "hidden": width // 2, "word_dropout": word_dropout}
    return Model(
        "seqlabel_tok2vec",
        _vectors_forward,
        init=_start_vectors,
        dims={"nO": width},
        attrs={**attributes, "dropout_rate": 0.0},
        shims=[TorchShim(lower_rate=_rate_below(encoder, lower_rate))],
    )


# A labeler has at least one head; nothing asks this one, so that it is never trained.
_NO_HEAD = HeadConfig(TagSet("none", ("0", "1")))


def _start_vectors(model: Model[Any, Any], X: Sequence[Doc] | None = None, Y: Any = None) -> None:  # noqa: N803
    words = (token.text for doc in X or () for token in doc if not token.text.isspace())
    labeler = start_labeler(model, [_NO_HEAD], words=words)
    width = labeler.module.second.width
    if width != model.get_dim("nO"):
        raise OptionError(f"width: found {model.get_dim('nO')}; the labeler in `encoder` gives {width}, so write that")
    shim_of(model).take(labeler)


def _vectors_forward(
    model: Model[Any, Any], docs: Sequence[Doc], is_train: bool
) -> tuple[list[Any], Callable[..., Any]]:
    shim = shim_of(model)
    labeler, reader = _part_of(model), shim.reader
    assert isinstance(labeler, Labeler)
    assert reader is not None
    words = [words_of(doc) for doc in docs]
    do_not_wait_for_threads()
    if not is_train:
        share_cores()
        return _at_tokens(reader.states(words), words, docs), _no_backprop
    shim.begin_pass()
    module = labeler.module
    module.train()
    module.dropout.rate = model.attrs["dropout_rate"]
    device = next(module.parameters()).device
    groups = list(groups_of(doc_cuts(words), _TRAINING_WORDS))
    hidden = []
    states = [torch.zeros(len(one.keys), module.second.width, device=device) for one in words]
    for group in groups:
        lengths = torch.tensor([cut.last - cut.first for cut in group], device=device)
        rows = module.hidden(labeler.words(strings_of(words, group)).to(device), lengths)
        for cut, row in zip(group, rows.detach(), strict=True):
            states[cut.doc][cut.start : cut.end] = row[cut.start - cut.first : cut.end - cut.first]
        hidden.append(rows)

    def backprop(gradients: Sequence[Any]) -> list[Doc]:
        """Add up the weights' gradients for those (tokens, width) of each Doc's vectors."""
        wanted = [torch.zeros_like(rows) for rows in hidden]
        of_words = [
            xp2torch(gradient)[torch.from_numpy(one.tokens).to(device)]
            for gradient, one in zip(gradients, words, strict=True)
        ]
        for group, rows in zip(groups, wanted, strict=True):
            for cut, row in zip(group, rows, strict=True):
                row[cut.start - cut.first : cut.end - cut.first] = of_words[cut.doc][cut.start : cut.end]
        torch.autograd.backward(hidden, wanted)
        shim.end_pass()
        return []

    return _at_tokens(states, words, docs), backprop


def _at_tokens(states: Sequence[Tensor], words: Sequence[DocWords], docs: Sequence[Doc]) -> list[Any]:
    """The states (words, width) of each Doc at their tokens, as thinc's arrays (tokens, width)."""
    arrays = []
    for rows, one, doc in zip(states, words, docs, strict=True):
        spread = rows
        if len(rows) < len(doc):
            spread = rows.new_zeros(len(doc), rows.shape[1])
            spread[torch.from_numpy(one.tokens).to(rows.device)] = rows
        arrays.append(torch2xp(spread))
    return arrays
