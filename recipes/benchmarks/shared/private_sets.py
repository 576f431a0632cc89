"""What a finder of private data does on every set of this library, as one flat table of figures; no
comparison here.

A figure's name is `group: row`. Shares are in per cent. Sets that the data folder lacks are left
out.
"""

import importlib
import lzma
import random
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlabel import PrivateFinder
from seqlabel.documents import CharacterSpan
from seqlabel.privacy import find_in_column
from seqlabel.privacy.finding.contexts import stretches
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.scores.masking import masked_figures
from shared.contexts import (
    KINDS,
    NOVELS,
    Placed,
    field_sentences,
    fields,
    in_prose,
    letters,
    prose_of,
    singles,
)
from shared.private_texts import (
    HELD_OUT,
    PARTS,
    Marked,
    clean_texts,
    labeled_texts,
    lines_of,
    presidio_texts,
    written_texts,
)

FEWEST_PARAGRAPHS = 40
CONTEXT_WORDS, CONTEXT_TEXTS = (40, 600), 60
"""Words of prose on each side of a text, and the texts in each kind of prose."""
SECRETS = frozenset(("API_KEY", "PASSWORD"))
UNLABELED = frozenset(("DATE", "ORGANISATION", "LOCATION"))
TABLE = tomllib.loads((Path(__file__).parents[1] / "before_after.toml").read_text(encoding="utf-8"))
ORIGINS = tomllib.loads((Path(__file__).parents[1] / "missed.toml").read_text(encoding="utf-8"))
Found = list[CharacterSpan]


@dataclass(frozen=True)
class Figure:
    """A figure of a finder, whether a higher one is better, and the share of it that changes from
    run to run.
    """

    name: str
    value: float
    higher: bool
    noise: float = 0.0


