"""A second reader: the probability that a span of a labeler is right, by a small learnt head on the
encoder's states.

The labeler finds at a higher sensitivity; each span that it finds is then judged as a whole, with
the text around it, and spans below a probability are dropped. It is trained by
`recipes/pii_reader.py`. NumPy and the compiled steps alone; no torch.

Shapes: words (of all rows together, row after row), width, spans, labels, hidden.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from seqlabel.documents.schemes import split_tag
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.native.compiled import LEVEL, Floats, Integers, Level, Linear

VIEWS = 5
"""The views of a span: mean of its words, the word before, the word after, means of near words and
of the row.
"""
NUMBERS = 8
"""Numbers besides the states and labels; `_numbers` names them."""
AROUND = 30
"""Words on both sides within which sure spans are counted as near."""
STREAM_SHARE = 0.4
"""Share of the least probability below which a stream drops a span: it has seen less than the whole
text.
"""
_GAP = 2 * AROUND
"""Words that are imagined between rows, so that nothing near crosses them."""
_MOST_WORDS = 1280
"""Words from which a stream halves its counts: a window of a document with its context has as many.
"""


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
    sure: float = 0.9
    leasts: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.hidden < 0 or self.near < 1:
            raise OptionError(
                f"reader: expected hidden from 0 and near from 1, got {self.hidden} and "
                f"{self.near}."
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


@dataclass
class Seen:
    """What a stream has read so far, to judge the words that come next; the reader changes it in
    place.

    `tail` (words, width) are the states of the last words, `total` (width,) the sum of the states
    of `words` words, `counts` (labels + 1,) sure spans by label, `spans` the number of spans,
    `sure` the ends of the last sure spans, in words from the next word. `open` is the label and
    probability of a span that may go on.
    """

    tail: Floats | None = None
    total: npt.NDArray[np.float64] | None = None
    words: float = 0.0
    counts: npt.NDArray[np.float64] | None = None
    spans: float = 0.0
    sure: list[int] = field(default_factory=list)
    open: tuple[int, float] | None = None


class _Before(NamedTuple):
    """What a stream had seen before each of its steps, as `Seen` has it: sure spans by label
    (steps, labels + 1), sums of states (steps, width), numbers of words and of spans (steps,).
    """

    counts: npt.NDArray[np.float64]
    totals: npt.NDArray[np.float64]
    words: npt.NDArray[np.float64]
    spans: npt.NDArray[np.float64]


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
        # The reader's number of each label of its tags, (labels,).
        self._known = _numbers_of_labels(tag_set, config.labels)
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
            sensitivity: 0 changes nothing. From 0 to 1 the least probability falls evenly to 0, so
                that from 1 on nothing is dropped; each step below 0 divides the odds of dropping
                nothing by e.

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
        """Find the spans of tags, as `tags_to_spans` does.

        Args:
            ids: The tag of each word, (words,).
            lengths: How many words each row has.

        Returns:
            The spans in order.
        """
        labels, begins, ends = self._parts
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
        self, states: Floats, lengths: Sequence[int], spans: Spans, scores: Floats
    ) -> Floats:
        """Judge spans that are given.

        Args:
            states: States (words, width) of the words of all rows.
            lengths: How many words each row has.
            spans: The spans, in order and apart.
            scores: For each word the labeler's probability of its tag, (words,).

        Returns:
            The probability that each is right, (spans,).
        """
        sizes = np.asarray(lengths, np.int64)
        stops = sizes.cumsum()
        begins = stops - sizes
        rows = spans.rows
        known = self._known[spans.labels]
        least, mean = _least_and_mean(spans, scores)
        sure = least >= self.config.sure
        shape = (len(sizes), len(self.config.labels) + 1)
        own = _counts_of_labels(rows[sure], known[sure], shape)[rows]
        own[np.arange(len(own)), known] -= sure
        means = np.zeros((len(sizes), states.shape[1]), np.float32)
        for row in sorted(set(rows.tolist())):
            np.add.reduce(states[begins[row] : stops[row]], axis=0, out=means[row])
            means[row] /= lengths[row]
        return self._judged(
            self._views(states, spans, begins[rows], stops[rows], means[rows]),
            known,
            own[:, :-1],
            _numbers(
                least,
                mean,
                spans.ends - spans.starts,
                sizes[rows],
                _near(spans, sure, rows * _GAP),
                np.bincount(rows, minlength=len(sizes))[rows],
            ),
        )

    def stream_scores(
        self,
        states: Floats,
        count: int,
        ids: Integers,
        scores: Floats,
        seen: Seen,
        *,
        steps: int = 1,
    ) -> Floats:
        """Judge the spans of the next words of a stream, with what it has seen before them.

        A span that continues from the words before has the probability that it got there. Several
        steps give the probabilities that they would give one by one.

        Args:
            states: States (steps · time, width) of the words that each step reads: `count` words
                and its look-ahead.
            count: How many words leave the look-ahead at each step.
            ids: The tag of each word, (steps · time,).
            scores: The tags' probabilities, (steps · time,).
            seen: What was seen before, which then holds these words too.
            steps: The number of steps.

        Returns:
            The probabilities of the words that leave, (steps · count,), where each word of a span
            has that of its span.
        """
        time = len(ids) // steps
        of_steps = states.reshape(steps, time, -1)
        found = scores.reshape(steps, time)[:, :count].copy()
        if seen.tail is None:
            seen.tail = states[:0]
            seen.total = np.zeros(states.shape[1])
            seen.counts = np.zeros(len(self.config.labels) + 1)
        if not ids.any():
            nothing = np.zeros((steps, len(self.config.labels) + 1))
            self._pass(seen, of_steps[:, :count], nothing, nothing[:, 0])
            return found.reshape(-1)

        spans = self.spans(ids, [time] * steps)
        _, begins, _ = self._parts
        starts = spans.starts - spans.rows * time
        ends = spans.ends - spans.rows * time
        # Those that begin later are judged when their words leave the look-ahead.
        leaving = starts < count
        going = np.flatnonzero(leaving & (ends >= count))
        open_labels = np.full(steps + 1, -1)
        open_labels[spans.rows[going] + 1] = spans.labels[going]
        opened = seen.open
        if opened is not None:
            open_labels[0] = opened[0]
        carried = (starts == 0) & ~begins[ids[spans.starts]]
        carried &= spans.labels == open_labels[spans.rows]

        judged = np.flatnonzero(leaving)
        likely = self._likely(of_steps, count, spans, judged, carried, scores, seen)
        open_of = dict(zip(spans.rows[going].tolist(), going.tolist(), strict=True))
        for span in np.flatnonzero(carried).tolist():
            before = open_of.get(int(spans.rows[span]) - 1)
            if before is not None:
                likely[span] = likely[before]
            elif opened is not None:
                likely[span] = opened[1]

        last = open_of.get(steps - 1)
        seen.open = None if last is None else (int(spans.labels[last]), float(likely[last]))
        places, sizes, _ = _words_of(spans)
        in_steps, words = np.divmod(places, time)
        inside = words < count
        found[in_steps[inside], words[inside]] = np.repeat(likely, sizes)[inside]
        return found.reshape(-1)

    def _likely(
        self,
        states: Floats,
        count: int,
        spans: Spans,
        judged: Integers,
        carried: npt.NDArray[np.bool_],
        scores: Floats,
        seen: Seen,
    ) -> Floats:
        """Judge the spans that leave the look-ahead, and take the words that leave it into what was
        seen.

        Args:
            states: States (steps, time, width).
            count: How many words leave at each step.
            spans: The spans of all steps.
            judged: The numbers of those that begin in words that leave.
            carried: Whether each continues one of the step before, (spans,).
            scores: The tags' probabilities, (steps · time,).
            seen: What was seen before.

        Returns:
            The probability of each span, (spans,); 0 for those that are not judged.
        """
        steps, time, width = states.shape
        known = self._known[spans.labels]
        least, mean = _least_and_mean(spans, scores)
        sure = least >= self.config.sure
        new = judged[~carried[judged]]
        new_sure = new[sure[new]]
        # Places in words from the first word of the first step.
        moved = spans.rows * (time - count)
        rows = spans.rows[judged]
        near = _near(spans, sure, spans.rows * _GAP)[judged]
        near += _ended_near(
            np.array(seen.sure, np.int64),
            (spans.ends - moved)[new_sure],
            spans.rows[new_sure],
            starts=(spans.starts - moved)[judged],
            rows=rows,
        )
        seen.sure += (spans.ends - moved)[new_sure].tolist()
        labels = len(self.config.labels) + 1
        tail = seen.tail
        before = self._pass(
            seen,
            states[:, :count],
            _counts_of_labels(spans.rows[new_sure], known[new_sure], (steps, labels)),
            np.bincount(spans.rows[new], minlength=steps),
        )
        likely = np.zeros(len(known), np.float32)
        if not len(judged):
            return likely

        all_sure = _counts_of_labels(spans.rows[sure], known[sure], (steps, labels))
        counts = (before.counts + all_sure)[rows]
        counts[np.arange(len(judged)), known[judged]] -= sure[judged]
        words = before.words + time
        means = np.zeros_like(before.totals)
        for step in sorted(set(rows.tolist())):
            means[step] = (before.totals[step] + states[step].sum(axis=0)) / words[step]
        chosen = Spans(spans.starts[judged], spans.ends[judged], spans.labels[judged], rows)
        begins = rows * time
        flat = states.reshape(steps * time, width)
        views = self._views(flat, chosen, begins, begins + time, means[rows])
        assert tail is not None
        self._add_words_before(views, chosen, states, count, tail)
        likely[judged] = self._judged(
            views,
            known[judged],
            counts[:, :-1],
            _numbers(
                least[judged],
                mean[judged],
                chosen.ends - chosen.starts,
                words[rows],
                near,
                (before.spans + np.bincount(spans.rows, minlength=steps))[rows],
            ),
        )
        return likely

    def _add_words_before(
        self, views: Floats, spans: Spans, states: Floats, count: int, tail: Floats
    ) -> None:
        """Put words that left the look-ahead before a step into the views of its first spans.

        Args:
            views: Views (spans, views · width) of the words of each step alone; changed in place.
            spans: The spans, whose rows are the steps.
            states: States (steps, time, width).
            count: How many words leave at each step.
            tail: States (words, width) of the last words that left before the first step.
        """
        time, width = states.shape[1:]
        near = self.config.near
        of_spans = views.reshape(len(views), VIEWS, width)
        starts = spans.starts - spans.rows * time
        ends = np.minimum(spans.ends - spans.rows * time + near, time)
        for span in np.flatnonzero(starts < near).tolist():
            step = int(spans.rows[span])
            start = int(starts[span])
            before = _words_before(states, step, count, tail, near - start)
            if not len(before):
                continue
            words = np.concatenate([before, states[step, : ends[span]]])
            np.add.reduce(words, axis=0, out=of_spans[span, 3])
            of_spans[span, 3] /= len(words)
            if not start:
                of_spans[span, 1] = before[-1]

    def _pass(
        self,
        seen: Seen,
        states: Floats,
        sure: npt.NDArray[Any],
        spans: npt.NDArray[Any],
    ) -> "_Before":
        """Take the states of words that left the look-ahead into what was seen; the ends of their
        sure spans are there already.

        Args:
            seen: What was seen before.
            states: States (steps, count, width).
            sure: New sure spans of each step by label, (steps, labels + 1).
            spans: New spans of each step, (steps,).

        Returns:
            What was seen before each step.
        """
        assert seen.tail is not None
        assert seen.total is not None
        assert seen.counts is not None
        steps, count, width = states.shape
        before = _Before(
            np.empty((steps, len(seen.counts))),
            np.empty((steps, width)),
            np.empty(steps),
            np.empty(steps),
        )
        # Of a few words; only the sums of many are in 64 bits, which takes three times as long.
        sums = states.sum(axis=1)
        for step in range(steps):
            before.counts[step] = seen.counts
            before.totals[step] = seen.total
            before.words[step] = seen.words
            before.spans[step] = seen.spans
            seen.counts += sure[step]
            seen.total += sums[step]
            seen.words += count
            seen.spans += float(spans[step])
            if seen.words > _MOST_WORDS:
                seen.counts /= 2
                seen.total /= 2
                seen.spans /= 2
                seen.words /= 2
        seen.open = None
        passed = steps * count
        seen.sure = [place - passed for place in seen.sure if place - passed > -AROUND]
        last = states.reshape(passed, width)[-self.config.near :]
        seen.tail = np.concatenate([seen.tail, last])[-self.config.near :]
        return before

    def kept_tags(
        self,
        ids: Integers,
        scores: Floats,
        *,
        lengths: Sequence[int] | None = None,
        in_stream: bool = False,
    ) -> Integers:
        """Drop the spans of texts whose probability is too low.

        Args:
            ids: The tag of each word, (words,).
            scores: The probabilities that `scores` gave, (words,).
            lengths: How many words each text has; None for one text.
            in_stream: Whether they are those of a stream, which drops less: see `STREAM_SHARE`.

        Returns:
            The tags, (words,), those of dropped spans replaced by the first.
        """
        lowest = self._lowest * STREAM_SHARE if in_stream else self._lowest
        if not (scores < lowest[self._parts[0]][ids]).any():
            return ids
        spans = self.spans(ids, [len(ids)] if lengths is None else lengths)
        least, _ = _least_and_mean(spans, scores)
        dropped = least < lowest[spans.labels]
        if not dropped.any():
            return ids
        places, sizes, _ = _words_of(spans)
        result = ids.copy()
        result[places[np.repeat(dropped, sizes)]] = 0
        return result

    @property
    def _hidden(self) -> int:
        return max(self.config.hidden, 1)

    def _views(
        self, states: Floats, spans: Spans, lows: Integers, highs: Integers, means: npt.NDArray[Any]
    ) -> Floats:
        """The views of spans, (spans, views · width).

        Args:
            states: States (words, width).
            spans: The spans.
            lows: Where the row of each span begins, (spans,).
            highs: Where it ends, (spans,).
            means: The mean of the states of its row, (spans, width).

        Returns:
            The views, one after another.
        """
        starts = spans.starts
        ends = spans.ends
        firsts = np.maximum(starts - self.config.near, lows)
        lasts = np.minimum(ends + self.config.near, highs)
        views = np.zeros((len(starts), VIEWS, states.shape[1]), np.float32)
        # Span by span: `np.add.reduceat` takes twenty times as long.
        places = (starts, ends, firsts, lasts, lows, highs)
        borders = zip(*(place.tolist() for place in places), strict=True)
        for own, (start, end, first, last, low, high) in zip(views, borders, strict=True):
            np.add.reduce(states[start:end], axis=0, out=own[0])
            np.add.reduce(states[first:last], axis=0, out=own[3])
            if start > low:
                own[1] = states[start - 1]
            if end < high:
                own[2] = states[end]
        views[:, 0] /= (ends - starts)[:, None]
        views[:, 3] /= (lasts - firsts)[:, None]
        views[:, 4] = means
        return views.reshape(len(views), -1)

    def _projected(self, views: Floats) -> Floats:
        """What the views of spans add to the hidden units, (spans, hidden)."""
        if self._projection is not None:
            return np.ascontiguousarray(self._projection(views))
        # Not by BLAS, in which the last bit of a row depends on the number of rows.
        units: Floats = np.einsum("sv,hv->sh", views, self._flat)
        return units

    def _judged(
        self,
        views: Floats,
        known: Integers,
        counts: npt.NDArray[Any],
        numbers: npt.NDArray[np.float64],
    ) -> Floats:
        """Probabilities (spans,) from views (spans, views · width), labels (spans,), counts of
        labels, and numbers.
        """
        units = self._projected(views).astype(np.float64)
        units += self._label_units[known]
        units += np.einsum("sl,lh->sh", np.log1p(counts), self.weights["counts"])
        units += np.einsum("sn,nh->sh", numbers, self.weights["numbers"])
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


def _at(least: float, sensitivity: float) -> float:
    """A least probability at a sensitivity."""
    if sensitivity >= 0 or not least:
        return least * max(1 - sensitivity, 0.0)
    odds = least / (1 - least) * math.exp(-sensitivity)
    return odds / (1 + odds)


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


def _near(spans: Spans, sure: npt.NDArray[np.bool_], shift: Integers) -> Integers:
    """How many other sure spans are within `AROUND` words of each span, in its row."""
    starts = spans.starts + shift
    ends = spans.ends + shift
    begun = np.searchsorted(starts[sure], ends + AROUND, side="left")
    ended = np.searchsorted(ends[sure], starts - AROUND, side="right")
    return begun - ended - sure


def _ended_near(
    before: Integers, ends: Integers, steps: Integers, *, starts: Integers, rows: Integers
) -> Integers:
    """How many sure spans that left a stream's look-ahead at earlier steps ended within `AROUND`
    words before each span.

    Args:
        before: The ends of those that left it before all steps.
        ends: The ends of those that leave it now.
        steps: The step at which each of them leaves.
        starts: Where each span begins, (spans,), in the same words.
        rows: The step of each span, (spans,).

    Returns:
        The numbers, (spans,).
    """
    borders = starts[:, None] - AROUND
    earlier = (before > borders).sum(axis=1)
    now = (ends > borders) & (steps < rows[:, None])
    counts: Integers = earlier + now.sum(axis=1)
    return counts


def _counts_of_labels(rows: Integers, labels: Integers, shape: tuple[int, int]) -> Integers:
    """The number of spans of each row and label, (rows, labels)."""
    cells = np.bincount(rows * shape[1] + labels, minlength=shape[0] * shape[1])
    return cells.reshape(shape)


def _words_before(states: Floats, step: int, count: int, tail: Floats, most: int) -> Floats:
    """The states of the last words that left a stream's look-ahead before a step, (at most `most`,
    width).
    """
    if step and count >= most:
        return states[step - 1, count - most : count]
    left = states[:step, :count].reshape(step * count, states.shape[2])
    return np.concatenate([tail, left])[-most:]


def _numbers(
    least: Floats,
    mean: Floats,
    sizes: Integers,
    words: npt.NDArray[Any],
    near: Integers,
    spans: npt.NDArray[Any],
) -> npt.NDArray[np.float64]:
    """The numbers of each span, (spans, `NUMBERS`)."""
    numbers = np.empty((len(least), NUMBERS))
    odds = _log_odds(np.array([least, mean], np.float64))
    numbers[:, :2] = odds.T / 3
    numbers[:, 2] = np.log(sizes)
    numbers[:, 3] = np.log(words) / 5
    numbers[:, 4] = np.log1p(near)
    numbers[:, 5] = np.log1p(spans)
    numbers[:, 6] = odds[0] ** 2 / 10
    numbers[:, 7] = words == 1
    return numbers


def _log_odds(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    # `np.clip` takes five times as long.
    inside = np.minimum(np.maximum(shares, 1e-4), 1 - 1e-4)
    odds: npt.NDArray[np.float64] = np.log(inside / (1 - inside))
    return odds
