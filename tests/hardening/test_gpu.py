"""Every path of tensors on a pretended device, and on CUDA where there is one, beside the numbers
of the CPU.

On a GPU products are rounded otherwise: numbers agree to `CLOSE`.
"""

import copy
import dataclasses
import runpy
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import torch

from seqlabel.batches import language
from seqlabel.batches.language import LanguageModelStream
from seqlabel.batches.two_ways import FeaturedWords, TwoWayBatch, TwoWayStream
from seqlabel.documents.document import Document
from seqlabel.io.files import read_json
from seqlabel.lesson.ladder import LADDER
from seqlabel.models import adapting, fine_tuning, pretraining, teaching
from seqlabel.models.fine_tuning import document_options, fine_tune
from seqlabel.models.generation import generate
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.pretraining import PretrainingOptions, pretrain
from seqlabel.models.stream import StreamLabeler
from seqlabel.models.tagging import torch_engine
from seqlabel.models.tagging.engine import Arithmetic
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.teaching import teach
from seqlabel.native.hashing import hash_words
from seqlabel.nn import moving, streams
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig, Recurrence
from seqlabel.nn.networks import build_language_model
from seqlabel.nn.states import detach_state
from seqlabel.text.corpora import TokenArray
from seqlabel.text.hashing import WordHasher
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training import batch_sizes, devices
from seqlabel.training.devices import multiplies_float16
from seqlabel.training.loop import Precision, TrainingOptions, evaluate, fit
from seqlabel.training.objectives import both_ways, next_word
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests import document_labelers
from tests.hardening import pretended
from tests.heads import decode
from tests.models import test_adapting, test_fine_tuning, test_generation, test_pretraining
from tests.spacy_models import WORDS, tiny_labeler
from tests.training.test_loop import TRAIN, VALID, saving, tokens
from tests.training.test_loop import WORDS as VOCABULARY

ROOT = Path(__file__).parents[2]
CUDA = torch.cuda.is_available()
CLOSE = {"rtol": 1e-3, "atol": 1e-4}
needs_cuda = pytest.mark.skipif(not CUDA, reason="needs a GPU")
DEVICES = [
    pytest.param(
        pretended.NAME,
        marks=pytest.mark.skipif(
            not pretended.AVAILABLE, reason="needs a torch with devices in Python"
        ),
    ),
    pytest.param("cuda", marks=needs_cuda),
]
pretended_only = pytest.mark.parametrize("device", DEVICES[:1], indirect=True)
SENT = "copy_"
"""The name under which tensors that are sent to the device are counted."""

PLAIN = LanguageModelConfig(vocabulary=VOCABULARY, embedding=8, hidden=8, layers=2)
POINTER = dataclasses.replace(PLAIN, pointer=PointerConfig(width=4, window=6))
OPTIONS = TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.03), max_grad_norm=1.0)


@pytest.fixture(params=DEVICES)
def device(request, monkeypatch):
    """The name of a device; a training goes there."""
    if request.param != pretended.NAME:
        yield request.param
        return
    monkeypatch.setattr(devices, "available_devices", lambda: [pretended.NAME, "cpu"])
    monkeypatch.setattr(streams, "STREAMED", {pretended.NAME})
    with pretended.pretending():
        yield request.param


def fitted(model, train, valid=None, *, options, **more):
    return fit(model, train, valid, options=options, display=Display.SILENT, **more)


def train(device, config=PLAIN, precision=Precision.FLOAT32, epochs=1):
    torch.manual_seed(0)
    model = build_language_model(config)
    options = dataclasses.replace(OPTIONS, device=device, precision=precision, epochs=epochs)
    return list(fitted(model, TRAIN, VALID, options=options)), model


HALF = {Precision.BFLOAT16: torch.bfloat16, Precision.FLOAT16: torch.float16}
each_precision = pytest.mark.parametrize("precision", [Precision.FLOAT32, *HALF])
each_config = pytest.mark.parametrize("config", [PLAIN, POINTER], ids=["plain", "pointer"])


