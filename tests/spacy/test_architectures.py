"""The encoder under spaCy's own components: one pass for all, exact gradients, and files, processes
and threads.
"""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Adam

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.tagging import inference
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.nn.networks import TaggingModel
from seqlabel.spacy.architectures import recurrent_classifier, recurrent_labeler, recurrent_tok2vec
from seqlabel.spacy.shim import shim_of
from tests.spacy_models import (
    annotation,
    assert_same_in_processes,
    gold_docs,
    is_pickle,
    some_texts,
    tiny_encoder,
    tiny_labeler,
)

WIDTH = 24
LISTENERS = ["tagger", "morphologizer", "parser", "ner", "textcat", "spancat"]
KEYS = ["tag_acc", "pos_acc", "dep_uas", "ents_f", "cats_score", "spans_sc_f"]


def rich_docs(vocab, count, *, seed=0):
    """Sentences with something to learn for each of spaCy's components: the verb is the head of all
    words.
    """
    docs = []
    for gold in gold_docs(vocab, count, seed=seed):
        verb = [token.pos_ for token in gold].index("VERB")
        parts = {"tags": [t.tag_ for t in gold], "pos": [t.pos_ for t in gold]}
        deps = ["ROOT" if token.i == verb else "dep" for token in gold]
        doc = Doc(vocab, words=[t.text for t in gold], heads=[verb] * len(gold), deps=deps, **parts)
        doc.ents = [Span(doc, entity.start, entity.end, entity.label_) for entity in gold.ents]
        doc.spans["sc"] = list(doc.ents)
        doc.cats = gold.cats
        docs.append(doc)
    return docs


def rich_examples(nlp, count=60, *, seed=0):
    return [
        Example(Doc(nlp.vocab, words=[t.text for t in d]), d)
        for d in rich_docs(nlp.vocab, count, seed=seed)
    ]


def blank(encoder, pipes=LISTENERS):
    """spaCy's own components, all of which listen to one encoder of this library's."""
    nlp = spacy.blank("en")
    architecture = "seqlabel.RecurrentTok2Vec.v1"
    model = {
        "@architectures": architecture,
        "width": WIDTH,
        "encoder": encoder,
        "word_dropout": 0.0,
    }
    nlp.add_pipe("tok2vec", config={"model": model})
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH}
    for name in pipes:
        defaults = nlp.get_factory_meta(name).default_config["model"]
        own = {"model": {**defaults, "tok2vec": listener}}
        if name == "textcat":
            own = {
                "model": {
                    "@architectures": "spacy.TextCatReduce.v1",
                    "tok2vec": listener,
                    "use_reduce_mean": True,
                }
            }
            own["model"] |= {
                "exclusive_classes": True,
                "use_reduce_first": False,
                "use_reduce_last": False,
            }
            own["model"] |= {"use_reduce_max": False}
        nlp.add_pipe(name, config=own)
    return nlp


def train(nlp, data, steps=80, **optimizer):
    fix_random_seed(0)
    nlp.initialize(lambda: data)
    sgd = Adam(0.02, L2=0.0, **optimizer)
    for step in range(steps):
        start = 12 * step % len(data)
        nlp.update(data[start : start + 12], sgd=sgd, drop=0.1)
    return sgd


@pytest.fixture(scope="module")
def trained(encoder):
    nlp = blank(encoder)
    train(nlp, rich_examples(nlp), steps=8)
    return nlp


def weights(nlp):
    return {
        name: t.clone()
        for name, t in shim_of(nlp.get_pipe("tok2vec").model).part.module.state_dict().items()
    }


