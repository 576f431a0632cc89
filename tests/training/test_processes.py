"""Two processes train as one does with the same batches."""

import json
import os
import random
import re
import socket
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
import torch

from seqlabel.batches.labelled import tagged_batches
from seqlabel.batches.language import LanguageModelStream
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import LanguageModelConfig, WordModelConfig
from seqlabel.text.corpora import TokenArray
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import Checkpoints, save_weights
from seqlabel.training.loop import TrainingOptions, fit
from seqlabel.training.objectives import word_tags
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle

OPTIONS = TrainingOptions(epochs=3, schedule=OneCycle(max_lr=0.03), device="cpu", max_grad_norm=0.5, average=0.5)


def language_model():
    chance = random.Random(0)
    tokens = TokenArray([chance.randrange(7) if chance.random() < 0.1 else place % 7 for place in range(400)])
    torch.manual_seed(1)
    vocabulary = Vocabulary.from_words("abc")
    config = LanguageModelConfig(vocabulary=len(vocabulary), embedding=8, hidden=8, layers=1)
    # An odd number of rows, so that the shares differ.
    return LanguageModel(config, vocabulary).module, LanguageModelStream(tokens, batch_size=5, bptt=5), {}


def labeler():
    chance = random.Random(0)
    documents = []
    for _ in range(20):
        words = [chance.choice(["a", "bb", "Ccc", "d4"]) for _ in range(chance.randrange(1, 9))]
        document = Document.from_words(words)
        if chance.random() < 0.7:
            document = document.with_tags("kind", Tags(tuple(word[0] for word in words)))
        else:
            document = document.with_spans("name", Spans((Span(0, 1, "X"),)))
        documents.append(document)
    # One long document is a batch of its own, of which the second process has no row.
    documents.append(Document.from_words(["a"] * 40).with_tags("kind", Tags(("a",) * 40)))
    sets = [TagSet("kind", ("C", "a", "b", "d")), TagSet.of(documents, "name")]
    torch.manual_seed(1)
    vocabulary = Vocabulary.from_words(["a", "bb"])
    config = WordModelConfig(words=len(vocabulary), buckets=32, embedding=8, hidden=8, cutoffs=(2,), word_dropout=0.0)
    model = Labeler.on(WordLanguageModel(config, vocabulary), sets, hidden=8, dropout=0.0, word_dropout=0.0)
    return model.module, tagged_batches(documents, model.words, tag_sets=sets, words=30), {"objective": word_tags}


def train(what, folder, epochs=OPTIONS.epochs):
    """The figures of the first epochs, each of which ends with a checkpoint, and a sum over the weights."""
    model, batches, parts = {"language_model": language_model, "labeler": labeler}[what]()
    checkpoints = Checkpoints(folder, save=lambda place: save_weights(place / "model.safetensors", model), resume=True)
    reports = fit(model, batches, batches, options=OPTIONS, checkpoints=checkpoints, display=Display.SILENT, **parts)
    figures = [
        (report.train_loss, report.valid_loss, report.accuracy, report.tokens) for report in islice(reports, epochs)
    ]
    return figures, float(sum(parameter.detach().double().abs().sum() for parameter in model.parameters()))


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def start_two(what, folder, epochs=OPTIONS.epochs):
    """What each of two processes returns from `train`."""
    shared = {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": free_port(), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "tests.training.test_processes", what, str(folder), str(epochs)]
    started = [
        subprocess.Popen(
            command,
            env={**os.environ, **shared, "RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    try:
        return [json.loads(one.communicate(timeout=240)[0].splitlines()[-1]) for one in started]
    finally:
        for one in started:
            one.kill()


@pytest.mark.end_to_end
@pytest.mark.parametrize("what", [pytest.param("language_model", marks=pytest.mark.slow), "labeler"])
def test_two_processes_train_as_one_with_the_same_batches(what, tmp_path):
    figures, weights = train(what, tmp_path / "one")
    for found, found_weights in start_two(what, tmp_path / "two"):
        assert len(found) == OPTIONS.epochs
        for epoch, expected in zip(found, figures, strict=True):
            assert epoch == [None if one is None else pytest.approx(one, rel=1e-4) for one in expected]
        assert found_weights == pytest.approx(weights, rel=1e-4)
    # What two processes began, one takes up.
    start_two(what, tmp_path / "begun", epochs=1)
    assert (tmp_path / "begun" / "last" / "training.json").is_file()
    resumed, resumed_weights = train(what, tmp_path / "begun")
    assert [tokens for *_, tokens in resumed] == [tokens for *_, tokens in figures][-len(resumed) :]
    assert resumed[-1][0] == pytest.approx(figures[-1][0], rel=1e-4)
    assert resumed_weights == pytest.approx(weights, rel=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("launcher", "options"),
    [
        ("torch.distributed.run", ["--nproc-per-node", "2", "--master-port"]),
        # It asks for GPUs and is content without: two processes of its --cpu need MPI.
        ("accelerate.commands.launch", ["--multi_gpu", "--num_processes", "2", "--main_process_port"]),
    ],
    ids=["torchrun", "accelerate"],
)
def test_launchers_start_processes_that_find_each_other(launcher, options, tmp_path):
    pytest.importorskip(launcher)
    figures, _ = train("language_model", tmp_path / "one", epochs=1)
    command = [sys.executable, "-m", launcher, *options, free_port(), "-m", "tests.training.test_processes"]
    ran = subprocess.run(
        [*command, "language_model", str(tmp_path / "two"), "1"],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        text=True,
        timeout=240,
        check=True,
    )
    said = re.findall(r"\[\[\[.*?\]\], [\d.e+-]+\]", ran.stdout)
    assert len(said) == 2
    for found, _ in map(json.loads, said):
        assert found == [[None if one is None else pytest.approx(one, rel=1e-4) for one in figures[0]]]


def test_a_process_alone_is_a_group_of_itself(monkeypatch):
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    alone = Processes.joined(torch.device("cpu"))
    assert (alone.rank, alone.size, alone.first) == (0, 1, True)
    assert alone.from_first([0.5, None]) == [0.5, None]
    assert alone.total(torch.tensor([2, 3])).tolist() == [2, 3]


def test_checkpoints_within_an_epoch_are_refused_in_several_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(Processes, "joined", classmethod(lambda cls, device: cls(0, 2)))
    model, batches, _ = language_model()
    checkpoints = Checkpoints(tmp_path, save=lambda place: None, every_steps=3)
    with pytest.raises(OptionError, match="every_steps: Found 3 in a training by 2 processes"):
        next(fit(model, batches, options=OPTIONS, checkpoints=checkpoints, display=Display.SILENT))


if __name__ == "__main__":
    print(json.dumps(train(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))))
