"""spaCy's scores of pipelines, and beside them whether the probabilities can be believed; nothing is predicted here.

A calibration error (`seqlabel.calibration`) is that of the words or spans that were predicted with a probability; None
where there are none.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import numpy as np
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.tokens import Span as DocSpan
from spacy.training import Example

from seqlabel.calibration import reliability
from seqlabel.spacy_annotations import Place, Target, tag_scores_key

Score = dict[str, Any]


def score_places(examples: Sequence[Example], places: Iterable[Place], *, labels: Sequence[str]) -> Score:
    """The scores of what is written to some places of a Doc; extensions have no gold labels and so no scores."""
    scores: Score = {}
    for place in places:
        if place.target in (Target.POS, Target.TAG):
            scores |= score_token_tags(examples, place.target)
        elif place.target is Target.ENTS:
            scores |= score_entities(examples)
        elif place.target is Target.SPANS and any(place.name in example.reference.spans for example in examples):
            scores |= score_groups(examples, place.name)
        elif place.target is Target.CATS and any(example.reference.cats for example in examples):
            scores |= score_labels(examples, labels)
    return scores


def score_token_tags(examples: Sequence[Example], target: Target) -> Score:
    """`pos_acc` or `tag_acc`, and `pos_calibration_error` or `tag_calibration_error`."""
    attribute = str(target).rstrip("_")
    scores: Score = Scorer.score_token_attr(examples, attribute)
    key = tag_scores_key(target)
    confidences: list[float] = []
    correct: list[bool] = []
    for example in examples:
        sure: Any = cast(Any, example.predicted).user_data.get(key)
        if sure is None:
            continue
        gold = example.get_aligned(attribute.upper())
        found = example.predicted.to_array(attribute.upper()).tolist()
        for wanted, label, score in zip(gold, found, np.asarray(sure).tolist(), strict=True):
            if wanted and score == score:
                confidences.append(score)
                correct.append(wanted == label)
    return {**scores, f"{attribute}_calibration_error": _error(confidences, correct)}


def score_entities(examples: Sequence[Example], *, key: str | None = None) -> Score:
    """`ents_p`, `ents_r`, `ents_f`, `ents_per_type`; with the `key` of a span group, `ents_calibration_error` too.

    The group has the entities' probabilities in its `attrs["scores"]`.
    """
    scores: Score = Scorer.score_spans(examples, "ents", has_annotation=_has_entities)
    if key is not None:
        scores["ents_calibration_error"] = _error_of_spans(examples, key, lambda doc: doc.ents, _has_entities)
    return scores


def score_groups(examples: Sequence[Example], key: str) -> Score:
    """`spans_KEY_p`, `spans_KEY_r`, `spans_KEY_f`, `spans_KEY_per_type` and `spans_KEY_calibration_error`."""

    def group(doc: Doc, _: str = "") -> Iterable[DocSpan]:
        return cast(Iterable[DocSpan], doc.spans.get(key, ()))

    def has(doc: Doc) -> bool:
        return key in doc.spans

    scores: Score = Scorer.score_spans(
        examples, f"spans_{key}", getter=group, has_annotation=has, allow_overlap=True, labeled=True
    )
    return {**scores, f"spans_{key}_calibration_error": _error_of_spans(examples, key, group, has)}


def score_labels(examples: Sequence[Example], labels: Sequence[str]) -> Score:
    """spaCy's scores of categories, one of which is right, and `cats_calibration_error`."""
    scores: Score = Scorer.score_cats(examples, "cats", labels=list(labels), multi_label=False)
    confidences: list[float] = []
    correct: list[bool] = []
    for example in examples:
        gold, found = example.reference.cats, example.predicted.cats
        if gold and found:
            best = max(found, key=found.__getitem__)
            confidences.append(found[best])
            correct.append(gold.get(best, 0.0) == max(gold.values()))
    return {**scores, "cats_calibration_error": _error(confidences, correct)}


def _has_entities(doc: Doc) -> bool:
    return doc.has_annotation("ENT_IOB")


def _error_of_spans(
    examples: Sequence[Example],
    key: str,
    gold_of: Callable[[Doc], Iterable[DocSpan]],
    has_gold: Callable[[Doc], bool],
) -> float | None:
    confidences: list[float] = []
    correct: list[bool] = []
    for example in examples:
        group = example.predicted.spans.get(key)
        scores = [] if group is None else list(group.attrs.get("scores", ()))
        if group is None or len(scores) != len(group) or not has_gold(example.reference):
            continue
        gold = {(span.start_char, span.end_char, span.label_) for span in gold_of(example.reference)}
        confidences += scores
        correct += [(span.start_char, span.end_char, span.label_) in gold for span in group]
    return _error(confidences, correct)


def _error(confidences: Sequence[float], correct: Sequence[bool]) -> float | None:
    return reliability(confidences, correct).error if confidences else None


def make_tagger_scorer() -> Callable[..., Score]:
    """The scorer of `seqlabel_tagger`: accuracy and calibration of the attribute that it writes."""
    return _score_tagger


def _score_tagger(examples: Iterable[Example], *, attribute: str, **_: Any) -> Score:
    return score_token_tags(list(examples), Target(f"{attribute}_"))


def make_ner_scorer() -> Callable[..., Score]:
    """The scorer of `seqlabel_ner`: spaCy's keys of entities, and calibration."""
    return _score_ner


def _score_ner(examples: Iterable[Example], *, spans_key: str | None = None, **_: Any) -> Score:
    return score_entities(list(examples), key=spans_key)


def make_textcat_scorer() -> Callable[..., Score]:
    """The scorer of `seqlabel_textcat`: spaCy's keys of categories that exclude each other, and calibration."""
    return _score_textcat


def _score_textcat(examples: Iterable[Example], *, labels: Sequence[str], **_: Any) -> Score:
    return score_labels(list(examples), labels)
