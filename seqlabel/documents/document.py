"""Documents: the exact text, where its words are, and named layers of labels; frozen, without any
model.

A layer of tags has one label per word, a layer of spans has half-open spans of words, a layer of
trees has the head and the relation of each word, a layer of categories has scores of labels for the
whole document. What readers yield and labelers return.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape
from itertools import chain, pairwise
from typing import Any

from seqlabel.documents.edit_scripts import apply_script, is_script
from seqlabel.documents.spans import CharacterSpan, Entity, Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, did_you_mean
from seqlabel.io.markup import (
    LONGEST,
    Mark,
    marked_html,
    marked_text,
    table_html,
    table_lines,
    tagged_html,
)
from seqlabel.io.tree_drawing import tree_lines, tree_svg

LEMMA = "lemma"
"""The name of the layer of edit scripts, which turn words into lemmas."""
SENTENCE = "sentence"
"""The name of the layer that has the tag `B` for the first word of a sentence and `I` for its other
words.
"""
TREE = "tree"
"""The name of the layer of dependency trees."""
BEGINS = "B"
CONTINUES = "I"


@dataclass(frozen=True)
class Tags:
    """A label for each word, None where it is not known; `scores` are probabilities, empty where
    they are not known.
    """

    labels: tuple[str | None, ...]
    scores: tuple[float, ...] = ()


@dataclass(frozen=True)
class Spans:
    """Spans in the order of the text; `scores` are probabilities, empty where they are not known.

    `sources` name the model, rule or pattern that found each span, and are empty where it is not
    known. They are ignored when two layers are compared.
    """

    spans: tuple[Span, ...]
    scores: tuple[float, ...] = ()
    sources: tuple[str, ...] = field(default=(), compare=False, repr=False)

    @classmethod
    def of(cls, scored: Iterable[tuple[Span, float] | tuple[Span, float, str]]) -> "Spans":
        """Make a layer of spans and their probabilities.

        Args:
            scored: Each span with its probability, in the order of the text, and its source if all
                spans have one.

        Returns:
            The layer.
        """
        columns: list[Any] = list(zip(*scored, strict=True)) or [()]
        return cls(*columns)

    def cut(self, places: Sequence[int]) -> "Spans":
        """Cut spans in two before some words.

        Args:
            places: The numbers of the words before which a span is cut, rising.

        Returns:
            The layer, in which the parts of a span keep its label, score and source.

        Example:
            >>> Spans((Span(0, 4, "PER"),)).cut([1, 7]).spans
            (Span(start=0, end=1, label='PER'), Span(start=1, end=4, label='PER'))
        """
        if not places:
            return self
        parts: list[Span] = []
        scores: list[float] = []
        sources: list[str] = []
        for number, span in enumerate(self.spans):
            places_inside = places[bisect_right(places, span.start) : bisect_left(places, span.end)]
            for start, end in pairwise([span.start, *places_inside, span.end]):
                parts.append(Span(start, end, span.label))
                if self.scores:
                    scores.append(self.scores[number])
                if self.sources:
                    sources.append(self.sources[number])
        return Spans(tuple(parts), tuple(scores), tuple(sources))

    @property
    def scored(self) -> list[tuple[Span, float]]:
        """Each span with its probability, 1 where it is not known."""
        return list(zip(self.spans, self.scores or (1.0,) * len(self.spans), strict=True))


@dataclass(frozen=True)
class Document:
    """A text, the half-open character offsets of its words, and its layers.

    `sentences` holds the number of each sentence's first word; empty where sentences are not known.
    `multiwords` holds, by the number of the first word, the words of tokens that are written as
    one, such as Italian `della`, `di la`; they share its characters. Raises `DataError` for offsets
    that overlap, hold nothing or leave the text, and for a layer that does not fit the words.
    """

    text: str
    offsets: tuple[tuple[int, int], ...]
    tags: Mapping[str, Tags] = field(default_factory=dict)
    spans: Mapping[str, Spans] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    sentences: tuple[int, ...] = ()
    trees: Mapping[str, Trees] = field(default_factory=dict)
    multiwords: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        before = 0
        for number, (start, end) in enumerate(self.offsets):
            if not before <= start < end <= len(self.text):
                raise DataError(
                    f"Word {number}: expected offsets that rise, do not overlap and hold at "
                    "least one character, got "
                    f"{start} to {end} after {before} in a text of {len(self.text)} characters."
                )
            before = end
        self._check_layers()

    def _check_layers(self) -> None:
        last = 0
        for number, forms in self.multiwords.items():
            if not last <= number < number + len(forms) <= len(self):
                raise DataError(
                    f"Multiword token at word {number}: expected numbers of words that rise, and "
                    f"{len(forms)} words from there on that no other token has, got it after word "
                    f"{last} of {len(self)}."
                )
            last = number + len(forms)
        for name, layer in self.tags.items():
            if len(layer.labels) != len(self):
                raise DataError(
                    f"Layer {name!r}: expected one tag per word, got {len(layer.labels)} tags "
                    f"for {len(self)} words."
                )
        for name, spans in self.spans.items():
            if spans.spans and max(span.end for span in spans.spans) > len(self):
                raise DataError(
                    f"Layer {name!r}: expected spans of the {len(self)} words, got one past the "
                    "last word."
                )
        for name, trees in self.trees.items():
            if not len(trees.heads) == len(trees.relations) == len(self):
                raise DataError(
                    f"Layer {name!r}: expected one head and one relation per word, got "
                    f"{len(trees.heads)} heads and "
                    f"{len(trees.relations)} relations for {len(self)} words."
                )
            if any(head is not None and not 0 <= head < len(self) for head in trees.heads):
                raise DataError(
                    f"Layer {name!r}: expected heads among the {len(self)} words, got one "
                    "outside of them."
                )

    @classmethod
    def from_words(
        cls,
        words: Sequence[str],
        *,
        spaces: Sequence[bool] | None = None,
        tags: Mapping[str, Tags] | None = None,
        spans: Mapping[str, Spans] | None = None,
        sentences: tuple[int, ...] = (),
        trees: Mapping[str, Trees] | None = None,
    ) -> "Document":
        """Make a document of words.

        Args:
            words: The words.
            spaces: Whether each word is followed by a space; None for all of them.
            tags: Layers of tags.
            spans: Layers of spans.
            sentences: The number of each sentence's first word; empty where sentences are not
                known.
            trees: Layers of trees.

        Returns:
            The document, whose text is the words with the spaces between them.

        Raises:
            DataError: A word is empty, or a layer does not fit the words.

        Example:
            >>> Document.from_words(["Hello", "!"], spaces=[False, False]).text
            'Hello!'
        """
        pieces: list[str] = []
        offsets: list[tuple[int, int]] = []
        offset = 0
        for number, word in enumerate(words):
            pieces.append(word)
            offsets.append(_offsets(offset, offset + len(word)))
            offset += len(word)
            if number + 1 < len(words) and (spaces is None or spaces[number]):
                pieces.append(" ")
                offset += 1
        return cls(
            "".join(pieces),
            tuple(offsets),
            tags=tags or {},
            spans=spans or {},
            sentences=sentences,
            trees=trees or {},
        )

    def __len__(self) -> int:
        return len(self.offsets)

    def __repr__(self) -> str:
        # No text: a repr ends up in logs.
        layers = ", ".join([*self.tags, *self.spans, *self.trees, *self.categories])
        return f"Document({len(self)} words; layers: {layers or 'none'})"

    def __str__(self) -> str:
        """The text with its labels, layer by layer, cut after 2,000 characters; unlike the repr it
        holds the text.
        """
        blocks: list[str] = []
        for name in self.tags:
            blocks.append(f"{name}: {self._tagged_line(name)}")
        for name in self.spans:
            blocks.append(f"{name}: {marked_text(self.text, self._marks(name))}")
        for name in self.trees:
            drawings = "\n\n".join(self._drawn_trees(name))
            blocks.append(f"{name}:\n{drawings}")
        for name in self.categories:
            blocks += table_lines((name, "probability"), self._category_rows(name))
        return "\n".join(blocks) or marked_text(self.text, ())

    def _repr_html_(self) -> str:
        """The text with its labels, layer by layer, for a notebook."""
        blocks: list[tuple[str, str]] = []
        for name in self.tags:
            shown = self._shown(name)
            blocks.append((name, tagged_html(shown) + self._more(len(shown))))
        for name in self.spans:
            blocks.append((name, marked_html(self.text, self._marks(name))))
        for name in self.trees:
            blocks.append((name, "".join(self.tree_pictures(name))))
        for name in self.categories:
            blocks.append((name, table_html((name, "probability"), self._category_rows(name))))
        if not blocks:
            return marked_html(self.text, ())
        return "".join(f"<div><small>{escape(name)}</small>{block}</div>" for name, block in blocks)

    def _shown(self, name: str) -> list[tuple[str, str | None]]:
        """The words that are shown, with their tags."""
        shown = sum(end <= LONGEST for _, end in self.offsets)
        return list(zip(self.words, self.readable_tags(name), strict=True))[:shown]

    def _more(self, shown: int) -> str:
        return f"… {len(self) - shown:,} more words" if shown < len(self) else ""

    def _tagged_line(self, name: str) -> str:
        pairs = [f"{word}/{label or '–'}" for word, label in self._shown(name)]
        return " ".join(filter(None, [*pairs, self._more(len(pairs))]))

    def _sentence_parts(self, name: str) -> Iterator[tuple[list[str], Trees]]:
        """The words and the tree of each sentence that is shown."""
        for start, end in pairwise([*(self.sentences or (0,)), len(self)]):
            if start < end and self.offsets[start][1] <= LONGEST:
                yield self.words[start:end], self.trees[name].part(start, end)

    def _drawn_trees(self, name: str) -> Iterator[str]:
        for words, trees in self._sentence_parts(name):
            yield "\n".join(tree_lines(words, trees.heads, trees.relations))

    def tree_pictures(self, name: str) -> list[str]:
        """Draw the trees of a layer.

        Args:
            name: The name of the layer of trees.

        Returns:
            An SVG element for each sentence among the first 2,000 characters, in a box that
            scrolls.
        """
        pictures = []
        for words, trees in self._sentence_parts(name):
            picture = tree_svg(words, trees.heads, trees.relations)
            pictures.append(f'<div style="overflow-x:auto">{picture}</div>')
        return pictures

    def _marks(self, name: str) -> list[Mark]:
        marks: list[Mark] = []
        for span in self.character_spans(name):
            title = "" if span.score is None else f"{span.label} {span.score:.3f}"
            marks.append(Mark(span.start, span.end, span.label, title))
        return marks

    def _category_rows(self, name: str) -> list[tuple[str, str]]:
        """The labels of a layer of categories and their probabilities, the most likely first."""
        best_first = sorted(self.categories[name].items(), key=lambda category: -category[1])
        return [(label, f"{score:.3f}") for label, score in best_first]

    @property
    def words(self) -> list[str]:
        """The words as the text writes them, and those that a multiword token stands for."""
        words = [self.text[start:end] for start, end in self.offsets]
        for number, forms in self.multiwords.items():
            words[number : number + len(forms)] = forms
        return words

    @property
    def lemmas(self) -> list[str | None]:
        """The words' lemmas, by the edit scripts of the layer `lemma`; None where a word has no
        script.

        Raises `DataError` where there is no such layer, or its labels are not edit scripts.
        """
        if LEMMA not in self.tags:
            layers = ", ".join(self.tags) or "none"
            raise DataError(f"Expected a layer {LEMMA!r} of tags, got the layers {layers}.")
        lemmas: list[str | None] = []
        for word, script in zip(self.words, self.tags[LEMMA].labels, strict=True):
            lemmas.append(None if script is None else apply_script(word, script))
        return lemmas

    def readable_tags(self, name: str) -> Sequence[str | None]:
        """Return a layer of tags as people read it.

        Args:
            name: The name of the layer of tags.

        Returns:
            Its labels; lemmas in place of edit scripts.
        """
        labels = self.tags[name].labels
        if name == LEMMA and all(label is None or is_script(label) for label in labels):
            return self.lemmas
        return labels

    def characters(self, span: Span) -> tuple[int, int]:
        """Return where a span of words is in the text.

        Args:
            span: A span of words of this document.

        Returns:
            Its half-open character offsets.
        """
        return self.offsets[span.start][0], self.offsets[span.end - 1][1]

    def character_spans(self, name: str) -> list[CharacterSpan]:
        """Return a layer of spans as spans of characters.

        Args:
            name: The name of the layer of spans.

        Returns:
            One span of characters for each span of the layer, with its score and source where the
            layer has them.
        """
        layer = self.spans[name]
        unknown = (None,) * len(layer.spans)
        scores = layer.scores or unknown
        sources = layer.sources or unknown
        character_spans: list[CharacterSpan] = []
        for span, score, source in zip(layer.spans, scores, sources, strict=True):
            start, end = self.characters(span)
            character_spans.append(CharacterSpan(start, end, span.label, score, source))
        return character_spans

    def ents(self, name: str | None = None) -> list[Entity]:
        """Return a layer of spans as spans that know their text.

        Args:
            name: The name of the layer of spans; None where the document has only one.

        Returns:
            The spans in the order of the text, each with its text, label, half-open character
            offsets and probability.

        Raises:
            DataError: The document has no such layer, or `name` is None and it has several or none.

        Example:
            >>> from seqlabel import Labeler
            >>> document = Labeler.load("en_ner")("Ada Lovelace lived in London.")
            >>> [(span.text, span.label) for span in document.ents("ner")]
            [('Ada Lovelace', 'PER'), ('London', 'LOC')]
        """
        layers = ", ".join(self.spans) or "none"
        if name is None:
            if len(self.spans) != 1:
                raise DataError(
                    f"expected a document with one layer of spans, got {layers}. Name a layer."
                )
            (name,) = self.spans
        if name not in self.spans:
            advice = (
                did_you_mean(name, self.spans) or "Label the text with a model that has the layer."
            )
            raise DataError(
                f"expected a layer of spans of this document ({layers}), got {name!r}. {advice}"
            )

        entities: list[Entity] = []
        for span in self.character_spans(name):
            text = self.text[span.start : span.end]
            entities.append(Entity(text, span.label, span.start, span.end, span.score, span.source))
        return entities

    def with_tags(self, name: str, tags: Tags) -> "Document":
        """Return the document with another layer of tags.

        Args:
            name: The name of the layer; a layer of tags with that name is replaced.
            tags: One tag for each word.

        Returns:
            A new document.
        """
        return self.with_layers(tags={**self.tags, name: tags})

    def with_spans(self, name: str, spans: Spans) -> "Document":
        """Return the document with another layer of spans.

        Args:
            name: The name of the layer; a layer of spans with that name is replaced.
            spans: The spans.

        Returns:
            A new document.
        """
        return self.with_layers(spans={**self.spans, name: spans})

    def with_trees(self, name: str, trees: Trees) -> "Document":
        """Return the document with another layer of trees.

        Args:
            name: The name of the layer; a layer of trees with that name is replaced.
            trees: The trees.

        Returns:
            A new document.
        """
        return self.with_layers(trees={**self.trees, name: trees})

    def with_layers(self, **changes: Any) -> "Document":
        """Return the document with other layers.

        Args:
            **changes: The fields `tags`, `spans`, `trees`, `categories` or `sentences`, each with
                all its layers.

        Returns:
            A new document.
        """
        # `dataclasses.replace` would check the offsets of all words again.
        changed = object.__new__(Document)
        vars(changed).update(vars(self), **changes)
        changed._check_layers()
        return changed

    def with_categories(self, name: str, scores: Mapping[str, float]) -> "Document":
        """Return the document with another layer of categories.

        Args:
            name: The name of the layer; a layer of categories with that name is replaced.
            scores: The score of each label.

        Returns:
            A new document.
        """
        return self.with_layers(categories={**self.categories, name: scores})


_MOST_SHOWN = 20
"""Documents of a list that a notebook shows."""


class Documents(list[Document]):
    """A list of documents, such as a labeler returns for a list of texts; a notebook shows them one
    below the other.
    """

    def _repr_html_(self) -> str:
        blocks: list[str] = []
        for number, document in enumerate(self[:_MOST_SHOWN], 1):
            blocks.append(f"<div><small>document {number:,}</small>{document._repr_html_()}</div>")
        if len(self) > _MOST_SHOWN:
            blocks.append(f"<div>… {len(self) - _MOST_SHOWN:,} more documents</div>")
        return "".join(blocks) or "<div>no documents</div>"


@lru_cache(maxsize=4096)
def _offsets(start: int, end: int) -> tuple[int, int]:
    """A word's offsets, shared by the words of all documents that have the same ones."""
    return start, end


