"""Commands that answer JSON lines: at once, at their end, too few, too many, or with something
else.
"""

import shlex
import sys

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.runs import line_command
from seqlabel.runs.line_command import command_answers


def command(code):
    return shlex.join([sys.executable, "-c", code])


def test_answers_come_in_order_however_many_texts_there_are():
    texts = [f"text {number} ä" * 20 for number in range(5_000)]
    at_once = command("import sys\nfor line in sys.stdin: print(line, end='', flush=True)")
    at_the_end = command("import sys\nsys.stdout.write(sys.stdin.read())")
    for one in (at_once, at_the_end):
        assert [answer["text"] for answer in command_answers(one, iter(texts))] == texts


@pytest.mark.parametrize(
    "code",
    [
        "print('{}')",
        "import sys; sys.stdin.read(); print('{}\\n' * 3)",
        "import sys; sys.stdin.read(); print('{}\\n[]')",
        "import sys; sys.stdin.read(); print('{}\\nx')",
        "import sys; sys.stdin.read(); print('{}\\n{}'); sys.exit(3)",
        "",
    ],
)
def test_other_answers_are_refused(code):
    with pytest.raises(DataError):
        list(command_answers(command(code), ["Ann", "Bo"]))


def test_a_command_that_does_not_end_after_its_output_is_ended(monkeypatch):
    monkeypatch.setattr(line_command, "_SECONDS_TO_END", 0.1)
    code = "import os, time; os.write(1, b'{}\\n{}\\n'); os.close(1); time.sleep(60)"
    with pytest.raises(DataError):
        list(command_answers(command(code), ["Ann", "Bo"]))


@pytest.mark.parametrize("name", ["no-such-command-here", ""])
def test_a_command_that_is_not_there_is_refused(name):
    with pytest.raises(OptionError):
        list(command_answers(name, ["Ann"]))


def test_what_is_left_unread_ends_the_command():
    slow = command(
        "import sys, time\nfor line in sys.stdin: print('{}', flush=True); time.sleep(60)"
    )
    answers = command_answers(slow, ["Ann", "Bo"])
    assert next(answers) == {}
    answers.close()
