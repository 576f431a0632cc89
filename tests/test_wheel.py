"""What goes to the package index: it holds the library and nothing else, and works far from the
checkout.

Names and metadata, the source archive and the wheel, the base task from the wheel, and a spaCy
pipeline that a new environment installs from a folder of wheels.
"""

import hashlib
import importlib
import importlib.util
import json
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
import spacy

import seqlabel
from seqlabel.io.files import read_json

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


SHOWN = """
import runpy, sys
from pathlib import Path
print(runpy.run_path("setup.py")["readme"](Path("README.md").read_text(encoding="utf-8"), sys.argv[1]))
"""  # noqa: E501


def shown_readme(repository):
    """What setup.py makes of the README; in a process of its own, since setuptools takes the place
    of distutils.
    """
    command = [sys.executable, "-c", SHOWN, repository]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True
    ).stdout


FETCHED = """
import runpy, sys
from pathlib import Path
for path in runpy.run_path(sys.argv[1])["fetch_weights"]([Path("models")], sys.argv[2]):
    print(path.as_posix())
"""


@pytest.mark.parametrize("wrong", [False, True])
def test_weights_that_a_checkout_lacks_are_fetched_and_checked(tmp_path, wrong):
    weights = b"these are weights"
    checksum = hashlib.sha256(weights).hexdigest()
    store = tmp_path / "store"
    store.mkdir()
    (store / checksum).write_bytes(b"others" if wrong else weights)
    for name in ("first", "second"):
        (tmp_path / "models" / name).mkdir(parents=True)
        config = json.dumps({"files": {"model.safetensors": checksum}})
        (tmp_path / "models" / name / "config.json").write_text(config, encoding="utf-8")
    (tmp_path / "models" / "second" / "model.safetensors").write_bytes(b"kept")
    for source in (str(store), store.as_uri()):
        (tmp_path / "models" / "first" / "model.safetensors").unlink(missing_ok=True)
        command = [sys.executable, "-c", FETCHED, str(ROOT / "setup.py"), source]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        if wrong:
            assert done.returncode != 0
            assert checksum in done.stderr
            assert sorted(path.name for path in (tmp_path / "models" / "first").iterdir()) == [
                "config.json"
            ]
        else:
            assert done.stdout == "models/first/model.safetensors\n", done.stderr
            assert (tmp_path / "models" / "first" / "model.safetensors").read_bytes() == weights
        assert (tmp_path / "models" / "second" / "model.safetensors").read_bytes() == b"kept"


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


def copy_checkout(folder):
    """Copy the checkout, so that builds leave it clean."""
    ignored = shutil.ignore_patterns(
        ".*", "output", "build", "dist", "shared", "*.egg-info", "__pycache__"
    )
    return shutil.copytree(ROOT, folder / "checkout", ignore=ignored)