def sentence_tags(starts: Collection[int], words: int) -> tuple[str, ...]:
    """Write the starts of sentences as one tag per word, those of the layer `sentence`.

    Args:
        starts: The number of each sentence's first word.
        words: The number of words.

    Returns:
        `B` for the words that begin a sentence, `I` for the others.
    """
    first_words = set(starts)
    return tuple(BEGINS if word in first_words else CONTINUES for word in range(words))


_BLANK_LINE = re.compile(r"\n\s*\n")


def has_blank_line(text: str) -> bool:
    """Return whether a text has a blank line, as between two paragraphs.

    Args:
        text: The text.

    Returns:
        Whether it has two line breaks with at most white space between them.
    """
    return "\n" in text and _BLANK_LINE.search(text) is not None


def sentence_starts(
    text: str, offsets: Sequence[tuple[int, int]], tags: Iterable[str | None]
) -> tuple[int, ...]:
    """Find the words that begin a sentence.

    Args:
        text: The text.
        offsets: The half-open characters of each word.
        tags: The tags of the layer `sentence`, one per word.

    Returns:
        The numbers of the words with the tag `B`, of the first word, and of those that follow a
        blank line.
    """
    starts = {word for word, tag in enumerate(tags) if tag == BEGINS}
    starts.update(paragraph_starts(text, offsets))
    if offsets:
        starts.add(0)
    return tuple(sorted(starts))


