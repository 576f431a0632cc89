"""The recipes for European languages on small made-up text and treebanks."""

import lzma
import random
import sys
from pathlib import Path

import numpy as np
import pytest

from seqlabel import Tokenizer
from seqlabel.errors import MissingPackageError
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler
from tests.recipes.test_recipes import (
    assert_one_error_line,
    invoke,
    namespace_of,
    read_json,
    run_quietly,
)

sys.path.insert(0, str(Path(__file__).parents[2] / "recipes"))
from europe_data import UPOS, polish, texts

SENTENCES = {
    "da": (["Ana", "ser", "regn", "."], ["PROPN", "VERB", "NOUN", "PUNCT"]),
    "fi": (["Ana", "näkee", "sadetta", "."], ["PROPN", "VERB", "NOUN", "PUNCT"]),
    "en": (["Ana", "sees", "rain", "."], ["PROPN", "VERB", "NOUN", "PUNCT"]),
}
DANISH = ("da_ddt-dev", "da_ddt-train", "da_ddt-test")
FINNISH = ("fi_tdt-dev", "fi_ftb-dev", "fi_ood-test", "fi_tdt-test")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("europe")
    (folder / "europe" / "ud").mkdir(parents=True)
    (folder / "europe" / "ner").mkdir()
    (folder / "web").mkdir()
    names = [f"europe/{code}_{kind}" for code in ("da", "fi") for kind in ("law", "commonvoice")]
    for name in (*names, "web/wikipedia", "europe/fi_novels"):
        code = name[7:9] if name.startswith("europe") else "en"
        words = SENTENCES[code][0][:-1]
        lines = (f"{' '.join(random.Random(n).choices(words, k=12))}." for n in range(600))
        text = "\n\n".join("\n".join(next(lines) for _ in range(20)) for _ in range(30))
        (folder / f"{name}.txt.xz").write_bytes(lzma.compress(text.encode()))
    for name in (*DANISH, *FINNISH):
        rows = zip(*SENTENCES[name[:2]], strict=True)
        sentence = "".join(
            f"{n}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t_\n" for n, (word, tag) in enumerate(rows, 1)
        )
        (folder / "europe" / "ud" / f"{name}.conllu.xz").write_bytes(
            lzma.compress(f"{sentence}\n".encode() * 60)
        )
    # Of German the last 600 sentences are measured.
    for name, times in (
        ("de_germeval2014-dev", 660),
        ("fi_turku-train", 60),
        ("fi_turku-test", 60),
    ):
        names = "Ana\tB-PER\nnäkee\tO\nEspoon\tB-GPE_LOC\n.\tO\n\n" * times
        (folder / "europe" / "ner" / f"{name}.tsv.xz").write_bytes(lzma.compress(names.encode()))
    return folder


def test_words_are_divided_by_roots_and_no_source_is_read_too_often():
    assert texts.shared({"a": 400, "b": 100}, 30, times=1) == {"a": 20, "b": 10}
    assert texts.shared({"a": 400, "b": 1}, 101, times=2) == {"a": 99, "b": 2}
    assert texts.shared({"a": 4, "b": 1}, 100, times=2) == {"a": 8, "b": 2}


def test_a_limited_kind_has_a_fifth_and_the_first_source_of_unclear_terms_none(data):
    planned = list(texts.plan(data, 900, ("da", "fi", "en")))
    by_language = {
        code: sum(words for one, _, words in planned if one == code) for code in ("da", "fi", "en")
    }
    assert sum(by_language.values()) == pytest.approx(900)
    law = {code: words for code, path, words in planned if "law" in path.name}
    assert law == pytest.approx({code: 0.2 * by_language[code] for code in ("da", "fi")})


