"""A labeler as a folder that needs no seqlabel: its network in ONNX, its labels and words, and a
script that runs it.

The network is written operator by operator, in float32, from the weights by their names in torch.
What runs it is in `exported/`, which imports nothing of the library. Needs onnx
(`seqlabel-rnn[export]`).
"""

import base64
import shutil
from collections.abc import Iterable, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from seqlabel.batches.windows import CONTEXT, WINDOW
from seqlabel.documents.label_sets import Unit
from seqlabel.errors import OptionError
from seqlabel.io.files import write_json
from seqlabel.io.folders import replace_folder
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.tagging.native import stored_shapes
from seqlabel.names import needed
from seqlabel.native.compiled import Floats
from seqlabel.native.span_reader import SpanReader
from seqlabel.nn.heads.head import CompiledHead
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.text.tokenizers import Words
from seqlabel.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from seqlabel.text.pieces import Pieces

LABELS, VOCABULARY, RULES = "labels.json", "vocabulary.json", "words.json"
"""The files of labels, of frequent words, and, for English, of the rules by which a text is cut
into words.
"""

NETWORK = "model.onnx"
SCRIPTS = ("run.py", "words.py", "judging.py", "run.mjs", "words.mjs", "judging.mjs")
LIBRARY_PARTS = ("english.py", "features.py")
"""Modules of `seqlabel.text` that need nothing of the library."""
EXPORTED_PARTS = (NETWORK, LABELS, VOCABULARY, RULES, *LIBRARY_PARTS, *SCRIPTS)
"""The files of an exported model; `words.json`, the rules of words, is there for English."""

_OPERATORS, _FORMAT = 17, 8
"""The version of ONNX's operators, and of its file format: old ones, which every runtime of today
reads.
"""


def export_onnx(labeler: Labeler, folder: Path | str) -> Path:
    """Write a labeler to a folder that needs neither seqlabel nor torch.

    Weights are float32, also where the labeler stores bytes.

    Args:
        labeler: A labeler over words, with a GRU layer in each direction in its encoder, as those
            that ship are.
        folder: The folder; an earlier export there is replaced.

    Returns:
        The folder.

    Raises:
        OptionError: onnx is not installed, the labeler is of another kind, has a head of documents
            or reads syntactic words of English texts, or the folder holds other files.
    """
    config = labeler.config
    vocabulary = labeler.vocabulary
    shapes = stored_shapes(config)
    if shapes is None or not isinstance(config.encoder, WordModelConfig):
        raise OptionError(
            "labeler: expected the library's heads on one GRU layer over words in each "
            "direction, got another head or encoder. Export a labeler like those that ship."
        )
    weights = {
        name: tensor.detach().float().cpu().numpy()
        for name, tensor in labeler.module.state_dict().items()
        if name in shapes
    }
    check_exported(config)
    network = _network(weights, len(config.heads), config.encoder.buckets)
    with replace_folder(Path(folder), holds=EXPORTED_PARTS) as beside:
        (beside / NETWORK).write_bytes(network)
        write_parts(beside, config, vocabulary, weights, labeler.reader, scripts=SCRIPTS)
        for name in LIBRARY_PARTS:
            _copy(f"text/{name}", beside / name)
    return Path(folder)


def write_parts(
    folder: Path,
    config: LabelerConfig,
    vocabulary: "Vocabulary | Pieces",
    weights: Mapping[str, Floats],
    reader: SpanReader | None,
    *,
    scripts: Iterable[str],
) -> None:
    """Write the files next to an exported network.

    Args:
        folder: The folder.
        config: The labeler's config; its encoder reads words and its heads are the library's.
        vocabulary: The labeler's frequent words.
        weights: The weights of its heads, by their names in torch; others are not read.
        reader: The labeler's second reader; None without one.
        scripts: The names of the scripts of `exported` to copy.

    Raises:
        OptionError: The labeler has a head of documents, or reads syntactic words of English texts,
            which the scripts cannot run.
    """
    check_exported(config)
    write_json(folder / LABELS, _labels(config, weights, reader))
    vocabulary.save(folder / VOCABULARY)
    if config.language == "en":
        _copy("text/english.json", folder / RULES)
    for script in scripts:
        _copy(f"models/exported/{script}", folder / script)


def check_exported(config: LabelerConfig) -> None:
    """Refuse a labeler that the scripts cannot run.

    Args:
        config: The labeler's config.

    Raises:
        OptionError: It has a head of documents, or cuts English texts into syntactic words.
    """
    whole = [head.tag_set.layer for head in config.heads if head.tag_set.unit is Unit.DOCUMENT]
    if whole:
        raise OptionError(
            f"expected a labeler of words, got one with the layer {whole[0]!r} of documents, which "
            "exported models cannot run. Export the others with keep()."
        )
    if config.language == "en" and config.words is Words.SYNTACTIC:
        raise OptionError(
            "expected a labeler of spaCy's words or fine ones, got one of syntactic words, whose "
            "lists exported models lack. Export another labeler."
        )


