"""Texts with private data, what becomes of them one by one, and files of them that are redacted."""

import csv
import json
import random
import re
from collections import Counter
from dataclasses import replace

import pyarrow
from pyarrow import parquet

from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.formats.format import Layout
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder, redact
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.files import FileRedactor
from seqlabel.privacy.records.workers import Redactors, Task
from seqlabel.privacy.replacing.policies import Mask
from seqlabel.text.tokenizers import Words
from tests.spacy_models import some_texts, tiny_labeler

MASK = Mask()
HEAD = HeadConfig(TagSet(LAYER, ("PERSON", "PLACE"), Scheme.BIO), Softmax(), threshold_offset=-2.0)
NOTHING = replace(HEAD, threshold_offset=-1000.0)
VALUES = ["ann@x.org", "a.b@c.example", "+44 20 7946 0018", "4111 1111 1111 1111", "203.0.113.7"]
HARD = [
    "an\u200bn@x.org",
    "аnn@х.org",
    "\u202eann@x.org",
    "ann@x.org😀",
    "👩\u200d🚀 203.0.113.7",
    "\u05d0\u05d1 ann@x.org",
]


def save_labeler(folder, head=HEAD):
    labeler = tiny_labeler((head,), seed=4)
    labeler.config = replace(labeler.config, words=Words.FINE)
    labeler.save(folder)
    return str(folder)


def lines(count=40, *, seed=0):
    chance = random.Random(seed)
    texts = [re.sub(r"\s+", " ", text) for text in some_texts(count, seed=seed)]
    return [*HARD, *(f"{text} {chance.choice([*VALUES, '', ''])}".strip() for text in texts)]


def plain(model, texts, policy=MASK, labels=(), **options):
    """Text by text: the finder, then `redact`, then a count."""
    finder = PrivateFinder.load(model, labels=labels or None, **options)
    outputs, found = [], Counter()
    for text in texts:
        (document,) = finder([text])
        redacted = redact(document, policy, layer=LAYER)
        outputs.append(redacted.text)
        found.update(finding.label for finding in redacted.findings)
    return outputs, found


def redactor_of(
    model, *, report=None, processes=1, policy=MASK, labels=(), layout=None, columns=(), **options
):
    said = [] if report is None else report
    redactors = Redactors(
        Task(policy, PrivacySettings(model=model, labels=labels or None)), processes=processes
    )
    layout = layout or Layout(columns=tuple(columns))
    return FileRedactor(redactors, layout, report=said.append, **options), redactors


def run(model, source, target, *, resume=False, **options):
    said = []
    work, redactors = redactor_of(model, report=said, **options)
    with redactors:
        work.file(source, target, resume=resume)
    return work.summary, said


def parts_of(target):
    return [
        path
        for path in target.parent.iterdir()
        if path.name.startswith(f".{target.name}.") and path.suffix == ".part"
    ]


def rows_of(path):
    """The texts in a file of `exchanged_rows`."""
    if path.suffix == ".parquet":
        return parquet.read_table(path)["text"].to_pylist()
    lines = path.read_text(encoding="utf-8").splitlines()
    if path.suffix == ".jsonl":
        return [json.loads(line)["text"] for line in lines]
    return [row[1] for row in csv.reader(lines)][1:] if path.suffix == ".csv" else lines


def write_rows(path, texts):
    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.table({"text": texts}), path)
        return
    rows = {
        ".txt": texts,
        ".jsonl": [json.dumps({"text": text}) for text in texts],
        ".csv": ["n,text", *(f"1,{text}" for text in texts)],
    }
    path.write_text("\n".join(rows[path.suffix]) + "\n", encoding="utf-8")
