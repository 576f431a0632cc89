"""A package of npm, packed and installed offline in an empty folder, against Python's labels."""

import json
import shutil
import subprocess
from dataclasses import replace

import pytest

from seqlabel import Labeler, OptionError
from seqlabel.models import Arithmetic
from seqlabel.models.npm import NPM_PARTS, write_npm_package
from tests.mixed_texts import mixed_texts
from tests.spacy_models import tiny_labeler

RUN = """
import { load } from "private-values";
import { readFileSync } from "node:fs";
const labeler = await load();
const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) found.push((await labeler.label(text)).spans.pii);
console.log(JSON.stringify(found));
"""


@pytest.mark.skipif(not (shutil.which("node") and shutil.which("npm")), reason="Node.js and npm are not installed")
def test_an_installed_package_labels_as_python_does(tmp_path):
    folder = write_npm_package(tmp_path / "package", "en_pii", name="private-values")
    assert {path.name for path in folder.iterdir()} == set(NPM_PARTS)
    place = tmp_path / "project"
    place.mkdir()
    npm = shutil.which("npm")
    subprocess.run([npm, "pack", "--silent", str(folder)], cwd=place, check=True, capture_output=True, timeout=120)
    (packed,) = place.glob("*.tgz")
    command = [npm, "install", "--offline", "--no-audit", "--no-fund", f"./{packed.name}"]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=120)
    (place / "run.mjs").write_text(RUN, encoding="utf-8")
    texts = mixed_texts(40)
    done = subprocess.run(
        ["node", "run.mjs"], cwd=place, input=json.dumps(texts), capture_output=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    documents = Labeler.load("en_pii", arithmetic=Arithmetic.FLOAT32)(texts)
    expected = [[[one.start, one.end, one.label] for one in document.character_spans("pii")] for document in documents]
    assert json.loads(done.stdout) == expected


def test_a_labeler_that_no_package_can_run(tmp_path):
    labeler = tiny_labeler()
    Labeler(replace(labeler.config, language="de"), labeler.vocabulary).save(tmp_path / "tagger")
    with pytest.raises(OptionError, match="English"):
        write_npm_package(tmp_path / "package", tmp_path / "tagger")
    assert not (tmp_path / "package").exists()
