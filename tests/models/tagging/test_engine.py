"""Engines have what the one inference path calls, with the same parameters."""

import inspect

import pytest

from seqlabel.models.tagging import engine as protocols
from seqlabel.models.tagging.native import CompiledLayers, NativeEngine
from seqlabel.models.tagging.torch_engine import TorchEngine, TorchLayers


def members_of(kind):
    """Methods with the names and kinds of their parameters, and properties."""
    return {
        name: [(one.name, one.kind, one.default) for one in inspect.signature(member).parameters.values()]
        if inspect.isfunction(member)
        else None
        for name, member in vars(kind).items()
        if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
    }


@pytest.mark.parametrize(
    ("protocol", "kind"),
    [
        (protocols.Engine, NativeEngine),
        (protocols.Engine, TorchEngine),
        (protocols.OpenLayers, CompiledLayers),
        (protocols.OpenLayers, TorchLayers),
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_member_of_the_protocol_is_there_with_its_parameters(protocol, kind):
    wanted, found = members_of(protocol), members_of(kind)
    assert len(wanted) > 1
    for name, parameters in wanted.items():
        assert hasattr(kind, name) or name in inspect.getsource(kind.__init__), name
        if parameters is not None:
            assert found[name] == parameters, name
