"""CoNLL-U → documents: every word and tag kept as it stands, every error with its line."""

import dataclasses
import gzip

import pytest

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import format_of
from seqlabel.formats.conllu import CONLLU as FORMAT
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.reading import ReadOptions
from tests.formats.labeled import DOCUMENT, TEXT, written
from tests.label_files import CONLLU, EWT, needs_ewt, row, words_of, write


def test_sentences_of_conllu(tmp_path):
    first, second, third = read_conllu(write(tmp_path, CONLLU))
    assert (first.text, first.words) == ("Hello!", ["Hello", "!"])
    assert first.tags == {"upos": Tags(("INTJ", "PUNCT")), "xpos": Tags(("UH", "."))}
    assert (second.text, second.words) == ("New York#", ["New York", "#"])
    assert second.tags == {"upos": Tags(("PROPN", None)), "xpos": Tags((None, None))}
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
    path = write(
        tmp_path, f"{row(1, 'a')}\n\n{row(1, 'b', misc='SpaceAfter=No')}\n\n{row(1, 'c')}\n"
    )
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
    # The space after a multi-word token is its own.
    assert document.text == "don't, de le."


@pytest.mark.parametrize(
    "word", ["a\u2028b", "a\x85b", "\xa0", "a\xa0b", "à la", "😀", "'", '"', "#1", "a  b"]
)
def test_words_of_conllu_are_not_touched(tmp_path, word):
    (document,) = read_conllu(write(tmp_path, f"{row(1, word, 'X')}\n{row(2, 'b', 'Y')}\n"))
    assert document.words == [word, "b"]
    assert document.tags["upos"].labels == ("X", "Y")


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
        with pytest.raises(DataError, match=r"labels\.txt, line 8:") as caught:
            list(read_conllu(path, whole_documents=whole_documents))
        assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("ids", "line"),
    [
        ([1, 2, 1, 2], 4),
        ([1, 1, 7], 3),
        ([2], 2),
        ([0, 1], 2),
        (["1-5", 1], 2),
        ([1, "1-2", 2], 3),
        (["2-1", 1], 2),
        (["1-3", 1, "2-3", 2, 3], 4),
    ],
    ids=str,
)
def test_ids_that_are_not_those_of_one_sentence_are_refused_with_their_line(tmp_path, ids, line):
    text = "# comment\n" + "".join(row(id_, "secret") + "\n" for id_ in ids)
    with pytest.raises(DataError, match=rf"labels\.txt, line {line}:") as caught:
        list(read_conllu(write(tmp_path, text)))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("whole_documents", [False, True])
def test_a_tag_of_conllu_that_is_not_known_is_refused_with_its_line(tmp_path, whole_documents):
    path = write(tmp_path, MULTI_WORD)
    known = {"upos": ["AUX", "PART", "PUNCT", "ADP", "DET"], "xpos": []}
    # The line of an empty node and those of multi-word tokens are counted; their tags and missing
    # ones are no labels.
    assert len(list(read_conllu(path, whole_documents=whole_documents, labels=known))) == 1
    known["upos"].remove("DET")
    with pytest.raises(DataError, match=r"labels\.txt, line 8, layer 'upos': ") as caught:
        list(read_conllu(path, whole_documents=whole_documents, labels=known))
    assert "DET" not in str(caught.value)


@pytest.mark.parametrize(
    ("row", "options", "error", "where"),
    [
        ("", {"labels": {"ner": ["X"]}}, OptionError, "labels:"),
        ("", {"labels": {"feats": ["X"]}}, OptionError, "labels:"),
        ("", {"layers": ["upos", "head"]}, OptionError, "layers:"),
        ("A=B\t0\troot", {"layers": ["feats"], "labels": {"feats": ["A=C"]}}, DataError, "'feats'"),
        ("_\t0\troot", {"layers": ["tree"], "labels": {"tree": ["x"]}}, DataError, "'tree'"),
        ("x\tx\tx", {}, DataError, "line 2:"),
    ],
)
def test_options_that_do_not_fit_the_file_are_refused(tmp_path, row, options, error, where):
    content = f"# comment\n1\ta\ta\tX\tX\t{row}\t_\tx\n" if row else CONLLU
    with pytest.raises(error, match=where):
        list(read_conllu(write(tmp_path, content), **options))


MORPHOLOGY = """# newdoc
1\tCats\tcat\tNOUN\tNNS\tNumber=Plur\t_\t_\t_\t_
2\twere\tbe\tAUX\tVBD\tMood=Ind|Number=Plur\t_\t_\t_\tSpaceAfter=No
3\t!\t!\tPUNCT\t.\t_\t_\t_\t_\t_

1\t_\t_\tPUNCT\t.\tTypo=Yes\t_\t_\t_\t_
2\tso\t_\tADV\tRB\t_\t_\t_\t_\t_
"""


