"""Generated texts in six more languages: the same rules in each, halves that share nothing, numbers
that are valid.
"""

import hashlib
import importlib
import json
import lzma
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from seqlabel import Tags, Tokenizer
from seqlabel.commands.settings import command_of
from seqlabel.errors import OptionError
from seqlabel.models import folders
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.text.vocabulary import Vocabulary
from tests.recipes.generated import assert_spans_fit

for package in ("faker", "stdnum", "phonenumbers", "wordfreq"):
    pytest.importorskip(package, reason="the generator needs seqlabel-rnn[pii] and wordfreq")

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "recipes"))
pii_eu = importlib.import_module("pii_eu")
europe_data = importlib.import_module("europe_data")
PARTS = "europe generator europe_prose common_words by_hand fields singles values maker"
europe, generator, prose, common_words, by_hand, fields, singles, values, maker = (
    importlib.import_module(f"pii_data.{name}") for name in PARTS.split()
)
pii_data = importlib.import_module("pii_data")
Language, Split, Style = europe.Language, pii_data.Split, pii_data.Style
SIX = [language for language in Language if language is not Language.EN]
HALVES = (Split.TRAIN, Split.TEST)
LOCALES = {Language.DE: "de_DE", Language.FR: "fr_FR", Language.ES: "es_ES"} | {
    Language.IT: "it_IT",
    Language.NL: "nl_NL",
    Language.PT: "pt_PT",
}
each_language = pytest.mark.parametrize("language", SIX)


def texts_of(count, language, *, seed=0, split=Split.TRAIN, styles=tuple(Style)):
    return list(
        pii_data.generate(count, seed=seed, split=split, styles=styles, languages=[language])
    )


def new_maker(seed, locale, split=Split.TRAIN):
    return maker.Maker(
        random.Random(seed), split, europe.slots_of(Language(locale[:2])), locale=locale
    )


@each_language
def test_spans_are_in_order_and_hold_no_white_space_at_their_ends(language):
    seen = set()
    for split in HALVES:
        for text, spans in texts_of(120, language, split=split):
            assert text.strip()
            assert_spans_fit(text, spans)
            seen |= {label for _, _, label in spans}
    assert {"PERSON", "ADDRESS", "LOCATION", "PHONE"} <= seen
    assert {"IBAN", "DATE_OF_BIRTH", "NATIONAL_ID", "TAX_ID"} <= seen <= set(pii_data.PiiType)


def test_all_languages_have_the_same_rules_and_values_and_many_of_them():
    rules, lists = zip(*map(europe.own_sections, SIX), strict=True)
    names = [{name for name in one if not name.startswith("street_")} for one in rules]
    assert all(one == names[0] for one in names)
    assert all(one.keys() == lists[0].keys() for one in lists)
    sentences = "story news letter mail chat support med law finance cv"
    harmless = "neutral lookalike terms clinic"
    for one in rules:
        assert sum(len(one[name]) for name in sentences.split()) >= 150
        assert sum(len(one[name]) for name in harmless.split()) >= 90
    kinds = {name.removeprefix("field_") for name in names[0] if name.startswith("field_")}
    assert kinds <= {*fields.KINDS, *fields.NEUTRAL_KINDS}


def test_what_is_nobodys_has_no_private_slot():
    for language in SIX:
        slots = europe.slots_of(language)

        def slots_of(rule, slots=slots):
            for alternative in slots.rules[rule]:
                for name in maker.slots_of(alternative):
                    yield from slots_of(name) if name in slots.rules else [name]

        for rule in ("neutral", "lookalike", "terms", "clinic", "babble", "text_plain"):
            assert not [name for name in slots_of(rule) if slots.values[name].label is not None], (
                language,
                rule,
            )


def test_halves_share_no_sentence_no_street_and_no_name():
    for language in SIX:
        slots = europe.slots_of(language)
        for rule in ("story", "letter", "chat", "street_stem", "town", "trade"):
            train, test = (set(slots.half(rule, split)) for split in HALVES)
            assert train
            assert test
            assert not train & test
        people = [
            {new_maker(seed, LOCALES[language], split).person().last for seed in range(150)}
            for split in HALVES
        ]
        assert len(people[0] & people[1]) <= 0.02 * len(people[1]), people[0] & people[1]


