"""`seqlabel train spans TEXTS --teacher`: labelled by another tool, trained, compared with it on
texts kept apart.
"""

import json
import shlex
import sys

import pytest

from tests.cli.conftest import span_line

TEACHER = """
import json, sys
for line in sys.stdin:
    text = json.loads(line)["text"]
    entities = [{"text": word, "label": "PER"} for word in ("Ann", "Ben", "Eve") if word in text]
    print(json.dumps({"entities": entities}))
"""


@pytest.fixture
def teacher(tmp_path):
    (tmp_path / "teacher.py").write_text(TEACHER)
    return f"command:{shlex.join([sys.executable, str(tmp_path / 'teacher.py')])}"


def lines(count):
    return [f"{span_line(number)['text']} {number}" for number in range(count)]


def test_a_student_says_what_its_teacher_says(run, files, teacher, tmp_path):
    (tmp_path / "texts.txt").write_text("\n".join(lines(60)))
    (tmp_path / "texts.jsonl").write_text(
        "".join(json.dumps({"text": line}) + "\n" for line in lines(60))
    )
    output = tmp_path / "out"
    more = f"--encoder {files}/encoder --epochs 30 --output {output}"
    options = ["--teacher", teacher, *more.split()]
    done = run(f"train spans {tmp_path}/texts.txt", *options)
    assert done.exit_code == 0, done.output
    assert "times as fast" in done.stdout
    assert "60 entities in 60 texts" in done.stderr
    scores = json.loads((output / "metrics.json").read_text())["teacher"]
    assert scores["f1"] > 0.9
    assert scores["texts"] == 6
    assert "teacher =" in (output / "train.toml").read_text()
    # What the teacher said is kept, and a training that is resumed does not ask again.
    assert len((output / "taught.jsonl").read_text().splitlines()) == 60
    gone = ["--teacher", "command:no-such-command", *options[2:], "--resume", "--quiet"]
    assert run(f"train spans {tmp_path}/texts.txt", *gone).exit_code == 0
    # A labelled file measures the student by itself.
    done = run(
        f"train spans {tmp_path}/texts.jsonl --test {files}/spans.jsonl --json --quiet", *options
    )
    found = json.loads(done.stdout)
    assert (found["measured_on"], found["teacher"]["texts"]) == ("test", 6)


TEXTS = "\n".join(lines(60))
NOTHING = "\n".join(f"nothing {number}" for number in range(40))


@pytest.mark.parametrize(
    ("task", "name", "content", "options", "named"),
    [
        ("tags", "a.txt", TEXTS, [], "--teacher"),
        ("spans", "a.txt", TEXTS, ["--dev", "x"], "--teacher"),
        ("spans", "a.txt", TEXTS, ["--teachers", 2], "--teacher"),
        ("spans", "a.txt", TEXTS, ["--folds", 3], "--teacher"),
        ("spans", "a.txt", "a\nb\n", [], "a.txt"),
        ("spans", "a.txt", NOTHING, [], "a.txt: "),
        ("spans", "a.jsonl", '{"text": "Ann"}\n{"body": "Ben"}\n', [], "line 2"),
    ],
)
def test_what_does_not_fit_is_refused(run, teacher, tmp_path, task, name, content, options, named):
    (tmp_path / name).write_text(content)
    more = ["--teacher", teacher, *options, "--output", tmp_path / "out"]
    done = run(f"train {task} {tmp_path}/{name}", *more)
    assert (done.exit_code, named in done.stderr) == (2, True), done.stderr
