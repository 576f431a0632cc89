"""A trained labeler measured and calibrated on held-out documents, against the same by other
means.
"""

import copy
import dataclasses
import math
import sys

import pytest
import torch

from seqlabel.batches.labeled import tagged_batches
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import MISSING, TagSet
from seqlabel.errors import DataError, OptionError
from seqlabel.models.measuring import (
    calibrate,
    choose_pairs,
    evaluate_labeler,
    score_epoch,
    score_layers,
    threshold_offset_for,
)
from seqlabel.models.model_configs import HeadConfig, TagPairs
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.scores.calibration import HIGHEST_TEMPERATURE, LOWEST_TEMPERATURE
from seqlabel.training.loop import evaluate
from seqlabel.training.objectives import gold_labels
from seqlabel.training.schedules import OneCycle
from tests.heads import decode
from tests.models.test_fine_tuning import (
    AFTER,
    DEV,
    OPTIONS,
    PERSON,
    every_encoder,
    fresh_labeler,
    some_documents,
    tune,
)
from tests.pages import ROOT

sys.path.insert(0, str(ROOT / "recipes"))


@every_encoder
def test_one_reading_of_dev_gives_loss_accuracy_and_score(name):
    labeler = fresh_labeler(name)
    tune(labeler)
    long = [
        Document.from_words(["bo"] * 700, tags={"after": Tags(("name",) * 700)}),
        Document.from_words([], tags={"after": Tags(())}),
    ]
    dev = [*DEV[:9], *long]
    batches = tagged_batches(dev, labeler.words, tag_sets=labeler.tag_sets, words=80)
    found = evaluate_labeler(labeler, dev, batches)
    assert found.score == score_layers(dev, list(labeler(dev)), labeler.tag_sets)
    by_batches = evaluate(labeler.module, batches, objective=gold_labels)
    assert found.count == by_batches.count
    losses = sum(
        labeler.module(one.words, one.lengths, one.gold).detach() for one in batches.batches()
    )
    counts = [
        sum(int((one.gold[head] != MISSING).sum()) for one in batches.batches())
        for head in range(2)
    ]
    assert found.loss == pytest.approx(float((losses / torch.tensor(counts)).sum()), rel=1e-4)
    right = 0
    for document, said in zip(dev, labeler(dev), strict=True):
        for tag_set in labeler.tag_sets:
            gold = tag_set.encode(document)
            if gold is not None and len(gold):
                right += int((gold == tag_set.encode(said)).sum())
    assert found.accuracy == pytest.approx(right / found.count)


def test_the_score_is_the_mean_over_the_layers_that_gold_has():
    words = ["a", "b", "c", "d"]
    tagged = Document.from_words(words, tags={"after": Tags(("other", "name", "other", None))})
    spanned = Document.from_words(
        words, spans={"person": Spans((Span(0, 2, "PER"), Span(3, 4, "PER")))}
    )
    # Two of three tags are right; one of two found spans is one of two gold ones.
    says = Document.from_words(
        words,
        tags={"after": Tags(("other", "other", "other", "name"))},
        spans={"person": Spans((Span(0, 2, "PER"), Span(2, 4, "PER")))},
    )
    tag_sets = [AFTER, PERSON]
    assert score_layers([tagged], [says], tag_sets) == pytest.approx(2 / 3)
    assert score_layers([spanned], [says], tag_sets) == pytest.approx(1 / 2)
    assert score_layers([tagged, spanned], [says, says], tag_sets) == pytest.approx(
        (2 / 3 + 1 / 2) / 2
    )
    assert score_layers([tagged, spanned], [says, says], [PERSON]) == pytest.approx(1 / 2)


CASES = TagSet("case", ("lower", "upper"))


def with_cases(documents):
    """A second layer of tags that follows from the first."""
    for document in documents:
        labels = (
            "upper" if label == "name" else "lower" for label in document.tags["after"].labels
        )
        yield document.with_tags("case", Tags(tuple(labels)))


def test_layers_are_chosen_together_where_that_makes_more_tags_right():
    train, dev = (list(with_cases(some_documents(60, "after", seed=seed))) for seed in (0, 7))
    labeler = fresh_labeler(heads=(AFTER, CASES))
    # The head of one layer has learnt nothing and is unsure, the other one is right.
    tune(
        labeler, [Document.from_words(one.words, tags={"case": one.tags["case"]}) for one in train]
    )
    before = list(labeler(dev))
    choose_pairs(labeler, train, dev)
    assert labeler.config.together == TagPairs(
        "after", "case", (("name", "upper"), ("other", "lower"))
    )
    assert score_layers(dev, list(labeler(dev)), [AFTER]) > score_layers(dev, before, [AFTER]) + 0.2
    # Where what each says by itself is right, pairs do not help.
    choose_pairs(labeler, train, before)
    assert labeler.config.together is None


