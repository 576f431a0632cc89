"""The figures on README and pages are those in `docs/metrics.json`, and what compares them does
compare.
"""

import json
import runpy

import pytest
import typer

from seqlabel.cli import app
from tests.pages import ROOT

SUBCOMMANDS = set(typer.main.get_command(app).commands)
FIGURES = runpy.run_path(str(ROOT / "docs" / "tools" / "figures.py"))
RUNS = FIGURES["read_runs"]()
COUNTED_NOT_MEASURED = {"docs/threat_model.md"}


PHRASES = FIGURES["read_map"]()
PAGES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in FIGURES["PAGES"]
}


def test_pages_have_no_comments():
    assert [page for page, text in PAGES.items() if "<!--" in text] == []


def test_every_page_in_the_map_is_there():
    assert PHRASES.keys() <= PAGES.keys()


@pytest.mark.parametrize("page", PAGES)
def test_figures_are_those_of_the_runs(page):
    assert FIGURES["differences"](page, PAGES[page], PHRASES.get(page, []), RUNS) == []


@pytest.mark.parametrize("page", PAGES)
def test_every_number_in_a_table_names_its_run(page):
    if page not in COUNTED_NOT_MEASURED:
        found = FIGURES["unnamed"](PAGES[page], PHRASES.get(page, []), RUNS)
        assert found == [], (
            f"{page}: give these numbers a phrase in docs/figures.toml; see docs/tools/figures.py"
        )


def is_there(command):
    """Whether a command is a file of this repository, or a subcommand of `seqlabel`."""
    program, named, *_ = command.split()
    return (program == "python" and (ROOT / named).is_file()) or (
        program == "seqlabel" and named in SUBCOMMANDS
    )


def test_every_run_has_a_command_that_is_there_and_is_on_a_page():
    commands = {name: run["command"].split(";") for name, run in RUNS.items()}
    assert [name for name, parts in commands.items() if not all(map(is_there, parts))] == []
    phrases = "".join(phrase for page in PHRASES.values() for phrase in page)
    assert [name for name in RUNS if f"{{{{{name}/" not in phrases] == []


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
| small, 12.5 MB | 71.0 | 1,234 |
| large | **80.1 ± 0.3** | 7.5 |

Of `1.5` WNUT-17
texts 40.
"""
PAGE_PHRASES = [
    "| small, 12.5 MB | {{run/small %}} | {{run/words}} |",
    "| large | {{run/large}} ± {{}} |",
    "WNUT-17 texts {{run/words}}.",
]
MADE = {
    "run": {
        "command": "python x.py",
        "figures": {"small": 0.7149, "large": {"mean": [80.1, 0.31]}, "words": 1234},
    }
}


def test_a_wrong_figure_is_told_with_its_line_and_command():
    assert FIGURES["differences"]("page.md", PAGE, PAGE_PHRASES, MADE) == [
        "page.md line 3 says 71.0, docs/metrics.json says 71.5 (run/small, made by: python x.py)",
        "page.md line 7 says 40, docs/metrics.json says 1234 (run/words, made by: python x.py)",
    ]


@pytest.mark.parametrize(
    ("phrase", "said"),
    [
        ("| small, 12.5 MB | {{run/none}} |", "line 3: docs/metrics.json has no run/none ('none')"),
        ("| small, 12.5 MB | {{run/small %}} | {{}} |", "line 3: more or fewer numbers"),
        ("| large | {{run/large}}", "line 4: more or fewer numbers"),
        ("| large | {{run/large}} ± {{run/small}}", "line 4: more or fewer numbers"),
        ("| medium | {{run/small %}} |", "line 1: from here on the page does not have: | medium |"),
    ],
)
def test_a_phrase_that_names_nothing_is_told(phrase, said):
    (found,) = FIGURES["differences"]("page.md", PAGE, [phrase], MADE)
    assert found.startswith(f"page.md {said}")


def test_phrases_stand_in_the_order_of_the_page():
    (found,) = FIGURES["differences"]("page.md", PAGE, PAGE_PHRASES[1::-1], MADE)
    assert found.startswith("page.md line 4: from here on the page does not have")


def test_filling_in_changes_the_figures_alone():
    expected = PAGE.replace("71.0", "71.5").replace("texts 40", "texts 1234")
    assert FIGURES["filled"](PAGE, PAGE_PHRASES, MADE) == expected


def test_numbers_without_a_run_are_found_in_tables():
    assert FIGURES["unnamed"](PAGE, PAGE_PHRASES, MADE) == ["line 4: 7.5"]


def test_a_run_is_taken_with_how_it_was_made(tmp_path, monkeypatch):
    path = tmp_path / "all.json"
    path.write_text("{}", encoding="utf-8")
    monkeypatch.setitem(FIGURES["take"].__globals__, "METRICS", path)
    made = {
        "accuracy": 0.5,
        "made_with": {"command": "python recipes/pos.py", "date": "2026-01-02"},
    }
    (tmp_path / "metrics.json").write_text(json.dumps(made), encoding="utf-8")
    FIGURES["take"]("pos", tmp_path / "metrics.json")
    assert json.loads(path.read_text()) == {
        "pos": {
            "command": "python recipes/pos.py",
            "date": "2026-01-02",
            "figures": {"accuracy": 0.5},
        }
    }
    made["made_with"]["command"] = "python /home/ann/pos.py"
    (tmp_path / "metrics.json").write_text(json.dumps(made), encoding="utf-8")
    with pytest.raises(SystemExit, match="relative paths"):
        FIGURES["take"]("pos", tmp_path / "metrics.json")
