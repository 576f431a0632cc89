"""Generated texts: labels that say what is there, halves that share nothing, and nothing private
without a label.
"""

import importlib
import ipaddress
import os
import random
import re
import sys
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.jsonl import read_span_lines
from seqlabel.privacy.finding.finder import PrivateFinder, redact
from seqlabel.privacy.replacing.policies import Replace
from seqlabel.privacy.rules import find_proven
from tests.recipes.generated import assert_spans_fit

for package in ("faker", "stdnum", "phonenumbers"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii]")

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))
pii_data = importlib.import_module("pii_data")
by_hand, generator, maker, material, noise, slots, splits, world = (
    importlib.import_module(f"pii_data.{name}")
    for name in ("by_hand", "generator", "maker", "material", "noise", "slots", "splits", "world")
)
generate, PiiType, Split, Style = (
    pii_data.generate,
    pii_data.PiiType,
    pii_data.Split,
    pii_data.Style,
)
hand_written = pii_data.hand_written
SLOTS = slots.read_slots()
HALVES = (Split.TRAIN, Split.TEST)
every_split = pytest.mark.parametrize("split", HALVES)


def texts_of(count, *, seed=0, split=Split.TRAIN, styles=pii_data.ALL_STYLES):
    return list(generate(count, seed=seed, split=split, styles=styles))


def new_maker(seed, split=Split.TRAIN):
    return maker.Maker(random.Random(seed), split, SLOTS)


@every_split
@pytest.mark.parametrize("style", Style)
def test_spans_are_in_order_and_hold_no_white_space_at_their_ends(style, split):
    seen = set()
    for text, spans in texts_of(15, split=split, styles=[style]):
        assert text.strip()
        assert_spans_fit(text, spans)
        seen |= {label for _, _, label in spans}
    assert seen <= set(PiiType)
    # Of what machines write, some lines have their time.
    assert seen <= {"DATE"} if style in (Style.PLAIN, Style.MACHINE) else seen


def test_all_types_occur_in_many_styles():
    styles = {label: set() for label in PiiType}
    for style in Style:
        for _, spans in texts_of(70, styles=[style]):
            for _, _, label in spans:
                styles[label].add(style)
    assert all(len(found) >= 10 for found in styles.values()), {
        label: len(found) for label, found in styles.items()
    }


def test_the_same_seed_gives_the_same_texts_and_another_others():
    first = texts_of(60, seed=5)
    assert len({text for text, _ in first}) > 57
    assert texts_of(60, seed=5) == first
    assert texts_of(60, seed=6) != first
    assert texts_of(60, seed=5, split=Split.TEST) != first
    assert texts_of(60, seed=5, styles=list(reversed(Style))) == first


@pytest.mark.parametrize(
    ("name", "value"),
    [("count", -1), ("split", "dev"), ("styles", ["prose", "poem"]), ("styles", [])],
)
def test_a_wrong_option_is_refused(name, value):
    with pytest.raises(OptionError, match=f"{name}: "):
        generate(**{"count": 1, "seed": 0, "split": Split.TRAIN} | {name: value})


def test_halves_share_no_template():
    for name, alternatives in SLOTS.rules.items():
        train, test = (set(splits.part_of(alternatives, split)) for split in HALVES)
        assert train | test == set(alternatives)
        assert set(splits.part_of(alternatives, Split.ALL)) == set(alternatives)
        if len(set(alternatives)) >= splits.SMALLEST:
            assert train
            assert test
            assert not train & test, name


def names_of(split):
    """All names that one half draws from."""
    lists = [world.invented(split), world.coined_firms(split), world.cities("en_GB", split)]
    lists += [material.half(name, split) for name in ("street_stems", "known_firms")]
    for kind in ("romanised", "wordy"):
        lists += [material.half(f"{kind}_{part}", split) for part in ("first", "last")]
    others = [locale for locale in world.LOCALES if locale[:2] != "en"]
    for locale in ("en_US", *others):
        lists += [world.first_names(locale, split), world.last_names(locale, split)]
    return {name.casefold() for entries in lists for name in entries}


def test_halves_share_no_name():
    train, test = map(names_of, HALVES)
    assert len(test) > 1_000
    # A list of a few names gives one of them to testing, whatever the others do.
    assert len(train & test) <= 5, sorted(train & test)[:20]


def test_people_of_generated_texts_are_others_in_testing():
    def people(split):
        found = Counter()
        for text, spans in texts_of(
            400, split=split, styles=[Style.LEGAL, Style.NEWS, Style.PROSE]
        ):
            found.update(
                text[start:end].casefold() for start, end, label in spans if label == "PERSON"
            )
        return {name for name in found if len(name.split()) == 2 and "." not in name}

    train, test = (people(split) for split in HALVES)
    assert len(train & test) <= 0.002 * len(test)


