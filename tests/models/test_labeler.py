"""Labelers: a word's label depends on its text alone, whatever is labelled beside it, or on other threads."""

import dataclasses
import json
import math
import random
import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import torch

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.schemes import Scheme, allowed_transitions, tags_to_spans
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, DataError, OptionError
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.classifier import Classifier
from seqlabel.models.configs import HeadConfig, HeadKind, LabelerConfig, TagPairs, default_head
from seqlabel.models.inference import Inference
from seqlabel.models.labeler import Labeler
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.tagging import build_head
from seqlabel.models.torch_engine import ModuleEngines
from seqlabel.nn.configs import (
    Decision,
    LanguageModelConfig,
    PieceModelConfig,
    PointerConfig,
    Recurrence,
    WordModelConfig,
)
from seqlabel.nn.heads import CRFTagHead, SoftmaxTagHead
from seqlabel.text.pieces import Pieces
from seqlabel.text.vocabulary import Vocabulary
from tests.engines import own_layers
from tests.model_folders import change_config, sign

LABELS = ("NOUN", "VERB", "X")
UPOS = TagSet("upos", LABELS)
VOCABULARY = Vocabulary(["xxunk", "xxpad", "the", "cat", "sat", ",", "数", "on", "mat", "."])
ENCODER = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
ONE_WAY = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
PIECES = Pieces.train({"the": 9, "cat": 5, "sat": 5, "mat": 4, "on": 3}, size=262)
OF_PIECES = PieceModelConfig(pieces=len(PIECES), embedding=8, hidden=7, cutoffs=(100,))
# Of every kind of head, on tags and on spans.
HEADS = (
    HeadConfig(UPOS, label_smoothing=0.1, class_weights=(1.0, 2.0, 0.5)),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), HeadKind.CRF),
    HeadConfig(TagSet("xpos", ("1", "2")), HeadKind.CRF, temperature=0.7),
    HeadConfig(TagSet("chunks", ("NP",), Scheme.BIO), HeadKind.SOFTMAX, temperature=1.9),
)
CONFIG = LabelerConfig(ENCODER, HEADS, hidden=5)
FILES = ["config.json", "model.safetensors", "vocabulary.json"]
WORDS = ["the", "cat", "sat", "Oslo", "naïve", "数", ",", "mat", "B2B", "😀"]


def build(config=CONFIG, seed=0):
    """A labeler in evaluation mode with weights large enough that words far away are felt; exact, to compare with."""
    torch.manual_seed(seed)
    words = PIECES if isinstance(config.encoder, PieceModelConfig) else VOCABULARY
    labeler = Labeler(config, words, arithmetic=Arithmetic.FLOAT32)
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.add_(0.5 * torch.randn_like(parameter))
        for head in labeler.module.heads:
            head.output.weight.mul_(3)
            head.output.bias.zero_()
    labeler.module.eval()
    return labeler


@pytest.fixture(scope="module", params=[ENCODER, ONE_WAY, OF_PIECES], ids=["two ways", "one way", "pieces"])
def labeler(request):
    return build(dataclasses.replace(CONFIG, encoder=request.param), seed=3)


def some_documents(count=30, seed=0, longest=12):
    chance = random.Random(seed)
    return [Document.from_words(chance.choices(WORDS, k=chance.randint(0, longest))) for _ in range(count)]


def layer_of(document):
    return document.tags["upos"]


def assert_same(found, expected):
    """The same words and labels, and scores that differ by no more than rounding does (sums over 61 words in a CRF)."""
    found, expected = list(found), list(expected)

    def without_scores(document):
        tags = {name: layer.labels for name, layer in document.tags.items()}
        return document.text, document.offsets, tags, {name: layer.spans for name, layer in document.spans.items()}

    assert list(map(without_scores, found)) == list(map(without_scores, expected))
    for one, other in zip(found, expected, strict=True):
        for name, layer in (*one.tags.items(), *one.spans.items()):
            wanted = (other.tags if name in other.tags else other.spans)[name]
            assert layer.scores == pytest.approx(wanted.scores, abs=1e-4)


def alone(labeler, texts, **sizes):
    return [document for text in texts for document in labeler([text], **sizes)]


@torch.no_grad()
def slow_rows(labeler, document):
    """One document as one row: for each head, tags and the probability of each."""
    found = labeler.module.decode(labeler.words([document.words]), torch.tensor([len(document)]), labeler.decisions)
    rows = []
    for head, scores in zip(labeler.config.heads, found, strict=True):
        ids = scores.tags[0].tolist()
        probabilities = [float(scores.probabilities[0, place, tag]) for place, tag in enumerate(ids)]
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
            lowest = tuple(min(scores[place] for place in range(span.start, span.end)) for span in spans)
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
    assert every == [set(head.tag_set.labels) for head in (HEADS[0], HEADS[2], HEADS[1], HEADS[3])], (
        "weights that say the same of every word would test nothing"
    )


