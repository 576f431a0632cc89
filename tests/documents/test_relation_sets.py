"""Trees of documents as ids and back; relations that are not known; sets that cannot be."""

import pytest

from seqlabel.documents.document import Document, Tags, concatenate
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.tag_sets import TagSet, annotate
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError

SET = RelationSet("tree", ("det", "nsubj", "root"))


def sentence(heads=(1, 2, 2), relations=("det", "nsubj", "root")):
    words = ["the", "cat", "sleeps"]
    return Document.from_words(words, trees={"tree": Trees(heads, relations)}, sentences=(0,))


def test_trees_come_back_with_their_sentences():
    document = concatenate([sentence(), sentence()], separator=" ")
    ids = SET.encode(document).tolist()
    tree = document.trees["tree"]
    assert SET.decode(ids, [0.5] * 6) == Trees(tree.heads, tree.relations, (0.5,) * 6)
    assert SET.starts(ids) == (0, 3)
    # Ids do not depend on where a sentence stands.
    assert ids == 2 * SET.encode(sentence()).tolist()


def test_words_without_a_head_are_not_known():
    ids = SET.encode(sentence((None, 2, 2), (None, None, "root")))
    assert ids[0] < 0 <= ids[1]
    assert SET.encode(Document.from_words(["a"])) is None


def test_relations_are_collected_and_that_of_roots_is_the_one_they_have():
    found = RelationSet.of(
        [sentence(), sentence((0, 0, 0), ("ROOT", "x", "y")), sentence()], "tree"
    )
    assert found == RelationSet("tree", ("ROOT", "det", "nsubj", "root", "x", "y"), "root")
    assert (found.unit, found.scheme, found.tags) == (Unit.SENTENCE, None, found.labels)
    with pytest.raises(DataError):
        RelationSet.of([Document.from_words(["a"])], "tree")
    with pytest.raises(DataError, match="root"):
        RelationSet.of([sentence((1, 2, 1), ("a", "b", "c"))], "tree")


def test_a_foreign_relation_is_named_but_a_root_is_a_root_by_any_name():
    with pytest.raises(DataError, match="'amod'"):
        SET.encode(sentence(relations=("amod", "nsubj", "root")))
    ids = SET.encode(sentence(relations=("det", "nsubj", "ROOT"))).tolist()
    assert ids == SET.encode(sentence()).tolist()


@pytest.mark.parametrize(
    "arguments",
    [
        ("tree", ("root",)),
        ("tree", ("a", "a", "root")),
        (" ", ("a", "root")),
        ("tree", ("a", "b")),
        ("tree", (" ", "root")),
    ],
)
def test_sets_that_cannot_be_are_refused(arguments):
    with pytest.raises(OptionError):
        RelationSet(*arguments)


def test_annotating_trees_sets_sentences_that_are_not_known():
    words = Document.from_words(["the", "cat", "sleeps"] * 2)
    ids = SET.encode(concatenate([sentence(), sentence()], separator=" ")).tolist()
    found = annotate(words, [SET], [(ids, [1.0] * 6)])
    assert found.sentences == (0, 3)
    assert found.trees["tree"].heads == (1, 2, 2, 4, 5, 5)
    tags = TagSet("t", ("X", "Y"))
    both = annotate(words, [tags, SET], [([0] * 6, [1.0] * 6), (ids, [1.0] * 6)])
    assert both.tags["t"] == Tags(("X",) * 6, (1.0,) * 6)
