"""What a finder of private data does on machine text: values found, false alarms, with and without
the rules.

    python recipes/benchmarks/machine_text.py --data ../shared/data
    python recipes/benchmarks/machine_text.py --data ../shared/data --model my_labeler \
        --no-rules --sensitivity -0.5

The sets, none of which a labeler was trained on: the cases of two test suites (`pii_suites`:
secrets and what only looks like some, from gitleaks; values of many countries from Presidio's
recognisers), labelled machine text (`machines/labelled.jsonl`: logs, screens, configuration, code),
this library's sources, clean sentences of the English Web Treebank, and the texts written by hand
for developing (`recipes/pii_data/written`, `dev` and `hard`). Telephone numbers of many countries
are in `missed.py`.

- A value is masked if all its characters are found, touched if one is; white space does not count.
- In labelled machine text, a finding that touches no value and nothing optional is an alarm; dates,
  places and firms are not labelled there and do not count. `of_them_values_by_form` counts the
  alarms that are values by their form, such as MAC addresses that leave out zeros: the labels lack
  them, so that they count as alarms too. Addresses of public resolvers, which are labelled there,
  name nobody's machine and are optional; `with_resolvers` counts them as values.
- In sources, `names` counts every line with a finding, `alarms` those with one that is no name,
  place, firm or date.
"""

import ipaddress
import json
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from shared.private_sets import meets
from shared.private_texts import Marked, clean_texts, labeled_texts, lines_of, written_texts
from stdnum import luhn
from typer import Option

import seqlabel
from seqlabel import Document, PrivateFinder
from seqlabel.commands import run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores.masking import masked_figures

SECRETS = frozenset(("API_KEY", "PASSWORD"))
NAMES = frozenset(("PERSON", "LOCATION", "ORGANISATION", "DATE"))
UNLABELED = frozenset(("DATE", "ORGANISATION", "LOCATION"))
RESOLVERS = frozenset(("1.1.1.1", "1.0.0.1", "8.8.8.8", "8.8.4.4", "9.9.9.9"))
FORMS = {
    "MAC": re.compile(
        r"(?i)[0-9a-f]{1,2}([:-])(?:[0-9a-f]{1,2}\1){4}[0-9a-f]{1,2}|(?:[0-9a-f]{4}\.){2}[0-9a-f"
        r"]{4}"
    ),
    "URL": re.compile(r"(?i)(?:[a-z][a-z0-9+.-]*://|www\.)[^\s/]+\.\S+"),
}
"""The forms of addresses of network cards and of pages."""
Found = list[CharacterSpan]
Find = Callable[[Sequence[str]], list[Found]]


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder with pii_suites, machines, ud_english_ewt and ner_english_ewt.")
    ]
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/machine_text.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    rules: Annotated[bool, Option(help="Measure with rules beside the labeler.")] = True
    sensitivity: Annotated[
        float, Option(help="How readily the model finds something; 0 is the default.")
    ] = 0.0
    every: Annotated[
        int, Option(min=1, help="Read one of so many documents of the larger sets.")
    ] = 1


def masked(texts: Sequence[Marked], find: Find) -> dict[str, float]:
    """The share of values that are wholly masked and that are touched, and of characters, in per
    cent.
    """
    found = find([one.text for one in texts])
    counts = [
        one.masked([(span.start, span.end) for span in some])
        for one, some in zip(texts, found, strict=True)
    ]
    touched = [
        meets(span, some) for one, some in zip(texts, found, strict=True) for span in one.private
    ]
    figures = masked_figures(counts)
    kept = {name: 100 * figures[name] for name in ("precision", "recall", "f2", "wholly_masked")}
    return {**kept, "touched": 100 * sum(touched) / max(len(touched), 1)}


def suites(folder: Path, every: int, find: Find) -> dict[str, float]:
    """Secrets masked, texts without one in which a secret is found, and values masked in a sentence
    and alone.
    """
    path = folder / "gitleaks.jsonl"
    cases = list(zip(labeled_texts(path), lines_of(path), strict=True))[::every]
    clean = [one.text for one, case in cases if not case["positive"]]
    flagged = [any(span.label in SECRETS for span in some) for some in find(clean)]
    result = {
        "secrets_masked": masked(
            [one for one, case in cases if case["positive"] and one.private], find
        )["wholly_masked"],
        "clean_flagged": 100 * sum(flagged) / len(flagged),
    }
    by_place: dict[str, list[Marked]] = {"in_sentence": [], "alone": []}
    for one in labeled_texts(folder / "presidio.jsonl"):
        size = sum(span.end - span.start for span in one.private)
        if one.private:
            by_place[
                "alone" if size >= len(one.text.strip()) - 2 * len(one.private) else "in_sentence"
            ].append(one)
    return result | {name: masked(some, find)["wholly_masked"] for name, some in by_place.items()}