LETTERS_AND_DIGITS = r"[A-Z0-9][A-Z0-9 /().-]*[A-Z0-9)]"
FORMS = {
    "email": r"[\w.+-]+@[\w-]+(\.[\w-]+)+",
    "phone": r"[+(]?[0-9][0-9 ()./\u2009-]*( ?(x|ext\.?) ?[0-9]+)?",
    "mac": (
        r"([0-9a-fA-F]{2}[:-]?){5}[0-9a-fA-F]{2}|([0-9a-f]{4}\.){2}[0-9a-f]{4}|([0-9A-F]{4}"
        r"\.){2}[0-9A-F]{4}"
    ),
    "url": r"(https?://|www\.)?[\w-]+(\.[\w-]+)+(:[0-9]+)?[\w/?=&@.+-]*",
    "dsn": r"[a-z]+://[^ ]+:[^ ]+@[\w.-]+:[0-9]+/[a-z]+",
    "user": r"[\w.-]{2,}",
    "handle": r"@[\w.-]{2,}",
    "password": r"\S{4,}",
    "passphrase": r"\S{4,}( \S+)*",
    "pin": r"[0-9A-Z-]{4,8}",
    "cvv": r"[0-9]{3,4}",
    "key": r"[\w.=-]{16,}",
    "ssh_key": r"(ssh|ecdsa)-[a-z0-9-]+ AAAA[A-Za-z0-9+/]+",
    "seed": r"[a-z]+( [a-z]+){11,23}",
    "host": r"[a-z0-9-]+(\.[\w-]+){2,}",
    "domain": r"[\w-]+(\.[\w-]+)+",
    "court_case": r"[\w\[][\w .:/()\[\]-]+",
    "docket": r"[\w -]+",
    "bar": r"[\w -]+\.? ?[\w-]+",
    "key_line": r"[A-Za-z0-9+/]{64,76}",
    "key_rest": r"[A-Za-z0-9]{18,}==",
    "dob": r"[\w ,./-]*[0-9][\w ,./-]*",
    "date": r"[\w ,./-]*[0-9][\w ,./-]*",
    "timestamp": r"20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-9:.]+(Z|[+-][0-9:]+)?",
    "age": r"[0-9]{1,2}|[a-z-]+",
    "card": r"([0-9]{4}[ -]?){3}[0-9]{4}|[0-9]{4}[ -]?[0-9]{6}[ -]?[0-9]{4,5}|[*xX•]+.*[0-9]{4}",
    "iban": r"[A-Za-z]{2}[0-9]{2}[A-Za-z0-9 ]{11,40}",
    "account": r"(ACC?-?)?[0-9][0-9 -]+",
    "routing": r"[0-9-]{6,9}",
    "bic": r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?",
    "wallet": r"0x[0-9a-f]{40}|bc1q[0-9a-z]{38}|[13][A-Za-z0-9]{33}",
    "ssn": r"([0-9]{3}|XXX|xxx|\*{3})[- ]?([0-9]{2}|XX|xx|\*{2})[- ]?[0-9]{4}",
    "natid": LETTERS_AND_DIGITS,
    "passport": r"[A-Z0-9]+( [0-9]+)?",
    "licence": LETTERS_AND_DIGITS,
    "tax": r"[A-Za-z0-9 /.-]{8,}",
    "mrn": LETTERS_AND_DIGITS,
    "insurance": LETTERS_AND_DIGITS,
    "plate": r"[A-Z0-9А-ЯΑ-ΩŽŠČĐĆÖÜÄ][A-Z0-9А-ЯΑ-ΩŽŠČĐĆÖÜÄ -]+",
    "vin": r"[A-HJ-NPR-Z0-9]{17}",
    "emp": r"[A-Za-z]*[-_]?[0-9-]+",
    "cust": r"[\w-]+",
    "postcode": r"[\w -]{3,10}",
    "coordinates": r"[-0-9.]+(°[ NS]+)?, [-0-9.]+(°[ EW]+)?",
    "name": r"[^\d@:;<>{}\[\]]+",
    "street": r".*\w.*",
    "city": r"[^@:;<>{}\[\]]+",
    "org": r"[^@:;<>{}\[\]]+",
}


@every_split
@pytest.mark.parametrize("name", FORMS)
def test_a_value_has_the_form_of_what_it_is_called(name, split):
    label = SLOTS.values[name].label
    assert label in PiiType
    for seed in range(25):
        value = new_maker(seed, split).text(name)
        assert re.fullmatch(FORMS[name], value), (name, value)


