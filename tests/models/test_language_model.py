"""A model that was saved is the model that is loaded, or one error says which file is to blame."""

import dataclasses
import errno

import numpy as np
import pytest
import torch

from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.documents.categories import Categories
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.generation import Sampling, generate
from seqlabel.models.language_model import LanguageModel, WordLanguageModel, load_language_model
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import (
    LanguageModelConfig,
    PieceModelConfig,
    PointerConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.nn.networks import CopyingLanguageModel, english_config
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import evaluate
from tests.labelers import strengthen, tiny_encoder
from tests.model_folders import change_config, sign
from tests.weights import same_weights

VOCABULARY = Vocabulary(["xxunk", "xxbos", "one", "two", "three", ",", "naïve", "数"])
SMALL = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=6, hidden=6)
POINTER = dataclasses.replace(SMALL, pointer=PointerConfig(width=3, window=4))
CONFIGS = [
    SMALL,
    POINTER,
    *(
        dataclasses.replace(config, recurrence=recurrence, dropout=0.3, embedding_dropout=0.1)
        for recurrence in Recurrence
        for config in (SMALL, POINTER)
    ),
    dataclasses.replace(SMALL, embedding=5, layers=3, tied=False),
]
TAGS = TagSet("upos", ("A", "B"))
FILES = ["config.json", "model.safetensors", "vocabulary.json"]
SENTENCE = "one , two , three Oslo naïve 数 , two one one , Oslo two"
TEXT = ["xxbos", *SENTENCE.split()]


def one_way(config=SMALL, seed=0, vocabulary=VOCABULARY):
    return tiny_encoder(config, vocabulary, seed=seed)


TWO_WAY = WordModelConfig(
    words=len(VOCABULARY), buckets=40, embedding=6, hidden=6, cutoffs=(3, 5), dropout=0.2
)
PIECES = Pieces.train({"one": 5, "two": 3, "three": 2}, size=264)
OF_PIECES = PieceModelConfig(
    pieces=len(PIECES), embedding=6, hidden=6, cutoffs=(20, 100), dropout=0.2
)


def build_two_way(config=TWO_WAY):
    return tiny_encoder(config, VOCABULARY)


def build_of_pieces():
    return tiny_encoder(OF_PIECES, PIECES)


