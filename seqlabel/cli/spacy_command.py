"""`spacy seqlabel …`: the command as a subcommand of spaCy's, which imports this module by its entry point."""

import warnings
from importlib.metadata import version
from types import ModuleType

import spacy.cli
import typer

from seqlabel.cli import app


def add_to_spacy(spacy_cli: ModuleType) -> None:
    """Add the command to spaCy's command line; warn where that cannot take it, and leave it as it is.

    spaCy documents the entry point but not the object to add to, so another version may have it elsewhere.

    Args:
        spacy_cli: The module `spacy.cli`.
    """
    spacy_app = getattr(spacy_cli, "app", None)
    if isinstance(spacy_app, typer.Typer):
        spacy_app.add_typer(app, name="seqlabel", help="Label words and take private data out of texts, offline.")
    else:
        warnings.warn(
            f"spaCy {version('spacy')} has no `spacy.cli.app` to add `spacy seqlabel` to. Run `seqlabel` instead.",
            stacklevel=2,
        )


add_to_spacy(spacy.cli)
