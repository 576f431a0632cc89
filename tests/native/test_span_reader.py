"""The second reader: spans, features and streams against the plain way to compute them."""

import math

import numpy as np
import pytest

from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.native.span_reader import NUMBERS, VIEWS, Passed, SpanReader, SpanReaderConfig

WIDTH = 8
LABELS = ("PERSON", "DATE", "AGE")


def reader_of(hidden=0, scheme=Scheme.BIO, labels=LABELS, **numbers):
    config = SpanReaderConfig("pii", labels, hidden=hidden, near=3, before=9, after=5, **numbers)
    chance = np.random.default_rng(3)
    weights = {
        name: chance.normal(size=shape).astype(np.float32) / 3
        for name, shape in config.shapes(WIDTH).items()
    }
    return SpanReader(config, weights, TagSet("pii", LABELS, scheme))


def drawn(words, tags, seed=0):
    chance = np.random.default_rng(seed)
    states = chance.normal(size=(words, WIDTH)).astype(np.float32)
    ids = np.where(chance.random(words) < 0.5, 0, chance.integers(0, tags, words))
    return states, ids, chance.uniform(0.3, 1, words).astype(np.float32)


@pytest.mark.parametrize("scheme", Scheme)
def test_spans_are_those_of_the_scheme(scheme):
    reader = reader_of(scheme=scheme)
    tags = reader.tag_set.tags
    for seed in range(30):
        _, ids, _ = drawn(23, len(tags), seed)
        expected = []
        for row, (begin, end) in enumerate(((0, 10), (10, 11), (11, 23))):
            names = [tags[number] for number in ids[begin:end]]
            for span in tags_to_spans(names, scheme).spans:
                label = LABELS.index(span.label)
                expected.append((begin + span.start, begin + span.end, label, row))
        found = reader.spans(ids, [10, 1, 12])
        assert list(zip(*map(np.ndarray.tolist, found), strict=True)) == expected


def plain_probability(reader, states, ids, scores, place):
    """The probability of one span of a row, written out."""
    weights, near = reader.weights, reader.config.near
    hidden = len(weights["bias"])
    spans = reader.spans(ids, [len(ids)])
    rows = list(zip(spans.starts.tolist(), spans.ends.tolist(), spans.labels.tolist(), strict=True))
    start, end, label = rows[place]
    low = max(start - reader.config.before, 0)
    high = min(end + reader.config.after, len(ids))
    nothing = np.zeros(WIDTH)
    views = [
        states[start:end].mean(axis=0),
        states[start - 1] if start else nothing,
        states[end] if end < len(ids) else nothing,
        states[max(start - near, 0) : end + near].mean(axis=0),
        states[low:high].mean(axis=0),
    ]
    units = sum(weights["states"][view] @ views[view] for view in range(VIEWS)) + weights["bias"]
    units = units + weights["labels"][label]
    counts = np.zeros(len(LABELS))
    inside = 0
    for number, (first, last, kind) in enumerate(rows):
        if first < high and last > low:
            inside += 1
            if number != place and scores[first:last].min() >= reader.config.sure:
                counts[kind] += 1
    units = units + np.log1p(counts) @ weights["counts"]
    shares = np.clip([scores[start:end].min(), scores[start:end].mean()], 0, 0.9999)
    least, mean = np.log(shares / (1 - shares))
    numbers = [
        least / 3,
        mean / 3,
        np.log(end - start),
        np.log(high - low) / 5,
        np.log1p(counts.sum()),
        np.log1p(inside),
        least**2 / 10,
    ]
    assert len(numbers) == NUMBERS
    units = units + np.array(numbers) @ weights["numbers"]
    odds = (
        np.maximum(units, 0) @ weights["out"] + weights["out_bias"][0]
        if "out" in weights
        else units[0]
    )
    assert len(units) == hidden
    return 1 / (1 + np.exp(-odds))


@pytest.mark.parametrize("hidden", [0, 4])
def test_each_span_has_the_probability_written_out(hidden):
    reader = reader_of(hidden)
    lengths = [90, 1, 14]
    states, ids, scores = drawn(sum(lengths), len(reader.tag_set.tags))
    ids[90] = 1
    scores[[3, 40, 41, 95]] = 0.97
    found = reader.scores(states, lengths, ids, scores)
    begin = 0
    for length in lengths:
        inside = slice(begin, begin + length)
        spans = reader.spans(ids[inside], [length])
        for place, (start, end) in enumerate(zip(spans.starts, spans.ends, strict=True)):
            expected = plain_probability(reader, states[inside], ids[inside], scores[inside], place)
            np.testing.assert_allclose(found[begin + start : begin + end], expected, rtol=1e-4)
        begin += length
    outside = ids == 0
    np.testing.assert_array_equal(found[outside], scores[outside])


