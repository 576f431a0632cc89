"""What labelers say of plain text: a majority in pieces that cut no span, or probabilities, which a
student learns.
"""

import numpy as np
import pytest
import torch

from seqlabel.batches.labeled import tagged_batches
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import OptionError
from seqlabel.models import teaching
from seqlabel.models.teaching import (
    Lesson,
    chances,
    gold_lesson,
    lesson_batches,
    lessons,
    soft_tags,
    taught,
    teach,
)
from seqlabel.training.objectives import gold_labels
from seqlabel.training.progress import Display
from tests.models.test_fine_tuning import AFTER, OPTIONS, fresh_labeler, some_documents


class Saying:
    """A labeler that says the same of every word, and one span per document."""

    def __init__(self, tag, span):
        self.tag, self.span = tag, span

    def __call__(self, documents):
        for document in documents:
            tags = {
                "upos": Tags((self.tag,) * len(document)),
                "xpos": Tags(("NN",) * len(document)),
            }
            labeled = Document.from_words(document.words, tags=tags)
            yield labeled.with_spans("ner", Spans((Span(*self.span, "PER"),)))


TEACHERS = [Saying("NOUN", (1, 4)), Saying("NOUN", (1, 4)), Saying("VERB", (0, 2))]


def test_the_majority_is_kept_of_the_layers_that_are_asked_for(monkeypatch):
    monkeypatch.setattr(teaching, "WORDS_PER_PIECE", 2)
    one, two, three = taught(TEACHERS, [list("abcde"), [], list("fghi")], ["upos", "ner"])
    assert [piece.words for piece in (one, two, three)] == [list("abcd"), ["e"], list("fghi")]
    assert one.tags.keys() == {"upos"}
    assert one.tags["upos"].labels == ("NOUN",) * 4
    assert one.spans["ner"].spans == three.spans["ner"].spans == (Span(1, 4, "PER"),)
    assert two.spans["ner"].spans == ()


def test_words_without_a_majority_teach_nothing():
    (piece,) = taught([Saying("NOUN", (0, 1)), Saying("VERB", (0, 1))], [["a", "b"]], ["upos"])
    assert piece.tags["upos"].labels == (None, None)
    assert not piece.spans


def always(*shares):
    """A teacher that holds the same of every word."""
    return lambda rows: [np.tile(np.array(shares), (sum(map(len, rows)), 1))]


def test_the_committee_is_averaged_and_the_most_likely_tags_are_kept(monkeypatch):
    monkeypatch.setattr(teaching, "WORDS_PER_PIECE", 2)
    committee = [always(0.1, 0.6, 0.1, 0.1, 0.02, 0.08), always(0.3, 0.2, 0.1, 0.2, 0.0, 0.2)]
    found = list(lessons(committee, [list("abc"), [], ["d"]]))
    assert [lesson.words for lesson in found] == [["a", "b"], ["c"], ["d"]]
    for lesson in found:
        assert lesson.tags.shape == lesson.shares.shape == (1, len(lesson.words), 4)
        assert lesson.tags[0, 0].tolist() == [1, 0, 3, 5]
        np.testing.assert_allclose(
            lesson.shares[0, 0], np.array([0.4, 0.2, 0.15, 0.14]) / 0.89, atol=1e-3
        )


def test_a_labeler_says_its_calibrated_probabilities():
    labeler = fresh_labeler(heads=[AFTER])
    labeler.set_temperatures([2.0])
    document = some_documents(1)[0]
    (said,) = chances(labeler, [document.words, document.words[:1]])
    assert said.shape == (len(document) + 1, len(AFTER.tags))
    (labeled,) = labeler([document])
    np.testing.assert_allclose(
        said[: len(document)].max(axis=1), labeled.tags["after"].scores, atol=1e-5
    )


def test_a_document_teaches_its_labels_and_nothing_where_they_are_not_known():
    document = Document.from_words(["a", "b"], tags={"after": Tags(("other", None))})
    lesson = gold_lesson(document, [AFTER])
    assert lesson.tags[0, 0, 0] == AFTER.labels.index("other")
    assert lesson.shares[0].tolist() == [[1, 0, 0, 0], [0, 0, 0, 0]]


def test_gold_lessons_have_the_loss_of_their_documents():
    labeler = fresh_labeler(heads=[AFTER])
    documents = some_documents(5, "after")
    labeler.module.eval()
    rows = [gold_lesson(document, [AFTER]) for document in documents]
    (batch,) = lesson_batches(rows, labeler.words, words=1_000, seed=0).batches()
    (other,) = tagged_batches(documents, labeler.words, tag_sets=[AFTER], words=1_000).batches()
    soft, hard = soft_tags(labeler.module, batch, None), gold_labels(labeler.module, other, None)
    torch.testing.assert_close(soft.losses, hard.losses)
    assert soft.counts.tolist() == hard.counts.tolist()


def test_a_student_learns_what_a_committee_holds():
    dev = some_documents(40, "after", seed=7)
    said = [gold_lesson(document, [AFTER]) for document in some_documents(60, "after", seed=2)]
    said = [Lesson(one.words, one.tags, one.shares * np.float16(0.9)) for one in said]
    student = fresh_labeler(heads=[AFTER])
    train = some_documents(60, "after")
    reports = teach(student, train, said, dev, options=OPTIONS, words=60, display=Display.SILENT)
    assert student.trained
    assert max(report.score for report in reports) > 0.95


def test_a_student_that_chooses_tags_together_is_refused():
    with pytest.raises(OptionError, match=r"together: \['person'\]"):
        teach(fresh_labeler(), [], [], [], options=OPTIONS)


def test_a_head_of_few_tags_fills_up_with_tags_of_no_probability():
    committee = [
        lambda rows: [np.tile([0.1, 0.6, 0.1, 0.1, 0.1], (2, 1)), np.tile([0.3, 0.7], (2, 1))]
    ]
    (lesson,) = lessons(committee, [["a", "b"]])
    assert lesson.tags[1].tolist() == [[1, 0, 0, 0]] * 2
    np.testing.assert_allclose(lesson.shares[1], [[0.7, 0.3, 0, 0]] * 2, atol=1e-3)
