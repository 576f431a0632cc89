"""One table of all figures of two commits, or of two models: what became worse stands first, in
red.

    # code and models of commits
    python recipes/benchmarks/before_after.py HEAD~1 HEAD --data ../shared/data
    # two models, this code
    python recipes/benchmarks/before_after.py en_pii output/pii/labeler --data ../shared/data
    python recipes/benchmarks/before_after.py en_pos output/pos/labeler --data ../shared/data

A model of private data is measured by all sets of `shared/private_sets.py`: alarms in real prose by
source and label, texts written by hand, test suites, machine text, surnames, addresses, telephones,
passwords, firms and things, speech, CPU time. Of a commit that is `en_pii`. Any other labeler is
measured on the test part of the English Web Treebank: all its layers, by sentences and by whole
documents, with the calibration of each; layers of one side alone are left out. Both sides are
measured by the code of this checkout's benchmark, each in a process of its own; a commit is checked
out to a temporary folder, with the compiled steps of this checkout where it has the same.

A row is worse if it is by more than `--tolerance` of its figure. No model ships with a worse row
that is not explained, and the table belongs into the commit that ships it.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

from shared.private_sets import Figure, Measurement
from typer import Argument, Option

from seqlabel import Document, Labeler, OptionError
from seqlabel.commands import run, write_metrics
from seqlabel.documents.document import SENTENCE
from seqlabel.formats import read_conllu, read_documents
from seqlabel.formats.conllu import CONLLU_LAYERS
from seqlabel.models.folders import find_folder
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.reports.report import Report
from seqlabel.scores import SpanScore, bare, score_sentences

ROOT = Path(__file__).resolve().parents[2]
RED, PLAIN = "\033[31m", "\033[0m"


@dataclass(frozen=True)
class Settings:
    old: Annotated[str, Argument(help="A commit, or the folder or name of a labeler.")]
    new: Annotated[str, Argument(help="Another one of the same kind.")]
    data: Annotated[Path, Option(help="Folder of all data.")]
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path(
        "output/before_after.json"
    )
    words: Annotated[int, Option(min=1000, help="Words of each source of prose, at most.")] = 20_000
    values: Annotated[int, Option(min=1, help="Values of each origin.")] = 12
    tolerance: Annotated[
        float, Option(min=0, help="Share of a figure up to which it counts as equal.")
    ] = 0.01
    blind: Annotated[
        bool, Option("--blind", help="Read the texts written blind too: not before all choices.")
    ] = False
    side: Annotated[
        Path | None, Option(help="Measure OLD alone and write its figures there.", hidden=True)
    ] = None


@dataclass(frozen=True)
class Row:
    """A figure of both sides, and how much worse the new one is: above 0 if it is, as a share of
    the larger one.
    """

    name: str
    old: float
    new: float
    loss: float


def measured(settings: Settings, model: str) -> list[Figure]:
    """All figures of a model, by the library that is imported."""
    labeler = Labeler.load(model)
    if any(tag_set.layer == LAYER for tag_set in labeler.tag_sets):
        made = Measurement(
            settings.data, model, words=settings.words, values=settings.values, blind=settings.blind
        )
        return list(made.figures())
    return list(treebank_figures(labeler, settings.data))


def treebank_figures(labeler: Labeler, data: Path) -> Iterator[Figure]:
    """All layers of a labeler, and its calibration, on the test part of the English Web Treebank.

    Words are given, and sentences too, or whole documents without them; of whole documents,
    sentences are scored.
    """
    path = data / "ud_english_ewt" / "en_ewt-ud-test.conllu"
    layers = {tag_set.layer for tag_set in labeler.tag_sets}
    scored = [layer for layer in CONLLU_LAYERS if layer in layers]
    for whole in (False, True):
        gold = list(read_conllu(path, layers=CONLLU_LAYERS, whole_documents=whole))
        given = [Document(one.text, one.offsets) for one in gold] if whole else bare(gold)
        pairs = list(zip(gold, labeler(given), strict=True))
        part = "whole documents" if whole else "sentences"
        for layer in scored:
            if layer != SENTENCE:
                yield from layer_figures(pairs, layer, f"EWT test, {part}: {layer}")
            elif whole:
                yield Figure(
                    f"EWT test, {part}: sentences, F1", 100 * score_sentences(pairs).f, higher=True
                )
    if "ner" in layers:
        named = list(
            read_documents(data / "ner_english_ewt" / "test.iob2", word=1, tag=2, separator="\t")
        )
        yield from layer_figures(
            list(zip(named, labeler(bare(named)), strict=True)), "ner", "EWT test: ner"
        )


def layer_figures(
    pairs: Sequence[tuple[Document, Document]], layer: str, name: str
) -> Iterator[Figure]:
    """The scores of a layer, and how far its probabilities are from its accuracy."""
    report = Report.of(pairs, layer)
    if isinstance(report.score, SpanScore):
        yield Figure(f"{name}, F1", 100 * report.score.exact.f, higher=True)
    for figure, value in report.figures():
        if figure != "macro F1":
            yield Figure(
                f"{name}, {figure}", 100 * value, higher=figure != "expected calibration error"
            )


def is_model(name: str) -> bool:
    """Whether a name is a labeler's, not a commit's."""
    return (find_folder(name) / "config.json").is_file()


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A commit in a temporary folder, with the compiled steps."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "tree"
        subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "-q", "--detach", str(folder), commit],
            check=True,
        )
        try:
            for compiled in (ROOT / "seqlabel" / "native").glob("*.so"):
                shutil.copyfile(compiled, folder / "seqlabel" / "native" / compiled.name)
            same = subprocess.run(
                [
                    "git",
                    "-C",
                    str(ROOT),
                    "diff",
                    "--quiet",
                    commit,
                    "--",
                    "seqlabel/native/steps.cpp",
                ],
                check=False,
            )
            if same.returncode:
                build = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
                subprocess.run(build, cwd=folder, check=True)
            yield folder
        finally:
            subprocess.run(
                ["git", "-C", str(ROOT), "worktree", "remove", "--force", str(folder)], check=True
            )


def figures_of_side(settings: Settings, name: str, tree: Path | None) -> dict[str, Figure]:
    """The figures of one side, in a process of its own; of a commit with the library in a tree."""
    with TemporaryDirectory() as temporary:
        written = Path(temporary) / "figures.json"
        model = "en_pii" if tree else str(find_folder(name))
        command = [
            sys.executable,
            str(Path(__file__).resolve()),
            model,
            model,
            "--side",
            str(written),
        ]
        command += ["--data", str(settings.data.resolve()), "--words", str(settings.words)]
        command += ["--values", str(settings.values), *(["--blind"] if settings.blind else [])]
        path = {"PYTHONPATH": str(tree or ROOT)}
        subprocess.run(command, env=os.environ | path, check=True)
        rows = json.loads(written.read_text(encoding="utf-8"))
    return {row["name"]: Figure(**row) for row in rows}


def compared(old: dict[str, Figure], new: dict[str, Figure]) -> list[Row]:
    """The rows that both sides have, those that lost most first."""
    rows = []
    for name, before in old.items():
        if name in new:
            after = new[name].value
            change = before.value - after if before.higher else after - before.value
            loss = change / max(abs(before.value), abs(after), 1e-9)
            # What lies within the noise of both directions is no change.
            loss = max(abs(loss) - before.noise, 0.0) * (1 if loss > 0 else -1)
            rows.append(Row(name, before.value, after, loss))
    return sorted(rows, key=lambda row: -row.loss)


def show(rows: list[Row], tolerance: float) -> None:
    """Print the table; in red what became worse, where the output is a terminal."""
    colors = sys.stdout.isatty()
    print(f"{'':<64}{'old':>10}{'new':>10}")
    for row in rows:
        is_worse = row.loss > tolerance
        mark = "worse" if is_worse else "better" if row.loss < -tolerance else ""
        line = f"{row.name:<64}{row.old:>10.2f}{row.new:>10.2f}  {mark}"
        print(f"{RED}{line}{PLAIN}" if is_worse and colors else line)


def main(settings: Settings) -> None:
    """Measure both sides and print the table."""
    if settings.side is not None:
        figures = [asdict(figure) for figure in measured(settings, settings.old)]
        settings.side.write_text(json.dumps(figures), encoding="utf-8")
        return
    kinds = [is_model(settings.old), is_model(settings.new)]
    if kinds[0] != kinds[1]:
        raise OptionError(
            "OLD and NEW: expected two commits or two labelers, got one of each. Give two alike."
        )
    sides = []
    for name in (settings.old, settings.new):
        if kinds[0]:
            sides.append(figures_of_side(settings, name, None))
        else:
            with checkout(name) as tree:
                sides.append(figures_of_side(settings, name, tree))
    rows = compared(*sides)
    show(rows, settings.tolerance)
    worse = sum(row.loss > settings.tolerance for row in rows)
    print(f"\n{worse} of {len(rows)} rows are worse")
    write_metrics(
        settings.output, {"old": settings.old, "new": settings.new, "rows": list(map(asdict, rows))}
    )


if __name__ == "__main__":
    run(main, Settings)
