"""The transformer that `recipes/teacher.py` tunes: words to pieces, saved and loaded, in a tiny one."""

import json
import sys
from pathlib import Path

import pytest
import torch

from seqlabel.documents.document import Document
from seqlabel.documents.tag_sets import TagSet

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from transformer import Transformer, case_of

SETS = [TagSet("upos", ("NOUN", "VERB")), TagSet("xpos", ("NN", "VB", "VBZ"))]
ROWS = [["Ana", "sees", "rain"], ["It", "\u200b"], ["rain"]]


@pytest.fixture
def folder(tmp_path):
    transformers = pytest.importorskip("transformers", reason="needs seqlabel-rnn[teacher]")
    place = tmp_path / "transformer"
    place.mkdir()
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ana", "see", "##s", "rain", "it"]
    (place / "vocab.txt").write_text("\n".join(pieces), encoding="utf-8")
    (place / "tokenizer_config.json").write_text(json.dumps({"tokenizer_class": "BertTokenizer"}), encoding="utf-8")
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8}
    torch.manual_seed(0)
    transformers.BertModel(transformers.BertConfig(vocab_size=len(pieces), **sizes)).save_pretrained(place)
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
    labelled = list(teacher.label([Document.from_words(words) for words in ROWS]))
    found = [label for document in labelled for label in document.tags["upos"].labels]
    assert found == [SETS[0].tags[number] for number in upos.argmax(axis=1)]
    teacher.save(folder)
    again = Transformer.load(folder)
    assert again.tag_sets == SETS
    assert (again.probabilities(ROWS)[1] == xpos).all()
