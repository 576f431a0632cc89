"""Private data in texts: what a labeler says, and values whose form proves them, in one layer of
spans; `redact`.

What replaces a span is in `replacing.policies`, texts that are still arriving in `finding.stream`.
"""

import re
import sys
from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard, overload

import numpy as np

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.label_sets import LabelSet
from seqlabel.documents.overlaps import overlapping, unite
from seqlabel.documents.schemes import split_tag
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import DataError, OptionError, answers_old_names, check_type
from seqlabel.io.markup import counted
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.texts import label_as_given
from seqlabel.names import LateModule
from seqlabel.native.compiled import Floats
from seqlabel.privacy.finding.control import Control
from seqlabel.privacy.finding.language import LanguageCheck
from seqlabel.privacy.finding.settings import MODEL, PrivacySettings, RuleChoice
from seqlabel.privacy.finding.views import View, view_of
from seqlabel.privacy.finding.whole_addresses import ADDRESS, PARTS, with_whole_addresses
from seqlabel.privacy.replacing.policies import Policy, policies_of
from seqlabel.privacy.replacing.redacted import Redacted, redact_characters
from seqlabel.privacy.rules.engine import AROUND, REACH, Value, longest_values, runs_around
from seqlabel.privacy.rules.extents import whole_spans
from seqlabel.privacy.rules.kinds import KINDS, STANDARD_LABELS
from seqlabel.privacy.rules.labels import Mistakes, check_label_list, check_labels
from seqlabel.privacy.rules.table import rule_labels
from seqlabel.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from spacy.tokens import Doc

    from seqlabel.formats import docs
else:
    docs = LateModule("seqlabel.formats.docs")

LAYER = "pii"
"""The layer of documents that private spans are in."""
MODEL_SOURCE = "model"
"""What found a span that no rule, pattern or list proves."""


