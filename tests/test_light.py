"""The light distribution: what it declares, and labelling and redaction from its wheel in an empty
environment.
"""

import json
import os
import re
import subprocess
import sys
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from seqlabel import names
from tests.test_wheel import PROJECT, ROOT, copy_checkout, run

# setuptools takes the place of distutils, so setup.py runs in a process of its own.
WRITTEN = """
import runpy, sys, tomllib
from pathlib import Path
setup = runpy.run_path("setup.py")
project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
light = setup["light"](project)
text = setup["toml"](light)
assert tomllib.loads(text) == light, text
print(text)
"""
MOST_PACKAGES, MOST_MEGABYTES = 24, 250
CLOSED = """
import socket, sys
def refuse(*arguments, **more):
    raise AssertionError("the network is closed")
socket.socket.connect = socket.getaddrinfo = refuse
"""
COMMAND = f"{CLOSED}\nfrom seqlabel.cli import main\nmain()"
LIBRARY = f"""{CLOSED}
from importlib.metadata import distributions
from pathlib import Path
import json, sysconfig
from seqlabel import Labeler, PrivateFinder, Replace, Session, StreamRedactor, redact
from seqlabel.integrations.presidio_api import analyze

place = Path(sysconfig.get_path("purelib"))
installed = sorted(one.name for one in distributions())
megabytes = sum(file.stat().st_size for file in place.rglob("*") if file.is_file()) / 1e6
text = "Write to Ann Moss at ann@example.org."
finder = PrivateFinder.load("en_pii")
stream = StreamRedactor(finder, Replace())
session = Session()
safe = session.redact(text)
json.dump({{
    "installed": installed,
    "megabytes": megabytes,
    "tags": [next(iter(Labeler.load(name)([text]))).tags["upos"].labels for name in ("en_pos", "en_pos_fast")],
    "names": sorted({{span.label for span in next(iter(Labeler.load("en_ner")([text]))).spans["ner"].spans}}),
    "redacted": redact(text, Replace()).text,
    "streamed": stream.feed(text[:20]) + stream.feed(text[20:]) + stream.close(),
    "analyzed": [one["entity_type"] for one in analyze(finder, {{"text": text, "language": "en"}}, most_texts=1)],
    "restored": session.restore(safe).text,
    "heavy": sorted({{"torch", "spacy", "scipy", "pyarrow"}} & sys.modules.keys()),
}}, sys.stdout)
"""  # noqa: E501


def about_light():
    """The light distribution's table `project`."""
    done = subprocess.run(
        [sys.executable, "-c", WRITTEN], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return tomllib.loads(done.stdout)["project"]


def test_light_needs_a_part_of_what_the_whole_needs_and_of_no_other_version():
    light = about_light()
    whole = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["pii"]]
    bounds = {canonicalize_name(one.name): one.specifier for one in map(Requirement, whole)}
    found = {
        canonicalize_name(one.name): one.specifier
        for one in map(Requirement, light["dependencies"])
    }
    # The same modules.
    bounds["phonenumberslite"] = bounds["phonenumbers"]
    assert found.items() < bounds.items()
    assert found.keys() >= names_of_extra("pii") - {"phonenumbers"}
    assert (light["name"], light["version"]) == (names.LIGHT, PROJECT["version"])
    assert light["version"] == names.VERSION
    assert PROJECT["name"] == names.WHOLE
    # spaCy would import them in every pipeline of the environment.
    assert "entry-points" not in light
    assert light["scripts"] == PROJECT["scripts"]
    for extra, some in light["optional-dependencies"].items():
        assert {
            one for one in PROJECT["optional-dependencies"][extra] if "[pii]" not in one
        } == set(some)


def names_of_extra(extra):
    return {
        canonicalize_name(Requirement(one).name) for one in PROJECT["optional-dependencies"][extra]
    }


@pytest.fixture(scope="module")
def light(tmp_path_factory):
    """The Python of an environment that has the light wheel and what it requires, and the folder of
    the wheel.
    """
    pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")
    folder = tmp_path_factory.mktemp("light")
    option = "-C--global-option=--light"
    build = (
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        option,
        "--outdir",
        folder / "dist",
    )
    run(*build, copy_checkout(folder), cwd=folder)
    (wheel,) = (folder / "dist").iterdir()
    assert re.fullmatch(
        rf"seqlabel_light-{re.escape(PROJECT['version'])}-cp311-abi3-\w+\.whl", wheel.name
    )
    run(sys.executable, "-m", "venv", "--without-pip", folder / "environment", cwd=folder)
    python = folder / "environment" / ("Scripts" if os.name == "nt" else "bin") / "python"
    # Python's compiled files count too.
    compiled = {"PYTHONPYCACHEPREFIX": "", "PYTHONDONTWRITEBYTECODE": ""}
    run(sys.executable, "-m", "pip", "--python", python, "install", wheel, cwd=folder, **compiled)
    return python


