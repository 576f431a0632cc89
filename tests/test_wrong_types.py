"""Public functions with a value of a wrong type: one error, which names the option."""

from functools import partial
from pathlib import Path

import pytest

import seqlabel
from seqlabel.errors import OptionError, SeqlabelError
from tests.keys import KEY
from tests.spacy_models import tiny_labeler

NUMBERS = ("3", None, [3], Path("missing"), True)
NUMBERS_OR_NONE = tuple(wrong for wrong in NUMBERS if wrong is not None)
NAMES = (None, 5, ["upos"])
PATHS = (None, 5, ["a.txt"], b"a.txt")
LISTS = ("NOUN", None, 5, [None, 5])
LISTS_OR_NONE = tuple(wrong for wrong in LISTS if wrong is not None)
MAPPINGS = (["a"], "a", None, 5, {"a": "0.3"})
OPTIONS = ({"epochs": 3}, 3, seqlabel.TrainingOptions)
DOCUMENT = seqlabel.Document.from_words(["It"], tags={"upos": seqlabel.Tags(("PRON",))})
PAIRS = (None, 5, [DOCUMENT], [5], [(DOCUMENT, "It")], "It")

_training = seqlabel.TrainingOptions
_stream = partial(seqlabel.LanguageModelStream, seqlabel.TokenArray(range(50)))
_read = partial(seqlabel.read_documents, "missing.conllu")
_parts = partial(
    seqlabel.read_parts, sources=("a", "b", "c"), read=seqlabel.read_documents, layers=["upos"]
)
_tags = partial(seqlabel.score_tags, pairs=[(DOCUMENT, DOCUMENT)], layer="upos")
_spans = partial(seqlabel.score_spans, pairs=[(DOCUMENT, DOCUMENT)], layer="ner")


@pytest.mark.parametrize(
    ("use", "option", "values"),
    [
        *((_training, option, NUMBERS) for option in ("epochs", "seed", "accumulation", "beta2")),
        *((_training, option, NUMBERS) for option in ("weight_decay", "eps")),
        *((_training, option, NUMBERS_OR_NONE) for option in ("patience", "ahead", "average")),
        (_training, "max_grad_norm", NUMBERS_OR_NONE),
        (_training, "lr_scales", MAPPINGS),
        (_training, "schedule", (0.004, None)),
        (_training, "device", NAMES),
        *((seqlabel.OneCycle, option, NUMBERS) for option in ("max_lr", "pct_start")),
        *((seqlabel.tagging_options, option, NUMBERS) for option in ("epochs", "seed")),
        *((partial(_stream, bptt=4), "batch_size", wrong) for wrong in [NUMBERS]),
        *((partial(_stream, batch_size=2), "bptt", wrong) for wrong in [NUMBERS]),
        (partial(seqlabel.TagSet, labels=("A", "B")), "layer", NAMES),
        (partial(seqlabel.TagSet, "upos"), "labels", LISTS),
        (partial(seqlabel.Categories, categories=("A", "B")), "layer", NAMES),
        (partial(seqlabel.Categories, "topic"), "categories", LISTS),
        (seqlabel.read_documents, "path", PATHS),
        (_read, "labels", LISTS_OR_NONE),
        (_read, "text", NAMES),
        (_read, "label", (5, ["a"])),
        (_parts, "sources", (None, 5, "a", ("a", "b"))),
        (_parts, "read", (None, "conllu")),
        (_parts, "layers", LISTS),
        (_parts, "labels", (["NOUN"], "NOUN", 5)),
        (seqlabel.find_texts, "folder", PATHS),
        (partial(seqlabel.find_texts, "missing"), "pattern", NAMES),
        (seqlabel.load_settings, "path", PATHS),
        (_tags, "pairs", PAIRS),
        (_tags, "layer", NAMES),
        (_spans, "pairs", PAIRS),
        (_spans, "layer", NAMES),
        (_spans, "beta", NUMBERS),
        (partial(seqlabel.score_categories, layer="topic"), "pairs", PAIRS),
        (partial(seqlabel.score_categories, [(DOCUMENT, DOCUMENT)]), "layer", NAMES),
        (partial(seqlabel.to_doc, vocab=None), "document", ("It", None)),
        (partial(seqlabel.to_doc, DOCUMENT), "vocab", (None, "en")),
        (partial(seqlabel.restore_text, key=KEY), "text", (None, 5, ["a"])),
        (partial(seqlabel.restore, key=KEY), "redacted", (None, "<ENCRYPTED:v2:>")),
        (seqlabel.Session, "lifetime", NUMBERS_OR_NONE),
        (lambda **options: seqlabel.Session().restore(**options), "text", (None, 5)),
        (partial(seqlabel.Session(key=KEY).save), "path", PATHS),
        (partial(seqlabel.Session.load, key=KEY), "path", PATHS),
        (seqlabel.Tokenizer, "language", NAMES),
        (partial(seqlabel.Labeler.on, heads=[]), "encoder", (None, 5, ["en"])),
        (partial(seqlabel.Labeler.on, "en"), "heads", (None, seqlabel.TagSet("a", ("A", "B")))),
        (partial(seqlabel.adapt, "en", []), "options", OPTIONS),
        (partial(seqlabel.pretrain, [], "missing"), "options", OPTIONS),
        (partial(seqlabel.pretrain, []), "folder", PATHS),
    ],
)
def test_a_value_of_a_wrong_type_is_one_error_that_names_the_option(use, option, values):
    for wrong in values:
        with pytest.raises(OptionError, match=rf"^{option}\b.*: .*expected .*got "):
            use(**{option: wrong})


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


@pytest.mark.parametrize(
    ("option", "values"),
    [
        *((option, NUMBERS) for option in ("look_ahead", "longest_span", "longest_run")),
        *((option, NUMBERS_OR_NONE) for option in ("stride", "longest_sentence")),
    ],
)
def test_a_stream_names_its_number(labeler, option, values):
    for wrong in values:
        with pytest.raises(OptionError, match=rf"^{option}: "):
            seqlabel.StreamLabeler(labeler, **{option: wrong})
    with pytest.raises(OptionError, match=r"^labeler: "):
        seqlabel.StreamLabeler("en_pos")


@pytest.mark.parametrize(
    ("option", "values"),
    [
        ("train", ("train.conllu", None, 5)),
        ("dev", ("dev.conllu", None, 5)),
        ("options", OPTIONS),
        ("words", ("500", 1.5)),
        ("folder", (5, ["a"])),
    ],
)
def test_fine_tuning_names_what_it_cannot_use(labeler, option, values):
    for wrong in values:
        with pytest.raises(OptionError, match=rf"^{option}: "):
            seqlabel.fine_tune(labeler, **{"train": [DOCUMENT], option: wrong})


def test_teachers_are_a_list_of_labelers(labeler):
    for wrong in (labeler, None, [None], ["en_pos"]):
        with pytest.raises(OptionError, match=r"^teachers: "):
            seqlabel.self_train(labeler, wrong, [DOCUMENT], [])


@pytest.mark.parametrize("threads", NUMBERS)
def test_a_number_of_threads_is_whole(labeler, threads):
    with pytest.raises(SeqlabelError, match=r"^threads: "):
        labeler(["It"], threads=threads)