def test_every_type_has_a_form_that_is_tested():
    assert {SLOTS.values[name].label for name in FORMS} == set(PiiType) - {PiiType.IP}


def test_addresses_of_the_internet_are_valid():
    for seed in range(300):
        ipaddress.ip_address(new_maker(seed).text("ip"))


@pytest.mark.parametrize(
    ("name", "label"), [("card", "CARD"), ("iban", "IBAN"), ("vin", "VIN"), ("ssn", "SSN")]
)
def test_check_digits_are_mostly_right_and_sometimes_wrong(name, label):
    made = [new_maker(seed).text(name) for seed in range(300)]
    made = [value for value in made if not re.search(r"[*xX•]{3}", value)]
    if name == "ssn":
        made = [value for value in made if value.count("-") == 2]
    right = sum(find_proven(value) == [CharacterSpan(0, len(value), label)] for value in made)
    assert 0.8 * len(made) < right < 0.98 * len(made)


def test_routing_numbers_have_their_checksum():
    numbers = [new_maker(seed).text("routing") for seed in range(300)]
    numbers = [number for number in numbers if re.fullmatch(r"[0-9]{9}", number)]
    weights = (3, 7, 1, 3, 7, 1, 3, 7, 1)
    right = [
        sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True)) % 10 == 0
        for number in numbers
    ]
    assert 0.8 < sum(right) / len(right) < 0.98


@every_split
def test_what_its_form_proves_to_be_private_has_a_label(split, monkeypatch):
    # Noise may hide that a number is a version.
    monkeypatch.setattr(generator, "disturb", lambda maker, pieces, *, running: pieces)
    without = []
    for text, spans in texts_of(300, seed=7, split=split):
        marked = {place for start, end, _ in spans for place in range(start, end)}
        for span in find_proven(text):
            if marked & set(range(span.start, span.end)):
                continue
            # The rules know some values by the words before them; here only the form counts. A
            # bucket has a URL's form.
            value = text[span.start : span.end]
            if span.label != "PASSWORD" and not value.startswith("s3://") and find_proven(value):
                without.append((span.label, value, text))
    assert not without


@every_split
def test_a_name_that_is_labelled_once_is_labelled_everywhere(split):
    for text, spans in texts_of(300, seed=8, split=split):
        marked = {place for start, end, _ in spans for place in range(start, end)}
        for start, end, label in spans:
            value = text[start:end]
            # A single word may be a word again: "Rose", "the rose".
            if label in ("PERSON", "EMAIL", "ADDRESS", "PHONE", "IBAN", "CARD", "SSN") and (
                " " in value or "@" in value
            ):
                for match in re.finditer(rf"(?<!\w){re.escape(value)}(?!\w)", text):
                    assert match.start() in marked, (label, text)


def test_plain_sentences_have_no_private_slot():
    nobodys = {
        slot for alternative in SLOTS.rules["nobodys"] for slot in maker.slots_of(alternative)
    }
    for name in ("plain", "lookalike", "machine_talk", "clinic_talk", "term_talk", *nobodys):
        for alternative in SLOTS.rules[name]:
            for slot in maker.slots_of(alternative):
                assert slot in SLOTS.rules or SLOTS.values[slot].label is None, alternative


@pytest.mark.parametrize(
    ("rule", "labels"),
    [
        ("work", {"ORGANISATION", "PERSON"}),
        ("lives", {"ADDRESS", "LOCATION"}),
        ("dated", {"DATE", "DATE_OF_BIRTH"}),
        ("wordy_talk", {"PERSON"}),
    ],
)
def test_every_everyday_sentence_has_a_value_of_its_rule(rule, labels):
    for alternative in SLOTS.rules[rule]:
        _, spans = maker.finish(new_maker(1).expand(alternative))
        assert labels & {label for _, _, label in spans}, alternative


def test_a_date_said_in_passing_takes_many_forms():
    said = {re.sub(r"[0-9]+", "0", new_maker(seed).text("part_date")) for seed in range(2_000)}
    assert {"the 0th", "0/0", "late 0", "0-0", "the spring of 0", "March 0th"} <= said
    assert {"Q0 0", "the fifth", "Sept 0", "0"} <= said


