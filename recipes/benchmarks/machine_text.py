"""What a finder of private data does on machine text: values found, false alarms, with and without the rules.

    python recipes/benchmarks/machine_text.py --data ../shared/data
    python recipes/benchmarks/machine_text.py --data ../shared/data --model my_labeler --no-patterns --sensitivity -0.5

The sets, none of which a labeler was trained on: the cases of two test suites (`pii_suites`: secrets and what only
looks like some, from gitleaks; values of many countries from Presidio's recognisers), labelled machine text
(`machines/labelled.jsonl`: logs, screens, configuration, code), telephone numbers that Faker draws for twelve
countries in plain contexts, this library's sources, clean sentences of the English
Web Treebank, and the texts written by hand for developing (`recipes/pii_data/written`, `dev` and `hard`).

- A value is masked if all its characters are found, missed if none is; white space does not count.
- In labelled machine text, a finding that touches no value and nothing optional is an alarm; dates, places and firms
  are not labelled there and do not count. Addresses of public resolvers, which are labelled there, name nobody's
  machine and are optional; `with_resolvers` counts them as values.
- In sources, `names` counts every line with a finding, `alarms` those with one that is no name, place, firm or date.
"""

import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from typer import Option

import seqlabel
from seqlabel import PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores.masking import compare_masked, masked_figures

sys.path.insert(0, str(Path(__file__).parent.parent))
from pii_data import hand_written
from pii_data.corpora import clean_prose
from pii_data.measuring import documents, figures_of

SECRETS = frozenset(("API_KEY", "PASSWORD"))
NAMES = frozenset(("PERSON", "LOCATION", "ORGANISATION", "DATE"))
UNLABELLED = frozenset(("DATE", "ORGANISATION", "LOCATION"))
TELEPHONES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
RESOLVERS = frozenset(("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"))
Found = list[CharacterSpan]
Find = Callable[[Sequence[str]], list[Found]]


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder with pii_suites, machines, ud_english_ewt and ner_english_ewt.")]
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/machine_text.json")
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    patterns: Annotated[bool, Option(help="Measure with rules beside the labeler.")] = True
    sensitivity: Annotated[float, Option(help="How readily the model finds something; 0 is the default.")] = 0.0
    samples: Annotated[int, Option(min=1, help="Texts of each cell of telephones.")] = 8
    every: Annotated[int, Option(min=1, help="Read one of so many documents of the larger sets.")] = 1
    seed: Seed = 0