def test_the_likeliest_tag_of_each_word_is_what_a_softmax_head_says(labeler):
    for document in labeler(some_documents()):
        for label, score in zip(layer_of(document).labels, layer_of(document).scores, strict=True):
            assert label in LABELS
            assert 1 / len(LABELS) <= score <= 1


@pytest.mark.parametrize("seed", range(5))
def test_a_crf_head_never_yields_a_sequence_that_its_scheme_forbids(seed):
    """Whatever the weights are; a softmax head with the same weights does."""
    broken = 0
    for kind in HeadKind:
        heads = [HeadConfig(TagSet(scheme, ("A", "B"), scheme), kind) for scheme in Scheme]
        labeler = build(dataclasses.replace(CONFIG, heads=tuple(heads)), seed)
        for document in some_documents(seed=seed):
            if not len(document):
                continue
            for head, (tags, _) in zip(heads, slow_rows(labeler, document), strict=True):
                follows, starts, ends = allowed_transitions(head.tag_set.tags, head.tag_set.scheme)
                ids = [head.tag_set.tags.index(tag) for tag in tags]
                allowed = [starts[ids[0]], ends[ids[-1]], *(follows[a][b] for a, b in pairwise(ids))]
                if kind is HeadKind.CRF:
                    assert all(allowed)
                    assert tags_to_spans(tags, head.tag_set.scheme).repairs == 0
                else:
                    broken += not all(allowed)
    assert broken > 10


@pytest.mark.parametrize("batch_words", [1, 7, 40, 4096])
def test_labels_do_not_depend_on_what_is_in_the_batch(labeler, batch_words):
    documents = some_documents()
    assert_same(labeler(documents, batch_words=batch_words), alone(labeler, documents))


def test_labels_do_not_depend_on_the_order(labeler):
    documents = some_documents()
    order = random.Random(1).sample(range(len(documents)), len(documents))
    expected = list(labeler(documents))
    assert_same(labeler([documents[place] for place in order]), [expected[place] for place in order])


def test_texts_come_as_they_are_asked_for(labeler):
    asked = []

    def texts():
        for number in range(1000):
            asked.append(number)
            yield "the cat sat"

    found = labeler(texts(), batch_words=12)
    next(found)
    assert len(asked) < 200
    assert len(list(found)) == 999
    assert len(asked) == 1000


def test_plain_text_and_documents_may_be_mixed(labeler):
    text = "  The cat,\nsat on   数.\t"
    document = labeler.tokenise(text)
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


@pytest.mark.parametrize("text", ["Ann saw Bob", Document.from_words(["Ann"])])
def test_a_text_that_is_in_no_list_is_refused(labeler, text):
    with pytest.raises(OptionError, match="Found a single text where a list of texts is expected"):
        next(labeler(text))


@pytest.mark.parametrize("text", [None, b"Ann", ["Ann"], 1])
def test_what_is_not_text_is_refused(labeler, text):
    with pytest.raises(DataError, match=f"Text 1 is {type(text).__name__}"):
        list(labeler(["Ann", text]))


@pytest.mark.parametrize("word", ["cat", "Oslo", "😀", "x" * 5000])
def test_one_word(labeler, word):
    (document,) = labeler([Document.from_words([word])])
    assert (document.text, len(document)) == (word, 1)
    assert_same([document], [slow(labeler, document)])


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
    assert dataclasses.replace(after, tags={}, spans={}) == dataclasses.replace(before, tags={}, spans={})
    assert (after.tags["lemma"], after.spans["names"]) == (before.tags["lemma"], before.spans["names"])
    assert_same([after], [slow(labeler, before)])
    assert before.tags["upos"] == Tags(("X", None))
    assert before.spans["ner"] == Spans((Span(0, 2, "gold"),))


LONG = Document.from_words(random.Random(5).choices(WORDS, k=61))


@pytest.mark.parametrize("window", [1, 7, 60, 61, 100])
@pytest.mark.parametrize("batch_words", [1, 200, 4096])
def test_windows_that_see_the_whole_document_label_it_as_one_pass_does(labeler, window, batch_words):
    found = labeler([LONG], window=window, context=len(LONG), batch_words=batch_words)
    assert_same(found, [slow(labeler, LONG)])


@pytest.mark.parametrize(("window", "context"), [(1, 0), (1, 2), (10, 0), (10, 3), (25, 40)])
def test_a_word_is_labelled_from_its_window_and_context_alone(labeler, window, context):
    rows = [([], []) for _ in HEADS]
    for start in range(0, len(LONG), window):
        first, last = max(start - context, 0), min(start + window + context, len(LONG))
        parts = slow_rows(labeler, Document.from_words(LONG.words[first:last]))
        inside = slice(start - first, min(start + window, len(LONG)) - first)
        for (tags, scores), part in zip(rows, parts, strict=True):
            tags += part[0][inside]
            scores += part[1][inside]
    others = some_documents(5)
    found = list(labeler([*others, LONG], window=window, context=context))[-1]
    assert_same([found], [with_rows(labeler, LONG, rows)])