def test_a_row_does_not_depend_on_what_it_is_read_with():
    reader = reader_of()
    states, ids, scores = drawn(60, len(reader.tag_set.tags), 5)
    together = reader.scores(states, [25, 35], ids, scores)
    for part in (slice(25), slice(25, 60)):
        alone = reader.scores(states[part], [len(ids[part])], ids[part], scores[part])
        np.testing.assert_array_equal(together[part], alone)


def test_a_span_is_judged_by_its_passage_alone():
    reader = reader_of(hidden=4)
    before, after = reader.config.before, reader.config.after
    tags = len(reader.tag_set.tags)
    states, ids, scores = drawn(before + 2 + after, tags, 2)
    ids[before - 1 : before + 3] = [0, 1, 2, 0]
    place = before
    expected = reader.scores(states, [len(ids)], ids, scores)[place]
    for seed in range(20):
        others, other_ids, other_scores = drawn(300, tags, 100 + seed)
        cut = 7 * seed
        # A span does not continue across the borders of the passage.
        other_ids[[cut - 1, cut]] = 0
        whole = [
            np.concatenate(both)
            for both in (
                (others[:cut], states, others[cut:]),
                (other_ids[:cut], ids, other_ids[cut:]),
                (other_scores[:cut], scores, other_scores[cut:]),
            )
        ]
        found = reader.scores(whole[0], [len(whole[1])], whole[1], whole[2])
        assert found[cut + place] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [1, 4, 30])
def test_a_stream_decides_as_the_whole_text_does(count):
    reader = reader_of(hidden=4)
    states, ids, scores = drawn(200, len(reader.tag_set.tags), 7)
    # No span is longer than what a word sees after it.
    ids[::4] = 0
    ahead = reader.config.after + 4
    whole = reader.scores(states, [200], ids, scores)
    passed = Passed.none(WIDTH)
    found = []
    for start in range(0, 200, count):
        read = slice(start, start + count + ahead)
        leaving = min(count, 200 - start)
        judged, passed = reader.stream_scores(
            states[read], leaving, ids[read], scores[read], passed
        )
        found += judged.tolist()
        assert len(passed.ids) == min(start + count, 200, reader.config.before)
    np.testing.assert_allclose(found, whole, rtol=1e-6)


def test_a_span_over_several_pieces_of_a_stream_has_one_probability():
    reader = reader_of()
    states, ids, scores = drawn(60, len(reader.tag_set.tags), 9)
    ids[:] = 0
    ids[8:45] = [1, *[2] * 36]
    passed = Passed.none(WIDTH)
    found = []
    for start in range(0, 60, 10):
        read = slice(start, start + 12)
        judged, passed = reader.stream_scores(states[read], 10, ids[read], scores[read], passed)
        found += judged.tolist()
    assert len(set(found[8:45])) == 1


