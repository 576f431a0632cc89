"""The notebooks run from top to bottom in a kernel, without an error or a line on stderr, and keep their outputs."""

import pytest

from tests.label_files import EWT, needs_ewt
from tests.pages import ROOT

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (seqlabel-rnn[test])")
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
MARKS = {
    "1_the_ladder": [pytest.mark.slow],
    "2_a_tagger_from_100_sentences": [pytest.mark.slow, needs_ewt],
    "3_your_own_labels": [pytest.mark.slow],
}
"""Of those that take more than 20 seconds, or need data."""


def of_outputs(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", ())]


def test_there_are_four():
    assert [path.stem[:2] for path in NOTEBOOKS] == ["1_", "2_", "3_", "4_"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_what_is_kept_has_outputs_and_no_path_of_a_machine(path):
    text = path.read_text(encoding="utf-8")
    assert "/home/" not in text
    assert "/tmp/" not in text
    found = of_outputs(nbformat.read(path, 4))
    assert any("text/html" in output.get("data", ()) for output in found)
    assert {output.output_type for output in found} <= {"stream", "display_data", "execute_result"}


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=MARKS.get(path.stem, ()), id=path.stem) for path in NOTEBOOKS]
)
def test_it_runs(path, tmp_path, monkeypatch):
    client = pytest.importorskip("nbclient", reason="nbclient is not installed (seqlabel-rnn[test])")
    pytest.importorskip("ipykernel", reason="ipykernel is not installed (seqlabel-rnn[test])")
    if path.stem.startswith("4"):
        pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    monkeypatch.setenv("UD_ENGLISH_EWT", str(EWT))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = nbformat.read(path, 4)
    resources = {"metadata": {"path": str(tmp_path)}}
    client.NotebookClient(notebook, timeout=600, kernel_name="python3", resources=resources).execute()
    assert [output.text for output in of_outputs(notebook) if output.get("name") == "stderr"] == []
