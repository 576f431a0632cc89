"""`seqlabel label`: texts from files of several formats and standard input, labelled, in several
forms.
"""

import gzip
import json
import os
import stat

import pytest
import spacy
from spacy.tokens import DocBin

from seqlabel.documents.spans import CharacterSpan
from seqlabel.formats.format import Text
from seqlabel.formats.jsonl import read_span_lines
from seqlabel.models.tagging.labeler import Labeler
from tests.extras import needs_pii
from tests.privacy.rewritten_files import lines


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


def test_texts_of_every_kind_of_file_get_the_same_labels(run, labeler, files, tmp_path):
    texts = ["Ann visited Oslo again", "Eve visited Paris again"]
    (tmp_path / "a.txt").write_text("\n".join(texts))
    (tmp_path / "a.jsonl").write_text("".join(json.dumps({"body": text}) + "\n" for text in texts))
    (tmp_path / "a.csv").write_text(
        "n,body\n" + "".join(f"{n},{text}\n" for n, text in enumerate(texts))
    )
    found = []
    for name in ("a.txt", "a.jsonl", "a.csv"):
        done = run(f"label {tmp_path}/{name} --model {labeler} --field body")
        assert done.exit_code == 0, done.stderr
        found.append([labels_of(line) for line in done.stdout.splitlines()])
    assert found[0] == found[1] == found[2] != []