@pytest.mark.parametrize("batch_words", [1, 20, 100])
def test_no_row_is_longer_than_its_window_and_no_batch_larger_than_asked(monkeypatch, batch_words):
    labeler = build(dataclasses.replace(CONFIG, encoder=ONE_WAY))
    batches, words, few = [], labeler.words, 3
    monkeypatch.setattr("seqlabel.models.inference._FEWEST_ROWS", few)
    labeler.inference = own_layers(labeler, lambda rows: batches.append(list(map(len, rows))) or words(rows))
    list(labeler([*some_documents(), LONG], window=10, context=2, batch_words=batch_words))
    assert max(map(max, batches)) == 14
    assert all(sum(lengths) <= batch_words or len(lengths) <= few for lengths in batches)


@pytest.mark.parametrize(
    "sizes", [{"batch_words": 0}, {"threads": 0}, {"window": 0}, {"window": -1}, {"context": -1}], ids=str
)
def test_sizes_that_label_nothing_are_refused(labeler, sizes):
    with pytest.raises(OptionError, match=f"Found {next(iter(sizes))} {next(iter(sizes.values()))}"):
        list(labeler(["the cat sat"], **sizes))


def test_labelling_leaves_evaluation_mode_and_random_state_and_gradients_alone():
    labeler = build()
    labeler.module.train()
    labeler.module.encoder.eval()
    expected = list(build()(["the cat sat on Oslo"]))
    before = torch.get_rng_state()
    assert_same(labeler(["the cat sat on Oslo"]), expected)
    assert not any(module.training for module in labeler.module.modules())
    assert torch.equal(torch.get_rng_state(), before)
    # The generator was left half-way: the caller is not in inference mode.
    found = labeler(["the cat", "sat"])
    next(found)
    assert not torch.is_inference_mode_enabled()
    assert torch.is_grad_enabled()


def test_eight_threads_give_what_one_does(labeler):
    documents = some_documents(60)
    expected = list(labeler(documents))
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda _: list(labeler(documents, batch_words=40)), range(16)))
    results += [list(labeler(documents, batch_words=10, threads=threads)) for threads in (2, 3, 20)]
    for found in results:
        assert_same(found, expected)


def test_a_thread_that_is_done_first_does_not_end_evaluation_for_the_others():
    config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, word_dropout=0.9), dropout=0.9)
    labeler, expected = build(config), list(build(config)([LONG]))
    labeler.module.train()
    engines, entered, done = ModuleEngines(labeler.module, labeler.words), threading.Event(), threading.Event()
    words, labeler.inference = labeler.words, Inference(engines, arithmetic=Arithmetic.FLOAT32)

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
    engines.encoder = waiting
    list(labeler(["the cat"]))
    done.set()
    slow.join()
    assert_same(found, expected)
    assert not labeler.module.training


def perturbed(model, seed=0):
    """A language model that has read something, for all that its weights show."""
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.module.parameters():
            parameter.add_(torch.randn_like(parameter))
    model.module.eval()
    return model


LANGUAGE_MODELS = {
    **{f"two ways, {kind}": dataclasses.replace(ENCODER, recurrence=kind) for kind in Recurrence},
    **{f"one way, {kind}": dataclasses.replace(ONE_WAY, recurrence=kind, dropout=0.2) for kind in Recurrence},
    "a pointer": dataclasses.replace(ONE_WAY, embedding=6, tied=True, pointer=PointerConfig(width=3, window=4)),
}
every_language_model = pytest.mark.parametrize("name", LANGUAGE_MODELS)


def language_model(name):
    config = LANGUAGE_MODELS[name]
    kind = WordLanguageModel if isinstance(config, WordModelConfig) else LanguageModel
    return perturbed(kind(config, VOCABULARY))


def test_fresh_weights_are_those_of_the_seed_and_leave_torchs_random_numbers_alone():
    below, before = language_model(next(iter(LANGUAGE_MODELS))), torch.get_rng_state()
    first, again, other = (Labeler.on(below, [UPOS], hidden=5, seed=seed).module.state_dict() for seed in (0, 0, 1))
    assert torch.equal(before, torch.get_rng_state())
    assert all(torch.equal(weights, again[name]) for name, weights in first.items())
    assert not torch.equal(first["heads.0.output.weight"], other["heads.0.output.weight"])
    drawn = Labeler.on(below, [UPOS], hidden=5, seed=None).module.state_dict()
    assert not torch.equal(before, torch.get_rng_state())
    assert not torch.equal(first["heads.0.output.weight"], drawn["heads.0.output.weight"])


