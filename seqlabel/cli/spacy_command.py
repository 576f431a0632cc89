"""`spacy seqlabel …`: the command as a subcommand of spaCy's, which imports this module by its entry point."""

from spacy.cli._util import app as spacy_app

from seqlabel.cli import app

spacy_app.add_typer(app, name="seqlabel", help="Label words and take private data out of texts, offline.")
