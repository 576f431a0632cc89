"""What tests do to the folder of a saved model."""

import json

from seqlabel.models import folders


def change_config(folder, changes=(), *, remove=()):
    """Change entries of a saved model's config, and make the checksums fit again, as a forger
    would.
    """
    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config = about["config"] | dict(changes)
    for name in remove:
        del config[name]
    sign(folder, about["kind"], config)


def sign(folder, kind=None, config=None):
    """Make the checksums fit the files that lie in a folder now."""
    about = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    folders.write_config(
        folder,
        kind=about["kind"] if kind is None else kind,
        config=about["config"] if config is None else config,
    )
