"""The card of a trained model: a README.md with the metadata that Hugging Face reads; scores come from a report."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqlabel.cli.record import hash_of, versions
from seqlabel.documents.document import Document
from seqlabel.formats.parts import Parts, labels_in
from seqlabel.reports.cards import front_matter, license_metadata, results
from seqlabel.reports.report import Report

_TASKS = {"tags": "token-classification", "spans": "token-classification", "document": "text-classification"}
_FITTED = "\nProbabilities were fitted to dev; the expected calibration error says how far they are off.\n"


@dataclass(frozen=True)
class Origin:
    """What only the user knows of the data.

    Args:
        source: Where they come from, a sentence; None where it was not given.
        license: Their licence, which the model shares; None where it was not given.
    """

    source: str | None
    license: str | None

    def __str__(self) -> str:
        if self.source is None and self.license is None:
            return "Their source and licence were not stated. Ask whoever trained the model before you pass it on."
        source = "Their source was not stated" if self.source is None else f"Source: {self.source.strip().rstrip('.')}"
        license = "Their licence was not stated" if self.license is None else f"Licence: {self.license.strip()}"
        return f"{source}. {license}."


def card_of(
    model: Path, options: Mapping[str, object], parts: Parts, report: Report, measured: str, *, speed: float
) -> str:
    """Return the card of a model.

    Args:
        model: Its folder.
        options: The options of `seqlabel train`.
        parts: The documents of the training.
        report: Its scores.
        measured: Which part was scored: test or dev.
        speed: The words that were labelled in a second.

    Returns:
        The card, in Markdown.
    """
    task = str(options["task"])
    counts = Counter(label for one in parts.train for label in _labels(one, parts.layers[0]))
    megabytes = sum(path.stat().st_size for path in model.iterdir()) / 1e6
    chosen = "; the best epoch was chosen on them too, so the figures flatter" if measured == "dev" else ""
    name = "Classifier" if task == "document" else "Labeler"
    fitted = "" if report.reliability is None else _FITTED
    called = Path(str(options["output"])).name
    files = [Path(str(options[part])) for part in ("train", "dev", "test") if options[part] is not None]
    figures = results(called, _TASKS[task], f"{measured} of {files[0].name}", report)
    origin = Origin(*(None if options[one] is None else str(options[one]) for one in ("source", "license")))
    head = _head(_TASKS[task], _TASKS[task], options["language"], origin, {"model-index": figures})
    return f"""\
{head}

# {called}

Labels {"documents" if task == "document" else "words" if task == "tags" else "spans of words"}, in the layer \
`{parts.layers[0]}`. Trained with `seqlabel train {task}` on `{_shown(Path(str(options["on"])))}`.

```python
from seqlabel import {name}

model = {name}.load("{_shown(model)}")
```

## Scores

On {measured}, {len(parts.test or parts.dev):,} documents{chosen}. One training, seed {options["seed"]}.

```text
{report}
```
{fitted}
## Data

{len(parts.train):,} documents to train on, {len(parts.dev):,} to choose the best epoch on. {origin} \
The options are in `train.toml`.

| file | SHA-256 |
| --- | --- |
{_rows_of(files)}

| label | times in training |
| --- | --- |
{chr(10).join(f"| {label} | {count:,} |" for label, count in counts.most_common())}

## Size, speed and versions

{megabytes:.1f} MB; {speed:,.0f} words/s where it was trained, on words met before; \
{_versions()}.

## Limits

It knows the kind of text that it was trained on. Measure it on your own before you rely on it.
"""


def _head(pipeline: str, tag: str, language: object, origin: Origin, more: Mapping[str, object]) -> str:
    """Return the metadata of a card."""
    about = {
        "library_name": "seqlabel",
        "pipeline_tag": pipeline,
        "language": [language],
        **license_metadata(origin.license or ""),
        "tags": ["seqlabel", "gru", tag],
    }
    return front_matter({**about, **more})


def _shown(path: Path) -> str:
    """Return a path as a card shows it: without the folders of the machine, which a published card would give away."""
    return "/".join(path.parts[-2:]) if path.is_absolute() else path.as_posix()


def _rows_of(files: Sequence[Path]) -> str:
    """Return a row of a table for each file, with its hash."""
    return "\n".join(f"| {path.name} | `{hash_of(path)}` |" for path in files)


def _versions() -> str:
    """Return the versions of the packages that had a part in the training."""
    return ", ".join(f"{package} {number}" for package, number in versions().items())


def _labels(document: Document, layer: str) -> list[str]:
    """Return every label of a document's layer, as often as it is there."""
    if layer in document.spans:
        return [span.label for span in document.spans[layer].spans]
    if layer in document.tags:
        return [label for label in document.tags[layer].labels if label is not None]
    return sorted(labels_in(document, layer) or ())


def pretraining_card(
    output: Path,
    files: Sequence[Path],
    figures: Mapping[str, float],
    origin: Origin,
    *,
    language: str,
    seed: int,
    on: str | None,
) -> str:
    """Return the card of an encoder.

    Args:
        output: The output folder of the training.
        files: The texts.
        figures: What `seqlabel pretrain` measured.
        origin: Where the texts come from.
        language: spaCy's code of the language.
        seed: The seed.
        on: The encoder that went on with the texts; None for a new one.

    Returns:
        The card, in Markdown.
    """
    below = on and _shown(Path(on))
    begun = f"which went on from `{below}`" if below else "trained from nothing"
    head = _head("text-generation", "language-model", language, origin, {"base_model": below})
    rows = "".join(f"| {name.replace('_', ' ')} | {value:,.1f} |\n" for name, value in figures.items())
    scores = f"| | |\n| --- | --- |\n{rows}\nPerplexities are those of a word of held-out text.\n\n" if rows else ""
    more = f"\n\n{len(files) - _MOST_FILES:,} more files." if len(files) > _MOST_FILES else ""
    return f"""\
{head}

# {output.name}

A forward and a backward language model, {begun} with \
`seqlabel pretrain`, seed {seed}. A labeler is put on it with `seqlabel train … --on {_shown(output)}`.

{scores}## Data

{origin}

| file | SHA-256 |
| --- | --- |
{_rows_of(files[:_MOST_FILES])}{more}

## Versions

{_versions()}.

## Limits

It knows the kind of text that it has read. What it has read can show in what it predicts.
"""


_MOST_FILES = 50
