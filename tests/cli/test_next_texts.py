"""`seqlabel next`: the texts that the library chooses, with their labels and fields, from files of
several forms.
"""

import json

import pytest

from seqlabel.models.choosing import choose_next
from seqlabel.models.tagging.labeler import Labeler

TEXTS = [
    "Ann visited Oslo again",
    "again again",
    "Ann visited Oslo again",
    "Oslo Ann visited",
    "nothing of this",
]


def test_the_texts_that_are_most_doubtful_come_first_with_their_fields(run, labeler, tmp_path):
    pool = tmp_path / "pool.jsonl"
    pool.write_text(
        "".join(json.dumps({"text": text, "id": n}) + "\n" for n, text in enumerate(TEXTS))
    )
    done = run(f"next {pool} --model {labeler} -n 3")
    assert done.exit_code == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    expected = choose_next(Labeler.load(labeler / "model"), TEXTS, 3)
    assert [one["id"] for one in found] == [one.number for one in expected]
    assert [one["doubt"] for one in found] == [round(one.doubt, 4) for one in expected]
    assert [one["text"] for one in found] == [TEXTS[one.number] for one in expected]
    assert "3 of 5 texts" in done.stderr

    (tmp_path / "pool.txt").write_text("\n".join(TEXTS) + "\n")
    written = tmp_path / "next.jsonl"
    assert run(f"next {tmp_path}/pool.txt --model {labeler} -n 3 -o {written}").exit_code == 0
    assert [json.loads(line)["text"] for line in written.read_text().splitlines()] == [
        one["text"] for one in found
    ]
    # What was chosen can be labelled on.
    assert run(f"evaluate {written} --model {labeler}").exit_code == 0


def test_wrong_use_is_said(run, labeler, tmp_path):
    assert run(f"next {tmp_path}/none.txt --model {labeler}").exit_code == 2
    (tmp_path / "pool.jsonl").write_text('{"text": "Ann"}\n{"no": 1}\n')
    done = run(f"next {tmp_path}/pool.jsonl --model {labeler}")
    assert (done.exit_code, len(done.stdout.splitlines())) == (1, 1)
    same = run(f"next {tmp_path}/pool.jsonl --model {labeler} -o {tmp_path}/pool.jsonl")
    assert same.exit_code == 2


@pytest.mark.parametrize(
    ("to", "name"), [("label-studio", "a.json"), ("doccano", "a.jsonl"), ("prodigy", "a.jsonl")]
)
def test_annotation_tools_read_the_texts(run, labeler, tmp_path, to, name):
    (tmp_path / "pool.txt").write_text("\n".join(TEXTS) + "\n")
    done = run(f"next {tmp_path}/pool.txt --model {labeler} -n 2 --to {to} -o {tmp_path}/{name}")
    assert done.exit_code == 0, done.stderr
    chosen = choose_next(Labeler.load(labeler / "model"), TEXTS, 2)
    if to == "label-studio":
        tasks = json.loads((tmp_path / name).read_text())
        assert [task["data"]["text"] for task in tasks] == [one.document.text for one in chosen]
        return
    lines = [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
    assert [line["text"] for line in lines] == [one.document.text for one in chosen]


def test_a_packed_file_needs_a_name(run, labeler, tmp_path):
    (tmp_path / "pool.txt").write_text("Ann\n")
    assert run(f"next {tmp_path}/pool.txt --model {labeler} --to docbin").exit_code == 2
