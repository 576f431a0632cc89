"""Pretraining: from words to an encoder, over words and pieces, and on from where it was
interrupted.
"""

import random

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.models import pretraining
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.pretraining import PretrainingOptions, pretrain, pretraining_epochs
from seqlabel.training.progress import Display

SMALL = {"words": 20, "hidden": 12, "batch_size": 16, "bptt": 40, "device": "cpu"}


def some_documents(words=12_000):
    chance, known = random.Random(0), [f"w{number}" for number in range(30)]
    for _ in range(words // 600):
        yield chance.choices(known, k=600)


def run(folder, **options):
    resume = options.pop("resume", False)
    made = PretrainingOptions(**{**SMALL, **options})
    return pretrain(some_documents(), folder, options=made, resume=resume, display=Display.SILENT)


def test_an_interrupted_training_reaches_the_same_end(tmp_path, monkeypatch):
    whole = run(tmp_path / "whole", epochs=2)
    fit = pretraining.fit

    def interrupted(*arguments, **more):
        yield next(fit(*arguments, **more))
        raise KeyboardInterrupt

    monkeypatch.setattr(pretraining, "fit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "cut", epochs=2)
    monkeypatch.setattr(pretraining, "fit", fit)
    resumed = run(tmp_path / "cut", epochs=2, resume=True)
    # Uniformly random words: nothing is learnt but how frequent each is.
    assert resumed.forward_perplexity == whole.forward_perplexity < 40
    assert resumed.backward_perplexity == whole.backward_perplexity
    weights = [
        (tmp_path / name / "best" / "model.safetensors").read_bytes() for name in ("cut", "whole")
    ]
    assert weights[0] == weights[1]
    assert isinstance(WordLanguageModel.load(tmp_path / "cut" / "compact"), WordLanguageModel)


def test_the_result_is_the_best_model_with_its_figures(tmp_path):
    found = run(tmp_path, epochs=1, languages=("da", "nb"))
    # The 10th block of 20 documents of one block each is held out; each begins with a word of its
    # own.
    assert found.words == 19 * 601
    assert found.words_per_second > 0
    assert len(found.model.vocabulary) == 20
    assert (found.model.config.languages, found.model.config.words_read) == (
        ("da", "nb"),
        found.words,
    )
    assert WordLanguageModel.load(tmp_path / "best").vocabulary == found.model.vocabulary


def test_words_that_are_seen_four_times_have_no_vector_of_their_own(tmp_path):
    four, five = [f"a{number}" for number in range(40)], [f"b{number}" for number in range(40)]
    documents = [*some_documents(), *4 * [[*four, *five]], five]
    made = PretrainingOptions(**{**SMALL, "words": 1_000}, epochs=1)
    words = pretrain(documents, tmp_path, options=made, display=Display.SILENT).model.vocabulary
    assert set(five) <= set(words)
    assert not set(four) & set(words)


def test_what_resuming_needs_goes_at_the_end_and_another_training_may_follow(tmp_path):
    run(tmp_path, epochs=1)
    assert {path.name for path in tmp_path.iterdir()} == {"best", "compact", "last"}
    assert [path.name for path in (tmp_path / "last").iterdir()] == ["training.json"]
    with pytest.raises(OptionError, match="has ended"):
        run(tmp_path, epochs=1, resume=True)
    run(tmp_path, epochs=1)


def test_few_words_are_read_more_often():
    passes = [
        pretraining_epochs(words) for words in (1, 150_000, 500_000, 700_000, 800_000, 40_000_000)
    ]
    assert passes == [10, 10, 4, 3, 3, 1]


def test_pieces_are_read_instead_of_words(tmp_path):
    found = run(tmp_path, pieces=270, epochs=1, hidden=24, languages=("da", "nb"))
    assert found.forward_perplexity > 1
    assert (found.model.config.hidden, found.model.config.embedding) == (24, 24)
    assert (found.model.config.languages, found.model.config.words_read) == (
        ("da", "nb"),
        found.words,
    )
    assert (tmp_path / "bpe_270.json").is_file()


def test_a_width_that_is_none_is_refused():
    with pytest.raises(OptionError, match="hidden"):
        PretrainingOptions(hidden=1)


def test_a_text_too_short_to_hold_words_out_is_refused(tmp_path):
    with pytest.raises(DataError, match="texts"):
        pretrain(some_documents(600), tmp_path, display=Display.SILENT)
    assert list(tmp_path.iterdir()) == []
