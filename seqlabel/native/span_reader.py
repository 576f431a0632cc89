"""A second reader: the probability that a span of a labeler is right, by a small learnt head on the
encoder's states.

The labeler finds at a higher sensitivity; each span that it finds is then judged as a whole, and
spans below a probability are dropped. What is judged is the span and its passage: a fixed number of
words before and after it, and the other spans found there. Nothing else of the text counts, neither
its length nor words further away. It is trained by `recipes/pii_reader.py`. NumPy and the
compiled steps alone; no torch.

Shapes: words (of all rows together, row after row), width, spans, labels, hidden.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from seqlabel.documents.schemes import split_tag
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.native.compiled import LEVEL, Floats, Integers, Level, Linear

VIEWS = 5
"""The views of a span: mean of its words, the word before, the word after, means of near words and
of the passage.
"""
NUMBERS = 7
"""Numbers besides the states and labels; `inputs_of_spans` names them."""
MOST_SENSITIVE = 2.0
"""The sensitivity from which on the least probabilities fall evenly to 0, which they reach at
`NOTHING_DROPPED`.
"""
NOTHING_DROPPED = MOST_SENSITIVE + 1


@dataclass(frozen=True)
class SpanReaderConfig:
    """The numbers of a second reader.

    Args:
        layer: The layer of spans that it judges.
        labels: The labels that it knows, in the order of its weights; another label's own weight is
            0.
        hidden: The width of its hidden layer (ReLU); 0 for a linear reader.
        offset: Nats added to the layer's threshold offset, so that more spans are found to be
            judged.
        least: The probability below which a span is dropped.
        near: Words on both sides of a span in the mean of near words.
        before: Words before a span in its passage.
        after: Words after a span in its passage; a stream decides as the whole text does where its
            look-ahead holds them.
        sure: The labeler's probability from which on another span counts as sure.
        leasts: For some labels another `least`.

    Raises:
        OptionError: A number is out of its range.
    """

    layer: str
    labels: tuple[str, ...]
    hidden: int = 0
    offset: float = 1.0
    least: float = 0.05
    near: int = 12
    before: int = 50
    after: int = 20
    sure: float = 0.9
    leasts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.hidden < 0 or self.near < 1 or self.before < 1 or self.after < 1:
            raise OptionError(
                "reader: expected hidden from 0, and near, before and after from 1, got "
                f"{self.hidden}, {self.near}, {self.before} and {self.after}."
            )
        if not (0 < self.sure <= 1 and 0 <= self.offset < math.inf):
            raise OptionError(
                f"reader: expected sure from 0 to 1 and offset from 0, got {self.sure} and "
                f"{self.offset}."
            )
        for least in (self.least, *self.leasts.values()):
            if not 0 <= least < 1:
                raise OptionError(
                    f"reader: expected probabilities below 1 in least and leasts, got {least}."
                )
        for label in self.leasts:
            if label not in self.labels:
                raise OptionError(
                    f"reader: leasts: expected one of {', '.join(self.labels)}, got {label!r}."
                )

    def shapes(self, width: int) -> dict[str, tuple[int, ...]]:
        """Name the weights.

        Args:
            width: The width of the encoder's states.

        Returns:
            The shape of each weight by its name.
        """
        hidden = max(self.hidden, 1)
        labels = len(self.labels)
        shapes: dict[str, tuple[int, ...]] = {
            "states": (VIEWS, hidden, width),
            "labels": (labels, hidden),
            "counts": (labels, hidden),
            "numbers": (NUMBERS, hidden),
            "bias": (hidden,),
        }
        return shapes | ({"out": (hidden,), "out_bias": (1,)} if self.hidden else {})


class Spans(NamedTuple):
    """Spans of the words of all rows: first word, end (exclusive), number of the label, row; each
    (spans,).
    """

    starts: Integers
    ends: Integers
    labels: Integers
    rows: Integers


class SpanInputs(NamedTuple):
    """What is read of spans to judge them.

    Their views (spans, views · width), one after another; the reader's number of their label, that
    after the last where it does not know it (spans,); sure other spans of the passage by label
    (spans, labels); and the numbers (spans, `NUMBERS`).
    """

    views: Floats
    labels: Integers
    counts: Integers
    numbers: npt.NDArray[np.float64]


class Passed(NamedTuple):
    """The last words that left the look-ahead of a stream: the passages of the next spans begin in
    them.

    Their states (words, width), tags, probabilities of the tags by the labeler, and those that the
    reader gave, each (words,).
    """

    states: Floats
    ids: Integers
    scores: Floats
    judged: Floats

    @classmethod
    def none(cls, width: int) -> "Passed":
        """Begin a stream.

        Args:
            width: The width of the encoder's states.

        Returns:
            No words.
        """
        nothing = np.zeros(0, np.float32)
        return cls(np.zeros((0, width), np.float32), np.zeros(0, np.int64), nothing, nothing)

    def last(self, words: int) -> "Passed":
        """Give the last words alone.

        Args:
            words: Their number, at least 1; of fewer words all are given.

        Returns:
            Copies, so that the states of the others are not kept.
        """
        kept = slice(-words, None)
        return Passed(
            self.states[kept].copy(),
            self.ids[kept].copy(),
            self.scores[kept].copy(),
            self.judged[kept].copy(),
        )


class SpanReader:
    """Judges the spans of one layer of a labeler. Threads may share it.

    Args:
        config: Its numbers.
        weights: Its weights by name, float32, of the shapes that the config names.
        tag_set: The tags of the layer; the first is that of no span.
        kept: Labels whose spans are never dropped.

    Raises:
        OptionError: A weight is missing, or has another shape or values that are not finite.
    """

    def __init__(
        self,
        config: SpanReaderConfig,
        weights: Mapping[str, Floats],
        tag_set: TagSet,
        *,
        kept: frozenset[str] = frozenset(),
    ) -> None:
        width = weights["states"].shape[-1] if "states" in weights else 0
        shapes = config.shapes(width)
        if {name: array.shape for name, array in weights.items()} != shapes:
            raise OptionError(
                f"reader: its weights do not fit its config, which asks for {shapes}. Restore "
                "the files."
            )
        if not all(np.isfinite(array).all() for array in weights.values()):
            raise OptionError(
                "reader: some of its weights are not finite numbers. Restore the files."
            )
        self.config = config
        self.weights = {
            name: np.ascontiguousarray(array, np.float32) for name, array in weights.items()
        }
        self.tag_set = tag_set
        self.kept = kept
        self._parts = _parts_of(tag_set)
        lowest = [
            0.0 if label in kept else config.leasts.get(label, config.least)
            for label in tag_set.labels
        ]
        # The probability below which a span of each label of the tags is dropped; the last is that
        # of words in none, whose label is -1.
        self._lowest = np.array([*lowest, 0.0])
        self.width = width
        # (hidden, views · width): all views of a span are mapped in one product.
        self._flat = np.ascontiguousarray(self.weights["states"].transpose(1, 0, 2)).reshape(
            self._hidden, -1
        )
        # A label that it does not know adds nothing.
        none = np.zeros((1, self._hidden), np.float32)
        self._label_units = np.concatenate([self.weights["labels"], none])
        self._projection = None
        if LEVEL is not Level.MISSING:
            self._projection = Linear.of(self._flat, np.zeros(self._hidden, np.float32))

    def dropping_from(
        self, least: float, leasts: Mapping[str, float] | None = None
    ) -> "SpanReader":
        """Copy the reader with another least probability.

        Args:
            least: The probability below which a span is dropped.
            leasts: For some labels another one.

        Returns:
            A reader with the same weights.

        Raises:
            OptionError: A number is not a probability below 1, or the reader does not know a label.
        """
        return self._with(replace(self.config, least=least, leasts=dict(leasts or {})))

    def _with(self, config: SpanReaderConfig) -> "SpanReader":
        return SpanReader(config, self.weights, self.tag_set, kept=self.kept)

    def keeping(self, labels: frozenset[str]) -> "SpanReader":
        """Copy the reader so that it drops no span of some labels.

        Args:
            labels: The labels.

        Returns:
            A reader with the same weights.
        """
        return SpanReader(self.config, self.weights, self.tag_set, kept=labels)

    def at(self, sensitivity: float) -> "SpanReader":
        """Copy the reader so that it drops fewer spans, or more.

        Args:
            sensitivity: 0 changes nothing. Each step up divides the odds of the least probability
                by e, up to `MOST_SENSITIVE`; from there it falls evenly to 0 within one step, and
                nothing is dropped any more.

        Returns:
            A reader with the same weights; a higher sensitivity keeps all spans that a lower one
            keeps.
        """
        config = self.config
        leasts = {label: _at(least, sensitivity) for label, least in config.leasts.items()}
        return self._with(replace(config, least=_at(config.least, sensitivity), leasts=leasts))

    def reading(self, tag_set: TagSet) -> "SpanReader":
        """Copy the reader for other tags of the layer.

        Args:
            tag_set: The tags.

        Returns:
            A reader with the same weights; this one if the tags are its own.
        """
        if tag_set == self.tag_set:
            return self
        return SpanReader(self.config, self.weights, tag_set, kept=self.kept)

    def spans(self, ids: Integers, lengths: Sequence[int]) -> Spans:
        """Find the spans of tags; see `spans_of_tags`."""
        return spans_of_tags(self.tag_set, ids, lengths)

    def scores(
        self, states: Floats, lengths: Sequence[int], ids: Integers, scores: Floats
    ) -> Floats:
        """Judge the spans of rows.

        Args:
            states: States (words, width) of the words of all rows.
            lengths: How many words each row has.
            ids: The tag of each word, (words,).
            scores: The tags' probabilities, (words,).

        Returns:
            The probabilities, (words,), where each word of a span has that of its span.
        """
        spans = self.spans(ids, lengths)
        if not len(spans.starts):
            return scores
        likely = self.probabilities(states, lengths, spans, scores)
        found = scores.copy()
        places, sizes, _ = _words_of(spans)
        found[places] = likely.repeat(sizes)
        return found

    def judged(
        self, states: Floats, lengths: Sequence[int], ids: Integers, probabilities: Floats
    ) -> Floats:
        """Give the words of each span its probability, shared among their tags as the labeler has
        it.

        Args:
            states: States (words, width) of the words of all rows.
            lengths: How many words each row has.
            ids: The tag of each word, (words,).
            probabilities: The labeler's probability of each tag, (words, tags).

        Returns:
            The probabilities, (words, tags); those of words outside spans are as they were.
        """
        spans = self.spans(ids, lengths)
        if not len(spans.starts):
            return probabilities
        likely = self.probabilities(states, lengths, spans, probabilities[np.arange(len(ids)), ids])
        places, sizes, _ = _words_of(spans)
        values = np.repeat(likely, sizes)
        result = probabilities.copy()
        inside = result[places, 1:]
        result[places, 1:] = inside * (values / np.maximum(inside.sum(axis=1), 1e-9))[:, None]
        result[places, 0] = 1 - values
        return result

    def probabilities(
        self,
        states: Floats,
        lengths: Sequence[int],
        spans: Spans,
        scores: Floats,
        *,
        wanted: npt.NDArray[np.bool_] | None = None,
    ) -> Floats:
        """Judge spans that are given.

        Args:
            states: States (words, width) of the words of all rows.
            lengths: How many words each row has.
            spans: The spans, in order and apart.
            scores: For each word the labeler's probability of its tag, (words,).
            wanted: Which spans are judged, (spans,), while the others are only near by; None for
                all.

        Returns:
            The probability that each span that is judged is right, (spans,).
        """
        inputs = inputs_of_spans(
            self.config, self.tag_set, states, lengths, spans, scores, wanted=wanted
        )
        units = self._projected(inputs.views).astype(np.float64)
        units += self._label_units[inputs.labels]
        units += np.einsum("sl,lh->sh", np.log1p(inputs.counts), self.weights["counts"])
        units += np.einsum("sn,nh->sh", inputs.numbers, self.weights["numbers"])
        units += self.weights["bias"]
        if self.config.hidden:
            odds = (
                np.einsum("sh,h->s", np.maximum(units, 0), self.weights["out"])
                + self.weights["out_bias"][0]
            )
        else:
            odds = units[:, 0]
        found: Floats = (1 / (1 + np.exp(-np.minimum(np.maximum(odds, -30), 30)))).astype(
            np.float32
        )
        return found

    def stream_scores(
        self,
        states: Floats,
        count: int,
        ids: Integers,
        scores: Floats,
        passed: Passed,
        *,
        steps: int = 1,
    ) -> tuple[Floats, Passed]:
        """Judge the spans of the next words of a stream, with the words before them.

        A span is judged when its first word leaves the look-ahead, and keeps that probability.
        Several steps give the probabilities that they would give one by one.

        Args:
            states: States (steps · time, width) of the words that each step reads: `count` words
                and its look-ahead.
            count: How many words leave the look-ahead at each step.
            ids: The tag of each word, (steps · time,).
            scores: The tags' probabilities, (steps · time,).
            passed: The words before the first step.
            steps: The number of steps.

        Returns:
            The probabilities of the words that leave, (steps · count,), where each word of a span
            has that of its span; and the words before the next step.
        """
        before = self.config.before
        of_steps = states.reshape(steps, -1, states.shape[1])
        step_ids = ids.reshape(steps, -1)
        step_scores = scores.reshape(steps, -1)
        leaving = step_scores[:, :count].reshape(-1)
        # All words up to the last that leaves; those that a step finds before it end where its own
        # begin.
        left = Passed(
            np.concatenate([passed.states, of_steps[:, :count].reshape(steps * count, -1)]),
            np.concatenate([passed.ids, step_ids[:, :count].reshape(-1)]),
            np.concatenate([passed.scores, leaving]),
            np.concatenate([passed.judged, leaving]),
        )
        begins = len(passed.ids) + count * np.arange(steps)
        judging = np.flatnonzero(step_ids[:, :count].any(axis=1)).tolist()
        if judging:
            self._judge_leaving(
                left,
                begins[judging].tolist(),
                count,
                of_steps[judging],
                step_ids[judging],
                step_scores[judging],
            )
        judged = left.judged[len(passed.ids) :].copy()
        return judged, left.last(before)

    def _judge_leaving(
        self,
        left: Passed,
        begins: Sequence[int],
        count: int,
        states: Floats,
        ids: Integers,
        scores: Floats,
    ) -> None:
        """Write the probabilities of the spans that leave a stream's look-ahead into `left.judged`.

        Args:
            left: All words up to the last that leaves.
            begins: Where the words of each step begin among these, (steps,).
            count: How many words leave at each step.
            states: States (steps, time, width) of the words that each step reads.
            ids: Their tags, (steps, time).
            scores: The tags' probabilities, (steps, time).
        """
        # A row for each step: the words before it, and those that it reads.
        row_states: list[Floats] = []
        row_ids: list[Integers] = []
        row_scores: list[Floats] = []
        lengths: list[int] = []
        first_words: list[int] = []
        for step, begin in enumerate(begins):
            before = slice(max(begin - self.config.before, 0), begin)
            first_words.append(sum(lengths) + begin - before.start)
            lengths.append(begin - before.start + ids.shape[1])
            row_states += [left.states[before], states[step]]
            row_ids += [left.ids[before], ids[step]]
            row_scores += [left.scores[before], scores[step]]

        spans = self.spans(np.concatenate(row_ids), lengths)
        # Places from the first word of the step.
        own_begins = np.array(first_words)[spans.rows]
        starts = spans.starts - own_begins
        ends = np.minimum(spans.ends - own_begins, count)
        begun: npt.NDArray[np.bool_] = np.logical_and(starts >= 0, starts < count)
        likely = np.zeros(len(starts), np.float32)
        likely[begun] = self.probabilities(
            np.concatenate(row_states), lengths, spans, np.concatenate(row_scores), wanted=begun
        )
        for span in np.flatnonzero(np.logical_and(starts < count, ends > 0)).tolist():
            begin = begins[spans.rows[span]]
            # One that began before has the probability that it got there.
            is_carried = starts[span] < 0
            probability = left.judged[begin - 1] if is_carried else likely[span]
            left.judged[begin + max(starts[span], 0) : begin + ends[span]] = probability

    def kept_tags(
        self,
        ids: Integers,
        scores: Floats,
        *,
        lengths: Sequence[int] | None = None,
    ) -> Integers:
        """Drop the spans of texts whose probability is too low.

        Args:
            ids: The tag of each word, (words,).
            scores: The probabilities that `scores` gave, (words,).
            lengths: How many words each text has; None for one text.

        Returns:
            The tags, (words,), those of dropped spans replaced by the first.
        """
        if not (scores < self._lowest[self._parts[0]][ids]).any():
            return ids
        spans = self.spans(ids, [len(ids)] if lengths is None else lengths)
        least, _ = _least_and_mean(spans, scores)
        dropped = least < self._lowest[spans.labels]
        if not dropped.any():
            return ids
        places, sizes, _ = _words_of(spans)
        result = ids.copy()
        result[places[np.repeat(dropped, sizes)]] = 0
        return result

    @property
    def _hidden(self) -> int:
        return max(self.config.hidden, 1)

    def _projected(self, views: Floats) -> Floats:
        """What the views of spans add to the hidden units, (spans, hidden)."""
        if self._projection is not None:
            return np.ascontiguousarray(self._projection(views))
        # Not by BLAS, in which the last bit of a row depends on the number of rows.
        units: Floats = np.einsum("sv,hv->sh", views, self._flat)
        return units


def spans_of_tags(tag_set: TagSet, ids: Integers, lengths: Sequence[int]) -> Spans:
    """Find the spans of tags, as `tags_to_spans` does.

    Args:
        tag_set: The tags.
        ids: The tag of each word, (words,).
        lengths: How many words each row has.

    Returns:
        The spans in order.
    """
    labels, begins, ends = _parts_of(tag_set)
    own = labels[ids]
    inside = own >= 0
    if not inside.any():
        nothing = np.zeros(0, np.int64)
        return Spans(nothing, nothing, nothing, nothing)

    first = np.empty(len(ids), bool)
    first[0] = True
    first[1:] = own[1:] != own[:-1]
    first[1:] |= ends[ids[:-1]]
    row_ends = np.asarray(lengths, np.int64).cumsum()
    first[row_ends[:-1]] = True
    first |= begins[ids]
    starts = (inside & first).nonzero()[0]
    # A span continues up to the next start, the next word outside, or the end of the row.
    stops = (first | ~inside).nonzero()[0]
    following = stops.searchsorted(starts, side="right")
    after = np.append(stops, len(ids))[following]
    return Spans(starts, after, own[starts], row_ends.searchsorted(starts, side="right"))


def inputs_of_spans(
    config: SpanReaderConfig,
    tag_set: TagSet,
    states: Floats,
    lengths: Sequence[int],
    spans: Spans,
    scores: Floats,
    *,
    wanted: npt.NDArray[np.bool_] | None = None,
) -> SpanInputs:
    """Read what a reader judges spans by: the span, the words next to it, and its passage.

    Args:
        config: The numbers of the reader.
        tag_set: The tags of its layer.
        states: States (words, width) of the words of all rows.
        lengths: How many words each row has.
        spans: The spans, in order and apart.
        scores: For each word the labeler's probability of its tag, (words,).
        wanted: Which spans are judged, (spans,), while the others are only near by; None for all.

    Returns:
        What is read of the spans that are judged.
    """
    stops = np.asarray(lengths, np.int64).cumsum()
    begins = np.append(0, stops[:-1])
    least, mean = _least_and_mean(spans, scores)
    sure = least >= config.sure
    known = _numbers_of_labels(tag_set, config.labels)[spans.labels]
    own = np.arange(len(known)) if wanted is None else wanted.nonzero()[0]
    chosen = spans if wanted is None else Spans(*(places[own] for places in spans))
    row_begins = begins[chosen.rows]
    row_ends = stops[chosen.rows]
    lows = np.maximum(chosen.starts - config.before, row_begins)
    highs = np.minimum(chosen.ends + config.after, row_ends)

    # The spans that have a word in a passage are those from `first` up to `last`, exclusive.
    first = spans.ends.searchsorted(lows, side="right")
    last = spans.starts.searchsorted(highs, side="left")
    sure_labels = np.zeros((len(known) + 1, len(config.labels) + 1), np.int64)
    sure_labels[np.arange(1, len(known) + 1), known] = sure
    sums = sure_labels.cumsum(axis=0)
    counts = sums[last] - sums[first]
    counts[np.arange(len(own)), known[own]] -= sure[own]

    views = np.zeros((len(own), VIEWS, states.shape[1]), np.float32)
    firsts = np.maximum(chosen.starts - config.near, row_begins)
    lasts = np.minimum(chosen.ends + config.near, row_ends)
    has_before = chosen.starts > row_begins
    has_after = chosen.ends < row_ends
    _put_means(views[:, 0], states, chosen.starts, chosen.ends)
    views[has_before, 1] = states[chosen.starts[has_before] - 1]
    views[has_after, 2] = states[chosen.ends[has_after]]
    _put_means(views[:, 3], states, firsts, lasts)
    _put_means(views[:, 4], states, lows, highs)

    numbers = np.empty((len(own), NUMBERS))
    odds = _log_odds(np.array([least[own], mean[own]], np.float64))
    numbers[:, :2] = odds.T / 3
    numbers[:, 2] = np.log(chosen.ends - chosen.starts)
    numbers[:, 3] = np.log(highs - lows) / 5
    numbers[:, 4] = np.log1p(counts.sum(axis=1))
    numbers[:, 5] = np.log1p(last - first)
    numbers[:, 6] = odds[0] ** 2 / 10
    flat = views.reshape(len(own), VIEWS * states.shape[1])
    return SpanInputs(flat, known[own], counts[:, :-1], numbers)


def _put_means(means: Floats, states: Floats, starts: Integers, ends: Integers) -> None:
    """Write the mean of the states (words, width) of each run of words into `means`, (runs,
    width).
    """
    # Run by run: `np.add.reduceat` takes twenty times as long.
    for own, start, end in zip(means, starts.tolist(), ends.tolist(), strict=True):
        np.add.reduce(states[start:end], axis=0, out=own)
    means /= (ends - starts)[:, None]


def _at(least: float, sensitivity: float) -> float:
    """A least probability at a sensitivity."""
    odds = least / (1 - least) * math.exp(-min(sensitivity, MOST_SENSITIVE))
    rest = 1 - max(sensitivity - MOST_SENSITIVE, 0.0)
    return max(rest, 0.0) * odds / (1 + odds)


@lru_cache(maxsize=8)
def _parts_of(tag_set: TagSet) -> tuple[Integers, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Of each tag: the number of its label, -1 where there is none; whether it begins a span;
    whether it ends one.
    """
    places = {label: number for number, label in enumerate(tag_set.labels)}
    parts = [split_tag(tag) for tag in tag_set.tags]
    labels = np.array([places.get(label, -1) for _, label in parts], np.int64)
    begins = np.array([prefix in ("B", "S", "U") for prefix, _ in parts])
    ends = np.array([prefix in ("E", "L", "S", "U") for prefix, _ in parts])
    return labels, begins, ends