def logits(model):
    model.module.eval()
    ids = torch.randint(len(VOCABULARY), (2, 9), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return model.module(ids, None)[0]


@pytest.mark.parametrize("config", CONFIGS)
def test_a_model_comes_back_as_it_was(tmp_path, config):
    model = one_way(config)
    strengthen(model.module, 0.3)
    model.save(tmp_path / "model")
    torch.manual_seed(9)
    found = LanguageModel.load(tmp_path / "model")
    assert found.config == config
    assert type(found.config.recurrence) is Recurrence
    assert found.vocabulary == VOCABULARY
    assert not any(module.training for module in found.module.modules())
    assert torch.equal(logits(found), logits(model))
    assert isinstance(found.module, CopyingLanguageModel) == (config.pointer is not None)


def test_saving_changes_nothing_and_the_same_model_gives_the_same_files(tmp_path):
    model = one_way(POINTER)
    model.module.train()
    before = torch.get_rng_state()
    for name in ("first", "second"):
        model.save(tmp_path / name)
    assert model.module.training
    assert torch.equal(torch.get_rng_state(), before)
    LanguageModel.load(tmp_path / "first").save(tmp_path / "third")
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for name in FILES:
        assert len({(folder / name).read_bytes() for folder in folders}) == 1


@pytest.mark.parametrize("recurrence", Recurrence)
@pytest.mark.parametrize("made_of", ["words", "pieces"])
def test_two_ways_come_back_as_they_were(tmp_path, recurrence, made_of):
    vocabulary, config = (VOCABULARY, TWO_WAY) if made_of == "words" else (PIECES, OF_PIECES)
    config = dataclasses.replace(config, recurrence=recurrence, layers=2)
    model = tiny_encoder(config, vocabulary)
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    found = WordLanguageModel.load(tmp_path)
    assert (found.config, found.vocabulary) == (config, vocabulary)
    assert type(found.config.recurrence) is Recurrence
    assert not any(module.training for module in found.module.modules())
    assert same_weights(found.module, model.module)


def one_way_damaged(change):
    return lambda folder: (one_way().save(folder), change_config(folder, change))


def two_way_damaged(change):
    return lambda folder: (build_two_way().save(folder), change_config(folder, change))


def with_other_vocabulary(model, vocabulary, *, signed=True):
    """Write a model with another one's vocabulary, whose checksum fits or not."""

    def write(folder):
        model.save(folder)
        vocabulary.save(folder / "vocabulary.json")
        if signed:
            sign(folder)

    return write


MORE_WORDS = Vocabulary([*VOCABULARY, "four"])


@pytest.mark.parametrize(
    ("kind", "write"),
    [
        *(
            (LanguageModel, one_way_damaged(change))
            for change in (
                {"recurrence": "transformer"},
                {"pointer": {"width": 3, "window": 0}},
                {"pointer": {"width": 3, "window": 4, "height": 5}},
                {"layers": 0},
                {"dropout": 2.0},
            )
        ),
        (WordLanguageModel, two_way_damaged({"cutoffs": [5, 3]})),
        (LanguageModel, with_other_vocabulary(one_way(), MORE_WORDS)),
        (LanguageModel, with_other_vocabulary(one_way(), MORE_WORDS, signed=False)),
        (LanguageModel, with_other_vocabulary(one_way(), Vocabulary(list(VOCABULARY)[:-1]))),
        (WordLanguageModel, with_other_vocabulary(build_two_way(), MORE_WORDS)),
        (WordLanguageModel, with_other_vocabulary(build_two_way(), PIECES)),
        (WordLanguageModel, with_other_vocabulary(build_of_pieces(), VOCABULARY)),
        (
            WordLanguageModel,
            with_other_vocabulary(build_of_pieces(), Pieces.train({"one": 5}, size=260)),
        ),
        (WordLanguageModel, one_way().save),
        (LanguageModel, build_two_way().save),
    ],
)
def test_what_is_damaged_or_of_another_model_is_refused_by_its_path(tmp_path, kind, write):
    write(tmp_path)
    with pytest.raises(CheckpointError) as error:
        kind.load(tmp_path)
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("call", "error", "named"),
    [
        (lambda: one_way().evaluate([]), DataError, "corpus"),
        (lambda: one_way().evaluate(["one"]), DataError, "corpus"),
        (lambda: next(one_way().generate("one Oslo", count=1)), OptionError, "prompt"),
        (lambda: LanguageModel(SMALL, MORE_WORDS), OptionError, "vocabulary"),
        (lambda: LanguageModel(SMALL, Vocabulary(["xxunk"])), OptionError, "vocabulary"),
        (lambda: WordLanguageModel(TWO_WAY, MORE_WORDS), OptionError, "vocabulary"),
        (lambda: WordLanguageModel(TWO_WAY, Vocabulary(["xxunk"])), OptionError, "vocabulary"),
    ],
)
def test_bad_calls_are_refused_by_name(call, error, named):
    with pytest.raises(error, match=named):
        call()


@pytest.mark.parametrize("sizes", [{}, {"batch_size": 3, "bptt": 2}], ids=str)
def test_evaluation_is_that_of_the_numbers_of_the_words(sizes):
    model = one_way(POINTER)
    model.module.train()
    stream = EvaluationStream(
        TokenArray(VOCABULARY.encode(TEXT)), **{"batch_size": 1, "bptt": 70, **sizes}
    )
    assert model.evaluate(TEXT, **sizes) == evaluate(model.module, stream)
    assert model.module.training


@pytest.mark.parametrize("config", [SMALL, POINTER], ids=["plain", "pointer"])
@pytest.mark.parametrize("sampling", [None, Sampling(seed=2)], ids=["greedy", "drawn"])
def test_a_prompt_begins_a_text(config, sampling):
    model = one_way(config)
    found = list(model.generate(" one\t, \n two ", count=9, sampling=sampling))
    assert len(found) == 9
    prompt = ["xxbos", "one", ",", "two"]
    assert found == list(generate(model.module, VOCABULARY, prompt, count=9, sampling=sampling))
    assert len(list(model.generate("", count=3, sampling=sampling))) == 3


