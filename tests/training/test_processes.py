"""Two processes train what one does that accumulates two batches; one that is killed ends both."""

import dataclasses
import json
import os
import random
import signal
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch

from seqlabel.batches.labeled import tagged_batches
from seqlabel.batches.language import LanguageModelStream
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, OptionError, TrainingError
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig, WordModelConfig
from seqlabel.text.corpora import TokenArray
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import Checkpoints, read_tensors, save_weights
from seqlabel.training.loop import Precision, TrainingOptions, fit
from seqlabel.training.objectives import gold_labels
from seqlabel.training.processes import Processes, run_processes
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle

OPTIONS = TrainingOptions(
    epochs=2, schedule=OneCycle(max_lr=0.03), device="cpu", max_grad_norm=0.5, average=0.5
)
ROOT = Path(__file__).parents[2]


def language_model():
    chance = random.Random(0)
    tokens = TokenArray(
        [chance.randrange(7) if chance.random() < 0.1 else place % 7 for place in range(400)]
    )
    vocabulary = Vocabulary.from_words("abc")
    config = LanguageModelConfig(
        vocabulary=len(vocabulary), embedding=8, hidden=8, layers=2, dropout=0.2
    )
    stream = LanguageModelStream(tokens, batch_size=5, bptt=5)
    return LanguageModel(config, vocabulary).module, stream, {}


def labeler():
    chance = random.Random(0)
    documents = []
    for _ in range(21):
        words = [chance.choice(["a", "bb", "Ccc", "d4"]) for _ in range(chance.randrange(1, 9))]
        document = Document.from_words(words)
        if chance.random() < 0.7:
            document = document.with_tags("kind", Tags(tuple(word[0] for word in words)))
        else:
            document = document.with_spans("name", Spans((Span(0, 1, "X"),)))
        documents.append(document)
    sets = [TagSet("kind", ("C", "a", "b", "d")), TagSet.of(documents, "name")]
    vocabulary = Vocabulary.from_words(["a", "bb"])
    config = WordModelConfig(
        words=len(vocabulary), buckets=32, embedding=8, hidden=8, cutoffs=(2,), word_dropout=0.2
    )
    model = Labeler.on(WordLanguageModel(config, vocabulary), sets, hidden=8, dropout=0.2)
    return (
        model.module,
        tagged_batches(documents, model.words, tag_sets=sets, words=30),
        {"objective": gold_labels},
    )


def other_data():
    """A language model whose text is another one in each process."""
    model, _, parts = language_model()
    rank = int(os.environ.get("RANK", "0"))
    return model, LanguageModelStream(TokenArray([rank + 2, 3] * 200), batch_size=5, bptt=5), parts


TASKS = {"language_model": language_model, "labeler": labeler, "float16": language_model}
BROKEN = {"other data": other_data}


def train(what, folder, *, accumulation, epochs=OPTIONS.epochs, stop=None):
    """Train for some epochs, or until a step that kills this process; write the losses of each
    epoch.
    """
    torch.manual_seed(1)
    model, batches, parts = (TASKS | BROKEN)[what]()
    checkpoints = Checkpoints(
        folder,
        save=lambda place: save_weights(place / "model.safetensors", model),
        resume=True,
        every_steps=3,
    )
    precision = Precision.FLOAT16 if what == "float16" else Precision.FLOAT32
    options = dataclasses.replace(OPTIONS, accumulation=accumulation, precision=precision)
    parts |= {"options": options, "checkpoints": checkpoints}
    reports = fit(model, batches, batches, display=Display.SILENT, **parts)
    if stop is not None:
        kill_at(stop)
    figures = [
        [report.train_loss, report.valid_loss, report.tokens] for report in islice(reports, epochs)
    ]
    reports.close()
    (Path(folder) / f"figures{Processes.joined('cpu').rank}.json").write_text(
        json.dumps(figures), encoding="utf-8"
    )


def kill_at(step):
    """Let the second process die at its n-th step."""
    from seqlabel.training import loop

    steps, plain = iter(range(step)), loop._Training.step

    def dying(training, batches):
        if next(steps, None) is None and training.processes.rank == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        plain(training, batches)

    loop._Training.step = dying


