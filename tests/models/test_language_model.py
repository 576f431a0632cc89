"""A model that was saved is the model that is loaded, or one error says which file is to blame."""

import dataclasses
import errno
import math
from itertools import pairwise

import numpy as np
import pytest
import torch

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
from tests.labelers import strengthen, tiny_encoder
from tests.model_folders import change_config, sign

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
TEXT = [
    "xxbos",
    "one",
    ",",
    "two",
    ",",
    "three",
    "Oslo",
    "naïve",
    "数",
    ",",
    "two",
    "one",
    "one",
    ",",
    "Oslo",
    "two",
]


def one_way(config=SMALL, seed=0, vocabulary=VOCABULARY):
    return tiny_encoder(config, vocabulary, seed=seed)


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
    for name in FILES:
        assert (
            len(
                {(tmp_path / folder / name).read_bytes() for folder in ("first", "second", "third")}
            )
            == 1
        )


@torch.no_grad()
def slow_evaluation(model, words, rows):
    """Row by row, each word after all words of its row: mean loss, share of right predictions,
    predictions.
    """
    ids = [list(VOCABULARY).index(word if word in VOCABULARY else "xxunk") for word in words]
    losses, right = [], 0
    starts = [row * len(ids) // rows for row in range(rows)] + [len(ids) - 1]
    for start, stop in pairwise(starts):
        for place in range(start, stop):
            scores = (
                model.module(torch.tensor([ids[start : place + 1]]), None)[0][0, -1]
                .log_softmax(dim=-1)
                .tolist()
            )
            losses.append(-scores[ids[place + 1]])
            right += scores.index(max(scores)) == ids[place + 1]
    return sum(losses) / len(losses), right / len(losses), len(losses)


@pytest.mark.parametrize("config", CONFIGS[1:])
@pytest.mark.parametrize(
    "sizes", [{}, {"batch_size": 3, "bptt": 2}, {"batch_size": 1, "bptt": 1}], ids=str
)
def test_evaluation_is_the_sum_word_by_word(config, sizes):
    model = one_way(config)
    model.module.train()
    found = model.evaluate(TEXT, **sizes)
    assert model.module.training
    model.module.eval()
    loss, accuracy, count = slow_evaluation(model, TEXT, sizes.get("batch_size", 1))
    assert found.loss == pytest.approx(loss, rel=1e-4)
    assert found.perplexity == pytest.approx(math.exp(loss), rel=1e-4)
    assert (found.accuracy, found.count) == (accuracy, count)
    assert count == len(TEXT) - 1


@pytest.mark.parametrize("words", [[], ["one"]])
def test_a_text_with_nothing_to_predict_is_refused(words):
    with pytest.raises(DataError, match="corpus"):
        one_way().evaluate(words)


@pytest.mark.parametrize("config", [SMALL, POINTER], ids=["plain", "pointer"])
@pytest.mark.parametrize("sampling", [None, Sampling(seed=2)], ids=["greedy", "drawn"])
def test_a_prompt_begins_a_text(config, sampling):
    model = one_way(config)
    found = list(model.generate(" one\t, \n two ", count=9, sampling=sampling))
    assert len(found) == 9
    prompt = ["xxbos", "one", ",", "two"]
    assert found == list(generate(model.module, VOCABULARY, prompt, count=9, sampling=sampling))
    assert len(list(model.generate("", count=3, sampling=sampling))) == 3


def test_a_prompt_with_a_strange_word_is_refused():
    with pytest.raises(OptionError, match="prompt: word number 3 "):
        next(one_way().generate("one Oslo", count=1))


def assert_refused(folder, path, kind=LanguageModel):
    """One error that names the path, and whose chain a user need not read."""
    with pytest.raises(CheckpointError) as error:
        kind.load(folder)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("size", [-1, 1])
def test_another_models_vocabulary_is_refused_by_name(tmp_path, size):
    one_way().save(tmp_path)
    Vocabulary([*VOCABULARY, "four"] if size > 0 else list(VOCABULARY)[:-1]).save(
        tmp_path / "vocabulary.json"
    )
    assert_refused(tmp_path, tmp_path / "vocabulary.json")
    sign(tmp_path)
    assert_refused(tmp_path, tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"recurrence": "transformer"},
        {"recurrence": None},
        {"pointer": 5},
        {"pointer": {"width": 3, "window": 4, "height": 5}},
        {"heads": 8},
        {"hidden": "6"},
        {"hidden": 6.5},
        {"layers": 0},
        {"dropout": 2.0},
        {"vocabulary": "8"},
        {"pointer": {"width": 3, "window": 0}},
    ],
    ids=str,
)
def test_a_config_with_a_bad_number_is_refused_by_name(tmp_path, change):
    one_way().save(tmp_path)
    change_config(tmp_path, change)
    assert_refused(tmp_path, tmp_path)


