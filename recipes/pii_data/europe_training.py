"""What a labeler of private data in several languages is trained on, and its figures by language."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqlabel import Document, Labeler, PrivateFinder
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores import bare

from .by_hand import hand_written, hand_written_in
from .common_words import common_texts
from .corpora import paragraphs, treebank, with_open_spans
from .europe import LANGUAGES, Language, generate_european, harmless_texts
from .europe_prose import (
    NAMES_TO_TEST,
    clean_prose,
    impersonal_prose,
    named_prose,
    named_to_test,
    plain_prose,
    treebank_prose,
)
from .generator import Style, generate
from .identities import identity_texts
from .keys import single_values
from .labels import PiiType
from .machine_texts import machine_documents
from .measuring import documents, figures_of
from .mixing import IN_PUBLIC, joined, of_nobody, recased, with_tags
from .redrawn import redrawn_texts
from .splits import Split


@dataclass(frozen=True)
class Mix:
    """How much of each source is trained on: texts and sentences, in each language or file where nothing else is said.

    Args:
        texts: Generated texts, in all languages together; English has a seventh more.
        common: Texts of common words, and half as many of sentences that name nobody.
        sentences: Sentences of the treebanks of each language, and half as many of each file of names.
        paragraphs: Paragraphs of each file of plain text.
        readings: How often each English text written by hand is read.
        values: Single values in plain surroundings in English, and as many numbers in all languages.
        machines: The share of the documents of machine text.
    """

    texts: int
    common: int = 0
    sentences: int = 0
    paragraphs: int = 0
    readings: int = 0
    values: int = 0
    machines: float = 0.0


def training_documents(
    data: Path, mix: Mix, *, styles: Collection[Style], split: Split, seed: int
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and apart from them some of the generated ones to choose the epoch on.

    Beside the sources of the mix, the English Web Treebank with its entities is read. What may be private in real text
    is left open. What `en_pii` finds in machine text and in English plain text besides what may be right is a false
    alarm.
    """
    chance = random.Random(seed)
    generated = documents(generate_european(mix.texts, seed=seed, split=split, styles=styles))
    # English has more styles, and so more to learn from.
    generated += documents(generate(mix.texts // len(LANGUAGES), seed=seed + 1, split=split, styles=styles))
    chance.shuffle(generated)
    train, dev = generated[: -mix.texts // 25], generated[-mix.texts // 25 :]
    for language in LANGUAGES:
        train += documents(common_texts(mix.common, seed=seed, split=split, language=language))
        if language is not Language.EN:
            train += documents(harmless_texts(mix.common // 2, seed=seed, split=split, language=language))
    redrawn = documents(redrawn_texts(mix.readings, seed=seed, split=split, styles=styles))
    train += map(with_open_spans, redrawn)
    singles = documents(single_values(mix.values, seed=seed, split=split))
    singles += documents(identity_texts(mix.values, seed=seed, split=split))
    chance.shuffle(singles)
    train += singles[::2]
    real = list(treebank(data, "train", gold=False))
    if mix.sentences:
        real += [*treebank_prose(data, mix.sentences), *named_prose(data, mix.sentences // 2, chance)]
    if mix.paragraphs:
        real += plain_prose(data, mix.paragraphs, chance)
    train = joined([*train, *recased(real, chance, lower=0.15, upper=0.03)], chance)
    # What stands alone has nothing around it that says what it is not, so it is taught alone too.
    train += map(with_tags, singles[1::2])
    if mix.machines:
        before = Labeler.load("en_pii")
        train += machine_documents(data, before, chance, share=mix.machines)
        for path in sorted((data / "web").glob("*.txt.xz")):
            drawn = paragraphs(path, mix.paragraphs, chance)
            train += recased(of_nobody(drawn, before, IN_PUBLIC), chance, lower=0.1, upper=0.0)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words", flush=True)
    return train, dev


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
    data: Path, finder: PrivateFinder, *, texts: int, styles: Collection[Style], languages: Collection[Language]
) -> dict[str, Any]:
    """All figures by language: of generated texts of the testing half, of the texts by hand, and of real text.

    Of real text they are alarms per 1,000 words, all and of persons alone: in clean sentences of treebanks, and of
    persons in law and manuals; and the share of persons in sentences for testing that are found, one in part counting
    a half.
    """
    found: dict[str, Any] = {"generated": {}, "written": {}, "clean": {}, "impersonal": {}, "persons": {}}
    for language in languages:
        gold = generate_european(texts, seed=9, split=Split.TEST, styles=styles, languages=[language])
        found["generated"][str(language)] = _sums(finder, documents(gold))
        found["written"][str(language)] = _sums(finder, documents(_by_hand(language)))
        if language is not Language.EN:
            found["clean"][str(language)] = _alarms(finder, clean_prose(data, language))
            found["impersonal"][str(language)] = _alarms(finder, impersonal_prose(data, language, texts))
    for language in NAMES_TO_TEST:
        figures = figures_of(finder, named_to_test(data, language))
        found["persons"][language] = figures["partial_types"][PiiType.PERSON]["recall"]
    return found


def _alarms(finder: PrivateFinder, clean: Sequence[Document]) -> dict[str, float]:
    """The words, and findings in 1,000 of them."""
    labels = [span.label for document in finder(bare(clean)) for span in document.spans[LAYER].spans]
    words = sum(map(len, clean))
    per = {"alarms": len(labels), "persons": labels.count(PiiType.PERSON)}
    return {"words": words, **{name: 1000 * count / max(words, 1) for name, count in per.items()}}
