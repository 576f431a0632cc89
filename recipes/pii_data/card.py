"""The README.md of a labeler of private data: its figures in the text of card.md, which stands beside this module."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqlabel.reports.cards import Scored, model_index
from seqlabel.reports.metadata import with_metadata

from .by_hand import Topic, hand_written_to_train
from .labels import EXAMPLES, PiiType
from .training import PARAGRAPHS, STARTED_LR

_TEXT = Path(__file__).parent / "card.md"
_NOTHING = {"support": 0}
TEXTS, ANON_TEXTS, READINGS, EPOCHS = 44_000, 4_000, 6, 2
"""What `recipes/pii.py` trains on where nothing else is said."""
_NEW = "whose templates, names and other lists training did not have"
_KNOWN = "whose templates and names training has seen, so that they flatter"
_SUMS = (
    ("private or not, words", "private_words"),
    ("private or not, exact spans", "private_spans"),
    ("all types, exact", "exact"),
    ("all types, partial", "partial"),
)
_PARTS = {
    "written_test": "80 texts written by hand for testing",
    "generated": "generated texts",
    "pii_anon": "pii_anon, dev part",
}
_UNSEEN = """A labeler that two passes made from `en` alone without some styles, and without the generator's
sentences of every day, its screens, its look-alikes and the texts by hand, which came later, finds in them:

| left out, then tested on | private words: P | R | F1 | F2 | types, partial: P | R | F1 | F2 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

"""
_AGREED = """;
MASC and paragraphs of the web texts that `en` has read, with the labels that {agreed} labelers agree on; paragraphs of
law, medicine and manuals in which what a labeler took for a person or a person's number is nobody's"""
_STARTED = """ Training began with the weights of
`en_pii` as it shipped before. Those are the mean of passes that began with nine from `en` without machine text and
single values, but with MASC and paragraphs of the web texts as earlier labelers agreed on them, and went on with four
on mixes like this one."""
_MEAN = """ The result is the mean of the weights of
{mean} such passes from there (Wortsman et al. 2022): one of this command, and one each of the seeds 5 and 7 with
`--texts 20000 --anon-texts 2000`. On texts written by hand for choosing the mean was better than each."""
_TO_TRAIN = """{count:,} texts written by hand for training
(`recipes/pii_data/written/train`: clinical, legal, chats, screens, logs, office, prose, look-alikes, firms, values),
readings of each in a pass: {readings}, of those of the last three thrice as many, every time with other people, places
and numbers in it; """
_VALUES = """{values:,} short texts with a secret, a telephone or national number, a firm, a message of a machine, or
something that only looks like one (`recipes/pii_data/keys.py`); """
_MACHINES = """;
machine text of 142 public repositories under open licences, which NOTICE names, {machines:.0%} of its documents: logs,
screens, configuration, code and manuals, whose addresses and user names a script labels, while most of what the labeler
of before found there beside them is taught as false alarms; paragraphs of the web texts that `en` has read, in which
the numbers that it took for private ones are taught as false alarms too"""
_KEPT = """ The result is {keep:.0%} those
weights and the rest the new ones, which keeps more of the values of people."""


def write_card(found: Mapping[str, Any], others: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write what a labeler labels, how well, and what it was made of.

    Args:
        found: The figures that `recipes/pii.py` writes to metrics.json.
        others: The same of labelers that were trained with `--leave-out`.
        folder: The labeler's folder.
    """
    generated, anon = found["generated"], found["pii_anon"]
    types, partial = (
        "\n".join(
            _row(f"{name} | `{EXAMPLES[name]}`", *(one[key].get(name, _NOTHING) for one in (generated, anon)))
            for name in PiiType
        )
        for key in ("types", "partial_types")
    )
    unseen = "\n".join(
        _row(other["left_out"].replace(",", ", "), other[key]["private_words"], other[key]["partial"])
        for other in others
        for key in ("generated", "pii_anon")
        if key in other
    )
    size = sum(file.stat().st_size for file in folder.iterdir() if file.name != "README.md")
    text = _TEXT.read_text(encoding="utf-8").format(
        types=types,
        partial=partial,
        sums="\n".join(_row(title, generated[key], anon[key]) for title, key in _SUMS),
        unseen=_UNSEEN.format(rows=unseen) if unseen else "",
        generated=_KNOWN if found["all"] else _NEW,
        anon=f"{found['anon_texts']:,} texts of ",
        before=(_STARTED if found["start"] else "")
        + (_KEPT.format(keep=found["keep"]) if found["keep"] else "")
        + (_MEAN.format(mean=found["mean"]) if found["mean"] > 1 else ""),
        options=_options(found),
        by_hand="\n".join(_row(title, found["written_test"][key]) for title, key in _SUMS),
        by_hand_clean=found["written_test"]["clean"],
        alarms=found["clean_prose"]["false_alarms_per_1000_words"],
        clean=found["clean_prose"]["words"],
        lower=100 * found["lower_case_names_recall"],
        texts=found["texts"],
        to_train=_TO_TRAIN.format(
            count=sum(1 for topic in Topic for _ in hand_written_to_train(topic)), readings=readings
        )
        if (readings := found["readings"])
        else "",
        values=_VALUES.format(values=found["values"]) if found["values"] else "",
        masc=(_AGREED.format(agreed=found["agreed"]) if found["agreed"] else "")
        + (_MACHINES.format(machines=found["machines"]) if found["machines"] else ""),
        agreed=" --agreed …" * found["agreed"],
        teachers="\n(the labeler that training began with, and `eu_pii`)" if found["agreed"] else "",
        epochs=found["epochs"],
        seed=found["seed"],
        # The card itself has some ten thousand characters.
        size=(size + 9_000) / 1e6,
    )
    (folder / "README.md").write_text(with_metadata(text, {"model-index": _index(found)}), encoding="utf-8")


