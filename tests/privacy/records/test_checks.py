"""A check lets accepted findings pass, wherever their lines move, and sees all others."""

import subprocess

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.records import checks
from seqlabel.privacy.records.findings import Located, Searched


def searched(file, line, text, *values, score=0.9):
    found = [
        Located("X", text.index(value), text.index(value) + len(value), score, "model", value)
        for value in values
    ]
    return Searched(file, line, 1, "", text, tuple(found))


def left(texts):
    return [(one.file, one.line, found.text) for one in texts for found in one.found]


def test_the_model_must_be_sure_and_rules_are():
    sure, unsure = searched("a", 1, "ann", "ann"), searched("a", 2, "bob", "bob", score=0.4)
    rule = searched("a", 3, "c@x.org", "c@x.org", score=1.0)
    assert left(checks.above([sure, unsure, rule], 0.5)) == [("a", 1, "ann"), ("a", 3, "c@x.org")]


def test_in_source_code_the_model_must_be_surer_and_what_is_dropped_is_counted():
    texts = [
        searched(f"a{end}", 1, "bob", "bob", score=0.6) for end in (".py", ".TS", ".txt", ".md")
    ]
    texts.append(searched("a.py", 2, "ann", "ann", score=0.95))
    texts.append(searched("a.py", 3, "c@x.org", "c@x.org", score=1.0))
    texts.append(searched("a.py", 4, "falcon", "falcon", score=None))
    said = []
    kept = left(checks.sure_in_code(texts, say=said.append))
    assert kept[:2] == [("a.txt", 1, "bob"), ("a.md", 1, "bob")]
    assert kept[2:] == [("a.py", 2, "ann"), ("a.py", 3, "c@x.org"), ("a.py", 4, "falcon")]
    assert [line.split()[0] for line in said] == ["2"]
    assert list(checks.sure_in_code([], say=said.append)) == []
    assert len(said) == 1


def test_what_the_model_says_is_not_proven():
    rule = Searched("a", 2, 1, "", "c@x.org", (Located("EMAIL", 0, 7, 1.0, "email", "c@x.org"),))
    assert left(checks.proven([searched("a", 1, "ann", "ann"), rule])) == [("a", 2, "c@x.org")]


def test_a_comment_allows_its_line_alone():
    texts = [searched("a", 1, "ann  # seqlabel: allow", "ann"), searched("a", 2, "ann", "ann")]
    assert left(checks.without_allowed(texts)) == [("a", 2, "ann")]
    both = "ann\nbob  # seqlabel: allow\ncid"
    kept = left(checks.without_allowed([searched("a", 1, both, "ann", "bob", "cid")]))
    assert [value for _, _, value in kept] == ["ann", "cid"]


def test_a_baseline_holds_no_value_and_follows_lines_that_move(tmp_path):
    path = tmp_path / "baseline.json"
    old = [
        searched("a", 1, "ann called", "ann"),
        searched("a", 2, "ann called", "ann"),
        searched("b", 1, "bob", "bob"),
    ]
    assert checks.write_baseline(path, old) == 3
    assert "ann" not in path.read_text(encoding="utf-8")
    baseline = checks.read_baseline(path)
    assert left(checks.without_accepted(old, baseline)) == []
    moved = [searched("a", 7, "  ann called", "ann"), searched("c", 1, "bob", "bob")]
    moved.append(searched("a", 8, "ann left", "ann"))
    assert left(checks.without_accepted(moved, baseline)) == [("c", 1, "bob"), ("a", 8, "ann")]
    thrice = [searched("a", line, "ann called", "ann") for line in (1, 2, 3)]
    assert left(checks.without_accepted(thrice, baseline)) == [("a", 3, "ann")]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"accepted": {"a": 3}}'])
def test_what_is_no_baseline_is_refused(tmp_path, text):
    (tmp_path / "b").write_text(text, encoding="utf-8")
    with pytest.raises(DataError):
        checks.read_baseline(tmp_path / "b")
    with pytest.raises(DataError):
        checks.read_baseline(tmp_path / "none")


def test_added_lines_are_those_of_git(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def git(*arguments):
        name = ["-c", "user.name=a", "-c", "user.email=a@example.org"]
        subprocess.run(["git", *name, *arguments], check=True, capture_output=True)

    git("init")
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\n", encoding="utf-8")
    git("add", ".")
    assert checks.added_lines(checks.STAGED, [file]) == {str(file): {1, 2}}
    git("commit", "-m", "a")
    file.write_text("zero\none\n2\n", encoding="utf-8")
    added = checks.added_lines("HEAD", [file])
    assert added == {str(file): {1, 3}}
    assert checks.added_lines(checks.STAGED, [file]) == {str(file): set()}
    texts = [searched(str(file), 1, "zero", "zero"), searched(str(file), 2, "one", "one")]
    assert left(checks.only_added(texts, added)) == [(str(file), 1, "zero")]
    file.write_bytes(b"zero\0one\n")
    added = checks.added_lines("HEAD", [file])
    assert added == {str(file): None}
    assert len(left(checks.only_added(texts, added))) == 2
    with pytest.raises(OptionError):
        checks.added_lines("none", [file])
