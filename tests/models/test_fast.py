"""The fast way through a tagging model against the model itself: the same states, whatever is read beside a row."""

import dataclasses
import random
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

import numpy as np
import pytest
import torch

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models import fast
from seqlabel.models.arithmetic import Arithmetic
from seqlabel.models.configs import HeadConfig, HeadKind, LabelerConfig
from seqlabel.models.engine import EngineKind
from seqlabel.models.fast import PackedReader
from seqlabel.models.fine_tuning import fine_tune, tagging_options
from seqlabel.models.labeler import Labeler
from seqlabel.models.torch_engine import ModuleEngines
from seqlabel.models.word_gates import WordGates
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.nn.configs import LanguageModelConfig, Recurrence, WordModelConfig
from seqlabel.nn.embedders import HashedEmbedder
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision
from seqlabel.training.progress import Display
from tests.engines import own_layers

VOCABULARY = Vocabulary(["xxunk", *(f"word{number}" for number in range(20))])
WORDS = [*(f"word{number}" for number in range(40)), "naïve", "数", "B2B", "😀", ","]
SMALL = WordModelConfig(words=len(VOCABULARY), buckets=64, embedding=8, hidden=6, cutoffs=(4,))
WIDE = dataclasses.replace(SMALL, embedding=128, hidden=64)
HEADS = (
    HeadConfig(TagSet("pos", ("N", "V", "X"))),
    HeadConfig(TagSet("ner", ("A", "B"), Scheme.BIOES), HeadKind.CRF, temperature=1.5),
)
# Widths that fill the registers of a processor, and such as do not.
SIZES = {"wide": (WIDE, 64), "narrow": (SMALL, 5)}
every_size = pytest.mark.parametrize("size", SIZES)


def build(size="narrow", *, seed=0, **changes):
    """A labeler whose weights are large enough that words far away are felt."""
    config, hidden = SIZES[size]
    torch.manual_seed(seed)
    labeler = Labeler(
        LabelerConfig(dataclasses.replace(config, **changes), HEADS, hidden=hidden),
        VOCABULARY,
        arithmetic=Arithmetic.FLOAT32,
    )
    scale = 0.4 if size == "narrow" else 0.1
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.add_(scale * torch.randn_like(parameter))
    labeler.module.eval()
    return labeler


def some_rows(count=60, *, seed=0, longest=30):
    chance = random.Random(seed)
    return [chance.choices(WORDS, k=chance.randint(1, longest)) for _ in range(count)]


def reader_of(labeler, arithmetic=Arithmetic.FLOAT32, steps="torch"):
    """What gives the states of rows: the compiled steps, which are in integers, or torch's."""
    if steps == "compiled" and arithmetic is Arithmetic.INT8:
        engine = ModuleEngines(labeler.module, labeler.words).engine(arithmetic)
        assert engine.kind is EngineKind.COMPILED
        return lambda rows: torch.from_numpy(engine.states(rows, str))
    reader = PackedReader.of(labeler.module, labeler.words, arithmetic)
    assert reader is not None
    return reader


@torch.no_grad()
def padded_states(labeler, rows):
    """What the module itself gives the words of all rows, row after row."""
    lengths = torch.tensor([len(row) for row in rows])
    hidden = labeler.module.hidden(labeler.words(rows), lengths)
    return torch.cat([states[:length] for states, length in zip(hidden, lengths.tolist(), strict=True)])


def split(states, rows):
    return states.split([len(row) for row in rows])


@every_size
@pytest.mark.parametrize("rows", [[["word1"]], [["数", "word1", "数"]], some_rows(), some_rows(700, longest=3)])
def test_states_are_those_of_the_model(size, rows):
    labeler = build(size)
    found = reader_of(labeler)(rows)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, padded_states(labeler, rows), rtol=0, atol=1e-5)


@pytest.fixture(params=["compiled", "torch"])
def steps(request):
    """Take the compiled steps, where they are there, and torch's."""
    if request.param == "compiled" and LEVEL is Level.MISSING:
        pytest.skip("the extension was not compiled here")
    return request.param


@every_size
def test_integers_give_nearly_the_same_states(size, steps):
    labeler, rows = build(size), some_rows()
    found, expected = reader_of(labeler, Arithmetic.INT8, steps)(rows), padded_states(labeler, rows)
    assert found.dtype == torch.float32
    # A state is exact to 1 in 254, as is each weight beside the largest of its row.
    assert float((found - expected).abs().max()) < 0.15
    assert float((found - expected).square().mean().sqrt()) < 0.02
    assert not torch.equal(found, expected)


