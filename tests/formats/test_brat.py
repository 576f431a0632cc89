"""brat's annotations against spans written by hand, alone and in folders, and what cannot be read
as such.
"""

from functools import partial

import pytest

from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import BRAT, FOLDERS, format_of, read_documents
from seqlabel.text import Tokenizer

TEXT = "Ann Moss met\nBen in New\nYork today.\n"
LINES = (
    "T1\tPER 0 8\tAnn Moss",
    "T2\tPER 13 16\tBen",
    "T3\tLOC 20 23;24 28\tNew York",
    "R1\tmet Arg1:T1 Arg2:T2",
    "#1\tAnnotatorNotes T1\tTwo words",
)
TOKENIZE = Tokenizer("en")
read_brat = partial(read_documents, format="brat")


def write(folder, *lines, name="a"):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.txt").write_text(TEXT)
    (folder / f"{name}.ann").write_text("".join(f"{line}\n" for line in lines))
    return folder / f"{name}.ann"


@pytest.mark.parametrize("suffix", [".ann", ".txt"])
def test_the_file_next_to_a_text_has_its_spans(tmp_path, suffix):
    path = write(tmp_path, *LINES).with_suffix(suffix)
    assert format_of(path) is BRAT
    (document,) = read_documents(path, tokenize=TOKENIZE)
    assert document.text == TEXT
    first, second, third = document.spans["ner"].spans
    assert document.words[first.start : first.end] == ["Ann", "Moss"]
    assert document.words[second.start : second.end] == ["Ben"]
    assert (first.label, second.label, third.label) == ("PER", "PER", "LOC")


def test_a_folder_of_them_is_no_folder_of_labels(tmp_path):
    write(tmp_path / "a", *LINES[:1])
    write(tmp_path / "b" / "c", name="d")
    assert format_of(tmp_path) is BRAT
    one, none = read_documents(tmp_path, tokenize=TOKENIZE)
    assert one.spans["ner"].spans == (Span(0, 2, "PER"),)
    assert none.spans["ner"].spans == ()
    (tmp_path / "e" / "X").mkdir(parents=True)
    (tmp_path / "e" / "X" / "a.txt").write_text("a")
    assert format_of(tmp_path / "e") is FOLDERS


@pytest.mark.parametrize(
    "line",
    ["T1\tPER 0 3\tBen", "T1\tPER 0\tAnn", "T1\tPER 0 300\tAnn", "T1\tPER 0 3;13 16\tAnn Ben"],
)
def test_what_does_not_fit_is_refused_with_its_line(tmp_path, line):
    with pytest.raises(DataError, match=r"a\.ann, line 1: ") as refused:
        list(read_brat(write(tmp_path, line), TOKENIZE))
    assert "Moss" not in str(refused.value)


def test_spans_in_pieces_are_left_out_and_counted(tmp_path):
    repairs = Repairs()
    (document,) = read_brat(
        write(tmp_path, "T1\tPER 0 3;13 16\tAnn Ben"), TOKENIZE, repairs=repairs
    )
    assert (document.spans["ner"].spans, repairs.lost) == ((), 1)


def test_a_text_that_is_missing_is_refused(tmp_path):
    path = write(tmp_path, *LINES)
    path.with_suffix(".txt").unlink()
    with pytest.raises(DataError, match=r"a\.txt:"):
        list(read_brat(path, TOKENIZE))