def command(python, folder, *arguments, given="", status=0):
    """Run the command with the network closed; return what it printed."""
    outside = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    whole = [str(python), "-c", COMMAND, *map(str, arguments)]
    done = subprocess.run(
        whole, cwd=folder, capture_output=True, text=True, input=given, env=outside
    )
    assert done.returncode == status, done.stderr
    return done


@pytest.mark.slow
def test_the_light_wheel_labels_and_redacts_alone_with_the_network_closed(light, tmp_path):
    found = json.loads(run(light, "-c", LIBRARY, cwd=tmp_path).stdout)
    print(
        f"{len(found['installed'])} packages, {found['megabytes']:.0f} MB: "
        f"{', '.join(found['installed'])}"
    )
    assert len(found["installed"]) <= MOST_PACKAGES
    assert found["megabytes"] <= MOST_MEGABYTES
    assert [one[:2] for one in found["tags"]] == [["VERB", "ADP"]] * 2
    assert found["names"] == ["PER"]
    assert found["redacted"] == found["streamed"] == "Write to <PERSON> at <EMAIL>."
    assert found["analyzed"] == ["PERSON", "EMAIL_ADDRESS"]
    assert found["restored"] == "Write to Ann Moss at ann@example.org."
    assert found["heavy"] == []


@pytest.mark.slow
def test_the_command_of_the_light_wheel_reads_and_writes_files_and_streams(light, tmp_path):
    text, safe = "Write to Ann Moss at ann@example.org.", "Write to <PERSON> at <EMAIL>."
    (tmp_path / "a.txt").write_text(f"{text}\n")
    (tmp_path / "a.csv").write_text(f"id,note\n1,{text}\n")
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": text}) + "\n")
    for name, options in (("a.txt", []), ("a.jsonl", []), ("a.csv", ["--column", "note"])):
        command(light, tmp_path, "redact", name, *options, "--output", f"safe_{name}")
        written = (tmp_path / f"safe_{name}").read_text()
        assert safe in written
        assert "Ann" not in written
    assert "PROPN" in command(light, tmp_path, "label", "a.txt").stdout
    assert command(light, tmp_path, "redact", given=f"{text}\n").stdout == f"{safe}\n"
    assert "EMAIL" in command(light, tmp_path, "find", "a.txt", "--check", status=1).stdout
    (tmp_path / "gold.jsonl").write_text(
        json.dumps({"text": text, "spans": [[9, 17, "PERSON"]]}) + "\n"
    )
    assert "PERSON" in command(light, tmp_path, "audit", "gold.jsonl").stdout
    assert command(light, tmp_path, "--version").stdout == f"seqlabel {PROJECT['version']}\n"


@pytest.mark.slow
def test_what_the_light_wheel_leaves_out_says_what_to_install(light, tmp_path):
    (tmp_path / "a.txt").write_text("word\n")
    (tmp_path / "a.conllu").write_text("1\tIt\t_\tPRON\tPRP\t_\t0\troot\t_\t_\n\n")
    (tmp_path / "a.parquet").write_bytes(b"PAR1")
    whole = r"Run pip uninstall seqlabel-light && pip install seqlabel-rnn\."
    for options, said in (
        (["train", "tags", "a.conllu", "--dev", "a.conllu", "--output", "out"], whole),
        (["pretrain", "a.txt", "--output", "out"], whole),
        (["info", "en"], whole),
        (["serve"], r"pip install 'seqlabel-light\[serve\]'\."),
        (
            ["redact", "a.parquet", "--column", "x", "--output", "b.parquet"],
            r"Run pip install 'seqlabel-light\[parquet\]'\.",
        ),
    ):
        stderr = command(light, tmp_path, *options, status=2).stderr
        assert re.search(said, stderr), stderr
        assert stderr.count("\n") == 1, stderr
    code = "import seqlabel\ntry: seqlabel.fit\nexcept seqlabel.OptionError as error: print(error)"
    said = run(light, "-c", code, cwd=tmp_path).stdout
    assert said.startswith("fit needs the package torch, which is not installed.")
    assert re.search(whole, said)
