"""spaCy's scores of what is written to each place of a Doc; nothing is predicted here."""

from collections.abc import Iterable, Sequence
from typing import Any

from spacy.scorer import Scorer
from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan
from spacy.training import Example

from seqlabel.formats.docs import spans_of
from seqlabel.spacy.annotations import Place, Target

Score = dict[str, Any]


def score_places(
    examples: Sequence[Example], places: Iterable[Place], *, labels: Sequence[str]
) -> Score:
    """Score what is written to places of a Doc.

    Extensions have no gold labels and so no scores.

    Args:
        examples: Docs with predicted and gold annotation.
        places: The places.
        labels: The labels of categories.

    Returns:
        The scores of all, under spaCy's names: `tag_acc`, `ents_f`, `spans_KEY_f`, `cats_score` and
        so on.
    """
    scores: Score = {}
    for place in places:
        target = place.target
        if target in (Target.POS, Target.TAG, Target.MORPH, Target.LEMMA):
            getter = _morph_of if target is Target.MORPH else getattr
            scores |= Scorer.score_token_attr(examples, target.rstrip("_"), getter=getter)
        elif target is Target.DEP:
            scores |= Scorer.score_spans(examples, "sents", has_annotation=_has_sentences)
            scores |= Scorer.score_deps(examples, "dep", getter=_dep_of, ignore_labels=_NOT_SCORED)
        elif target is Target.SENT_START:
            scores |= Scorer.score_spans(examples, "sents", has_annotation=_has_sentences)
        elif target is Target.ENTS:
            scores |= Scorer.score_spans(examples, "ents", has_annotation=_has_entities)
        elif target is Target.SPANS and any(
            place.name in example.reference.spans for example in examples
        ):
            scores |= _score_group(examples, place.name)
        elif target is Target.CATS:
            # Docs without a category above 0 have no gold: spaCy would take the first category as
            # right.
            known = [
                example
                for example in examples
                if max(example.reference.cats.values(), default=0.0) > 0
            ]
            scores |= (
                Scorer.score_cats(known, "cats", labels=list(labels), multi_label=False)
                if known
                else {}
            )
    return scores


_NOT_SCORED = ("p", "punct")
"""Relations that spaCy leaves out of `dep_uas` and `dep_las`."""


def _dep_of(token: Token, _: str) -> str:
    # As spaCy's own parser is scored: `root` and `ROOT` are the same.
    return token.dep_.lower()


def _morph_of(token: Token, _: str) -> int:
    # `Token.morph` itself is equal to no other object, and spaCy's types leave its key out.
    morph: Any = token.morph
    return int(morph.key)


def _has_sentences(doc: Doc) -> bool:
    return doc.has_annotation("SENT_START")


def _has_entities(doc: Doc) -> bool:
    return doc.has_annotation("ENT_IOB")


def _score_group(examples: Sequence[Example], key: str) -> Score:
    """The scores of a span group, on the tokens that there are now."""

    def group(doc: Doc, _: str) -> Iterable[DocSpan]:
        return spans_of(doc.spans[key]) if key in doc.spans else []

    scores: Score = Scorer.score_spans(
        examples,
        f"spans_{key}",
        getter=group,
        has_annotation=lambda doc: key in doc.spans,
        allow_overlap=True,
        labeled=True,
    )
    return scores
