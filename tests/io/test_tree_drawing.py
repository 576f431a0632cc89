"""Drawings of trees: every arc is there once, lines fit the terminal, and texts are escaped."""

import random
from xml.etree import ElementTree

from seqlabel.io.tree_drawing import tree_lines, tree_svg

WORDS = ["The", "old", "cat", "of", "my", "aunt", "saw", "Ann", "yesterday", "."]
HEADS = [2, 2, 6, 5, 5, 2, 6, 6, 6, 6]
RELATIONS = ["det", "amod", "nsubj", "case", "nmod:poss", "nmod", "root", "obj", "obl", "punct"]


def test_every_word_has_its_line_and_every_word_but_the_root_an_arrow():
    lines = tree_lines(WORDS, HEADS, RELATIONS)
    assert [line.split()[-2:] for line in lines] == [
        list(pair) for pair in zip(WORDS, RELATIONS, strict=True)
    ]
    assert ["►" in line for line in lines] == [head != word for word, head in enumerate(HEADS)]


def test_no_line_is_wider_than_the_terminal():
    chance = random.Random(0)
    words = ["w" * chance.randint(1, 200) for _ in range(60)]
    heads = [chance.choice([None, *range(60)]) for _ in words]
    assert max(map(len, tree_lines(words, heads, [None] * 60))) <= 80
    assert tree_lines([], [], []) == []


def test_a_picture_has_the_words_and_an_arc_for_each_head():
    picture = ElementTree.fromstring(
        tree_svg(["<b>", "&", "c"], [1, 1, None], ["x<y", "root", None])
    )
    texts = [node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["<b>", "&", "c", "root", "x<y"]
    # A line and the point of its arrow.
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}path"))) == 2
