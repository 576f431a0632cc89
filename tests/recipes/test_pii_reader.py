"""The recipe of the second reader: its inputs are the library's, what is right, and a run from
files to a folder.
"""

import importlib
import lzma
import random
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
import typer
from typer.testing import CliRunner

from seqlabel.commands.settings import command_of
from seqlabel.documents.spans import Span
from seqlabel.io.files import read_json
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.native.span_reader import NUMBERS, VIEWS
from seqlabel.privacy.finding.finder import LAYER

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

pytestmark = pytest.mark.end_to_end
sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
pii_reader = importlib.import_module("pii_reader")
from pii_data.by_hand import OPEN  # noqa: E402
from pii_data.citations import citation_texts  # noqa: E402
from pii_data.reader_findings import Examples, findings, truth  # noqa: E402
from pii_data.reader_texts import filled_prose, placed_in_prose, prose_with_open  # noqa: E402
from pii_data.splits import Split  # noqa: E402

TEXT = (
    "Ann Moss of 4 Mill Lane, Leeds called Bo Reed at Acme Ltd on 0113 496 0000 about the "
    "24 doors of Oslo."
)


@pytest.fixture(scope="module")
def labeler():
    shipped = Labeler.load("en_pii")
    shipped.set_reader(None)
    return shipped


def random_network(labeler, hidden):
    chance = np.random.default_rng(3)
    labels = len(labeler.config.head(LAYER).tag_set.labels)
    size = VIEWS * 2 * labeler.config.hidden + 2 * labels + NUMBERS
    rows = max(hidden, 1)
    inside = chance.normal(scale=0.2, size=(rows, size)).astype(np.float32)
    bias = chance.normal(size=rows).astype(np.float32)
    out = chance.normal(scale=0.5, size=hidden).astype(np.float32) if hidden else None
    return pii_reader.Network(inside, bias, out, 0.2 if hidden else 0.0)


@pytest.mark.parametrize("hidden", [0, 3])
@pytest.mark.parametrize("text", [TEXT, "Ann", " ".join([TEXT] * 6)])
def test_the_inputs_are_those_that_the_library_multiplies(labeler, text, hidden):
    network = random_network(labeler, hidden).scaled(0.7, -0.3)
    reader = pii_reader.reader_of(labeler, network, 1.0)
    found = findings(labeler, [labeler.tokenize(text)], 1.0)
    assert found.spans
    own = labeler.copy()
    own.set_reader(reader)
    (document,) = own([text])
    assert document.spans[LAYER].spans == tuple(found.spans)
    # Inputs have three digits.
    np.testing.assert_allclose(
        document.spans[LAYER].scores, 1 / (1 + np.exp(-network.odds(found.inputs))), atol=0.01
    )


def test_findings_are_right_where_they_touch_a_value_and_left_out_where_it_is_open():
    gold = [Span(2, 4, "PERSON"), Span(6, 8, OPEN)]
    assert truth(Span(3, 5, "AGE"), gold) is True
    assert truth(Span(4, 6, "AGE"), gold) is False
    assert truth(Span(7, 9, "AGE"), gold) is None
    assert truth(Span(3, 7, "AGE"), gold) is True


def test_prose_is_wrong_but_for_what_rules_prove_and_the_persons_of_the_public(labeler):
    text = "Mary Walker moved to Leeds. Write to mary.walker@example.org today."
    found = findings(labeler, [labeler.tokenize(text)], 1.0)
    labels = [span.label for span in found.spans]
    assert {"PERSON", "LOCATION", "EMAIL"} <= set(labels)
    nobody = pii_reader.in_prose(labeler, [text], 1.0)
    public = pii_reader.in_prose(labeler, [text], 1.0, wrong=pii_reader.WRONG_IN_PUBLIC)
    assert len(nobody.right) == len(labels) - labels.count("EMAIL")
    assert len(public.right) == sum(label in pii_reader.WRONG_IN_PUBLIC for label in labels)
    assert not nobody.right.any()


def test_prose_has_about_as_many_words_as_asked_and_each_line_once(tmp_path):
    lines = [f"line {number} has six words here" for number in range(400)]
    texts = ["\n".join(lines[at : at + 20]) for at in range(0, 400, 20)]
    path = tmp_path / "some.txt.xz"
    path.write_bytes(lzma.compress("\n\n".join(texts).encode()))
    found = [
        line
        for text in pii_reader.prose_of(path, 600, random.Random(0))
        for line in text.split("\n")
    ]
    assert len(found) == len(set(found)) == 100
    assert set(found) < set(lines)


def test_texts_are_placed_in_prose_with_their_values():
    values = [("Ask Bo.", [(4, 6, "PERSON")]), ("Call 0113 496 0000.", [(5, 18, "PHONE")])]
    prose = [("Here is nothing.", []), ("Mail to a@x.org.", [(8, 15, OPEN)])]
    placed = list(placed_in_prose(values, prose, 200, random.Random(0), most=3))
    counts = set()
    for text, places in placed:
        found = {(text[start:end], label) for start, end, label in places}
        assert found <= {("Bo", "PERSON"), ("0113 496 0000", "PHONE"), ("a@x.org", OPEN)}
        private = [label for _, _, label in places if label != OPEN]
        assert len(private) == text.count("Ask Bo.") + text.count("Call 0113")
        assert places == sorted(places)
        counts.add(len(private))
    assert counts == {1, 2, 3}


