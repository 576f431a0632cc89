"""Folders that hold trained models: what is in them, and how it is read and checked; networks are
not built here.

A folder has `config.json`, `vocabulary.json` and `model.safetensors`. `config.json` holds the kind
of model, its config, and the SHA-256 of the other files and of itself, so a damaged file is refused
and never misread. A model that ships may name another one that ships for its vocabulary, which is
then stored once. Models ship with the library, and with the distribution `seqlabel-eu`, whose
package is only a place of files.
"""

import hashlib
import json
import warnings
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from seqlabel.errors import CheckpointError, DataError, OptionError, expected_by
from seqlabel.io.files import read_json, write_json
from seqlabel.io.folders import settle_folder
from seqlabel.models.hub import hub_folder
from seqlabel.models.old_folders import CLASSIFIER, labeler_config, labeler_weight
from seqlabel.names import EUROPE, LIGHT, LateModule, how_to_install
from seqlabel.nn.own import OwnClassError, by_import_path
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.stored import FORMAT, check_format, read_part

if TYPE_CHECKING:
    from torch import nn

    from seqlabel.text import pieces
    from seqlabel.text.pieces import Pieces
else:
    pieces = LateModule("seqlabel.text.pieces")

PRETRAINED = Path(__file__).parent.parent / "pretrained"
"""Where the models that ship with the library lie."""

EUROPE_MODELS = ("eu", "eu_ner", "eu_pii", "eu_pos")
"""The models of the distribution `seqlabel-eu`."""

EUROPE_LANGUAGES = ("de", "fr", "es", "it", "nl", "pt", "sv", "da", "nb", "fi", "pl", "cs")
"""spaCy's codes of the languages besides English that `eu` has read."""

_EUROPE_PACKAGE = "seqlabel_eu"

CONFIG, VOCABULARY, WEIGHTS = "config.json", "vocabulary.json", "model.safetensors"

READER = "reader.safetensors"
"""The weights of a labeler's second reader, in the folders of those that have one."""

MODEL_PARTS = (CONFIG, VOCABULARY, WEIGHTS)
"""The files of a model's folder, without which there is no model."""

ALL_PARTS = (*MODEL_PARTS, READER)
"""The files that a model's folder may have; a model is not saved over a folder with any other."""

OUTPUTS = ("model", "best")
"""The folders of the model in the output folders of `seqlabel train` and `seqlabel pretrain`."""

_NEAR = 0.8
"""The likeness, by difflib, from which on a name may be another one misspelt: en_pso and en_pos are
like by 0.83.
"""


class ModelKind(StrEnum):
    """The kind of model that a folder holds."""

    LANGUAGE_MODEL = "language model"
    """A `LanguageModel`."""
    WORD_LANGUAGE_MODELS = "word language models"
    """A `WordLanguageModel`: a forward and a backward one."""
    LABELER = "labeler"
    """A `Labeler`."""


_Config = TypeVar("_Config")


@dataclass(frozen=True)
class ModelForm(Generic[_Config]):
    """What a model of a kind is loaded by.

    Args:
        kind: The kind of model.
        config: The type adapter of its numbers.
        network: Builds its network of the numbers.
    """

    kind: ModelKind
    config: TypeAdapter[_Config]
    network: "Callable[[_Config], nn.Module]"


@dataclass(frozen=True)
class _About:
    """The content of `config.json`. `vocabulary_of` is the model that ships in whose folder the
    vocabulary lies.
    """

    format: int
    kind: ModelKind
    config: dict[str, Any]
    files: dict[str, str]
    vocabulary_of: str | None
    sha256: str


_ABOUT = TypeAdapter(_About)


def write_config(
    folder: Path, *, kind: ModelKind, config: Mapping[str, Any], vocabulary_of: str | None = None
) -> None:
    """Write the `config.json` of a folder in which the other files lie already.

    Args:
        folder: The folder.
        kind: The kind of model.
        config: The numbers that the module is built of.
        vocabulary_of: The name of a model that ships and has the same vocabulary, which is then not
            kept here.
    """
    vocabulary = (
        folder if vocabulary_of is None else _shipped_folder(vocabulary_of) or folder
    ) / VOCABULARY
    files = {VOCABULARY: vocabulary, WEIGHTS: folder / WEIGHTS}
    if config.get("reader") is not None:
        files[READER] = folder / READER
    about = {
        "format": FORMAT,
        "kind": kind,
        "config": config,
        "files": {name: _file_checksum(path) for name, path in files.items()},
        "vocabulary_of": vocabulary_of,
    }
    write_json(folder / CONFIG, {**about, "sha256": _checksum(about)})