def _index(found: Mapping[str, Any]) -> list[dict[str, object]]:
    """The figures that model pages of the Hub show: of private words and of exact spans."""
    keys = {"precision": "precision", "recall": "recall", "f1": "f1", "f2": "f"}
    names = {"private words": "private_words", "exact spans": "exact"}
    scored = [
        Scored(
            data,
            {f"{name} {metric}": found[part][of][key] for name, of in names.items() for metric, key in keys.items()},
        )
        for part, data in _PARTS.items()
    ]
    return model_index("en_pii", "token-classification", scored)


def _options(found: Mapping[str, Any]) -> str:
    """The options that change what is trained on."""
    said = (
        (" --start …", found["start"]),
        (f" --keep {found['keep']}", found["keep"]),
        (" --mean …" * (found["mean"] - 1), found["mean"] > 1),
        (" --all", found["all"]),
        (f" --texts {found['texts']}", found["texts"] != TEXTS),
        (f" --anon-texts {found['anon_texts']}", found["anon_texts"] != ANON_TEXTS),
        (f" --readings {found['readings']}", found["readings"] != READINGS),
        (f" --epochs {found['epochs']}", found["epochs"] != EPOCHS),
        (f" --values {found['values']}", found["values"]),
        (f" --machines {found['machines']}", found["machines"]),
        (f" --paragraphs {found['paragraphs']}", found["paragraphs"] != PARAGRAPHS),
        (f" --rate {found['rate']:g}", found["rate"] != STARTED_LR),
        (f" --seed {found['seed']}", found["seed"]),
    )
    return "".join(option for option, is_said in said if is_said)


def _row(title: str, *scores: Mapping[str, float]) -> str:
    keys = ("precision", "recall", "f1", "f")
    cells = [f"{100 * one[key]:.1f}" if one["support"] else "–" for one in scores for key in keys]
    return f"| {title} | {' | '.join(cells)} |"
