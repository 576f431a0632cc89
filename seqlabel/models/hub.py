"""Models on the Hugging Face Hub: found in its cache, downloaded where that is asked for, and
pushed.

Needs huggingface_hub (`seqlabel-rnn[hub]`). A name with `hf://` before it may be downloaded; one
without is looked up in the cache of earlier downloads alone, so that a mistyped path never leaves
this machine. Only the files of a model and its card come and go: JSON, safetensors and Markdown,
never a pickle.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from seqlabel.errors import CheckpointError, OptionError
from seqlabel.names import needed

PREFIX = "hf://"
"""The prefix of the name of a repository that may be downloaded."""

CARD = "README.md"
"""The file of a model's card."""

_NAME = re.compile(r"(?P<repository>\w[\w.-]*/\w[\w.-]*)(@(?P<revision>[\w./-]+))?")


def hub_folder(name: str, files: Sequence[str]) -> Path | None:
    """Find the folder of a model on the Hub in its cache, downloaded first where the name has
    `hf://`.

    Args:
        name: `hf://user/name`, or `user/name` for one that was downloaded before; `@revision` may
            follow.
        files: The names of the files that a model has.

    Returns:
        The folder in the cache; None where the name is not one of the Hub's, or is not in the
        cache.

    Raises:
        OptionError: huggingface_hub is not installed, or `hf://` is not followed by a name.
        CheckpointError: The repository cannot be downloaded.
    """
    match = _NAME.fullmatch(name.removeprefix(PREFIX))
    asked = name.startswith(PREFIX)
    if match is None:
        if asked:
            raise OptionError(
                f"{name}: expected {PREFIX}user/name. Pass the name of a repository on the Hub."
            )
        return None
    try:
        hub, failures = _hub()
    except ImportError:
        if asked:
            raise
        return None
    try:
        folder = hub.snapshot_download(
            match["repository"],
            revision=match["revision"],
            allow_patterns=[*files, CARD],
            local_files_only=not asked,
        )
    except failures as error:
        if not asked:
            return None
        raise CheckpointError(
            f"{name}: cannot be downloaded ({type(error).__name__}). Check the name, the network, "
            "and that you may read the repository."
        ) from error
    return Path(folder)


def _hub() -> tuple[Any, tuple[type[BaseException], ...]]:
    """Import huggingface_hub; with the errors of a request: its own, and those of the package that
    it asks with.
    """
    hub = needed("huggingface_hub", needed_for="The Hub", extra="hub")
    http = needed("huggingface_hub.errors", needed_for="The Hub", extra="hub").HfHubHTTPError
    return hub, (
        http,
        OSError,
        ValueError,
        *(base for base in http.__bases__ if base is not Exception),
    )


class Saved(Protocol):
    """A model that can be saved to a folder."""

    def save(self, folder: Path) -> None:
        """Write the model.

        Args:
            folder: The folder to write.
        """
        ...


def check_repository(repository: str) -> str:
    """Check the name of a repository that a model is pushed to.

    Args:
        repository: The name, perhaps with `hf://` before it.

    Returns:
        `user/name`.

    Raises:
        OptionError: It is not `user/name`.
    """
    repository = repository.removeprefix(PREFIX)
    if _NAME.fullmatch(repository) is None or "@" in repository:
        raise OptionError(f"repository: expected user/name, got {repository!r}.")
    return repository


def write_upload(model: Saved, folder: Path, *, card: str | None = None) -> None:
    """Write the files that a push sends.

    Args:
        model: A labeler or a language model.
        folder: The folder to write.
        card: The text of its `README.md`; None for none.
    """
    model.save(folder)
    if card is not None:
        (folder / CARD).write_text(card, encoding="utf-8")


def push_to_hub(
    model: Saved,
    repository: str,
    *,
    card: str | None = None,
    private: bool = True,
    message: str = "A seqlabel model",
) -> str:
    """Save a model to a repository on the Hugging Face Hub, which is made where it is missing.

    You must be logged in there (`hf auth login`). Nothing but the model's files and its card is
    sent.

    Args:
        model: A labeler or a language model.
        repository: The repository, `user/name`.
        card: The text of its `README.md`; None leaves the one that is there.
        private: Whether a new repository is private. Weights can give away what they were trained
            on.
        message: The commit message.

    Returns:
        What loads the model: `hf://user/name`.

    Raises:
        OptionError: huggingface_hub is not installed, or the repository's name is not `user/name`.
        CheckpointError: The Hub did not take the model.
    """
    repository = check_repository(repository)
    hub, failures = _hub()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        write_upload(model, folder, card=card)
        try:
            api = hub.HfApi()
            api.create_repo(repository, private=private, exist_ok=True)
            api.upload_folder(repo_id=repository, folder_path=folder, commit_message=message)
        except failures as error:
            raise CheckpointError(
                f"{repository}: the Hub did not take the model ({type(error).__name__}). Either "
                "there is no network, or log in with `hf auth login`, as one who may write there."
            ) from error
    return f"{PREFIX}{repository}"
