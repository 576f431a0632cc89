"""Pipelines of spaCy and commands that label texts for a labeler to learn; labelers as teachers are
in `teaching`.

A word on which a teacher is not sure is left open: the labeler learns nothing of it. A teacher that
gives no scores reads each text a second time in two halves; it is not sure of what it says
otherwise there.
"""

import json
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.overlaps import longest_spans
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.quoted import Quote, part_entities, place_quotes, plain, read_quote
from seqlabel.io.files import write_file
from seqlabel.names import needed
from seqlabel.runs.line_command import command_answers

SPACY = "spacy:"
COMMAND = "command:"
"""Prefixes of the names of teachers."""
SURE = 0.8
"""The score from which on a teacher that gives scores is sure of an entity."""
_FEWEST_WORDS = 6
"""Words that a text needs to be read in halves."""

OutsideTeacher = Callable[[Iterable[str]], Iterator[list[CharacterSpan]]]
"""Labels texts, in order: the entities of each, with scores or without."""


class CommandTeacher:
    """A command that labels texts.

    Args:
        command: The command; it answers each line `{"text": …}` with
            `{"entities": [{"text" or "start" and "end", "label", perhaps "score"}, …]}`.

    Attributes:
        repairs: What was repaired or left out of the last texts that were given together.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self.repairs = Repairs()

    def __call__(self, texts: Iterable[str]) -> Iterator[list[CharacterSpan]]:
        """Label texts.

        Args:
            texts: The texts.

        Yields:
            The entities of each.

        Raises:
            DataError: The command failed, or an answer has another form.
        """
        self.repairs = Repairs()
        given: list[str] = []
        for number, answer in enumerate(command_answers(self._command, _remembered(texts, given))):
            try:
                yield _entities(given[number], answer["entities"], self.repairs)
            except (LookupError, TypeError, ValueError):
                raise DataError(
                    f"{self._command!r}, line {number + 1}: expected entities with a label and a "
                    "text, or start and end, got something else. Print them so."
                ) from None


@dataclass(frozen=True)
class TaughtTexts:
    """Texts that a teacher labelled. The repr holds no text.

    Args:
        documents: Each text with all that the teacher said, as a layer of spans.
        opened: The same texts with a layer of tags, None where the teacher is not sure.
        seconds: How long the teacher took to read each text once.
        repairs: What was repaired or left out of what it said.
    """

    documents: list[Document]
    opened: list[Document]
    seconds: float
    repairs: Repairs = field(default_factory=Repairs)

    def __repr__(self) -> str:
        return f"TaughtTexts({len(self.documents)} texts)"

    @property
    def words(self) -> int:
        """How many words there are."""
        return sum(map(len, self.documents))

    def open_words(self, layer: str) -> int:
        """Count the words that are left open.

        Args:
            layer: The name of the layer.

        Returns:
            Their number.
        """
        return sum(document.tags[layer].labels.count(None) for document in self.opened)

    def save(self, path: Path, layer: str) -> None:
        """Write what the teacher said as JSON lines with `text` and `spans`, which every reader
        takes.

        Args:
            path: The file.
            layer: The name of the layer.
        """
        lines = []
        for document, opened in zip(self.documents, self.opened, strict=True):
            spans = [[span.start, span.end, span.label] for span in document.character_spans(layer)]
            unsure = [word for word, label in enumerate(opened.tags[layer].labels) if label is None]
            seconds = self.seconds / len(self.documents)
            lines.append(
                json.dumps(
                    {"text": document.text, "spans": spans, "open": unsure, "seconds": seconds}
                )
            )
        write_file(path, "".join(f"{line}\n" for line in lines).encode())

    @classmethod
    def load(cls, path: Path, tokenize: Callable[[str], Document], layer: str) -> "TaughtTexts":
        """Read what `save` wrote.

        Args:
            path: The file.
            tokenize: Finds the words, as it did when the teacher was asked.
            layer: The name of the layer.

        Returns:
            The texts.

        Raises:
            DataError: The file is damaged.
        """
        documents = []
        opened = []
        seconds = 0.0
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = json.loads(line)
                spans = [CharacterSpan(*span) for span in row["spans"]]
                document = tokenize(row["text"])
                unsure = set(row["open"])
                seconds += row["seconds"]
            except (ValueError, KeyError, TypeError):
                raise DataError(
                    f"{path}, line {number}: expected what a teacher said. Train without --resume."
                ) from None
            separate = longest_spans(align_spans(document, spans).spans)
            documents.append(document.with_spans(layer, Spans(separate)))
            opened.append(_opened(document, _tags(document, separate), unsure, layer))
        return cls(documents, opened, seconds)


def make_teacher(name: str) -> OutsideTeacher:
    """Make a teacher of its name.

    Args:
        name: `spacy:` and the name or folder of a pipeline, or `command:` and a command that
            answers each line `{"text": …}` with `{"entities": [{"text" or "start" and "end",
            "label", perhaps "score"}, …]}`.

    Returns:
        The teacher.

    Raises:
        MissingPackageError: spaCy is not installed.
        OptionError: For another name, and a pipeline that is not there or has no entities.
    """
    if name.startswith(COMMAND):
        return CommandTeacher(name.removeprefix(COMMAND))
    if not name.startswith(SPACY):
        raise OptionError(
            f"--teacher: expected {SPACY}PIPELINE or {COMMAND}…, got {name!r}. Name one of these."
        )
    nlp = _pipeline(name.removeprefix(SPACY))

    def entities(texts: Iterable[str]) -> Iterator[list[CharacterSpan]]:
        for doc in nlp.pipe(texts):
            yield [CharacterSpan(ent.start_char, ent.end_char, ent.label_) for ent in doc.ents]

    return entities


def _pipeline(name: str) -> Any:
    spacy = needed("spacy", needed_for="This teacher")
    try:
        nlp = spacy.load(name, exclude=["tagger", "parser", "lemmatizer", "attribute_ruler"])
    except OSError:
        raise OptionError(
            f"--teacher: expected a pipeline of spaCy, got {name!r}, which is not there."
        ) from None
    if not {"ner", "entity_ruler", "span_ruler"} & set(nlp.pipe_names):
        raise OptionError(
            f"--teacher: expected a pipeline that finds entities, got {', '.join(nlp.pipe_names)}."
        )
    return nlp


def _remembered(texts: Iterable[str], given: list[str]) -> Iterator[str]:
    """Give texts, and keep those that were given."""
    for text in texts:
        given.append(text)
        yield text


def _entities(
    text: str, entities: Sequence[dict[str, Any]], repairs: Repairs
) -> list[CharacterSpan]:
    """Give entities with places, and those that are quoted."""
    placed: list[CharacterSpan] = []
    quotes: list[Quote] = []
    scores: dict[tuple[str, str], float] = {}
    parted = part_entities(entities, text)
    repairs.misplaced += parted.misplaced
    for entity in parted.quoted:
        quote = read_quote(entity)
        quotes.append(quote)
        score = _score(entity)
        if score is not None:
            scores[plain(quote.text), quote.label] = float(score)
    for entity in parted.placed:
        score = _score(entity)
        start = int(entity["start"])
        end = int(entity["end"])
        if not 0 <= start < end <= len(text):
            raise ValueError(f"{start}, {end}")
        placed.append(
            CharacterSpan(start, end, str(entity["label"]), None if score is None else float(score))
        )

    quoted = place_quotes(text, quotes)
    repairs.absent += quoted.absent
    repairs.repeated += quoted.repeated
    for span in quoted.spans:
        score = scores.get((plain(text[span.start : span.end]), span.label))
        placed.append(replace(span, score=score))
    return sorted(placed, key=lambda span: (span.start, span.end))


def _score(entity: Any) -> Any:
    return entity.get("score") if isinstance(entity, dict) else None


def teach(
    teacher: OutsideTeacher,
    texts: Sequence[str],
    tokenize: Callable[[str], Document],
    layer: str,
    *,
    watch: Callable[[Iterator[list[CharacterSpan]]], Iterator[list[CharacterSpan]]] = iter,
) -> TaughtTexts:
    """Let a teacher label texts.

    Args:
        teacher: The teacher.
        texts: The texts.
        tokenize: Finds the words.
        layer: The name of the layer.
        watch: Gives the teacher's answers on, such as to show how far it is.

    Returns:
        The texts with what the teacher said, and with what it was sure of.

    Raises:
        DataError: The teacher has too few or too many answers.
    """
    began = perf_counter()
    answers = list(watch(teacher(texts)))
    seconds = perf_counter() - began
    repairs = replace(teacher.repairs) if isinstance(teacher, CommandTeacher) else Repairs()
    if len(answers) != len(texts):
        raise DataError(
            f"--teacher: expected an answer for each of {len(texts):,} texts, got {len(answers):,}."
        )

    has_scores = any(span.score is not None for span in chain.from_iterable(answers))
    again = None if has_scores else _in_halves(lambda halves: watch(teacher(halves)), texts)
    documents = []
    opened = []
    for number, (text, spans) in enumerate(zip(texts, answers, strict=True)):
        document = tokenize(text)
        if not len(document):
            continue
        aligned = align_spans(document, spans).spans
        separate = longest_spans(aligned)
        repairs.overlapping += len(aligned) - len(separate)
        tags = _tags(document, separate)
        if again is None:
            doubtful = [span for span in spans if span.score is not None and span.score < SURE]
            unsure = set[int]()
            for span in align_spans(document, doubtful).spans:
                unsure.update(range(span.start, span.end))
        else:
            other = _tags(document, longest_spans(align_spans(document, again[number]).spans))
            unsure = {word for word, tag in enumerate(tags) if tag != other[word]}
        documents.append(document.with_spans(layer, Spans(separate)))
        opened.append(_opened(document, tags, unsure, layer))
    return TaughtTexts(documents, opened, seconds, repairs)


def _opened(
    document: Document, tags: Sequence[str], unsure: Container[int], layer: str
) -> Document:
    """The document with the tags of the words of which a teacher is sure."""
    labels = tuple(None if word in unsure else tag for word, tag in enumerate(tags))
    return document.with_tags(layer, Tags(labels))


def _tags(document: Document, spans: Sequence[Span]) -> list[str]:
    return spans_to_tags(spans, len(document), Scheme.BIO)


def _in_halves(teacher: OutsideTeacher, texts: Sequence[str]) -> list[list[CharacterSpan]]:
    """What a teacher says of each text when it reads its halves."""
    cuts = [_middle(text) for text in texts]
    halves = []
    for text, cut in zip(texts, cuts, strict=True):
        halves += [half for half in (text[:cut], text[cut:]) if half]
    answers = teacher(halves)
    joined: list[list[CharacterSpan]] = []
    for text, cut in zip(texts, cuts, strict=True):
        spans = list(next(answers, ())) if text[:cut] else []
        if text[cut:]:
            for span in next(answers, ()):
                spans.append(replace(span, start=span.start + cut, end=span.end + cut))
        joined.append(spans)
    return joined


def _middle(text: str) -> int:
    """Where the second half of a text begins: after a white space; at the end of a short text."""
    if len(text.split()) < _FEWEST_WORDS:
        return len(text)
    space = text.find(" ", len(text) // 2)
    return len(text) if space < 0 else space + 1
