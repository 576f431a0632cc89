"""The spaCy pipe `seqlabel`: a trained labeler or classifier writes what it finds to Docs; no training.

    nlp.add_pipe("seqlabel", config={"model": "en_pos"})

The weights are part of the pipeline: `nlp.to_disk`, `nlp.to_bytes` and processes take them along.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Union, cast

from spacy.language import Language
from spacy.pipeline import Pipe
from spacy.strings import StringStore
from spacy.tokens import Doc
from spacy.training import Example
from spacy.util import logger
from thinc.util import get_torch_default_device

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, OptionError, SeqlabelError
from seqlabel.models.classifier import Classifier
from seqlabel.models.fast import Arithmetic
from seqlabel.models.labeler import Labeler
from seqlabel.privacy.finder import LAYER
from seqlabel.spacy.annotations import Existing, Place, check_place, default_places, write_categories, write_layer
from seqlabel.spacy.reading import DocWords, tags_of_docs, text_words_of, words_of
from seqlabel.spacy.running import WorkingPipe, categories_of, label_batch, label_stream
from seqlabel.spacy.scorers import score_places
from seqlabel.spacy.storing import StoredModel, arithmetic_named, is_shipped, load_named, load_stored, unpack_stored
from seqlabel.text.tokenisers import Words


class LayerTags(NamedTuple):
    """What a labeler found in a Doc: the words that it read, and the tags of each layer that is written."""

    words: DocWords
    layers: Mapping[str, FoundTags]


class SeqlabelPipe(Pipe):
    """A labeler or a classifier in a pipeline; labels what goes through and writes it where `targets` say.

    `targets` maps layers to one or several places: `pos_`, `tag_`, `extension` or `extension:NAME` for layers of tags,
    `ents`, `spans` or `spans:NAME` for layers of spans, `cats` for categories. A layer that it lacks is not written;
    None writes all, `upos` to `pos_`, `xpos` to `tag_`, other tags to extensions of their names, `ner` to `ents` and
    `spans:seqlabel_ner`, `pii` to `ents` and `spans:pii`, other spans to `spans`, categories to `cats`. Probabilities
    are in `Doc.spans[NAME].attrs["scores"]`, in `Token._.NAME_score`, and for `pos_` and `tag_` in
    `Doc.user_data["seqlabel", "pos_"]`, one a token.

    A labeler with finer words than spaCy's reads the text by its own; a span then takes all tokens that it touches, and
    spans that meet on a token become one.

    Without a `model` the pipe waits for one to be loaded, and when it is used before raises the error `missing`. Raises
    `OptionError` for targets that are none, or do not fit the layers.
    """

    def __init__(
        self,
        name: str,
        model: Labeler | Classifier | None,
        *,
        compact: bool = False,
        targets: Mapping[str, str | Sequence[str]] | None = None,
        existing: Existing = Existing.KEEP,
        arithmetic: Arithmetic = Arithmetic.AUTO,
        missing: SeqlabelError | None = None,
    ) -> None:
        self.name = name
        self.targets = targets
        self._wanted = None if targets is None else {layer: _places_of(layer, targets[layer]) for layer in targets}
        self.existing = existing
        self.arithmetic = arithmetic
        self._missing = missing
        self.model: Labeler | Classifier | None = None
        if model is not None:
            self._use(StoredModel(model, compact))

    def _use(self, stored: StoredModel) -> None:
        model = stored.model
        layers: dict[str, TagSet | None] = (
            {model.config.layer: None}
            if isinstance(model, Classifier)
            else {tag_set.layer: tag_set for tag_set in model.tag_sets}
        )
        wanted = self._wanted
        foreign = [] if wanted is None else sorted(set(wanted) - layers.keys())
        if foreign:
            raise OptionError(f"targets: found layer {foreign[0]!r}; this model has {', '.join(layers)}")
        places: list[tuple[str, Place]] = []
        for layer, tag_set in layers.items():
            if wanted is None:
                places += [(layer, place) for place in default_places(layer, tag_set)]
            elif layer in wanted:
                places += [(layer, place) for place in wanted[layer]]
        taken: dict[str, str] = {}
        for layer, place in places:
            check_place(place, layer, layers[layer])
            for attribute in place.attributes:
                if attribute in taken:
                    raise OptionError(
                        f"targets: found {attribute} for layers {taken[attribute]!r} and {layer!r}; one would be lost"
                    )
                taken[attribute] = layer
        model.module.to(get_torch_default_device())
        model.module.eval()
        self._places = places
        self._inference = model.inference.with_arithmetic(self.arithmetic) if isinstance(model, Labeler) else None
        self._stored = stored
        self.model = model
        if any(layer == LAYER for layer, _ in places):
            logger.warning(
                "%s: The model finds the layer %r without the rules for values such as card numbers and IP addresses. "
                "Use the pipe `private_finder`, which has both, for all private data.",
                self.name,
                LAYER,
            )

    def _loaded(self) -> Labeler | Classifier:
        """The labeler or classifier. Where there is none, and none was loaded since, raises what is said of that."""
        # Not a property `model`: spaCy looks whether a pipe has one, before its weights are loaded.
        if self.model is None:
            if self._missing is None:
                raise CheckpointError(f"{self.name}: found no model; load one with from_disk or from_bytes")
            # A new one: threads may raise it at once, and each hangs its own trace on it.
            raise type(self._missing)(*self._missing.args)
        return self.model

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of all layers."""
        model = self.model
        if model is None:
            return ()
        if isinstance(model, Classifier):
            return model.config.labels
        return tuple(dict.fromkeys(label for tag_set in model.tag_sets for label in tag_set.labels))

    def __call__(self, doc: Doc) -> Doc:
        """Label a Doc. An error goes to the error handler, and, if that lets it pass, no Doc is given back."""
        done = label_batch(cast(WorkingPipe, self), [doc])
        return done[0] if done else cast(Doc, None)

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Label Docs as they come."""
        return label_stream(cast(WorkingPipe, self), stream, batch_size=batch_size)

    def predict(self, docs: Sequence[Doc]) -> list[LayerTags] | list[Mapping[str, float]]:
        """For each Doc its layers' tags, or its categories; the Docs stay as they are."""
        model = self._loaded()
        if isinstance(model, Classifier):
            return categories_of(model, docs)
        if model.config.words is Words.SPACY:
            words = [words_of(doc) for doc in docs]
        else:
            strings = StringStore()
            words = [text_words_of(doc, model.tokenise, strings) for doc in docs]
        layers = [tag_set.layer for tag_set in model.tag_sets]
        # What is written nowhere need not be found.
        asked = list(dict.fromkeys(layer for layer, _ in self._places))
        assert self._inference is not None
        tags = tags_of_docs(self._inference, words, heads=[layers.index(one) for one in asked])
        found = dict(zip(asked, tags, strict=True))
        return [
            LayerTags(one, {layer: tags[number] for layer, tags in found.items()}) for number, one in enumerate(words)
        ]

    def set_annotations(self, docs: Sequence[Doc], predictions: list[LayerTags] | list[Mapping[str, float]]) -> None:
        """Write what was found to the Docs."""
        model = self._loaded()
        for doc, found in zip(docs, predictions, strict=True):
            if isinstance(found, LayerTags):
                assert isinstance(model, Labeler)
                tag_sets = {tag_set.layer: tag_set for tag_set in model.tag_sets}
                for layer, place in self._places:
                    write_layer(doc, place, found.words, found.layers[layer], tag_sets[layer], existing=self.existing)
            elif self._places:
                write_categories(doc, cast(Mapping[str, float], found), existing=self.existing)

    def score(self, examples: Iterable[Example], **_: Any) -> dict[str, Any]:
        """spaCy's scores of what is written, and calibration errors."""
        self._loaded()
        return score_places(list(examples), self._places, labels=self.labels)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The model's files, packed."""
        self._loaded()
        return self._stored.to_bytes()

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> "SeqlabelPipe":
        """Take the model that `to_bytes` packed. Raises `CheckpointError` if it is damaged."""
        self._use(unpack_stored(data, arithmetic=self.arithmetic))
        return self

    def to_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> None:
        """Write the model to a folder, as compactly as it was loaded (`StoredModel.to_disk`)."""
        self._loaded()
        self._stored.to_disk(path)

    def from_disk(self, path: Path | str, *, exclude: Iterable[str] = ()) -> "SeqlabelPipe":
        """Take the model in a folder. Raises `CheckpointError` if a file is missing or damaged."""
        self._use(load_stored(Path(path), arithmetic=self.arithmetic))
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        model = None if self.model is None else self.to_bytes()
        state = (self.name, self.targets, self.existing, self.arithmetic, self._missing, model)
        return _restored, (*state, getattr(self, "error_handler", None))


