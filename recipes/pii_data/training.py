"""What a labeler of private data is trained on: documents of all sources, and the weights of another labeler."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import Tensor

from seqlabel import (
    Display,
    Document,
    HeadConfig,
    Labeler,
    OneCycle,
    OptionError,
    Scheme,
    TagSet,
    find_texts,
    fine_tune,
)
from seqlabel.documents import Repairs
from seqlabel.models.measuring import calibrate
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.text import tagged_words
from seqlabel.training import TrainingOptions

from .corpora import NOBODYS, anon_texts, document_of, paragraphs, posts, treebank, with_open_spans
from .generator import ALL_STYLES, Style, generate
from .keys import single_values
from .labels import PiiType
from .machine_texts import machine_documents
from .mixing import IN_PUBLIC, OFFSET, agreement, joined, of_nobody, recased, with_tags
from .redrawn import redrawn_texts
from .splits import Split

ANON = "pii_anon"
PARAGRAPHS, OF_NOBODY = 150, 800
"""Paragraphs of each text of the web that teachers label, and of each of those that name no person."""
HEAD = HeadConfig(TagSet(LAYER, tuple(map(str, PiiType)), Scheme.BIO), Softmax())
"""A softmax head, which is fast with this many labels."""
STARTED_LR = 1e-3
"""The highest rate of a labeler that is trained on, for all layers alike: between those of fresh layers and of
pretrained ones."""


@dataclass(frozen=True)
class Share:
    """What is trained or tested on: the styles of generated texts, and whether the corpus is among them."""

    styles: tuple[Style, ...]
    anon: bool


def shares(left_out: str) -> tuple[Share, Share]:
    """What is trained on and what is tested on: without and with the left-out styles, or everything twice."""
    names = set(filter(None, left_out.split(",")))
    known = {ANON, *ALL_STYLES}
    if not names <= known:
        raise OptionError(f"--leave-out: Found {sorted(names - known)[0]!r}. Give some of {', '.join(sorted(known))}.")
    if not names:
        return (everything := Share(ALL_STYLES, True)), everything
    out = tuple(style for style in ALL_STYLES if style in names)
    kept = tuple(style for style in ALL_STYLES if style not in names)
    return Share(kept, ANON not in names), Share(out, ANON in names)


def training_documents(
    data: Path,
    share: Share,
    teachers: Sequence[Labeler],
    *,
    texts: int,
    anon: int,
    readings: int,
    values: int = 0,
    machines: float = 0.0,
    paragraphs_each: int = PARAGRAPHS,
    before: Labeler | None = None,
    split: Split,
    seed: int,
) -> tuple[list[Document], list[Document]]:
    """Documents to train on, and apart from them some to choose on.

    WNUT-17 goes with the style `social`. `texts` are generated, at most `anon` are of pii_anon, and each text written
    by hand for training is read `readings` times. `values` are single values in plain surroundings. Teachers label MASC
    and `paragraphs_each` paragraphs of each text of the web, where they agree. What a labeler of `before` finds in a
    share of the texts of `machines`, and of numbers in those paragraphs, are mostly false alarms.
    """
    repairs, chance = Repairs(), random.Random(seed)
    generated = [document_of(*text, repairs) for text in generate(texts, seed=seed, split=split, styles=share.styles)]
    # Choosing on texts of the same half would be no test, but it tells too long a training from a good one.
    train, dev = generated[: -texts // 20], generated[-texts // 20 :]
    redrawn = redrawn_texts(readings, seed=seed, split=split, styles=share.styles)
    train += [with_open_spans(document_of(*text, repairs)) for text in redrawn]
    singles = [document_of(*text, repairs) for text in single_values(values, seed=seed, split=split)]
    train += singles[::2]
    if share.anon:
        known = list(anon_texts(data / ANON / "train.jsonl"))
        drawn = [document_of(*text, repairs) for text in chance.sample(known, min(anon, len(known)))]
        train += drawn[: -len(drawn) // 20]
        dev += drawn[-len(drawn) // 20 :]
    train += recased(treebank(data, "train", gold=False), chance, lower=0.15, upper=0.03)
    if Style.SOCIAL in share.styles:
        train += recased(posts(data), chance, lower=0.15, upper=0.03)
    train = joined(train, chance)
    # What stands alone has nothing around it that says what it is not, so it is taught alone too.
    train += map(with_tags, singles[1::2])
    if teachers:
        train += _taught(data, teachers, chance, paragraphs_each)
    if before is not None:
        train += machine_documents(data, before, chance, share=machines)
        for path in sorted((data / "web").glob("*.txt.xz")):
            drawn = paragraphs(path, paragraphs_each, chance)
            train += recased(of_nobody(drawn, before, IN_PUBLIC), chance, lower=0.1, upper=0.0)
    dev += treebank(data, "dev", gold=True)
    print(f"{len(train):,} documents to train on, {sum(map(len, train)):,} words; {repairs}", flush=True)
    return train, dev


def _taught(data: Path, teachers: Sequence[Labeler], chance: random.Random, paragraphs_each: int) -> list[Document]:
    """MASC and texts of the web with the labels that all teachers give, or with nothing private."""
    # Every tenth file is for testing in other recipes.
    known = (path for place, path in enumerate(find_texts(data / "masc")) if place % 10 != 9)
    texts, result = [" ".join(tagged_words(path)) for path in known], []
    for path in sorted((data / "web").glob("*.txt.xz")):
        if path.name.partition(".")[0] in NOBODYS:
            drawn = paragraphs(path, OF_NOBODY, chance)
            result += recased(of_nobody(drawn, teachers[0]), chance, lower=0.1, upper=0.0)
        else:
            texts += paragraphs(path, paragraphs_each, chance)
    return [*result, *recased(agreement(texts, teachers), chance, lower=0.1, upper=0.0)]


def mix_weights(labeler: Labeler, others: Mapping[str, Tensor], share: float) -> None:
    """Move each of a labeler's weights by a share of the way to another one, by name; without others nothing moves."""
    weights = labeler.module.state_dict()
    for name, values in others.items():
        if values.is_floating_point():
            weights[name].lerp_(values, share)


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
    others: Sequence[Labeler] = (),
) -> Labeler:
    """Train a labeler, and fit its probabilities and thresholds on texts of styles that are not the generator's.

    Texts of the generator's styles are too easy to say how sure a labeler may be of others. `kept` is the share of the
    weights of before in those that it ends with: what it knew then stays (Wortsman et al. 2022, robust fine-tuning).
    `others` are labelers of other trainings from the same weights, which end in the same valley, so that the mean of
    all is better than each (Wortsman et al. 2022, model soups).
    """
    before = {name: values.clone() for name, values in labeler.module.state_dict().items()} if kept else {}
    fine_tune(labeler, train, dev, options=options, words=2_000, display=Display.SILENT if quiet else Display.AUTO)
    mix_weights(labeler, before, kept)
    for count, other in enumerate(others, 2):
        mix_weights(labeler, other.module.state_dict(), 1 / count)
    calibrate(labeler, unseen)
    labeler.set_threshold_offset(LAYER, OFFSET)
    return labeler
