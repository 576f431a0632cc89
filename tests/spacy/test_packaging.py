"""Packages: a wheel that spaCy loads, with compact weights, a card, and no path of this machine."""

import json
import re
import subprocess
import sys
import zipfile

import pytest

from seqlabel.errors import OptionError
from seqlabel.models.labeler import Labeler
from seqlabel.spacy.packaging import PackageInfo, write_package

pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of `en_pos_fast`."""
    card = "---\nlanguage: en\n---\n\n# The tagger\n\n```sh\n# a comment\n```\n\n## Scores\n"
    about = PackageInfo("tags", "1.2.3", license="CC-BY-SA-4.0")
    return write_package("en_pos_fast", tmp_path_factory.mktemp("packages"), about, card=card)


def test_it_loads_from_the_wheel_and_labels(wheel, tmp_path):
    assert re.fullmatch(r"en_tags-1\.2\.3-py3-none-any\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import en_tags; print([token.pos_ for token in en_tags.load()('It reads texts.')])"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True)
    (document,) = Labeler.load("en_pos_fast")(["It reads texts."])
    assert done.stdout == f"{list(document.tags['upos'].labels)}\n", done.stderr


def test_it_holds_the_card_and_no_path_and_is_as_small_as_the_model(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist()}
        assert sum(one.file_size for one in archive.infolist()) < 5_000_000
    card = files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: spacy\n")
    assert "license: cc-by-sa-4.0" in card
    assert "POS_ACC" not in card
    assert "## The model\n\n## The tagger" in card
    assert "# a comment\n```\n\n### Scores" in card
    assert 'model = "packaged_tags"' in files["config.cfg"].decode()
    meta = json.loads(files["meta.json"])
    assert meta["requirements"][0].startswith("seqlabel-rnn>=")
    assert (meta["license"], meta["version"]) == ("CC-BY-SA-4.0", "1.2.3")
    assert not [name for name in files if name.endswith((".pkl", ".pickle"))]


@pytest.mark.parametrize("values", [("my-tags",), ("1st",), ("tägs",), ("tags", "1.0"), ("tags", "one")])
def test_names_and_versions_that_do_not_fit_are_refused(values):
    with pytest.raises(OptionError, match=r"(name|version): Found .* Give"):
        PackageInfo(*values)