@pytest.mark.parametrize("whole_documents", [False, True])
def test_features_lemmas_and_sentences_are_layers_when_asked_for(tmp_path, whole_documents):
    path = write(tmp_path, MORPHOLOGY)
    layers = ("lemma", "feats", "sentence")
    documents = list(read_conllu(path, layers=layers, whole_documents=whole_documents))
    assert len(documents) == (1 if whole_documents else 2)
    assert all(set(document.tags) == set(layers) for document in documents)

    def all_of(layer):
        return [label for document in documents for label in document.tags[layer].labels]

    assert all_of("feats") == ["Number=Plur", "Mood=Ind|Number=Plur", "_", "Typo=Yes", "_"]
    assert all_of("sentence") == ["B", "I", "I", "B", "I"]
    assert all_of("lemma") == ["↓;d1", "→be", "↓", "↓", None]
    lemmas = [lemma for document in documents for lemma in document.lemmas]
    assert lemmas == ["cat", "be", "!", "_", None]
    (first, *_) = read_conllu(path, layers=["sentence"], labels={"sentence": ["B", "I"]})
    assert list(first.tags) == ["sentence"]


def rows_of(sentence):
    rows = [line.split("\t") for line in sentence.splitlines()]
    return [cells for cells in rows if cells[0].isdigit()]


@needs_ewt
@pytest.mark.parametrize(
    ("part", "sentences", "words"),
    [pytest.param("train", 12_544, 204_577, marks=pytest.mark.slow), ("dev", 2_001, 25_147)],
)
def test_the_english_web_treebank_is_read_as_by_the_tabs_of_its_lines(part, sentences, words):
    path = EWT / f"en_ewt-ud-{part}.conllu"
    documents = list(read_conllu(path, layers=("upos", "lemma", "feats")))
    assert (len(documents), sum(map(len, documents))) == (sentences, words)
    blocks = path.read_text(encoding="utf-8").strip().split("\n\n")
    for document, block in zip(documents, blocks, strict=True):
        rows = rows_of(block)
        assert f"# text = {document.text}\n" in block
        assert document.words == [cells[1] for cells in rows]
        assert document.tags["upos"].labels == tuple(cells[3] for cells in rows)
        assert document.tags["feats"].labels == tuple(cells[5] for cells in rows)
        lemmas = [None if cells[2] == "_" != cells[1] else cells[2] for cells in rows]
        assert list(document.lemmas) == lemmas


@needs_ewt
def test_whole_documents_of_the_english_web_treebank_are_its_sentences():
    path = EWT / "en_ewt-ud-dev.conllu"
    content = path.read_text(encoding="utf-8")
    whole = list(read_conllu(path, whole_documents=True))
    assert len(whole) == f"\n{content}".count("\n# newdoc") > 100
    assert sum(len(document.sentences) for document in whole) == 2_001
    words = [word for document in whole for word in document.words]
    assert words == [cells[1] for cells in rows_of(content)]


PLUS = """# global.columns = ID FORM UPOS MISC PARSEME:MWE
# sent_id = 1
1\tHello\tINTJ\tSpaceAfter=No\t*
2\t!\tPUNCT\t_\t*

# sent_id = 2
1-2\tdu\t_\t_\t*
1\tde\tADP\t_\t1:X
2\tle\t_\t_\t1
"""


def test_the_columns_of_conllu_plus_hold_for_the_whole_file(tmp_path):
    path = write(tmp_path, PLUS)
    first, second = read_conllu(path, labels={"xpos": []})
    assert (first.text, second.words) == ("Hello!", ["de", "le"])
    assert first.tags == {"upos": Tags(("INTJ", "PUNCT"))}
    assert second.tags == {"upos": Tags(("ADP", None))}
    (whole,) = read_conllu(path, whole_documents=True)
    assert whole.words == ["Hello", "!", "de", "le"]
    (other,) = read_conllu(write(tmp_path, "# global.columns = FORM XPOS ID\na\tX\t1\nb\t_\t2\n"))
    assert other.words == ["a", "b"]
    assert other.tags == {"xpos": Tags(("X", None))}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        *((f"# global.columns = {names}\n1\ta\n", 1) for names in ("", "FORM", "ID")),
        *((f"# global.columns = {names}\n1\ta\n", 1) for names in ("ID FORM FORM", "ID FORM id")),
        (PLUS.replace("1\tde\tADP", "1\tde\tx\tADP"), 8),
    ],
)
def test_columns_of_conllu_plus_need_a_number_and_a_word_and_hold_for_all_rows(
    tmp_path, text, line
):
    with pytest.raises(DataError, match=rf"labels\.txt, line {line}:"):
        list(read_conllu(write(tmp_path, text)))


@pytest.mark.parametrize(
    ("line", "format"),
    [
        ("Ann B-PER", "columns"),
        ('{"text": "Ann", "spans": []}', "spans"),
        ('[{"id": 1}]', "label-studio"),
    ],
)
def test_a_file_of_another_format_is_recognised(tmp_path, line, format):
    with pytest.raises(DataError, match=rf"line 1: .*\b{format}\b"):
        list(read_conllu(write(tmp_path, f"{line}\n")))