def equal(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def everything(doc):
    """What the six components write."""
    tokens = [(t.tag_, t.pos_, t.head.i, t.dep_) for t in doc]
    return (
        annotation(doc),
        tokens,
        {label: pytest.approx(score, abs=1e-5) for label, score in doc.cats.items()},
    )


def same(found, expected):
    assert [everything(doc) for doc in found] == [everything(doc) for doc in expected]


@pytest.mark.slow
def test_it_drives_all_of_spacys_components(encoder):
    nlp = blank(encoder)
    train(nlp, rich_examples(nlp))
    found = nlp.evaluate(rich_examples(nlp, 30, seed=1))
    assert min(found[key] for key in KEYS[:4]) >= 0.85
    # Fewer steps teach them less; the likelier category alone would give 0.4.
    assert min(found[key] for key in KEYS[4:]) > 0.6


class Count:
    def __init__(self, monkeypatch, owner, name):
        self.calls = 0
        call = getattr(owner, name)

        def counted(*arguments, **named):
            self.calls += 1
            return call(*arguments, **named)

        monkeypatch.setattr(owner, name, counted)


def test_one_pass_of_the_encoder_feeds_them_all(trained, encoder, monkeypatch):
    reading, training = (
        Count(monkeypatch, inference, "_rows"),
        Count(monkeypatch, TaggingModel, "hidden"),
    )
    assert trained.get_pipe("tok2vec").listening_components == LISTENERS
    trained("Ann saw New Delhi often.")
    assert (reading.calls, training.calls) == (1, 0)
    list(trained.pipe(["Ann saw Rome."] * 10))
    assert (reading.calls, training.calls) == (2, 0)
    nlp = blank(encoder)
    data = rich_examples(nlp, 40)
    nlp.initialize(lambda: data)
    reading.calls = training.calls = 0
    nlp.update(data, sgd=Adam(0.01))
    assert (reading.calls, training.calls) == (0, 1)


@pytest.mark.parametrize("words", [0, 1, 7, 1300])
def test_vectors_and_gradients_are_those_of_torch(words, encoder):
    """Against the module run by torch alone on the same windows, white space included, which gets
    zeros.
    """
    nlp = spacy.blank("en")
    model = recurrent_tok2vec(width=WIDTH, encoder=encoder, word_dropout=0.0)
    docs = [
        Doc(nlp.vocab, words=["\n", *(["Ann", "saw", "Rome", "."] * 400)[:words], " "]),
        nlp("Bob left."),
    ]
    model.initialize(docs)
    labeler = shim_of(model).part
    chance = np.random.default_rng(0)
    wanted = [chance.standard_normal((len(doc), WIDTH)).astype("float32") for doc in docs]
    found, backprop = model.begin_update(docs)
    assert backprop(wanted) == []
    gradients = {
        name: p.grad.clone() for name, p in labeler.module.named_parameters() if p.grad is not None
    }
    labeler.module.zero_grad()
    for doc, vectors, gradient in zip(docs, found, wanted, strict=True):
        places = [token.i for token in doc if not token.text.isspace()]
        expected = np.zeros((len(doc), WIDTH), dtype="float32")
        for start in range(0, len(places), 512):
            first, last = max(start - 64, 0), min(start + 512 + 64, len(places))
            inside = places[start : start + 512]
            inputs = labeler.words([[doc[place].text for place in places[first:last]]])
            states = labeler.module.hidden(inputs, torch.tensor([last - first]))[0]
            rows = states[start - first : start - first + len(inside)]
            (rows * torch.from_numpy(gradient[inside])).sum().backward()
            expected[inside] = rows.detach().numpy()
        np.testing.assert_allclose(vectors, expected, atol=1e-5)
    for name, parameter in labeler.module.named_parameters():
        if parameter.grad is not None:
            torch.testing.assert_close(gradients[name], parameter.grad, atol=1e-3, rtol=1e-3)
    assert any(name.startswith("encoder.") for name in gradients)
    # In the numbers of the training, also where the processor has faster ones.
    shim_of(model).inference.arithmetic = Arithmetic.FLOAT32
    for vectors, predicted in zip(found, model.predict(docs), strict=True):
        np.testing.assert_allclose(vectors, predicted, atol=1e-4)


@pytest.mark.parametrize("fresh", [False, True])
def test_initialising_again_starts_over(fresh, encoder):
    nlp = blank(None if fresh else encoder, ["tagger"])
    data = rich_examples(nlp, 12)
    tok2vec = nlp.get_pipe("tok2vec")
    found = []
    for _ in range(2):
        fix_random_seed(0)
        nlp.initialize(lambda: data)
        found.append(tok2vec.model.to_bytes())
        # spaCy's output layer begins with zeros, and the encoder is stepped with the gradients of
        # the pass before.
        for _ in range(3):
            nlp.update(data, sgd=Adam(0.02))
        found.append(tok2vec.model.to_bytes())
        # A pass whose gradients never come, and what waits for it, are of the weights that were.
        tok2vec.model.begin_update([example.predicted for example in data])
        tok2vec.finish_update(Adam(0.02))
    assert found[0] != found[1]
    assert found[:2] == found[2:]


def test_a_loaded_pipeline_is_initialised_again_and_a_sourced_encoder_stays(
    trained, encoder, tmp_path
):
    trained.to_disk(tmp_path / "pipeline")
    nlp, new = spacy.load(tmp_path / "pipeline"), blank(encoder)
    for one in (nlp, new):
        fix_random_seed(0)
        one.initialize(lambda one=one: rich_examples(one, 40))
    assert equal(weights(nlp), weights(new))
    before = weights(nlp)
    for _ in range(3):
        nlp.update(rich_examples(nlp, 12), sgd=Adam(0.02))
    assert not equal(before, weights(nlp))
    # As `spacy train` does with components that it sources.
    sourced = spacy.blank("en")
    sourced.add_pipe("tok2vec", source=spacy.load(tmp_path / "pipeline"))
    sourced.add_pipe(
        "tagger", config={"model": blank(encoder, ["tagger"]).get_pipe_config("tagger")["model"]}
    )
    with sourced.select_pipes(disable=["tok2vec"]):
        sourced.initialize(lambda: rich_examples(sourced, 40))
    assert equal(weights(sourced), weights(trained))
    for _ in range(3):
        sourced.update(rich_examples(sourced, 12), sgd=Adam(0.02))
    assert not equal(weights(sourced), weights(trained))


def test_an_encoder_that_is_not_there_is_an_error_of_initialising_alone(tmp_path):
    nlp = blank(tiny_encoder(tmp_path / "gone"), ["tagger"])
    nlp.initialize(lambda: rich_examples(nlp, 12))
    (tmp_path / "gone").rename(tmp_path / "elsewhere")
    nlp = blank(None, ["tagger"]).from_bytes(nlp.to_bytes())
    assert len(nlp("Ann left."))
    with pytest.raises(CheckpointError, match="gone: there is no such folder"):
        nlp.initialize(lambda: rich_examples(nlp, 12))


def test_layers_without_weights_say_so(encoder):
    with pytest.raises(OptionError, match="seqlabel_tok2vec: "):
        blank(encoder, ["tagger"])("Ann left.")
    for make in (recurrent_labeler, recurrent_classifier):
        with pytest.raises(OptionError):
            make(encoder=encoder).predict([spacy.blank("en")("Ann left.")])


@pytest.mark.parametrize(
    ("option", "values", "makers"),
    [
        ("encoder", [""], [recurrent_labeler, recurrent_classifier, recurrent_tok2vec]),
        (
            "lower_rate",
            [-1, float("inf"), float("nan")],
            [recurrent_labeler, recurrent_classifier, recurrent_tok2vec],
        ),
        ("word_dropout", [2], [recurrent_labeler, recurrent_tok2vec]),
        ("hidden", [0], [recurrent_labeler]),
        ("width", [0, 7], [recurrent_tok2vec]),
    ],
)
def test_numbers_that_layers_cannot_have_are_refused(option, values, makers):
    for make in makers:
        for value in values:
            with pytest.raises(OptionError, match=f"{option}: "):
                make(**{option: value})


def test_a_width_that_does_not_fit_the_encoder_is_refused(tmp_path):
    tiny_labeler().save(tmp_path / "labeler")
    model = recurrent_tok2vec(width=WIDTH, encoder=str(tmp_path / "labeler"))
    with pytest.raises(OptionError, match=r"width: "):
        model.initialize([spacy.blank("en")("Ann")])


TEXTS = ["Ann visited Oslo again.", "", " ", "Bob\n saw  New Delhi often .", *some_texts(6)]


def test_round_trips(trained, encoder, tmp_path):
    expected = list(trained.pipe(TEXTS))
    trained.to_disk(tmp_path / "pipeline")
    loaded = spacy.load(tmp_path / "pipeline")
    same(loaded.pipe(TEXTS), expected)
    # Not one just trained: spaCy's listeners then hold functions that cannot be pickled.
    same(pickle.loads(pickle.dumps(loaded)).pipe(TEXTS), expected)
    other = blank(encoder)
    other.initialize(lambda: rich_examples(other, 40))
    same(other.from_bytes(trained.to_bytes()).pipe(TEXTS), expected)
    # spaCy's textcat says of an empty Doc by itself something else than in a batch.
    same(map(trained, filter(None, TEXTS)), [doc for doc in expected if len(doc)])
    data = (tmp_path / "pipeline" / "tok2vec" / "model").read_bytes()
    assert b"safetensors" in data
    assert not is_pickle(data)


def test_threads_say_the_same(trained):
    expected = [trained(text) for text in TEXTS * 5]
    with ThreadPoolExecutor(8) as pool:
        same(pool.map(trained, TEXTS * 5), expected)


@pytest.mark.slow
def test_processes_say_the_same_and_do_not_hang(encoder, tmp_path):
    nlp = blank(encoder, ["tagger", "ner"])
    nlp.initialize(lambda: rich_examples(nlp, 10))
    nlp.to_disk(tmp_path / "pipeline")
    assert_same_in_processes(tmp_path / "pipeline")