def _copy(name: str, path: Path) -> None:
    with resources.as_file(resources.files("seqlabel").joinpath(name)) as file:
        shutil.copyfile(file, path)


def _labels(
    config: LabelerConfig, weights: Mapping[str, Floats], reader: SpanReader | None
) -> dict[str, Any]:
    """The facts about words and heads that the scripts need."""
    assert isinstance(config.encoder, WordModelConfig)
    partners = [
        (number, partner) for number, partner in config.partners.items() if not partner.leads
    ]
    together = None
    if partners:
        number, partner = partners[0]
        together = {"heads": [number, partner.head], "allowed": partner.allowed.tolist()}
    heads = [head_facts(head, weights, number) for number, head in enumerate(config.heads)]
    if reader is not None:
        # More spans are found, so that the reader has more to judge.
        heads[config.layers.index(reader.config.layer)]["threshold_offset"] += reader.config.offset
    return {
        "language": config.language,
        "words": config.words,
        "buckets": config.encoder.buckets,
        "widths": (config.encoder.hidden, config.hidden),
        "window": WINDOW,
        "context": CONTEXT,
        "rows": config.rows,
        "heads": heads,
        "together": together,
        "reader": None if reader is None else reader_facts(reader),
    }


def reader_facts(reader: SpanReader) -> dict[str, Any]:
    """Give what `labels.json` says of a second reader.

    Args:
        reader: The reader.

    Returns:
        The facts, for `judging.py`.
    """
    config = reader.config
    weights = dict(reader.weights)
    # (views, hidden, width): nearly all numbers, which as a list would take four times the memory.
    states = weights.pop("states")
    return {
        "layer": config.layer,
        "labels": config.labels,
        "least": config.least,
        "leasts": dict(config.leasts),
        "near": config.near,
        "before": config.before,
        "after": config.after,
        "sure": config.sure,
        "states": base64.b64encode(states.astype("<f4").tobytes()).decode("ascii"),
        "weights": {name: array.tolist() for name, array in weights.items()},
    }


def head_facts(head: HeadConfig, weights: Mapping[str, Floats], number: int) -> dict[str, Any]:
    """Give what `labels.json` says of a head: its tags, and how its scores are read.

    Args:
        head: The head.
        weights: The labeler's weights, by name.
        number: The head's place in the labeler.

    Returns:
        The facts, for `run.py`.
    """
    assert isinstance(head.kind, CompiledHead)
    names = head.kind.shapes(len(head.tag_set.tags))
    own = {name: weights[f"heads.{number}.{head.kind.name}.{name}"] for name in names}
    return {
        "layer": head.tag_set.layer,
        "tags": head.tag_set.tags,
        "scheme": head.tag_set.scheme,
        "temperature": head.temperature,
        "threshold_offset": head.threshold_offset,
        "crf": head.kind.exported(head.tag_set, own),
    }


class _Graph:
    """Nodes and constants of a network, in the order in which they are computed."""

    def __init__(self, helper: Any, numpy_helper: Any) -> None:
        self._helper = helper
        self._numpy_helper = numpy_helper
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(
        self, name: str, value: npt.ArrayLike, dtype: type[np.generic] = np.float32
    ) -> str:
        """Add a constant and return its name."""
        self.constants.append(
            self._numpy_helper.from_array(np.ascontiguousarray(value, dtype=dtype), name)
        )
        return name

    def __call__(self, operator: str, inputs: Sequence[str], result: str, **attributes: Any) -> str:
        """Add a node and return the name of its result."""
        self.nodes.append(self._helper.make_node(operator, list(inputs), [result], **attributes))
        return result


def _network(weights: dict[str, Floats], heads: int, buckets: int) -> bytes:
    """Write the network.

    Its inputs are the different words (distinct,) and their features (distinct, most features),
    padded with the number of buckets, the rows of words as places among these (batch, time) with
    their lengths (batch,), and the states of both layers in which rows begin (2, batch, width):
    forward ones before the first word, backward ones after the last. Its outputs are the states of
    both layers (batch, time, 2 · width) and each head's scores (batch, time, tags).
    """
    onnx = needed("onnx", needed_for="Exporting", extra="export")
    helper = onnx.helper
    graph = _Graph(helper, onnx.numpy_helper)
    vectors = _embedder(graph, weights, buckets)
    graph("Transpose", ["positions"], "columns", perm=[1, 0])
    # Shapes from here on: time, batch, width.
    below = graph("Gather", [vectors, "columns"], "vectors")
    states = _layer(
        graph, weights, "first", ("encoder.forward_encoder", "encoder.backward_encoder"), below
    )
    both = graph("Concat", [states, below], "read", axis=2)
    _layer(graph, weights, "second", ("second.forward_encoder", "second.backward_encoder"), both)
    scores = [
        _linear(graph, weights, f"heads.{number}.output", "second_states", f"scores_{number}")
        for number in range(heads)
    ]
    widths = [
        weights[f"{layer}.forward_encoder.stacks.0.weight_hh_l0"].shape[1]
        for layer in ("encoder", "second")
    ]
    real = onnx.TensorProto.FLOAT
    whole = onnx.TensorProto.INT64
    value = helper.make_tensor_value_info
    inputs = [
        value("words", whole, ["distinct"]),
        value("features", whole, ["distinct", "features"]),
        value("positions", whole, ["batch", "time"]),
        value("lengths", onnx.TensorProto.INT32, ["batch"]),
        value("first", real, [2, "batch", widths[0]]),
        value("second", real, [2, "batch", widths[1]]),
    ]
    sizes = {"first_states": 2 * widths[0], "second_states": 2 * widths[1]}
    sizes |= {
        name: len(weights[f"heads.{number}.output.bias"]) for number, name in enumerate(scores)
    }
    outputs = [value(name, real, ["batch", "time", size]) for name, size in sizes.items()]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "labeler", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPERATORS)],
        ir_version=_FORMAT,
        producer_name="seqlabel",
    )
    onnx.checker.check_model(model)
    written: bytes = model.SerializeToString()
    return written