def test_conllu_is_read_back(tmp_path):
    path = tmp_path / "x.conllu"
    path.write_text(written(FORMAT, DOCUMENT, DOCUMENT))
    for read in list(read_conllu(path)):
        assert read.text == TEXT
        assert read.tags["upos"] == DOCUMENT.tags["upos"]
    assert "ner=I-LOC|SpaceAfter=No" in written(FORMAT, DOCUMENT)


def test_features_lemmas_and_sentences_are_read_back_as_conllu(tmp_path):
    layers = {
        "feats": ("_", "Tense=Past|VerbForm=Fin", "_", "_", "_"),
        "lemma": ("=", "↓;d2+ee", "=", "=", None),
        "sentence": ("B", "I", "I", "B", "I"),
    }
    document = Document(TEXT, DOCUMENT.offsets, sentences=(0, 3))
    for name, labels in layers.items():
        document = document.with_tags(name, Tags(labels))
    path = tmp_path / "x.conllu"
    path.write_text(written(FORMAT, document))
    (read,) = read_conllu(path, layers=list(layers), whole_documents=True)
    assert {name: tags.labels for name, tags in read.tags.items()} == layers
    assert (read.lemmas, read.sentences) == (["Ann", "see", "New", "York", None], (0, 3))


def test_a_category_is_a_comment_and_a_document_without_words_is_nothing(tmp_path):
    document = Document("Ann saw", ((0, 3), (4, 7)))
    document = document.with_categories("tone", {"good": 0.75, "bad": 0.25})
    text = written(FORMAT, document, Document("  ", ()), document)
    assert text.startswith("# tone = good 0.7500\n")
    assert words_of(read_conllu(write(tmp_path, text))) == [["Ann", "saw"]] * 2


def tree_file(tmp_path, *sentences):
    """A file of sentences, each a list of heads and relations."""
    blocks = []
    for sentence in sentences:
        rows = [
            f"{number}\tw\t_\t_\t_\t_\t{head}\t{relation}\t_\t_"
            for number, (head, relation) in enumerate(sentence, 1)
        ]
        blocks.append("\n".join(rows) + "\n")
    return write(tmp_path, "\n".join(blocks) + "\n")


def test_trees_are_read_with_heads_as_places_and_written_back(tmp_path):
    sentences = [(2, "det"), (0, "root"), (2, "obj")], [("0", "root"), ("_", "_")]
    path = tree_file(tmp_path, *sentences)
    first, second = read_conllu(path, layers=["tree"])
    assert first.trees["tree"] == Trees((1, 1, 1), ("det", "root", "obj"))
    assert second.trees["tree"] == Trees((0, None), ("root", None))
    (whole,) = read_conllu(path, layers=["tree"], whole_documents=True)
    assert whole.trees["tree"].heads == (1, 1, 1, 3, None)
    lines = [line for line in written(FORMAT, whole).splitlines() if line[:1].isdigit()]
    rows = [[str(head), relation] for sentence in sentences for head, relation in sentence]
    assert [line.split("\t")[6:8] for line in lines] == rows


@pytest.mark.parametrize(
    ("sentence", "line"),
    [([(0, "root"), (3, "x")], 2), ([(1, "x"), (0, "root")], 1), ([(2, "x"), (1, "y")], 1)],
)
def test_heads_that_make_no_tree_are_an_error_with_their_line(tmp_path, sentence, line):
    with pytest.raises(DataError, match=f"line {line}: "):
        list(read_conllu(tree_file(tmp_path, sentence), layers=["tree"]))


def test_a_folder_has_the_sentences_of_all_its_treebanks(tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (tmp_path / "b.conllu").write_text(f"{row(1, 'b')}\n")
    (other / "c.conllup").write_text(f"{row(1, 'c')}\n")
    (tmp_path / "a.conllu.gz").write_bytes(gzip.compress(f"{row(1, 'a')}\n".encode()))
    (tmp_path / "notes.txt").write_text("Not read.")
    assert format_of(tmp_path) is FORMAT
    assert words_of(FORMAT.read(tmp_path, ReadOptions())) == [["a"], ["b"], ["c"]]


def test_a_multiword_token_has_a_row_before_its_words():
    offsets = ((0, 3), (3, 5), (5, 9), (10, 11), (12, 13), (13, 15), (15, 16))
    parts = {0: ("Di", "l'"), 4: ("su", "il")}
    document = dataclasses.replace(Document("Dell'aula è sul.", offsets), multiwords=parts)
    lines = [line.split("\t") for line in written(FORMAT, document).splitlines()]
    assert [(cells[0], cells[1]) for cells in lines if cells[0][:1].isdigit()] == [
        ("1-2", "Dell'"),
        ("1", "Di"),
        ("2", "l'"),
        ("3", "aula"),
        ("4", "è"),
        ("5-6", "sul"),
        ("5", "su"),
        ("6", "il"),
        ("7", "."),
    ]
    assert [cells[0] for cells in lines if cells[-1] == "SpaceAfter=No"] == ["1-2", "5-6"]
