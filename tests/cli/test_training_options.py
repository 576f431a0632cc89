"""Options of training: what follows from them where they are left out."""

from pathlib import Path

from seqlabel.cli.options import Columns, Task
from seqlabel.cli.training_options import TrainSettings
from seqlabel.training.progress import Display


def test_what_follows_from_the_options():
    usual = TrainSettings(task=Task.SPANS, train=Path("a.jsonl"), columns=Columns())
    assert (usual.target, usual.checkpoint) == (Path("output/spans"), Path("output/spans/training"))
    assert (usual.base, usual.display) == ("en", Display.AUTO)
    asked = TrainSettings(task=Task.SPANS, train=Path("a"), columns=Columns(), on="x", output=Path("o"), as_json=True)
    assert (asked.base, asked.target, asked.display) == ("x", Path("o"), Display.SILENT)
