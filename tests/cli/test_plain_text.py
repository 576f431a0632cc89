"""Plain text files: which ones are read, in which order, and their words; what is shown is
`test_pretrain`'s.
"""

import pytest

from seqlabel.cli.plain_text import plain_files, plain_words
from seqlabel.errors import DataError
from seqlabel.text.tokenizers import Tokenizer
from seqlabel.training.progress import Display


def test_folders_give_their_text_files_in_order_and_files_are_taken_as_they_are(tmp_path):
    (tmp_path / "below").mkdir()
    for name in ("b.txt", "a.txt", "below/c.txt", "notes.md"):
        (tmp_path / name).write_text("One cat .")
    expected = [tmp_path / name for name in ("notes.md", "a.txt", "b.txt", "below/c.txt")]
    assert plain_files([tmp_path / "notes.md", tmp_path]) == expected


def test_what_is_not_there_is_said(tmp_path):
    with pytest.raises(DataError, match="nothing: "):
        plain_files([tmp_path / "nothing"])
    with pytest.raises(DataError, match=r"\.txt"):
        plain_files([tmp_path])


def test_all_words_are_read_in_order(tmp_path, capsys):
    for name, text in (("a.txt", "The cat sat.\nIt sat."), ("b.txt", "Dogs ran")):
        (tmp_path / name).write_text(text)
    blocks = plain_words(plain_files([tmp_path]), Tokenizer("en"), display=Display.SILENT)
    words = [word for block in blocks for word in block if word.strip()]
    assert words == ["The", "cat", "sat", ".", "It", "sat", ".", "Dogs", "ran"]
    assert "words read in" in capsys.readouterr().err
