"""The one path from rows of words to tags and probabilities, for labelers, spaCy pipes and streams.

Texts of any length go in, as words or as keys that stand for words; they are cut into windows, read
in groups, and put together again; a row without an end is read in steps (`OpenRow`). What computes
states and tags is an engine. Nothing here needs torch.

Shapes: words (of all rows together), width, tags.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, compress, pairwise
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from seqlabel.batches.windows import (
    CONTEXT,
    WINDOW,
    Cut,
    FoundTags,
    RowEnd,
    cuts_of,
    groups_of,
    labeled_words,
)
from seqlabel.documents.label_sets import Unit
from seqlabel.errors import choose
from seqlabel.models.tagging.engine import Arithmetic, EngineKind, Spelling
from seqlabel.native.compiled import Floats, Integers
from seqlabel.native.span_reader import Passed
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision

if TYPE_CHECKING:
    from seqlabel.models.tagging.native import NativeEngine
    from seqlabel.models.tagging.torch_engine import TorchEngine
    from seqlabel.models.tagging.weights import LabelerWeights

Engine: TypeAlias = "NativeEngine | TorchEngine"

_FEWEST_ROWS = 16

_NEARLY = 5.0
"""Nats by which a script whose lemma is a known word may be less likely than the most likely one.
"""


@dataclass(frozen=True)
class SentenceBorders:
    """Where the sentences of texts begin, for heads that choose labels in whole sentences.

    Args:
        head: The number of the head that finds starts of sentences; None where none is asked.
        starts: Gives the numbers of the first words of a text's sentences, in order and the text's
            first word among them, by the number of the text and the ids that the head found for its
            words, None without a head.
    """

    head: int | None
    starts: Callable[[int, Sequence[int] | None], Sequence[int]]


_WHOLE = SentenceBorders(None, lambda text, ids: (0,))


@dataclass(frozen=True)
class Paragraphs:
    """Where the paragraphs of texts begin: a head of spans begins again there, so that no span
    crosses one.

    Args:
        starts: Of each text the numbers of the words that follow a blank line, rising, without 0;
            empty where no text has any.
        rows: What ends the rows that are read; with `PARAGRAPH` the layers begin again too.
    """

    starts: Sequence[Sequence[int]] = ()
    rows: RowEnd = RowEnd.TEXT

    @property
    def of_rows(self) -> Sequence[Sequence[int]] | None:
        """Where the rows of texts begin, as `cuts_of` takes it."""
        return self.starts if self.rows is RowEnd.PARAGRAPH and any(self.starts) else None

    def lengths(self, group: Sequence[Cut]) -> list[int]:
        """Count the words of paragraphs in windows.

        Args:
            group: The windows.

        Returns:
            The numbers of words that the windows read of each paragraph, window after window.
        """
        if not any(self.starts):
            return [cut.last - cut.first for cut in group]
        lengths: list[int] = []
        for cut in group:
            inside = [start for start in self.starts[cut.doc] if cut.first < start < cut.last]
            lengths += [end - start for start, end in pairwise([cut.first, *inside, cut.last])]
        return lengths


_NO_PARAGRAPHS = Paragraphs()


class Inference:
    """A tagging model, ready to tag; it does not learn here.

    It reads with the weights as they are at each call. Threads may share it.

    Args:
        weights: The model, which gives the engine for the weights that it has at the time.
        arithmetic: In which numbers states and weights are multiplied.
    """

    def __init__(
        self, weights: "LabelerWeights", *, arithmetic: Arithmetic = Arithmetic.AUTO
    ) -> None:
        self.weights = weights
        self.arithmetic = choose(Arithmetic, "arithmetic", arithmetic)

    @property
    def engine(self) -> Engine:
        """The engine that tags now."""
        return self.weights.engine(self.arithmetic)

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
        return (
            self
            if arithmetic is self.arithmetic
            else Inference(self.weights, arithmetic=arithmetic)
        )

    def tags(
        self,
        texts: Sequence[Sequence[Hashable]],
        decisions: Sequence[Decision],
        *,
        spell: Spelling = str,
        heads: Sequence[int] | None = None,
        batch_words: int | None = None,
        borders: SentenceBorders = _WHOLE,
        paragraphs: Paragraphs = _NO_PARAGRAPHS,
    ) -> list[list[FoundTags]]:
        """Tag the words of texts, and label texts as a whole.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            decisions: How each head's scores are read, one for each head of the model.
            spell: Gives the text of a key that is met for the first time.
            heads: The numbers of the heads that are asked; None asks all.
            batch_words: About how many words are read at once, at least one window; None for the
                engine's number.
            borders: Where sentences begin, for heads that read them whole; each text is one unless
                said otherwise.
            paragraphs: Where paragraphs begin; each text is one unless said otherwise.

        Returns:
            For each head that was asked, the tags and probabilities of each text's words; of a head
            of documents the id of the text's label, (1,), and the probabilities of all labels,
            (labels,).
        """
        engine = self.engine
        batch_words = batch_words or engine.batch_words
        asked = range(len(decisions)) if heads is None else heads
        lengths = [len(text) for text in texts]
        # Heads of words are asked window by window, those of sentences once a text has been read to
        # its end, those of documents once all texts have been.
        of_words = [head for head in asked if engine.units[head] is Unit.WORD]
        of_sentences = [head for head in asked if engine.units[head] is Unit.SENTENCE]
        of_documents = [head for head in asked if engine.units[head] is Unit.DOCUMENT]
        if of_sentences and borders.head is not None and borders.head not in of_words:
            of_words.append(borders.head)
        in_one = len(texts) == 1 and 0 < lengths[0] <= WINDOW and not any(paragraphs.starts)
        if of_words and not of_sentences and not of_documents and in_one:
            # A log record takes little longer than its layers: no windows, and nothing is copied.
            tags = tags_of_heads(
                engine, of_words, engine.states(texts, spell), texts, lengths, decisions, spell
            )
            alone = zip(tags, of_words, strict=True)
            return [[_without_dropped(chosen, decisions[head])] for chosen, head in alone]

        words = _AllWords(lengths)
        joined_tags = {head: words.empty_tags() for head in of_words}
        tags_of = {head: words.of_texts(joined_tags[head]) for head in of_words}
        for head in of_sentences:
            tags_of[head] = words.of_texts(words.empty_tags())
        whole = _WholeTexts(engine, lengths)
        pool = TextPool(lengths, engine.encoder_widths) if of_documents else None
        # Documents are read across paragraphs, also where rows end at these.
        is_shared = pool is not None and paragraphs.of_rows is None
        cuts: list[Cut] = []
        if tags_of or is_shared:
            cuts = cuts_of(lengths, window=WINDOW, context=CONTEXT, rows=paragraphs.of_rows)

        for group in groups_of(cuts, batch_words, rows=_FEWEST_ROWS):
            rows = _rows(texts, group)
            read: Any = engine.read(rows, spell)
            if pool is not None and is_shared:
                pool.add(group, engine.encoded(read))
            if not tags_of:
                continue

            states = engine.states_of(read)
            tags = tags_of_heads(
                engine, of_words, states, rows, paragraphs.lengths(group), decisions, spell
            )
            target, source = words.places(group)
            for head, (ids, scores) in zip(of_words, tags, strict=True):
                joined_tags[head].ids[target] = ids[source]
                joined_tags[head].scores[target] = scores[source]
            if not of_sentences:
                continue

            ended, joined = whole.add(group, states)
            sentences: list[int] = []
            for text in ended:
                ids_of_starts = None
                if borders.head is not None:
                    ids_of_starts = tags_of[borders.head][text].ids.tolist()
                starts = [*borders.starts(text, ids_of_starts), lengths[text]]
                sentences += [end - start for start, end in pairwise(starts)]
            for head in of_sentences if ended else ():
                ids, scores = engine.tags(head, joined, Rows(sentences), decisions[head])
                start = 0
                for text in ended:
                    end = start + lengths[text]
                    tags_of[head][text] = FoundTags(ids[start:end], scores[start:end])
                    start = end

        if pool is not None and not is_shared:
            whole_cuts = cuts_of(lengths, window=WINDOW, context=CONTEXT)
            for group in groups_of(whole_cuts, batch_words, rows=_FEWEST_ROWS):
                read = engine.read(_rows(texts, group), spell)
                pool.add(group, engine.encoded(read))
        for head in of_documents:
            assert pool is not None
            tags_of[head] = _labels_of_texts(
                engine, head, pool.pooled(), texts, decisions[head], spell
            )
        # Of whole texts, so that no span is dropped in one window and kept in the next.
        judged: list[list[FoundTags]] = []
        for head in asked:
            judged.append([_without_dropped(chosen, decisions[head]) for chosen in tags_of[head]])
        return judged

    def states(self, texts: Sequence[Sequence[Hashable]], *, spell: Spelling = str) -> list[Floats]:
        """Read texts without asking any head.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            spell: Gives the text of a key that is met for the first time.

        Returns:
            States (words, width) of the words of each text.
        """
        engine = self.engine
        return _numbers(engine, texts, spell, engine.width, lambda states, _: engine.floats(states))

    def probabilities(
        self,
        texts: Sequence[Sequence[Hashable]],
        head: int,
        decision: Decision,
        tags: int,
        *,
        spell: Spelling = str,
        paragraphs: Paragraphs = _NO_PARAGRAPHS,
    ) -> list[Floats]:
        """Score every tag of the words of texts.

        Args:
            texts: The words of each text, or keys that stand for them, by which they are looked up.
            head: The number of the head that is asked.
            decision: How its scores are read.
            tags: How many tags it has.
            spell: Gives the text of a key that is met for the first time.
            paragraphs: Where paragraphs begin; each text is one unless said otherwise.

        Returns:
            The probability of each tag by this head alone, (words, tags), of each text; with a
            reader in the decision the words of the spans that the head finds share the probability
            of their span.
        """
        engine = self.engine

        def read(states: Any, group: Sequence[Cut]) -> Floats:
            rows = [cut.last - cut.first for cut in group]
            parts = paragraphs.lengths(group) if engine.has_spans[head] else rows
            decoded = engine.decode(head, states, Rows(parts), decision)
            if decision.reader is None:
                return decoded.probabilities
            return decision.reader.judged(
                engine.floats(states), rows, decoded.tags, decoded.probabilities
            )

        return _numbers(engine, texts, spell, tags, read, paragraphs.of_rows)

    def open_row(self) -> "OpenRow":
        """Begin a row whose words come one after another, without a known end.

        Returns:
            A new row.

        Raises:
            OptionError: For a model that reads pieces of words.
        """
        return OpenRow(self.engine)


class TextPool:
    """Collects the last, largest and mean states of the encoder over texts that are read in windows
    (`nn.pooling`).

    The last state of the forward direction is that of the last word, of the backward direction that
    of the first.

    Args:
        lengths: The number of words of each text.
        widths: The width of the encoder's states in each direction, forward first.
    """

    def __init__(self, lengths: Sequence[int], widths: Sequence[int]) -> None:
        self._lengths = lengths
        self._forward = widths[0]
        shape = (len(lengths), sum(widths))
        self._last = np.zeros(shape, np.float32)
        self._highest = np.full(shape, -np.inf, np.float32)
        self._sum = np.zeros(shape, np.float32)

    def add(self, group: Sequence[Cut], states: Floats) -> None:
        """Take the states of some windows.

        Args:
            group: The windows.
            states: The encoder's states (words, width) of the words that they read.
        """
        forward = self._forward
        for cut, inside in labeled_words(group):
            part = states[inside]
            np.maximum(self._highest[cut.doc], part.max(axis=0), out=self._highest[cut.doc])
            self._sum[cut.doc] += part.sum(axis=0)
            if cut.start == 0:
                self._last[cut.doc, forward:] = part[0, forward:]
            if cut.end == self._lengths[cut.doc]:
                self._last[cut.doc, :forward] = part[-1, :forward]

    def pooled(self) -> Floats:
        """Put the last, largest and mean states of each direction side by side.

        Returns:
            Pooled states (texts, 3 · width); of a text without words they are not finite.
        """
        means = self._sum / np.maximum(self._lengths, 1)[:, None]
        kinds = (self._last, self._highest, means.astype(np.float32))
        ahead = [kind[:, : self._forward] for kind in kinds]
        back = [kind[:, self._forward :] for kind in kinds]
        return np.concatenate([*ahead, *back], axis=1)


def _labels_of_texts(
    engine: Engine,
    head: int,
    pooled: Floats,
    texts: Sequence[Sequence[Hashable]],
    decision: Decision,
    spell: Spelling,
) -> list[FoundTags]:
    """The label of each text by a head of documents; all are equally probable where there are no
    words.
    """
    full = [number for number, text in enumerate(texts) if len(text)]
    labels = engine.labels(head)
    even = FoundTags(np.zeros(1, np.int64), np.full(labels, 1 / labels, np.float32))
    labels_of_texts = [even] * len(texts)
    if full:
        words = [list(map(spell, texts[number])) for number in full]
        rows = Rows([len(text) for text in words], words=words)
        chosen = engine.decode(head, pooled[full], rows, decision)
        for row, number in enumerate(full):
            best = chosen.tags[row : row + 1]
            labels_of_texts[number] = FoundTags(best, chosen.probabilities[row])
    return labels_of_texts


class _WholeTexts:
    """Collects the states of texts that are read in windows, until all words of a text are there.

    Args:
        engine: The engine whose states they are.
        lengths: The number of words of each text.
    """

    def __init__(self, engine: Engine, lengths: Sequence[int]) -> None:
        self._engine = engine
        self._lengths = lengths
        self._parts: dict[int, list[tuple[int, Any]]] = defaultdict(list)
        self._words = [0] * len(lengths)

    def add(self, group: Sequence[Cut], states: Any) -> tuple[list[int], Any]:
        """Take the states of some windows.

        Args:
            group: The windows.
            states: The engine's states (words, width) of the words that they read.

        Returns:
            The numbers of the texts of which all words are there now, and the states of their
            words, text after text; None where there is no such text.
        """
        ended: list[int] = []
        for cut, inside in labeled_words(group):
            self._parts[cut.doc].append((cut.start, states[inside]))
            self._words[cut.doc] += cut.end - cut.start
            if self._words[cut.doc] == self._lengths[cut.doc]:
                ended.append(cut.doc)
        parts: list[Any] = []
        for text in ended:
            of_text = sorted(self._parts.pop(text), key=lambda part: part[0])
            parts += [part for _, part in of_text]
        return ended, self._engine.joined(parts) if parts else None


class _AllWords:
    """The words of all texts, text after text: one array holds the tags that a head gives to them.

    Args:
        lengths: The number of words of each text.
    """

    def __init__(self, lengths: Sequence[int]) -> None:
        ends = np.cumsum([0, *lengths])
        self._begins = ends[:-1]
        self._slices = list(map(slice, ends[:-1].tolist(), ends[1:].tolist()))
        self._count = int(ends[-1])

    def empty_tags(self) -> FoundTags:
        """Make tags of all words, to be filled in."""
        return FoundTags(np.zeros(self._count, np.int64), np.zeros(self._count, np.float32))

    def of_texts(self, tags: FoundTags) -> list[FoundTags]:
        """Give the tags of each text, in the same memory."""
        ids, scores = tags
        return [FoundTags(ids[inside], scores[inside]) for inside in self._slices]

    def places(self, group: Sequence[Cut]) -> tuple[Integers, Integers]:
        """Find the words that windows label.

        Args:
            group: The windows.

        Returns:
            The places of these words among all words, and among those that the windows read, both
            (words,).
        """
        docs, firsts, starts, ends, lasts = np.array(group, np.int64).T
        sizes = lasts - firsts
        read = np.cumsum(sizes) - sizes + starts - firsts
        counts = ends - starts
        inside = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        target = np.repeat(self._begins[docs] + starts, counts) + inside
        return target, np.repeat(read, counts) + inside


def _without_dropped(chosen: FoundTags, decision: Decision) -> FoundTags:
    """The tags of a text without the spans that the head's second reader takes for wrong."""
    reader = decision.reader
    if reader is None:
        return chosen
    return FoundTags(reader.kept_tags(chosen.ids, chosen.scores), chosen.scores)


