"""Private data out of text that is still arriving: pieces in, safe text out soon after; its labels
are `streaming`'s.

Memory does not grow with the stream, and what comes out does not depend on how it was cut into
pieces.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from seqlabel.documents.document import Document, Spans, concatenate
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError, answers_old_names, check_type
from seqlabel.models.stream import LOOK_AHEAD, StreamLabeler, StreamPiece
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.replacing.encryption import Numbering
from seqlabel.privacy.replacing.policies import Policy, Replace, policies_of, policy_of
from seqlabel.privacy.replacing.redacted import Finding, redact_characters
from seqlabel.privacy.rules.engine import INVISIBLE, REACH
from seqlabel.privacy.rules.labels import check_labels
from seqlabel.privacy.rules.secrets import KEY_BEGIN, KEY_BODY
from seqlabel.text.intake import Withheld


class StreamRedactor:
    """Takes private data out of a stream: text comes out redacted, or not at all.

    The labels of a `StreamLabeler` and the values that rules find are joined as `PrivateFinder`
    joins them. Text leaves when its words are labelled and no value of the rules can begin in it
    and continue after it: the 220 characters after it are known, it is not inside a run of
    characters without white space, nor inside a private key whose end has not come.

    Args:
        finder: What finds private data.
        policy: What replaces a span, or its name; it must not depend on the spans before, which
            would have to be kept.
        policies: Policies for some labels, or their names, used instead of `policy`.
        report: Called with each finding before the text leaves; its offsets are of the whole
            stream, in the text with `WITHHELD` for what was withheld, and in the text that leaves.
            It has no private text.
        look_ahead: How many words after a word are awaited before it is labelled.
        stride: How many words are labelled at once; None for half of `look_ahead`.
        longest_span: The most words of a span; a longer one is replaced in two parts.
        longest_run: The most characters without white space that are kept; a longer run is
            withheld.

    Raises:
        OptionError: For `Replace(numbered=True)`, for a label in `policies` that is not found, and
            for numbers that `StreamLabeler` does not take.
    """

    @answers_old_names({"by_label": "policies"})
    def __init__(
        self,
        finder: PrivateFinder,
        policy: Policy | str = "replace",
        *,
        policies: Mapping[str, Policy | str] | None = None,
        report: Callable[[Finding], None] | None = None,
        look_ahead: int = LOOK_AHEAD,
        stride: int | None = None,
        longest_span: int = 64,
        longest_run: int = 4096,
    ) -> None:
        expected = "a PrivateFinder, such as PrivateFinder.load('en_pii')"
        check_type("finder", finder, PrivateFinder, expected)
        for_all = policy_of(policy)
        for_some = policies_of(policies)

        if any(
            isinstance(chosen, Replace) and chosen.numbered
            for chosen in (for_all, *for_some.values())
        ):
            raise OptionError(
                "policy: Expected a policy that keeps no values, got Replace(numbered=True), which "
                "keeps all. Pass Replace(), or Pseudonym or Hash to tell values apart."
            )
        check_labels(for_some, finder.labels, option="policies")

        self._labels = StreamLabeler(
            finder.labeler,
            look_ahead=look_ahead,
            stride=stride,
            longest_span=longest_span,
            longest_run=longest_run,
        )

        self._finder = finder
        self._rules = finder.has_rules
        self._policy = for_all
        self._policies = for_some
        self._report = report

        # One for the whole stream, so that values that change places in it are noticed.
        self._numbering = Numbering()
        # Text that has left, for the rules to look back at, and what has not.
        self._context = ""
        self._held = Document("", (), spans={LAYER: Spans(())})
        self._start = self._new_start = 0
        self._failed = False

    def __repr__(self) -> str:
        # No text, and no policy, which may hold a key: a repr ends up in logs.
        return f"StreamRedactor({self._finder!r}, {type(self._policy).__name__})"

    @property
    def withheld(self) -> Withheld:
        """The counts of text withheld for ever so far."""
        return self._labels.withheld

    @property
    def cut_spans(self) -> int:
        """How many spans were replaced in two parts, because they were longer than
        `longest_span`.
        """
        return self._labels.cut_spans

    def feed(self, text: str | bytes) -> str:
        """Take the next text or UTF-8 bytes, cut anywhere.

        Args:
            text: The next piece.

        Returns:
            The redacted text that may leave now.

        Raises:
            DataError: For anything but text or bytes; after `close`, and after an error: what was
                held then never leaves.
        """
        if not isinstance(text, str | bytes):
            raise DataError(
                f"Expected text or bytes, got {type(text).__name__}. Feed a str, or UTF-8 bytes."
            )
        return self._passed(lambda: map(self._next, self._labels.feed_text(text)))

    def close(self) -> str:
        """End the stream. Closing twice returns nothing more.

        Returns:
            All the rest, redacted.

        Raises:
            DataError: After an error.
        """
        return self._passed(lambda: [*map(self._next, self._labels.close()), self._rest()])

    def _passed(self, pieces: Callable[[], Iterable[str]]) -> str:
        """What may leave now; the stream has failed if this does not end."""
        if self._failed:
            raise DataError(
                "The stream has failed; the text that it held is withheld. Begin a new stream."
            )
        self._failed = True
        text = "".join(pieces())
        self._failed = False
        return text

    def _rest(self) -> str:
        return self._leave(len(self._held.text), self._private("")[0])

    def _next(self, piece: StreamPiece) -> str:
        """Hold the next piece, and return what may leave."""
        new = piece.document
        bare = Document(new.text, new.offsets, spans={LAYER: new.spans[LAYER]})
        self._held = concatenate([self._held, bare], separator="")
        spans, crossing = self._private(piece.ahead)
        end = len(self._held.text)
        if self._rules:
            known = self._context + self._held.text + piece.ahead
            begin = len(self._context)
            open_key = _OPEN_KEY.search(known)
            if open_key is not None:
                crossing.append((open_key.start() - begin, len(known)))
            # Of a span that the rules cut at the separators of cells no part leaves before the
            # others.
            uncut = (*spans.spans, *self._held.spans[LAYER].spans)
            whole = [*crossing, *(self._held.characters(span) for span in uncut)]
            end = self._safe_end(known, begin, whole)
        return self._leave(end, spans)

    def _safe_end(self, known: str, begin: int, whole: list[tuple[int, int]]) -> int:
        """How many held characters may leave; they are in the known text from `begin` on, and
        `whole` stays uncut.
        """
        # A span that begins in the words after the held ones may still grow into these.
        limit = max(begin, begin + len(self._held.text) - REACH)
        offset = min(limit, _before(known, _LONGEST_VALUE))
        while True:
            border = max(_run_border(known, offset) - begin, 0)
            earliest = min([border, *(start for start, end in whole if start < border < end)])
            if earliest == border:
                return border
            offset = begin + earliest

    def _private(self, ahead: str) -> tuple[Spans, list[tuple[int, int]]]:
        """The private spans of the held text, and the characters of values that begin in it and end
        after it.
        """
        waiting = self._held
        text = waiting.text + ahead
        begin = len(self._context)
        end = len(waiting.text)
        matches = self._finder.values(self._context + text)
        if any(span.start < begin < span.end for span in matches):
            # No value of the whole text is cut here: this is one that another one, farther back,
            # had ruled out.
            matches = self._finder.values(text)
            begin = 0
        values_ahead = [
            replace(span, start=span.start - begin, end=span.end - begin)
            for span in matches
            if begin <= span.start < begin + end
        ]
        values = [span for span in values_ahead if span.end <= end]
        spans = self._finder.decided(waiting, values, self._context)
        return spans, [(span.start, span.end) for span in values_ahead if span.end > end]

    def _leave(self, end: int, private: Spans) -> str:
        """The first `end` characters of the held text, redacted."""
        waiting = self._held

        leaving = [
            span
            for span in waiting.with_spans(LAYER, private).character_spans(LAYER)
            if span.end <= end
        ]
        redacted = redact_characters(
            waiting.text[:end],
            leaving,
            self._policy,
            policies=self._policies,
            numbering=self._numbering,
        )

        if self._report is not None:
            for finding in redacted.findings:
                self._report(_moved(finding, self._start, self._new_start))

        words = sum(start < end for start, _ in waiting.offsets)
        remaining = (
            (Span(span.start - words, span.end - words, span.label), score)
            for span, score in waiting.spans[LAYER].scored
            if span.start >= words
        )
        self._held = Document(
            waiting.text[end:],
            tuple((start - end, stop - end) for start, stop in waiting.offsets[words:]),
            spans={LAYER: Spans.of(remaining)},
        )

        context = self._context + waiting.text[:end]
        self._context = context[_run_border(context, _before(context, _LOOK_BACK)) :]
        self._start += end
        self._new_start += len(redacted.text)
        return redacted.text


def _moved(finding: Finding, characters: int, new_characters: int) -> Finding:
    return replace(
        finding,
        start=finding.start + characters,
        end=finding.end + characters,
        new_start=finding.new_start + new_characters,
        new_end=finding.new_end + new_characters,
    )


# The longest value of the rules with white space inside, but for private keys and seeds after
# their names: 24 words of a seed with eight letters each; and what a value must not be followed by.
_LONGEST_VALUE = 220
# How far the rules look back over white space: a pattern's context words
# (`own_patterns.LOOK_BACK`), one of them cut, and the text before a span (`refining.REACH`).
_LOOK_BACK = 96
_OPEN_KEY = re.compile(rf"{KEY_BEGIN}{KEY_BODY}(?:-{{1,5}}|-----[A-Z ]{{1,40}}-{{0,4}})?\Z")


def _before(text: str, visible: int) -> int:
    """The last place that `visible` characters follow, not counting invisible ones; 0 if there are
    fewer.
    """
    hidden = {
        index for match in INVISIBLE.finditer(text) for index in range(match.start(), match.end())
    }
    offset = len(text)
    while offset and visible:
        offset -= 1
        visible -= offset not in hidden
    return offset


def _run_border(text: str, offset: int) -> int:
    """The last place, up to this one, at which no run of characters without white space is cut."""
    while offset > 0 and not (
        text[offset - 1].isspace() or (offset < len(text) and text[offset].isspace())
    ):
        offset -= 1
    return offset
