"""The distribution of models for other languages: its wheel holds their folders and no code; the
library finds it.
"""

import importlib.util
import json
import re
import sys
import zipfile
from email.parser import Parser

import pytest
import spacy

from seqlabel import Labeler, WordLanguageModel, names
from seqlabel.models import folders
from tests.test_wheel import PROJECT, ROOT, build, run

PACKAGE = ROOT / folders._EUROPE_PACKAGE
MODELS = sorted(path.name for path in PACKAGE.iterdir() if (path / folders.CONFIG).is_file())
FOURTEEN_MEGABYTES = 14_000_000
# The library from the checkout's copy alone, and the package of models from where its wheel was
# unpacked.
FIND = """
import json, sys
from seqlabel.models.folders import find_folder, shipped_models
json.dump([shipped_models(), *(str(find_folder(name)) for name in sys.argv[1:])], sys.stdout)
assert "seqlabel_eu" not in sys.modules
"""


def files_of(folder):
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    for needed in ("build", "setuptools"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    # First the source archive, and the wheel from that.
    return build(tmp_path_factory.mktemp("europe"), "--no-isolation", "-C--global-option=--eu")[1]


@pytest.mark.slow
def test_the_wheel_holds_the_models_and_no_code(wheel):
    assert wheel.name == f"seqlabel_eu-{PROJECT['version']}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    about = f"seqlabel_eu-{PROJECT['version']}.dist-info"
    metadata = Parser().parsestr(found[f"{about}/METADATA"].decode())
    assert {name: data for name, data in found.items() if not name.startswith(about)} == files_of(
        PACKAGE
    )
    assert (metadata["Name"], metadata["License-Expression"]) == (names.EUROPE, "CC-BY-SA-4.0")
    assert metadata.get_all("Requires-Dist") is None
    assert found[f"{about}/licenses/NOTICE"] == (ROOT / "NOTICE").read_bytes()


@pytest.mark.slow
def test_the_library_finds_the_unpacked_wheel(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "seqlabel").symlink_to(ROOT / "seqlabel")
    path = f"{tmp_path / 'library'}:{tmp_path / 'site'}"
    done = run(sys.executable, "-c", FIND, *MODELS, cwd=tmp_path, PYTHONPATH=path)
    shipped, *places = json.loads(done.stdout)
    assert set(MODELS) < set(shipped)
    assert places == [str(tmp_path / "site" / "seqlabel_eu" / name) for name in MODELS]


def test_names_and_languages_that_the_library_knows_are_those_of_the_models():
    assert set(MODELS) == set(folders.EUROPE_MODELS)
    assert set(WordLanguageModel.load("eu").config.languages) == {*folders.EUROPE_LANGUAGES, "en"}
    assert [path.parent.name for path in PACKAGE.glob(f"*/{folders.VOCABULARY}")] == ["eu"]


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("Die alte Katze schläft auf dem Sofa.", "DET ADJ NOUN VERB ADP DET NOUN PUNCT"),
        ("Den gamle mannen leser en bok.", "DET ADJ NOUN VERB DET NOUN PUNCT"),
        (
            "Stary kot, który śpi na kanapie, nie widzi się w lustrze.",
            "ADJ NOUN PUNCT DET VERB ADP NOUN PUNCT PART VERB PRON ADP NOUN PUNCT",
        ),
    ],
)
def test_the_tagger_is_not_told_the_language(text, tags):
    (document,) = Labeler.load("eu_pos")([text])
    assert " ".join(document.tags["upos"].labels) == tags


def test_the_tagger_splits_multiword_tokens_and_its_pipe_gives_a_token_the_tag_of_the_first_word():
    labeler = Labeler.load("eu_pos")
    document = labeler("Il libro della biblioteca è sul tavolo.")
    assert document.words[2:4] == ["di", "la"]
    assert document.tags["upos"].labels[2:4] == ("ADP", "DET")
    nlp = spacy.blank("it")
    nlp.add_pipe("seqlabel", config={"model": "eu_pos"})
    doc = nlp(document.text)
    assert [(token.text, token.pos_) for token in doc][2:4] == [
        ("della", "ADP"),
        ("biblioteca", "NOUN"),
    ]


def test_names_are_found_in_plain_text_with_elisions():
    texts = [
        "Anna Schmidt wohnt in Hamburg.",
        "Liisa Virtanen asuu Turussa.",
        "Hier, Anne Martin est venue de Lyon.",
    ]
    for text, document in zip(texts, Labeler.load("eu_ner")(texts), strict=True):
        assert [span.label for span in document.spans["ner"].spans] == ["PER", "LOC"], text
    assert "l'" in Labeler.load("eu_ner").tokenize("près de l'Adour").words


@pytest.mark.parametrize("name", MODELS)
def test_a_model_is_small_and_its_card_says_what_it_is_made_of(name):
    card = (PACKAGE / name / "README.md").read_text(encoding="utf-8")
    for heading in ("Data", "Licence", "Size", "Figures", "How it was made"):
        assert re.search(rf"^## {heading}$", card, flags=re.MULTILINE)
    megabytes = sum(file.stat().st_size for file in (PACKAGE / name).iterdir()) / 1e6
    assert megabytes * 1e6 <= FOURTEEN_MEGABYTES
    (said,) = re.findall(r"(\d+\.\d) MB", card)
    assert abs(float(said) - megabytes) < 0.1