def test_another_kind_of_model_is_refused(tmp_path):
    one_way().save(tmp_path / "one way")
    build_two_way().save(tmp_path / "two ways")
    with pytest.raises(CheckpointError, match=r"WordLanguageModel\.load"):
        LanguageModel.load(tmp_path / "two ways")
    with pytest.raises(CheckpointError, match=r"LanguageModel\.load"):
        WordLanguageModel.load(tmp_path / "one way")


TWO_WAY = WordModelConfig(
    words=len(VOCABULARY), buckets=40, embedding=6, hidden=6, cutoffs=(3, 5), dropout=0.2
)


def build_two_way(config=TWO_WAY, seed=0):
    return tiny_encoder(config, VOCABULARY, seed=seed)


def two_way_losses(model):
    """The losses of both ways on a text with words that the vocabulary lacks."""
    features = WordHasher(TWO_WAY.buckets)([*VOCABULARY, "rare", "rarer"])
    tokens = TokenArray(np.random.default_rng(0).integers(len(features), size=24))
    (batch,) = TwoWayStream(
        tokens, FeaturedWords(features, predicted=len(VOCABULARY)), batch_size=4, bptt=6
    ).batches()
    with torch.no_grad():
        return model.module.eval()(batch.words, batch.targets)[0]


@pytest.mark.parametrize("recurrence", Recurrence)
def test_two_ways_come_back_as_they_were(tmp_path, recurrence):
    config = dataclasses.replace(TWO_WAY, recurrence=recurrence, layers=2)
    model = build_two_way(config)
    model.save(tmp_path)
    found = WordLanguageModel.load(tmp_path)
    assert (found.config, found.vocabulary) == (config, VOCABULARY)
    assert type(found.config.recurrence) is Recurrence
    assert not any(module.training for module in found.module.modules())
    assert torch.equal(two_way_losses(found), two_way_losses(model))


def test_two_ways_saved_compactly_are_nearly_as_they_were(tmp_path):
    model = build_two_way(dataclasses.replace(TWO_WAY, buckets=2000))
    for compact in (False, True):
        model.save(tmp_path / str(compact), compact=compact)
    found = WordLanguageModel.load(tmp_path / "True")
    torch.testing.assert_close(two_way_losses(found), two_way_losses(model), rtol=0.02, atol=0)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("False", "True")]
    assert sizes[1] < sizes[0] / 2


def test_two_ways_with_another_models_files_are_refused_by_name(tmp_path):
    build_two_way().save(tmp_path)
    Vocabulary([*VOCABULARY, "four"]).save(tmp_path / "vocabulary.json")
    assert_refused(tmp_path, tmp_path, WordLanguageModel)
    assert_refused(tmp_path, tmp_path, LanguageModel)
    one_way().save(tmp_path)
    assert_refused(tmp_path, tmp_path, WordLanguageModel)


@pytest.mark.parametrize(
    "change", [{"recurrence": "transformer"}, {"cutoffs": [5, 3]}, {"cutoffs": 5}], ids=str
)
def test_two_ways_with_a_bad_number_are_refused_by_name(tmp_path, change):
    build_two_way().save(tmp_path)
    change_config(tmp_path, change)
    assert_refused(tmp_path, tmp_path, WordLanguageModel)


