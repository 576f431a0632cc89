"""Every path of tensors on CUDA where there is one, on the CPU otherwise, beside the numbers of the CPU.

On a GPU products are rounded otherwise: numbers agree to `CLOSE`, and labels but for near ties.
"""

import copy
import dataclasses

import pytest
import torch

from seqlabel.models.fine_tuning import document_options, fine_tune
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.nn.configs import LanguageModelConfig, PointerConfig, Recurrence
from seqlabel.nn.encoders import RecurrentEncoder
from seqlabel.nn.networks import build_language_model
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import Precision, TrainingOptions, evaluate, fit
from seqlabel.training.objectives import next_word
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.heads import decode
from tests.models import test_adapting, test_classifier, test_fine_tuning
from tests.training.test_loop import TRAIN, VALID, WORDS

CUDA = torch.cuda.is_available()
DEVICE = "cuda" if CUDA else "cpu"
CLOSE = {"rtol": 1e-3, "atol": 1e-4}
needs_cuda = pytest.mark.skipif(not CUDA, reason="needs a GPU")

PLAIN = LanguageModelConfig(vocabulary=WORDS, embedding=8, hidden=8, layers=2)
POINTER = dataclasses.replace(PLAIN, pointer=PointerConfig(width=4, window=6))
OPTIONS = TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.03), max_grad_norm=1.0)


def train(device, config=PLAIN, precision=Precision.FLOAT32):
    torch.manual_seed(0)
    model = build_language_model(config)
    options = dataclasses.replace(OPTIONS, device=device, precision=precision)
    return list(fit(model, TRAIN, VALID, options=options, display=Display.SILENT)), model


@pytest.mark.parametrize("config", [PLAIN, POINTER], ids=["plain", "pointer"])
def test_a_language_model_learns_what_it_learns_on_the_cpu(config):
    (found, model), (expected, _) = train(DEVICE, config), train("cpu", config)
    for one, other in zip(found, expected, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-2)
        assert one.valid_loss == pytest.approx(other.valid_loss, rel=1e-2)
    assert {parameter.device.type for parameter in model.parameters()} == {DEVICE}


def tensors_of(state):
    """The tensors of a carried state; an LSTM's are pairs."""
    return [state] if isinstance(state, torch.Tensor) else [one for part in state for one in tensors_of(part)]


@pytest.mark.parametrize("recurrence", Recurrence)
def test_a_recurrence_reads_and_learns_as_on_the_cpu(recurrence):
    torch.manual_seed(0)
    here = RecurrentEncoder(6, 8, layers=2, recurrence=recurrence)
    there = copy.deepcopy(here).to(DEVICE)
    vectors, state = torch.randn(3, 7, 6), None
    for piece in vectors.split(4, dim=1):
        hidden, state = here(piece, state)
    on_device, carried = there(vectors.to(DEVICE))
    torch.testing.assert_close(on_device[:, 4:].cpu(), hidden, **CLOSE)
    for one, other in zip(tensors_of(carried), tensors_of(state), strict=True):
        torch.testing.assert_close(one.cpu(), other, **CLOSE)
    hidden.square().sum().backward()
    on_device[:, 4:].square().sum().backward()
    for (name, one), (_, other) in zip(there.named_parameters(), here.named_parameters(), strict=True):
        torch.testing.assert_close(one.grad.cpu(), other.grad, **CLOSE, msg=lambda said, name=name: f"{name}: {said}")


def tuned(device, precision=Precision.FLOAT32):
    """A labeler with a softmax head and a CRF after two epochs, and its reports."""
    labeler = test_fine_tuning.build()
    options = dataclasses.replace(test_fine_tuning.OPTIONS, epochs=2, device=device, precision=precision)
    return labeler, test_fine_tuning.tune(labeler, dev=test_fine_tuning.DEV, options=options)


def test_a_labeler_learns_and_labels_as_on_the_cpu():
    (labeler, found), (_, expected) = tuned(DEVICE), tuned("cpu")
    for one, other in zip(found, expected, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=2e-2)
    there = list(labeler(test_fine_tuning.DEV))
    labeler.module.to("cpu")
    here = list(labeler(test_fine_tuning.DEV))
    same = [one.tags == other.tags and one.spans == other.spans for one, other in zip(there, here, strict=True)]
    assert sum(same) >= len(same) - CUDA


