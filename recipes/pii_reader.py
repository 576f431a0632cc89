"""Teach a labeler of private data a second reader, which judges each of its findings, and measure both.

    python recipes/pii_reader.py --data ../shared/data --compact                # a reader for en_pii: 4 minutes
    python recipes/pii_reader.py --data ../shared/data --start my_labeler       # for a labeler of pii.py
    python recipes/pii_reader.py --data ../shared/data --words 3000 --texts 300 --readings 0    # a quick look

The labeler finds at a higher sensitivity. Of each finding the reader gets the encoder's states (means of the finding,
of the words around it and of the text, and the words before and after), the label, the labeler's probabilities, and
what else is sure; a logistic regression says from these how likely it is right. It learns from findings in

- generated texts, texts of pii_anon, single values and the texts written by hand for training, with other values in
  them, whole and cut into sentences: right where they touch a private value;
- open prose without private persons: wrong, unless a rule proves the value. In prose that names public persons only
  places, organisations, dates and ages are wrong, and other findings are left out.

The ten sources `HELD_OUT` are not read. A tenth of the findings calibrates the probabilities. The labeler is saved with
its reader; nothing else in it changes. Ends with recall, precision and F2 of private characters in texts by hand, and
alarms per 1,000 words of the sources held out, before and after. The prose is real, so some of those alarms are right.
The quick look takes 20 seconds of one core and is too little to learn from: it only shows that all steps run.
"""

import lzma
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from pii_data import ALL_STYLES, PiiType, Split, generate, hand_written
from pii_data.by_hand import OPEN
from pii_data.corpora import anon_texts, document_of, rule_spans
from pii_data.redrawn import redrawn_texts
from pii_data.singles import single_values
from pii_data.web_sources import HELD_OUT, NOBODY, OFFICIAL, PUBLIC
from typer import Option

from seqlabel import DataError, Document, Labeler, OptionError, PrivateFinder, Span
from seqlabel.commands import Compact, Quiet, Seed, run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.documents.schemes import tags_to_spans
from seqlabel.io.folders import make_folder
from seqlabel.native.span_reader import AROUND, SpanReader, SpanReaderConfig
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores.masking import compare_masked, masked_figures

