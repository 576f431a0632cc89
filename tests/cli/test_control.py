"""The options of `redact` that say what is private, beside the same settings in a file."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.cli.control import PrivateOptions
from seqlabel.commands.console import messages
from seqlabel.errors import OptionError
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
    options = "--except IP --allow allow.txt --deny deny.txt --policy EMAIL=mask"
    done = run(rules, *options.split(), "--pattern", "EMPLOYEE_ID=EMP-[0-9]{6}")
    assert (done.exit_code, done.stdout) == (0, expected)
    assert "settings" not in done.stderr
    text = (
        'except = ["IP"]\npolicies = {EMAIL = "mask"}\nallow = {files = ["allow.txt"]}\ndeny = '
        '{files = ["deny.txt"]}\n'
        "[[pattern]]\nlabel = 'EMPLOYEE_ID'\nregex = 'EMP-[0-9]{6}'\n"
    )
    (folder / "mine.toml").write_text(text)
    assert run(rules, "--settings", "mine.toml").stdout == expected
    (folder / "mine.toml").rename(folder / "seqlabel.toml")
    assert run(rules).stdout == expected


@pytest.mark.parametrize(("said", "sensitivity"), [(2.0, 2), (0.0, 0), (None, -1)])
def test_a_sensitivity_of_the_command_wins_over_the_file(folder, said, sensitivity):
    (folder / "seqlabel.toml").write_text("sensitivity = -1\n")
    assert PrivateOptions(sensitivity=said).read().sensitivity == sensitivity


def test_options_win_over_the_file(rules, folder):
    (folder / "seqlabel.toml").write_text('policy = "mask"\nlabels = ["IP"]\n')
    assert run(rules).stdout == "ann@corp.io support@corp.io 000.0.000.0 falcon EMP-123456\n"
    done = run(rules, "--policy", "remove", "--labels", "EMAIL")
    assert done.stdout == "  203.0.113.7 falcon EMP-123456\n"


@pytest.mark.parametrize(
    ("written", "labels", "named"),
    [
        ('deny = {words = ["Falcon"]}', [], None),
        ('sensitivity = 2\npolicy = "remove"', [], None),
        ('labels = ["AGE"]', [], "AGE"),
        ('labels = ["AGE"]', ["EMAIL"], None),
        ("except = ['AGE']", ["EMAIL"], "AGE"),
        ("allow = {patterns = ['[^\\n]{1,100}']}", [], r"[^\\n]{1,100}"),
        ('allow = {words = ["a", "b"]}', [], "a, b"),
        ("rules = false", [], "no rules"),
        ('rules = {disable = ["email"]}', [], "email"),
        ("thresholds = {EMAIL = 1}", [], "EMAIL 1.0"),
        ("sensitivity = -0.5", [], "-0.5"),
        ('policy = "encrypt"\nkey_file = "key"', [], "encrypt with the key in key"),
        ('model = "eu_pii"', [], "eu_pii"),
    ],
)
def test_what_a_file_that_was_not_named_takes_away_is_said(folder, capsys, written, labels, named):
    (folder / "seqlabel.toml").write_text(written)
    with messages(quiet=True):
        PrivateOptions(labels=labels).read()
    said = capsys.readouterr().err
    assert (said.count("\n"), "seqlabel.toml" in said) == (
        (0, False) if named is None else (1, True)
    )
    assert (named or "") in said


def test_a_file_that_was_not_named_downloads_nothing(folder):
    (folder / "seqlabel.toml").write_text('model = "hf://somebody/model"')
    with pytest.raises(OptionError, match=r"^seqlabel\.toml: model: .*--settings"):
        PrivateOptions().read()
    assert PrivateOptions(model="en_pii").read().model == "en_pii"
    assert PrivateOptions(settings=Path("seqlabel.toml")).read().model == "hf://somebody/model"


@pytest.mark.parametrize(
    ("option", "value", "named"),
    [
        ("--labels", "", "--labels"),
        ("--labels", "EMAIL,", "--labels"),
        ("--except", "", "--except"),
        ("--except", "EMIAL", "except: 'EMIAL'"),
        ("--except", "EMAIL", "except: "),
        ("--model", "", "model: "),
        ("--pattern", "EMP", "--pattern"),
        ("--pattern", "emp=a", "--pattern: got 'emp'"),
        ("--pattern", "A=a.*b", "pattern[0].regex"),
        ("--policy", "remove", "--policy"),
        ("--policy", "EMIAL=mask", "'EMAIL'"),
        ("--policy", "EMAIL=hide", "policies.EMAIL"),
        ("--allow", "/dev/zero", "/dev/zero"),
        ("--allow", "none.txt", "none.txt"),
        ("--settings", "none.toml", "none.toml"),
    ],
)
def test_wrong_options_are_one_line(rules, option, value, named):
    given = {"--policy": ["--policy", "mask"], "--except": ["--labels", "EMAIL"]}
    done = run(rules, *given.get(option, []), option, value)
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr
    assert done.stderr.count("\n") == 1
