"""What a word costs in a recurrence on one thread: minGRU, GRU in torch, GRU in ONNX Runtime, the compiled 8-bit step.

    python recipes/benchmarks/recurrences.py --json recurrences.json     # about a minute on a quiet machine

One layer in one direction, as wide as its input, reads rows of 100 words with fresh weights; what words add to the
gates is part of the work, except in the compiled step, which looks it up (as labelling does). All four take turns;
microseconds a word are of CPU time, medians of `--runs` turns. Needs `seqlabel-rnn[export]`; the compiled step is left
out where it was not built.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Annotated

import numpy as np
import torch
from shared.turns import turns
from torch import nn
from typer import Option

from seqlabel.commands import processor, run, versions, write_metrics
from seqlabel.native.compiled import LEVEL, Level, run_layer
from seqlabel.native.layers import CompiledLayer, GRUArrays
from seqlabel.nn.min_gru import MinGRU

WIDTHS, ROWS, TIME = (64, 128, 256, 512), (1, 16), 100
Call = Callable[[], object]


def in_onnx(gru: nn.GRU, vectors: torch.Tensor) -> Call:
    """The GRU in ONNX Runtime, with the weights of torch's."""
    import onnxruntime
    from onnx import TensorProto, helper, numpy_helper

    def reordered(array: torch.Tensor) -> np.ndarray:
        reset, update, candidate = array.detach().chunk(3)
        return torch.cat([update, reset, candidate])[None].numpy()

    constants = {
        "W": reordered(gru.weight_ih_l0),
        "R": reordered(gru.weight_hh_l0),
        "B": np.concatenate([reordered(gru.bias_ih_l0), reordered(gru.bias_hh_l0)], axis=1),
    }
    node = helper.make_node("GRU", ["x", *constants], ["y"], hidden_size=gru.hidden_size, linear_before_reset=1)
    shapes = {"x": ["time", "rows", gru.input_size], "y": ["time", 1, "rows", gru.hidden_size]}
    x, y = (helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items())
    graph = helper.make_graph(
        [node], "gru", [x], [y], [numpy_helper.from_array(array, name) for name, array in constants.items()]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    array = vectors.transpose(0, 1).contiguous().numpy()
    (found,) = session.run(None, {"x": array})
    np.testing.assert_allclose(found[:, 0], gru(vectors)[0].transpose(0, 1).numpy(), atol=1e-5)
    return lambda: session.run(None, {"x": array})


def compiled(gru: nn.GRU, rows: int) -> Call:
    """The library's compiled step in 8-bit products; its layers have two ways, of which one is read."""
    way = GRUArrays(*(weight.detach().numpy() for weight in gru.all_weights[0]))
    layer = CompiledLayer.of([way, way], gru.input_size)
    table = np.zeros((rows * TIME, 2, 3 * gru.hidden_size), dtype=np.uint16)
    places = np.arange(rows * TIME)
    ways, lengths = (layer.ways[0], None), [TIME] * rows
    return lambda: run_layer(ways, table=table, places=places, numbers=np.uint8, lengths=lengths)


def calls(width: int, rows: int, times: int) -> dict[str, Call]:
    """Each recurrence, ready to read the same rows that often."""
    torch.manual_seed(0)
    vectors = torch.randn(rows, TIME, width)
    mini, gru = MinGRU(width, width), nn.GRU(width, width, batch_first=True)
    found: dict[str, Call] = {
        "minGRU, torch": lambda: mini(vectors),
        "GRU, torch": lambda: gru(vectors),
        "GRU, ONNX Runtime": in_onnx(gru, vectors),
    }
    if LEVEL is not Level.MISSING:
        found["GRU, compiled int8"] = compiled(gru, rows)
    return {name: partial(again, call, times) for name, call in found.items()}


def again(call: Call, times: int) -> None:
    for _ in range(times):
        call()


@dataclass(frozen=True)
class Settings:
    runs: Annotated[int, Option(min=5, help="Turns of each recurrence.")] = 7
    calls: Annotated[int, Option(min=1, help="Calls in a turn.")] = 5
    to: Annotated[Path | None, Option("--json", help="File for the figures.")] = None


@torch.inference_mode()
def main(settings: Settings) -> None:
    """Print microseconds a word by recurrence, width and number of rows."""
    torch.set_num_threads(1)
    print(f"{processor()}  {versions()}  onnxruntime {version('onnxruntime')}  compiled: {LEVEL.name}", flush=True)
    figures = {}
    for rows in ROWS:
        for width in WIDTHS:
            took = turns(calls(width, rows, settings.calls), settings.runs)
            words = settings.calls * rows * TIME
            found = {name: 1e6 * median(some) / words for name, some in took.items()}
            figures[f"{rows} x {width}"] = found
            cells = "  ".join(f"{name}: {cost:6.2f}" for name, cost in found.items())
            print(f"{rows:>3} rows, width {width:>3}  {cells}  µs a word", flush=True)
    if settings.to is not None:
        write_metrics(settings.to, figures)


if __name__ == "__main__":
    run(main, Settings)
