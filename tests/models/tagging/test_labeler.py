"""Labelers: a word's label depends on its text alone, whatever is labelled beside it, or on other
threads.
"""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, tags_to_spans
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.fine_tuning import fine_tune, tagging_options
from seqlabel.models.model_configs import HeadConfig, TagPairs
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.inference import Inference
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.native.span_reader import SpanReader, SpanReaderConfig
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.nn.network_configs import Decision
from seqlabel.training import Display
from tests.engines import own_layers, weights_of
from tests.heads import decode
from tests.labelers import (
    CONFIG,
    ENCODER,
    HEADS,
    LABELS,
    LONG,
    OF_PIECES,
    ONE_WAY,
    PAIRED,
    TOGETHER,
    UPOS,
    assert_same,
    language_model,
    layer_of,
    mixed_labeler,
    some_documents,
)


@pytest.fixture(
    scope="module", params=[ENCODER, ONE_WAY, OF_PIECES], ids=["two ways", "one way", "pieces"]
)
def labeler(request):
    return mixed_labeler(dataclasses.replace(CONFIG, encoder=request.param), seed=3)


def alone(labeler, texts, **sizes):
    return [document for text in texts for document in labeler([text], **sizes)]


@torch.no_grad()
def slow_rows(labeler, document):
    """One document as one row: for each head, tags and the probability of each."""
    found = decode(
        labeler.module,
        labeler.words([document.words]),
        torch.tensor([len(document)]),
        labeler.decisions,
    )
    rows = []
    for head, scores in zip(labeler.config.heads, found, strict=True):
        ids = scores.tags[0].tolist()
        probabilities = [
            float(scores.probabilities[0, place, tag]) for place, tag in enumerate(ids)
        ]
        rows.append(([head.tag_set.tags[tag] for tag in ids], probabilities))
    return rows


def with_rows(labeler, document, rows):
    """The document with each head's layer, of tags and their probabilities."""
    for head, (tags, scores) in zip(labeler.config.heads, rows, strict=True):
        tag_set = head.tag_set
        if tag_set.scheme is None:
            document = document.with_tags(tag_set.layer, Tags(tuple(tags), tuple(scores)))
        else:
            spans = tags_to_spans(tags, tag_set.scheme).spans
            lowest = tuple(
                min(scores[place] for place in range(span.start, span.end)) for span in spans
            )
            document = document.with_spans(tag_set.layer, Spans(spans, lowest))
    return document


def slow(labeler, document):
    return with_rows(labeler, document, slow_rows(labeler, document))


def test_labels_are_the_best_of_the_row_alone(labeler):
    documents = some_documents()
    found = list(labeler(documents))
    assert_same(
        [document for document in found if len(document)],
        [slow(labeler, document) for document in documents if len(document)],
    )
    every = [
        {label for document in found for label in document.tags["upos"].labels},
        {label for document in found for label in document.tags["xpos"].labels},
        {span.label for document in found for span in document.spans["ner"].spans},
        {span.label for document in found for span in document.spans["chunks"].spans},
    ]
    assert every == [
        set(head.tag_set.labels) for head in (HEADS[0], HEADS[2], HEADS[1], HEADS[3])
    ], "weights that say the same of every word would test nothing"


@pytest.mark.parametrize("batch_words", [1, 7, 40, 4096])
def test_labels_do_not_depend_on_what_is_in_the_batch(labeler, batch_words):
    documents = some_documents()
    assert_same(labeler.pipe(documents, batch_words=batch_words), alone(labeler, documents))


def test_texts_come_as_they_are_asked_for(labeler):
    asked = []

    def texts():
        for number in range(1000):
            asked.append(number)
            yield "the cat sat"

    found = labeler.pipe(texts(), batch_words=12)
    next(found)
    assert len(asked) < 200
    assert len(list(found)) == 999
    assert len(asked) == 1000


