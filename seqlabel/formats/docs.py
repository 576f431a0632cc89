"""spaCy Docs and DocBin files ↔ documents, text identical; no pipeline and no tokenisation.

Layers: `upos` (`Token.pos_`), `xpos` (`Token.tag_`), `tree` (`Token.head` and `Token.dep_`),
entities, span groups, categories, sentences; into a Doc also `feats` (`Token.morph`) and `lemma`
(`Token.lemma_`). White space tokens of a Doc are not words of a document, but their characters are
in its text.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from itertools import accumulate, compress
from pathlib import Path
from typing import NamedTuple

import srsly
from spacy.parts_of_speech import IDS
from spacy.tokens import Doc, DocBin, SpanGroup, Token
from spacy.tokens import Span as DocSpan
from spacy.vocab import Vocab

from seqlabel.documents.document import LEMMA, SENTENCE, TREE, Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import OUTSIDE, Scheme, spans_to_tags, split_tag
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.documents.trees import Trees
from seqlabel.errors import DataError, check_type
from seqlabel.formats.reading import ReadOptions, check_label
from seqlabel.io.files import open_output
from seqlabel.io.unpacking import open_unpacked

_UPOS = "upos"
_XPOS = "xpos"
_FEATS = "feats"
# What zlib, MessagePack, numpy and spaCy raise for the bytes of another file or a damaged one.
_DAMAGE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    MemoryError,
    zlib.error,
)
_RUN = re.compile(r"\s+|\S+")


def from_doc(
    doc: Doc, *, entities: str = "ner", category: str = "category", repairs: Repairs | None = None
) -> Document:
    """Turn a spaCy Doc into a document with its text, its words and what is annotated in it.

    Entities are spans in the layer `entities`. Where they are missing for some words (`ENT_IOB` 0,
    which is not "no entity"), they are tags there, in BIO, None where missing. A span group is a
    layer of its name, with the scores in its `attrs["scores"]`, if any. White space at the ends of
    a span is left out. What is not annotated has no layer.

    Args:
        doc: The Doc.
        entities: The name of the layer of entities.
        category: The name of the layer of `Doc.cats`.
        repairs: Counts spans of white space alone, which are left out; without it they are an
            error.

    Returns:
        The document.

    Raises:
        DataError: A span group has the name of the entities' layer, or, without `repairs`, a span
            is white space alone.
    """
    # Not `Token.is_space`: that is always false where the vocabulary came without a language.
    is_word = [not token.text.isspace() for token in doc]
    words = list(compress(doc, is_word))
    before = list(accumulate(is_word, initial=0))
    if entities in doc.spans:
        raise DataError(
            f"Entities and a span group would both be layer {entities!r}. Pass another name as "
            "`entities`."
        )

    def fit(spans: Iterable[DocSpan], scores: Sequence[float] = ()) -> Spans:
        ends = [(before[span.start], before[span.end], span.label_) for span in spans]
        kept = [number for number, (start, end, _) in enumerate(ends) if start < end]
        lost = len(ends) - len(kept)
        if lost and repairs is None:
            raise DataError(
                f"Expected spans of words, got {lost} of white space alone. Correct them, or pass "
                "`repairs` to leave them out and count them."
            )
        if repairs is not None:
            repairs.lost += lost
        if not scores:
            return Spans(tuple(sorted(Span(*ends[number]) for number in kept)))
        return Spans.of(sorted((Span(*ends[number]), scores[number]) for number in kept))

    tags = {}
    upos = [word.pos_ for word in words]
    xpos = [word.tag_ for word in words]
    for name, labels in ((_UPOS, upos), (_XPOS, xpos)):
        if any(labels) or not words:
            tags[name] = Tags(tuple(label or None for label in labels))
    layers = {name: fit(group, _scores(group)) for name, group in doc.spans.items()}
    known = [bool(word.ent_iob) for word in words]
    if any(known) or not words:
        fitted = fit(doc.ents)
        if all(known):
            layers[entities] = fitted
        else:
            written = spans_to_tags(fitted.spans, len(words), Scheme.BIO)
            tags[entities] = Tags(
                tuple(tag if known else None for tag, known in zip(written, known, strict=True))
            )
    starts = (
        [before[sentence.start] for sentence in doc.sents]
        if doc.has_annotation("SENT_START")
        else []
    )
    offsets = [(word.idx, word.idx + len(word)) for word in words]
    return Document(
        doc.text,
        tuple(offsets),
        tags=tags,
        spans=layers,
        categories={category: dict(doc.cats)} if doc.cats else {},
        sentences=tuple(sorted({start for start in starts if start < len(words)})),
        trees={TREE: _trees(words, is_word, before)} if doc.has_annotation("DEP") else {},
    )


def _trees(words: Sequence[Token], is_word: Sequence[bool], before: Sequence[int]) -> Trees:
    """The trees of words; a word whose head is white space is a root, and one without a relation
    has no known head.
    """
    heads: list[int | None] = []
    for number, word in enumerate(words):
        head = word.head.i
        if not word.dep:
            heads.append(None)
        else:
            heads.append(before[head] if is_word[head] else number)
    return Trees(tuple(heads), tuple(word.dep_ or None for word in words))


def _scores(group: SpanGroup) -> Sequence[float]:
    """The probabilities of a group's spans; none where there is not one for each."""
    scores = [float(score) for score in group.attrs.get("scores", ())]
    return scores if len(scores) == len(group) else []


