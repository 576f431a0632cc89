"""`seqlabel export`: the files that it writes, and what it says of them."""

import json

import pytest

from seqlabel.models.export import EXPORTED_PARTS

pytest.importorskip("onnx", reason="onnx is not installed (seqlabel-rnn[export])")


def test_a_trained_labeler_is_exported(run, labeler, tmp_path):
    folder = tmp_path / "exported"
    done = run("export", labeler, "-o", folder)
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == sorted(EXPORTED_PARTS)
    assert f"python {folder / 'run.py'} < texts.txt" in done.stdout
    again = json.loads(run("export", labeler, "-o", folder, "--json").stdout)
    assert again == {"folder": str(folder), "files": {path.name: path.stat().st_size for path in folder.iterdir()}}
    assert run("export", labeler, "-o", folder, "--quiet").stdout == f"{folder}\n"


def test_a_language_model_is_refused(run, files, tmp_path):
    done = run("export", files / "encoder", "--output", tmp_path / "exported")
    assert done.exit_code == 2
    assert "labeler" in done.stderr
    assert not (tmp_path / "exported").exists()
