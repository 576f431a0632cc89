"""The compiled extension, the wheel's tag, the README for the package index, and the distributions
beside the whole.

All else is in `pyproject.toml`. Three distributions are built from this tree:

    python -m build
    python -m build -C--global-option=--light
    python -m build -C--global-option=--eu
"""

import atexit
import hashlib
import json
import os
import re
import shutil
import sys
import tempfile
import tomllib
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_py import build_py

REPOSITORY = os.environ.get("SEQLABEL_REPOSITORY", "")
"""Where the files of this version can be read, such as the address of a tag; `publish.yml` sets it.
"""

_CODE = re.compile(r"(^```.*?^```$)", flags=re.DOTALL | re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]]*)\]\((?!https?:)([^)\s]+)\)\n*")
_LINK = re.compile(r"\[([^\]]*)\]\((?!https?:|#)([^)\s]+)\)")


def readme(text: str, repository: str) -> str:
    """Return the README as the package index shows it, where a relative link leads nowhere.

    With the address of a repository, links are absolute. Without one, pages are named, and pictures
    are left out.
    """
    raw = repository.replace("/blob/", "/raw/")
    image = rf"![\1]({raw}/\2)\n\n" if repository else ""
    link = rf"[\1]({repository}/\2)" if repository else r"\1"
    parts = _CODE.split(text)
    # Every second part is code.
    parts[::2] = [_LINK.sub(link, _IMAGE.sub(image, part)) for part in parts[::2]]
    return "".join(parts)


def light(project: dict[str, Any]) -> dict[str, Any]:
    """Return the `pyproject.toml` of the light distribution, whose changes are in the table
    `tool.seqlabel-light`.

    Without the entry points of spaCy: one that cannot be imported would break every pipeline of its
    environment.
    """
    changes = project["tool"]["seqlabel-light"]
    about = project["project"]
    extras = {name: about["optional-dependencies"][name] for name in changes["extras"]}
    # What an extra takes from another one, light has always.
    extras = {
        name: [one for one in some if not one.startswith(about["name"])]
        for name, some in extras.items()
    }
    kept = {name: value for name, value in about.items() if name != "entry-points"}
    return {
        "build-system": project["build-system"],
        "project": kept
        | {
            "name": "seqlabel-light",
            "description": changes["description"],
            "dependencies": changes["dependencies"],
            "optional-dependencies": extras,
        },
        "tool": {"setuptools": project["tool"]["setuptools"]},
    }


def toml(table: Mapping[str, Any], place: tuple[str, ...] = ()) -> str:
    """Write tables of text, lists of text, and tables as TOML, whose strings and lists are those of
    JSON.
    """
    inner = {name: value for name, value in table.items() if isinstance(value, Mapping)}
    lines = [
        f"{json.dumps(name)} = {json.dumps(value)}"
        for name, value in table.items()
        if name not in inner
    ]
    head = [f"[{'.'.join(map(json.dumps, place))}]"] if lines and place else []
    return (
        "\n".join([*head, *lines, *(toml(value, (*place, name)) for name, value in inner.items())])
        + "\n"
    )


def europe(project: dict[str, Any]) -> dict[str, Any]:
    """Return the `pyproject.toml` of the distribution of weights for other languages, from
    `tool.seqlabel-eu`.
    """
    about, changes = project["project"], project["tool"]["seqlabel-eu"]
    shared = {
        name: about[name] for name in ("version", "requires-python", "license-files", "keywords")
    }
    return {
        "build-system": project["build-system"],
        "project": changes["project"] | shared,
        "tool": {"setuptools": changes["setuptools"]},
    }


_OTHERS = {"--light": ("seqlabel", light), "--eu": ("seqlabel_eu", europe)}
"""The package and the `pyproject.toml` of the distribution that an option builds."""


WEIGHTS = os.environ.get("SEQLABEL_WEIGHTS", "")
"""Where weights that the checkout lacks are fetched from: an address or a folder with one file per
SHA-256.
"""


