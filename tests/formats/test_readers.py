"""Label files → documents: every word and label kept as it stands, and every error with its file and line."""

import contextlib
import json
import os
import random
import re
import time
from pathlib import Path

import pytest

from seqlabel import files
from seqlabel.documents.alignment import Repairs
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.schemes import Scheme, Span, spans_to_tags
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.readers import (
    read_columns,
    read_conllu,
    read_lines,
    read_span_lines,
    read_spans,
    read_tag_columns,
)

DATA = Path(os.environ.get("SEQLABEL_DATA", Path(__file__).parents[3] / "shared" / "data"))
EWT = DATA / "ud_english_ewt"
LINE_ENDS = pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])


def write(folder, text):
    path = folder / "labels.txt"
    path.write_bytes(text.encode("utf-8"))
    return path


def row(number, form, upos="_", xpos="_", misc="_"):
    return f"{number}\t{form}\t_\t{upos}\t{xpos}\t_\t_\t_\t_\t{misc}"


def words_of(documents):
    return [document.words for document in documents]


CONLLU = "\n".join(
    [
        "# newdoc id = first",
        "# sent_id = 1",
        row(1, "Hello", "INTJ", "UH", "SpaceAfter=No"),
        row(2, "!", "PUNCT", "."),
        "",
        "# sent_id = 2",
        row(1, "New York", "PROPN", misc="Gloss=city|SpaceAfter=No"),
        row(2, "#", "_", "_"),
        "",
        "# newdoc",
        row(1, "_", "X", "_"),
        "",
    ]
)


def test_sentences_of_conllu(tmp_path):
    first, second, third = read_conllu(write(tmp_path, CONLLU))
    assert (first.text, first.words) == ("Hello!", ["Hello", "!"])
    assert (first.tags["upos"].labels, first.tags["xpos"].labels) == (("INTJ", "PUNCT"), ("UH", "."))
    assert (second.text, second.words) == ("New York#", ["New York", "#"])
    assert (second.tags["upos"].labels, second.tags["xpos"].labels) == (("PROPN", None), (None, None))
    assert (third.words, third.tags["upos"].labels) == (["_"], ("X",))
    assert all(document.sentences == (0,) for document in (first, second, third))


def test_documents_of_conllu_are_what_newdoc_begins(tmp_path):
    first, second = read_conllu(write(tmp_path, CONLLU), whole_documents=True)
    assert first.text == "Hello! New York#"
    assert first.words == ["Hello", "!", "New York", "#"]
    assert first.tags["upos"].labels == ("INTJ", "PUNCT", "PROPN", None)
    assert first.sentences == (0, 2)
    assert (second.words, second.sentences) == (["_"], (0,))


def test_a_file_without_newdoc_is_one_document(tmp_path):
    path = write(tmp_path, f"{row(1, 'a')}\n\n{row(1, 'b', misc='SpaceAfter=No')}\n\n{row(1, 'c')}\n")
    (document,) = read_conllu(path, whole_documents=True)
    assert (document.text, document.sentences) == ("a bc", (0, 1, 2))


MULTI_WORD = "\n".join(
    [
        row("1-2", "don't", misc="SpaceAfter=No"),
        row(1, "do", "AUX"),
        row(2, "n't", "PART"),
        row("2.1", "left", "VERB"),
        row(3, ",", "PUNCT"),
        row("4-5", "du", misc="SpaceAfter=No"),
        row(4, "de", "ADP"),
        row(5, "le", "DET"),
        row(6, ".", "PUNCT"),
        "",
    ]
)


def test_multi_word_tokens_are_left_to_their_parts_and_empty_nodes_are_no_words(tmp_path):
    (document,) = read_conllu(write(tmp_path, MULTI_WORD))
    assert document.words == ["do", "n't", ",", "de", "le", "."]
    assert document.tags["upos"].labels == ("AUX", "PART", "PUNCT", "ADP", "DET", "PUNCT")


def test_the_space_after_a_multi_word_token_is_its_own(tmp_path):
    (document,) = read_conllu(write(tmp_path, MULTI_WORD))
    assert document.text == "don't, de le."


@pytest.mark.parametrize("word", ["a\u2028b", "a\x85b", "\xa0", "a\xa0b", "à la", "😀", "'", '"', "#1"])
def test_words_of_conllu_are_not_touched(tmp_path, word):
    (document,) = read_conllu(write(tmp_path, f"{row(1, word, 'X')}\n{row(2, 'b', 'Y')}\n"))
    assert document.words == [word, "b"]
    assert document.tags["upos"].labels == ("X", "Y")


