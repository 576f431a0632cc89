"""A pretended device: its tensors lie elsewhere for torch, and the CPU computes with them.

As on a GPU, an operation refuses tensors of two devices, the CPU waits for values that it reads,
and autocast computes products in 16 bits and losses in 32. Operations belong to streams: one that
reads what another stream made, without having waited for it, is refused. The kernels of a GPU with
their rounding, cuDNN and memory are not pretended.

Shapes: batch, width.
"""

import threading
import weakref
from collections import Counter
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

import torch
from torch import Tensor, library, nn
from torch.utils import backend_registration
from torch.utils._python_dispatch import return_and_correct_aliasing

from seqlabel.nn import moving

NAME = "pretended"
AVAILABLE = hasattr(backend_registration, "_setup_privateuseone_for_python_backend")
"""Whether this torch has the hook for devices that are written in Python, which is private."""
aten = torch.ops.aten

_ACROSS = {aten.copy_, aten._to_copy}
"""Operations that take tensors of two devices."""
_SIZED_BY_VALUES = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
_waits = Counter()
_products = Counter()
_transfers = Counter()
_pinned = weakref.WeakValueDictionary()


@contextmanager
def pretending():
    """Let tensors be made on the device, or moved there."""
    _set_up()
    with (
        torch.autograd.set_multithreading_enabled(False),
        patch.object(nn.Module, "_apply", _apply),
    ):
        yield


@contextmanager
def counted_waits():
    """Count, by the names of operations, how often the CPU waits for the device or sends it
    something.
    """
    before, found = Counter(_waits), Counter()
    yield found
    found.update(_waits - before)


@contextmanager
def counted_products():
    """Count the products that autocast computes, by the type of their numbers."""
    before, found = Counter(_products), Counter()
    yield found
    found.update(_products - before)


@contextmanager
def counted_records():
    """Count the tensors that the allocator is told to keep for a stream, by stream."""
    before, found = Counter(_recorded), Counter()
    yield found
    found.update(_recorded - before)


@contextmanager
def counted_transfers():
    """Let `moved` pin memory for the device, and count what is sent there: `pinned` goes while both
    sides compute.
    """

    def pin(tensor):
        copy = tensor.clone()
        _pinned[id(copy)] = copy
        return copy

    before, found = Counter(_transfers), Counter()
    with patch.object(moving, "PINNED", {NAME}), patch.object(Tensor, "pin_memory", pin):
        yield found
    found.update(_transfers - before)


class Stream:
    """A queue of operations: it knows what it did itself, and what others had done when it waited
    for them.
    """

    def __init__(self, device=None):
        self.count = 0
        self.known = {}

    def write(self):
        """Count an operation, and give the stream and the count by which its result is known."""
        self.count += 1
        return self, self.count

    def read(self, written, operation):
        stream, count = written
        if stream is not self and self.known.get(stream, 0) < count:
            raise RuntimeError(
                f"{operation}: reads what another stream makes, and has not waited for it."
            )

    def record_event(self):
        return {**self.known, self: self.count}

    def wait_event(self, event):
        for stream, count in event.items():
            self.known[stream] = max(count, self.known.get(stream, 0))

    def wait_stream(self, stream):
        self.wait_event(stream.record_event())


_DEFAULT = Stream()
_of_thread = threading.local()
_recorded = Counter()


def current_stream(device=None):
    """The stream of this thread: the one of its `with` block, else the one that all threads
    share.
    """
    return getattr(_of_thread, "stream", _DEFAULT)


@contextmanager
def using(stream):
    """Let a thread's operations belong to a stream."""
    before = current_stream()
    _of_thread.stream = stream
    try:
        yield
    finally:
        _of_thread.stream = before


