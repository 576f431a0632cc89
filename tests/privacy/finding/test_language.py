"""Texts of another language than the encoder's are warned of once, tables of names and logs are
not.
"""

import pytest

from seqlabel.models.tagging.labeler import Labeler
from seqlabel.privacy.finding.language import FEW_LOWER, LOOK, LanguageCheck
from seqlabel.text.languages import FUNCTION_WORDS
from seqlabel.text.vocabulary import Vocabulary

_ENGLISH = "The tenants left their flat yesterday and gave the key to a neighbour"
_GERMAN = "Das Wetter ist heute sehr schön und wir gehen in den Park ."
_SWAHILI = (
    "leo hali ya hewa ni nzuri sana na sisi tunakwenda bustani pamoja watoto wetu wanapenda "
    "kucheza mpira huko kila siku baada shule halafu tunarudi nyumbani kula chakula cha jioni "
    "kisha tunalala mapema kwa sababu kesho ni kazi"
)
ENGLISH = _ENGLISH.split()
GERMAN = _GERMAN.split()
SWAHILI = _SWAHILI.split()


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
def test_one_sentence_of_a_language_that_was_not_read_is_warned_of(
    vocabulary, european, sentence, language
):
    with pytest.warns(UserWarning, match=f"{language}.*eu_pii"):
        LanguageCheck(vocabulary).read(sentence.split())
    LanguageCheck(european).read(sentence.split())


@pytest.mark.parametrize(
    ("sentence", "language"),
    [
        ("Bugün hava çok güzel ve parka gidiyoruz .", "Turkish"),
        ("Hôm nay trời đẹp .", "Vietnamese"),
        ("Astăzi este o vreme foarte frumoasă și mergem în parc .", "Romanian"),
        ("Сегодня очень хорошая погода , и мы идём в парк .", "Russian"),
    ],
)
def test_languages_that_neither_model_has_read_are_warned_of_by_both(
    vocabulary, european, sentence, language
):
    for known in (vocabulary, european):
        with pytest.warns(UserWarning, match=language):
            LanguageCheck(known).read(sentence.split())


def test_a_warning_comes_once(vocabulary):
    check = LanguageCheck(vocabulary)
    with pytest.warns(UserWarning, match="German"):
        check.read(GERMAN)
    # Warnings are errors here.
    check.read(GERMAN * 100)
    for _ in range(100):
        check.read(SWAHILI)


def test_another_language_after_any_number_of_english_texts_is_seen(vocabulary):
    for words, named in ((GERMAN, "German"), (SWAHILI, " words")):
        check = LanguageCheck(vocabulary)
        for _ in range(1_000):
            check.read(ENGLISH)
        with pytest.warns(UserWarning, match=named):
            _read_often(check, words)


def _read_often(check, words):
    for _ in range(LOOK):
        check.read(words)


def test_a_paragraph_within_a_long_text_is_seen(vocabulary):
    with pytest.warns(UserWarning, match="German"):
        LanguageCheck(vocabulary).read(ENGLISH * 50 + GERMAN * 10 + ENGLISH * 50)


def test_a_language_without_function_words_is_seen_by_its_unknown_words(vocabulary):
    check = LanguageCheck(vocabulary)
    check.read(SWAHILI[: FEW_LOWER // 2])
    with pytest.warns(UserWarning, match=r"^\d+ of \d+ words"):
        check.read(SWAHILI)


@pytest.mark.parametrize(
    ("text", "times"),
    [
        (_ENGLISH, 500),
        ("Okafor Nwosu", 500),
        ("okafor nwosu met", 1),
        ("first_name : Reni , surname : Niemeier , id : 2", 99),
        ("Ludwig van der Berg , Maria de los Santos , da Silva e Souza", 9),
        ("INFO sshd accepted publickey for ubuntu from port ssh2 rsa", 9),
        ("The word und is German , est is French .", 1),
        ("x1 7 -", 99),
    ],
)
def test_english_names_logs_and_few_words_are_not(vocabulary, european, text, times):
    words = text.split() * times
    for known in (vocabulary, european):
        check = LanguageCheck(known)
        check.read(words)
        for word in words:
            check.read([word])


def test_with_a_small_vocabulary_nothing_is_said():
    for small in (None, Vocabulary.from_words(["the", "cat"])):
        LanguageCheck(small).read(GERMAN * 40)


@pytest.mark.parametrize(
    ("text", "is_ascii", "named"),
    [
        ("私は田中太郎です 。", False, "Chinese"),
        ("AnnMosslivesinParisandworksforAcmeInsurance . Shecallseverymonth .", True, "spaces"),
    ],
)
def test_texts_without_spaces_are_warned_of_once(vocabulary, text, is_ascii, named):
    check = LanguageCheck(vocabulary)
    with pytest.warns(UserWarning, match=named):
        check.read(text.split(), is_ascii=is_ascii)
    check.read(text.split(), is_ascii=is_ascii)


def test_every_language_has_enough_words_in_lower_case():
    for words in FUNCTION_WORDS.values():
        assert len(words) >= 25
        assert all(word.islower() and word.isalpha() for word in words)


def test_no_word_of_english_is_one_of_another_language():
    english = FUNCTION_WORDS["English"]
    others = [words for name, words in FUNCTION_WORDS.items() if name != "English"]
    assert all(words.isdisjoint(english) for words in others)