def build(folder, *options, **environment):
    """Build an sdist, and a wheel from it."""
    copied = copy_checkout(folder)
    run(
        sys.executable,
        "-m",
        "build",
        "--outdir",
        folder / "dist",
        *options,
        copied,
        cwd=folder,
        **environment,
    )
    (archive,) = (folder / "dist").glob("*.tar.gz")
    (wheel,) = (folder / "dist").glob("*.whl")
    return archive, wheel


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The sdist and the wheel, built with what is installed here, without a network."""
    for needed in ("build", "setuptools"):
        if importlib.util.find_spec(needed) is None:
            pytest.skip(f"{needed} is not installed")
    return build(tmp_path_factory.mktemp("built"), "--no-isolation")


@pytest.fixture(scope="module")
def wheel(built):
    return built[1]


def check_contents(wheel):
    """The files of the package, the recipes and the licences are in the wheel as they are here, and
    nothing else is.
    """
    assert re.fullmatch(
        rf"seqlabel_rnn-{re.escape(PROJECT['version'])}-cp311-abi3-\w+\.whl", wheel.name
    )
    with zipfile.ZipFile(wheel) as archive:
        about = f"seqlabel_rnn-{PROJECT['version']}.dist-info"
        found = {
            name: archive.read(name)
            for name in archive.namelist()
            if not name.startswith(f"{about}/")
        }
        for name in PROJECT["license-files"]:
            assert archive.read(f"{about}/licenses/{name}") == (ROOT / name).read_bytes()
        metadata = Parser().parsestr(archive.read(f"{about}/METADATA").decode())
    compiled = [name for name in found if name.endswith((".so", ".pyd"))]
    assert compiled == ["seqlabel/native/_steps.abi3.so"] * (shutil.which("c++") is not None)
    for name in compiled:
        del found[name]
    files = [
        path
        for path in (ROOT / "seqlabel").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]
    files = [path for path in files if path.suffix not in (".so", ".pyd")]
    expected = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files}
    scripts = (ROOT / "recipes").glob("*.py")
    expected |= {f"seqlabel/recipes/{path.name}": path.read_bytes() for path in scripts}
    assert {
        "seqlabel/__init__.py",
        "seqlabel/py.typed",
        "seqlabel/models/language_model.py",
    } < expected.keys()
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert metadata["Version"] == PROJECT["version"] == seqlabel.__version__
    assert metadata["License-Expression"] == PROJECT["license"]
    assert set(metadata.get_all("Provides-Extra")) == PROJECT["optional-dependencies"].keys()
    needed = {
        name.replace(" ", "")
        for name in metadata.get_all("Requires-Dist")
        if "extra ==" not in name
    }
    assert needed == set(PROJECT["dependencies"])
    assert metadata.get_payload().strip() == shown_readme("").strip()
    assert metadata["Description-Content-Type"] == "text/markdown"


def environment_with_only(package, folder):
    """Install a package in a new environment that sees a folder of wheels and no index; return its
    Python.
    """
    _, wheel = build(folder)
    wheels = folder / "wheels"
    run(
        sys.executable,
        "-m",
        "pip",
        "download",
        "--dest",
        wheels,
        wheel,
        "setuptools",
        "wheel",
        cwd=folder,
    )
    run(sys.executable, "-m", "venv", folder / "environment", cwd=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    only = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"}
    run(python, "-m", "pip", "install", "--quiet", package, cwd=folder, **only)
    return python


def train_base_task(python, home, folder, **environment):
    """Train one epoch with the library that lies in `home`, in a folder outside the checkout."""
    shutil.copy(ROOT / "recipes" / "human_numbers.py", folder)
    assert not folder.resolve().is_relative_to(ROOT.resolve())
    arguments = ("--epochs", 1, "--quiet", "--device", "cpu", "--output", folder / "output")
    run(python, "-c", RUN, home, folder / "human_numbers.py", *arguments, cwd=folder, **environment)
    assert read_json(folder / "output" / "metrics.json")["accuracy"] > 0.3
    assert (folder / "output" / "losses.png").stat().st_size > 5_000


@pytest.mark.slow
def test_the_wheel_holds_the_library_and_nothing_else(wheel):
    check_contents(wheel)


@pytest.mark.slow
def test_the_index_would_take_the_files(built):
    pytest.importorskip("twine", reason="twine is not installed (seqlabel-rnn[dev])")
    assert (
        run(
            sys.executable, "-m", "twine", "check", "--strict", *built, cwd=built[0].parent
        ).stdout.count("PASSED")
        == 2
    )


@pytest.mark.parametrize("repository", ["", "https://git.example/o/n/blob/v1"])
def test_the_index_shows_a_readme_without_dead_links(repository):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = shown_readme(repository)
    targets = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"```.*?```", "", shown, flags=re.DOTALL))
    assert [one for one in targets if not one.startswith("https://")] == []
    assert (f"[ten minutes]({repository}/docs/ten_minutes.md)" in shown) == bool(repository)
    assert ("https://git.example/o/n/raw/v1/docs/images/heads.svg" in shown) == bool(repository)
    assert "<!--" not in shown
    code = re.compile(r"^```.*?^```$", flags=re.DOTALL | re.MULTILINE)
    assert code.findall(shown) == code.findall(text)


@pytest.mark.slow
def test_without_a_compiler_the_package_installs_all_the_same(tmp_path):
    # Not imported: setuptools refuses a process in which something has imported distutils.
    if missing := [
        needed for needed in ("build", "setuptools") if importlib.util.find_spec(needed) is None
    ]:
        pytest.skip(f"{missing} is not installed")
    _, wheel = build(tmp_path, "--no-isolation", CC="false", CXX="false")
    with zipfile.ZipFile(wheel) as archive:
        assert not [name for name in archive.namelist() if name.endswith((".so", ".pyd"))]
        archive.extractall(tmp_path / "unpacked")
    code = "import seqlabel; print(seqlabel.Labeler.load('en_pos_fast').inference.kind)"
    done = run(sys.executable, "-c", code, cwd=tmp_path, PYTHONPATH=str(tmp_path / "unpacked"))
    assert done.stdout == "torch\n"


def test_the_notice_names_every_model_that_ships():
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    named = set(re.findall(r"^e[nu](?:_\w+)?$", notice, flags=re.MULTILINE))
    places = (ROOT / "seqlabel" / "pretrained", ROOT / "seqlabel_eu")
    assert named == {path.parent.name for place in places for path in place.glob("*/config.json")}


def test_a_packaged_pipeline_asks_for_this_distribution():
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_pos"})
    (requirement,) = importlib.import_module("spacy.cli.package").get_third_party_dependencies(
        nlp.config
    )
    assert requirement.startswith("seqlabel-rnn>=")


@pytest.mark.slow
def test_a_new_environment_trains_the_base_task(tmp_path):
    _, wheel = build(tmp_path)
    check_contents(wheel)
    environment = tmp_path / "environment"
    run(sys.executable, "-m", "venv", environment, cwd=tmp_path)
    python = environment / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(python, "-m", "pip", "install", f"{wheel}[plots]", cwd=tmp_path)
    train_base_task(python, environment, tmp_path)


@pytest.mark.slow
def test_a_new_environment_that_sees_only_a_folder_of_wheels_installs_and_runs_a_packaged_pipeline(
    tmp_path,
):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_pos_fast"})
    nlp.to_disk(tmp_path / "pipeline")
    (tmp_path / "packages").mkdir()
    package = (
        sys.executable,
        "-m",
        "spacy",
        "package",
        "pipeline",
        "packages",
        "--name",
        "tags",
        "--build",
        "sdist",
    )
    run(*package, cwd=tmp_path)
    (archive,) = (tmp_path / "packages").glob("*/dist/*.tar.gz")
    python = environment_with_only(archive, tmp_path)
    code = (
        "import en_tags, seqlabel; print(seqlabel.__file__); print([t.pos_ for t in "
        "en_tags.load()('It reads texts.')])"
    )
    where, labels = run(python, "-c", code, cwd=tmp_path).stdout.splitlines()
    assert Path(where).is_relative_to(tmp_path / "environment")
    assert labels == str([token.pos_ for token in nlp("It reads texts.")])