def test_a_crf_sums_and_decodes_as_on_the_cpu():
    labeler = test_fine_tuning.build(heads=(test_fine_tuning.PERSON,))
    rows = [["ana", "oak"], ["we"], ["bo", "elm", "ash", "met", "cy"]]
    lengths = torch.tensor([len(row) for row in rows])
    words, gold = labeler.words(rows), [torch.zeros(3, 5, dtype=torch.long)]
    module = labeler.module.eval()
    here, tags = module(words, lengths, gold), decode(module, words, lengths)[0].tags
    module.to(DEVICE)
    moved = words.to(torch.device(DEVICE)), lengths.to(DEVICE)
    torch.testing.assert_close(module(*moved, [one.to(DEVICE) for one in gold]).cpu(), here, **CLOSE)
    assert torch.equal(decode(module, *moved)[0].tags.cpu(), tags)


def test_a_classifier_learns_and_scores_as_on_the_cpu():
    documents = test_classifier.some_documents(20)
    classifier = test_classifier.build()
    before = test_classifier.scores_of(classifier(documents))
    classifier.module.to(DEVICE)
    torch.testing.assert_close(
        torch.tensor(test_classifier.scores_of(classifier(documents))), torch.tensor(before), **CLOSE
    )
    reports = fine_tune(
        classifier, documents, documents, options=document_options(1, device=DEVICE), words=60, display=Display.SILENT
    )
    assert reports[0].valid_loss < 10


def test_an_encoder_adapts_as_on_the_cpu():
    torch.manual_seed(0)
    encoder = WordLanguageModel(test_adapting.CONFIG, Vocabulary(test_adapting.WORDS))
    text, words = test_adapting.some_texts(40, seed=1), test_adapting.WORDS
    there, here = (test_adapting.adapted(encoder, epochs=1, device=device) for device in (DEVICE, "cpu"))
    losses = [test_adapting.loss(model, text, words) for model in (there, here)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)
    assert losses[0] < test_adapting.loss(encoder, text, words)


@needs_cuda
@pytest.mark.parametrize("precision", [Precision.BFLOAT16, Precision.FLOAT16])
def test_half_precision_learns(precision):
    reports, _ = train("cuda", precision=precision)
    assert reports[-1].valid_loss < reports[0].valid_loss


def test_a_language_model_learns_the_same_by_graphs():
    (expected, _) = train(DEVICE)
    torch.manual_seed(0)
    options = dataclasses.replace(OPTIONS, device=DEVICE, graphs=True)
    found = list(fit(build_language_model(PLAIN), TRAIN, VALID, options=options, display=Display.SILENT))
    for one, other in zip(found, expected, strict=True):
        assert one.train_loss == pytest.approx(other.train_loss, rel=1e-2)
        assert one.valid_loss == pytest.approx(other.valid_loss, rel=1e-2)


def test_a_labeler_labels_the_same_by_graphs():
    labeler = test_fine_tuning.build()
    labeler.module.to(DEVICE)
    expected = list(labeler(test_fine_tuning.DEV))
    labeler.module.graphs = True
    same = [
        one.tags == other.tags and one.spans == other.spans
        for one, other in zip(labeler(test_fine_tuning.DEV), expected, strict=True)
    ]
    assert sum(same) >= len(same) - CUDA


@needs_cuda
def test_a_training_step_waits_for_nothing():
    torch.manual_seed(0)
    model = build_language_model(PLAIN).to("cuda")
    batch = next(iter(TRAIN)).to(torch.device("cuda"))
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    torch.cuda.set_sync_debug_mode("error")
    try:
        for _ in range(2):
            step = next_word(model, batch, None)
            optimizer.zero_grad()
            step.loss_among(step.counts).backward()
            optimizer.step()
    finally:
        torch.cuda.set_sync_debug_mode("default")


def test_a_model_is_measured_where_it_is():
    _, model = train(DEVICE)
    there = evaluate(model, VALID)
    here = evaluate(model.to("cpu"), VALID)
    assert there.loss == pytest.approx(here.loss, rel=1e-3)