def test_a_full_disk_leaves_the_model_that_was_there(tmp_path, monkeypatch):
    first = one_way()
    first.save(tmp_path / "model")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("seqlabel.models.saving.save_weights", full)
        with pytest.raises(CheckpointError, match="model"):
            one_way().save(tmp_path / "model")
    loaded = LanguageModel.load(tmp_path / "model")
    for name, tensor in first.module.state_dict().items():
        assert torch.equal(loaded.module.state_dict()[name], tensor)
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


@pytest.mark.parametrize("config", [SMALL, TWO_WAY], ids=["one way", "two ways"])
@pytest.mark.parametrize("words", [["xxunk"], [*VOCABULARY, "four"]], ids=["fewer", "more"])
def test_a_vocabulary_of_another_size_is_refused(config, words):
    kind = LanguageModel if config is SMALL else WordLanguageModel
    with pytest.raises(OptionError, match="vocabulary"):
        kind(config, Vocabulary(words))


def test_what_an_encoder_has_read_is_saved_and_a_language_that_it_has_not_is_warned_of(tmp_path):
    build_two_way(dataclasses.replace(TWO_WAY, languages=("en", "fi"))).save(tmp_path / "read")
    build_two_way(TWO_WAY).save(tmp_path / "unknown")
    for name, language in (("read", "fi"), ("read", "xx"), ("unknown", "de")):
        Labeler.on(tmp_path / name, [TAGS], language=language)
    said = r"read has read text in en, fi only; words in de are new to it.*--language de"
    with pytest.warns(UserWarning, match=said):
        Labeler.on(tmp_path / "read", [TAGS], language="de")
    with pytest.warns(UserWarning, match=r"has read de: `eu` \(pip install seqlabel-eu\) has"):
        Labeler.on(tmp_path / "read", [TAGS], language="de")
    build_two_way(dataclasses.replace(TWO_WAY, languages=("et",))).save(tmp_path / "own")
    with pytest.warns(UserWarning, match="language='et'"):
        Labeler.on(tmp_path / "own", [TAGS])
    with pytest.warns(UserWarning, match=r"The encoder has read text in en, fi only"):
        Labeler.on(
            WordLanguageModel.load(tmp_path / "read"), [Categories("a", ("b", "c"))], language="de"
        )


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
    tables = (
        one.module.encoder.embedder.table.weight
        for one in (again, WordLanguageModel.fresh(words, seed=1))
    )
    assert [torch.equal(model.module.encoder.embedder.table.weight, table) for table in tables] == [
        True,
        False,
    ]


PIECES = Pieces.train({"one": 5, "two": 3, "three": 2}, size=264)
OF_PIECES = PieceModelConfig(
    pieces=len(PIECES), embedding=6, hidden=6, cutoffs=(20, 100), dropout=0.2
)


def build_of_pieces(config=OF_PIECES):
    return tiny_encoder(config, PIECES)


@pytest.mark.parametrize("recurrence", Recurrence)
def test_a_model_over_pieces_comes_back_as_it_was(tmp_path, recurrence):
    model = build_of_pieces(dataclasses.replace(OF_PIECES, recurrence=recurrence))
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == FILES
    found = WordLanguageModel.load(tmp_path)
    assert (found.config, found.vocabulary) == (model.config, PIECES)
    assert not any(module.training for module in found.module.modules())
    assert found.module.state_dict().keys() == model.module.state_dict().keys()
    for name, tensor in model.module.state_dict().items():
        assert torch.equal(found.module.state_dict()[name], tensor)


@pytest.mark.parametrize(
    "other", [Pieces.train({"one": 5}, size=260), VOCABULARY], ids=["other pieces", "words"]
)
def test_a_model_over_pieces_with_another_models_pieces_is_refused_by_name(tmp_path, other):
    build_of_pieces().save(tmp_path)
    other.save(tmp_path / "vocabulary.json")
    assert_refused(tmp_path, tmp_path / "vocabulary.json", WordLanguageModel)
    sign(tmp_path)
    assert_refused(tmp_path, tmp_path, WordLanguageModel)


def test_words_with_the_pieces_of_another_model_are_refused_by_name(tmp_path):
    build_two_way().save(tmp_path)
    PIECES.save(tmp_path / "vocabulary.json")
    sign(tmp_path)
    assert_refused(tmp_path, tmp_path, WordLanguageModel)
