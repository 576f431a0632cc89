"""Metadata of cards: YAML that reads back as it was, without what is empty; licences."""

import pytest
import srsly

from seqlabel.reports.metadata import (
    front_matter,
    license_metadata,
    license_of,
    read_metadata,
    with_metadata,
)


def test_it_reads_back():
    values = {
        "license": "cc-by-sa-4.0",
        "language": ["en"],
        "tags": ["a: b", "#c", "no"],
        "model-index": [{"name": "-"}],
    }
    written = front_matter({**values, "base_model": None, "datasets": []})
    assert written.startswith("---\n")
    assert written.endswith("\n---")
    assert srsly.yaml_loads(written.removeprefix("---\n").removesuffix("---")) == values


@pytest.mark.parametrize(
    ("license", "expected"), [("CC-BY-SA-4.0", "cc-by-sa-4.0"), ("For us alone", "For us alone")]
)
def test_a_licence_is_read_back(license, expected):
    metadata = front_matter({"library_name": "seqlabel", **license_metadata(license)})
    assert license_of(f"{metadata}\n\n# Card\n") == expected


@pytest.mark.parametrize(
    "card", ["", "# A card\n\nlicense: mit\n", "---\nlanguage: en\n---\n", "---\n---\n"]
)
def test_a_card_may_have_no_licence(card):
    assert license_of(card) == ""


@pytest.mark.parametrize(
    "card", ["# A model\n\nText.\n", "---\nlicense: mit\nbase_model: old\n---\n\n# A model\n"]
)
def test_metadata_are_set_and_the_text_stays(card):
    changed = with_metadata(card, {"base_model": "en"})
    assert read_metadata(changed) == {**read_metadata(card), "base_model": "en"}
    assert changed.endswith("\n---\n" + card.rpartition("---\n")[2])
    assert with_metadata(changed, {"base_model": "en"}) == changed
