"""Docstrings of layers and heads: each has its formula and names the paper that it comes from."""

import importlib
import pkgutil
import re
from dataclasses import is_dataclass

import pytest
from torch import nn

import seqlabel.nn

MODULES = [
    importlib.import_module(info.name)
    for info in pkgutil.walk_packages(seqlabel.nn.__path__, "seqlabel.nn.")
]
LAYERS = {
    value
    for module in MODULES
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
    if issubclass(value, nn.Module) or (is_dataclass(value) and hasattr(value, "decode"))
}
# A product is older than papers, and a head of torch has the paper of its kind.
WITHOUT_PAPER = {"Linear", "TagHead"}
PAPER = re.compile(r"[A-Z]\w+(?: et al\.)? \(?(?:19|20)\d\d")


def test_all_layers_are_seen():
    names = {layer.__name__ for layer in LAYERS}
    assert len(names) > 20
    assert {"TableEmbedder", "MinGRU", "TaggingModel", "CRF", "Biaffine"} <= names


@pytest.mark.parametrize("layer", sorted(LAYERS, key=lambda layer: layer.__name__))
def test_a_layer_has_its_formula_and_paper(layer):
    text = " ".join(layer.__doc__.split())
    assert re.search(r"Formula[^:]*::", text)
    assert PAPER.search(text) or layer.__name__ in WITHOUT_PAPER
