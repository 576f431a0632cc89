"""The picture of the packages is what the imports say, and every arrow in it points down."""

import runpy

import pytest
import torch

from seqlabel import LanguageModel, human_numbers
from seqlabel.lesson.counting_configs import human_numbers_config
from tests.pages import ROOT
from tests.test_architecture import PACKAGES


@pytest.fixture(scope="module")
def script():
    return runpy.run_path(str(ROOT / "docs" / "tools" / "draw_architecture.py"))


def test_the_picture_is_up_to_date(script):
    drawn = script["drawn"](script["packages"]())
    assert drawn == (ROOT / "docs" / "images" / "architecture.svg").read_text(encoding="utf-8"), (
        "the imports have changed; run: python docs/tools/draw_architecture.py"
    )


def test_the_picture_of_heads_is_the_scripts():
    drawn = runpy.run_path(str(ROOT / "docs" / "tools" / "draw_heads.py"))["drawn"]()
    assert drawn == (ROOT / "docs" / "images" / "heads.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["pointer", "attention"])
def test_the_pictures_of_the_pointer_have_no_invented_number(name):
    picture = (ROOT / "docs" / "images" / f"{name}.svg").read_text(encoding="utf-8")
    assert "nvented" not in picture
    assert "eight" in picture
    assert "draw_pointer.py" in (ROOT / "docs" / "ladder.md").read_text(encoding="utf-8")


@pytest.fixture
def units(monkeypatch):
    pytest.importorskip("matplotlib", reason="needs seqlabel-rnn[plots]")
    monkeypatch.syspath_prepend(str(ROOT / "docs" / "tools"))
    return runpy.run_path(str(ROOT / "docs" / "tools" / "draw_units.py"))


def test_the_picture_of_units_shows_the_words_that_the_script_reads(units):
    picture = (ROOT / "docs" / "images" / "units.svg").read_text(encoding="utf-8")
    words = [word for number in units["SHOWN"] for word in human_numbers.number_words(number)]
    assert [picture.count(f">{word}<") for word in words] == [words.count(word) for word in words]
    assert all(f">{fact}<" in picture for fact in units["FACTS"])
    assert "draw_units.py" in (ROOT / "docs" / "ladder.md").read_text(encoding="utf-8")


def test_a_unit_that_is_a_fact_follows_from_it_alone(units):
    numbers = range(1001, 1400)
    known = units["facts"](numbers)
    assert {len(values) for values in known.values()} == {len(units["text"](numbers))}
    hundreds = torch.tensor(known["hundreds digit"], dtype=torch.float32)
    noise = torch.randn(len(hundreds), generator=torch.Generator().manual_seed(0))
    hidden = torch.stack([noise, 1 - 2 * hundreds, noise + hundreds], dim=1)
    shares = units["explained"](hidden, known["hundreds digit"])
    assert shares[0] < 0.02
    assert shares[1] == pytest.approx(1)
    assert 0.3 < shares[2] < 0.9
    found = {(fact, unit) for fact, unit, _ in units["keepers"](hidden, known)}
    assert {("hundreds digit", 1), ("hundreds digit", 2)} <= found


def test_activations_are_those_of_the_first_layer(units):
    vocabulary = human_numbers.vocabulary()
    model = LanguageModel(human_numbers_config(len(vocabulary)), vocabulary)
    words = units["text"]([4523])
    ids = torch.as_tensor(vocabulary.encode(words)).long()[None]
    encoder = model.module.eval().encoder
    (gru,) = encoder.forward_encoder.stacks
    with torch.no_grad():
        hidden = units["activations"](model, words)
        _, last = gru(encoder.embedder(ids))
    assert torch.allclose(hidden[-1], last[0, 0], atol=1e-6)


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


def test_the_page_names_every_package_and_the_rooms_inside(script):
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = [
        path.parent.relative_to(script["LIBRARY"]).as_posix()
        for path in script["LIBRARY"].rglob("__init__.py")
    ]
    named = [name for name in (*rooms, *script["BASE"]) if name != "."]
    assert [name for name in named if f"`{name}`" not in page] == []


def test_the_picture_of_rates_marks_a_third_of_the_rate_with_the_lowest_loss(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib", reason="needs seqlabel-rnn[plots]")
    monkeypatch.syspath_prepend(str(ROOT / "docs"))
    script = runpy.run_path(str(ROOT / "docs" / "tools" / "draw_rates.py"))
    script["draw"]((1e-3, 3e-2, 1e-1), [3.0, 1.0, 2.0], tmp_path / "rates.svg")
    for picture in (tmp_path / "rates.svg", script["PICTURE"]):
        assert ">taken: 1e-02<" in picture.read_text(encoding="utf-8")
    assert "draw_rates.py" in (ROOT / "docs" / "training.md").read_text(encoding="utf-8")