def test_a_word_with_two_spaces_never_shifts_the_columns(tmp_path):
    path = write(tmp_path, row(1, "a  b", "X", "Y") + "\n")
    with contextlib.suppress(DataError):
        (document,) = read_conllu(path)
        assert (document.words, document.tags["upos"].labels) == (["a  b"], ("X",))


@LINE_ENDS
def test_conllu_has_any_line_ends(tmp_path, end):
    expected = list(read_conllu(write(tmp_path, CONLLU)))
    assert list(read_conllu(write(tmp_path, CONLLU.replace("\n", end)))) == expected


def test_conllu_has_mixed_line_ends_a_mark_and_blank_lines(tmp_path):
    expected = list(read_conllu(write(tmp_path, CONLLU)))
    lines = CONLLU.split("\n")
    mixed = "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(lines))
    assert list(read_conllu(write(tmp_path, f"\ufeff\n \n{mixed}\r\n\n"))) == expected
    assert list(read_conllu(write(tmp_path, CONLLU.rstrip("\n")))) == expected


@pytest.mark.parametrize("whole_documents", [False, True])
@pytest.mark.parametrize("comments", ["# the end", "# newdoc id = last"])
def test_comments_alone_are_no_sentence(tmp_path, comments, whole_documents):
    sentence = row(1, "a") + "\n"
    for text in (f"{comments}\n\n{sentence}", f"{sentence}\n{comments}\n"):
        (document,) = read_conllu(write(tmp_path, text), whole_documents=whole_documents)
        assert (document.words, document.sentences) == (["a"], (0,))


def test_a_newdoc_that_stands_alone_still_begins_a_document(tmp_path):
    path = write(tmp_path, f"{row(1, 'a')}\n\n# newdoc\n\n{row(1, 'b')}\n\n{row(1, 'c')}\n")
    assert words_of(read_conllu(path, whole_documents=True)) == [["a"], ["b", "c"]]


@pytest.mark.parametrize("whole_documents", [False, True])
@pytest.mark.parametrize(
    "bad",
    [
        "secret",
        "secret X",
        "1\tsecret\tX",
        "1\tsecret\tX\tX",
        row(1, ""),
        row("x", "secret"),
        row("_", "secret"),
        row("", "secret"),
        row(1, "secret").replace("_", "x"),
    ],
)
def test_what_is_not_conllu_is_refused_with_its_line(tmp_path, bad, whole_documents):
    text = f"\n# comment\n{row(1, 'a')}\n\n\n# comment\n{row(1, 'b')}\n{bad}\n"
    for end in ("\n", "\r\n"):
        path = write(tmp_path, text.replace("\n", end))
        with pytest.raises(DataError, match=r"labels\.txt, line 8: ") as caught:
            list(read_conllu(path, whole_documents=whole_documents))
        assert "secret" not in str(caught.value)


