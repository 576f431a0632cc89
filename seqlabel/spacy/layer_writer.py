"""Writes the labels of a batch of Docs, all layers at once; where layers may go is in
`annotations`.

Shapes: words (of one Doc, or of all Docs where a docstring says so), tokens (of all Docs), tags.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from spacy.attrs import ENT_ID, ENT_IOB, ENT_KB_ID, ENT_TYPE, IDS, ORTH
from spacy.parts_of_speech import IDS as PARTS_OF_SPEECH
from spacy.tokens import Doc

from seqlabel.batches.windows import FoundTags
from seqlabel.documents.document import BEGINS, Spans, sentence_starts
from seqlabel.documents.edit_scripts import apply_script, is_form
from seqlabel.documents.label_sets import LabelSet, Unit
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.spacy.annotations import (
    Existing,
    Place,
    Target,
    tag_scores,
    tag_scores_key,
    write_categories,
    write_extension,
    write_group,
)
from seqlabel.spacy.doc_words import (
    DocWords,
    exact_spans,
    on_tokens,
    spans_of_docs,
    token_characters,
    words_of_tokens,
)
from seqlabel.spacy.token_table import Keys, TokenTable
from seqlabel.spacy.tree_writer import write_trees

_NONE = np.zeros(0, np.int64)
_INSIDE, _OUTSIDE, _BEGIN = 1, 2, 3
_ENTITY = (ENT_IOB, ENT_TYPE, ENT_KB_ID, ENT_ID)
_SPACE = {Target.POS: "SPACE", Target.TAG: "_SP", Target.MORPH: "_"}
"""spaCy's labels of white space."""
_STARTS, _CONTINUES = 1, np.iinfo(np.uint64).max
"""Whether a token begins a sentence: spaCy writes 1 or -1."""
_MOST_LEMMAS = 1 << 15
_MOST_FORMS = 1 << 17
_SPREAD = 0x9E3779B97F4A7C15
"""An odd number whose multiples are spread over 64 bits."""


@dataclass(frozen=True)
class FoundLayer:
    """A layer of some Docs.

    Args:
        tag_set: Its tags.
        places: Where it is written.
        found: The tags of each Doc's words; of a layer of categories the Doc's, with the
            probabilities of all.
    """

    tag_set: LabelSet
    places: Sequence[Place]
    found: Sequence[FoundTags]


class _Tagged(NamedTuple):
    """The tokens that have a tag, (tokens with a tag,), and the tags and probabilities of these."""

    tokens: npt.NDArray[np.int64]
    ids: npt.NDArray[np.int64]
    scores: npt.NDArray[np.float32]


