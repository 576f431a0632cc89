"""Trainable pipes: spaCy's optimizer, averages, accumulation, resuming and commands work on them as
on its own. What all pipes promise is in `test_contract.py`.
"""

import json
import pickle
import re
import subprocess
import sys
import textwrap
import venv
import warnings
from contextlib import chdir, redirect_stdout
from io import StringIO

import pytest
import spacy
import torch
from spacy.cli._util import app
from spacy.lang.en import English
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Corpus, Example
from spacy.util import load_config
from thinc.api import Adam

from seqlabel.documents.tag_sets import MISSING
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.trained import load_trained
from seqlabel.spacy.doc_words import words_of
from seqlabel.spacy.shim import shim_of
from tests.spacy_models import (
    PIPES,
    annotation,
    assert_same,
    blank,
    equal,
    examples,
    gold_docs,
    some_texts,
    tiny_encoder,
    train,
    weights,
)

KEYS = {"seqlabel_tagger": "tag_acc", "seqlabel_ner": "ents_f", "seqlabel_textcat": "cats_score"}


@pytest.fixture(scope="module")
def trained(encoder):
    nlp = blank(encoder)
    train(nlp, examples(nlp))
    return nlp


def test_a_training_learns(trained):
    found = trained.evaluate(examples(trained, 30, seed=1))
    for key in KEYS.values():
        assert found[key] == 1.0
    doc = trained("Ann saw New Delhi often.")
    assert [(span.text, span.label_) for span in doc.ents] == [("Ann", "PER"), ("New Delhi", "LOC")]
    assert doc.spans["seqlabel_ner"].attrs["scores"] == pytest.approx([1.0, 1.0], abs=0.2)
    assert [token.tag_ for token in doc] == [
        "tPROPN",
        "tVERB",
        "tPROPN",
        "tPROPN",
        "tADV",
        "tPUNCT",
    ]
    assert doc.cats["south"] > 0.5 > doc.cats["north"]
    assert trained.get_pipe("seqlabel_ner").labels == ("LOC", "PER")


def test_an_encoder_that_has_read_nothing(encoder):
    nlp = blank(None, "seqlabel_tagger")
    nlp.initialize(lambda: examples(nlp))
    part = shim_of(nlp.get_pipe("seqlabel_tagger").model).part
    assert {"Ann", "visited"} <= set(part.vocabulary)
    nlp.update(examples(nlp, 2), sgd=Adam(0.01))


def test_a_perfect_model_scores_1():
    for pipes in (PIPES[:1], PIPES):
        nlp = spacy.blank("en")
        for pipe in pipes:
            nlp.add_pipe(pipe)
        weights = nlp.config["training"]["score_weights"]
        perfect = {"tag_acc": 1.0, "ents_f": 1.0, "cats_score": 1.0}
        assert sum(
            perfect.get(key, 0.0) * (weight or 0.0) for key, weight in weights.items()
        ) == pytest.approx(1, abs=0.02)


def initialize_without_labels(nlp):
    doc = nlp.make_doc("the cat sat")
    nlp.initialize(lambda: [Example(doc, doc)])


@pytest.mark.parametrize(
    "use",
    [lambda nlp: nlp("Ann saw Rome."), initialize_without_labels],
)
@pytest.mark.parametrize("pipe", PIPES)
def test_a_pipe_that_is_not_trained_or_finds_no_labels_says_so(encoder, pipe, use):
    with pytest.raises(OptionError, match=f"^{pipe}: "):
        use(blank(encoder, pipe))


@pytest.mark.parametrize("pipe", PIPES)
def test_a_reader_that_finds_no_examples_is_an_error(encoder, pipe, tmp_path):
    nlp = blank(encoder, pipe)
    (tmp_path / "train.spcy").write_bytes(b"")
    corpus = Corpus(tmp_path / "train.spcy")
    with pytest.warns(UserWarning, match="W090"), pytest.raises(OptionError, match=f"^{pipe}: "):
        nlp.initialize(lambda: corpus(nlp))


