"""Pretraining of a forward and a backward language model on plain text: from words to an encoder in
a folder.

What the words are is up to the caller; the loop is `fit`'s, and how a labeler starts from the
encoder is in `labeler`.
"""

import math
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.two_ways import FeaturedWords, PieceTokens, TwoWayStream
from seqlabel.errors import DataError, OptionError, check_type, choose
from seqlabel.io.files import read_json, write_json
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.native.hashing import hash_words
from seqlabel.nn.networks import english_config, english_piece_config
from seqlabel.text.corpora import Corpus, TokenArray, build_corpus
from seqlabel.text.hashing import WordHasher
from seqlabel.text.line_blocks import hold_out
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import SPECIAL_WORDS, Vocabulary
from seqlabel.training.batch_sizes import BatchUse, batch_size
from seqlabel.training.checkpoints import Checkpoints
from seqlabel.training.devices import choose_device
from seqlabel.training.loop import Precision, TrainingOptions, evaluate, fit
from seqlabel.training.objectives import backward_only, both_ways, forward_only
from seqlabel.training.processes import Processes
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle

_BLOCK_WORDS = 1_000
_ROWS = 128
"""Rows that are read side by side on a CPU."""
_READ = 1 << 20
_HELD_OUT = "held_out.json"


@dataclass(frozen=True)
class PretrainingOptions:
    """The numbers of a pretraining; the defaults are those of the encoder that ships."""

    words: int = 20_000
    """Frequent words with vectors of their own, at most, which are also the words that are
    predicted.
    """
    min_count: int = 5
    """The fewest times that such a word occurs. With vectors for all words of a small text, an
    encoder can harm.
    """
    pieces: int | None = None
    """Read and predict this many pieces of words instead; None for words."""
    hidden: int = 256
    """GRU units per direction; half as many make a smaller encoder that reads twice as fast."""
    epochs: int | None = None
    """Passes over the text; None for as many as `pretraining_epochs` says."""
    batch_size: int | None = None
    """Rows that are read side by side, at the rate `max_lr`; None for 128, and on a GPU for more,
    at a higher rate (`training.batch_sizes`)."""
    bptt: int = 32
    """Words that a batch reads of each row."""
    max_lr: float = 4e-3
    languages: tuple[str, ...] = ()
    """spaCy's codes of the languages of the text, which the encoder then says it has read; none
    where they are not known."""
    seed: int = 0
    device: str = "auto"
    accumulation: int = 1
    """Batches that each process learns from in a step (`TrainingOptions`)."""

    def __post_init__(self) -> None:
        if self.hidden < 2:
            raise OptionError(f"hidden: expected a number of units, at least 2, got {self.hidden}.")


@dataclass(frozen=True)
class Pretrained:
    """A trained pair of language models, the perplexity of each on held-out words, and the size and
    speed of training.

    Perplexity is that of a word also where pieces are predicted. Pieces spell every word, while the
    words that are too rare to be predicted count as one: compare the two on a task.
    """

    model: WordLanguageModel
    forward_perplexity: float
    backward_perplexity: float
    words: int
    words_per_second: float