def to_doc(
    document: Document, vocab: Vocab, *, entities: str = "ner", category: str = "category"
) -> Doc:
    """Turn a document into a spaCy Doc with its text and layers; the inverse of `from_doc`.

    White space between words becomes tokens of its own, except single spaces. A Doc has no place
    for the scores of tags and entities: those are left out.

    Args:
        document: The document.
        vocab: The vocabulary of the pipeline.
        entities: The name of the layer of entities.
        category: The name of the layer of `Doc.cats`.

    Returns:
        The Doc; nothing is annotated where a layer is missing.

    Raises:
        DataError: A Doc has no place for a layer, spaCy has no such `upos`, or entities overlap.
    """
    check_type("document", document, Document, "a Document")
    check_type("vocab", vocab, Vocab, "the vocabulary of a pipeline, nlp.vocab")
    for kind, names, known in (
        ("tags", document.tags, (_UPOS, _XPOS, _FEATS, LEMMA, SENTENCE, entities)),
        ("categories", document.categories, (category,)),
        ("trees", document.trees, (TREE,)),
    ):
        foreign = sorted(set(names) - set(known))
        if foreign:
            raise DataError(
                f"A Doc has no place for {kind} {foreign[0]!r}. It has one for {', '.join(known)}."
            )
    if entities in document.tags and entities in document.spans:
        raise DataError(
            f"Entities are in a layer {entities!r} of tags and in one of spans. Leave one of "
            "them out."
        )
    upos, xpos, feats, named = (
        _labels(document, name) for name in (_UPOS, _XPOS, _FEATS, entities)
    )
    if not set(filter(None, upos)) <= IDS.keys():
        raise DataError(
            f"Layer {_UPOS!r} has a tag that spaCy does not. It has "
            f"{', '.join(sorted(filter(None, IDS)))}."
        )
    if entities in document.spans:
        named = list(spans_to_tags(document.spans[entities].spans, len(document), Scheme.BIO))
    if any(tag is not None and split_tag(tag)[0] not in ("B", "I", OUTSIDE) for tag in named):
        raise DataError(
            f"Layer {entities!r} of tags is not BIO, which entities are written in. Convert it."
        )

    pieces, spaces, positions = _tokens(document)

    def spread(labels: Sequence[str | None]) -> list[str] | None:
        """The labels of words at the words' tokens, nothing at the others; None where no word has
        one.
        """
        by_place = dict(zip(positions, labels, strict=False))
        return [by_place.get(token) or "" for token in range(len(pieces))] if labels else None

    heads, deps = _arcs(document, positions, len(pieces))
    # With trees, spaCy finds the starts of sentences itself.
    starts = (
        {positions[word] if number else 0 for number, word in enumerate(document.sentences)}
        if not heads
        else set()
    )
    doc = Doc(
        vocab,
        words=pieces,
        spaces=spaces,
        pos=spread(upos),
        tags=spread(xpos),
        morphs=spread(feats),
        lemmas=spread(document.lemmas if LEMMA in document.tags else []),
        heads=heads or None,
        deps=deps or None,
        ents=_entities(named, positions, len(pieces)) if named else None,
        # White space before the first sentence is part of it: in spaCy the first token always
        # begins one.
        sent_starts=[token in starts for token in range(len(pieces))] if starts else None,
    )
    for name, layer in document.spans.items():
        if name != entities:
            spans = [
                DocSpan(doc, positions[at.start], positions[at.end - 1] + 1, at.label)
                for at in layer.spans
            ]
            attributes = {"scores": list(layer.scores)} if layer.scores else {}
            doc.spans[name] = SpanGroup(doc, name=name, attrs=attributes, spans=spans)
    doc.cats = dict(document.categories.get(category, {}))
    return doc


WHITE_SPACE_RELATION = "dep"
"""spaCy's relation of white space, whose head is the word before it."""