@pytest.mark.parametrize("pipe", PIPES)
def test_a_model_of_the_wrong_kind_is_refused(encoder, pipe):
    kind = "Labeler" if pipe == "seqlabel_textcat" else "Classifier"
    wrong = {"@architectures": f"seqlabel.Recurrent{kind}.v1", "encoder": encoder}
    other = spacy.blank("en").get_factory_meta("tagger").default_config["model"]["tok2vec"]
    for model in (wrong, other):
        # `add_pipe` would fill in from the defaults of the right one.
        config = {
            "nlp": {"lang": "en", "pipeline": [pipe]},
            "components": {pipe: {"factory": pipe, "model": model}},
        }
        with pytest.raises(OptionError, match=f"{pipe}: "):
            English.from_config(config)


@pytest.mark.parametrize(
    ("pipe", "option", "value"),
    [("seqlabel_tagger", "attribute", "lemma"), ("seqlabel_ner", "existing", "x")],
)
def test_a_choice_that_is_not_there_is_refused(pipe, option, value):
    with pytest.raises(OptionError, match=f"^{option}: "):
        blank(None, pipe, **{option: value})


def test_an_encoder_that_is_not_there_is_an_error_of_initialising(tmp_path):
    nlp = blank(str(tmp_path / "nowhere"), "seqlabel_ner")
    with pytest.raises(CheckpointError, match="nowhere: "):
        nlp.initialize(lambda: examples(nlp))


@pytest.mark.parametrize("pipe", PIPES)
def test_a_gold_label_that_is_not_among_the_labels_is_refused(encoder, pipe):
    nlp = blank(encoder, pipe)
    labels = {
        "seqlabel_tagger": ["tVERB", "tPUNCT"],
        "seqlabel_ner": ["PER"],
        "seqlabel_textcat": ["x", "north"],
    }
    nlp.get_pipe(pipe).initialize(lambda: examples(nlp), nlp=nlp, labels=labels[pipe])
    with pytest.raises(DataError, match=pipe):
        nlp.update(examples(nlp), sgd=Adam(0.01))


def same_after(nlp, other):
    texts = [*some_texts(), *(doc.text for doc in gold_docs(nlp.vocab, 10))]
    assert_same(other.pipe(texts), nlp.pipe(texts), tolerance=0.0)


def test_weights_travel_into_pipes_that_were_made_for_other_labels(trained, encoder, tmp_path):
    other = blank(encoder)
    labels = {"seqlabel_tagger": "abc", "seqlabel_ner": "xyz", "seqlabel_textcat": "abcde"}
    for name in PIPES:
        pipe = other.get_pipe(name)
        pipe.initialize(lambda: examples(other), nlp=other, labels=list(labels[name]))
    same_after(trained, other.from_bytes(trained.to_bytes()))
    trained.to_disk(tmp_path / "pipeline")
    for name in PIPES:
        assert load_trained(tmp_path / "pipeline" / name).module is not None


def test_two_trainings_with_one_seed_are_the_same(encoder):
    found = []
    for _ in range(2):
        nlp = blank(encoder)
        train(nlp, examples(nlp), steps=4)
        found.append([weights(nlp, name) for name in PIPES])
    assert all(equal(one, other) for one, other in zip(*found, strict=True))


def test_without_an_optimizer_nothing_is_stepped_and_gradients_add_up(encoder):
    nlp = blank(encoder, "seqlabel_ner")
    data = examples(nlp, 8)
    nlp.initialize(lambda: data)
    before = weights(nlp, "seqlabel_ner")
    ner = nlp.get_pipe("seqlabel_ner")
    module = shim_of(ner.model).part.module
    module.encoder.embedder.word_dropout = 0.0
    losses = {}
    ner.update(data, losses=losses)
    assert losses["seqlabel_ner"] > 0
    assert equal(before, weights(nlp, "seqlabel_ner"))
    gradient = module.heads[0].output.weight.grad.clone()
    assert gradient.abs().sum() > 0
    ner.update(data)
    torch.testing.assert_close(module.heads[0].output.weight.grad, 2 * gradient)
    ner.finish_update(Adam(0.01))
    assert not equal(before, weights(nlp, "seqlabel_ner"))
    assert module.heads[0].output.weight.grad is None


