"""A pipeline that is saved names the licence of the models in it, unless its metadata name another
one.
"""

import shutil

import pytest
import spacy
import srsly
from spacy.training import Example

from seqlabel.models.folders import PRETRAINED
from seqlabel.reports.metadata import front_matter
from seqlabel.spacy.licenses import fill_license
from tests.extras import needs_pii


def saved_license(nlp, folder):
    nlp.to_disk(folder)
    return srsly.read_json(folder / "meta.json")["license"]


@pytest.fixture
def own(tmp_path):
    shutil.copytree(PRETRAINED / "en_pos_fast", tmp_path / "own")
    (tmp_path / "own" / "README.md").write_text(
        front_matter({"library_name": "seqlabel", "license": "mit"}) + "\n"
    )
    return str(tmp_path / "own")


def test_a_saved_pipeline_has_the_licence_of_its_model(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_pos_fast"})
    assert saved_license(nlp, tmp_path / "p") == "CC-BY-SA-4.0"
    again = spacy.load(tmp_path / "p")
    assert saved_license(again, tmp_path / "q") == "CC-BY-SA-4.0"


@needs_pii
def test_private_data_too(tmp_path):
    nlp = spacy.blank("en")
    nlp.add_pipe("private_finder")
    assert saved_license(nlp, tmp_path / "p") == "CC-BY-SA-4.0"


def test_licences_of_several_models_are_joined(tmp_path, own):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": own})
    nlp.add_pipe("seqlabel", name="names", config={"model": "en_ner_fast"})
    nlp.add_pipe("seqlabel", name="more", config={"model": "en_pos_fast", "targets": {}})
    assert saved_license(nlp, tmp_path / "p") == "mit AND CC-BY-SA-4.0"


def test_a_licence_that_the_user_names_stays(tmp_path):
    nlp = spacy.blank("en")
    nlp.meta["license"] = "For us alone"
    nlp.add_pipe("seqlabel", config={"model": "en_pos_fast"})
    assert saved_license(nlp, tmp_path / "p") == "For us alone"


def test_a_model_without_a_licence_fills_in_nothing(tmp_path, own):
    (tmp_path / "own" / "README.md").unlink()
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": own})
    fill_license(nlp, "\0")
    assert saved_license(nlp, tmp_path / "p") == ""


@pytest.mark.parametrize(("encoder", "license"), [("en", "CC-BY-SA-4.0"), (None, "")])
def test_a_pipe_that_is_trained_has_the_licence_of_its_encoder(encoder, license):
    nlp = spacy.blank("en")
    model = {"@architectures": "seqlabel.RecurrentLabeler.v1", "encoder": encoder}
    nlp.add_pipe("seqlabel_tagger", config={"model": model})
    doc = nlp.make_doc("The cat")
    nlp.initialize(lambda: [Example.from_dict(doc, {"tags": ["DET", "NOUN"]})])
    assert nlp.meta["license"] == license