def has_form(label: str, value: str) -> bool:
    """Whether the form of an alarm proves that it is a value, which the labels of machine text
    lack.
    """
    if label == "IP":
        try:
            return not value.endswith(".0") and bool(ipaddress.ip_address(value))
        except ValueError:
            return False
    if label == "CARD":
        return luhn.is_valid(re.sub(r"\W", "", value))
    return label in FORMS and FORMS[label].fullmatch(value) is not None


def labeled(texts: Sequence[Marked], find: Find) -> dict[str, Any]:
    """Values of labelled machine text that are masked or touched, and alarms per 1,000 lines."""
    known = [
        Marked(
            one.text,
            [span for span in one.private if one.text[span.start : span.end] not in RESOLVERS],
            one.open,
        )
        for one in texts
    ]
    alarms = [
        (span.label, one.text[span.start : span.end])
        for one, some in zip(texts, find([one.text for one in texts]), strict=True)
        for span in some
        if not meets(span, [*one.private, *one.open])
    ]
    wrong = Counter(label for label, _ in alarms)
    lines = sum(one.text.count("\n") + 1 for one in texts)
    figures = masked(known, find)
    return {
        "masked": figures["wholly_masked"],
        "touched": figures["touched"],
        "with_resolvers": masked(texts, find)["touched"],
        "alarms_per_1000_lines": 1000
        * sum(n for label, n in wrong.items() if label not in UNLABELED)
        / lines,
        "of_them_values_by_form": 1000
        * sum(has_form(label, value) for label, value in alarms)
        / lines,
        "labels": dict(wrong.most_common()),
    }


def sources(every: int, find: Find) -> dict[str, Any]:
    """The share of the lines of this library in which something is found, in per cent."""
    paths = sorted(Path(seqlabel.__file__).parent.rglob("*.py"))[::every]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    lines = sum(text.count("\n") for text in texts)
    places = [
        (number, text.count("\n", 0, span.start), span.label)
        for number, (text, some) in enumerate(zip(texts, find(texts), strict=True))
        for span in some
    ]
    return {
        "names": 100 * len({place[:2] for place in places}) / lines,
        "alarms": 100 * len({place[:2] for place in places if place[2] not in NAMES}) / lines,
        "labels": dict(Counter(label for _, _, label in places).most_common()),
    }


def prose(clean: Sequence[Document], find: Find) -> dict[str, float]:
    """Alarms per 1,000 words of clean sentences."""
    words = sum(map(len, clean))
    found = [span.label for some in find([document.text for document in clean]) for span in some]
    others = [label for label in found if label not in NAMES]
    return {"all": 1000 * len(found) / words, "beyond_names": 1000 * len(others) / words}


def main(settings: Settings) -> None:
    """Measure a finder on all sets."""
    finder = PrivateFinder.load(
        settings.model, rules=settings.rules, sensitivity=settings.sensitivity
    )
    data = settings.data

    def find(texts: Sequence[str]) -> list[Found]:
        return [found.character_spans(LAYER) for found in finder(texts)]

    figures: dict[str, Any] = {
        "suites": suites(data / "pii_suites", settings.every, find),
        "machines": labeled(
            list(labeled_texts(data / "machines" / "labelled.jsonl"))[:: settings.every], find
        ),
        "sources": sources(settings.every, find),
        "prose": prose(clean_texts(data), find),
        **{f"written_{part}": masked(list(written_texts(part)), find) for part in ("dev", "hard")},
    }
    for name, found in figures.items():
        rounded = {
            key: round(one, 2) if isinstance(one, float) else one for key, one in found.items()
        }
        print(f"{name:<14}{json.dumps(rounded)}", flush=True)
    write_metrics(settings.output, {"model": settings.model, "rules": settings.rules, **figures})


if __name__ == "__main__":
    run(main, Settings)
