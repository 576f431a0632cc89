"""Parts of documents with their layers, and documents cut into pieces that cut no span; joining is in `document`."""

from collections.abc import Iterable, Iterator

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, OptionError


def part_of(document: Document, start: int, end: int) -> Document:
    """Return some words of a document with what its layers of tags and spans say about them.

    Categories, which are of a whole document, are left out, and a head outside of the part is not known.

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
        >>> document = Document.from_words(["It", "rains", "today"], tags={"upos": Tags(("PRON", "VERB", "NOUN"))})
        >>> part = part_of(document, 1, 3)
        >>> part.text, part.tags["upos"].labels
        ('rains today', ('VERB', 'NOUN'))
    """
    if not 0 <= start <= end <= len(document):
        raise OptionError(
            f"Found words {start} to {end} of {len(document)}. Give 0 <= start <= end <= {len(document)}."
        )
    if start == end:
        return Document(
            "",
            (),
            {name: Tags(()) for name in document.tags},
            {name: Spans(()) for name in document.spans},
            trees={name: Trees((), ()) for name in document.trees},
        )
    begin = document.offsets[start][0]
    return Document(
        document.text[begin : document.offsets[end - 1][1]],
        tuple((one - begin, other - begin) for one, other in document.offsets[start:end]),
        {name: Tags(tags.labels[start:end], tags.scores[start:end]) for name, tags in document.tags.items()},
        {name: _inside(spans, start, end, name) for name, spans in document.spans.items()},
        sentences=_sentences(document, start, end),
        trees={name: trees.part(start, end) for name, trees in document.trees.items()},
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
        raise OptionError(f"words: Found {words}. Allowed is 1 or more.")
    inside = {
        place for layer in document.spans.values() for one in layer.spans for place in range(one.start + 1, one.end)
    }
    start = 0
    while start < len(document):
        end = min(start + words, len(document))
        while end in inside:
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
        >>> document = Document.from_words(["It", "rains", "It", "snows", "So"], sentences=(0, 2, 4))
        >>> [piece.text for piece in cut_at_sentences(document, repeat(2))]
        ['It rains It snows', 'So']
    """
    starts = [*document.sentences, len(document)]
    first = 0
    for size in sizes:
        if size < 1:
            raise OptionError(f"sizes: Found {size}. Give numbers of sentences, at least 1.")
        if first >= len(document.sentences):
            return
        last = min(first + size, len(document.sentences))
        yield part_of(document, starts[first], starts[last])
        first = last


def _inside(layer: Spans, start: int, end: int, name: str) -> Spans:
    for span in layer.spans:
        if span.start < end and span.end > start and not start <= span.start <= span.end <= end:
            raise DataError(
                f"layer {name!r}: the span of words {span.start} to {span.end} crosses a border of the part {start} to "
                f"{end}. Cut where no span is, or use `cut`."
            )
    kept = [number for number, span in enumerate(layer.spans) if start <= span.start < end]
    spans = tuple(
        Span(layer.spans[number].start - start, layer.spans[number].end - start, layer.spans[number].label)
        for number in kept
    )
    return Spans(spans, tuple(layer.scores[number] for number in kept) if layer.scores else ())


def _sentences(document: Document, start: int, end: int) -> tuple[int, ...]:
    found = [place - start for place in document.sentences if start <= place < end]
    # The rest of a sentence that began before the part is a sentence of the part.
    return tuple(found if not document.sentences or found[:1] == [0] else [0, *found])
