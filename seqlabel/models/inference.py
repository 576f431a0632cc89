"""The one path from rows of words to tags and probabilities, for labelers, spaCy pipes and streams.

Texts of any length go in, as words or as keys that stand for words; they are cut into windows, read in groups, and put
together again. What computes states and tags is an engine (`engine`); how a row without an end is read is in
`open_row`. Nothing here needs torch.

Shapes: words (of all rows together), width, tags.
"""

from collections.abc import Hashable, Sequence

import numpy as np

from seqlabel.batches.windows import CONTEXT, WINDOW, Cut, FoundTags, cuts_of, groups_of, labelled_words
from seqlabel.errors import choose
from seqlabel.models.agreement import tags_of_heads
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.engine import Engine, EngineKind, Engines, Spelling
from seqlabel.models.open_row import OpenRow
from seqlabel.native.compiled import Floats
from seqlabel.nn.configs import Decision

BATCH_WORDS = 4096
"""About how many words are read at once: more states than these do not fit into a processor's cache."""

_FEWEST_ROWS = 16


class Inference:
    """A tagging model, ready to tag; it does not learn here.

    It reads with the weights as they are at each call. Threads may share it.

    Args:
        engines: The model, which gives an engine for the weights that it has now.
        arithmetic: In which numbers states and weights are multiplied.
    """

    def __init__(self, engines: Engines, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> None:
        self.engines = engines
        self.arithmetic = choose(Arithmetic, "arithmetic", arithmetic)

    @property
    def engine(self) -> Engine:
        """The engine that tags now."""
        return self.engines.engine(self.arithmetic)

    @property
    def kind(self) -> EngineKind:
        """Whether the compiled steps tag now, or torch."""
        return self.engine.kind

    def with_arithmetic(self, arithmetic: Arithmetic) -> "Inference":
        """Give the same model with another arithmetic.

        Args:
            arithmetic: In which numbers states and weights are multiplied.

        Returns:
            This object, where that is its arithmetic already; else another one on the same weights.
        """
        return self if arithmetic is self.arithmetic else Inference(self.engines, arithmetic=arithmetic)

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
        engine = self.engine
        asked = range(engine.heads) if heads is None else heads
        lengths = [len(text) for text in texts]
        if asked and len(texts) == 1 and 0 < lengths[0] <= window:
            # A log record takes little longer than its layers: no windows, and nothing is copied.
            tags = tags_of_heads(engine, asked, engine.states(texts, spell), texts, decisions, spell)
            return [[one] for one in tags]
        found = [[FoundTags(np.zeros(size, np.int64), np.zeros(size, np.float32)) for size in lengths] for _ in asked]
        if not asked:
            return found
        for group in groups_of(cuts_of(lengths, window=window, context=context), batch_words, rows=_FEWEST_ROWS):
            rows = _rows(texts, group)
            tags = tags_of_heads(engine, asked, engine.states(rows, spell), rows, decisions, spell)
            for (ids, scores), documents in zip(tags, found, strict=True):
                for cut, inside in labelled_words(group):
                    documents[cut.doc].ids[cut.labelled] = ids[inside]
                    documents[cut.doc].scores[cut.labelled] = scores[inside]
        return found

    def states(self, texts: Sequence[Sequence[Hashable]], *, spell: Spelling = str) -> list[Floats]:
        """Read texts without asking any head.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            States (words, width) of the words of each text.
        """
        engine = self.engine
        lengths = [len(text) for text in texts]
        found = [np.zeros((size, engine.width), np.float32) for size in lengths]
        for group in groups_of(cuts_of(lengths), BATCH_WORDS, rows=_FEWEST_ROWS):
            states = engine.floats(engine.states(_rows(texts, group), spell))
            for cut, inside in labelled_words(group):
                found[cut.doc][cut.labelled] = states[inside]
        return found

    def open_row(self) -> OpenRow:
        """Begin a row whose words come one after another, without a known end.

        Returns:
            A new row.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        return OpenRow(self.engine)


def _rows(texts: Sequence[Sequence[Hashable]], group: Sequence[Cut]) -> list[Sequence[Hashable]]:
    """The words of some windows."""
    return [texts[cut.doc][cut.first : cut.last] for cut in group]
