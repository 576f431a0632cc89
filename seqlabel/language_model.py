"""Trained language models with their vocabularies: saved to a folder, loaded, measured and continued.

Training is in `training`; what the model is made of in `models`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from torch import nn

from seqlabel.checkpoints import (
    MODEL_PARTS,
    building,
    config_from,
    find_folder,
    load_weights,
    new_checkpoint,
    read_config,
    save_weights,
    write_config,
)
from seqlabel.corpora import TokenArray
from seqlabel.encoders import Recurrence
from seqlabel.errors import CheckpointError, DataError
from seqlabel.generation import Sampling, generate
from seqlabel.models import LanguageModelConfig, PointerConfig, WordModelConfig, build_language_model, build_word_model
from seqlabel.streams import EvaluationStream
from seqlabel.training import Evaluation, evaluate
from seqlabel.vocabulary import START, Vocabulary

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
    def load(cls, folder: Path | str) -> "LanguageModel":
        """The model in a folder that `save` wrote, on the CPU, ready to use.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = Path(folder)
        numbers = read_config(folder, kind=_KIND)
        if numbers.get("pointer") is not None:
            numbers["pointer"] = config_from(PointerConfig, numbers["pointer"], folder)
        config = config_from(LanguageModelConfig, with_recurrence(numbers, folder), folder)
        vocabulary = load_vocabulary(folder, config.vocabulary)
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
    """A forward and a backward language model over words with hashed features: the encoder under every tagger.

    `vocabulary` holds the frequent words, which have vectors of their own and are predicted; no word is unknown to
    the embedder.
    """

    def __init__(self, config: WordModelConfig, vocabulary: Vocabulary) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.module = build_word_model(config)

    def save(self, folder: Path | str, *, compact: bool = False) -> None:
        """Write config, vocabulary and weights to a folder; with `compact`, as small as models that ship."""
        _save(Path(folder), _WORD_KIND, self, compact=compact)

    @classmethod
    def load(cls, path_or_name: Path | str) -> "WordLanguageModel":
        """The model in a folder that `save` wrote, or that ships under this name, on the CPU.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = find_folder(path_or_name)
        config = word_config_from(read_config(folder, kind=_WORD_KIND), folder)
        vocabulary = load_vocabulary(folder, config.words)
        with building(folder):
            model = cls(config, vocabulary)
        load_weights(folder / "model.safetensors", model.module)
        model.module.eval()
        return model


def word_config_from(numbers: Mapping[str, Any], folder: Path) -> WordModelConfig:
    """The config of a pair of language models, of the numbers read from a folder."""
    if not isinstance(numbers, Mapping):
        raise CheckpointError(f"{folder / 'config.json'}: the encoder's numbers are missing")
    cutoffs = numbers.get("cutoffs", [])
    if not isinstance(cutoffs, list):
        raise CheckpointError(f"{folder / 'config.json'}: cutoffs is {cutoffs!r}, not a list of numbers")
    numbers = {**with_recurrence(numbers, folder), "cutoffs": tuple(cutoffs)}
    config: WordModelConfig = config_from(WordModelConfig, numbers, folder)
    return config


def with_recurrence(numbers: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """The numbers with the name of the recurrence, if there is one, as what it names."""
    if "recurrence" not in numbers:
        return dict(numbers)
    try:
        return {**numbers, "recurrence": Recurrence(numbers["recurrence"])}
    except ValueError as error:
        raise CheckpointError(f"{folder / 'config.json'}: {error}; allowed: {', '.join(Recurrence)}") from error


def load_vocabulary(folder: Path, words: int) -> Vocabulary:
    """The vocabulary in a model's folder. Raises `CheckpointError` unless it is whole and has so many words."""
    try:
        vocabulary = Vocabulary.load(folder / "vocabulary.json")
    except DataError as error:
        raise CheckpointError(str(error)) from error
    if len(vocabulary) != words:
        raise CheckpointError(
            f"{folder}: vocabulary.json has {len(vocabulary)} words, config.json says {words}; "
            f"the files are of two models"
        )
    return vocabulary


def _save(folder: Path, kind: str, model: LanguageModel | WordLanguageModel, *, compact: bool = False) -> None:
    with new_checkpoint(folder, holds=MODEL_PARTS) as beside:
        write_config(beside, kind=kind, config=asdict(model.config))
        model.vocabulary.save(beside / "vocabulary.json")
        save_weights(beside / "model.safetensors", model.module, compact=compact)
