"""The format of a labelled file is told by its name or its first lines."""

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.formats.guessing import Format, format_of


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.conllu", "", Format.CONLLU),
        ("a.iob2.gz", "", Format.COLUMNS),
        ("a.ndjson", '{"text": "a", "spans": []}\n', Format.SPANS),
        ("a.jsonl", '{"text": "a", "label": "X"}\n', Format.CATEGORIES),
        ("a", '{"text": "a", "spans": []}\n', Format.SPANS),
        ("a", "[\n", Format.LABEL_STUDIO),
        ("a", "1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", Format.CONLLU),
        ("a.tsv", "text\tlabel\na\tX\n", Format.CSV),
        ("a", "text;label\na;X\n", Format.CSV),
        ("a", "a O\nb O\n\nc O\n", Format.COLUMNS),
    ],
)
def test_a_format_is_told(tmp_path, name, content, format):
    (tmp_path / name).write_text(content)
    assert format_of(tmp_path / name) is format


def test_a_folder_is_told_and_what_cannot_be_is_refused(tmp_path):
    assert format_of(tmp_path) is Format.FOLDERS
    (tmp_path / "a").write_text("One line of text.\nAnd one more.\n")
    with pytest.raises(OptionError, match="the format cannot be told"):
        format_of(tmp_path / "a")
    (tmp_path / "b").write_text("\n\n")
    with pytest.raises(DataError, match="the file is empty"):
        format_of(tmp_path / "b")
