"""The tagger: the attribute that it writes, the head that it takes from a labeler, and labels that
it refuses.
"""

import pytest
import torch

from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.model_configs import HeadConfig
from tests.spacy_models import blank, examples, tiny_labeler, train, weights


def test_parts_of_speech_go_to_pos(encoder):
    nlp = blank(encoder, "seqlabel_tagger", attribute="pos")
    train(nlp, examples(nlp), steps=30)
    found = nlp.evaluate(examples(nlp, 30, seed=1))
    assert found["pos_acc"] == 1.0
    assert "tag_acc" not in found
    doc = nlp("Ann saw  Rome.")
    assert [token.pos_ for token in doc] == ["PROPN", "VERB", "SPACE", "PROPN", "PUNCT"]
    assert not any(token.tag_ for token in doc)


@pytest.mark.parametrize(("attribute", "layer"), [("pos", "upos"), ("tag", "xpos")])
def test_a_labeler_as_encoder_gives_the_head_of_its_tags(attribute, layer, tmp_path):
    labeler = tiny_labeler((HeadConfig(TagSet(layer, ("NOUN", "VERB", "X"))),))
    labeler.save(tmp_path / "labeler")
    nlp = blank(str(tmp_path / "labeler"), "seqlabel_tagger", attribute=attribute)
    nlp.get_pipe("seqlabel_tagger").initialize(
        lambda: examples(nlp), nlp=nlp, labels=["ADV", "X", "NOUN"]
    )
    found, before = weights(nlp, "seqlabel_tagger"), labeler.module.state_dict()
    for name in ("heads.0.output.weight", "heads.0.output.bias"):
        assert torch.equal(found[name][1:], before[name][[2, 0]])


def test_a_label_that_is_no_part_of_speech_leaves_a_tagger_as_it_was(encoder):
    nlp = blank(encoder, "seqlabel_tagger", attribute="pos")
    tagger = nlp.get_pipe("seqlabel_tagger")
    for _ in range(2):
        with pytest.raises(
            OptionError, match="has the label 'NN', and pos_ takes universal parts of speech"
        ):
            tagger.add_label("NN")
        nlp.initialize(lambda: examples(nlp))
        assert "NN" not in tagger.labels
