"""Texts of another language than the encoder's are warned of once, tables of names and logs are not."""

import warnings

import pytest

from seqlabel.documents.document import Document
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.language import FUNCTION_WORDS, LanguageCheck
from seqlabel.text.vocabulary import Vocabulary

ENGLISH = ["The", "tenants", "left", "their", "flat", "yesterday", "and", "gave", "the", "key", "to", "a", "neighbour"]
GERMAN = ["Das", "Wetter", "ist", "heute", "sehr", "schön", "und", "wir", "gehen", "in", "den", "Park", "."]


def read(check, words):
    check.read(Document.from_words(words))


@pytest.fixture(scope="module")
def vocabulary():
    return Labeler.load("en_pii").vocabulary


@pytest.fixture(scope="module")
def european():
    return Labeler.load("eu_pii").vocabulary


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        (" ".join(GERMAN), "German"),
        ("Il fait très beau aujourd'hui et nous allons au parc .", "French"),
        ("Me llamo Juan y vivo en Sevilla .", "Spanish"),
        ("Oggi il tempo è molto bello e andiamo al parco .", "Italian"),
        ("Vandaag is het weer erg mooi en we gaan naar het park .", "Dutch"),
        ("Hoje o tempo está muito bom e vamos ao parque .", "Portuguese"),
        ("Dziś jest bardzo ładna pogoda i idziemy do parku .", "Polish"),
        ("Idag är vädret mycket fint och vi går till parken .", "Swedish"),
    ],
)
def test_one_sentence_of_a_language_that_was_not_read_is_warned_of(vocabulary, european, sentence, language):
    with pytest.warns(UserWarning, match=f"^Some texts seem to be {language}, which .* eu_pii .* also German, French"):
        read(LanguageCheck(vocabulary), sentence.split())
    read(LanguageCheck(european), sentence.split())


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Bugün hava çok güzel ve parka gidiyoruz .", "Turkish"),
        ("Hôm nay trời đẹp .", "Vietnamese"),
        ("Astăzi este o vreme foarte frumoasă și mergem în parc .", "Romanian"),
        ("Сегодня очень хорошая погода , и мы идём в парк .", "Russian"),
        ("Днес времето е много хубаво и ние ще отидем в парка .", "Bulgarian"),
        ("أنا من القاهرة و هذا أخي الذي كان في المدرسة .", "Arabic"),
        ("היום מזג האוויר יפה מאוד אבל אני לא הולך .", "Hebrew"),
    ],
)
def test_languages_that_neither_model_has_read_are_warned_of_by_both(vocabulary, european, sentence, language):
    for known in (vocabulary, european):
        with pytest.warns(UserWarning, match=f"^Some texts seem to be {language}"):
            read(LanguageCheck(known), sentence.split())


def test_a_warning_comes_once(vocabulary):
    check = LanguageCheck(vocabulary)
    with pytest.warns(UserWarning, match="German"):
        read(check, GERMAN)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(check, GERMAN * 100)


def test_another_language_behind_any_number_of_english_texts_is_seen(vocabulary):
    check = LanguageCheck(vocabulary)
    for _ in range(1_000):
        read(check, ENGLISH)
    with pytest.warns(UserWarning, match="German"):
        read(check, GERMAN)


def test_a_paragraph_within_a_long_text_is_seen(vocabulary):
    with pytest.warns(UserWarning, match="German"):
        read(LanguageCheck(vocabulary), ENGLISH * 50 + GERMAN * 10 + ENGLISH * 50)


@pytest.mark.parametrize(
    "words",
    [
        ENGLISH * 500,
        ["Okafor", "Nwosu"] * 500,
        ["okafor", "nwosu", "met"],
        ["first_name", ":", "Reni", ",", "surname", ":", "Niemeier", ",", "id", ":", "2"] * 99,
        ["Ludwig", "van", "der", "Berg", ",", "Maria", "de", "los", "Santos", ",", "da", "Silva", "e", "Souza"] * 9,
        ["INFO", "sshd", "accepted", "publickey", "for", "ubuntu", "from", "port", "ssh2", "rsa"] * 9,
        ["The", "word", "und", "is", "German", ",", "est", "is", "French", "."],
        ["x1", "7", "-"] * 99,
    ],
)
def test_english_names_logs_and_few_words_are_not(vocabulary, european, words):
    for known in (vocabulary, european):
        check = LanguageCheck(known)
        read(check, words)
        for word in words:
            read(check, [word])


def test_with_a_small_vocabulary_nothing_is_said():
    for small in (None, Vocabulary.from_words(["the", "cat"])):
        read(LanguageCheck(small), GERMAN * 40)


@pytest.mark.parametrize(
    "words",
    [
        ["私は田中太郎です", "。"],
        ["AnnMosslivesinParisandworksforAcmeInsurance", ".", "Shecallsfromthereeverymonth", "."],
    ],
)
def test_texts_without_spaces_are_warned_of_once(vocabulary, words):
    check = LanguageCheck(vocabulary)
    read(check, ENGLISH)
    with pytest.warns(UserWarning, match="Some texts have no spaces between their words, as Chinese"):
        read(check, words)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        read(check, words)


def test_every_language_has_enough_words_in_lower_case():
    assert all(len(words) >= 25 for words in FUNCTION_WORDS.values())
    assert all(word == word.lower() and word.isalpha() for words in FUNCTION_WORDS.values() for word in words)


def test_no_word_of_english_is_one_of_another_language():
    english = FUNCTION_WORDS["English"]
    assert not [word for name, words in FUNCTION_WORDS.items() if name != "English" for word in words & english]
