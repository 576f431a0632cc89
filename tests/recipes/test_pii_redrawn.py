"""Texts written by hand for training: their marks, and other values in the same places at each
reading.
"""

import importlib
import re
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import pytest

from seqlabel.errors import DataError
from tests.recipes.generated import assert_spans_fit

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))
pii_data = importlib.import_module("pii_data")
by_hand, corpora, maker, redrawn, slots, splits = (
    importlib.import_module(f"pii_data.{name}")
    for name in ("by_hand", "corpora", "maker", "redrawn", "slots", "splits")
)
PiiType, Split, Topic = pii_data.PiiType, pii_data.Split, by_hand.Topic
LABELS = {*PiiType, by_hand.OPEN}
OF_A_FEW = (Topic.COMPANIES, Topic.ADDRESSES, Topic.CREDENTIALS, Topic.MACHINES)
OF_A_FEW += (Topic.SHORT, Topic.SPEECH, Topic.SCHEMAS)
OF_NOBODY = (Topic.TERMS,)
every_topic = pytest.mark.parametrize("topic", Topic)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Writes a topic's file in place of all texts; the other topics hold one text without a
    value.
    """

    def write(text, topic=Topic.CHATS):
        (tmp_path / "train").mkdir(exist_ok=True)
        for each in Topic:
            content = text if each is topic else f"# note\nNothing of {each} is here.\n"
            (tmp_path / "train" / f"{each}.txt").write_text(content, encoding="utf-8")
        monkeypatch.setattr("pii_data.by_hand._FOLDER", tmp_path)

    return write


def readings(times, *, seed=0, split=Split.ALL, styles=pii_data.ALL_STYLES):
    """The values of each reading of the texts that have some, as (label, value)."""
    found = redrawn.redrawn_texts(times, seed=seed, split=split, styles=styles)
    return [
        [(label, text[start:end]) for start, end, label in spans] for text, spans in found if spans
    ]


@every_topic
def test_texts_for_training_are_well_formed_and_some_hold_nothing_private(topic):
    texts = list(by_hand.hand_written_to_train(topic))
    labels = Counter(label for pieces in texts for _, label in pieces if label is not None)
    assert labels.keys() <= LABELS
    private = [pieces for pieces in texts if any(label for _, label in pieces)]
    if topic in OF_NOBODY:
        assert private == []
    else:
        # Some topics are of a few kinds of values.
        assert len(labels) > (5 if topic in OF_A_FEW else 15)
    # Texts about firms and values are made to hold some.
    least = 0 if topic in (Topic.FIRMS, Topic.VALUES, Topic.SENTENCES) else 0.04
    # Most placeholders have no true secret beside them, most texts of every day no value, and few
    # schemas an example of one.
    most = 0.85 if topic in (Topic.CREDENTIALS, Topic.EVERYDAY, Topic.SCHEMAS) else 0.65
    assert topic in OF_NOBODY or least <= 1 - len(private) / len(texts) < most
    for pieces in texts:
        for text, label in pieces:
            assert label is None or text == text.strip() != ""
        assert "".join(text for text, _ in pieces).strip()


def test_no_text_for_training_is_one_for_choosing_or_testing():
    parts = [{text for text, _ in pii_data.hand_written(part)} for part in by_hand.PARTS]
    others = set().union(*parts)
    assert len(others) == sum(map(len, parts))
    for topic in Topic:
        assert not others & {
            "".join(text for text, _ in pieces) for pieces in by_hand.hand_written_to_train(topic)
        }


@pytest.mark.parametrize(
    ("marked", "named"),
    [
        ("# note\nI am ⟦NAME|Ann⟧", "NAME"),
        ("# note\nI am ⟦?|Ann", "mark"),
        ("I", "style"),
    ],
)
def test_a_broken_mark_is_refused(written, marked, named):
    written(marked)
    with pytest.raises(DataError, match=named):
        list(by_hand.hand_written_to_train(Topic.CHATS))


def test_spans_lie_where_the_values_are():
    count = 0
    for text, spans in redrawn.redrawn_texts(
        1, seed=3, split=Split.TEST, styles=pii_data.ALL_STYLES
    ):
        assert_spans_fit(text, spans)
        assert {label for _, _, label in spans} <= LABELS
        count += len(spans)
    assert count > 500


def test_a_name_is_another_one_in_each_reading_and_the_same_one_within_it(written):
    written(
        "# chat\n⟦PERSON|Halina Wrzos⟧: ask ⟦PERSON|halina⟧, ⟦EMAIL|halina.wrzos@post.example⟧ "
        "or ⟦USERNAME|wrzos77⟧"
    )
    seen, same, kept = set(), 0, 0
    for whole, first, mail, user in filter(lambda values: len(values) == 4, readings(400)):
        seen.add(whole[1].casefold())
        kept += whole[1] == "Halina Wrzos"
        words = whole[1].casefold().split()
        same += first[1].casefold() == words[0] and mail[1].startswith(re.sub(r"\W", "", words[0]))
        labels = [label for label, _ in (whole, first, mail, user)]
        assert labels == ["PERSON", "PERSON", "EMAIL", "USERNAME"]
    assert len(seen) > 250
    assert same > 300
    assert 20 < kept < 80


def test_values_keep_their_form(written):
    values = {
        "DATE": ("14 March 2023", r"(\d\d) ([A-Z][a-z]+) 20\d\d"),
        "IP": ("10.20.30.40", r"\d{1,3}(\.\d{1,3}){3}"),
        "MAC": ("aa:bb:cc:dd:ee:0f", r"([0-9a-f]{2}:){5}[0-9a-f]{2}"),
        "AGE": ("41", r"\d\d"),
        "PHONE": ("07700 900318", r"0\d{4} \d{6}"),
        "SSN": ("536-90-4399", r"\d{3}-\d\d-\d{4}"),
        "LOCATION": ("OX4 1AA", r"[A-Z]{2}\d \d[A-Z]{2}"),
        "API_KEY": ("sk_live_4fQ9z0aB7cK2", r"sk_l[a-z]{3}_[A-Za-z0-9]{12}"),
    }
    written(
        "# note\n" + " and ".join(f"⟦{label}|{value}⟧" for label, (value, _) in values.items()),
        Topic.SCREENS,
    )
    changed = Counter()
    for found in readings(60):
        for label, value in found:
            given, form = values[label]
            changed[label] += value != given
            # Values may lose their case or get other spaces on their way.
            assert (
                re.fullmatch(form, re.sub(r"[^\x21-\x7e]", " ", value), re.I) or not value.isascii()
            ), value
    assert all(changed[label] > 30 for label in values), changed


def test_what_is_left_open_teaches_nothing(written):
    written("# log\n⟦?|web01⟧ of ⟦PERSON|Ann⟧ is up", Topic.LOGS)
    text, spans = next(
        pair
        for pair in redrawn.redrawn_texts(1, seed=0, split=Split.ALL, styles=pii_data.ALL_STYLES)
        if pair[1]
    )
    document = corpora.with_open_spans(corpora.document_of(text, spans))
    tags = dict(zip(document.words, document.tags["pii"].labels, strict=True))
    assert tags["of"] == "O"
    assert None in tags.values()
    assert "B-PERSON" in tags.values()


def test_the_same_seed_gives_the_same_readings_and_another_others():
    def some(seed):
        texts = redrawn.redrawn_texts(1, seed=seed, split=Split.TEST, styles=pii_data.ALL_STYLES)
        return list(islice(texts, 50))

    assert some(1) == some(1) != some(2)


def test_a_topic_goes_with_the_styles_that_are_like_it(written):
    written("# chat\n⟦PERSON|Ann⟧: hello")
    assert readings(3)
    assert not readings(3, styles=[style for style in pii_data.ALL_STYLES if style != "chat"])


def test_the_halves_share_no_text():
    halves = [
        {"".join(text for text, _ in pieces) for pieces in by_hand.hand_written_to_train(topic)}
        for topic in Topic
    ]
    for texts in halves:
        test = set(splits.part_of(texts, Split.TEST))
        assert test.isdisjoint(splits.part_of(texts, Split.TRAIN))
        assert 0.1 < len(test) / len(texts) < 0.3
