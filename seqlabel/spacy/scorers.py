"""spaCy's scores of pipelines, and beside them whether the probabilities can be believed; nothing is predicted here.

A calibration error (`scores.calibration`) is that of the words or spans that were predicted with a probability; None
where there are none.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from spacy.scorer import Scorer
from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan
from spacy.training import Example

from seqlabel.documents.spans import CharacterSpan
from seqlabel.formats.docs import characters_of, spans_of
from seqlabel.scores.calibration import reliability
from seqlabel.spacy.annotations import Place, Target, tag_scores

Score = dict[str, Any]


def score_places(examples: Sequence[Example], places: Mapping[str, Sequence[Place]], *, labels: Sequence[str]) -> Score:
    """Score the layers that are written to places of a Doc.

    Extensions have no gold labels and so no scores. The probabilities of a layer's entities are those of its span
    group, if it is also written to one.

    Args:
        examples: Docs with predicted and gold annotation.
        places: The places that each layer is written to.
        labels: The labels of categories.

    Returns:
        The scores of all.
    """
    scores: Score = {}
    for written in places.values():
        key = next((place.name for place in written if place.target is Target.SPANS), None)
        for place in written:
            if place.target in (Target.POS, Target.TAG, Target.MORPH, Target.LEMMA):
                scores |= score_token_tags(examples, place.target)
            elif place.target is Target.SENT_START:
                scores |= Scorer.score_spans(examples, "sents", has_annotation=_has_sentences)
            elif place.target is Target.ENTS:
                scores |= score_entities(examples, key=key)
            elif place.target is Target.SPANS and any(place.name in example.reference.spans for example in examples):
                scores |= score_groups(examples, place.name)
            elif place.target is Target.CATS and any(example.reference.cats for example in examples):
                scores |= score_labels(examples, labels)
    return scores


def score_token_tags(examples: Sequence[Example], target: Target) -> Score:
    """Score tags of tokens.

    Args:
        examples: Docs with predicted and gold annotation.
        target: `pos_`, `tag_`, `morph` or `lemma_`.

    Returns:
        `pos_acc` and `pos_calibration_error`, and likewise of the other targets.
    """
    attribute = str(target).rstrip("_")
    getter = _morph_of if target is Target.MORPH else getattr
    scores: Score = Scorer.score_token_attr(examples, attribute, getter=getter)
    sure: list[tuple[float, bool]] = []
    for example in examples:
        predicted = tag_scores(example.predicted, target)
        if predicted is not None:
            gold = example.get_aligned(attribute.upper())
            found = example.predicted.to_array(attribute.upper()).tolist()
            rows = zip(gold, found, predicted.tolist(), strict=True)
            sure += [(score, wanted == label) for wanted, label, score in rows if wanted and score == score]
    return {**scores, f"{attribute}_calibration_error": _error(sure)}


def _morph_of(token: Token, _: str) -> int:
    # `Token.morph` itself is equal to no other object, and spaCy's types leave its key out.
    morph: Any = token.morph
    return int(morph.key)


def _has_sentences(doc: Doc) -> bool:
    return bool(doc.has_annotation("SENT_START"))


def score_entities(examples: Sequence[Example], *, key: str | None = None) -> Score:
    """Score entities.

    Args:
        examples: Docs with predicted and gold annotation.
        key: The span group whose `attrs["scores"]` has the entities' probabilities.

    Returns:
        `ents_p`, `ents_r`, `ents_f`, `ents_per_type`, and with a key `ents_calibration_error`.
    """
    scores: Score = Scorer.score_spans(examples, "ents", has_annotation=_has_entities)
    if key is not None:
        scores["ents_calibration_error"] = _error_of_spans(examples, key, _entities_of)
    return scores


def score_groups(examples: Sequence[Example], key: str) -> Score:
    """Score a span group.

    Args:
        examples: Docs with predicted and gold annotation.
        key: The name of the group.

    Returns:
        `spans_KEY_p`, `spans_KEY_r`, `spans_KEY_f`, `spans_KEY_per_type` and `spans_KEY_calibration_error`.
    """

    def group(doc: Doc, _: str = "") -> Iterable[DocSpan]:
        return spans_of(doc.spans[key]) if key in doc.spans else []

    scores: Score = Scorer.score_spans(
        examples,
        f"spans_{key}",
        getter=group,
        has_annotation=lambda doc: key in doc.spans,
        allow_overlap=True,
        labeled=True,
    )
    error = _error_of_spans(examples, key, lambda doc: characters_of(doc.spans[key]) if key in doc.spans else None)
    return {**scores, f"spans_{key}_calibration_error": error}


def score_labels(examples: Sequence[Example], labels: Sequence[str]) -> Score:
    """Score categories, one of which is right.

    Docs without a category above 0 have no gold and are left out: spaCy would take the first category as right.

    Args:
        examples: Docs with predicted and gold annotation.
        labels: The categories.

    Returns:
        spaCy's scores and `cats_calibration_error`.
    """
    known = [example for example in examples if max(example.reference.cats.values(), default=0.0) > 0]
    scores: Score = Scorer.score_cats(known, "cats", labels=list(labels), multi_label=False)
    sure: list[tuple[float, bool]] = []
    for example in known:
        gold, found = example.reference.cats, example.predicted.cats
        if found:
            best = max(found, key=found.__getitem__)
            sure.append((found[best], gold.get(best, 0.0) == max(gold.values())))
    return {**scores, "cats_calibration_error": _error(sure)}


def _entities_of(doc: Doc) -> list[CharacterSpan] | None:
    spans = [CharacterSpan(span.start_char, span.end_char, span.label_) for span in doc.ents]
    return spans if _has_entities(doc) else None


def _has_entities(doc: Doc) -> bool:
    return doc.has_annotation("ENT_IOB")


def _error_of_spans(
    examples: Sequence[Example], key: str, gold_of: Callable[[Doc], Iterable[CharacterSpan] | None]
) -> float | None:
    sure: list[tuple[float, bool]] = []
    for example in examples:
        group, gold = example.predicted.spans.get(key), gold_of(example.reference)
        scores = [] if group is None else list(group.attrs.get("scores", ()))
        if group is not None and gold is not None and len(scores) == len(group):
            sure += zip(scores, map(set(gold).__contains__, characters_of(group)), strict=True)
    return _error(sure)


def _error(sure: Sequence[tuple[float, bool]]) -> float | None:
    """The calibration error of probabilities, each with whether its prediction is right."""
    return reliability([score for score, _ in sure], [right for _, right in sure]).error if sure else None


def make_tagger_scorer() -> Callable[..., Score]:
    """Make the scorer of `seqlabel_tagger`.

    Returns:
        A function that gives accuracy and calibration of the attribute that is written.
    """
    return _score_tagger


def _score_tagger(examples: Iterable[Example], *, attribute: str, **_: Any) -> Score:
    return score_token_tags(list(examples), Target(f"{attribute}_"))


def make_ner_scorer() -> Callable[..., Score]:
    """Make the scorer of `seqlabel_ner`.

    Returns:
        A function that gives spaCy's scores of entities, and calibration.
    """
    return _score_ner


def _score_ner(examples: Iterable[Example], *, spans_key: str | None = None, **_: Any) -> Score:
    return score_entities(list(examples), key=spans_key)


def make_textcat_scorer() -> Callable[..., Score]:
    """Make the scorer of `seqlabel_textcat`.

    Returns:
        A function that gives spaCy's scores of exclusive categories, and calibration.
    """
    return _score_textcat


def _score_textcat(examples: Iterable[Example], *, labels: Sequence[str], **_: Any) -> Score:
    return score_labels(list(examples), labels)
