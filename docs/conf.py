"""Sphinx settings of the documentation; `tools/generated.py` writes the reference and the pages of recipes.

python -m sphinx -W docs output/docs
"""

import os
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path[:0] = [str(DOCS / "tools"), str(DOCS.parent)]

from badges import with_badge  # noqa: E402
from generated import write_generated  # noqa: E402

import seqlabel  # noqa: E402
from seqlabel.privacy import write_try_page  # noqa: E402

project = "seqlabel"
author = "the contributors of seqlabel"
release = version = seqlabel.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
html_theme = "furo"
html_title = "seqlabel"
html_show_copyright = False
html_copy_source = False
exclude_patterns = ["**/.ipynb_checkpoints"]
suppress_warnings = ["autodoc.import_object_fallback"]

# The tests run the code of every page; a build only shows it.
nb_execution_mode = "off"
myst_heading_anchors = 3
myst_enable_extensions = ["smartquotes", "deflist"]
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_logo = html_favicon = "static/logo.svg"
# As in `setup.py`: where this version can be read. Without it no page links to a repository.
repository = os.environ.get("SEQLABEL_REPOSITORY", "").replace("/blob/", "/tree/")
if repository:
    link = {"name": "Repository", "url": repository, "html": "Repository", "class": "repository"}
    html_theme_options = {"footer_icons": [link]}
# Backticks in docstrings are code.
default_role = "code"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True, "undoc-members": False}
napoleon_google_docstring = True
napoleon_numpy_docstring = False

write_generated(DOCS)


def write_page_to_try(app, error):
    """Put the page that redacts in the browser beside the other pages of the site."""
    if error is None and app.builder.format == "html":
        write_try_page(Path(app.outdir) / "try")


def add_badge(app, name, source):
    """Put a badge that opens a notebook in Colab under its title."""
    if name.startswith("notebooks/"):
        source[0] = with_badge(source[0], f"docs/{name}.ipynb", repository)


def setup(app):
    """Have Sphinx add what the pages' files do not have."""
    app.connect("source-read", add_badge)
    app.connect("build-finished", write_page_to_try)