class PrivateFinder:
    """Finds private data with a labeler, with the rules of `seqlabel.privacy.rules`, and as the
    user's settings say.

    Threads may share a finder. It warns once where texts are in a language that the labeler's
    encoder has not read: `en`, on which `en_pii` is, has read English only.

    Args:
        model: A labeler with the layer `pii`; None loads the model of the settings, by default
            `en_pii`. `load` takes a folder or a name.
        rules: Whether the library's rules are used too, or which of them: `RuleChoice`.
        sensitivity: How readily the model finds something (`PrivacySettings`): 0 is the default, a
            higher number finds more, and more of it is wrong.
        labels: The labels to find; None finds all. Where addresses are asked for, the streets,
            postcodes and towns that stand together are one address, and a town alone is left out.
            `PrivacySettings.wide` finds what may be a mistake for them too.
        except_: Labels to leave out; a list without any leaves out none.
        settings: All that a user can say, from `seqlabel.toml` (`load_settings`) or made in Python,
            instead of the four arguments above.

    Raises:
        CheckpointError: The settings' model is not there.
        DataError: For a list of values that cannot be read.
        OptionError: For a labeler without the layer, a label that is never found, arguments besides
            settings, a pattern that is refused, and where the packages of `seqlabel-rnn[pii]` are
            missing although rules or patterns are used.
    """

    @answers_old_names({"labeler": "model"})
    def __init__(
        self,
        model: Labeler | None = None,
        *,
        rules: bool | RuleChoice = True,
        sensitivity: float = 0.0,
        labels: Collection[str] | None = None,
        except_: Collection[str] = (),
        settings: PrivacySettings | None = None,
    ) -> None:
        settings = _settings_of(settings, rules, sensitivity, labels, except_)

        if isinstance(model, str | Path):
            raise OptionError(
                f"model: expected a Labeler, got {str(model)!r}. Write "
                f"PrivateFinder.load({str(model)!r})."
            )
        check_type("model", model, Labeler | None, "a Labeler, or None for that of the settings")

        self.labeler = Labeler.load(settings.model) if model is None else model
        layers = {tag_set.layer: tag_set for tag_set in self.labeler.tag_sets}
        if LAYER not in layers or layers[LAYER].scheme is None:
            raise OptionError(
                f"Expected a labeler with spans in {LAYER!r}, as en_pii, got one with the "
                f"layers {', '.join(layers)}."
            )

        known = frozenset(layers[LAYER].labels) | (rule_labels() if settings.rules else frozenset())
        check_labels(settings.labels or (), known)
        check_labels(settings.except_, known, option="except")
        check_labels(settings.thresholds, known, option="thresholds")
        check_labels(settings.policies, known | settings.own_labels, option="policy")
        if settings.sensitivity:
            # A copy, since a labeler that was given may have other users.
            self.labeler = self.labeler.with_sensitivity(settings.sensitivity)

        chosen = (known if settings.labels is None else frozenset(settings.labels)) - frozenset(
            settings.except_
        )
        # Of the rules only those that were asked for run: a URL that stays must not hide the e-mail
        # address in it.
        self._control = Control(settings, chosen)
        if not chosen and not settings.own_labels:
            raise OptionError(
                "except: leaves out every label, so nothing would be found. Leave out fewer."
            )

        self.has_rules = self._control.has_rules
        """Whether anything but the model finds values."""
        self.labels = chosen | settings.own_labels
        """The labels that are found."""
        self._chosen = (
            None
            if chosen == known
            else chosen | frozenset(pattern.label for pattern in settings.patterns)
        )

        self._refines = bool(settings.rules)
        vocabulary = self.labeler.vocabulary
        self._language = LanguageCheck(vocabulary if isinstance(vocabulary, Vocabulary) else None)
        self._refused = refused = frozenset(settings.except_)
        self._only = asked = frozenset(settings.labels or ())
        # Parts of addresses that are asked for themselves stay what they are.
        self._parts = (PARTS - asked - refused) if ADDRESS in asked and settings.rules else None
        self._mistakes = Mistakes(asked, never=refused) if asked and settings.wide else None

    @classmethod
    def load(
        cls,
        path_or_name: Path | str = MODEL,
        *,
        rules: bool | RuleChoice = True,
        sensitivity: float = 0.0,
        labels: Collection[str] | None = None,
        except_: Collection[str] = (),
        settings: PrivacySettings | None = None,
    ) -> "PrivateFinder":
        """Load a labeler with the layer `pii` and make a finder of it.

        Args:
            path_or_name: The folder of a labeler, or the name of one that ships
                (`seqlabel models`).
            rules: Whether the library's rules are used too, or which of them: `RuleChoice`.
            sensitivity: How readily the model finds something.
            labels: The labels to find; None finds all.
            except_: Labels to leave out.
            settings: All that a user can say, instead of the four arguments above; their model is
                not used.

        Returns:
            The finder.

        Raises:
            CheckpointError: There is no such labeler.
            OptionError: As for the class.

        Example:
            >>> PrivateFinder.load("en_pii", labels=["EMAIL"])("ann@moss.example").ents()[0].text
            'ann@moss.example'
        """
        settings = _settings_of(settings, rules, sensitivity, labels, except_)
        return cls(Labeler.load(path_or_name), settings=settings)

    def __repr__(self) -> str:
        rules = "model and rules" if self.has_rules else "model alone"
        return f"PrivateFinder({rules}; {counted(sorted(self.labels), 'labels')})"

    @overload
    def __call__(self, texts: str | Document, *, threads: int = 1) -> Document: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, texts: Sequence[str | Document], *, threads: int = 1) -> list[Document]: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(
        self, texts: Iterable[str | Document], *, threads: int = 1
    ) -> Iterator[Document]: ...

    def __call__(
        self, texts: str | Document | Iterable[str | Document], *, threads: int = 1
    ) -> Document | list[Document] | Iterator[Document]:
        """Find private data in a text or several, of any length.

        Args:
            texts: A text or a document, or a list or another iterable of these; nothing of them is
                cut off.
            threads: The number of threads that label, next to this one, which runs the rules; the
                findings are the same for any number.

        Returns:
            A document for each text, in order, with the layer `pii`: one document for one text, a
            list for a list, and for any other iterable the iterator of `pipe`.

        Example:
            >>> document = PrivateFinder()("Ann Moss wrote to ann@moss.example.")
            >>> [(span.label, span.text) for span in document.ents()]
            [('PERSON', 'Ann Moss'), ('EMAIL', 'ann@moss.example')]
        """
        return label_as_given(texts, partial(self.pipe, threads=threads))

    def pipe(self, texts: Iterable[str | Document], *, threads: int = 1) -> Iterator[Document]:
        """Find private data in texts one after another, in order; only some batches are held at
        once.

        Args:
            texts: Texts or documents; nothing of them is cut off.
            threads: How many threads label, besides this one, which runs the rules; what is found
                is the same for any number.

        Yields:
            A document for each text, in order, with the layer `pii`.
        """
        if not isinstance(texts, Iterable) or isinstance(texts, str | Document):
            # The labeler says what it expects.
            yield from self.labeler.pipe(texts, threads=threads)
            return
        # The labeler reads texts ahead of the documents that it gives; their views wait here.
        waiting: deque[View | None] = deque()
        for document in self.labeler.pipe(_shown(texts, waiting), threads=threads):
            view = waiting.popleft()
            if view is None:
                values = self._control.values(document.text)
                yield document.with_spans(LAYER, self.decided(document, values))
                continue
            # What was found in the text as it is, moved to the text that it shows, and all back.
            values = [_moved(value, view.shown) for value in self._values(view.source, view)]
            values = [value for value in values if value.start < value.end]
            yield view.on_source(document.with_spans(LAYER, self.decided(document, values)))

    def values(self, text: str) -> list[Value]:
        """Find the values of rules, of the user's patterns and of the deny list in a text; the
        model is not asked.

        Args:
            text: The text, which is read as it stands and as what it shows (`finding.views`).

        Returns:
            The values in document order.

        Raises:
            DataError: If a pattern takes too long.
        """
        check_type("text", text, str, "a string")
        return self._values(text, view_of(text))

    def _values(self, text: str, view: View | None) -> list[Value]:
        """Find values in a text, and in what it shows near the signs that show something."""
        values = self._control.values(text)
        if view is None:
            return values
        # A private key is longer than what is read around a sign.
        parts = (
            [(0, len(view.text))]
            if "PRIVATE KEY" in view.text
            else runs_around(view.text, view.changed, AROUND)
        )
        for begin, end in parts:
            for value in self._control.values(view.text[begin:end]):
                start = value.start + begin
                stop = value.end + begin
                if view.is_changed(start - REACH, stop + REACH):
                    values.append(_moved(replace(value, start=start, end=stop), view.place))
        return longest_values(values)

    def decided(self, document: Document, values: Sequence[Value], before: str = "") -> Spans:
        """Decide what is private: the one place where model, rules and the user's settings meet.

        Args:
            document: A document with the labeler's layer.
            values: What `values` found in its text.
            before: The text before the document, where that is a part of a stream.

        Returns:
            The private spans in document order, each with a score where rules are used.

        Raises:
            DataError: If a pattern of the allow list takes too long.
        """
        self._language.read(document.words, is_ascii=document.text.isascii())
        if not values and not document.spans[LAYER].spans:
            return Spans(())
        asked = [span for span in document.spans[LAYER].spans if span.label in self._only]
        if self._refines:
            document = document.with_spans(LAYER, whole_spans(document, LAYER, before))
        if self._parts is not None:
            document = document.with_spans(
                LAYER, with_whole_addresses(document, LAYER, self._parts)
            )
        spans = with_values(document, [value for value in values if not value.always])
        if self._chosen is not None or not self._control.keeps_all:
            spans = Spans.of(
                (span, score, source)
                for span, score, source in zip(
                    spans.spans, spans.scores, spans.sources, strict=True
                )
                if self._wants(document, span, score, asked)
                and self._control.keeps(document, span, score)
            )
        always = [value for value in values if value.always]
        return with_values(document.with_spans(LAYER, spans), always) if always else spans

    def _wants(self, document: Document, span: Span, score: float, asked: Sequence[Span]) -> bool:
        """Whether a span with a probability is one of those that were asked for, or may be."""
        if self._chosen is None or span.label in self._chosen:
            return True
        # What overlaps one that was asked for stays: a value of a rule may have been united with
        # it.
        if span.label not in self._refused and overlapping(asked, span.start, span.end):
            return True
        return self._mistakes is not None and self._mistakes.has(
            span.label, score, document.text[slice(*document.characters(span))]
        )

    def sources(self, document: Document) -> list[str]:
        """Tell what found each span that this finder found.

        Args:
            document: A document that this finder has read.

        Returns:
            For each span of the layer `pii`: `model`, the id of a rule, `deny`, or the id or place
            of a pattern in the settings.
        """
        layer = document.spans[LAYER]
        return list(layer.sources) or [MODEL_SOURCE] * len(layer.spans)

    def judge(self, text: str, spans: Iterable[tuple[int, int]]) -> list[CharacterSpan]:
        """Return how likely spans that another detector found are private, and their most likely
        labels.

        Args:
            text: The text.
            spans: The half-open place of each span.

        Returns:
            For each span, in order, its most likely label and, as score, the probability that it is
            private; white space has the probability 0. What rules, own patterns or the deny list
            prove has the probability 1.

        Raises:
            DataError: For a span that leaves the text, and if a pattern takes too long.

        Example:
            >>> PrivateFinder().judge("Page 12 of Page's letter", [(5, 7), (11, 15)])
            [CharacterSpan(start=5, end=7, ...), CharacterSpan(start=11, end=15, label='PERSON',
            ...)]
        """
        document = self.labeler.tokenize(text)
        tag_set = next(tag_set for tag_set in self.labeler.tag_sets if tag_set.layer == LAYER)
        (probabilities,) = self.labeler.judged_probabilities([document], LAYER)
        return judged(document, probabilities, tag_set, map(_span, self.values(text)), spans)


