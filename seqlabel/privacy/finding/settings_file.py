"""`seqlabel.toml` → `PrivacySettings`, checked by pydantic; what the settings do is not known
here.
"""

import json
import os
import stat
import sys
import tomllib
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from seqlabel.errors import OptionError, check_type, did_you_mean, expected_by
from seqlabel.privacy.finding.settings import (
    DenyList,
    OwnPattern,
    PrivacySettings,
    RuleChoice,
    ValueList,
)

FILE_NAME = "seqlabel.toml"
"""The file that is used where it lies in the current folder."""
MOST_BYTES = 1 << 20
"""The most bytes of a file of settings; long lists go into files of their own."""
# TOML's names for fields whose names Python or the plural forbids.
_RENAMED = {"except": "except_", "pattern": "patterns"}
_OLD_NAMES = {
    "only": "labels",
    "excluded": "except",
    "except_": "except",
    "disabled_rules": "rules.disable",
    "only_rules": "rules.only",
    "labeler": "model",
    "by_label": "policies",
    "patterns": "pattern",
    "key": "key_file",
}
"""Names that keys had, or that the same thing has elsewhere, and the names that they have here."""
_KEYS = PrivacySettings.__dataclass_fields__.keys() - _RENAMED.values() | _RENAMED.keys()


def load_settings(path: Path | str = FILE_NAME, *, named: bool = True) -> PrivacySettings:
    """Read settings from a TOML file.

    Paths in the file are relative to its folder.

    Args:
        path: The file.
        named: Whether the user named it. One that only lies in the current folder must belong to
            this user or to root, and no other user may write it, since its content decides what
            stays in the text. `PrivacySettings.narrowing` says what it takes away.

    Returns:
        The settings.

    Raises:
        OptionError: For a file that cannot be read, has more than 1 MB or is not TOML, for one that
            was not named and that others own or can write, and for a key or value that is not
            allowed. The message names file and key, and shows no value.
    """
    check_type("path", path, str | Path, "the path of a file")
    path = Path(path)
    try:
        with path.open("rb") as file:
            if not named:
                _check_owner(path, path.lstat(), os.fstat(file.fileno()))
            data = file.read(MOST_BYTES + 1)
        if len(data) > MOST_BYTES:
            raise OptionError(
                f"{path}: the settings have more than {MOST_BYTES:,} bytes. Put long lists into "
                "files of their own, one value per line."
            )
        values = tomllib.loads(data.decode("utf-8"))
    except OSError as error:
        raise OptionError(
            f"{path}: the settings cannot be read ({error.strerror}). Check the path."
        ) from None
    except UnicodeDecodeError:
        raise OptionError(f"{path}: the settings are not UTF-8. Save the file as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        # Without the text after it: only the place.
        raise OptionError(f"{path}: is not TOML ({error}). Correct it there.") from None
    except RecursionError:
        raise OptionError(
            f"{path}: is nested too deeply. Write tables and lists as docs/control shows."
        ) from None
    for name in values:
        if name in _OLD_NAMES:
            raise OptionError(
                f"{path}: the key {name!r} is called {_OLD_NAMES[name]!r}. Rename it."
            )
    try:
        # As JSON, of which a strict check takes lists for tuples and text for paths, but not `true`
        # for a number.
        return TypeAdapter(PrivacySettings).validate_json(
            json.dumps(_placed(values, path.parent), default=str), strict=True
        )
    except ValidationError as error:
        # Each type that a value could have had is an error of its own; the first one is reported.
        messages = {_key(part): _message(part) for part in reversed(error.errors())}
        raise OptionError(f"{path}: {' '.join(reversed(messages.values()))}") from None


def _check_owner(path: Path, *about: os.stat_result) -> None:
    """Refuse a file, or a link to one, that another user owns or can write."""
    if sys.platform == "win32":
        return
    advice = f"If you trust it, name it: --settings {path}."
    if any(status.st_uid not in (os.geteuid(), 0) for status in about):
        raise OptionError(
            f"{path}: belongs to another user, and would decide what stays in the text. {advice}"
        )
    if about[-1].st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OptionError(
            f"{path}: can be written by other users, and would decide what stays in the text. Run "
            f"chmod go-w {path}. {advice}"
        )


def _placed(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Make paths relative to the folder; what is not of the right type is left to the check."""
    placed = dict(values)
    if isinstance(values.get("key_file"), str):
        placed["key_file"] = folder / values["key_file"]
    for key in ("allow", "deny"):
        part = values.get(key)
        if isinstance(part, dict) and isinstance(part.get("files"), list):
            placed[key] = {
                **part,
                "files": [
                    folder / name if isinstance(name, str) else name for name in part["files"]
                ],
            }
    model = values.get("model")
    if isinstance(model, str) and (folder / model).is_dir():
        placed["model"] = folder / model
    return placed


def _place(error: Any) -> list[Any]:
    """Where a value stands, without the types that it could have had."""
    return [key for key in error["loc"] if key not in _TYPES and not str(key).startswith("lax-")]


def _key(error: Any) -> str:
    return "".join(
        f"[{step}]" if isinstance(step, int) else f".{step}" for step in _place(error)
    ).lstrip(".")


def _message(error: Any) -> str:
    """Say what is wrong with which key, without its value."""
    key = _key(error)
    steps = _place(error)
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        known = _KEYS if len(steps) == 1 else _KEYS_OF_TABLES.get(steps[0], ())
        advice = did_you_mean(str(steps[-1]), known) or "See docs/control."
        return f"expected a setting, got the key {key!r}. {advice}"
    if isinstance(cause := error.get("ctx", {}).get("error"), OptionError):
        # Its message begins with the key within the part.
        return f"{key}.{cause}" if key else str(cause)
    return f"{key}: expected {_TABLES.get(error['type']) or expected_by(error)}."


_TYPES = ("str", "callable", "bool", "RuleChoice")
_TABLES = dict.fromkeys(("dict_type", "mapping_type", "dataclass_type"), "a table")
_KEYS_OF_TABLES = {
    "allow": ValueList.__dataclass_fields__.keys(),
    "deny": DenyList.__dataclass_fields__.keys(),
    "pattern": OwnPattern.__dataclass_fields__.keys(),
    "rules": RuleChoice.__dataclass_fields__.keys(),
}
"""The keys that each table of the file has."""