def _file_checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


_LOADERS = {
    ModelKind.LANGUAGE_MODEL: "LanguageModel.load",
    ModelKind.WORD_LANGUAGE_MODELS: "WordLanguageModel.load",
    ModelKind.LABELER: "Labeler.load",
}


def find_folder(path_or_name: Path | str) -> Path:
    """Find the folder of a model; warns where there is a model at both places.

    Args:
        path_or_name: The name of a model that ships, a model's folder, the output folder of
            `seqlabel train` or `seqlabel pretrain`, or the name of a model on the Hub
            (`models.hub`).

    Returns:
        The folder of the model that ships, that of the Hub's cache, the folder in an output folder,
        or the path itself.

    Raises:
        OptionError: The text is empty, or it is neither a text nor a path.
        CheckpointError: The system does not take the text as a path, such as one that is too long,
            or the model ships with another distribution.
    """
    if not isinstance(path_or_name, str | Path) or path_or_name == "":
        kind = "an empty string" if path_or_name == "" else type(path_or_name).__name__
        raise OptionError(
            f"model: expected a folder or the name of a model that ships, got {kind}. Pass one "
            "of them."
        )
    name = str(path_or_name)
    path = Path(path_or_name)
    try:
        path.is_dir()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise CheckpointError(
            f"{path}: cannot be opened ({reason}). Pass the folder that a model was saved to, "
            "or the name of one that ships."
        ) from error
    shipped = _shipped_folder(name)
    if shipped is None and name in EUROPE_MODELS and not path.exists():
        raise CheckpointError(
            f"{name}: is in the distribution {EUROPE}, which is not installed. Run pip install "
            f"{EUROPE}."
        )
    if shipped is None:
        on_hub = None if path.exists() else hub_folder(name, ALL_PARTS)
        return on_hub or _in_output(path)
    if not (shipped / WEIGHTS).is_file():
        raise CheckpointError(
            f"{shipped.name}: its weights are not in {LIGHT}. Run {how_to_install()}."
        )
    if (path / CONFIG).is_file():
        warnings.warn(
            (
                f"{path}: loads the model that ships, not the folder of that name. Pass ./{path} "
                "for the folder."
            ),
            stacklevel=3,
        )
    return shipped


def _homes() -> list[Path]:
    """The folders of models that ship: the library's own, and that of `seqlabel-eu` where it is
    installed.

    Of its package only the path is looked up; in a checkout it lies next to the library.
    """
    beside = PRETRAINED.parents[1] / _EUROPE_PACKAGE
    spec = None if beside.is_dir() else find_spec(_EUROPE_PACKAGE)
    return [PRETRAINED, beside, *map(Path, (spec and spec.submodule_search_locations) or ())]


def _shipped_folder(name: str) -> Path | None:
    """The folder of the model that ships under a name, None where none does."""
    folders = (home / name for home in _homes())
    return next((folder for folder in folders if name.isidentifier() and folder.is_dir()), None)


def _in_output(path: Path) -> Path:
    """The folder of the model in an output folder; of any other folder the path itself."""
    inner = (path / name for name in OUTPUTS if (path / name / CONFIG).is_file())
    return path if (path / CONFIG).exists() else next(inner, path)


def shipped_models() -> list[str]:
    """List the models that ship with the library, and those of `seqlabel-eu` where it is installed.

    Returns:
        Their names, sorted.
    """
    return sorted(path.parent.name for home in _homes() for path in home.glob(f"*/{WEIGHTS}"))


def nearest_shipped(name: str) -> str | None:
    """Find the model that ships whose name may have been misspelt.

    Args:
        name: A name, or a path, which is never one misspelt.

    Returns:
        The name of the model, None where none is like it.
    """
    near = (
        get_close_matches(name, shipped_models(), n=1, cutoff=_NEAR) if name.isidentifier() else []
    )
    return near[0] if near else None


