"""The notebooks run from top to bottom in a kernel, without a line on stderr, and show what they
keep as outputs.
"""

import importlib.util
import re

import pytest

from tests.label_files import EWT, needs_ewt
from tests.pages import ROOT

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (seqlabel-rnn[test])")
pytest.importorskip("nbclient", reason="nbclient is not installed (seqlabel-rnn[test])")
_SPEC = importlib.util.spec_from_file_location(
    "run_notebooks", ROOT / "docs" / "tools" / "run_notebooks.py"
)
run_notebooks = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(run_notebooks)
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
MARKS = {
    "1_the_ladder": [pytest.mark.slow],
    "2_a_tagger_from_100_sentences": [pytest.mark.slow, needs_ewt],
    "3_your_own_labels": [pytest.mark.slow],
    "4_redaction": [pytest.mark.slow],
}
"""A kernel alone takes seconds to start; of the first three each takes more than 20."""


def of_outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


NUMBER = re.compile(r"\d+(?:\.\d+)?")
ENCRYPTED = re.compile(r"<ENCRYPTED:v2:[^>]*")
"""A new value each time."""


def texts_of(notebook):
    """What a notebook shows, but for pictures."""
    outputs = of_outputs(notebook)
    # On a busy machine what a cell prints arrives in more pieces.
    stream = "".join(output.text for output in outputs if output.get("name") == "stdout")
    shown = [
        text
        for output in outputs
        for kind, text in sorted(output.get("data", {}).items())
        if kind.startswith("text/")
    ]
    return [ENCRYPTED.sub("<ENCRYPTED", text) for text in [stream, *shown]]


def same(stored, new):
    """Whether two texts differ in nothing but figures, and these by no more than other processors'
    rounding makes.
    """
    pairs = zip(NUMBER.findall(stored), NUMBER.findall(new), strict=False)
    near = all(abs(float(a) - float(b)) <= max(0.05, 0.1 * float(a)) for a, b in pairs)
    return near and NUMBER.sub("0", stored) == NUMBER.sub("0", new)


def test_outputs_are_compared_but_for_rounding():
    assert same("accuracy 0.906", "accuracy 0.91")
    assert not same("accuracy 0.906", "accuracy 0.80")
    assert not same("[laptop DEVICE]", "laptop")


def test_there_are_four():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_has_outputs_and_no_path_of_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert "/home/" not in text
    assert "/tmp/" not in text
    found = of_outputs(nbformat.read(path, 4))
    assert any({"text/html", "image/png"} & set(output.get("data", ())) for output in found)
    assert {output.output_type for output in found} <= {"stream", "display_data", "execute_result"}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_outputs_are_those_of_the_code_beside_them(path):
    notebook = nbformat.read(path, 4)
    assert notebook.metadata[run_notebooks.CODE] == run_notebooks.code_of(notebook), (
        "python docs/tools/run_notebooks.py"
    )
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=MARKS.get(path.stem, ()), id=path.stem) for path in NOTEBOOKS]
)
def test_it_runs(path, tmp_path, monkeypatch):
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (seqlabel-rnn[test])")
    if path.stem.startswith("4"):
        pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    monkeypatch.setenv("UD_ENGLISH_EWT", str(EWT))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, 4)
    stored = texts_of(notebook)
    run_notebooks.run(notebook, tmp_path)
    assert [output.text for output in of_outputs(notebook) if output.get("name") == "stderr"] == []
    new = texts_of(notebook)
    assert len(new) == len(stored)
    assert [pair for pair in zip(stored, new, strict=True) if not same(*pair)] == [], (
        "python docs/tools/run_notebooks.py"
    )
