"""`seqlabel label`: texts from files of several formats and standard input, labelled, in several
forms.
"""

import json
import os
import stat

import pytest
import spacy
from spacy.tokens import DocBin

from seqlabel.cli.texts import TextReader
from seqlabel.formats.format import Text


def labels_of(line):
    row = json.loads(line)
    return [(row["text"][one["start"] : one["end"]], one["label"]) for one in row["spans"]]


def test_standard_input_to_json_lines(run, labeler):
    done = run(
        f"label --model {labeler}", input="Ann visited Oslo again\nEve visited Paris again\n"
    )
    assert done.exit_code == 0
    assert [labels_of(line) for line in done.stdout.splitlines()] == [
        [("Ann", "PER"), ("Oslo", "LOC")],
        [("Eve", "PER"), ("Paris", "LOC")],
    ]


def test_a_spacy_file_and_counts_of_tags(run, tmp_path):
    (tmp_path / "a.txt").write_text("the cat sat\n")
    command = f"label {tmp_path}/a.txt --model en_pos_fast"
    told = json.loads(run(f"{command} -o {tmp_path}/a.spacy --json --quiet").stdout)
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert [token.pos_ for token in doc] == ["DET", "NOUN", "VERB"]
    assert told["labels"]["upos"] == {"DET": 1, "NOUN": 1, "VERB": 1}


def test_counts_of_categories(run, files, tmp_path):
    options = f"--encoder {files}/encoder --epochs 1 --quiet --output {tmp_path}/model"
    assert run(f"train document {files}/texts.csv {options}").exit_code == 0
    (tmp_path / "a.txt").write_text("the cat sat\n")
    done = run(f"label {tmp_path}/a.txt --model {tmp_path}/model -o {tmp_path}/a.jsonl --json")
    (counts,) = json.loads(done.stdout)["labels"].values()
    assert sum(counts.values()) == 1


def test_processes_give_the_same_labels(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"Ann visited Oslo again {n}\n" for n in range(600)))
    one, two = (run(f"label {tmp_path}/a.txt --model {labeler} --processes {n}") for n in (1, 2))
    assert (two.exit_code, two.stdout) == (0, one.stdout), two.stderr
    assert len(one.stdout.splitlines()) == 600


def test_a_line_that_cannot_be_read_is_withheld_and_said(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"Ann visited Oslo again\nbad \xff\n")
    done = run(f"label {tmp_path}/a.txt --model {labeler}")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "a.txt, line 2: byte 0xff" in done.stderr


@pytest.mark.parametrize("form", ["jsonl", "conll"])
def test_an_interrupted_run_is_continued(run, labeler, tmp_path, monkeypatch, form):
    (tmp_path / "a.txt").write_text("".join(f"Ann visited Oslo {n} times\n" for n in range(9)))

    def read_until(last):
        monkeypatch.setattr(TextReader, "files", lambda reader, files: batches(3, last))

    options = ["label", tmp_path / "a.txt", "--model", labeler, "--to", form, "--output"]
    read_until(9)
    assert run(*options, tmp_path / "whole").exit_code == 0
    read_until(6)
    done = run(*options, tmp_path / "part")
    assert (done.exit_code, "--resume" in done.stderr) == (130, True)
    assert not (tmp_path / "part").exists()
    read_until(9)
    assert run(*options, tmp_path / "part", "--resume", "--sensitivity", "1").exit_code == 2
    done = run(*options, tmp_path / "part", "--resume", "--json")
    assert (done.exit_code, json.loads(done.stdout)["texts"]) == (0, 9)
    assert (tmp_path / "part").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "part", "whole"]


def batches(size, last):
    """Nine texts in batches; Ctrl-C before the last of them."""
    for begin in range(0, 9, size):
        if begin == last:
            raise KeyboardInterrupt
        yield [Text(f"Ann visited Oslo {number} times") for number in range(begin, begin + size)]


