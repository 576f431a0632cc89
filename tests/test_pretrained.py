"""Every model that ships is small, says what it is, and works without a network."""

import os
import re
import socket
import warnings
from pathlib import Path

import pytest
import spacy

from seqlabel import Labeler, PrivateFinder, WordLanguageModel, score_spans, score_tags
from seqlabel.formats import read_conllu, read_documents
from seqlabel.io.files import read_json
from seqlabel.models.folders import (
    CONFIG,
    MODEL_PARTS,
    PRETRAINED,
    READER,
    VOCABULARY,
    ModelKind,
    read_kind,
)
from seqlabel.reports.metadata import read_metadata
from seqlabel.scores import score_trees
from tests.extras import needs_pii

MODELS = (
    sorted(path.name for path in PRETRAINED.iterdir() if path.is_dir())
    if PRETRAINED.is_dir()
    else []
)
SIXTEEN_MEGABYTES = 16_000_000
every_model = pytest.mark.parametrize("name", MODELS)


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    def refuse(*arguments, **named):
        raise AssertionError("a model that ships was looked for on the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)


def test_the_models_that_documents_name_are_there():
    assert {
        "en",
        "en_small",
        "en_pos",
        "en_pos_fast",
        "en_trees",
        "en_ner",
        "en_ner_fast",
        "en_pii",
    } <= set(MODELS)


@every_model
def test_a_model_is_small_and_nothing_else_lies_beside_it(name):
    files = list((PRETRAINED / name).iterdir())
    names = {file.name for file in files} | {VOCABULARY}
    reader = {READER} if read_json(PRETRAINED / name / CONFIG)["config"].get("reader") else set()
    assert names == {*MODEL_PARTS, "README.md"} | reader
    assert sum(file.stat().st_size for file in files) <= SIXTEEN_MEGABYTES


@every_model
def test_a_card_says_what_the_model_is_made_of(name):
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    for heading in ("Data", "Licence", "Size", "Figures", "How it was made"):
        assert re.search(rf"^## {heading}$", card, flags=re.MULTILINE)
    assert "CC BY-SA 4.0" in card
    metadata = read_metadata(card)
    assert (metadata["library_name"], metadata["license"]) == ("seqlabel", "cc-by-sa-4.0")
    assert metadata.get("base_model", "en") in MODELS
    assert ("base_model" in metadata) == (name not in ("en", "en_small"))
    megabytes = sum(file.stat().st_size for file in (PRETRAINED / name).iterdir()) / 1e6
    (said,) = re.findall(r"(\d+\.\d) MB", card)
    assert abs(float(said) - megabytes) < 0.1


@every_model
def test_the_hub_shows_the_figures_of_a_cards_table(name):
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    (index,) = read_metadata(card)["model-index"]
    assert index["name"] == name
    metrics = [metric for result in index["results"] for metric in result["metrics"]]
    assert len(metrics) >= 2
    rows = [line for line in card.splitlines() if line.startswith("| ")]
    cells = {
        float(cell) for row in rows for cell in row.split("|") if re.fullmatch(r" \d+\.\d+ ", cell)
    }
    for metric in metrics:
        shown = metric["value"] * (1 if metric["type"] == "perplexity" else 100)
        digits = 2 if name.startswith(("en_pos", "en_ner", "en_trees")) else 1
        # The card rounds the figure itself, and the index has four digits of it.
        assert any(abs(cell - shown) <= 0.5 * 10**-digits + 0.006 for cell in cells), metric


def test_hugging_face_reads_the_figures_of_a_shipped_card():
    hub = pytest.importorskip(
        "huggingface_hub", reason="huggingface_hub is not installed (seqlabel-rnn[hub])"
    )
    found = hub.ModelCard(
        (PRETRAINED / "en_pos" / "README.md").read_text(encoding="utf-8")
    ).data.eval_results
    assert [(one.metric_name, one.dataset_type, one.dataset_config) for one in found] == [
        ("UPOS accuracy", "universal_dependencies", "en_ewt"),
        ("XPOS accuracy", "universal_dependencies", "en_ewt"),
    ]


def test_a_vocabulary_that_models_share_is_stored_once():
    vocabularies = [path.read_bytes() for path in PRETRAINED.glob(f"*/{VOCABULARY}")]
    assert len(set(vocabularies)) == len(vocabularies)
    assert not (PRETRAINED / "en_pos" / VOCABULARY).exists()
    assert Labeler.load("en_pos").vocabulary == WordLanguageModel.load("en").vocabulary


def test_a_shipped_model_that_is_saved_stands_alone(tmp_path):
    Labeler.load("en_pos").save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(MODEL_PARTS)
    assert Labeler.load(tmp_path).vocabulary == Labeler.load("en_pos").vocabulary


def test_all_together_are_small():
    assert sum(file.stat().st_size for file in PRETRAINED.rglob("*")) <= 70_000_000


@pytest.mark.parametrize(("name", "hidden"), [("en", 256), ("en_small", 128)])
def test_the_english_encoders_read_both_ways(name, hidden):
    model = WordLanguageModel.load(name)
    assert (model.config.words, model.config.hidden) == (len(model.vocabulary), hidden)


def test_the_english_tagger_tags():
    assert read_kind(PRETRAINED / "en_pos") is ModelKind.LABELER
    labeler = Labeler.load("en_pos")
    (document,) = labeler(["She quickly gave the old dog two biscuits."])
    expected = ("PRON", "ADV", "VERB", "DET", "ADJ", "NOUN", "NUM", "NOUN", "PUNCT")
    assert document.tags["upos"].labels == expected
    assert document.tags["xpos"].labels == ("PRP", "RB", "VBD", "DT", "JJ", "NN", "CD", "NNS", ".")
    assert min(document.tags["upos"].scores) > 0.5


def test_the_english_tagger_gives_features_lemmas_and_sentences_also_in_a_pipeline():
    text = "The children went home. They sang songs."
    (document,) = Labeler.load("en_pos")([text])
    lemmas = ["the", "child", "go", "home", ".", "they", "sing", "song", "."]
    assert (document.lemmas, document.sentences) == (lemmas, (0, 5))
    assert document.tags["feats"].labels[:2] == ("Definite=Def|PronType=Art", "Number=Plur")
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_pos"})
    doc = nlp(text)
    assert [token.lemma_ for token in doc] == lemmas
    assert [len(sentence) for sentence in doc.sents] == [5, 4]
    assert (doc[1].pos_, doc[1].tag_, str(doc[1].morph)) == ("NOUN", "NNS", "Number=Plur")


def test_the_english_parser_gives_a_tree_also_in_a_pipeline():
    text = "The old dog chased two cats."
    (document,) = Labeler.load("en_trees")([text])
    tree = document.trees["tree"]
    assert tree.heads == (2, 2, 3, 3, 5, 3, 3)
    assert tree.relations == ("det", "amod", "nsubj", "root", "nummod", "obj", "punct")
    assert document.lemmas == ["the", "old", "dog", "chase", "two", "cat", "."]
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_trees"})
    doc = nlp(text)
    assert [token.dep_ for token in doc] == [
        "det",
        "amod",
        "nsubj",
        "ROOT",
        "nummod",
        "obj",
        "punct",
    ]
    assert [chunk.text for chunk in doc.noun_chunks] == ["The old dog", "two cats"]


@pytest.mark.parametrize("name", ["en_ner", "en_ner_fast"])
def test_the_english_entity_labelers_find_names(name):
    labeler = Labeler.load(name)
    assert [tag_set.layer for tag_set in labeler.tag_sets] == ["ner"]
    (document,) = labeler(["Ann Moss flew from Berlin to London for Microsoft."])
    found = [
        (" ".join(document.words[one.start : one.end]), one.label)
        for one in document.spans["ner"].spans
    ]
    assert found == [
        ("Ann Moss", "PER"),
        ("Berlin", "LOC"),
        ("London", "LOC"),
        ("Microsoft", "ORG"),
    ]


def test_the_entity_labeler_writes_entities_in_a_pipeline():
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": "en_ner"})
    doc = nlp("Ann Moss flew from Berlin to London for Microsoft.")
    found = [(one.text, one.label_) for one in doc.ents]
    assert found == [
        ("Ann Moss", "PER"),
        ("Berlin", "LOC"),
        ("London", "LOC"),
        ("Microsoft", "ORG"),
    ]


@needs_pii
@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "Frau Kollwitz, Rosenweg 4, 50667 Köln, hat um Rückruf gebeten.",
            ["Kollwitz", "Rosenweg 4", "50667 Köln"],
        ),
        ("Je m'appelle Hélène Dupont, 12 rue de la Paix.", ["Hélène Dupont", "12 rue de la Paix"]),
        ("Me llamo José García y vivo en Madrid.", ["José García", "Madrid"]),
        ("Sono Giulia Rossi, via Garibaldi 3, Bari.", ["Giulia Rossi", "via Garibaldi 3", "Bari"]),
        (
            "Ik ben Jan de Vries, Kerkstraat 8-hs, 1017 GC Amsterdam.",
            ["Jan de Vries", "Kerkstraat 8-hs", "1017 GC Amsterdam"],
        ),
        ("Chamo-me Maria João Pereira e moro no Porto.", ["Maria João Pereira", "Porto"]),
        ("My name is Ann Moss, and I live in Oakham.", ["Ann Moss", "Oakham"]),
        ("Die Katze schläft auf dem Sofa und träumt von Mäusen.", []),
    ],
)
def test_the_finder_of_seven_languages_finds_values_in_each(text, values):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (document,) = PrivateFinder.load("eu_pii")([text])
    assert [text[span.start : span.end] for span in document.character_spans("pii")] == values
    nlp = spacy.blank("de")
    nlp.add_pipe("private_finder", config={"model": "eu_pii"})
    doc = nlp(text)
    assert {span.text for span in doc.spans["pii"]} >= set(values[:1])


