"""Options that say how files are read are checked where they are given."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.formats.format import Layout
from seqlabel.formats.reading import no_words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"delimiter": ";;"}, "delimiter:"),
        ({"delimiter": '"'}, "delimiter:"),
        ({"encoding": "klingon"}, "encoding:"),
        ({"fields": ("a..b",)}, "Write a path as"),
    ],
)
def test_wrong_layouts(options, message):
    with pytest.raises(OptionError, match=message):
        Layout(**options)


def test_plain_text_without_words_is_refused():
    with pytest.raises(OptionError, match="tokenise:"):
        no_words("Ann")
