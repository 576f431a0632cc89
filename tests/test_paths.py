"""Every public function that takes a path says that it takes a string too; the type checker, to
which a string has no method of a path, shows that it does.
"""

import importlib
import inspect
import re
import typing
from pathlib import Path

import seqlabel

NO_PATH_GIVEN = {"Parts", "labels_of", "relations_of"}
"""What only holds or names paths that others gave."""


def path_hints(function):
    """The types of a function's parameters that are paths, by name."""
    try:
        hints = typing.get_type_hints(function)
    except NameError:
        hints = function.__annotations__
    texts = {name: str(hint) for name, hint in hints.items() if name != "return"}
    return {name: hint for name, hint in texts.items() if "Path" in hint and "Callable" not in hint}


def public_names():
    """All public names, of the root and of the packages, and what they stand for."""
    library = Path(seqlabel.__file__).parent
    for stub in sorted(library.rglob("__init__.pyi")):
        module = importlib.import_module(
            ".".join(("seqlabel", *stub.parent.relative_to(library).parts))
        )
        for name in module.__all__:
            yield name, getattr(module, name)


def public_functions():
    for name, value in public_names():
        if inspect.isclass(value):
            yield name, value.__init__
            for part, method in inspect.getmembers(value, inspect.isroutine):
                if not part.startswith("_") and hasattr(method, "__annotations__"):
                    yield f"{name}.{part}", method
        elif inspect.ismodule(value):
            for part, function in inspect.getmembers(value, inspect.isfunction):
                if not part.startswith("_") and function.__module__ == value.__name__:
                    yield f"{name}.{part}", function
        elif inspect.isfunction(value):
            yield name, value


def test_a_path_may_be_a_string():
    paths = {name: path_hints(function) for name, function in public_functions()}
    takers = {name for name, hints in paths.items() if hints}
    assert {"read_conllu", "Report.write", "Checkpoints", "plot_losses", "whole_lines"} <= takers
    refusing = []
    for name in takers - NO_PATH_GIVEN:
        refusing += [
            f"{name}: {hint}" for hint in paths[name].values() if not re.search(r"\bstr\b", hint)
        ]
    assert refusing == []
