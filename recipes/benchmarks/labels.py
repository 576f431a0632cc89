"""What `--labels X --wide` misses: values of each kind that are found by all labels, and by one
label alone.

    python recipes/benchmarks/labels.py

The texts are generated (`recipes/pii_data`, its half for testing, all styles), and the 160 that are
written by hand. A value counts as found if all its letters and digits are in spans, whatever their
labels. With one label alone, findings that may be mistakes for it count too
(`rules.labels.Mistakes`). Beside it, what that costs: the share of the letters and digits in the
spans for that label that are in no value of its kind, and the share of all values of other kinds
that are wholly in these spans. Prints a row for each label and writes all figures as JSON.
"""

import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Document, Labeler, PrivacySettings, PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data import Split, hand_written
from pii_data.generator import ALL_STYLES, generate

Text = tuple[str, list[CharacterSpan]]


@dataclass(frozen=True)
class Settings:
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/labels.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    texts: Annotated[int, Option(min=10, help="Generated texts.")] = 2_000


def signs_of(text: str, spans: list[CharacterSpan]) -> set[int]:
    """The places of the letters and digits in spans."""
    return {
        place for span in spans for place in range(span.start, span.end) if text[place].isalnum()
    }


def found_by(finder: PrivateFinder, document: Document) -> list[CharacterSpan]:
    """What a finder finds in a text that its labeler has labelled."""
    spans = finder.decided(document, finder.values(document.text))
    return document.with_spans(LAYER, spans).character_spans(LAYER)


def row_of(
    label: str, texts: list[Text], documents: list[Document], every: PrivateFinder
) -> dict[str, float] | None:
    """The figures of one label; None where no text has a value of it."""
    alone = PrivateFinder(every.labeler, settings=PrivacySettings(labels=(label,), wide=True))
    count: Counter[str] = Counter()
    for (text, gold), document in zip(texts, documents, strict=True):
        mine = [span for span in gold if span.label == label]
        found = signs_of(text, found_by(alone, document))
        count["found"] += len(found)
        count["others"] += len(found - signs_of(text, mine))
        others = [
            signs for span in gold if span.label != label and (signs := signs_of(text, [span]))
        ]
        count["other_values"] += len(others)
        count["other_values_found"] += sum(signs <= found for signs in others)
        if mine:
            by_all = signs_of(text, found_by(every, document))
            for span in mine:
                signs = signs_of(text, [span])
                count["values"] += 1
                count["all"] += signs <= by_all
                count["alone"] += signs <= found
    if not count["values"]:
        return None
    return {
        "values": count["values"],
        "found_by_all": 100 * count["all"] / count["values"],
        "found_by_one": 100 * count["alone"] / count["values"],
        "others": 100 * count["others"] / max(count["found"], 1),
        "other_values": 100 * count["other_values_found"] / max(count["other_values"], 1),
    }


def main(settings: Settings) -> None:
    """Compare what all labels find with what each finds alone."""
    labeler = Labeler.load(settings.model)
    every = PrivateFinder(labeler)
    # Those of the part `hard` are in the styles of training.
    written = [one for part in ("dev", "test") for one in hand_written(part)]
    sets = {
        "generated": list(generate(settings.texts, seed=9, split=Split.TEST, styles=ALL_STYLES)),
        "written": written,
    }
    figures: dict[str, dict[str, dict[str, float]]] = {}
    for name, rows in sets.items():
        texts = [(text, [CharacterSpan(*span) for span in spans]) for text, spans in rows]
        documents = list(labeler([text for text, _ in texts]))
        figures[name] = {}
        print(
            "\n"
            f"{name:<18}{'values':>8}{'found by all, %':>18}{'by one, %':>12}{'others, %':>12}"
            f"{'other values, %':>17}"
        )
        for label in sorted(every.labels):
            row = row_of(label, texts, documents, every)
            if row is not None:
                figures[name][label] = row
                values, *shares = row.values()
                cells = (
                    f"{one:>{size}.1f}" for one, size in zip(shares, (18, 12, 12, 17), strict=True)
                )
                print(f"{label:<18}{values:>8,}" + "".join(cells), flush=True)
    write_metrics(settings.output, {"model": settings.model, **figures})
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
