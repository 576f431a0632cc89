"""The shim by which thinc trains, averages and stores a labeler; the models around it are
elsewhere.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from thinc.api import Model, Optimizer
from thinc.shims.shim import Shim
from thinc.util import get_torch_default_device, torch2xp, xp2torch
from torch import Tensor, nn

from seqlabel.models.tagging.inference import Inference
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import load_trained
from seqlabel.spacy.running import pack_folder, unpack_folder

BELOW = "encoder."
"""The prefix of the weights of a pretrained encoder; they are trained at a lower rate."""


class TorchShim(Shim):
    """A labeler inside a thinc model: thinc's optimizer trains it, and keeps averages of its
    weights.

    What is stored is the folder that `save` writes (JSON and safetensors), never a pickle.
    Predictions leave the module in evaluation mode, so that threads may share it. `lower_rate` is
    what the learning rate of the encoder is multiplied by.
    """

    def __init__(self, *, lower_rate: float) -> None:
        super().__init__(None)
        self.lower_rate = lower_rate
        self.part: Labeler | None = None
        self._steps_later = False
        self._in_flight = False
        self._late: tuple[Any, dict[str, Tensor]] | None = None

    def take(self, part: Labeler) -> None:
        """Hold a labeler from now on, on thinc's device.

        Args:
            part: The labeler.
        """
        part.module.to(get_torch_default_device())
        self.part = part
        # What was to be stepped was for other weights.
        self._steps_later = False
        self._in_flight = False
        self._late = None
        # An optimizer knows weights by this number: what it remembers of others must not be taken
        # for these.
        with Shim.global_id_lock:
            Shim.global_id += 1
            self.id = Shim.global_id

    @property
    def inference(self) -> Inference | None:
        """The inference of the labeler; None before there is one."""
        if self._steps_later:
            self._steps_later = False
            for _, parameter in self._parameters():
                torch.autograd.graph.increment_version(parameter)
        return None if self.part is None else self.part.inference

    def _parameters(self) -> list[tuple[str, nn.Parameter]]:
        return [] if self.part is None else list(self.part.module.named_parameters())

    def finish_update(self, optimizer: Any) -> None:
        """Let the optimizer change each weight that has a gradient, and forget the gradients.

        Args:
            optimizer: thinc's optimizer, or the function that `nlp.rehearse` gives instead, which
                notes weight and gradient and steps later, at one rate for all.
        """
        gradients = {
            name: weight.grad for name, weight in self._parameters() if weight.grad is not None
        }
        for _, parameter in self._parameters():
            parameter.grad = None
        if not self._in_flight:
            self._step(optimizer, gradients)
        elif gradients:
            self._late = optimizer, gradients

    def begin_pass(self) -> None:
        """Begin a training pass whose gradients come later; weights are frozen until `end_pass`.

        spaCy's `nlp.update` steps `tok2vec` right after its pass, with the gradients of the pass
        before, and only then come those of its listeners.
        """
        self.end_pass()
        self._in_flight = True

    def end_pass(self) -> None:
        """End the pass: apply the steps that waited for its gradients."""
        self._in_flight = False
        if self._late is not None:
            late = self._late
            self._late = None
            self._step(*late)

    def _step(self, optimizer: Any, gradients: Mapping[str, Tensor]) -> None:
        steps_now = isinstance(optimizer, Optimizer)
        self._steps_later |= not steps_now
        for name, parameter in self._parameters():
            if name not in gradients:
                continue
            rate = {"lr_scale": self.lower_rate} if steps_now and name.startswith(BELOW) else {}
            values = torch2xp(parameter.data)
            changed, _ = optimizer((self.id, name), values, torch2xp(gradients[name]), **rate)
            if changed is not values:
                parameter.data.copy_(xp2torch(changed))
            # The optimizer writes past torch, whose count of changes tells readers that theirs are
            # old.
            torch.autograd.graph.increment_version(parameter)

    @contextmanager
    def use_params(self, params: Mapping[tuple[int, str], Any]) -> Iterator[None]:
        """Give the module other weights inside a context, such as an optimizer's averages.

        Args:
            params: Weights by shim and name.

        Yields:
            Nothing; afterwards the module has its own weights again.
        """
        others = {
            name: xp2torch(params[self.id, name])
            for name, _ in self._parameters()
            if (self.id, name) in params
        }
        copies = {
            name: parameter.detach().clone()
            for name, parameter in self._parameters()
            if name in others
        }
        self._fill(others)
        try:
            yield
        finally:
            self._fill(copies)

    @torch.no_grad()
    def _fill(self, weights: Mapping[str, Tensor]) -> None:
        for name, parameter in self._parameters():
            if name in weights:
                parameter.copy_(weights[name].view_as(parameter))

    def to_device(self, device_type: str, device_id: int) -> None:
        """Move the module.

        Args:
            device_type: `cpu` or `gpu`.
            device_id: The number of the GPU.
        """
        if self.part is not None:
            kind = {"cpu": "cpu", "gpu": f"cuda:{device_id}"}.get(device_type, device_type)
            self.part.module.to(kind)

    def to_bytes(self) -> bytes:
        """Pack the files of the labeler.

        Returns:
            The files; nothing before there is a model.
        """
        return b"" if self.part is None else pack_folder(self.part.save)

    def from_bytes(self, data: bytes) -> "TorchShim":
        """Take what `to_bytes` packed, whatever was held before and however many labels it had.

        Args:
            data: The packed files.

        Returns:
            This shim.
        """
        if data:
            self.take(unpack_folder(data, load_trained))
        return self

    def __getstate__(self) -> dict[str, Any]:
        return {"lower_rate": self.lower_rate, "data": self.to_bytes()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        TorchShim.__init__(self, lower_rate=state["lower_rate"])
        self.from_bytes(state["data"])


def shim_of(model: Model[Any, Any]) -> TorchShim:
    """Give the shim of one of this library's architectures.

    Args:
        model: The thinc model.

    Returns:
        Its shim.
    """
    shim = model.shims[0]
    assert isinstance(shim, TorchShim)
    return shim