@pytest.mark.end_to_end
def test_texts_are_the_same_in_another_process_whatever_its_hashes():
    code = (
        "import hashlib, sys; sys.path.insert(0, 'recipes')\n"
        "from pii_data import generate\n"
        "texts = list(generate(42, seed=3, split='train', languages=['en', 'de', 'nl']))\n"
        "print(hashlib.sha256(repr(texts).encode()).hexdigest())"
    )
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    texts = list(pii_data.generate(42, seed=3, split=Split.TRAIN, languages=["en", "de", "nl"]))
    assert done.stdout.strip() == hashlib.sha256(repr(texts).encode()).hexdigest()


def test_languages_take_turns_and_english_is_the_generators_own():
    both = list(pii_data.generate(7, seed=2, split=Split.TEST, languages=["en", "de"]))
    assert both[::2] == texts_of(4, Language.DE, seed=2, split=Split.TEST)
    assert both[1::2] == list(pii_data.generate(4, seed=2, split=Split.TEST))[:3]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"languages": ["da"]}, "languages: "),
        ({"languages": []}, "languages: "),
        ({"languages": ["de"], "styles": ["code"]}, "styles: "),
    ],
)
def test_a_wrong_option_is_refused(options, named):
    with pytest.raises(OptionError, match=named):
        list(pii_data.generate(**{"count": 1, "seed": 0, "split": Split.TRAIN} | options))


@pytest.mark.parametrize(
    ("name", "module", "locale"),
    [
        ("steuer_id", "de.idnr", "de_DE"),
        ("ahv", "ch.ssn", "de_CH"),
        ("nir", "fr.nir", "fr_FR"),
        ("register", "be.nn", "fr_BE"),
        ("codice_fiscale", "it.codicefiscale", "it_IT"),
        ("bsn", "nl.bsn", "nl_NL"),
        ("nif", "pt.nif", "pt_PT"),
        ("cpf", "br.cpf", "pt_BR"),
        ("dni", "es.dni es.nie", "es_ES"),
    ],
)
def test_check_digits_are_mostly_right_and_sometimes_wrong(name, module, locale):
    checks = [importlib.import_module(f"stdnum.{one}").is_valid for one in module.split()]
    made = [maker.text_of(new_maker(seed, locale).fresh(name)) for seed in range(150)]
    right = [any(is_valid(number.replace(".", "")) for is_valid in checks) for number in made]
    assert 0.8 < sum(right) / len(made) < 0.99


FORMS = {
    "phone": r"[+(]{0,2}[0-9][0-9 ()./\u2009-]*",
    "date": r"[\w ,.:/°º-]*[0-9][\w ,.:/°º-]*",
    "dob": r"[\w ./°º-]*[0-9]{2}",
    "age": r"[0-9]{1,2}",
    "postcode": r"(CEP |C\.P\. )?[A-Z0-9][A-Z0-9 -]+",
    "plate": r"[A-Z0-9]+([ -]?[A-Z0-9]+)*",
    "natid": r"[A-Za-z0-9][A-Za-z0-9 ./-]+",
    "tax": r"[A-Za-z0-9][A-Za-z0-9 ./-]+",
    "ssn": r"[A-Za-z0-9][A-Za-z0-9 ./-]+",
    "street": r"[^@:;<>{}\[\]#|]*",
    "org": r"[^@:;<>{}\[\]#|]+",
    "city": r"[^@:;<>{}\[\]#|0-9]+",
}


@each_language
@pytest.mark.parametrize("name", FORMS)
def test_a_value_has_the_form_of_what_it_is_called(name, language):
    assert europe.slots_of(language).values[name].label in pii_data.PiiType
    for split in HALVES:
        for seed in range(20):
            value = new_maker(seed, LOCALES[language], split).text(name)
            assert re.fullmatch(FORMS[name], value), (name, value)


