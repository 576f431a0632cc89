"""Train a labeler of private data on generated texts, a synthetic corpus and real prose; measure it on unseen styles.

    python recipes/pii.py --data ../shared/data                            # the labeler that ships
    python recipes/pii.py --data ../shared/data --leave-out pii_anon       # trained without that corpus, tested on it
    python recipes/pii.py --data ../shared/data --leave-out chat,transcript,support
    python recipes/pii.py --data ../shared/data --agreed one --agreed two  # and on what these agree on
    python recipes/pii.py --data ../shared/data --test my_labeler          # only measure

Generated texts come from `recipes/pii_data`, whose templates, names and other lists are halved into training and
testing; the corpus is pii_anon; real prose is the English Web Treebank and the posts of WNUT-17, with their persons,
places and organisations for private and every word that could be another value (a number, a month, a handle, or in
what a rule finds) left open. Some of the prose is in lower or upper case. With --agreed, MASC is read too, with the
labels that all the given labelers find in it; where they differ, nothing is learnt. Most texts are joined to longer
ones, so that what stands far away changes no label. With --leave-out, styles are left out of training and only they are
tested, which is, with texts written by hand, the figure that counts. Ends with precision, recall, F1 and F2 for each
type and for "private or not".
"""

import calendar
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from pii_data import ALL_STYLES, EXAMPLES, PiiType, Split, Style, convert_pii_anon, generate, hand_written
from pretrain import masc_documents

from seqlabel import (
    CharacterSpan,
    Display,
    Document,
    HeadConfig,
    HeadKind,
    Labeler,
    OptionError,
    PrivateFinder,
    Repairs,
    Scheme,
    SeqlabelError,
    Span,
    Tags,
    TagSet,
    Tokeniser,
    WordLanguageModel,
    Words,
    calibrate,
    calibrate_recall,
    concatenate,
    find_patterns,
    fine_tune,
    read_columns,
    read_conllu,
    score_spans,
    tagging_options,
)
from seqlabel.documents.alignment import fit_spans
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.schemes import spans_to_tags
from seqlabel.files import make_folder, read_json, write_json
from seqlabel.models.fine_tuning import RECALLS
from seqlabel.privacy.finder import LAYER
from seqlabel.scores.metrics import SpanScore
from seqlabel.training.checkpoints import find_folder

ANON = "pii_anon"
CAUTION = 1.0
"""Nats taken off the score of "not private". Training and dev share templates, so that dev asks for none; in styles
that training has not seen it raises F2: in chats from 88.1 to above 91, and nowhere lowers it."""
EWT_TYPES = {"PER": PiiType.PERSON, "LOC": PiiType.LOCATION, "ORG": PiiType.ORGANISATION}
WNUT_TYPES = {"person": PiiType.PERSON, "location": PiiType.LOCATION, "corporation": PiiType.ORGANISATION}
OPEN = "open"
"""A span whose words may be private or not: a band, a team, a product."""
HANDLES = ("@", "#")
MONTHS = {*calendar.month_name[1:], *calendar.month_abbr[1:]}
JOINED, LONGEST = 0.7, 300
"""The share of texts that are joined to others, and how many words these then have at most, but for the last text. A
labeler of single texts labels 0.67 per cent of the words of a stream otherwise than in the whole document, one of
joined ones 0.43 (10,000 texts, one pass)."""
FINE = Tokeniser("en", Words.FINE)
Place = tuple[int, int, str]
Text = tuple[str, Sequence[Place]]


@dataclass(frozen=True)
class Share:
    """What is trained and tested on: the styles of generated texts, and whether the corpus is among them."""

    styles: tuple[Style, ...]
    anon: bool


def shares(left_out: str) -> tuple[Share, Share]:
    """What is trained on and what is tested on, without and with the left-out styles; all twice if none is left out."""
    names = set(filter(None, left_out.split(",")))
    known = {ANON, *ALL_STYLES}
    if not names <= known:
        raise OptionError(f"--leave-out: found {sorted(names - known)[0]!r}; allowed are {', '.join(sorted(known))}")
    everything = Share(ALL_STYLES, True)
    if not names:
        return everything, everything
    out = tuple(style for style in ALL_STYLES if style in names)
    kept = tuple(style for style in ALL_STYLES if style not in names)
    return Share(kept, ANON not in names), Share(out, ANON in names)


