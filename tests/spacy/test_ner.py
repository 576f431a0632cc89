"""NER: entities beside those of other pipes, and the layers that it takes from a labeler."""

import torch

from seqlabel.spacy.shim import shim_of
from tests.spacy_models import blank, examples, tiny_labeler, train, weights


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
