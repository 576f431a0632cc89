"""The one path from rows of words to tags and probabilities, for labelers, spaCy pipes and streams.

Texts of any length go in, as words or as keys that stand for words; they are cut into windows, read in groups, and put
together again. How states are computed fast on a CPU is in `fast`, how a row without an end is read in `open_row`.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from seqlabel.batches.rows import RowEncoder
from seqlabel.batches.windows import CONTEXT, WINDOW, Cut, FoundTags, cuts_of, groups_of, labelled_words
from seqlabel.choices import choose
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.fast import PackedReader, tags_of_heads
from seqlabel.models.open_row import CompiledLayers, OpenRow, TorchLayers
from seqlabel.nn.configs import Decision
from seqlabel.nn.networks import TaggingModel
from seqlabel.nn.threads import use_one_thread_after_fork

BATCH_WORDS = 4096
"""About how many words are read at once: more states than these do not fit into a processor's cache."""

_FEWEST_ROWS = 16

Spelling = Callable[[Any], str]
"""The text of a word's key: `str` where words are their own keys."""


class Inference:
    """A tagging model with the encoder of its words, ready to tag; neither learns here.

    It reads with the weights as they are at each call. The model is left in evaluation mode, so that threads may share
    it: restoring training mode here could race with another thread. In a forked process torch is limited to one
    thread (`seqlabel.nn.threads`). Copies and pickles leave out what can be computed anew.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> None:
        self.module = module
        self.encoder = encoder
        self.arithmetic = choose(Arithmetic, "arithmetic", arithmetic)
        self._known: tuple[_Weights, Arithmetic, PackedReader | None] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_known": None}

    def with_arithmetic(self, arithmetic: Arithmetic) -> "Inference":
        """Give the same model with another arithmetic.

        Args:
            arithmetic: In which numbers states and weights are multiplied.

        Returns:
            This object, where that is its arithmetic already; else another one on the same weights.
        """
        return self if arithmetic is self.arithmetic else Inference(self.module, self.encoder, arithmetic=arithmetic)

    @torch.inference_mode()
    def tags(
        self,
        texts: Sequence[Sequence[Hashable]],
        decisions: Sequence[Decision],
        *,
        spell: Spelling = str,
        heads: Sequence[int] | None = None,
        batch_words: int = BATCH_WORDS,
        window: int = WINDOW,
        context: int = CONTEXT,
    ) -> list[list[FoundTags]]:
        """Tag the words of texts.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            decisions: How each head's scores are read, one for each head of the model.
            spell: Gives the text of a key that is met for the first time.
            heads: The numbers of the heads that are asked; None asks all.
            batch_words: About how many words are read at once, at least one window.
            window: How many words of a long text are tagged at once.
            context: How many words are read on each side of a window.

        Returns:
            For each head that was asked, the tags and probabilities of each text's words.
        """
        every = self.module.tag_heads
        asked = range(len(every)) if heads is None else heads
        lengths = [len(text) for text in texts]
        found = [[FoundTags(np.zeros(size, np.int64), np.zeros(size, np.float32)) for size in lengths] for _ in asked]
        if not asked:
            return found
        for group in groups_of(cuts_of(lengths, window=window, context=context), batch_words, rows=_FEWEST_ROWS):
            states, rows = self._states(texts, group, spell)
            tags = tags_of_heads(every, asked, states, rows, decisions)
            for (ids, scores), documents in zip(tags, found, strict=True):
                for cut, inside in labelled_words(group):
                    documents[cut.doc].ids[cut.labelled] = ids[inside]
                    documents[cut.doc].scores[cut.labelled] = scores[inside]
        return found

    @torch.inference_mode()
    def states(self, texts: Sequence[Sequence[Hashable]], *, spell: Spelling = str) -> list[Tensor]:
        """Read texts without asking any head.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            States (words, width) of the words of each text, on the model's device.
        """
        lengths = [len(text) for text in texts]
        width, device = self.module.second.width, next(self.module.parameters()).device
        found = [torch.zeros(size, width, device=device) for size in lengths]
        for group in groups_of(cuts_of(lengths), BATCH_WORDS, rows=_FEWEST_ROWS):
            states, _ = self._states(texts, group, spell)
            for cut, inside in labelled_words(group):
                found[cut.doc][cut.labelled] = states[inside]
        return found

    def open_row(self) -> OpenRow:
        """Begin a row whose words come one after another, without a known end.

        Returns:
            A new row, read by the compiled steps where they read this model, else by torch's own layers.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        use_evaluation_mode(self.module)
        reader = self._reader()
        if reader is None or reader.compiled is None:
            return OpenRow(self.module, TorchLayers(self.module, self.encoder))
        return OpenRow(self.module, CompiledLayers(reader.words, reader.compiled))

    def _states(
        self, texts: Sequence[Sequence[Hashable]], group: Sequence[Cut], spell: Spelling
    ) -> tuple[Tensor, list[int]]:
        """States (words, width) of the words of some windows, one after another, and the windows' lengths."""
        use_one_thread_after_fork()
        use_evaluation_mode(self.module)
        rows = [texts[cut.doc][cut.first : cut.last] for cut in group]
        lengths = [len(row) for row in rows]
        reader = self._reader()
        if reader is not None:
            return reader(rows, spell), lengths
        return module_states(self.module, self.encoder, [[spell(key) for key in row] for row in rows]), lengths

    def _reader(self) -> PackedReader | None:
        """The fast way through the layers, for the weights as they are now; None where the model has none."""
        known = self._known
        arithmetic = self.arithmetic
        if known is None or known[1] is not arithmetic or not known[0].are_unchanged():
            # Noted first: the reader may lack what changes while it is made.
            weights = _Weights(self.module)
            known = weights, arithmetic, PackedReader.of(self.module, self.encoder, arithmetic)
            self._known = known
        return known[2]


