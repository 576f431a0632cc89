"""Pretrain a forward and a backward language model on plain text: the encoder that every tagger here starts from.

    python recipes/pretrain.py my_texts/*.txt --output output/mine      # any UTF-8 text, tokenised as spaCy does
    python recipes/pretrain.py --dataset my_dataset --column text       # its name on the hub or its folder, streamed
    python recipes/pretrain.py --data ../shared/data                    # the shipped English encoder: 46 minutes
    python recipes/pretrain.py --data ../shared/data --pieces 8000      # over pieces of words

Words come with hashed character features, so none is unknown; both models share the embedder and have an adaptive
softmax over the most frequent words. With --pieces they read and predict pieces of words, trained on the same text. The
text is read in one pass and never held in memory; training that was cut off goes on with --resume. Ends with the
perplexity of both ways on a held-out part and words a second, and saves the model also as small as models that ship, in
the folder `compact`. Perplexity is always that of a word, but pieces spell
every word, while the words that are too rare to be predicted count as one: compare the two on a task.
"""

import itertools
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer

from seqlabel import (
    START,
    Checkpoints,
    Corpus,
    DataError,
    Display,
    EvaluationStream,
    OneCycle,
    OptionError,
    PieceKind,
    Pieces,
    Precision,
    SeqlabelError,
    TokenArray,
    Tokeniser,
    TrainingOptions,
    TwoWayStream,
    Vocabulary,
    WordLanguageModel,
    build_corpus,
    dataset_rows,
    english_config,
    evaluate,
    fit,
    read_conllu,
    words_of_rows,
)
from seqlabel.batches.language import TwoWayPieceStream
from seqlabel.files import make_folder, read_json, write_json
from seqlabel.nn.networks import english_piece_config
from seqlabel.text.corpora import find_texts
from seqlabel.text.hashing import WordHasher
from seqlabel.text_files import read_blocks
from seqlabel.training.objectives import backward_only, both_ways, forward_only

WORDS_A_PIECE = 1_000
HELD_OUT_EVERY = 200
TOKENISE = Tokeniser("en")
Document = list[str]


def training_pieces(documents: Iterable[Document], held_out: list[str]) -> Iterator[Document]:
    """Documents cut into pieces; of every 200 pieces the 10th is appended to `held_out` instead."""
    number = 0
    for document in documents:
        for start in range(0, len(document), WORDS_A_PIECE):
            piece = [START] * (start == 0) + document[start : start + WORDS_A_PIECE]
            number += 1
            if number % HELD_OUT_EVERY == 10:
                held_out += piece
            else:
                yield piece


def text_documents(path: Path) -> Iterator[Document]:
    """A text file in documents of about a megabyte, tokenised as spaCy does, without white space."""
    for text in whole_lines(path):
        yield TOKENISE(text).words


def whole_lines(path: Path) -> Iterator[str]:
    """A text file in pieces of about a megabyte that end with a line."""
    waiting = ""
    for block in read_blocks(path):
        text, _, waiting = (waiting + block).rpartition("\n")
        yield text
    yield waiting


def row_documents(rows: Iterable[Mapping[str, Any]], column: str) -> Iterator[Document]:
    """The words of a text column, a document a row."""
    for _, *words in words_of_rows(rows, column, split=lambda text: TOKENISE(text).words):
        yield words


def masc_documents(folder: Path) -> Iterator[Document]:
    """MASC's `word_TAG` files, but for every tenth, which other recipes test on."""
    for number, path in enumerate(find_texts(folder)):
        if number % 10 != 9:
            yield masc_words(path)


def masc_words(path: Path) -> list[str]:
    """The words of a `word_TAG` file."""
    return [item.rpartition("_")[0] for item in "".join(read_blocks(path)).split() if "_" in item[1:]]


def conllu_documents(path: Path) -> Iterator[Document]:
    """The words of a CoNLL-U file, a document at a `# newdoc`; multi-word tokens and empty nodes left out."""
    for document in read_conllu(path, whole_documents=True):
        yield document.words


