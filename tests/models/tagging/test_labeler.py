"""Labelers: a word's label depends on its text alone, whatever is labelled beside it, or on other
threads.
"""

import dataclasses
import random
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
import torch

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, allowed_transitions, tags_to_spans
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
from seqlabel.nn.network_configs import (
    Decision,
)
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


def test_the_likeliest_tag_of_each_word_is_what_a_softmax_head_says(labeler):
    for document in labeler(some_documents()):
        for label, score in zip(layer_of(document).labels, layer_of(document).scores, strict=True):
            assert label in LABELS
            assert 1 / len(LABELS) <= score <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_crf_head_never_yields_a_sequence_that_its_scheme_forbids(seed):
    """Whatever the weights are; a softmax head with the same weights does."""
    broken = 0
    for kind in (Softmax(), CRF()):
        heads = [HeadConfig(TagSet(scheme, ("A", "B"), scheme), kind) for scheme in Scheme]
        labeler = mixed_labeler(dataclasses.replace(CONFIG, heads=tuple(heads)), seed)
        for document in some_documents(seed=seed):
            if not len(document):
                continue
            for head, (tags, _) in zip(heads, slow_rows(labeler, document), strict=True):
                follows, starts, ends = allowed_transitions(head.tag_set.tags, head.tag_set.scheme)
                ids = [head.tag_set.tags.index(tag) for tag in tags]
                allowed = [
                    starts[ids[0]],
                    ends[ids[-1]],
                    *(follows[a][b] for a, b in pairwise(ids)),
                ]
                if kind.joint:
                    assert all(allowed)
                    assert tags_to_spans(tags, head.tag_set.scheme).repairs == 0
                else:
                    broken += not all(allowed)
    assert broken > 10


@pytest.mark.parametrize("batch_words", [1, 7, 40, 4096])
def test_labels_do_not_depend_on_what_is_in_the_batch(labeler, batch_words):
    documents = some_documents()
    assert_same(labeler.pipe(documents, batch_words=batch_words), alone(labeler, documents))


def test_labels_do_not_depend_on_the_order(labeler):
    documents = some_documents()
    order = random.Random(1).sample(range(len(documents)), len(documents))
    expected = list(labeler(documents))
    assert_same(
        labeler([documents[place] for place in order]), [expected[place] for place in order]
    )


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
    with pytest.raises(OptionError, match="a single text"):
        next(labeler.pipe(text))


def test_a_name_in_place_of_a_config_says_how_a_model_is_loaded():
    with pytest.raises(OptionError, match=r"Labeler.load\('en_ner'\)"):
        Labeler("en_ner")


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


def test_no_texts_give_no_documents(labeler):
    assert list(labeler([])) == []


@pytest.mark.parametrize("text", [None, b"Ann", ["Ann"], 1])
def test_what_is_not_text_is_refused(labeler, text):
    with pytest.raises(DataError, match="Text 1"):
        list(labeler(["Ann", text]))


@pytest.mark.parametrize("word", ["cat", "Oslo", "😀", "x" * 5000])
def test_one_word(labeler, word):
    (document,) = labeler([Document.from_words([word])])
    assert (document.text, len(document)) == (word, 1)
    assert_same([document], [slow(labeler, document)])


def test_some_layers_are_labelled_as_with_all(labeler):
    documents = some_documents(10)
    everything = list(labeler(documents))
    for one, other in zip(labeler(documents, layers=["chunks", "upos"]), everything, strict=True):
        assert (set(one.tags), set(one.spans)) == ({"upos"}, {"chunks"})
        assert one.tags["upos"] == other.tags["upos"]
        assert one.spans["chunks"] == other.spans["chunks"]
    assert list(labeler(documents, layers=[])) == documents
    with pytest.raises(OptionError, match="layer"):
        list(labeler(documents, layers=["lemma"]))


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


@pytest.mark.parametrize("window", [1, 60, 61])
@pytest.mark.parametrize("batch_words", [1, 4096])
def test_windows_that_see_the_whole_document_label_it_as_one_pass_does(
    monkeypatch, labeler, window, batch_words
):
    set_windows(monkeypatch, window, len(LONG))
    found = labeler.pipe([LONG], batch_words=batch_words)
    assert_same(found, [slow(labeler, LONG)])


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