def _arcs(document: Document, positions: Sequence[int], tokens: int) -> tuple[list[int], list[str]]:
    """The head and the relation of each token; nothing without trees. A word of unknown head has no
    relation.
    """
    trees = document.trees.get(TREE)
    if trees is None:
        return [], []
    heads = [0] * tokens
    deps = [WHITE_SPACE_RELATION] * tokens
    words = dict(zip(positions, range(len(positions)), strict=True))
    for token in range(tokens):
        word = words.get(token)
        if word is None:
            # White space at the beginning belongs to the first word.
            heads[token] = token - 1 if token else positions[0] if positions else token
            continue
        head = trees.heads[word]
        heads[token] = token if head is None else positions[head]
        deps[token] = "" if head is None else trees.relations[word] or ""
    return heads, deps


def _labels(document: Document, name: str) -> list[str | None]:
    return list(document.tags[name].labels) if name in document.tags else []


def _entities(tags: Sequence[str | None], positions: Sequence[int], tokens: int) -> list[str]:
    """The tags of tokens; white space between the words of an entity belongs to it."""
    spread = [OUTSIDE] * tokens
    after = 0
    previous = OUTSIDE
    for tag, position in zip((tag or "" for tag in tags), positions, strict=True):
        if not tag or (tag.startswith("I-") and tag[1:] == previous[1:]):
            spread[after:position] = [tag] * (position - after)
        spread[position] = tag
        after = position + 1
        previous = tag
    return spread


def _tokens(document: Document) -> tuple[list[str], list[bool], list[int]]:
    """The tokens, whether a space follows each, and which of them are the words."""
    pieces: list[str] = []
    spaces: list[bool] = []
    positions: list[int] = []
    end = 0
    for start, after in (*document.offsets, (len(document.text), len(document.text))):
        gap = document.text[end:start]
        if pieces and gap.startswith(" "):
            spaces[-1] = True
            gap = gap[1:]
        between = _RUN.findall(gap)
        pieces.extend(between)
        spaces.extend([False] * len(between))
        if start < after:
            positions.append(len(pieces))
            pieces.append(document.text[start:after])
            spaces.append(False)
        end = after
    return pieces, spaces, positions


def read_docbin(path: Path, options: ReadOptions) -> Iterator[Document]:
    """Read the documents of a `.spacy` file one at a time; the packed file is in memory as a whole.

    Args:
        path: The file; gzip is unpacked.
        options: `layer` is the name of the layer of entities; `labels` are those that entities may
            have.

    Yields:
        Each Doc as `from_doc` turns it into a document.

    Raises:
        DataError: The file is not a DocBin, or `from_doc` refuses a Doc. The message names the
            document, from 0.
    """
    entities = options.layer or "ner"
    for number, doc in enumerate(read_docs(path, Vocab())):
        where = f"{path}, document {number}"
        try:
            document = from_doc(
                doc, entities=entities, repairs=None if options.strict else options.repairs
            )
        except DataError as error:
            raise DataError(f"{where}: {error}") from error
        except _DAMAGE as error:
            raise _damaged(path, number, error) from error
        for entity in doc.ents:
            check_label(entity.label_, options.labels, where)
        yield document


def _damaged(path: Path | str, number: int, error: Exception) -> DataError:
    return DataError(
        f"{path}, document {number}: is damaged ({type(error).__name__}). Write or copy the "
        "file again."
    )


def read_docs(path: Path | str, vocab: Vocab) -> Iterator[Doc]:
    """Read the Docs of a `.spacy` file one at a time, with all their annotation.

    Args:
        path: The file; gzip is unpacked.
        vocab: The vocabulary for the Docs.

    Yields:
        The Docs.

    Raises:
        DataError: The file is missing or not a DocBin.
    """
    path = Path(path)
    try:
        with ExitStack() as stack:
            packed = DocBin().from_bytes(open_unpacked(path, stack).read())
    except DataError as error:
        raise DataError(f"{path}: {error}") from None
    except OSError as error:
        raise DataError(
            f"{path}: cannot be read ({error.strerror}). Pass a .spacy file."
        ) from error
    except _DAMAGE as error:
        raise DataError(
            f"{path}: is not a DocBin. Pass a .spacy file that spaCy or `write_docbin` wrote."
        ) from error
    number = 0
    try:
        for doc in packed.get_docs(vocab):
            yield doc
            number += 1
    except _DAMAGE as error:
        raise _damaged(path, number, error) from error


def write_docbin(
    documents: Iterable[Document], path: Path | str, *, vocab: Vocab | None = None
) -> None:
    """Write documents to a `.spacy` file, which `spacy train` reads too; their layer `ner` is the
    entities.

    Args:
        documents: The documents.
        path: The file; an earlier one is replaced.
        vocab: The vocabulary for the Docs; None for a new one.

    Raises:
        DataError: `to_doc` refuses a document. The message names it, from 0.
        OptionError: The path is a folder or a link.
    """
    with open_output(Path(path)) as file:
        file.write(packed(documents, vocab, entities="ner"))