def test_a_list_gives_a_list_and_an_iterator_an_iterator(labeler):
    texts = ["the cat", "sat"]
    found = labeler(texts)
    assert isinstance(found, list)
    assert found == list(labeler(iter(texts))) == list(labeler.pipe(texts)) == labeler(tuple(texts))
    assert next(labeler(iter(texts))) == found[0]


@pytest.mark.parametrize("text", ["the cat sat", "", Document.from_words(["Ann"])])
def test_one_text_gives_one_document(labeler, text):
    assert labeler(text) == labeler([text])[0]
    assert labeler(text, layers=["ner"], threads=2) == labeler([text], layers=["ner"])[0]


def test_plain_text_and_documents_may_be_mixed(labeler):
    text = "  The cat,\nsat on   数.\t"
    document = labeler.tokenize(text)
    assert document.words == ["The", "cat", ",", "sat", "on", "数", "."]
    assert document.text == text
    assert_same(labeler([text, document, text]), 3 * list(labeler([document])))


@pytest.mark.parametrize("text", ["", " ", " \n\t ", "\u3000"])
def test_a_text_without_words_has_no_labels(labeler, text):
    (empty,) = labeler([text])
    assert (empty.text, empty.words) == (text, [])
    assert empty.tags == {"upos": Tags((), ()), "xpos": Tags((), ())}
    assert empty.spans == {"ner": Spans((), ()), "chunks": Spans((), ())}
    first, _, last = labeler(["the cat", text, "the cat"])
    assert_same([first, last], 2 * list(labeler(["the cat"])))


def test_some_layers_are_labelled_as_with_all(labeler):
    documents = some_documents(10)
    everything = list(labeler(documents))
    for one, other in zip(labeler(documents, layers=["chunks", "upos"]), everything, strict=True):
        assert (set(one.tags), set(one.spans)) == ({"upos"}, {"chunks"})
        assert one.tags["upos"] == other.tags["upos"]
        assert one.spans["chunks"] == other.spans["chunks"]
    assert list(labeler(documents, layers=[])) == documents


def test_sentences_are_those_of_the_layer():
    head = HeadConfig(TagSet("sentence", ("B", "I")))
    labeler = mixed_labeler(dataclasses.replace(CONFIG, heads=(head,)))
    (one,) = labeler([" the cat sat\n \non mat, Oslo" * 10])
    begins = [place for place, tag in enumerate(one.tags["sentence"].labels) if tag == "B"]
    after = [
        place
        for place, (start, _) in enumerate(one.offsets)
        if "\n" in one.text[max(start - 3, 0) : start]
    ]
    assert len(after) == 10
    assert one.sentences == tuple(sorted({0, *begins, *after}))
    assert [document.sentences for document in labeler(["", " \n\n ", "cat"])] == [(), (), (0,)]


def test_a_document_keeps_its_text_and_its_other_layers(labeler):
    before = Document(
        " the  cat\n",
        ((1, 4), (6, 9)),
        tags={"upos": Tags(("X", None)), "lemma": Tags(("the", "cat"))},
        spans={"ner": Spans((Span(0, 2, "gold"),)), "names": Spans((Span(1, 2, "CAT"),))},
        categories={"topic": {"pets": 1.0}},
        sentences=(0,),
    )
    (after,) = labeler([before])
    assert dataclasses.replace(after, tags={}, spans={}) == dataclasses.replace(
        before, tags={}, spans={}
    )
    assert (after.tags["lemma"], after.spans["names"]) == (
        before.tags["lemma"],
        before.spans["names"],
    )
    assert_same([after], [slow(labeler, before)])
    assert before.tags["upos"] == Tags(("X", None))
    assert before.spans["ner"] == Spans((Span(0, 2, "gold"),))


def set_windows(monkeypatch, window, context):
    monkeypatch.setattr("seqlabel.models.tagging.inference.WINDOW", window)
    monkeypatch.setattr("seqlabel.models.tagging.inference.CONTEXT", context)


