"""Runs the notebooks and stores their outputs in them; `tests/docs/test_notebooks.py` compares these with a new run.

python docs/tools/run_notebooks.py [NUMBER ...]

UD_ENGLISH_EWT names the folder of the English Web Treebank, which notebook 2 reads.
"""

import os
import sys
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient

DOCS = Path(__file__).parents[1]
CODE = "code_sha256"
"""The entry of a notebook's metadata with the hash of the code that made its outputs."""


def code_of(notebook: nbformat.NotebookNode) -> str:
    """Return the hash of a notebook's code."""
    code = "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return sha256(code.encode()).hexdigest()


def run(notebook: nbformat.NotebookNode, folder: Path) -> None:
    """Run a notebook in a folder; its outputs are the new ones, without times."""
    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, timeout=900, kernel_name="python3", resources=resources, record_timing=False).execute()
    notebook.metadata = nbformat.NotebookNode(
        kernelspec={"display_name": "Python 3", "language": "python", "name": "python3"},
        language_info={"name": "python"},
        **{CODE: code_of(notebook)},
    )


def main(numbers: list[str]) -> None:
    os.environ["PYTHONPATH"] = str(DOCS.parent)
    for path in sorted((DOCS / "notebooks").glob("*.ipynb")):
        if not numbers or path.stem[0] in numbers:
            notebook = nbformat.read(path, 4)
            with TemporaryDirectory() as folder:
                run(notebook, Path(folder))
            nbformat.write(notebook, path)
            print(path.name)


if __name__ == "__main__":
    main(sys.argv[1:])