def _settings_of(
    settings: PrivacySettings | None,
    rules: bool | RuleChoice,
    sensitivity: float,
    labels: Collection[str] | None,
    except_: Collection[str],
) -> PrivacySettings:
    """The settings, or those that the other arguments of a finder say."""
    check_type("settings", settings, PrivacySettings | None, "PrivacySettings; see load_settings")
    check_label_list(except_, option="except_")
    if settings is None:
        if labels is not None:
            check_label_list(labels, option="labels")
        return PrivacySettings(
            sensitivity=sensitivity,
            rules=rules,
            labels=None if labels is None else tuple(labels),
            except_=tuple(except_),
        )
    if rules is not True or sensitivity or labels is not None or except_:
        raise OptionError(
            "settings: got rules, sensitivity, labels or except_ besides them. Put these into the "
            "settings."
        )
    return settings


def _shown(
    texts: Iterable[str | Document], waiting: deque[View | None]
) -> Iterator[str | Document]:
    """Give what texts show, and put the view of each into `waiting`: None for one that shows what
    it is, and for a document, whose words stay as they are.
    """
    for text in texts:
        view = view_of(text) if isinstance(text, str) else None
        waiting.append(view)
        yield text if view is None else view.text


def _moved(value: Value, move: Callable[[int, int], tuple[int, int]]) -> Value:
    start, end = move(value.start, value.end)
    return replace(value, start=start, end=end)


