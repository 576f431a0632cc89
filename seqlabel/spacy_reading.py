"""Words of spaCy Docs → a tagging model's states and tags, looked up by ORTH; nothing is written to a Doc in here.

A word's vector is computed when it is first met and then looked up by its ORTH, for all words of a batch at once. What
a Doc's words get does not depend, but for the heads' rounding, on what else is in the batch. Long Docs are read in
windows, each with words of context on both sides.

Shapes: words, width, tags.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from spacy.attrs import IS_SPACE, LENGTH, ORTH, SPACY  # type: ignore[import-not-found]
from spacy.strings import StringStore
from spacy.tokens import Doc
from torch import Tensor
from torch.nn import functional

from seqlabel.batches import PieceEncoder, RowEncoder, WordEncoder
from seqlabel.documents import Document
from seqlabel.embedders import HashedEmbedder, WordInputs
from seqlabel.heads import SoftmaxTagHead
from seqlabel.inference import Arithmetic, PackedReader, PackedRows
from seqlabel.models import TaggingModel, TagHead
from seqlabel.spacy_annotations import FoundTags

WINDOW, CONTEXT = 512, 64
"""How many words of a long Doc are labelled at once, and how many are read on both sides of them."""


class DocWords(NamedTuple):
    """The words of a Doc: the first token that each touches and the one after its last, and their ORTH, (words,).

    White space is no word.
    """

    tokens: npt.NDArray[np.int64]
    after: npt.NDArray[np.int64]
    keys: npt.NDArray[np.uint64]
    strings: StringStore


def words_of(doc: Doc) -> DocWords:
    """The words of a Doc: its tokens but white space."""
    keys = doc.to_array(ORTH).astype(np.uint64)
    if IS_SPACE in cast(Any, doc.vocab).lex_attr_getters:
        blank = doc.to_array(IS_SPACE).astype(bool)
    else:
        # A vocabulary without a language does not know what is white space.
        blank = np.array([token.text.isspace() for token in doc], dtype=bool)
    tokens = np.flatnonzero(~blank)
    return DocWords(tokens, tokens + 1, keys[tokens], doc.vocab.strings)


def text_words_of(doc: Doc, tokenise: Callable[[str], Document], strings: StringStore) -> DocWords:
    """The words that `tokenise` finds in the text of a Doc, whatever its tokens; their texts are added to `strings`."""
    document = tokenise(doc.text)
    keys = np.array([strings.add(word) for word in document.words], dtype=np.uint64)
    offsets = np.array(document.offsets, dtype=np.int64).reshape(-1, 2)
    lengths, spaces = doc.to_array(LENGTH).astype(np.int64), doc.to_array(SPACY).astype(np.int64)
    starts = np.cumsum(lengths + spaces) - lengths - spaces
    first = np.searchsorted(starts + lengths, offsets[:, 0], side="right")
    return DocWords(first, np.searchsorted(starts, offsets[:, 1]), keys, strings)


class Cut(NamedTuple):
    """A window of a Doc: words `first` to `last` are read, `start` to `end` are labelled (half-open)."""

    doc: int
    first: int
    start: int
    end: int
    last: int


def cuts_of(docs: Sequence[DocWords]) -> list[Cut]:
    """The windows of some Docs; Docs without words have none."""
    return [
        Cut(number, max(start - CONTEXT, 0), start, min(start + WINDOW, end), min(start + WINDOW + CONTEXT, end))
        for number, end in enumerate(len(words.keys) for words in docs)
        for start in range(0, end, WINDOW)
    ]


def groups_of(cuts: Sequence[Cut], words: int, *, rows: int = 1) -> Iterator[list[Cut]]:
    """Windows of like length together, in groups of about `words` words, or of `rows` windows where that is more."""
    group: list[Cut] = []
    size = 0
    for cut in sorted(cuts, key=lambda cut: cut.last - cut.first):
        length = cut.last - cut.first
        if group and size + length > words and len(group) >= rows:
            yield group
            group, size = [], 0
        group.append(cut)
        size += length
    if group:
        yield group


def strings_of(docs: Sequence[DocWords], group: Sequence[Cut]) -> list[list[str]]:
    """The words of some windows as text, for the inputs that a model trains on."""
    known: dict[int, str] = {}
    rows = []
    for cut in group:
        strings = docs[cut.doc].strings
        keys = docs[cut.doc].keys[cut.first : cut.last].tolist()
        known.update((key, strings[key]) for key in set(keys) - known.keys())
        rows.append([known[key] for key in keys])
    return rows


class OrthVectors:
    """The embedder's vectors of words by ORTH, each computed when it is first met; at most `capacity` are kept.

    When the table is full it is begun anew, so that memory stays bounded on any text. Threads may share it.
    """

    def __init__(self, embedder: HashedEmbedder, encoder: WordEncoder, *, capacity: int = 1 << 16) -> None:
        self._embedder = embedder
        self._encoder = encoder
        self._capacity = capacity
        self._lock = threading.Lock()
        self._clear(0)

    def _clear(self, rows: int) -> None:
        # A new table, not the old one emptied: another thread may still read that.
        self._places: dict[int, int] = {}
        self._table = torch.empty(max(rows, 1024), self._embedder.width)

    def look_up(self, keys: npt.NDArray[np.uint64], stores: Sequence[StringStore]) -> Tensor:
        """Vectors (words, width) of the words with some ORTH (words,), whose texts are in `stores`."""
        distinct, places = np.unique(keys, return_inverse=True)
        known = distinct.tolist()
        with self._lock:
            rows = [self._places.get(key, -1) for key in known]
            if -1 in rows:
                self._learn(known, rows, stores)
                rows = [self._places[key] for key in known]
            table = self._table
        return table[torch.from_numpy(np.array(rows, dtype=np.int64)[places])]

    def _learn(self, keys: Sequence[int], rows: Sequence[int], stores: Sequence[StringStore]) -> None:
        new = [key for key, row in zip(keys, rows, strict=True) if row < 0]
        if len(self._places) + len(new) > self._capacity:
            new = list(keys)
            self._clear(len(new))
        begin = len(self._places)
        needed = begin + len(new)
        if needed > len(self._table):
            larger = torch.empty(max(needed, 2 * len(self._table)), self._embedder.width)
            larger[:begin] = self._table[:begin]
            self._table = larger
        for start in range(0, len(new), _WORDS_AT_ONCE):
            some = [_text(key, stores) for key in new[start : start + _WORDS_AT_ONCE]]
            inputs = self._encoder([some])
            # Always as many: which kernel multiplies, and so the last bit, depends on the number of rows.
            missing = _WORDS_AT_ONCE - len(some)
            filled = WordInputs(
                inputs.features,
                functional.pad(inputs.offsets, (0, missing), value=len(inputs.features)),
                functional.pad(inputs.words, (0, missing)),
                inputs.positions,
            )
            self._table[begin + start : begin + start + len(some)] = self._embedder.distinct(filled)[: len(some)]
        self._places.update(zip(new, range(begin, needed), strict=True))


_WORDS_AT_ONCE = 256


def _text(key: int, stores: Sequence[StringStore]) -> str:
    return str(next(store[key] for store in cast(Sequence[Any], stores) if key in store))


def _stores_of(docs: Sequence[DocWords], group: Sequence[Cut]) -> list[StringStore]:
    """The different string stores of some windows: one, unless Docs of several pipelines are mixed."""
    return list({id(store): store for store in (docs[cut.doc].strings for cut in group)}.values())


class _PackedDocs(PackedReader):
    """The packed layers, given vectors instead of words."""

    def states(self, vectors: Tensor, lengths: Sequence[int]) -> Tensor:
        """States (words, width) of the vectors (words, input width) of rows of these lengths, row after row."""
        packed = PackedRows(lengths)
        ordered = vectors[packed.source]
        read = self._first(ordered, packed)
        states = self._second(torch.cat([*read, ordered], dim=1), packed)
        result = torch.empty(len(vectors), 2 * states[0].shape[1])
        result[packed.source] = torch.cat(states, dim=1)
        return result


class DocReader:
    """A tagging model's states and tags for Docs, without gradients; evaluation mode is on from the first use on.

    Threads may share it; after the weights changed, it reads with the new ones.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> None:
        self.module = module
        self.encoder = encoder
        self.arithmetic = arithmetic
        self._fast: tuple[list[tuple[int, int]], tuple[_PackedDocs, OrthVectors] | None] | None = None

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_fast": None}

    @torch.inference_mode()
    def tags(self, docs: Sequence[DocWords]) -> list[list[FoundTags]]:
        """For each head, what it says about the words of each Doc."""
        heads = cast(Sequence[TagHead], self.module.heads)
        found = [
            [FoundTags(np.zeros(len(one.keys), np.int64), np.zeros(len(one.keys), np.float32)) for one in docs]
            for _ in heads
        ]
        for group in groups_of(cuts_of(docs), _GROUP_WORDS, rows=_GROUP_ROWS):
            states, lengths = self._states(docs, group)
            begins = np.cumsum([0, *lengths]).tolist()
            for head, layer in zip(heads, found, strict=True):
                ids, scores = _decode(head, states, lengths)
                for begin, cut in zip(begins, group, strict=False):
                    inside = slice(begin + cut.start - cut.first, begin + cut.end - cut.first)
                    layer[cut.doc].ids[cut.start : cut.end] = ids[inside]
                    layer[cut.doc].scores[cut.start : cut.end] = scores[inside]
        return found

    @torch.inference_mode()
    def states(self, docs: Sequence[DocWords]) -> list[Tensor]:
        """States (words, width) of the words of each Doc, on the model's device."""
        width, device = self.module.second.width, next(self.module.parameters()).device
        found = [torch.zeros(len(words.keys), width, device=device) for words in docs]
        for group in groups_of(cuts_of(docs), _GROUP_WORDS, rows=_GROUP_ROWS):
            states, lengths = self._states(docs, group)
            for cut, rows in zip(group, _split(states, lengths), strict=True):
                found[cut.doc][cut.start : cut.end] = rows[cut.start - cut.first : cut.end - cut.first]
        return found

    def _states(self, docs: Sequence[DocWords], group: Sequence[Cut]) -> tuple[Tensor, list[int]]:
        """States (words, width) of the words of some windows, one after another, and the windows' lengths."""
        # Left in evaluation mode: with several threads, putting it back would put it back under another one's feet.
        self.module.eval()
        lengths = [cut.last - cut.first for cut in group]
        fast = self._current()
        if fast is not None:
            reader, vectors = fast
            keys = np.concatenate([docs[cut.doc].keys[cut.first : cut.last] for cut in group])
            return reader.states(vectors.look_up(keys, _stores_of(docs, group)), lengths), lengths
        device = next(self.module.parameters()).device
        sizes = torch.tensor(lengths, device=device)
        padded = self.module.hidden(self.encoder(strings_of(docs, group)).to(device), sizes)
        return padded[torch.arange(padded.shape[1], device=device) < sizes[:, None]], lengths

    def _current(self) -> tuple[_PackedDocs, OrthVectors] | None:
        """The fast way through the layers, for the weights as they are now; None where the model has none."""
        # Training changes weights in place, which torch counts.
        weights = [(weight.data_ptr(), weight._version) for weight in self.module.parameters()]
        known = self._fast
        if known is None or known[0] != weights:
            embedder, encoder = self.module.embedder, self.encoder
            reader = None
            if not isinstance(encoder, PieceEncoder):
                reader = _PackedDocs.of(self.module, encoder, self.arithmetic)
            known = weights, None
            if isinstance(reader, _PackedDocs) and isinstance(embedder, HashedEmbedder):
                assert isinstance(encoder, WordEncoder)
                known = weights, (reader, OrthVectors(embedder, encoder))
            self._fast = known
        return known[1]


