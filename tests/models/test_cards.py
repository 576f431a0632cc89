"""The card of a model is found where it lies, and its licence with those of the models below it."""

import shutil

import pytest

from seqlabel.models.cards import cards_below, find_card, find_license
from seqlabel.models.folders import PRETRAINED
from seqlabel.reports.metadata import front_matter


def card_of(**metadata):
    return front_matter({"library_name": "seqlabel", **metadata}) + "\n\n# A model\n"


@pytest.fixture
def trained(tmp_path):
    shutil.copytree(PRETRAINED / "en_pos_fast", tmp_path / "out" / "model")
    (tmp_path / "out" / "model" / "README.md").unlink()
    return tmp_path / "out"


def test_the_card_lies_in_the_folder_or_above_it(trained):
    assert find_card("en") == (PRETRAINED / "en" / "README.md").read_text(encoding="utf-8")
    assert find_card(trained) == find_license(trained) == ""
    (trained / "README.md").write_text("# Several models\n")
    assert find_card(trained) == ""
    (trained / "README.md").write_text(card_of(license="mit"))
    assert find_card(trained) == find_card(trained / "model") == card_of(license="mit")


def test_a_licence_is_joined_with_those_of_the_models_below(trained):
    (trained / "README.md").write_text(card_of(license="mit", base_model="en_pos_fast"))
    assert find_license(trained) == "mit AND CC-BY-SA-4.0"
    assert [
        one.partition("\n# ")[2].partition(":")[0] for one in cards_below(find_card(trained))
    ] == ["en_pos_fast", "en_small"]


def test_a_pipe_of_a_pipeline_has_the_licence_of_that(trained):
    (trained / "meta.json").write_text('{"license": "MIT"}')
    assert find_license(trained / "model") == ""
    (trained / "config.cfg").write_text("")
    assert find_license(trained / "model") == "MIT"
    (trained / "meta.json").write_text("[]")
    assert find_license(trained / "model") == ""
