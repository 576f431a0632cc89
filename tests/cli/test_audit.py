"""`seqlabel audit`: figures, exit statuses, and the threshold that it writes into the settings."""

import json

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.cli.audit import write_sensitivity
from seqlabel.privacy.finding.settings_file import load_settings
from tests.extras import needs_pii

pytestmark = needs_pii


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = [
        {"text": f"mail a{number}@x.org", "spans": [[5, 13 + (number > 9), "EMAIL"]]}
        for number in range(60)
    ]
    (tmp_path / "good.jsonl").write_text("\n".join(map(json.dumps, rows)))
    rows[0] = {"text": "mail secret", "spans": [[5, 11, "PASSWORD"]]}
    (tmp_path / "bad.jsonl").write_text("\n".join(map(json.dumps, rows[:10])))
    return tmp_path


def run(rules, *options):
    return CliRunner().invoke(app, ["audit", "--model", str(rules), *options])


def test_figures_for_people_and_programs(rules):
    done = run(rules, "bad.jsonl")
    assert done.exit_code == 0
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[1:4] == [
        ["EMAIL", "9", "0.0%", "0.0%", "to", "29.9%", "0"],
        ["PASSWORD", "1", "100.0%", "20.7%", "to", "100.0%", "1"],
        ["all", "10", "10.0%", "1.8%", "to", "40.4%", "1"],
    ]
    told = json.loads(run(rules, "bad.jsonl", "--json").stdout)
    assert (told["leak"]["count"], told["leak"]["total"], told["false_alarms"]) == (1, 10, {})
    assert "secret" not in done.output


def test_what_is_private_is_asked_for_as_in_find(rules):
    done = run(rules, "bad.jsonl", "--labels", "EMAIL", "--json")
    assert json.loads(done.stdout)["leak"]["total"] == 9
    assert "1 labelled values are left out" in done.stderr


def test_a_bound_sets_the_exit_status(rules):
    good = run(rules, "good.jsonl", "--miss", "0.05", "--confidence", "0.9")
    assert (good.exit_code, "under 0.05" in good.stdout) == (0, True)
    bad = run(rules, "bad.jsonl", "--miss", "0.05")
    assert (bad.exit_code, "19 texts" in bad.stdout) == (1, True)
    told = json.loads(run(rules, "bad.jsonl", "--miss", "0.05", "--json").stdout)
    assert told["bound"]["kept"] is False


def test_the_sensitivity_is_written_and_all_else_stays(rules, folder):
    path = folder / "mine.toml"
    rest = (
        '# mine\nexcept = ["IP"]\n\n[policies]\nEMAIL = "mask"\n\n[deny]\nwords = ["""a\n'
        'sensitivity = 4"""]\n'
    )
    path.write_text(rest)
    options = ["--miss", "0.05", "--write", "mine.toml"]
    assert run(rules, "good.jsonl", "--settings", "mine.toml", *options).exit_code == 0
    assert load_settings(path).sensitivity == -3
    assert path.read_text().endswith(rest)
    write_sensitivity(path, 3.5, used=0.0)
    before = f"sensitivity = 3.5\n{rest}"
    assert path.read_text() == before
    assert load_settings(path).policies == {"EMAIL": "mask"}
    assert run(rules, "bad.jsonl", *options).exit_code == 1
    assert path.read_text() == before


def test_a_sensitivity_that_finds_less_is_written_with_a_warning(rules, folder):
    path = folder / "seqlabel.toml"
    path.write_text("sensitivity = 3.5\n")
    for warned in (True, False):
        done = run(rules, "good.jsonl", "--miss", "0.05", "--write", "seqlabel.toml")
        assert (done.exit_code, path.read_text()) == (0, "sensitivity = -3.0\n")
        assert ("less is found" in done.stderr) is warned


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("good.jsonl --confidence 0.9", "--miss"),
        ("good.jsonl --miss 2", "bound: "),
        ("none.jsonl", "none.jsonl"),
        ("good.jsonl --miss 0.1 --write wrong.toml", "'recall'"),
        ("good.jsonl --most 5", "--most"),
        ("good.jsonl --in-context", "--in-context"),
        ("good.jsonl --clean good.jsonl --most -1", "--most"),
        ("good.jsonl --write x.toml", "--write"),
        ("good.jsonl --clean good.jsonl --most 5 --miss 0.1 --write x.toml", "--write"),
    ],
)
def test_wrong_use_is_refused(rules, folder, options, named):
    (folder / "wrong.toml").write_text("recall = 0.98\n")
    done = run(rules, *options.split())
    assert (done.exit_code, named in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("text", "spans", "said"),
    [
        ("Ann Moss", [[0, 8, "NAME_OF_GUEST"]], "None of the file's labels is known"),
        ("a@x.org Z", [[0, 7, "EMAIL"], [8, 9, "ROOM"]], "Not known: ROOM"),
        ("a@x.org", [[0, 7, "EMAIL"]], ""),
    ],
)
def test_labels_that_are_not_known_are_said(rules, folder, text, spans, said):
    (folder / "mine.jsonl").write_text(json.dumps({"text": text, "spans": spans}))
    done = run(rules, "mine.jsonl")
    assert bool(done.stderr) == bool(said)
    assert said in done.stderr


def test_an_alarm_budget_sets_the_exit_status_and_the_sensitivity(rules, folder):
    clean = folder / "clean"
    clean.mkdir()
    (clean / "a.txt").write_text("nothing but 203.0.113.7 in these words", encoding="utf-8")
    (clean / "b.txt").write_text("and nothing at all here", encoding="utf-8")
    over = run(rules, "good.jsonl", "--clean", str(clean), "--most", "5", "--json")
    assert over.exit_code == 1
    told = json.loads(over.stdout)["clean"]
    assert (told["alarms"], told["most"], told["kept"]) == ({"IP": 1}, 5, False)
    assert told["per_1000_words"] == pytest.approx(1_000 / told["words"])
    assert run(rules, "good.jsonl", "--clean", str(clean), "--most", "500").exit_code == 0
    budget = ["good.jsonl", "--clean", "clean", "--write", "seqlabel.toml", "--most"]
    assert run(rules, *budget, "5").exit_code == 1
    assert not (folder / "seqlabel.toml").exists()
    done = run(rules, *budget, "500")
    assert done.exit_code == 0
    assert load_settings(folder / "seqlabel.toml").sensitivity == 7.0
    # What the budget cost is said.
    again = run(rules, *budget, "500", "--json")
    found = json.loads(again.stdout)["found_whole"]
    assert 0 < found["now"] == found["before"] <= found["values"]


def test_labelled_texts_are_measured_in_the_middle_of_clean_ones(rules, folder):
    (folder / "clean.txt").write_text("Nothing at all is said here. " * 500, encoding="utf-8")
    options = ["good.jsonl", "--clean", "clean.txt", "--in-context"]
    told = json.loads(run(rules, *options, "--json").stdout)
    assert list(told["in_context"]) == ["40", "150", "600"]
    # Rules do not depend on what is around.
    for leak in told["in_context"].values():
        assert leak == told["leak"]
    lines = run(rules, *options).stdout.split("\n")
    assert sum(line.startswith(("0 ", "40 ", "150 ", "600 ")) for line in lines) == 4