class StoredModel:
    """A model's folder, of a kind that was asked for; its parts are read when they are asked for.

    Args:
        path_or_name: The folder, or the name of a model that ships.
        kind: The kind of model that it must hold.

    Raises:
        CheckpointError: There is no such folder, its `config.json` is missing or damaged, or it
            holds another kind.
    """

    def __init__(self, path_or_name: Path | str, kind: ModelKind) -> None:
        self.folder = find_folder(path_or_name)
        self._about, self._was_classifier = _read_about(self.folder)
        if self._about.kind is not kind:
            raise CheckpointError(
                f"{self.folder}: expected {str(kind)!r}, got {str(self._about.kind)!r}. Pass the "
                f"folder of one, or load this one with {_LOADERS[self._about.kind]}."
            )

    @property
    def weights(self) -> Path:
        """The file of the weights."""
        return self.folder / WEIGHTS

    @property
    def sha256(self) -> str:
        """The checksum that the weights must have."""
        return self._about.files[WEIGHTS]

    @cached_property
    def data(self) -> bytes:
        """The content of the weights, read and checked once."""
        return read_part(self.weights, sha256=self.sha256)

    def weight_name(self, stored: str) -> str:
        """Name a weight as the network calls it.

        Args:
            stored: The name in the file.

        Returns:
            The same name; of a folder of a classifier, that of the labeler as which it is read.
        """
        return labeler_weight(stored) if self._was_classifier else stored

    @property
    def reader_data(self) -> bytes:
        """The content of the second reader's weights, read and checked.

        Raises:
            CheckpointError: The file is missing or damaged.
        """
        return read_part(self.folder / READER, sha256=self._about.files.get(READER, ""))

    def config(
        self,
        adapter: TypeAdapter[_Config],
        *,
        own: Iterable[type] = (),
    ) -> _Config:
        """Read the numbers that the model is built of.

        Args:
            adapter: The type adapter of the config.
            own: Classes of your own that they may name.

        Returns:
            The config.

        Raises:
            CheckpointError: They are not those of such a model, or name a class that is not in
                `own`.
        """
        return _parsed(adapter, self._about.config, self.folder / CONFIG, own)

    def vocabulary(self) -> "Vocabulary | Pieces":
        """Read the words or pieces.

        Returns:
            The vocabulary.

        Raises:
            CheckpointError: The file is missing or damaged.
        """
        about = self._about
        home = self.folder if about.vocabulary_of is None else _shipped_folder(about.vocabulary_of)
        if home is None:
            raise CheckpointError(
                f"{self.folder / CONFIG}: vocabulary_of: expected the name of a model that ships, "
                f"got {about.vocabulary_of!r}. Restore the file."
            )
        path = home / VOCABULARY
        data = read_part(path, sha256=about.files[VOCABULARY])
        try:
            # A list is words; pieces are an object.
            return (
                Vocabulary.load(path)
                if data.lstrip().startswith(b"[")
                else pieces.Pieces.load(path)
            )
        except DataError as error:
            raise CheckpointError(str(error)) from error


@contextmanager
def building_from(folder: Path) -> "Generator[None]":
    """Turn what goes wrong while a model is built of a folder's numbers into a `CheckpointError`.

    Args:
        folder: The folder.

    Yields:
        Nothing.

    Raises:
        CheckpointError: No model can be built of them.
    """
    try:
        yield
    except CheckpointError:
        raise
    except (
        OptionError,
        TypeError,
        ValueError,
        RuntimeError,
        OverflowError,
        MemoryError,
        ImportError,
    ) as error:
        reason = str(error).partition("\n")[0]
        raise CheckpointError(
            f"{folder / CONFIG}: no model can be built from it ({reason}). Restore the file."
        ) from error


def read_kind(folder: Path) -> ModelKind:
    """Read what kind of model a folder holds.

    Args:
        folder: The folder.

    Returns:
        The kind.

    Raises:
        CheckpointError: There is no such folder, or its `config.json` is missing or damaged.
    """
    return _read_about(folder)[0].kind


