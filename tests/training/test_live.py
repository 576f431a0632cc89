"""The table and the bar of a training in a notebook: in a kernel one output that changes, elsewhere
nothing of them.
"""

import pytest

from seqlabel.training import live
from seqlabel.training.live import LiveTable, in_notebook
from seqlabel.training.progress import Display, EpochReport, EpochTable

REPORT = EpochReport(
    epoch=1, epochs=2, train_loss=1.25, valid_loss=2.5, accuracy=0.5, seconds=3.0, tokens=9
)


class Output:
    """An output of a cell: what was shown in it, one after another."""

    def __init__(self):
        self.shown = []

    def display(self, shown, *, display_id):
        assert display_id
        self.update(shown)
        return self

    def update(self, shown):
        self.shown.append((shown._repr_html_(), repr(shown)))


@pytest.fixture
def output(monkeypatch):
    output = Output()
    monkeypatch.setattr(live, "notebook", output)
    monkeypatch.setattr(live, "SECONDS_BETWEEN", 0.0)
    return output


def test_the_table_grows_and_the_bar_moves_and_goes_away(output):
    table = LiveTable(["epoch", "<loss>"], total=4, done=1)
    table.step()
    table.add(["1/2", "0.5"])
    table.step()
    table.close()
    pages = [page for page, _ in output.shown]
    assert [page.count("<td") for page in pages] == [0, 0, 2, 2, 2]
    assert ['value="2" max="4"' in page for page in pages] == [False, True, True, False, False]
    assert ["<progress" in page for page in pages] == [True, True, True, True, False]
    assert all("&lt;loss&gt;" in page for page in pages)
    assert "2 of 4 batches" in output.shown[1][1]
    assert output.shown[-1][1].splitlines()[-1].split() == ["1/2", "0.5"]


def test_a_training_in_a_notebook_is_one_output(output, capsys):
    with EpochTable(Display.NOTEBOOK, total_steps=2, first_step=0, steps_an_epoch=1) as table:
        table.step()
        table.show(REPORT)
    page, text = output.shown[-1]
    assert ("1.2500" in page, "<progress" in page, "1.2500" in text) == (True, False, True)
    assert capsys.readouterr() == ("", "")


def test_the_bar_goes_away_after_an_error(output):
    with (
        pytest.raises(ZeroDivisionError),
        EpochTable(Display.NOTEBOOK, total_steps=2, first_step=0, steps_an_epoch=1),
    ):
        raise ZeroDivisionError
    assert "<progress" not in output.shown[-1][0]


def test_no_terminal_is_a_notebook():
    assert not in_notebook()


CELLS = """
import seqlabel
from seqlabel import Document, Labeler, LanguageModelStream, OneCycle, TokenArray, TrainingOptions, fit, human_numbers
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel import LanguageModel
words = human_numbers.vocabulary()
model = LanguageModel(human_numbers_config(len(words)), words)
stream = LanguageModelStream(TokenArray([1, 2, 3, 4] * 50), batch_size=4, bptt=5)
training = fit(model.module, stream, options=TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.01), device="cpu"))
training
---
reports = list(training)
---
Labeler.load("en_pos_fast")(["She reads.", "Yes."])
"""  # noqa: E501


@pytest.mark.slow
def test_a_kernel_shows_the_training_and_a_list_of_documents():
    nbformat = pytest.importorskip(
        "nbformat", reason="nbformat is not installed (seqlabel-rnn[test])"
    )
    nbclient = pytest.importorskip(
        "nbclient", reason="nbclient is not installed (seqlabel-rnn[test])"
    )
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code) for code in CELLS.split("---\n")]
    )
    nbclient.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    waiting, trained, labeled = (cell.outputs for cell in notebook.cells)
    assert "has not begun" in waiting[0].data["text/html"]
    (table,) = trained
    assert (table.output_type, table.data["text/html"].count("<tr")) == ("display_data", 3)
    assert "<progress" not in table.data["text/html"]
    assert labeled[0].data["text/html"].count("document ") == 2
