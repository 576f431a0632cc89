"""Teach a labeler of private data a second reader, which judges each of its findings, and measure
both.

    # a reader for en_pii, for a labeler of pii_eu.py, and a quick look
    python recipes/pii_reader.py --data ../shared/data --compact
    python recipes/pii_reader.py --data ../shared/data --start eu_pii --europe
    python recipes/pii_reader.py --data ../shared/data --words 3000 --texts 300 --readings 0 \\
        --machines 0.02 --mined-words 3000 --placed 300 --epochs 5

The labeler finds at a higher sensitivity. Of each finding the reader gets the encoder's states
(means of the finding, of the words around it and of its passage, and the words before and after),
the label, the labeler's probabilities, and what else is sure in the passage; a network of one
hidden layer says from these how likely it is right. Nothing of the text beyond the passage is read:
a reader that saw the mean of a whole text learnt that values in long impersonal documents are
wrong. It learns from findings in

- generated texts, texts of pii_anon, single values and the texts written by hand for training, with
  other values in them, whole and cut into sentences, and machine text: right where they touch a
  private value; those of every day weigh more, since most of them have none;
- whole texts, their sentences, and sentences that were written alone, placed between pieces of
  prose: right where they touch a value, wrong in the prose, so that what stands next to a value
  counts more than the kind of text;
- sentences of prose with names of nobody known in place of those that are there: right where they
  touch such a name;
- legal citations: wrong;
- open prose without private persons: wrong, unless a rule proves the value. In prose that names
  public persons only places, organisations, dates and ages are wrong, and in long pieces of some
  sources persons too, as in novels; the rest is left out.

A linear reader is fitted first. It reads more prose, and what it keeps of the findings there is
added to what the network learns from: negatives mined in a second round. The ten sources `HELD_OUT`
are not read. The texts by hand for developing and the hard ones calibrate the probabilities (Platt
1999). Findings below a least probability are dropped: `--least-names` for places, organisations,
dates and ages, and `--least` for the rest. URLs and addresses of machines that only the labeler
finds have higher ones, `PROVEN_LEASTS`, since rules prove nearly all that are right. The labeler is
saved with its reader; nothing else in it changes. Ends with recall, precision and F2 of private
characters in texts by hand, and alarms per 1,000 words of the sources held out, before and after.
The prose is real, so some of those alarms are right. With --europe the texts are in seven languages
and the prose in twelve. A reader takes 14 minutes of one core, with --europe 17, the quick
look one: it only shows that all steps run.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import torch
from pii_data import ALL_STYLES, Split, generate, hand_written
from pii_data.by_hand import READERS_ALONE, Topic
from pii_data.citations import citation_texts
from pii_data.corpora import Marked, anon_texts, novels, treebank
from pii_data.europe import LANGUAGES
from pii_data.europe_prose import NAMES, named_marks, prose_files
from pii_data.reader_findings import (
    WRONG_IN_PUBLIC,
    Examples,
    Floats,
    chosen,
    in_prose,
    in_texts,
    in_treebank,
    thinned,
    weighted,
)
from pii_data.reader_texts import (
    AROUND,
    LONG,
    filled_prose,
    machine_marks,
    pieces_of,
    placed_in_prose,
    prose_of,
    prose_with_open,
    sentences,
)
from pii_data.redrawn import redrawn_texts
from pii_data.singles import identity_texts, single_values
from pii_data.web_sources import (
    FILLED,
    HELD_OUT,
    MOSTLY_PUBLIC_PERSONS,
    NOBODY,
    OFFICIAL,
    PUBLIC,
    PUBLIC_PERSONS,
)
from typer import Option

from seqlabel import DataError, Labeler, OptionError, PrivateFinder
from seqlabel.commands import Compact, Quiet, Seed, run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.io.folders import make_folder
from seqlabel.native.span_reader import VIEWS, SpanReader, SpanReaderConfig
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores.masking import compare_masked, masked_figures

PERSON_LABELS = ("PERSON", "USERNAME")
LEARNT_OFFSET = 1.0
"""How much higher the sensitivity is where it learns, so that it learns from more findings."""
WRONG = 1.5
"""Weight of a wrong finding in generated texts and texts by hand, next to 1 of a right one: there
are few.
"""
FILLED_WEIGHT, PERSON_WEIGHT, TREEBANK_WEIGHT, SINGLES_WEIGHT = 0.15, 0.5, 6.0, 8.0
"""Of a finding among other names in prose; of persons in prose of public ones, of the treebank,
next to other prose. Single values with a quarter of their weight lose a quarter of the surnames
that stand alone: one word looks like a short text without private data.
"""
NOVELS_WEIGHT = 0.5
"""Of a finding in a novel, whose persons are nobody, next to other prose."""
EVERYDAY_WEIGHT, SCHEMAS_WEIGHT = 3.0, 4.0
"""Of a finding in short texts of every day, and in schemas: there are few of them."""
TEXTS_WRONG, SENTENCES_WRONG, SENTENCES_WEIGHT = 0.3, 3.0, 0.5
"""Weight of a wrong finding next to that of a right one in whole texts that are placed in prose,
and in sentences; and of a sentence of a whole text next to one that was written alone.
"""
PLACED_PIECES = 250
"""Pieces of each source of prose that texts are placed in."""
SENTENCE_WORDS = 40
"""The most words of a sentence that is placed in prose."""
MACHINE_WEIGHT, MACHINE_WRONG = 0.5, 40.0
PROVEN_LEASTS = {False: {"IP": 0.4, "MAC": 0.4}, True: {"IP": 0.5, "MAC": 0.4, "URL": 0.3}}
"""Least probabilities of what rules prove where it is right, in English and in seven languages: few
right findings are the labeler's alone. Chosen by the alarms in machine text and by what is lost of
texts by hand.
"""
MOST_BY_HAND = 60_000
"""Findings in texts by hand for training; the topics that are read often have far more."""
LINEAR_EPOCHS = 5
MINED_LEAST = 0.01
"""Probability of the linear reader from which on a finding in more prose is added."""
BATCH, DROPOUT = 512, 0.5
RATE, DECAY = {True: 1e-3, False: 3e-3}, {True: 0.02, False: 0.005}
"""Of the network with a hidden layer, and of the linear reader."""
TESTS = ("dev", "hard", "fields")
CALIBRATING = ("dev", "hard")


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder with web, machines, pii_anon and the English corpora.")
    ]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path(
        "output/pii_reader"
    )
    start: Annotated[str, Option(help="Labeler of private data, a folder or a name.")] = "en_pii"
    europe: Annotated[
        bool, Option("--europe", help="Texts in seven languages, prose in twelve.")
    ] = False
    words: Annotated[int, Option(min=100, help="Words of each source of prose to train on.")] = (
        60_000
    )
    mined_words: Annotated[
        int, Option(min=0, help="Words of each source that negatives are mined in.")
    ] = 180_000
    texts: Annotated[int, Option(min=100, help="Generated texts to train on.")] = 4_000
    anon_texts: Annotated[int, Option(min=0, help="Texts of pii_anon to train on, at most.")] = (
        2_500
    )
    values: Annotated[
        int, Option(min=0, help="Single values in plain surroundings to train on.")
    ] = 6_000
    sentences: Annotated[
        int, Option(min=0, help="Texts that are read sentence by sentence too.")
    ] = 3_500
    placed: Annotated[
        int, Option(min=0, help="Texts with values in the middle of prose, of each of three kinds.")
    ] = 6_000
    filled: Annotated[
        int, Option(min=0, help="Sentences of each source with other names in them.")
    ] = 1_000
    machines: Annotated[float, Option(min=0, max=1, help="Share of the machine text.")] = 0.5
    readings: Annotated[
        int, Option(min=0, help="How often each text written by hand for training is read.")
    ] = 2
    prose: Annotated[
        float, Option(min=0, help="Weight of the prose of the first round next to all other texts.")
    ] = 0.5
    hidden: Annotated[
        int, Option(min=0, help="Width of the hidden layer; 0 for a linear reader.")
    ] = 128
    offset: Annotated[float, Option(min=0, help="How much higher the sensitivity is.")] = 0.7
    least: Annotated[
        float, Option(min=0, max=1, help="Probability below which a finding is dropped.")
    ] = 0.12
    least_names: Annotated[
        float, Option(min=0, max=1, help="The same of places, organisations, dates and ages.")
    ] = 0.15
    test_words: Annotated[int, Option(min=100, help="Words of each source that is held out.")] = (
        6_000
    )
    epochs: Annotated[int, Option(min=1, help="Passes of the network.")] = 16
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


class Network(NamedTuple):
    """A reader of one hidden layer (ReLU) on raw inputs: (hidden, inputs), (hidden,), (hidden,), a
    bias.

    A linear one has one row, and `out` is None.
    """

    inside: Floats
    bias: Floats
    out: Floats | None
    out_bias: float

    def odds(self, inputs: Floats) -> Floats:
        """The log odds that findings (findings, inputs) are right, (findings,)."""
        hidden = inputs.astype(np.float32) @ self.inside.T + self.bias
        if self.out is None:
            return np.asarray(hidden[:, 0], np.float32)
        return np.asarray(np.maximum(hidden, 0) @ self.out + self.out_bias, np.float32)

    def scaled(self, scale: float, shift: float) -> "Network":
        """The network whose log odds are scaled and shifted."""
        if self.out is None:
            return Network(self.inside * scale, self.bias * scale + shift, None, 0.0)
        return Network(self.inside, self.bias, self.out * scale, self.out_bias * scale + shift)


def private_parts(
    settings: Settings, labeler: Labeler, chance: random.Random
) -> Iterator[tuple[str, Examples]]:
    """Findings in texts whose values are known, by their source."""
    split, seed = Split.ALL, settings.seed
    drawn = np.random.default_rng(seed)
    languages = LANGUAGES if settings.europe else LANGUAGES[-1:]
    topics = [topic for topic in Topic if topic not in READERS_ALONE]
    written = list(
        redrawn_texts(settings.readings, seed=seed, split=split, styles=ALL_STYLES, topics=topics)
    )
    everyday = redrawn_texts(
        settings.readings, seed=seed, split=split, styles=ALL_STYLES, topics=[Topic.EVERYDAY]
    )
    generated = list(
        generate(settings.texts, seed=seed, split=split, styles=ALL_STYLES, languages=languages)
    )
    by_hand = thinned(in_texts(labeler, written, LEARNT_OFFSET), MOST_BY_HAND, drawn)
    yield "texts by hand", weighted(by_hand, 1.0, WRONG)
    of_every_day = in_texts(labeler, everyday, LEARNT_OFFSET)
    yield "texts of every day", weighted(of_every_day, EVERYDAY_WEIGHT, WRONG)
    schemas = redrawn_texts(
        settings.readings, seed=seed, split=split, styles=ALL_STYLES, topics=[Topic.SCHEMAS]
    )
    of_schemas = in_texts(labeler, schemas, LEARNT_OFFSET)
    yield "schemas", weighted(of_schemas, SCHEMAS_WEIGHT, WRONG)
    yield "generated texts", weighted(in_texts(labeler, generated, LEARNT_OFFSET), 1.0, WRONG)
    both = [*written, *generated]
    drawn_texts = chance.sample(both, min(settings.sentences, len(both)))
    yield (
        "sentences",
        weighted(in_texts(labeler, sentences(drawn_texts), LEARNT_OFFSET), 1.0, WRONG),
    )
    singles: Iterator[Marked] = single_values(settings.values, seed=seed + 1, split=split)
    if settings.europe:
        singles = chain(singles, identity_texts(settings.values, seed=seed + 1, split=split))
    yield "single values", weighted(in_texts(labeler, singles, LEARNT_OFFSET), SINGLES_WEIGHT)
    path = settings.data / "pii_anon" / "train.jsonl"
    if path.is_file():
        anon = list(anon_texts(path))
        drawn_texts = chance.sample(anon, min(settings.anon_texts, len(anon)))
        yield "pii_anon", in_texts(labeler, drawn_texts, LEARNT_OFFSET)
    if settings.machines and (settings.data / "machines").is_dir():
        marks = machine_marks(settings.data, labeler, settings.machines, chance)
        yield (
            "machine text",
            weighted(in_texts(labeler, marks, LEARNT_OFFSET), MACHINE_WEIGHT, MACHINE_WRONG),
        )
    for name in FILLED:
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            prose = prose_of(path, 250 * settings.filled, chance)
            filled = islice(filled_prose(labeler, prose, chance), settings.filled)
            yield (
                f"{name}, other names",
                weighted(in_texts(labeler, filled, LEARNT_OFFSET), FILLED_WEIGHT),
            )
    if settings.europe:
        marks = named_marks(settings.data, settings.filled // len(NAMES) * 4, chance)
        yield "lists of names", in_texts(labeler, marks, LEARNT_OFFSET)
    yield from placed_parts(settings, labeler, chance)


def placed_parts(
    settings: Settings, labeler: Labeler, chance: random.Random
) -> Iterator[tuple[str, Examples]]:
    """Findings in texts and single sentences that stand in prose: right where they touch a value,
    wrong in the prose.
    """
    split, seed = Split.ALL, settings.seed + 1
    readings = partial(redrawn_texts, seed=seed, split=split, styles=ALL_STYLES)
    alone = list(readings(settings.readings, topics=[Topic.SENTENCES]))
    yield "single sentences", in_texts(labeler, alone, LEARNT_OFFSET)

    texts = list(readings(min(settings.readings, 1)))
    texts += generate(settings.texts, seed=seed, split=split, styles=ALL_STYLES)
    values = {"en": (texts, alone)}
    languages = LANGUAGES if settings.europe else ()
    for language in languages:
        if language != "en":
            own = generate(settings.texts // 4, seed=seed, split=split, languages=[language])
            values[language] = (list(own), [])
    for language, prose in surroundings(settings, labeler, chance).items():
        if language not in values:
            continue
        texts, alone = values[language]
        count = settings.placed if language == "en" else settings.placed // 4
        placed = placed_in_prose(texts, prose, count, chance)
        found = in_texts(labeler, placed, LEARNT_OFFSET)
        yield f"texts in prose, {language}", weighted(found, 1.0, TEXTS_WRONG)
        lines = [one for one in sentences(texts) if is_sentence(one[0])]
        placed = placed_in_prose(lines, prose, count, chance, most=3)
        found = in_texts(labeler, placed, LEARNT_OFFSET)
        yield (
            f"sentences in prose, {language}",
            weighted(found, SENTENCES_WEIGHT, SENTENCES_WRONG),
        )
        if alone:
            placed = placed_in_prose(alone, prose, count, chance, most=3)
            found = in_texts(labeler, placed, LEARNT_OFFSET)
            yield f"single sentences in prose, {language}", weighted(found, 1.0, SENTENCES_WRONG)


def is_sentence(text: str) -> bool:
    """Whether a text is one line of some words."""
    return "\n" not in text.strip() and len(text.split()) <= SENTENCE_WORDS


def surroundings(
    settings: Settings, labeler: Labeler, chance: random.Random
) -> dict[str, list[Marked]]:
    """Pieces of prose that texts are placed in, by language."""
    words = PLACED_PIECES * sum(AROUND) // len(AROUND)
    eager = labeler.with_sensitivity(LEARNT_OFFSET)
    pieces: dict[str, list[Marked]] = {"en": []}
    for name in sorted(NOBODY | OFFICIAL | PUBLIC):
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            texts = prose_of(path, words, chance, lengths=AROUND)
            is_public = name in PUBLIC and name not in PUBLIC_PERSONS
            wrong = WRONG_IN_PUBLIC if is_public else None
            pieces["en"] += prose_with_open(eager, texts, wrong)
    # A fifth of all.
    of_novels = pieces_of(
        _paragraphs(novels(settings.data, held_out=False), chance),
        3 * words,
        chance,
        lengths=AROUND,
    )
    pieces["en"] += prose_with_open(eager, of_novels, None)
    if settings.europe:
        for path, documents, is_impersonal in prose_files(settings.data):
            texts = pieces_of(documents, words // 2, chance, lengths=AROUND)
            wrong = None if is_impersonal else WRONG_IN_PUBLIC
            own = pieces.setdefault(path.name.partition("_")[0], [])
            own += prose_with_open(eager, texts, wrong)
    return {language: own for language, own in pieces.items() if own}


def _paragraphs(texts: Sequence[str], chance: random.Random) -> list[str]:
    """Stretches of long texts, twenty paragraphs each, in an order drawn by chance."""
    stretches: list[str] = []
    for text in texts:
        lines = [line for line in text.split("\n") if line.strip()]
        stretches += ["\n".join(lines[at : at + 20]) for at in range(0, len(lines), 20)]
    chance.shuffle(stretches)
    return stretches


def prose_parts(
    settings: Settings, labeler: Labeler, chance: random.Random
) -> Iterator[tuple[str, Examples]]:
    """Findings in prose that concerns no private person, by source."""
    for name, texts, wrong in prose(settings, settings.words, chance):
        yield name, in_prose(labeler, texts, LEARNT_OFFSET, wrong=wrong)
    for name in (*PUBLIC_PERSONS, *MOSTLY_PUBLIC_PERSONS):
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            texts = prose_of(path, 3 * settings.words, chance, lengths=LONG)
            persons = in_prose(labeler, texts, LEARNT_OFFSET, wrong=PERSON_LABELS)
            yield f"persons of {name}", weighted(persons, PERSON_WEIGHT)
    citations = citation_texts(settings.words // 20, seed=settings.seed, split=Split.ALL)
    yield "citations", in_texts(labeler, citations, LEARNT_OFFSET)
    stretches = _paragraphs(novels(settings.data, held_out=False), chance)
    found = in_prose(labeler, pieces_of(stretches, 3 * settings.words, chance), LEARNT_OFFSET)
    yield "novels", weighted(found, NOVELS_WEIGHT)
    if (settings.data / "ner_english_ewt").is_dir():
        found = in_treebank(labeler, treebank(settings.data, "train", gold=True), LEARNT_OFFSET)
        yield "treebank", weighted(found, TREEBANK_WEIGHT)


def prose(
    settings: Settings, words: int, chance: random.Random
) -> Iterator[tuple[str, Iterator[str], Sequence[str] | None]]:
    """Prose by its source, with the labels that are wrong in it; None for all."""
    for name in sorted(NOBODY | OFFICIAL | PUBLIC):
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            yield name, prose_of(path, words, chance), WRONG_IN_PUBLIC if name in PUBLIC else None
    if settings.europe:
        for path, documents, is_impersonal in prose_files(settings.data):
            # Each language has several files.
            pieces = pieces_of(documents, words // 6, chance)
            yield path.name, pieces, None if is_impersonal else WRONG_IN_PUBLIC


def mined(
    settings: Settings, labeler: Labeler, network: Network, chance: random.Random
) -> Iterator[Examples]:
    """Findings in more prose that a reader keeps."""
    least = np.log(MINED_LEAST / (1 - MINED_LEAST))
    for name, texts, wrong in prose(settings, settings.mined_words, chance):
        found = in_prose(labeler, texts, LEARNT_OFFSET, wrong=wrong)
        kept = network.odds(found.inputs) >= least
        some = chosen(found, kept)
        report(settings, f"{name}, mined", some)
        yield some


def joined(parts: Sequence[Examples]) -> Examples:
    """Examples one after another."""
    return Examples(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def report(settings: Settings, name: str, part: Examples) -> None:
    if not settings.quiet:
        print(f"{name}: {len(part.right):,} findings, {int(part.right.sum()):,} right", flush=True)


def fit(found: Examples, *, hidden: int, epochs: int, seed: int) -> Network:
    """Fit a reader on inputs of mean 0 and deviation 1, and give it for the raw ones.

    Args:
        found: The findings.
        hidden: Width of the hidden layer; 0 for logistic regression.
        epochs: Passes.
        seed: Seed of weights and order.
    """
    inputs = torch.from_numpy(found.inputs)
    mean = torch.from_numpy(found.inputs.mean(axis=0, dtype=np.float64)).float()
    deviation = torch.from_numpy(found.inputs.std(axis=0, dtype=np.float64)).float() + 1e-3
    right = torch.from_numpy(found.right)
    weights = torch.from_numpy(found.weights / found.weights.mean())
    torch.manual_seed(seed)
    first = torch.nn.Linear(inputs.shape[1], max(hidden, 1))
    last = torch.nn.Linear(hidden, 1) if hidden else None
    layers = [first] if last is None else [first, torch.nn.ReLU(), torch.nn.Dropout(DROPOUT), last]
    network = torch.nn.Sequential(*layers)
    rate = RATE[hidden > 0]
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=DECAY[hidden > 0])
    batches = epochs * -(-len(right) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=batches + 1)
    for _ in range(epochs):
        for batch in torch.randperm(len(right)).split(BATCH):
            scores = network((inputs[batch].float() - mean) / deviation)[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                scores, right[batch], weights[batch]
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    with torch.no_grad():
        raw = first.weight / deviation
        bias = first.bias - raw @ mean
        if last is None:
            return Network(raw.numpy(), bias.numpy(), None, 0.0)
        return Network(raw.numpy(), bias.numpy(), last.weight[0].numpy(), float(last.bias[0]))


def calibration(odds: Floats, right: Floats) -> tuple[float, float]:
    """A scale and a shift of log odds (findings,) that calibrate them on findings of known truth
    (Platt 1999).
    """
    given = torch.from_numpy(odds.astype(np.float64))
    wanted = torch.from_numpy(right).double()
    scale = torch.ones((), dtype=torch.float64, requires_grad=True)
    shift = torch.zeros((), dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([scale, shift], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(scale * given + shift, wanted)
        value.backward()
        return value

    optimizer.step(loss)
    if scale.item() <= 0:
        raise OptionError(
            "--words: the reader is no better than chance on other findings. Give more --words "
            "and --texts."
        )
    return scale.item(), shift.item()


def reader_of(labeler: Labeler, network: Network, offset: float) -> SpanReader:
    """A reader that drops nothing yet, from weights in the order of `inputs_of`."""
    tag_set = labeler.config.head(LAYER).tag_set
    width = 2 * labeler.config.hidden
    labels = len(tag_set.labels)
    states, label, counts, numbers = np.split(
        network.inside, np.cumsum([VIEWS * width, labels, labels]), axis=1
    )
    arrays = {
        "states": states.reshape(-1, VIEWS, width).transpose(1, 0, 2),
        "labels": label.T,
        "counts": counts.T,
        "numbers": numbers.T,
        "bias": network.bias,
    }
    hidden = 0
    if network.out is not None:
        hidden = len(network.out)
        arrays |= {"out": network.out, "out_bias": np.array([network.out_bias])}
    config = SpanReaderConfig(LAYER, tag_set.labels, hidden=hidden, offset=offset, least=0.0)
    return SpanReader(
        config, {name: np.asarray(one, np.float32) for name, one in arrays.items()}, tag_set
    )


def private_characters(labeler: Labeler, part: str) -> dict[str, float]:
    """Precision, recall and F2 of private characters, with rules, on texts by hand."""
    texts = list(hand_written(part))
    finder = PrivateFinder(labeler)
    counts = []
    for (text, places), document in zip(texts, finder([text for text, _ in texts]), strict=True):
        found = [(span.start, span.end) for span in document.character_spans(LAYER)]
        counts.append(compare_masked(text, [CharacterSpan(*place) for place in places], found))
    figures = masked_figures(counts)
    return {name: figures[name] for name in ("precision", "recall", "f2")}


def alarms(labeler: Labeler, texts: Sequence[str]) -> float:
    """Findings, with rules, per 1,000 words."""
    found = PrivateFinder(labeler)(list(texts))
    words = sum(len(text.split()) for text in texts)
    return 1000 * sum(len(document.spans[LAYER].spans) for document in found) / max(words, 1)


def learnt(settings: Settings, labeler: Labeler) -> Network:
    """Collect the findings and fit the reader in two rounds."""
    chance = random.Random(settings.seed)
    rounds: list[list[Examples]] = []
    sources: tuple[Callable[..., Iterator[tuple[str, Examples]]], ...] = (
        private_parts,
        prose_parts,
    )
    for source in sources:
        parts = []
        for name, part in source(settings, labeler, chance):
            report(settings, name, part)
            parts.append(part)
        rounds.append(parts)
    private, of_prose = rounds
    if not of_prose:
        raise DataError(
            f"{settings.data / 'web'}: has none of the sources of prose. Give at least one of them."
        )
    amount = sum(float(part.weights.sum()) for part in private)
    scale = settings.prose * amount / max(sum(len(part.right) for part in of_prose), 1)
    first = joined([*private, *(weighted(part, scale) for part in of_prose)])
    if not settings.mined_words:
        return fit(first, hidden=settings.hidden, epochs=settings.epochs, seed=settings.seed)
    linear = fit(first, hidden=0, epochs=LINEAR_EPOCHS, seed=settings.seed)
    more = [weighted(part, scale) for part in mined(settings, labeler, linear, chance)]
    return fit(
        joined([first, *more]), hidden=settings.hidden, epochs=settings.epochs, seed=settings.seed
    )


def main(settings: Settings) -> None:
    """Teach a labeler of private data a second reader and measure it."""
    make_folder(settings.output)
    before = Labeler.load(settings.start)
    before.set_reader(None)
    network = learnt(settings, before)

    by_hand = joined([in_texts(before, hand_written(part), LEARNT_OFFSET) for part in CALIBRATING])
    odds = network.odds(by_hand.inputs)
    scale, shift = calibration(odds, by_hand.right)
    after = before.copy()
    after.set_reader(reader_of(before, network.scaled(scale, shift), settings.offset))
    leasts = dict.fromkeys(map(str, WRONG_IN_PUBLIC), settings.least_names)
    leasts |= PROVEN_LEASTS[settings.europe]
    after.set_reader(after.reader.dropping_from(settings.least, leasts))
    after.save(settings.output / "labeler", compact=settings.compact)

    figures = {part: [private_characters(one, part) for one in (before, after)] for part in TESTS}
    prose_alarms: dict[str, list[float]] = {}
    for name in sorted(HELD_OUT):
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            texts = list(prose_of(path, settings.test_words, random.Random(settings.seed)))
            prose_alarms[name] = [alarms(one, texts) for one in (before, after)]
    made = {"scale": scale, "shift": shift}
    write_metrics(
        settings.output / "metrics.json",
        {**made, "characters": figures, "alarms_per_1000_words": prose_alarms},
    )
    print(f"the labeler is in {settings.output / 'labeler'}")
    for part, both in figures.items():
        for name in ("recall", "precision", "f2"):
            print(
                f"{part}, {name} of private characters: {100 * both[0][name]:.1f} → "
                f"{100 * both[1][name]:.1f}"
            )
    for name, (old, new) in prose_alarms.items():
        print(f"{name}, alarms per 1,000 words: {old:.1f} → {new:.1f}")


if __name__ == "__main__":
    run(main, Settings)
