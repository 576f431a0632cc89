"""Lists of function words: each word tells something, and none is English."""

from seqlabel.privacy.finding.function_words import FUNCTION_WORDS


def test_every_language_has_enough_words_in_lower_case():
    assert all(len(words) >= 25 for words in FUNCTION_WORDS.values())
    assert all(word.islower() and word.isalpha() for words in FUNCTION_WORDS.values() for word in words)


def test_no_word_of_english_is_one_of_another_language():
    english = FUNCTION_WORDS["English"]
    assert not [word for name, words in FUNCTION_WORDS.items() if name != "English" for word in words & english]
