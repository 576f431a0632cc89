"""The one path to tags: keys or words, any groups, weights as they are now, copies, evaluation
mode.
"""

import copy
import itertools
import pickle
import random
import re

import numpy as np
import pytest
import torch

from seqlabel.batches.windows import CONTEXT, WINDOW, RowEnd
from seqlabel.documents.document import paragraph_starts
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.inference import Inference, Paragraphs
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.tagging.torch_engine import use_evaluation_mode, weight_versions
from seqlabel.native.compiled import FAST
from seqlabel.nn.heads.crf import CRF
from seqlabel.nn.heads.head import Rows
from tests.engines import own_layers, weights_of
from tests.spacy_models import WORDS, tiny_labeler

TEXTS = [["the", "cat"], [], WORDS * 3, ["Oslo"], ["a", "dog", "sat"] * 40]


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


def assert_same(found, expected, *, texts=TEXTS):
    assert len(found) == len(expected)
    for layer, wanted in zip(found, expected, strict=True):
        for text, one, other in zip(texts, layer, wanted, strict=True):
            assert len(text) == len(one.ids) == len(one.scores)
            assert one.ids.tolist() == other.ids.tolist()
            np.testing.assert_allclose(one.scores, other.scores, atol=1e-5)


def test_keys_are_spelled_where_they_are_met_and_give_what_words_give(labeler):
    words = sorted({word for text in TEXTS for word in text})
    spelled = []

    def spell(key):
        spelled.append(key)
        return words[key - 100]

    keys = [[100 + words.index(word) for word in text] for text in TEXTS]
    inference = Inference(weights_of(labeler))
    assert_same(
        inference.tags(keys, labeler.decisions, spell=spell),
        inference.tags(TEXTS, labeler.decisions),
    )
    assert sorted(spelled) == [100 + number for number in range(len(words))], "each once"
    inference.tags(keys, labeler.decisions, spell=spell)
    assert len(spelled) == len(words)
    for states, wanted in zip(
        inference.states(keys, spell=spell), inference.states(TEXTS), strict=True
    ):
        np.testing.assert_allclose(states, wanted)


def test_the_probabilities_of_all_tags_have_that_of_each_chosen_one(labeler):
    decisions = labeler.decisions
    for arithmetic in (Arithmetic.FLOAT32, Arithmetic.INT8):
        inference = Inference(weights_of(labeler), arithmetic=arithmetic)
        found = inference.tags(TEXTS, decisions)
        for head, tag_set in enumerate(labeler.tag_sets):
            rows = inference.probabilities(TEXTS, head, decisions[head], len(tag_set.tags))
            for text, likely, tags in zip(TEXTS, rows, found[head], strict=True):
                assert likely.shape == (len(text), len(tag_set.tags))
                np.testing.assert_allclose(likely.sum(axis=1), 1, atol=1e-4)
                np.testing.assert_allclose(
                    likely[np.arange(len(text)), tags.ids], tags.scores, atol=1e-4
                )


@pytest.mark.parametrize(
    "options", [{"batch_words": 1}, {"batch_words": 7}, {"heads": [2, 0]}, {"heads": []}]
)
def test_tags_depend_neither_on_groups_nor_on_which_heads_are_asked(labeler, options):
    every = labeler.inference.tags(TEXTS, labeler.decisions)
    heads = options.get("heads", range(len(every)))
    assert_same(
        labeler.inference.tags(TEXTS, labeler.decisions, **options),
        [every[number] for number in heads],
    )


def test_without_the_fast_way_the_models_own_layers_read_the_same(labeler):
    inference = Inference(weights_of(labeler), arithmetic=Arithmetic.FLOAT32)
    expected, states = inference.tags(TEXTS, labeler.decisions), inference.states(TEXTS)
    assert inference.engine.reader is not None
    own = own_layers(labeler)
    assert_same(own.tags(TEXTS, labeler.decisions), expected)
    for one, other in zip(own.states(TEXTS), states, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5, rtol=0)


@torch.no_grad()
def test_long_texts_are_read_in_windows_with_context(labeler):
    text = (WORDS * 200)[: WINDOW + 300]
    inference = Inference(weights_of(labeler), arithmetic=Arithmetic.FLOAT32)
    (states,) = inference.states([text])
    parts = [text[: WINDOW + CONTEXT], text[WINDOW - CONTEXT :]]
    first, second = (
        labeler.module.hidden(labeler.words([part]), torch.tensor([len(part)]))[0] for part in parts
    )
    np.testing.assert_allclose(
        states, torch.cat([first[:WINDOW], second[CONTEXT:]]), atol=1e-5, rtol=0
    )


def test_the_arithmetic_can_be_changed_and_is_shared_where_it_is_the_same():
    inference = tiny_labeler().inference
    assert inference.with_arithmetic(inference.arithmetic) is inference
    other = inference.with_arithmetic(Arithmetic.FLOAT32)
    assert (other.weights, other.arithmetic) == (inference.weights, Arithmetic.FLOAT32)
    inference.arithmetic = Arithmetic.FLOAT32
    floats = inference.engine
    assert (inference.engine, inference.kind) == (floats, EngineKind.TORCH)
    inference.arithmetic = Arithmetic.INT8
    integers = inference.engine
    assert integers is not floats
    assert inference.kind is (EngineKind.COMPILED if FAST else EngineKind.TORCH)


def test_the_engine_is_kept_until_a_weight_changes():
    labeler = tiny_labeler()
    inference = Inference(weights_of(labeler), arithmetic=Arithmetic.FLOAT32)
    engine = inference.engine
    assert inference.engine is engine
    before = weight_versions(labeler.module)
    with torch.no_grad():
        next(labeler.module.parameters()).add_(1)
    assert weight_versions(labeler.module) != before
    assert inference.engine is not engine
    with torch.inference_mode():
        assert weight_versions(torch.nn.Linear(1, 1, bias=False))[0][1] == 0


