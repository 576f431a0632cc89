"""`seqlabel export`: the files that it writes, and what it says of them."""

import json
from importlib.util import find_spec

import pytest

from seqlabel.models.export import EXPORTED_PARTS
from seqlabel.models.npm import NPM_PARTS

needs_onnx = pytest.mark.skipif(
    find_spec("onnx") is None, reason="onnx is not installed (seqlabel-rnn[export])"
)


@needs_onnx
def test_a_trained_labeler_is_exported(run, labeler, tmp_path):
    folder = tmp_path / "exported"
    done = run(f"export {labeler} -o {folder}")
    assert done.exit_code == 0, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == sorted(EXPORTED_PARTS)
    assert f"python {folder / 'run.py'} < texts.txt" in done.stdout
    again = json.loads(run(f"export {labeler} -o {folder} --json").stdout)
    assert again == {
        "folder": str(folder),
        "files": {path.name: path.stat().st_size for path in folder.iterdir()},
    }
    assert run(f"export {labeler} -o {folder} --quiet").stdout == f"{folder}\n"


def test_a_labeler_becomes_a_package_of_npm(run, tmp_path):
    folder = tmp_path / "package"
    done = run(f"export en_pii --to npm --name private-values -o {folder}")
    assert done.exit_code == 0, done.stderr
    assert {path.name for path in folder.iterdir()} == set(NPM_PARTS)
    assert (
        json.loads((folder / "package.json").read_text(encoding="utf-8"))["name"]
        == "private-values"
    )
    assert f"cd {folder} && npm pack" in done.stdout


def test_the_name_of_a_package_without_one(run, labeler, tmp_path):
    done = run(f"export {labeler} --name private-values -o {tmp_path}/exported")
    assert done.exit_code == 2
    assert "--name" in done.stderr
    assert not (tmp_path / "exported").exists()


@needs_onnx
def test_a_language_model_is_refused(run, files, tmp_path):
    done = run(f"export {files}/encoder --output {tmp_path}/exported")
    assert done.exit_code == 2
    assert "labeler" in done.stderr
    assert not (tmp_path / "exported").exists()
