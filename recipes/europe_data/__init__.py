"""The treebanks of eleven European languages: what a tagger learns from, is chosen on, and is
measured on; and names.

Which treebanks serve for what is told by the README of the data, `europe/README.md`. `names` has
200 sentences each in French, Spanish, Italian and Dutch, as news, posts and encyclopedias have
them, to measure names on. A language model, Claude, wrote and marked them before any labeler had
read them. A name is marked `[PER Anna]`; streets and buildings are places, teams and newspapers
organisations; titles, events and works are not marked.
"""

import lzma
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seqlabel import DataError, Document, OptionError, Scheme, Spans, Tags, TagSet, Tokenizer
from seqlabel.documents import CharacterSpan, Repairs, fit_spans
from seqlabel.formats import read_conllu, read_documents

_TAGS = "ADJ ADP ADV AUX CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X"
UPOS = TagSet("upos", tuple(_TAGS.split(" ")))
HALF = ":half"
"""Of a treebank with this behind its name, the first half is learnt, and the other half measured
on.
"""
TREEBANKS = {
    "de": ("de_gsd-dev de_empirist-all de_cdt-silver", "de_gsd-test"),
    "fr": (
        "fr_gsd-dev fr_rhapsodie-dev fr_rhapsodie-train fr_parisstories-dev fr_parisstories-train",
        "fr_gsd-test",
    ),
    "es": ("es_ancora-dev es_gsd-dev", "es_ancora-test es_gsd-test"),
    "it": (
        "it_parlamint-train it_markit-train it_markit-dev it_valico-test",
        "it_markit-test it_parlamint-test",
    ),
    "nl": (
        "nl_alpino-dev nl_lassysmall-dev nl_lassysmall-train2017",
        "nl_alpino-test nl_lassysmall-test",
    ),
    "pt": (
        "pt_bosque-dev pt_gsd-dev pt_porttinari-dev pt_bosque-train",
        "pt_bosque-test pt_gsd-test pt_porttinari-test",
    ),
    "sv": ("sv_talbanken-dev sv_talbanken-test:half", "sv_talbanken-test:half"),
    "da": ("da_ddt-dev da_ddt-train", "da_ddt-test"),
    "nb": ("no_bokmaal-dev no_ndt-train", "no_bokmaal-test"),
    "fi": ("fi_tdt-dev fi_ftb-dev fi_ood-test", "fi_tdt-test"),
    "cs": ("cs_cac-dev cs_cltt-train cs_cltt-dev", "cs_cac-test cs_cltt-test"),
}
"""The treebanks that are learnt and measured on, by language."""
OTHER_FEATURES = ("fr_parisstories", "fr_rhapsodie", "fi_ftb", "no_ndt", "pt_gsd")
"""Treebanks whose features differ from those of their language's other treebanks and are left out:
NDT's are not those of Universal Dependencies, most nouns in Portuguese GSD and spoken French have
none, and FTB has no derivation."""
NER = TagSet("ner", ("LOC", "ORG", "PER"), Scheme.BIOES)
LABELS = {"PER": "PER", "LOC": "LOC", "ORG": "ORG", "GPE_LOC": "LOC", "GPE_ORG": "LOC"}
"""The labels of the files of names and what they are called here. A country or town is a place,
also where it acts.
"""
FILES = {
    "de": ("de_germeval2014-dev", "de_germeval2014-dev"),
    "pt": ("pt_uner_bosque-train", "pt_uner_bosque-test"),
    "sv": ("sv_uner_talbanken-train sv_klintan-train", "sv_uner_talbanken-test"),
    "da": ("da_uner_ddt-train", "da_uner_ddt-test"),
    "nb": ("nb_norne-train", "nb_norne-test"),
    "fi": ("fi_turku-train", "fi_turku-test"),
    "en": ("train", "test"),
}
"""The files that are learnt and measured on, by language; of one that is both, the last 600
sentences are measured.
"""
MEASURED = 600
FEWEST_FEATURES = 3
"""Features are learnt that so many words of the training sentences have together."""
ONE_IN, MOST_CHOOSING = 10, 100


class Parts(NamedTuple):
    """The sentences of a language: to learn from, to choose the epoch on, and each test part by its
    name.
    """

    train: list[Document]
    dev: list[Document]
    tests: dict[str, list[Document]]


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """A file without its compression, in a folder that is there for the moment."""
    try:
        packed = path.read_bytes()
        text = lzma.decompress(packed) if path.suffix == ".xz" else packed
    except (OSError, lzma.LZMAError) as error:
        raise DataError(
            f"{path}: cannot be read ({error}). Give the folder that holds europe."
        ) from error
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / path.name.removesuffix(".xz")
        plain.write_bytes(text)
        yield plain


