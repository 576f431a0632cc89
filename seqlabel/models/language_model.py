"""Trained language models with their vocabularies: saved to a folder, loaded, measured and
continued.

`LanguageModel` reads in one direction and continues a text. `WordLanguageModel` is a forward and a
backward one, from which labelers start. Training is in `seqlabel.training`, the networks inside are
in `seqlabel.nn`.
"""

import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter
from torch import nn

from seqlabel.batches.language import EvaluationStream
from seqlabel.batches.rows import IdEncoder, PieceEncoder, RowEncoder, WordEncoder
from seqlabel.errors import OptionError
from seqlabel.models.folders import EUROPE_LANGUAGES, ModelForm, ModelKind, find_folder, read_kind
from seqlabel.models.generation import Sampling, generate
from seqlabel.models.saving import load_model, save_model
from seqlabel.names import EUROPE
from seqlabel.nn.layers import seeded
from seqlabel.nn.network_configs import (
    EncoderConfig,
    LanguageModelConfig,
    PieceModelConfig,
    Recurrence,
    TwoWayConfig,
    WordModelConfig,
)
from seqlabel.nn.networks import (
    CopyingLanguageModel,
    SequenceModel,
    build_language_model,
    build_two_way_model,
    english_config,
)
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import START, Vocabulary
from seqlabel.training.loop import Evaluation, evaluate

_ONE_WAY = ModelForm(
    ModelKind.LANGUAGE_MODEL, TypeAdapter(LanguageModelConfig), build_language_model
)
_TWO_WAY: ModelForm[WordModelConfig | PieceModelConfig] = ModelForm(
    ModelKind.WORD_LANGUAGE_MODELS, TypeAdapter(TwoWayConfig), build_two_way_model
)


class LanguageModel:
    """A language model in one direction, over the words of a vocabulary: it is measured, and
    continues a text.

    `module` is a torch module `(ids, state) → (logits, state)`; its part that reads is
    `module.encoder`. A new model has fresh weights.

    Args:
        config: Its numbers.
        vocabulary: Its words, as many as the config says.

    Raises:
        OptionError: The numbers do not fit together or to the vocabulary.
    """

    def __init__(self, config: LanguageModelConfig, vocabulary: Vocabulary | Pieces) -> None:
        check_vocabulary(config, vocabulary)
        assert isinstance(vocabulary, Vocabulary)
        self.config = config
        self.vocabulary = vocabulary
        self.module: SequenceModel | CopyingLanguageModel = build_language_model(config)

    def __repr__(self) -> str:
        return (
            f"LanguageModel({len(self.vocabulary):,} words; {_parameters(self.module):,} "
            "parameters)"
        )

    def save(self, folder: Path | str) -> None:
        """Write config, vocabulary and weights to a folder, in place of the model that was there.

        Args:
            folder: The folder; it is made where it is missing.

        Raises:
            CheckpointError: The folder cannot be written; the model that was there is then as it
                was.
            OptionError: The folder holds other files, which would be lost.
        """
        save_model(_ONE_WAY, self, folder)

    @classmethod
    def load(cls, path_or_name: Path | str, *, recurrences: Sequence[type] = ()) -> "LanguageModel":
        """Load a model on the CPU, ready to use.

        Args:
            path_or_name: A folder that `save` wrote, or the name of a model that ships.
            recurrences: The classes of recurrences of your own that it has; no code is run because
                a file names them.

        Returns:
            The model.

        Raises:
            CheckpointError: A file is missing or damaged, or the folder holds another kind of
                model.
        """
        return load_model(_ONE_WAY, path_or_name, cls, own=recurrences)

    def evaluate(self, words: Sequence[str], *, batch_size: int = 1, bptt: int = 70) -> Evaluation:
        """Measure how well the model predicts a text, each word but the first once.

        Args:
            words: The words of the text.
            batch_size: The number of parts of the text that are read side by side.
            bptt: The number of words of each part that are read at once.

        Returns:
            Loss, perplexity and accuracy.

        Raises:
            DataError: There are too few words to predict one.
        """
        tokens = TokenArray(self.vocabulary.encode(words))
        return evaluate(self.module, EvaluationStream(tokens, batch_size=batch_size, bptt=bptt))

    def generate(
        self, prompt: str, *, count: int, sampling: Sampling | None = None
    ) -> Iterator[str]:
        """Continue a text.

        Args:
            prompt: The beginning of the text, words separated by white space.
            count: The number of words to add.
            sampling: How words are chosen; the most likely one each time if None.

        Yields:
            The words after the prompt.

        Raises:
            OptionError: The vocabulary lacks a word of the prompt.
        """
        return generate(
            self.module, self.vocabulary, [START, *prompt.split()], count=count, sampling=sampling
        )


