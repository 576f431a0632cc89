"""The figures of a labeler of private data in several languages, by language."""

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from seqlabel import Document, PrivateFinder
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores import bare

from .by_hand import hand_written, hand_written_in
from .corpora import documents
from .europe import LANGUAGES, Language
from .europe_prose import NAMES_TO_TEST, clean_prose, impersonal_prose, named_to_test
from .generator import Style, generate
from .labels import PiiType
from .measuring import figures_of
from .splits import Split


def held_out() -> list[Document]:
    """The texts written by hand for developing, in all languages."""
    texts = [text for language in LANGUAGES for text in _by_hand(language)]
    return documents(texts)


def _by_hand(language: Language) -> list[tuple[str, list[tuple[int, int, str]]]]:
    return list(hand_written("dev") if language is Language.EN else hand_written_in(language))


def _sums(finder: PrivateFinder, gold: Sequence[Document]) -> dict[str, Any]:
    """The figures of all kinds together."""
    figures = figures_of(finder, gold)
    return {name: figures[name] for name in ("private_words", "private_spans", "exact", "partial")}


def measure_languages(
    data: Path,
    finder: PrivateFinder,
    *,
    texts: int,
    styles: Collection[Style],
    languages: Collection[Language],
) -> dict[str, Any]:
    """All figures by language: of generated texts of the testing half, of the texts by hand, and of
    real text.

    Of real text they are alarms per 1,000 words, all and of persons alone: in clean sentences of
    treebanks, and of persons in law and manuals; and the share of persons in sentences for testing
    that are found, one in part counting a half.
    """
    found: dict[str, Any] = {
        "generated": {},
        "written": {},
        "clean": {},
        "impersonal": {},
        "persons": {},
    }
    for language in languages:
        gold = generate(texts, seed=9, split=Split.TEST, styles=styles, languages=[language])
        found["generated"][str(language)] = _sums(finder, documents(gold))
        found["written"][str(language)] = _sums(finder, documents(_by_hand(language)))
        if language is not Language.EN:
            found["clean"][str(language)] = _alarms(finder, clean_prose(data, language))
            found["impersonal"][str(language)] = _alarms(
                finder, impersonal_prose(data, language, texts)
            )
    for language in NAMES_TO_TEST:
        figures = figures_of(finder, named_to_test(data, language))
        found["persons"][language] = figures["partial_types"][PiiType.PERSON]["recall"]
    return found


def _alarms(finder: PrivateFinder, clean: Sequence[Document]) -> dict[str, float]:
    """The words, and findings in 1,000 of them."""
    labels = [
        span.label for document in finder(bare(clean)) for span in document.spans[LAYER].spans
    ]
    words = sum(map(len, clean))
    per = {"alarms": len(labels), "persons": labels.count(PiiType.PERSON)}
    return {"words": words, **{name: 1000 * count / max(words, 1) for name, count in per.items()}}