def sentences(data: Path, name: str) -> Iterator[Document]:
    """The sentences of a treebank, without tags outside the seventeen and without features of other
    kinds.
    """
    german = name.startswith("de_gsd")
    path = data / (
        f"ud_german_gsd/{name.replace('-', '-ud-')}.conllu"
        if german
        else f"europe/ud/{name}.conllu.xz"
    )
    with unpacked(path) as plain:
        rows = list(read_conllu(plain, layers=["upos", "feats"]))
    labeled = any(label != "_" for row in rows for label in row.tags["feats"].labels)
    featured = labeled and not name.startswith(OTHER_FEATURES)
    for row in rows:
        labels = (label if label in UPOS.labels else None for label in row.tags["upos"].labels)
        yield replace(
            row,
            tags={"upos": Tags(tuple(labels))} | ({"feats": row.tags["feats"]} if featured else {}),
        )


def named(data: Path, name: str) -> Iterator[Document]:
    """The sentences of a file with names, as spans of the layer `ner`; the text is of words and
    spaces.
    """
    with unpacked(data / "europe" / "ner" / f"{name}.tsv.xz") as plain:
        yield from read_documents(plain, format="columns", separator="\t", repairs=Repairs())


def written(language: str, tokenizer: Tokenizer) -> Iterator[Document]:
    """The sentences of `names` in a language, with spans of the layer `ner`."""
    for line in (
        (Path(__file__).parent / "names" / f"{language}.txt")
        .read_text(encoding="utf-8")
        .splitlines()
    ):
        text, spans = "", []
        for part in re.split(r"(\[[A-Z]{3} [^]]+\])", line):
            if part.startswith("["):
                label, part = part[1:4], part[5:-1]
                spans.append(CharacterSpan(len(text), len(text) + len(part), label))
            text += part
        document = tokenizer(text)
        yield document.with_spans(
            "ner", fit_spans(document, spans, where=language, repairs=Repairs())
        )


def features_of(documents: Iterable[Document]) -> list[TagSet]:
    """The features of some documents' words, if they have any; those that are rare are left out."""
    known = (one.tags["feats"].labels for one in documents if "feats" in one.tags)
    counts = Counter(label for labels in known for label in labels if label)
    labels = sorted(label for label, count in counts.items() if count >= FEWEST_FEATURES)
    return [TagSet("feats", tuple(labels))] if len(labels) > 1 else []


def half(data: Path, name: str, *, first: bool) -> list[Document]:
    """A treebank, or the half of it that is learnt or measured on."""
    plain = name.removesuffix(HALF)
    every = list(sentences(data, plain))
    if plain == name:
        return every
    return every[: len(every) // 2] if first else every[len(every) // 2 :]


def parts_of(data: Path, language: str, most: int) -> Parts:
    """The parts of a language, with at most so many sentences to learn from and choose on
    together.
    """
    if language not in TREEBANKS:
        raise OptionError(f"languages: Found {language!r}. Give some of {','.join(TREEBANKS)}.")
    learnt, measured = (names.split() for names in TREEBANKS[language])
    train: list[Document] = []
    for name in learnt:
        more = half(data, name, first=True)
        train += random.Random(0).sample(more, min(len(more), most - len(train)))
    random.Random(0).shuffle(train)
    held_out = min(len(train) // ONE_IN, MOST_CHOOSING)
    tests = {name.removesuffix(HALF): half(data, name, first=False) for name in measured}
    return Parts(train[held_out:], train[:held_out], tests)


def names_of(data: Path, file: str) -> list[Document]:
    """The sentences of a file with the three kinds of names."""
    english = data / "ner_english_ewt" / f"{file}.iob2"
    columns = partial(read_documents, word=1, tag=2, separator="\t", repairs=Repairs())
    rows = named(data, file) if "_" in file else columns(english)
    kept = ((row, [one for one in row.spans["ner"].spans if one.label in LABELS]) for row in rows)
    return [
        row.with_spans("ner", Spans(tuple(replace(one, label=LABELS[one.label]) for one in spans)))
        for row, spans in kept
    ]


def names_parts(data: Path, language: str, most: int) -> Parts:
    """The parts of a language, with at most so many sentences of each file to learn from."""
    if language not in FILES:
        raise OptionError(f"languages: Found {language!r}. Give some of {','.join(FILES)}.")
    learnt, measured = FILES[language]
    train: list[Document] = []
    dev: list[Document] = []
    for file in learnt.split():
        rows = names_of(data, file)[: -MEASURED if file == measured else None]
        random.Random(0).shuffle(rows)
        held_out = min(len(rows) // ONE_IN, MOST_CHOOSING)
        dev += rows[:held_out]
        more = rows[held_out : held_out + most]
        train += more * max(most // max(len(more), 1), 1)
    return Parts(
        train, dev, {language: names_of(data, measured)[-MEASURED if measured in learnt else 0 :]}
    )
