"""What a labeler of private data is trained on: documents of all sources, and the weights of
another labeler.
"""

import random
from dataclasses import dataclass, replace
from pathlib import Path

from seqlabel import (
    Display,
    Document,
    HeadConfig,
    Labeler,
    OneCycle,
    OptionError,
    Scheme,
    TagSet,
    fine_tune,
)
from seqlabel.models.measuring import calibrate
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.training import TrainingOptions

from .common_words import common_texts
from .corpora import anon_texts, documents, paragraphs, posts, treebank, with_open_spans
from .europe import Language
from .europe_prose import european_prose
from .generator import ALL_STYLES, Style, generate, harmless_texts
from .labels import PiiType
from .machine_texts import machine_documents
from .mixing import IMPERSONAL, IN_PUBLIC, OFFICIAL_LABELS, OFFSET, joined, of_nobody, recased
from .redrawn import redrawn_texts
from .singles import identity_texts, single_values
from .splits import Split
from .web_sources import HELD_OUT, NOBODY, OFFICIAL

ANON = "pii_anon"
PARAGRAPHS = 150
"""Paragraphs of each text of the web."""
NOBODY_TIMES = 5
"""How many times as many paragraphs of a source that concerns nobody are read as of another one."""
HEAD = HeadConfig(TagSet(LAYER, tuple(map(str, PiiType)), Scheme.BIO), Softmax())
"""A softmax head, which is fast with this many labels."""
STARTED_LR = 1e-3
"""The highest rate of a labeler that is trained on, for all layers alike: between those of fresh
layers and of pretrained ones."""


@dataclass(frozen=True)
class Share:
    """What is trained or tested on: the styles of generated texts, and whether the corpus is among
    them.
    """

    styles: tuple[Style, ...]
    anon: bool


def shares(left_out: str) -> tuple[Share, Share]:
    """What is trained on and what is tested on: without and with the left-out styles, or everything
    twice.
    """
    names = set(filter(None, left_out.split(",")))
    known = {ANON, *ALL_STYLES}
    if not names <= known:
        raise OptionError(
            f"--leave-out: Found {sorted(names - known)[0]!r}. Give some of "
            f"{', '.join(sorted(known))}."
        )
    if not names:
        return (everything := Share(ALL_STYLES, True)), everything
    out = tuple(style for style in ALL_STYLES if style in names)
    kept = tuple(style for style in ALL_STYLES if style not in names)
    return Share(kept, ANON not in names), Share(out, ANON in names)


@dataclass(frozen=True)
class Mix:
    """How much of each source is trained on: texts and sentences, in each language or file where
    nothing else is said.

    Args:
        texts: Generated texts, in all languages together; with others, English has as many more as
            its share.
        anon: Texts of pii_anon, at most.
        readings: How often each English text written by hand is read.
        values: Single values in plain surroundings in English, and with other languages as many
            numbers.
        common: Texts of common words, and half as many of sentences that name nobody.
        sentences: Sentences of the treebanks of each language, and half as many of each file of
            names.
        paragraphs: Paragraphs of each text of the web and of each file of plain text.
        machines: The share of the documents of machine text.
        languages: The languages.
    """

    texts: int
    anon: int = 0
    readings: int = 0
    values: int = 0
    common: int = 0
    sentences: int = 0
    paragraphs: int = PARAGRAPHS
    machines: float = 0.0
    languages: tuple[Language, ...] = (Language.EN,)