def two_way_losses(model):
    """The losses of both ways on a text with words that the vocabulary lacks."""
    features = WordHasher(TWO_WAY.buckets)([*VOCABULARY, "rare", "rarer"])
    tokens = TokenArray(np.random.default_rng(0).integers(len(features), size=24))
    (batch,) = TwoWayStream(
        tokens, FeaturedWords(features, predicted=len(VOCABULARY)), batch_size=4, bptt=6
    ).batches()
    with torch.no_grad():
        return model.module.eval()(batch.words, batch.targets)[0]


def test_two_ways_saved_compactly_are_nearly_as_they_were(tmp_path):
    model = build_two_way(dataclasses.replace(TWO_WAY, buckets=2000))
    for compact in (False, True):
        model.save(tmp_path / str(compact), compact=compact)
    found = WordLanguageModel.load(tmp_path / "True")
    torch.testing.assert_close(two_way_losses(found), two_way_losses(model), rtol=0.02, atol=0)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("False", "True")]
    assert sizes[1] < sizes[0] / 2


def test_a_full_disk_leaves_the_model_that_was_there(tmp_path, monkeypatch):
    first = one_way()
    first.save(tmp_path / "model")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("seqlabel.models.saving.save_weights", full)
        with pytest.raises(CheckpointError, match="model"):
            one_way().save(tmp_path / "model")
    assert same_weights(LanguageModel.load(tmp_path / "model").module, first.module)
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_model_is_not_saved_over_other_files(tmp_path):
    (tmp_path / "thesis.doc").write_text("years of work", encoding="utf-8")
    with pytest.raises(OptionError, match=r"thesis\.doc"):
        one_way().save(tmp_path)
    assert (tmp_path / "thesis.doc").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_heads_may_start_from_a_folder_of_either_kind(tmp_path, kind):
    one_way(POINTER).save(tmp_path / "one way")
    build_two_way().save(tmp_path / "two ways")
    one, two = (load_language_model(kind(tmp_path / name)) for name in ("one way", "two ways"))
    assert (type(one), one.config) == (LanguageModel, POINTER)
    assert (type(two), two.config) == (WordLanguageModel, TWO_WAY)
    with pytest.raises(CheckpointError):
        load_language_model(tmp_path / "nowhere")


def test_what_an_encoder_has_read_is_saved_and_a_language_that_it_has_not_is_warned_of(tmp_path):
    for name, languages in (("read", ("en", "fi")), ("own", ("et",)), ("unknown", ())):
        build_two_way(dataclasses.replace(TWO_WAY, languages=languages)).save(tmp_path / name)
    for name, language in (("read", "fi"), ("read", "xx"), ("unknown", "de")):
        Labeler.on(tmp_path / name, [TAGS], language=language)
    with pytest.warns(UserWarning, match=r"--language de"):
        Labeler.on(tmp_path / "read", [TAGS], language="de")
    with pytest.warns(UserWarning, match=r"pip install seqlabel-eu"):
        Labeler.on(tmp_path / "read", [TAGS], language="de")
    with pytest.warns(UserWarning, match="language='et'"):
        Labeler.on(tmp_path / "own", [TAGS])
    loaded = WordLanguageModel.load(tmp_path / "read")
    with pytest.warns(UserWarning, match="en, fi"):
        Labeler.on(loaded, [Categories("a", ("b", "c"))], language="de")


@pytest.mark.parametrize("name", ["en", "en_small"])
def test_english_encoders_have_read_english(name):
    assert WordLanguageModel.load(name).config.languages == ("en",)


def test_one_that_has_read_nothing_has_vectors_for_the_words_given():
    words = {f"word{number}" for number in range(40)}
    model = WordLanguageModel.fresh(words)
    assert model.config == dataclasses.replace(english_config(len(model.vocabulary)), words_read=0)
    assert words < set(model.vocabulary)
    assert model.module.encoder.embedder.table.weight.shape[0] == len(model.vocabulary)
    # The order of a set differs from process to process; ids do not, and neither do weights.
    again = WordLanguageModel.fresh(sorted(words, reverse=True))
    assert list(model.vocabulary) == list(again.vocabulary)
    assert same_weights(model.module, again.module)
    assert not same_weights(model.module, WordLanguageModel.fresh(words, seed=1).module)