def suite(path: Path) -> list[dict[str, Any]]:
    """The cases of a test suite."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def meets(one: CharacterSpan, start: int, end: int) -> bool:
    return one.start < end and start < one.end


def masked_share(texts: Sequence[str], spans: Iterable[Sequence[CharacterSpan]], found: Sequence[Found]) -> float:
    """The share of values that are wholly masked, in per cent."""
    pairs = zip(texts, spans, found, strict=True)
    counts = [compare_masked(text, gold, [(one.start, one.end) for one in some]) for text, gold, some in pairs]
    return 100 * masked_figures(counts)["wholly_masked"]


def touched_share(gold: Iterable[Sequence[CharacterSpan]], found: Sequence[Found]) -> float:
    """The share of values of which at least one character is found, in per cent."""
    touched = [
        any(meets(one, span.start, span.end) for one in some)
        for spans, some in zip(gold, found, strict=True)
        for span in spans
    ]
    return 100 * sum(touched) / len(touched)


def gitleaks(cases: Sequence[dict[str, Any]], find: Find) -> dict[str, float]:
    """Secrets masked, and texts without one in which a secret is found."""
    found = find([case["text"] for case in cases])
    pairs = list(zip(cases, found, strict=True))
    real = [(case, some) for case, some in pairs if case["positive"] and case["spans"]]
    gold = [[CharacterSpan(*span) for span in case["spans"]] for case, _ in real]
    flagged = [any(one.label in SECRETS for one in some) for case, some in pairs if not case["positive"]]
    return {
        "masked": masked_share([case["text"] for case, _ in real], gold, [some for _, some in real]),
        "clean_flagged": 100 * sum(flagged) / len(flagged),
    }


def presidio(cases: Sequence[dict[str, Any]], find: Find) -> dict[str, float]:
    """Values masked that stand among other words, and those that stand alone."""
    cases = [case for case in cases if case["positive"] and case["spans"]]
    alone = [
        sum(end - start for start, end, _ in case["spans"]) >= len(case["text"].strip()) - 2 * len(case["spans"])
        for case in cases
    ]
    result = {}
    for name, wanted in (("in_sentence", False), ("alone", True)):
        some = [case for case, one in zip(cases, alone, strict=True) if one is wanted]
        texts = [case["text"] for case in some]
        gold = [[CharacterSpan(*span) for span in case["spans"]] for case in some]
        result[name] = masked_share(texts, gold, find(texts))
    return result


def labelled(cases: Sequence[dict[str, Any]], find: Find) -> dict[str, Any]:
    """Values of labelled machine text that are masked or touched, and alarms per 1,000 lines."""
    texts = [case["text"] for case in cases]
    found = find(texts)
    every = [[CharacterSpan(*span) for span in case["spans"]] for case in cases]
    gold = [
        [span for span in spans if text[span.start : span.end] not in RESOLVERS]
        for text, spans in zip(texts, every, strict=True)
    ]
    wrong = Counter(
        one.label
        for case, some in zip(cases, found, strict=True)
        for one in some
        if not any(meets(one, start, end) for start, end, _ in (*case["spans"], *case["optional"]))
    )
    lines = sum(text.count("\n") + 1 for text in texts)
    counted = sum(count for label, count in wrong.items() if label not in UNLABELLED)
    return {
        "masked": masked_share(texts, gold, found),
        "touched": touched_share(gold, found),
        "with_resolvers": touched_share(every, found),
        "alarms_per_1000_lines": 1000 * counted / lines,
        "labels": dict(wrong.most_common()),
    }


def telephones(samples: int, find: Find, seed: int) -> dict[str, float]:
    """The share of telephone numbers of each country of which no character is found, in per cent."""
    from faker import Faker

    result = {}
    for country, locale in TELEPHONES["locales"].items():
        faker = Faker(locale)
        faker.seed_instance(seed)
        numbers = [(frame, faker.phone_number()) for frame in TELEPHONES["contexts"] for _ in range(samples)]
        found = find([frame.format(number) for frame, number in numbers])
        missed = 0
        for (frame, number), some in zip(numbers, found, strict=True):
            start = frame.format("\0").index("\0")
            missed += not any(meets(one, start, start + len(number)) for one in some)
        result[country] = 100 * missed / len(numbers)
    return result


def sources(every: int, find: Find) -> dict[str, Any]:
    """The share of the lines of this library in which something is found, in per cent."""
    paths = sorted(Path(seqlabel.__file__).parent.rglob("*.py"))[::every]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    lines = sum(text.count("\n") for text in texts)
    all_lines, alarm_lines, labels = 0, 0, Counter[str]()
    for text, some in zip(texts, find(texts), strict=True):
        all_lines += len({text.count("\n", 0, one.start) for one in some})
        alarm_lines += len({text.count("\n", 0, one.start) for one in some if one.label not in NAMES})
        labels.update(one.label for one in some)
    return {
        "names": 100 * all_lines / lines,
        "alarms": 100 * alarm_lines / lines,
        "labels": dict(labels.most_common()),
    }


def prose(data: Path, find: Find) -> dict[str, float]:
    """Alarms per 1,000 words of clean sentences."""
    clean = clean_prose(data)
    words = sum(map(len, clean))
    found = [one.label for some in find([document.text for document in clean]) for one in some]
    others = [label for label in found if label not in NAMES]
    return {"all": 1000 * len(found) / words, "beyond_names": 1000 * len(others) / words}


def written(part: str, finder: PrivateFinder) -> dict[str, float]:
    """Characters found in texts written by hand, values masked, and the exact F1 of firms."""
    texts = list(hand_written(part))
    gold = [[CharacterSpan(*span) for span in spans] for _, spans in texts]
    found = finding(finder)([text for text, _ in texts])
    counts = [
        compare_masked(text, spans, [(one.start, one.end) for one in some])
        for (text, _), spans, some in zip(texts, gold, found, strict=True)
    ]
    figures = masked_figures(counts)
    types = figures_of(finder, documents(texts))["types"]
    kept = {name: 100 * figures[name] for name in ("precision", "recall", "f2", "wholly_masked")}
    return {**kept, "firms_f1": 100 * types["ORGANISATION"]["f1"]}


def finding(finder: PrivateFinder) -> Find:
    return lambda texts: [found.character_spans(LAYER) for found in finder(texts)]


def main(settings: Settings) -> None:
    """Measure a finder on all sets."""
    finder = PrivateFinder(settings.model, patterns=settings.patterns, sensitivity=settings.sensitivity)
    find, data = finding(finder), settings.data
    figures: dict[str, Any] = {
        "gitleaks": gitleaks(suite(data / "pii_suites" / "gitleaks.jsonl")[:: settings.every], find),
        "presidio": presidio(suite(data / "pii_suites" / "presidio.jsonl"), find),
        "machines": labelled(suite(data / "machines" / "labelled.jsonl")[:: settings.every], find),
        "phones_missed": telephones(settings.samples, find, settings.seed),
        "sources": sources(settings.every, find),
        "prose": prose(data, find),
        **{f"written_{part}": written(part, finder) for part in ("dev", "hard")},
    }
    for name, found in figures.items():
        rounded = {key: round(one, 2) if isinstance(one, float) else one for key, one in found.items()}
        if all(isinstance(one, float) for one in found.values()) and len(found) > 6:
            rounded = {
                "mean": round(sum(found.values()) / len(found), 2),
                "worst": max(found, key=found.__getitem__),
            } | {key: one for key, one in rounded.items() if one > 2}
        print(f"{name:<14}{re.sub(r'[{}]', '', json.dumps(rounded))}", flush=True)
    write_metrics(settings.output, {"model": settings.model, "patterns": settings.patterns, **figures})


if __name__ == "__main__":
    run(main, Settings)
