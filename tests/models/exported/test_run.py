"""A labeler exported to ONNX against the same one in torch: what runs it can import neither torch
nor seqlabel.
"""

import dataclasses
import json
import random
import runpy
import subprocess
import sys
from functools import partial
from itertools import pairwise

import numpy as np
import pytest

from seqlabel import Document, Labeler
from seqlabel.io.files import read_json
from seqlabel.models import Arithmetic
from seqlabel.models.export import EXPORTED_PARTS, export_onnx
from seqlabel.models.model_configs import TagPairs
from seqlabel.models.stream import LOOK_AHEAD, StreamLabeler
from seqlabel.native.span_reader import SpanReader, SpanReaderConfig
from seqlabel.text.hashing import WordHasher
from seqlabel.text.tokenizers import Words
from tests.models.exported.node import NODE, run_node
from tests.models.exported.odd_words import ODD
from tests.models.sized_labelers import HEADS, SIZES, VOCABULARY, sized_labeler, some_rows
from tests.pages import ROOT
from tests.test_architecture import FOLDER

for needed in ("onnx", "onnxruntime"):
    pytest.importorskip(needed, reason=f"{needed} is not installed (seqlabel-rnn[export])")

TEXTS = [
    *(" ".join(row) for row in some_rows(12)),
    "",
    "  ",
    "word1",
    (
        "I don't like :-) (e.g. this), user=ann;ip=10.0.0.1 o'clock ... C'mon!!! see "
        "http://a.example/b?c=d."
    ),
    "x" * 70 + " " + "Ab1-" * 90 + " İstanbul straße 𝔘 ½ 10km/h $5.50--yes",
    " ".join(some_rows(1, seed=3, longest=1)[0] * 1300),
    " ".join(word for row in some_rows(90, seed=4) for word in row),
]
LONGEST = 1024
RUN = """
import runpy, sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("torch", "seqlabel", "spacy", "onnx", "safetensors"):
            raise ImportError(f"{name} is refused")
sys.meta_path.insert(0, Refuse())
script, mode = sys.argv[1:]
if mode == "lines":
    runpy.run_path(script, run_name="__main__")
else:
    import json, pathlib
    model = runpy.run_path(script)["Model"](pathlib.Path(script).parent)
    print(json.dumps(model.tag_rows(json.load(sys.stdin))))
"""


