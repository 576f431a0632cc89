"""The plain texts that labelers are taught with in `recipes/distil.py` and
`recipes/morphology.py`.
"""

import lzma
import sys
from pathlib import Path

import pytest

from seqlabel import DataError
from seqlabel.text.line_blocks import beginnings

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
import english_data
from english_data import plain_texts


@pytest.fixture
def data(tmp_path):
    for folder in ("masc", "web"):
        (tmp_path / folder).mkdir()
    for number in range(12):
        (tmp_path / "masc" / f"{number:02}.txt").write_text(
            f"file{number}_NN and_CC more_JJR", encoding="utf-8"
        )
    for name in ("blog", "wikipedia"):
        text = "\n\n".join(f"{name}{number} is\nlong." for number in range(5))
        (tmp_path / "web" / f"{name}.txt.xz").write_bytes(lzma.compress(text.encode()))
    return tmp_path


def test_plain_texts_are_the_first_documents_of_every_source_without_what_is_tested_on(
    data, monkeypatch
):
    monkeypatch.setattr(english_data, "WEB_DOCUMENTS", 2)
    monkeypatch.setattr(english_data, "ENCYCLOPEDIA_DOCUMENTS", 3)
    found = {tuple(words) for words in plain_texts(data)}
    masc = {(f"file{number}", "and", "more") for number in range(12) if number != 9}
    web = {(f"blog{number}", "is", "long", ".") for number in range(2)}
    web |= {(f"wikipedia{number}", "is", "long", ".") for number in range(3)}
    assert {tuple(word for word in words if word.strip()) for words in found} == masc | web


def test_plain_texts_are_cut_to_a_number_of_words_together(data):
    assert sum(map(len, beginnings(plain_texts(data), 30))) == 30


def test_a_dictionary_has_the_forms_that_have_one_lemma():
    pytest.importorskip("lemminflect", reason="needs seqlabel-rnn[teacher]")
    lemmas = english_data.dictionary()
    assert lemmas["mice", "NNS"] == "mouse"
    assert lemmas["sang", "VBD"] == lemmas["sang", "VBN"] == "sing"
    assert not {("better", "JJR"), ("mice", "NNP")} & lemmas.keys()


def test_a_dictionary_that_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr(english_data, "DICTIONARY", "no_such_dictionary")
    with pytest.raises(
        DataError, match=r"no_such_dictionary\. Install it: pip install 'seqlabel-rnn\[teacher\]'"
    ):
        english_data.dictionary()