class LayerWriter:
    """Writes layers to batches of Docs, and remembers the hashes of labels and lemmas.

    Hashes of strings are the same in every vocabulary. A string may leave a vocabulary, as at the
    end of a memory zone: each batch looks whether it has the strings that are written, and adds
    those that are missing.
    """

    def __init__(self) -> None:
        # Of each target the labels, and the hashes of those that were written.
        self._labels: dict[Target, tuple[Sequence[str], dict[int, int]]] = {}
        self._lemmas = _Lemmas(())
        # The hashes of forms without a line break.
        self._unbroken: set[int] = set()

    def write(
        self,
        docs: Sequence[Doc],
        words: Sequence[DocWords],
        layers: Sequence[FoundLayer],
        *,
        existing: Existing,
    ) -> None:
        """Write layers to Docs.

        White space gets spaCy's name for it, such as `SPACE` or `_SP`. Probabilities of an
        attribute of tokens go to `doc.user_data["seqlabel", target]`, one per token, NaN where
        nothing was predicted; a value that stays keeps the probability that it came with.

        Args:
            docs: The Docs.
            words: The words of each that were read.
            layers: The layers of all of them.
            existing: How to treat existing annotation.
        """
        table = TokenTable(docs, _attributes_to_read(layers, existing))
        aligned = _Alignment(table, words)
        for layer in layers:
            if layer.tag_set.scheme is None and layer.tag_set.unit is Unit.WORD:
                self._put_tags(table, aligned.of(layer.found), layer, existing)
        moved = [_moved(words, layer) for layer in layers if layer.tag_set.scheme is not None]
        for spans in moved:
            if spans.is_entities:
                _put_entities(table, spans.on_tokens, existing)
        table.write()
        for spans in moved:
            spans.write_groups(docs, existing)
        for layer in layers:
            if layer.tag_set.unit is Unit.DOCUMENT and layer.places:
                for doc, label in zip(docs, layer.found, strict=True):
                    scores = zip(layer.tag_set.labels, label.scores.tolist(), strict=True)
                    write_categories(doc, dict(scores), existing=existing)
        # Trees come last: spaCy takes the starts of sentences from them.
        for layer in layers:
            if isinstance(layer.tag_set, RelationSet) and layer.places:
                for doc, of_doc, arcs in zip(docs, words, layer.found, strict=True):
                    write_trees(doc, of_doc, arcs, layer.tag_set, existing=existing)

    def _put_tags(
        self, table: TokenTable, tagged: _Tagged, layer: FoundLayer, existing: Existing
    ) -> None:
        labels = layer.tag_set.tags
        for place in layer.places:
            target = place.target
            if target is Target.EXTENSION:
                _write_extension(table, place.name, tagged, labels, existing)
                continue
            if target is Target.SENT_START:
                values = self._starts(table, tagged, labels)
            elif target is Target.LEMMA:
                values = self._lemma_keys(table, tagged, labels)
            else:
                values = self._label_keys(table, tagged, labels, target)
            scores = np.full(table.tokens, np.nan, dtype=np.float32)
            scores[tagged.tokens] = tagged.scores
            if existing is Existing.KEEP:
                before = table.before(_attribute(target))
                stays = before > 0
                if stays.any():
                    values = np.where(stays, before, values)
                    scores = np.where(stays, _earlier_scores(table, target), scores)
            table.put(_attribute(target), values)
            table.put_scores(tag_scores_key(target), scores)

    def _label_keys(
        self, table: TokenTable, tagged: _Tagged, labels: Sequence[str], target: Target
    ) -> Keys:
        """Each token's hash of its label, (tokens,)."""
        known = self._labels.get(target)
        if known is None or known[0] is not labels:
            known = self._labels[target] = (labels, {})
        keys = np.zeros(len(labels), dtype=np.uint64)
        vocabularies = _vocabularies(table.docs)
        for number in np.flatnonzero(np.bincount(tagged.ids, minlength=len(labels))).tolist():
            key = known[1].get(number)
            if key is None:
                key = known[1][number] = _add(table.docs[0], target, labels[number])
            keys[number] = key
            if target is Target.POS:
                continue
            for doc in vocabularies:
                strings: Any = doc.vocab.strings
                if key not in strings:
                    _add(doc, target, labels[number])
        values = np.zeros(table.tokens, dtype=np.uint64)
        if len(tagged.tokens) < table.tokens:
            for doc in vocabularies:
                values[:] = _add(doc, target, _SPACE[target])
        values[tagged.tokens] = keys[tagged.ids]
        return values

    def _lemma_keys(self, table: TokenTable, tagged: _Tagged, scripts: Sequence[str]) -> Keys:
        """Each token's hash of its lemma, (tokens,); white space is its own."""
        lemmas = self._lemmas
        if lemmas.scripts is not scripts or len(lemmas.keys) > _MOST_LEMMAS:
            # Another one, not this one emptied: another thread may still use it.
            lemmas = self._lemmas = _Lemmas(scripts)
        values = table.before(ORTH).copy()
        edited = np.flatnonzero(lemmas.changes[tagged.ids])
        if not len(edited):
            return values
        tokens = tagged.tokens[edited]
        ids = tagged.ids[edited]
        forms = values[tokens]
        # Hashes are taken for what they are hashes of here, as in spaCy.
        pairs = (forms ^ lemmas.salts[ids]).tolist()
        keys: list[Any] = list(map(lemmas.keys.get, pairs))
        stores = _stores(table.docs)
        known = set(keys)
        absent = {None} & known
        known.discard(None)
        for store in stores:
            absent.update(key for key in known if key not in store)
        if absent:
            missing = {
                pair: number
                for number, (pair, key) in enumerate(zip(pairs, keys, strict=True))
                if key in absent
            }
            for pair, number in missing.items():
                form = _spelled(int(forms[number]), stores)
                lemma = apply_script(form, scripts[ids[number]])
                for store in stores:
                    lemmas.keys[pair] = store.add(lemma)
            keys = list(map(lemmas.keys.__getitem__, pairs))
        values[tokens] = np.array(keys, dtype=np.uint64)
        return values

    def _starts(self, table: TokenTable, tagged: _Tagged, tags: Sequence[str]) -> Keys:
        """Whether each token begins a sentence, (tokens,)."""
        begins = np.array([tag == BEGINS for tag in tags], dtype=bool)[tagged.ids]
        values = np.full(table.tokens, _CONTINUES, dtype=np.uint64)
        values[tagged.tokens[begins]] = _STARTS
        first = np.searchsorted(tagged.tokens, [inside.start for inside in table.slices])
        after = np.append(first[1:], len(tagged.tokens))
        with_words = first < after
        # White space before the first word is part of its sentence: the first token always begins
        # one.
        values[tagged.tokens[first[with_words]]] = _CONTINUES
        values[table.begins[with_words]] = _STARTS
        for number in self._docs_with_lines(table):
            begin = int(table.begins[number])
            words = slice(int(first[number]), int(after[number]))
            tokens = tagged.tokens[words] - begin
            doc = table.docs[number]
            labels = [tags[tag] for tag in tagged.ids[words].tolist()]
            starts = list(sentence_starts(doc.text, token_characters(doc)[tokens].tolist(), labels))
            values[begin + tokens[starts[1:]]] = _STARTS
        return values

    def _docs_with_lines(self, table: TokenTable) -> list[int]:
        """The numbers of the Docs with a line break, after which a sentence may begin; most Docs
        have none.
        """
        forms = table.before(ORTH)
        unknown = set(forms.tolist()) - self._unbroken
        if not unknown:
            return []
        stores = _stores(table.docs)
        breaks = {form for form in unknown if "\n" in _spelled(form, stores)}
        if len(self._unbroken) > _MOST_FORMS:
            self._unbroken = set()
        self._unbroken |= unknown - breaks
        if not breaks:
            return []
        tokens = np.flatnonzero(np.isin(forms, np.array(list(breaks), dtype=np.uint64)))
        docs = np.unique(np.searchsorted(table.begins, tokens, side="right") - 1)
        numbers: list[int] = docs.tolist()
        return numbers