@every_language_model
@pytest.mark.parametrize("way", ["itself", "path", "text"])
def test_new_heads_go_on_a_copy_of_a_language_models_encoder(tmp_path, name, way):
    below = language_model(name)
    below.save(tmp_path)
    before = {name: tensor.clone() for name, tensor in below.module.state_dict().items()}
    source = {"itself": below, "path": tmp_path, "text": str(tmp_path)}[way]
    labeler = Labeler.on(source, [UPOS, HEADS[1].tag_set], hidden=5)
    labeler.module.eval()
    words, lengths = labeler.words([["the", "cat", "Oslo"]]), torch.tensor([3])
    read, vectors = labeler.module.encoder(words, lengths, dropout=labeler.module.dropout)
    encoder = below.module.encoder
    torch.testing.assert_close(vectors, encoder.embedder(words))
    ahead = encoder.forward_encoder(vectors)[0]
    if isinstance(below, WordLanguageModel):
        backward = encoder.backward_encoder(vectors.flip(1))[0].flip(1)
        torch.testing.assert_close(read, torch.cat([ahead, backward], dim=-1))
    else:
        torch.testing.assert_close(read, ahead)
    # Training the labeler leaves the language model alone.
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.zero_()
    assert all(torch.equal(tensor, before[name]) for name, tensor in below.module.state_dict().items())
    assert (labeler.vocabulary, labeler.config.language) == (VOCABULARY, "en")


def test_new_heads_on_pieces_have_the_language_models_weights_and_come_back(tmp_path):
    below = perturbed(WordLanguageModel(OF_PIECES, PIECES))
    below.save(tmp_path / "below")
    labeler = Labeler.on(tmp_path / "below", [UPOS, HEADS[1].tag_set], hidden=5)
    trained = labeler.module.state_dict()
    for name, tensor in below.module.encoder.state_dict().items():
        assert torch.equal(trained[f"encoder.{name}"], tensor)
    labeler.save(tmp_path / "labeler")
    found = Labeler.load(tmp_path / "labeler")
    assert (found.config, found.vocabulary) == (labeler.config, PIECES)
    assert list(found(some_documents())) == list(labeler(some_documents()))


def test_new_heads_are_fresh_and_the_numbers_those_asked_for():
    below = language_model("two ways, gru")
    heads = []
    for seed in (0, 0, 1):
        labeler = Labeler.on(below, [UPOS], hidden=7, dropout=0.3, word_dropout=0.4, language="de", seed=seed)
        heads.append(labeler.module.heads[0].output.weight)
        assert labeler.module.second.width == 14
        assert (labeler.module.dropout.rate, labeler.module.encoder.embedder.word_dropout) == (0.3, 0.4)
        assert labeler.config.language == "de"
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def test_a_folder_without_a_language_model_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="there is no such folder"):
        Labeler.on(tmp_path / "nowhere", [UPOS])
    build().save(tmp_path)
    with pytest.raises(CheckpointError, match="Found 'labeler'"):
        Labeler.on(tmp_path, [UPOS])


def test_spans_get_a_crf_and_tags_a_softmax_unless_asked_otherwise():
    spans, given = HEADS[1].tag_set, HeadConfig(TagSet("a", ("A",), Scheme.IO), HeadKind.SOFTMAX, temperature=3.0)
    labeler = Labeler.on(language_model("one way, gru"), [UPOS, spans, given], hidden=5)
    assert [head.kind for head in labeler.config.heads] == [HeadKind.SOFTMAX, HeadKind.CRF, HeadKind.SOFTMAX]
    assert [type(head) for head in labeler.module.heads] == [SoftmaxTagHead, CRFTagHead, SoftmaxTagHead]
    assert labeler.config.heads[2] is given
    assert labeler.tag_sets == [UPOS, spans, given.tag_set]
    assert default_head(spans) == HeadConfig(spans, HeadKind.CRF)


@pytest.mark.parametrize(("heads", "layers"), [((), "[]"), ((UPOS, TagSet("upos", ("a", "b"))), "['upos', 'upos']")])
def test_heads_without_a_layer_of_their_own_are_refused(heads, layers):
    with pytest.raises(OptionError, match="heads: Found layers") as caught:
        Labeler.on(language_model("one way, gru"), heads)
    assert layers in str(caught.value)


@pytest.mark.parametrize("weights", [(), (1.0, 2.0), (1.0, 2.0, 3.0, 4.0)])
def test_class_weights_of_another_number_are_refused(weights):
    with pytest.raises(OptionError, match=f"class_weights: Found {len(weights)} for 3 tags"):
        build_head(HeadConfig(UPOS, class_weights=weights), 10)


