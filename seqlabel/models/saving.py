"""Trained models in torch saved to folders and loaded from them; what lies in a folder is in
`folders`.
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar, cast

import torch
from safetensors.numpy import save
from torch import nn
from torch.overrides import TorchFunctionMode

from seqlabel.models.folders import (
    ALL_PARTS,
    READER,
    VOCABULARY,
    WEIGHTS,
    ModelForm,
    StoredModel,
    building_from,
    write_config,
)
from seqlabel.native.span_reader import SpanReader
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.checkpoints import (
    check_weights,
    fill_weights,
    new_checkpoint,
    read_tensors,
    save_weights,
)


class _Unfilled(TorchFunctionMode):
    """Fresh weights are not filled: on the meta device torch would import its compiler for it, 75
    MB of memory.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        return (
            kwargs["tensor"]
            if getattr(func, "__module__", "") == nn.init.__name__
            else func(*args, **kwargs)
        )


_Config = TypeVar("_Config")
_Model = TypeVar("_Model")


def save_model(
    form: ModelForm[Any], model: Any, folder: Path | str, *, compact: bool = False
) -> None:
    """Write a model to a folder, in place of the model that was there.

    Args:
        form: What such a model is loaded by.
        model: A labeler or a language model, with its config, vocabulary and module.
        folder: The folder; it is made where it is missing.
        compact: Whether to store weights in 8 and 16 bits, as models that ship are
            (`save_weights`).

    Raises:
        CheckpointError: The folder cannot be written; the model that was there is then as it was.
        OptionError: The folder holds other files, which would be lost.
    """
    with new_checkpoint(Path(folder), holds=ALL_PARTS) as beside:
        model.vocabulary.save(beside / VOCABULARY)
        save_weights(beside / WEIGHTS, model.module, compact=compact)
        reader: SpanReader | None = getattr(model, "reader", None)
        if reader is not None:
            # Not by `save_file`, whose files only their owner may read.
            (beside / READER).write_bytes(save(dict(reader.weights)))
        write_config(
            beside, kind=form.kind, config=form.config.dump_python(model.config, mode="json")
        )


def load_model(
    form: ModelForm[_Config],
    path_or_name: Path | str,
    model: Callable[[_Config, Vocabulary | Pieces], _Model],
    *,
    own: Iterable[type] = (),
) -> _Model:
    """Load a model from a folder, in evaluation mode, on the CPU.

    Args:
        form: What such a model is loaded by.
        path_or_name: The folder, or the name of a model that ships.
        model: Builds the model, with such a network, of a config and a vocabulary.
        own: Classes of your own that the config may name.

    Returns:
        The model with its weights.

    Raises:
        CheckpointError: A file is missing or damaged, or the folder holds another kind of model.
    """
    stored = StoredModel(path_or_name, form.kind)
    folder = stored.folder
    numbers = stored.config(form.config, own=own)
    read = read_tensors(stored.weights, sha256=stored.sha256)
    tensors = {stored.weight_name(name): tensor for name, tensor in read.items()}
    # First without memory for its weights: a damaged config may ask for more than there is.
    with building_from(folder), torch.device("meta"), _Unfilled():
        skeleton = form.network(numbers)
    check_weights(stored.weights, tensors, skeleton)
    vocabulary = stored.vocabulary()
    with building_from(folder):
        loaded = model(numbers, vocabulary)
    module: nn.Module = cast(Any, loaded).module
    fill_weights(module, tensors)
    module.eval()
    return loaded
