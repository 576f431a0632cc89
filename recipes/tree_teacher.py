"""Tune a small transformer on the tags and dependency trees of a treebank, to teach `trees.py`.

    pip install "seqlabel-rnn[teacher]"
    python recipes/tree_teacher.py --data ../shared/data    # 15 minutes on one core

It reads pieces of documents of the English Web Treebank, of one to three sentences, and learns UPOS
and XPOS beside the trees, at a fifth of their weight. The best pass is chosen on dev. Expected: LAS
80.8, 86.3, 87.7, 88.6 and 89.1 on dev after passes 1 to 5, and UAS 91.8 and LAS 89.5 on the test
part.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformer import tag_loss, unpacked
from transformer.parsing import Parser, Read
from transformer.tuning import Tuning, batches_of, tune
from typer import Option

from seqlabel import Document
from seqlabel.commands import Epochs, Quiet, Seed, run, write_metrics
from seqlabel.documents import cut_at_sentences
from seqlabel.documents.tag_sets import MISSING
from seqlabel.formats import labels_of, read_conllu, relations_of
from seqlabel.io.folders import make_folder

LAYERS = ("upos", "xpos", "tree")
TUNING = Tuning(body_rate=2.5e-4, head_rate=2e-3, warm_up=0.08, words=500, sizes=(1, 1, 1, 2, 3))
DROPOUT, TAGS = 0.2, 0.2
"""The share of the head's numbers that is dropped in training; the weight of the loss of tags."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the teacher and metrics.json.")] = Path(
        "output/tree_teacher"
    )
    epochs: Epochs = 5
    seed: Seed = 0
    quiet: Quiet = False


def loss_of(teacher: Parser, batch: Sequence[Document]) -> Tensor:
    """The loss of trees, and that of tags at its share."""
    read = teacher.read([document.words for document in batch])
    loss = tree_loss(teacher, read, batch)
    for scores, tag_set in zip(read.tags, teacher.tag_sets, strict=True):
        loss = loss + TAGS * tag_loss(scores, batch, tag_set)
    return loss


def tree_loss(teacher: Parser, read: Read, batch: Sequence[Document]) -> Tensor:
    """The mean loss of a word's head and relation."""
    ids = [torch.from_numpy(np.asarray(teacher.relations.encode(document))) for document in batch]
    gold = nn.utils.rnn.pad_sequence(ids, batch_first=True, padding_value=MISSING)
    # The same numbers are dropped of all words of a row.
    kept = functional.dropout(torch.ones(len(batch), 1, read.scores.shape[2]), DROPOUT)
    loss = teacher.tree.loss(
        read.scores * kept, gold, read.lengths, teacher.relations, teacher.weights()
    )
    return loss / (gold >= 0).sum().clamp_min(1)


def main(settings: Settings) -> None:
    """Tune a small transformer on tags and trees."""
    make_folder(settings.output)
    torch.manual_seed(settings.seed)
    torch.set_num_threads(1)
    folder = settings.data / "ud_english_ewt"
    paths = [folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    train, dev, test = (
        list(read_conllu(path, layers=LAYERS, whole_documents=True)) for path in paths
    )
    tag_sets = [labels_of(train, layer, paths[0]) for layer in LAYERS[:2]]
    teacher = Parser(unpacked(settings.output), tag_sets, relations_of(train, "tree", paths[0]))

    epochs = range(settings.epochs)
    passes = [
        batches_of(train, cut_at_sentences, TUNING, seed=settings.seed, epoch=epoch)
        for epoch in epochs
    ]
    best = -1.0
    for number, loss in enumerate(tune(teacher, passes, partial(loss_of, teacher), TUNING), 1):
        score = teacher.measure(dev)
        if not settings.quiet:
            print(
                f"pass {number}: loss {loss:.3f}, dev UAS {score.uas:.4f}, LAS {score.las:.4f}",
                flush=True,
            )
        if score.las > best:
            best = score.las
            teacher.save(settings.output)
    teacher.load_state_dict(load_file(settings.output / "teacher.safetensors"))
    score = teacher.measure(test)
    write_metrics(settings.output / "metrics.json", {"uas": score.uas, "las": score.las})
    print(f"test: UAS {score.uas:.4f}, LAS {score.las:.4f}")


if __name__ == "__main__":
    run(main, Settings)
