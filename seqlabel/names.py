"""Names and modules that are imported on first use, the library's own name and version, and what
pip would install.

A package lists its public names once, in its type stub, `__init__.pyi`, one `from … import x as x`
per line: type checkers read that file, and `lazy_names` reads the same one. The distribution
`seqlabel-light` has the same modules without the packages that only training and spaCy need; where
one of these is asked for, the error says what to install.
"""

import os
import re
import warnings
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from seqlabel.errors import MissingPackageError

VERSION = "1.0.0rc1"
"""The version of the library, whichever distribution it comes in."""

WHOLE, LIGHT = "seqlabel-rnn", "seqlabel-light"
"""The distributions: the whole library, and labelling and redaction alone. Both install the package
`seqlabel`.
"""

EUROPE = "seqlabel-eu"
"""The distribution of models for other languages of Europe, which goes with either."""


def installed() -> dict[str, str]:
    """Find the distributions of the library that are installed.

    Returns:
        The version of each by its name; both where they lie over each other, none where the package
        is not installed.
    """
    # Not on top: it takes longer than all else that `import seqlabel` does.
    from importlib.metadata import distributions

    found = (next(iter(distributions(name=name)), None) for name in (WHOLE, LIGHT))
    return {one.metadata["Name"]: one.version for one in found if one is not None}


def how_to_install(extra: str = "") -> str:
    """Say how pip installs what is missing.

    Args:
        extra: The extra that brings it; empty for what only the whole library brings.

    Returns:
        A command. It stays with the distribution that is installed if this has the extra.
    """
    from importlib.metadata import metadata

    is_light = LIGHT in installed()
    if is_light and extra in (metadata(LIGHT).get_all("Provides-Extra") or ()):
        return f"pip install '{LIGHT}[{extra}]'"
    whole = f"pip install '{WHOLE}[{extra}]'" if extra else f"pip install {WHOLE}"
    return f"pip uninstall {LIGHT} && {whole}" if is_light else whole


def missing_package(error: ImportError, *, needed_for: str = "This", extra: str = "") -> Exception:
    """Return what to raise for a package that is not installed.

    Args:
        error: The error of the import.
        needed_for: The feature that needs the package, the subject of the message.
        extra: The extra that brings it; empty for what only the whole library brings.

    Returns:
        The library's error, which says what to install; the same error where it is not about
        another package.
    """
    package = (error.name or "").partition(".")[0]
    if not isinstance(error, ModuleNotFoundError) or package in ("", "seqlabel"):
        return error
    return MissingPackageError(
        f"{needed_for} needs the package {package}, which is not installed. Run "
        f"{how_to_install(extra)}."
    )


def needed(module: str, *, needed_for: str, extra: str = "") -> ModuleType:
    """Import a module of a package that may not be installed.

    Args:
        module: The module's dotted name.
        needed_for: The feature that needs it, the subject of the message.
        extra: The extra that brings it; empty for what only the whole library brings.

    Returns:
        The module.

    Raises:
        MissingPackageError: The package is not installed; the message says what to install.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise missing_package(error, needed_for=needed_for, extra=extra) from error


class LateModule:
    """A module that is imported when something of it is first asked for, such as one that needs
    torch or spaCy.

    Type checkers see the import itself, which stands under `if TYPE_CHECKING`.

    Args:
        name: The module's dotted name.
        extra: The extra that brings it; empty for what the whole library brings.
    """

    def __init__(self, name: str, *, extra: str = "") -> None:
        self._name = name
        self._extra = extra

    def __getattr__(self, name: str) -> object:
        return getattr(needed(self._name, needed_for="This", extra=self._extra), name)


_GONE = {
    "Classifier": "A head of a Labeler labels documents: write Labeler.on('en', "
    "[Categories('topic', "
    "labels)]), and "
    "Labeler.load for a folder, also that of a classifier.",
}
"""Public names of earlier versions, and what to write instead."""

_NAMESAKE = re.compile(r"seqlabel-[^-]+\.(?:dist|egg)-info")


def warn_of_namesake(folder: Path) -> None:
    """Warn if the distribution `seqlabel` is installed too, whose files replace some of this one's,
    or the reverse.

    Args:
        folder: The folder that this package was installed to; it is listed, and no metadata is
            read.
    """
    with suppress(OSError), os.scandir(folder) as found:
        if any(_NAMESAKE.fullmatch(one.name) for one in found):
            warnings.warn(
                "The distribution `seqlabel`, which is another project's, is installed with "
                "`seqlabel-rnn`, and the files of one replaced some of the other's. Run `pip "
                "uninstall seqlabel seqlabel-rnn`, then `pip install seqlabel-rnn`.",
                stacklevel=3,
            )


# Reading it with `ast` would take a tenth of the time that a small command takes.
_IMPORT = re.compile(r"^from (?P<module>\S+) import (?P<name>\w+) as (?P=name)$", re.MULTILINE)


def lazy_names(package: str) -> tuple[Callable[[str], object], Callable[[], list[str]], list[str]]:
    """Return `__getattr__`, `__dir__` and `__all__` for a package whose public names stand in its
    `__init__.pyi`.

    Args:
        package: The package's dotted name, its `__name__`.

    Returns:
        A function that imports a public name when it is asked for, a function that lists the
        package's names, and the sorted public names.
    """
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    stub = Path(spec.origin).with_suffix(".pyi").read_text(encoding="utf-8")
    homes = {match["name"]: match["module"] for match in _IMPORT.finditer(stub)}
    public = sorted(homes)

    def get(name: str) -> object:
        home = homes.get(name)
        if home is None and name in _GONE:
            raise AttributeError(f"module {package!r} has no {name!r} any more. {_GONE[name]}")
        if home is None:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}. It has {', '.join(public)}."
            )
        module = needed(home, needed_for=name)
        # A name may also be that of a module of the package, as `human_numbers` is.
        return (
            getattr(module, name)
            if hasattr(module, name)
            else needed(f"{home}.{name}", needed_for=name)
        )

    def names() -> list[str]:
        return [*public, "__version__"] if package == "seqlabel" else public

    return get, names, public
