"""Packages: a wheel that spaCy loads, with compact weights, a card, and no path of this machine."""

import json
import re
import subprocess
import sys
import zipfile
from email.parser import Parser

import pytest

import seqlabel
from seqlabel.errors import OptionError
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.spacy.packaging import PackageInfo, write_package

NEXT = int(seqlabel.__version__.partition(".")[0]) + 1
"""The major version that may remove what a package needs."""

pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel of `en_pos_fast`."""
    card = (
        "---\nlanguage: en\nbase_model: en_pos\n---\n\n# The tagger\n\n```python\nhere\n```\n\n"
        "## Scores\n\n```sh\n# a comment\n```\n"
    )
    about = PackageInfo("tags", "1.2.3", license="CC-BY-4.0", author="Ann Example")
    return write_package("en_pos_fast", tmp_path_factory.mktemp("packages"), about, card=card)


@pytest.mark.end_to_end
def test_it_loads_from_the_wheel_and_labels(wheel, tmp_path):
    assert re.fullmatch(r"en_tags-1\.2\.3-py3-none-any\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    code = "import en_tags; print([token.pos_ for token in en_tags.load()('It reads texts.')])"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    (document,) = Labeler.load("en_pos_fast")(["It reads texts."])
    assert done.stdout == f"{list(document.tags['upos'].labels)}\n", done.stderr


def test_it_holds_the_card_and_no_path_and_is_as_small_as_the_model(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {name.rsplit("/", 1)[-1]: archive.read(name) for name in archive.namelist()}
        assert sum(one.file_size for one in archive.infolist()) < 5_000_000
    card = files["README.md"].decode()
    assert card.startswith("---\nlibrary_name: spacy\n")
    assert "license_name: CC-BY-4.0 AND CC-BY-SA-4.0" in card
    assert "POS_ACC" not in card
    assert "## The model\n\n## The tagger" in card
    assert "### Scores\n\n```sh\n# a comment\n```" in card
    assert "here" not in card
    assert 'model = "packaged_tags"' in files["config.cfg"].decode()
    meta = json.loads(files["meta.json"])
    assert re.fullmatch(
        rf"seqlabel-rnn>={re.escape(seqlabel.__version__)},<\d+", meta["requirements"][0]
    )
    assert (meta["license"], meta["version"]) == ("CC-BY-4.0 AND CC-BY-SA-4.0", "1.2.3")
    assert not [name for name in files if name.endswith((".pkl", ".pickle"))]


def test_an_index_shows_its_card_and_it_carries_its_licences(wheel):
    with zipfile.ZipFile(wheel) as archive:
        files = {
            name.partition(".dist-info/")[2]: archive.read(name).decode("utf-8", "ignore")
            for name in archive.namelist()
        }
    metadata = Parser().parsestr(files["METADATA"])
    assert metadata["Description-Content-Type"] == "text/markdown"
    assert metadata.get_payload().strip().startswith("# en_tags")
    assert "Copyright Ann Example" in files["licenses/LICENSE"]
    assert "https://spdx.org/licenses/CC-BY-SA-4.0.html" in files["licenses/LICENSE"]
    sources = files["licenses/LICENSES_SOURCES"]
    assert sources.index("# en_pos: ") < sources.index("# en: an English encoder")
    assert metadata.get_all("Requires-Dist") == [f"seqlabel-rnn<{NEXT},>={seqlabel.__version__}"]


@pytest.mark.slow
def test_twine_has_nothing_to_say(wheel):
    pytest.importorskip("twine", reason="twine is not installed (seqlabel-rnn[dev])")
    done = subprocess.run(
        [sys.executable, "-m", "twine", "check", "--strict", wheel], capture_output=True, text=True
    )
    assert (done.returncode, "PASSED" in done.stdout) == (0, True), done.stdout


@pytest.mark.parametrize(
    "values", [("my-tags",), ("1st",), ("tägs",), ("tags", "1.0"), ("tags", "one")]
)
def test_names_and_versions_that_do_not_fit_are_refused(values):
    with pytest.raises(OptionError, match=r"(name|version): "):
        PackageInfo(*values)