@each_precision
@each_config
def test_a_language_model_learns_what_it_learns_in_32_bits_on_the_cpu(device, config, precision):
    (found, model), (expected, _) = train(device, config, precision), train("cpu", config)
    rel = 1e-2 if precision is Precision.FLOAT32 else 2e-2
    for one, other in zip(found, expected, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=rel)
        assert one.valid_loss == pytest.approx(other.valid_loss, rel=rel)
    assert {parameter.device.type for parameter in model.parameters()} == {device}
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def tensors_of(state):
    """The tensors of a carried state; an LSTM's are pairs."""
    return (
        [state]
        if isinstance(state, torch.Tensor)
        else [one for part in state for one in tensors_of(part)]
    )


@pytest.mark.parametrize("recurrence", Recurrence)
def test_a_recurrence_reads_and_learns_as_on_the_cpu(device, recurrence):
    torch.manual_seed(0)
    here = RecurrentEncoder(6, 8, layers=2, recurrence=recurrence)
    there = copy.deepcopy(here).to(device)
    vectors, state = torch.randn(3, 7, 6), None
    for piece in vectors.split(4, dim=1):
        hidden, state = here(piece, state)
    on_device, carried = there(vectors.to(device))
    torch.testing.assert_close(on_device[:, 4:].cpu(), hidden, **CLOSE)
    for one, other in zip(tensors_of(carried), tensors_of(state), strict=True):
        torch.testing.assert_close(one.cpu(), other, **CLOSE)
    hidden.square().sum().backward()
    on_device[:, 4:].square().sum().backward()
    for (name, one), (_, other) in zip(
        there.named_parameters(), here.named_parameters(), strict=True
    ):
        torch.testing.assert_close(
            one.grad.cpu(), other.grad, **CLOSE, msg=lambda said, name=name: f"{name}: {said}"
        )


def tuned(device, precision=Precision.FLOAT32):
    """A labeler with a softmax head and a CRF after an epoch, and its reports."""
    labeler = test_fine_tuning.fresh_labeler()
    options = dataclasses.replace(
        test_fine_tuning.OPTIONS, epochs=1, device=device, precision=precision
    )
    train, dev = test_fine_tuning.some_documents(20, "after", "person"), test_fine_tuning.DEV[:10]
    return labeler, test_fine_tuning.tune(labeler, train, dev, options=options)


def layers_of(documents):
    return [layer for one in documents for layer in (*one.tags.values(), *one.spans.values())]


def assert_same_labels(found, expected, tolerance=1e-3):
    found, expected = layers_of(found), layers_of(expected)
    bare = [
        [dataclasses.replace(layer, scores=()) for layer in layers] for layers in (found, expected)
    ]
    assert bare[0] == bare[1]
    for one, other in zip(found, expected, strict=True):
        assert one.scores == pytest.approx(other.scores, abs=tolerance)


@each_precision
def test_a_labeler_learns_what_it_learns_in_32_bits_on_the_cpu(device, precision):
    for one, other in zip(tuned(device, precision)[1], tuned("cpu")[1], strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=2e-2)


def test_a_labeler_that_learnt_there_labels_as_on_the_cpu(device):
    labeler, _ = tuned(device)
    there = list(labeler(test_fine_tuning.DEV))
    labeler.module.to("cpu")
    assert_same_labels(there, labeler(test_fine_tuning.DEV))


@pytest.mark.parametrize("arithmetic", [Arithmetic.AUTO, Arithmetic.FLOAT32])
def test_a_labeler_is_loaded_onto_a_device_and_labels_as_on_the_cpu(
    device, arithmetic, tmp_path, monkeypatch
):
    monkeypatch.setattr(torch_engine, "multiplies_float16", lambda place: place.type != "cpu")
    tuned("cpu")[0].save(tmp_path / "model")
    texts = test_fine_tuning.DEV
    exact = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    labeler = Labeler.load(tmp_path / "model", arithmetic=arithmetic, device=device)
    found, expected = (list(one.pipe(iter(texts))) for one in (labeler, exact))
    assert_same_labels(
        found, expected, tolerance=1e-3 if arithmetic is Arithmetic.FLOAT32 else 2e-2
    )
    scores, exact_scores = (
        [score for layer in layers_of(one) for score in layer.scores] for one in (found, expected)
    )
    is_rounded = (
        max(abs(one - other) for one, other in zip(scores, exact_scores, strict=True)) > 1e-4
    )
    assert is_rounded == (arithmetic is Arithmetic.AUTO)
    assert {one.dtype for one in labeler.module.parameters()} == {torch.float32}
    engine = labeler.inference.engine
    assert engine.batch_words > exact.inference.engine.batch_words
    assert labeler.to("cpu").inference.engine.batch_words == exact.inference.engine.batch_words


