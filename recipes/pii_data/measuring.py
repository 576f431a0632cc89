"""The figures of a finder of private data on texts that share no template and no name with
training.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from seqlabel import Document, PrivateFinder, score_spans
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores import bare, false_alarms, span_figures
from seqlabel.scores.calibration import reliability
from seqlabel.scores.figures import SpanFigures

from .by_hand import PARTS, hand_written
from .corpora import anon_texts, clean_prose, documents
from .generator import ALL_STYLES, generate
from .labels import PiiType
from .mixing import lowered
from .splits import Split
from .training import ANON, Share

SENSITIVITIES = (-1, 0, 1, 2)


def figures_of(finder: PrivateFinder, gold: Sequence[Document]) -> SpanFigures:
    """The figures of what is found in the texts alone, F weighting recall twice."""
    return span_figures(score_spans(zip(gold, finder(bare(gold)), strict=True), LAYER, beta=2.0))


def alarms(finder: PrivateFinder, clean: Sequence[Document]) -> dict[str, float]:
    words = sum(map(len, clean))
    return {"words": words, "false_alarms_per_1000_words": false_alarms(finder(bare(clean)), LAYER)}


def dial(
    finder: PrivateFinder, gold: Sequence[Document], clean: Sequence[Document]
) -> dict[str, Any]:
    """What each sensitivity gives: figures of private words."""
    found = {}
    for sensitivity in SENSITIVITIES:
        other = PrivateFinder(finder.labeler, rules=finder.has_rules, sensitivity=sensitivity)
        found[f"{sensitivity:g}"] = {
            **figures_of(other, gold)["private_words"],
            **alarms(other, clean),
        }
    return found


def calibration(finder: PrivateFinder, gold: Sequence[Document]) -> dict[str, Any]:
    """Of the findings of each fifth of scores, the share that is exactly right, and the share that
    touches a value.
    """
    scores: list[float] = []
    exact: list[bool] = []
    private: list[bool] = []
    for document, found in zip(gold, finder(bare(gold)), strict=True):
        right = set(document.spans[LAYER].spans)
        words = {word for span in right for word in range(span.start, span.end)}
        for span, score in zip(found.spans[LAYER].spans, found.spans[LAYER].scores, strict=True):
            scores.append(min(score, 1.0))
            exact.append(span in right)
            private.append(not words.isdisjoint(range(span.start, span.end)))
    both = {
        "exact": reliability(scores, exact, bins=5),
        "private": reliability(scores, private, bins=5),
    }
    rows = {
        f"{one.low:g} to {one.high:g}": {
            "findings": one.count,
            "mean_score": one.confidence,
            **{name: found.bins[number].accuracy for name, found in both.items()},
        }
        for number, one in enumerate(both["exact"].bins)
        if one.count
    }
    return {"bins": rows, "errors": {name: found.error for name, found in both.items()}}


def measure(data: Path, share: Share, finder: PrivateFinder, *, texts: int) -> dict[str, Any]:
    """All figures on as many generated texts as `texts`, pii_anon's dev part, the texts by hand,
    and clean prose.
    """
    result: dict[str, Any] = {}
    gold: list[Document] = []
    if share.styles:
        gold = documents(generate(texts, seed=9, split=Split.TEST, styles=share.styles))
        result["generated"] = figures_of(finder, gold)
        named = figures_of(finder, lowered(gold))["partial_types"].get(PiiType.PERSON)
        result["lower_case_names_recall"] = named["recall"] if named else 0.0
    if share.anon:
        anon = documents(anon_texts(data / ANON / "dev.jsonl"))
        result[ANON] = figures_of(finder, anon)
        gold = gold or anon
    clean = clean_prose(data)
    if share == Share(ALL_STYLES, True):
        written = {part: documents(hand_written(part)) for part in PARTS}
        for part, texts_of_part in written.items():
            nothing = [document for document in texts_of_part if not document.spans[LAYER].spans]
            result[f"written_{part}"] = figures_of(finder, texts_of_part)
            if nothing:
                result[f"written_{part}"]["clean"] = alarms(finder, nothing)
        # By writers who saw no text to train on, so that this is how thresholds and scores are on
        # the texts of others.
        fields = written["fields"]
        result["fields"] = {
            "calibration": calibration(finder, fields),
            "dial": dial(finder, fields, clean),
        }
    result["calibration"] = calibration(finder, gold)
    return {**result, "clean_prose": alarms(finder, clean)}
