"""Output layers: what is said about each hidden state; the state itself comes from `encoders`.

Shapes: batch, time, width, vocabulary.
"""

from torch import Tensor, nn

from seqlabel.errors import OptionError


class LanguageModelHead(nn.Module):
    """Scores of every word of the vocabulary as the next one.

    With a `table` the output weights are the embedding table's (tied; Press and Wolf 2017, Inan et al. 2017), whose
    width must then be the hidden states'. Raises `OptionError` otherwise.
    """

    def __init__(self, width: int, vocabulary: int, *, table: nn.Embedding | None = None) -> None:
        super().__init__()
        self.output = nn.Linear(width, vocabulary)
        nn.init.zeros_(self.output.bias)
        if table is not None:
            if table.weight.shape != self.output.weight.shape:
                raise OptionError(
                    f"tied: found an embedding of {tuple(table.weight.shape)} and an output layer of "
                    f"{tuple(self.output.weight.shape)}; make the embedding as wide as the hidden state, or do not tie"
                )
            self.output.weight = table.weight

    def forward(self, hidden: Tensor) -> Tensor:
        """Logits (batch, time, vocabulary) of hidden states (batch, time, width)."""
        logits: Tensor = self.output(hidden)
        return logits