class _Weights:
    """The weights that a model had at some time, to find out whether it still has them."""

    def __init__(self, module: nn.Module) -> None:
        self._module = module
        self._seen = self._now()

    def _now(self) -> list[tuple[int, int | None]]:
        return [(weight.data_ptr(), changes_of(weight)) for weight in self._module.parameters()]

    def are_unchanged(self) -> bool:
        """Whether each weight is where it was, and torch has counted no change of it."""
        now = self._now()
        return now == self._seen and all(changes is not None for _, changes in now)


def changes_of(weight: Tensor) -> int | None:
    """Ask how often a tensor was changed in place, as training changes weights.

    Args:
        weight: Any tensor.

    Returns:
        Torch's count; 0 for a tensor of inference mode, which has none; None where this torch does not tell, so that
        the tensor must be taken for changed.
    """
    return 0 if weight.is_inference() else getattr(weight, "_version", None)


def use_evaluation_mode(module: nn.Module) -> None:
    """Put a module into evaluation mode, unless it is.

    The module itself comes last: a thread that finds it in evaluation mode finds its parts so too.

    Args:
        module: A module whose parts are in the mode of the whole, unless the whole is in training mode.
    """
    if module.training:
        for part in module.children():
            part.eval()
        module.eval()


def module_states(module: TaggingModel, encoder: RowEncoder, rows: Sequence[Sequence[str]]) -> Tensor:
    """Read rows with a model's own layers, whatever they are and wherever they run.

    Args:
        module: The model.
        encoder: What makes words the model's inputs.
        rows: The words of each row; no row is empty.

    Returns:
        States (words, width) of the words of all rows, row after row.
    """
    device = next(module.parameters()).device
    lengths = torch.tensor([len(row) for row in rows], device=device)
    padded = module.hidden(encoder(rows).to(device), lengths)
    return padded[torch.arange(padded.shape[1], device=device) < lengths[:, None]]
