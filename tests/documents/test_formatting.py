"""Case and marks taken off words as tags, and given back."""

import pytest

from seqlabel.documents.formatting import CASES, MARKS, formats_of, formatted, unformatted
from seqlabel.errors import OptionError


def test_formats_are_made_from_the_words_and_give_them_back():
    words = 'We , McKay ( and NATO - ) saw I ... ? 2nd " !'
    (document,) = unformatted(words.split())
    assert document.words == ["we", "mckay", "and", "nato", "saw", "i", "2nd"]
    cases = "TITLE MIXED LOWER UPPER LOWER TITLE LOWER"
    assert document.tags["case"].labels == tuple(cases.split())
    marks = "COMMA NONE NONE NONE NONE PERIOD EXCLAMATION"
    assert document.tags["mark"].labels == tuple(marks.split())
    assert formatted(document) == "We, mckay and NATO saw I. 2nd!"
    assert formats_of(document)[:2] == [("TITLE", "COMMA"), ("MIXED", "NONE")]


def test_rows_have_as_many_words_as_asked():
    assert list(unformatted([",", ".", "("])) == []
    assert [len(row) for row in unformatted(["word"] * 450)] == [200, 200, 50]
    assert [len(row) for row in unformatted(["word"] * 450, row=400)] == [400, 50]
    with pytest.raises(OptionError, match="row:"):
        list(unformatted(["word"], row=0))


def test_text_without_case_has_marks_alone():
    (lower,) = unformatted(["so", "good", "!"], has_case=False)
    assert lower.tags["case"].labels == (None, None)
    assert lower.tags["mark"].labels == ("NONE", "EXCLAMATION")


def test_all_tags_are_in_the_tag_sets():
    words = "a , B . CC ? Dd ! eE : f ; g ..."
    (document,) = unformatted(words.split())
    assert set(document.tags["case"].labels) == set(CASES.labels)
    assert set(document.tags["mark"].labels) | {"NONE"} == set(MARKS.labels)