def test_processes_give_the_same_labels(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("".join(f"Ann visited Oslo again {n}\n" for n in range(600)))
    one, two = (run(f"label {tmp_path}/a.txt --model {labeler} --processes {n}") for n in (1, 2))
    assert (two.exit_code, two.stdout) == (0, one.stdout), two.stderr
    assert len(one.stdout.splitlines()) == 600


def test_words_of_conllu_stay_as_they_are(run, labeler, files):
    done = run(f"label {files}/tags.conllu --model {labeler} --to conllu")
    assert done.exit_code == 0
    assert done.stdout.count("# text = the cat sat\n") == 40


def test_a_spacy_file(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("Ann visited Oslo again\n")
    assert run(f"label {tmp_path}/a.txt --model {labeler} -o {tmp_path}/a.spacy").exit_code == 0
    (doc,) = DocBin().from_disk(tmp_path / "a.spacy").get_docs(spacy.blank("en").vocab)
    assert [(one.text, one.label_) for one in doc.ents] == [("Ann", "PER"), ("Oslo", "LOC")]
    refused = run(f"label {tmp_path}/a.txt --model {labeler} --to docbin")
    assert (refused.exit_code, "Pass --output" in refused.stderr) == (2, True)


def test_a_line_that_cannot_be_read_is_withheld_and_said(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_bytes(b"Ann visited Oslo again\nbad \xff\n")
    done = run(f"label {tmp_path}/a.txt --model {labeler}")
    assert done.exit_code == 1
    assert len(done.stdout.splitlines()) == 1
    assert "a.txt, line 2: byte 0xff" in done.stderr


def test_one_of_several_files_that_cannot_be_read_is_named_and_the_others_are_read(
    run, labeler, tmp_path
):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"Ann visited Oslo again\n" * 99)[:40])
    (tmp_path / "b.txt").write_text("Ann visited Oslo again\n")
    done = run(
        f"label {tmp_path}/a.txt.gz {tmp_path}/b.txt --model {labeler} -o {tmp_path}/out.jsonl"
    )
    assert done.exit_code == 1
    assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 1
    assert [
        line for line in done.stderr.splitlines() if "a.txt.gz" in line
    ] == done.stderr.splitlines()
    alone = run(f"label {tmp_path}/a.txt.gz --model {labeler}")
    assert (alone.exit_code, alone.stdout) == (2, "")


def test_of_many_bad_lines_the_first_are_named(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("Ann visited Oslo again\n" * 80)
    done = run(f"label {tmp_path}/a.txt --model {labeler} --from jsonl")
    lines = done.stderr.splitlines()
    assert (done.exit_code, done.stdout, len(lines)) == (1, "", 6)
    assert [line.split(": ")[0] for line in lines[:5]] == [
        f"{tmp_path / 'a.txt'}, line {n}" for n in range(1, 6)
    ]
    assert lines[5] == f"{tmp_path / 'a.txt'}: more records are like these, and are not named"


@pytest.mark.parametrize("form", ["jsonl", "conll"])
def test_an_interrupted_run_is_continued(run, labeler, tmp_path, monkeypatch, form):
    (tmp_path / "a.txt").write_text(
        "".join(f"Ann visited Oslo {number} times\n" for number in range(9))
    )
    monkeypatch.setattr("seqlabel.cli.texts.TextReader.files", lambda reader, files: batches(3))
    options = ["label", tmp_path / "a.txt", "--model", labeler, "--to", form, "--output"]
    assert run(*options, tmp_path / "whole").exit_code == 0

    def interrupted(begin):
        if begin == 6:
            raise KeyboardInterrupt

    monkeypatch.setattr(
        "seqlabel.cli.texts.TextReader.files", lambda reader, files: batches(3, interrupted)
    )
    done = run(*options, tmp_path / "part")
    assert (done.exit_code, "with --resume to continue" in done.stderr) == (130, True)
    assert not (tmp_path / "part").exists()
    monkeypatch.setattr("seqlabel.cli.texts.TextReader.files", lambda reader, files: batches(3))
    refused = run(*options, tmp_path / "part", "--resume", "--sensitivity", "1")
    assert (refused.exit_code, "or the options have changed" in refused.stderr) == (2, True)
    done = run(*options, tmp_path / "part", "--resume", "--json")
    assert (done.exit_code, json.loads(done.stdout)["texts"]) == (0, 9)
    assert (tmp_path / "part").read_bytes() == (tmp_path / "whole").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "part", "whole"]


def batches(size, before=lambda begin: None):
    for begin in range(0, 9, size):
        before(begin)
        yield [Text(f"Ann visited Oslo {number} times") for number in range(begin, begin + size)]


def test_what_is_not_written_document_by_document_is_not_resumed(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("Ann visited Oslo again\n")
    for output in ("a.spacy", "a.jsonl.gz"):
        done = run(
            f"label {tmp_path}/a.txt --model {labeler} --output {tmp_path}/{output} --resume"
        )
        assert (
            done.exit_code,
            "--resume continues an --output of one document after another" in done.stderr,
        ) == (2, True)


def test_a_missing_file_and_a_missing_column_are_said(run, labeler, files, tmp_path):
    assert (
        "nothing.txt: there is no such file" in run(f"label nothing.txt --model {labeler}").stderr
    )
    (tmp_path / "a.txt").write_bytes(b"%PDF-1.4\n(Ann Moss) Tj\n")
    done = run(f"label {tmp_path}/a.txt --model {labeler}")
    assert (done.exit_code, "is a PDF file, not a text file" in done.stderr, done.stdout) == (
        2,
        True,
        "",
    )
    done = run(f"label {files}/texts.csv --model {labeler} --field body")
    assert (done.exit_code, "expected 'body' among the 2 columns" in done.stderr) == (2, True)


def test_the_name_of_a_model_is_no_file_of_texts(run, labeler):
    done = run("label en_pos")
    assert done.exit_code == 2
    assert "--model en_pos" in done.stderr


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
    assert done.exit_code == 1
    assert ("none.txt: there is no such file" in done.stderr, "b.bin: not text" in done.stderr) == (
        True,
        True,
    )
    assert (json.loads(done.stdout)["texts"], json.loads(done.stdout)["unread"]) == (2, 2)
    rows = [json.loads(line) for line in output.read_text().splitlines()]
    assert [row["file"] for row in rows] == [
        str(tmp_path / "in" / "a.html"),
        str(tmp_path / "c.txt"),
    ]
    assert [row["text"] for row in rows] == ["Ann visited Oslo again", "Eve visited Paris again"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"Ann Moss,mail ann@x.org\nBob,hello\n", "expected 'text' among the 2 columns"),
        (b"text,n\nAnn \xff,1\n", "line 2: byte 0xff is not UTF-8"),
        (b'text,n\n"Ann,1\n', "line 2: the row that begins there is not CSV"),
        (b"n,text\n1\n", "line 2: the row has too few values"),
        (b"", "the file is empty"),
    ],
)
def test_a_table_that_cannot_be_read_is_one_line_without_its_text(
    run, labeler, tmp_path, content, message
):
    (tmp_path / "a.csv").write_bytes(content)
    done = run(f"label {tmp_path}/a.csv --model {labeler}")
    assert (done.exit_code, message in done.stderr, "Ann" in done.stderr) == (2, True, False)