def test_a_cell_that_is_not_conllu_is_refused_with_the_line_of_its_sentence(tmp_path):
    path = write(tmp_path, f"\n# comment\n{row(1, 'a')}\n{row(2, 'secret').replace('_', 'x')}\n")
    with pytest.raises(
        DataError, match=r"labels\.txt, line 2: the sentence that begins there is not CoNLL-U"
    ) as caught:
        list(read_conllu(path))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("ids", "line", "message"),
    [
        ([1, 2, 1, 2], 4, "found word 1, expected 3; .* is an empty line missing before it"),
        ([1, 1, 7], 3, "found word 1, expected 2"),
        ([2], 2, "found word 2, expected 1"),
        ([0, 1], 2, "found word 0, expected 1"),
        (["1-5", 1], 2, "found a token up to word 5 in a sentence of 1"),
        ([1, "1-2", 2], 3, "found a token of the words 1 to 2 after word 1"),
        (["2-1", 1], 2, "found a token of the words 2 to 1 after word 0"),
        (["1-3", 1, "2-3", 2, 3], 4, "found a token of the words 2 to 3 after word 1"),
    ],
    ids=str,
)
def test_ids_that_are_not_those_of_one_sentence_are_refused_with_their_line(tmp_path, ids, line, message):
    text = "# comment\n" + "".join(row(id_, "secret") + "\n" for id_ in ids)
    with pytest.raises(DataError, match=rf"labels\.txt, line {line}: {message}") as caught:
        list(read_conllu(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("whole_documents", [False, True])
def test_a_tag_of_conllu_that_is_not_known_is_refused_with_its_line(tmp_path, whole_documents):
    path = write(tmp_path, MULTI_WORD)
    known = {"upos": ["AUX", "PART", "PUNCT", "ADP", "DET"], "xpos": []}
    # The line of an empty node and those of multi-word tokens are counted; their tags and missing ones are no labels.
    assert len(list(read_conllu(path, whole_documents=whole_documents, labels=known))) == 1
    known["upos"].remove("DET")
    message = r"labels\.txt, line 8, layer 'upos': the label is none of 'ADP', 'AUX', 'PART', 'PUNCT'; mend it"
    with pytest.raises(DataError, match=message) as caught:
        list(read_conllu(path, whole_documents=whole_documents, labels=known))
    assert "DET" not in str(caught.value)


def test_labels_for_a_layer_that_conllu_has_not_are_refused(tmp_path):
    with pytest.raises(OptionError, match="labels: found the layer 'ner'; the layers of CoNLL-U are upos and xpos"):
        list(read_conllu(write(tmp_path, CONLLU), labels={"ner": ["X"]}))


def read_words(text):
    """A document of what white space separates."""
    return Document(text, tuple(word.span() for word in re.finditer(r"\S+", text)))


def read_spans_of_words(path):
    return read_spans(path, read_words)


@pytest.mark.parametrize("read", [read_conllu, read_columns, read_tag_columns, read_span_lines, read_spans_of_words])
def test_files_that_are_no_text_are_refused_by_name(tmp_path, read):
    path = tmp_path / "labels.txt"
    with pytest.raises(DataError, match=r"labels\.txt: cannot be read"):
        list(read(path))
    for content, where in ((b"", ": the file is empty"), (b"\n\xff O\n", ", line 2: "), (b"\n\n\0 O\n", ", line 3: ")):
        path.write_bytes(content)
        with pytest.raises(DataError, match=rf"labels\.txt{where}"):
            list(read(path))


@LINE_ENDS
@pytest.mark.parametrize("block", [1, 2, 3, 7])
def test_where_a_block_of_bytes_ends_does_not_matter(tmp_path, monkeypatch, end, block):
    text = CONLLU.replace("\n", end).replace("Hello", "Hé数😀")
    path = write(tmp_path, text)
    expected = list(read_conllu(path))
    monkeypatch.setattr("seqlabel.formats.readers.read_blocks", lambda path: files.read_blocks(path, block_bytes=block))
    assert list(read_conllu(path)) == expected


def random_sentences(seed, scheme):
    """Words, spans and tags, with no span beside one of its own label."""
    chance = random.Random(seed)
    for _ in range(6):
        words = ["".join(chance.choices("abé数#-", k=chance.randint(1, 4))) for _ in range(chance.randint(3, 9))]
        spans = [Span(0, 1, "X"), Span(1, 3, "Y")][: chance.randint(0, 2)]
        if len(words) > 5:
            spans.append(Span(4, chance.randint(5, len(words)), "X"))
        yield words, tuple(spans), spans_to_tags(spans, len(words), scheme)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize(
    ("separator", "glue", "columns"),
    [
        (None, " ", lambda word, tag: [word, "NN", tag]),
        (None, " \t ", lambda word, tag: [word, tag]),
        ("\t", "\t", lambda word, tag: [word, "", tag]),
        (",", ",", lambda word, tag: [word, tag]),
    ],
)
def test_columns_become_spans(tmp_path, scheme, separator, glue, columns):
    sentences = list(random_sentences(0, scheme))
    # A first row that looks like neither comment nor document start says how many columns there are.
    sentences.insert(0, (["word"], (), ["O"]))
    lines = [
        "\n".join(glue.join(columns(word, tag)) for word, tag in zip(words, tags, strict=True))
        for words, _, tags in sentences
    ]
    found = list(read_columns(write(tmp_path, "\n\n".join(lines)), separator=separator))
    assert words_of(found) == [words for words, _, _ in sentences]
    assert [document.spans["ner"].spans for document in found] == [spans for _, spans, _ in sentences]
    assert all(document.text == " ".join(document.words) and document.sentences == (0,) for document in found)


@pytest.mark.parametrize(("word", "tag"), [(2, 1), (-1, -2), (2, -2)])
def test_columns_are_chosen_by_number(tmp_path, word, tag):
    path = write(tmp_path, "NN B-X a\nNN I-X b\nNN O c\n")
    (document,) = read_columns(path, word=word, tag=tag, layer="entities")
    assert document.words == ["a", "b", "c"]
    assert document.spans["entities"] == Spans((Span(0, 2, "X"),))


def test_with_a_separator_a_word_may_hold_spaces(tmp_path):
    (document,) = read_columns(write(tmp_path, "New York\tB-X\n\xa0a\tO\n"), separator="\t")
    assert document.words == ["New York", "\xa0a"]


COLUMNS = (
    "# a comment about it\na O\n# O\n# another one\n\n# only a comment here\n\n-DOCSTART- -X- O O\n\n#b B-X\n- I-X\n"
)


def test_comments_and_document_starts_are_no_words_but_a_hash_is_one(tmp_path):
    found = list(read_columns(write(tmp_path, COLUMNS)))
    assert words_of(found) == [["a", "#"], ["#b", "-"]]
    assert [document.spans["ner"].spans for document in found] == [(), (Span(0, 2, "X"),)]


FIVE = """# newdoc id = a
# sent_id = a-b 3 4
# sent_id = 3
# text = Hi Ann
# text_en = Hi Ann
1 Hi O - -
# newpar id = 3 4
# newpar 2 3 4
# text =
2 Ann B-X - -
3 # O - -
"""


def test_comments_with_a_key_are_no_words_also_with_as_many_columns(tmp_path):
    (document,) = read_columns(write(tmp_path, FIVE), word=1, tag=2)
    assert (document.words, document.spans["ner"].spans) == (["Hi", "Ann", "#"], (Span(1, 2, "X"),))
    (document,) = read_tag_columns(write(tmp_path, FIVE), word=1, tag=2)
    assert document.tags["tags"].labels == ("O", "B-X", "O")
    # In a comma's file too; where tabs stand between columns, a word may begin like a comment's key.
    (document,) = read_columns(write(tmp_path, "# text = a, O\na,O\n# b,B-X\n"), separator=",")
    assert document.words == ["a", "# b"]
    (document,) = read_tag_columns(write(tmp_path, "#\t=\tX\n#\tid\t=\n"))
    assert (document.words, document.tags["tags"].labels) == (["#", "#"], ("X", "="))


@pytest.mark.parametrize("line", ["# my own note here", "#note of four words"])
def test_a_line_that_may_be_a_comment_is_asked_about(tmp_path, line):
    columns = len(line.split())
    text = f"{' '.join(['a'] * (columns - 1))} O\n{line}\n"
    for read in (read_columns, read_tag_columns):
        with pytest.raises(DataError, match=r"line 2: the .* or is the line a comment\?") as caught:
            list(read(write(tmp_path, text), labels=["O"]))
        assert line.split()[-1] not in str(caught.value)
    with pytest.raises(DataError, match=r"line 1: ") as caught:
        list(read_columns(write(tmp_path, "a x\n")))
    assert "comment" not in str(caught.value)


@pytest.mark.parametrize("read", [read_columns, read_tag_columns])
def test_an_empty_separator_is_refused(tmp_path, read):
    with pytest.raises(OptionError, match="separator: found ''; give what stands between columns, or None"):
        list(read(write(tmp_path, "a O\n"), separator=""))


@pytest.mark.parametrize("read", [read_columns, read_tag_columns])
def test_a_row_of_nothing_but_separators_is_no_end_of_a_sentence(tmp_path, read):
    path = write(tmp_path, "a\tx\tO\n\t\t\nb\tx\tO\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 2: the word is empty"):
        list(read(path, separator="\t"))
    assert words_of(read(path)) == [["a"], ["b"]]
    (first, second) = read(write(tmp_path, "a\tx\tO\n  \nb\tx\tO\n"), separator="\t")
    assert (first.words, second.words) == (["a"], ["b"])


@pytest.mark.parametrize("word", ["#", "#b", "-", "-b", "--"])
def test_a_file_of_nothing_but_words_with_a_hash_or_a_dash(tmp_path, word):
    (document,) = read_columns(write(tmp_path, f"{word} B-X\n{word} O\n"))
    assert document.words == [word, word]
    assert document.spans["ner"].spans == (Span(0, 1, "X"),)


@LINE_ENDS
def test_columns_have_any_line_ends(tmp_path, end):
    expected = list(read_columns(write(tmp_path, COLUMNS)))
    assert list(read_columns(write(tmp_path, COLUMNS.replace("\n", end)))) == expected


def test_columns_have_mixed_line_ends_and_none_at_the_end(tmp_path):
    expected = list(read_columns(write(tmp_path, COLUMNS)))
    mixed = "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(COLUMNS.split("\n")))
    assert list(read_columns(write(tmp_path, f"\ufeff{mixed}"))) == expected
    assert list(read_columns(write(tmp_path, COLUMNS.rstrip("\n")))) == expected


@pytest.mark.parametrize(
    ("bad", "options", "message"),
    [
        ("secret", {}, "found 1 columns, expected 2"),
        ("secret x O", {}, "found 3 columns, expected 2"),
        ("\tO", {"separator": "\t"}, "the word is empty"),
        (" \tO", {"separator": "\t"}, "the word is empty"),
        ("secret\t", {"separator": "\t"}, "the tag is empty"),
        ("X secret", {}, "the tag is neither O nor one of B I E S L U, a dash and a label"),
        ("secret B-", {}, "the tag is neither O nor"),
        ("X Q-secret", {}, "the tag is neither O nor"),
        ("X B-secret", {"labels": ["Y", "X"]}, "the label is none of 'X', 'Y'"),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path, bad, options, message):
    glue = options.get("separator", " ")
    text = f"# a comment that is long\na{glue}O\n\n-DOCSTART-\n\nb{glue}O\n{bad}\nc{glue}O\n"
    for end in ("\n", "\r\n"):
        path = write(tmp_path, text.replace("\n", end))
        with pytest.raises(DataError, match=rf"labels\.txt, line 7: {message}") as caught:
            list(read_columns(path, **options))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("options", "expected"), [({"word": 4}, 5), ({"tag": 2}, 3), ({"tag": -3}, 3)])
def test_a_column_that_is_not_there_is_refused(tmp_path, options, expected):
    with pytest.raises(DataError, match=rf"line 1: found 2 columns, expected {expected}; is the separator right\?"):
        list(read_columns(write(tmp_path, "a O\n"), **options))


@pytest.mark.parametrize("text", ["secret\nwords\n", "O\n", "B-X\n"])
def test_a_file_of_one_column_is_refused_and_no_word_quoted(tmp_path, text):
    with pytest.raises(DataError, match=r"line 1: found 1 columns, expected 2") as caught:
        list(read_columns(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


def jsonl(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_texts_with_spans(tmp_path):
    rows = [("Ann, \u2028 née 数", [(0, 3, "A"), (8, 9, "B")]), ("", []), ("😀", [(0, 1, "A"), (0, 1, "B")])]
    text = jsonl(*({"id": 1, "text": text, "spans": spans} for text, spans in rows))
    assert list(read_span_lines(write(tmp_path, text))) == rows
    assert list(read_span_lines(write(tmp_path, text.replace("\n", "\r\n\r\n")))) == rows


@pytest.mark.parametrize(
    "bad",
    [
        "secret",
        '{"text": "secret"',
        '["secret"]',
        '"secret"',
        "5",
        "null",
        '{"text": "secret"}',
        '{"spans": []}',
        '{"text": "secret", "spans": null}',
        '{"text": "secret", "spans": [[0, 1]]}',
        '{"text": "secret", "spans": [[0, 1, "X", 2]]}',
        '{"text": "secret", "spans": [5]}',
        '{"text": "secret", "spans": [["a", 1, "X"]]}',
        '{"text": "secret", "spans": [{"start": 0, "end": 1}]}',
        '{"text": "secret", "spans": [{"start": "0", "end": 1, "label": "X"}]}',
        "[" * 100_000,
        '{"text": "secret", "spans": [[0, Infinity, "X"]]}',
        '{"text": "secret", "spans": [[0.5, 1, "X"]]}',
        '{"text": "secret", "spans": [[0, 1, null]]}',
        '{"text": 5, "spans": []}',
        '{"text": 5, "spans": [[0, 1, "X"]]}',
        '{"text": null, "spans": []}',
    ],
)
def test_a_line_without_text_and_spans_is_refused_with_its_number(tmp_path, bad):
    with pytest.raises(DataError, match=r"labels\.txt, line 3: is not an object like") as caught:
        list(read_span_lines(write(tmp_path, f'{{"text": "a", "spans": []}}\n\n{bad}\n')))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (1, 1), (2, 1), (5, 7), (6, 7)])
def test_a_span_that_leaves_its_text_is_refused_with_its_line(tmp_path, start, end):
    text = jsonl({"text": "a", "spans": []}, {"text": "secret", "spans": [[0, 1, "X"], [start, end, "X"]]})
    message = rf"labels\.txt, line 2: a span goes from {start} to {end} in a text of 6 characters; mend it: "
    with pytest.raises(DataError, match=message) as caught:
        list(read_span_lines(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("label", ["", " "])
def test_a_span_without_a_label_is_refused_with_its_line(tmp_path, label):
    text = jsonl({"text": "a", "spans": []}, {"text": "secret", "spans": [[0, 1, "X"], [2, 3, label]]})
    with pytest.raises(DataError, match=r"labels\.txt, line 2: a span has an empty label; fill it in") as caught:
        list(read_span_lines(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


def test_readers_are_lazy_where_a_line_stands_alone(tmp_path):
    first = jsonl({"text": "a", "spans": []})
    assert next(read_span_lines(write(tmp_path, f"{first}secret\n"))) == ("a", [])
    assert next(read_conllu(write(tmp_path, f"{row(1, 'a')}\n\nsecret\n"))).words == ["a"]


TWO_DOCUMENTS = """a I-X
b O

-DOCSTART- -X-

# newdoc
c B-X
d I-Y
-DOCSTART- O

e I-X
# newdoc id = 3
f I-Y
"""


def test_whole_documents_of_columns(tmp_path):
    path = write(tmp_path, TWO_DOCUMENTS)
    sentences = list(read_columns(path))
    assert words_of(sentences) == [["a", "b"], ["c", "d"], ["e"], ["f"]]
    assert [document.spans["ner"].spans for document in sentences] == [
        (Span(0, 1, "X"),),
        (Span(0, 1, "X"), Span(1, 2, "Y")),
        (Span(0, 1, "X"),),
        (Span(0, 1, "Y"),),
    ]
    assert words_of(read_columns(path, whole_documents=True)) == words_of(sentences)


def test_spans_of_whole_documents_end_with_their_sentence(tmp_path):
    path = write(tmp_path, "-DOCSTART- O\n\na O\nb B-X\n\n\nc I-X\n\n-DOCSTART- O\nd I-X\n")
    first, second = read_columns(path, whole_documents=True)
    assert (first.text, first.sentences) == ("a b c", (0, 2))
    assert first.spans["ner"].spans == (Span(1, 2, "X"), Span(2, 3, "X"))
    assert (second.text, second.sentences, second.spans["ner"].spans) == ("d", (0,), (Span(0, 1, "X"),))


def test_tags_that_break_their_scheme_are_counted(tmp_path):
    repairs = Repairs()
    text = "a B-X\nb I-Y\n\nc B-X\n\nd I-X\ne B-X\nf B-Y\n"
    spans = [document.spans["ner"].spans for document in read_columns(write(tmp_path, text), repairs=repairs)]
    assert spans[0] == (Span(0, 1, "X"), Span(1, 2, "Y"))
    assert (repairs, str(repairs)) == (Repairs(tags=2), "tags read against their scheme: 2")
    list(read_columns(write(tmp_path, "a B-X\nb E-X\nc B-X\n"), repairs=repairs))
    assert repairs == Repairs(tags=3)


def test_without_repairs_one_warning_at_the_end_says_what_was_mended(tmp_path):
    path = write(tmp_path, "a B-X\nb I-Y\n\nc B-X\n\nd I-X\ne B-X\nf B-Y\n")
    found = read_columns(path)
    assert len([next(found), next(found), next(found)]) == 3
    with pytest.warns(UserWarning, match=r"labels\.txt: tags read against their scheme: 2; pass `repairs`") as caught:
        assert list(found) == []
    # It points to who reads, not into the library.
    assert [warning.filename for warning in caught] == [__file__]
    path = write(tmp_path, jsonl({"text": "abc d", "spans": [[0, 1, "X"], [4, 5, "X"]]}, {"text": "b", "spans": []}))
    with pytest.warns(UserWarning, match=r"labels\.txt: spans moved to word borders: 1; pass `repairs`") as caught:
        assert len(list(read_spans(path, read_words))) == 2
    assert [warning.filename for warning in caught] == [__file__]


def test_columns_are_read_lazily_after_a_first_pass(tmp_path):
    path = write(tmp_path, "a O\n\nb X\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 3: the tag is neither"):
        next(read_columns(path))
    found = read_tag_columns(write(tmp_path, "a O\n\nb\n"))
    assert next(found).words == ["a"]
    with pytest.raises(DataError, match=r"labels\.txt, line 3: found 1 columns, expected 2"):
        next(found)


def test_tag_columns_keep_tags_as_they_are(tmp_path):
    path = write(tmp_path, "#a\tB-X\tNN\n- b\tO\t_\n\nc\tO\tI\n# newdoc\nd\tO\t.\n")
    found = list(read_tag_columns(path, separator="\t", layer="xpos"))
    assert words_of(found) == [["#a", "- b"], ["c"], ["d"]]
    assert [document.tags["xpos"].labels for document in found] == [("NN", None), ("I",), (".",)]
    whole, last = read_tag_columns(path, separator="\t", whole_documents=True)
    assert (whole.tags["tags"].labels, whole.sentences, last.words) == (("NN", None, "I"), (0, 2), ["d"])


def test_a_tag_that_is_not_known_is_refused_with_its_line(tmp_path):
    path = write(tmp_path, "a _\nb X\n\nc secret\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 4: the label is none of 'X', 'Y'") as caught:
        list(read_tag_columns(path, labels={"Y", "X"}))
    assert "secret" not in str(caught.value)
    assert len(list(read_tag_columns(path, labels={"X", "secret"}))) == 2
    path = write(tmp_path, jsonl({"text": "a", "spans": []}, {"text": "a", "spans": [[0, 1, "secret"]]}))
    with pytest.raises(DataError, match=r"labels\.txt, line 2: the label is none of 'X'") as caught:
        list(read_spans(path, read_words, labels=["X"]))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["a O\n", "a B-X\n\nb B-X\n"])
def test_a_file_of_no_or_one_label_is_read(tmp_path, text):
    assert list(read_columns(write(tmp_path, text), labels=["X"]))


def test_texts_with_spans_become_documents(tmp_path):
    rows = [
        {"text": "Ann  Lee, MD", "spans": [[5, 8, "B"], {"start": 0, "end": 3, "label": "A", "note": 1}]},
        {"text": "", "spans": []},
        {"text": " \n", "spans": []},
    ]
    repairs = Repairs()
    first, second, third = read_spans(write(tmp_path, jsonl(*rows)), read_words, layer="pii", repairs=repairs)
    assert (first.text, first.words) == ("Ann  Lee, MD", ["Ann", "Lee,", "MD"])
    assert first.spans == {"pii": Spans((Span(0, 1, "A"), Span(1, 2, "B")))}
    assert (second, third.text, len(third)) == (Document("", (), spans={"pii": Spans(())}), " \n", 0)
    assert repairs == Repairs(moved=1)


@pytest.mark.parametrize(
    ("spans", "kept", "repairs"),
    [
        ([[0, 1, "X"], [1, 2, "Y"]], [Span(0, 1, "X")], Repairs(moved=2, overlapping=1)),
        ([[0, 2, "X"], [0, 5, "Y"]], [Span(0, 2, "Y")], Repairs(overlapping=1)),
        ([[2, 3, "X"]], [], Repairs(lost=1)),
        ([[2, 3, "X"], [3, 8, "X"]], [Span(1, 3, "X")], Repairs(lost=1)),
    ],
)
def test_spans_that_fit_no_words_are_refused_or_counted(tmp_path, spans, kept, repairs):
    path = write(tmp_path, jsonl({"text": "a", "spans": []}, {"text": "se cr et", "spans": spans}))
    message = (
        rf"labels\.txt, line 2: found {repairs.lost} spans that touch no word and {repairs.overlapping} that overlap a "
        rf"longer one .* pass `repairs`"
    )
    with pytest.raises(DataError, match=message) as caught:
        list(read_spans(path, read_words))
    assert "cr" not in str(caught.value)
    found = Repairs()
    _, document = read_spans(path, read_words, repairs=found)
    assert (list(document.spans["ner"].spans), found) == (kept, repairs)


@pytest.mark.parametrize("text", ["a \\u0000", "\\ud800 b", "b\\udfff"])
def test_what_no_text_holds_is_refused_also_where_json_escapes_it(tmp_path, text):
    path = write(tmp_path, f'{{"text": "\\ud83d\\ude00", "spans": []}}\n{{"text": "{text}", "spans": []}}\n')
    with pytest.raises(DataError, match=r"labels\.txt, line 2: found a NUL or a lone surrogate"):
        list(read_span_lines(path))


LONG = "x" * 1_000_000


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_conllu, f"{row(1, LONG)}\n"),
        (read_columns, f"{LONG} O\n"),
        (read_tag_columns, f"{LONG} O\n"),
        (read_spans_of_words, jsonl({"text": LONG, "spans": [[0, 1_000_000, "X"]]})),
    ],
)
def test_a_very_long_word_is_a_word_and_takes_no_time(tmp_path, monkeypatch, read, text):
    # Read a little at a time: what copies all that it has at every block takes minutes.
    monkeypatch.setattr("seqlabel.formats.readers.read_blocks", lambda path: files.read_blocks(path, block_bytes=50))
    begun = time.perf_counter()
    (document,) = read(write(tmp_path, text))
    assert document.words == [LONG]
    assert time.perf_counter() - begun < 5


@pytest.mark.parametrize("block", [1, 2, 3, 100])
@pytest.mark.parametrize("text", ["a", "a\n", "\n\n", "a\r", "\r\r", "\r\n\r", "a\r\nb\rc\n\rd\n\n\re", "\r\r\n\n"])
def test_lines_are_those_of_universal_newlines(tmp_path, monkeypatch, text, block):
    monkeypatch.setattr("seqlabel.formats.readers.read_blocks", lambda path: files.read_blocks(path, block_bytes=block))
    path = write(tmp_path, text)
    with path.open(encoding="utf-8") as file:
        expected = [(number, line.rstrip("\n")) for number, line in enumerate(file, 1)]
    assert list(read_lines(path)) == expected


def naive_ewt(part):
    """Words, upos and `# text` of each sentence, by the first letters and the tabs of its lines."""
    sentences = (EWT / f"en_ewt-ud-{part}.conllu").read_text(encoding="utf-8").strip().split("\n\n")
    for sentence in sentences:
        lines = sentence.split("\n")
        rows = [line.split("\t") for line in lines if line.split("\t")[0].isdigit()]
        (text,) = [line.removeprefix("# text = ") for line in lines if line.startswith("# text = ")]
        yield [cells[1] for cells in rows], [cells[3] for cells in rows], text


needs_ewt = pytest.mark.skipif(not EWT.is_dir(), reason=f"{EWT} is not there; set SEQLABEL_DATA")


@needs_ewt
@pytest.mark.parametrize(("part", "sentences", "words"), [("train", 12_544, 204_577), ("dev", 2_001, 25_147)])
def test_the_english_web_treebank(part, sentences, words):
    found = list(read_conllu(EWT / f"en_ewt-ud-{part}.conllu"))
    assert (len(found), sum(map(len, found))) == (sentences, words)
    for document, (forms, upos, _) in zip(found, naive_ewt(part), strict=True):
        assert document.words == forms
        assert list(document.tags["upos"].labels) == upos
    assert len({label for document in found for label in document.tags["upos"].labels}) == 17


@needs_ewt
def test_the_text_of_the_english_web_treebank_is_exact():
    found = read_conllu(EWT / "en_ewt-ud-dev.conllu")
    different = sum(document.text != text for document, (_, _, text) in zip(found, naive_ewt("dev"), strict=True))
    assert different == 0


@needs_ewt
def test_whole_documents_of_the_english_web_treebank_are_its_sentences():
    path = EWT / "en_ewt-ud-dev.conllu"
    whole = list(read_conllu(path, whole_documents=True))
    begun = path.read_text(encoding="utf-8").count("\n# newdoc") + path.read_text(encoding="utf-8").startswith(
        "# newdoc"
    )
    assert len(whole) == begun > 100
    assert sum(len(document.sentences) for document in whole) == 2_001
    sentences = list(read_conllu(path))
    assert [word for document in whole for word in document.words] == [
        word for sentence in sentences for word in sentence.words
    ]
