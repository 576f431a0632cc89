"""Scores of pairs of documents, checked against scikit-learn, spaCy's scorer and counting by
enumeration.
"""

import dataclasses
import random

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
    return document.with_tags("pos", Tags(tuple(gold))), document.with_tags(
        "pos", Tags(tuple(predicted))
    )


def spanned(count, gold, predicted):
    document = words(count)
    gold, predicted = (tuple(Span(*span) for span in spans) for spans in (gold, predicted))
    return document.with_spans("ner", Spans(gold)), document.with_spans("ner", Spans(predicted))


def categorized(gold, predicted):
    document = Document("text", ())
    return tuple(
        dataclasses.replace(document, categories={"topic": scores}) for scores in (gold, predicted)
    )


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
    counts = [chance.randint(1, 12) for _ in range(6)]
    return [
        spanned(
            n, random_spans(chance, n, overlap=overlap), random_spans(chance, n, overlap=overlap)
        )
        for n in counts
    ]


# Tags


@every_seed
def test_tag_scores_are_those_of_scikit_learn(seed):
    chance = random.Random(seed)
    labels = "ABCDE"[: chance.randint(2, 5)]
    pairs = [
        tagged(chance.choices(labels, k=9), chance.choices(labels + "Z", k=9)) for _ in range(5)
    ]
    gold, predicted = (
        [tag for pair in pairs for tag in pair[side].tags["pos"].labels] for side in (0, 1)
    )
    score = score_tags(pairs, "pos")
    names = sorted(set(gold) | set(predicted))
    assert score.accuracy == pytest.approx(sklearn.metrics.accuracy_score(gold, predicted))
    assert score.macro_f1 == pytest.approx(
        sklearn.metrics.f1_score(gold, predicted, average="macro", zero_division=0.0)
    )
    assert list(score.labels) == names == list(score.confusion.labels)
    assert [list(row) for row in score.confusion.counts] == sklearn.metrics.confusion_matrix(
        gold, predicted
    ).tolist()
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
    unsaid = score_tags([tagged("AAB", "ABB")], "pos")
    assert (unsaid.unknown_words, unsaid.unknown_accuracy) == (0, None)


def test_words_without_a_gold_tag_do_not_count():
    score = score_tags([tagged(["A", None, "B"], ["A", "C", "A"])], "pos")
    assert (score.words, score.accuracy) == (2, 0.5)
    assert score.confusion == Confusion(("A", "B"), ((1, 0), (1, 0)))
    assert score.labels == {
        "A": LabelScore(0.5, 1.0, pytest.approx(2 / 3), 1),
        "B": LabelScore(0.0, 0.0, 0.0, 1),
    }


def test_tags_that_cannot_be_compared_are_refused():
    secret = Document.from_words(["secret"], tags={"pos": Tags(("A",))})
    for pairs, message in (
        ([tagged("A", "A"), (secret, words(2))], "Document 1: "),
        ([(secret, secret.with_tags("pos", Tags((None,))))], "Document 0: "),
        ([tagged([None], "A")], "'pos'"),
        ([], "'pos'"),
    ):
        with pytest.raises(DataError, match=message) as caught:
            score_tags(pairs, "pos")
        assert "secret" not in str(caught.value)


def test_a_missing_layer_is_named_with_those_that_are_there():
    gold, predicted = tagged("A", "A")
    bare = words(1)
    with pytest.raises(DataError, match="Document 0"):
        score_tags([(gold, predicted)], "upos")
    with pytest.raises(DataError, match="Document 1"):
        score_tags([(gold, predicted), (gold, bare)], "pos")
    gold, predicted = spanned(1, [], [])
    with pytest.raises(DataError, match="Document 0"):
        score_spans([(bare, predicted)], "ner")
    with pytest.raises(DataError, match="Document 0"):
        score_spans([(gold, bare)], "ner")
    with pytest.raises(DataError, match="Document 0"):
        score_categories([(categorized({"a": 1.0}, {})[0], Document("text", ()))], "topic")


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
    assert [score.exact.precision, score.exact.recall, score.exact.f] == pytest.approx(
        [expected["ner_p"], expected["ner_r"], expected["ner_f"]]
    )
    assert list(score.types) == sorted(expected["ner_per_type"])
    for label, numbers in expected["ner_per_type"].items():
        one = score.types[label]
        assert [one.precision, one.recall, one.f] == pytest.approx(
            [numbers["p"], numbers["r"], numbers["f"]]
        )
    blind = spacy_scores(pairs, labeled=False)
    assert [score.blind_spans.precision, score.blind_spans.recall] == pytest.approx(
        [blind["ner_p"], blind["ner_r"]]
    )


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