def _numbers(
    engine: Engine,
    texts: Sequence[Sequence[Hashable]],
    spell: Spelling,
    width: int,
    read: Callable[[Any, Sequence[Cut]], Floats],
    row_starts: Sequence[Sequence[int]] | None = None,
) -> list[Floats]:
    """Numbers (words, width) of the words of each text, read from the states of their windows."""
    numbers_of_texts = [np.zeros((len(text), width), np.float32) for text in texts]
    for group in groups_of(
        cuts_of(map(len, texts), rows=row_starts), engine.batch_words, rows=_FEWEST_ROWS
    ):
        numbers = read(engine.states(_rows(texts, group), spell), group)
        for cut, inside in labeled_words(group):
            numbers_of_texts[cut.doc][cut.labeled] = numbers[inside]
    return numbers_of_texts


def _rows(texts: Sequence[Sequence[Hashable]], group: Sequence[Cut]) -> list[Sequence[Hashable]]:
    """The words of some windows."""
    return [texts[cut.doc][cut.first : cut.last] for cut in group]


def tags_of_heads(
    engine: Engine,
    asked: Sequence[int],
    states: Any,
    rows: Sequence[Sequence[Hashable]],
    paragraphs: Sequence[int],
    decisions: Sequence[Decision],
    spell: Spelling,
) -> list[FoundTags]:
    """Choose the best tags of the words of rows, of several heads, partners together.

    Args:
        engine: The engine whose heads are asked.
        asked: The numbers of the heads whose tags are wanted.
        states: The engine's states (words, width) of the words of all rows, row after row.
        rows: The keys of each row's words; no row is empty.
        paragraphs: The number of words of each paragraph, in which heads of spans choose; rows end
            where one does.
        decisions: How each head's scores are read, one for each head of the model.
        spell: Gives the text of a key.

    Returns:
        For each head that was asked, the tags of all words and the tags' probabilities.
    """
    whole = Rows([len(row) for row in rows])
    parts = Rows(paragraphs)
    needed = list(dict.fromkeys(asked))
    for number in needed:
        # What leads a head may have a partner itself.
        partner = decisions[number].partner
        if partner is not None and partner.head not in needed:
            needed.append(partner.head)

    chosen = {}
    for number in needed:
        chosen[number] = engine.tags(
            number, states, parts if engine.has_spans[number] else whole, decisions[number]
        )
    for number in needed:
        reader = decisions[number].reader
        if reader is not None:
            ids, scores = chosen[number]
            judged = reader.scores(engine.floats(states), whole.lengths, ids, scores)
            chosen[number] = FoundTags(ids, judged)

    keys = list(chain.from_iterable(rows))

    def word(number: int) -> str:
        return spell(keys[number])

    return [agreed_tags(engine, number, chosen, states, decisions, word) for number in asked]