def test_a_head_has_the_numbers_of_its_config():
    head = build_head(HEADS[0], 10)
    assert (head.class_weights.tolist(), head.label_smoothing) == ([1.0, 2.0, 0.5], 0.1)
    assert build_head(HEADS[2], 10).crf.allowed.all()
    follows, starts, ends = allowed_transitions(HEADS[1].tag_set.tags, Scheme.BIOES)
    crf = build_head(HEADS[1], 10).crf
    assert (crf.allowed.tolist(), crf.allowed_start.tolist(), crf.allowed_end.tolist()) == (follows, starts, ends)


def test_temperatures_change_scores_and_no_label():
    labeler, documents = build(), some_documents()
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


def test_some_layers_are_kept_as_they_are(tmp_path):
    labeler, documents = build(PAIRED), some_documents()
    kept = labeler.keep(["xpos", "ner"])
    assert [head.tag_set.layer for head in kept.config.heads] == ["xpos", "ner"]
    assert labeler.keep(["xpos", "upos"]).config.together == TOGETHER
    alone = build(dataclasses.replace(PAIRED, together=None))
    for found, expected in zip(kept(documents), alone(documents), strict=True):
        assert found.tags == {"xpos": expected.tags["xpos"]}
        assert found.spans == expected.spans
    kept.save(tmp_path / "kept")
    assert list(Labeler.load(tmp_path / "kept", arithmetic=Arithmetic.FLOAT32)(documents)) == list(kept(documents))
    assert [head.tag_set.layer for head in labeler.config.heads] == ["ner", "upos", "xpos"]
    with pytest.raises(OptionError, match=r"layers: Found 'lemma'\. Give some of ner, upos, xpos"):
        labeler.keep(["lemma"])
    with pytest.raises(OptionError, match="layers: Found none"):
        labeler.keep([])


TWO = (HeadConfig(UPOS, temperature=1.3), HeadConfig(TagSet("xpos", ("1", "2")), HeadKind.SOFTMAX, temperature=0.7))
TOGETHER = TagPairs("upos", "xpos", (("NOUN", "1"), ("VERB", "2"), ("X", "2")))
PAIRED = dataclasses.replace(CONFIG, heads=(HEADS[1], *TWO), together=TOGETHER)


def likeliest_pairs(labeler, document, pairs):
    """By trying every pair with every word: the pairs, and the probability of each tag by itself."""
    words, lengths = labeler.words([document.words]), torch.tensor([len(document)])
    states = labeler.module.hidden(words, lengths)[0]
    chances = [
        (labeler.module.heads[number].output(states) / head.temperature).softmax(-1).tolist()
        for number, head in enumerate(labeler.config.heads)
    ][1:]
    for rows in zip(*chances, strict=True):
        odds = {(one, two): (rows[0][LABELS.index(one)], rows[1][("1", "2").index(two)]) for one, two in pairs}
        pair = max(odds, key=lambda pair: math.prod(odds[pair]))
        yield pair, odds[pair]


@torch.no_grad()
def test_two_layers_get_the_likeliest_pair_that_goes_together():
    labeler, changed = build(PAIRED), 0
    alone = build(dataclasses.replace(PAIRED, together=None))
    for document in some_documents():
        (found,), (apart,) = labeler([document]), alone([document])
        assert found.spans == apart.spans
        pairs = list(zip(found.tags["upos"].labels, found.tags["xpos"].labels, strict=True))
        scores = list(zip(found.tags["upos"].scores, found.tags["xpos"].scores, strict=True))
        changed += pairs != list(zip(apart.tags["upos"].labels, apart.tags["xpos"].labels, strict=True))
        if len(document):
            expected = list(likeliest_pairs(labeler, document, TOGETHER.pairs))
            assert pairs == [pair for pair, _ in expected]
            torch.testing.assert_close(torch.tensor(scores), torch.tensor([odds for _, odds in expected]))
    assert changed > 10


def test_a_layer_asked_alone_and_a_row_without_an_end_give_the_same_pairs():
    labeler = build(PAIRED)
    documents = [document for document in some_documents() if len(document)]
    texts = [document.words for document in documents]
    every = labeler.inference.tags(texts, labeler.decisions)
    for number in (1, 2):
        (alone,) = labeler.inference.tags(texts, labeler.decisions, heads=[number])
        assert all((one.ids == other.ids).all() for one, other in zip(every[number], alone, strict=True))
    for number, words in enumerate(texts):
        row = labeler.inference.open_row()
        row.read(words)
        found = row.tags(len(words), labeler.decisions, is_last=True)
        assert all((one.ids == layer[number].ids).all() for one, layer in zip(found, every, strict=True))