@pytest.mark.parametrize("sizes", [{"batch_words": 0}, {"threads": 0}], ids=str)
def test_sizes_that_label_nothing_are_refused(labeler, sizes):
    with pytest.raises(OptionError, match=next(iter(sizes))):
        list(labeler.pipe(["the cat sat"], **sizes))


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


def test_a_folder_without_a_language_model_is_refused(tmp_path):
    with pytest.raises(CheckpointError):
        Labeler.on(tmp_path / "nowhere", [UPOS])
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with pytest.raises(CheckpointError):
        Labeler.on(tmp_path, [UPOS])


@pytest.mark.parametrize(
    ("heads", "layers"), [((), "[]"), ((UPOS, TagSet("upos", ("a", "b"))), "['upos', 'upos']")]
)
def test_heads_without_a_layer_of_their_own_are_refused(heads, layers):
    with pytest.raises(OptionError, match="heads") as caught:
        Labeler.on(language_model("one way, gru"), heads)
    assert layers in str(caught.value)


def test_temperatures_change_scores_and_no_label():
    labeler, documents = mixed_labeler(), some_documents()
    before = list(labeler(documents))
    labeler.set_temperatures([5.0, 5.0, 5.0, 5.0])
    assert [head.temperature for head in labeler.config.heads] == [5.0] * 4
    after = list(labeler(documents))
    for one, other in zip(before, after, strict=True):
        for name, layer in one.tags.items():
            assert layer.labels == other.tags[name].labels
        for name, layer in one.spans.items():
            assert layer.spans == other.spans[name].spans
        # A likeliest tag is less likely with a higher temperature.
        pairs = zip(layer_of(one).scores, layer_of(other).scores, strict=True)
        assert all(high > low > 1 / len(LABELS) for high, low in pairs)
    labeler.set_temperatures([head.temperature for head in HEADS])
    assert list(labeler(documents)) == before
    with pytest.raises(ValueError, match="shorter"):
        labeler.set_temperatures([1.0])


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
    for twice in (["upos"], ["new", "new"]):
        with pytest.raises(OptionError, match=r"^heads: "):
            labeler.with_layers([TagSet(name, ("A", "B")) for name in twice])


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
    assert list(Labeler.load(tmp_path / "kept", arithmetic=Arithmetic.FLOAT32)(documents)) == list(
        kept(documents)
    )
    assert [head.tag_set.layer for head in labeler.config.heads] == ["ner", "upos", "xpos"]
    with pytest.raises(OptionError, match="layer"):
        labeler.keep(["lemma"])
    with pytest.raises(OptionError, match="layers"):
        labeler.keep([])


def test_layers_that_follow_others_are_kept_and_grow(tmp_path):
    feats = HeadConfig(TagSet("feats", ("_", "a")))
    following = (TagPairs("upos", "feats", (("NOUN", "a"), ("VERB", "_"), ("X", "_"))),)
    labeler = mixed_labeler(dataclasses.replace(PAIRED, heads=(*PAIRED.heads, feats)))
    labeler.set_following(following)
    labeler.save(tmp_path / "labeler")
    assert Labeler.load(tmp_path / "labeler").config == labeler.config
    assert labeler.keep(["upos", "feats"]).config.following == following
    assert labeler.keep(["upos", "xpos"]).config.following == ()
    grown = labeler.with_labels(["b"], layer="feats").config
    assert grown.following[0].pairs[3:] == (("NOUN", "b"), ("VERB", "b"), ("X", "b"))
    assert grown.together == labeler.config.together
    for wrong in ([*following, *following], [TagPairs("feats", "xpos", (("a", "1"),))]):
        with pytest.raises(OptionError, match="following"):
            labeler.set_following(wrong)