@pytest.mark.parametrize(("window", "context"), [(1, 0), (1, 2), (10, 0), (10, 3), (25, 40)])
def test_a_word_is_labelled_from_its_window_and_context_alone(
    monkeypatch, labeler, window, context
):
    rows = [([], []) for _ in HEADS]
    for start in range(0, len(LONG), window):
        first, last = max(start - context, 0), min(start + window + context, len(LONG))
        parts = slow_rows(labeler, Document.from_words(LONG.words[first:last]))
        inside = slice(start - first, min(start + window, len(LONG)) - first)
        for (tags, scores), part in zip(rows, parts, strict=True):
            tags += part[0][inside]
            scores += part[1][inside]
    others = some_documents(5)
    set_windows(monkeypatch, window, context)
    found = list(labeler.pipe([*others, LONG]))[-1]
    assert_same([found], [with_rows(labeler, LONG, rows)])


@pytest.mark.parametrize("batch_words", [1, 20, 100])
def test_no_row_is_longer_than_its_window_and_no_batch_larger_than_asked(monkeypatch, batch_words):
    labeler = mixed_labeler(dataclasses.replace(CONFIG, encoder=ONE_WAY))
    batches, words, few = [], labeler.words, 3
    monkeypatch.setattr("seqlabel.models.tagging.inference._FEWEST_ROWS", few)
    labeler.inference = own_layers(
        labeler, lambda rows: batches.append(list(map(len, rows))) or words(rows)
    )
    set_windows(monkeypatch, 10, 2)
    list(labeler.pipe([*some_documents(), LONG], batch_words=batch_words))
    assert max(map(max, batches)) == 14
    assert all(sum(lengths) <= batch_words or len(lengths) <= few for lengths in batches)


def test_labelling_leaves_evaluation_mode_and_random_state_and_gradients_alone():
    labeler = mixed_labeler()
    labeler.module.train()
    labeler.module.encoder.eval()
    expected = list(mixed_labeler()(["the cat sat on Oslo"]))
    before = torch.get_rng_state()
    assert_same(labeler(["the cat sat on Oslo"]), expected)
    assert not any(module.training for module in labeler.module.modules())
    assert torch.equal(torch.get_rng_state(), before)
    # The generator was left half-way: the caller is not in inference mode.
    found = labeler.pipe(["the cat", "sat"])
    next(found)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_eight_threads_give_what_one_does(labeler):
    documents = some_documents(60)
    expected = list(labeler(documents))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: list(labeler.pipe(documents, batch_words=40)), range(16)))
    results += [
        list(labeler.pipe(documents, batch_words=10, threads=threads)) for threads in (2, 3, 20)
    ]
    for found in results:
        assert_same(found, expected)


def test_a_thread_that_is_done_first_does_not_end_evaluation_for_the_others():
    config = dataclasses.replace(
        CONFIG, encoder=dataclasses.replace(ENCODER, word_dropout=0.9), dropout=0.9
    )
    labeler, expected = mixed_labeler(config), list(mixed_labeler(config)([LONG]))
    labeler.module.train()
    own, entered, done = weights_of(labeler), threading.Event(), threading.Event()
    words, labeler.inference = labeler.words, Inference(own, arithmetic=Arithmetic.FLOAT32)

    def waiting(rows):
        if threading.current_thread() is slow and not entered.is_set():
            entered.set()
            done.wait(2)
        elif threading.current_thread() is not slow:
            # Both are between the beginning and the end of their evaluation now.
            slow.start()
            entered.wait(2)
        return words(rows)

    found = []
    slow = threading.Thread(target=lambda: found.extend(labeler([LONG])))
    own._module = labeler.module, waiting
    list(labeler(["the cat"]))
    done.set()
    slow.join()
    assert_same(found, expected)
    assert not labeler.module.training


def test_temperatures_change_scores_and_no_label():
    labeler, documents = mixed_labeler(), some_documents()
    before = list(labeler(documents))
    labeler.set_temperatures([5.0, 5.0, 5.0, 5.0])
    after = list(labeler(documents))
    for one, other in zip(before, after, strict=True):
        for name, layer in one.tags.items():
            assert layer.labels == other.tags[name].labels
        for name, layer in one.spans.items():
            assert layer.spans == other.spans[name].spans
        # The most likely tag is less likely with a higher temperature.
        pairs = zip(layer_of(one).scores, layer_of(other).scores, strict=True)
        assert all(high > low > 1 / len(LABELS) for high, low in pairs)
    labeler.set_temperatures([head.temperature for head in HEADS])
    assert list(labeler(documents)) == before


