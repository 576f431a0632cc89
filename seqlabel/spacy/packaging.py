"""A trained model as a spaCy pipeline that pip installs: one wheel with a card; nothing is trained
or measured.

Building the wheel needs build and setuptools (`seqlabel-rnn[package]`), and no network.
"""

import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import spacy
from spacy.cli.package import package
from spacy.language import Language

from seqlabel.errors import OptionError
from seqlabel.io.folders import make_folder
from seqlabel.models.cards import cards_below
from seqlabel.models.folders import find_folder
from seqlabel.models.hub import CARD
from seqlabel.names import VERSION, WHOLE
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.reports.cards import fill_card
from seqlabel.reports.metadata import (
    front_matter,
    join_licenses,
    license_metadata,
    license_of,
    split_card,
)
from seqlabel.spacy.storing import StoredModel, labels_by_layer, load_stored

_VERSION = re.compile(r"\d+\.\d+\.\d+([ab]\d+|rc\d+|\.dev\d+)?")


@dataclass(frozen=True)
class PackageInfo:
    """The description of a package.

    Args:
        name: Its name, without the language; letters, digits and underscores.
        version: Its version, three numbers.
        description: One sentence; empty for one that names the layers.
        license: The licence of the model, an SPDX expression. Those of models that ship and that it
            began from join it.
        author: Who publishes it.

    Raises:
        OptionError: The name or the version does not fit.
    """

    name: str
    version: str = "0.0.0"
    description: str = ""
    license: str = ""
    author: str = ""

    def __post_init__(self) -> None:
        if not self.name.isidentifier() or not self.name.isascii() or self.name.startswith("_"):
            raise OptionError(
                "name: expected letters, digits and underscores, a letter first, got "
                f"{self.name!r}."
            )
        if _VERSION.fullmatch(self.version) is None:
            raise OptionError(
                f"version: expected three numbers, such as 1.0.0, got {self.version!r}."
            )


def write_package(
    model: Path | str, folder: Path | str, about: PackageInfo, *, card: str = ""
) -> Path:
    """Write a wheel with a spaCy pipeline of a model, whose weights stay as compact as they are.

    A model of private data gets the pipe `private_finder`, with the rules; any other one the pipe
    `seqlabel`.

    Args:
        model: The model's folder, or the name of one that ships.
        folder: Where the wheel is written; it is made where it is missing.
        about: The metadata of the package.
        card: The model's own card, which the package's card takes in.

    Returns:
        The wheel.

    Raises:
        CheckpointError: There is no model, or it is damaged.
        OptionError: build or setuptools is missing, or the wheel cannot be built.
    """
    missing = [name for name in ("build", "setuptools") if find_spec(name) is None]
    if missing:
        raise OptionError(f"Packages need {' and '.join(missing)}: pip install '{WHOLE}[package]'")
    bases = cards_below(card)
    about = replace(about, license=join_licenses(about.license, *map(license_of, bases)))
    stored = load_stored(find_folder(model))
    nlp = pipeline_of(find_folder(model), stored, about)
    target = make_folder(Path(folder))
    with TemporaryDirectory() as temporary:
        pipeline = Path(temporary) / "pipeline"
        packages = Path(temporary) / "packages"
        packages.mkdir()
        nlp.to_disk(pipeline)
        for file, text in (
            _license_files(nlp, bases) | {CARD: _card(nlp, stored, pipeline, card)}
        ).items():
            (pipeline / file).write_text(text, encoding="utf-8")
        with warnings.catch_warnings():
            # spaCy leaves the files that it writes to be closed by the garbage collector.
            warnings.simplefilter("ignore", ResourceWarning)
            package(
                pipeline,
                packages,
                name=about.name,
                version=about.version,
                create_sdist=False,
                silent=True,
            )
        (source,) = packages.iterdir()
        # spaCy's setup.py does not say that the card is Markdown, and an index would show its
        # metadata as text.
        (source / "setup.cfg").write_text(
            "[metadata]\nlong_description_content_type = text/markdown\n", encoding="utf-8"
        )
        (source / CARD).write_text(
            split_card((source / CARD).read_text(encoding="utf-8"))[1], encoding="utf-8"
        )
        wheels = Path(temporary) / "wheels"
        command = [
            sys.executable,
            "-m",
            "build",
            "--wheel",
            "--no-isolation",
            "--outdir",
            str(wheels),
            str(source),
        ]
        done = subprocess.run(command, capture_output=True, text=True, cwd=temporary)
        if done.returncode:
            last = (done.stderr or done.stdout).strip().splitlines()[-1:]
            raise OptionError(
                f"The wheel cannot be built ({' '.join(last)}). Try a newer build and setuptools."
            )
        (wheel,) = wheels.iterdir()
        return Path(shutil.copy(wheel, target / wheel.name))