def fetch_weights(packages: Sequence[Path], source: str) -> list[Path]:
    """Fetch the weights that the models of some folders name and lack, such as those of a checkout
    without them.

    A file is checked before it takes its place.

    Args:
        packages: Folders of models.
        source: An address or a folder with files that are named by their SHA-256.

    Returns:
        The files that were fetched.
    """
    fetched = []
    for config in sorted(path for package in packages for path in package.glob("*/config.json")):
        checksums = json.loads(config.read_text(encoding="utf-8"))["files"]
        target = config.with_name("model.safetensors")
        if target.exists():
            continue
        checksum = checksums[target.name]
        if not source:
            sys.exit(
                f"{target}: missing. Set SEQLABEL_WEIGHTS to the address or the folder of the "
                "weights."
            )
        if "://" in source:
            with urllib.request.urlopen(f"{source.rstrip('/')}/{checksum}") as answer:
                content = answer.read()
        else:
            content = Path(source, checksum).read_bytes()
        found = hashlib.sha256(content).hexdigest()
        if found != checksum:
            sys.exit(
                f"{target}: expected the SHA-256 {checksum}, got {found} from {source}. Fetch "
                "it again."
            )
        part = target.with_suffix(".part")
        part.write_bytes(content)
        part.replace(target)
        fetched.append(target)
    return fetched


def copy_tree(source: Path, option: str) -> Path:
    """Copy what another distribution is built from into a folder that is deleted at the end of the
    process.
    """
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    target = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    package, changed = _OTHERS[option]
    without = {
        source / package / name
        for name in project["tool"][f"seqlabel-{option[2:]}"].get("without", ())
    }

    def left_out(folder: str, names: list[str]) -> set[str]:
        return {
            name
            for name in names
            if name in ("__pycache__", "build") or Path(folder, name) in without
        }

    shutil.copytree(source / package, target / package, ignore=left_out)
    for name in ("setup.py", "README.md", *project["project"]["license-files"]):
        shutil.copy(source / name, target)
    (target / "pyproject.toml").write_text(toml(changed(project)), encoding="utf-8")
    return target


class WithRecipes(build_py):
    """Puts the recipes' scripts into the wheel as `seqlabel/recipes`, without the material that
    some of them read.
    """

    def run(self) -> None:
        """Build as ever, and copy the scripts."""
        super().run()
        # An editable library finds them in the checkout; the tree of another distribution has none.
        if not self.editable_mode:
            for source, target in self.recipes().items():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target)

    def recipes(self) -> dict[str, str]:
        """Return the scripts and where the wheel has each."""
        scripts = sorted(Path("recipes").glob("*.py"))
        return {
            str(path): str(Path(self.build_lib, "seqlabel", "recipes", path.name))
            for path in scripts
        }

    def get_source_files(self) -> list[str]:
        """Return the files of the source archive, of which the wheel is built."""
        return [*super().get_source_files(), *self.recipes()]


def is_whole() -> bool:
    """Whether this is the tree of all distributions, and not a copy of it or the source archive of
    another one.
    """
    return (
        "seqlabel-light"
        in tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["tool"]
    )


if __name__ == "__main__":
    if is_whole():
        fetch_weights([Path("seqlabel/pretrained"), Path("seqlabel_eu")], WEIGHTS)
    for option in [one for one in _OTHERS if one in sys.argv]:
        sys.argv.remove(option)
        if "editable_wheel" in sys.argv:
            sys.exit(
                f"seqlabel-{option[2:]} is built from a copy, so it cannot be editable. Leave "
                "out -e."
            )
        # The source archive of that distribution has been through this.
        if is_whole():
            os.chdir(copy_tree(Path.cwd(), option))
    if not Path("seqlabel").is_dir():
        # Weights are files of a package, and `pyproject.toml` says all of it.
        setup()
    else:
        setup(
            long_description=readme(Path("README.md").read_text(encoding="utf-8"), REPOSITORY),
            long_description_content_type="text/markdown",
            project_urls={"Source": REPOSITORY} if REPOSITORY else {},
            ext_modules=[
                Extension(
                    "seqlabel.native._steps",
                    sources=["seqlabel/native/steps.cpp"],
                    # Python's own flags make integers wrap, which the loops do not need and which
                    # slows them by a fifth. Where sums may trap, GCC makes no vectors of steps with
                    # a condition in them.
                    extra_compile_args=["/O2", "/std:c++17"]
                    if sys.platform == "win32"
                    else [
                        "-O3",
                        "-std=c++17",
                        "-fno-math-errno",
                        "-fno-trapping-math",
                        "-fno-wrapv",
                    ],
                    # Without a compiler the whole library installs all the same, and torch computes
                    # the steps.
                    optional=is_whole(),
                    py_limited_api=True,
                )
            ],
            cmdclass={"build_py": WithRecipes},
            options={"bdist_wheel": {"py_limited_api": "cp311"}},
        )