def test_layers_are_added_to_those_that_stay_as_they_are(labeler):
    more = labeler.with_layers(
        [TagSet("sentence", ("B", "I")), TagSet("pii", ("P",), Scheme.BIOES)]
    )
    assert [head.kind for head in more.config.heads[-2:]] == [Softmax(), CRF()]
    documents = some_documents(10)
    for one, other in zip(more(documents), labeler(documents), strict=True):
        assert {name: one.tags[name] for name in other.tags} == other.tags
        assert {name: one.spans[name] for name in other.spans} == other.spans
        assert ("sentence" in one.tags, "pii" in one.spans) == (True, True)


def test_some_layers_are_kept_as_they_are(tmp_path):
    labeler, documents = mixed_labeler(PAIRED), some_documents()
    kept = labeler.keep(["xpos", "ner"])
    assert [head.tag_set.layer for head in kept.config.heads] == ["xpos", "ner"]
    assert labeler.keep(["xpos", "upos"]).config.together == TOGETHER
    alone = mixed_labeler(dataclasses.replace(PAIRED, together=None))
    for found, expected in zip(kept(documents), alone(documents), strict=True):
        assert found.tags == {"xpos": expected.tags["xpos"]}
        assert found.spans == expected.spans
    kept.save(tmp_path / "kept")
    loaded = Labeler.load(tmp_path / "kept", arithmetic=Arithmetic.FLOAT32)
    assert list(loaded(documents)) == list(kept(documents))
    assert [head.tag_set.layer for head in labeler.config.heads] == ["ner", "upos", "xpos"]


FEATS = TagSet("feats", ("_", "a"))
FOLLOWING = (TagPairs("upos", "feats", (("NOUN", "a"), ("VERB", "_"), ("X", "_"))),)


def labeler_of_feats():
    """A labeler with a layer that can follow another."""
    return mixed_labeler(dataclasses.replace(PAIRED, heads=(*PAIRED.heads, HeadConfig(FEATS))))


def test_layers_that_follow_others_are_kept_and_grow(tmp_path):
    labeler = labeler_of_feats()
    labeler.set_following(FOLLOWING)
    labeler.save(tmp_path / "labeler")
    assert Labeler.load(tmp_path / "labeler").config == labeler.config
    assert labeler.keep(["upos", "feats"]).config.following == FOLLOWING
    assert labeler.keep(["upos", "xpos"]).config.following == ()
    grown = labeler.with_labels(["b"], layer="feats").config
    assert grown.following[0].pairs[3:] == (("NOUN", "b"), ("VERB", "b"), ("X", "b"))
    assert grown.together == labeler.config.together


def test_a_threshold_offset_is_that_of_one_layer_and_of_one_copy():
    labeler = mixed_labeler()
    other, layer = labeler.copy(), HEADS[1].tag_set.layer
    other.set_threshold_offset(layer, -1000.0)
    assert labeler.decisions == [Decision(head.temperature) for head in HEADS]
    assert other.decisions == [
        Decision(head.temperature, -1000.0 * (head is HEADS[1])) for head in HEADS
    ]
    before, after = labeler(["the cat sat"])[0], other(["the cat sat"])[0]
    assert before.spans[layer].spans
    assert not after.spans[layer].spans
    assert before.tags == after.tags
    assert before.spans == {**after.spans, layer: before.spans[layer]}


