"""The metadata at the head of a card, as Hugging Face reads them; what a card says is written elsewhere."""

from collections.abc import Mapping

import srsly

from seqlabel.reports.report import Report
from seqlabel.scores.metrics import SpanScore


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
    metadata, _, rest = card.removeprefix("---\n").partition("\n---\n")
    return metadata, rest


def license_of(card: str) -> str:
    """Return the licence in a card's metadata.

    Args:
        card: The card, with or without metadata.

    Returns:
        The identifier or name that `license_metadata` wrote; empty where there is none.
    """
    values = srsly.yaml_loads(split_card(card)[0]) or {}
    return str(values.get("license_name") or values.get("license") or "")


def results(name: str, task: str, data: str, report: Report) -> list[dict[str, object]]:
    """Return a report's main figures as a `model-index`, which model pages of the Hub show.

    Args:
        name: The name of the model.
        task: The task as the Hub names it, such as `token-classification`.
        data: The name of the data that were scored.
        report: The scores.

    Returns:
        The value of `model-index`.
    """
    score = report.score
    if isinstance(score, SpanScore):
        figures = {
            "precision": score.exact.precision,
            "recall": score.exact.recall,
            "f1" if score.beta == 1 else f"f{score.beta:g}": score.exact.f,
        }
    else:
        figures = {"accuracy": score.accuracy, "macro_f1": score.macro_f1}
    metrics = [{"type": kind, "value": round(value, 4), "name": kind} for kind, value in figures.items()]
    dataset = {"name": data, "type": "own"}
    return [{"name": name, "results": [{"task": {"type": task}, "dataset": dataset, "metrics": metrics}]}]
