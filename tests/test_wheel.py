"""The built wheel holds the library and nothing else, and trains the base task far from the checkout."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import seqlabel
from seqlabel.files import read_json

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# The recipe runs as a script would, after a look at where the library comes from.
RUN = """
import runpy, sys
from pathlib import Path
import seqlabel
home, recipe, *arguments = sys.argv[1:]
assert Path(seqlabel.__file__).resolve().is_relative_to(Path(home).resolve()), seqlabel.__file__
seqlabel.LanguageModel
sys.argv = [recipe, *arguments]
runpy.run_path(recipe, run_name="__main__")
"""


def run(*command, cwd, **more):
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [*map(str, command)],
        cwd=cwd,
        capture_output=True,
        text=True,
        env=outside | {"OMP_NUM_THREADS": "1"} | more,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def build_wheel(folder, *options):
    """Build a wheel from a copy of the checkout, so that the checkout stays clean."""
    copied = folder / "checkout"
    ignored = shutil.ignore_patterns(".*", "output", "build", "dist", "shared", "*.egg-info", "__pycache__")
    shutil.copytree(ROOT, copied, ignore=ignored)
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "-w", folder / "wheels", *options, copied, cwd=folder)
    (wheel,) = (folder / "wheels").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """A wheel built with what is installed here, without a network."""
    for needed in ("pip", "setuptools"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    return build_wheel(tmp_path_factory.mktemp("wheel"), "--no-build-isolation", "--no-index")


def check_contents(wheel):
    """Every file of the package and the licence are in the wheel as they are here, and nothing else is."""
    assert re.fullmatch(rf"seqlabel-{re.escape(PROJECT['version'])}-py3-none-any\.whl", wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        about = f"seqlabel-{PROJECT['version']}.dist-info"
        found = {name: archive.read(name) for name in archive.namelist() if not name.startswith(f"{about}/")}
        assert archive.read(f"{about}/licenses/LICENSE") == (ROOT / "LICENSE").read_bytes()
        metadata = Parser().parsestr(archive.read(f"{about}/METADATA").decode())
    files = [path for path in (ROOT / "seqlabel").rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    expected = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}
    assert {"seqlabel/__init__.py", "seqlabel/py.typed", "seqlabel/models/language_model.py"} < expected.keys()
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert metadata["Version"] == PROJECT["version"] == seqlabel.__version__
    assert metadata["License-Expression"] == PROJECT["license"]
    assert set(metadata.get_all("Provides-Extra")) == PROJECT["optional-dependencies"].keys()
    needed = {name.replace(" ", "") for name in metadata.get_all("Requires-Dist") if "extra ==" not in name}
    assert needed == set(PROJECT["dependencies"])
    assert metadata.get_payload().strip() == (ROOT / "README.md").read_text(encoding="utf-8").strip()


def train_base_task(python, home, folder, **environment):
    """Train one epoch with the library that lies in `home`, in a folder outside the checkout."""
    shutil.copy(ROOT / "recipes" / "human_numbers.py", folder)
    assert not folder.resolve().is_relative_to(ROOT.resolve())
    arguments = ("--epochs", 1, "--quiet", "--device", "cpu", "--output", folder / "output")
    run(python, "-c", RUN, home, folder / "human_numbers.py", *arguments, cwd=folder, **environment)
    assert read_json(folder / "output" / "metrics.json")["accuracy"] > 0.3
    assert (folder / "output" / "losses.png").stat().st_size > 5_000


def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    check_contents(wheel)


def test_the_unpacked_wheel_trains_the_base_task(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "unpacked")
    train_base_task(sys.executable, tmp_path / "unpacked", tmp_path, PYTHONPATH=str(tmp_path / "unpacked"))


@pytest.mark.slow
def test_a_new_environment_trains_the_base_task(tmp_path):
    wheel = build_wheel(tmp_path)
    check_contents(wheel)
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", f"{wheel}[plots]", cwd=tmp_path)
    train_base_task(python, environment, tmp_path)