@every_size
def test_integers_are_multiplied_exactly_also_without_instructions(size, monkeypatch):
    labeler, rows = build(size), some_rows()
    expected = reader_of(labeler, Arithmetic.INT8)(rows)
    monkeypatch.setattr(fast, "multiplies_integers", lambda: False)
    found = reader_of(labeler, Arithmetic.INT8)
    assert torch.equal(found(rows), expected)
    assert found._first._inner.weights.dtype == torch.float32


@pytest.mark.skipif(LEVEL is Level.MISSING, reason="the extension was not compiled here")
@every_size
def test_compiled_steps_give_the_states_of_torchs(size):
    labeler, rows = build(size), some_rows()
    compiled, plain = reader_of(labeler, Arithmetic.INT8, "compiled"), reader_of(labeler, Arithmetic.INT8)
    apart = (compiled(rows) - plain(rows)).abs()
    # The same sums of integers; a state that lies between two of them may be rounded to either.
    assert float(apart.median()) < 1e-6
    assert float(apart.max()) < 0.1


def batches_of(rows, *, size, seed):
    """The numbers of the rows in random batches; in each, a row also comes twice."""
    order = random.Random(seed).sample(range(len(rows)), len(rows))
    for start in range(0, len(rows), size):
        some = order[start : start + size]
        yield some if size == 1 else [*some, some[0]]


@every_size
@pytest.mark.parametrize("arithmetic", [Arithmetic.FLOAT32, Arithmetic.INT8])
@pytest.mark.parametrize("known", [True, False], ids=["words known", "words new"])
def test_a_rows_states_do_not_depend_by_a_bit_on_what_is_read_beside_it(size, arithmetic, known, steps):
    """Whether the words were met before, in another batch, or are met in this one."""
    labeler, rows = build(size), [["word1"], ["😀"], *some_rows()]
    reader = reader_of(labeler, arithmetic, steps)
    expected = split(reader(rows), rows)
    differing = []
    for count in (1, 2, 3, 5, 8, 17, 33, len(rows)):
        for batch in batches_of(rows, size=count, seed=count):
            some = [rows[number] for number in batch]
            found = split((reader if known else reader_of(labeler, arithmetic, steps))(some), some)
            differing += [
                (count, number)
                for number, states in zip(batch, found, strict=True)
                if not torch.equal(states, expected[number])
            ]
    assert differing == []


def test_a_rows_states_depend_on_the_row():
    reader = reader_of(build())
    one, other, same = reader([["word1", "word2"]]), reader([["word2", "word1"]]), reader([["word1", "word2"]])
    assert torch.equal(one, same)
    assert not torch.allclose(one, other, atol=1e-3)


@pytest.mark.parametrize(
    "change",
    [
        {"recurrence": Recurrence.LSTM},
        {"recurrence": Recurrence.RNN},
        {"layers": 2},
        {"layers": 2, "dropout": 0.1},
    ],
    ids=str,
)
def test_a_model_of_another_kind_has_no_fast_way(change):
    labeler = build(**change)
    assert PackedReader.of(labeler.module, labeler.words, Arithmetic.FLOAT32) is None
    assert [len(document.tags["pos"].labels) for document in labeler([Document.from_words(WORDS)])] == [len(WORDS)]


def test_a_model_over_a_table_of_words_or_on_another_device_has_no_fast_way():
    one_way = LanguageModelConfig(vocabulary=len(VOCABULARY), embedding=8, hidden=6, tied=False)
    labeler = Labeler(LabelerConfig(one_way, HEADS, hidden=5), VOCABULARY)
    assert PackedReader.of(labeler.module, labeler.words, Arithmetic.FLOAT32) is None
    labeler = build()
    labeler.module.to("meta")
    assert PackedReader.of(labeler.module, labeler.words, Arithmetic.FLOAT32) is None


def test_an_encoder_with_dropout_is_read_without():
    labeler, rows = build(dropout=0.5), some_rows()
    torch.testing.assert_close(reader_of(labeler)(rows), padded_states(labeler, rows), rtol=0, atol=1e-5)


def test_the_arithmetic_is_that_asked_for_or_that_of_the_processor(monkeypatch):
    assert Arithmetic.FLOAT32.chosen() is Arithmetic.FLOAT32
    assert Arithmetic.INT8.chosen() is Arithmetic.INT8
    for fits, level in ((True, Level.MISSING), (False, Level.VNNI), (False, Level.PORTABLE), (False, Level.MISSING)):
        monkeypatch.setattr("seqlabel.nn.integers.multiplies_integers", lambda fits=fits: fits)
        monkeypatch.setattr("seqlabel.models.arithmetic.LEVEL", level)
        fits = fits or level is not Level.MISSING
        assert Arithmetic.AUTO.chosen() is (Arithmetic.INT8 if fits else Arithmetic.FLOAT32)


