"""A trained language model with its vocabulary: saved to a folder, loaded, measured and continued.

Training is in `training`; what the model is made of in `models`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from torch import nn

from seqlabel.checkpoints import config_from, load_weights, read_config, save_weights, write_config
from seqlabel.corpora import TokenArray
from seqlabel.encoders import Recurrence
from seqlabel.errors import CheckpointError, DataError
from seqlabel.generation import Sampling, generate
from seqlabel.models import LanguageModelConfig, PointerConfig, build_language_model
from seqlabel.streams import EvaluationStream
from seqlabel.training import Evaluation, evaluate
from seqlabel.vocabulary import START, Vocabulary

_KIND = "language model"


class LanguageModel:
    """A language model over the words of a vocabulary. `module` is a torch module `(ids, state) → (logits, state)`."""

    def __init__(self, config: LanguageModelConfig, vocabulary: Vocabulary) -> None:
        self.config = config
        self.vocabulary = vocabulary
        self.module: nn.Module = build_language_model(config)

    def save(self, folder: Path | str) -> None:
        """Write config, vocabulary and weights to a folder."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        write_config(folder, kind=_KIND, config=asdict(self.config))
        self.vocabulary.save(folder / "vocabulary.json")
        save_weights(folder / "model.safetensors", self.module)

    @classmethod
    def load(cls, folder: Path | str) -> "LanguageModel":
        """The model in a folder that `save` wrote, on the CPU, ready to use.

        Raises `CheckpointError` if a file is missing or damaged, or holds another model.
        """
        folder = Path(folder)
        numbers = read_config(folder, kind=_KIND)
        if numbers.get("pointer") is not None:
            numbers["pointer"] = config_from(PointerConfig, numbers["pointer"], folder)
        if "recurrence" in numbers:
            try:
                numbers["recurrence"] = Recurrence(numbers["recurrence"])
            except ValueError as error:
                raise CheckpointError(f"{folder / 'config.json'}: {error}; allowed: {', '.join(Recurrence)}") from error
        config = config_from(LanguageModelConfig, numbers, folder)
        try:
            vocabulary = Vocabulary.load(folder / "vocabulary.json")
        except DataError as error:
            raise CheckpointError(str(error)) from error
        if len(vocabulary) != config.vocabulary:
            raise CheckpointError(
                f"{folder}: vocabulary.json has {len(vocabulary)} words, config.json says {config.vocabulary}; "
                f"the files are of two models"
            )
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