_GROUP_WORDS, _GROUP_ROWS = 4096, 16


def _decode(
    head: TagHead, states: Tensor, lengths: Sequence[int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """The best tags (words,) of rows, row after row, and their probabilities, of states (words, width)."""
    if isinstance(head, SoftmaxTagHead):
        # Each word by itself: no padding is needed.
        scores = head.decode(states[None], torch.tensor([len(states)], device=states.device))
        best, sure = scores.tags[0], scores.probabilities[0]
        return best.cpu().numpy(), sure.gather(1, best[:, None]).squeeze(1).cpu().numpy()
    tags = len(head.crf.start)
    found = []
    # As few rows at once as keep what the forward sums need, tags² a word, within bounds.
    rows = max(_SUMS // (max(lengths) * tags * tags), 1)
    parts = _split(states, lengths)
    for start in range(0, len(parts), rows):
        some = parts[start : start + rows]
        sizes = torch.tensor([len(part) for part in some], device=states.device)
        padded = torch.nn.utils.rnn.pad_sequence(list(some), batch_first=True)
        scores = head.decode(padded, sizes)
        inside = torch.arange(padded.shape[1], device=states.device) < sizes[:, None]
        best = scores.tags[inside]
        found.append((best, scores.probabilities[inside].gather(1, best[:, None]).squeeze(1)))
    best, sure = (torch.cat(part) for part in zip(*found, strict=True))
    return best.cpu().numpy(), sure.cpu().numpy()


_SUMS = 8_000_000


def _split(states: Tensor, lengths: Sequence[int]) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = torch.split(states, list(lengths))
    return parts
