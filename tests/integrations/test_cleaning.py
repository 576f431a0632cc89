"""Whatever a value is, no private text of it is left; what fails is withheld."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.integrations.logs import PrivateFilter
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

pytestmark = needs_pii


class Person:
    def __str__(self):
        return "ann@x.org"


class Broken:
    def __str__(self):
        raise ValueError("ann@x.org")


def test_texts_inside_of_anything():
    cleaner = PrivateFilter(Mask(), finder=PrivateFinder(tiny_labeler((NOTHING,))))
    given = {"ann@x.org": ["ann@x.org", 1, (None, True)], "b": Person(), "c": {"ann@x.org"}}
    assert cleaner.value(given) == {
        "xxx@x.xxx": ["xxx@x.xxx", 1, (None, True)],
        "b": "xxx@x.xxx",
        "c": ["xxx@x.xxx"],
    }
    fields = {"db": {"password": "zebra", "name": "zebra"}}
    assert cleaner.value(fields) == {"db": {"password": "xxxxx", "name": "zebra"}}
    assert cleaner.value("zebra", "password") == cleaner.text("zebra", "password") == "xxxxx"
    assert cleaner.value(Broken()) == "<WITHHELD>"
    assert cleaner.text("") == ""


def test_what_fails_is_withheld():
    def fail(texts):
        raise RuntimeError("ann@x.org")

    class Failing:
        labels = frozenset()
        __call__ = staticmethod(fail)

    assert PrivateFilter(Mask(), finder=Failing()).text("ann@x.org") == "<WITHHELD>"
    with pytest.raises(OptionError, match="policies"):
        PrivateFilter(finder=Failing(), policies={"EMIAL": Mask()})