@pytest.mark.end_to_end
def test_one_encoder_and_one_tagger_for_all_languages_beside_a_model_for_each(
    data, tmp_path, monkeypatch
):
    main = namespace_of("recipes/pretrain_europe.py")["main"]
    monkeypatch.setattr(texts, "WORDS_A_BYTE", 10)
    settings = main.__globals__["Settings"]
    sizes = {"read": 20_000, "words": 12, "hidden": 16, "batch_size": 16}
    options = {"languages": "da,fi,en", "device": "cpu", "quiet": True, **sizes}
    main(settings(data, tmp_path / "encoder", **options))
    languages = read_json(tmp_path / "encoder" / "metrics.json")["languages"]
    assert languages.keys() == {"da", "fi", "en"}
    encoder = tmp_path / "encoder" / "compact"
    assert WordLanguageModel.load(encoder).config.languages == ("da", "fi", "en")

    few = ("--data", data, "--languages", "da,fi", "--sentences", 100)
    figures = run_quietly(
        f"recipes/europe_pos.py --encoder {encoder} --epochs 8 --device cpu",
        *few,
        output=tmp_path / "pos",
    )
    assert figures["learnt"] == {"da": 90, "fi": 90}
    assert figures["tests"]["fi_tdt-test"]["upos"] > 0.9
    assert Labeler.load(tmp_path / "pos" / "labeler").config.language == "ca"

    output = tmp_path / "languages.json"
    arguments = ("--labeler", tmp_path / "pos" / "labeler", "--steps", 20, "--output", output)
    done = invoke("recipes/benchmarks/languages.py", *few, *arguments)
    assert done.exit_code == 0, done.output
    row = read_json(output)["tests"]["da_ddt-test"]
    assert row["crf"] == 1
    assert row.keys() == {"seqlabel", "spacy", "crf"}

    few = ("--data", data, "--languages", "de,fi", "--sentences", 600)
    names = run_quietly(
        "recipes/europe_ner.py",
        *few,
        *("--start", tmp_path / "pos" / "labeler", "--epochs", 8, "--device", "cpu"),
        output=tmp_path / "ner",
    )
    assert names["learnt"] == {"de": 594, "fi": 594}
    assert names["tests"]["fi"] == {"f1": 1, "precision": 1, "recall": 1, "sentences": 60}
    assert names["tests"].keys() == {"de", "fi", "fr", "es", "it", "nl"}
    assert Labeler.load(tmp_path / "ner" / "labeler").config.layers == ["ner"]
    arguments = f"--task ner --labeler {tmp_path}/ner/labeler --peers crf --output {output}".split()
    done = invoke("recipes/benchmarks/languages.py", *few, *arguments)
    assert done.exit_code == 0, done.output
    all_right = {"seqlabel": 1, "crf": 1}
    assert read_json(output)["tests"] == {"de": all_right, "fi": all_right}


def test_bad_input_is_one_error_line(data, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_one_error_line(invoke("recipes/pretrain_europe.py --data nowhere"), "nowhere: ")
    done = invoke(f"recipes/europe_pos.py --data {data} --languages eo")
    assert_one_error_line(done, "languages: ")


def test_teachers_learn_the_treebanks_and_names(data, monkeypatch):
    teacher = namespace_of("recipes/teacher.py")
    for name, found in (("TREEBANKS", ("da", "fi")), ("FILES", ("fi", "en"))):
        monkeypatch.setitem(teacher["main"].__globals__, name, found)
    treebanks = teacher["european"](data)
    assert len(treebanks.train) == 54 * 5
    assert [one.layer for one in treebanks.tag_sets] == ["upos"]
    folder = data / "ner_english_ewt"
    folder.mkdir(exist_ok=True)
    for part in ("train", "dev"):
        (folder / f"{part}.iob2").write_text("1\tAna\tB-PER\n2\tsees\tO\n\n" * 40, encoding="utf-8")
    (data / "wnut17").mkdir(exist_ok=True)
    (data / "wnut17" / "wnut17train.conll").write_text(
        "Ana\tB-person\nsees\tO\n\n" * 10, encoding="utf-8"
    )
    names = teacher["names"](data)
    assert names.tag_sets == [teacher["NER"]]
    spans = [
        span for one in names.train if "Ana sees" in one.text for span in one.spans["ner"].spans
    ]
    assert len(spans) == 50
    assert any(len(one) > 2 and one.words[0] == "Ana" for one in names.train)


def test_sentences_written_to_measure_names_have_whole_words_marked():
    names = namespace_of("recipes/europe_ner.py")
    written, tokenizer = names["written"], Tokenizer(names["TOKENIZER"])
    for language in names["WITHOUT_NAMES"]:
        documents = list(written(language, tokenizer))
        assert len(documents) == len({one.text for one in documents}) == 200
        labels = {span.label for one in documents for span in one.spans["ner"].spans}
        assert labels == {"PER", "LOC", "ORG"}
        assert not any("[" in one.text for one in documents)


def test_polish_without_its_dictionary_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "morfeusz2", None)
    with pytest.raises(MissingPackageError, match=r"morfeusz2.*\[teacher\]"):
        polish.PolishDictionary()


def test_polish_keeps_what_its_dictionary_allows():
    pytest.importorskip("morfeusz2", reason="needs seqlabel-rnn[teacher]")
    dictionary = polish.PolishDictionary()
    words = {"Ten": {"DET"}, "się": {"PRON"}, "coś": {"PRON"}}
    words |= {"zrobiono": {"VERB"}, "Warszawy": {"NOUN", "PROPN"}}
    assert {word: dictionary.tags(word) for word in words} == words
    assert dictionary.tags("Qwxyz") == set()

    def teacher(rows):
        said = np.arange(1, 18, dtype=np.float32) * np.ones((sum(map(len, rows)), 1), np.float32)
        return [said, said]

    kept, others = dictionary.among(teacher, [["Ten"], ["Warszawy", "Qwxyz"]])
    assert [np.flatnonzero(row).tolist() for row in kept] == [
        [UPOS.tags.index("DET")],
        sorted(UPOS.tags.index(tag) for tag in ("NOUN", "PROPN")),
        list(range(17)),
    ]
    assert (kept[2] == others[2]).all()
