"""Continued pretraining: an encoder reads a user's own unlabelled text before heads are put on it.

Language models that have read general text are trained on a little text of the task's own kind,
which is the second step of Howard and Ruder (2018, ULMFiT). Pretraining from nothing is in
`pretraining`, training on labels in `fine_tuning`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import nn

from seqlabel.batches.two_ways import FeaturedWords, TwoWayStream
from seqlabel.documents.document import Document
from seqlabel.errors import DataError, OptionError, check_type
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.pretraining import by_device, reading_options
from seqlabel.models.texts import grouped_texts
from seqlabel.native.hashing import hash_words
from seqlabel.nn.embedders import HashedEmbedder
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.tokenizers import Tokenizer
from seqlabel.text.vocabulary import START, Vocabulary
from seqlabel.training.loop import fit
from seqlabel.training.objectives import both_ways
from seqlabel.training.progress import Display

_FEWEST_WORDS = 500
_BPTT = 32


@dataclass(frozen=True)
class AdaptingOptions:
    """The numbers of an adaptation.

    Args:
        epochs: Passes over the text; None for as many as `adapting_epochs` says.
        new_words: How many words of the text get vectors of their own, at most.
        min_count: How often such a word occurs in the text, at least.
        max_lr: The highest learning rate of the cycle; pretraining has 4e-3.
        seed: The seed of all random numbers.
        device: The name of the device to train on.
        accumulation: The batches that each process learns from in a step.

    Raises:
        OptionError: `new_words` is below 0, or `min_count` below 1.
    """

    epochs: int | None = None
    new_words: int = 5_000
    min_count: int = 3
    max_lr: float = 1e-3
    seed: int = 0
    device: str = "auto"
    accumulation: int = 1

    def __post_init__(self) -> None:
        if self.new_words < 0:
            raise OptionError(
                f"new_words: expected a number of words, at least 0, got {self.new_words}."
            )
        if self.min_count < 1:
            raise OptionError(
                f"min_count: expected a number of occurrences, at least 1, got {self.min_count}."
            )


def adapting_epochs(words: int) -> int:
    """Return the passes over a number of words: 1 over a million or more, up to 4 over few.

    Args:
        words: The number of words of the text.

    Returns:
        The number of epochs.

    Example:
        >>> adapting_epochs(2_000_000), adapting_epochs(400_000), adapting_epochs(50_000)
        (1, 2, 4)
    """
    return min(max(1_000_000 // max(words, 1), 1), 4)


def adapt(
    encoder: WordLanguageModel | Path | str,
    texts: Iterable[str | Document],
    *,
    language: str = "en",
    options: AdaptingOptions | None = None,
    display: Display = Display.AUTO,
) -> WordLanguageModel:
    """Let an encoder read unlabelled text of your own kind before you train a labeler on it (Howard
    and Ruder 2018).

    A copy of both language models is trained on the text, at a low rate. Words that are frequent in
    the text and that the encoder has no vectors for get vectors of their own. Labels of documents
    are not read. The texts that are to be labelled serve best, or others of that kind. The text is
    held in memory as 8 bytes per word.

    Args:
        encoder: The pair of language models, its folder, or the name of one that ships; it stays as
            it is.
        texts: Texts, or documents that are words already.
        language: spaCy's code of the language by which texts are cut into words, and which the
            encoder has then read.
        options: The numbers of the training; None for the defaults.
        display: How the training is shown.

    Returns:
        The adapted pair.

    Raises:
        DataError: There are fewer than 500 words.
        OptionError: The encoder reads pieces of words, texts are not a list of texts, or an option
            is out of its range.
        CheckpointError: The folder holds no pair of language models.

    Example:
        Read your own text, then train a labeler on it::

            encoder = adapt("en", my_texts)
            labeler = Labeler.on(encoder, [TagSet.of(train, "ner")])
            fine_tune(labeler, train, dev)
    """
    check_type("options", options, AdaptingOptions | None, "AdaptingOptions, or None")
    options = options or AdaptingOptions()
    before = encoder if isinstance(encoder, WordLanguageModel) else WordLanguageModel.load(encoder)
    if not isinstance(before.config, WordModelConfig) or not isinstance(
        before.vocabulary, Vocabulary
    ):
        raise OptionError(
            "encoder: expected one that reads words, got one that reads pieces of words. Pass 'en'."
        )
    groups = grouped_texts(texts, Tokenizer(language), batch_words=10_000, batches=1)
    documents = [document.words for group in groups for document in group if len(document)]
    counts = Counter(word for words in documents for word in words)
    count = counts.total()
    if count < _FEWEST_WORDS:
        raise DataError(
            f"texts: expected at least {_FEWEST_WORDS:,} words to adapt to, got {count:,}. Add "
            "texts."
        )
    ranked = (word for word, often in counts.most_common() if often >= options.min_count)
    added = list(
        islice((word for word in ranked if word not in before.vocabulary), options.new_words)
    )
    languages = before.config.languages
    if languages and language != "xx":
        languages = tuple(dict.fromkeys((*languages, language)))
    read = before.config.words_read
    config = replace(
        before.config, languages=languages, words_read=None if read is None else read + count
    )
    adapted = _with_words(before, config, added)
    # Words without a vector of their own come after those with one: they are read by their
    # features.
    known = list(adapted.vocabulary)
    others = [word for word in dict.fromkeys([START, *counts]) if word not in adapted.vocabulary]
    ids = {word: number for number, word in enumerate([*known, *others])}
    tokens = TokenArray(
        np.array([ids[word] for words in documents for word in (START, *words)], dtype=np.int64)
    )
    epochs = options.epochs or adapting_epochs(count)
    training = reading_options(
        epochs,
        max_lr=options.max_lr,
        seed=options.seed,
        device=options.device,
        accumulation=options.accumulation,
    )
    rows = min(max(count // (_BPTT * 100), 8), 128)
    training, rows = by_device(training, words=count, rows=rows, bptt=_BPTT)
    stream = TwoWayStream(
        tokens,
        FeaturedWords(
            hash_words([*known, *others], WordHasher(before.config.buckets)), predicted=len(known)
        ),
        batch_size=rows,
        bptt=_BPTT,
    )
    for _ in fit(adapted.module, stream, options=training, objective=both_ways, display=display):
        pass
    adapted.module.cpu().eval()
    return adapted


@torch.no_grad()
def _with_words(
    model: WordLanguageModel, config: WordModelConfig, added: Sequence[str]
) -> WordLanguageModel:
    """A copy of a pair with further words, each read as an unknown word was and as likely as a rare
    word is.
    """
    config = replace(config, words=config.words + len(added))
    grown = WordLanguageModel(config, Vocabulary([*cast(Vocabulary, model.vocabulary), *added]))
    old = model.module.state_dict()
    new = grown.module.state_dict()
    for name, weights in new.items():
        weights[: len(old[name])] = old[name]
    if not added:
        return grown
    embedder = grown.module.encoder.embedder
    assert isinstance(embedder, HashedEmbedder)
    embedder.table.weight[-len(added) :] = embedder.table.weight[embedder.unknown]
    for head in (grown.module.forward_head, grown.module.backward_head):
        # The layer that scores the words of the last class.
        scores = cast(nn.Linear, cast(nn.Sequential, head.classes[-1])[-1])
        for weights in (scores.weight, scores.bias):
            weights[-len(added) :] = weights[: -len(added)].mean(0)
    return grown