class _Lemmas:
    """The hashes of lemmas that a layer of edit scripts gave to forms.

    Args:
        scripts: The layer's scripts.
    """

    def __init__(self, scripts: Sequence[str]) -> None:
        self.scripts = scripts
        self.changes = np.array([not is_form(script) for script in scripts], dtype=bool)
        """Whether a script's lemma may be another string than the form, (scripts,)."""
        numbers = np.arange(1, len(scripts) + 1, dtype=np.uint64)
        self.salts = numbers * np.uint64(_SPREAD)
        """A number for each script, which makes another hash of that of a form, (scripts,)."""
        self.keys: dict[int, int] = {}
        """The hash of a lemma, by the hash of its form and its script."""


class _Alignment:
    """Which words the tokens of Docs have, as one array for all layers of a batch.

    Args:
        table: The tokens.
        words: The words of each Doc.
    """

    def __init__(self, table: TokenTable, words: Sequence[DocWords]) -> None:
        if all(of_doc.offsets is None for of_doc in words):
            # Each word is a token.
            counts = [len(of_doc.keys) for of_doc in words]
            of_docs = np.concatenate([_NONE, *(of_doc.tokens for of_doc in words)])
            self._tokens = of_docs + np.repeat(table.begins, counts)
            self._sources = None
            return

        tokens = [_NONE]
        sources = [_NONE]
        begin = 0
        for doc, of_doc, first in zip(table.docs, words, table.begins.tolist(), strict=True):
            count = len(of_doc.keys)
            if of_doc.offsets is None:
                tokens.append(of_doc.tokens + first)
                sources.append(np.arange(begin, begin + count))
            else:
                touched, word = words_of_tokens(of_doc.tokens, of_doc.after, len(doc))
                tokens.append(touched + first)
                sources.append(word + begin)
            begin += count
        self._tokens = np.concatenate(tokens)
        self._sources = np.concatenate(sources)

    def of(self, tags: Sequence[FoundTags]) -> _Tagged:
        """Move the tags of each Doc's words to tokens; a token has that of the first word that
        touches it.
        """
        ids = np.concatenate([_NONE, *(of_doc.ids for of_doc in tags)])
        scores = np.concatenate([np.zeros(0, np.float32), *(of_doc.scores for of_doc in tags)])
        if self._sources is None:
            return _Tagged(self._tokens, ids, scores)
        return _Tagged(self._tokens, ids[self._sources], scores[self._sources])


