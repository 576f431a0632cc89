"""What public objects look like in a terminal and in a notebook: one line without an address, no
wall of labels.
"""

import inspect

import pytest
import spacy
from torch import nn

import seqlabel
from seqlabel import (
    Categories,
    Document,
    Labeler,
    LanguageModel,
    LanguageModelStream,
    StreamLabeler,
    TokenArray,
    WordLanguageModel,
    human_numbers,
)
from seqlabel.batches import EvaluationStream
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel.text.tokenizers import Tokenizer

SHOWN_IN_NOTEBOOKS = ("Document", "Labeler", "Redacted", "Report")
WORDS = human_numbers.vocabulary()


def test_no_public_class_shows_its_address():
    classes = {name: getattr(seqlabel, name) for name in seqlabel.__all__}
    classes = {
        name: one
        for name, one in classes.items()
        if inspect.isclass(one) and not issubclass(one, nn.Module)
    }
    assert [name for name, one in classes.items() if one.__repr__ is object.__repr__] == []


def test_what_is_looked_at_has_a_form_for_terminals_and_one_for_notebooks():
    from seqlabel import privacy

    for name in SHOWN_IN_NOTEBOOKS:
        one = next(
            getattr(package, name) for package in (seqlabel, privacy) if name in package.__all__
        )
        assert "_repr_html_" in vars(one), name
        assert "__str__" in vars(one), name


@pytest.mark.parametrize(
    ("make", "shown"),
    [
        (
            lambda: LanguageModel(human_numbers_config(len(WORDS)), WORDS),
            f"LanguageModel({len(WORDS)} words; ",
        ),
        (lambda: WordLanguageModel.load("en"), "WordLanguageModel(26,0"),
        (
            lambda: Categories("mood", ("bad", "good")),
            "Categories('mood', 2 categories: bad, good)",
        ),
        (lambda: TokenArray([1, 2, 3]), "TokenArray(3 ids)"),
        (
            lambda: LanguageModelStream(TokenArray([1] * 40), batch_size=4, bptt=5),
            "LanguageModelStream(2 batches of 4 × 5 from 40 words)",
        ),
        (lambda: EvaluationStream(TokenArray([1] * 41), batch_size=4, bptt=5), "EvaluationStream("),
        (lambda: Tokenizer("en"), "Tokenizer('en', spacy)"),
        (
            lambda: StreamLabeler(Labeler.load("en_pos_fast"), look_ahead=2),
            "StreamLabeler(Labeler(layers: upos, xpos; ",
        ),
        (
            lambda: Labeler.load("en_pos").tag_sets[0],
            "TagSet('upos', 17 labels: ADJ, ADP, ADV, AUX, CCONJ, DET, …)",
        ),
        (
            lambda: Labeler.load("en_ner").tag_sets[0],
            "TagSet('ner', BIOES, 3 labels: LOC, ORG, PER)",
        ),
        (lambda: Document.from_words(["a"]), "Document(1 words; layers: none)"),
    ],
)
def test_one_line_says_what_it_is(make, shown):
    line = repr(make())
    assert line.startswith(shown)
    assert "\n" not in line
    assert len(line) < 160


def test_the_config_of_a_labeler_fits_on_a_screen():
    assert len(repr(Labeler.load("en_pos").config)) < 2000


@pytest.mark.parametrize(
    ("name", "config", "shown"),
    [
        ("seqlabel", {"model": "en_ner"}, "SeqlabelPipe('seqlabel', 3 labels: LOC, ORG, PER)"),
        ("seqlabel_ner", {}, "SeqlabelNer('seqlabel_ner', no labels)"),
        ("seqlabel_tagger", {}, "SeqlabelTagger('seqlabel_tagger', no labels)"),
        ("seqlabel_textcat", {}, "SeqlabelTextcat('seqlabel_textcat', no labels)"),
    ],
)
def test_a_pipe_says_its_name_and_its_labels(name, config, shown):
    assert repr(spacy.blank("en").add_pipe(name, config=config)) == shown


def test_what_finds_private_data_says_its_labels():
    pytest.importorskip("stdnum", reason="needs seqlabel-rnn[pii]")
    from seqlabel import PrivateFinder, Replace, StreamRedactor

    finder = PrivateFinder.load("en_pii")
    assert repr(finder).startswith("PrivateFinder(model and rules; 3")
    assert repr(StreamRedactor(finder, Replace())) == f"StreamRedactor({finder!r}, Replace)"
    nlp = spacy.blank("en")
    assert repr(nlp.add_pipe("private_finder")).startswith("PrivateFinderPipe('private_finder', 3")
    assert repr(nlp.add_pipe("redactor")).startswith("RedactorPipe('redactor'")
