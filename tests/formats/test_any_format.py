"""The reader that a name or a suffix picks is the reader itself."""

import gzip
import json

import pytest

from seqlabel.documents.document import Document, Spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.columns import read_columns
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.docs import read_docbin, write_docbin
from seqlabel.formats.guessing import Format
from seqlabel.formats.jsonl import read_categories, read_spans
from seqlabel.formats.label_studio import read_label_studio
from seqlabel.formats.tables import read_csv, read_folders


def tokenise(text):
    """A document of one word."""
    return Document(text, ((0, len(text)),))


EXPORT = json.dumps(
    [
        {
            "data": {"text": "a"},
            "annotations": [
                {"result": [{"type": "labels", "value": {"start": 0, "end": 1, "text": "a", "labels": ["X"]}}]}
            ],
        }
    ]
)
CONTENT = {
    Format.CONLLU: ("a.conllu", "1\ta\t_\tX\tY\t_\t_\t_\t_\t_\n", read_conllu, ()),
    Format.COLUMNS: ("a.iob2", "a B-X\n", read_columns, ()),
    Format.SPANS: ("a.JSONL", '{"text": "a", "spans": [[0, 1, "X"]]}\n', read_spans, (tokenise,)),
    Format.CATEGORIES: ("a.jsonl", '{"text": "a", "label": "X"}\n', read_categories, (tokenise,)),
    Format.LABEL_STUDIO: ("a.json", EXPORT, read_label_studio, (tokenise,)),
    Format.CSV: ("a.tsv", "text\tlabel\na\tX\n", read_csv, (tokenise,)),
}


def made(folder, format):
    """A path in a format, and its documents by the format's own reader."""
    if format is Format.FOLDERS:
        (folder / "X").mkdir()
        (folder / "X" / "a.txt").write_text("a", encoding="utf-8")
        return folder, list(read_folders(folder, tokenise))
    if format is Format.DOCBIN:
        path = folder / "a.spacy"
        write_docbin([Document.from_words(["a"], spans={"ner": Spans((Span(0, 1, "X"),))})], path)
        return path, list(read_docbin(path))
    name, text, read, arguments = CONTENT[format]
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name, list(read(folder / name, *arguments))


@pytest.mark.parametrize("format", Format)
def test_the_suffix_or_the_name_picks_the_reader(tmp_path, format):
    path, expected = made(tmp_path, format)
    assert len(expected) == 1
    assert list(read_documents(path, tokenise=tokenise)) == expected
    assert list(read_documents(str(path), tokenise=tokenise, format=str(format))) == expected
    if format not in (Format.FOLDERS, Format.CSV):
        other = path.rename(tmp_path / "other")
        assert list(read_documents(other, tokenise=tokenise, format=format)) == expected


@pytest.mark.parametrize("format", [format for format in Format if format is not Format.CONLLU])
def test_a_layer_has_the_name_that_is_given(tmp_path, format):
    path, _ = made(tmp_path, format)
    (document,) = read_documents(path, tokenise=tokenise, layer="mine")
    assert "mine" in (*document.spans, *document.categories)
    assert not {"ner", "category"} & {*document.spans, *document.categories}


def test_a_layer_of_conllu_is_read_by_its_name(tmp_path):
    path, _ = made(tmp_path, Format.CONLLU)
    assert {name for document in read_documents(path, layer="feats") for name in document.tags} == {"feats"}
    with pytest.raises(OptionError, match=r"Found the layer 'mine'\. CoNLL-U has the layers upos, xpos, feats"):
        list(read_documents(path, layer="mine"))


@pytest.mark.parametrize("format", [Format.SPANS, Format.CSV, Format.FOLDERS])
def test_plain_text_needs_a_tokeniser(tmp_path, format):
    path, _ = made(tmp_path, format)
    with pytest.raises(OptionError, match=f"tokenise: Found none for {format}, which is plain text"):
        read_documents(path)


def test_a_format_that_cannot_be_told_is_refused_with_those_that_are_known(tmp_path):
    known = "'conllu', 'columns', 'spans', 'categories', 'label-studio', 'csv', 'folders', 'docbin'"
    with pytest.raises(OptionError, match=rf"format: Found 'xml'\. Give one of {known}"):
        read_documents(tmp_path, format="xml")
    (tmp_path / "a.txt").write_text("Some prose.\nIt has lines of any length.\n", encoding="utf-8")
    with pytest.raises(OptionError, match=rf"a\.txt: the format cannot be told .* one of {known}"):
        read_documents(tmp_path / "a.txt")
    with pytest.raises(DataError, match=r"a\.conll: cannot be read"):
        list(read_documents(tmp_path / "a.conll"))


def test_repairs_are_counted(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "ab", "spans": [[0, 1, "X"]]}\n', encoding="utf-8")
    (tmp_path / "a.conll").write_text("a B-X\nb E-X\nc B-X\n", encoding="utf-8")
    repairs = Repairs()
    for name in ("a.jsonl", "a.conll"):
        list(read_documents(tmp_path / name, tokenise=tokenise, repairs=repairs))
    assert repairs == Repairs(tags=1, moved=1)
    for name in ("a.jsonl", "a.conll"):
        with pytest.warns(UserWarning, match=f"{name}: .*: 1\\. Pass `repairs=Repairs\\(\\)`"):
            list(read_documents(tmp_path / name, tokenise=tokenise))


@pytest.mark.parametrize("format", [format for format in Format if format is not Format.FOLDERS])
def test_every_format_is_read_packed_too(tmp_path, format):
    path, expected = made(tmp_path, format)
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert list(read_documents(packed, tokenise=tokenise)) == expected
    if format is not Format.DOCBIN:
        packed.write_bytes(gzip.compress(path.read_bytes())[:-3])
        with pytest.raises(DataError, match=r"\.gz: the gzip file is damaged or cut off"):
            list(read_documents(packed, tokenise=tokenise))


@pytest.mark.parametrize("format", [format for format in Format if format is not Format.DOCBIN])
def test_every_format_of_text_is_read_in_its_encoding(tmp_path, format):
    path, expected = made(tmp_path, format)
    for file in [path] if path.is_file() else path.rglob("*.txt"):
        file.write_bytes(file.read_text(encoding="utf-8").encode("utf-16"))
    assert list(read_documents(path, tokenise=tokenise, encoding="utf-16")) == expected
    with pytest.raises(DataError, match="pass encoding='utf-16'"):
        list(read_documents(path, tokenise=tokenise))
