"""Scores of pairs of documents, checked against scikit-learn, spaCy's scorer and counting by
enumeration.
"""

import dataclasses
import random
from functools import partial

import pytest
import sklearn.metrics
from spacy.scorer import Scorer
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan
from spacy.training import Example
from spacy.vocab import Vocab

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.scores.metrics import (
    Confusion,
    LabelScore,
    score_categories,
    score_sentences,
    score_spans,
    score_tags,
)

every_seed = pytest.mark.parametrize("seed", range(5))


def words(count):
    return Document.from_words([f"w{number}" for number in range(count)])


def tagged(gold, predicted):
    document = words(len(gold))
    layers = (Tags(tuple(labels)) for labels in (gold, predicted))
    return tuple(document.with_tags("pos", layer) for layer in layers)


def spanned(count, gold, predicted):
    document = words(count)
    layers = (Spans(tuple(Span(*span) for span in spans)) for spans in (gold, predicted))
    return tuple(document.with_spans("ner", layer) for layer in layers)


def categorized(gold, predicted, text="text"):
    gold = Document("text", ()).with_categories("topic", gold)
    return gold, Document(text, ()).with_categories("topic", predicted)


def random_spans(chance, count, *, overlap):
    spans, place = set(), 0
    while place < count:
        end = min(place + chance.randint(1, 3), count)
        if chance.random() < 0.7:
            spans.add((place, end, chance.choice("ABC")))
        place = end if not overlap else place + chance.randint(0, 1)
        if overlap and chance.random() < 0.1:
            break
    return sorted(spans)


def random_pairs(seed, *, overlap=False):
    chance = random.Random(seed)
    pairs = []
    for count in [chance.randint(1, 12) for _ in range(6)]:
        gold, predicted = (random_spans(chance, count, overlap=overlap) for _ in range(2))
        pairs.append(spanned(count, gold, predicted))
    return pairs


# Tags


@every_seed
def test_tag_scores_are_those_of_scikit_learn(seed):
    chance = random.Random(seed)
    labels = "ABCDE"[: chance.randint(2, 5)]
    pairs = [
        tagged(chance.choices(labels, k=9), chance.choices(labels + "Z", k=9)) for _ in range(5)
    ]
    sides = ([tag for pair in pairs for tag in pair[side].tags["pos"].labels] for side in (0, 1))
    gold, predicted = sides
    score = score_tags(pairs, "pos")
    names = sorted(set(gold) | set(predicted))
    f1 = sklearn.metrics.f1_score(gold, predicted, average="macro", zero_division=0.0)
    assert score.macro_f1 == pytest.approx(f1)
    assert score.accuracy == pytest.approx(sklearn.metrics.accuracy_score(gold, predicted))
    assert list(score.labels) == names == list(score.confusion.labels)
    counts = sklearn.metrics.confusion_matrix(gold, predicted)
    assert [list(row) for row in score.confusion.counts] == counts.tolist()
    expected = sklearn.metrics.precision_recall_fscore_support(
        gold, predicted, labels=names, zero_division=0.0
    )
    for label, *numbers in zip(names, *expected, strict=True):
        assert dataclasses.astuple(score.labels[label]) == pytest.approx(tuple(numbers))


def test_unknown_words_are_those_that_training_lacked():
    score = score_tags([tagged("AAB", "ABB"), tagged("AB", "AA")], "pos", known={"w0"})
    assert (score.words, score.unknown_words) == (5, 3)
    assert score.unknown_accuracy == pytest.approx(1 / 3)
    assert score_tags([tagged("A", "B")], "pos", known={"w0"}).unknown_accuracy is None
    without = score_tags([tagged("AAB", "ABB")], "pos")
    assert (without.unknown_words, without.unknown_accuracy) == (0, None)