def test_fields_are_named_in_the_language_of_the_text():
    german = new_maker(0, "de_DE")
    assert fields.field_name(german, "postcode") in ("PLZ", "Postleitzahl")
    assert fields.field_name(german, "postcode", own=False) not in ("PLZ", "Postleitzahl")
    forms = [text for text, _ in texts_of(120, Language.DE, styles=[Style.FORM])]
    assert (
        sum("Geburtsdatum" in text or "Straße" in text or "Vorname" in text for text in forms) > 5
    )


@each_language
def test_texts_written_by_hand_are_marked(language):
    texts = list(by_hand.hand_written_in(language))
    assert len(texts) == 8
    assert any(not spans for _, spans in texts)
    assert sum(len(spans) for _, spans in texts) > 15


GERMAN = """1\tAnna\t_\tPROPN\tNE\t_\t0\t_\t_\t_
2\tkauft\t_\tVERB\tVVFIN\t_\t1\t_\t_\t_
3\t2\t_\tNUM\tCARD\t_\t1\t_\t_\t_
4\tBrote\t_\tNOUN\tNN\t_\t1\t_\t_\tSpaceAfter=No
5\t.\t_\tPUNCT\t$.\t_\t1\t_\t_\t_

1\tEs\t_\tPRON\tPPER\t_\t0\t_\t_\t_
2\tregnet\t_\tVERB\tVVFIN\t_\t1\t_\t_\t_
"""


NAMES = (
    "Anna\tB-PER\nliest\tO\n,\tO\nder\tO\nRhein\tB-LOC\nden\tO\nSpiegel\tB-PROD\n.\tO\n\n"
    "Es\tO\nregnet\tO\n"
)
PLAIN = "Anna liest. Es regnet im Wald.\nEin zweiter Absatz steht hier.\n\nNoch ein Text.\n" * 30


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpora")
    texts = {}
    for part in ("train", "dev", "test"):
        texts[f"ud_german_gsd/de_gsd-ud-{part}.conllu"] = GERMAN
        texts[f"ud_english_ewt/en_ewt-ud-{part}.conllu"] = GERMAN
        texts[f"ner_english_ewt/{part}.iob2"] = "1\tBo\tB-PER\t-\n2\tsleeps\tO\t-\n"
    treebanks = {
        name.removesuffix(":half")
        for both in europe_data.TREEBANKS.values()
        for name in " ".join(both).split()
    }
    packed = {f"europe/ud/{name}.conllu.xz": GERMAN for name in treebanks}
    named = {*prose.NAMES, *prose.NAMES_TO_TEST.values()}
    packed |= {f"europe/ner/{name}.tsv.xz": NAMES for name in named}
    packed |= {f"europe/{code}_law.txt.xz": PLAIN for code in folders.EUROPE_LANGUAGES}
    packed["web/law.txt.xz"] = PLAIN
    for name, text in (texts | packed).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        (folder / name).write_bytes(lzma.compress(data) if name in packed else data)
    return folder


@pytest.mark.parametrize("language", [Language.DE, Language.PT, Language.EN])
def test_common_words_stand_in_any_order_and_are_no_names(language):
    words = common_words.common_words(language)
    assert len(words) > 6_000
    assert {"der", "de", "the"} & set(words[:100])
    assert not {"maria", "peter", "michael", "london", "lisboa", "berlin"} & set(words)
    texts = list(common_words.common_texts(200, seed=1, split=Split.TRAIN, language=language))
    assert texts == list(
        common_words.common_texts(200, seed=1, split=Split.TRAIN, language=language)
    )
    values = [text[start:end] for text, spans in texts for start, end, _ in spans]
    assert 60 < len(values) < 250
    assert all(value == value.strip() for value in values)


def test_common_words_need_a_package(monkeypatch):
    monkeypatch.setitem(sys.modules, "wordfreq", None)
    with pytest.raises(OptionError, match="wordfreq"):
        common_words.common_words.__wrapped__(Language.DE)


def test_what_may_be_private_in_treebanks_is_left_open(data):
    one, two = list(prose.treebank_prose(data, 22))[:2]
    assert one.words == ["Anna", "kauft", "2", "Brote", "."]
    assert one.tags["pii"].labels == (None, "O", None, "O", "O")
    assert {document.text for document in prose.clean_prose(data, "de")} == {two.text}


