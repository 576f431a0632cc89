"""A tagging model on one row that has no known end: words in, tags out after a look-ahead; the text is in `stream`.

Shapes: time, width; there is one row.
"""

from collections.abc import Sequence

from seqlabel.batches.windows import FoundTags
from seqlabel.models.agreement import agreed_tags
from seqlabel.models.engine import Engine
from seqlabel.nn.configs import Decision
from seqlabel.nn.heads.head import Rows


class OpenRow:
    """The layers and heads of a tagging model on one row without an end.

    The tags that a CRF has already given constrain those of the next words.

    Windows with context (`seqlabel.batches.windows`) are not used here: state is carried, so that nothing is read
    twice from the left, and the look-ahead is all the context there is on the right.

    Args:
        engine: The model.

    Raises:
        OptionError: For a model that reads pieces of words.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._layers = engine.open_layers()
        # The last tag that each head gave the row.
        self._before: list[int | None] = [None] * engine.heads

    def read(self, words: Sequence[str]) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
        """
        self._layers.read(words)

    def tags(self, count: int, decisions: Sequence[Decision], *, is_last: bool) -> list[FoundTags]:
        """Tag the first words of the look-ahead, which then leave it.

        Args:
            count: How many words are tagged, at least one.
            decisions: How each head's scores are read.
            is_last: Whether the row ends with them; else anything may follow.

        Returns:
            For each head the tags of these words and the tags' probabilities.
        """
        states = self._layers.states(count, is_last=is_last, whole=self._engine.together)
        found = {}
        for head, decision in enumerate(decisions):
            row = Rows([len(states)], after=self._before[head], goes_on=not is_last)
            ids, scores = self._engine.tags(head, states, row, decision)
            self._before[head] = int(ids[count - 1])
            found[head] = FoundTags(ids[:count], scores[:count])
        return [agreed_tags(self._engine, head, found, states[:count], decisions) for head in found]
