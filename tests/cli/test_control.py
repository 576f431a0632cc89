"""The options of `redact` that say what is private, beside the same settings in a file."""

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.cli.control import Asked
from tests.extras import needs_pii

pytestmark = needs_pii

TEXT = "ann@corp.io support@corp.io 203.0.113.7 falcon EMP-123456\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "allow.txt").write_text("support@corp.io\n")
    (tmp_path / "deny.txt").write_text("Falcon\n")
    return tmp_path


def run(rules, *options):
    return CliRunner().invoke(app, ["redact", "--model", str(rules), *options], input=TEXT)


def test_options_and_a_file_say_the_same(rules, folder):
    expected = "xxx@xxxx.xx support@corp.io 203.0.113.7 <DENIED> <EMPLOYEE_ID>\n"
    options = ["--except", "IP", "--allow", "allow.txt", "--deny", "deny.txt", "--pattern", "EMPLOYEE_ID=EMP-[0-9]{6}"]
    done = run(rules, *options, "--policy", "EMAIL=mask")
    assert (done.exit_code, done.stdout) == (0, expected)
    assert "settings" not in done.stderr
    text = (
        'except = ["IP"]\npolicies = {EMAIL = "mask"}\nallow = {files = ["allow.txt"]}\ndeny = {files = ["deny.txt"]}\n'
        "[[pattern]]\nlabel = 'EMPLOYEE_ID'\nregex = 'EMP-[0-9]{6}'\n"
    )
    (folder / "mine.toml").write_text(text)
    assert run(rules, "--settings", "mine.toml").stdout == expected
    (folder / "mine.toml").rename(folder / "seqlabel.toml")
    found = run(rules)
    assert found.stdout == expected
    assert found.stderr.startswith("seqlabel: using the settings in seqlabel.toml\n")


@pytest.mark.parametrize(("said", "recall"), [(["high"], "high"), (["0.99"], 0.99), (None, 0.98)])
def test_a_recall_is_a_share_or_high(folder, said, recall):
    (folder / "seqlabel.toml").write_text("recall = 0.98\n")
    assert Asked(recall=said).read().recall == recall


def test_options_win_over_the_file(rules, folder):
    (folder / "seqlabel.toml").write_text('policy = "mask"\nonly = ["IP"]\n')
    assert run(rules).stdout == "ann@corp.io support@corp.io 000.0.000.0 falcon EMP-123456\n"
    done = run(rules, "--policy", "remove", "--labels", "EMAIL")
    assert done.stdout == "  203.0.113.7 falcon EMP-123456\n"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--recall", "high", "--recall", "0.98"], "--recall: got high and 0.98. Give it once."),
        (["--pattern", "EMP"], "--pattern: expected LABEL=REGEX"),
        (["--pattern", "emp=a"], "--pattern: got 'emp'. Write a label as EMPLOYEE_ID"),
        (["--pattern", "A=(a+)+b"], "pattern[0].regex: takes more than"),
        (["--policy", "mask", "--policy", "remove"], "--policy: got mask and remove for all labels"),
        (["--policy", "EMIAL=mask"], "policy: 'EMIAL' is not a label that can be found. Did you mean 'EMAIL'?"),
        (["--policy", "EMAIL=hide"], "policies.EMAIL: got 'hide'"),
        (["--except", "EMIAL"], "except: 'EMIAL' is not a label"),
        (["--allow", "none.txt"], "none.txt: the list cannot be read"),
        (["--settings", "none.toml"], "none.toml: the settings cannot be read"),
    ],
)
def test_wrong_options_are_one_line(rules, options, message):
    done = run(rules, *options)
    assert (done.exit_code, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