def test_what_may_be_private_in_prose_is_open(labeler):
    text = "Mary Walker moved to Leeds. Write to mary.walker@example.org today."
    ((_, everything_wrong),) = prose_with_open(labeler, [text], None)
    ((_, persons_open),) = prose_with_open(labeler, [text], pii_reader.WRONG_IN_PUBLIC)
    assert [text[a:b] for a, b, label in everything_wrong] == ["mary.walker@example.org"]
    assert {text[a:b] for a, b, label in persons_open} == {
        "Mary Walker",
        "mary.walker@example.org",
    }


def test_citations_have_numbers_and_nothing_private():
    texts = [text for text, places in citation_texts(300, seed=1, split=Split.ALL) if not places]
    assert len(texts) == 300
    assert not any(sign in text for text in texts for sign in "{}")
    assert sum(any(sign.isdigit() for sign in text) for text in texts) > 250


def test_calibration_recovers_a_scale_and_a_shift():
    chance = np.random.default_rng(0)
    odds = 2 * chance.normal(size=4_000)
    right = chance.random(4_000) < 1 / (1 + np.exp(-(0.5 * odds + 0.3)))
    scale, shift = pii_reader.calibration(odds, right.astype(np.float32))
    assert scale == pytest.approx(0.5, abs=0.1)
    assert shift == pytest.approx(0.3, abs=0.1)


def test_a_hidden_layer_tells_apart_what_a_line_does_not():
    chance = np.random.default_rng(0)
    inputs = chance.normal(size=(4_000, 2)).astype(np.float16)
    right = (inputs[:, 0] * inputs[:, 1] > 0).astype(np.float32)
    found = Examples(inputs, right, np.ones(4_000, np.float32))
    shares = []
    for hidden in (0, 64):
        network = pii_reader.fit(found, hidden=hidden, epochs=40, seed=0)
        shares.append(((network.odds(inputs) > 0) == (right > 0)).mean())
    assert shares[0] < 0.6
    assert shares[1] > 0.75


def test_names_of_nobody_known_take_the_places_of_those_that_are_there():
    finder = Labeler.load("en_pii")
    text = (
        "Mary Walker moved to Leeds in 2004. Then Mary Walker founded Acme Ltd. Walker "
        "retired last year, they say."
    )
    for filled, places in filled_prose(finder, [text] * 20, random.Random(0)):
        values = {(filled[start:end], label) for start, end, label in places}
        assert any(label != OPEN for _, label in values)
        assert not any("Walker" in value for value, label in values if label == "PERSON")


def test_a_run_leaves_a_labeler_with_a_reader_and_figures(tmp_path, monkeypatch):
    (tmp_path / "web").mkdir()
    for name in ("law_dc_code", "wikipedia", "techbooks"):
        lines = [
            f"Section {number} of the Code was amended in Leeds by Mary Walker."
            for number in range(60)
        ]
        (tmp_path / "web" / f"{name}.txt.xz").write_bytes(lzma.compress("\n".join(lines).encode()))
    read = pii_reader.hand_written
    monkeypatch.setattr(pii_reader, "hand_written", lambda part: list(islice(read(part), 25)))
    app = typer.Typer()
    app.command()(command_of(pii_reader.main, pii_reader.Settings))
    sizes = (
        f"--data {tmp_path} --output {tmp_path}/out --texts 100 --readings 0 --words 500 "
        "--test-words 300 --values 100 --sentences 20 --least 0.02 --least-names 0.05 "
        "--mined-words 500 --filled 5 --placed 40 --epochs 12 --quiet --compact"
    )
    result = CliRunner().invoke(app, sizes.split())
    assert result.exit_code == 0, result.output
    figures = read_json(tmp_path / "out" / "metrics.json")
    labeler = Labeler.load(tmp_path / "out" / "labeler")
    assert labeler.reader is not None
    assert labeler.reader.config.least == pytest.approx(0.02)
    leasts = {label: labeler.reader.config.leasts[label] for label in ("AGE", "MAC")}
    assert leasts == pytest.approx({"AGE": 0.05, "MAC": 0.4})
    assert labeler.reader.config.hidden == 128
    # The figures are those of what was saved, and of the labeler without its reader.
    texts = list(pii_reader.prose_of(tmp_path / "web" / "techbooks.txt.xz", 300, random.Random(0)))
    bare = Labeler.load("en_pii")
    bare.set_reader(None)
    found = [pii_reader.alarms(one, texts) for one in (bare, labeler)]
    assert figures["alarms_per_1000_words"]["techbooks"] == found
    assert "techbooks, alarms per 1,000 words: " in result.output
    assert figures["characters"]["dev"][0]["recall"] > 0.9

    labeler.set_reader(None)
    for (name, old), new in zip(
        bare.module.state_dict().items(), labeler.module.state_dict().values(), strict=True
    ):
        assert (old == new).all(), name