def training_documents(
    data: Path,
    share: Share,
    mix: Mix,
    *,
    before: Labeler | None = None,
    split: Split,
    seed: int,
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and apart from them some to choose on.

    Beside the sources of the mix, the English Web Treebank is read, and WNUT-17 with the style
    `social` of English alone. What may be private in real text is left open. What a labeler of
    `before` finds in machine text, and of numbers in the web, are mostly false alarms.
    """
    chance, others = (
        random.Random(seed),
        [language for language in mix.languages if language is not Language.EN],
    )
    generated = documents(
        generate(mix.texts, seed=seed, split=split, styles=share.styles, languages=mix.languages)
    )
    if others:
        # English has more styles, and so more to learn from.
        more = mix.texts // len(mix.languages)
        generated += documents(generate(more, seed=seed + 1, split=split, styles=share.styles))
        chance.shuffle(generated)
    # Choosing on texts of the same half would be no test, but it tells too long a training from a
    # good one.
    train, dev = generated[: -mix.texts // 20], generated[-mix.texts // 20 :]
    for language in mix.languages:
        train += documents(common_texts(mix.common, seed=seed, split=split, language=language))
        if language in others:
            train += documents(
                harmless_texts(mix.common // 2, seed=seed, split=split, language=language)
            )
    train += documents(redrawn_texts(mix.readings, seed=seed, split=split, styles=share.styles))
    singles = documents(single_values(mix.values, seed=seed, split=split))
    if others:
        singles += documents(identity_texts(mix.values, seed=seed, split=split))
        chance.shuffle(singles)
    train += singles[::2]
    if share.anon and mix.anon:
        known = list(anon_texts(data / ANON / "train.jsonl"))
        drawn = documents(chance.sample(known, min(mix.anon, len(known))))
        train += drawn[: -len(drawn) // 20]
        dev += drawn[-len(drawn) // 20 :]
    real = list(treebank(data, "train", gold=False))
    if others:
        real += european_prose(data, mix.sentences, mix.paragraphs, chance)
    elif Style.SOCIAL in share.styles:
        real += posts(data)
    train = joined([*train, *recased(real, chance, lower=0.15, upper=0.03)], chance)
    # What stands alone has nothing around it that says what it is not, so it is taught alone too.
    train += map(with_open_spans, singles[1::2])
    if before is not None:
        train += machine_documents(data, before, chance, share=mix.machines)
        for path in sorted((data / "web").glob("*.txt.xz")):
            source = path.name.removesuffix(".txt.xz")
            if source in HELD_OUT:
                continue
            may_be_right = (
                IMPERSONAL
                if source in NOBODY
                else OFFICIAL_LABELS
                if source in OFFICIAL
                else IN_PUBLIC
            )
            times = 1 if may_be_right is IN_PUBLIC else NOBODY_TIMES
            drawn_lines = paragraphs(path, times * mix.paragraphs, chance)
            train += recased(
                of_nobody(drawn_lines, before, may_be_right), chance, lower=0.1, upper=0.0
            )
    dev += [] if others else treebank(data, "dev", gold=True)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words", flush=True)
    return train, dev


def trained_on(options: TrainingOptions, rate: float) -> TrainingOptions:
    """The options for a labeler that has learnt the task already, in all its layers alike."""
    return replace(options, schedule=OneCycle(max_lr=rate, pct_start=0.1), lr_scales={})


def train_labeler(
    labeler: Labeler,
    train: list[Document],
    dev: list[Document],
    unseen: list[Document],
    *,
    options: TrainingOptions,
    quiet: bool,
    kept: float = 0.0,
) -> Labeler:
    """Train a labeler, and fit its probabilities and thresholds on texts of styles that are not the
    generator's.

    Texts of the generator's styles are too easy to say how sure a labeler may be of others. `kept`
    is the share of the weights of before in those that it ends with: what it knew then stays
    (Wortsman et al. 2022, robust fine-tuning).
    """
    before = {name: values.clone() for name, values in labeler.module.state_dict().items()}
    fine_tune(labeler, train, dev, options=options, words=2_000, display=Display.unless(quiet))
    if kept:
        for name, values in labeler.module.state_dict().items():
            if values.is_floating_point():
                values.lerp_(before[name], kept)
    calibrate(labeler, unseen)
    labeler.set_threshold_offset(LAYER, OFFSET)
    return labeler
