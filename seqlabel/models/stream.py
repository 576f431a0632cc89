"""Labels for text that is still arriving: pieces of any size in, labelled ones out soon after; redaction is elsewhere.

Memory does not grow with the stream. What comes out depends on the stream alone, not on how it was cut into pieces:
everything happens at fixed numbers of words. What a labeler is, is in `labeler`.

Shapes: time, width, tags; there is one row.
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import torch
from torch import Tensor, nn

from seqlabel.batches.labelled import PieceEncoder
from seqlabel.documents.document import Document
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.files import SURROGATE
from seqlabel.models.labeler import Labeler
from seqlabel.nn.encoders import RecurrentEncoder, TwoWayEncoder
from seqlabel.nn.heads import CRFTagHead
from seqlabel.nn.networks import TagHead
from seqlabel.nn.states import State

WITHHELD = "\ufffd"
"""Unicode's replacement character stands in the stream's text for what was withheld from it."""


@dataclass(frozen=True)
class Withheld:
    """What a stream has kept back so far, for ever: counts, no text.

    `runs` are unbroken runs of characters that were longer than allowed, each now one `WITHHELD`; `characters` is how
    many they had, with white space beyond the same length; `undecodable` are bytes that are no UTF-8 and characters
    that are half of one (surrogates), each now a `WITHHELD`.
    """

    runs: int = 0
    characters: int = 0
    undecodable: int = 0


@dataclass(frozen=True)
class StreamPiece:
    """The next stretch of a stream, as a document with the labeler's layers, and where it is in the stream.

    `start` characters and `first` words came before it. The texts of all pieces, joined, are the stream; no span
    crosses two pieces. `ahead` is the text behind it that was read for its labels and whose own are not known yet.
    """

    document: Document
    start: int
    first: int
    ahead: str = field(repr=False)


class StreamLabeler:
    """Labels the words of a stream, each at the latest when `look_ahead` words after it have arrived.

    `stride` words are labelled at once (half of `look_ahead`, unless given), so that each sees between
    `look_ahead + 1 - stride` and `look_ahead` words after it, and all words before it. A span that may still go on is
    held until it ends; one that is held for more than `longest_span` words is cut, and counted in `cut_spans`. A run of
    characters without white space is held until it ends; one longer than `longest_run` characters is withheld
    (`withheld` counts).

    A stream is of one thread; several streams may share a labeler. Raises `OptionError` for numbers that do not fit,
    and for a labeler over pieces of words, which is not read in steps.
    """

    def __init__(
        self,
        labeler: Labeler,
        *,
        look_ahead: int = 32,
        stride: int | None = None,
        longest_span: int = 64,
        longest_run: int = 4096,
    ) -> None:
        if look_ahead < 0:
            raise OptionError(f"look_ahead: found {look_ahead}; it is a number of words to wait for, at least 0")
        stride = max(1, look_ahead // 2) if stride is None else stride
        if not 1 <= stride <= look_ahead + 1:
            raise OptionError(f"stride: found {stride}; with look_ahead {look_ahead} it is from 1 to {look_ahead + 1}")
        if longest_span < 1:
            raise OptionError(f"longest_span: found {longest_span}; it is a number of words, at least 1")
        self.cut_spans = 0
        self._labeler = labeler
        self._look_ahead = look_ahead
        self._stride = stride
        self._longest_span = longest_span
        self._intake = _Intake(labeler, longest_run)
        self._reader = _OneRow(labeler)
        self._deciders = [_Decider(cast(TagHead, head)) for head in labeler.module.heads]
        # Words that are not yet out, the text from the end of the last one that is, and each head's tags and scores.
        self._text = ""
        self._words: list[tuple[int, int]] = []
        self._tags: list[list[int]] = [[] for _ in self._deciders]
        self._scores: list[list[float]] = [[] for _ in self._deciders]
        self._read = 0
        # Such that, `stride` words a time, it is just the first word's look-ahead that is full.
        self._next_read = (look_ahead + 1) % stride or stride
        self._start = self._first = 0
        self._of_words: bool | None = None
        self._closed = self._failed = False

    @property
    def withheld(self) -> Withheld:
        """What was kept back so far."""
        return self._intake.withheld

    def feed(self, words: Sequence[str]) -> list[StreamPiece]:
        """Take the next words, and return the pieces that are ready; in their text a space follows every word.

        Raises `DataError` for an empty word, and after `close`, an error, or `feed_text`.
        """
        if isinstance(words, str | bytes):
            raise OptionError(f"words: found {type(words).__name__}; give a list of words, or use feed_text")
        if not all(words):
            raise DataError("found an empty word; a word has at least one character")
        slices = (words[start : start + _WORDS_AT_ONCE] for start in range(0, len(words), _WORDS_AT_ONCE))
        return list(self._taken(map(self._intake.words, slices), of_words=True))

    def feed_text(self, text: str | bytes) -> list[StreamPiece]:
        """Take the next text or UTF-8 bytes, cut anywhere, and return the pieces that are ready.

        Raises `DataError` after `close`, an error, or `feed`.
        """
        slices = (text[start : start + _CHARACTERS_AT_ONCE] for start in range(0, len(text), _CHARACTERS_AT_ONCE))
        return list(self._taken(map(self._intake.text, slices), of_words=False))

    def close(self) -> list[StreamPiece]:
        """Return the pieces of all that is left; what ends here ends. Closing twice returns nothing more."""
        if self._closed:
            return []
        pieces = list(self._taken([self._intake.rest()], of_words=self._of_words))
        self._closed = True
        left = len(self._words) - len(self._tags[0])
        if left:
            self._read_words(len(self._words) - self._read)
            self._label(left, is_last=True)
        if self._text:
            pieces.append(self._release(len(self._words), len(self._text)))
        return pieces

    def _taken(self, taken: Iterable[Document], *, of_words: bool | None) -> Iterator[StreamPiece]:
        if self._closed or self._failed:
            found = "was closed" if self._closed else "has failed; what it held is withheld"
            raise DataError(f"found text for a stream that {found}; begin a new one")
        if self._of_words not in (None, of_words):
            raise DataError("found both words and text in one stream; give a stream one of them")
        self._of_words = of_words
        # If anything fails, what has been taken is neither out nor labelled: nothing more may come out.
        self._failed = True
        for document in taken:
            begin = len(self._text)
            self._text += document.text
            self._words += [(begin + start, begin + end) for start, end in document.offsets]
            yield from self._advance()
        self._failed = False

    def _advance(self) -> Iterator[StreamPiece]:
        while len(self._words) - self._read >= self._next_read:
            self._read_words(self._next_read)
            self._next_read = self._stride
            if self._read - len(self._tags[0]) > self._look_ahead:
                self._label(self._stride, is_last=False)
                count = self._releasable()
                if count:
                    yield self._release(count, self._words[count - 1][1])

    def _read_words(self, count: int) -> None:
        if count:
            some = self._words[self._read : self._read + count]
            self._reader.read([self._text[start:end] for start, end in some])
            self._read += count

    def _label(self, count: int, *, is_last: bool) -> None:
        states = self._reader.states(count, is_last=is_last)
        for decider, tags, scores in zip(self._deciders, self._tags, self._scores, strict=True):
            some, sure = decider(states, count, is_last=is_last)
            tags += some
            scores += sure

    def _releasable(self) -> int:
        """How many of the labelled words may go out without cutting a span."""
        labelled = count = len(self._tags[0])
        spans: list[Span] = []
        cut = 0
        for tag_set, ids in zip(self._labeler.tag_sets, self._tags, strict=True):
            if tag_set.scheme is not None:
                found = _spans([tag_set.tags[number] for number in ids], tag_set.scheme)
                cut += bool(found) and found[-1].end > labelled
                spans += found
        for span in sorted(spans, key=lambda span: span.end, reverse=True):
            if span.start < count < span.end:
                count = span.start
        if labelled - count > self._longest_span:
            self.cut_spans += cut
            return labelled
        return count

    def _release(self, count: int, end: int) -> StreamPiece:
        """The first `count` words, with the text up to `end`."""
        document = Document(self._text[:end], tuple(self._words[:count]))
        for tag_set, tags, scores in zip(self._labeler.tag_sets, self._tags, self._scores, strict=True):
            document = tag_set.annotate(document, tags[:count], scores[:count])
            del tags[:count], scores[:count]
        ahead = self._text[end : self._words[self._read - 1][1]] if self._read else ""
        piece = StreamPiece(document, self._start, self._first, ahead)
        self._text = self._text[end:]
        self._words = [(start - end, stop - end) for start, stop in self._words[count:]]
        self._read -= count
        self._start += end
        self._first += count
        return piece


_WORDS_AT_ONCE = 512
_CHARACTERS_AT_ONCE = 4096


def _spans(tags: list[str], scheme: Scheme) -> tuple[Span, ...]:
    """The spans of tags; the last one ends past them if it may go on."""
    spans = tags_to_spans(tags, scheme).spans
    if not spans or spans[-1].end < len(tags):
        return spans
    longer = tags_to_spans([*tags, f"I-{spans[-1].label}"], scheme).spans
    return longer if len(longer) == len(spans) else spans


class _Intake:
    """Text in pieces, bytes too → documents of whole words; what cannot be taken is withheld and counted."""

    def __init__(self, labeler: Labeler, longest_run: int) -> None:
        if longest_run < 1:
            raise OptionError(f"longest_run: found {longest_run}; it is a number of characters, at least 1")
        self.withheld = Withheld()
        self._labeler = labeler
        self._longest = longest_run
        # A byte that is no UTF-8 becomes a surrogate of its own, so that it can be counted.
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._run: list[str] = []
        self._length = 0
        self._is_space = True

    def words(self, words: Sequence[str]) -> Document:
        """Words as they are, each with a space after it."""
        kept = []
        for word in map(self._clean, words):
            if len(word) > self._longest:
                self._withhold(runs=1, characters=len(word))
                word = WITHHELD
            kept.append(word)
        # The last, of nothing but the space before it, is no word.
        document = Document.from_words([*kept, WITHHELD])
        return Document(document.text[: -len(WITHHELD)], document.offsets[:-1])

    def text(self, piece: str | bytes) -> Document:
        """The runs that are now whole, of characters and of white space, cut into words."""
        if isinstance(piece, str):
            if self._decoder.getstate()[0]:
                raise DataError("found text inside a UTF-8 character, after bytes; give bytes until it is whole")
        else:
            piece = self._decoder.decode(piece)
        return self._labeler.tokenise("".join(self._whole_runs(self._clean(piece))))

    def rest(self) -> Document:
        """What is held, as if it were whole."""
        tail = self._clean(self._decoder.decode(b"", final=True))
        return self._labeler.tokenise("".join([*self._whole_runs(tail), *self._ended()]))

    def _whole_runs(self, text: str) -> Iterator[str]:
        for match in _RUN.finditer(text):
            run = match.group()
            if run[0].isspace() is not self._is_space:
                yield from self._ended()
                self._is_space = not self._is_space
            room = max(self._longest - self._length, 0)
            self._length += len(run)
            if self._is_space:
                yield run[:room]
                self._withhold(characters=len(run[room:]))
            elif self._length <= self._longest:
                self._run.append(run)
            else:
                # All of it, now and later.
                self._withhold(runs=bool(room or self._run), characters=sum(map(len, self._run)) + len(run))
                self._run = []

    def _ended(self) -> Iterator[str]:
        if not self._is_space:
            yield WITHHELD if self._length > self._longest else "".join(self._run)
        self._run, self._length = [], 0

    def _clean(self, text: str) -> str:
        text, count = SURROGATE.subn(WITHHELD, text)
        self._withhold(undecodable=count)
        return text

    def _withhold(self, *, runs: int = 0, characters: int = 0, undecodable: int = 0) -> None:
        old = self.withheld
        self.withheld = Withheld(old.runs + runs, old.characters + characters, old.undecodable + undecodable)


_RUN = re.compile(r"\s+|\S+")


class _OneRow:
    """The layers of a tagging model on one row that goes on and on.

    Forward states are carried; backward ones are those of a `_BackwardReader`.

    One row in small steps is read faster by torch's own layers than by a `PackedReader`, whatever they are made of.
    """

    def __init__(self, labeler: Labeler) -> None:
        if isinstance(labeler.words, PieceEncoder):
            raise OptionError("found a labeler that reads pieces of words; a stream needs one that reads words")
        labeler.module.eval()
        self._encode = labeler.words
        self._model = labeler.module
        first = self._model.first
        self._ahead: RecurrentEncoder = first.forward_encoder if isinstance(first, TwoWayEncoder) else first.encoder
        self._back = _BackwardReader(first.backward_encoder) if isinstance(first, TwoWayEncoder) else None
        self._together = any(isinstance(head, CRFTagHead) for head in self._model.heads)
        # After all words read, in the first layer; after all words labelled, in the second.
        self._first_state: State = None
        self._second_state: State = None
        self._second_back = _BackwardReader(self._model.second.backward_encoder)
        device = next(self._model.parameters()).device
        # Of the words that are read and not labelled: vectors and first states, (1, time, width) each.
        self._vectors = torch.empty(1, 0, self._model.embedder.width, device=device)
        self._read = torch.empty(1, 0, self._ahead.width, device=device)

    @torch.inference_mode()
    def read(self, words: list[str]) -> None:
        """Take the next words into the look-ahead."""
        vectors = self._model.embedder(self._encode([words]).to(self._vectors.device))
        read, self._first_state = self._ahead(vectors, self._first_state)
        self._vectors = torch.cat([self._vectors, vectors], dim=1)
        self._read = torch.cat([self._read, read], dim=1)

    @torch.inference_mode()
    def states(self, count: int, *, is_last: bool) -> Tensor:
        """States (time, width) of the first `count` words in the look-ahead, which then leave it.

        Where a head decides about words together, states of all words. `is_last` says that the row ends with them.
        """
        first = [self._read]
        if self._back is not None:
            first.append(self._back(self._vectors, count, is_last=is_last))
        vectors = torch.cat([*first, self._vectors], dim=-1)
        second = self._model.second
        states, self._second_state = second.forward_encoder(vectors[:, :count], self._second_state)
        if self._together and count < vectors.shape[1]:
            # These words' backward states may change yet, so what is read of them now is not carried.
            rest, _ = second.forward_encoder(vectors[:, count:], self._second_state)
            states = torch.cat([states, rest], dim=1)
        back = self._second_back(vectors, count, is_last=is_last)
        self._vectors, self._read = self._vectors[:, count:], self._read[:, count:]
        return torch.cat([states, back[:, : states.shape[1]]], dim=-1)[0]


class _BackwardReader:
    """Reads the look-ahead from its end.

    What follows is not known; it begins in the mean of its states at the words before, at the row's end and at its
    first words in an empty one: up to half as many words get another label than the whole row would give them. Where a
    state is more than what the recurrence says, as an LSTM's, it begins in an empty one too.
    """

    def __init__(self, encoder: RecurrentEncoder) -> None:
        stacks = list(encoder.stacks)
        self._encoder = encoder
        self._is_output = len(stacks) == 1 and stacks[0].num_layers == 1 and not isinstance(stacks[0], nn.LSTM)
        self._mean: State = None
        self._count = 0

    def __call__(self, vectors: Tensor, count: int, *, is_last: bool) -> Tensor:
        """States (1, time, width) of vectors (1, time, input width), of which the first `count` will not come again.

        `is_last` says that the row ends with them.
        """
        states: Tensor = self._encoder(vectors.flip(1), None if is_last else self._mean)[0].flip(1)
        if self._is_output:
            self._count += 1
            mean = states[:, :count].mean(dim=1)[None]
            before = self._mean
            # About the last ten calls count.
            self._mean = (torch.lerp(before[0], mean, 1 / min(self._count, _STATES)) if before else mean,)
        return states


_STATES = 10


class _Decider:
    """A head's tags of a row that goes on: what a CRF has said of the words before binds what it says next."""

    def __init__(self, head: TagHead) -> None:
        self._head = head
        self._before: int | None = None

    @torch.inference_mode()
    def __call__(self, states: Tensor, count: int, *, is_last: bool) -> tuple[list[int], list[float]]:
        """Tags and their probabilities of the first `count` of the words with these states (time, width).

        `is_last` says that the row ends with them; else anything may follow.
        """
        found = self._head.decode_words(states, [len(states)], after=self._before, goes_on=not is_last)
        tags, chances = found.tags[:count], found.probabilities[:count]
        self._before = int(tags[-1])
        return tags.tolist(), chances.gather(1, tags[:, None])[:, 0].tolist()
