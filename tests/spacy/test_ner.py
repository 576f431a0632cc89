"""NER: entities next to those of other pipes, and the layers that it takes from a labeler."""

import pytest
import spacy
import torch
from spacy.training import Example

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import FEW_SPANS
from seqlabel.spacy.shim import shim_of
from tests.spacy_models import blank, examples, tiny_labeler, train, weights


def scheme_of(nlp):
    return shim_of(nlp.get_pipe("seqlabel_ner").model).part.tag_sets[0].scheme


# Each Doc of the examples has two entities.
@pytest.mark.parametrize(
    ("docs", "scheme"),
    [(FEW_SPANS // 2 - 1, Scheme.BIO), (FEW_SPANS // 2, Scheme.BIOES)],
)
@pytest.mark.parametrize("labels", [None, ["LOC", "PER"]])
def test_the_scheme_suits_the_number_of_gold_entities(encoder, docs, scheme, labels):
    nlp = blank(encoder, "seqlabel_ner")
    nlp.get_pipe("seqlabel_ner").initialize(lambda: examples(nlp, docs), nlp=nlp, labels=labels)
    assert scheme_of(nlp) is scheme


def test_docs_without_entities_say_nothing_of_the_scheme(encoder):
    nlp = blank(encoder, "seqlabel_ner")
    empty = Example.from_dict(nlp.make_doc("Ann left."), {})
    nlp.get_pipe("seqlabel_ner").initialize(lambda: [empty], nlp=nlp, labels=["LOC", "PER"])
    assert scheme_of(nlp) is Scheme.BIOES


def test_few_entities_keep_the_scheme_of_a_labeler_as_encoder(tmp_path):
    tiny_labeler().save(tmp_path / "labeler")
    nlp = blank(str(tmp_path / "labeler"), "seqlabel_ner")
    nlp.get_pipe("seqlabel_ner").initialize(lambda: examples(nlp, 3), nlp=nlp, labels=["A", "B"])
    assert scheme_of(nlp) is Scheme.BIOES


def test_few_examples_are_learnt_in_bio(encoder, tmp_path):
    nlp = blank(encoder, "seqlabel_ner")
    few = examples(nlp, 20)
    train(nlp, few)
    assert scheme_of(nlp) is Scheme.BIO
    assert nlp.evaluate(few)["ents_f"] == 1.0
    nlp.to_disk(tmp_path / "pipeline")
    other = spacy.load(tmp_path / "pipeline")
    assert scheme_of(other) is Scheme.BIO
    # Gold is written in the pipe's own scheme, also after loading.
    assert other.update(examples(other, 4))["seqlabel_ner"] < 1


def test_a_labeler_as_encoder_gives_all_its_layers_and_the_head_for_shared_tags(tmp_path):
    labeler = tiny_labeler()
    labeler.save(tmp_path / "labeler")
    nlp = blank(str(tmp_path / "labeler"), "seqlabel_ner")
    nlp.get_pipe("seqlabel_ner").initialize(lambda: examples(nlp), nlp=nlp, labels=["B", "A", "C"])
    found = weights(nlp, "seqlabel_ner")
    before = labeler.module.state_dict()
    for name, tensor in found.items():
        if not name.startswith("heads."):
            assert torch.equal(tensor, before[name])
    part = shim_of(nlp.get_pipe("seqlabel_ner").model).part
    new, old = part.tag_sets[0].tags, labeler.tag_sets[1].tags
    for tag in old:
        row = found["heads.0.output.weight"][new.index(tag)]
        assert torch.equal(row, before["heads.1.output.weight"][old.index(tag)])
        for after in old:
            score = found["heads.0.crf.transitions"][new.index(tag), new.index(after)]
            assert score == before["heads.1.crf.transitions"][old.index(tag), old.index(after)]


def test_two_pipes_keep_each_others_entities_and_probabilities(encoder):
    def only(label):
        nlp = blank(encoder, "seqlabel_ner")
        data = examples(nlp)
        for example in data:
            example.reference.ents = [
                span for span in example.reference.ents if span.label_ == label
            ]
        train(nlp, data, steps=30)
        return nlp

    people, towns = only("PER"), only("LOC")
    text = "Ann saw New Delhi often."
    doc = towns.get_pipe("seqlabel_ner")(people(text))
    assert [(span.text, span.label_) for span in doc.ents] == [("Ann", "PER"), ("New Delhi", "LOC")]
    group = doc.spans["seqlabel_ner"]
    assert [span.text for span in group] == ["Ann", "New Delhi"]
    alone = [nlp(text).spans["seqlabel_ner"].attrs["scores"][0] for nlp in (people, towns)]
    assert group.attrs["scores"] == alone
