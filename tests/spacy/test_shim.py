"""The shim: thinc's optimizer trains the labeler inside it, keeps averages of its weights, and
stores it.
"""

import pickle

import numpy as np
import torch
from thinc.api import Adam, Optimizer

from seqlabel.spacy.shim import TorchShim, shim_of
from tests.spacy_models import blank, equal, examples, train, weights


def test_averages_are_what_is_evaluated(encoder):
    nlp = blank(encoder, "seqlabel_tagger")
    data = examples(nlp)
    sgd = train(nlp, data, steps=3, sgd=Adam(0.05, L2=0.0, use_averages=True))
    doc = nlp.make_doc("Ann saw Rome.")
    tagger = nlp.get_pipe("seqlabel_tagger")
    before, last = weights(nlp, "seqlabel_tagger"), tagger.predict([doc])[0].scores
    with nlp.use_params(sgd.averages):
        inside = weights(nlp, "seqlabel_tagger")
        averaged = tagger.predict([doc])[0].scores
    assert not np.allclose(last, averaged, atol=1e-4)
    assert not any(torch.equal(inside[name], before[name]) for name in inside)
    assert equal(before, weights(nlp, "seqlabel_tagger"))
    assert np.array_equal(tagger.predict([doc])[0].scores, last)


def test_the_pretrained_layers_learn_at_the_lower_rate(encoder):
    nlp = blank(encoder, "seqlabel_tagger")
    data = examples(nlp)
    nlp.initialize(lambda: data)
    shim = shim_of(nlp.get_pipe("seqlabel_tagger").model)
    rates = {}

    class Watching(Optimizer):
        def __call__(self, key, weights, gradient, *, lr_scale=1.0):
            rates[key[1]] = lr_scale
            return weights, gradient

    nlp.get_pipe("seqlabel_tagger").update(data)
    shim.finish_update(Watching(0.1))
    assert {rates[name] for name in rates if name.startswith("encoder.")} == {0.3}
    assert {rates[name] for name in rates if name.startswith(("second.", "heads."))} == {1.0}
    assert len(rates) == len(list(shim.part.module.parameters()))


def test_the_dropout_of_the_training_reaches_the_layers(encoder):
    nlp = blank(encoder, "seqlabel_tagger")
    nlp.initialize(lambda: examples(nlp))
    nlp.update(examples(nlp, 4), drop=0.25, sgd=Adam(0.01))
    module = shim_of(nlp.get_pipe("seqlabel_tagger").model).part.module
    assert module.dropout.rate == 0.25
    nlp("Ann saw Rome.")
    assert not any(part.training for part in module.modules())


def test_a_shim_that_holds_nothing_is_stored_as_nothing():
    shim = pickle.loads(pickle.dumps(TorchShim(lower_rate=0.5)))
    assert (shim.part, shim.lower_rate, shim.to_bytes()) == (None, 0.5, b"")