def _embedder(graph: _Graph, weights: dict[str, Floats], buckets: int) -> str:
    """The vectors of the different words, (distinct, width)."""
    name = "encoder.embedder"
    table = weights[f"{name}.table.weight"]
    rows = weights[f"{name}.buckets.weight"]
    # One more row, of zeros, for what pads the features of a word.
    padded = np.concatenate([rows, np.zeros_like(rows[:1])])
    graph("Gather", [graph.constant("table", table), "words"], "own")
    graph("Gather", [graph.constant("buckets", padded), "features"], "each")
    axis = graph.constant("axis", [1], np.int64)
    graph("ReduceSum", ["each", axis], "sum", keepdims=0)
    graph("Less", ["features", graph.constant("count", buckets, np.int64)], "is_one")
    graph("Cast", ["is_one"], "one", to=1)
    graph("ReduceSum", ["one", axis], "number", keepdims=1)
    graph("Div", ["sum", "number"], "mean")
    graph("Add", ["own", "mean"], "parts")
    norm = [
        graph.constant(f"norm.{part}", weights[f"{name}.norm.{part}"])
        for part in ("weight", "bias")
    ]
    graph("LayerNormalization", ["parts", *norm], "normed", epsilon=1e-5)
    wide = _linear(graph, weights, f"{name}.up", "normed", "wide")
    # The Gaussian error linear unit: x · (1 + erf(x / √2)) / 2.
    graph("Mul", [wide, graph.constant("root", np.sqrt(0.5))], "scaled")
    graph("Erf", ["scaled"], "error")
    graph("Add", ["error", graph.constant("unit", 1.0)], "shifted")
    graph("Mul", [wide, "shifted"], "doubled")
    graph("Mul", ["doubled", graph.constant("half", 0.5)], "bent")
    residual = _linear(graph, weights, f"{name}.down", "bent", "residual")
    return graph("Add", ["normed", residual], "distinct_vectors")


def _linear(graph: _Graph, weights: dict[str, Floats], name: str, below: str, result: str) -> str:
    matrix = graph.constant(f"{name}.weight", weights[f"{name}.weight"].T)
    graph("MatMul", [below, matrix], f"{result}.product")
    return graph(
        "Add",
        [f"{result}.product", graph.constant(f"{name}.bias", weights[f"{name}.bias"])],
        result,
    )


def _layer(
    graph: _Graph, weights: dict[str, Floats], name: str, ways: Sequence[str], below: str
) -> str:
    """The states (time, batch, 2 · width) of a layer in both directions; as an output, (batch,
    time, 2 · width).
    """

    def of_both(part: str) -> Floats:
        return np.stack([_reordered(weights[f"{way}.stacks.0.{part}_l0"]) for way in ways])

    parts = {"W": of_both("weight_ih"), "R": of_both("weight_hh")}
    parts["B"] = np.concatenate([of_both("bias_ih"), of_both("bias_hh")], axis=1)
    constants = [graph.constant(f"{name}.{part}", value) for part, value in parts.items()]
    width = parts["R"].shape[2]
    # As in torch, the reset gate scales what the state says to the candidate after the product.
    attributes = {"hidden_size": width, "direction": "bidirectional", "linear_before_reset": 1}
    graph("GRU", [below, *constants, "lengths", name], f"{name}.ways", **attributes)
    graph("Transpose", [f"{name}.ways"], f"{name}.beside", perm=[0, 2, 1, 3])
    shape = graph.constant(f"{name}.shape", [0, 0, 2 * width], np.int64)
    states = graph("Reshape", [f"{name}.beside", shape], f"{name}.states")
    graph("Transpose", [states], f"{name}_states", perm=[1, 0, 2])
    return states


def _reordered(array: Floats) -> Floats:
    """The rows of torch's reset, update and candidate gates in the order of ONNX: update, reset,
    candidate.
    """
    reset, update, candidate = np.split(array, 3)
    return np.concatenate([update, reset, candidate])
