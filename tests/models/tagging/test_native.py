"""A labeler without torch against the same one in torch: shapes, heads, folders, and what refuses
to import torch.
"""

import dataclasses
import json
import subprocess
import sys
from importlib.util import find_spec
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file, save

from seqlabel import Labeler
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError
from seqlabel.models import Arithmetic
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.building import build_labeler_module
from seqlabel.models.tagging.engine import EngineKind
from seqlabel.models.tagging.native import NativeHead, arrays_of, stored_shapes
from seqlabel.models.tagging.torch_engine import TorchEngine
from seqlabel.native.compiled import FAST
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.head import Rows
from seqlabel.nn.network_configs import Decision, LanguageModelConfig, Recurrence
from seqlabel.nn.networks import TagHead
from seqlabel.training.checkpoints import distinct_tensors
from tests import document_labelers
from tests.extras import needs_pii
from tests.models.sized_labelers import HEADS, SIZES, VOCABULARY, save_model

pytestmark = pytest.mark.skipif(not FAST, reason="has no compiled steps that are faster than torch")
SPANS = HeadConfig(TagSet("ner", ("A", "B", "C"), Scheme.BIOES), CRF())
KINDS = {
    "softmax": HeadConfig(TagSet("pos", tuple("NVXADPQRSTUVW"[:9]))),
    "crf": SPANS,
    "crf of tags": HeadConfig(TagSet("pos", ("N", "V", "X")), CRF()),
}
DECISIONS = [Decision(), Decision(1.7), Decision(0.8, 1.5), Decision(1.0, -2.0)]


@pytest.mark.parametrize("size", SIZES)
def test_the_shapes_are_those_of_the_network(size):
    encoder, hidden = SIZES[size]
    config = LabelerConfig(encoder, HEADS, hidden=hidden)
    expected = {
        name: tuple(tensor.shape)
        for name, tensor in distinct_tensors(build_labeler_module(config)).items()
    }
    assert stored_shapes(config) == expected


@pytest.mark.parametrize("change", [{"recurrence": Recurrence.LSTM}, {"layers": 2}])
def test_other_networks_are_left_to_torch(change):
    encoder, hidden = SIZES["narrow"]
    one_way = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
    for other in (dataclasses.replace(encoder, **change), one_way):
        assert stored_shapes(LabelerConfig(other, HEADS, hidden=hidden)) is None


def heads(name, *, width=12, scale=2.0, seed=0):
    """The same head in torch and without it."""
    torch.manual_seed(seed)
    head = TagHead(KINDS[name].kind, KINDS[name].tag_set, width).eval()
    with torch.no_grad():
        for parameter in head.parameters():
            parameter.copy_(scale * torch.randn_like(parameter))
    return head, bare(head)


def bare(head):
    """A head in torch without torch."""
    arrays = {f"heads.0.{name}": weights.numpy() for name, weights in head.state_dict().items()}
    return NativeHead.of(arrays, 0, head)


@torch.inference_mode()
def assert_heads_agree(head, bare, states, lengths, decision, **rows):
    rows = Rows(lengths, **rows)
    ids, scores = bare.kind.best(states, bare.layer, rows, decision, bare.tag_set, bare.weights)
    second = SimpleNamespace(width=states.shape[1])
    module = SimpleNamespace(tag_heads=[head], second=second, parameters=head.parameters)
    wanted = TorchEngine(module, None, None).tags(0, torch.from_numpy(states), rows, decision)
    assert ids.dtype == np.int64
    assert ids.tolist() == wanted.ids.tolist()
    np.testing.assert_allclose(scores, wanted.scores, atol=2e-5)
    return ids


@pytest.mark.parametrize("decision", DECISIONS, ids=str)
@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("rows", [{}, {"after": 2, "goes_on": True}], ids=str)
def test_heads_say_what_torchs_say(name, decision, rows):
    chance = np.random.default_rng(1)
    lengths = [1, 7, 30, 2, 2, 15]
    states = chance.normal(size=(sum(lengths), 12)).astype(np.float32)
    found = assert_heads_agree(*heads(name), states, lengths, decision, **rows)
    assert len(set(found.tolist())) > 1


@pytest.mark.parametrize("rows", [{}, {"after": 0, "goes_on": True}], ids=str)
def test_a_row_whose_sums_vanish_is_computed_in_log_space_as_in_torch(rows):
    head, _ = heads("crf", scale=1.0)
    with torch.no_grad():
        head.output.bias.copy_(torch.tensor([-2000.0] * len(head.output.bias)))
        head.output.bias[2] = 2000.0  # inside a span, where none may begin
    states = np.random.default_rng(2).normal(size=(9, 12)).astype(np.float32)
    assert_heads_agree(head, bare(head), states, [4, 5], Decision(), **rows)


def damaged(path, change):
    arrays = load_file(path)
    change(arrays)
    return save(arrays)