class Measurement:
    """Runs a finder on sets and collects figures.

    Args:
        data: The folder of all data.
        model: Folder or name of the labeler.
        words: Words of each source of prose, at most.
        values: Values of each origin among names, addresses and telephone numbers.
        blind: Whether the texts written blind are read too.
    """

    def __init__(self, data: Path, model: str, *, words: int, values: int, blind: bool) -> None:
        self._data = data
        self._finder = PrivateFinder.load(model)
        self._words = words
        self._values = values
        self._blind = blind
        self._read_words = 0
        self._seconds = 0.0

    def figures(self) -> Iterator[Figure]:
        """Measure all sets.

        Yields:
            The figures, one after another.
        """
        for measure in (
            self._prose,
            self._contexts,
            self._marked,
            self._machines,
            self._suites,
            self._filled,
            self._origins,
        ):
            yield from measure()
        yield Figure(
            "CPU: ms per 1,000 words",
            1e6 * self._seconds / max(self._read_words, 1),
            higher=False,
            noise=0.1,
        )

    def _find(self, texts: Sequence[str]) -> list[Found]:
        began = time.process_time()
        documents = self._finder(list(texts))
        self._seconds += time.process_time() - began
        self._read_words += sum(map(len, documents))
        return [document.character_spans(LAYER) for document in documents]

    def _prose(self) -> Iterator[Figure]:
        """False alarms per 1,000 words of prose by source, and of all sources together by label."""
        labels: Counter[str] = Counter()
        words = 0
        for name, texts in self._prose_texts():
            found = self._find(texts)
            count = sum(len(text.split()) for text in texts)
            alarms = Counter(span.label for some in found for span in some)
            yield Figure(
                f"prose, alarms per 1,000 words: {name}",
                1000 * alarms.total() / count,
                higher=False,
            )
            labels += alarms
            words += count
        for label, number in labels.most_common(12):
            yield Figure(
                f"prose, alarms per 1,000 words by label: {label}",
                1000 * number / words,
                higher=False,
            )

    def _contexts(self) -> Iterator[Figure]:
        """Values in prose: the share that is touched with so many words on each side, next to the
        alarms of `_prose`. Those written blind are read only where they are asked for.
        """
        sets = {"texts of five fields": fields(), "their sentences": field_sentences()}
        if self._blind:
            sets |= {"letters": letters(self._data), "single sentences": singles()}
        for name, values in sets.items():
            yield self._recall(f"in prose, {name}: touched alone", values)
            for kind in KINDS:
                documents = prose_of(self._data, kind)
                for words in CONTEXT_WORDS if documents else ():
                    chance = random.Random(f"{name} {kind} {words}")
                    chosen = chance.sample(values, min(CONTEXT_TEXTS, len(values)))
                    placed = list(in_prose(chosen, documents, words, chance))
                    title = f"in prose, {name}: touched in {words} words of {kind}"
                    yield self._recall(title, placed)

    def _recall(self, name: str, placed: Sequence[Placed]) -> Figure:
        found = self._find([one.marked.text for one in placed])
        touched = [
            meets(value, some)
            for one, some in zip(placed, found, strict=True)
            for value in one.marked.private
        ]
        return Figure(name, 100 * sum(touched) / len(touched), higher=True)

    def _prose_texts(self) -> Iterator[tuple[str, list[str]]]:
        for name in sorted(HELD_OUT):
            path = self._data / "web" / f"{name}.txt.xz"
            if path.is_file():
                with lzma.open(path, "rt", encoding="utf-8") as file:
                    yield name, _some(file.read().split("\n\n"), self._words)
        for kind in (NOVELS, "reviews"):
            documents = prose_of(self._data, kind)
            if documents:
                yield kind, stretches(documents, 500, self._words // 500, random.Random(7))
        for part in ("spoken", "written"):
            folder = self._data / "masc" / part
            if folder.is_dir():
                texts = [_without_tags(path) for path in sorted(folder.glob("*.txt"))]
                yield f"MASC {part}", _some(texts, self._words)
        if (self._data / "ud_english_ewt").is_dir():
            yield "EWT, clean sentences", [document.text for document in clean_texts(self._data)]

    def _marked(self) -> Iterator[Figure]:
        """Precision, recall, F2 and values wholly masked, of texts whose private values are
        marked.
        """
        sets: dict[str, Callable[[], Iterator[Marked]]] = {
            f"written {part}": lambda part=part: written_texts(part)  # type: ignore[misc]
            for part in PARTS
        }
        if (self._data / "pii_presidio").is_dir():
            sets["presidio-research"] = lambda: presidio_texts(self._data)
        if self._blind and (self._data / "pii_blind").is_dir():
            sets["written blind"] = self._blind_texts
        for name, read in sets.items():
            texts = list(read())
            found = self._find([one.text for one in texts])
            places = [[(span.start, span.end) for span in some] for some in found]
            counts = [one.masked(some) for one, some in zip(texts, places, strict=True)]
            figures = masked_figures(counts)
            for key in ("precision", "recall", "f2", "wholly_masked"):
                yield Figure(f"{name}: {key.replace('_', ' ')}", 100 * figures[key], higher=True)
            clean = [
                (one, some)
                for one, some in zip(texts, found, strict=True)
                if not one.private and not one.open
            ]
            words = sum(len(one.text.split()) for one, _ in clean)
            if words:
                alarms = 1000 * sum(len(some) for _, some in clean) / words
                yield Figure(f"{name}: alarms per 1,000 words of clean texts", alarms, higher=False)

    def _blind_texts(self) -> Iterator[Marked]:
        for row in lines_of(self._data / "pii_blind" / "fresh.jsonl"):
            spans = [CharacterSpan(*one) for one in row["spans"]]
            wanted = [span for span in spans if not span.label.startswith("?")]
            yield Marked(
                row["text"], wanted, [span for span in spans if span.label.startswith("?")]
            )

    def _machines(self) -> Iterator[Figure]:
        """Values touched, and false alarms per 1,000 lines, of labelled machine text: logs, and all
        else.
        """
        path = self._data / "machines" / "labelled.jsonl"
        if not path.is_file():
            return
        groups = [row["group"] for row in lines_of(path)]
        texts = list(labeled_texts(path))
        found = self._find([one.text for one in texts])
        for group in sorted(set(groups)):
            rows = [row for row in zip(groups, texts, found, strict=True) if row[0] == group]
            lines = sum(one.text.count("\n") + 1 for _, one, _ in rows)
            touched = [meets(value, some) for _, one, some in rows for value in one.private]
            alarms = Counter(
                span.label
                for _, one, some in rows
                for span in some
                if not meets(span, [*one.private, *one.open])
            )
            counted = sum(number for label, number in alarms.items() if label not in UNLABELED)
            share = 100 * sum(touched) / max(len(touched), 1)
            yield Figure(f"machine text, {group}: values touched", share, higher=True)
            yield Figure(
                f"machine text, {group}: alarms per 1,000 lines",
                1000 * counted / lines,
                higher=False,
            )

    def _suites(self) -> Iterator[Figure]:
        """The cases of other projects' tests."""
        folder = self._data / "pii_suites"
        if not folder.is_dir():
            return
        for name in ("gitleaks", "presidio", "recognizers"):
            path = folder / f"{name}.jsonl"
            positive = [row["positive"] for row in lines_of(path)]
            texts = list(labeled_texts(path))
            found = self._find([one.text for one in texts])
            rows = list(zip(positive, texts, found, strict=True))
            counts = [
                one.masked([(span.start, span.end) for span in some])
                for yes, one, some in rows
                if yes and one.private
            ]
            yield Figure(
                f"suite {name}: values wholly masked",
                100 * masked_figures(counts)["wholly_masked"],
                True,
            )
            flagged = [
                any(name != "gitleaks" or span.label in SECRETS for span in some)
                for yes, _, some in rows
                if not yes
            ]
            if flagged:
                yield Figure(
                    f"suite {name}: negatives touched",
                    100 * sum(flagged) / len(flagged),
                    higher=False,
                )

    def _filled(self) -> Iterator[Figure]:
        """Short texts of `before_after.toml`: each value in each context."""
        for name, table in TABLE.items():
            is_clean = name == "things" or name.startswith("clean_")
            shares = self._shares(table["values"], table["contexts"])
            title = name.removeprefix("clean_")
            if is_clean:
                touched = 100 * sum(share > 0 for share in shares) / len(shares)
                yield Figure(f"short texts, {title}: touched", touched, higher=False)
            else:
                yield Figure(
                    f"short texts, {title}: whole",
                    100 * shares.count(1.0) / len(shares),
                    higher=True,
                )

    def _origins(self) -> Iterator[Figure]:
        """Surnames, addresses and telephone numbers of Faker's, in the contexts of
        `missed.toml`.
        """
        try:
            from faker import Faker
        except ModuleNotFoundError:
            return
        for kind, table in ORIGINS.items():
            contexts = table["contexts"]
            shares: list[float] = []
            known: list[str] = []
            blind = 0
            for origin in table["origins"]:
                if kind == "surnames":
                    values = _surnames(origin, table["lists"], self._values)
                else:
                    faker = Faker(origin)
                    faker.seed_instance(11)
                    values = [
                        str(getattr(faker, table["method"])()).replace("\n", ", ")
                        for _ in range(self._values)
                    ]
                found = self._shares(values, contexts)
                shares += found
                known += values
                for number in range(len(values)):
                    own = found[number * len(contexts) : (number + 1) * len(contexts)]
                    blind += 2 * own.count(0.0) > len(contexts)
            yield Figure(f"{kind}: whole", 100 * shares.count(1.0) / len(shares), higher=True)
            yield Figure(
                f"{kind}: wholly missed", 100 * shares.count(0.0) / len(shares), higher=False
            )
            yield Figure(f"{kind}: missed in most contexts", 100 * blind / len(known), higher=False)
            if columns := table.get("columns"):
                yield from self._cells(kind, known, columns)

    def _cells(self, kind: str, values: Sequence[str], columns: Sequence[str]) -> Iterator[Figure]:
        """Values that are missed as a cell of a table: of named columns together, and read alone,
        as those of the last column are.
        """
        *named, alone = columns
        missed: dict[str, float] = {}
        for column in columns:
            found = find_in_column(values, finder=self._finder, name=column)
            missed[column] = 100 * sum(not spans for spans in found) / len(values)
        in_named = sum(missed[column] for column in named) / len(named)
        yield Figure(f"{kind}: missed as a cell of a named column", in_named, higher=False)
        yield Figure(f"{kind}: missed alone in a cell", missed[alone], higher=False)

    def _shares(self, values: Sequence[str], contexts: Sequence[str]) -> list[float]:
        """The share of each value's letters and digits that is found, value after value in all
        contexts.
        """
        plain = [context.replace("{{", "{").replace("}}", "}") for context in contexts]
        cells = [(value, context) for value in values for context in plain]
        found = self._find([context.replace("{}", value) for value, context in cells])
        shares = []
        for (value, context), some in zip(cells, found, strict=True):
            start = context.index("{}")
            signs = {start + place for place, sign in enumerate(value) if sign.isalnum()}
            covered = {place for span in some for place in range(span.start, span.end)}
            shares.append(len(signs & covered) / len(signs))
        return shares


def _some(texts: Sequence[str], words: int) -> list[str]:
    """Texts from all over a source, of about so many words together."""
    order = list(texts)
    random.Random(7).shuffle(order)
    some: list[str] = []
    count = 0
    for text in order:
        if count >= words and len(some) >= FEWEST_PARAGRAPHS:
            break
        # Of a long one only the beginning, so that more of them are read.
        short = " ".join(text.split()[: words // FEWEST_PARAGRAPHS])
        some.append(short)
        count += len(short.split())
    return some


def _without_tags(path: Path) -> str:
    """The words of a file of `word_TAG`."""
    return " ".join(token.rpartition("_")[0] for token in path.read_text(encoding="utf-8").split())


def meets(one: CharacterSpan, others: Sequence[CharacterSpan]) -> bool:
    """Whether a span has a character of one of the others."""
    return any(one.start < other.end and other.start < one.end for other in others)


def _surnames(origin: str, lists: Sequence[str], count: int) -> list[str]:
    provider = importlib.import_module(f"faker.providers.person.{origin}").Provider
    names = {str(name) for attribute in lists for name in getattr(provider, attribute, ())}
    known = sorted(
        name for name in names if name.replace("-", "").replace("'", "").replace(" ", "").isalpha()
    )
    return random.Random(11).sample(known, min(count, len(known)))