def in_two(*arguments, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(ROOT)
    return run_processes(
        2, [sys.executable, "-m", "tests.training.test_processes", *map(str, arguments)]
    )


def assert_same_end(found, expected):
    for rank in (0, 1):
        figures = json.loads((found / f"figures{rank}.json").read_text(encoding="utf-8"))
        wanted = json.loads((expected / "figures0.json").read_text(encoding="utf-8"))
        for one, other in zip(figures, wanted[-len(figures) :], strict=True):
            assert one == pytest.approx(other, rel=1e-5)
    ours, theirs = (
        read_tensors(folder / "last" / "model.safetensors") for folder in (found, expected)
    )
    for name, tensor in theirs.items():
        torch.testing.assert_close(ours[name], tensor, rtol=1e-5, atol=1e-5)


@pytest.mark.end_to_end
@pytest.mark.parametrize("what", TASKS)
def test_two_processes_train_what_one_does_with_two_batches_a_step(what, tmp_path, monkeypatch):
    train(what, tmp_path / "one", accumulation=2)
    assert in_two(what, tmp_path / "two", OPTIONS.epochs, "", monkeypatch=monkeypatch) == 0
    assert_same_end(tmp_path / "two", tmp_path / "one")


@pytest.mark.end_to_end
def test_one_that_is_killed_ends_both_and_what_is_resumed_ends_the_same(tmp_path, monkeypatch):
    train("language_model", tmp_path / "one", accumulation=2)
    folder = tmp_path / "two"
    # Within the second epoch, after `last` was written with the states of both stretches.
    killed = in_two("language_model", folder, OPTIONS.epochs, 13, monkeypatch=monkeypatch)
    assert killed == -signal.SIGKILL
    assert not (folder / "figures0.json").exists()
    assert in_two("language_model", folder, OPTIONS.epochs, "", monkeypatch=monkeypatch) == 0
    assert_same_end(folder, tmp_path / "one")


@pytest.mark.end_to_end
def test_what_two_processes_began_one_with_two_batches_a_step_takes_up(tmp_path, monkeypatch):
    train("language_model", tmp_path / "one", accumulation=2)
    folder = tmp_path / "two"
    assert in_two("language_model", folder, 1, "", monkeypatch=monkeypatch) == 0
    train("language_model", folder, accumulation=2)
    expected = read_tensors(tmp_path / "one" / "last" / "model.safetensors")
    for name, tensor in read_tensors(folder / "last" / "model.safetensors").items():
        torch.testing.assert_close(tensor, expected[name], rtol=1e-5, atol=1e-5)


def test_another_number_of_batches_a_step_is_not_resumed(tmp_path):
    train("language_model", tmp_path, accumulation=2, epochs=1)
    with pytest.raises(CheckpointError, match="batches_a_step"):
        train("language_model", tmp_path, accumulation=1)


def test_processes_with_other_options_or_data_are_refused(monkeypatch):
    mine, theirs = ({"epochs": 2, "checksum_of_first_batch": number} for number in (7, 8))
    monkeypatch.setattr(Processes, "gathered", lambda self, value: [mine, mine])
    Processes(0, 2).check_alike(mine)
    monkeypatch.setattr(Processes, "gathered", lambda self, value: [mine, theirs])
    with pytest.raises(TrainingError, match="checksum_of_first_batch"):
        Processes(0, 2).check_alike(mine)


@pytest.mark.end_to_end
def test_two_processes_that_read_other_data_end_with_an_error_before_they_train(
    tmp_path, monkeypatch, capfd
):
    assert in_two("other data", tmp_path, 1, "", monkeypatch=monkeypatch) != 0
    assert "checksum_of_first_batch" in capfd.readouterr().err
    assert not (tmp_path / "last").exists()


def test_a_process_alone_is_a_group_of_itself(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone = Processes.joined("cpu")
    assert (alone.rank, alone.size, alone.first) == (0, 1, True)
    assert alone.from_first([0.5, None]) == [0.5, None]
    assert alone.gathered("state") == ["state"]
    assert alone.total(torch.tensor([2, 3])).tolist() == [2, 3]


def test_processes_end_with_the_status_of_the_one_that_fails_first(monkeypatch):
    failing = "import os, sys, time; sys.exit(7) if os.environ['RANK'] == '1' else time.sleep(60)"
    assert run_processes(2, [sys.executable, "-c", failing]) == 7
    two = "import os; assert os.environ['WORLD_SIZE'] == '2'"
    assert run_processes(2, [sys.executable, "-c", two]) == 0
    with pytest.raises(OptionError, match="processes"):
        run_processes(0, [sys.executable])


def test_accumulated_batches_of_a_labeler_have_the_gradient_of_their_union(tmp_path):
    """A step over two batches is that over all their rows, whatever each head knows of them."""
    torch.manual_seed(1)
    model, batches, _ = labeler()
    model.eval()
    two = list(islice(batches.batches(), 2))
    counts = sum(gold_labels(model, batch, None).counts for batch in two)
    sum(gold_labels(model, batch, None).loss_among(counts) for batch in two).backward()
    found = {
        name: one.grad.clone() for name, one in model.named_parameters() if one.grad is not None
    }

    model.zero_grad()
    total = 0.0
    for number in range(len(counts)):
        losses = [gold_labels(model, batch, None).losses[number] for batch in two]
        total = total + sum(losses) / counts[number]
    total.backward()
    for name, one in model.named_parameters():
        if one.grad is not None:
            torch.testing.assert_close(found[name], one.grad)


if __name__ == "__main__":
    task, where, passes, end = sys.argv[1:]
    train(task, Path(where), accumulation=1, epochs=int(passes), stop=int(end) if end else None)