def test_addresses_of_every_country_are_in_parts_without_their_separators():
    seen = set()
    for seed in range(600):
        one = new_maker(seed)
        text, spans = maker.finish(one.value("any_address"))
        assert {label for _, _, label in spans} <= {"ADDRESS", "LOCATION"}
        assert spans[0][2] == "ADDRESS"
        between = {text[end:start] for (_, end, _), (start, _, _) in pairwise(spans)}
        assert between <= {", ", " - ", "-", " "}, text
        seen |= {
            part
            for part in ("Flat No.", "Co. ", "Lot ", "Highway", "Level", "PO Box")
            if part in text
        }
    assert len(seen) == 6


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("Hello\n[greet]\nHi", 1),
        (";; Greetings.\n\n[greet]\n\n[bye]\nBye", 3),
        ("[greet]\nHi\n[greet]\nHello", 3),
        ("[greet]\nHi\nHello\\", 3),
    ],
)
def test_a_broken_file_of_the_material_is_refused(tmp_path, text, line):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.txt, line {line}: "):
        material.read_sections(tmp_path / "a.txt")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[greet]\nHi\n[Hello|Hi {first3} {nmae}]", r"line 3: .*\{nmae\}"),
        ("[greet]\nHi [there|you", "line 2: "),
        ("[greet]\nHi there]", "line 2: "),
        ("[email]\nHi", "line 2: .*email"),
    ],
)
def test_a_rule_that_cannot_be_expanded_is_refused(tmp_path, text, named):
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=rf"a\.txt, {named}"):
        maker.Slots(material.read_sections(tmp_path / "a.txt"), SLOTS.values)


@pytest.mark.parametrize(
    ("folder", "text", "named"),
    [
        ("forms", "[pin SECRET]\n####", "SECRET"),
        ("forms", "[full]\n####", "full"),
        ("values", "[full]\n####", "full"),
        ("words", "[full]\npost", "full"),
    ],
)
def test_a_form_or_word_that_is_no_slot_of_its_own_is_refused(
    tmp_path, monkeypatch, folder, text, named
):
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "a.txt").write_text(text, encoding="utf-8")
    monkeypatch.setattr(material, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=rf"a\.txt, line 2: .*{named}"):
        slots.read_slots.__wrapped__()


