"""Trained language models with their vocabularies: saved to a folder, loaded, measured and continued.

Training is in `training`; what the model is made of in `models`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from torch import nn

from seqlabel.batches.labelled import IdEncoder, PieceEncoder, RowEncoder, WordEncoder
from seqlabel.batches.language import EvaluationStream
from seqlabel.errors import CheckpointError, DataError
from seqlabel.models.generation import Sampling, generate
from seqlabel.nn.encoders import Recurrence
from seqlabel.nn.networks import (
    LanguageModelConfig,
    PieceModelConfig,
    PointerConfig,
    SequenceModel,
    TwoWayLanguageModel,
    WordModelConfig,
    build_language_model,
    build_piece_model,
    build_word_model,
    english_config,
)
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import START, Vocabulary
from seqlabel.training.checkpoints import (
    MODEL_PARTS,
    building,
    config_from,
    find_folder,
    load_weights,
    new_checkpoint,
    read_config,
    read_kind,
    save_weights,
    write_config,
)
from seqlabel.training.loop import Evaluation, evaluate

_KIND = "language model"
_WORD_KIND = "word language models"


class LanguageModel:
    """A language model over the words of a vocabulary. `module` is a torch module `(ids, state) → (logits, state)`."""

    def __init__(self, config: LanguageModelConfig, vocabulary: Vocabulary) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.module: nn.Module = build_language_model(config)

    def save(self, folder: Path | str) -> None:
        """Write config, vocabulary and weights to a folder, in place of the model that was there.

        Raises `CheckpointError` where it cannot be written; the model that was there is then as it was.
        """
        _save(Path(folder), _KIND, self)

    @classmethod
    def load(cls, path_or_name: Path | str) -> "LanguageModel | WordLanguageModel":
        """The model in a folder that `save` wrote, or that ships under this name, on the CPU, ready to use.

        A folder with a pair of language models, such as `en`, gives a `WordLanguageModel`. Raises `CheckpointError` if
        a file is missing or damaged, or holds another model.
        """
        folder = find_folder(path_or_name)
        if read_kind(folder) == _WORD_KIND:
            return WordLanguageModel.load(folder)
        config = language_config_from(read_config(folder, kind=_KIND), folder)
        vocabulary = load_vocabulary(folder, config)
        assert isinstance(vocabulary, Vocabulary)
        with building(folder):
            model = cls(config, vocabulary)
        load_weights(folder / "model.safetensors", model.module)
        model.module.eval()
        return model

    def evaluate(self, words: Sequence[str], *, batch_size: int = 1, bptt: int = 70) -> Evaluation:
        """Loss, perplexity and accuracy on some words, each but the first predicted once."""
        tokens = TokenArray(self.vocabulary.encode(words))
        return evaluate(self.module, EvaluationStream(tokens, batch_size=batch_size, bptt=bptt))

    def generate(self, prompt: str, *, count: int, sampling: Sampling | None = None) -> Iterator[str]:
        """Yield `count` words after a prompt of words separated by white space, which begins a text."""
        return generate(self.module, self.vocabulary, [START, *prompt.split()], count=count, sampling=sampling)


class WordLanguageModel:
    """A forward and a backward language model, over words with hashed features or pieces: the encoder of taggers.

    `vocabulary` holds the frequent words, which have vectors of their own and are predicted, or the pieces; no word is
    unknown to the embedder.
    """

    def __init__(self, config: WordModelConfig | PieceModelConfig, vocabulary: Vocabulary | Pieces) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.module = _build_two_ways(config)

    @classmethod
    def fresh(cls, words: Iterable[str]) -> "WordLanguageModel":
        """One that has read nothing, as large as the English one, with vectors of their own for some words."""
        vocabulary = Vocabulary.from_words(sorted(words))
        return cls(english_config(len(vocabulary)), vocabulary)

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder; with `compact`, as small as models that ship."""
        _save(Path(folder), _WORD_KIND, self, compact=compact)

    @classmethod
    def load(cls, path_or_name: Path | str) -> "WordLanguageModel":
        """The model in a folder that `save` wrote, or that ships under this name, on the CPU.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = find_folder(path_or_name)
        config = two_way_config_from(read_config(folder, kind=_WORD_KIND), folder)
        vocabulary = load_vocabulary(folder, config)
        with building(folder):
            model = cls(config, vocabulary)
        load_weights(folder / "model.safetensors", model.module)
        model.module.eval()
        return model


EncoderConfig = WordModelConfig | PieceModelConfig | LanguageModelConfig


def encoder_config_from(numbers: Any, folder: Path) -> EncoderConfig:
    """The config of the language model that a labeler or a classifier was built on, of the numbers in its folder."""
    if isinstance(numbers, Mapping) and "vocabulary" in numbers:
        return language_config_from(numbers, folder)
    return two_way_config_from(numbers, folder)


def build_encoder_model(config: EncoderConfig) -> TwoWayLanguageModel | SequenceModel:
    """A fresh language model with these numbers, to take embedder and encoders from; it does not copy words."""
    if not isinstance(config, LanguageModelConfig):
        return _build_two_ways(config)
    model = build_language_model(replace(config, pointer=None))
    assert isinstance(model, SequenceModel)
    return model


def _entries(config: EncoderConfig) -> int:
    """How many words or pieces have a vector of their own."""
    if isinstance(config, PieceModelConfig):
        return config.pieces
    return config.words if isinstance(config, WordModelConfig) else config.vocabulary


def _build_two_ways(config: WordModelConfig | PieceModelConfig) -> TwoWayLanguageModel:
    return build_word_model(config) if isinstance(config, WordModelConfig) else build_piece_model(config)


def word_encoder(config: EncoderConfig, vocabulary: Vocabulary | Pieces) -> RowEncoder:
    """What turns words into the inputs of a model with these numbers."""
    if isinstance(vocabulary, Pieces):
        return PieceEncoder(vocabulary)
    if isinstance(config, WordModelConfig):
        return WordEncoder(vocabulary, WordHasher(config.buckets))
    return IdEncoder(vocabulary)


def language_config_from(numbers: Mapping[str, Any], folder: Path) -> LanguageModelConfig:
    """The config of a language model over a table of words, of the numbers read from a folder."""
    numbers = with_recurrence(numbers, folder)
    if numbers.get("pointer") is not None:
        numbers["pointer"] = config_from(PointerConfig, numbers["pointer"], folder)
    config: LanguageModelConfig = config_from(LanguageModelConfig, numbers, folder)
    return config


def two_way_config_from(numbers: Mapping[str, Any], folder: Path) -> WordModelConfig | PieceModelConfig:
    """The config of a pair of language models, over words or pieces, of the numbers read from a folder."""
    if not isinstance(numbers, Mapping):
        raise CheckpointError(f"{folder / 'config.json'}: the encoder's numbers are missing")
    cutoffs = numbers.get("cutoffs", [])
    if not isinstance(cutoffs, list):
        raise CheckpointError(f"{folder / 'config.json'}: cutoffs is {cutoffs!r}, not a list of numbers")
    numbers = {**with_recurrence(numbers, folder), "cutoffs": tuple(cutoffs)}
    kind = PieceModelConfig if "pieces" in numbers else WordModelConfig
    config: WordModelConfig | PieceModelConfig = config_from(kind, numbers, folder)
    return config


def with_recurrence(numbers: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The numbers with the name of the recurrence, if there is one, as what it names."""
    if "recurrence" not in numbers:
        return dict(numbers)
    try:
        return {**numbers, "recurrence": Recurrence(numbers["recurrence"])}
    except ValueError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}; allowed: {', '.join(Recurrence)}") from error


def load_vocabulary(folder: Path, config: EncoderConfig) -> Vocabulary | Pieces:
    """A model's words or pieces in its folder. Raises `CheckpointError` unless they are whole and as many as it has."""
    path = folder / "vocabulary.json"
    try:
        vocabulary = Pieces.load(path) if isinstance(config, PieceModelConfig) else Vocabulary.load(path)
    except DataError as error:
        raise CheckpointError(str(error)) from error
    if len(vocabulary) != _entries(config):
        raise CheckpointError(
            f"{folder}: vocabulary.json has {len(vocabulary)} entries, config.json says {_entries(config)}; "
            f"the files are of two models"
        )
    return vocabulary


def _save(folder: Path, kind: str, model: LanguageModel | WordLanguageModel, *, compact: bool = False) -> None:
    with new_checkpoint(folder, holds=MODEL_PARTS) as beside:
        write_config(beside, kind=kind, config=asdict(model.config))
        model.vocabulary.save(beside / "vocabulary.json")
        save_weights(beside / "model.safetensors", model.module, compact=compact)