def test_words_without_a_gold_tag_do_not_count():
    score = score_tags([tagged(["A", None, "B"], ["A", "C", "A"])], "pos")
    assert (score.words, score.accuracy) == (2, 0.5)
    assert score.confusion == Confusion(("A", "B"), ((1, 0), (1, 0)))
    assert score.labels == {
        "A": LabelScore(0.5, 1.0, pytest.approx(2 / 3), 1),
        "B": LabelScore(0.0, 0.0, 0.0, 1),
    }


SECRET = Document.from_words(["secret"], tags={"pos": Tags(("A",))})
BARE = words(1)
SPANS = spanned(1, [], [])
TAGS = tagged("A", "A")
TOPICS = categorized({"a": 1.0}, {"a": 1.0})
tags = partial(score_tags, layer="pos")
spans = partial(score_spans, layer="ner")
topics = partial(score_categories, layer="topic")


@pytest.mark.parametrize(
    ("score", "pairs", "named"),
    [
        (tags, [TAGS, (SECRET, words(2))], "Document 1: "),
        (tags, [(SECRET, SECRET.with_tags("pos", Tags((None,))))], "Document 0: "),
        (tags, [tagged([None], "A")], "'pos'"),
        (tags, [], "'pos'"),
        (tags, [SPANS], "Document 0"),
        (tags, [TAGS, (TAGS[0], BARE)], "Document 1"),
        (spans, [], ""),
        (spans, [(spanned(2, [], [])[0], spanned(3, [], [])[1])], "Document 0"),
        (spans, [(BARE, SPANS[1])], "Document 0"),
        (spans, [(SPANS[0], BARE)], "Document 0"),
        (topics, [TOPICS, categorized({"a": 1.0, "b": 1.0}, {"a": 1.0})], "Document 1: "),
        (topics, [categorized({"a": 1.0}, {})], "Document 0: "),
        (topics, [categorized({"a": 1.0}, {"a": 1.0}, "other")], "Document 0: .* different texts"),
        (topics, [(TOPICS[0], Document("text", ()))], "Document 0"),
        (topics, [], "documents"),
    ],
)
def test_documents_that_cannot_be_compared_are_refused(score, pairs, named):
    with pytest.raises(DataError, match=named or None) as caught:
        score(pairs)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("beta", [0, -1, float("nan"), float("inf")])
def test_beta_is_a_positive_number(beta):
    with pytest.raises(OptionError, match="beta:"):
        score_spans([SPANS], "ner", beta=beta)


# Spans


def spacy_scores(pairs, *, labeled=True):
    vocab = Vocab()

    def doc(document):
        made = Doc(vocab, words=document.words)
        spans = document.spans["ner"].spans
        made.spans["ner"] = [
            SpacySpan(made, span.start, span.end, label=span.label) for span in spans
        ]
        return made

    return Scorer.score_spans(
        [Example(doc(predicted), doc(gold)) for gold, predicted in pairs],
        "ner",
        getter=lambda one, key: one.spans[key],
        labeled=labeled,
        allow_overlap=True,
    )


@every_seed
@pytest.mark.parametrize("overlap", [False, True])
def test_exact_scores_are_those_of_spacy(seed, overlap):
    pairs = random_pairs(seed, overlap=overlap)
    score, expected = score_spans(pairs, "ner"), spacy_scores(pairs)
    blind = spacy_scores(pairs, labeled=False)
    figures = [(score.exact, [expected[f"ner_{letter}"] for letter in "prf"])]
    figures += [(score.blind_spans, [blind[f"ner_{letter}"] for letter in "prf"])]
    for label, numbers in expected["ner_per_type"].items():
        figures.append((score.types[label], [numbers[letter] for letter in "prf"]))
    for one, numbers in figures:
        assert [one.precision, one.recall, one.f] == pytest.approx(numbers)
    assert list(score.types) == sorted(expected["ner_per_type"])


def most_pairs(gold, predicted):
    """The largest pairing of overlapping spans, by trying everything."""
    if not gold:
        return 0
    first, rest = gold[0], gold[1:]
    best = most_pairs(rest, predicted)
    for number, (start, end, _) in enumerate(predicted):
        if start < first[1] and first[0] < end:
            best = max(best, 1 + most_pairs(rest, predicted[:number] + predicted[number + 1 :]))
    return best