def test_pairs_are_kept_in_the_folder(tmp_path):
    labeler = build(PAIRED)
    labeler.save(tmp_path / "paired")
    loaded = Labeler.load(tmp_path / "paired", arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == PAIRED
    assert list(loaded(some_documents())) == list(labeler(some_documents()))


@pytest.mark.parametrize(
    ("together", "message"),
    [
        (TagPairs("upos", "lemma", (("X", "1"),)), "Found the layer 'lemma'. Give two of ner, upos, xpos"),
        (TagPairs("ner", "xpos", (("A", "1"),)), "The layer 'ner' is not one of tags with a softmax head"),
        (TagPairs("xpos", "xpos", (("1", "1"),)), "Found one layer twice, or no pairs"),
        (TagPairs("upos", "xpos", ()), "Found one layer twice, or no pairs"),
        (TagPairs("upos", "xpos", (("X", "3"),)), r"Found the pair \('X', '3'\)"),
    ],
)
def test_pairs_of_other_layers_and_tags_are_refused(together, message):
    labeler = build(PAIRED)
    with pytest.raises(OptionError, match=message):
        labeler.set_pairs(together)
    assert labeler.config == PAIRED


def test_pairs_are_those_that_words_of_documents_have():
    both = Document.from_words(["a", "b", "c"], tags={"upos": Tags(("X", "VERB", None)), "xpos": Tags(("2", "1", "1"))})
    one = Document.from_words(["a"], tags={"upos": Tags(("NOUN",))})
    assert TagPairs.of([both, one, both], "upos", "xpos") == TagPairs("upos", "xpos", (("VERB", "1"), ("X", "2")))


def test_a_threshold_offset_is_that_of_one_layer_and_of_one_copy():
    labeler = build()
    other, layer = labeler.copy(), HEADS[1].tag_set.layer
    other.set_threshold_offset(layer, -1000.0)
    assert labeler.decisions == [Decision(head.temperature) for head in HEADS]
    assert other.decisions == [Decision(head.temperature, -1000.0 * (head is HEADS[1])) for head in HEADS]
    before, after = next(labeler(["the cat sat"])), next(other(["the cat sat"]))
    assert before.spans[layer].spans
    assert not after.spans[layer].spans
    assert before.tags == after.tags
    assert before.spans == {**after.spans, layer: before.spans[layer]}


CONFIGS = [
    CONFIG,
    dataclasses.replace(CONFIG, language="de", heads=HEADS[2:0:-1], dropout=0.4),
    dataclasses.replace(CONFIG, heads=tuple(default_head(TagSet(scheme, ("A",), scheme)) for scheme in Scheme)),
    dataclasses.replace(CONFIG, encoder=dataclasses.replace(ONE_WAY, pointer=PointerConfig(width=3, window=4))),
    *(
        dataclasses.replace(CONFIG, encoder=dataclasses.replace(encoder, recurrence=recurrence, layers=2, dropout=0.2))
        for recurrence in Recurrence
        for encoder in (ENCODER, ONE_WAY)
    ),
]


@pytest.mark.parametrize("config", CONFIGS)
@pytest.mark.parametrize("kind", [str, lambda path: path], ids=["text", "path"])
def test_a_labeler_comes_back_as_it_was(tmp_path, config, kind):
    labeler = build(config)
    labeler.save(kind(tmp_path / "some" / "where"))
    torch.manual_seed(9)
    found = Labeler.load(kind(tmp_path / "some" / "where"), arithmetic=Arithmetic.FLOAT32)
    assert found.config == config
    assert type(found.config.encoder.recurrence) is Recurrence
    assert {type(head.kind) for head in found.config.heads} == {HeadKind}
    assert found.tag_sets == [head.tag_set for head in config.heads]
    assert found.words.vocabulary == found.vocabulary == VOCABULARY
    assert not any(module.training for module in found.module.modules())
    texts = ["Don't the cat, sat?", "", *some_documents()]
    assert list(found(texts)) == list(labeler(texts))
    assert sorted(path.name for path in (tmp_path / "some" / "where").iterdir()) == FILES


def test_the_same_labeler_gives_the_same_files(tmp_path):
    build().save(tmp_path / "first")
    Labeler.load(tmp_path / "first").save(tmp_path / "second")
    for name in FILES:
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "second" / name).read_bytes()


def test_temperatures_that_were_set_come_back(tmp_path):
    labeler = build()
    labeler.set_temperatures([0.5, 1.5, 2.5, 3.5])
    labeler.save(tmp_path)
    found = Labeler.load(tmp_path, arithmetic=Arithmetic.FLOAT32)
    assert found.config == labeler.config
    assert list(found([LONG])) == list(labeler([LONG]))