@dataclass(frozen=True)
class _MovedSpans:
    """A layer of spans of some Docs, of tokens, and the exact characters of its spans where words
    are not tokens.
    """

    places: Sequence[Place]
    on_tokens: Sequence[Spans]
    exact: Sequence[Sequence[CharacterSpan]]

    @property
    def is_entities(self) -> bool:
        return any(place.target is Target.ENTS for place in self.places)

    def write_groups(self, docs: Sequence[Doc], existing: Existing) -> None:
        for place in self.places:
            if place.target is Target.SPANS:
                for doc, spans, exact in zip(docs, self.on_tokens, self.exact, strict=True):
                    write_group(doc, place.name, spans, existing=existing, exact=exact)


def _moved(words: Sequence[DocWords], layer: FoundLayer) -> _MovedSpans:
    """Find the spans of a layer, and move them to tokens."""
    moved: list[Spans] = []
    exact: list[list[CharacterSpan]] = []
    paragraphs = [of_doc.paragraphs for of_doc in words]
    spans_of_words = spans_of_docs(layer.found, layer.tag_set, paragraphs)
    for spans, of_doc in zip(spans_of_words, words, strict=True):
        moved.append(on_tokens(spans, of_doc.tokens, of_doc.after) if spans.spans else spans)
        exact.append([] if of_doc.offsets is None else exact_spans(spans, of_doc.offsets))
    return _MovedSpans(layer.places, moved, exact)


def write_entities(docs: Sequence[Doc], entities: Sequence[Spans], *, existing: Existing) -> None:
    """Write `Doc.ents`; tokens outside all spans are then known to be in no entity.

    Args:
        docs: The Docs.
        entities: Spans of the tokens of each that do not overlap each other.
        existing: How to treat existing entities.
    """
    table = TokenTable(docs, () if existing is Existing.CLEAR else _ENTITY)
    _put_entities(table, entities, existing)
    table.write()


def _attributes_to_read(layers: Sequence[FoundLayer], existing: Existing) -> list[int]:
    """The attributes whose present values matter."""
    targets = {place.target for layer in layers for place in layer.places}
    reads = [ORTH] if targets & {Target.LEMMA, Target.SENT_START} else []
    if existing is Existing.KEEP:
        reads += [_attribute(target) for target in targets - {Target.DEP} if target.name in IDS]
    if existing is not Existing.CLEAR and Target.ENTS in targets:
        reads += _ENTITY
    return reads