class WordLanguageModel:
    """A forward and a backward language model on one `module.encoder`, from which labelers start.

    They read words with hashed features, or pieces of words. `vocabulary` holds the frequent words,
    which have vectors of their own and are predicted, or the pieces; no word is unknown to the
    embedder. A new pair has fresh weights.

    Args:
        config: Its numbers.
        vocabulary: Its words or pieces, as many as the config says.

    Raises:
        OptionError: The numbers do not fit together or to the vocabulary.
    """

    def __init__(
        self, config: WordModelConfig | PieceModelConfig, vocabulary: Vocabulary | Pieces
    ) -> None:
        check_vocabulary(config, vocabulary)
        self.config = config
        self.vocabulary = vocabulary
        self.module = build_two_way_model(config)

    def __repr__(self) -> str:
        kind = "pieces" if isinstance(self.vocabulary, Pieces) else "words"
        return (
            f"WordLanguageModel({len(self.vocabulary):,} {kind}; "
            f"{_parameters(self.module):,} parameters)"
        )

    @classmethod
    def fresh(
        cls,
        words: Iterable[str],
        *,
        seed: int | None = 0,
        recurrence: Recurrence | type = Recurrence.GRU,
    ) -> "WordLanguageModel":
        """Build a pair that has read nothing, as large as the English one.

        Args:
            words: The words that get vectors of their own.
            seed: The seed of the weights; None draws them from torch's own random numbers.
            recurrence: The rule of its layers.

        Returns:
            The pair.
        """
        vocabulary = Vocabulary.from_words(sorted(words))
        with seeded(seed):
            return cls(
                replace(english_config(len(vocabulary)), recurrence=recurrence, words_read=0),
                vocabulary,
            )

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder, in place of the model that was there.

        Args:
            folder: The folder; it is made where it is missing.
            compact: Whether to store weights in 8 and 16 bits, as models that ship are.

        Raises:
            CheckpointError: The folder cannot be written; the model that was there is then as it
                was.
            OptionError: The folder holds other files, which would be lost.
        """
        save_model(_TWO_WAY, self, folder, compact=compact)

    @classmethod
    def load(
        cls, path_or_name: Path | str, *, recurrences: Sequence[type] = ()
    ) -> "WordLanguageModel":
        """Load a pair on the CPU, ready to use.

        Args:
            path_or_name: A folder that `save` wrote, or the name of a model that ships, such as
                `en`.
            recurrences: The classes of recurrences of your own that it has; no code is run because
                a file names them.

        Returns:
            The pair.

        Raises:
            CheckpointError: A file is missing or damaged, or the folder holds another kind of
                model.
        """
        return load_model(_TWO_WAY, path_or_name, cls, own=recurrences)


def load_language_model(path_or_name: Path | str) -> LanguageModel | WordLanguageModel:
    """Load the language model of either kind that a folder holds, to put heads on its encoder.

    Args:
        path_or_name: A folder, or the name of a model that ships.

    Returns:
        The language model, or the pair.

    Raises:
        CheckpointError: A file is missing or damaged, or the folder holds no language model.
    """
    if read_kind(find_folder(path_or_name)) is ModelKind.WORD_LANGUAGE_MODELS:
        return WordLanguageModel.load(path_or_name)
    return LanguageModel.load(path_or_name)


def encoder_for(
    encoder: LanguageModel | WordLanguageModel | Path | str, language: str
) -> LanguageModel | WordLanguageModel:
    """Find the language model on whose encoder heads for texts of a language are put.

    Warns where it is known which languages it has read, and the language is not one of them.

    Args:
        encoder: The language model, its folder, or the name of one that ships.
        language: spaCy's code of the language; `xx`, which is any, is not warned of.

    Returns:
        The language model.

    Raises:
        CheckpointError: The folder is missing or damaged, or holds no language model.
    """
    model = load_language_model(encoder) if isinstance(encoder, Path | str) else encoder
    name = str(encoder) if isinstance(encoder, Path | str) else "The encoder"
    warn_of_new_language(model.config, language, name)
    return model


def warn_of_new_language(config: EncoderConfig, language: str, name: str) -> None:
    """Warn where it is known which languages an encoder has read, and a language is not one of
    them.

    Args:
        config: The encoder's numbers.
        language: spaCy's code of the language; `xx`, which is any, is not warned of.
        name: What the warning calls the encoder.
    """
    read = () if isinstance(config, LanguageModelConfig) else config.languages
    if not read or language in (*read, "xx"):
        return
    other = (
        f"language={read[0]!r} for texts in it, or " if len(read) == 1 and read != ("en",) else ""
    )
    known = f"`eu` (pip install {EUROPE}) has, and " if language in EUROPE_LANGUAGES else ""
    warnings.warn(
        f"{name} has read text in {', '.join(read)} only; words in {language} are new to it. Use "
        f"{other}an encoder that has read {language}: {known}`seqlabel pretrain TEXTS --language "
        f"{language}` makes one.",
        stacklevel=4,
    )


def check_vocabulary(config: EncoderConfig, vocabulary: Vocabulary | Pieces) -> None:
    """Check that a vocabulary is of the kind and size that a config says.

    Args:
        config: The numbers of a language model.
        vocabulary: Its words or pieces.

    Raises:
        OptionError: It is not.
    """
    if isinstance(config, PieceModelConfig) is not isinstance(vocabulary, Pieces):
        raise OptionError(
            f"vocabulary: expected that of a {type(config).__name__}, got {vocabulary!r}. Pass "
            "the model's own."
        )
    if isinstance(config, PieceModelConfig):
        entries = config.pieces
    else:
        entries = config.words if isinstance(config, WordModelConfig) else config.vocabulary
    if len(vocabulary) != entries:
        raise OptionError(
            f"vocabulary: expected {entries} entries as in the config, got {len(vocabulary)}. "
            "Pass the model's own."
        )


def word_encoder(config: EncoderConfig, vocabulary: Vocabulary | Pieces) -> RowEncoder:
    """Make what turns words into the inputs of a model.

    Args:
        config: The numbers of the language model on whose encoder the model is.
        vocabulary: Its words or pieces.

    Returns:
        The encoder of rows of words.

    Raises:
        OptionError: The vocabulary is not that of such a model.
    """
    check_vocabulary(config, vocabulary)
    if isinstance(vocabulary, Pieces):
        return PieceEncoder(vocabulary)
    if isinstance(config, WordModelConfig):
        return WordEncoder(vocabulary, WordHasher(config.buckets))
    return IdEncoder(vocabulary)


def _parameters(module: nn.Module) -> int:
    """How many numbers are trained."""
    return sum(parameter.numel() for parameter in module.parameters())