def test_a_thread_labels_on_a_device_while_the_caller_works(device):
    labeler = tiny_labeler()
    labeler.module.to(device)
    threads, label = set(), labeler._label

    def watched(*arguments, **options):
        threads.add(threading.current_thread())
        return label(*arguments, **options)

    labeler._label = watched
    documents = [Document.from_words(WORDS)] * 5
    assert_same_labels(
        list(labeler.pipe(documents, batch_words=len(WORDS))), tiny_labeler()(documents)
    )
    assert threads
    assert threading.current_thread() not in threads


def test_a_crf_sums_and_decodes_as_on_the_cpu(device):
    labeler = test_fine_tuning.fresh_labeler(heads=(test_fine_tuning.PERSON,))
    rows = [["ana", "oak"], ["we"], ["bo", "elm", "ash", "met", "cy"]]
    lengths = torch.tensor([len(row) for row in rows])
    words, gold = labeler.words(rows), [torch.zeros(3, 5, dtype=torch.long)]
    module = labeler.module.eval()
    here, tags = module(words, lengths, gold), decode(module, words, lengths)[0].tags
    module.to(device)
    moved = words.to(torch.device(device)), lengths.to(device)
    torch.testing.assert_close(
        module(*moved, [one.to(device) for one in gold]).cpu(), here, **CLOSE
    )
    assert torch.equal(decode(module, *moved)[0].tags.cpu(), tags)


def test_a_labeler_of_documents_learns_and_scores_as_on_the_cpu(device):
    documents = document_labelers.some_documents(6)
    labeler = document_labelers.document_labeler()
    before = document_labelers.scores_of(labeler(documents))
    labeler.module.to(device)
    torch.testing.assert_close(
        torch.tensor(document_labelers.scores_of(labeler(documents))), torch.tensor(before), **CLOSE
    )
    numbers = {"options": document_options(1, device=device), "words": 60}
    reports = fine_tune(labeler, documents, documents, display=Display.SILENT, **numbers)
    assert reports[0].valid_loss < 10


def adapt_encoder(device):
    torch.manual_seed(0)
    encoder = WordLanguageModel(test_adapting.CONFIG, Vocabulary(test_adapting.WORDS))
    return encoder, test_adapting.adapted(encoder, epochs=1, device=device)


def test_an_encoder_adapts_as_on_the_cpu(device):
    (encoder, there), (_, here) = adapt_encoder(device), adapt_encoder("cpu")
    text, words = test_adapting.some_texts(40, seed=1), test_adapting.WORDS
    before, *losses = (test_adapting.loss(model, text, words) for model in (encoder, there, here))
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)
    assert losses[0] < before


class ReachedError(Exception):
    """A training has got to its loop, with this rate and its batches."""


def reach(model, batches, *_, options, **__):
    raise ReachedError(options.schedule.max_lr, batches)


def words_and_rate(device, module, work, monkeypatch):
    """The words of the largest batch of a training on a device, and its highest rate."""
    monkeypatch.setattr(module, "fit", reach)
    with pytest.raises(ReachedError) as reached:
        work(device)
    rate, batches = reached.value.args
    return max(words_of(batch) for batch in batches.batches()), rate


def words_of(batch):
    return (
        batch.targets.numel() // 2 if isinstance(batch, TwoWayBatch) else int(batch.lengths.sum())
    )


def pretrain_encoder(device, folder):
    options = PretrainingOptions(words=20, hidden=8, epochs=1, bptt=8, device=device)
    pretrain(test_pretraining.some_documents(), folder, options=options, display=Display.SILENT)


def teach_student(device):
    labeler = test_fine_tuning.fresh_labeler(heads=[test_fine_tuning.AFTER])
    documents = test_fine_tuning.some_documents(300, "after")
    options = TrainingOptions(device=device)
    teach(labeler, documents, [], documents, options=options, display=Display.SILENT)