def partial_counts(pairs, label):
    """What the pairings of a label are worth, and the numbers of spans in gold and predicted."""
    worth, predicted_spans, gold_spans = 0.0, 0, 0
    for pair in pairs:
        gold, predicted = (
            [dataclasses.astuple(s) for s in document.spans["ner"].spans if s.label == label]
            for document in pair
        )
        exact = set(gold) & set(predicted)
        rest = [[span for span in side if span not in exact] for side in (gold, predicted)]
        worth += len(exact) + most_pairs(*rest) / 2
        predicted_spans += len(predicted)
        gold_spans += len(gold)
    return worth, predicted_spans, gold_spans


@every_seed
@pytest.mark.parametrize("overlap", [False, True])
def test_partial_scores_are_those_of_trying_every_pairing(seed, overlap):
    pairs = random_pairs(seed, overlap=overlap)
    score = score_spans(pairs, "ner", beta=2.0)
    counts = {label: partial_counts(pairs, label) for label in "ABC"}
    for label, (worth, found, wanted) in counts.items():
        if found or wanted:
            one = score.partial_types[label]
            assert one.precision == pytest.approx(worth / found if found else 0.0)
            assert one.recall == pytest.approx(worth / wanted if wanted else 0.0)
    worth, found, wanted = (sum(column) for column in zip(*counts.values(), strict=True))
    precision, recall = worth / found, worth / wanted
    f2 = 5 * precision * recall / (4 * precision + recall)
    expected = [pytest.approx(number) for number in (precision, recall, f2)]
    assert score.partial == LabelScore(*expected, wanted)


@pytest.mark.parametrize(
    ("gold", "predicted", "half"),
    [
        ([(0, 3, "A")], [(2, 4, "A")], 0.5),
        # Neighbours share no word.
        ([(0, 2, "A")], [(2, 4, "A")], 0.0),
        ([(0, 2, "A")], [(0, 1, "B")], 0.0),
        # One span is paired once.
        ([(0, 4, "A")], [(0, 2, "A"), (2, 4, "A")], 0.5),
        # The exact match is not taken away by an overlap.
        ([(0, 2, "A"), (2, 4, "A")], [(1, 3, "A"), (2, 4, "A")], 1.5),
        # The long prediction is left for the span that nothing else overlaps.
        ([(1, 3, "A"), (5, 6, "A")], [(0, 7, "A"), (1, 2, "A")], 1.0),
    ],
)
def test_an_overlap_counts_one_half(gold, predicted, half):
    score = score_spans([spanned(7, gold, predicted)], "ner").partial
    assert (score.recall, score.precision) == (half / len(gold), half / len(predicted))


@every_seed
def test_blind_words_are_those_inside_any_span(seed):
    pairs = random_pairs(seed, overlap=True)
    gold, predicted = (
        [
            any(span.start <= word < span.end for span in pair[side].spans["ner"].spans)
            for pair in pairs
            for word in range(len(pair[side]))
        ]
        for side in (0, 1)
    )
    expected = sklearn.metrics.precision_recall_fscore_support(
        gold, predicted, average="binary", beta=0.5, zero_division=0.0
    )
    score = score_spans(pairs, "ner", beta=0.5).blind_words
    assert [score.precision, score.recall, score.f] == pytest.approx(expected[:3])
    assert score.support == sum(gold)


@every_seed
@pytest.mark.parametrize("overlap", [False, True])
def test_the_confusion_of_spans_agrees_with_the_exact_scores(seed, overlap):
    score = score_spans(random_pairs(seed, overlap=overlap), "ner")
    names, counts = score.confusion.labels, score.confusion.counts
    assert names == (*score.types, "O")
    for index, name in enumerate(names[:-1]):
        column = sum(row[index] for row in counts)
        assert sum(counts[index]) == score.types[name].support
        assert counts[index][index] == pytest.approx(
            score.types[name].recall * score.types[name].support
        )
        assert counts[index][index] == pytest.approx(score.types[name].precision * column)
    assert counts[-1][-1] == 0