def document_of(text: str, spans: Iterable[Place], repairs: Repairs) -> Document:
    """A text with its spans on fine words."""
    document = FINE(text)
    places = [CharacterSpan(*span) for span in spans]
    return document.with_spans(LAYER, fit_spans(document, places, where="text", repairs=repairs))


def anon_texts(path: Path) -> Iterator[Text]:
    """Texts of pii_anon with this library's labels."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["text"], convert_pii_anon(row["text"], row["spans"])


def treebank(data: Path, part: str, *, gold: bool) -> Iterator[Document]:
    """EWT's sentences with entities on fine words; the layer is of tags, None where a word may be something else.

    With `gold` it is of spans, as where the sentences are tested on.
    """
    path = data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"
    # The two have a few sentences that differ; those are read as words with a space between.
    texts = {tuple(sentence.words): sentence for sentence in read_conllu(path)}
    for sentence in read_columns(data / "ner_english_ewt" / f"{part}.iob2", word=1, tag=2, separator="\t"):
        written = texts.get(tuple(sentence.words), sentence)
        spans = sentence.spans["ner"].spans
        named = [(*written.characters(span), str(EWT_TYPES[span.label])) for span in spans]
        document = document_of(written.text, named, Repairs())
        yield document if gold else with_open_words(document)


def posts(data: Path) -> Iterator[Document]:
    """WNUT-17's posts, words with a space between, with entities on fine words as tags, like the treebank's."""
    for post in read_columns(data / "wnut17" / "wnut17train.conll"):
        named = [(*post.characters(span), str(WNUT_TYPES.get(span.label, OPEN))) for span in post.spans["ner"].spans]
        yield with_open_words(document_of(post.text, named, Repairs()))


def with_open_words(document: Document) -> Document:
    """The layer as tags: what a rule finds gets its label; open spans, handles, months and numbers are left open."""
    spans = document.spans[LAYER].spans
    found = [Span(one.start, one.end, one.label) for one in rule_spans(document)]
    kept = longest_spans(sorted([*spans, *found]))
    tags: list[str | None] = list(spans_to_tags(kept, len(document), Scheme.BIO))
    for place, word in enumerate(words := document.words):
        before = words[place - 1] if place else ""
        is_handle = word in HANDLES or before in HANDLES
        is_month = word.title() in MONTHS and word not in ("may", "march")
        could_be = is_handle or is_month or any(letter.isdigit() or letter == "@" for letter in word)
        if tags[place] in (f"B-{OPEN}", f"I-{OPEN}") or (tags[place] == "O" and could_be):
            tags[place] = None
    return replace(document, spans={}, tags={LAYER: Tags(tuple(tags))})


def with_tags(document: Document) -> Document:
    """The layer as tags alone."""
    if LAYER in document.tags:
        return document
    tags = spans_to_tags(document.spans[LAYER].spans, len(document), Scheme.BIO)
    return replace(document, spans={}, tags={LAYER: Tags(tuple(tags))})


def agreement(documents: Iterable[Sequence[str]], labelers: Sequence[Labeler]) -> Iterator[Document]:
    """Words as documents with the tags that all labelers give them; where they differ, and where one is unsure, None.

    Unsure is who says something else without caution. The documents are cut to `LONGEST` words.
    """
    texts = [FINE(" ".join(words)) for words in documents]
    readings = []
    for labeler in labelers:
        for caution in (0.0, CAUTION):
            labeler.set_caution(LAYER, caution)
            readings.append(list(labeler(texts)))
    for same in zip(*readings, strict=True):
        first, *others = (with_open_words(document).tags[LAYER].labels for document in same)
        tags = [tag if all(other[place] == tag for other in others) else None for place, tag in enumerate(first)]
        for start in range(0, len(tags), LONGEST):
            inside = slice(start, start + LONGEST)
            begin, end = first_place(same[0], start), first_place(same[0], start + LONGEST)
            offsets = tuple((one - begin, other - begin) for one, other in same[0].offsets[inside])
            yield Document(same[0].text[begin:end], offsets).with_tags(LAYER, Tags(tuple(tags[inside])))


def first_place(document: Document, word: int) -> int:
    """Where in the text a word begins; the text's end where there is none."""
    return document.offsets[word][0] if word < len(document) else len(document.text)