class PretendedTensor(Tensor):
    """A tensor on the device; `inside` is one on the CPU with its numbers."""

    __torch_function__ = torch._C._disabled_torch_function_impl

    @staticmethod
    def __new__(cls, inside):
        layout = {
            "strides": inside.stride(),
            "storage_offset": inside.storage_offset(),
            "dtype": inside.dtype,
        }
        made = Tensor._make_wrapper_subclass(
            cls, inside.shape, **layout, device=torch.device(NAME, 0)
        )
        made.inside = inside
        made.written = current_stream().write()
        return made

    @classmethod
    def __torch_dispatch__(cls, operation, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        if _has_parts(operation):
            return operation.decompose(*args, **kwargs)
        tensors = []
        inside, options = _each_tensor(
            (args, kwargs), lambda one: tensors.append(one) or getattr(one, "inside", one)
        )
        _check(operation, tensors)
        for one in tensors:
            if isinstance(one, PretendedTensor):
                current_stream().read(one.written, operation)
        device = torch.device(options.get("device") or NAME)
        if "device" in options:
            options["device"] = torch.device("cpu")
        if _waits_for(operation, inside) or device.type != NAME or _moves(operation, args):
            _waits[operation.overloadpacket.__name__] += 1
        if _moves(operation, args):
            source, is_at_once = args[1], (*args, False)[2]
            _transfers[
                "pinned" if is_at_once and _pinned.get(id(source)) is source else "waiting"
            ] += 1
        result = _OWN.get(operation.overloadpacket, operation)(*inside, **options)
        if operation.overloadpacket.__name__.endswith("_") and isinstance(args[0], PretendedTensor):
            args[0].written = current_stream().write()
        if device.type != NAME:
            return result
        # A view of a tensor that autograd knows is such a tensor, in inference mode too.
        with torch.inference_mode(torch.is_inference_mode_enabled() and not operation.is_view):
            result = _each_tensor(result, cls)
        return return_and_correct_aliasing(operation, args, kwargs, result)

    def record_stream(self, stream):
        _recorded[stream] += 1

    def __repr__(self):
        return f"{NAME}: {self.inside!r}"

    def __deepcopy__(self, memo):
        copy = PretendedTensor(self.inside.clone())
        if isinstance(self, nn.Parameter):
            copy = nn.Parameter(copy, self.requires_grad)
        memo[id(self)] = copy
        return copy

    def tolist(self):
        return self.cpu().tolist()

    def data_ptr(self):
        return self.inside.data_ptr()

    def untyped_storage(self):
        return self.inside.untyped_storage()


def _each_tensor(values, change):
    """Change the tensors in arguments or results of an operation."""
    if isinstance(values, Tensor):
        return change(values)
    if isinstance(values, list | tuple):
        return type(values)([_each_tensor(one, change) for one in values])
    if isinstance(values, dict):
        return {name: _each_tensor(one, change) for name, one in values.items()}
    return values


@cache
def _has_parts(operation):
    """Whether torch writes an operation as others; in inference mode it comes whole."""
    return torch._C._dispatch_has_kernel_for_dispatch_key(
        operation.name(), "CompositeImplicitAutograd"
    )


def _check(operation, tensors):
    """Refuse tensors of two devices, but a number of the CPU that is read where tensors meet number
    by number.
    """
    strange = [one for one in tensors if not isinstance(one, PretendedTensor)]
    if not strange or operation.overloadpacket in _ACROSS:
        return
    written = tensors[0] is strange[0] and operation.overloadpacket.__name__.endswith("_")
    if written or torch.Tag.pointwise not in operation.tags or any(one.dim() for one in strange):
        raise RuntimeError(
            f"{operation}: Expected all tensors to be on the same device, found {NAME} and cpu."
        )


def _waits_for(operation, args):
    """Whether the result, or its size, depends on values."""
    if operation is aten.index.Tensor:
        return any(one is not None and one.dtype is torch.bool for one in args[1])
    return any(tag in _SIZED_BY_VALUES for tag in operation.tags)


def _moves(operation, args):
    return operation is aten.copy_.default and args[0].device != args[1].device


_apply_to_each = nn.Module._apply


def _apply(module, change, recurse=True):
    """Move a module: it gets new parameters, and those that were one before are one again."""
    places = {}
    for part in module.modules():
        for name, parameter in part._parameters.items():
            places.setdefault(id(parameter), []).append((part, name))
    # Else torch puts new numbers into the old parameter, whose numbers on the CPU would be the old
    # ones.
    before = torch.__future__.get_overwrite_module_params_on_conversion()
    torch.__future__.set_overwrite_module_params_on_conversion(True)
    try:
        _apply_to_each(module, change, recurse)
    finally:
        torch.__future__.set_overwrite_module_params_on_conversion(before)
    for (owner, own), *others in places.values():
        for part, name in others:
            part._parameters[name] = owner._parameters[own]
    return module


@cache
def _set_up():
    """Make the device known to torch, once in a process."""
    # The first backward pass counts devices: none, so that processes may fork after it as they may
    # without this one.
    torch.zeros((), requires_grad=True).backward()
    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    for name, make in _MADE.items():
        library.impl(f"aten::{name}", "privateuseone")(make)
    _ALL_OTHERS.fallback(library.fallthrough_kernel)
    for names, dtype in ((_HALVED, None), (_EXACT, torch.float32)):
        for name in names:
            packet, _, overload = name.partition(".")
            operation = getattr(getattr(aten, packet), overload or "default")
            library.impl(f"aten::{name}", "AutocastPrivateUse1")(_under_autocast(operation, dtype))


class _Module(backend_registration._DummyBackendModule if AVAILABLE else object):
    Stream = Stream
    current_stream = staticmethod(current_stream)
    stream = staticmethod(using)

    def get_amp_supported_dtype(self):
        return [torch.bfloat16, torch.float16]


_HALVED = ("linear", "matmul", "mm", "addmm", "bmm", "baddbmm")
"""Products, which autocast computes in 16 bits on a GPU."""
_EXACT = (
    "layer_norm",
    "softmax.int",
    "log_softmax.int",
    "cross_entropy_loss",
    "nll_loss",
    "binary_cross_entropy_with_logits",
)
"""What autocast computes in 32 bits there."""


_ALL_OTHERS = library.Library("_", "IMPL", "AutocastPrivateUse1")


def _under_autocast(operation, dtype):
    """An operation whose floats autocast turns into one type: its own for None."""
    keys = torch._C.DispatchKeySet(torch._C.DispatchKey.AutocastPrivateUse1)

    def cast(value):
        wanted = dtype or torch.get_autocast_dtype(NAME)
        return (
            value.to(wanted)
            if value.is_floating_point() and value.dtype is not torch.float64
            else value
        )

    def run(*args, **kwargs):
        with torch._C._ExcludeDispatchKeyGuard(keys):
            args, kwargs = _each_tensor((args, kwargs), cast)
            if dtype is None:
                _products[args[0].dtype] += 1
            return operation(*args, **kwargs)

    return run


def _empty(size, *, dtype=None, memory_format=None, **_):
    return PretendedTensor(torch.empty(size, dtype=dtype, memory_format=memory_format))


def _empty_strided(size, stride, *, dtype=None, **_):
    return PretendedTensor(torch.empty_strided(size, stride, dtype=dtype))


def _arange(start, end, step=1, *, dtype=None, **_):
    return PretendedTensor(torch.arange(start, end, step, dtype=dtype))


def _copy_from(source, target, non_blocking=False):
    _waits["copy_"] += 1
    target.inside.copy_(source)
    return target


_MADE = {
    "empty.memory_format": _empty,
    "empty_strided": _empty_strided,
    "arange.start_step": _arange,
    "_copy_from": _copy_from,
}


def _slope(gate):
    return gate * (1 - gate)


def _sum(gradient, has_bias):
    return gradient.sum(0) if has_bias else None


def _gru_cell(read, carried, state, read_bias=None, carried_bias=None):
    """A step from gates (batch, 3 · width) and a state (batch, width): the state after it, and what
    goes back.
    """
    read, carried = (
        gates if bias is None else gates + bias
        for gates, bias in ((read, read_bias), (carried, carried_bias))
    )
    (reset, update, new), (more_reset, more_update, inner) = read.chunk(3, 1), carried.chunk(3, 1)
    reset, update = (reset + more_reset).sigmoid(), (update + more_update).sigmoid()
    new = (new + reset * inner).tanh()
    return new + update * (state - new), torch.cat([reset, update, new, state, inner], 1)


def _gru_cell_backward(gradient, kept, has_bias):
    reset, update, new, state, inner = kept.chunk(5, 1)
    to_new = gradient * (1 - update) * (1 - new * new)
    to_both = [to_new * inner * _slope(reset), gradient * (state - new) * _slope(update)]
    read, carried = torch.cat([*to_both, to_new], 1), torch.cat([*to_both, to_new * reset], 1)
    return read, carried, gradient * update, _sum(read, has_bias), _sum(carried, has_bias)


def _lstm_cell(read, carried, cell, read_bias=None, carried_bias=None):
    """A step from gates (batch, 4 · width) and a cell (batch, width): state and cell after it, and
    what goes back.
    """
    gates = read + carried + (0 if read_bias is None else read_bias + carried_bias)
    come, stay, new, out = gates.chunk(4, 1)
    come, stay, new, out = come.sigmoid(), stay.sigmoid(), new.tanh(), out.sigmoid()
    cell = stay * cell + come * new
    return out * cell.tanh(), cell, torch.cat([come, stay, new, out], 1)


def _lstm_cell_backward(to_state, to_cell, cell, after, kept, has_bias):
    come, stay, new, out = kept.chunk(4, 1)
    to_state, to_cell = (
        torch.zeros_like(cell) if one is None else one for one in (to_state, to_cell)
    )
    shown = after.tanh()
    through = to_cell + to_state * out * (1 - shown * shown)
    gates = [
        through * new * _slope(come),
        through * cell * _slope(stay),
        through * come * (1 - new * new),
        to_state * shown * _slope(out),
    ]
    to_gates = torch.cat(gates, 1)
    return to_gates, through * stay, _sum(to_gates, has_bias)


# Torch has these for GPUs alone.
_OWN = {
    aten._thnn_fused_gru_cell: _gru_cell,
    aten._thnn_fused_gru_cell_backward: _gru_cell_backward,
    aten._thnn_fused_lstm_cell: _lstm_cell,
    aten._thnn_fused_lstm_cell_backward_impl: _lstm_cell_backward,
}
