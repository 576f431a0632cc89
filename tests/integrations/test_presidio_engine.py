"""A real `AnalyzerEngine` on a blank pipeline against the finder: same places, mapped names, same
scores.
"""

import pytest
import spacy

from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from tests.privacy.rewritten_files import VALUES, save_labeler
from tests.spacy_models import some_texts

pytest.importorskip("presidio_analyzer", reason="needs seqlabel-rnn[presidio]")
pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")

from presidio_analyzer import AnalyzerEngine, RecognizerRegistry, RecognizerResult
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import EmailRecognizer, SpacyRecognizer

from seqlabel.integrations.presidio_engine import (
    PRESIDIO_NAMES,
    JudgingEnhancer,
    SeqlabelRecognizer,
)

TEXTS = [text for text in [*some_texts(), *VALUES] if text.strip()]
NAMES = {**PRESIDIO_NAMES, "PLACE": "LOCATION"}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_labeler(tmp_path_factory.mktemp("labeler") / "model")


def analyzer(*recognizers, **options):
    registry = RecognizerRegistry(recognizers=list(recognizers), supported_languages=["en"])
    engine = SpacyNlpEngine()
    engine.nlp = {"en": spacy.blank("en")}
    return AnalyzerEngine(registry=registry, nlp_engine=engine, **options)


def results(engine, text, **options):
    found = engine.analyze(text, language="en", **options)
    return sorted((one.start, one.end, one.entity_type, one.score) for one in found)


def expected(finder, text):
    (document,) = finder([text])
    layer = document.spans[LAYER]
    return [
        (*document.characters(span), NAMES.get(span.label, span.label), score)
        for span, score in zip(layer.spans, layer.scores, strict=True)
    ]


@pytest.mark.parametrize("rules", [True, False])
def test_results_are_what_the_finder_finds(model, rules):
    finder = PrivateFinder.load(model, rules=rules)
    engine = analyzer(SeqlabelRecognizer(finder, names=NAMES))
    found = [results(engine, text) for text in TEXTS]
    assert found == [expected(finder, text) for text in TEXTS]
    scores = {score for result in found for *_, score in result}
    assert len(scores) > 10
    assert all(0 < score <= 1 for score in scores)
    names = {"PERSON", "LOCATION"} | (
        {"EMAIL_ADDRESS", "CREDIT_CARD", "US_SSN"} if rules else set()
    )
    assert names <= set(engine.get_supported_entities("en"))
    assert ("EMAIL_ADDRESS" in engine.get_supported_entities("en")) == rules


def test_entities_and_thresholds_are_heeded(model):
    engine = analyzer(SeqlabelRecognizer(model, names=NAMES))
    finder = PrivateFinder.load(model)
    for text in TEXTS:
        right = [one for one in expected(finder, text) if one[2] == "LOCATION" and one[3] >= 0.9]
        assert results(engine, text, entities=["LOCATION"], score_threshold=0.9) == right


def test_it_works_beside_presidios_own(model):
    engine = analyzer(SeqlabelRecognizer(PrivateFinder.load(model, rules=False)), EmailRecognizer())
    found = engine.analyze("the cat ann@x.org sat", language="en", return_decision_process=True)
    assert {one.analysis_explanation.recognizer for one in found} >= {"EmailRecognizer"}
    mine = [one for one in found if one.analysis_explanation.recognizer == "SeqlabelRecognizer"]
    assert mine
    assert all(one.analysis_explanation.original_score == one.score for one in mine)
    assert not any("ann" in repr(one) + repr(one.analysis_explanation) for one in mine)


def test_a_judge_gives_the_results_of_others_its_probabilities(model):
    finder = PrivateFinder.load(model)
    engine = analyzer(
        EmailRecognizer(), SpacyRecognizer(), context_aware_enhancer=JudgingEnhancer(finder)
    )
    text = "the cat ann@x.org sat"
    (found,) = engine.analyze(text, language="en", return_decision_process=True)
    (judged,) = finder.judge(text, [(8, 17)])
    assert (found.start, found.end, found.entity_type) == (8, 17, "EMAIL_ADDRESS")
    assert found.score == judged.score == found.analysis_explanation.score == 1.0

    enhancer = JudgingEnhancer(PrivateFinder.load(model, rules=False))
    before = RecognizerResult("PERSON", 4, 7, 0.3)
    (plain,) = enhancer.enhance_using_context(text, [before], None, [])
    (in_column,) = enhancer.enhance_using_context(text, [before], None, [], context=["surname"])
    (expected,) = enhancer._finder.judge(f"surname: {text}", [(13, 16)])
    assert (in_column.start, in_column.score) == (4, expected.score)
    assert (before.score, plain.score) == (0.3, enhancer._finder.judge(text, [(4, 7)])[0].score)