def test_spans_with_the_same_words_are_confused_and_others_missed_or_spurious():
    gold = [(0, 2, "A"), (2, 3, "A"), (4, 6, "B")]
    predicted = [(0, 2, "B"), (2, 3, "A"), (4, 5, "B")]
    assert score_spans([spanned(6, gold, predicted)], "ner").confusion == Confusion(
        ("A", "B", "O"), ((1, 1, 0), (0, 0, 1), (0, 1, 0))
    )


def test_a_span_given_twice_counts_once_and_ignored_types_not_at_all():
    gold = [(0, 2, "A")]
    predicted = [(0, 2, "A"), (3, 4, "A")]
    once = score_spans([spanned(5, gold, predicted)], "ner")
    assert score_spans([spanned(5, gold, [*predicted, (0, 2, "A")])], "ner") == once
    more = [spanned(5, [*gold, (2, 3, "X")], [*predicted, (2, 4, "Y")])]
    assert score_spans(more, "ner", ignore={"X", "Y"}) == once != score_spans(more, "ner")


def test_documents_without_spans_score_nothing_and_the_macro_score_is_the_mean_of_types():
    score = score_spans([spanned(3, [], [])], "ner")
    scores = (score.exact, score.macro, score.partial, score.blind_words, score.blind_spans)
    assert set(scores) == {LabelScore(0.0, 0.0, 0.0, 0)}
    assert score.confusion == Confusion(("O",), ((0,),))
    gold = [(0, 1, "A"), (1, 2, "A"), (2, 3, "B")]
    score = score_spans([spanned(6, gold, [(0, 1, "A"), (5, 6, "C")])], "ner")
    thirds = [pytest.approx(number) for number in (1 / 3, 1 / 6, 2 / 9)]
    assert (list(score.types), score.macro) == (["A", "B", "C"], LabelScore(*thirds, 3))


# Categories


def test_the_highest_category_is_compared():
    pairs = [
        categorized({"a": 1.0, "b": 0.0}, {"b": 0.2, "a": 0.8}),
        categorized({"a": 1.0, "b": 0.0}, {"b": 0.6, "a": 0.4}),
        categorized({"b": 1.0}, {"b": 0.5, "a": 0.5}),
        categorized({"c": 1.0}, {"c": 0.9, "a": 0.1}),
    ]
    score = score_categories(pairs, "topic")
    gold, predicted = ["a", "a", "b", "c"], ["a", "b", "a", "c"]
    assert (score.accuracy, score.documents) == (0.5, 4)
    assert score.macro_f1 == pytest.approx(
        sklearn.metrics.f1_score(gold, predicted, average="macro")
    )
    assert score.confusion == Confusion(("a", "b", "c"), ((1, 1, 0), (1, 0, 0), (0, 0, 1)))
    assert score.labels["a"] == LabelScore(0.5, 0.5, 0.5, 2)


def test_sentences_are_compared_by_their_characters():
    def document(text, words, starts):
        return Document(text, tuple(words), sentences=tuple(starts))

    gold = document("It rains. It  snows!", [(0, 2), (3, 9), (10, 12), (14, 20)], (0, 2))
    # Other words, and a sentence that was cut in two.
    found = document("It rains. It snows!", [(0, 9), (10, 12), (13, 18), (18, 19)], (0, 1, 3))
    score = score_sentences([(gold, found), (document("", [], []), document(" ", [], []))])
    assert (score.precision, score.recall, score.support) == (1 / 3, 1 / 2, 2)
    assert score_sentences([(gold, gold)]).f == 1.0
    with pytest.raises(DataError, match="Document 0"):
        score_sentences([(gold, document("It", [(0, 2)], (0,)))])