def test_a_label_that_is_added_before_initialising_is_one_of_all(encoder):
    nlp = blank(encoder, "seqlabel_ner")
    nlp.get_pipe("seqlabel_ner").add_label("ZZZ")
    nlp.initialize(lambda: examples(nlp))
    assert nlp.get_pipe("seqlabel_ner").labels == ("LOC", "PER", "ZZZ")


def test_add_label_keeps_what_was_learnt(encoder):
    nlp = blank(encoder)
    sgd = train(nlp, examples(nlp), steps=15)
    texts = [doc.text for doc in gold_docs(nlp.vocab, 10)]
    before = [annotation(doc) for doc in nlp.pipe(texts)]
    for name in PIPES:
        pipe = nlp.get_pipe(name)
        size = len(pipe.labels)
        with torch.no_grad():
            assert pipe.add_label("NEW") == 1
            assert pipe.add_label("NEW") == 0
            assert len(pipe.labels) == size + 1 == len(pipe.label_data)
            # A fresh row says something; for what was learnt to be seen, it must say little.
            for tensor_name, tensor in shim_of(pipe.model).part.module.named_parameters():
                if tensor_name.endswith(("output.bias", "layers.5.bias")):
                    tensor[tensor.shape[0] - (4 if name == "seqlabel_ner" else 1) :] = -30
    after = [annotation(doc) for doc in nlp.pipe(texts)]
    assert [one[:2] for one in before] == [one[:2] for one in after]
    # The old optimizer has moments of other shapes for these weights; it must not take them.
    nlp.update(examples(nlp, 8), sgd=sgd)


@pytest.mark.parametrize("pipe", PIPES)
def test_labels_that_cannot_be_leave_a_pipe_as_it_was(trained, pipe):
    nlp = pickle.loads(pickle.dumps(trained))
    before = nlp.get_pipe(pipe).labels
    for labels in (["PER", 3], ["PER", ""], ["PER", "PER"], []):
        with pytest.raises(OptionError):
            nlp.get_pipe(pipe).initialize(lambda: examples(nlp), nlp=nlp, labels=labels)
    for label in (3, "", None):
        with pytest.raises(OptionError, match=repr(label)):
            nlp.get_pipe(pipe).add_label(label)
    assert nlp.get_pipe(pipe).labels == before
    same_after(trained, nlp)