def tune_labeler(device):
    documents = test_fine_tuning.some_documents(300, "after", "person")
    options = TrainingOptions(device=device)
    fine_tune(test_fine_tuning.fresh_labeler(), documents, options=options, display=Display.SILENT)


@pytest.mark.parametrize(
    ("module", "work"),
    [
        (fine_tuning, tune_labeler),
        (teaching, teach_student),
        (adapting, adapt_encoder),
        (pretraining, pretrain_encoder),
    ],
)
def test_a_training_on_a_gpu_takes_larger_batches_at_a_higher_rate(
    device, module, work, tmp_path, monkeypatch
):
    monkeypatch.setattr(batch_sizes, "FEWEST_STEPS", 1)
    if work is pretrain_encoder:
        work = partial(work, folder=tmp_path)
    here, there = (words_and_rate(place, module, work, monkeypatch) for place in ("cpu", device))
    assert there[0] > here[0]
    assert there[1] > here[1]


@pretended_only
@pytest.mark.parametrize("precision", HALF)
def test_products_are_in_16_bits_and_a_scaled_loss_waits_for_nothing(device, precision):
    waits = []
    for one in (Precision.FLOAT32, precision):
        with pretended.counted_waits() as waited, pretended.counted_products() as products:
            train(device, precision=one)
        waits.append(waited)
    assert waits[0] == waits[1]
    assert products.keys() == {HALF[precision]}


@contextmanager
def without_waits(device):
    """Fail where the CPU waits for the device, or sends it anything."""
    with pretended.counted_waits() as waits:
        if device == "cuda":
            torch.cuda.set_sync_debug_mode("error")
        try:
            yield
        finally:
            if device == "cuda":
                torch.cuda.set_sync_debug_mode("default")
    assert not waits


@each_config
def test_a_training_step_waits_for_nothing(device, config):
    torch.manual_seed(0)
    model = build_language_model(config).to(device)
    batch, state = next(iter(TRAIN)).to(torch.device(device)), None
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    with without_waits(device):
        for _ in range(2):
            step = next_word(model, batch, state)
            optimizer.zero_grad()
            step.loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            state = detach_state(step.state)


def test_a_model_is_measured_where_it_is(device):
    _, model = train(device)
    there = evaluate(model, VALID)
    here = evaluate(model.to("cpu"), VALID)
    assert there.loss == pytest.approx(here.loss, rel=1e-3)


def test_the_six_models_of_the_lesson_learn_as_on_the_cpu(device):
    for step in LADDER:
        torch.manual_seed(0)
        here = step.build(11, 8)
        there = copy.deepcopy(here).to(device)
        words, states, losses = torch.randint(11, (2, 4, 3)), [None, None], []
        for number, (model, place) in enumerate(((here, "cpu"), (there, device))):
            for part in words:
                logits, states[number] = model(part.to(place), states[number])
            losses.append(logits.square().mean())
            losses[-1].backward()
        torch.testing.assert_close(losses[1].cpu(), losses[0], **CLOSE)
        for one, other in zip(there.parameters(), here.parameters(), strict=True):
            torch.testing.assert_close(one.grad.cpu(), other.grad, **CLOSE)


def continue_text(device, config=test_generation.SMALL):
    model = test_generation.loud_network(config).to(device)
    return list(generate(model, test_generation.VOCABULARY, test_generation.PROMPT, count=6))


@pytest.mark.parametrize("config", test_generation.CONFIGS, ids=str)
def test_a_text_is_continued_as_on_the_cpu(device, config):
    assert continue_text(device, config) == continue_text("cpu", config)


def test_a_stream_is_labelled_as_on_the_cpu(device):
    labeler = tiny_labeler()
    pieces = []
    for place in ("cpu", device):
        labeler.module.to(place)
        stream = StreamLabeler(labeler)
        pieces.append(
            [piece.document for part in (WORDS, WORDS * 4) for piece in stream.feed(part)]
        )
        pieces[-1] += [piece.document for piece in stream.close()]
    assert_same_labels(pieces[1], pieces[0])


