"""`seqlabel package`: a wheel of what `train` wrote, with its card, and the lines that install and
load it.
"""

import json
import shutil
import zipfile
from pathlib import Path

import pytest

from seqlabel import Labeler
from tests.test_wheel import environment_with_only
from tests.test_wheel import run as run_outside

pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")


def test_a_trained_labeler_is_packaged_with_its_card(run, labeler, tmp_path, monkeypatch):
    monkeypatch.chdir(labeler.parent)
    done = run(f"package {labeler.name} --name trips --output {tmp_path}")
    assert done.exit_code == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert done.stdout.splitlines()[0] == str(wheel)
    assert 'spacy.load("en_trips")' in done.stdout
    with zipfile.ZipFile(wheel) as archive:
        (card,) = (
            archive.read(name).decode() for name in archive.namelist() if name.endswith("README.md")
        )
    assert "| PER | 32 |" in card
    assert "Labeler.load" not in card
    assert str(labeler.parent) not in card
    assert "| licence | not said |" in card


def test_the_licence_is_that_of_the_models_card(run, labeler, tmp_path):
    shutil.copytree(labeler, tmp_path / "trips")
    path = tmp_path / "trips" / "README.md"
    path.write_text(path.read_text().replace("---\n", "---\nlicense: cc-by-4.0\n", 1))
    assert run(f"package {tmp_path}/trips --output {tmp_path}/wheels").exit_code == 0
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        (meta,) = (
            json.loads(archive.read(name))
            for name in archive.namelist()
            if name.endswith("trips/meta.json")
        )
    assert meta["license"] == "CC-BY-4.0"


def test_a_model_without_a_licence_is_packaged_with_a_warning(run, labeler, tmp_path):
    done = run(f"package {labeler}/model --output {tmp_path}")
    assert "its licence is not known" in done.stderr
    (wheel,) = tmp_path.glob("en_labeler-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if "LICENSE" in name]
        assert any(
            "| PER | 32 |" in archive.read(name).decode()
            for name in archive.namelist()
            if "README" in name
        )


def test_a_name_that_does_not_fit_is_said(run, labeler, tmp_path):
    done = run(f"package {labeler}", "--name", "my trips", "--output", tmp_path)
    assert done.exit_code == 2
    assert "name: " in done.stderr


@pytest.mark.slow
def test_a_new_environment_that_sees_only_a_folder_of_wheels_installs_the_package(
    run, labeler, tmp_path
):
    done = run(f"package {labeler} --name trips --output {tmp_path}/packages --quiet")
    assert done.exit_code == 0, done.stderr
    python = environment_with_only(done.stdout.strip(), tmp_path)
    code = """
import seqlabel, spacy
print(seqlabel.__file__)
print([(one.start, one.end, one.label_) for one in spacy.load("en_trips")("Ann visited Oslo .").ents])
"""  # noqa: E501
    where, entities = run_outside(python, "-c", code, cwd=tmp_path).stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path / "environment")
    (document,) = Labeler.load(labeler / "model")(["Ann visited Oslo ."])
    spans = document.spans["ner"].spans
    assert spans
    assert entities == str([(span.start, span.end, span.label) for span in spans])