DATA = Path(os.environ.get("SEQLABEL_DATA", Path(__file__).parents[2] / "shared" / "data"))


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no data in {DATA}; set SEQLABEL_DATA")
@pytest.mark.parametrize("name", ["en_pos", "en_pos_fast"])
def test_the_english_taggers_are_as_good_as_their_cards_say_by_sentences_and_by_documents(name):
    path = DATA / "ud_english_ewt" / "en_ewt-ud-test.conllu"
    labeler = Labeler.load(name)
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"test accuracy, UPOS \| (\d\d\.\d\d)", card)
    scores = []
    for whole in (False, True):
        gold = list(read_conllu(path, whole_documents=whole))
        scores.append(100 * score_tags(zip(gold, labeler(gold), strict=True), "upos").accuracy)
    by_sentences, by_documents = scores
    # The processor's arithmetic may turn a few words of 25,000 over.
    assert abs(by_sentences - float(said)) < 0.1
    assert by_documents > by_sentences - 0.2


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no data in {DATA}; set SEQLABEL_DATA")
def test_the_english_parser_is_as_good_as_its_card_says():
    gold = list(read_conllu(DATA / "ud_english_ewt" / "en_ewt-ud-test.conllu", layers=("tree",)))
    card = (PRETRAINED / "en_trees" / "README.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"\| LAS \| (\d\d\.\d\d)", card)
    found = Labeler.load("en_trees")(gold, layers=["tree"])
    assert abs(100 * score_trees(zip(gold, found, strict=True), "tree").las - float(said)) < 0.1


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no data in {DATA}; set SEQLABEL_DATA")
@pytest.mark.parametrize("name", ["en_ner", "en_ner_fast"])
def test_the_english_entity_labelers_are_as_good_as_their_cards_say(name):
    path = DATA / "ner_english_ewt" / "test.iob2"
    gold = list(read_documents(path, word=1, tag=2, separator="\t"))
    card = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
    (said,) = re.findall(r"English Web Treebank, test part \| (\d\d\.\d\d)", card)
    score = 100 * score_spans(zip(gold, Labeler.load(name)(gold), strict=True), "ner").exact.f
    assert abs(score - float(said)) < 0.4