def test_a_labeler_is_shown_by_its_layers_and_size():
    shown = mixed_labeler()
    parameters = f"{sum(one.numel() for one in shown.module.parameters()):,}"
    assert repr(shown) == f"Labeler(layers: upos, ner, xpos, chunks; {parameters} parameters)"
    title, _, *rows = str(shown).splitlines()
    assert title == repr(shown)
    assert [row.split(maxsplit=1)[0] for row in rows] == ["upos", "ner", "xpos", "chunks"]
    assert shown._repr_html_().count("<tr>") == 5
    assert max(map(len, str(Labeler.load("en_pos")).splitlines())) <= 80


def test_a_new_label_may_go_with_every_tag_of_a_layer_that_is_chosen_with_its_own():
    extended = mixed_labeler(PAIRED).with_labels(["3"], layer="xpos")
    added = {(label, "3") for label in LABELS}
    assert set(extended.config.together.pairs) == {*TOGETHER.pairs, *added}
    assert extended(["the cat"])[0].words == ["the", "cat"]


def with_reader(labeler, least=0.0, layer="ner"):
    """A copy with a second reader of random weights."""
    head = labeler.config.head(layer)
    config = SpanReaderConfig(layer, head.tag_set.labels, offset=0.5, least=least, near=3)
    chance = np.random.default_rng(7)
    shapes = config.shapes(2 * labeler.config.hidden).items()
    weights = {name: chance.normal(size=shape).astype(np.float32) for name, shape in shapes}
    other = labeler.copy()
    other.set_reader(SpanReader(config, weights, head.tag_set))
    return other


@pytest.mark.parametrize("arithmetic", [Arithmetic.FLOAT32, Arithmetic.INT8])
def test_a_second_reader_scores_spans_and_drops_the_unlikely_ones(tmp_path, arithmetic):
    mixed_labeler(seed=3).save(tmp_path / "plain")
    labeler = Labeler.load(tmp_path / "plain", arithmetic=arithmetic)
    documents = [*some_documents(seed=4), LONG]
    judged = with_reader(labeler)
    found = judged(documents)
    more = labeler.copy()
    more.set_threshold_offset("ner", 0.5)
    # It finds what the labeler finds at the higher offset, other layers are as they were.
    assert [one.spans["ner"].spans for one in found] == [
        one.spans["ner"].spans for one in more(documents)
    ]
    assert [one.tags["upos"] for one in found] == [one.tags["upos"] for one in labeler(documents)]
    expected = [
        [pair for pair in one.spans["ner"].scored if pair[1] >= 0.5]
        for one in found
        if one.spans["ner"].spans
    ]
    dropping = judged.copy()
    dropping.set_reader(judged.reader.dropping_from(0.5))
    kept = [one.spans["ner"].scored for one in dropping(documents) if one.offsets]
    assert [pairs for pairs in kept if pairs] == [pairs for pairs in expected if pairs]
    assert sum(map(len, kept)) < sum(len(one.spans["ner"].spans) for one in found)
    (probabilities,) = judged.judged_probabilities([LONG], "ner")
    for span, score in judged([LONG])[0].spans["ner"].scored:
        np.testing.assert_allclose(1 - probabilities[span.start : span.end, 0], score, rtol=1e-3)


def test_a_second_reader_is_saved_and_lost_by_training(tmp_path):
    labeler = with_reader(mixed_labeler(seed=3), least=0.3)
    labeler.save(tmp_path / "model")
    files = [tmp_path / "model" / name for name in ("config.json", "reader.safetensors")]
    # Who may read one file of a model may read all.
    assert len({file.stat().st_mode for file in files}) == 1
    loaded = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    assert loaded.config.reader == labeler.config.reader
    assert_same(loaded([LONG]), labeler([LONG]))
    assert_same(loaded.keep(["ner", "upos"])([LONG]), labeler.keep(["ner", "upos"])([LONG]))
    assert loaded.keep(["upos"]).reader is None
    # A model without one takes its place, and its file goes.
    mixed_labeler(seed=3).save(tmp_path / "model")
    assert not (tmp_path / "model" / "reader.safetensors").exists()
    train = [Document.from_words(["the", "cat"], tags={"upos": Tags(("X", "NOUN"))})] * 3
    fine_tune(loaded, train, options=tagging_options(1), display=Display.SILENT)
    assert loaded.reader is None


