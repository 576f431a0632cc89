"""The licence of a pipeline, in its `meta.json`, from the models in its pipes; no pipe is made
here.
"""

from weakref import WeakKeyDictionary

from spacy.language import Language

from seqlabel.errors import SeqlabelError
from seqlabel.models.cards import find_license
from seqlabel.reports.metadata import join_licenses

_FILLED: WeakKeyDictionary[Language, str] = WeakKeyDictionary()
"""The licences filled in for each pipeline; another licence in its metadata is the user's own."""


def fill_license(nlp: Language, model: str) -> None:
    """Add the licence of a model to that of the pipeline, unless the user has named one.

    Args:
        nlp: The pipeline that gets a pipe with the model.
        model: The model's folder or name; nothing is filled in where its licence is not known.
    """
    # The property `meta` would list the pipes that are there now, by which a loaded pipeline is
    # known.
    meta = getattr(nlp, "_meta", None)
    if meta is None:
        return
    said = str(meta.get("license") or "")
    if said and said != _FILLED.get(nlp):
        return
    try:
        license = join_licenses(said, find_license(model))
    except SeqlabelError:
        return
    if license:
        meta["license"] = _FILLED[nlp] = license