def labels_of(documents):
    return [(document.tags["pos"].labels, document.spans["ner"].spans) for document in documents]


def scores_of(documents):
    return [*chain.from_iterable(document.tags["pos"].scores + document.spans["ner"].scores for document in documents)]


@every_size
def test_a_labeler_says_the_same_with_and_without_it(size):
    labeler = build(size)
    documents = [Document.from_words(words) for words in [*some_rows(), [], ["word1"], some_rows(1, longest=900)[0]]]
    assert labeler.inference.engine.reader is not None
    found = list(labeler(documents, window=50, context=7))
    labeler.inference = own_layers(labeler)
    expected = list(labeler(documents, window=50, context=7))
    assert labels_of(found) == labels_of(expected)
    assert scores_of(found) == pytest.approx(scores_of(expected), abs=1e-4)
    assert len({label for labels, _ in labels_of(found) for label in labels}) > 1


def test_the_labeler_keeps_its_engine_until_the_weights_change():
    labeler = build()
    engine = labeler.inference.engine
    list(labeler(["word1 word2"]))
    labeler.set_temperatures([2.0, 2.0])
    assert labeler.inference.engine is engine
    with torch.no_grad():
        labeler.module.encoder.embedder.buckets.weight[0] += 1
    assert labeler.inference.engine is not engine


def train_one_step(labeler):
    labeler.module.train()
    rows = some_rows(5, seed=3)
    lengths = torch.tensor([len(row) for row in rows])
    gold = [torch.zeros(len(rows), int(lengths.max()), dtype=torch.int64) for _ in HEADS]
    labeler.module(labeler.words(rows), lengths, gold).sum().backward()
    torch.optim.SGD(labeler.module.parameters(), lr=0.01).step()


def load_other_weights(labeler):
    labeler.module.load_state_dict(build(seed=1).module.state_dict())


def tune(labeler):
    documents = [Document.from_words(row, tags={"pos": Tags(("N",) * len(row))}) for row in some_rows(20, seed=4)]
    options = dataclasses.replace(tagging_options(1, device="cpu"), precision=Precision.FLOAT32)
    fine_tune(labeler, documents, documents[:3], options=options, display=Display.SILENT)


@pytest.mark.parametrize("change", [train_one_step, load_other_weights, tune])
def test_a_labeler_reads_with_the_weights_that_it_has_now(change):
    labeler, rows = build(), some_rows()
    before = list(labeler(map(Document.from_words, rows)))
    change(labeler)
    found = list(labeler(map(Document.from_words, rows)))
    states = labeler.inference.engine.reader(rows)
    torch.testing.assert_close(states, padded_states(labeler, rows), rtol=0, atol=1e-5)
    copied = build()
    copied.module.load_state_dict(labeler.module.state_dict())
    assert labels_of(found) == labels_of(copied(map(Document.from_words, rows)))
    assert scores_of(found) != scores_of(before)


def test_a_labeler_that_was_built_in_inference_mode_labels_as_another():
    with torch.inference_mode():
        torch.manual_seed(0)
        labeler = Labeler(LabelerConfig(SMALL, HEADS, hidden=5), VOCABULARY, arithmetic=Arithmetic.FLOAT32)
        labeler.module.load_state_dict(build().module.state_dict())
        inside = list(labeler(["word1 word2 数"]))
    assert labels_of(labeler(["word1 word2 数"])) == labels_of(inside) == labels_of(build()(["word1 word2 数"]))


def some_gates(capacity=1 << 16):
    """A labeler, and tables of at most so many words."""
    labeler = build()
    # Three gates, two ways, two layers.
    size = capacity * 3 * 2 * (6 + 5) * 4
    return labeler, WordGates(reader_of(labeler).words._compute, (6, 5), np.float32, size=size)


def expected_gates(labeler, words):
    """What the model's own matrices and biases make of the vectors of words, for both ways of each layer."""
    inputs = labeler.words([words])
    vectors = labeler.module.encoder.embedder.distinct(inputs)[inputs.positions[0]]
    for layer in (labeler.module.encoder, labeler.module.second):
        both = []
        for way in (layer.forward_encoder, layer.backward_encoder):
            gru = way.stacks[0]
            width = gru.hidden_size
            gates = vectors @ gru.weight_ih_l0[:, -vectors.shape[1] :].T + gru.bias_ih_l0
            gates[:, : 2 * width] += gru.bias_hh_l0[: 2 * width]
            gates[:, 2 * width :] *= 2  # for the sigmoid that stands for a tanh
            both.append(gates)
        yield torch.stack(both, dim=1)


