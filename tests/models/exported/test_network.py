"""The network in plain JavaScript beside the one in torch, on weights as they are saved."""

import json
import shutil
import subprocess

import pytest

from seqlabel import Document, Labeler
from seqlabel.models import Arithmetic
from seqlabel.models.export import write_parts
from tests.models.sized_labelers import build, some_rows

NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="Node.js is not installed")
SCRIPTS = ("run.mjs", "words.mjs", "judging.mjs", "network.mjs")
RUN = """
import { readFileSync } from "node:fs";
const [folder] = process.argv.slice(1);
const [{ Model }, { plain }] = await Promise.all(["run.mjs", "network.mjs"].map((name) => import(`${folder}/${name}`)));
const model = await Model.load(folder, plain, "model.safetensors");
console.log(JSON.stringify(await model.tagRows(JSON.parse(readFileSync(0, "utf8")))));
"""


def tagged_in_javascript(folder, labeler, rows, *, compact):
    """What the scripts say of rows, with the weights of a labeler that was saved."""
    labeler.save(folder / "saved", compact=compact)
    read = Labeler.load(folder / "saved", arithmetic=Arithmetic.FLOAT32)
    weights = {name: tensor.numpy() for name, tensor in read.module.state_dict().items()}
    scripts = folder / "scripts"
    scripts.mkdir()
    write_parts(scripts, read.config, read.vocabulary, weights, read.reader, scripts=SCRIPTS)
    shutil.copy(folder / "saved" / "model.safetensors", scripts)
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", RUN, str(scripts)],
        input=json.dumps(rows),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return read, json.loads(done.stdout)


@pytest.mark.parametrize(("size", "compact"), [("wide", True), ("narrow", False)])
def test_javascript_says_what_torch_says(size, compact, tmp_path):
    labeler, rows = build(size), some_rows(20)
    read, found = tagged_in_javascript(tmp_path, labeler, rows, compact=compact)
    documents = list(read.pipe(Document.from_words(row) for row in rows))
    for heads, document in zip(found, documents, strict=True):
        assert heads[0]["tags"] == list(document.tags["pos"].labels)
        assert heads[0]["probabilities"] == pytest.approx(document.tags["pos"].scores, abs=2e-3)
