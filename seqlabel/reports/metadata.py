"""The metadata at the head of a card, in YAML as Hugging Face reads it, and the licences in it;
scores are in `cards`.

No model is needed here, and nothing heavy is imported: spaCy's pipes read the licences of their
models.
"""

from collections.abc import Mapping

import srsly


def front_matter(values: Mapping[str, object]) -> str:
    """Write the metadata of a card.

    Args:
        values: The metadata by name; those that are None or empty are left out.

    Returns:
        YAML between two lines of dashes.

    Example:
        >>> print(front_matter({"library_name": "seqlabel", "tags": ["ner"], "license": None}))
        ---
        library_name: seqlabel
        tags:
        - ner
        ---
    """
    kept = {name: value for name, value in values.items() if value}
    return f"---\n{srsly.yaml_dumps(kept)}---"


def license_metadata(license: str) -> dict[str, str]:
    """Return a licence as the Hub takes it: one identifier, or `other` and its name.

    Args:
        license: An SPDX identifier, or the licence in words; empty where it is not known.

    Returns:
        The metadata by name; nothing for an empty licence.

    Example:
        >>> license_metadata("CC-BY-SA-4.0"), license_metadata("Apache-2.0 AND MIT")
        ({'license': 'cc-by-sa-4.0'}, {'license': 'other', 'license_name': 'Apache-2.0 AND MIT'})
    """
    if len(license.split()) > 1:
        return {"license": "other", "license_name": license}
    return {"license": license.lower()} if license else {}


def split_card(card: str) -> tuple[str, str]:
    """Split a card into its metadata and what people read.

    Args:
        card: The card, with or without metadata.

    Returns:
        The YAML of the metadata, empty where there is none, and the rest.

    Example:
        >>> split_card("---\\nlicense: mit\\n---\\n# A model\\n")
        ('license: mit', '# A model\\n')
    """
    if not card.startswith("---\n"):
        return "", card
    metadata, _, prose = card.removeprefix("---\n").partition("\n---\n")
    return metadata, prose


def read_metadata(card: str) -> dict[str, object]:
    """Read the metadata of a card.

    Args:
        card: The card, with or without metadata.

    Returns:
        The values by name; nothing where the card has none, or has something else at its head.
    """
    try:
        values = srsly.yaml_loads(split_card(card)[0])
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def with_metadata(card: str, values: Mapping[str, object]) -> str:
    """Set metadata of a card; the rest of it stays.

    Args:
        card: The card, with or without metadata.
        values: The metadata to set, by name.

    Returns:
        The card.

    Example:
        >>> print(with_metadata("---\\nlicense: mit\\n---\\n# A model", {"base_model": "en"}))
        ---
        license: mit
        base_model: en
        ---
        # A model
    """
    return f"{front_matter({**read_metadata(card), **values})}\n{split_card(card)[1]}"


def license_of(card: str) -> str:
    """Return the licence in a card's metadata.

    Args:
        card: The card, with or without metadata.

    Returns:
        The identifier or name that `license_metadata` wrote; empty where there is none.
    """
    values = read_metadata(card)
    return str(values.get("license_name") or values.get("license") or "")


def join_licenses(*licenses: str) -> str:
    """Join the licences that hold for a model together: that of its data, and that of the model
    that it began from.

    Args:
        licenses: SPDX expressions or licences in words; empty ones are left out.

    Returns:
        One expression, each licence once.

    Example:
        >>> (join_licenses("CC-BY-4.0", "cc-by-sa-4.0"),
        ...  join_licenses("CC-BY-SA-4.0", "cc-by-sa-4.0"), join_licenses(""))
        ('CC-BY-4.0 AND CC-BY-SA-4.0', 'CC-BY-SA-4.0', '')
    """
    parts = [part.strip() for entry in licenses for part in entry.split(" AND ") if part.strip()]
    # The Hub writes identifiers in lower case, SPDX those of Creative Commons in upper case.
    named = [
        part.upper() if part.lower().startswith("cc-") and len(part.split()) == 1 else part
        for part in parts
    ]
    return " AND ".join({part.lower(): part for part in named}.values())
