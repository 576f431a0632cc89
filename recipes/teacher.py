"""Tune a small transformer on the English Web Treebank; `distil.py` hands on what it says to small labelers.

    pip install "seqlabel-rnn[teacher]"
    python recipes/teacher.py --data ../shared/data               # 15 minutes on one core
    python recipes/teacher.py --data ../shared/data --layers upos,xpos,feats,lemma,sentence --start output/teacher \
        --output output/teacher_of_five --epochs 2                # 10 minutes more, for morphology.py

The transformer is the one of `transformer`, whose package the extra installs. It reads pieces
of documents, of one to four sentences. The best pass is chosen on dev. Ends with the accuracy on the test file.
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

from seqlabel import Document, TagSet, score_tags
from seqlabel.batches.labelled import shuffled_groups
from seqlabel.commands import Epochs, Quiet, Seed, run
from seqlabel.commands.record import write_metrics
from seqlabel.documents.cutting import cut_at_sentences
from seqlabel.documents.tag_sets import MISSING
from seqlabel.formats import labels_of, read_conllu, without_rare_scripts
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder

BODY_RATE, HEAD_RATE = 2e-4, 2e-3
WORDS_PER_BATCH, WARM_UP = 400, 0.1
SIZES = (1, 1, 1, 2, 3, 4)
"""The sentences of a piece of a document, drawn from these."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the teacher and metrics.json.")] = Path("output/teacher")
    layers: Annotated[str, Option(help="The layers, with commas between.")] = "upos,xpos"
    start: Annotated[Path | None, Option(help="Folder of a teacher of the first of these layers to go on from.")] = None
    epochs: Epochs = 3
    seed: Seed = 0
    quiet: Quiet = False


def tune(teacher: Transformer, documents: Sequence[Document], epochs: int, seed: int) -> Iterator[float]:
    """Tune a teacher; yields the mean loss of each pass."""
    body = [weight for weight in teacher.body.parameters() if weight.requires_grad]
    fresh = [*teacher.cases.parameters(), *teacher.heads.parameters()]
    rates = (BODY_RATE, HEAD_RATE)
    groups = [{"params": weights, "lr": rate} for weights, rate in zip((body, fresh), rates, strict=True)]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01)
    passes = []
    for epoch in range(epochs):
        draw = random.Random(1_000 * seed + epoch)
        sizes = (draw.choice(SIZES) for _ in repeat(None))
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
    paths = [folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    layers = settings.layers.split(",")
    train, dev, test = (list(read_conllu(path, layers=layers, whole_documents=True)) for path in paths)
    train = without_rare_scripts(train, fewest=2)
    tag_sets = [labels_of(train, layer, paths[0]) for layer in layers]
    teacher = Transformer(unpacked(settings.output), tag_sets)
    if settings.start is not None:
        teacher.load_state_dict(load_file(settings.start / "teacher.safetensors"), strict=False)
    for one in tag_sets:
        dev, test = (with_known_labels(part, one.layer, one.labels) for part in (dev, test))
    known = {word for document in train for word in document.words}

    def measure(documents: Sequence[Document]) -> dict[str, float]:
        pieces = [piece for one in documents for piece in cut_at_sentences(one, repeat(SIZES[-1]))]
        pairs = list(zip(pieces, teacher.label(pieces), strict=True))
        scores = {one.layer: score_tags(pairs, one.layer, known=known) for one in tag_sets}
        return {name: score.accuracy for name, score in scores.items()} | {
            "unknown": scores[layers[0]].unknown_accuracy or 0.0
        }

    best = 0.0
    for number, loss in enumerate(tune(teacher, train, settings.epochs, settings.seed)):
        found = measure(dev)
        if not settings.quiet:
            print(f"pass {number + 1}: loss {loss:.3f}, dev {found}", flush=True)
        if (score := sum(found[one] for one in layers)) > best:
            best = score
            teacher.save(settings.output)
    teacher.load_state_dict(load_file(settings.output / "teacher.safetensors"))
    found = measure(test)
    write_metrics(settings.output / "metrics.json", {"test": found})
    print("test: " + ", ".join(f"{name} {100 * value:.2f}" for name, value in found.items()))


if __name__ == "__main__":
    run(main, Settings)
