"""What `recipes/morphology.py` makes of what a transformer says; the recipe itself runs in `test_recipes`."""

import sys
from pathlib import Path

import numpy as np

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.edit_scripts import KnownLemmas
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.teaching import Lesson

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from morphology import corrected, known_scripts

XPOS, LEMMA = ("NN", "VBD"), TagSet("lemma", ("=", "↓", "→go"))
TREEBANK = [
    Document.from_words(
        ["went", "saw", "saw", "ran"],
        tags={
            "xpos": Tags(("VBD", "NN", "NN", "VBD")),
            "lemma": Tags(("→go", "↓", "=", "↓;d2+un")),
        },
    )
]


def test_a_script_is_known_where_a_form_with_its_tag_has_one_that_is_learnt():
    assert known_scripts(TREEBANK, LEMMA) == {("went", "VBD"): 2}


def test_known_scripts_and_known_lemmas_replace_what_is_said_and_first_words_begin_no_sentence():
    tags = TagSet("lemma", ("↓;d2", "↓;d1", "→go")).tags
    best = np.zeros((5, 4, 4), np.uint8)
    best[1, :, 0] = 1
    best[3] = 0, 1, 1, 1
    shares = np.full((5, 4, 4), 0.25, np.float16)
    words = ["she", "went", "voted", "barred"]
    lemmas = KnownLemmas(tags, {"vote"})
    (lesson,) = corrected([Lesson(words, best, shares)], XPOS, {("went", "VBD"): 2}, lemmas)
    assert lesson.words == words
    assert lesson.tags[3, 1:3, 0].tolist() == [2, 1]
    assert lesson.shares[3].tolist() == [[0] * 4, [1, 0, 0, 0], [1, 0, 0, 0], [0] * 4]
    assert lesson.shares[4].tolist() == [[0] * 4, *[[0.25] * 4] * 3]
