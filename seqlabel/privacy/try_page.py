"""The folder of a page that finds private data in the browser, by the scripts of `page/` and of
exported models.
"""

import shutil
from importlib import resources
from pathlib import Path

from pydantic import TypeAdapter

from seqlabel.errors import OptionError
from seqlabel.io.folders import replace_folder
from seqlabel.models.export import LABELS, RULES, VOCABULARY, write_parts
from seqlabel.models.folders import WEIGHTS, ModelKind, StoredModel
from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.labeler import stored_reader
from seqlabel.models.tagging.native import arrays_of
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.text.vocabulary import Vocabulary

_PAGE = ("index.html", "page.css", "page.mjs", "finding.mjs")
_SCRIPTS = ("run.mjs", "words.mjs", "judging.mjs", "network.mjs", "steps.mjs", "simd.mjs")
PAGE_PARTS = (*_PAGE, *_SCRIPTS, LABELS, VOCABULARY, RULES, WEIGHTS)
"""The files of the page: 12 MB with `en_pii`, nearly all of it weights."""


def write_try_page(folder: Path | str, model: Path | str | StoredModel = "en_pii") -> Path:
    """Write a page on which a model finds private data in a text, in the browser, which sends
    nothing anywhere.

    Any web server can hand out the folder; opened as a file, a browser does not load the page's
    scripts.

    Args:
        folder: The folder; an earlier page there is replaced.
        model: The folder of a labeler of private data in English, the name of one that ships, or
            either as a `StoredModel`.

    Returns:
        The folder.

    Raises:
        CheckpointError: The labeler is missing or damaged.
        OptionError: It is of another kind, or the folder holds other files.
    """
    stored = model if isinstance(model, StoredModel) else StoredModel(model, ModelKind.LABELER)
    config = stored.config(TypeAdapter(LabelerConfig))
    arrays = arrays_of(config, stored.data)
    vocabulary = stored.vocabulary()

    if arrays is None or not isinstance(vocabulary, Vocabulary) or config.language != "en":
        raise OptionError(
            f"{stored.folder}: expected a labeler of English words, as en_pii, got one that no "
            "page can run."
        )
    if all(head.tag_set.layer != LAYER for head in config.heads):
        raise OptionError(
            f"{stored.folder}: expected a labeler with the layer {LAYER!r}, got one without it."
        )

    weights = {
        name: array.astype("float32") for name, array in arrays.items() if name.startswith("heads.")
    }
    with replace_folder(Path(folder), holds=PAGE_PARTS) as folder_part:
        write_parts(
            folder_part,
            config,
            vocabulary,
            weights,
            stored_reader(stored, config),
            scripts=_SCRIPTS,
        )
        (folder_part / WEIGHTS).write_bytes(stored.data)
        for name in _PAGE:
            with resources.as_file(
                resources.files("seqlabel").joinpath(f"privacy/page/{name}")
            ) as file:
                shutil.copyfile(file, folder_part / name)
    return Path(folder)