@lru_cache(maxsize=8)
def _numbers_of_labels(tag_set: TagSet, known: tuple[str, ...]) -> Integers:
    """The number of each label of a tag set among known labels, (labels,); unknown ones have the
    one after.
    """
    places = {label: number for number, label in enumerate(known)}
    return np.array([places.get(label, len(places)) for label in tag_set.labels], np.int64)


class _Words(NamedTuple):
    """The places of the words of all spans, span after span, how many each span has, and how many
    are before its first one.
    """

    places: Integers
    sizes: Integers
    before: Integers


def _words_of(spans: Spans) -> _Words:
    """Find the words of all spans."""
    sizes = spans.ends - spans.starts
    ends = sizes.cumsum()
    before = ends - sizes
    places = np.arange(ends[-1] if len(ends) else 0) + (spans.starts - before).repeat(sizes)
    return _Words(places, sizes, before)


def _least_and_mean(spans: Spans, scores: Floats) -> tuple[Floats, Floats]:
    """The lowest and the mean probability of the words of each span."""
    if not len(spans.starts):
        return np.zeros(0, np.float32), np.zeros(0, np.float32)
    places, sizes, before = _words_of(spans)
    inside = scores[places]
    means = (np.add.reduceat(inside, before) / sizes).astype(np.float32)
    return np.minimum.reduceat(inside, before), means


def _log_odds(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # `np.clip` takes five times as long.
    inside = np.minimum(np.maximum(shares, 1e-4), 1 - 1e-4)
    odds: npt.NDArray[np.float64] = np.log(inside / (1 - inside))
    return odds
