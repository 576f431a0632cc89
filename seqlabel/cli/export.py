"""The subcommand `seqlabel export`: a labeler as a folder for ONNX Runtime or a package of npm, by
`models`.
"""

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Json, Quiet
from seqlabel.commands.console import messages
from seqlabel.errors import OptionError

_PACKAGE_NAME = "seqlabel-model"


class Target(StrEnum):
    """What a labeler is exported to."""

    ONNX = "onnx"
    NPM = "npm"


def export(
    model: Annotated[
        str, typer.Argument(help="A labeler's folder, or the name of one that ships.")
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", "-o", help="Folder to write to; an earlier export there is replaced."
        ),
    ] = Path("exported"),
    to: Annotated[
        Target,
        typer.Option(
            help="Folder for ONNX Runtime, or package for Node.js and browsers with weights inside."
        ),
    ] = Target.ONNX,
    name: Annotated[
        str | None,
        typer.Option(help=f"Name of the package, with --to npm. Default: {_PACKAGE_NAME}."),
    ] = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write a labeler to a folder that runs without seqlabel: a network in ONNX with a script, or a
    package of npm.
    """
    with messages(quiet=quiet):
        if to is Target.NPM:
            from seqlabel.models.npm import write_npm_package

            write_npm_package(output, model, name=name or _PACKAGE_NAME)
        elif name is not None:
            raise OptionError(
                f"--name: expected --to {Target.NPM} with it, got --to {to}. Leave it out."
            )
        else:
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
            if to is Target.NPM:
                print(
                    f"\nTo make one file that `npm install` takes:\n\n    cd {output} && npm pack"
                )
            else:
                print(
                    f"\nTo label texts, one per line:\n\n    python {output / 'run.py'} < texts.txt"
                )