def test_a_training_is_taken_up_on_another_device(device, tmp_path):
    expected, _ = train("cpu", epochs=2)
    torch.manual_seed(0)
    model, there = build_language_model(PLAIN), dataclasses.replace(OPTIONS, device=device)
    next(fitted(model, TRAIN, VALID, options=there, checkpoints=saving(tmp_path, model)))
    here, saved = dataclasses.replace(OPTIONS, device="cpu"), saving(tmp_path, model, resume=True)
    reports = fitted(model, TRAIN, VALID, options=here, checkpoints=saved)
    for one, other in zip(reports, expected, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-2)


def waits_of(work):
    with pretended.counted_waits() as waits:
        work()
    return waits


@pretended_only
def test_training_reads_values_after_epochs_alone_and_sends_its_batches_alone(device):
    model = build_language_model(PLAIN).to(device)
    options = dataclasses.replace(OPTIONS, epochs=1, device=device)
    longer = LanguageModelStream(tokens(800), batch_size=4, bptt=5)
    once, twice = (
        waits_of(lambda stream=stream: list(fitted(model, stream, options=options)))
        for stream in (TRAIN, longer)
    )
    assert once[SENT] == 2 * len(TRAIN)
    assert twice - once == {SENT: 2 * len(TRAIN)}


@pretended_only
def test_batches_are_sent_from_pinned_memory_by_a_thread(device, monkeypatch):
    senders, moved = set(), moving.moved

    def watched(tensor, place):
        senders.add(threading.current_thread().name)
        return moved(tensor, place)

    model = build_language_model(PLAIN).to(device)
    options = dataclasses.replace(OPTIONS, epochs=1, device=device)
    monkeypatch.setattr(language, "moved", watched)
    with pretended.counted_transfers() as transfers:
        list(fitted(model, TRAIN, options=options))
    assert transfers["pinned"] == 2 * len(TRAIN)
    assert senders == {"seqlabel batches"}


@pretended_only
@pytest.mark.parametrize("ahead", [1, 3])
def test_batches_made_ahead_train_the_same_on_a_device_bit_by_bit(device, ahead):
    losses = []
    for count in (0, ahead):
        torch.manual_seed(0)
        model = build_language_model(POINTER)
        options = dataclasses.replace(OPTIONS, device=device, ahead=count)
        losses.append([one.train_loss for one in fitted(model, TRAIN, options=options)])
    assert losses[0] == losses[1]


@pretended_only
def test_fine_tuning_reads_values_after_epochs_alone(device):
    labeler = test_fine_tuning.fresh_labeler()
    options = dataclasses.replace(test_fine_tuning.OPTIONS, epochs=1, device=device)
    documents = test_fine_tuning.some_documents(120, "after", "person")
    once, twice = (
        waits_of(
            lambda count=count: test_fine_tuning.tune(labeler, documents[:count], options=options)
        )
        for count in (60, 120)
    )
    assert (twice - once).keys() == {SENT}


@pretended_only
def test_labelling_waits_as_often_for_many_documents_as_for_few(device):
    labeler = test_fine_tuning.fresh_labeler()
    labeler.module.to(device)
    few, many = (
        waits_of(lambda count=count: list(labeler(test_fine_tuning.DEV * count)))
        for count in (1, 3)
    )
    assert few == many
    assert few.total() < 30


@pretended_only
def test_a_step_of_an_encoder_waits_for_nothing(device):
    model = (
        WordLanguageModel(test_adapting.CONFIG, Vocabulary(test_adapting.WORDS))
        .module.to(device)
        .train()
    )
    tokens = TokenArray([number % len(test_adapting.WORDS) for number in range(200)])
    words = FeaturedWords(
        hash_words(test_adapting.WORDS, WordHasher(256)), predicted=len(test_adapting.WORDS)
    )
    batch = next(TwoWayStream(tokens, words, batch_size=4, bptt=5).batches()).to(
        torch.device(device)
    )
    with pretended.counted_transfers() as transfers, pretended.counted_waits() as waits:
        both_ways(model, batch, None).loss.backward()
    assert waits.keys() == {SENT}
    assert transfers.keys() == {"pinned"}