def _span(value: Value) -> CharacterSpan:
    return CharacterSpan(value.start, value.end, value.label)


def with_values(document: Document, values: Iterable[Value]) -> Spans:
    """Unite the spans of a document's layer `pii` with values that rules prove.

    A value takes whole words. Where it meets spans of the labeler, all become one span with the
    value's label and the score 1, so that no word that either of them holds private is left out. A
    span of the value's own kind loses its words of letters alone, if no value of that kind has such
    words: in `https://a.org and`, the last one is not part of the URL.

    Args:
        document: A document with the labeler's layer.
        values: The values that rules found.

    Returns:
        The united spans in document order, each with a score and what found it.
    """
    layer = document.spans[LAYER]
    before = layer.sources or (MODEL_SOURCE,) * len(layer.spans)
    proven: dict[Span, str] = {}
    for value in values:
        first = bisect_right(document.offsets, value.start, key=itemgetter(1))
        after = bisect_left(document.offsets, value.end, key=itemgetter(0))
        if first < after:
            proven[Span(first, after, value.label)] = value.source
    by_label: dict[str, list[Span]] = {}
    for value_span in sorted(proven):
        by_label.setdefault(value_span.label, []).append(value_span)
    scores: dict[Span, float] = {}
    sources: dict[Span, str] = {}
    for (span, score), source in zip(layer.scored, before, strict=True):
        for part in _without_words(document, span, by_label.get(span.label, ())):
            scores[part] = max(score, scores.get(part, 0.0))
            sources[part] = source
    scores |= dict.fromkeys(proven, 1.0)
    sources |= proven
    united = unite(scores, preferred=proven.__contains__)
    return Spans.of(
        (Span(start, end, best.label), scores[best], sources[best]) for best, start, end in united
    )