def assert_right(labeler, gates, words):
    tables, rows = gates.look_up(words)
    assert rows.shape == (len(words),)
    for table, expected in zip(tables, expected_gates(labeler, words), strict=True):
        assert table.dtype == np.float32
        np.testing.assert_allclose(table[rows], expected.numpy(), rtol=0, atol=1e-5)


@torch.inference_mode()
def test_each_word_has_the_gates_of_its_vector_and_is_computed_once(monkeypatch):
    labeler, gates = some_gates()
    seen, distinct = [], HashedEmbedder.distinct

    def counting(self, inputs):
        seen.append(int((inputs.offsets < len(inputs.features)).sum()))  # padding has no features
        return distinct(self, inputs)

    words = ["word1", "数", "word1", "naïve"]
    assert_right(labeler, gates, words)
    monkeypatch.setattr(HashedEmbedder, "distinct", counting)
    gates.look_up([*words, "word2", "word2"])
    gates.look_up(words)
    assert seen == [1]


@torch.inference_mode()
@pytest.mark.parametrize("count", [1, 4095, 4096, 4097, 9000])
def test_many_words_at_once_have_their_own_vectors(count):
    assert_right(*some_gates(), [f"form{number}" for number in range(count)])


@torch.inference_mode()
def test_a_full_table_is_begun_anew_and_stays_right_and_small():
    labeler, gates = some_gates(capacity=50)
    chance = random.Random(0)
    (first, *_), rows = gates.look_up(["word1"])
    kept, begun = first[rows].copy(), 0
    for _ in range(200):
        before = gates._places
        assert_right(labeler, gates, [f"form{chance.randrange(500)}" for _ in range(chance.randint(1, 50))])
        begun += gates._places is not before
        assert len(gates._places) <= 50
        assert len(gates._tables[0]) <= 1024
    assert begun > 10
    # What was handed out stays as it was.
    np.testing.assert_array_equal(first[rows], kept)


@torch.inference_mode()
def test_a_table_grows_with_its_words_but_not_beyond():
    labeler, gates = some_gates(capacity=3000)
    for start in range(0, 20_000, 700):
        assert_right(labeler, gates, [f"form{number}" for number in range(start, start + 700)])
        assert len(gates._places) <= 3000
        assert len(gates._tables[0]) <= 2 * 3000


@torch.inference_mode()
def test_one_text_with_more_words_than_the_table_holds_is_right_too():
    labeler, gates = some_gates(capacity=10)
    for words in (["word1"], [f"form{number}" for number in range(3000)], ["word1", "数"], WORDS):
        assert_right(labeler, gates, words)
    gates.look_up(["another"])
    assert len(gates._places) <= 10


def test_eight_threads_share_a_table_that_is_begun_anew_again_and_again():
    labeler, gates = some_gates(capacity=60)

    @torch.inference_mode()
    def work(seed):
        chance = random.Random(seed)
        for _ in range(60):
            assert_right(labeler, gates, [f"form{chance.randrange(200)}" for _ in range(20)])
        return True

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(8)))


def test_eight_threads_of_a_reader_give_what_one_does():
    labeler, rows = build(), some_rows()
    expected = reader_of(labeler)(rows)
    reader = reader_of(labeler)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: reader(rows), range(32)):
            torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("number", [0, 1], ids=["softmax", "crf"])
@torch.inference_mode()
def test_tags_of_rows_are_those_of_padded_rows(number):
    labeler, rows = build(), some_rows()
    head, decision = labeler.module.heads[number], labeler.decisions[number]
    states = reader_of(labeler)(rows)
    sizes = [len(row) for row in rows]
    best, sure = labeler.inference.engine.tags(number, states, sizes, decision)
    padded = torch.nn.utils.rnn.pad_sequence(split(states, rows), batch_first=True)
    scores = head.decode(padded, torch.tensor(sizes), decision)
    borders = np.cumsum(sizes)[:-1]
    found = zip(np.split(best, borders), np.split(sure, borders), strict=True)
    for row, (tags, chances) in enumerate(found):
        wanted = scores.tags[row, : sizes[row]]
        assert tags.tolist() == wanted.tolist()
        expected = scores.probabilities[row, : sizes[row]].gather(1, wanted[:, None])[:, 0]
        assert chances.tolist() == pytest.approx(expected.tolist(), abs=1e-5)
