"""The language of a text is that with most of its function words."""

from seqlabel.text.languages import language_of


def test_the_language_of_words_is_that_with_most_function_words():
    assert language_of(["Der", "Hund", "ist", "nicht", "auf", "dem", "Sofa"]) == "German"
    assert language_of(["Xyz", "12"]) is None
    assert language_of(["xyz"], {"Klingon": ("xyz",)}) == "Klingon"