def _without_words(document: Document, span: Span, proven: Sequence[Span]) -> Iterator[Span]:
    """The parts of a span of a proven value's kind without its words of letters alone; the whole
    span elsewhere.
    """
    kind = KINDS.get(span.label)
    inside = overlapping(proven, span.start, span.end)
    if not inside or kind is None or not kind.wordless:
        yield span
        return
    offsets = document.offsets
    begin = kept = span.start
    for number in range(span.start, span.end):
        # A run of words without white space between them is one.
        if number + 1 < span.end and offsets[number + 1][0] == offsets[number][1]:
            continue
        run = document.text[offsets[begin][0] : offsets[number][1]]
        values = overlapping(inside, begin, number + 1)
        end = begin
        if values:
            # Signs after the value, such as a comma, are not part of it.
            end = max(values[-1].end, _last_letter(document, begin, number + 1))
        elif _VALUE_SIGNS.search(run):
            end = number + 1
        if end <= number:
            if kept < end:
                yield Span(kept, end, span.label)
            kept = number + 1
        begin = number + 1
    if kept < span.end:
        yield Span(kept, span.end, span.label)


def _last_letter(document: Document, start: int, end: int) -> int:
    """The end, exclusive, of the last of some words that has a letter or digit; `start` if none."""
    for number in range(end, start, -1):
        if any(map(str.isalnum, document.text[slice(*document.offsets[number - 1])])):
            return number
    return start


_VALUE_SIGNS = re.compile(r"[0-9@]|\w[./_:-]\w")
"""What a value without words of letters alone has."""


@answers_old_names({"by_label": "policies"})
def redact(
    text: "str | Document | Doc",
    policy: Policy | str = "replace",
    *,
    layer: str = LAYER,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
    known_labels: Collection[str] | None = None,
) -> Redacted:
    """Replace the private spans of a text, by default with their labels.

    Spans that overlap become one (`redact_characters`).

    Args:
        text: A text, in which `finder` finds the spans; a document, whose layer has them; or a
            spaCy Doc, whose span group has them.
        policy: What replaces a span: a policy such as `Mask()` or `Hash(key)`, or the name of one
            that has no key: `replace`, `remove` or `mask`.
        layer: The document's layer, or the Doc's span group, that holds the private spans.
        finder: What finds private spans in a text; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.
        known_labels: The labels that `policies` may name for a document or a Doc; for a text they
            are the finder's. None is the labels of the library (`STANDARD_LABELS`). Pass
            `finder.labels` for documents of a labeler with labels of its own.

    Returns:
        The redacted text and its findings.

    Raises:
        DataError: For a document without the layer, and for anything that is not a text.
        OptionError: For a finder with a document, for a label in `policies` that is not known, and
            for what is neither a policy nor the name of one.

    Example:
        >>> text = "Ann Moss (ann@moss.example) called from +44 20 7946 0958."
        >>> redact(text).text
        '<PERSON> (<EMAIL>) called from <PHONE>.'
        >>> redact(text, "mask", policies={"EMAIL": "remove"}).text
        'Xxx Xxxx () called from +00 00 0000 0000.'
    """
    document: Document | Doc
    policies = policies_of(policies)
    check_type("layer", layer, str, "the name of a layer")
    if isinstance(text, str):
        finder = finder_of(finder)
        check_labels(policies or (), finder.labels, option="policies")
        document = finder(text)
        layer = LAYER
    elif not (isinstance(text, Document) or _is_doc(text)):
        raise DataError(
            f"Expected a text, a Document or a spaCy Doc, got {type(text).__name__}. Pass one "
            "of these."
        )
    elif finder is not None:
        raise OptionError("finder: got one with a document, whose spans are known. Leave it out.")
    elif layer not in text.spans:
        raise DataError(
            f"The document has no layer of spans {layer!r}, only "
            f"{', '.join(text.spans) or 'none'}. Find private data first, or name another layer."
        )
    else:
        known = STANDARD_LABELS if known_labels is None else known_labels
        check_label_list(known, option="known_labels")
        check_labels(policies or (), known, option="policies")
        document = text
    if isinstance(document, Document):
        spans = document.character_spans(layer)
    else:
        spans = docs.scored_characters(document.spans[layer])
    return redact_characters(document.text, spans, policy, policies=policies)