def agreed_tags(
    engine: Engine,
    number: int,
    chosen: Mapping[int, FoundTags],
    states: Any,
    decisions: Sequence[Decision],
    word: Callable[[int], str],
) -> FoundTags:
    """Change a head's tags where they do not go with those of its partner, or with the words.

    Such a word gets the most likely pair of tags that go together. Elsewhere its own tags are that
    pair. Under a partner that leads, it gets the most likely of its own tags that goes with the
    partner's. An edit script whose lemma is not a known word gives way to one that is nearly as
    likely and whose lemma is.

    Args:
        engine: The engine whose heads are asked.
        number: The number of the head.
        chosen: The tags that each head chose by itself, of this head and its partner at least.
        states: The engine's states (words, width) of the words.
        decisions: How each head's scores are read.
        word: Gives the text of a word by its number.

    Returns:
        The head's tags, and their probabilities by itself.
    """
    if decisions[number].lemmas is not None:
        return _known_lemmas(engine, number, chosen[number], states, decisions[number], word)
    partner = decisions[number].partner
    if partner is None:
        return chosen[number]
    ids, scores = chosen[number]
    allowed = partner.allowed
    leading = (
        agreed_tags(engine, partner.head, chosen, states, decisions, word)
        if partner.leads
        else chosen[partner.head]
    ).ids
    apart = np.flatnonzero(~allowed[ids, leading])
    if not len(apart):
        return chosen[number]
    own = log_probabilities(engine, number, states[apart], decisions[number])
    other = log_probabilities(engine, partner.head, states[apart], decisions[partner.head])
    if partner.leads:
        # A tag that leads and goes with none, as a new one may, leaves every tag allowed.
        goes = allowed[:, leading[apart]].T
        best = np.where(goes | ~goes.any(axis=1, keepdims=True), own, -np.inf).argmax(axis=1)
    else:
        best = (own + np.where(allowed, other[:, None, :], -np.inf).max(axis=-1)).argmax(axis=-1)
    ids = ids.copy()
    scores = scores.copy()
    ids[apart] = best
    scores[apart] = np.exp(own[np.arange(len(best)), best])
    return FoundTags(ids, scores)


