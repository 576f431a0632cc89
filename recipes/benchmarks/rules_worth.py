"""What each rule adds to the model alone, on texts that had no part in writing it: found, false,
and what it costs.

    python recipes/benchmarks/rules_worth.py --data ../shared/data

Every rule of the library runs alone over the texts of each set, and its values are compared with
the spans of the model alone: characters that only the rule covers are added, and they are private
by gold or not. A rule that adds nothing in two sets, or more that is not private than is, has no
worth. Gold of `machines` and of the suites knows some kinds only; values of other kinds are left
out there.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated

from shared.private_texts import Marked, labeled_texts, presidio_texts
from typer import Option

from seqlabel import PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.privacy.rules.engine import find_values
from seqlabel.privacy.rules.table import standard_rules


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder with pii_presidio, pii_anon, pii_suites and machines.")
    ]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/rules_worth.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    texts: Annotated[int, Option(min=1, help="Texts of each set, at most.")] = 2_000


def sets_of(data: Path) -> dict[str, Iterable[Marked]]:
    """The sets by name."""
    return {
        "synth": presidio_texts(data),
        "pii_anon": labeled_texts(data / "pii_anon" / "dev.jsonl"),
        "machines": labeled_texts(data / "machines" / "labelled.jsonl"),
        **{
            name: labeled_texts(data / "pii_suites" / f"{name}.jsonl")
            for name in ("gitleaks", "presidio")
        },
    }


def covered(spans: Iterable[CharacterSpan]) -> set[int]:
    return {place for span in spans for place in range(span.start, span.end)}


def main(settings: Settings) -> None:
    """Compare every rule with the model alone and print what it adds."""
    finder = PrivateFinder.load(settings.model, rules=False)
    rules = {rule.source: rule for rule in standard_rules()}
    results: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    seconds: Counter[str] = Counter()
    characters = 0
    for name, texts in sets_of(settings.data).items():
        marked = list(islice(texts, settings.texts))
        documents = list(finder([one.text for one in marked]))
        characters += sum(len(one.text) for one in marked)
        states = []
        for one, document in zip(marked, documents, strict=True):
            states.append(
                [
                    covered(spans)
                    for spans in (document.character_spans(LAYER), one.private, one.open)
                ]
            )
        for key, rule in rules.items():
            begin = time.process_time()
            found = [find_values(one.text, [rule]) for one in marked]
            seconds[key] += time.process_time() - begin
            count = results[key][name]
            for (known, private, may), values in zip(states, found, strict=True):
                for value in values:
                    added = set(range(value.start, value.end)) - known - may
                    count["hits"] += 1
                    count["private"] += bool(added & private)
                    count["false"] += bool(added - private)
                    count["characters"] += len(added & private)
    print(
        f"{'rule':<34}{'hits':>7}{'adds':>6}{'false':>6}{'ms per 1M characters':>22}  "
        "adds/false by set"
    )
    total = {key: sum(sets.values(), Counter()) for key, sets in results.items()}
    for key in sorted(rules, key=lambda key: (-total[key]["private"], total[key]["false"])):
        by_set = " ".join(
            f"{name} {count['private']}/{count['false']}"
            for name, count in results[key].items()
            if count["private"] or count["false"]
        )
        cost = 1e9 * seconds[key] / characters
        one = total[key]
        print(
            f"{key:<34}{one['hits']:>7}{one['private']:>6}{one['false']:>6}{cost:>22.0f}  {by_set}"
        )
    figures = {
        key: {name: dict(count) for name, count in sets.items()} for key, sets in results.items()
    }
    write_metrics(settings.output, {"model": settings.model, "rules": figures})


if __name__ == "__main__":
    run(main, Settings)
