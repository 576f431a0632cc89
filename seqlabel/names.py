"""Names and modules that are imported on first use, so that importing a package costs little; no other logic is here.

A package lists its public names once, as imports in the type stub beside it, `__init__.pyi`: type checkers read that
file, and `hand_on` reads the same one.
"""

import ast
import os
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


class LateModule:
    """A module that is imported when something of it is first asked for, such as one that needs torch or spaCy.

    Type checkers see the import itself, which stands beside it under `if TYPE_CHECKING`.

    Args:
        name: The module's dotted name.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> object:
        return getattr(import_module(self._name), name)


_NAMESAKE = re.compile(r"seqlabel-[^-]+\.(?:dist|egg)-info")


def warn_of_namesake(folder: Path) -> None:
    """Warn if the distribution `seqlabel` is installed too, whose files replace some of this one's, or the reverse.

    Args:
        folder: The folder that this package was installed to; it is listed, and no metadata is read.
    """
    with suppress(OSError), os.scandir(folder) as found:
        if any(_NAMESAKE.fullmatch(one.name) for one in found):
            warnings.warn(
                "The distribution `seqlabel`, which is another project's, is installed beside `seqlabel-rnn`, and the "
                "files of one replaced some of the other's. Run `pip uninstall seqlabel seqlabel-rnn`, then "
                "`pip install seqlabel-rnn`.",
                stacklevel=3,
            )


def hand_on(package: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package whose public names stand in its `__init__.pyi`.

    Args:
        package: The package's dotted name, its `__name__`.

    Returns:
        A function that imports a public name when it is asked for, a function that lists the package's names, and the
        sorted public names.
    """
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    stub = ast.parse(Path(spec.origin).with_suffix(".pyi").read_text(encoding="utf-8"))
    homes = {alias.name: node.module for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    public = sorted(homes)

    def get(name: str) -> object:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}. It has {', '.join(public)}.")
        module = import_module(home)
        # A name may also be that of a module of the package, as `human_numbers` is.
        return getattr(module, name) if hasattr(module, name) else import_module(f"{home}.{name}")

    def names() -> list[str]:
        return [*public, "__version__"] if package == "seqlabel" else public

    return get, names, public