def _places_of(layer: str, written: str | Sequence[str]) -> list[Place]:
    """The places that a config names for a layer."""
    return [Place.read(name, layer=layer) for name in ([written] if isinstance(written, str) else written)]


def _restored(
    name: str,
    targets: Mapping[str, str | Sequence[str]] | None,
    existing: Existing,
    arithmetic: Arithmetic,
    missing: SeqlabelError | None,
    model: bytes | None,
    error_handler: Callable[..., None] | None,
) -> SeqlabelPipe:
    pipe = SeqlabelPipe(name, None, targets=targets, existing=existing, arithmetic=arithmetic, missing=missing)
    if model is not None:
        pipe.from_bytes(model)
    if error_handler is not None:
        pipe.set_error_handler(cast(Any, error_handler))
    return pipe


@Language.factory(
    "seqlabel",
    assigns=["token.pos", "token.tag", "doc.ents", "doc.spans", "doc.cats"],
    default_config={"model": "en_pos", "targets": None, "existing": "keep", "arithmetic": "auto"},
)
def create_seqlabel(
    nlp: Language,
    name: str,
    model: str,
    targets: Union[dict[str, Union[str, list[str]]], None],  # noqa: UP007
    existing: str,
    arithmetic: str,
) -> SeqlabelPipe:
    """Make the pipe `seqlabel` of a config: `model` is a folder or the name of a model that ships.

    Where there is no such folder, or it holds no model or one that the targets do not fit, the pipe is made all the
    same, as spaCy makes pipes before it loads their weights, wherever it is run; it then raises `CheckpointError` or
    `OptionError` when it is used. Raises `OptionError` for a model without a name, and for a policy, a number format or
    targets that are not known.
    """
    numbers = arithmetic_named(arithmetic)
    policy = Existing.named(existing)
    is_shipped(model)
    make = partial(SeqlabelPipe, name, targets=targets, existing=policy, arithmetic=numbers)
    try:
        stored = load_named(model, arithmetic=numbers)
        return make(stored.model, compact=stored.compact)
    except SeqlabelError as error:
        # Without its trace, which would keep alive what was read.
        return make(None, missing=type(error)(*error.args))