@pytest.mark.parametrize(("count", "ahead"), [(1, 0), (2, 5), (7, 3), (20, 30)])
@pytest.mark.parametrize("length", [1, 8])
def test_steps_judged_together_have_the_probabilities_of_each_alone(count, ahead, length):
    reader = reader_of()
    tags = len(reader.tag_set.tags)
    together = alone = Passed.none(WIDTH)
    for seed in range(24):
        states, ids, scores = drawn(8 * (count + ahead), tags, seed)
        # Runs of one tag make spans that cross steps; without any, steps are all outside.
        ids = np.repeat(ids[::length], length)[: len(ids)] if seed % 6 else np.zeros_like(ids)
        found, together = reader.stream_scores(states, count, ids, scores, together, steps=8)
        for step in range(8):
            read = slice(step * (count + ahead), (step + 1) * (count + ahead))
            one, alone = reader.stream_scores(states[read], count, ids[read], scores[read], alone)
            np.testing.assert_array_equal(found[step * count : (step + 1) * count], one)
        for ours, theirs in zip(together, alone, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_texts_lose_the_spans_that_each_loses_alone():
    reader = reader_of(least=0.5)
    _, ids, scores = drawn(60, len(reader.tag_set.tags), 3)
    together = reader.kept_tags(ids, scores, lengths=[20, 1, 39])
    parts = [
        reader.kept_tags(ids[part], scores[part]) for part in map(slice, (0, 20, 21), (20, 21, 60))
    ]
    np.testing.assert_array_equal(together, np.concatenate(parts))
    assert (together != ids).any()


def test_a_higher_sensitivity_keeps_what_a_lower_one_keeps():
    reader = reader_of(least=0.5)
    states, ids, scores = drawn(200, len(reader.tag_set.tags), 1)
    judged = reader.scores(states, [200], ids, scores)
    kept = set()
    sizes = []
    for sensitivity in (-3, -1, 0, 0.5, 1, 2, 2.5, 3):
        found = set(np.flatnonzero(reader.at(sensitivity).kept_tags(ids, judged)).tolist())
        assert kept <= found
        kept = found
        sizes.append(len(found))
    assert sizes[0] < sizes[2] < sizes[-1] == np.count_nonzero(ids)


def test_labels_that_are_kept_are_never_dropped():
    reader = reader_of(least=0.99).keeping(frozenset(["DATE"]))
    tags = reader.tag_set.tags
    states, ids, scores = drawn(200, len(tags), 1)
    kept = reader.kept_tags(ids, reader.scores(states, [200], ids, scores))
    assert {tags[number][2:] for number in kept if number} == {"DATE"}
    dates = [place for place, number in enumerate(ids) if tags[number][2:] == "DATE"]
    np.testing.assert_array_equal(kept[dates], ids[dates])


def test_labels_may_have_a_least_probability_of_their_own():
    reader = reader_of(least=0.4, leasts={"DATE": 0.0, "AGE": 0.8})
    states, ids, scores = drawn(400, len(reader.tag_set.tags), 1)
    judged = reader.scores(states, [400], ids, scores)
    for sensitivity, leasts in (
        (0, (0.4, 0.0, 0.8)),
        (1, (0.4 / (0.4 + 0.6 * math.e), 0.0, 0.8 / (0.8 + 0.2 * math.e))),
        (3, (0.0, 0.0, 0.0)),
    ):
        kept = reader.at(sensitivity).kept_tags(ids, judged)
        spans = reader.spans(ids, [400])
        for start, label in zip(spans.starts, spans.labels, strict=True):
            assert bool(kept[start]) == (judged[start] >= leasts[label])
    assert len(set(reader.kept_tags(ids, judged)[ids > 0] > 0)) == 2


def test_words_of_a_span_share_its_probability_among_their_tags():
    reader = reader_of()
    tags = len(reader.tag_set.tags)
    states, ids, _ = drawn(40, tags, 2)
    probabilities = np.random.default_rng(1).dirichlet(np.ones(tags), 40).astype(np.float32)
    found = reader.judged(states, [40], ids, probabilities)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)
    scores = reader.scores(states, [40], ids, probabilities[np.arange(40), ids])
    inside = ids > 0
    np.testing.assert_allclose(1 - found[inside, 0], scores[inside], rtol=1e-4)
    np.testing.assert_array_equal(found[~inside], probabilities[~inside])


def test_a_label_that_it_does_not_know_has_no_weight_of_its_own():
    reader = reader_of(labels=LABELS[:2])
    states, ids, scores = drawn(40, len(reader.tag_set.tags), 4)
    assert np.isfinite(reader.scores(states, [40], ids, scores)).all()


@pytest.mark.parametrize(
    "numbers",
    [
        {"hidden": -1},
        {"least": 1.0},
        {"offset": -1.0},
        {"sure": 0.0},
        {"offset": float("nan")},
        {"leasts": {"AGE": 1.0}},
        {"leasts": {"IP": 0.1}},
    ],
)
def test_numbers_out_of_range_are_refused(numbers):
    with pytest.raises(OptionError, match="reader"):
        SpanReaderConfig("pii", LABELS, **numbers)


@pytest.mark.parametrize(
    ("bias", "named"),
    [(np.zeros(2, np.float32), "config"), (np.full(1, np.nan, np.float32), "finite")],
)
def test_weights_that_do_not_fit_are_refused(bias, named):
    reader = reader_of()
    with pytest.raises(OptionError, match=named):
        SpanReader(reader.config, {**reader.weights, "bias": bias}, reader.tag_set)