@pytest.mark.parametrize("damage", ["missing", "other", "empty"])
def test_a_damaged_second_reader_is_refused(tmp_path, damage):
    with_reader(mixed_labeler(seed=3)).save(tmp_path / "model")
    path = tmp_path / "model" / "reader.safetensors"
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else path.read_bytes()[:-4] + b"0000")
    with pytest.raises(CheckpointError, match=r"reader\.safetensors"):
        Labeler.load(tmp_path / "model")


def test_a_dial_with_a_second_reader_goes_one_way():
    labeler = with_reader(mixed_labeler(seed=3), least=0.4)
    documents = [*some_documents(60, seed=6), LONG]
    before = set()
    for sensitivity in (-2, -1, 0, 0.5, 1, 2, 2.5, 3, 5):
        found = {
            (number, word)
            for number, document in enumerate(labeler.with_sensitivity(sensitivity)(documents))
            for span in document.spans["ner"].spans
            for word in range(span.start, span.end)
        }
        assert before <= found
        before = found
    assert len(before) > 100


def set_reader_of_another_width():
    reader = with_reader(mixed_labeler()).reader
    mixed_labeler(dataclasses.replace(CONFIG, hidden=4)).set_reader(reader)


def set_reader_of_another_layer():
    labeler = with_reader(mixed_labeler())
    labeler.keep(["upos"]).set_reader(labeler.reader)


BAD_CALLS = [
    (lambda: list(mixed_labeler().pipe("the cat")), OptionError, "texts"),
    (lambda: mixed_labeler()(["Ann", None]), DataError, "Text 1"),
    (lambda: list(mixed_labeler().pipe(["the cat"], threads=0)), OptionError, "threads"),
    (lambda: mixed_labeler()(["the cat"], layers=["lemma"]), OptionError, "layer"),
    (lambda: mixed_labeler().keep(["lemma"]), OptionError, "layer"),
    (lambda: mixed_labeler().keep([]), OptionError, "layers"),
    (lambda: Labeler("en_ner"), OptionError, r"Labeler\.load"),
    (lambda: Labeler.on("nowhere", [UPOS]), CheckpointError, "nowhere"),
    (lambda: Labeler.on(language_model("one way, gru"), []), OptionError, "heads"),
    (lambda: Labeler.on(language_model("one way, gru"), [UPOS, UPOS]), OptionError, "heads"),
    (lambda: Labeler.on("en_small", ["PER"]), OptionError, "heads"),
    (lambda: mixed_labeler().with_layers([UPOS]), OptionError, "heads"),
    (lambda: mixed_labeler().with_layers([FEATS, FEATS]), OptionError, "heads"),
    (lambda: mixed_labeler().set_temperatures([1.0]), ValueError, "shorter"),
    (lambda: labeler_of_feats().set_following([*FOLLOWING] * 2), OptionError, "following"),
    (
        lambda: labeler_of_feats().set_following([TagPairs("feats", "xpos", (("a", "1"),))]),
        OptionError,
        "following",
    ),
    (lambda: mixed_labeler().with_labels("X", layer="upos"), OptionError, "labels"),
    (lambda: mixed_labeler().with_labels(["C"]), OptionError, "layer"),
    (lambda: mixed_labeler().with_labels(["C"], layer="pos"), OptionError, "layer"),
    (lambda: mixed_labeler().with_labels(["C", "NOUN"], layer="upos"), OptionError, "labels"),
    (lambda: mixed_labeler().with_labels(["C", "C"], layer="ner"), OptionError, "labels"),
    (lambda: mixed_labeler().with_labels([""], layer="ner"), OptionError, "labels"),
    (set_reader_of_another_width, OptionError, "reader"),
    (set_reader_of_another_layer, OptionError, "layer"),
]


@pytest.mark.parametrize(("call", "error", "named"), BAD_CALLS)
def test_bad_calls_are_refused_by_name(call, error, named):
    with pytest.raises(error, match=named):
        call()
