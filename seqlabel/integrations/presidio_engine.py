"""Presidio's analyzer with a labeler of this library: a recogniser, and a judge of what others
find.

The packages are the extra `seqlabel-rnn[presidio]`, and nothing else imports this module.
"""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path

from presidio_analyzer import AnalysisExplanation, EntityRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts

from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, finder_of
from seqlabel.privacy.rules.kinds import PRESIDIO_NAMES


class SeqlabelRecognizer(EntityRecognizer):
    """The findings of a `PrivateFinder` as results of Presidio, with the labeler's probabilities as
    scores.

    Args:
        finder: A finder, or a labeler, its folder or its name, which is then used with the rules of
            `privacy.rules`.
        names: Presidio's entity for each label; a label without one keeps its name.
        language: The language that Presidio asks for.

    Raises:
        CheckpointError: For a folder without a labeler.
        OptionError: For a labeler that `PrivateFinder` does not take.
    """

    def __init__(
        self,
        finder: PrivateFinder | Labeler | Path | str = "en_pii",
        *,
        names: Mapping[str, str] = PRESIDIO_NAMES,
        language: str = "en",
    ) -> None:
        if isinstance(finder, str | Path):
            finder = PrivateFinder.load(finder)
        elif isinstance(finder, Labeler):
            finder = PrivateFinder(finder)
        self._finder = finder_of(finder)
        self._names = names
        entities = sorted({names.get(label, label) for label in self._finder.labels})
        super().__init__(supported_entities=entities, supported_language=language)

    def load(self) -> None:
        """Do nothing: the labeler is there already."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Find private data in a text; called by Presidio.

        Args:
            text: The text.
            entities: The entities that are wanted; all of them where this is empty.
            nlp_artifacts: What Presidio's engine found; not used.

        Returns:
            The results, with the labeler's probabilities as scores.
        """
        (document,) = self._finder([text])
        results = []
        for span in document.character_spans(LAYER):
            name = self._names.get(span.label, span.label)
            score = span.score or 1.0
            if entities and name not in entities:
                continue
            explanation = AnalysisExplanation(
                recognizer=self.name,
                original_score=score,
                textual_explanation=f"Labelled {span.label} by seqlabel",
            )
            metadata = {
                RecognizerResult.RECOGNIZER_NAME_KEY: self.name,
                RecognizerResult.RECOGNIZER_IDENTIFIER_KEY: self.id,
            }
            results.append(
                RecognizerResult(name, span.start, span.end, score, explanation, metadata)
            )
        return results


class JudgingEnhancer(ContextAwareEnhancer):
    """Gives the results of all recognisers the probability that they are private in their context,
    as their scores.

    It takes the place of Presidio's list of context words:
    `AnalyzerEngine(context_aware_enhancer=JudgingEnhancer())`. A score is then a probability,
    whatever found the result, so that one threshold fits all: `score_threshold=0.5`.

    Args:
        finder: What judges; None is the model `en_pii` with rules.
    """

    def __init__(self, finder: PrivateFinder | None = None) -> None:
        # Numbers of words around a value are of lists of words.
        super().__init__(0.0, 0.0, 0, 0)
        self._finder = finder_of(finder)

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Judge results; called by Presidio.

        Args:
            text: The text.
            raw_results: The results.
            nlp_artifacts: What Presidio's engine found; not used.
            recognizers: What found the results; not used.
            context: Words that say what the text is, such as the name of its column; they are read
                before it.

        Returns:
            Copies of the results with other scores.
        """
        results = deepcopy(raw_results)
        before = f"{' '.join(context)}: " if context else ""
        spans = [(len(before) + result.start, len(before) + result.end) for result in results]
        for result, judged in zip(results, self._finder.judge(before + text, spans), strict=True):
            result.score = judged.score or 0.0
            if result.analysis_explanation is not None:
                result.analysis_explanation.set_improved_score(result.score)
        return results