def log_probabilities(engine: Engine, head: int, states: Any, decision: Decision) -> Floats:
    """Score every tag of words, each word by itself.

    Args:
        engine: The engine whose head is asked.
        head: The number of a head that chooses each word's tag by itself.
        states: The engine's states (words, width) of the words.
        decision: How the head's scores are read; its threshold offset takes no part.

    Returns:
        The logarithm of each tag's probability, (words, tags).
    """
    scores = engine.scores(head, states) / np.float32(decision.temperature)
    scores -= scores.max(axis=1, keepdims=True)
    logs: Floats = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
    return logs


def _known_lemmas(
    engine: Engine,
    number: int,
    chosen: FoundTags,
    states: Any,
    decision: Decision,
    word: Callable[[int], str],
) -> FoundTags:
    lemmas = decision.lemmas
    assert lemmas is not None
    edited = np.flatnonzero(lemmas.edits[chosen.ids]).tolist()
    doubtful = np.array(
        [
            word_number
            for word_number in edited
            if lemmas.doubts(word(word_number), chosen.ids[word_number])
        ],
        dtype=np.int64,
    )
    if not len(doubtful):
        return chosen
    ids = chosen.ids.copy()
    scores = chosen.scores.copy()
    logs = log_probabilities(engine, number, states[doubtful], decision)
    for word_number, own in zip(doubtful.tolist(), logs, strict=True):
        likely = np.flatnonzero(own > own[ids[word_number]] - _NEARLY)
        known = [script for script in likely.tolist() if lemmas.knows(word(word_number), script)]
        if known:
            ids[word_number] = max(known, key=own.__getitem__)
            scores[word_number] = np.exp(own[ids[word_number]])
    return FoundTags(ids, scores)