def pipeline_of(folder: Path, stored: StoredModel, about: PackageInfo) -> Language:
    """Put a model into a blank spaCy pipeline.

    Args:
        folder: The model's folder.
        stored: The model.
        about: The metadata of the pipeline.

    Returns:
        The pipeline. Its config names the model, not the folder where it was.
    """
    model = stored.model
    private = LAYER in labels_by_layer(stored.model)
    nlp = spacy.blank(model.config.language)
    # The weights come from the pipeline: this machine's folder must not get into its config.
    pipe: Any = nlp.add_pipe(
        "private_finder" if private else "seqlabel", config={"model": f"packaged_{about.name}"}
    )
    pipe.from_disk(folder)
    extra = "[pii]" if private else ""
    nlp.meta.update(
        name=about.name,
        version=about.version,
        description=about.description
        or f"Labels {', '.join(labels_by_layer(stored.model))} with seqlabel.",
        license=about.license,
        author=about.author,
        requirements=[f"{WHOLE}{extra}{_compatible(VERSION)}"],
    )
    return nlp


def _compatible(number: str) -> str:
    """The versions of the library that read what this one writes: up to the next major one, which
    may remove names.
    """
    return f">={number},<{int(number.partition('.')[0]) + 1}"


def _license_files(nlp: Language, bases: Sequence[str]) -> dict[str, str]:
    """The files of licences, under spaCy's names: that of the model, and the cards of those that it
    began from.
    """
    meta = nlp.meta
    if not meta["license"]:
        return {}
    rights = f"Copyright {meta['author']}\n" if meta["author"] else ""
    names = str(meta["license"]).split(" AND ")
    texts = "".join(
        f"https://spdx.org/licenses/{name}.html\n" for name in names if len(name.split()) == 1
    )
    files = {
        "LICENSE": (
            f"{meta['lang']}_{meta['name']} {meta['version']}\n{rights}\nLicence: "
            f"{meta['license']}\n{texts}"
        )
    }
    if bases:
        files["LICENSES_SOURCES"] = (
            "\n\n".join(split_card(card)[1].strip() for card in bases) + "\n"
        )
    return files


def _card(nlp: Language, stored: StoredModel, pipeline: Path, card: str) -> str:
    """The card of a package, with the model's own below it."""
    meta = nlp.meta
    name = f"{meta['lang']}_{meta['name']}"
    task = "token-classification" if stored.model.config.reads_words else "text-classification"
    megabytes = sum(path.stat().st_size for path in pipeline.rglob("*") if path.is_file()) / 1e6
    head = front_matter(
        {
            "library_name": "spacy",
            "tags": ["spacy", "seqlabel", task],
            "language": [meta["lang"]],
            **license_metadata(str(meta["license"])),
            "pipeline_tag": task,
        }
    )
    own = _without_loading(split_card(card)[1])
    about = {
        "head": head,
        "name": name,
        "meta": meta,
        "pipes": nlp.pipe_names,
        "megabytes": megabytes,
    }
    return fill_card(
        "package_card.md", {**about, "layers": labels_by_layer(stored.model), "below": _deeper(own)}
    )


def _without_loading(card: str) -> str:
    """A card without the code at its beginning, which loads the model from a folder that only its
    maker has.
    """
    beginning, heading, sections = card.partition("\n## ")
    return beginning.partition("```")[0] + heading + sections


def _deeper(card: str) -> str:
    """A card with each of its headings one level below, outside blocks of code."""
    lines = []
    code = False
    for line in card.strip().splitlines():
        code ^= line.startswith("```")
        lines.append(f"#{line}" if line.startswith("#") and not code else line)
    return "\n".join(lines)