def paragraph_starts(text: str, offsets: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Find the words that follow a blank line.

    Args:
        text: The text.
        offsets: The half-open characters of each word.

    Returns:
        The numbers of these words, rising; never 0, the first paragraph of a text.

    Example:
        >>> document = Document("Yes.\\n\\nAnna", ((0, 3), (3, 4), (6, 10)))
        >>> paragraph_starts(document.text, document.offsets)
        (2,)
    """
    if "\n" not in text:
        return ()
    word_starts = [start for start, _ in offsets]
    words_after = {
        bisect_left(word_starts, blank_line.end()) for blank_line in _BLANK_LINE.finditer(text)
    }
    return tuple(sorted(words_after - {0, len(word_starts)}))


def concatenate(
    documents: Sequence[Document], *, separator: str | Sequence[str] = "\n"
) -> Document:
    """Join documents into one, with their layers of tags and spans.

    Args:
        documents: At least one document; all have layers of the same names.
        separator: The text between two documents, or a list with the text after each document but
            the last.

    Returns:
        One document. A layer has scores if it has them in all documents that have labels; sentences
        are known if they are known in all documents that have words; categories are left out.

    Raises:
        DataError: There are no documents, or their layers differ.
    """
    if not documents:
        raise DataError("Expected at least one document, got none.")
    first = documents[0]
    for number, document in enumerate(documents):
        _check_same_layers(number, "tags", document.tags, first.tags)
        _check_same_layers(number, "spans", document.spans, first.spans)
        _check_same_layers(number, "trees", document.trees, first.trees)
    separators = [separator] * (len(documents) - 1) if isinstance(separator, str) else separator

    texts: list[str] = []
    offsets: list[tuple[int, int]] = []
    sentences: list[int] = []
    first_words: list[int] = []
    characters = 0
    for document, text_after in zip(documents, [*separators, ""], strict=True):
        words_before = len(offsets)
        first_words.append(words_before)
        sentences += [start + words_before for start in document.sentences]
        for start, end in document.offsets:
            offsets.append((start + characters, end + characters))
        texts.append(document.text + text_after)
        characters += len(texts[-1])

    tags: dict[str, Tags] = {}
    for name in first.tags:
        tags[name] = _joined_tags([document.tags[name] for document in documents])
    spans: dict[str, Spans] = {}
    for name in first.spans:
        spans[name] = _joined_spans([document.spans[name] for document in documents], first_words)
    trees: dict[str, Trees] = {}
    for name in first.trees:
        trees[name] = _joined_trees([document.trees[name] for document in documents], first_words)
    multiwords: dict[int, tuple[str, ...]] = {}
    for document, first_word in zip(documents, first_words, strict=True):
        multiwords |= {number + first_word: forms for number, forms in document.multiwords.items()}
    has_sentences = all(document.sentences for document in documents if len(document))
    return Document(
        "".join(texts),
        tuple(offsets),
        tags=tags,
        spans=spans,
        sentences=tuple(sentences) if has_sentences else (),
        trees=trees,
        multiwords=multiwords,
    )


def _check_same_layers(
    number: int, kind: str, layers: Collection[str], expected: Collection[str]
) -> None:
    """Check that a document has the layers of the first one."""
    if set(layers) != set(expected):
        raise DataError(
            f"Document {number}: expected the layers of {kind} that the first document has, "
            f"{sorted(expected)}, got {sorted(layers)}."
        )


def _joined_tags(layers: Sequence[Tags]) -> Tags:
    labels = chain.from_iterable(layer.labels for layer in layers)
    return Tags(tuple(labels), _joined_scores(layers))


def _joined_spans(layers: Sequence[Spans], first_words: Sequence[int]) -> Spans:
    spans: list[Span] = []
    for layer, first_word in zip(layers, first_words, strict=True):
        for span in layer.spans:
            spans.append(Span(span.start + first_word, span.end + first_word, span.label))
    return Spans(tuple(spans), _joined_scores(layers))


def _joined_trees(layers: Sequence[Trees], first_words: Sequence[int]) -> Trees:
    heads: list[int | None] = []
    relations: list[str | None] = []
    for layer, first_word in zip(layers, first_words, strict=True):
        heads += [None if head is None else head + first_word for head in layer.heads]
        relations += layer.relations
    return Trees(tuple(heads), tuple(relations), _joined_scores(layers))


def _joined_scores(layers: Sequence[Tags] | Sequence[Spans] | Sequence[Trees]) -> tuple[float, ...]:
    """The scores of all layers; empty if a layer with labels has none."""
    labeled = [layer for layer in layers if _label_count(layer)]
    if not all(layer.scores for layer in labeled):
        return ()
    return tuple(chain.from_iterable(layer.scores for layer in labeled))


def _label_count(layer: Tags | Spans | Trees) -> int:
    """The number of labels of a layer."""
    if isinstance(layer, Tags):
        return len(layer.labels)
    return len(layer.spans if isinstance(layer, Spans) else layer.heads)