def test_a_value_of_a_table_may_be_long(run, labeler, tmp_path):
    (tmp_path / "a.csv").write_text(f"n,text\n1,{'the cat ' * 20_000}\n")
    done = run(f"label {tmp_path}/a.csv --model {labeler}")
    assert (done.exit_code, len(done.stdout) > 160_000) == (0, True)


def test_a_terminal_is_told_that_it_is_waited_for(monkeypatch, capsys):
    from seqlabel.commands.console import say_if_waiting

    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    say_if_waiting()
    assert "reading from the terminal. End with Ctrl-D" in capsys.readouterr().err


def test_texts_without_spaces_are_warned_of_once(run, labeler):
    done = run(
        f"label --model {labeler}", input="これはペンです。\n私は学生です。\nAnn visited Oslo\n"
    )
    assert done.exit_code == 0
    assert done.stderr.count("no spaces between their words") == 1
    assert len(done.stdout.splitlines()) == 3
    assert "no spaces" not in run(f"label --model {labeler}", input="Ann visited 東京\n").stderr
    together = "AnnMosslivesinParisandworksforAcmeInsurance\n"
    done = run(f"label --model {labeler}", input=together * 3)
    assert done.stderr.count("have lost the spaces between their words") == 1
    known = run(
        f"label --model {labeler}",
        input="これはペンです\tO\nAnnMosslivesinParisandworksforAcme\tO\n" * 3,
    )
    assert known.exit_code == 0
    assert "spaces between their words" not in known.stderr


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX permissions, links and pipes")
def test_an_output_is_as_private_as_its_sources_and_no_pipe_or_link_is_replaced(
    run, labeler, tmp_path
):
    source, other = tmp_path / "a.txt", tmp_path / "b.txt"
    for path, mode in ((source, 0o600), (other, 0o644)):
        path.write_text("Ann visited Oslo again\n")
        path.chmod(mode)
    for name in ("a.jsonl", "a.spacy"):
        assert run(f"label {other} {source} --model {labeler} -o {tmp_path}/{name}").exit_code == 0
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    (tmp_path / "link").symlink_to(source)
    refused = run(f"label {source} --model {labeler} -o {tmp_path}/link")
    assert (refused.exit_code, "got a link" in refused.stderr) == (2, True)
    assert source.read_text() == "Ann visited Oslo again\n"
    os.mkfifo(tmp_path / "fifo")
    reader = os.open(tmp_path / "fifo", os.O_RDONLY | os.O_NONBLOCK)
    try:
        assert run(f"label {source} --model {labeler} -o {tmp_path}/fifo").exit_code == 0
        assert labels_of(os.read(reader, 10_000)) == [("Ann", "PER"), ("Oslo", "LOC")]
    finally:
        os.close(reader)


@needs_pii
def test_labels_are_those_of_the_labeler_and_a_line_that_cannot_be_read_is_said(
    run, model, source, tmp_path
):
    source.write_bytes(source.read_bytes() + b"bad \xff\n")
    done = run(f"label {source} --model {model}")
    assert done.exit_code == 1
    assert f"line {len(lines()) + 1}: byte 0xff" in done.stderr
    path = tmp_path / "labels.jsonl"
    path.write_text(done.stdout, encoding="utf-8")
    expected = [
        (
            document.text,
            [
                CharacterSpan(*document.characters(span), span.label)
                for span in document.spans["pii"].spans
            ],
        )
        for document in Labeler.load(model)(lines())
    ]
    assert list(read_span_lines(path)) == expected
    row = json.loads(done.stdout.splitlines()[0])
    assert [row["text"][start:end] for start, end in row["words"]] == Labeler.load(model)(lines())[
        0
    ].words


def test_a_file_is_not_replaced_by_its_own_labels(run, labeler, tmp_path):
    source = tmp_path / "texts.txt"
    source.write_text("Ann visited Oslo again\n")
    done = run(f"label {source} --model {labeler} --output {source}")
    assert done.exit_code == 2
    assert "--output" in done.stderr
    assert source.read_text() == "Ann visited Oslo again\n"


