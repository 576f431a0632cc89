"""Words of spaCy Docs → a tagging model's states and tags, looked up by ORTH; nothing is written to a Doc in here.

A word is looked up by its ORTH, each different one once a batch. What a Doc's words get does not depend, but for the
heads' rounding, on what else is in the batch. Long Docs are read in windows, each with words of context on both sides.

Shapes: words, width, tags.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt
import torch
from spacy.attrs import IS_SPACE, LENGTH, ORTH, SPACY  # type: ignore[import-not-found]
from spacy.strings import StringStore
from spacy.tokens import Doc
from torch import Tensor

from seqlabel.batches.labelled import RowEncoder
from seqlabel.batches.windows import Cut, FoundTags, cuts_of, groups_of, tags_of_documents
from seqlabel.documents.document import Document
from seqlabel.models.fast import Arithmetic, CurrentReader, PackedReader, decide, module_states
from seqlabel.nn.networks import TaggingModel, TagHead


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


def doc_cuts(docs: Sequence[DocWords]) -> list[Cut]:
    """The windows of some Docs."""
    return cuts_of(len(words.keys) for words in docs)


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


def _text(key: int, stores: Sequence[StringStore]) -> str:
    return str(next(store[key] for store in cast(Sequence[Any], stores) if key in store))


def _stores_of(docs: Sequence[DocWords], group: Sequence[Cut]) -> list[StringStore]:
    """The different string stores of some windows: one, unless Docs of several pipelines are mixed."""
    return list({id(store): store for store in (docs[cut.doc].strings for cut in group)}.values())


class DocReader:
    """A tagging model's states and tags for Docs, without gradients; evaluation mode is on from the first use on.

    Threads may share it; after the weights changed, it reads with the new ones.
    """

    def __init__(self, module: TaggingModel, encoder: RowEncoder, *, arithmetic: Arithmetic = Arithmetic.AUTO) -> None:
        self.module = module
        self.encoder = encoder
        self.arithmetic = arithmetic
        self._fast = CurrentReader()

    def __getstate__(self) -> dict[str, object]:
        return {**vars(self), "_fast": CurrentReader()}

    @torch.inference_mode()
    def tags(self, docs: Sequence[DocWords], *, heads: Sequence[int] | None = None) -> list[list[FoundTags]]:
        """For each of some heads, or of all, what it says about the words of each Doc."""
        every = cast(Sequence[TagHead], self.module.heads)
        asked = list(every) if heads is None else [every[number] for number in heads]
        if not asked:
            return []

        def found_in(group: Sequence[Cut]) -> Iterator[FoundTags]:
            states, lengths = self._states(docs, group)
            return (decide(head, states, lengths) for head in asked)

        groups = groups_of(doc_cuts(docs), _GROUP_WORDS, rows=_GROUP_ROWS)
        return tags_of_documents([len(one.keys) for one in docs], groups, found_in, layers=len(asked))

    @torch.inference_mode()
    def states(self, docs: Sequence[DocWords]) -> list[Tensor]:
        """States (words, width) of the words of each Doc, on the model's device."""
        width, device = self.module.second.width, next(self.module.parameters()).device
        found = [torch.zeros(len(words.keys), width, device=device) for words in docs]
        for group in groups_of(doc_cuts(docs), _GROUP_WORDS, rows=_GROUP_ROWS):
            states, lengths = self._states(docs, group)
            for cut, rows in zip(group, _split(states, lengths), strict=True):
                found[cut.doc][cut.start : cut.end] = rows[cut.start - cut.first : cut.end - cut.first]
        return found

    def _states(self, docs: Sequence[DocWords], group: Sequence[Cut]) -> tuple[Tensor, list[int]]:
        """States (words, width) of the words of some windows, one after another, and the windows' lengths."""
        # Left in evaluation mode: with several threads, putting it back would put it back under another one's feet.
        self.module.eval()
        lengths = [cut.last - cut.first for cut in group]
        reader = self._current()
        if reader is not None:
            keys = np.concatenate([docs[cut.doc].keys[cut.first : cut.last] for cut in group])
            distinct, places = np.unique(keys, return_inverse=True)
            stores = _stores_of(docs, group)
            tables, rows = reader.words.look_up(distinct.tolist(), lambda key: _text(key, stores))
            return reader.states(tables, rows[torch.from_numpy(places)], lengths), lengths
        return module_states(self.module, self.encoder, strings_of(docs, group)), lengths

    def _current(self) -> PackedReader | None:
        """The fast way through the layers, for the weights as they are now; None where the model has none."""
        return self._fast(self.module, self.encoder, self.arithmetic)


_GROUP_WORDS, _GROUP_ROWS = 16_384, 8


def _split(states: Tensor, lengths: Sequence[int]) -> tuple[Tensor, ...]:
    parts: tuple[Tensor, ...] = torch.split(states, list(lengths))
    return parts