def run_exported(folder, given, mode="lines"):
    command = [sys.executable, "-W", "error", "-c", RUN, str(folder / "run.py"), mode]
    done = subprocess.run(
        command, input=given, capture_output=True, text=True, encoding="utf-8", timeout=120
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def said(document):
    """What the script prints of a text, of a document."""
    spans = {
        layer: [
            [document.offsets[one.start][0], document.offsets[one.end - 1][1], one.label]
            for one in spans.spans
        ]
        for layer, spans in document.spans.items()
    }
    tags = {layer: list(tags.labels) for layer, tags in document.tags.items()}
    return {
        "text": document.text,
        "tokens": [list(pair) for pair in document.offsets],
        "tags": tags,
        "spans": spans,
    }


@pytest.mark.parametrize("words", [Words.SPACY, Words.FINE])
@pytest.mark.parametrize("size", SIZES)
def test_the_script_says_what_torch_says(size, words, tmp_path):
    built = sized_labeler(size)
    config = dataclasses.replace(built.config, words=words)
    labeler = Labeler(config, VOCABULARY, arithmetic=Arithmetic.FLOAT32)
    labeler.module.load_state_dict(built.module.state_dict())
    folder = export_onnx(labeler, tmp_path / "exported")
    assert sorted(path.name for path in folder.iterdir()) == sorted(EXPORTED_PARTS)
    expected = [said(document) for document in labeler(TEXTS)]
    assert max(len(one["tokens"]) for one in expected) > LONGEST
    assert len({tag for one in expected for tag in one["tags"]["pos"]}) == 3
    assert any(one["spans"]["ner"] for one in expected)
    assert run_exported(folder, "".join(text + "\n" for text in TEXTS)) == expected


def with_reader(labeler, hidden):
    """Give a labeler a second reader of random weights, which drops about half of the spans."""
    tag_set = labeler.config.head("ner").tag_set
    leasts = {tag_set.labels[0]: 0.6}
    config = SpanReaderConfig(
        "ner", tag_set.labels, hidden=hidden, offset=0.5, least=0.5, near=3, sure=0.4, leasts=leasts
    )
    chance = np.random.default_rng(3)
    shapes = config.shapes(2 * labeler.config.hidden)
    weights = {
        name: 0.5 * chance.normal(size=shape).astype(np.float32) for name, shape in shapes.items()
    }
    labeler.set_reader(SpanReader(config, weights, tag_set))


@pytest.fixture(scope="module", params=[None, 0, 3], ids=["plain", "reader", "hidden reader"])
def exported(request, tmp_path_factory):
    """A labeler of fine words in float32, with a second reader or without, and the folder that it
    was exported to.
    """
    built = sized_labeler()
    labeler = Labeler(
        dataclasses.replace(built.config, words=Words.FINE),
        VOCABULARY,
        arithmetic=Arithmetic.FLOAT32,
    )
    labeler.module.load_state_dict(built.module.state_dict())
    labeler.set_threshold_offset("ner", 0.3)
    if request.param is not None:
        with_reader(labeler, request.param)
    return labeler, export_onnx(labeler, tmp_path_factory.mktemp("node") / "exported")


def streamed(labeler, words, **options):
    """The words of a stream with their tags of each head, by the library."""
    stream = StreamLabeler(labeler, **options)
    inner = stream._row.tags
    tags = []
    stream._row.tags = lambda *given, **how: tags.append(inner(*given, **how)) or tags[-1]
    list(stream.feed(words))
    stream.close()
    heads = [
        [tag_set.tags[tag] for found in tags for tag in found[number].ids]
        for number, tag_set in enumerate(labeler.tag_sets)
    ]
    return list(zip(words, *heads, strict=True))


@pytest.mark.parametrize(
    "options", [{}, {"look_ahead": 5, "stride": 4}, {"look_ahead": 0}, {"look_ahead": 900}]
)
def test_a_stream_is_tagged_as_the_library_tags_it(exported, options):
    labeler, folder = exported
    script = runpy.run_path(str(folder / "run.py"))
    words = [word for text in TEXTS[:12] for word in labeler.tokenize(text).words] * 2
    stream = script["Stream"](script["Model"](folder), **options)
    found = list(stream.feed(words[:3])) + list(stream.feed(words[3:]))
    assert len(words) - len(found) <= options.get("look_ahead", LOOK_AHEAD)
    found += stream.close()
    assert list(map(tuple, found)) == streamed(labeler, words, **options)
    assert len({tag for _, *tags in found for tag in tags}) > 5


def test_the_script_reads_standard_input_as_one_stream(exported):
    labeler, folder = exported
    done = subprocess.run(
        [sys.executable, str(folder / "run.py"), "--stream"],
        input="".join(text + "\n" for text in TEXTS),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    words = [word for text in TEXTS for word in labeler.tokenize(text).words]
    assert [tuple(line.split("\t")) for line in done.stdout.splitlines()] == streamed(
        labeler, words
    )


@pytest.fixture
def node(exported):
    """Node.js where it is installed, with the packages that run models beside the exported
    folder.
    """
    packages = ROOT / "node_modules"
    if NODE is None or not (packages / "onnxruntime-node").is_dir():
        pytest.skip("Node.js with onnxruntime-node is not installed (see CONTRIBUTING.md)")
    link = exported[1].parent / "node_modules"
    if not link.exists():
        link.symlink_to(packages)
    return partial(run_node, cwd=exported[1])


def in_utf16(said):
    """What the script in Python prints of a text, with offsets as JavaScript counts them."""
    text = said["text"]

    def at(place):
        return len(text[:place].encode("utf-16-le")) // 2

    spans = {
        layer: [[at(start), at(end), label] for start, end, label in found]
        for layer, found in said["spans"].items()
    }
    return said | {
        "tokens": [[at(start), at(end)] for start, end in said["tokens"]],
        "spans": spans,
    }


def test_the_script_in_javascript_says_the_same(exported, node):
    labeler, _ = exported
    texts = [*TEXTS, "ａＢ ４２ ǅ Ώ ①②³ 😀😀! \x1f \x85 ﬁn’t x'y '' «ça»"]
    found = [
        json.loads(line) for line in node("run.mjs", given="".join(text + "\n" for text in texts))
    ]
    assert found == [in_utf16(said(document)) for document in labeler(texts)]


def test_a_stream_in_javascript_is_tagged_the_same(exported, node):
    labeler, _ = exported
    words = [word for text in TEXTS for word in labeler.tokenize(text).words]
    found = node("run.mjs", "--stream", given="".join(text + "\n" for text in TEXTS))
    assert [tuple(line.split("\t")) for line in found] == streamed(labeler, words)


def test_the_runtime_of_browsers_says_the_same(exported, node):
    code = """
import * as ort from "onnxruntime-web";
import { Model } from "./run.mjs";
const model = await Model.load(".", ort);
console.log(JSON.stringify(await model.label("It isn't word1 word2, is it?")));
process.exit(0);
"""
    labeler, folder = exported
    (folder.parent / "web.mjs").write_text(code.replace("./run.mjs", "./exported/run.mjs"))
    (found,) = node("../web.mjs", given="")
    (document,) = labeler(["It isn't word1 word2, is it?"])
    assert json.loads(found) == said(document)


def test_javascript_cuts_and_hashes_as_the_library_does(exported, node):
    labeler, folder = exported
    chance = random.Random(1)
    rules = read_json(FOLDER / "text" / "english.json")
    parts = [*rules["special"], *rules["inner"], *ODD]
    texts = ["".join(chance.choices(parts, k=chance.randint(1, 8))) for _ in range(600)]
    code = """
import { readFileSync } from "node:fs";
import { EnglishWords, features } from "./exported/words.mjs";
const words = new EnglishWords(JSON.parse(readFileSync("words.json", "utf8")), { fine: true });
for (const text of JSON.parse(readFileSync(0, "utf8"))) {
  const cut = words.find(text).map(([start, end]) => text.slice(start, end));
  console.log(JSON.stringify(cut.map((word) => [word, features(word, 32768).sort((a, b) => a - b)])));
}
"""  # noqa: E501
    (folder.parent / "words_of.mjs").write_text(code)
    found = [json.loads(line) for line in node("../words_of.mjs", given=json.dumps(texts))]
    for text, cut in zip(texts, found, strict=True):
        words = labeler.tokenize(text).words
        hashed = WordHasher(32768)(list(words))
        ids = [sorted(hashed.ids[a:b].tolist()) for a, b in pairwise(hashed.offsets)]
        assert cut == [[word, some] for word, some in zip(words, ids, strict=True)]


@pytest.mark.parametrize("hidden", [None, 0, 3])
def test_rows_of_any_number_and_length_have_the_probabilities_of_torch(tmp_path, hidden):
    labeler = sized_labeler()
    if hidden is not None:
        with_reader(labeler, hidden)
    labeler.set_threshold_offset("ner", 0.7)
    labeler.set_temperatures([1.3, 1.5])
    folder = export_onnx(labeler, tmp_path / "exported")
    rows = some_rows(40, seed=5)
    (found,) = run_exported(folder, json.dumps(rows), "rows")
    tags = labeler.inference.with_arithmetic(Arithmetic.FLOAT32).tags(rows, labeler.decisions)
    for number, head in enumerate(labeler.config.heads):
        for one, expected in zip(found, tags[number], strict=True):
            assert one[number][0] == [head.tag_set.tags[tag] for tag in expected.ids]
            assert one[number][1] == pytest.approx(expected.scores.tolist(), abs=2e-5)


def test_two_heads_choose_pairs_that_go_together(tmp_path):
    labeler = sized_labeler()
    other = dataclasses.replace(
        HEADS[0], tag_set=dataclasses.replace(HEADS[0].tag_set, layer="other")
    )
    pairs = TagPairs("pos", "other", (("N", "V"), ("V", "X"), ("X", "N")))
    config = dataclasses.replace(labeler.config, heads=(HEADS[0], other), together=pairs)
    labeler = Labeler(config, VOCABULARY, arithmetic=Arithmetic.FLOAT32)
    folder = export_onnx(labeler, tmp_path / "exported")
    rows = some_rows(10, seed=6)
    (found,) = run_exported(folder, json.dumps(rows), "rows")
    tags = labeler.inference.tags(rows, labeler.decisions)
    assert {pair for row in found for pair in zip(row[0][0], row[1][0], strict=True)} <= set(
        pairs.pairs
    )
    for number, head in enumerate(config.heads):
        names = [[head.tag_set.tags[tag] for tag in one.ids] for one in tags[number]]
        assert [row[number][0] for row in found] == names


def test_texts_of_other_languages_come_as_words(tmp_path):
    built = sized_labeler()
    labeler = Labeler(
        dataclasses.replace(built.config, language="de"), VOCABULARY, arithmetic=Arithmetic.FLOAT32
    )
    folder = export_onnx(labeler, tmp_path / "exported")
    assert not (folder / "words.json").exists()
    rows = some_rows(3)
    (found,) = run_exported(folder, json.dumps(rows), "rows")
    tags = [
        list(document.tags["pos"].labels) for document in labeler(map(Document.from_words, rows))
    ]
    assert [row[0][0] for row in found] == tags