def test_entries_are_read_as_they_are_written(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text(
        ";; About.\n[one]\n  a\\tb\\s\n\\e\n\\[x\\]\\n\\\\n\n\n[two en_GB]\n;;c\n", encoding="utf-8"
    )
    read = material.texts_of(material.read_sections(path))
    assert read == {"one": ("  a\tb ", "", "\\[x\\]\n\\\\n"), "two en_GB": (";;c",)}
    assert material.keyed("dialling")["GB"] == ("44",)
    assert material.keyed("home")["GB"] == ("United Kingdom", "UK", "England", "Great Britain")


def test_a_template_keeps_its_people_and_moves_them():
    one = new_maker(3)
    text, spans = maker.finish(one.expand("{first} {last}, {first2}; {first} [a|b|c]"))
    first, second = one.person(1), one.person(2)
    assert text[:-2] == f"{first.first} {first.last}, {second.first}; {first.first}"
    assert text[-1] in "abc"
    assert [text[start:end] for start, end, _ in spans] == [
        f"{first.first} {first.last}",
        second.first,
        first.first,
    ]
    moved, _ = maker.finish(one.expand("{first} and {first2}", move=1))
    assert moved == f"{second.first} and {one.person(3).first}"


def test_a_template_may_hold_brackets_and_braces():
    text, spans = maker.finish(new_maker(1).expand("\\[x\\] {'a': 1} | [y|[y|y]]\\{z\\}"))
    assert (text, spans) == ("[x] {'a': 1} | y{z}", [])
    with pytest.raises(ValueError, match="that is not closed"):
        maker.parse("a [b")


def test_only_parts_of_a_name_or_a_place_are_joined():
    person, user, space = PiiType.PERSON, PiiType.USERNAME, (" ", None)
    pieces = [("Ada", person), space, ("Moss ", person), space, ("a", user), space, ("b", user)]
    text, spans = maker.finish(pieces)
    assert text == "Ada Moss  a b"
    assert spans == [(0, 8, "PERSON"), (10, 11, "USERNAME"), (12, 13, "USERNAME")]


@pytest.mark.parametrize("change", [change for change, _, _ in noise.CHANGES])
def test_noise_keeps_labels_and_secrets(change):
    pieces = [("Call ", None), ("Zoë Moss", PiiType.PERSON), (". Key: ", None)]
    pieces += [("aB3xY9", PiiType.API_KEY), ("\n\n", None)]
    hidden = re.compile("[\u200b\u00ad\u200d\ufeff\u2060]")
    for seed in range(30):
        changed = change(new_maker(seed), pieces)
        kept = [(text, label) for text, label in changed if label is not None]
        assert [label for _, label in kept] == [PiiType.PERSON, PiiType.API_KEY]
        assert hidden.sub("", kept[1][0]) == "aB3xY9"
        assert len(kept[0][0]) >= 6


def test_every_type_has_an_example():
    assert set(pii_data.EXAMPLES) == set(PiiType)
    assert len(set(pii_data.EXAMPLES.values())) == len(PiiType)


def test_pii_anon_is_converted_to_these_conventions():
    text = "Dr. Ada Moss, 14 Larch Close, Oakham, VT 05001 earns $5"
    spans = [(0, 12, "PERSON_NAME"), (14, 46, "STREET_ADDRESS"), (53, 55, "SALARY")]
    converted = pii_data.convert_pii_anon(text, spans)
    assert [(text[start:end], label) for start, end, label in converted] == [
        ("Ada Moss", "PERSON"),
        ("14 Larch Close", "ADDRESS"),
        ("Oakham", "LOCATION"),
        ("VT 05001", "LOCATION"),
    ]
    with pytest.raises(KeyError):
        pii_data.convert_pii_anon(text, [(0, 1, "SHOE_SIZE")])


@pytest.mark.parametrize("part", ["dev", pytest.param("train", marks=pytest.mark.slow)])
def test_every_type_of_pii_anon_is_known(part):
    folder = Path(os.environ.get("SEQLABEL_DATA", ROOT.parent / "shared" / "data")) / "pii_anon"
    if not folder.is_dir():
        pytest.skip("needs the corpus pii_anon in the folder that SEQLABEL_DATA names")
    for text, found in read_span_lines(folder / f"{part}.jsonl"):
        spans = [(span.start, span.end, span.label) for span in found]
        for start, end, label in pii_data.convert_pii_anon(text, spans):
            assert start < end
            assert label in set(PiiType)


@pytest.mark.parametrize(
    ("part", "count"), [("dev", 80), ("hard", 366), ("test", 80), ("fields", 181)]
)
def test_texts_written_by_hand_have_all_types_and_some_have_no_value(part, count):
    texts = list(hand_written(part))
    assert len(texts) == count
    # All but one, and those that came later, are in each part.
    assert len({label for _, spans in texts for _, _, label in spans}) >= len(PiiType) - 2
    assert count / 5 < sum(not spans for _, spans in texts) < 3 * count / 8
    for text, spans in texts:
        assert_spans_fit(text, spans)


@pytest.mark.parametrize(
    ("part", "count", "clean", "labels"),
    [("everyday", 190, 113, 22), ("everyday_more", 105, 60, 19)],
)
def test_everyday_texts_are_short_and_more_than_half_have_no_value(part, count, clean, labels):
    texts = list(hand_written(part))
    assert len(texts) == count
    assert sum(not spans for _, spans in texts) == clean
    assert len({label for _, spans in texts for _, _, label in spans}) == labels
    for text, spans in texts:
        assert len(text.split()) < 60
        assert_spans_fit(text, spans)


def tables():
    """The texts for training whose lines have the same number of separators, with them."""
    for topic in (by_hand.Topic.OFFICE, by_hand.Topic.LOGS, by_hand.Topic.CLINICAL):
        for pieces in by_hand.hand_written_to_train(topic):
            text = "".join(piece for piece, _ in pieces)
            for separator in ",;\t|":
                cells = [line.count(separator) for line in text.splitlines() if line.strip()]
                if len(cells) >= 3 and min(cells) >= 2 and len(set(cells)) == 1:
                    yield text, separator


def test_a_table_in_a_text_keeps_its_cells():
    texts, separators = zip(*tables(), strict=True)
    assert len(texts) > 30
    for text, separator, document in zip(texts, separators, PrivateFinder()(texts), strict=True):
        before, after = (
            [line.count(separator) for line in one.split("\n")]
            for one in (text, redact(document, Replace()).text)
        )
        assert after == before


@pytest.mark.parametrize(
    "marked", ["# note\nI am ⟦NAME|Ann⟧", "# note\nI am ⟦PERSON|Ann", "I am ⟦PERSON|Ann⟧"]
)
def test_a_broken_mark_is_refused(tmp_path, monkeypatch, marked):
    (tmp_path / "dev.txt").write_text(marked, encoding="utf-8")
    monkeypatch.setattr("pii_data.by_hand._FOLDER", tmp_path)
    with pytest.raises(DataError, match="text 1: "):
        list(hand_written("dev"))
    with pytest.raises(OptionError, match="part: "):
        list(hand_written("tst"))