def _is_doc(value: object) -> "TypeGuard[Doc]":
    """Whether this is a spaCy Doc; there is none where spaCy was not imported."""
    tokens = sys.modules.get("spacy.tokens")
    return tokens is not None and isinstance(value, tokens.Doc)


@cache
def shipped_finder() -> PrivateFinder:
    """Return the finder that is used where none is given: the model `en_pii` with rules, loaded
    once.

    Returns:
        The finder.
    """
    return PrivateFinder()


def finder_of(finder: PrivateFinder | None) -> PrivateFinder:
    """Return the finder that a caller passed, or the one that is used where none is given.

    Args:
        finder: A finder, or None.

    Returns:
        The finder.

    Raises:
        OptionError: For anything else, such as the name of a model.
    """
    if finder is None:
        return shipped_finder()
    # A class of one's own that finds as `PrivateFinder` does will do.
    if not (callable(finder) and hasattr(finder, "labels")):
        check_type("finder", finder, PrivateFinder, "one such as PrivateFinder.load('en_pii')")
    return finder


def judged(
    document: Document,
    probabilities: Floats,
    tag_set: LabelSet,
    proven: Iterable[CharacterSpan],
    spans: Iterable[tuple[int, int]],
) -> list[CharacterSpan]:
    """Judge spans of a text.

    Args:
        document: The text and its words.
        probabilities: The probability of each tag, (words, tags).
        tag_set: The tags, of spans.
        proven: Values that are private for certain.
        spans: The half-open place of each span.

    Returns:
        For each span its most likely label and the mean probability that its characters are
        private, those of white space apart.

    Raises:
        DataError: For a span that leaves the text.
    """
    proven = list(proven)
    names = list(dict.fromkeys([*tag_set.labels, *(value.label for value in proven)]))
    likely = np.zeros((len(document), len(names)), np.float32)
    likely[:, : len(tag_set.labels)] = probabilities @ _labels_of(tag_set)
    for value in proven:
        for span in align_spans(document, [value]).spans:
            likely[span.start : span.end] = 0
            likely[span.start : span.end, names.index(value.label)] = 1
    first, last = np.array(document.offsets, np.int64).reshape(-1, 2).T
    judgments = []
    for start, end in spans:
        if not 0 <= start < end <= len(document.text):
            raise DataError(
                f"spans: found ({start}, {end}) in a text of {len(document.text)} characters."
            )
        inside = np.clip(np.minimum(last, end) - np.maximum(first, start), 0, None)
        shares = inside @ likely / max(inside.sum(), 1)
        judgments.append(
            CharacterSpan(start, end, names[int(shares.argmax())], min(float(shares.sum()), 1.0))
        )
    return judgments


@lru_cache(maxsize=8)
def _labels_of(tag_set: LabelSet) -> Floats:
    """Which label each tag is of, (tags, labels)."""
    is_label = np.zeros((len(tag_set.tags), len(tag_set.labels)), np.float32)
    for number, tag in enumerate(tag_set.tags):
        is_label[number] = [split_tag(tag)[1] == label for label in tag_set.labels]
    return is_label
