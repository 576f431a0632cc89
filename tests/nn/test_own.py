"""Classes of your own in configs: found only where they were passed."""

from types import SimpleNamespace

import pytest

from seqlabel.errors import OptionError
from seqlabel.nn.own import OwnClassError, by_import_path, find_named, import_path


class Mine:
    """A class of one's own."""


def find(name, *own):
    return find_named(name, {"theirs": 1}, SimpleNamespace(context=by_import_path(own)), "heads")


def test_a_class_is_found_by_its_import_path_where_it_was_passed():
    name = import_path(Mine)
    assert name == f"{__name__}.Mine"
    assert find(name, Mine) is Mine
    assert find("theirs", Mine) == 1
    with pytest.raises(OwnClassError, match=r"heads=\[Mine\]"):
        find(name)
    for name in ("ours", None, 3):
        with pytest.raises(OptionError, match="'theirs'"):
            find(name)
