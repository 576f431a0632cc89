"""Tune a small transformer on people's labels; other recipes hand on what it says to small
labelers.

    pip install "seqlabel-rnn[teacher]"
    python recipes/teacher.py --data ../shared/data               # 15 minutes on one core
    python recipes/teacher.py --data ../shared/data --layers upos,xpos,feats,lemma,sentence \
        --start output/teacher \
        --output output/teacher_of_five --epochs 2    # 10 minutes more, for morphology.py
    python recipes/teacher.py --data ../shared/data --corpus europe --words 450000 --epochs 1 \
        --output output/europe_teacher
    python recipes/teacher.py --data ../shared/data --corpus names --epochs 2 \
        --output output/names_teacher

The transformers are those of `transformer`, whose packages the extra installs. The small one reads
pieces of documents of the English Web Treebank, of one to four sentences, for distil.py. The
multilingual one, which takes half an hour or more, learns the treebanks of `europe_data` for
europe_pos.py, or the names of all its languages and of English posts, a tenth of them in small
letters too, for ner.py and europe_ner.py. The best pass is chosen on dev. Ends with the scores on
the test file, or on dev where there are many.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from itertools import accumulate, repeat
from pathlib import Path
from typing import Annotated, NamedTuple

import torch
from english_data import in_runs, with_lowered, wnut_sentences
from europe_data import FILES, NER, TREEBANKS, UPOS, features_of, names_of, names_parts, parts_of
from safetensors.torch import load_file
from torch import Tensor
from transformer import Transformer, tag_loss, unpacked
from transformer.tuning import Tuning, batches_of, tune
from typer import Option

from seqlabel import Document, TagSet, score_tags
from seqlabel.commands import Epochs, Quiet, Seed, run
from seqlabel.commands.record import write_metrics
from seqlabel.documents.cutting import cut_at_sentences
from seqlabel.formats import labels_of, read_conllu, without_rare_scripts
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder
from seqlabel.models.measuring import score_layers

TUNING = Tuning(body_rate=2e-4, head_rate=2e-3, warm_up=0.1, words=400, sizes=(1, 1, 1, 2, 3, 4))
SENTENCES, NAMED_SENTENCES, LOWERED = 4_000, 3_000, 0.1
"""Sentences of each language, of each file with names; and the share that is read in small letters
too.
"""

Documents = list[Document]


class Material(NamedTuple):
    """What a teacher learns, is chosen on and measured on, and its tags."""

    train: Documents
    dev: Documents
    test: Documents
    tag_sets: list[TagSet]


Corpus = StrEnum("Corpus", "ENGLISH EUROPE NAMES")
"""The labels that are learnt."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path,
        Option(help="Folder that holds ud_english_ewt, or europe, ner_english_ewt and wnut17."),
    ]
    output: Annotated[Path, Option(help="Folder for the teacher and metrics.json.")] = Path(
        "output/teacher"
    )
    corpus: Annotated[Corpus, Option(help="What it learns.")] = Corpus.ENGLISH
    layers: Annotated[str, Option(help="The layers of English, with commas between.")] = "upos,xpos"
    start: Annotated[
        Path | None, Option(help="Folder of a teacher of the first of these layers to go on from.")
    ] = None
    words: Annotated[
        int | None, Option(min=1, help="Words to learn from, drawn by chance. Default: all.")
    ] = None
    epochs: Epochs = 3
    seed: Seed = 0
    quiet: Quiet = False


def tag_losses(teacher: Transformer, batch: Documents) -> Tensor:
    """The sum of the mean losses of a word's tag, of all layers."""
    with torch.autocast("cpu", torch.bfloat16):
        scores = teacher([document.words for document in batch])
    losses = [
        tag_loss(found, batch, one) for found, one in zip(scores, teacher.tag_sets, strict=True)
    ]
    return torch.stack(losses).sum()


