"""Windows of documents and back, against a loop over words."""

import random
from itertools import pairwise

import pytest

from seqlabel.batches.windows import cuts_of, groups_of, labeled_words

LENGTHS = [0, 1, 5, 23, 8, 0, 3]


@pytest.mark.parametrize(("window", "context"), [(1, 0), (4, 2), (8, 0), (8, 30), (100, 5)])
def test_every_word_is_labelled_once_and_read_with_its_context(window, context):
    labeled = {(doc, word): 0 for doc, size in enumerate(LENGTHS) for word in range(size)}
    for cut in cuts_of(LENGTHS, window=window, context=context):
        for word in range(cut.start, cut.end):
            labeled[cut.doc, word] += 1
            assert cut.first == 0 or word - cut.first >= context
            assert cut.last == LENGTHS[cut.doc] or cut.last - word > context
            assert 0 <= cut.first <= word < cut.last <= LENGTHS[cut.doc]
        assert cut.end - cut.start <= window
    assert set(labeled.values()) == {1}


@pytest.mark.parametrize(("window", "context"), [(1, 0), (4, 2), (8, 30)])
def test_rows_are_cut_as_if_each_were_a_document(window, context):
    starts = [(), (), (2,), (1, 9, 20), (4,), (), ()]
    expected = []
    for doc, size in enumerate(LENGTHS):
        borders = [0, *starts[doc], size]
        for begin, end in pairwise(borders):
            for _, *places in cuts_of([end - begin], window=window, context=context):
                expected.append((doc, *(place + begin for place in places)))
    assert cuts_of(LENGTHS, window=window, context=context, rows=starts) == expected


@pytest.mark.parametrize(("words", "rows"), [(1, 1), (10, 1), (10, 3), (1000, 1)])
def test_groups_hold_every_window_and_are_no_larger_than_they_may_be(words, rows):
    cuts = cuts_of(LENGTHS, window=4, context=1)
    groups = list(groups_of(cuts, words, rows=rows))
    assert sorted(cut for group in groups for cut in group) == sorted(cuts)
    for group in groups:
        assert len(group) <= rows or sum(cut.last - cut.first for cut in group) <= words
    assert list(groups_of([], words)) == []


@pytest.mark.parametrize(("window", "context"), [(1, 0), (4, 2), (8, 30)])
def test_labelled_words_are_found_among_those_that_a_group_reads(window, context):
    cuts = cuts_of(LENGTHS, window=window, context=context)
    random.Random(0).shuffle(cuts)
    read = [(cut.doc, word) for cut in cuts for word in range(cut.first, cut.last)]
    labeled = []
    for cut, inside in labeled_words(cuts):
        expected = [(cut.doc, word) for word in range(cut.start, cut.end)]
        assert read[inside] == expected
        words = [(cut.doc, word) for word in range(LENGTHS[cut.doc])]
        assert words[cut.labeled] == words[cut.first : cut.last][cut.inside] == expected
        labeled += read[inside]
    assert sorted(labeled) == [
        (doc, word) for doc, size in enumerate(LENGTHS) for word in range(size)
    ]