WRONG_IN_PUBLIC = (PiiType.LOCATION, PiiType.ORGANISATION, PiiType.DATE, PiiType.AGE)
LENGTHS = (1, 60, 150, 400)
"""Words of a piece of prose, at least, drawn by chance: single lines and long texts."""
LEAST = (0.002, 0.004, 0.006, 0.008, 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
"""For each of these, the share of right findings in the texts for developing that stay is written down."""
CALIBRATING = 0.1
"""Share of the findings that calibrate."""
LEARNT_OFFSET = 0.5
"""How much higher the sensitivity is where it learns, so that it learns from more findings."""
_CUT = re.compile(r"\n|(?<=[.!?])\s")
BATCH, RATE, DECAY = 512, 3e-3, 0.005
DEV, TESTS = "dev", ("dev", "hard", "fields")
Floats = npt.NDArray[np.float32]
Marked = tuple[str, list[tuple[int, int, str]]]
"""A text with its private values: start, end and label of each."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with web and pii_anon.")]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path("output/pii_reader")
    start: Annotated[str, Option(help="Labeler of private data, a folder or a name.")] = "en_pii"
    words: Annotated[int, Option(min=100, help="Words of each source of prose to train on.")] = 60_000
    texts: Annotated[int, Option(min=100, help="Generated texts to train on.")] = 4_000
    anon_texts: Annotated[int, Option(min=0, help="Texts of pii_anon to train on, at most.")] = 2_500
    values: Annotated[int, Option(min=0, help="Single values in plain surroundings to train on.")] = 6_000
    sentences: Annotated[int, Option(min=0, help="Texts that are read sentence by sentence too.")] = 3_500
    readings: Annotated[int, Option(min=0, help="How often each text written by hand for training is read.")] = 2
    prose: Annotated[float, Option(min=0, help="Weight of all prose beside that of all other texts.")] = 0.6
    offset: Annotated[float, Option(min=0, help="How much higher the sensitivity is.")] = 0.2
    least: Annotated[float, Option(min=0, max=1, help="Probability below which a finding is dropped.")] = 0.004
    test_words: Annotated[int, Option(min=100, help="Words of each source that is held out.")] = 6_000
    epochs: Annotated[int, Option(min=1, help="Passes of the logistic regression.")] = 6
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


class Findings(NamedTuple):
    """What a labeler finds: inputs of the reader (findings, inputs), spans in words and the number of their text."""

    inputs: Floats
    spans: list[Span]
    texts: list[int]


class Examples(NamedTuple):
    """Inputs (findings, inputs), whether each is right, and what each weighs."""

    inputs: Floats
    right: Floats
    weights: Floats


def findings(labeler: Labeler, documents: Sequence[Document], offset: float) -> Findings:
    """What a labeler without a reader finds at a higher sensitivity, as the reader sees it."""
    number = [one.layer for one in labeler.tag_sets].index(LAYER)
    decisions = labeler.decisions
    own = decisions[number]
    decisions[number] = replace(own, threshold_offset=own.threshold_offset + offset)
    tag_set = labeler.config.head(LAYER).tag_set
    config = SpanReaderConfig(LAYER, tag_set.labels)
    texts = [document.words for document in documents]
    (tags,) = labeler.inference.tags(texts, decisions, heads=[number])
    inputs, spans, places = [], [], []
    for text, (ids, scores) in enumerate(tags):
        found = tags_to_spans([tag_set.tags[one] for one in ids], tag_set.scheme).spans
        if found:
            # Text by text, so that the states of a corpus are never all in memory.
            (states,) = labeler.inference.states([texts[text]])
            inputs.append(inputs_of(config, states, found, scores))
            spans += found
            places += [text] * len(found)
    width = 5 * 2 * labeler.config.hidden + 2 * len(tag_set.labels) + 8
    return Findings(np.concatenate([np.zeros((0, width), np.float16), *inputs]), spans, places)


def inputs_of(config: SpanReaderConfig, states: Floats, spans: Sequence[Span], scores: Floats) -> Floats:
    """What `SpanReader` multiplies with its weights, for the spans of one text: (spans, inputs).

    Args:
        config: The numbers of the reader.
        states: States (words, width).
        spans: The spans, in order.
        scores: The probability of each word's tag, (words,).
    """
    words, nothing = len(states), np.zeros(states.shape[1], np.float32)
    least = np.array([scores[one.start : one.end].min() for one in spans])
    mean = np.array([scores[one.start : one.end].mean() for one in spans])
    sure = least >= config.sure
    labels = [config.labels.index(one.label) for one in spans]
    rows = []
    for place, one in enumerate(spans):
        others = [number for number, other in enumerate(spans) if sure[number] and number != place]
        near = [n for n in others if spans[n].start < one.end + AROUND and spans[n].end > one.start - AROUND]
        label = np.zeros(len(config.labels))
        label[labels[place]] = 1
        counts = np.bincount([labels[n] for n in others], minlength=len(label))
        numbers = [
            log_odds(least[place]) / 3,
            log_odds(mean[place]) / 3,
            np.log(one.end - one.start),
            np.log(words) / 5,
            np.log1p(len(near)),
            np.log1p(len(spans)),
            log_odds(least[place]) ** 2 / 10,
            float(words == 1),
        ]
        views = [
            states[one.start : one.end].mean(axis=0),
            states[one.start - 1] if one.start else nothing,
            states[one.end] if one.end < words else nothing,
            states[max(one.start - config.near, 0) : one.end + config.near].mean(axis=0),
            states.mean(axis=0),
        ]
        rows.append(np.concatenate([*views, label, np.log1p(counts), numbers]))
    # Half of the memory; the third digit of an input decides nothing.
    return np.array(rows, np.float16)


def log_odds(share: float) -> float:
    inside = min(max(float(share), 1e-4), 1 - 1e-4)
    return float(np.log(inside / (1 - inside)))


def in_texts(labeler: Labeler, texts: Iterable[Marked], offset: float) -> Examples:
    """Findings in texts whose values are known: right where they touch one, left out where they touch an open one."""
    documents = [document_of(*text) for text in texts]
    found = findings(labeler, documents, offset)
    gold = [document.spans[LAYER].spans for document in documents]
    right = [truth(span, gold[text]) for span, text in zip(found.spans, found.texts, strict=True)]
    return kept(found, right)


def truth(span: Span, gold: Iterable[Span]) -> bool | None:
    """Whether a finding touches a private value; None where it only touches what is open."""
    labels = {one.label for one in gold if one.start < span.end and span.start < one.end}
    if labels == {OPEN}:
        return None
    return bool(labels)


def in_prose(labeler: Labeler, texts: Iterable[str], offset: float, *, public: bool) -> Examples:
    """Findings in prose: wrong unless a rule proves them; where persons are public, those of other labels left out."""
    documents = [labeler.tokenise(text) for text in texts]
    found = findings(labeler, documents, offset)
    proven = [rule_spans(document) for document in documents]
    right: list[bool | None] = []
    for span, text in zip(found.spans, found.texts, strict=True):
        is_proven = any(one.start < span.end and span.start < one.end for one in proven[text])
        is_open = is_proven or (public and span.label not in WRONG_IN_PUBLIC)
        right.append(None if is_open else False)
    return kept(found, right)


def kept(found: Findings, right: Sequence[bool | None]) -> Examples:
    """The findings of which it is known whether they are right."""
    known = [number for number, one in enumerate(right) if one is not None]
    answers = np.array([bool(right[number]) for number in known], np.float32)
    return Examples(found.inputs[known], answers, np.ones(len(known), np.float32))


def prose_of(path: Path, words: int, chance: random.Random) -> Iterator[str]:
    """Texts of about so many words together, from all over a source: pieces of its documents, short and long ones."""
    with lzma.open(path, "rt", encoding="utf-8") as file:
        documents = file.read().split("\n\n")
    chance.shuffle(documents)
    count = 0
    for document in documents:
        piece: list[str] = []
        wanted = chance.choice(LENGTHS)
        for line in filter(str.strip, document.split("\n")):
            if count >= words:
                break
            piece.append(line)
            count += len(line.split())
            if sum(len(one.split()) for one in piece) >= wanted:
                yield "\n".join(piece)
                piece, wanted = [], chance.choice(LENGTHS)
        if piece:
            yield "\n".join(piece)


def examples(settings: Settings, labeler: Labeler) -> Examples:
    """All that the reader learns from."""
    chance = random.Random(settings.seed)
    parts = []
    for name, texts in private_texts(settings, chance).items():
        parts.append(in_texts(labeler, texts, LEARNT_OFFSET))
        report(settings, name, parts[-1])
    private = sum(len(part.right) for part in parts)
    of_prose = []
    sources = sorted(NOBODY | OFFICIAL | PUBLIC)
    paths = {name: settings.data / "web" / f"{name}.txt.xz" for name in sources}
    for name, path in paths.items():
        if path.is_file():
            texts = prose_of(path, settings.words, chance)
            of_prose.append(in_prose(labeler, texts, LEARNT_OFFSET, public=name in PUBLIC))
            report(settings, name, of_prose[-1])
    if not of_prose:
        raise DataError(f"{settings.data / 'web'}: has none of {', '.join(sources)}. Give at least one of them.")
    amount = sum(len(part.right) for part in of_prose)
    scale = settings.prose * private / max(amount, 1)
    parts += [part._replace(weights=part.weights * np.float32(scale)) for part in of_prose]
    return Examples(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def private_texts(settings: Settings, chance: random.Random) -> dict[str, list[Marked]]:
    """Texts whose values are known, by their source."""
    split, seed = Split.ALL, settings.seed
    written = list(redrawn_texts(settings.readings, seed=seed, split=split, styles=ALL_STYLES))
    generated = list(generate(settings.texts, seed=seed, split=split, styles=ALL_STYLES))
    both = [*written, *generated]
    texts = {
        "texts by hand": written,
        "generated texts": generated,
        "single values": list(single_values(settings.values, seed=seed + 1, split=split)),
        "sentences": list(sentences(chance.sample(both, min(settings.sentences, len(both))))),
    }
    path = settings.data / "pii_anon" / "train.jsonl"
    if path.is_file():
        anon = list(anon_texts(path))
        texts["pii_anon"] = chance.sample(anon, min(settings.anon_texts, len(anon)))
    return texts


def sentences(texts: Iterable[Marked]) -> Iterator[Marked]:
    """The lines and sentences that have a value, each as a text of its own."""
    for text, values in texts:
        cuts = [found.end() for found in _CUT.finditer(text)]
        inside = [cut for cut in cuts if not any(start < cut < end for start, end, _ in values)]
        for start, end in pairwise([0, *inside, len(text)]):
            own = [(first - start, last - start, label) for first, last, label in values if start <= first < end]
            if own and len(text[start:end].split()) > 2:
                yield text[start:end], own


def report(settings: Settings, name: str, part: Examples) -> None:
    if not settings.quiet:
        print(f"{name}: {len(part.right):,} findings, {int(part.right.sum()):,} right", flush=True)


def fit(found: Examples, *, epochs: int, seed: int) -> tuple[Floats, float]:
    """Logistic regression on inputs of mean 0 and deviation 1; gives weights (inputs,) and bias for the raw ones."""
    inputs = torch.from_numpy(found.inputs)
    mean = torch.from_numpy(found.inputs.mean(axis=0, dtype=np.float64)).float()
    deviation = torch.from_numpy(found.inputs.std(axis=0, dtype=np.float64)).float() + 1e-3
    right, weights = torch.from_numpy(found.right), torch.from_numpy(found.weights)
    torch.manual_seed(seed)
    layer = torch.nn.Linear(inputs.shape[1], 1)
    optimiser = torch.optim.AdamW(layer.parameters(), RATE, weight_decay=DECAY)
    batches = epochs * -(-len(right) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=batches + 1)
    for _ in range(epochs):
        for batch in torch.randperm(len(right)).split(BATCH):
            scores = layer((inputs[batch].float() - mean) / deviation)[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(scores, right[batch], weights[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    with torch.no_grad():
        raw = layer.weight[0] / deviation
        bias = layer.bias[0] - raw @ mean
    return raw.numpy(), float(bias)


def held_back(found: Examples, seed: int) -> tuple[Examples, Examples]:
    """Most of the examples, and `CALIBRATING` of them, drawn by chance."""
    is_held_back = np.random.default_rng(seed).random(len(found.right)) < CALIBRATING
    return chosen(found, ~is_held_back), chosen(found, is_held_back)


def chosen(found: Examples, which: npt.NDArray[np.bool_]) -> Examples:
    return Examples(found.inputs[which], found.right[which], found.weights[which])


def calibrated(weights: Floats, bias: float, found: Examples) -> tuple[Floats, float]:
    """The same regression with its log odds scaled and shifted (Platt 1999), so that it is calibrated on these."""
    odds = torch.from_numpy(found.inputs.astype(np.float64) @ weights + bias)
    right, amounts = torch.from_numpy(found.right).double(), torch.from_numpy(found.weights).double()
    scale, shift = torch.ones((), dtype=torch.float64), torch.zeros((), dtype=torch.float64)
    numbers = [one.requires_grad_() for one in (scale, shift)]
    optimiser = torch.optim.LBFGS(numbers, max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.binary_cross_entropy_with_logits(scale * odds + shift, right, amounts)
        value.backward()
        return value

    optimiser.step(loss)
    if scale.item() <= 0:
        raise OptionError(
            "--words: the reader is no better than chance on other findings. Give more --words and --texts."
        )
    return np.asarray(weights * scale.item(), np.float32), bias * scale.item() + shift.item()


def reader_of(labeler: Labeler, weights: Floats, bias: float, offset: float) -> SpanReader:
    """A linear reader that drops nothing yet, from weights in the order of `inputs_of`."""
    tag_set = labeler.config.head(LAYER).tag_set
    width, labels = 2 * labeler.config.hidden, len(tag_set.labels)
    states, label, counts, numbers = np.split(weights, np.cumsum([5 * width, labels, labels]))
    arrays = {
        "states": states.reshape(5, 1, width),
        "labels": label[:, None],
        "counts": counts[:, None],
        "numbers": numbers[:, None],
        "bias": np.array([bias]),
    }
    config = SpanReaderConfig(LAYER, tag_set.labels, offset=offset, least=0.0)
    return SpanReader(config, {name: np.asarray(one, np.float32) for name, one in arrays.items()}, tag_set)


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


def main(settings: Settings) -> None:
    """Teach a labeler of private data a second reader and measure it."""
    make_folder(settings.output)
    before = Labeler.load(settings.start)
    before.set_reader(None)
    learnt, calibrating = held_back(examples(settings, before), settings.seed)
    weights, bias = fit(learnt, epochs=settings.epochs, seed=settings.seed)
    weights, bias = calibrated(weights, bias, calibrating)

    reader = reader_of(before, weights, bias, settings.offset)
    after = before.copy()
    dev = in_texts(before, hand_written(DEV), LEARNT_OFFSET)
    odds = dev.inputs.astype(np.float64) @ weights + bias
    probabilities = 1 / (1 + np.exp(-odds))
    keeps = {one: float((probabilities[dev.right > 0] >= one).mean()) for one in LEAST}
    after.set_reader(reader.dropping_from(settings.least))
    after.save(settings.output / "labeler", compact=settings.compact)

    figures = {part: [private_characters(one, part) for one in (before, after)] for part in TESTS}
    prose: dict[str, list[float]] = {}
    for name in sorted(HELD_OUT):
        path = settings.data / "web" / f"{name}.txt.xz"
        if path.is_file():
            texts = list(prose_of(path, settings.test_words, random.Random(settings.seed)))
            prose[name] = [alarms(one, texts) for one in (before, after)]
    made = {"least": settings.least, "right_kept_by_least": {f"{one:g}": share for one, share in keeps.items()}}
    write_metrics(settings.output / "metrics.json", {**made, "characters": figures, "alarms_per_1000_words": prose})
    print(f"findings below {settings.least:g} are dropped; the labeler is in {settings.output / 'labeler'}")
    for part, both in figures.items():
        for name in ("recall", "precision", "f2"):
            print(f"{part}, {name} of private characters: {100 * both[0][name]:.1f} → {100 * both[1][name]:.1f}")
    for name, (old, new) in prose.items():
        print(f"{name}, alarms per 1,000 words: {old:.1f} → {new:.1f}")


if __name__ == "__main__":
    run(main, Settings)