def _read_about(folder: Path) -> tuple[_About, bool]:
    """What `config.json` says, and whether it is that of a classifier, read as a labeler."""
    settle_folder(folder)
    path = folder / CONFIG
    if folder.is_file():
        raise CheckpointError(
            f"{folder}: expected a folder, got a file. Pass the folder that a model was saved to, "
            "or the name of one that ships."
        )
    if not folder.is_dir():
        near = nearest_shipped(str(folder))
        hint = "" if near is None else f"Did you mean {near}? "
        raise CheckpointError(
            f"{folder}: there is no such folder. {hint}Pass the folder that a model was saved to, "
            f"the name of one that ships ({', '.join(shipped_models()) or 'none'}), or of one on "
            "the Hub (hf://user/name)."
        )
    # A device or a FIFO would be read for ever.
    if not path.is_file():
        raise CheckpointError(
            f"{path}: there is no such file, so the folder holds no model. Pass the folder that a "
            "model was saved to, or copy the missing files."
        )
    try:
        written = read_json(path)
    except DataError as error:
        raise CheckpointError(str(error)) from error
    if not isinstance(written, dict) or "format" not in written:
        raise CheckpointError(
            f"{path}: this is not the config of a seqlabel model. Pass the folder of one."
        )
    check_format(path, written["format"])
    was_classifier = written.get("kind") == CLASSIFIER
    entries = {**written, "kind": ModelKind.LABELER} if was_classifier else written
    about = _parsed(_ABOUT, entries, path)
    without_checksum = {name: value for name, value in written.items() if name != "sha256"}
    if about.sha256 != _checksum(without_checksum):
        raise CheckpointError(
            f"{path}: the file does not match its own checksum, so it was changed or damaged. "
            "Restore it (to change a number, load the model, set it and save the model)."
        )
    expected = {VOCABULARY, WEIGHTS}
    if about.config.get("reader") is not None:
        expected.add(READER)
    if about.files.keys() != expected:
        raise CheckpointError(
            f"{path}: files: expected {' and '.join(sorted(expected))}, got "
            f"{sorted(about.files)}. Restore the file."
        )
    if was_classifier:
        return replace(about, config=labeler_config(about.config, path)), True
    return about, False


def _checksum(about: Mapping[str, Any]) -> str:
    """The SHA-256 of what `config.json` says, however it is indented."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _parsed(
    adapter: TypeAdapter[_Config], value: Any, path: Path, own: Iterable[type] = ()
) -> _Config:
    """The config that a JSON object is; nothing in the object is left over."""
    try:
        data = json.dumps(value, allow_nan=False)
        config = adapter.validate_json(data, strict=True, context=by_import_path(own))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        entry = ".".join(str(part) for part in first["loc"] if not str(part).startswith("<"))
        # A check of ours says what is wrong; pydantic's own words are not shown.
        cause = first.get("ctx", {}).get("error")
        reason = f"expected {expected_by(first)}" if cause is None else str(cause).removesuffix(".")
        if isinstance(cause, OwnClassError):
            raise CheckpointError(f"{path}: {entry}: {cause}") from error
        raise CheckpointError(
            f"{path}: {entry or 'config'}: {reason}. Restore the file."
        ) from error
    # 1e999 is JSON and no number.
    except ValueError as error:
        raise CheckpointError(
            f"{path}: has a number that is not finite. Restore the file."
        ) from error
    left = _left_over(value, adapter.dump_python(config, mode="json"))
    if left is not None:
        raise CheckpointError(
            f"{path}: {left}: this seqlabel does not know the entry. Load the model with the "
            "seqlabel that wrote it."
        )
    return config


def _left_over(value: Any, known: Any) -> str | None:
    """The first entry, by its path, of a JSON object that is not in another one."""
    if isinstance(value, dict) and isinstance(known, dict):
        pairs = [(name, value[name], known.get(name)) for name in value]
        unknown = next((name for name in value if name not in known), None)
    elif isinstance(value, list) and isinstance(known, list):
        pairs = [(str(number), *pair) for number, pair in enumerate(zip(value, known, strict=True))]
        unknown = None
    else:
        return None
    inner = ((name, _left_over(part, known_part)) for name, part, known_part in pairs)
    return unknown or next((f"{name}.{left}" for name, left in inner if left is not None), None)
