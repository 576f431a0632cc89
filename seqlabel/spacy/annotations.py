"""Labels → spaCy Docs: tags, entities, span groups, categories; nothing is predicted in here.

The token attributes of a batch of Docs are made as one table (`token_table`), without a loop over
tokens. What a Doc already has is dealt with as `Existing` says.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import compress
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.parts_of_speech import IDS
from spacy.tokens import Doc, SpanGroup, Token
from spacy.tokens import Span as DocSpan

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import BEGINS, CONTINUES, Spans
from seqlabel.documents.edit_scripts import is_script
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.overlaps import overlapping
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import OptionError
from seqlabel.formats.docs import EXACT, exact_characters, spans_of
from seqlabel.privacy.rules.kinds import KINDS
from seqlabel.spacy.doc_words import token_characters


class Existing(StrEnum):
    """The treatment of annotation that a Doc already has."""

    KEEP = "keep"
    """Existing annotation stays; a prediction that overlaps it is not written. Blocked tokens get
    no entity.
    """
    OVERRIDE = "override"
    """Existing annotation stays where nothing is predicted; a prediction replaces what it overlaps.
    """
    CLEAR = "clear"
    """All existing annotation is removed before predictions are written."""


class Target(StrEnum):
    """Where in a Doc a layer is written."""

    POS = "pos_"
    """`Token.pos_`, of a layer of tags that are universal parts of speech."""
    TAG = "tag_"
    """`Token.tag_`, of a layer of tags."""
    MORPH = "morph"
    """`Token.morph`, of a layer of tags that are universal features."""
    LEMMA = "lemma_"
    """`Token.lemma_`, of a layer of edit scripts."""
    SENT_START = "is_sent_start"
    """`Token.is_sent_start`, of a layer of tags that are `B` and `I`."""
    DEP = "dep_"
    """`Token.head`, `Token.dep_` and `Token.is_sent_start`, of a layer of trees."""
    EXTENSION = "extension"
    """`Token._.NAME` and its probability `Token._.NAME_score`, of a layer of tags."""
    ENTS = "ents"
    """`Doc.ents`, of a layer of spans."""
    SPANS = "spans"
    """`Doc.spans[NAME]`, of a layer of spans; probabilities are in its `attrs["scores"]`."""
    CATS = "cats"
    """`Doc.cats`, of a layer of categories."""


@dataclass(frozen=True)
class Place:
    """A target and its name: a key of `Doc.spans`, or an extension attribute; other targets have
    none.
    """

    target: Target
    name: str = ""

    @classmethod
    def read(
        cls,
        written: str,
        *,
        layer: str,
        option: str = "targets",
        allowed: Iterable[Target] = Target,
    ) -> "Place":
        """Read the place that a config names.

        Args:
            written: `ents`, `spans`, `spans:NAME` and so on; without a name, that of the layer is
                taken.
            layer: The layer that is there.
            option: The name of the option, for messages.
            allowed: The targets to choose from.

        Returns:
            The place.

        Raises:
            OptionError: For anything else.
        """
        target, colon, name = written.partition(":")
        choices = list(allowed)
        named = [choice for choice in choices if choice in (Target.SPANS, Target.EXTENSION)]
        if target not in choices or (colon and (not name or target not in named)):
            forms = [*choices, *(f"{choice}:NAME" for choice in named)]
            raise OptionError(
                f"{option}: expected one of {', '.join(forms)} for layer {layer!r}, got "
                f"{written!r}."
            )
        return cls(Target(target), (name or layer) if target in named else "")

    @property
    def attributes(self) -> tuple[str, ...]:
        """The attributes of a Doc that are written."""
        if self.target is Target.EXTENSION:
            return f"{self.target}:{self.name}", f"{self.target}:{self.name}_score"
        return (f"{self.target}:{self.name}" if self.name else str(self.target),)


def user_data(doc: Doc) -> dict[Any, Any]:
    """Give the data of components in a Doc, which spaCy's types leave out.

    Args:
        doc: Any Doc.

    Returns:
        The Doc's own dictionary.
    """
    untyped: Any = doc
    user_data: dict[Any, Any] = untyped.user_data
    return user_data


def tag_scores_key(target: Target) -> tuple[str, str]:
    """Give the key of `Doc.user_data` that holds the probabilities of an attribute of tokens.

    Args:
        target: Such an attribute, as `pos_`.

    Returns:
        The key.
    """
    return "seqlabel", str(target)


def tag_scores(doc: Doc, target: Target) -> npt.NDArray[np.float32] | None:
    """Read the probabilities of an attribute of tokens.

    Args:
        doc: Any Doc.
        target: Such an attribute, as `pos_`.

    Returns:
        Probabilities (tokens,). None where there are none, or where a later pipe merged or split
        tokens.
    """
    written = user_data(doc).get(tag_scores_key(target))
    if written is None or len(written) != len(doc):
        return None
    return np.asarray(written, dtype=np.float32)


def _is_features(label: str) -> bool:
    return label == "_" or all(0 < part.find("=") < len(part) - 1 for part in label.split("|"))


class _Attribute(NamedTuple):
    """An attribute of tokens: the layer that is written to it by default, and the labels that it
    takes.
    """

    layer: str
    takes: str
    fits: Callable[[str], bool]


_ATTRIBUTES = {
    Target.POS: _Attribute("upos", "universal parts of speech", IDS.__contains__),
    Target.TAG: _Attribute("xpos", "any label", lambda label: True),
    Target.MORPH: _Attribute("feats", "universal features", _is_features),
    Target.LEMMA: _Attribute("lemma", "edit scripts", is_script),
    Target.SENT_START: _Attribute(
        "sentence", f"{BEGINS} and {CONTINUES}", (BEGINS, CONTINUES).__contains__
    ),
}


def check_labels(target: Target, layer: str, labels: Iterable[str]) -> None:
    """Check that a target takes labels.

    Args:
        target: The target of a layer of tags.
        layer: The name of the layer.
        labels: The labels.

    Raises:
        OptionError: For a label that the target does not have.
    """
    attribute = _ATTRIBUTES.get(target)
    foreign = (
        [] if attribute is None else sorted(label for label in labels if not attribute.fits(label))
    )
    if attribute is not None and foreign:
        raise OptionError(
            f"targets: layer {layer!r} has the label {foreign[0]!r}, and {target} takes "
            f"{attribute.takes}. Write it to {Target.TAG} or {Target.EXTENSION}."
        )


class _Member(NamedTuple):
    """A span of a group, its probability, and the findings in it with their exact characters, if
    they are known.
    """

    span: DocSpan
    score: float
    exact: tuple[CharacterSpan, ...]


def write_group(
    doc: Doc, key: str, group: Spans, *, existing: Existing, exact: Sequence[CharacterSpan] = ()
) -> None:
    """Write `Doc.spans[key]`, with the probabilities in `attrs["scores"]`.

    With `KEEP` new spans may overlap those that stay: the group then has both. Spans that stay keep
    their probabilities, and get 1.0 if they have none.

    Args:
        doc: The Doc to write to.
        key: The name of the group.
        group: Spans of tokens, with scores.
        existing: How to treat existing spans.
        exact: The findings that these spans were made of, with offsets of characters;
            `attrs["characters"]` has those of each span (`seqlabel.formats.docs.exact_characters`).
    """
    written = []
    for span, score in zip(group.spans, group.scores, strict=True):
        here = DocSpan(doc, span.start, span.end, label=span.label)
        members = tuple(overlapping(exact, here.start_char, here.end_char)) if exact else ()
        written.append(_Member(here, score, members))
    if existing is not Existing.CLEAR and key in doc.spans:
        existing_members = _members(doc.spans[key])
        if existing is Existing.KEEP:
            known = {member.span for member in existing_members}
            written = [
                *existing_members,
                *(member for member in written if member.span not in known),
            ]
        else:
            covered = np.zeros(len(doc), dtype=bool)
            for span in group.spans:
                covered[span.start : span.end] = True
            written += [
                member
                for member in existing_members
                if not covered[member.span.start : member.span.end].any()
            ]
        written.sort(key=lambda member: (member.span.start, member.span.end))
    attrs: dict[str, Any] = {"scores": [member.score for member in written]}
    if any(member.exact for member in written):
        attrs[EXACT] = [list(map(_plain, member.exact)) for member in written]
    doc.spans[key] = SpanGroup(
        doc, name=key, attrs=attrs, spans=[member.span for member in written]
    )


def _plain(span: CharacterSpan) -> list[Any]:
    """A finding as MessagePack holds it; `dataclasses.astuple` would take ten times as long."""
    return [span.start, span.end, span.label, span.score, span.source]


def _members(group: SpanGroup) -> list[_Member]:
    spans = spans_of(group)
    scores = list(group.attrs.get("scores", ()))
    exact = exact_characters(group)
    if len(scores) != len(spans):
        scores = [1.0] * len(spans)
    if exact is None or len(exact) != len(spans):
        exact = [()] * len(spans)
    return list(map(_Member, spans, scores, exact))


def write_categories(doc: Doc, scores: Mapping[str, float], *, existing: Existing) -> None:
    """Write `Doc.cats`.

    Args:
        doc: The Doc to write to.
        scores: The probability of each category.
        existing: How to treat existing categories.
    """
    before = {} if existing is Existing.CLEAR else doc.cats
    doc.cats = {**scores, **before} if existing is Existing.KEEP else {**before, **scores}


def add_extension(name: str) -> None:
    """Register `Token._.NAME` and `Token._.NAME_score`.

    Args:
        name: The name of the attribute.

    Raises:
        OptionError: Where another package has an attribute of such a name.
    """
    for attribute in (name, f"{name}_score"):
        if not Token.has_extension(attribute):
            Token.set_extension(attribute, default=None)
        elif Token.get_extension(attribute) != (None, None, None, None):
            raise OptionError(
                f"targets: expected a free name, got Token._.{attribute}, which is another "
                "extension. Write the layer to another name."
            )


def write_extension(
    doc: Doc,
    name: str,
    tokens: npt.NDArray[np.int64],
    tags_of_words: FoundTags,
    labels: Sequence[str],
    *,
    existing: Existing,
) -> None:
    """Write `Token._.NAME` and `Token._.NAME_score` of words.

    Args:
        doc: The Doc to write to.
        name: The name of the attribute.
        tokens: The numbers of the tokens to tag, (words,).
        tags_of_words: Their tags.
        labels: The label of each tag number.
        existing: How to treat existing values.
    """
    starts = token_characters(doc)[tokens, 0].tolist()
    # The keys under which spaCy's underscore keeps a token's attributes.
    keys: list[Any] = [("._.", name, start, None) for start in starts]
    is_written = [existing is not Existing.KEEP or doc.user_data.get(key) is None for key in keys]
    tags = [labels[number] for number in tags_of_words.ids.tolist()]
    doc.user_data.update(compress(zip(keys, tags, strict=True), is_written))
    sure: list[Any] = [("._.", f"{name}_score", key[2], None) for key in keys]
    doc.user_data.update(
        compress(zip(sure, tags_of_words.scores.tolist(), strict=True), is_written)
    )


def default_places(layer: str, tag_set: LabelSet) -> list[Place]:
    """Choose where a layer is written if the config does not say so.

    Entities and private data go to `Doc.ents` and, with probabilities, to a span group.

    Args:
        layer: The name of the layer.
        tag_set: Its labels.

    Returns:
        The places.
    """
    if tag_set.unit is Unit.DOCUMENT:
        return [Place(Target.CATS)]
    if tag_set.scheme is not None:
        # Not "ner": that is what `from_doc` calls the layer of `Doc.ents`.
        probable = Place(Target.SPANS, "seqlabel_ner" if layer == "ner" else layer)
        return [Place(Target.ENTS), probable] if layer in ("ner", "pii") else [probable]
    if tag_set.unit is Unit.SENTENCE:
        return [Place(Target.DEP)]
    known = {attribute.layer: target for target, attribute in _ATTRIBUTES.items()}
    return [Place(known[layer]) if layer in known else Place(Target.EXTENSION, layer)]


def check_place(place: Place, layer: str, tag_set: LabelSet) -> None:
    """Check that a place can hold a layer.

    Args:
        place: The place.
        layer: The name of the layer.
        tag_set: Its labels.

    Raises:
        OptionError: If it cannot.
    """
    if tag_set.unit is Unit.DOCUMENT:
        allowed = [Target.CATS]
    elif tag_set.unit is Unit.SENTENCE:
        allowed = [Target.DEP]
    elif tag_set.scheme is None:
        allowed = [*_ATTRIBUTES, Target.EXTENSION]
    else:
        allowed = [Target.ENTS, Target.SPANS]
    if place.target not in allowed:
        raise OptionError(
            f"targets: expected one of {', '.join(allowed)} for layer {layer!r}, got "
            f"{str(place.target)!r}."
        )
    check_labels(place.target, layer, tag_set.labels)
    if place.target is Target.EXTENSION:
        add_extension(place.name)


PII_COLORS: dict[str, str] = {label: kind.color for label, kind in KINDS.items() if kind.color}
"""displaCy's background colours of labels of private data: one for people, contacts, records,
money, network, secrets and official numbers. Labels that displaCy has a colour for, such as PERSON,
keep it."""