def test_a_capital_inside_a_sentence_is_open_where_tags_are_not_sure():
    tagged = Tokenizer("de")("Heute kommt Brot. Dann Anna.").with_tags(
        "upos", Tags(("ADV", "VERB", "NOUN", "PUNCT", "ADV", "PROPN", "PUNCT"))
    )
    sure, unsure = (
        prose.with_open_nouns(tagged, sure=sure).tags["pii"].labels for sure in (True, False)
    )
    assert sure == ("O", "O", "O", "O", "O", None, "O")
    assert unsure == ("O", "O", None, "O", "O", None, "O")


def test_names_are_labelled_and_other_kinds_of_them_are_left_open(data):
    document, *_ = (
        one for one in prose.named_prose(data, 2, random.Random(0)) if "Anna" in one.words
    )
    assert document.text == "Anna liest, der Rhein den Spiegel."
    assert document.tags["pii"].labels == ("B-PERSON", "O", "O", "O", "B-LOCATION", "O", None, "O")
    persons = [document.spans["pii"].spans for document in prose.named_to_test(data, "da")]
    assert [[span.label for span in spans] for spans in persons] == [["PERSON"], []]


def test_plain_text_is_read_by_a_tagger_and_none_of_it_twice(data):
    read = {document.text for document in prose.plain_prose(data, 1_000, random.Random(0))}
    assert read == {*PLAIN.split("\n")} - {""}
    assert len(prose.impersonal_prose(data, "de", 1_000)) == 90 // 50


@each_language
def test_harmless_notes_hold_nothing(language):
    notes = list(generator.harmless_texts(40, seed=0, split=Split.TRAIN, language=language))
    assert all(text and not spans for text, spans in notes)
    assert any(text == text.lower() for text, _ in notes)


def test_numbers_of_rows_are_mostly_valid_and_have_a_label():
    made = new_maker(0, "de_DE")
    for row in singles.numbers()["number_rows"]:
        label, _, _, language, *module = row.split("|")
        assert pii_data.PiiType(label)
        assert singles.numbers()[f"number_frames {language}"]
        drawn = [maker.text_of(singles.of_row(made, row, "{value}\n{name}")) for _ in range(20)]
        numbers = [text.partition("\n")[0] for text in drawn]
        if module:
            is_valid = values.checker(module[0])
            assert sum(is_valid(re.sub("[ .]", "", number)) for number in numbers) > 10, row
    texts = list(singles.identity_texts(50, seed=0, split=Split.TRAIN))
    assert texts == list(singles.identity_texts(50, seed=0, split=Split.TRAIN))
    assert all(spans and "{" not in text for text, spans in texts)


@pytest.mark.end_to_end
def test_a_training_starts_on_an_encoder_and_ends_with_figures_by_language(data, tmp_path):
    vocabulary = Vocabulary(["xxunk", "xxpad", "the", "name", "der"])
    config = WordModelConfig(
        words=len(vocabulary), buckets=512, embedding=16, hidden=12, cutoffs=(4,)
    )
    WordLanguageModel(config, vocabulary).save(tmp_path / "encoder")
    app = typer.Typer()
    app.command()(command_of(pii_eu.main, pii_eu.Settings))
    arguments = (
        f"--data {data} --output {tmp_path}/out --encoder {tmp_path}/encoder --leave-out chat,form "
        "--texts 140 --test-texts 10 --common-texts 4 --sentences 10 --paragraphs 1 --values 10 "
        "--readings 0 --machines 0 --quiet --compact"
    )
    result = CliRunner().invoke(app, arguments.split())
    assert result.exit_code == 0, result.output
    found = json.loads((tmp_path / "out" / "metrics.json").read_text())
    assert (found["left_out"], found["values"]) == ("chat,form", 10)
    assert found["generated"].keys() == found["written"].keys() == set(Language)
    assert found["clean"].keys() == found["impersonal"].keys() == set(SIX)
    assert found["clean"]["de"]["words"] == 2
    assert (
        len(re.findall(r"^(de|fr|es|it|nl|pt|en) ", result.output, flags=re.MULTILINE))
        == 14 + 6 + 1
    )
    list(PrivateFinder.load(tmp_path / "out" / "labeler")(["Anna wohnt in Köln."]))