@every_seed
@pytest.mark.parametrize("overlap", [False, True])
def test_partial_scores_are_those_of_trying_every_pairing(seed, overlap):
    pairs = random_pairs(seed, overlap=overlap)
    score = score_spans(pairs, "ner", beta=2.0)
    totals = [0.0, 0, 0]
    for label in "ABC":
        worth, found, wanted = 0.0, 0, 0
        for pair in pairs:
            gold, predicted = (
                [dataclasses.astuple(s) for s in document.spans["ner"].spans if s.label == label]
                for document in pair
            )
            exact = set(gold) & set(predicted)
            rest = [[span for span in side if span not in exact] for side in (gold, predicted)]
            worth += len(exact) + most_pairs(*rest) / 2
            found, wanted = found + len(predicted), wanted + len(gold)
        if found or wanted:
            assert score.partial_types[label].precision == pytest.approx(
                worth / found if found else 0.0
            )
            assert score.partial_types[label].recall == pytest.approx(
                worth / wanted if wanted else 0.0
            )
        totals = [
            total + number for total, number in zip(totals, (worth, found, wanted), strict=True)
        ]
    precision, recall = totals[0] / totals[1], totals[0] / totals[2]
    assert score.partial == LabelScore(
        pytest.approx(precision),
        pytest.approx(recall),
        pytest.approx(5 * precision * recall / (4 * precision + recall)),
        totals[2],
    )


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


def test_the_macro_score_is_the_mean_of_the_types():
    score = score_spans(
        [spanned(6, [(0, 1, "A"), (1, 2, "A"), (2, 3, "B")], [(0, 1, "A"), (5, 6, "C")])], "ner"
    )
    assert list(score.types) == ["A", "B", "C"]
    assert score.macro == LabelScore(
        pytest.approx(1 / 3), pytest.approx(1 / 6), pytest.approx(2 / 9), 3
    )
    assert score.exact == LabelScore(0.5, pytest.approx(1 / 3), pytest.approx(0.4), 3)


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
    once = [spanned(5, [(0, 2, "A")], [(0, 2, "A"), (3, 4, "A")])]
    twice = [spanned(5, [(0, 2, "A")], [(0, 2, "A"), (0, 2, "A"), (3, 4, "A")])]
    assert score_spans(once, "ner") == score_spans(twice, "ner")
    more = [spanned(5, [(0, 2, "A"), (2, 3, "X")], [(0, 2, "A"), (3, 4, "A"), (2, 4, "Y")])]
    assert (
        score_spans(more, "ner", ignore={"X", "Y"})
        == score_spans(once, "ner")
        != score_spans(more, "ner")
    )


def test_documents_without_spans_score_nothing():
    score = score_spans([spanned(3, [], [])], "ner")
    nothing = LabelScore(0.0, 0.0, 0.0, 0)
    assert {score.exact, score.macro, score.partial, score.blind_words, score.blind_spans} == {
        nothing
    }
    assert score.confusion == Confusion(("O",), ((0,),))


def test_span_scores_refuse_what_cannot_be_scored():
    with pytest.raises(DataError):
        score_spans([], "ner")
    with pytest.raises(DataError, match="Document 0"):
        score_spans([(spanned(2, [], [])[0], spanned(3, [], [])[1])], "ner")
    for beta in (0, -1, float("nan"), float("inf")):
        with pytest.raises(OptionError, match="beta:"):
            score_spans([spanned(2, [], [])], "ner", beta=beta)


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


def test_categories_that_cannot_be_compared_are_refused():
    good = categorized({"a": 1.0}, {"a": 1.0})
    for pairs, message in (
        ([good, categorized({"a": 1.0, "b": 1.0}, {"a": 1.0})], "Document 1: "),
        ([categorized({"a": 1.0}, {})], "Document 0: "),
        ([(good[0], dataclasses.replace(good[1], text="other"))], "Document 0: .* different texts"),
        ([], "documents"),
    ):
        with pytest.raises(DataError, match=message):
            score_categories(pairs, "topic")


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