@pretended_only
def test_the_two_directions_are_read_in_two_streams_that_wait_for_each_other(device, monkeypatch):
    labeler = test_fine_tuning.fresh_labeler(heads=(test_fine_tuning.AFTER,))
    labeler.module.to(device)
    with pretended.counted_records() as records:
        labeler(test_fine_tuning.DEV)
    side = streams._side_stream(torch.device(device, 0))
    # Of each of the two layers, what the second stream read and what it made.
    assert records[side] > 0
    assert records[pretended.current_stream()] > 0
    for method, ignored in (
        ("wait_event", lambda self, event: None),
        ("wait_stream", lambda self, stream: None),
    ):
        with monkeypatch.context() as broken:
            broken.setattr(pretended.Stream, method, ignored)
            with pytest.raises(RuntimeError, match="has not waited"):
                labeler(test_fine_tuning.DEV)


def made_on_the_cpu(make):
    """A bug: a tensor is made on the CPU, wherever it is asked for."""
    return lambda *values, **options: make(*values, **{**options, "device": "cpu"})


def label_documents(device):
    labeler = tiny_labeler()
    labeler.module.to(device)
    list(labeler([Document.from_words(WORDS)]))


BUGS = {
    "places of words to copy": (
        torch,
        "arange",
        made_on_the_cpu(torch.arange),
        lambda device: train(device, POINTER),
    ),
    "sums of losses": (torch, "zeros", made_on_the_cpu(torch.zeros), train),
    "states that are forgotten": (torch, "rand", made_on_the_cpu(torch.rand), adapt_encoder),
    "the next word": (torch, "tensor", made_on_the_cpu(torch.tensor), continue_text),
    "words inside a row": (torch, "arange", made_on_the_cpu(torch.arange), label_documents),
    "lengths of rows": (torch_engine, "moved", lambda tensor, device: tensor, label_documents),
}


@pretended_only
@pytest.mark.parametrize("bug", BUGS)
def test_a_tensor_on_another_device_is_found_where_the_cpu_finds_nothing(device, bug, monkeypatch):
    place, name, wrong, work = BUGS[bug]
    work(device)
    monkeypatch.setattr(place, name, wrong)
    work("cpu")
    with pytest.raises(RuntimeError, match="same device"):
        work(device)


def test_the_benchmark_measures_a_device_and_the_cpu_beside_it(device, tmp_path, monkeypatch):
    WordLanguageModel(test_adapting.CONFIG, Vocabulary(test_adapting.WORDS)).save(
        tmp_path / "encoder"
    )
    main = runpy.run_path(str(ROOT / "recipes" / "benchmarks" / "gpu.py"))["main"]
    monkeypatch.setitem(main.__globals__, "choose_device", torch.device)
    for name, number in {"BPTT": 4, "TYPES": 300, "PREDICTED": 40, "WARM_UP": 1}.items():
        monkeypatch.setitem(main.__globals__, name, number)
    sizes = {"device": device, "sizes": "64", "precisions": "no,fp16", "seconds": 0.0, "hidden": 8}
    main(
        main.__globals__["Settings"](
            **sizes, encoder=str(tmp_path / "encoder"), output=tmp_path / "metrics.json"
        )
    )
    rows = read_json(tmp_path / "metrics.json")["rows"]
    works = [("human numbers", 3), ("pretraining", 3), ("labeler", 3), ("labelling", 1)]
    assert [row["work"] for row in rows] == [
        work for work, count in works for _ in range(count)
    ] * 3
    assert [row["device"] for row in rows] == [device] * 20 + ["cpu"] * 10
    labeling = "fp16" if multiplies_float16(torch.device(device)) else "no"
    assert [row["precision"] for row in rows[:20]] == ["no"] * 10 + ["fp16"] * 9 + [labeling]
    for row in rows:
        assert row["words_per_second"] > 0
        assert (row["waiting"] is None) == (row["loop"] in ("", "eager"))
    timely = {
        "minutes": 0.0,
        "encoder": str(tmp_path / "encoder"),
        "output": tmp_path / "none.json",
    }
    main(main.__globals__["Settings"](**sizes, **timely))
    assert not (tmp_path / "none.json").exists()
