"""The workflows for GitHub are YAML that names jobs, extras and commands of this project; running
them is GitHub's.
"""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_has_jobs_with_steps_and_extras_that_exist(path):
    text = path.read_text(encoding="utf-8")
    assert "Not run on GitHub so far" in text.splitlines()[0]
    for job in yaml.safe_load(text)["jobs"].values():
        assert all("run" in step or "uses" in step for step in job["steps"])
        needs = job.get("needs", [])
        assert ({needs} if isinstance(needs, str) else set(needs)) <= yaml.safe_load(text)[
            "jobs"
        ].keys()
        assert all(
            re.fullmatch(r"[\w-]+/[\w-]+@[\w./-]+", step["uses"])
            for step in job["steps"]
            if "uses" in step
        )
    for extras in re.findall(r"'\.\[([\w,]+)\]'", text):
        assert set(extras.split(",")) <= EXTRAS.keys()


def test_there_are_jobs_for_the_newest_and_lowest_versions_and_for_none_of_the_extras():
    jobs = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    )["jobs"]
    assert {"newest", "lowest", "without-extras"} <= jobs.keys()
    assert jobs["newest"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]


def test_the_lowest_torch_is_that_of_the_package():
    (lowest,) = re.findall(
        r'"torch>=([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )
    jobs = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "test.yml").read_text(encoding="utf-8")
    )["jobs"]
    commands = [step.get("run", "") for step in jobs["lowest"]["steps"]]
    assert any("lowest-direct" in command for command in commands)
    assert any(f"startswith('{lowest}.')" in command for command in commands)


@pytest.mark.parametrize(("workflow", "publishes"), [("publish", "publish"), ("docs", "deploy")])
def test_only_the_job_that_publishes_gets_a_token(workflow, publishes):
    jobs = yaml.safe_load(
        (ROOT / ".github" / "workflows" / f"{workflow}.yml").read_text(encoding="utf-8")
    )["jobs"]
    assert [name for name, job in jobs.items() if "id-token" in job.get("permissions", {})] == [
        publishes
    ]


def test_the_check_of_a_wheel_labels_a_text():
    pytest.importorskip("seqlabel.native._steps")
    jobs = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    )["jobs"]
    (command,) = (
        step["env"]["CIBW_TEST_COMMAND"] for step in jobs["wheels"]["steps"] if "env" in step
    )
    python, option, code = shlex.split(command)
    assert (python, option) == ("python", "-c")
    check = [sys.executable, option, code]
    assert subprocess.run(check, cwd=ROOT).returncode == 0
    wrong = [sys.executable, option, code.replace("'NOUN'", "'VERB'")]
    assert b"AssertionError" in subprocess.run(wrong, cwd=ROOT, capture_output=True).stderr


def test_every_platform_gets_a_wheel_that_the_index_takes_and_its_artifacts_have_names_of_their_own():  # noqa: E501
    text = (ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    jobs = yaml.safe_load(text)["jobs"]
    wheels = jobs["wheels"]
    assert {one.split("-")[0] for one in wheels["strategy"]["matrix"]["os"]} == {
        "ubuntu",
        "macos",
        "windows",
    }
    assert len(wheels["strategy"]["matrix"]["os"]) == 4
    assert wheels["strategy"]["matrix"]["distribution"] == ["whole", "light"]
    (builder,) = (
        step for step in wheels["steps"] if step.get("uses", "").startswith("pypa/cibuildwheel@")
    )
    # The tag of the wheel, in setup.py, is that of the oldest Python.
    assert builder["env"]["CIBW_BUILD"] == "cp311-*"
    assert '"py_limited_api": "cp311"' in (ROOT / "setup.py").read_text(encoding="utf-8")
    uploads = [
        step["with"]["name"]
        for job in jobs.values()
        for step in job["steps"]
        if "upload-artifact" in step.get("uses", "")
    ]
    assert len(set(uploads)) == len(uploads) == 2
    assert all(name.startswith("dist-") for name in uploads)
    assert set(jobs["publish"]["needs"]) == {"sdist", "wheels"}
