"""Text generation: a language model continues a prompt, one explicit step of the state at a time;
without training.

Shapes: batch, time, vocabulary.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import nn

from seqlabel.errors import OptionError
from seqlabel.nn.layers import evaluating
from seqlabel.nn.states import State
from seqlabel.nn.threads import use_one_thread_after_fork
from seqlabel.text.vocabulary import UNKNOWN, Vocabulary


@dataclass(frozen=True)
class Sampling:
    """How the next word is chosen from the model's probabilities.

    Probabilities are sharpened by `temperature` (1 leaves them as they are, towards 0 the most
    likely word wins). Raises `OptionError` for a temperature that is not above 0.
    """

    temperature: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise OptionError(f"temperature: expected a number above 0, got {self.temperature}.")


@torch.no_grad()
def generate(
    model: nn.Module,
    vocabulary: Vocabulary,
    prompt: Sequence[str],
    *,
    count: int,
    sampling: Sampling | None = None,
    without: Collection[str] = (UNKNOWN,),
) -> Iterator[str]:
    """Continue a prompt word by word.

    Errors are raised when the first word is asked for.

    Args:
        model: A torch module `(ids, state) → (logits, state)`, with ids (batch, time) and logits
            (batch, time, vocabulary).
        vocabulary: The words of the model.
        prompt: The words before those that are generated, at least one.
        count: The number of words to generate.
        sampling: How words are chosen; the most likely one each time (greedy) if None.
        without: Words that are never generated, by default the one that stands for unknown words.

    Yields:
        The words after the prompt.

    Raises:
        OptionError: The prompt is empty, or has a word that the vocabulary lacks, or no word is
            left to generate.
    """
    if not prompt:
        raise OptionError(
            "prompt: expected at least one word, got none. Pass 'xxbos' to begin a text."
        )
    missing = [number for number, word in enumerate(prompt, 1) if word not in vocabulary]
    if missing:
        raise OptionError(
            f"prompt: word number {missing[0]} is not in the model's vocabulary of "
            f"{len(vocabulary)} words. Write the prompt as the training text is written."
        )
    left_out = [vocabulary.id(word) for word in set(without) if word in vocabulary]
    if len(left_out) == len(vocabulary):
        raise OptionError(
            "without: got all words of the vocabulary. Leave at least one to generate."
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
            scores[left_out] = -torch.inf
            if sampling is None:
                chosen = int(scores.argmax())
            else:
                chances = ((scores - scores.max()) / sampling.temperature).softmax(dim=-1)
                chosen = int(torch.multinomial(chances, 1, generator=generator))
            yield vocabulary.word(chosen)
            ids = torch.tensor([[chosen]], device=device)
