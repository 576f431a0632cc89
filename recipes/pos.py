"""Train a part-of-speech tagger on CoNLL-U files, from a pretrained encoder or from nothing.

    python recipes/pos.py --data ../shared/data --encoder output/pretrain/best       # English Web Treebank
    python recipes/pos.py --train a.conllu --dev b.conllu --test c.conllu            # your own, without pretraining
    python recipes/pos.py --data ../shared/data --encoder output/pretrain/best --sentences 100

The language models' output layers are thrown away; a fresh two-way layer and a head for tags go on top. Ends with the
accuracy on the test file, by sentences and by whole documents, and saves a labeler. The best epoch is chosen on dev;
with --sentences no label but those of the sample is used: no dev, a fixed number of epochs.
"""

import random
from pathlib import Path
from typing import Annotated

import torch
import typer

from seqlabel.batches import TaggedBatches
from seqlabel.checkpoints import Checkpoints, highest_accuracy
from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.files import make_folder, write_json
from seqlabel.labeler import Labeler, LabelerConfig
from seqlabel.language_model import WordLanguageModel
from seqlabel.metrics import score_tags
from seqlabel.models import WordModelConfig
from seqlabel.objectives import word_tags
from seqlabel.readers import read_conllu
from seqlabel.reports import Display
from seqlabel.schedules import OneCycle
from seqlabel.training import Precision, TrainingOptions, fit
from seqlabel.vocabulary import Vocabulary


def choose_files(data: Path | None, train: Path | None, dev: Path | None, test: Path | None) -> tuple[Path, Path, Path]:
    if data is not None:
        folder = data / "ud_english_ewt"
        train, dev, test = (folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test"))
    if train is None or dev is None or test is None:
        raise OptionError("give --data, or all of --train, --dev and --test")
    return train, dev, test


def fresh_encoder(words: list[str]) -> WordLanguageModel:
    """An encoder that has read nothing, with vectors for the words of training."""
    vocabulary = Vocabulary.from_words(words)
    config = WordModelConfig(
        words=len(vocabulary), buckets=16_384, embedding=128, hidden=256, cutoffs=(max(len(vocabulary) // 2, 1),)
    )
    return WordLanguageModel(config, vocabulary)


def main(
    data: Annotated[Path | None, typer.Option(help="Folder that holds ud_english_ewt.")] = None,
    train: Annotated[Path | None, typer.Option(help="CoNLL-U file to train on.")] = None,
    dev: Annotated[Path | None, typer.Option(help="CoNLL-U file to choose the best epoch on.")] = None,
    test: Annotated[Path | None, typer.Option(help="CoNLL-U file to measure on.")] = None,
    encoder: Annotated[Path | None, typer.Option(help="Folder or name of a pretrained encoder.")] = None,
    layer: Annotated[str, typer.Option(help="upos or xpos.")] = "upos",
    language: Annotated[str, typer.Option(help="spaCy's code of the language, for the tokeniser.")] = "en",
    sentences: Annotated[int | None, typer.Option(min=1, help="Train on a random sample of so many.")] = None,
    output: Annotated[Path, typer.Option(help="Folder for the labeler and metrics.json.")] = Path("output/pos"),
    epochs: Annotated[int | None, typer.Option(min=1, help="Passes over the training file.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights, order and sample.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train a part-of-speech tagger on CoNLL-U files and measure it."""
    try:
        make_folder(output)
        train_file, dev_file, test_file = choose_files(data, train, dev, test)
        learning = list(read_conllu(train_file))
        choosing = None if sentences else list(read_conllu(dev_file))
        if sentences:
            learning = random.Random(seed).sample(learning, min(sentences, len(learning)))
        known = {word for document in learning for word in document.words}
        labels = sorted({tag for document in learning for tag in document.tags[layer].labels if tag is not None})

        torch.manual_seed(seed)
        words = [word for document in learning for word in document.words]
        below = WordLanguageModel.load(encoder) if encoder else fresh_encoder(words)
        config = LabelerConfig(below.config, hidden=128, layer=layer, language=language, dropout=0.1)
        labeler = Labeler(config, labels, below.vocabulary, language_model=below.module)

        batches = [
            TaggedBatches(documents, labeler.words, layer=layer, labels=labels, words=size, seed=seed)
            for documents, size in ((learning, min(500, 4 * len(learning))), (choosing, 4_000))
            if documents is not None
        ]
        options = TrainingOptions(
            epochs=epochs or (30 if sentences else 6),
            schedule=OneCycle(max_lr=4e-3, pct_start=0.1),
            beta2=0.999,
            eps=1e-8,
            max_grad_norm=1.0,
            seed=seed,
            device=device,
            precision=Precision.BFLOAT16,
            lr_scales={"embedder": 0.3, "first": 0.3} if encoder else {},
        )
        display = Display.SILENT if quiet else Display.AUTO
        checkpoints = Checkpoints(output, save=labeler.save, score=highest_accuracy)
        reports = list(
            fit(
                labeler.module, *batches, options=options, objective=word_tags, checkpoints=checkpoints, display=display
            )
        )
        best = Labeler.load(checkpoints.last if sentences else checkpoints.best)
        gold = list(read_conllu(test_file))
        score = score_tags(zip(gold, best(gold), strict=True), layer, known=known)
        whole = list(read_conllu(test_file, whole_documents=True))
        by_document = score_tags(zip(whole, best(whole), strict=True), layer, known=known)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    metrics = {
        "accuracy": score.accuracy,
        "unknown_accuracy": score.unknown_accuracy,
        "macro_f1": score.macro_f1,
        "document_accuracy": by_document.accuracy,
        "seconds": sum(report.seconds for report in reports),
    }
    write_json(output / "metrics.json", metrics)
    print(
        f"test accuracy {100 * score.accuracy:.2f} by sentences, {100 * by_document.accuracy:.2f} by documents; "
        f"unknown words {100 * (score.unknown_accuracy or 0):.2f}; the labeler is in {output}"
    )


if __name__ == "__main__":
    typer.run(main)
