"""The README.md of a labeler of private data in several languages: its figures in the text of
europe_card.md.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqlabel.models.folders import CONFIG, READER, WEIGHTS
from seqlabel.reports.cards import Scored, model_index
from seqlabel.reports.metadata import with_metadata

from .europe import LANGUAGES

_TEXT = Path(__file__).parent / "europe_card.md"


def write_card(unseen: Mapping[str, Any], found: Mapping[str, Any], folder: Path) -> None:
    """Write what a labeler finds, how well, and what it was made of.

    Args:
        unseen: The figures of `recipes/pii_eu.py` with `--leave-out`.
        found: Those of the labeler itself.
        folder: The labeler's folder.
    """
    rows = "\n".join(
        (
            f"| {language} | {_cells(unseen['generated'][language])} | "
            f"{_cells(found['written'][language])} |"
        )
        for language in map(str, LANGUAGES)
    )
    # The vocabulary is that of `eu`, beside which it ships.
    parts = [folder / name for name in (CONFIG, WEIGHTS, READER)]
    size = sum(part.stat().st_size for part in parts if part.is_file())
    text = _TEXT.read_text(encoding="utf-8").format(
        rows=rows,
        left_out=unseen["left_out"].replace(",", ", "),
        texts=found["texts"],
        common=found["common"],
        sentences=found["sentences"],
        paragraphs=found["paragraphs"],
        values=found["values"],
        machines=found["machines"],
        clean="\n".join(_alarms(language, found) for language in found["clean"]),
        persons=", ".join(
            f"{100 * share:.0f} % ({language})" for language, share in found["persons"].items()
        ),
        # The card itself has some eight thousand characters.
        size=(size + 8_000) / 1e6,
    )
    (folder / "README.md").write_text(
        with_metadata(text, {"model-index": _index(found)}), encoding="utf-8"
    )


def _index(found: Mapping[str, Any]) -> list[dict[str, object]]:
    """The figures that model pages of the Hub show: of private words in the texts written by
    hand.
    """
    keys = {"precision": "precision", "recall": "recall", "f2": "f"}
    scored = []
    for language in map(str, LANGUAGES):
        words = found["written"][language]["private_words"]
        metrics = {f"private words {metric}": words[key] for metric, key in keys.items()}
        # Thresholds are fitted to those in English, and so their figures flatter.
        fitted = ", thresholds fitted to them" * (language == "en")
        scored.append(Scored(f"texts written by hand, {language}{fitted}", metrics))
    return model_index("eu_pii", "token-classification", scored)


def _alarms(language: str, found: Mapping[str, Any]) -> str:
    clean, impersonal = found["clean"][language], found["impersonal"][language]
    return (
        f"| {language} | {clean['alarms']:.1f} | {clean['persons']:.1f} | "
        f"{impersonal['persons']:.2f} |"
    )


def _cells(figures: Mapping[str, Any]) -> str:
    words = figures["private_words"]
    return " | ".join(f"{100 * words[name]:.1f}" for name in ("precision", "recall", "f"))
