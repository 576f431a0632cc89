"""`seqlabel push`: what would be sent is listed, and nothing is sent without a repository's
name.
"""

import socket

import huggingface_hub
import pytest

from seqlabel.models.folders import find_folder


@pytest.fixture(autouse=True)
def closed(monkeypatch):
    def refused(*_, **__):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket.socket, "connect", refused)


def test_a_dry_run_lists_the_files_and_sends_nothing(run):
    done = run("push en_pos user/tags --dry-run")
    assert done.exit_code == 0, done.stderr
    first, *others = done.stdout.splitlines()
    assert first == "To hf://user/tags, private if it is new:"
    paths = [path for path in find_folder("en_pos").iterdir() if path.is_file()]
    files = {path.name: path.stat().st_size for path in paths}
    assert {line.split()[2]: int(line.split()[0].replace(",", "")) for line in others} == files
    public = run("push en_pos hf://user/tags --dry-run --public")
    assert public.stdout.startswith("To hf://user/tags, public")


def test_the_files_and_the_card_are_sent(run, labeler, monkeypatch):
    sent = {}

    class Hub:
        def create_repo(self, repository, *, private, exist_ok):
            sent.update(repository=repository, private=private)

        def upload_folder(self, *, repo_id, folder_path, commit_message):
            sent.update(
                files={path.name: path.read_bytes() for path in folder_path.iterdir()},
                message=commit_message,
            )

    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    done = run(f"push {labeler} user/spans --message First")
    assert (done.exit_code, done.stdout) == (0, "hf://user/spans\n")
    assert (sent["repository"], sent["private"], sent["message"]) == ("user/spans", True, "First")
    model = labeler / "model"
    expected = {path.name: path.read_bytes() for path in model.iterdir()}
    assert sent["files"] == expected | {"README.md": (labeler / "README.md").read_bytes()}


def test_a_name_that_is_none_is_refused(run):
    done = run("push en_pos tags --dry-run")
    assert (done.exit_code, "repository" in done.stderr) == (2, True)
