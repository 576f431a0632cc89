"""The picture of the packages is what the imports say, and every arrow in it points down."""

import runpy

import pytest

from tests.pages import ROOT
from tests.test_architecture import PACKAGES


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "docs" / "draw_architecture.py"))


def test_the_picture_is_up_to_date(script):
    drawn = script["drawn"](script["packages"]())
    assert drawn == (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8"), (
        "the imports have changed; run: python docs/draw_architecture.py"
    )


def test_the_picture_of_heads_is_the_scripts():
    drawn = runpy.run_path(str(ROOT / "docs" / "draw_heads.py"))["drawn"]()
    assert drawn == (ROOT / "docs" / "images" / "heads.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["pointer", "attention"])
def test_the_pictures_of_the_pointer_have_no_invented_number(name):
    picture = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    assert "nvented" not in picture
    assert "eight" in picture
    assert "draw_pointer.py" in (ROOT / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_every_package_is_in_it_and_arrows_point_down(script):
    found = script["packages"]()
    assert found.keys() <= set(PACKAGES)
    order = [one.name for one in script["ordered"](found)]
    for name, package in found.items():
        assert all(order.index(name) < order.index(other) for other in package.imports), name


def test_reached_follows_imports_to_the_end(script):
    package = script["Package"]
    found = {
        "a": package("a", frozenset("b"), False),
        "b": package("b", frozenset("c"), True),
        "c": package("c", frozenset(), False),
    }
    assert script["reached"]("a", found) == {"b", "c"}
    assert [one.name for one in script["ordered"](found)] == ["a", "b", "c"]


def test_the_page_names_every_package(script):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name in script["packages"]() if f"`{name}`" not in page] == []
