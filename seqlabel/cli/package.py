"""The subcommand `seqlabel package`: a model as a spaCy pipeline that pip installs, by
`spacy.packaging`.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.options import Json, Quiet
from seqlabel.commands.console import messages, say


def package(
    model: Annotated[str, typer.Argument(help="A model's folder, or the name of one that ships.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder to write the wheel to.")
    ] = Path("packages"),
    name: Annotated[
        str | None,
        typer.Option(
            help="Name of the package, without the language. Default: that of the folder."
        ),
    ] = None,
    version: Annotated[str, typer.Option(help="Version of the package.")] = "0.0.0",
    description: Annotated[str, typer.Option(help="One sentence on what the model does.")] = "",
    license: Annotated[
        str,
        typer.Option(help="Licence of the model, such as CC-BY-SA-4.0. Default: that of its card."),
    ] = "",
    author: Annotated[str, typer.Option(help="Who publishes it.")] = "",
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Make a wheel with a spaCy pipeline of a model, which `pip install` installs and `spacy.load`
    loads.
    """
    with messages(quiet=quiet):
        from seqlabel.models.cards import find_card, find_license
        from seqlabel.models.folders import OUTPUTS, find_folder
        from seqlabel.spacy.packaging import PackageInfo, write_package

        folder = find_folder(model)
        card = find_card(model)
        given = folder.absolute()
        if given.name in OUTPUTS:
            given = given.parent
        called = name or given.name.replace("-", "_").removeprefix("en_")
        about = PackageInfo(called, version, description, license or find_license(model), author)
        wheel = write_package(folder, output, about, card=card)
        installed = "-".join(wheel.name.split("-")[:1])
        if not about.license:
            say(f"{model}: its licence is not known, so the package has none. --license names it.")
        if as_json:
            print(json.dumps({"wheel": str(wheel), "package": installed}))
        elif quiet:
            print(wheel)
        else:
            print(f"{wheel}\n\nTo install it, and to load it:\n\n    pip install {wheel}")
            print(f'    import spacy; nlp = spacy.load("{installed}")')