class TestGold:
    def ids(self, nlp, example):
        ner = nlp.get_pipe("seqlabel_ner")
        ids = ner._gold(example, words_of(example.predicted)).tolist()
        tags = ner._part().tag_sets[0].tags
        return [None if number == MISSING else tags[number] for number in ids]

    @pytest.fixture
    def nlp(self, encoder):
        nlp = blank(encoder, "seqlabel_ner", "seqlabel_tagger")
        nlp.initialize(lambda: examples(nlp))
        return nlp

    def test_entities_of_the_same_words(self, nlp):
        (example,) = examples(nlp, 1, seed=9)
        expected = ["O"] * len(example.predicted)
        for entity in example.reference.ents:
            size = entity.end - entity.start
            tags = ["S"] if size == 1 else ["B", *["I"] * (size - 2), "E"]
            expected[entity.start : entity.end] = [f"{tag}-{entity.label_}" for tag in tags]
        assert self.ids(nlp, example) == expected
        assert not nlp.get_pipe("seqlabel_ner").repairs

    def test_an_entity_that_is_part_of_a_word_takes_the_word(self, nlp):
        predicted = Doc(nlp.vocab, words=["x-Ann", "left", "Oslo"])
        reference = Doc(
            nlp.vocab,
            words=["x", "-", "Ann", "left", "Oslo"],
            spaces=[False, False, True, True, True],
        )
        reference.ents = [Span(reference, 2, 3, "PER"), Span(reference, 4, 5, "LOC")]
        assert self.ids(nlp, Example(predicted, reference)) == ["S-PER", "O", "S-LOC"]
        repairs = nlp.get_pipe("seqlabel_ner").repairs
        assert (repairs.moved, repairs.lost, repairs.overlapping) == (1, 0, 0)

    def test_entities_that_meet_in_one_word_and_a_warning(self, nlp):
        predicted = Doc(nlp.vocab, words=["Ann-Oslo", "left", "."])
        reference = Doc(
            nlp.vocab,
            words=["Ann", "-", "Oslo", "left", "."],
            spaces=[False, False, True, False, False],
        )
        reference.ents = [Span(reference, 0, 1, "PER"), Span(reference, 2, 3, "LOC")]
        with pytest.warns(
            UserWarning, match="seqlabel_ner: .* moved to word borders: 2, .* left out: 1"
        ):
            nlp.get_pipe("seqlabel_ner").update([Example(predicted, reference)])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            nlp.get_pipe("seqlabel_ner").update([Example(predicted, reference)])
        assert nlp.get_pipe("seqlabel_ner").repairs.moved == 4

    def test_entities_over_white_space(self, nlp):
        predicted = Doc(nlp.vocab, words=["New", "\n", "Delhi", " "], spaces=[False] * 4)
        reference = Doc(nlp.vocab, words=["New", "\n", "Delhi", " "], spaces=[False] * 4)
        reference.ents = [Span(reference, 0, 4, "LOC")]
        assert self.ids(nlp, Example(predicted, reference)) == ["B-LOC", "E-LOC"]
        assert not nlp.get_pipe("seqlabel_ner").repairs

    def test_missing_entities(self, nlp):
        words = ["Ann", "left", "Oslo", "."]
        predicted, reference = Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words)
        assert self.ids(nlp, Example(predicted, reference)) == [None] * 4
        reference.set_ents(
            [Span(reference, 0, 1, "PER")], outside=[Span(reference, 1, 2)], default="missing"
        )
        assert self.ids(nlp, Example(predicted, reference)) == ["S-PER", "O", None, None]

    def test_missing_gold_gives_no_gradient(self, nlp):
        bare = [
            Example(nlp.make_doc("Ann left."), nlp.make_doc("Ann left.")),
            Example(nlp.make_doc(""), nlp.make_doc("")),
        ]
        before = [weights(nlp, name) for name in ("seqlabel_ner", "seqlabel_tagger")]
        losses = {}
        nlp.update(bare, sgd=Adam(0.1), losses=losses)
        assert losses == {"seqlabel_ner": 0.0, "seqlabel_tagger": 0.0}
        assert all(
            equal(one, weights(nlp, name))
            for one, name in zip(before, ("seqlabel_ner", "seqlabel_tagger"), strict=True)
        )

    def test_a_word_of_several_tags_has_none(self, nlp):
        predicted = Doc(nlp.vocab, words=["Ann-", "saw"])
        reference = Doc(
            nlp.vocab,
            words=["Ann", "-", "saw"],
            spaces=[False, True, False],
            tags=["tPROPN", "tPUNCT", "tVERB"],
        )
        with pytest.warns(UserWarning, match=r"words without a gold word of their own: 1\."):
            nlp.get_pipe("seqlabel_tagger").update([Example(predicted, reference)])

    @pytest.mark.parametrize(
        ("words", "gold", "expected"),
        [
            ("do n't go", "don't go", [None, None, "tVERB"]),
            ("ab c go", "a bc go", [None, None, "tVERB"]),
            ("a\n go", "a go", ["tVERB", "tVERB"]),
        ],
    )
    def test_the_parts_of_a_word_have_no_tags(self, nlp, words, gold, expected):
        words, gold = words.split(" "), gold.split(" ")
        predicted = Doc(
            nlp.vocab, words=[part for word in words for part in word.partition("\n") if part]
        )
        reference = Doc(nlp.vocab, words=gold, tags=["tVERB"] * len(gold), pos=["VERB"] * len(gold))
        tagger = nlp.get_pipe("seqlabel_tagger")
        ids = tagger._gold(Example(predicted, reference), words_of(predicted)).tolist()
        assert [None if number == MISSING else tagger.labels[number] for number in ids] == expected
        assert tagger.repairs.words == expected.count(None)
        # Without any tags none is lost.
        bare = Example(predicted, Doc(nlp.vocab, words=gold))
        assert set(tagger._gold(bare, words_of(predicted)).tolist()) == {MISSING}
        assert tagger.repairs.words == expected.count(None)

    def test_the_parts_of_a_word_are_in_its_entity(self, nlp):
        predicted = Doc(nlp.vocab, words=["Ann", "'s", "left"], spaces=[False, True, False])
        reference = Doc(nlp.vocab, words=["Ann's", "left"])
        reference.ents = [Span(reference, 0, 1, "PER")]
        assert self.ids(nlp, Example(predicted, reference)) == ["B-PER", "E-PER", "O"]
        assert not nlp.get_pipe("seqlabel_ner").repairs