def spoil(name, value):
    def change(arrays):
        arrays[name] = arrays[name].astype(np.float32)
        arrays[name].flat[0] = value

    return change


CHANGES = {
    "missing": lambda arrays: arrays.pop("heads.0.output.bias"),
    "more": lambda arrays: arrays.update(more=np.zeros(2, np.float32)),
    "shape": lambda arrays: arrays.update({"heads.0.output.bias": np.zeros(9, np.float32)}),
    "type": lambda arrays: arrays.update({"heads.0.output.bias": np.zeros(3, np.float64)}),
    "scale without a table": lambda arrays: arrays.update(
        {"heads.0.output.bias|scale": np.zeros((3, 1), np.float32)}
    ),
    "not a number": spoil("heads.0.output.bias", np.nan),
    "infinite": spoil("encoder.embedder.up.weight", np.inf),
}


@pytest.mark.parametrize("change", CHANGES)
def test_weights_that_do_not_fit_are_left_to_torch_which_says_what_is_wrong(tmp_path, change):
    labeler = save_model(tmp_path / "model")
    path = tmp_path / "model" / "model.safetensors"
    assert arrays_of(labeler.config, path.read_bytes()) is not None
    assert arrays_of(labeler.config, damaged(path, CHANGES[change])) is None
    assert arrays_of(labeler.config, path.read_bytes()[:-9]) is None
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(CheckpointError, match=r"model\.safetensors: "):
        Labeler.load(tmp_path / "model")


WITHOUT = """
import sys
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {refused}:
            raise ImportError(f"{{name}} is refused")
sys.meta_path.insert(0, Refuse())
"""
HEAVY = ("torch", "spacy", "thinc", "pyarrow", "pandas", "scipy", "sklearn", "datasets")


def run_without_torch(code, *arguments, given="", refused=HEAVY):
    command = [sys.executable, "-c", WITHOUT.format(refused=refused) + code, *arguments]
    return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)


# All in one process, which has to import the library once.
COMMANDS = """
import io, json, sys
from seqlabel.cli import app
for arguments in json.loads(sys.argv[1]):
    sys.stdin = io.TextIOWrapper(io.BytesIO(b"Ann Moss wrote from ann@example.com.\\n"))
    app(arguments, standalone_mode=False)
    print("=====")
"""


def test_commands_need_neither_torch_nor_spacy(tmp_path):
    contents = {
        "a.txt": "Ann wrote.\n",
        "a.jsonl": '{"text": "Ann wrote."}\n',
        "a.csv": "text\nAnn wrote.\n",
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(content)
    expected = {
        ("label",): '"PROPN"',
        ("label", "--model", "en_pii"): '"label": "PERSON"',
        **{("label", str(tmp_path / name)): '"PROPN"' for name in contents},
    }
    if find_spec("stdnum"):
        expected["redact",] = "<PERSON> wrote from <EMAIL>.\n"
    done = run_without_torch(COMMANDS, json.dumps(list(expected)))
    assert done.returncode == 0, done.stderr
    *printed, end = done.stdout.split("=====\n")
    assert end == ""
    for (command, said), found in zip(expected.items(), printed, strict=True):
        assert said in found, command


@needs_pii
def test_labelling_streams_and_texts_needs_neither_torch_nor_spacy():
    code = """
from seqlabel import Labeler, PrivateFinder, Replace, StreamLabeler, StreamRedactor, redact
labeler = Labeler.load("en_pii")
print(labeler, labeler.inference.kind)
stream = StreamLabeler(labeler)
pieces = stream.feed_text("Ann Moss lives in Leeds. " * 9) + stream.close()
print(sum(len(piece.document.spans["pii"].spans) for piece in pieces) >= 9)
print(redact("Ann Moss lives in Leeds.", Replace()).text)
redactor = StreamRedactor(PrivateFinder(labeler), Replace())
print(redactor.feed("Ann Moss lives in Leeds.") + redactor.close())
"""
    done = run_without_torch(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-3:] == ["True", *["<PERSON> lives in <LOCATION>."] * 2]


def test_the_models_that_ship_are_read_without_a_network():
    for name in ("en_pos", "en_pos_fast", "en_pii"):
        assert Labeler.load(name, arithmetic=Arithmetic.INT8).inference.kind is EngineKind.COMPILED


def test_documents_are_labelled_without_torch(tmp_path):
    labeler = document_labelers.document_labeler()
    labeler.save(tmp_path / "model")
    code = """
import sys
from seqlabel import Labeler
scores = Labeler.load(sys.argv[1], arithmetic="int8")("word1 word2").categories["category"]
print(*scores.values())
"""
    done = run_without_torch(code, str(tmp_path / "model"))
    assert done.returncode == 0, done.stderr
    expected = labeler("word1 word2").categories["category"]
    assert list(map(float, done.stdout.split())) == pytest.approx(list(expected.values()), abs=0.05)
