"""The network in WebAssembly and in plain JavaScript beside the one in torch, on weights as they
are saved.
"""

import json
import shutil
import subprocess

import pytest

from seqlabel import Document, Labeler
from seqlabel.models import Arithmetic
from seqlabel.models.export import write_parts
from tests.models.exported.node import needs_node, run_code
from tests.models.sized_labelers import sized_labeler, some_rows
from tests.test_architecture import FOLDER

pytestmark = needs_node
SCRIPTS = ("run.mjs", "words.mjs", "judging.mjs", "network.mjs", "steps.mjs", "simd.mjs")
SOURCES = FOLDER / "models" / "exported"
RUN = """
import { readFileSync } from "node:fs";
const [folder, way] = process.argv.slice(1);
// As a browser without SIMD, or a page whose policy refuses it.
if (way === "plain") WebAssembly.instantiate = async () => { throw new WebAssembly.CompileError("refused"); };
const { Model } = await import(`${folder}/run.mjs`);
const { runtime } = await import(`${folder}/network.mjs`);
const model = await Model.load(folder, runtime, "model.safetensors");
if (model.session.steps.name !== way) throw new Error(model.session.steps.name);
console.log(JSON.stringify(await model.tagRows(JSON.parse(readFileSync(0, "utf8")))));
"""  # noqa: E501


def tagged_in_javascript(folder, labeler, rows, *, compact, way="simd", module=None):
    """What the scripts say of rows, with the weights of a labeler that was saved."""
    labeler.save(folder / "saved", compact=compact)
    read = Labeler.load(folder / "saved", arithmetic=Arithmetic.FLOAT32)
    weights = {name: tensor.numpy() for name, tensor in read.module.state_dict().items()}
    scripts = folder / "scripts"
    scripts.mkdir(parents=True)
    write_parts(scripts, read.config, read.vocabulary, weights, read.reader, scripts=SCRIPTS)
    shutil.copy(folder / "saved" / "model.safetensors", scripts)
    if module is not None:
        shutil.copy(module, scripts)
    (line,) = run_code(RUN, scripts, way, given=json.dumps(rows))
    return read, json.loads(line)


@pytest.mark.parametrize("way", ["simd", "plain"])
@pytest.mark.parametrize(("size", "compact"), [("wide", True), ("narrow", False)])
def test_javascript_says_what_torch_says(size, compact, way, tmp_path):
    labeler, rows = sized_labeler(size), some_rows(20)
    read, found = tagged_in_javascript(tmp_path, labeler, rows, compact=compact, way=way)
    documents = list(read.pipe(Document.from_words(row) for row in rows))
    for heads, document in zip(found, documents, strict=True):
        assert heads[0]["tags"] == list(document.tags["pos"].labels)
        assert heads[0]["probabilities"] == pytest.approx(document.tags["pos"].scores, abs=2e-3)


@pytest.mark.skipif(
    not (shutil.which("clang") and shutil.which("wasm-ld")),
    reason="clang and lld are not installed",
)
def test_the_command_in_the_source_builds_a_module_that_does_the_same(tmp_path):
    source = (SOURCES / "steps.c").read_text(encoding="utf-8")
    command = "\n".join(
        line.removeprefix(" *     ") for line in source.splitlines() if line.startswith(" *     ")
    )
    shutil.copy(SOURCES / "steps.c", tmp_path)
    subprocess.run(["bash", "-ec", command], cwd=tmp_path, check=True, timeout=120)
    labeler, rows = sized_labeler("wide"), some_rows(20)
    _, expected = tagged_in_javascript(tmp_path / "embedded", labeler, rows, compact=True)
    _, found = tagged_in_javascript(
        tmp_path / "built", labeler, rows, compact=True, module=tmp_path / "simd.mjs"
    )
    for one, other in zip(found, expected, strict=True):
        assert one[0]["tags"] == other[0]["tags"]
        assert one[0]["probabilities"] == pytest.approx(other[0]["probabilities"], abs=1e-5)
