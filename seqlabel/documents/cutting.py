"""Parts of documents with their layers, and documents cut into pieces that cut no span; joining is
in `document`.
"""

from collections.abc import Iterable, Iterator

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError


def part_of(document: Document, start: int, end: int) -> Document:
    """Return some words of a document with what its layers of tags and spans say about them.

    Categories, which are of a whole document, are left out, and a head outside of the part is not
    known.

    Args:
        document: The document.
        start: The first word.
        end: The word after the last; `end` = `start` gives a document without words.

    Returns:
        A document whose text begins with its first word and ends with its last.

    Raises:
        OptionError: `start` and `end` are not an interval of the document's words.
        DataError: A span has words inside and outside; the message names its layer and words.

    Example:
        >>> from seqlabel import Document, Tags
        >>> tags = {"upos": Tags(("PRON", "VERB", "NOUN"))}
        >>> document = Document.from_words(["It", "rains", "today"], tags=tags)
        >>> part = part_of(document, 1, 3)
        >>> part.text, part.tags["upos"].labels
        ('rains today', ('VERB', 'NOUN'))
    """
    if not 0 <= start <= end <= len(document):
        raise OptionError(
            f"Expected 0 <= start <= end <= {len(document)}, the number of words, got start "
            f"{start} and end {end}."
        )
    if start == end:
        no_tags = dict.fromkeys(document.tags, Tags(()))
        no_spans = dict.fromkeys(document.spans, Spans(()))
        no_trees = dict.fromkeys(document.trees, Trees((), ()))
        return Document("", (), no_tags, no_spans, trees=no_trees)

    text_start = document.offsets[start][0]
    text_end = document.offsets[end - 1][1]
    offsets = [
        (first - text_start, last - text_start) for first, last in document.offsets[start:end]
    ]
    tags = {}
    for name, layer in document.tags.items():
        tags[name] = Tags(layer.labels[start:end], layer.scores[start:end])
    spans = {}
    for name, span_layer in document.spans.items():
        spans[name] = _spans_inside(span_layer, start, end, name)
    trees = {}
    for name, tree_layer in document.trees.items():
        trees[name] = tree_layer.part(start, end)
    return Document(
        document.text[text_start:text_end],
        tuple(offsets),
        tags,
        spans,
        sentences=_sentences_inside(document, start, end),
        trees=trees,
        multiwords=_multiwords_inside(document, start, end),
    )


def cut(document: Document, words: int) -> Iterator[Document]:
    """Cut a document into pieces of some words; a piece is longer where a span would be cut.

    Args:
        document: The document; of spans that overlap, none is cut either.
        words: How many words a piece has, the last one fewer.

    Yields:
        The pieces in order, as `part_of` makes them; nothing for a document without words.

    Raises:
        OptionError: `words` is less than 1.
    """
    if words < 1:
        raise OptionError(f"words: expected a number of at least 1, got {words}.")
    # Before these words a cut would divide a span.
    inside_spans = set[int]()
    for layer in document.spans.values():
        for span in layer.spans:
            inside_spans.update(range(span.start + 1, span.end))

    start = 0
    while start < len(document):
        end = min(start + words, len(document))
        while end in inside_spans:
            end += 1
        yield part_of(document, start, end)
        start = end


def cut_at_sentences(document: Document, sizes: Iterable[int]) -> Iterator[Document]:
    """Cut a document into pieces of some sentences each.

    Args:
        document: The document, whose sentences are known.
        sizes: How many sentences each piece has, at least one; the last piece may have fewer.

    Yields:
        The pieces in order, as `part_of` makes them, until the document or the sizes end.

    Raises:
        OptionError: A size is less than 1.

    Example:
        >>> from itertools import repeat
        >>> words = ["It", "rains", "It", "snows", "So"]
        >>> document = Document.from_words(words, sentences=(0, 2, 4))
        >>> [piece.text for piece in cut_at_sentences(document, repeat(2))]
        ['It rains It snows', 'So']
    """
    starts = [*document.sentences, len(document)]
    first = 0
    for size in sizes:
        if size < 1:
            raise OptionError(f"sizes: expected numbers of sentences, at least 1, got {size}.")
        if first >= len(document.sentences):
            return
        last = min(first + size, len(document.sentences))
        yield part_of(document, starts[first], starts[last])
        first = last


def _spans_inside(layer: Spans, start: int, end: int, name: str) -> Spans:
    for span in layer.spans:
        if span.start < end and span.end > start and not start <= span.start <= span.end <= end:
            raise DataError(
                f"layer {name!r}: the span of words {span.start} to {span.end} crosses a border of "
                f"the part {start} to {end}. Cut where no span is, or use `cut`."
            )
    spans: list[Span] = []
    scores: list[float] = []
    for number, span in enumerate(layer.spans):
        if start <= span.start < end:
            spans.append(Span(span.start - start, span.end - start, span.label))
            if layer.scores:
                scores.append(layer.scores[number])
    return Spans(tuple(spans), tuple(scores))


def _multiwords_inside(document: Document, start: int, end: int) -> dict[int, tuple[str, ...]]:
    """The multiword tokens of some words; of one that the part cuts, the words that are left."""
    inside: dict[int, tuple[str, ...]] = {}
    for number, forms in document.multiwords.items():
        left = forms[max(start - number, 0) : max(end - number, 0)]
        if left:
            inside[max(number - start, 0)] = left
    return inside


def _sentences_inside(document: Document, start: int, end: int) -> tuple[int, ...]:
    """The first word of each sentence of a part; empty where the document's sentences are not
    known.
    """
    if not document.sentences:
        return ()
    starts = [word - start for word in document.sentences if start <= word < end]
    if starts[:1] != [0]:
        # A sentence that began before the part continues in it.
        starts.insert(0, 0)
    return tuple(starts)
