"""Files of a task, a tiny encoder, and labelers of private data, for the tests of subcommands."""

import json

import pytest

from tests.cli import commands
from tests.privacy.conftest import model, rules
from tests.privacy.rewritten_files import lines
from tests.spacy_models import tiny_encoder

__all__ = ["model", "rules"]
"""Fixtures that the tests of subcommands share with those of files."""

PLACES, PEOPLE = ("Oslo", "London", "Paris"), ("Ann", "Ben", "Eve")


def span_line(number):
    person, place = PEOPLE[number % 3], PLACES[number // 3 % 3]
    text = f"{person} visited {place} again"
    return {"text": text, "spans": [[0, 3, "PER"], [12, 12 + len(place), "LOC"]]}


@pytest.fixture
def run():
    """Runs the command in this process."""
    return commands.run


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """A folder with a tiny encoder and files of each task."""
    folder = tmp_path_factory.mktemp("files")
    tiny_encoder(folder / "encoder")
    (folder / "spans.jsonl").write_text("".join(json.dumps(span_line(n)) + "\n" for n in range(40)))
    rows = (
        (
            "1\tthe\t_\tDET\tDT\t_\t2\t_\t_\t_\n2\tcat\t_\tNOUN\tNN\t_\t3\t_\t_\t_\n"
            "3\tsat\t_\tVERB\tVB\t_\t0\t_\t_\t_\n\n"
        ),
    )
    (folder / "tags.conllu").write_text("".join(rows) * 40)
    (folder / "tags.txt").write_text("the DET\ncat NOUN\nsat VERB\n\n" * 40)
    (folder / "bio.txt").write_text("Ann B-PER\nvisited O\nOslo B-LOC\n\n" * 40)
    lines = [
        f"{('the cat sat', 'Ann visited Oslo')[n % 2]} {n},{('animal', 'trip')[n % 2]}"
        for n in range(60)
    ]
    (folder / "texts.csv").write_text("text,label\n" + "\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="session")
def labeler(files):
    """A trained labeler of spans: the output folder of `seqlabel train`."""
    command = f"train spans {files}/spans.jsonl --encoder {files}/encoder --epochs 30 --quiet"
    done = commands.run(f"{command} --output {files}/labeler")
    assert done.exit_code == 0, done.output
    return files / "labeler"


@pytest.fixture
def source(tmp_path):
    """A file of lines with private data."""
    path = tmp_path / "in.txt"
    path.write_text("\n".join(lines()) + "\n", encoding="utf-8")
    return path
