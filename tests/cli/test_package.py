"""`seqlabel package`: a wheel of what `train` wrote, with its card, and the lines that install and load it."""

import zipfile

import pytest

pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")


def test_a_trained_labeler_is_packaged_with_its_card(run, labeler, tmp_path):
    done = run("package", labeler, "--name", "trips", "--output", tmp_path)
    assert done.exit_code == 0, done.stderr
    (wheel,) = tmp_path.glob("*.whl")
    assert done.stdout.splitlines()[0] == str(wheel)
    assert 'spacy.load("en_trips")' in done.stdout
    with zipfile.ZipFile(wheel) as archive:
        (card,) = (archive.read(name).decode() for name in archive.namelist() if name.endswith("README.md"))
    assert "| PER | 32 |" in card


def test_a_name_that_does_not_fit_is_said(run, labeler, tmp_path):
    done = run("package", labeler, "--name", "my trips", "--output", tmp_path)
    assert done.exit_code == 2
    assert "name: Found 'my trips'. Give letters, digits and underscores, a letter first." in done.stderr