@pytest.mark.parametrize("one_way", [False, True])
def test_compact_files_are_smaller_and_say_nearly_the_same(tmp_path, monkeypatch, one_way):
    if one_way:
        monkeypatch.setattr("seqlabel.training.checkpoints.TABLE_ROWS", len(VOCABULARY))
        config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ONE_WAY, embedding=128))
    else:
        config = dataclasses.replace(CONFIG, encoder=dataclasses.replace(ENCODER, buckets=4096))
    labeler = build(config, seed=3)
    labeler.save(tmp_path / "whole")
    labeler.save(tmp_path / "compact", compact=True)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("whole", "compact")]
    assert sizes[1] < 0.5 * sizes[0]
    found = Labeler.load(tmp_path / "compact")
    assert sorted(path.name for path in (tmp_path / "compact").iterdir()) == FILES
    expected = labeler.module.state_dict()
    for name, tensor in found.module.state_dict().items():
        assert tensor.dtype == torch.float32
        # At worst half a step of 1/127 of the largest number of the row.
        step = expected[name].abs().amax(dim=-1, keepdim=True) / 127
        assert ((tensor - expected[name]).abs() <= 0.51 * step).all()
    for one, other in zip(found([LONG]), labeler([LONG]), strict=True):
        assert layer_of(one).scores == pytest.approx(layer_of(other).scores, abs=0.05)
        assert one.spans.keys() == other.spans.keys()
    # The model itself is whole after it was saved.
    assert_same(labeler([LONG]), build(config, seed=3)([LONG]))


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    folder = tmp_path_factory.mktemp("original")
    build().save(folder)
    return folder


@pytest.fixture
def saved(original, tmp_path):
    """A folder of its own for each test to damage."""
    return shutil.copytree(original, tmp_path / "labeler")


def assert_refused(folder, path):
    with pytest.raises(CheckpointError) as error:
        Labeler.load(folder)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_folder_is_refused_by_name(tmp_path):
    assert_refused(tmp_path / "nowhere", tmp_path / "nowhere")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_refused_by_name(saved, name):
    (saved / name).unlink()
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("keep", [0, 1, 0.3, 0.7, -3])
def test_a_file_that_is_cut_off_is_refused_by_name(saved, name, keep):
    whole = (saved / name).read_bytes()
    (saved / name).write_bytes(whole[: keep if isinstance(keep, int) else int(keep * len(whole))])
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [b"\x80\x04pickle", b"[1, 2, 3]", b"{}", b"null"])
def test_a_file_that_is_something_else_is_refused_by_name(saved, name, content):
    (saved / name).write_bytes(content)
    assert_refused(saved, saved / name)


@pytest.mark.parametrize("size", [-1, 1])
def test_another_labelers_vocabulary_is_refused_by_name(saved, size):
    words = [*VOCABULARY, "more"] if size > 0 else list(VOCABULARY)[:-1]
    Vocabulary(words).save(saved / "vocabulary.json")
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    "change",
    [
        {"hidden": 7},
        {"hidden": "5"},
        {"width": 8},
        {"heads": 8},
        {"heads": None},
        {"heads": []},
        {"heads": [None]},
        {"dropout": 2.0},
        {"language": "no such language"},
        {"encoder": None},
        {"encoder": 5},
        {"encoder": {}},
    ],
    ids=str,
)
def test_a_config_with_a_bad_number_is_refused_by_name(saved, change):
    change_config(saved, change)
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    "change",
    [{"recurrence": "lstm"}, {"recurrence": "transformer"}, {"cutoffs": 4}, {"buckets": 1}],
    ids=str,
)
def test_an_encoder_with_a_bad_number_is_refused_by_name(saved, change):
    about = json.loads((saved / "config.json").read_text(encoding="utf-8"))
    change_config(saved, {"encoder": about["config"]["encoder"] | change})
    assert_refused(saved, saved)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "hmm"}, r"heads\.0\.kind: Input should be 'softmax' or 'crf'"),
        ({"kind": "crf"}, "class_weights or label_smoothing with a CRF"),
        ({"kind": "crf", "class_weights": None, "label_smoothing": 0.0}, "another model's weights"),
        ({"tag_set": None}, r"heads\.0\.tag_set: "),
        ({"tag_set": {"layer": "upos"}}, r"heads\.0\.tag_set\.labels: "),
        ({"tag_set": {"layer": "upos", "labels": list(LABELS), "scheme": "BIB"}}, r"heads\.0\.tag_set\.scheme: "),
        ({"tag_set": {"layer": "upos", "labels": [*LABELS[:2], ""]}}, "Found an empty label"),
        ({"tag_set": {"layer": "upos", "labels": [*LABELS[:2], 3]}}, r"heads\.0\.tag_set\.labels\.2: "),
        ({"tag_set": {"layer": "upos", "labels": list(LABELS[:2])}, "class_weights": None}, "another model's weights"),
        ({"tag_set": {"layer": "upos", "labels": [*LABELS, "Y"]}, "class_weights": None}, "another model's weights"),
        ({"tag_set": {"layer": "upos", "labels": ["X", "X", "Y"]}}, "Found 3 labels, 2 of them different"),
        ({"tag_set": {"layer": "ner", "labels": list(LABELS)}}, "heads: Found layers"),
        ({"class_weights": [1.0]}, "class_weights: Found 1 for 3 tags"),
        ({"class_weights": 2.0}, r"heads\.0\.class_weights: "),
        ({"class_weights": ["heavy"] * 3}, r"heads\.0\.class_weights\.0: "),
        ({"colour": "red"}, r"heads\.0\.colour: this seqlabel does not know the entry"),
        ({"temperature": 0.0}, r"heads\.0: .*temperature"),
        ({"temperature": "warm"}, r"heads\.0\.temperature: "),
        ({"threshold_offset": "warm"}, r"heads\.0\.threshold_offset: "),
        ({"recalls": [[0.9]]}, r"heads\.0\.recalls\.0\.1: "),
    ],
    ids=str,
)
def test_a_head_with_a_bad_number_is_refused_by_name(saved, change, message):
    heads = json.loads((saved / "config.json").read_text(encoding="utf-8"))["config"]["heads"]
    change_config(saved, {"heads": [heads[0] | change, *heads[1:]]})
    assert_refused(saved, saved)
    with pytest.raises(CheckpointError, match=message):
        Labeler.load(saved)


