"""What keeps a finder quiet on machine text: single values in plain surroundings, and the texts of
machines.
"""

import importlib
import lzma
import random
import sys
from collections import Counter
from pathlib import Path

import pytest

from seqlabel.documents.document import Spans
from seqlabel.documents.spans import Span
from seqlabel.privacy.finding.finder import LAYER
from tests.recipes.generated import assert_spans_fit

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))
pii_data = importlib.import_module("pii_data")
singles, machine_texts, corpora = (
    importlib.import_module(f"pii_data.{name}") for name in ("singles", "machine_texts", "corpora")
)
PiiType, Split = pii_data.PiiType, pii_data.Split
SCRIPT = """
def label(text):
    sure = [(text.index("10.2.3.4"), text.index("10.2.3.4") + 8, "IP")] if "10.2.3.4" in text else []
    unsure = [(text.index("127.0.0.1"), text.index("127.0.0.1") + 9, "IP")] if "127.0.0.1" in text else []
    unsure += [(text.index("root"), text.index("root") + 4, "USERNAME")] if "root" in text else []
    return sure, unsure
"""  # noqa: E501


@pytest.mark.parametrize("split", Split)
def test_single_values_lie_where_their_spans_are(split):
    labels = Counter()
    texts = list(singles.single_values(400, seed=0, split=split))
    for text, spans in texts:
        assert text.strip()
        assert "×" not in text
        assert_spans_fit(text, spans)
        labels.update(label for _, _, label in spans)
    assert labels.keys() <= set(PiiType)
    assert {"API_KEY", "PASSWORD", "PHONE", "NATIONAL_ID"} <= labels.keys()
    assert {"TAX_ID", "IP", "ORGANISATION", "USERNAME"} <= labels.keys()
    assert 0.25 < sum(not spans for _, spans in texts) / len(texts) < 0.6
    assert list(singles.single_values(20, seed=0, split=split)) == texts[:20]
    assert list(singles.single_values(20, seed=1, split=split)) != texts[:20]


class Alarming:
    """A labeler that finds the same words everywhere."""

    def __init__(self, **found):
        self.found = found

    def __call__(self, texts):
        for document in map(corpora.FINE, texts):
            spans = [
                Span(place, place + 1, self.found[word])
                for place, word in enumerate(document.words)
                if word in self.found
            ]
            yield document.with_spans(LAYER, Spans(tuple(spans)))


def tags_of(folder, labeler, **files):
    (folder / "machines").mkdir()
    (folder / "machines" / "labels.py").write_text(SCRIPT, encoding="utf-8")
    for name in machine_texts.KINDS:
        with lzma.open(folder / "machines" / f"{name}.txt.xz", "wt", encoding="utf-8") as file:
            file.write(f"<<< owner/repository/{name} >>>\n{files.get(name, 'none')}\n")
    machine_texts._script.cache_clear()
    documents = machine_texts.machine_documents(folder, labeler, random.Random(0), share=1.0)
    return {
        word: label
        for document in documents
        for word, label in zip(document.words, document.tags[LAYER].labels, strict=True)
        if word != "none"
    }


def test_what_a_script_finds_is_learnt_and_what_a_labeler_finds_is_unlearnt(tmp_path):
    labeler = Alarming(
        worker="USERNAME", Oslo="LOCATION", core="LOCATION", d41d8="API_KEY", Hill="PERSON"
    )
    logs = "worker 10.2.3.4 of 127.0.0.1 for root in Oslo core d41d8 Hill"
    tags = tags_of(tmp_path, labeler, logs=logs)
    assert tags["10.2.3.4"] == "B-IP"
    assert [tags[word] for word in ("worker", "127.0.0.1", "core", "d41d8")] == ["O"] * 4
    assert [tags[word] for word in ("root", "Oslo", "Hill")] == [None] * 3


def test_names_of_authors_and_of_owners_of_files_are_left_open(tmp_path):
    labeler = Alarming(
        Moss="PERSON", Hill="PERSON", amoss="USERNAME", bash="USERNAME", Paris="LOCATION"
    )
    code = "# Author: Moss\nclass Hill:\n    Paris = 1\n"
    screens = "-rw-r--r-- 1 amoss staff 12 May 3 a.txt\nstarting bash\n"
    tags = tags_of(tmp_path, labeler, code=code, screens=screens)
    assert [tags[word] for word in ("Moss", "amoss")] == [None] * 2
    assert [tags[word] for word in ("Hill", "Paris", "bash")] == ["O"] * 3


def test_a_document_begins_behind_its_source(tmp_path):
    path = tmp_path / "logs.txt.xz"
    with lzma.open(path, "wt", encoding="utf-8", newline="") as file:
        file.write("<<< a/b/c.log >>>\none\r\ntwo\n<<< a/b/d.log#2 >>>\nthree\n")
    assert machine_texts.machine_texts(path) == ["one\r\ntwo\n", "three\n"]


def test_a_benchmark_counts_alarms_apart_from_values_and_optional_spans():
    sys.path.insert(0, str(ROOT / "recipes" / "benchmarks"))
    benchmark = importlib.import_module("machine_text")
    span = benchmark.CharacterSpan
    case = benchmark.Marked(
        "ip 10.2.3.4 as root at x1", [span(3, 11, "IP")], [span(15, 19, "USERNAME")]
    )

    found = [span(3, 11, "IP"), span(15, 19, "USERNAME"), span(23, 25, "API_KEY")]
    figures = benchmark.labeled([case], lambda texts: [[*found, span(0, 2, "DATE")]])
    assert (figures["masked"], figures["touched"]) == (100, 100)
    assert figures["alarms_per_1000_lines"] == 1000
