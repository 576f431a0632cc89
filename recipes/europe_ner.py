"""Train one labeler of persons, places and organisations for European languages, on the tagger of `europe_pos.py`.

    python recipes/europe_ner.py --data ../shared/data --compact
    python recipes/europe_ner.py --data ../shared/data --start output/europe_pos/labeler --languages fi --lent 0

Names are learnt in German, Portuguese, Swedish, Danish, Norwegian, Finnish and English, from up to --sentences of each
file, a share of them in small letters too; a file with half as many is read twice. The tagger's head learns on beside
it, and is not saved. For languages without names --lent sentences of each language's treebanks are read, in which no
word is a name but proper nouns, capitals and what stands beside them, which are left open; and in French, Spanish,
Italian and Dutch half as many generated texts of `pii_data`. Up to 100 sentences of each file are held out to choose
the epoch on. Ends with the F1 of exact spans on the test part of each language, on gold words, and on plain sentences
in the four languages without names, written for that (`europe_data`).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Annotated

from europe_data import FILES, NER, names_parts, parts_of, written
from pii_data import Split, Style, generate
from typer import Option

from seqlabel import (
    Display,
    Document,
    Labeler,
    Scheme,
    Tags,
    Tokeniser,
    fine_tune,
    tagging_options,
)
from seqlabel.commands import Compact, Device, Epochs, Quiet, Seed, run, write_metrics
from seqlabel.documents import CharacterSpan, Repairs, fit_spans, spans_to_tags
from seqlabel.io.folders import make_folder
from seqlabel.scores import score_spans

PRIVATE = {"PERSON": "PER", "LOCATION": "LOC", "ORGANISATION": "ORG"}
WITHOUT_NAMES = ("fr", "es", "it", "nl")
TREEBANKS_OF = ("de", *WITHOUT_NAMES)
"""The languages without names, and those in whose treebanks it is learnt which words are none."""
TOKENISER = "ca"
"""Of spaCy's tokenisers, Catalan's serves all: it splits l' and dell' off, and leaves hyphens inside words."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe, ud_german_gsd and ner_english_ewt.")]
    output: Annotated[Path, Option(help="Folder of the labeler and metrics.json.")] = Path("output/europe_ner")
    start: Annotated[str, Option(help="Labeler of europe_pos.py: its folder, or eu_pos.")] = "eu_pos"
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(FILES)
    sentences: Annotated[int, Option(min=20, help="Sentences of each file to learn from, at most.")] = 3_000
    lent: Annotated[int, Option(min=0, help="Sentences of each language's treebanks.")] = 600
    lowered: Annotated[float, Option(min=0.0, max=1.0, help="Share of sentences read in small letters too.")] = 0.1
    epochs: Epochs = 3
    seed: Seed = 0
    device: Device = "auto"
    compact: Compact = False
    quiet: Quiet = False
    resume: Annotated[bool, Option("--resume", help="Continue an interrupted training.")] = False


def with_open_nouns(tagged: Document, *, german: bool) -> Document:
    """A sentence of a treebank in which proper nouns, the words beside them, and capitals inside are open.

    In German, in which common nouns have a capital, their tag says that they are no names.
    """
    tags = ("PUNCT", *tagged.tags["upos"].labels, "PUNCT")
    labels = (
        None
        if {"PROPN", "X", None} & {*tags[place : place + 3]}
        or (place and word[0].isupper() and not (german and tags[place + 1] == "NOUN"))
        else "O"
        for place, word in enumerate(tagged.words)
    )
    return tagged.with_tags("ner", Tags(tuple(labels)))


def generated(count: int, seed: int) -> Iterator[Document]:
    """Generated texts with their names; other words with a capital or a digit are open."""
    tokeniser, styles = Tokeniser(TOKENISER), [Style.PROSE, Style.NEWS, Style.LETTER, Style.SHORT]
    for text, places in generate(count, seed=seed, split=Split.ALL, styles=styles, languages=WITHOUT_NAMES):
        document = tokeniser(text)
        # A place may have its postcode in front.
        kinds = (PRIVATE.get(label, "") * (not text[start].isdigit()) for start, _, label in places)
        spans = [CharacterSpan(start, end, kind) for (start, end, _), kind in zip(places, kinds, strict=True)]
        fitted = fit_spans(document, spans, where="text", repairs=Repairs()).spans
        known = spans_to_tags([one for one in fitted if one.label], len(document), Scheme.BIOES)
        hidden = {place for one in fitted if not one.label for place in range(one.start, one.end)}
        labels = (
            None if tag == "O" and (place in hidden or not word.islower()) and word.isalnum() else tag
            for place, (word, tag) in enumerate(zip(document.words, known, strict=True))
        )
        yield document.with_tags("ner", Tags(tuple(labels)))


def main(settings: Settings) -> None:
    """Train one labeler of names on all languages and measure it on each."""
    make_folder(settings.output)
    languages = {code: names_parts(settings.data, code, settings.sentences) for code in settings.languages.split(",")}
    train = [document for parts in languages.values() for document in parts.train]
    dev = [document for parts in languages.values() for document in parts.dev]
    drawn = random.Random(settings.seed).sample(train, round(settings.lowered * len(train)))
    train += (Document.from_words([word.lower() for word in one.words], spans=one.spans) for one in drawn)
    for code in TREEBANKS_OF if settings.lent else ():
        lent = parts_of(settings.data, code, settings.lent).train
        train += (with_open_nouns(one, german=code == "de") for one in lent)
    train += generated(settings.lent // 2 * len(WITHOUT_NAMES), settings.seed)
    labeler = Labeler.load(settings.start).with_layers([NER], seed=settings.seed)
    options = tagging_options(settings.epochs, seed=settings.seed, device=settings.device)
    display = Display.unless(settings.quiet)
    place = settings.output / "training"
    fine_tune(labeler, train, dev, options=options, folder=place, resume=settings.resume, display=display)
    labeler = labeler.keep(["ner"])
    labeler.config = replace(labeler.config, language=TOKENISER)
    labeler.save(settings.output / "labeler", compact=settings.compact)
    labeler = Labeler.load(settings.output / "labeler")
    tests = {name: test for parts in languages.values() for name, test in parts.tests.items()}
    tests |= {code: list(written(code, Tokeniser(TOKENISER))) for code in WITHOUT_NAMES}
    figures = {}
    for code, test in tests.items():
        score = score_spans(zip(test, labeler(test), strict=True), "ner").exact
        figures[code] = {"f1": score.f, "precision": score.precision, "recall": score.recall, "sentences": len(test)}
        if not settings.quiet:
            print(f"{code} {100 * score.f:.2f}", flush=True)
    learnt = {code: len(parts.train) for code, parts in languages.items()}
    write_metrics(settings.output / "metrics.json", {"tests": figures, "learnt": learnt, "words": sum(map(len, train))})
    average = mean(figures[code]["f1"] for code in languages)
    print(f"F1 {100 * average:.2f}, a mean over learnt languages; the labeler is in {settings.output / 'labeler'}")


if __name__ == "__main__":
    run(main, Settings)
