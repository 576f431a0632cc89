"""What `recipes/morphology.py` makes of what a transformer says; the recipe itself runs in
`test_recipes`.
"""

import sys
from pathlib import Path

import numpy as np

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.edit_scripts import KnownLemmas
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.teaching import Lesson

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from morphology import KnownScripts, corrected

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


DICTIONARY = {
    ("saw", "NN"): "saw",
    ("ran", "VBD"): "run",
    ("goes", "VBZ"): "go",
    ("swam", "VBD"): "swim",
}


def test_a_script_is_known_where_a_form_with_its_tag_has_one_lemma_in_the_treebank_or_a_dictionary():  # noqa: E501
    scripts = KnownScripts(TREEBANK, TagSet("lemma", (*LEMMA.labels, "↓;d2")), DICTIONARY)
    assert scripts.of("went", "VBD") == 2
    assert scripts.of("Goes", "VBZ") == 3
    # Two lemmas in the treebank, a script that is not learnt, one that only a dictionary has, and
    # no lemma at all.
    assert [
        scripts.of(*one) for one in (("saw", "NN"), ("ran", "VBD"), ("swam", "VBD"), ("saw", "VB"))
    ] == [None] * 4


def test_known_scripts_and_known_lemmas_replace_what_is_said_and_first_words_begin_no_sentence():
    tags = ("↓;d2", "↓;d1", "→go")
    best = np.zeros((5, 4, 4), np.uint8)
    best[1, :, 0] = 1
    best[3] = 0, 1, 1, 1
    shares = np.full((5, 4, 4), 0.25, np.float16)
    words = ["she", "went", "voted", "barred"]
    lemmas = KnownLemmas(tags, {"vote"})
    (lesson,) = corrected(
        [Lesson(words, best, shares)], XPOS, KnownScripts(TREEBANK, LEMMA, {}), lemmas
    )
    assert lesson.words == words
    assert lesson.tags[3, 1:3, 0].tolist() == [2, 1]
    assert lesson.shares[3].tolist() == [[0] * 4, [1, 0, 0, 0], [1, 0, 0, 0], [0] * 4]
    assert lesson.shares[4].tolist() == [[0] * 4, *[[0.25] * 4] * 3]
