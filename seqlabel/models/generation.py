"""Text generation: a language model continues a prompt, one explicit step of the state at a time; without training.

Shapes: batch, time, vocabulary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from seqlabel.errors import OptionError
from seqlabel.nn.layers import evaluating
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Sampling:
    """How the next word is chosen from the model's probabilities.

    Probabilities are sharpened by `temperature` (1 leaves them as they are, towards 0 the likeliest word wins), then
    cut to the `top_k` likeliest words and to the fewest words that together have at least `top_p` (nucleus sampling;
    Holtzman et al. 2020). None does not cut. Raises `OptionError` outside temperature > 0, top_k ≥ 1, 0 < top_p ≤ 1.
    """

    temperature: float = 1.0
    top_k: int | None = None
    top_p: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise OptionError(
                f"temperature: Found {self.temperature}. Give a number above 0 (for the likeliest word, set `greedy`)."
            )
        if self.top_k is not None and self.top_k < 1:
            raise OptionError(f"top_k: Found {self.top_k}. Give a number of words, at least 1.")
        if self.top_p is not None and not 0 < self.top_p <= 1:
            raise OptionError(f"top_p: Found {self.top_p}. Give a probability above 0 and at most 1.")


@torch.no_grad()
def generate(
    model: nn.Module, vocabulary: Vocabulary, prompt: Sequence[str], *, count: int, sampling: Sampling | None = None
) -> Iterator[str]:
    """Continue a prompt word by word.

    Errors are raised when the first word is asked for.

    Args:
        model: A torch module `(ids, state) → (logits, state)`, with ids (batch, time) and logits
            (batch, time, vocabulary).
        vocabulary: The words of the model.
        prompt: The words before those that are generated, at least one.
        count: The number of words to generate.
        sampling: How words are chosen; the likeliest one each time (greedy) if None.

    Yields:
        The words after the prompt.

    Raises:
        OptionError: The prompt is empty, or has a word that the vocabulary lacks.
    """
    if not prompt:
        raise OptionError("prompt: Found no word. Give at least one, for instance 'xxbos'.")
    missing = [number for number, word in enumerate(prompt, 1) if word not in vocabulary]
    if missing:
        raise OptionError(
            f"prompt: word number {missing[0]} is not in the model's vocabulary of {len(vocabulary)} words. "
            f"Write the prompt as the training text is written."
        )
    device = next(model.parameters()).device
    generator = torch.Generator().manual_seed(sampling.seed if sampling else 0)
    with evaluating(model):
        ids = torch.from_numpy(vocabulary.encode(prompt))[None].to(device)
        state: State = None
        for _ in range(count):
            # A child may go on with what its parent began.
            use_one_thread_after_fork()
            logits, state = model(ids, state)
            scores = logits[0, -1].float().cpu()
            chosen = int(scores.argmax()) if sampling is None else _draw(scores, sampling, generator)
            yield vocabulary.word(chosen)
            ids = torch.tensor([[chosen]], device=device)


def _draw(scores: Tensor, sampling: Sampling, generator: torch.Generator) -> int:
    """A word drawn from scores (vocabulary,)."""
    probabilities, order = ((scores - scores.max()) / sampling.temperature).softmax(dim=-1).sort(descending=True)
    if sampling.top_k is not None:
        probabilities = probabilities[: sampling.top_k]
    if sampling.top_p is not None:
        # A word stays while those before it have less than top_p, so that at least one stays.
        before = probabilities.cumsum(dim=-1) - probabilities
        probabilities = probabilities[before < sampling.top_p * (1 - 1e-6)]
    return int(order[torch.multinomial(probabilities, 1, generator=generator)])
