"""The figures on README and pages are those in `docs/metrics.json`, and what compares them does compare."""

import json
import runpy

import pytest
import typer

from seqlabel.cli import app
from tests.pages import ROOT

SUBCOMMANDS = set(typer.main.get_command(app).commands)
FIGURES = runpy.run_path(str(ROOT / "docs" / "figures.py"))
RUNS = FIGURES["read_runs"]()
COUNTED_NOT_MEASURED = {"threat_model.md"}


@pytest.mark.parametrize("page", FIGURES["PAGES"], ids=lambda page: page.stem)
def test_figures_are_those_of_the_runs(page):
    assert FIGURES["differences"](page, RUNS) == []


@pytest.mark.parametrize("page", FIGURES["PAGES"], ids=lambda page: page.stem)
def test_every_number_in_a_table_names_its_run(page):
    if page.name not in COUNTED_NOT_MEASURED:
        found = FIGURES["unnamed"](page.read_text(encoding="utf-8"), RUNS)
        assert found == [], f"{page.name}: put a comment such as <!--ladder/2 loop/final--> behind; see docs/figures.py"


def is_there(command):
    """Whether a command is a file of this repository, or a subcommand of `seqlabel`."""
    program, named, *_ = command.split()
    return (program == "python" and (ROOT / named).is_file()) or (program == "seqlabel" and named in SUBCOMMANDS)


def test_every_run_has_a_command_that_is_there_and_is_on_a_page():
    commands = {name: run["command"].split(";") for name, run in RUNS.items()}
    assert [name for name, parts in commands.items() if not all(map(is_there, parts))] == []
    text = "".join(page.read_text(encoding="utf-8") for page in FIGURES["PAGES"])
    assert [name for name in RUNS if f"<!--{name}/" not in text] == []


@pytest.mark.parametrize(
    ("value", "like", "expected"),
    [
        (96.447, "96.45", "96.45"),
        (77_381, "77,400", "77,400"),
        (81_234, "77,400", "81,200"),
        (84_100, "80,000", "84,100"),
        (9_319, "9,300", "9,320"),
        (1387.8, "1400.0", "1387.8"),
        (0.98064, "0.9806", "0.9806"),
        (12_345.6, "999.0", "12,345.6"),
    ],
)
def test_a_value_is_written_with_the_digits_of_the_page(value, like, expected):
    assert FIGURES["rounded"](value, like=like) == expected


PAGE = """\
| model | accuracy | in all |
| --- | --- | --- |
| small, 12.5 MB | 71.0<!--run/small %--> | 1,234<!--run/words--> |
| large | **80.1 ± 0.3<!--run/large-->** | 7.5 |

Of `1.5` WNUT-17 texts 40<!--run/words-->.
"""
MADE = {"run": {"command": "python x.py", "figures": {"small": 0.7149, "large": {"mean": [80.1, 0.31]}, "words": 1234}}}


def test_a_wrong_figure_is_told_with_its_line_and_command(tmp_path, monkeypatch):
    (tmp_path / "page.md").write_text(PAGE, encoding="utf-8")
    monkeypatch.setitem(FIGURES["differences"].__globals__, "ROOT", tmp_path)
    found = FIGURES["differences"](tmp_path / "page.md", MADE)
    assert found == [
        "page.md line 3 says 71.0, docs/metrics.json says 71.5 (run/small, made by: python x.py)",
        "page.md line 6 says 40, docs/metrics.json says 1234 (run/words, made by: python x.py)",
    ]
    (tmp_path / "page.md").write_text("5<!--run/none-->", encoding="utf-8")
    assert FIGURES["differences"](tmp_path / "page.md", MADE) == [
        "page.md line 1: docs/metrics.json has no run/none ('none')"
    ]
    (tmp_path / "page.md").write_text("5<!--run/large-->", encoding="utf-8")
    assert "has 2 numbers, and only 1 stand" in FIGURES["differences"](tmp_path / "page.md", MADE)[0]


def test_filling_in_changes_the_figures_alone():
    expected = PAGE.replace("71.0", "71.5").replace("texts 40", "texts 1234")
    assert FIGURES["filled"](PAGE, MADE) == expected


def test_numbers_without_a_run_are_found_in_tables():
    assert FIGURES["unnamed"](PAGE, MADE) == ["line 4: 7.5"]


def test_a_run_is_taken_with_how_it_was_made(tmp_path, monkeypatch):
    path = tmp_path / "all.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setitem(FIGURES["take"].__globals__, "METRICS", path)
    made = {"accuracy": 0.5, "made_with": {"command": "python recipes/pos.py", "date": "2026-01-02"}}
    (tmp_path / "metrics.json").write_text(json.dumps(made), encoding="utf-8")
    FIGURES["take"]("pos", tmp_path / "metrics.json")
    assert json.loads(path.read_text()) == {
        "pos": {"command": "python recipes/pos.py", "date": "2026-01-02", "figures": {"accuracy": 0.5}}
    }
    made["made_with"]["command"] = "python /home/ann/pos.py"
    (tmp_path / "metrics.json").write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(SystemExit, match="relative paths"):
        FIGURES["take"]("pos", tmp_path / "metrics.json")
