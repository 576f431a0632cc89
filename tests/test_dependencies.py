"""Every package that seqlabel imports is declared: what is needed always as a dependency, what is
imported late in an extra."""

import ast
import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.test_architecture import FOLDER, MODULES, OPTIONAL, imports_of

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# Where a distribution is not called as the package that it installs.
CALLED = {"sklearn": "scikit-learn", "stdnum": "python-stdnum"}


def names_of(requirements):
    return {canonicalize_name(Requirement(one).name) for one in requirements}


NEEDED = names_of(PROJECT["dependencies"])
EXTRA = names_of(
    one
    for name, some in PROJECT["optional-dependencies"].items()
    if name not in ("dev", "docs", "test")
    for one in some
)


def packages_of(tree):
    """The packages that a module imports, without the standard library and this one."""
    found = {name.split(".")[0] for _, name in imports_of(tree)}
    # `_typeshed` is there for type checkers only.
    return found - sys.stdlib_module_names - {"seqlabel", "_typeshed"}


def test_what_is_imported_is_declared():
    for path, tree in MODULES.items():
        for package in packages_of(tree):
            distribution = canonicalize_name(CALLED.get(package, package))
            assert distribution in (NEEDED | EXTRA if package in OPTIONAL else NEEDED), (
                f"seqlabel/{path} imports {package}; declare {distribution} in pyproject.toml"
            )


def test_lower_bounds_and_no_upper_pins():
    for requirement in map(Requirement, PROJECT["dependencies"]):
        assert [specifier.operator for specifier in requirement.specifier] == [">="], requirement


def test_what_messages_tell_to_install_is_there():
    extras = PROJECT["optional-dependencies"]
    for path in sorted(FOLDER.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\bseqlabel\[", text), f"{path}: the distribution is seqlabel-rnn"
        for extra in re.findall(r"seqlabel-rnn\[([\w,]+)\]", text):
            assert set(extra.split(",")) <= extras.keys(), path
        assert set(re.findall(r"(?:how_to_install\(|extra=)[\"'](\w+)", text)) <= extras.keys(), (
            path
        )


def test_the_check_sees_imports_inside_functions():
    assert packages_of(
        ast.parse("import os\nimport numpy.linalg\ndef f():\n    from scipy import stats")
    ) == {"numpy", "scipy"}