def packed(
    documents: Iterable[Document], vocab: Vocab | None = None, *, entities: str | None = None
) -> bytes:
    """Pack documents as `write_docbin` writes them.

    Args:
        documents: The documents.
        vocab: The vocabulary for the Docs; None for a new one.
        entities: The name of the layer of entities; None for the first layer of spans.

    Returns:
        The content of a `.spacy` file.

    Raises:
        DataError: `to_doc` refuses a document. The message names it, from 0.
    """
    vocab = Vocab() if vocab is None else vocab
    docs = DocBin()
    for number, document in enumerate(documents):
        try:
            docs.add(
                to_doc(document, vocab, entities=entities or next(iter(document.spans), "ner"))
            )
        except DataError as error:
            raise DataError(f"Document {number}: {error}") from error
    return bytes(docs.to_bytes())


def characters_of(group: SpanGroup) -> list[CharacterSpan]:
    """Return where in the text the spans of a group are, whatever became of the tokens since it was
    written.

    A pipe that merges or splits tokens leaves to groups the numbers that tokens had before: spaCy
    then gives spans of other tokens, or an `IndexError`.

    Args:
        group: The span group.

    Returns:
        The spans of characters, in the order of the group, without scores.
    """
    strings = group.doc.vocab.strings
    return [
        CharacterSpan(span.start_char, span.end_char, strings[span.label])
        for span in _stored(group)
    ]


def scored_characters(group: SpanGroup) -> list[CharacterSpan]:
    """Give the findings of a group, as exactly as they are known.

    Args:
        group: A group of a Doc's spans.

    Returns:
        The findings of `exact_characters`, or else `characters_of` the group with their
        probabilities; without, if the group does not have one for each.
    """
    exact = exact_characters(group)
    if exact is not None:
        return [member for members in exact for member in members]
    scores: Sequence[float | None] = _scores(group) or [None] * len(group)
    return [
        replace(span, score=score) for span, score in zip(characters_of(group), scores, strict=True)
    ]


EXACT = "characters"
"""The attribute of a span group that holds the findings in each span:
`[start, end, label, score, source]` each.
"""


def exact_characters(group: SpanGroup) -> list[tuple[CharacterSpan, ...]] | None:
    """Read the exact characters of a group's findings, which are often fewer than those of the
    tokens they lie in.

    Args:
        group: A group of a Doc's spans.

    Returns:
        For each span its findings, with probabilities; None where they are not known, also because
        another component has changed the group since.
    """
    written = group.attrs.get(EXACT)
    spans = characters_of(group)
    if not isinstance(written, list) or len(written) != len(spans):
        return None
    scores: Sequence[float] = _scores(group) or [1.0] * len(spans)
    exact = []
    for span, score, members in zip(spans, scores, written, strict=True):
        # Docs that were saved without sources have four parts.
        findings = tuple(
            CharacterSpan(start, end, label, float(sure), *source)
            for start, end, label, sure, *source in members
        )
        if not all(span.start <= finding.start < finding.end <= span.end for finding in findings):
            return None
        exact.append(findings or (replace(span, score=score),))
    return exact


def spans_of(group: SpanGroup) -> list[DocSpan]:
    """Return the spans of a group on the tokens of today, each of which covers whole tokens.

    Args:
        group: The span group.

    Returns:
        The tokens that are now where `characters_of` says, merged ones whole; spans without any
        token are left out.
    """
    spans = (
        group.doc.char_span(
            span.start_char,
            span.end_char,
            span.label,
            span.kb_id,
            alignment_mode="expand",
            span_id=span.id,
        )
        for span in _stored(group)
    )
    return [span for span in spans if span]


class _StoredSpan(NamedTuple):
    """A span as spaCy's files have it."""

    id: int
    kb_id: int
    label: int
    start: int
    end: int
    start_char: int
    end_char: int


_LAYOUT = struct.Struct(">QQQllll")


def _stored(group: SpanGroup) -> list[_StoredSpan]:
    try:
        # A span knows the characters that it was made of, whatever became of the tokens.
        return [_StoredSpan(*_numbers(span)) for span in group]
    except IndexError:
        # Tokens were merged, and spaCy gives no span of tokens that the Doc no longer has. Its
        # files have it; packing takes hundreds of times as long.
        return [
            _StoredSpan(*_LAYOUT.unpack(span))
            for span in srsly.msgpack_loads(group.to_bytes())["spans"]
        ]


def _numbers(span: DocSpan) -> tuple[int, int, int, int, int, int, int]:
    return span.id, span.kb_id, span.label, span.start, span.end, span.start_char, span.end_char
