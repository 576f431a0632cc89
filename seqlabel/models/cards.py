"""The card in a model's folder or next to it, and the licence of the model; cards are written
elsewhere.
"""

from pathlib import Path

import srsly

from seqlabel.models.folders import OUTPUTS, find_folder, shipped_models
from seqlabel.models.hub import CARD
from seqlabel.reports.metadata import join_licenses, license_of, read_metadata

_PIPELINE = ("meta.json", "config.cfg")
"""The files of a spaCy pipeline, besides the folders of its pipes."""


def find_card(path_or_name: Path | str) -> str:
    """Find the card of a model: in its folder, or in the output folder that holds it.

    Args:
        path_or_name: A model's folder, the output folder of a training, or the name of a model that
            ships.

    Returns:
        The text; empty where there is none.
    """
    folder = find_folder(path_or_name).absolute()
    if (folder / CARD).is_file():
        return (folder / CARD).read_text(encoding="utf-8")
    above = folder.parent / CARD
    card = above.read_text(encoding="utf-8") if folder.name in OUTPUTS and above.is_file() else ""
    # A folder of several models may have a README.md of its own, which is not the card of one.
    return card if read_metadata(card).get("library_name") == "seqlabel" else ""


def cards_below(card: str) -> list[str]:
    """Read the cards of the models that ship from which a model began.

    Args:
        card: The model's card.

    Returns:
        The cards, the nearest first.
    """
    cards = []
    base = read_metadata(card).get("base_model")
    while base in shipped_models():
        cards.append((find_folder(str(base)) / CARD).read_text(encoding="utf-8"))
        base = read_metadata(cards[-1]).get("base_model")
    return cards


def find_license(path_or_name: Path | str) -> str:
    """Find the licence of a model, with those of the models that ship and that it began from.

    Args:
        path_or_name: A model's folder, also that of a pipe in a spaCy pipeline, the output folder
            of a training, or the name of a model that ships.

    Returns:
        The licence, as `join_licenses` writes it; empty where it is not known.

    Example:
        >>> find_license("en_pos")
        'CC-BY-SA-4.0'
    """
    card = find_card(path_or_name)
    if card:
        return join_licenses(*map(license_of, (card, *cards_below(card))))
    pipeline = find_folder(path_or_name).absolute().parent
    if not all((pipeline / name).is_file() for name in _PIPELINE):
        return ""
    meta = srsly.read_json(pipeline / "meta.json")
    return str(meta.get("license") or "") if isinstance(meta, dict) else ""
