"""Train a small, fast labeler on what a large one says of plain text, beside the labels that people gave.

    python recipes/distil.py --data ../shared/data --compact                           # en_pos_fast
    python recipes/distil.py my_texts/*.txt --teacher my_tagger --train a.conllu --dev b.conllu --test c.conllu

The teacher labels the texts (Hinton, Vinyals and Dean 2015, here its best labels); the student, which has read nothing
and has a fourth of the teacher's weights, learns them in pieces of 48 words, mixed with the training sentences. Its
best epoch is chosen on dev. Training and dev have no label that the teacher has not. Ends with the accuracy of both on
the test file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Annotated

import torch
import typer
from pretrain import masc_documents, text_documents

from seqlabel.documents import Document, Tags
from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.files import make_folder, write_json
from seqlabel.fine_tuning import calibrate, fine_tune, tagging_options
from seqlabel.labeler import Labeler
from seqlabel.language_model import WordLanguageModel
from seqlabel.metrics import score_tags
from seqlabel.models import WordModelConfig
from seqlabel.readers import read_conllu
from seqlabel.reports import Display
from seqlabel.vocabulary import Vocabulary

WORDS_A_PIECE = 48
GOLD_COPIES = 3


def plain_texts(data: Path) -> Iterator[list[str]]:
    """Modern text but for what other recipes test on, and novels."""
    yield from masc_documents(data / "masc")
    for name in ("state_union", "inaugural", "novels"):
        yield from text_documents(data / "text" / f"{name}.txt")


def shared_out(documents: Iterable[list[str]], wanted: int) -> Iterator[list[str]]:
    """The beginnings of all documents, `wanted` words together: short ones whole, of long ones equally many."""
    every = sorted(documents, key=len)
    for number, words in enumerate(every):
        most = wanted // (len(every) - number)
        yield words[:most]
        wanted -= min(len(words), most)


def taught(teacher: Labeler, documents: Iterable[list[str]]) -> Iterator[Document]:
    """Pieces of the documents with the labels that the teacher gives when it reads them whole."""
    layers = [tag_set.layer for tag_set in teacher.tag_sets]
    for document in teacher(Document.from_words(words) for words in documents if words):
        words = document.words
        for start in range(0, len(words), WORDS_A_PIECE):
            piece = slice(start, start + WORDS_A_PIECE)
            labelled = Document.from_words(words[piece])
            for layer in layers:
                labelled = labelled.with_tags(layer, Tags(document.tags[layer].labels[piece]))
            yield labelled


def small_student(teacher: Labeler, documents: Iterable[Document], *, words: int, hidden: int) -> Labeler:
    """A labeler that has read nothing, with vectors of their own for the most frequent words."""
    counts = Counter(word for document in documents for word in document.words)
    vocabulary = Vocabulary.from_counts(counts, max_words=words)
    below = WordModelConfig(
        words=len(vocabulary), buckets=16_384, embedding=128, hidden=hidden, cutoffs=(len(vocabulary) // 2,)
    )
    return Labeler.on(
        WordLanguageModel(below, vocabulary),
        teacher.tag_sets,
        hidden=hidden // 2,
        language=teacher.config.language,
        words=teacher.config.words,
    )


def main(
    texts: Annotated[list[Path] | None, typer.Argument(help="UTF-8 text files that the teacher labels.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder that holds masc, text and ud_english_ewt.")] = None,
    teacher: Annotated[str, typer.Option(help="Folder or name of a labeler of tags.")] = "en_pos",
    train: Annotated[Path | None, typer.Option(help="CoNLL-U file to train on, beside the texts.")] = None,
    dev: Annotated[Path | None, typer.Option(help="CoNLL-U file to choose the best epoch on.")] = None,
    test: Annotated[Path | None, typer.Option(help="CoNLL-U file to measure on.")] = None,
    taught_words: Annotated[int, typer.Option(min=1, help="Words that the teacher labels, at most.")] = 3_000_000,
    words: Annotated[int, typer.Option(min=2, help="Frequent words with vectors of their own.")] = 8_000,
    hidden: Annotated[int, typer.Option(min=2, help="Units a way of the first layer; the second has half.")] = 128,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over all.")] = 2,
    seed: Annotated[int, typer.Option(min=0, help="Seed of weights and batches.")] = 0,
    output: Annotated[Path, typer.Option(help="Folder for the labeler and metrics.json.")] = Path("output/distil"),
    compact: Annotated[bool, typer.Option("--compact", help="Save weights as small as models that ship.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
) -> None:
    """Train a small, fast labeler on what a large one says of plain text."""
    try:
        make_folder(output)
        if data is not None:
            train, dev, test = (
                data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")
            )
        if train is None or dev is None or test is None or (texts is None) == (data is None):
            raise OptionError("give --data alone, or texts and all of --train, --dev and --test")
        plain = plain_texts(data) if data is not None else chain.from_iterable(map(text_documents, texts or []))
        large = Labeler.load(teacher)
        if any(tag_set.scheme is not None for tag_set in large.tag_sets):
            raise OptionError(f"{teacher}: found a layer of spans; the teacher is a labeler of tags")
        labels = {tag_set.layer: tag_set.labels for tag_set in large.tag_sets}
        learning = list(read_conllu(train, labels=labels)) * GOLD_COPIES
        choosing, gold = list(read_conllu(dev, labels=labels)), list(read_conllu(test))
        learning += taught(large, shared_out(plain, taught_words))
        torch.manual_seed(seed)
        small = small_student(large, learning, words=words, hidden=hidden)
        options = tagging_options(epochs, pretrained=False, seed=seed)
        display = Display.SILENT if quiet else Display.AUTO
        fine_tune(small, learning, choosing, options=options, words=1_000, display=display)
        calibrate(small, choosing)
        small.save(output / "labeler", compact=compact)
        scores = {
            name: {
                tag_set.layer: score_tags(zip(gold, labeler(gold), strict=True), tag_set.layer).accuracy
                for tag_set in labeler.tag_sets
            }
            for name, labeler in (("teacher", large), ("student", Labeler.load(output / "labeler")))
        }
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    write_json(output / "metrics.json", {"words": sum(map(len, learning)), "epochs": epochs, "accuracy": scores})
    for layer, accuracy in scores["student"].items():
        print(f"{layer}: test accuracy {100 * accuracy:.2f}, the teacher's {100 * scores['teacher'][layer]:.2f}")


if __name__ == "__main__":
    typer.run(main)