def test_pairs_are_kept_in_the_folder(tmp_path):
    labeler = mixed_labeler(PAIRED)
    labeler.save(tmp_path / "paired")
    loaded = Labeler.load(tmp_path / "paired", arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == PAIRED
    assert list(loaded(some_documents())) == list(labeler(some_documents()))


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
    other.set_threshold_offset(layer, 2.0)
    assert [decision.threshold_offset for decision in other.decisions] == [
        2.0 * (head is HEADS[1]) for head in HEADS
    ]
    assert before.spans == {**after.spans, layer: before.spans[layer]}


def test_a_labeler_is_shown_by_its_layers_and_size():
    shown = mixed_labeler()
    parameters = f"{sum(one.numel() for one in shown.module.parameters()):,}"
    assert repr(shown) == f"Labeler(layers: upos, ner, xpos, chunks; {parameters} parameters)"
    title, header, *rows = str(shown).splitlines()
    assert title == repr(shown)
    assert header.split() == ["layer", "head", "labels", "names"]
    assert [row.split(maxsplit=1)[0] for row in rows] == ["upos", "ner", "xpos", "chunks"]
    html = shown._repr_html_()
    assert html.count("<tr>") == 5
    assert parameters in html
    wide = str(Labeler.load("en_pos")).splitlines()
    assert max(map(len, wide)) <= 80
    assert wide[4].split(maxsplit=3) == ["feats", "softmax", "230", "Abbr=Yes, …"]


def test_a_labeler_with_new_labels_is_saved_and_loaded(tmp_path):
    extended = mixed_labeler().with_labels(["C"], layer="ner")
    extended.save(tmp_path / "model")
    loaded = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == extended.config
    assert list(loaded(["the cat sat"])) == list(extended(["the cat sat"]))


@pytest.mark.parametrize(
    ("labels", "layer", "said"),
    [
        ("X", "upos", r"expected a list of labels, got 'X'. Pass \['X'\]\."),
        (["C"], None, "this labeler has several, upos, ner, xpos, chunks"),
        (["C"], "pos", "layer: .*pos"),
        (["C", "NOUN"], "upos", "labels: .*NOUN"),
        (["C", "C"], "ner", "3 of them different"),
        ([""], "ner", "ner"),
    ],
)
def test_labels_that_cannot_be_added_are_refused(labels, layer, said):
    with pytest.raises(OptionError, match=said):
        mixed_labeler().with_labels(labels, layer=layer)


def test_a_new_label_may_go_with_every_tag_of_a_layer_that_is_chosen_with_its_own():
    heads = (HeadConfig(UPOS), HeadConfig(TagSet("xpos", ("1", "2"))))
    pairs = TagPairs("upos", "xpos", (("NOUN", "1"), ("VERB", "2"), ("X", "1")))
    extended = mixed_labeler(dataclasses.replace(CONFIG, heads=heads, together=pairs)).with_labels(
        ["NOUN"], layer="xpos"
    )
    assert set(extended.config.together.pairs) == {
        *pairs.pairs,
        ("NOUN", "NOUN"),
        ("VERB", "NOUN"),
        ("X", "NOUN"),
    }
    assert extended(["the cat"])[0].words == ["the", "cat"]


def test_a_label_in_place_of_a_label_set_is_one_clear_error():
    with pytest.raises(OptionError, match=r"^heads: .*'PER'"):
        Labeler.on("en_small", ["PER"])


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
    assert_same(loaded.keep(["ner", "upos"])([LONG])[0:1], labeler.keep(["ner", "upos"])([LONG]))
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


def test_a_second_reader_of_another_model_is_refused():
    labeler = mixed_labeler(seed=3)
    reader = with_reader(labeler).reader
    with pytest.raises(OptionError, match="reader"):
        mixed_labeler(dataclasses.replace(CONFIG, hidden=4)).set_reader(reader)
    with pytest.raises(OptionError, match="layer"):
        labeler.keep(["upos"]).set_reader(reader)


def test_a_dial_with_a_second_reader_goes_one_way():
    labeler = with_reader(mixed_labeler(seed=3), least=0.4)
    documents = [*some_documents(60, seed=6), LONG]
    before = set()
    for sensitivity in (-2, -1, 0, 0.5, 1, 2, 4):
        found = {
            (number, word)
            for number, document in enumerate(labeler.with_sensitivity(sensitivity)(documents))
            for span in document.spans["ner"].spans
            for word in range(span.start, span.end)
        }
        assert before <= found
        before = found
    assert len(before) > 100