def test_of_several_inputs_those_that_cannot_be_read_are_named_and_the_others_are_labelled(
    run, labeler, tmp_path
):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.html").write_text("<p>Ann visited <b>Oslo</b> again")
    (tmp_path / "in" / "b.bin").write_bytes(b"a\0b")
    (tmp_path / "c.txt").write_text("Eve visited Paris again\n")
    output = tmp_path / "out.jsonl"
    files = [tmp_path / name for name in ("in", "none.txt", "c.txt")]
    done = run(f"label --model {labeler} --output {output} --json", *files)
    counts = json.loads(done.stdout)
    assert (done.exit_code, counts["texts"], counts["unread"]) == (1, 2, 2)
    assert all(f"{name}: " in done.stderr for name in ("none.txt", "b.bin"))
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [(row["file"], row["text"]) for row in rows] == [
        (str(tmp_path / "in" / "a.html"), "Ann visited Oslo again"),
        (str(tmp_path / "c.txt"), "Eve visited Paris again"),
    ]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("nothing.txt", "nothing.txt"),
        ("pdf.txt", "PDF"),
        ("en_pos", "--model en_pos"),
        ("labeler", "--model labeler"),
        ("a.txt -o a.txt", "--output"),
        ("a.txt --to docbin", "--output"),
        ("a.txt --json", "--output"),
        ("a.txt -o a.spacy --resume", "--resume"),
        ("a.txt -o b.jsonl.gz --resume", "--resume"),
        ("texts.csv --field body", "'body' among the 2 columns"),
        ("names.csv", "'text' among the 2 columns"),
        ("bytes.csv", "bytes.csv, line 2"),
        ("quotes.csv", "quotes.csv, line 2"),
        ("few.csv", "few.csv, line 2"),
        ("empty.csv", "empty"),
    ],
)
def test_wrong_use_is_refused_without_a_text(run, labeler, files, monkeypatch, options, named):
    contents = {
        "a.txt": b"Ann visited Oslo again\n",
        "pdf.txt": b"%PDF-1.4\n(Ann Moss) Tj\n",
        "names.csv": b"Ann Moss,mail ann@x.org\nBob,hello\n",
        "bytes.csv": b"text,n\nAnn \xff,1\n",
        "quotes.csv": b'text,n\n"Ann,1\n',
        "few.csv": b"n,text\n1\n",
        "empty.csv": b"",
    }
    for name, content in contents.items():
        (files / name).write_bytes(content)
    monkeypatch.chdir(files)
    done = run(f"label {options}", *([] if named.startswith("--model") else ["--model", labeler]))
    assert (done.exit_code, done.stdout) == (2, "")
    assert named in done.stderr
    assert "Ann" not in done.stderr
    assert (files / "a.txt").read_bytes() == contents["a.txt"]


def test_a_terminal_is_told_that_it_is_waited_for(monkeypatch, capsys):
    from seqlabel.commands.console import say_if_waiting

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    say_if_waiting()
    assert "reading from the terminal. End with Ctrl-D" in capsys.readouterr().err


TOGETHER = "AnnMosslivesinParisandworksforAcmeInsurance"


@pytest.mark.parametrize(
    ("text", "texts", "warned"),
    [
        ("これはペンです。\n私は学生です。\nAnn visited Oslo\n", 3, "no spaces"),
        ("Ann visited 東京\n", 1, None),
        (f"{TOGETHER}\n" * 3, 3, "have lost the spaces"),
        (f"これはペンです\tO\n{TOGETHER}\tO\n" * 3, 1, None),
    ],
)
def test_texts_without_spaces_are_warned_of_once(run, labeler, text, texts, warned):
    done = run(f"label --model {labeler}", input=text)
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, texts)
    assert done.stderr.count("spaces between their words") == (warned is not None)
    assert (warned or "") in done.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions")
def test_an_output_is_as_private_as_its_sources(run, labeler, tmp_path):
    source, other = tmp_path / "a.txt", tmp_path / "b.txt"
    for path, mode in ((source, 0o600), (other, 0o644)):
        path.write_text("Ann visited Oslo again\n")
        path.chmod(mode)
    for name in ("a.jsonl", "a.spacy"):
        assert run(f"label {other} {source} --model {labeler} -o {tmp_path}/{name}").exit_code == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600


def test_standard_input_in_another_format_is_told_and_its_fields_stay(run, labeler):
    given = '{"id": 7, "text": "Ann visited Oslo again", "spans": "old"}\n'
    done = run(f"label --model {labeler} --to jsonl", input=given)
    assert (done.exit_code, "read as jsonl" in done.stderr) == (0, True)
    assert json.loads(done.stdout)["id"] == 7
    assert labels_of(done.stdout) == [("Ann", "PER"), ("Oslo", "LOC")]
    quiet = run(f"label --model {labeler} --to jsonl --quiet", input=given)
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


@pytest.mark.parametrize("form", ["conll", "conllu"])
def test_an_empty_line_is_no_sentence(run, labeler, form):
    given = "Ann visited Oslo\n\n\nEve visited Paris\n"
    done = run(f"label --model {labeler} --to {form}", input=given)
    assert done.stdout.count("\n\n") == 2
    assert "\n\n\n" not in done.stdout


def test_counts_as_json_where_labels_go_to_a_file(run, labeler, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "Ann visited Oslo again"}\n{"body"\n{"text": "Eve visited Paris again"}\n'
    )
    output = tmp_path / "out.conll"
    done = run(f"label {tmp_path}/a.jsonl --model {labeler} -o {output} --json")
    told = json.loads(done.stdout)
    assert told.pop("seconds") >= 0
    labels = {"ner": {"PER": 2, "LOC": 2}}
    counts = {"output": str(output), "texts": 2, "words": 8, "labels": labels, "unread": 1}
    assert (done.exit_code, told) == (1, counts)
    assert output.read_text().count("B-PER") == 2


def test_a_dash_is_stdin_among_files(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("Ann visited Oslo\n")
    command = f"label {tmp_path}/a.txt - --model {labeler} --to spans"
    done = run(command, input="Eve visited Paris\n")
    texts = [json.loads(line)["text"] for line in done.stdout.splitlines()]
    assert texts == ["Ann visited Oslo", "Eve visited Paris"]


def test_a_dash_is_stdout_for_an_output(run, labeler, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(f"label --model {labeler} --to spans -o -", input="Eve visited Paris\n")
    assert json.loads(done.stdout)["text"] == "Eve visited Paris"
    assert list(tmp_path.iterdir()) == []