class OpenRow:
    """The layers and heads of a tagging model on one row without an end.

    The tags that a CRF has already given constrain those of the next words.

    Windows with context (`seqlabel.batches.windows`) are not used here: state is carried, so that
    nothing is read twice from the left, and the look-ahead is all the context there is on the
    right.

    Args:
        engine: The model.

    Raises:
        OptionError: For a model that reads pieces of words.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._layers = engine.open_layers()
        # Words in the look-ahead, and whether each begins a paragraph.
        self._words: list[str] = []
        self._begins: list[bool] = []
        # The last tag that each head gave the row, and what its second reader judged last.
        self._before: dict[int, int] = {}
        self._passed: dict[int, Passed] = {}

    def read(self, words: Sequence[str], begins: Sequence[bool] = ()) -> None:
        """Take words into the look-ahead.

        Args:
            words: The next words of the row, at least one.
            begins: Whether each follows a blank line, which no span crosses; empty where none does.
        """
        self._layers.read(words)
        self._words += words
        self._begins += begins or [False] * len(words)

    @property
    def together(self) -> int:
        """How many of the next steps can be tagged at once."""
        return self._layers.together

    def tags(
        self, count: int, decisions: Sequence[Decision], *, is_last: bool, steps: int = 1
    ) -> list[FoundTags]:
        """Tag the first words of the look-ahead, which then leave it.

        Several steps give the tags that they would give one by one, each with a look-ahead as long
        as that of the last one.

        Args:
            count: How many words are tagged at each step, at least one.
            decisions: How each head's scores are read.
            is_last: Whether the row ends with them; else anything may follow.
            steps: The number of steps, at most `together`.

        Returns:
            For each head the tags of these words and the tags' probabilities; heads that read whole
            sentences are left out.
        """
        whole = any(decision.reader is not None for decision in decisions)
        for is_joint, unit in zip(self._engine.is_joint, self._engine.units, strict=True):
            whole = whole or (is_joint and unit is Unit.WORD)
        # Of each step and each word in its look-ahead, (steps, time, width).
        states: Any = self._layers.states(count, is_last=is_last, whole=whole, steps=steps)
        chosen = {}
        for head, decision in enumerate(decisions):
            if self._engine.units[head] is not Unit.WORD:
                # Where the sentence ends is not known yet.
                continue
            found = self._chosen(head, states, count, decision, is_last=is_last)
            chosen[head] = self._judged(head, states, count, found, decision)
        words = self._words[: steps * count]
        del self._words[: steps * count], self._begins[: steps * count]
        leaving = states[:, :count].reshape(steps * count, states.shape[2])
        return [
            agreed_tags(self._engine, head, chosen, leaving, decisions, words.__getitem__)
            for head in chosen
        ]

    def _chosen(
        self, head: int, states: Any, count: int, decision: Decision, *, is_last: bool
    ) -> FoundTags:
        """The tags of all words that have states, step after step."""
        steps, time, width = states.shape
        if not self._engine.is_joint[head]:
            rows = Rows([time] * steps)
            return self._engine.tags(head, states.reshape(steps * time, width), rows, decision)

        of_steps: list[FoundTags] = []
        for step in range(steps):
            begins = self._begins[step * count : step * count + time]
            tags = self._chosen_together(head, states[step], begins, decision, is_last=is_last)
            self._before[head] = int(tags.ids[count - 1])
            of_steps.append(tags)
        return _joined(of_steps)

    def _chosen_together(
        self, head: int, states: Any, begins: Sequence[bool], decision: Decision, *, is_last: bool
    ) -> FoundTags:
        """The tags of a step by a head that chooses each with those around it; one of spans begins
        again at paragraphs.
        """
        starts: list[int] = []
        if self._engine.has_spans[head]:
            starts = list(compress(range(len(begins)), begins))
        borders = sorted({0, *starts, len(states)})
        parts: list[FoundTags] = []
        for start, end in pairwise(borders):
            after = None if start in starts else self._before.get(head)
            row = Rows([end - start], after=after, goes_on=end == len(states) and not is_last)
            parts.append(self._engine.tags(head, states[start:end], row, decision))
        return _joined(parts)

    def _judged(
        self, head: int, states: Any, count: int, chosen: FoundTags, decision: Decision
    ) -> FoundTags:
        """The tags of the first words of each step, judged and without dropped spans where the head
        has a second reader.
        """
        steps, time, width = states.shape
        ids = chosen.ids.reshape(steps, time)[:, :count].reshape(-1)
        reader = decision.reader
        if reader is None:
            return FoundTags(ids, chosen.scores.reshape(steps, time)[:, :count].reshape(-1))
        passed = self._passed.get(head, Passed.none(width))
        read = self._engine.floats(states.reshape(steps * time, width))
        judged, self._passed[head] = reader.stream_scores(
            read, count, chosen.ids, chosen.scores, passed, steps=steps
        )
        kept = reader.kept_tags(ids, judged, lengths=[count] * steps)
        return FoundTags(kept, judged)


def _joined(parts: Sequence[FoundTags]) -> FoundTags:
    """The tags of some words, and of those after them."""
    if len(parts) == 1:
        return parts[0]
    ids = np.concatenate([part.ids for part in parts])
    return FoundTags(ids, np.concatenate([part.scores for part in parts]))
