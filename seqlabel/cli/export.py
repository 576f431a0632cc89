"""The subcommand `seqlabel export`: a labeler as a folder for ONNX Runtime, by `models.export`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Json, Quiet
from seqlabel.commands.console import messages


def export(
    model: Annotated[str, typer.Argument(help="A labeler's folder, or the name of one that ships.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write to; an earlier export there is replaced.")
    ] = Path("exported"),
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a labeler to a folder that runs without seqlabel: a network in ONNX, labels, words, and a script."""
    with messages(quiet=quiet):
        from seqlabel.models.export import export_onnx
        from seqlabel.models.tagging.labeler import Labeler

        export_onnx(Labeler.load(model), output)
        sizes = {path.name: path.stat().st_size for path in sorted(output.iterdir())}
        if as_json:
            print(json.dumps({"folder": str(output), "files": sizes}))
        elif quiet:
            print(output)
        else:
            for name, size in sizes.items():
                print(f"{output / name}: {size / 1e6:.1f} MB")
            print(f"\nTo label texts, one per line:\n\n    python {output / 'run.py'} < texts.txt")