def test_a_further_layer_follows_the_first_where_that_makes_more_tags_right():
    third = TagSet("third", ("lower", "upper"))

    def with_third(documents):
        return [one.with_tags("third", one.tags["case"]) for one in with_cases(documents)]

    train, dev = (with_third(some_documents(60, "after", seed=seed)) for seed in (0, 7))
    labeler = fresh_labeler(heads=(AFTER, CASES, third))
    # The head of the third layer has learnt nothing.
    tune(
        labeler,
        [
            Document.from_words(
                one.words, tags={name: one.tags[name] for name in ("after", "case")}
            )
            for one in train
        ],
    )
    before = list(labeler(dev))
    choose_pairs(labeler, train, dev)
    assert labeler.config.following == (
        TagPairs("after", "third", (("name", "upper"), ("other", "lower"))),
    )
    assert score_layers(dev, list(labeler(dev)), [third]) > score_layers(dev, before, [third]) + 0.2
    choose_pairs(labeler, train, before)
    assert labeler.config.following == ()


def test_layers_that_no_text_has_together_are_chosen_apart():
    train, dev = some_documents(5, "after"), list(with_cases(DEV))
    labeler = fresh_labeler(heads=(AFTER, CASES))
    choose_pairs(labeler, train, dev)
    choose_pairs(labeler, list(with_cases(train)), DEV)
    # A layer in which no tag is known, as CoNLL-U has it for `_`.
    unknown = [one.with_tags("case", Tags((None,) * len(one))) for one in train]
    choose_pairs(labeler, unknown, unknown)
    assert labeler.config.together is None


def test_a_rare_label_that_is_never_given_costs_as_much_as_a_frequent_one():
    words = ["a"] * 10
    tag_set = TagSet("person", ("PER", "ORG"), Scheme.BIOES)
    often = [Span(at, at + 1, "PER") for at in range(9)]
    gold = [Document.from_words(words, spans={"person": Spans((*often, Span(9, 10, "ORG")))})]
    without_rare = [Document.from_words(words, spans={"person": Spans(tuple(often))})]
    # Nine of ten spans, all that are given are right; and one of two labels.
    micro, macro = 2 * 9 / (9 + 10), (1 + 0) / 2
    assert score_layers(gold, without_rare, [tag_set]) == pytest.approx(micro)
    assert score_epoch(gold, without_rare, [tag_set]) == pytest.approx((micro + macro) / 2)
    assert score_epoch(gold, gold, [tag_set]) == 1


@torch.no_grad()
def word_losses(labeler, documents):
    """For each head the mean surprise of the gold tags, word by word."""
    labeler.module.eval()
    surprises = [[] for _ in labeler.tag_sets]
    for batch in tagged_batches(
        documents, labeler.words, tag_sets=labeler.tag_sets, words=100
    ).batches():
        scores = decode(labeler.module, batch.words, batch.lengths, labeler.decisions)
        for surprise, found, gold in zip(surprises, scores, batch.gold, strict=True):
            for row, place in (gold != MISSING).nonzero().tolist():
                surprise.append(
                    -math.log(max(float(found.probabilities[row, place, gold[row, place]]), 1e-30))
                )
    return [sum(surprise) / len(surprise) for surprise in surprises]


def span_loss(labeler, documents, layer):
    """The mean surprise at whether predicted spans are right, by the scores that users see."""
    surprises = []
    for gold, predicted in zip(documents, labeler(documents), strict=True):
        spans = predicted.spans[layer]
        for span, score in zip(spans.spans, spans.scores, strict=True):
            chance = score if span in gold.spans[layer].spans else 1 - score
            surprises.append(-math.log(max(chance, 1e-6)))
    assert len(surprises) >= 20
    return sum(surprises) / len(surprises)


def fitted_losses(labeler, documents):
    """For each head what its temperature is fitted to."""
    by_words = word_losses(labeler, documents)
    return [
        span_loss(labeler, documents, tag_set.layer) if tag_set.scheme else loss
        for tag_set, loss in zip(labeler.tag_sets, by_words, strict=True)
    ]


def assert_none_nearby_is_better(labeler, documents, losses):
    """No temperature near those that were chosen has a smaller loss, unless it is the first or last
    that is looked for.
    """
    best = [head.temperature for head in labeler.config.heads]
    fitted = losses(labeler, documents)
    for factor in (0.9, 1.1):
        labeler.set_temperatures([temperature * factor for temperature in best])
        for chosen, new, near in zip(best, fitted, losses(labeler, documents), strict=True):
            bound = chosen < LOWEST_TEMPERATURE * 1.1 or chosen > HIGHEST_TEMPERATURE / 1.1
            assert bound or new <= near + 1e-5


KINDS = [
    HeadConfig(AFTER),
    HeadConfig(PERSON, CRF()),
    HeadConfig(dataclasses.replace(AFTER, layer="after too"), CRF(), temperature=3.0),
    HeadConfig(dataclasses.replace(PERSON, layer="person too"), Softmax(), temperature=0.3),
]


def with_all_layers(documents):
    return [
        document.with_tags("after too", document.tags["after"]).with_spans(
            "person too", document.spans["person"]
        )
        for document in documents
    ]