def test_standard_input_in_another_format_is_told_and_its_fields_stay(run, labeler):
    given = '{"id": 7, "text": "Ann visited Oslo again", "spans": "old"}\n'
    done = run(f"label --model {labeler} --to jsonl", input=given)
    assert (done.exit_code, done.stderr) == (
        0,
        "stdin: read as jsonl (--from chooses another format)\n",
    )
    assert json.loads(done.stdout)["id"] == 7
    assert labels_of(done.stdout) == [("Ann", "PER"), ("Oslo", "LOC")]
    quiet = run(f"label --model {labeler} --to jsonl --quiet", input=given)
    assert (quiet.stdout, quiet.stderr) == (done.stdout, "")


def test_an_empty_line_is_no_sentence(run, labeler):
    for form in ("conll", "conllu"):
        done = run(
            f"label --model {labeler} --to {form}",
            input="Ann visited Oslo\n\n\nEve visited Paris\n",
        )
        assert done.stdout.count("\n\n") == 2
        assert "\n\n\n" not in done.stdout


def test_a_folder_is_no_text(run, labeler):
    done = run(f"label {labeler} --model {labeler}")
    assert (done.exit_code, f"--model {labeler}" in done.stderr) == (2, True)


def test_counts_as_json_where_labels_go_to_a_file(run, labeler, tmp_path):
    (tmp_path / "a.jsonl").write_text(
        '{"text": "Ann visited Oslo again"}\n{"body"\n{"text": "Eve visited Paris again"}\n'
    )
    done = run(f"label {tmp_path}/a.jsonl --model {labeler} -o {tmp_path}/out.conll --json")
    assert done.exit_code == 1
    told = json.loads(done.stdout)
    assert told.pop("seconds") >= 0
    assert told == {
        "output": str(tmp_path / "out.conll"),
        "texts": 2,
        "words": 8,
        "labels": {"ner": {"PER": 2, "LOC": 2}},
        "unread": 1,
    }
    assert (tmp_path / "out.conll").read_text().count("B-PER") == 2


def test_counts_of_tags_and_categories(run, labeler, files, tmp_path):
    options = ["--encoder", files / "encoder", "--epochs", 1, "--quiet", "--output", tmp_path / "c"]
    assert run(f"train document {files}/texts.csv", *options).exit_code == 0
    (tmp_path / "a.txt").write_text("the cat sat\n")
    more = ("-o", tmp_path / "out.spacy", "--json", "--quiet")
    told = json.loads(run(f"label {tmp_path}/a.txt --model {tmp_path}/c", *more).stdout)
    assert [sum(one.values()) for one in told["labels"].values()] == [1]
    told = json.loads(run(f"label {tmp_path}/a.txt --model en_pos_fast", *more).stdout)
    assert told["labels"]["upos"] == {"DET": 1, "NOUN": 1, "VERB": 1}


def test_counts_and_labels_do_not_share_standard_output(run, labeler):
    done = run(f"label --model {labeler} --json", input="Ann visited Oslo again\n")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Pass --output for the labels, or --to jsonl for labels as JSON." in done.stderr


@pytest.mark.parametrize("to", ["spans", "doccano", "prodigy", "label-studio", "conll"])
def test_every_form_goes_out_and_a_gz_is_packed(run, labeler, tmp_path, to):
    (tmp_path / "a.txt").write_text("Ann visited Oslo\nEve visited Paris\n")
    run(f"label {tmp_path}/a.txt --model {labeler} --to {to} --output {tmp_path}/a.out.gz")
    packed = gzip.decompress((tmp_path / "a.out.gz").read_bytes()).decode()
    assert packed == run(f"label {tmp_path}/a.txt --model {labeler} --to {to}").stdout
    assert "Oslo" in packed


def test_a_dash_is_stdin_among_files(run, labeler, tmp_path):
    (tmp_path / "a.txt").write_text("Ann visited Oslo\n")
    done = run(
        f"label {tmp_path}/a.txt - --model {labeler} --to spans", input="Eve visited Paris\n"
    )
    assert [json.loads(line)["text"] for line in done.stdout.splitlines()] == [
        "Ann visited Oslo",
        "Eve visited Paris",
    ]


def test_a_dash_is_stdout_for_an_output(run, labeler, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(f"label --model {labeler} --to spans -o -", input="Eve visited Paris\n")
    assert json.loads(done.stdout)["text"] == "Eve visited Paris"
    assert list(tmp_path.iterdir()) == []
