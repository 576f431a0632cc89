"""Labels for text that is still arriving: pieces of any size in, labelled ones out soon after;
redaction is elsewhere.

Memory does not grow with the stream. What comes out depends on the stream alone, not on how it was
cut into pieces: everything happens at fixed numbers of words. How pieces become words is in
`seqlabel.text.intake`, how words get tags before the stream ends in `models.tagging.inference`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from seqlabel.batches.windows import RowEnd
from seqlabel.documents.document import SENTENCE, Document, has_blank_line, sentence_starts
from seqlabel.documents.label_sets import Unit
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import annotate
from seqlabel.errors import DataError, OptionError, check_number, check_type
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.text.intake import Intake, Withheld

LOOK_AHEAD = 48
"""Words that are read after a word before it is labeled, by default. With 48, 1 of 1,800 texts
was redacted differently from the whole text; with 32 there were 18.
"""


@dataclass(frozen=True)
class StreamPiece:
    """The next stretch of a stream, as a document with the labeler's layers, and where it is in the
    stream.

    The texts of all pieces, joined, are the stream; no span crosses two pieces or a blank line. In
    `document.sentences` the rest of a sentence that began in an earlier piece is one too; its first
    word has the tag `I`.

    Args:
        document: The words of the stretch with their labels.
        start: The number of characters of the stream before it.
        first: The number of words of the stream before it.
        ahead: The text after it that was read for its labels and has no labels yet.
    """

    document: Document
    start: int
    first: int
    ahead: str = field(repr=False)


_WORDS_AT_ONCE = 1024
"""How many words are taken in before labels go out: the words of several steps."""
_CHARACTERS_AT_ONCE = 8192


class StreamLabeler:
    """Labels the words of a stream, each at the latest when `look_ahead` words after it have
    arrived.

    Each word sees between `look_ahead + 1 - stride` and `look_ahead` words after it, and all words
    before it. A stream is of one thread; several streams may share a labeler.

    Args:
        labeler: The labeler.
        look_ahead: The number of words after a word to wait for, at least 0.
        stride: The number of words that are labelled at once, from 1 to `look_ahead + 1`; None for
            half of `look_ahead`.
        longest_span: The number of words above which a span that may still go on is cut, and
            counted in `cut_spans`; a shorter one is held until it ends.
        longest_sentence: The number of words above which a sentence is cut; a shorter one is held
            until it ends, so that pieces have whole sentences. None does not hold sentences.
        longest_run: The number of characters above which a run without white space is withheld, and
            counted in `withheld`; a shorter one is held until it ends.

    Raises:
        OptionError: A number is out of its range, the labeler reads pieces of words, which cannot
            be read in steps, or sentences are to be held and the labeler has no layer `sentence`.
    """

    def __init__(
        self,
        labeler: Labeler,
        *,
        look_ahead: int = LOOK_AHEAD,
        stride: int | None = None,
        longest_span: int = 64,
        longest_sentence: int | None = None,
        longest_run: int = 4096,
    ) -> None:
        expected = "a Labeler, such as Labeler.load('en_pos')"
        check_type("labeler", labeler, Labeler, expected)
        for option, number in (
            ("look_ahead", look_ahead),
            ("longest_span", longest_span),
            ("longest_run", longest_run),
        ):
            check_number(option, number, "a whole number", whole=True)
        for option, maybe in (("stride", stride), ("longest_sentence", longest_sentence)):
            check_number(option, maybe, "a whole number", whole=True, optional=True)
        if look_ahead < 0:
            raise OptionError(
                f"look_ahead: expected a number of words, at least 0, got {look_ahead}."
            )
        stride = max(1, look_ahead // 2) if stride is None else stride
        if not 1 <= stride <= look_ahead + 1:
            raise OptionError(
                f"stride: expected a number of words from 1 to {look_ahead + 1} (look_ahead + 1), "
                f"got {stride}."
            )
        if longest_span < 1:
            raise OptionError(
                f"longest_span: expected a number of words, at least 1, got {longest_span}."
            )
        layers = [tag_set.layer for tag_set in labeler.tag_sets]
        if longest_sentence is not None and longest_sentence < 1:
            raise OptionError(
                f"longest_sentence: expected a number of words, at least 1, got {longest_sentence}."
            )
        if longest_sentence is not None and SENTENCE not in layers:
            raise OptionError(
                f"longest_sentence: expected a labeler with the layer {SENTENCE!r}, got one of "
                f"{', '.join(layers)}. Leave longest_sentence out."
            )
        if not any(tag_set.unit is Unit.WORD for tag_set in labeler.tag_sets):
            raise OptionError(
                f"labeler: expected a layer of tags or spans, got {', '.join(layers)}. Pass a "
                "labeler of words: a stream has no end at which a sentence or a document could be "
                "labeled."
            )
        self.cut_spans = 0
        self._labeler = labeler
        # Others are chosen in whole sentences and documents, which a row without an end does not
        # have.
        self._tag_sets = [tag_set for tag_set in labeler.tag_sets if tag_set.unit is Unit.WORD]
        self._look_ahead = look_ahead
        self._stride = stride
        self._longest_span = longest_span
        self._longest_sentence = longest_sentence
        self._intake = Intake(partial(labeler.tokenize, multiwords=False), longest_run=longest_run)
        self._row = labeler.inference.open_row()
        # The text from the end of the last word that is out, the words after that one with their
        # characters in the stream, and each head's tags and scores.
        self._text = ""
        self._words: list[tuple[int, int]] = []
        # Whether each of these words follows a blank line.
        self._begins: list[bool] = []
        self._tags: list[list[int]] = [[] for _ in self._tag_sets]
        self._scores: list[list[float]] = [[] for _ in self._tag_sets]
        self._read = 0
        self._start = self._first = 0
        self._of_words: bool | None = None
        self._closed = self._failed = False

    def __repr__(self) -> str:
        # No text: a repr ends up in logs.
        return f"StreamLabeler({self._labeler!r}, look-ahead of {self._look_ahead} words)"

    @property
    def withheld(self) -> Withheld:
        """Counts of what was withheld so far."""
        return self._intake.withheld

    def feed(self, words: Sequence[str]) -> list[StreamPiece]:
        """Take the next words.

        Args:
            words: Any number of words, none of them empty.

        Returns:
            The pieces that are ready; in their text a space follows every word.

        Raises:
            DataError: For an empty word, and after `close`, an error, or `feed_text`.
            OptionError: For a text in place of a list of words.
        """
        if isinstance(words, str | bytes):
            raise OptionError(
                f"words: expected a list of words, got {type(words).__name__}. Pass a list, or "
                "use feed_text."
            )
        if not all(words):
            raise DataError(
                "words: expected words of at least one character, got an empty one. Leave it out."
            )
        slices = (
            words[start : start + _WORDS_AT_ONCE] for start in range(0, len(words), _WORDS_AT_ONCE)
        )
        return list(self._pieces_of(map(self._intake.words, slices), of_words=True))

    def feed_text(self, text: str | bytes) -> list[StreamPiece]:
        """Take the next text, cut anywhere.

        Args:
            text: Any number of characters, or of bytes of UTF-8.

        Returns:
            The pieces that are ready.

        Raises:
            DataError: After `close`, an error, or `feed`.
        """
        slices = (
            text[start : start + _CHARACTERS_AT_ONCE]
            for start in range(0, len(text), _CHARACTERS_AT_ONCE)
        )
        return list(self._pieces_of(map(self._intake.text, slices), of_words=False))

    def close(self) -> list[StreamPiece]:
        """End the stream; a word or span that is held ends with it.

        Returns:
            The pieces of all that is left; nothing if the stream was closed before.

        Raises:
            DataError: After an error: what was held is withheld.
        """
        if self._closed:
            return []
        pieces = list(self._pieces_of([self._intake.rest()], of_words=self._of_words))
        self._closed = True
        self._read_words(len(self._words) - self._read)
        self._end_row()
        if self._text:
            pieces.append(self._release(len(self._words), len(self._text), self._read))
        return pieces

    def _pieces_of(
        self, parts: Iterable[Document], *, of_words: bool | None
    ) -> Iterator[StreamPiece]:
        if self._closed or self._failed:
            state = "was closed" if self._closed else "has failed and withholds its buffered text"
            raise DataError(
                f"Expected an open stream, got more text for one that {state}. Begin a new stream."
            )
        if self._of_words not in (None, of_words):
            raise DataError(
                "Expected either words or text in one stream, got both. Begin a stream for each."
            )
        self._of_words = of_words
        # If anything fails, what has been taken is neither out nor labelled: nothing more may come
        # out.
        self._failed = True
        for document in parts:
            before = self._words[-1][1] if self._words else self._start
            gap = self._text[before - self._start :]
            begin = self._start + len(self._text)
            self._text += document.text
            self._words += [(begin + start, begin + end) for start, end in document.offsets]
            if "\n" in gap or "\n" in document.text:
                after = 0
                for start, end in document.offsets:
                    self._begins.append(has_blank_line(gap + document.text[after:start]))
                    gap = ""
                    after = end
            else:
                self._begins += [False] * len(document)
            yield from self._advance()
        self._failed = False

    def _advance(self) -> Iterator[StreamPiece]:
        while len(self._words) - self._read >= self._next_read:
            labeled = len(self._tags[0])
            steps = self._steps
            if steps > 1:
                yield from self._take_steps(steps)
                continue
            self._read_words(self._next_read)
            if self._ahead > self._look_ahead:
                self._label(self._stride, is_last=False)
            if len(self._tags[0]) > labeled:
                yield from self._releasable_piece(len(self._tags[0]), self._read)

    @property
    def _steps(self) -> int:
        """How many steps, in each of which `stride` words are read and as many labelled, can be
        taken at once: their words are there, and no row ends among them.
        """
        if self._ahead != self._look_ahead + 1 - self._stride:
            return 1
        steps = min((len(self._words) - self._read) // self._stride, self._row.together)
        if self._labeler.config.rows is RowEnd.PARAGRAPH:
            while any(self._begins[self._read : self._read + steps * self._stride]):
                steps -= 1
        return steps

    def _take_steps(self, steps: int) -> Iterator[StreamPiece]:
        """Read and label several steps, and release what each lets out."""
        labeled = len(self._tags[0])
        read = self._read
        self._read_words(steps * self._stride)
        self._label(self._stride, is_last=False, steps=steps)
        first = self._first
        for step in range(1, steps + 1):
            moved = step * self._stride - (self._first - first)
            yield from self._releasable_piece(labeled + moved, read + moved)

    def _releasable_piece(self, labeled: int, read: int) -> Iterator[StreamPiece]:
        """The next piece, where some of the first `labeled` words may go out once `read` words are
        read.
        """
        count = self._releasable(labeled)
        if count:
            yield self._release(count, self._words[count - 1][1] - self._start, read)

    @property
    def _ahead(self) -> int:
        """How many words are read and not yet labelled."""
        return self._read - len(self._tags[0])

    @property
    def _next_read(self) -> int:
        """How many words are read next: steps of `stride` words end where the first word's
        look-ahead is full.
        """
        return (self._look_ahead + 1 - self._ahead) % self._stride or self._stride

    def _read_words(self, count: int) -> None:
        """Read the next words. Where rows end at paragraphs, one that ends among them is labelled
        to its end.
        """
        start = self._read
        end = start + count
        borders = [end]
        if self._labeler.config.rows is RowEnd.PARAGRAPH:
            borders = [*(word for word in range(start, end) if self._begins[word]), end]
        for border in borders:
            if border > start:
                words = [
                    self._text[begin - self._start : stop - self._start]
                    for begin, stop in self._words[start:border]
                ]
                self._row.read(words, self._begins[start:border])
                self._read = start = border
            if border < end:
                self._end_row()

    def _end_row(self) -> None:
        """Label the words that are read, and begin another row."""
        if self._ahead:
            self._label(self._ahead, is_last=True)
        self._row = self._labeler.inference.open_row()

    def _label(self, count: int, *, is_last: bool, steps: int = 1) -> None:
        """Label the next words, `count` in each step."""
        of_heads = self._row.tags(count, self._labeler.decisions, is_last=is_last, steps=steps)
        for (ids, sure), tags, scores in zip(of_heads, self._tags, self._scores, strict=True):
            tags += ids.tolist()
            scores += sure.tolist()

    def _releasable(self, labeled: int) -> int:
        """How many of the first words, which are labelled, may go out without cutting a span, or a
        sentence where these are held.
        """
        count = self._whole_sentences(labeled)
        # The first tag is outside of all spans: none continues where every layer has it last.
        if count == labeled and not any(
            ids[labeled - 1]
            for tag_set, ids in zip(self._tag_sets, self._tags, strict=True)
            if tag_set.scheme is not None
        ):
            return count
        spans: list[Span] = []
        cut = 0
        for tag_set, ids in zip(self._tag_sets, self._tags, strict=True):
            if tag_set.scheme is not None:
                tags = [tag_set.tags[number] for number in ids[:labeled]]
                of_layer = _spans(tags, tag_set.scheme)
                if of_layer and of_layer[-1].end > labeled:
                    cut += 1
                spans += of_layer
        for span in sorted(spans, key=lambda span: span.end, reverse=True):
            if span.start < count < span.end:
                count = span.start
        if labeled - count > self._longest_span:
            self.cut_spans += cut
            return labeled
        return count

    def _whole_sentences(self, labeled: int) -> int:
        """How many of the labelled words are in sentences that have ended; all of them where
        sentences are not held.
        """
        if self._longest_sentence is None:
            return labeled
        layers = [tag_set.layer for tag_set in self._tag_sets]
        sentences = layers.index(SENTENCE)
        ids = self._tags[sentences][:labeled]
        tags = [self._tag_sets[sentences].tags[tag] for tag in ids]
        last = max(sentence_starts(self._text, self._in_text(labeled), tags))
        return labeled if labeled - last > self._longest_sentence else last

    def _in_text(self, count: int) -> list[tuple[int, int]]:
        """The characters of the first words in the text that is not yet out."""
        before = self._start
        return [(start - before, end - before) for start, end in self._words[:count]]

    def _release(self, count: int, end: int, read: int) -> StreamPiece:
        """The first `count` words, with the text up to `end`, after `read` words were read."""
        labels = [
            (tags[:count], scores[:count])
            for tags, scores in zip(self._tags, self._scores, strict=True)
        ]
        document = Document(self._text[:end], tuple(self._in_text(count)))
        document = annotate(document, self._tag_sets, labels)
        self._tags = [tags[count:] for tags in self._tags]
        self._scores = [scores[count:] for scores in self._scores]
        ahead = self._text[end : self._words[read - 1][1] - self._start] if read else ""
        piece = StreamPiece(document, self._start, self._first, ahead)
        self._text = self._text[end:]
        del self._words[:count], self._begins[:count]
        self._read -= count
        self._start += end
        self._first += count
        return piece


def _spans(tags: list[str], scheme: Scheme) -> tuple[Span, ...]:
    """The spans of tags; the last one ends past them if it may go on."""
    spans = tags_to_spans(tags, scheme).spans
    if not spans or spans[-1].end < len(tags):
        return spans
    longer = tags_to_spans([*tags, f"I-{spans[-1].label}"], scheme).spans
    return longer if len(longer) == len(spans) else spans
