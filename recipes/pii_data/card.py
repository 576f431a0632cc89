"""The README.md of a labeler of private data: its figures in the text of card.md, which stands
beside this module.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqlabel.reports.cards import Scored, model_index
from seqlabel.reports.metadata import with_metadata

from .by_hand import READERS_ALONE, Topic, hand_written_to_train
from .labels import EXAMPLES, PiiType
from .training import PARAGRAPHS, STARTED_LR

_TEXT = Path(__file__).parent / "card.md"
_SAID = tomllib.loads((Path(__file__).parent / "card.toml").read_text(encoding="utf-8"))
_NOTHING = {"support": 0}
TEXTS, ANON_TEXTS, READINGS, EPOCHS = 44_000, 4_000, 6, 2
"""What `recipes/pii.py` trains on where nothing else is said."""
USUAL = {
    **{"texts": TEXTS, "anon_texts": ANON_TEXTS, "readings": READINGS, "epochs": EPOCHS},
    **{"values": 0, "machines": 0.0, "paragraphs": PARAGRAPHS, "rate": STARTED_LR, "seed": 0},
}
"""The options that the card names where they are others, in its order."""
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
            _row(
                f"{name} | `{EXAMPLES[name]}`",
                *(one[key].get(name, _NOTHING) for one in (generated, anon)),
            )
            for name in PiiType
        )
        for key in ("types", "partial_types")
    )
    unseen = "\n".join(
        _row(
            other["left_out"].replace(",", ", "), other[key]["private_words"], other[key]["partial"]
        )
        for other in others
        for key in ("generated", "pii_anon")
        if key in other
    )
    size = sum(file.stat().st_size for file in folder.iterdir() if file.name != "README.md")
    text = _TEXT.read_text(encoding="utf-8").format(
        types=types,
        partial=partial,
        sums="\n".join(_row(title, generated[key], anon[key]) for title, key in _SUMS),
        unseen=_SAID["unseen"].format(rows=unseen) if unseen else "",
        generated=_SAID["known"] if found["all"] else _SAID["new"],
        anon=f"{found['anon_texts']:,} texts of ",
        before=_said("started", found, "start") + _said("kept", found, "keep"),
        options=_options(found),
        by_hand="\n".join(_row(title, found["written_test"][key]) for title, key in _SUMS),
        by_hand_clean=found["written_test"]["clean"],
        alarms=found["clean_prose"]["false_alarms_per_1000_words"],
        clean=found["clean_prose"]["words"],
        lower=100 * found["lower_case_names_recall"],
        texts=found["texts"],
        to_train=_said(
            "to_train",
            found,
            "readings",
            # These only its second reader has read.
            count=sum(
                1
                for topic in Topic
                if topic not in READERS_ALONE
                for _ in hand_written_to_train(topic)
            ),
        ),
        values=_said("values", found, "values"),
        machines=_said("machines", found, "machines"),
        epochs=found["epochs"],
        seed=found["seed"],
        # The card itself has some ten thousand characters.
        size=(size + 9_000) / 1e6,
    )
    (folder / "README.md").write_text(
        with_metadata(text, {"model-index": _index(found)}), encoding="utf-8"
    )


def _index(found: Mapping[str, Any]) -> list[dict[str, object]]:
    """The figures that model pages of the Hub show: of private words and of exact spans."""
    keys = {"precision": "precision", "recall": "recall", "f1": "f1", "f2": "f"}
    names = {"private words": "private_words", "exact spans": "exact"}
    scored = [
        Scored(
            data,
            {
                f"{name} {metric}": found[part][of][key]
                for name, of in names.items()
                for metric, key in keys.items()
            },
        )
        for part, data in _PARTS.items()
    ]
    return model_index("en_pii", "token-classification", scored)


def _options(found: Mapping[str, Any]) -> str:
    """The options that change what is trained on."""
    flags = " --start …" * found["start"] + (f" --keep {found['keep']}" if found["keep"] else "")
    flags += " --all" * found["all"]
    changed = (
        f" --{name.replace('_', '-')} {found[name]:g}"
        for name in USUAL
        if found[name] != USUAL[name]
    )
    return flags + "".join(changed)


def _said(part: str, found: Mapping[str, Any], key: str, **more: object) -> str:
    """A part of the card, where the figure of a key is neither nothing nor no."""
    return _SAID[part].format(**{key: found[key]}, **more) if found[key] else ""


def _row(title: str, *scores: Mapping[str, float]) -> str:
    keys = ("precision", "recall", "f1", "f")
    cells = [f"{100 * one[key]:.1f}" if one["support"] else "–" for one in scores for key in keys]
    return f"| {title} | {' | '.join(cells)} |"