def test_one_word_white_space_and_long_docs_train(encoder):
    nlp = blank(encoder)
    data = examples(nlp, 4)
    nlp.initialize(lambda: data)
    long = Doc.from_docs(gold_docs(nlp.vocab, 120))
    long.cats = {"north": 1.0, "south": 0.0}
    assert len(long) > 600
    texts = [Doc(nlp.vocab, words=["Ann"], tags=["tPROPN"]), long]
    nlp.update(
        [Example(Doc(nlp.vocab, words=[t.text for t in doc]), doc) for doc in texts], sgd=Adam(0.01)
    )


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    tiny_encoder(folder / "encoder")
    nlp = spacy.blank("en")
    DocBin(docs=gold_docs(nlp.vocab, 120)).to_disk(folder / "train.spacy")
    DocBin(docs=gold_docs(nlp.vocab, 20, seed=1)).to_disk(folder / "dev.spacy")
    return folder


def run(work, *arguments):
    """What a command of spaCy's prints."""
    printed = StringIO()
    # spaCy's `package` leaves files to be closed by the garbage collector.
    with chdir(work), redirect_stdout(printed), warnings.catch_warnings(action="ignore"):
        try:
            app(list(map(str, arguments)), standalone_mode=False)
        except SystemExit as end:
            if end.code:
                pytest.fail(printed.getvalue())
    return printed.getvalue()


@pytest.fixture(scope="module")
def config(work):
    run(work, "init", "config", "config.cfg", "-p", ",".join(PIPES), "--force")
    config = load_config(work / "config.cfg")
    config["paths"] |= {"train": "train.spacy", "dev": "dev.spacy"}
    for name in PIPES:
        config["components"][name]["model"]["encoder"] = "encoder"
    for name in PIPES[:2]:
        config["components"][name]["model"]["hidden"] = 12
    config["training"] |= {"max_steps": 24, "eval_frequency": 12, "accumulate_gradient": 2}
    config["training"]["optimizer"] |= {"learn_rate": 0.02, "L2": 0.0, "use_averages": True}
    config.to_disk(work / "config.cfg")
    return "config.cfg"


@pytest.fixture(scope="module")
def model(work, config):
    run(work, "train", config, "-o", "out")
    return "out/model-best"


def test_train_and_evaluate(work, model):
    run(work, "evaluate", model, "dev.spacy", "--gold-preproc", "-o", "scores.json")
    found = json.loads((work / "scores.json").read_text())
    assert found["tag_acc"] > 0.9
    assert found["ents_f"] > 0.9


def test_labels_and_data(work, config):
    run(work, "init", "labels", config, "labels")
    assert json.loads((work / "labels" / "seqlabel_ner.json").read_text()) == ["LOC", "PER"]
    assert "20 evaluation docs" in run(work, "debug", "data", config)


