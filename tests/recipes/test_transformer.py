"""The transformers that `recipes/teacher.py` tunes: words to pieces, saved and loaded, in a tiny
one; and unpacked.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from seqlabel.documents.document import Document
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError
from tests.recipes.tiny_transformer import write_tiny_transformer

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from transformer import MOST_PIECES, Transformer, case_of, multilingual, origin, unpacked
from transformer.parsing import Parser

SETS = [TagSet("upos", ("NOUN", "VERB")), TagSet("xpos", ("NN", "VB", "VBZ"))]
ROWS = [["Ana", "sees", "rain"], ["It", "\u200b"], ["rain"]]


@pytest.fixture
def folder(tmp_path):
    write_tiny_transformer(tmp_path / "transformer")
    return tmp_path


@pytest.mark.parametrize(
    ("word", "case"), [("it", 0), ("3", 0), ("It", 1), ("IT", 2), ("I", 3), ("iT", 4), ("McDo", 4)]
)
def test_how_a_word_is_written(word, case):
    assert case_of(word) == case


def test_every_word_gets_probabilities_and_a_saved_teacher_the_same(folder):
    teacher = Transformer(folder / "transformer", SETS).eval()
    with torch.no_grad():
        teacher.cases.weight.normal_()
    upos, xpos = teacher.probabilities(ROWS)
    assert (upos.shape, xpos.shape) == ((6, 2), (6, 3))
    assert upos.sum(axis=1) == pytest.approx(1)
    assert abs(upos[2] - teacher.probabilities([["Ana", "sees", "RAIN"]])[0][2]).max() > 1e-4
    labeled = list(teacher.label([Document.from_words(words) for words in ROWS]))
    found = [label for document in labeled for label in document.tags["upos"].labels]
    assert found == [SETS[0].tags[number] for number in upos.argmax(axis=1)]
    teacher.save(folder)
    again = Transformer.load(folder)
    assert again.tag_sets == SETS
    assert (again.probabilities(ROWS)[1] == xpos).all()


def test_spans_follow_their_scheme_and_doubtful_words_are_left_open(folder):
    teacher = Transformer(folder / "transformer", [TagSet("ner", ("PER",), Scheme.BIOES)]).eval()
    with torch.no_grad():
        for weight in teacher.heads.parameters():
            weight.zero_()
        # A tag that may stand nowhere alone is the most likely everywhere.
        teacher.heads[0].bias[teacher.tag_sets[0].tags.index("I-PER")] = 9.0
    (document,) = teacher.label([Document.from_words(["Ana", "sees", "rain"])])
    assert [(span.start, span.end) for span in document.spans["ner"].spans] == [(0, 3)]
    (sure,) = teacher.taught([["Ana", "sees", "rain"]])
    assert sure.tags["ner"].labels == ("B-PER", "I-PER", "E-PER")
    with torch.no_grad():
        teacher.heads[0].bias.zero_()
    (open_words,) = teacher.taught([["Ana", "sees", "rain"]])
    assert open_words.tags["ner"].labels == (None, None, None)
    teacher.save(folder)
    assert Transformer.load(folder).tag_sets == teacher.tag_sets


def test_a_long_row_is_read_in_parts(folder):
    teacher = Transformer(folder / "transformer", SETS).eval()
    half = ["sees"] * (MOST_PIECES // 2)
    (long, _), (part, _), (rest, _) = map(
        teacher.probabilities, ([[*half, "rain"]], [half], [["rain"]])
    )
    assert abs(long - np.concatenate([part, rest])).max() < 1e-6


def test_a_parser_gives_trees_and_a_saved_one_the_same(folder):
    relations = RelationSet("tree", ("nsubj", "obj", "root"))
    parser = Parser(folder / "transformer", SETS, relations).eval()
    with torch.no_grad():
        for weight in parser.map.values():
            weight.normal_()
    sentences = [Document.from_words(words) for words in ROWS]
    found = [one.trees["tree"] for one in parser.parsed(sentences)]
    # One root a sentence, and the relation of roots is nobody else's.
    roots = [[word for word, head in enumerate(one.heads) if head == word] for one in found]
    assert [len(one) for one in roots] == [1, 1, 1]
    assert [
        [word for word, name in enumerate(one.relations) if name == "root"] for one in found
    ] == roots
    parser.save(folder)
    again = Parser.load(folder)
    assert (again.tag_sets, again.relations) == (SETS, relations)
    assert [one.trees["tree"] for one in again.parsed(sentences)] == found


def test_a_missing_package_is_named():
    with pytest.raises(DataError, match="Found no package no_such_package"):
        origin("no_such_package")


@pytest.mark.slow
def test_the_multilingual_transformer_reads_as_its_package_does(tmp_path):
    package = pytest.importorskip(multilingual.PACKAGE, reason="needs seqlabel-rnn[teacher]")
    teacher = Transformer(unpacked(tmp_path, many_languages=True), SETS).eval()
    engine = package.E5()
    for text in ("how much protein per day", "Hyvää huomenta, die Unwiderruflichkeit!"):
        ids = teacher.pieces(f"query: {text}", add_special_tokens=False).input_ids
        ids = [teacher.pieces.cls_token_id, *ids, teacher.pieces.sep_token_id]
        with torch.no_grad():
            mean = teacher.body(torch.tensor([ids])).last_hidden_state[0].mean(dim=0)
        assert torch.cosine_similarity(mean, torch.from_numpy(engine.query(text)), dim=0) > 0.999
