"""Models on the Hub, offline: in the layout of its cache, pushed to a folder instead, and refused
with one message.
"""

import shutil
import socket
from pathlib import Path

import huggingface_hub
import pytest

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.models.folders import find_folder
from seqlabel.models.hub import push_to_hub
from seqlabel.models.tagging.labeler import Labeler
from tests.labelers import mixed_labeler


class FakeHub:
    """Takes what is pushed into the cache, as a download leaves it: blobs, snapshots that link to
    them, refs.
    """

    def __init__(self, cache):
        self.cache, self.private = cache, None

    def create_repo(self, repository, *, private, exist_ok):
        self.private = private
        assert exist_ok

    def upload_folder(self, *, repo_id, folder_path, commit_message, revision="0" * 40):
        home = self.cache / f"models--{repo_id.replace('/', '--')}"
        (home / "refs").mkdir(parents=True, exist_ok=True)
        (home / "refs" / "main").write_text(revision)
        snapshot = home / "snapshots" / revision
        snapshot.mkdir(parents=True)
        (home / "blobs").mkdir()
        for number, path in enumerate(sorted(Path(folder_path).iterdir())):
            blob = home / "blobs" / f"{number:040x}"
            shutil.copy(path, blob)
            (snapshot / path.name).symlink_to(Path("..") / ".." / "blobs" / blob.name)


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """A Hub in a folder; no network."""
    fake = FakeHub(tmp_path / "cache")
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: fake)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(fake.cache))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    return fake


def test_a_model_that_was_pushed_is_loaded(hub):
    labeler = mixed_labeler()
    assert push_to_hub(labeler, "user/tags", card="# Tags") == "hf://user/tags"
    assert hub.private
    files = sorted(path.name for path in hub.cache.glob("*/snapshots/*/*"))
    assert files == ["README.md", "config.json", "model.safetensors", "vocabulary.json"]
    for name in ("user/tags", "hf://user/tags", f"user/tags@{'0' * 40}"):
        assert Labeler.load(name).config == labeler.config


def test_a_folder_comes_before_the_cache(hub, tmp_path):
    push_to_hub(mixed_labeler(), "user/tags")
    mixed_labeler(seed=1).save(tmp_path / "user" / "tags")
    assert find_folder("user/tags") == Path("user/tags")


def test_without_the_prefix_nothing_is_asked_of_the_network(hub, monkeypatch):
    asked = []
    monkeypatch.setattr(
        huggingface_hub,
        "snapshot_download",
        lambda name, **options: asked.append(options["local_files_only"]) or 1 / 0,
    )
    with pytest.raises(ZeroDivisionError):
        find_folder("output/mistyped")
    assert asked == [True]


def test_what_is_not_there_is_said(hub):
    with pytest.raises(CheckpointError):
        Labeler.load("user/nothing")
    with pytest.raises(CheckpointError, match=r"^hf://user/nothing: "):
        Labeler.load("hf://user/nothing")
    with pytest.raises(OptionError, match="hf://user/name"):
        Labeler.load("hf://nothing")
    with pytest.raises(OptionError, match="repository"):
        push_to_hub(mixed_labeler(), "tags")


def test_a_pickle_is_never_read(hub):
    """A repository with a pickle beside no safetensors is no model."""
    push_to_hub(mixed_labeler(), "user/tags")
    (snapshot,) = hub.cache.glob("*/snapshots/*")
    (snapshot / "model.safetensors").unlink()
    (snapshot / "model.pkl").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(CheckpointError, match=r"model\.safetensors"):
        Labeler.load("user/tags")


@pytest.mark.parametrize("place", ["create_repo", "upload_folder"])
def test_a_failed_push_is_one_message(hub, monkeypatch, place):
    def fails(*_, **__):
        raise OSError("no network")

    monkeypatch.setattr(hub, place, fails, raising=False)
    with pytest.raises(CheckpointError):
        push_to_hub(mixed_labeler(), "user/tags")


def test_without_a_network_a_push_is_one_message(monkeypatch):
    """The real client, sent to a port of this machine where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", False)
    real = huggingface_hub.HfApi
    monkeypatch.setattr(huggingface_hub, "HfApi", lambda: real(endpoint=address, token=False))
    with pytest.raises(CheckpointError, match="hf auth"):
        push_to_hub(mixed_labeler(), "user/tags")