def test_go_on_from_the_last_model(work, model):
    config = load_config(work / "config.cfg")
    config["components"] = {name: {"source": "out/model-last"} for name in PIPES}
    config["training"] |= {
        "frozen_components": PIPES[:1],
        "annotating_components": PIPES[:1],
        "max_steps": 4,
    }
    config.to_disk(work / "more.cfg")
    run(work, "train", "more.cfg", "-o", "more")
    old, new = (spacy.load(work / name / "model-last") for name in ("out", "more"))
    assert equal(weights(old, PIPES[0]), weights(new, PIPES[0]))
    assert not equal(weights(old, PIPES[1]), weights(new, PIPES[1]))


@pytest.mark.slow
def test_package_install_and_load(work, model):
    """In a new environment, which sees the dependencies but is not the one that trained, and
    without a network.
    """
    pytest.importorskip("pip", reason="pip is not installed")
    (work / "packages").mkdir()
    run(work, "package", model, "packages", "--build", "sdist", "--name", "tiny", "--force")
    (archive,) = (work / "packages").glob("*/dist/*.tar.gz")
    (meta,) = (work / "packages").glob("*/meta.json")
    assert any(
        one.startswith("seqlabel-rnn>=") for one in json.loads(meta.read_text())["requirements"]
    )
    # The card has a score for each that was measured, and no 0.00 for one that was not.
    scores = re.findall(
        r"\| `(\w+)` \| ([\d.]+) \|", next((work / "packages").glob("*/README.md")).read_text()
    )
    assert {"TAG_ACC", "ENTS_F", "CATS_SCORE"} <= {name for name, _ in scores}
    assert not {name for name, _ in scores if name.startswith("POS")}
    venv.create(work / "fresh", with_pip=False)
    python = work / "fresh" / "bin" / "python"
    (site,) = (work / "fresh" / "lib").glob("python*/site-packages")
    (site / "dependencies.pth").write_text(
        "".join(f"import site; site.addsitedir({one!r})\n" for one in sys.path if one)
    )
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        python,
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
    ]
    subprocess.run([*install, "--no-build-isolation", archive], check=True, timeout=600)
    texts = [*some_texts(6), "Ann visited Oslo again."]
    expected = list(spacy.load(work / model).pipe(texts))
    code = f"""
        import socket, sys
        def refuse(*arguments, **named): raise OSError("no network")
        socket.socket.connect = socket.create_connection = refuse
        import en_tiny
        from spacy.tokens import DocBin
        assert en_tiny.__file__.startswith({str(work / "fresh")!r})
        DocBin(docs=en_tiny.load().pipe({texts!r}), store_user_data=True).to_disk("there.spacy")
    """
    subprocess.run([python, "-c", textwrap.dedent(code)], cwd=work, timeout=600, check=True)
    assert_same(
        DocBin().from_disk(work / "there.spacy").get_docs(spacy.blank("en").vocab), expected
    )


class Asked:
    """An example that counts how often it is asked how its Docs align: spaCy then compares them
    again.
    """

    def __init__(self, example):
        self.reference, self.predicted = example.reference, example.predicted
        self._example = example
        self.times = 0

    @property
    def alignment(self):
        self.times += 1
        return self._example.alignment


@pytest.mark.parametrize("pipe", ["seqlabel_tagger", "seqlabel_ner"])
def test_the_alignment_of_gold_is_computed_once(encoder, pipe):
    nlp = blank(encoder, pipe)
    doc = Doc(nlp.vocab, words=["the", "cat"] * 20, tags=["A", "B"] * 20, ents=["O", "B-X"] * 20)
    example = Example(nlp.make_doc(doc.text), doc)
    nlp.initialize(lambda: [example])
    asked = Asked(example)
    nlp.get_pipe(pipe)._gold(asked, words_of(example.predicted))
    assert asked.times == 1