def joined(documents: Iterable[Document], chance: random.Random) -> list[Document]:
    """Documents with their layer as tags, most of them joined to longer ones by chance, the single ones first."""
    alone: list[Document] = []
    together: list[Document] = []
    for document in map(with_tags, documents):
        (together if chance.random() < JOINED else alone).append(document)
    chance.shuffle(together)
    while together:
        wanted, group = chance.randint(LONGEST // 3, LONGEST), [together.pop()]
        while together and sum(map(len, group)) < wanted:
            group.append(together.pop())
        alone.append(concatenate(group, separator=chance.choice(("\n", "\n", "\n\n", " "))))
    return alone


def rule_spans(document: Document) -> Sequence[Span]:
    """What rules find, as words."""
    repairs = Repairs()
    return fit_spans(document, find_patterns(document.text), where="text", repairs=repairs).spans


def recased(documents: Iterable[Document], chance: random.Random, *, lower: float, upper: float) -> Iterator[Document]:
    """The documents, some of them in lower or upper case where no character's length changes."""
    for document in documents:
        drawn = chance.random()
        text = document.text.lower() if drawn < lower else document.text.upper() if drawn > 1 - upper else document.text
        yield replace(document, text=text) if len(text) == len(document.text) else document


def training_documents(
    data: Path, share: Share, count: int, *, teachers: Sequence[Labeler] = (), seed: int
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and, apart from them, some to choose on and to calibrate on.

    With teachers, MASC is among them, with what they agree on. WNUT-17 is left out with the style `social`.
    """
    repairs = Repairs()
    chance = random.Random(seed)
    generated = [
        document_of(*text, repairs) for text in generate(count, seed=seed, split=Split.TRAIN, styles=share.styles)
    ]
    # Choosing on texts of the same half would be no test, but it tells too long a training from a good one.
    train, dev = generated[: -count // 20], generated[-count // 20 :]
    if share.anon:
        anon = [document_of(*text, repairs) for text in anon_texts(data / ANON / "train.jsonl")]
        train += anon[: -len(anon) // 20]
        dev += anon[-len(anon) // 20 :]
    train += recased(treebank(data, "train", gold=False), chance, lower=0.15, upper=0.03)
    if Style.SOCIAL in share.styles:
        train += recased(posts(data), chance, lower=0.15, upper=0.03)
    train = joined(train, chance)
    if teachers:
        train += recased(agreement(masc_documents(data / "masc"), teachers), chance, lower=0.1, upper=0.0)
    dev += treebank(data, "dev", gold=True)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words; {repairs}", flush=True)
    return train, dev


def train_labeler(
    train: list[Document], dev: list[Document], *, encoder: str, epochs: int, seed: int, display: Display
) -> Labeler:
    """A softmax head, which is fast with this many labels, on fine words."""
    torch.manual_seed(seed)
    head = HeadConfig(TagSet(LAYER, tuple(map(str, PiiType)), Scheme.BIO), HeadKind.SOFTMAX)
    known = {word for document in train for word in document.words}
    below = WordLanguageModel.fresh(known) if encoder == "none" else WordLanguageModel.load(encoder)
    labeler = Labeler.on(below, [head], words=Words.FINE)
    options = tagging_options(epochs, pretrained=encoder != "none", seed=seed)
    fine_tune(labeler, train, dev, options=options, words=2_000, display=display)
    calibrate(labeler, dev)
    calibrate_recall(labeler, dev, LAYER)
    labeler.set_caution(LAYER, CAUTION)
    return labeler


def scores_of(finder: PrivateFinder, gold: Sequence[Document], *, beta: float = 2.0) -> SpanScore:
    """Scores of what is found in the texts alone."""
    bare = (Document(document.text, document.offsets) for document in gold)
    return score_spans(zip(gold, finder(bare), strict=True), LAYER, beta=beta)


def dial(finder: PrivateFinder, gold: Sequence[Document], clean: Sequence[Document]) -> dict[str, dict[str, float]]:
    """What each wanted recall gives on other texts than those that it was measured on: scores of private words."""
    usual = {head.tag_set.layer: head.caution for head in finder.labeler.config.heads}[LAYER]
    found = {}
    for recall in RECALLS:
        finder.labeler.prefer_recall(LAYER, recall)
        scores = figures(scores_of(finder, gold))["private_words"]
        found[f"{recall:g}"] = {**scores, "false_alarms_per_1000_words": false_alarms(finder, clean)}
    finder.labeler.set_caution(LAYER, usual)
    return found


def clean_prose(data: Path) -> list[Document]:
    """Real sentences that hold nothing private: EWT's test sentences without any entity, digit, @ or address.

    People marked its persons, places and organisations; what they did not mark is a value with a digit or an @, and
    sentences with those are left out, so that all that is found in the rest is a false alarm.
    """
    return [
        document
        for document in treebank(data, "test", gold=True)
        if not document.spans[LAYER].spans
        and not any(letter.isdigit() or letter in "@/_" for letter in document.text)
        and "www." not in document.text
    ]


def false_alarms(finder: PrivateFinder, clean: Sequence[Document]) -> float:
    """Spans found in 1,000 words of documents that hold nothing private."""
    bare = (Document(document.text, document.offsets) for document in clean)
    return 1000 * sum(len(document.spans[LAYER].spans) for document in finder(bare)) / sum(map(len, clean))


def lowered(documents: Iterable[Document]) -> list[Document]:
    """The documents with every person's name in lower case."""
    result = []
    for document in documents:
        text = document.text
        for span in document.spans[LAYER].spans:
            if span.label == PiiType.PERSON:
                start, end = document.characters(span)
                name = text[start:end].lower()
                text = text[:start] + name + text[end:] if len(name) == end - start else text
        result.append(replace(document, text=text))
    return result


def figures(score: SpanScore) -> dict[str, Any]:
    """The figures of a score that are written down."""

    def row(one: Any) -> dict[str, float]:
        f1 = 2 * one.precision * one.recall / (one.precision + one.recall) if one.precision + one.recall else 0.0
        return {"precision": one.precision, "recall": one.recall, "f1": f1, "f2": one.f, "support": one.support}

    return {
        "private_words": row(score.blind_words),
        "private_spans": row(score.blind_spans),
        "exact": row(score.exact),
        "partial": row(score.partial),
        "types": {name: row(one) for name, one in score.types.items()},
        "partial_types": {name: row(one) for name, one in score.partial_types.items()},
    }


def measure(finder: PrivateFinder, data: Path, share: Share, count: int) -> dict[str, Any]:
    """All figures on texts that share no template and no name with training."""
    result: dict[str, Any] = {}
    repairs = Repairs()
    if share.styles:
        generated = [
            document_of(*text, repairs) for text in generate(count, seed=9, split=Split.TEST, styles=share.styles)
        ]
        result["generated"] = figures(scores_of(finder, generated))
        named = scores_of(finder, lowered(generated)).partial_types.get(PiiType.PERSON)
        result["lower_case_names_recall"] = named.recall if named else 0.0
    if share.anon:
        texts = [document_of(*text, repairs) for text in anon_texts(data / ANON / "dev.jsonl")]
        result[ANON] = figures(scores_of(finder, texts))
        generated = texts if not share.styles else generated
    if share == Share(ALL_STYLES, True):
        for part in ("dev", "test"):
            texts = [document_of(*text, repairs) for text in hand_written(part)]
            nothing = [document for document in texts if not document.spans[LAYER].spans]
            alarms = {"words": sum(map(len, nothing)), "false_alarms_per_1000_words": false_alarms(finder, nothing)}
            result[f"written_{part}"] = {**figures(scores_of(finder, texts)), "clean": alarms}
    clean = clean_prose(data)
    result["dial"] = dial(finder, generated, clean)
    words = sum(map(len, clean))
    result["clean_prose"] = {"words": words, "false_alarms_per_1000_words": false_alarms(finder, clean)}
    return result


def table(name: str, found: dict[str, Any]) -> str:
    """A score as lines of text."""
    lines = [f"{name:<22} precision  recall     F1     F2  support"]
    rows = {"private words": found["private_words"], "private spans": found["private_spans"]}
    rows |= {"all types, exact": found["exact"], "all types, partial": found["partial"]}
    for title, one in {**rows, **found["types"]}.items():
        numbers = "  ".join(f"{100 * one[key]:>6.1f}" for key in ("precision", "recall", "f1", "f2"))
        lines.append(f"{title:<24} {numbers}  {one['support']:>6}")
    return "\n".join(lines)


def card_of(found: dict[str, Any], others: Sequence[dict[str, Any]], *, texts: int, epochs: int, folder: Path) -> str:
    """The labeler's README: what it labels, how well, and what it was made of."""

    def row(title: str, *scores: dict[str, float]) -> str:
        keys = ("precision", "recall", "f1", "f2")
        cells = [f"{100 * one[key]:.1f}" if one["support"] else "–" for one in scores for key in keys]
        return f"| {title} | {' | '.join(cells)} |"

    generated, anon = found["generated"], found[ANON]
    types, partial = (
        "\n".join(
            row(f"{name} | `{EXAMPLES[name]}`", *(one[key].get(name, NOTHING) for one in (generated, anon)))
            for name in PiiType
        )
        for key in ("types", "partial_types")
    )
    sums = "\n".join(row(title, generated[key], anon[key]) for title, key in SUMS)
    by_hand = "\n".join(row(title, found["written_test"][key]) for title, key in SUMS)
    unseen = "\n".join(
        row(other["left_out"].replace(",", ", "), other[key]["private_words"], other[key]["partial"])
        for other in others
        for key in ("generated", ANON)
        if key in other
    )
    clean = found["clean_prose"]
    size = sum(file.stat().st_size for file in folder.iterdir() if file.name != "README.md")
    # The card itself has some ten thousand characters.
    return CARD.format(
        types=types,
        partial=partial,
        sums=sums,
        unseen=unseen,
        by_hand=by_hand,
        by_hand_clean=found["written_test"]["clean"],
        alarms=clean["false_alarms_per_1000_words"],
        clean=clean["words"],
        lower=100 * found["lower_case_names_recall"],
        texts=texts,
        masc=f";\nMASC, with the labels that {found['agreed']} labelers agree on" if found["agreed"] else "",
        agreed=" --agreed …" * found["agreed"],
        teachers=TEACHERS if found["agreed"] else "",
        epochs=epochs,
        size=(size + 9_000) / 1e6,
    )


NOTHING = {"support": 0.0}
SUMS = (
    ("private or not, words", "private_words"),
    ("private or not, exact spans", "private_spans"),
    ("all types, exact", "exact"),
    ("all types, partial", "partial"),
)
TEACHERS = """
(two labelers of the same command without `--agreed`, with seeds 0 and 1 and no texts of the style `neutral`)"""
CARD = """# en_pii: private data in English texts

Says for each word whether it is private, and which of 29 kinds, in prose, forms, logs, tables, JSON and code.
`PrivateFinder("en_pii")` joins it with rules for values whose form proves them; the figures are of both together.

## Figures

Precision, recall, F1 and F2 in per cent, of exact spans where nothing else is said: on generated texts whose templates,
names and other lists training did not have, and on the dev part of pii_anon, which shares templates with its training
part and so flatters.

| taken together | generated: P | R | F1 | F2 | pii_anon: P | R | F1 | F2 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{sums}

| kind, exact spans | example | generated: P | R | F1 | F2 | pii_anon: P | R | F1 | F2 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{types}

The same of partial spans: one that overlaps a span of its kind without being it counts a half:

| kind, partial spans | example | generated: P | R | F1 | F2 | pii_anon: P | R | F1 | F2 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{partial}

The figure that counts is that of styles that training never saw. A labeler trained without them finds in them
(a quarter of the texts, one pass, without MASC):

| left out, then tested on | private words: P | R | F1 | F2 | types, partial: P | R | F1 | F2 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{unseen}

And that of 80 texts that were written by hand, each in another style, without knowledge of the generator, and have not
been looked at since (`recipes/pii_data/written/test.txt`; the generator was mended on 80 others). Their marks follow
other conventions in part, which costs exact spans:

| written by hand | P | R | F1 | F2 |
| --- | --- | --- | --- | --- |
{by_hand}

Those of them that hold nothing private, {by_hand_clean[words]:,} words and mostly technical, have
{by_hand_clean[false_alarms_per_1000_words]:.1f} false alarms per 1,000 words.

{alarms:.2f} false alarms per 1,000 words on {clean:,} words of real prose that hold nothing private: the test sentences
of the English Web Treebank in which people marked no person, place or organisation and that have no digit, `@`, `/` or
`_`. With every name in lower case, {lower:.1f} % of names in the generated texts are found.

## Data

{texts:,} texts generated by `recipes/pii_data`; pii_anon, train (CC0); English Web Treebank with the entities of
Universal NER, train (CC BY-SA 4.0); WNUT-17, train (CC BY 4.0){masc}.
The encoder is `en`, whose card says what it has read.

## Licence

CC BY-SA 4.0, as the English Web Treebank: de Marneffe et al., Universal Dependencies; Silveira et al. 2014, "A Gold
Standard Dependency Corpus for English"; Mayhew et al. 2024, "Universal NER"; Derczynski et al. 2017, "Results of the
WNUT2017 Shared Task"; Ide et al. 2010, "The Manually Annotated Sub-Corpus".

## Size

{size:.1f} MB: 8-bit tables, 16-bit weights.

## How it was made

`python recipes/pii.py --data ../shared/data --compact --card{agreed}`{teachers}:
a fresh two-way layer of 128 units each way and a softmax head over BIO tags on the encoder `en`, {epochs} passes,
seed 0, most texts joined to longer ones; finer words than spaCy's (`Words.FINE`); temperature and the cautions of
`recall` fitted on held-out texts; 1 nat off the score of "not private", which costs false alarms on what it knows and
finds more in what it does not.

## What it does not do

It was trained on English with names, addresses and numbers of several countries; other languages it has not seen.
What it misses stays in the text: measure it on your own before you rely on it. `recall=0.98` raises a fifth of the
false alarms and misses more.
"""


def main(
    data: Annotated[Path, typer.Option(help="Folder with pii_anon, ner_english_ewt, ud_english_ewt and wnut17.")],
    agreed: Annotated[
        list[str] | None, typer.Option(help="Labelers whose agreement labels MASC; with --test, those it had.")
    ] = None,
    test: Annotated[str | None, typer.Option(help="Only measure this labeler, a folder or a name.")] = None,
    leave_out: Annotated[str, typer.Option(help="Styles, with commas, or pii_anon: not trained on, tested on.")] = "",
    texts: Annotated[int, typer.Option(min=100, help="Generated texts to train on.")] = 44_000,
    test_texts: Annotated[int, typer.Option(min=10, help="Generated texts to test on.")] = 4_000,
    encoder: Annotated[str, typer.Option(help="Folder or name of a pretrained encoder; none for none.")] = "en",
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training texts.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of texts and weights.")] = 0,
    patterns: Annotated[bool, typer.Option(help="Measure with rules beside the labeler.")] = True,
    output: Annotated[Path, typer.Option(help="Folder for the labeler and metrics.json.")] = Path("output/pii"),
    compact: Annotated[bool, typer.Option("--compact", help="Save weights as small as models that ship.")] = False,
    card: Annotated[bool, typer.Option("--card", help="Write the labeler's README.md beside it.")] = False,
    unseen: Annotated[list[Path] | None, typer.Option(help="metrics.json of --leave-out, for the card.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress bars.")] = False,
) -> None:
    """Train a labeler of private data and measure it."""
    try:
        if agreed and (leave_out or len(agreed) < 2):
            raise OptionError("--agreed: give at least two labelers, and none with --leave-out, which they may know")
        make_folder(output)
        training, testing = shares(leave_out)
        if test is None:
            teachers = [Labeler.load(name) for name in agreed or ()]
            train, dev = training_documents(data, training, texts, teachers=teachers, seed=seed)
            display = Display.SILENT if quiet else Display.AUTO
            labeler = train_labeler(train, dev, encoder=encoder, epochs=epochs, seed=seed, display=display)
            labeler.save(output / "labeler", compact=compact)
        folder = output / "labeler" if test is None else find_folder(test)
        finder = PrivateFinder(folder, patterns=patterns)
        found = measure(finder, data, testing, test_texts)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    found = {"left_out": leave_out, "texts": texts, "epochs": epochs, "agreed": len(agreed or ()), **found}
    write_json(output / "metrics.json", found)
    if card:
        others = [read_json(path) for path in unseen or []]
        text = card_of(found, others, texts=texts, epochs=epochs, folder=folder)
        (folder / "README.md").write_text(text, encoding="utf-8")
    # What was written for testing is only shown on the card, so that nobody chooses by it.
    for name in ("generated", ANON, "written_dev"):
        if name in found:
            print(table(name, found[name]), flush=True)
    if "lower_case_names_recall" in found:
        print(f"names in lower case: {100 * found['lower_case_names_recall']:.1f} % found")
    clean = found["clean_prose"]
    print(f"{clean['false_alarms_per_1000_words']:.2f} false alarms per 1,000 words of {clean['words']:,} clean ones")


if __name__ == "__main__":
    typer.run(main)
