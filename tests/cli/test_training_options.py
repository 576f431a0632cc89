"""Options of training: what follows from them where they are left out."""

from pathlib import Path

from seqlabel.cli.options import Columns, Task
from seqlabel.cli.training_options import Run, TrainSettings
from seqlabel.training.progress import Display


def test_what_follows_from_the_options():
    usual = TrainSettings(task=Task.SPANS, train=Path("a.jsonl"), columns=Columns(), run=Run())
    assert (usual.target, usual.checkpoint) == (Path("output/spans"), Path("output/spans/training"))
    assert (usual.base, usual.run.display) == ("en", Display.AUTO)
    run = Run(as_json=True)
    asked = TrainSettings(
        task=Task.SPANS, train=Path("a"), columns=Columns(), on="x", output=Path("o"), run=run
    )
    assert (asked.base, asked.target, asked.run.display) == ("x", Path("o"), Display.SILENT)
