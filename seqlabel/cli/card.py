"""The card of a trained model: a README.md with the metadata that Hugging Face reads; scores come from a report."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from seqlabel.cli.record import versions
from seqlabel.documents.document import Document
from seqlabel.formats.parts import Parts, labels_in
from seqlabel.reports.report import Report

_TASKS = {"tags": "token-classification", "spans": "token-classification", "document": "text-classification"}


def card_of(model: Path, options: Mapping[str, object], parts: Parts, report: Report, measured: str) -> str:
    """Return the card of a model.

    Args:
        model: Its folder.
        options: The options of `seqlabel train`.
        parts: The documents of the training.
        report: Its scores.
        measured: Which part was scored: test or dev.

    Returns:
        The card, in Markdown.
    """
    task = str(options["task"])
    counts = Counter(label for one in parts.train for label in _labels(one, parts.layers[0]))
    megabytes = sum(path.stat().st_size for path in model.iterdir()) / 1e6
    begun = options["on"]
    chosen = "; the best epoch was chosen on them too, so the figures flatter" if measured == "dev" else ""
    name = "Classifier" if task == "document" else "Labeler"
    return f"""\
---
library_name: seqlabel
pipeline_tag: {_TASKS[task]}
language: {options["language"]}
---

# {Path(str(options["output"])).name}

Labels {"documents" if task == "document" else "words" if task == "tags" else "spans of words"}, in the layer \
`{parts.layers[0]}`. Trained with `seqlabel train {task}` on `{begun}`.

```python
from seqlabel import {name}

model = {name}.load("{model.as_posix()}")
```

## Scores

On {measured}, {len(parts.test or parts.dev):,} documents{chosen}. One training, seed {options["seed"]}.

```text
{report}
```

## Data

{len(parts.train):,} documents to train on, {len(parts.dev):,} to choose the best epoch on. The files, their hashes \
and the options are in `train.toml`. Fill in where the data come from, and their licence.

| label | times in training |
| --- | --- |
{chr(10).join(f"| {label} | {count:,} |" for label, count in counts.most_common())}

## Size and versions

{megabytes:.1f} MB; {", ".join(f"{package} {number}" for package, number in versions().items())}.

## Limits

It knows the kind of text that it was trained on. Measure it on your own before you rely on it.
"""


def _labels(document: Document, layer: str) -> list[str]:
    """Return every label of a document's layer, as often as it is there."""
    if layer in document.spans:
        return [span.label for span in document.spans[layer].spans]
    if layer in document.tags:
        return [label for label in document.tags[layer].labels if label is not None]
    return sorted(labels_in(document, layer) or ())