@pytest.fixture(scope="module")
def tuned():
    """A labeler with every kind of head that has learnt half of what there is, so that it errs."""
    labeler = fresh_labeler(heads=KINDS)
    tune(
        labeler,
        with_all_layers(some_documents(60, "after", "person")),
        options=dataclasses.replace(
            OPTIONS, epochs=2, schedule=OneCycle(max_lr=0.01, pct_start=0.2)
        ),
    )
    return labeler


@pytest.mark.parametrize("sharper", [0.2, 1.0, 8.0])
def test_calibration_changes_no_label_and_lowers_the_surprise(tuned, sharper):
    labeler, dev = copy.deepcopy(tuned), with_all_layers(DEV)
    with torch.no_grad():
        for head in labeler.module.heads:
            head.output.weight.mul_(sharper)
            head.output.bias.mul_(sharper)
    texts = [Document.from_words(document.words) for document in some_documents(30, seed=9)]
    before, losses = list(labeler(texts)), fitted_losses(labeler, dev)
    labeler.set_temperatures([1.0] * 4)
    plain = fitted_losses(labeler, dev)
    calibrate(labeler, dev)
    after, calibrated = list(labeler(texts)), fitted_losses(labeler, dev)
    for one, other in zip(before, after, strict=True):
        assert {name: tags.labels for name, tags in one.tags.items()} == {
            name: tags.labels for name, tags in other.tags.items()
        }
        assert {name: spans.spans for name, spans in one.spans.items()} == {
            name: spans.spans for name, spans in other.spans.items()
        }
    for new, old, at_one in zip(calibrated, losses, plain, strict=True):
        assert new <= old + 1e-5
        assert new <= at_one + 1e-5
    if sharper == 8.0:
        assert min(head.temperature for head in labeler.config.heads) > 1.1
    assert_none_nearby_is_better(labeler, dev, fitted_losses)


def test_few_spans_are_calibrated_by_their_words(tuned):
    labeler, few = (
        copy.deepcopy(tuned),
        with_all_layers(some_documents(6, "after", "person", seed=3)),
    )
    calibrate(labeler, few)
    assert_none_nearby_is_better(labeler, few, word_losses)


def unlabelled(documents):
    return [
        Document.from_words(one.words, tags={"after": Tags((None,) * len(one))})
        for one in documents
    ]


@pytest.mark.parametrize("dev", [[], unlabelled(DEV)], ids=["nothing", "nothing known"])
def test_calibration_without_gold_is_refused_and_changes_nothing(tuned, dev):
    labeler = copy.deepcopy(tuned)
    with pytest.raises(DataError):
        calibrate(labeler, dev)
    assert labeler.config == tuned.config


def test_calibration_leaves_a_layer_alone_that_has_no_gold(tuned):
    labeler = copy.deepcopy(tuned)
    labeler.set_temperatures([3.0] * len(KINDS))
    calibrate(labeler, some_documents(40, "after", seed=7))
    found = {head.tag_set.layer: head.temperature for head in labeler.config.heads}
    assert found.pop("after") != 3.0
    assert set(found.values()) == {3.0}


@pytest.mark.parametrize("kind", [Softmax(), CRF()])
def test_a_wanted_recall_is_reached_on_the_documents_it_was_measured_on(kind):
    labeler = fresh_labeler(heads=[HeadConfig(PERSON, kind)], seed=1)
    tune(labeler, some_documents(20, "person"), options=dataclasses.replace(OPTIONS, epochs=1))

    def found():
        pairs = zip(DEV, labeler(DEV), strict=True)
        inside = [
            ({w for s in d.spans["person"].spans for w in range(s.start, s.end)})
            for pair in pairs
            for d in pair
        ]
        gold, guessed = inside[::2], inside[1::2]
        return sum(len(a & b) for a, b in zip(gold, guessed, strict=True)) / sum(map(len, gold))

    before = found()
    for recall in (0.9, 0.95, 0.995):
        labeler.set_threshold_offset(
            "person", threshold_offset_for(labeler, DEV, "person", recall=recall)
        )
        assert found() >= recall
    assert found() > before


@pytest.mark.parametrize("kind", [Softmax(), CRF()])
def test_a_higher_sensitivity_finds_all_words_that_a_lower_one_finds(kind):
    labeler = fresh_labeler(heads=[HeadConfig(PERSON, kind)], seed=1)
    before = [set() for _ in DEV]
    for sensitivity in (-2, -1, 1, 2, 4):
        found = [
            {
                word
                for span in document.spans["person"].spans
                for word in range(span.start, span.end)
            }
            for document in labeler.with_sensitivity(sensitivity)(DEV)
        ]
        assert all(one <= other for one, other in zip(before, found, strict=True))
        before = found
    assert sum(map(len, before))
    with pytest.raises(OptionError, match="no layer of spans"):
        fresh_labeler(heads=[HeadConfig(AFTER)]).with_sensitivity(1)


def test_a_layer_without_spans_and_one_that_is_not_there_have_no_offset():
    labeler = fresh_labeler()
    with pytest.raises(OptionError, match="'after'"):
        threshold_offset_for(labeler, DEV, "after", recall=0.9)
    with pytest.raises(OptionError, match=r"^layer: "):
        labeler.set_threshold_offset("preson", 1.0)
