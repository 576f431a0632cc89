"""CRFsuite's conditional random field through sklearn-crfsuite, with the usual features of a word
and its neighbours.

It is imported when it trains.
"""

from collections.abc import Iterator, Sequence

from seqlabel import Document, TagSet
from seqlabel.documents.tag_sets import annotate

AROUND = 2
"""Words on both sides whose features a word has too."""


def own_features(word: str) -> Iterator[str]:
    """The features of a word: itself, its beginning and end, and how it is written."""
    lower = word.lower()
    yield f"word={lower}"
    for length in (2, 3):
        yield f"prefix={lower[:length]}"
        yield f"suffix={lower[-length:]}"
    yield f"shape={word.isupper()},{word.istitle()},{any(map(str.isdigit, word))},{word.isalnum()}"


def features(words: Sequence[str]) -> list[list[str]]:
    """The features of each word of a sentence, with those of the words around it."""
    own = [list(own_features(word)) for word in words]
    places = [
        range(max(place - AROUND, 0), min(place + AROUND + 1, len(words)))
        for place in range(len(words))
    ]
    return [
        [f"{other - place}:{one}" for other in around for one in own[other]]
        for place, around in enumerate(places)
    ]


def by_crf_suite(
    sample: Sequence[Document], test: Sequence[Document], tags: TagSet
) -> list[Document]:
    """The test part as a CRF labels it that was trained on the sample."""
    import sklearn_crfsuite

    crf = sklearn_crfsuite.CRF(c1=0.1, c2=0.1, max_iterations=100, all_possible_transitions=True)
    encoded = [tags.encode(document) for document in sample]
    learnt = [[tags.tags[number] for number in ids] for ids in encoded if ids is not None]
    crf.fit([features(document.words) for document in sample], learnt)
    found = crf.predict([features(document.words) for document in test])
    numbers = {tag: number for number, tag in enumerate(tags.tags)}
    return [
        annotate(document, [tags], [([numbers[tag] for tag in row], [1.0] * len(row))])
        for document, row in zip(test, found, strict=True)
    ]