def test_copies_and_pickles_after_use_say_the_same(labeler):
    labeler.inference.tags(TEXTS, labeler.decisions)
    for other in (copy.deepcopy(labeler.inference), pickle.loads(pickle.dumps(labeler.inference))):
        assert other.weights._known is None
        assert other.weights.module is not labeler.module
        assert_same(
            other.tags(TEXTS, labeler.decisions), labeler.inference.tags(TEXTS, labeler.decisions)
        )
    other = copy.deepcopy(labeler)
    assert other.inference.weights.module is other.module is not labeler.module


def test_evaluation_mode_reaches_all_parts_before_the_whole():
    model, order = (
        torch.nn.Sequential(torch.nn.Dropout(), torch.nn.Sequential(torch.nn.Dropout())),
        [],
    )

    class Watched(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = model

        def train(self, mode=True):
            order.append(all(part.training is mode for part in self.inner.modules()))
            return super().train(mode)

    whole = Watched()
    use_evaluation_mode(whole)
    assert order == [True]
    assert not any(part.training for part in whole.modules())
    use_evaluation_mode(whole)
    assert order == [True], "once is enough"


def texts_with_paragraphs(seed, count=12):
    """Documents whose words are apart by spaces, line feeds and blank lines."""
    chance = random.Random(seed)
    gaps = [" ", " ", " ", "\n", "\n\n"]
    return [
        "".join(
            chance.choice(WORDS) + chance.choice(gaps) for _ in range(chance.randint(0, 40))
        ).strip()
        for _ in range(count)
    ]


def paragraph_labelers():
    """A labeler for each scheme, which are chosen by words, as rows, and with an offset."""
    for number, scheme in enumerate(Scheme):
        tag_sets = [TagSet(name, ("A", "B"), scheme) for name in ("softmax", "crf", "offset")]
        heads = [HeadConfig(tag_sets[0]), HeadConfig(tag_sets[1], CRF())]
        heads.append(HeadConfig(tag_sets[2], CRF(), threshold_offset=1.0))
        yield tiny_labeler(tuple(heads), seed=number)


def test_no_span_crosses_a_blank_line_whatever_the_head_and_the_scheme():
    texts = texts_with_paragraphs(0)
    across = 0
    for labeler in paragraph_labelers():
        in_one_row = labeler([text.replace("\n", " ") for text in texts])
        for rows in RowEnd:
            labeler.set_rows(rows)
            for document, flat in zip(labeler(texts), in_one_row, strict=True):
                starts = paragraph_starts(document.text, document.offsets)
                for layer, spans in document.spans.items():
                    assert not crossing(spans.spans, starts), (layer, rows)
                    across += len(crossing(flat.spans[layer].spans, starts))
    assert across > 20, "spans of one row would cross"


def crossing(spans, starts):
    return [span for span in spans if any(span.start < start < span.end for start in starts)]


def test_a_crf_chooses_in_paragraphs_as_if_each_were_a_row_of_these_states(labeler):
    """The states are those of the whole text, the sequences those of each paragraph by itself."""
    (text,) = texts_with_paragraphs(3, count=1)
    document = labeler.tokenize(text)
    starts = paragraph_starts(document.text, document.offsets)
    engine = labeler.inference.engine
    states = engine.states([document.words], str)
    (found,) = labeler.inference.tags(
        [document.words], labeler.decisions, heads=[1], paragraphs=Paragraphs([starts])
    )
    borders = [0, *starts, len(document)]
    assert len(borders) > 3
    for start, end in itertools.pairwise(borders):
        expected = engine.tags(1, states[start:end], Rows([end - start]), labeler.decisions[1])
        assert found[0].ids[start:end].tolist() == expected.ids.tolist()
        np.testing.assert_allclose(found[0].scores[start:end], expected.scores, atol=1e-5)


@pytest.mark.parametrize("arithmetic", [Arithmetic.FLOAT32, Arithmetic.INT8])
def test_rows_that_end_at_paragraphs_are_read_as_texts_of_their_own(arithmetic):
    labeler = tiny_labeler()
    labeler.set_rows("paragraph")
    labeler.inference = labeler.inference.with_arithmetic(arithmetic)
    texts = texts_with_paragraphs(1)
    for text, document in zip(texts, labeler(texts), strict=True):
        parts = labeler([part for part in re.split(r"\n\n+", text) if part.strip()])
        for layer in ("upos", "form"):
            assert document.tags[layer].labels == tuple(
                tag for part in parts for tag in part.tags[layer].labels
            )
        for layer in ("ner", "chunks"):
            found = [
                document.text[slice(*document.characters(span))]
                for span in document.spans[layer].spans
            ]
            expected = [
                part.text[slice(*part.characters(span))]
                for part in parts
                for span in part.spans[layer].spans
            ]
            assert found == expected
        likely = np.concatenate([np.zeros((0, 9)), *labeler.probabilities(parts, "ner")])
        np.testing.assert_allclose(labeler.probabilities([document], "ner")[0], likely, atol=1e-5)


def test_what_ends_a_row_is_a_closed_choice_and_is_saved(labeler, tmp_path):
    other = labeler.copy()
    with pytest.raises(OptionError, match="rows"):
        other.set_rows("page")
    other.set_rows("paragraph")
    other.save(tmp_path / "saved")
    assert Labeler.load(tmp_path / "saved").config.rows is RowEnd.PARAGRAPH
    assert labeler.config.rows is RowEnd.TEXT
