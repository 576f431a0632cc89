"""The callback that keeps encoders frozen until a step; what a frozen encoder does is the trainable pipes' test."""

import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from seqlabel.errors import OptionError
from seqlabel.spacy.unfreezing import create_unfreeze


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel_tagger")
    nlp.add_pipe("sentencizer")
    nlp.initialize(lambda: [Example(Doc(nlp.vocab, ["a", "b"]), Doc(nlp.vocab, ["a", "b"], tags=["X", "Y"]))])
    return nlp


def test_encoders_are_frozen_until_the_step(nlp):
    (shim,) = nlp.get_pipe("seqlabel_tagger").model.shims
    unfreeze = create_unfreeze(["seqlabel_tagger"], 2)
    frozen = []
    for step in range(4):
        unfreeze(nlp, {"step": step, "epoch": 0})
        frozen.append(shim.frozen)
    assert frozen == [True, True, False, False]


@pytest.mark.parametrize("name", ["sentencizer", "missing"])
def test_a_component_without_an_encoder_is_refused(nlp, name):
    message = f"Found {name!r}, which is not a component with an encoder of seqlabel. The pipeline has seqlabel_tagger"
    with pytest.raises(OptionError, match=message):
        create_unfreeze([name], 2)(nlp, {"step": 0})
