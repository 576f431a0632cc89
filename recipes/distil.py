"""Train a small, fast labeler on what a large one says of plain text, beside the labels that people gave.

    python recipes/distil.py --data ../shared/data --compact                           # en_pos_fast
    python recipes/distil.py --data ../shared/data --teacher output/ner/labeler        # entities, quickly
    python recipes/distil.py my_texts/*.txt --teacher my_tagger --train a.conllu --dev b.conllu --test c.conllu
    python recipes/distil.py my_texts/*.txt --teacher my_ner --train a.iob2 --dev b.iob2 --test c.iob2 --word 1 --tag 2

The teacher labels the texts (Hinton, Vinyals and Dean 2015, here its best labels); the student, which has read nothing
and has a fourth of the teacher's weights, learns them in pieces of 48 words, mixed with the training sentences. Its
best epoch is chosen on dev. Training and dev have no label that the teacher has not. A teacher with a layer of spans
passes that on alone. Ends with the accuracy, or the F1 of exact spans, of both on the test file.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated

import torch
import typer
from ner import Parts, english_parts, read_parts
from pretrain import masc_documents, text_documents

from seqlabel import (
    Display,
    Document,
    Labeler,
    OptionError,
    SeqlabelError,
    Span,
    Spans,
    Tags,
    TagSet,
    Vocabulary,
    WordLanguageModel,
    calibrate,
    fine_tune,
    read_columns,
    read_conllu,
    score_spans,
    score_tags,
    tagging_options,
)
from seqlabel.files import make_folder, write_json
from seqlabel.nn.networks import WordModelConfig

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


def taught(teacher: Labeler, layers: Sequence[TagSet], documents: Iterable[list[str]]) -> Iterator[Document]:
    """Pieces of the documents with the labels that the teacher gives when it reads them whole; no span is cut."""
    for document in teacher(Document.from_words(words) for words in documents if words):
        whole = {one.start: one.end for layer in document.spans.values() for one in layer.spans}
        inside = {place for start, end in whole.items() for place in range(start + 1, end)}
        start = 0
        while start < len(document):
            end = min(start + WORDS_A_PIECE, len(document))
            while end in inside:
                end += 1
            yield piece_of(document, slice(start, end), layers)
            start = end


def piece_of(document: Document, words: slice, layers: Sequence[TagSet]) -> Document:
    """Some words of a document, with these of its layers."""
    piece = Document.from_words(document.words[words])
    for tag_set in layers:
        name = tag_set.layer
        if tag_set.scheme is None:
            piece = piece.with_tags(name, Tags(document.tags[name].labels[words]))
        else:
            found = [span for span in document.spans[name].spans if words.start <= span.start < words.stop]
            moved = (Span(one.start - words.start, one.end - words.start, one.label) for one in found)
            piece = piece.with_spans(name, Spans(tuple(moved)))
    return piece


def small_student(
    teacher: Labeler, layers: Sequence[TagSet], documents: Iterable[Document], *, words: int, hidden: int
) -> Labeler:
    """A labeler that has read nothing, with vectors of their own for the most frequent words."""
    counts = Counter(word for document in documents for word in document.words)
    vocabulary = Vocabulary.from_counts(counts, max_words=words)
    below = WordModelConfig(
        words=len(vocabulary), buckets=16_384, embedding=128, hidden=hidden, cutoffs=(len(vocabulary) // 2,)
    )
    return Labeler.on(
        WordLanguageModel(below, vocabulary),
        layers,
        hidden=hidden // 2,
        language=teacher.config.language,
        words=teacher.config.words,
    )


def tagged_parts(files: Sequence[Path], layers: Sequence[TagSet]) -> Parts:
    """The sentences of CoNLL-U files; only the one that is measured on may have labels that the teacher has not."""
    labels = {tag_set.layer: tag_set.labels for tag_set in layers}
    train, dev = (list(read_conllu(file, labels=labels)) for file in files[:2])
    return Parts(train, dev, list(read_conllu(files[2])), other=[])


def score_of(labeler: Labeler, gold: Sequence[Document], tag_set: TagSet) -> float:
    """The accuracy of a layer of tags, the F1 of exact spans of another."""
    pairs = zip(gold, labeler(gold), strict=True)
    if tag_set.scheme is None:
        return score_tags(pairs, tag_set.layer).accuracy
    return score_spans(pairs, tag_set.layer).exact.f


def main(
    texts: Annotated[list[Path] | None, typer.Argument(help="UTF-8 text files that the teacher labels.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder with masc, text, and what pos.py or ner.py reads.")] = None,
    teacher: Annotated[str, typer.Option(help="Folder or name of a labeler.")] = "en_pos",
    train: Annotated[Path | None, typer.Option(help="File to train on, CoNLL-U or columns.")] = None,
    dev: Annotated[Path | None, typer.Option(help="File to choose the best epoch on.")] = None,
    test: Annotated[Path | None, typer.Option(help="File to measure on.")] = None,
    word: Annotated[int, typer.Option(help="The column of words, from 0, where the teacher labels spans.")] = 0,
    tag: Annotated[int, typer.Option(help="The same of tags; -1 is the last.")] = -1,
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
        files = [file for file in (train, dev, test) if file is not None]
        if len(files) != (0 if data is not None else 3) or (texts is None) == (data is None):
            raise OptionError("give --data alone, or texts and all of --train, --dev and --test")
        large = Labeler.load(teacher)
        spans = [tag_set for tag_set in large.tag_sets if tag_set.scheme is not None]
        if spans and (len(spans) > 1 or spans[0].layer != "ner"):
            raise OptionError(f"{teacher}: found layers of spans {[one.layer for one in spans]}; allowed is one, ner")
        if not spans and (word, tag) != (0, -1):
            raise OptionError("word, tag: found columns, but the teacher labels no spans; its files are CoNLL-U")
        layers = spans or large.tag_sets
        if data is not None:
            files = [data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
        if not spans:
            parts = tagged_parts(files, layers)
        elif data is not None:
            parts = english_parts(data)
        else:
            parts = read_parts(files, partial(read_columns, word=word, tag=tag))
        plain = plain_texts(data) if data is not None else chain.from_iterable(map(text_documents, texts or []))
        learning = [*parts.train * GOLD_COPIES, *taught(large, layers, shared_out(plain, taught_words))]
        torch.manual_seed(seed)
        small = small_student(large, layers, learning, words=words, hidden=hidden)
        options = tagging_options(epochs, pretrained=False, seed=seed)
        display = Display.SILENT if quiet else Display.AUTO
        fine_tune(small, learning, parts.dev, options=options, words=1_000, display=display)
        calibrate(small, parts.dev)
        small.save(output / "labeler", compact=compact)
        labelers = {"teacher": large, "student": Labeler.load(output / "labeler")}
        scores = {
            name: {one.layer: score_of(labeler, parts.test, one) for one in layers}
            for name, labeler in labelers.items()
        }
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    write_json(output / "metrics.json", {"words": sum(map(len, learning)), "epochs": epochs, "scores": scores})
    for tag_set in layers:
        of = "accuracy" if tag_set.scheme is None else "F1"
        student, other = (100 * scores[name][tag_set.layer] for name in ("student", "teacher"))
        print(f"{tag_set.layer}: test {of} {student:.2f}, the teacher's {other:.2f}")


if __name__ == "__main__":
    typer.run(main)