def pretraining_epochs(words: int) -> int:
    """Return the passes over a number of words: 1 over more than 1.2 million, up to 10 over few.

    Between these, about 2.4 million words are read in all. With one pass over half a million words
    an encoder can harm.

    Args:
        words: The number of words of the text.

    Returns:
        The number of epochs.

    Example:
        >>> pretraining_epochs(2_000_000), pretraining_epochs(500_000), pretraining_epochs(100_000)
        (1, 4, 10)
    """
    return min(max(2_400_000 // max(words, 1), 1), 10)


def reading_options(
    epochs: int, *, max_lr: float, seed: int, device: str, accumulation: int = 1
) -> TrainingOptions:
    """Return the numbers with which an encoder reads text without labels.

    Args:
        epochs: Passes over the text.
        max_lr: The highest learning rate of the cycle.
        seed: The seed of all random numbers.
        device: The name of the device to train on.
        accumulation: The batches that each process learns from in a step.

    Returns:
        The options of `fit`.
    """
    return TrainingOptions(
        epochs=epochs,
        accumulation=accumulation,
        schedule=OneCycle(max_lr=max_lr, pct_start=0.1),
        max_grad_norm=1.0,
        seed=seed,
        device=device,
        precision=Precision.AUTO,
    )


def by_device(
    options: TrainingOptions, *, words: int, rows: int, bptt: int
) -> tuple[TrainingOptions, int]:
    """Choose by the device how many rows an encoder reads side by side, and the rate that goes with
    it.

    Args:
        options: The numbers of the training, with the rate of a CPU's batch.
        words: The words of the text.
        rows: The rows of a CPU's batch.
        bptt: The words that a batch reads of each row.

    Returns:
        The options with the rate, and the number of rows.
    """
    processes = Processes.joined(options.device)
    size = batch_size(
        BatchUse.TEXT,
        choose_device(options.device),
        words=options.epochs * words,
        cpu_words=rows * bptt,
        batches_a_step=options.accumulation * processes.size,
    )
    return options.with_rate(size.rate), size.words // bptt


def pretrain(
    documents: Iterable[list[str]],
    folder: Path | str,
    *,
    options: PretrainingOptions | None = None,
    resume: bool = False,
    display: Display = Display.AUTO,
) -> Pretrained:
    """Train an encoder on the words of documents, read in one pass; no text is held in memory.

    Args:
        documents: The words of each document; one block of 1,000 words in 200 is held out.
        folder: Gets the model `best`, and `compact`, the same with small weights. What resuming
            needs, the corpus and the checkpoint `last`, is there until the end.
        options: The numbers of the training.
        resume: Continue a training in this folder that was interrupted; `documents` is then not
            read.
        display: How the training is shown.

    Returns:
        The best model, with figures.

    Raises:
        DataError: There are fewer than 10,000 words, or the text cannot be read.
        OptionError: An option is out of its range, or `folder` holds other files.

    Example:
        Pretrain on text files and start a labeler from the result::

            texts = (document.words for path in paths for document in map(Tokenizer("en"),
            whole_lines(path))) pretrain(texts, "my_encoder")
            labeler = Labeler.on("my_encoder/best", [tag_set])
    """
    # Now, not after the corpus was read.
    display = choose(Display, "display", display)
    check_type("options", options, PretrainingOptions | None, "PretrainingOptions, or None")
    check_type("folder", folder, str | Path, "the path of a folder")
    options = options or PretrainingOptions()
    folder = Path(folder)
    if resume and (folder / "last").is_dir() and not (folder / _HELD_OUT).exists():
        raise OptionError(
            f"resume: The training in {folder} has ended. Leave it out to train again."
        )
    processes = Processes.joined(options.device)
    if processes.first:
        corpus, held_out = _corpus(documents, folder, resume=resume)
    # The others read what the first one has written.
    processes.wait()
    if not processes.first:
        corpus, held_out = _corpus((), folder, resume=True)
    epochs = options.epochs or pretraining_epochs(len(corpus.tokens))
    training = reading_options(
        epochs,
        max_lr=options.max_lr,
        seed=options.seed,
        device=options.device,
        accumulation=options.accumulation,
    )
    rows = options.batch_size
    if rows is None:
        training, rows = by_device(
            training, words=len(corpus.tokens), rows=_ROWS, bptt=options.bptt
        )
    tokens = TokenArray(corpus.vocabulary.encode(held_out))
    torch.manual_seed(options.seed)
    if processes.first:
        model, train, valid = _model_and_streams(
            corpus, tokens, folder, options, rows=rows, resume=resume
        )
    processes.wait()
    if not processes.first:
        model, train, valid = _model_and_streams(
            corpus, tokens, folder, options, rows=rows, resume=True
        )
    checkpoints = Checkpoints(
        folder, save=model.save, every_steps=200, every_seconds=60.0, resume=resume
    )
    run = partial(
        fit, options=training, objective=both_ways, checkpoints=checkpoints, display=display
    )
    reports = list(run(model.module, train, valid))
    forward, backward = (
        evaluate(model.module, valid, objective=way) for way in (forward_only, backward_only)
    )
    best = WordLanguageModel.load(checkpoints.best)
    processes.wait()
    if processes.first:
        best.save(folder / "compact", compact=True)
        shutil.rmtree(folder / "corpus", ignore_errors=True)
        # What is left of `last` tells another training in this folder that it may replace `best`.
        for path in (
            folder / _HELD_OUT,
            *(path for path in checkpoints.last.iterdir() if path.name != "training.json"),
        ):
            path.unlink()
    # Per word, whatever number of pieces it is cut into; the first word is not predicted.
    return Pretrained(
        best,
        forward_perplexity=math.exp(forward.loss * forward.count / (len(tokens) - 1)),
        backward_perplexity=math.exp(backward.loss * backward.count / (len(tokens) - 1)),
        words=len(corpus.tokens),
        words_per_second=len(corpus.tokens)
        * len(reports)
        / sum(report.seconds for report in reports),
    )


def _model_and_streams(
    corpus: Corpus,
    held_out: TokenArray,
    folder: Path,
    options: PretrainingOptions,
    *,
    rows: int,
    resume: bool,
) -> tuple[WordLanguageModel, TwoWayStream, TwoWayStream]:
    words = list(corpus.vocabulary)
    parts = (corpus.tokens, held_out)
    languages = options.languages
    count = len(corpus.tokens)
    if options.pieces is not None:
        path = folder / f"bpe_{options.pieces}.json"
        pieces = _pieces(corpus, path, options.pieces, resume=resume)
        ids = pieces.encode(words)
        piece_config = english_piece_config(len(pieces), hidden=options.hidden)
        model = WordLanguageModel(
            replace(piece_config, languages=languages, words_read=count), pieces
        )
        train, valid = (partial(TwoWayStream, PieceTokens(some, ids)) for some in parts)
    else:
        seen = _counts(corpus)[len(SPECIAL_WORDS) :] >= options.min_count
        config = english_config(
            min(options.words, len(SPECIAL_WORDS) + int(seen.sum())), hidden=options.hidden
        )
        featured = FeaturedWords(
            hash_words(words, WordHasher(config.buckets)), predicted=config.words
        )
        vocabulary = Vocabulary(words[: config.words])
        model = WordLanguageModel(
            replace(config, languages=languages, words_read=count), vocabulary
        )
        train, valid = (partial(TwoWayStream, some, featured) for some in parts)
    return (
        model,
        train(batch_size=rows, bptt=options.bptt),
        valid(batch_size=16, bptt=64, make=EvaluationStream),
    )


def _corpus(
    documents: Iterable[list[str]], folder: Path, *, resume: bool
) -> tuple[Corpus, list[str]]:
    """The training corpus on disk and the held-out words; with `resume`, those of the interrupted
    training.
    """
    if resume and (folder / _HELD_OUT).exists():
        return Corpus.load(folder / "corpus"), read_json(folder / _HELD_OUT)
    held_out: list[str] = []
    blocks = hold_out(documents, held_out.extend, words=_BLOCK_WORDS)
    corpus = build_corpus(blocks, folder / "corpus")
    if not held_out:
        shutil.rmtree(folder / "corpus", ignore_errors=True)
        raise DataError(
            f"texts: expected at least {10 * _BLOCK_WORDS:,} words, so that some can be held out, "
            f"got {len(corpus.tokens):,}. Add texts."
        )
    write_json(folder / _HELD_OUT, held_out)
    return corpus, held_out


def _pieces(corpus: Corpus, path: Path, size: int, *, resume: bool) -> Pieces:
    """Pieces trained on the corpus and written to a file; with `resume`, those of the interrupted
    training.
    """
    if not resume or not path.exists():
        Pieces.train(
            dict(zip(corpus.vocabulary, _counts(corpus).tolist(), strict=True)), size=size
        ).save(path)
    return Pieces.load(path)


def _counts(corpus: Corpus) -> npt.NDArray[np.int64]:
    """How often each word of the vocabulary is seen, (words,)."""
    counts = np.zeros(len(corpus.vocabulary), dtype=np.int64)
    for start in range(0, len(corpus.tokens), _READ):
        ids = corpus.tokens.read(start, min(start + _READ, len(corpus.tokens)))
        counts += np.bincount(ids, minlength=len(counts))
    return counts