def english_documents(data: Path) -> Iterator[Document]:
    """The shipped encoder's text: novels, with modern text (MASC, EWT's training words, speeches) three times in it."""
    novels = text_documents(data / "text" / "novels.txt")
    modern = [
        *masc_documents(data / "masc"),
        *conllu_documents(data / "ud_english_ewt" / "en_ewt-ud-train.conllu"),
        *text_documents(data / "text" / "state_union.txt"),
        *text_documents(data / "text" / "inaugural.txt"),
    ]
    # Spread evenly among the novels' 68 megabyte-long documents, so that each row of a batch meets all kinds.
    rounds = iter(modern * 3)
    each = -(-len(modern) * 3 // 68)
    for novel in novels:
        yield [word for word in novel if not re.fullmatch(r"<<<|>>>", word)]
        yield from itertools.islice(rounds, each)
    yield from rounds


def main(
    texts: Annotated[list[Path] | None, typer.Argument(help="UTF-8 text files.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the shipped encoder's corpora.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Name or folder of a `datasets` dataset.")] = None,
    column: Annotated[str, typer.Option(help="The dataset's column of text.")] = "text",
    output: Annotated[Path, typer.Option(help="Folder for corpus, checkpoints, model and metrics.json.")] = Path(
        "output/pretrain"
    ),
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the text.")] = 1,
    words: Annotated[int, typer.Option(min=2, help="Frequent words with vectors of their own.")] = 20_000,
    pieces: Annotated[int, typer.Option(min=0, help="Read so many pieces of words instead; 0 for words.")] = 0,
    kind: Annotated[PieceKind, typer.Option(help="How pieces are found.")] = PieceKind.BPE,
    batch_size: Annotated[int, typer.Option(min=1, help="Rows read side by side.")] = 128,
    bptt: Annotated[int, typer.Option(min=1, help="Words a batch reads of each row.")] = 32,
    max_lr: Annotated[float, typer.Option(help="The highest learning rate.")] = 4e-3,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the weights.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:N or mps.")] = "auto",
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only the last line.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a training that was cut off.")] = False,
) -> None:
    """Pretrain a forward and a backward language model on plain text."""
    try:
        make_folder(output)
        if sum(map(bool, (texts, data, dataset))) != 1:
            raise OptionError("give text files, --data or --dataset, one of them")
        missing = [path for path in texts or [] if not path.is_file()]
        if missing:
            raise DataError(f"{missing[0]}: cannot be read (there is no such file); give UTF-8 text files")
        if dataset is not None:
            documents = row_documents(dataset_rows(dataset, "train"), column)
        else:
            documents = (
                english_documents(data) if data else (one for path in texts or [] for one in text_documents(path))
            )
        corpus, held_out = load_corpus(documents, output, again=resume)
        vocabulary = corpus.vocabulary
        tokens = TokenArray(vocabulary.encode(held_out))
        torch.manual_seed(seed)
        train: TwoWayStream | TwoWayPieceStream
        valid: TwoWayStream | TwoWayPieceStream
        if pieces:
            cut = load_pieces(corpus, output / f"{kind}_{pieces}.json", size=pieces, kind=kind, again=resume)
            ids = cut.encode(list(vocabulary))
            train = TwoWayPieceStream(corpus.tokens, ids, batch_size=batch_size, bptt=bptt)
            valid = TwoWayPieceStream(tokens, ids, batch_size=16, bptt=64, make=EvaluationStream)
            model = WordLanguageModel(english_piece_config(len(cut)), cut)
        else:
            config = english_config(min(words, len(vocabulary)))
            features, rows = WordHasher(config.buckets)(list(vocabulary)), config.words
            train = TwoWayStream(corpus.tokens, features, predicted=rows, batch_size=batch_size, bptt=bptt)
            valid = TwoWayStream(tokens, features, predicted=rows, batch_size=16, bptt=64, make=EvaluationStream)
            model = WordLanguageModel(config, Vocabulary(list(vocabulary)[:rows]))
        options = TrainingOptions(
            epochs=epochs,
            schedule=OneCycle(max_lr=max_lr, pct_start=0.1),
            max_grad_norm=1.0,
            seed=seed,
            device=device,
            precision=Precision.BFLOAT16,
        )
        if TOKENISE.cut_runs:
            print(f"runs of more than 256 characters, cut after every 256: {TOKENISE.cut_runs:,}", file=sys.stderr)
        checkpoints = Checkpoints(output, save=model.save, every_steps=200, resume=resume)
        display = Display.SILENT if quiet else Display.AUTO
        if not quiet:
            print(
                f"{len(corpus.tokens):,} words, {len(vocabulary):,} types, {len(held_out):,} words held out", flush=True
            )
        reports = list(
            fit(
                model.module,
                train,
                valid,
                options=options,
                objective=both_ways,
                checkpoints=checkpoints,
                display=display,
            )
        )
        ways = {"forward": forward_only, "backward": backward_only}
        scores = {name: evaluate(model.module, valid, objective=way) for name, way in ways.items()}
        WordLanguageModel.load(checkpoints.best).save(output / "compact", compact=True)
    except SeqlabelError as error:
        raise SystemExit(f"error: {error}") from error
    except KeyboardInterrupt:
        print("\ninterrupted; the same command with --resume goes on", file=sys.stderr)
        raise SystemExit(130) from None
    # By words, however many pieces they are cut into; the first word is not predicted.
    perplexities = {name: math.exp(one.loss * one.count / (len(tokens) - 1)) for name, one in scores.items()}
    metrics = {f"{name}_perplexity": value for name, value in perplexities.items()}
    speed = len(corpus.tokens) * len(reports) / sum(report.seconds for report in reports)
    write_json(output / "metrics.json", {**metrics, "words_per_second": speed, "words": len(corpus.tokens)})
    print(
        f"perplexity {perplexities['forward']:.1f} forward, {perplexities['backward']:.1f} backward on held-out words; "
        f"{speed:,.0f} words a second, read both ways; the model is in {output / 'best'}"
    )


def load_corpus(documents: Iterable[Document], output: Path, *, again: bool) -> tuple[Corpus, list[str]]:
    """The training corpus on disk and the held-out words; with `again`, those of the training that was cut off."""
    if again and (output / "held_out.json").exists():
        return Corpus.load(output / "corpus"), read_json(output / "held_out.json")
    held_out: list[str] = []
    corpus = build_corpus(training_pieces(documents, held_out), output / "corpus")
    if not held_out:
        raise DataError(
            f"found {len(corpus.tokens):,} words; at least {10 * WORDS_A_PIECE:,} are needed to hold some out"
        )
    write_json(output / "held_out.json", held_out)
    return corpus, held_out


def load_pieces(corpus: Corpus, path: Path, *, size: int, kind: PieceKind, again: bool) -> Pieces:
    """Pieces trained on the corpus and written to a file; with `again`, those of the training that was cut off."""
    if not again or not path.exists():
        counts = np.zeros(len(corpus.vocabulary), dtype=np.int64)
        for start in range(0, len(corpus.tokens), 1 << 20):
            ids = corpus.tokens.read(start, min(start + (1 << 20), len(corpus.tokens)))
            counts += np.bincount(ids, minlength=len(counts))
        by_word = dict(zip(corpus.vocabulary, counts.tolist(), strict=True))
        Pieces.train(by_word, size=size, kind=kind).save(path)
    return Pieces.load(path)


if __name__ == "__main__":
    typer.run(main)
