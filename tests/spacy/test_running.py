"""How Docs go through a pipe: together, and, where that fails, each alone; and how a model's folder
becomes bytes.
"""

import pytest
import spacy
import srsly

from seqlabel.errors import CheckpointError
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.spacy.running import WorkingPipe, documents_of, pack_folder, unpack_folder
from tests.spacy_models import is_pickle, tiny_labeler


class Pipe(WorkingPipe):
    """Writes how many Docs came together; fails where one is the word `bad`."""

    name = "pipe"

    def __init__(self, threads=1):
        self.failed, self.threads = [], threads

    def predict(self, docs):
        if any(doc.text == "bad" for doc in docs):
            raise ValueError("bad")
        return [len(docs)] * len(docs)

    def set_annotations(self, docs, predictions):
        for doc, number in zip(docs, predictions, strict=True):
            doc.user_data["together"] = number

    def get_error_handler(self):
        return lambda name, pipe, docs, error: self.failed.append(
            (name, pipe, [doc.text for doc in docs], str(error))
        )


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_doc_that_fails_is_alone_with_its_error_and_does_not_go_on(threads):
    nlp, pipe = spacy.blank("en"), Pipe(threads)
    docs = [nlp.make_doc(text) for text in ("a", "bad", "b", "bad", "c")]
    found = list(pipe.pipe(iter(docs), batch_size=3))
    assert [(doc.text, doc.user_data["together"]) for doc in found] == [
        ("a", 1),
        ("b", 1),
        ("c", 1),
    ]
    assert pipe.failed == [("pipe", pipe, ["bad"], "bad")] * 2


def test_docs_go_together_where_all_is_well():
    nlp, pipe = spacy.blank("en"), Pipe()
    docs = [nlp.make_doc("a") for _ in range(7)]
    sizes = [doc.user_data["together"] for doc in pipe.pipe(docs, batch_size=3)]
    assert sizes == [3, 3, 3, 3, 3, 3, 1]
    assert list(pipe.pipe([])) == []


def test_documents_have_the_words_and_the_text():
    nlp = spacy.blank("en")
    for text in ("", " ", "the  cat\n sat."):
        (document,) = documents_of([nlp(text)])
        assert document.text == text
        assert list(document.words) == [
            token.text for token in nlp(text) if not token.text.isspace()
        ]


def test_a_folder_becomes_bytes_and_comes_back(tmp_path):
    labeler = tiny_labeler()
    data = pack_folder(labeler.save)
    assert not is_pickle(data)
    labeler.save(tmp_path / "model")
    assert srsly.msgpack_loads(data) == {
        file.name: file.read_bytes() for file in (tmp_path / "model").iterdir()
    }
    other = unpack_folder(data, load_trained)
    assert isinstance(other, Labeler)
    assert [*map(str, other(["the cat"]))] == [*map(str, labeler(["the cat"]))]


@pytest.mark.parametrize("name", ["../outside", "/tmp/outside", "a/b", "../config.json"])
def test_bytes_with_names_that_no_model_has_are_refused_before_any_is_written(name):
    folders = []
    with pytest.raises(CheckpointError, match="packed files"):
        unpack_folder(srsly.msgpack_dumps({"config.json": b"x", name: b"x"}), folders.append)
    assert not folders
