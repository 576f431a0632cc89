"""The subcommand `seqlabel push`: a trained model to the Hugging Face Hub, by
`seqlabel.models.hub`.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from seqlabel.cli.options import Quiet
from seqlabel.commands.console import messages, say


def push(
    model: Annotated[str, typer.Argument(help="A model's folder, or the name of one that ships.")],
    repository: Annotated[
        str, typer.Argument(help="Repository on the Hub, user/name; made where it is missing.")
    ],
    public: Annotated[bool, typer.Option("--public", help="Make a new repository public.")] = False,
    message: Annotated[str, typer.Option(help="Message of the commit.")] = "A seqlabel model",
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="List what would be sent, and send nothing; no network is used."
        ),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Push a labeler with its card to the Hugging Face Hub. Log in with `hf auth login` before."""
    with messages(quiet=quiet):
        from seqlabel.models.cards import find_card
        from seqlabel.models.hub import PREFIX, check_repository, push_to_hub, write_upload
        from seqlabel.models.trained import load_trained

        repository = check_repository(repository)
        # A damaged one is refused now.
        load_trained(model)
        stored = _Stored(model)
        card = find_card(model) or None
        if card is None:
            say(
                f"{model}: there is no card next to it. Write a README.md that says what it was "
                "trained on."
            )
        if dry_run:
            with TemporaryDirectory() as temporary:
                folder = Path(temporary) / "model"
                write_upload(stored, folder, card=card)
                files = sorted(path for path in folder.iterdir() if path.is_file())
                kind = "public" if public else "private"
                print(f"To {PREFIX}{repository}, {kind} if it is new:")
                for path in files:
                    print(f"{path.stat().st_size:>14,} bytes  {path.name}")
            return
        print(push_to_hub(stored, repository, card=card, private=not public, message=message))


class _Stored:
    """The files of a model as they are: to load and to save it would make a compact one large."""

    def __init__(self, model: str) -> None:
        self._model = model

    def save(self, folder: Path) -> None:
        """Copy the files; see `Saved`."""
        from seqlabel.models.folders import ALL_PARTS, find_folder

        folder.mkdir()
        for name in ALL_PARTS:
            if (source := find_folder(self._model) / name).is_file():
                shutil.copyfile(source, folder / name)
