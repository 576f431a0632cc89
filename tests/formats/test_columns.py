"""Files of columns → documents: every word and label kept as it stands, every error with its
line.
"""

import random

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.columns import COLUMNS as FORMAT
from seqlabel.formats.reading import ReadOptions
from tests.formats.labeled import DOCUMENT, written
from tests.label_files import read_columns, read_tag_columns, words_of, write


def random_sentences(seed, scheme):
    """Words, spans and tags, with no span next to one of its own label."""
    chance = random.Random(seed)
    for _ in range(6):
        words = [
            "".join(chance.choices("abé数#-", k=chance.randint(1, 4)))
            for _ in range(chance.randint(3, 9))
        ]
        spans = [Span(0, 1, "X"), Span(1, 3, "Y")][: chance.randint(0, 2)]
        if len(words) > 5:
            spans.append(Span(4, chance.randint(5, len(words)), "X"))
        yield words, tuple(spans), spans_to_tags(spans, len(words), scheme)


@pytest.mark.parametrize("scheme", Scheme)
@pytest.mark.parametrize(
    ("separator", "glue", "between"),
    [(None, " ", ["NN"]), (None, " \t ", []), ("\t", "\t", [""]), (",", ",", [])],
)
def test_columns_become_spans(tmp_path, scheme, separator, glue, between):
    # A first row that looks like neither comment nor document start says how many columns there
    # are.
    sentences = [(["word"], (), ["O"]), *random_sentences(0, scheme)]
    blocks = []
    for words, _, tags in sentences:
        rows = zip(words, tags, strict=True)
        blocks.append("\n".join(glue.join([word, *between, tag]) for word, tag in rows))
    found = list(read_columns(write(tmp_path, "\n\n".join(blocks)), separator=separator))
    assert words_of(found) == [words for words, _, _ in sentences]
    assert [one.spans["ner"].spans for one in found] == [spans for _, spans, _ in sentences]
    for document in found:
        assert document.text == " ".join(document.words)
        assert document.sentences == (0,)


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
    "# a comment about it\na O\n# O\n# another one\n\n# only a comment here\n\n-DOCSTART- "
    "-X- O O\n\n#b B-X\n- I-X\n"
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
    # In a comma's file too; where tabs stand between columns, a word may begin like a comment's
    # key.
    (document,) = read_columns(write(tmp_path, "# text = a, O\na,O\n# b,B-X\n"), separator=",")
    assert document.words == ["a", "# b"]
    (document,) = read_tag_columns(write(tmp_path, "#\t=\tX\n#\tid\t=\n"))
    assert (document.words, document.tags["tags"].labels) == (["#", "#"], ("X", "="))


@pytest.mark.parametrize(
    ("options", "error", "where"),
    [
        ({"tag": 2}, DataError, "line 1: "),
        ({"tag": -3}, DataError, "line 1: "),
        ({"word": 4}, DataError, "line 1: "),
        ({"separator": ""}, OptionError, "separator:"),
    ],
)
@pytest.mark.parametrize("read", [read_columns, read_tag_columns])
def test_options_that_do_not_fit_the_file_are_refused(tmp_path, read, options, error, where):
    with pytest.raises(error, match=where):
        list(read(write(tmp_path, "a O\n"), **options))


@pytest.mark.parametrize("line", ["# my own note here", "#note of four words"])
@pytest.mark.parametrize("read", [read_columns, read_tag_columns])
def test_a_line_that_may_be_a_comment_is_refused_and_not_quoted(tmp_path, line, read):
    words = " ".join(["a"] * (len(line.split()) - 1))
    with pytest.raises(DataError, match="line 2: ") as caught:
        list(read(write(tmp_path, f"{words} O\n{line}\n"), labels=["O"]))
    assert line.split()[-1] not in str(caught.value)


@pytest.mark.parametrize("read", [read_columns, read_tag_columns])
@pytest.mark.parametrize(
    ("separator", "line"),
    [("\t", "\t\t"), ("\t", " \t \t"), ("\t", "  "), (",", ",,"), (None, " \t ")],
)
def test_a_line_of_separators_alone_ends_a_sentence(tmp_path, read, separator, line):
    glue = separator or "\t"
    path = write(tmp_path, f"a{glue}x{glue}O\n{line}\nb{glue}x{glue}O\n")
    assert words_of(read(path, separator=separator)) == [["a"], ["b"]]
    path = write(tmp_path, f"{line}\na{glue}x{glue}O\n{line}\n{line}\n")
    assert words_of(read(path, separator=separator)) == [["a"]]


@pytest.mark.parametrize("word", ["#", "#b", "-", "-b", "--"])
def test_a_file_of_nothing_but_words_with_a_hash_or_a_dash(tmp_path, word):
    (document,) = read_columns(write(tmp_path, f"{word} B-X\n{word} O\n"))
    assert document.words == [word, word]
    assert document.spans["ner"].spans == (Span(0, 1, "X"),)


