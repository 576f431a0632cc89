"""Trainings of each kind, for one process that accumulates two batches and for two processes; run
by the test of it.
"""

import dataclasses
import sys
from pathlib import Path

import numpy as np
import torch

from seqlabel.models.adapting import AdaptingOptions, adapt
from seqlabel.models.fine_tuning import fine_tune
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.pretraining import PretrainingOptions, pretrain
from seqlabel.models.teaching import Lesson, gold_lesson, teach
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import save_weights
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display
from tests.models.test_adapting import CONFIG, WORDS, some_texts
from tests.models.test_fine_tuning import AFTER, OPTIONS, fresh_labeler, some_documents
from tests.models.test_pretraining import some_documents as some_text

QUIET = {"display": Display.SILENT}
EPOCHS = 2


def options(accumulation):
    return dataclasses.replace(OPTIONS, epochs=EPOCHS, accumulation=accumulation)


def fine_tuned(accumulation, folder):
    labeler = fresh_labeler()
    train = some_documents(30, "after", "person")
    dev = some_documents(10, "after", "person", seed=7)
    numbers = {"options": options(accumulation), "words": 60, "folder": folder / "training"}
    fine_tune(labeler, train, dev, **numbers, **QUIET)
    return labeler.module


def pretrained(accumulation, folder):
    """An encoder whose heads are adaptive softmaxes."""
    sizes = {"words": 20, "hidden": 8, "epochs": 1, "batch_size": 16, "bptt": 20}
    numbers = PretrainingOptions(device="cpu", accumulation=accumulation, **sizes)
    return pretrain(some_text(), folder / "encoder", options=numbers, **QUIET).model.module


def adapted(accumulation, folder):
    torch.manual_seed(0)
    encoder = WordLanguageModel(CONFIG, Vocabulary(WORDS))
    numbers = AdaptingOptions(epochs=EPOCHS, max_lr=1e-2, device="cpu", accumulation=accumulation)
    return adapt(encoder, some_texts(), options=numbers, **QUIET).module


def taught(accumulation, folder):
    """A student of what teachers say, as `recipes/distil.py` makes one."""
    student, dev = fresh_labeler(heads=[AFTER]), some_documents(10, "after", seed=7)
    lessons = [gold_lesson(document, [AFTER]) for document in some_documents(30, "after", seed=2)]
    soft = [Lesson(one.words, one.tags, one.shares * np.float16(0.9)) for one in lessons]
    train = some_documents(20, "after")
    teach(student, train, soft, dev, options=options(accumulation), words=60, **QUIET)
    return student.module


TRAININGS = {"fine_tune": fine_tuned, "pretrain": pretrained, "adapt": adapted, "teach": taught}


def train_all(folder, accumulation):
    """Run every training, and save the weights that each process ends with."""
    for name, train in TRAININGS.items():
        module = train(accumulation, folder / name)
        rank = Processes.joined("cpu").rank
        save_weights(folder / f"{name}{rank}.safetensors", module)


if __name__ == "__main__":
    train_all(Path(sys.argv[1]), accumulation=1)
