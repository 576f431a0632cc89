"""An encoder that reads unlabelled text predicts it better and gains words; the one that was given
is unchanged.
"""

import random
from dataclasses import replace

import pytest
import torch

from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.rows import WordEncoder
from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.models.adapting import AdaptingOptions, adapt, adapting_epochs
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.nn.network_configs import PieceModelConfig, WordModelConfig
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import evaluate
from seqlabel.training.objectives import both_ways
from seqlabel.training.progress import Display
from tests.labelers import tiny_encoder
from tests.weights import same_weights, weights_of

WORDS = ["xxunk", "xxbos", "the", "cat", "sat", "on", "a", "mat", "and", "it", "was", "dog"]
CONFIG = WordModelConfig(words=len(WORDS), buckets=256, embedding=16, hidden=16, cutoffs=(6,))
SENTENCES = [
    "the cat sat on the tokamak",
    "a dog and a divertor",
    "it was the tokamak and the divertor it sat on",
]


@pytest.fixture
def encoder():
    return tiny_encoder(CONFIG, Vocabulary(WORDS))


def some_texts(count=150, *, seed=0):
    return random.Random(seed).choices(SENTENCES, k=count)


def adapted(encoder, texts=None, **options):
    made = AdaptingOptions(**{"epochs": 3, "max_lr": 1e-2, "device": "cpu", **options})
    texts = some_texts() if texts is None else texts
    return adapt(encoder, texts, options=made, display=Display.SILENT)


def loss(model, texts, words):
    """The loss of predicting text, whose rare words count as one for `words` alone."""
    known = [*words, *sorted({word for text in texts for word in text.split()} - set(words))]
    ids = [known.index(word) for text in texts for word in text.split()]
    stream = TwoWayStream(
        TokenArray(ids),
        FeaturedWords(WordHasher(CONFIG.buckets)(known), predicted=len(words)),
        batch_size=2,
        bptt=8,
        make=EvaluationStream,
    )
    return evaluate(model.module, stream, objective=both_ways).loss


def test_the_text_is_predicted_better_and_the_given_encoder_is_unchanged(encoder):
    before, held_out = weights_of(encoder.module), some_texts(60, seed=1)
    found = adapted(encoder, new_words=0)
    assert loss(found, held_out, WORDS) < 0.7 * loss(encoder, held_out, WORDS)
    assert same_weights(encoder.module, before)
    assert len(encoder.vocabulary) == len(found.vocabulary) == len(WORDS)


def test_frequent_words_get_vectors_of_their_own_after_the_known_ones(encoder):
    found = adapted(encoder, [*some_texts(), "once upon"])
    assert list(found.vocabulary)[: len(WORDS)] == WORDS
    assert set(list(found.vocabulary)[len(WORDS) :]) == {"tokamak", "divertor"}
    assert found.config.words == len(WORDS) + 2
    assert found.config.cutoffs == CONFIG.cutoffs


def test_most_frequent_words_come_first_up_to_the_limit(encoder):
    found = adapted(encoder, [*some_texts(), "stellarator " * 400], new_words=1)
    assert list(found.vocabulary)[len(WORDS) :] == ["stellarator"]


def test_words_are_read_as_before_until_the_training_changes_them(encoder):
    found = adapted(encoder, max_lr=1e-30)
    rows = [["the", "tokamak", "sat"], ["divertor", "mat", "plasma"]]
    before, after = (
        model.module.eval().encoder.embedder(
            WordEncoder(model.vocabulary, WordHasher(CONFIG.buckets))(rows)
        )
        for model in (encoder, found)
    )
    torch.testing.assert_close(before, after)


def test_new_words_begin_as_likely_as_the_rarest_ones(encoder):
    found, states = adapted(encoder, max_lr=1e-30), torch.randn(1, 5, CONFIG.hidden)
    for old, new in zip(encoder.module.encoder.ways, found.module.encoder.ways, strict=True):
        torch.testing.assert_close(old.state_dict(), new.state_dict())
    scores = found.module.forward_head(states)
    torch.testing.assert_close(scores.exp().sum(-1), torch.ones(1, 5))
    rare, added = scores[..., CONFIG.cutoffs[-1] : -2], scores[..., -2:]
    assert (rare.min(-1).values[..., None] < added).all()
    assert (added < rare.max(-1).values[..., None]).all()


def test_the_same_text_and_seed_give_the_same_encoder(encoder):
    first, again, other = (adapted(encoder, epochs=1, seed=seed) for seed in (0, 0, 1))
    assert same_weights(first.module, again.module)
    assert not same_weights(first.module.encoder.embedder, other.module.encoder.embedder)


def test_documents_are_texts_that_have_words(encoder):
    documents = [Document.from_words(text.split()) for text in some_texts()]
    first, second = (adapted(encoder, texts, epochs=1) for texts in (None, documents))
    assert same_weights(first.module, second.module)


def test_an_adapted_encoder_is_saved_and_loaded(encoder, tmp_path):
    found = adapted(encoder)
    found.save(tmp_path / "mine")
    assert WordLanguageModel.load(tmp_path / "mine").vocabulary == found.vocabulary


def test_an_adapted_encoder_has_read_the_language_of_the_text_too(encoder):
    def read(before, **language):
        options = AdaptingOptions(epochs=1, new_words=0)
        silent = Display.SILENT
        return adapt(before, some_texts(), options=options, display=silent, **language).config

    known = WordLanguageModel(replace(encoder.config, languages=("en",)), encoder.vocabulary)
    for before, language, languages in (
        (known, "de", ("en", "de")),
        (known, "xx", ("en",)),
        (encoder, "de", ()),
    ):
        found = read(before, language=language)
        assert (found.languages, found.words_read) == (languages, None)
    little = WordLanguageModel(replace(encoder.config, words_read=1_000), encoder.vocabulary)
    assert 1_500 <= read(little).words_read < 10_000


def test_too_little_text_a_single_text_and_pieces_are_refused(encoder):
    with pytest.raises(DataError, match="texts"):
        adapted(encoder, SENTENCES[:1])
    with pytest.raises(OptionError, match="texts"):
        adapted(encoder, SENTENCES[0])
    pieces = Pieces.train({"the": 5, "cat": 3}, size=270)
    over_pieces = WordLanguageModel(
        PieceModelConfig(len(pieces), embedding=8, hidden=8, cutoffs=(20,)), pieces
    )
    with pytest.raises(OptionError, match="pieces"):
        adapted(over_pieces)


def test_options_out_of_range_are_refused():
    with pytest.raises(OptionError, match="new_words"):
        AdaptingOptions(new_words=-1)
    with pytest.raises(OptionError, match="min_count"):
        AdaptingOptions(min_count=0)


def test_few_words_are_read_more_often():
    passes = [adapting_epochs(words) for words in (1, 1_000, 300_000, 600_000, 5_000_000)]
    assert passes == [4, 4, 3, 1, 1]