@pytest.mark.parametrize(
    ("bad", "options"),
    [
        ("secret", {}),
        ("secret x O", {}),
        ("\tO", {"separator": "\t"}),
        (" \tO", {"separator": "\t"}),
        ("secret\t", {"separator": "\t"}),
        ("X secret", {}),
        ("secret B-", {}),
        ("X Q-secret", {}),
        ("X B-secret", {"labels": ["Y", "X"]}),
    ],
)
def test_a_bad_row_is_refused_with_its_line(tmp_path, bad, options):
    glue = options.get("separator", " ")
    text = f"# a comment that is long\na{glue}O\n\n-DOCSTART-\n\nb{glue}O\n{bad}\nc{glue}O\n"
    for end in ("\n", "\r\n"):
        path = write(tmp_path, text.replace("\n", end))
        with pytest.raises(DataError, match=r"labels\.txt, line 7:") as caught:
            list(read_columns(path, **options))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize("separator", [None, "\t"])
@pytest.mark.parametrize("task", ["spans", "tags"])
def test_rows_without_a_word_are_left_out_and_counted_where_repairs_are(tmp_path, task, separator):
    path = write(tmp_path, "a\tO\n\tO\nb\tO\n\n \tO\nc\tO\n")
    repairs = Repairs()
    documents = list(read_columns(path, task=task, separator=separator, repairs=repairs))
    assert words_of(documents) == [["a", "b"], ["c"]]
    assert str(repairs) == "rows without a word left out: 2"
    with pytest.raises(DataError, match="line 2: "):
        list(read_columns(path, task=task, separator=separator))


@pytest.mark.parametrize("text", ["secret\nwords\n", "O\n", "B-X\n"])
def test_a_file_of_one_column_is_refused_and_no_word_quoted(tmp_path, text):
    with pytest.raises(DataError, match=r"line 1: .*\b2\b") as caught:
        list(read_columns(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


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


def test_documents_of_columns_are_read_by_their_sentences(tmp_path):
    sentences = list(read_columns(write(tmp_path, TWO_DOCUMENTS)))
    assert words_of(sentences) == [["a", "b"], ["c", "d"], ["e"], ["f"]]
    spans = [(Span(0, 1, "X"),), (Span(0, 1, "X"), Span(1, 2, "Y"))]
    spans += [(Span(0, 1, "X"),), (Span(0, 1, "Y"),)]
    assert [document.spans["ner"].spans for document in sentences] == spans


def test_tags_that_break_their_scheme_are_counted(tmp_path):
    repairs = Repairs()
    path = write(tmp_path, "a B-X\nb I-Y\n\nc B-X\n\nd I-X\ne B-X\nf B-Y\n")
    first, *_ = read_columns(path, repairs=repairs)
    assert first.spans["ner"].spans == (Span(0, 1, "X"), Span(1, 2, "Y"))
    assert repairs == Repairs(tags=2)
    list(read_columns(write(tmp_path, "a B-X\nb E-X\nc B-X\n"), repairs=repairs))
    assert repairs == Repairs(tags=3)


def test_columns_are_read_lazily_after_a_first_pass(tmp_path):
    path = write(tmp_path, "a O\n\nb X\n")
    with pytest.raises(DataError, match=r"labels\.txt, line 3:"):
        next(read_columns(path))
    found = read_tag_columns(write(tmp_path, "a O\n\nb\n"))
    assert next(found).words == ["a"]
    with pytest.raises(DataError, match=r"labels\.txt, line 3: .*\b2\b"):
        next(found)


def test_tag_columns_keep_tags_as_they_are(tmp_path):
    path = write(tmp_path, "#a\tB-X\tNN\n- b\tO\t_\n\nc\tO\tI\n# newdoc\nd\tO\t.\n")
    found = list(read_tag_columns(path, separator="\t", layer="xpos"))
    assert words_of(found) == [["#a", "- b"], ["c"], ["d"]]
    assert [document.tags["xpos"].labels for document in found] == [("NN", None), ("I",), (".",)]


def test_columns_are_read_back_and_scripts_are_written_as_lemmas(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text(written(FORMAT, DOCUMENT, DOCUMENT))
    spans = [one.spans["ner"].spans for one in read_columns(path, labels=["LOC", "PER"])]
    assert spans == [DOCUMENT.spans["ner"].spans] * 2
    scripts = Document("Cats ran", ((0, 4), (5, 8)), tags={"lemma": Tags(("↓;d1", "↓;d2+un"))})
    assert written(FORMAT, scripts) == "Cats\tcat\nran\trun\n\n"


def test_a_category_is_a_comment_and_a_document_without_words_is_nothing(tmp_path):
    document = Document("Ann saw", ((0, 3), (4, 7))).with_categories(
        "tone", {"good": 0.75, "bad": 0.25}
    )
    text = written(FORMAT, document, Document("  ", ()), document)
    assert text.startswith("# tone = good 0.7500\n")
    path = tmp_path / "x.txt"
    path.write_text(text)
    assert [one.content.words for one in FORMAT.texts(path, ReadOptions())] == [["Ann", "saw"]] * 2