def _stores(docs: Sequence[Doc]) -> list[Any]:
    """The string stores of Docs, one in a pipeline; spaCy's types leave out that hashes are in a
    store too.
    """
    return list({id(doc.vocab): doc.vocab.strings for doc in docs}.values())


def _spelled(key: int, stores: Sequence[Any]) -> str:
    """The text of a hash, by the first store that has it."""
    for store in stores:
        if key in store:
            return str(store[key])
    raise KeyError(key)


def _write_extension(
    table: TokenTable, name: str, tagged: _Tagged, labels: Sequence[str], existing: Existing
) -> None:
    bounds = np.searchsorted(tagged.tokens, [*table.begins.tolist(), table.tokens]).tolist()
    for number, doc in enumerate(table.docs):
        inside = slice(bounds[number], bounds[number + 1])
        tokens = tagged.tokens[inside] - table.begins[number]
        of_doc = FoundTags(tagged.ids[inside], tagged.scores[inside])
        write_extension(doc, name, tokens, of_doc, labels, existing=existing)


def _put_entities(table: TokenTable, spans_of_docs: Sequence[Spans], existing: Existing) -> None:
    """Put entities into a table; tokens outside all spans are then known to be in none."""
    entities = np.zeros((table.tokens, len(_ENTITY)), dtype=np.uint64)
    if existing is not Existing.CLEAR:
        for number, attribute in enumerate(_ENTITY):
            entities[:, number] = table.before(attribute)
    for doc, inside, spans in zip(table.docs, table.slices, spans_of_docs, strict=True):
        if spans.spans:
            _add_entities(entities[inside], spans.spans, doc.vocab.strings.add, existing=existing)
    entities[entities[:, 0] == 0, 0] = _OUTSIDE
    for number, attribute in enumerate(_ENTITY):
        table.put(attribute, entities[:, number])


def _attribute(target: Target) -> int:
    # Targets are named as spaCy's attributes.
    number: int = IDS[target.name]
    return number


def _vocabularies(docs: Sequence[Doc]) -> Iterable[Doc]:
    """One Doc of each vocabulary; in a pipeline all Docs share one."""
    return {id(doc.vocab): doc for doc in docs}.values()


def _add(doc: Doc, target: Target, label: str) -> int:
    """Add a label to the vocabulary of a Doc; the number that stands for it."""
    if target is Target.POS:
        number: int = PARTS_OF_SPEECH[label]
        return number
    vocab: Any = doc.vocab
    key: int = vocab.morphology.add(label) if target is Target.MORPH else vocab.strings.add(label)
    return key


def _earlier_scores(table: TokenTable, target: Target) -> npt.NDArray[np.float32]:
    """The probabilities that tokens came with, NaN where there are none, (tokens,)."""
    scores = np.full(table.tokens, np.nan, dtype=np.float32)
    for doc, inside in zip(table.docs, table.slices, strict=True):
        earlier = tag_scores(doc, target)
        if earlier is not None:
            scores[inside] = earlier
    return scores


def _add_entities(
    table: Keys, spans: Sequence[Span], add: Callable[[str], int], *, existing: Existing
) -> None:
    """Add the entities of a Doc to its part of a table, (tokens, 4)."""
    covered = table[:, 0] % 2 == 1
    for span in spans:
        inside = slice(span.start, span.end)
        if covered[inside].any():
            if existing is Existing.KEEP:
                continue
            _remove(table, span)
        table[inside] = (_INSIDE, add(span.label), 0, 0)
        table[span.start, 0] = _BEGIN


def _remove(table: Keys, span: Span) -> None:
    """Take out the entities that a span overlaps, whole."""
    start = span.start
    end = span.end
    while start and table[start, 0] == _INSIDE:
        start -= 1
    while end < len(table) and table[end, 0] == _INSIDE:
        end += 1
    table[start:end] = 0