def test_another_kind_of_model_is_refused(saved):
    with pytest.raises(CheckpointError, match=r"Found 'labeler', expected 'classifier'\. .* with Labeler\.load"):
        Classifier.load(saved)
    sign(saved, kind="parser")
    with pytest.raises(CheckpointError, match="kind: Input should be"):
        Labeler.load(saved)


def test_a_labeler_is_shown_by_its_layers_and_size():
    shown = build()
    parameters = f"{sum(one.numel() for one in shown.module.parameters()):,}"
    assert repr(shown) == f"Labeler(layers: upos, ner, xpos, chunks; {parameters} parameters)"
    title, header, *rows = str(shown).splitlines()
    assert title == repr(shown)
    assert header.split() == ["layer", "head", "labels", "names"]
    assert [row.split(maxsplit=1)[0] for row in rows] == ["upos", "ner", "xpos", "chunks"]
    html = shown._repr_html_()
    assert html.count("<tr>") == 5
    assert parameters in html


@pytest.mark.parametrize("layer", ["upos", "ner", "xpos", "chunks"])
@pytest.mark.parametrize("seed", range(3))
def test_new_labels_change_nothing_before_they_are_trained(layer, seed):
    labeler = build(seed=seed)
    texts = [" ".join(random.Random(seed).choices(WORDS, k=30)) for _ in range(5)]
    extended = labeler.with_labels(["new", "newer"], layer=layer)
    for before, after in zip(labeler(texts), extended(texts), strict=True):
        assert {name: tags.labels for name, tags in before.tags.items()} == {
            name: tags.labels for name, tags in after.tags.items()
        }
        assert {name: spans.spans for name, spans in before.spans.items()} == {
            name: spans.spans for name, spans in after.spans.items()
        }
    heads = {head.tag_set.layer: head for head in extended.config.heads}
    assert heads[layer].tag_set.labels[-2:] == ("new", "newer")
    assert len(labeler.config.heads[0].tag_set.labels) == 3


def test_a_labeler_with_new_labels_is_saved_and_loaded(tmp_path):
    extended = build().with_labels(["C"], layer="ner")
    extended.save(tmp_path / "model")
    loaded = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    assert loaded.config == extended.config
    assert list(loaded(["the cat sat"])) == list(extended(["the cat sat"]))


@pytest.mark.parametrize(
    ("labels", "layer", "said"),
    [
        ("X", "upos", r"expected a list of labels, got 'X'. Pass \['X'\]\."),
        (["C"], None, "this labeler has several, upos, ner, xpos, chunks"),
        (["C"], "pos", "Found 'pos'. This labeler has upos"),
        (["C", "NOUN"], "upos", "the layer 'upos' has 'NOUN' already"),
        (["C", "C"], "ner", "4 labels, 3 of them different"),
        ([""], "ner", "Found an empty label"),
    ],
)
def test_labels_that_cannot_be_added_are_refused(labels, layer, said):
    with pytest.raises(OptionError, match=said):
        build().with_labels(labels, layer=layer)


def test_a_new_label_may_go_with_every_tag_of_a_layer_that_is_chosen_with_its_own():
    heads = (HeadConfig(UPOS), HeadConfig(TagSet("xpos", ("1", "2"))))
    pairs = TagPairs("upos", "xpos", (("NOUN", "1"), ("VERB", "2"), ("X", "1")))
    extended = build(dataclasses.replace(CONFIG, heads=heads, together=pairs)).with_labels(["NOUN"], layer="xpos")
    assert set(extended.config.together.pairs) == {*pairs.pairs, ("NOUN", "NOUN"), ("VERB", "NOUN"), ("X", "NOUN")}
    assert next(extended(["the cat"])).words == ["the", "cat"]