def pieces_of(document: Document, sizes: Iterable[int]) -> Iterator[Document]:
    """A document in pieces of so many sentences, whole if its sentences are not known."""
    return cut_at_sentences(document, sizes) if len(document.sentences) > 1 else iter([document])


def english(data: Path, layers: Sequence[str]) -> Material:
    """The documents of the English Web Treebank."""
    paths = [
        data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")
    ]
    train, dev, test = (
        list(read_conllu(path, layers=layers, whole_documents=True)) for path in paths
    )
    train = without_rare_scripts(train, fewest=2)
    return Material(train, dev, test, [labels_of(train, layer, paths[0]) for layer in layers])


def european(data: Path) -> Material:
    """The sentences of the treebanks."""
    languages = [parts_of(data, code, SENTENCES) for code in TREEBANKS]
    train = [one for parts in languages for one in parts.train]
    dev = [one for parts in languages for one in parts.dev]
    return Material(train, dev, dev, [UPOS, *features_of(train)])


def names(data: Path) -> Material:
    """Sentences with names, English ones in runs, as documents have them, and posts."""
    languages = [names_parts(data, code, NAMED_SENTENCES) for code in FILES if code != "en"]
    train = [one for parts in languages for one in parts.train]
    train += wnut_sentences(data / "wnut17" / "wnut17train.conll")
    train += in_runs(names_of(data, "train"), seed=0)
    dev = [*(one for parts in languages for one in parts.dev), *names_of(data, "dev")]
    return Material(with_lowered(train, LOWERED, seed=0), dev, dev, [NER])


def main(settings: Settings) -> None:
    """Tune a small transformer on people's labels."""
    make_folder(settings.output)
    torch.manual_seed(settings.seed)
    of_english = partial(english, layers=settings.layers.split(","))
    corpora = {Corpus.ENGLISH: of_english, Corpus.EUROPE: european, Corpus.NAMES: names}
    train, dev, test, tag_sets = corpora[settings.corpus](settings.data)
    many = settings.corpus is not Corpus.ENGLISH
    teacher = Transformer(unpacked(settings.output, many_languages=many), tag_sets)
    if settings.start is not None:
        teacher.load_state_dict(load_file(settings.start / "teacher.safetensors"), strict=False)
    for one in tag_sets:
        train, dev, test = (
            with_known_labels(part, one.layer, one.labels) for part in (train, dev, test)
        )
    if settings.words:
        random.Random(settings.seed).shuffle(train)
        ends = accumulate(map(len, train))
        train = [
            document for document, end in zip(train, ends, strict=True) if end <= settings.words
        ]
    known = {word for document in train for word in document.words}

    def measure(documents: Documents) -> dict[str, float]:
        pieces = [piece for one in documents for piece in pieces_of(one, repeat(TUNING.sizes[-1]))]
        labeled = list(teacher.label(pieces))
        found = {one.layer: score_layers(pieces, labeled, [one]) for one in tag_sets}
        if tag_sets[0].scheme is None:
            scores = score_tags(zip(pieces, labeled, strict=True), tag_sets[0].layer, known=known)
            found["unknown"] = scores.unknown_accuracy or 0.0
        return found

    passes = [
        batches_of(train, pieces_of, TUNING, seed=settings.seed, epoch=epoch)
        for epoch in range(settings.epochs)
    ]
    best = 0.0
    for number, loss in enumerate(tune(teacher, passes, partial(tag_losses, teacher), TUNING)):
        found = measure(dev)
        if not settings.quiet:
            print(f"pass {number + 1}: loss {loss:.3f}, dev {found}", flush=True)
        if (score := sum(found[one.layer] for one in tag_sets)) > best:
            best = score
            teacher.save(settings.output)
    teacher.load_state_dict(load_file(settings.output / "teacher.safetensors"))
    found = measure(test)
    write_metrics(settings.output / "metrics.json", {"test": found})
    print("test: " + ", ".join(f"{name} {100 * value:.2f}" for name, value in found.items()))


if __name__ == "__main__":
    run(main, Settings)
