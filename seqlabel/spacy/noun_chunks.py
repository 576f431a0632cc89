"""Noun chunks of trees with universal relations, which spaCy's own iterators of most languages do
not know.

`Doc.noun_chunks` finds the iterator by its vocabulary; nothing is predicted here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spacy.errors import Errors
from spacy.tokens import Doc, Span, Token
from spacy.vocab import Vocab

Chunk = tuple[int, int, int]
"""The first token of a chunk, the one after its last, and the key of the label `NP`."""
Chunks = Callable[[Doc | Span], Iterator[Chunk]]

_NOUNS = ("NOUN", "PROPN", "PRON")
_PHRASES = frozenset(
    (
        "appos",
        "dislocated",
        "iobj",
        "list",
        "nmod",
        "nsubj",
        "obj",
        "obl",
        "orphan",
        "parataxis",
        "root",
        "vocative",
    )
)
"""Universal relations of words that may be heads of a noun chunk."""
_LEFT = frozenset(("amod", "compound", "det", "flat", "nmod", "nummod"))
"""Universal relations of what is before a noun and belongs to its chunk; of `nmod` only possessors
(`nmod:poss`).
"""
_RIGHT = frozenset(("compound", "fixed", "flat", "goeswith"))
_OTHER_SCHEMES = frozenset(
    (
        "acomp",
        "agent",
        "attr",
        "auxpass",
        "dative",
        "dobj",
        "npadvmod",
        "nsubjpass",
        "oprd",
        "pcomp",
        "pobj",
        "poss",
    )
) | {"prep", "quantmod", "relcl", "sb", "nk"}
"""Relations of spaCy's own English and German parsers that are not universal ones."""


def use_universal_noun_chunks(vocab: Vocab) -> None:
    """Let `Doc.noun_chunks` read universal relations too, in all Docs of a vocabulary.

    Args:
        vocab: The vocabulary; its own iterator, if it has one, still reads trees with the relations
            of its language.
    """
    untyped: Any = vocab
    if not isinstance(untyped.get_noun_chunks, NounChunks):
        untyped.get_noun_chunks = NounChunks(untyped.get_noun_chunks)


@dataclass(frozen=True)
class NounChunks:
    """Finds the noun chunks of Docs by their relations.

    Args:
        own: The iterator of the language, for relations of other schemes; None for none.
    """

    own: Chunks | None

    def __call__(self, doclike: Doc | Span) -> Iterator[Chunk]:
        """Find noun chunks.

        Args:
            doclike: A Doc or a span of one.

        Yields:
            The chunks in order; none of them overlaps another.

        Raises:
            ValueError: The Doc has no tree, as spaCy's own iterators do.
        """
        if not doclike.doc.has_annotation("DEP"):
            raise ValueError(Errors.E029)
        relations = {token.dep_ for token in doclike}
        if self.own is not None and relations & _OTHER_SCHEMES:
            yield from self.own(doclike)
        else:
            yield from universal_noun_chunks(doclike)


def universal_noun_chunks(doclike: Doc | Span) -> Iterator[Chunk]:
    """Find the noun chunks of a tree with universal relations.

    A chunk is a noun, proper noun or pronoun that is an argument, a modifier after a preposition,
    or a root, with its determiners, adjectives, numerals, possessors and compounds before it, and
    the rest of a name after it. Prepositions (`case`) and clauses are left out.

    Args:
        doclike: A Doc or a span of one.

    Yields:
        The chunks in order; none of them overlaps another.
    """
    label = doclike.doc.vocab.strings.add("NP")
    end_before = -1
    for word in doclike:
        if word.pos_ not in _NOUNS or word.i < end_before or not _heads_a_phrase(word):
            continue
        start = max(_start_of(word), end_before, 0)
        end = _end_of(word)
        yield start, end, label
        end_before = end


def _universal(word: Token) -> str:
    return word.dep_.lower().partition(":")[0]


def _heads_a_phrase(word: Token) -> bool:
    # A possessor is part of the chunk of what it possesses.
    if word.dep_ == "nmod:poss":
        return False
    while _universal(word) == "conj" and word.head.i < word.i:
        word = word.head
    return _universal(word) in _PHRASES


def _start_of(word: Token) -> int:
    """The first token of the chunk: from the noun to the left as long as what is there belongs to
    it.
    """
    start = word.i
    for child in reversed(list(word.lefts)):
        belongs = _universal(child) in _LEFT and (
            _universal(child) != "nmod" or child.dep_ == "nmod:poss"
        )
        if not belongs or child.right_edge.i != start - 1:
            break
        start = child.left_edge.i
    return start


def _end_of(word: Token) -> int:
    """The token after the chunk."""
    end = word.i + 1
    for child in word.rights:
        if _universal(child) not in _RIGHT or child.left_edge.i != end:
            break
        end = child.right_edge.i + 1
    return end
