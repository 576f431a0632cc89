"""The training loop against a plain one, through kills and resumes, and what it leaves behind."""

import copy
import dataclasses
import inspect
import itertools
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from seqlabel.batches.language import IGNORED, EvaluationStream, LanguageModelStream
from seqlabel.errors import CheckpointError, OptionError, TrainingError
from seqlabel.io.files import read_json
from seqlabel.nn.network_configs import LanguageModelConfig, PointerConfig
from seqlabel.nn.networks import build_language_model
from seqlabel.nn.states import detach_state
from seqlabel.text.corpora import TokenArray
from seqlabel.training import loop as training
from seqlabel.training.checkpoints import Checkpoints, load_weights, read_tensors, save_weights
from seqlabel.training.loop import Precision, TrainingOptions, evaluate, fit
from seqlabel.training.objectives import next_word
from seqlabel.training.progress import Display
from seqlabel.training.schedules import OneCycle
from tests.training.test_schedules import preview

WORDS = 7
PLAIN = LanguageModelConfig(vocabulary=WORDS, embedding=8, hidden=8, layers=1)
# Dropout, so that random states matter; a pointer, so that the carried state is nested.
RANDOM = LanguageModelConfig(
    vocabulary=WORDS,
    embedding=8,
    hidden=8,
    embedding_dropout=0.2,
    dropout=0.3,
    pointer=PointerConfig(width=4, window=6),
)
OPTIONS = TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.03), device="cpu", max_grad_norm=1.0)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Models this small are slower on more threads, and far slower on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tokens(count=400):
    """Words that follow from the word before, but for a tenth of them."""
    chance = random.Random(0)
    return TokenArray(
        [
            chance.randrange(WORDS) if chance.random() < 0.1 else place % WORDS
            for place in range(count)
        ]
    )


TRAIN = LanguageModelStream(tokens(), batch_size=4, bptt=5)
VALID = EvaluationStream(tokens(101), batch_size=3, bptt=7)
BATCHES = len(TRAIN)


def build(config=PLAIN, seed=0):
    torch.manual_seed(seed)
    return build_language_model(config)


def run(model, valid=VALID, *, options=OPTIONS, **parts):
    return list(fit(model, TRAIN, valid, options=options, display=Display.SILENT, **parts))


def untimed(reports):
    times = {"seconds": 0.0, "validation_seconds": 0.0, "waiting_seconds": 0.0}
    return [dataclasses.replace(report, **times) for report in reports]


def assert_same_weights(one, other):
    left, right = one.state_dict(), other.state_dict()
    assert left.keys() == right.keys()
    assert [name for name in left if not torch.equal(left[name], right[name])] == []


def weights(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def saving(folder, model, **choices):
    return Checkpoints(
        folder, save=lambda place: save_weights(place / "model.safetensors", model), **choices
    )


def test_the_loss_falls_and_the_pattern_is_learnt():
    model = build()
    before = evaluate(model, VALID)
    reports = run(model, options=dataclasses.replace(OPTIONS, epochs=4))
    assert [report.epoch for report in reports] == [1, 2, 3, 4]
    assert {report.epochs for report in reports} == {4}
    assert {report.tokens for report in reports} == {BATCHES * 4 * 5}
    assert before.accuracy < 0.3 < 0.75 < reports[-1].accuracy
    assert reports[-1].valid_loss < reports[0].valid_loss < before.loss
    assert reports[-1].train_loss < reports[0].train_loss
    assert evaluate(model, VALID).loss == reports[-1].valid_loss


@pytest.mark.parametrize("clip", [None, 0.05])
def test_a_plain_loop_does_the_same(clip):
    options = dataclasses.replace(OPTIONS, max_grad_norm=clip)
    model, expected = build(), build()
    reports = run(model, None, options=options)

    rates, momenta = preview(options.schedule, 2 * BATCHES)
    optimizer = torch.optim.AdamW(expected.parameters(), weight_decay=0.01, eps=1e-5, fused=False)
    losses, done = [], 0
    for _ in range(2):
        state, loss_sum = None, 0.0
        for batch in TRAIN:
            optimizer.param_groups[0].update(lr=rates[done], betas=(momenta[done], 0.99))
            logits, state = expected(batch.inputs, detach_state(state))
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            if clip is not None:
                nn.utils.clip_grad_norm_(expected.parameters(), clip)
            optimizer.step()
            loss_sum += float(loss.detach())
            done += 1
        losses.append(loss_sum / BATCHES)
    assert [report.train_loss for report in reports] == pytest.approx(losses, rel=1e-4)
    torch.testing.assert_close(
        dict(model.state_dict()), dict(expected.state_dict()), rtol=1e-3, atol=1e-4
    )


SCALES = {"head": 0.1, "head.norm": 3.0, "encoder.forward_encoder": 0.0}


def test_a_plain_loop_with_a_rate_for_each_part_does_the_same():
    config = dataclasses.replace(PLAIN, tied=False)
    model, expected = build(config), build(config)
    run(model, None, options=dataclasses.replace(OPTIONS, lr_scales=SCALES))

    parts = (
        (expected.encoder.embedder, 1.0),
        (expected.head.norm, 3.0),
        (expected.head.output, 0.1),
    )
    groups = [{"params": list(part.parameters()), "scale": scale} for part, scale in parts]
    rates, momenta = preview(OPTIONS.schedule, 2 * BATCHES)
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, eps=1e-5, fused=False)
    for done in range(2 * BATCHES):
        if done % BATCHES == 0:
            state, batches = None, iter(TRAIN)
        for group in optimizer.param_groups:
            group.update(lr=rates[done] * group["scale"], betas=(momenta[done], 0.99))
        batch = next(batches)
        logits, state = expected(batch.inputs, detach_state(state))
        expected.zero_grad()
        nn.functional.cross_entropy(logits.flatten(0, 1), batch.targets.flatten()).backward()
        nn.utils.clip_grad_norm_(expected.parameters(), 1.0)
        optimizer.step()
    torch.testing.assert_close(
        dict(model.state_dict()), dict(expected.state_dict()), rtol=1e-3, atol=1e-4
    )
    untouched = build(config).encoder.forward_encoder
    assert_same_weights(model.encoder.forward_encoder, untouched)


def test_a_rate_for_a_part_that_is_not_there_is_refused():
    options = dataclasses.replace(OPTIONS, lr_scales={"encoder": 0.5, "tower": 0.5})
    with pytest.raises(OptionError, match="lr_scales"):
        run(build(), options=options)


@pytest.mark.parametrize("clip", [None, 1e-3])
def test_clipping_bounds_the_gradient_that_the_optimizer_sees(clip, monkeypatch):
    model, norms, step = build(), [], inspect.unwrap(torch.optim.AdamW.step)

    def watching(optimizer):
        norms.append(
            float(nn.utils.get_total_norm([parameter.grad for parameter in model.parameters()]))
        )
        step(optimizer)

    monkeypatch.setattr(torch.optim.AdamW, "step", watching)
    run(model, None, options=dataclasses.replace(OPTIONS, max_grad_norm=clip))
    assert len(norms) == 2 * BATCHES
    assert all(parameter.grad is None for parameter in model.parameters())
    if clip is None:
        assert max(norms) > 0.1
    else:
        assert max(norms) <= clip * (1 + 1e-5)
        assert max(norms) > clip * 0.9


def test_the_state_is_carried_detached_within_an_epoch_and_new_in_each():
    model, states = build(), []

    def watching(model, batch, state):
        if model.training:
            states.append(state)
        return next_word(model, batch, state)

    run(model, objective=watching)
    assert [state is None for state in states] == [
        number % BATCHES == 0 for number in range(2 * BATCHES)
    ]
    assert not any(state[0].requires_grad for state in states if state is not None)


class Trail:
    """An objective that keeps the weights that trained, before each step, and those of
    evaluations.
    """

    def __init__(self):
        self.trained, self.evaluated = [], []

    def __call__(self, model, batch, state):
        (self.trained if model.training else self.evaluated).append(weights(model))
        return next_word(model, batch, state)


@pytest.mark.parametrize("config", [PLAIN, RANDOM], ids=["plain", "random"])
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_averages_are_a_plain_loop_over_the_weights_that_train(config, share):
    plain, model = Trail(), build(config)
    run(model, None, options=dataclasses.replace(OPTIONS, average=None), objective=plain)
    plain.trained.append(weights(model))

    averaged, model, found = Trail(), build(config), []
    options = dataclasses.replace(OPTIONS, average=share)
    decay = 1 - 1 / max(share * 2 * BATCHES, 2)
    for _ in fit(model, TRAIN, VALID, options=options, objective=averaged, display=Display.SILENT):
        found.append(weights(model))
    # To average changes nothing in what trains, bit by bit, also where an epoch begins.
    for one, other in zip(averaged.trained, plain.trained, strict=False):
        assert all(torch.equal(one[name], other[name]) for name in other)
    average = {name: tensor.double() for name, tensor in plain.trained[0].items()}
    expected = []
    for step, trained in enumerate(plain.trained[1:], 1):
        kept = min(decay, (1 + step) / (10 + step))
        average = {
            name: kept * tensor + (1 - kept) * trained[name].double()
            for name, tensor in average.items()
        }
        if step % BATCHES == 0:
            expected.append({name: tensor.float() for name, tensor in average.items()})
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    # It is the average that was validated.
    assert len(averaged.evaluated) == 2 * len(VALID)
    for number, one in enumerate(averaged.evaluated):
        assert all(torch.equal(one[name], found[number // len(VALID)][name]) for name in one)


def test_checkpoints_hold_the_averages(tmp_path):
    model, options = build(RANDOM), dataclasses.replace(OPTIONS, average=0.9)
    checkpoints = saving(tmp_path, model, every_steps=3, score=lambda report: report.epoch)
    for _ in fit(
        model, TRAIN, VALID, options=options, checkpoints=checkpoints, display=Display.SILENT
    ):
        for folder in (checkpoints.best, checkpoints.last):
            found = build(RANDOM, seed=9)
            load_weights(folder / "model.safetensors", found)
            assert_same_weights(found, model)


@pytest.mark.parametrize("after", [1, 2])
def test_a_training_that_was_left_between_epochs_goes_on_from_the_weights_that_train(
    tmp_path, after
):
    options = dataclasses.replace(OPTIONS, epochs=3, average=0.9)
    model, whole = build(RANDOM), build(RANDOM)
    expected = run(whole, options=options, checkpoints=saving(tmp_path / "whole", whole))
    left = fit(
        model,
        TRAIN,
        VALID,
        options=options,
        checkpoints=saving(tmp_path / "left", model),
        display=Display.SILENT,
    )
    reports = list(itertools.islice(left, after))
    left.close()
    resumed = build(RANDOM, seed=9)
    seen = []
    checkpoints = saving(tmp_path / "left", resumed, resume=True)
    for report in fit(
        resumed, TRAIN, VALID, options=options, checkpoints=checkpoints, display=Display.SILENT
    ):
        seen.append(report)
        if len(seen) == after:
            # What was done is told again with the averages in the model.
            assert_same_weights(resumed, model)
    assert untimed(seen) == untimed(expected)
    assert untimed(seen[:after]) == untimed(reports)
    assert_same_weights(resumed, whole)


def scoring(model, score):
    """A validation with a score beside the loss."""
    return lambda: dataclasses.replace(evaluate(model, VALID), score=score())


def scripted(scores):
    """A score that says what it was told to."""
    remaining = iter(scores)
    return lambda: next(remaining)


@pytest.mark.parametrize(
    ("patience", "scores", "epochs"),
    [
        (1, [0.5, 0.4], 2),
        (1, [0.5, 0.6, 0.6], 3),
        (2, [0.1, 0.5, 0.4, 0.3], 4),
        (2, [0.1, 0.5, 0.4, 0.6, 0.6, 0.5], 6),
        (2, [0.5, 0.5, 0.5], 3),
        (3, [0.3, 0.2, 0.2, 0.4, 0.3, 0.2], 6),
        (6, [0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 6),
        (None, [0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 6),
    ],
)
def test_training_stops_after_so_many_epochs_without_a_better_score(patience, scores, epochs):
    options = dataclasses.replace(OPTIONS, epochs=6, patience=patience)
    model = build()
    reports = run(model, options=options, validate=scoring(model, scripted(scores)))
    assert [report.epoch for report in reports] == list(range(1, epochs + 1))
    assert {report.epochs for report in reports} == {6}


def test_patience_without_a_score_looks_at_the_accuracy_and_without_that_at_the_loss():
    def blind(model, batch, state):
        return dataclasses.replace(
            next_word(model, batch, state), losses=0 * model(batch.inputs, state)[0].sum()[None]
        )

    options = dataclasses.replace(OPTIONS, epochs=5, patience=2)
    # Nothing is learnt, so that nothing gets better.
    still = dataclasses.replace(options, lr_scales={"encoder": 0.0, "head": 0.0})
    assert len(run(build(), options=still, objective=blind)) == 3
    assert len(run(build(), None, options=still, objective=blind)) == 3
    assert len(run(build(), None, options=options)) == 5


def test_patience_looks_at_the_score_of_the_checkpoints(tmp_path):
    model = build()
    options = dataclasses.replace(OPTIONS, epochs=5, patience=1)
    checkpoints = saving(tmp_path, model, score=lambda report: -report.epoch)
    reports = run(
        model,
        options=options,
        checkpoints=checkpoints,
        validate=scoring(model, scripted([0.1, 0.2, 0.3])),
    )
    assert [report.epoch for report in reports] == [1, 2]


def test_a_training_that_ran_out_of_patience_is_over_also_for_who_resumes_it(tmp_path):
    model, again = build(RANDOM), build(RANDOM, seed=9)
    options = dataclasses.replace(OPTIONS, epochs=5, patience=1, average=0.9)
    checkpoints = saving(tmp_path, model, score=lambda report: -report.epoch)
    reports = run(model, options=options, checkpoints=checkpoints)
    resumed = saving(tmp_path, again, score=lambda report: -report.epoch, resume=True)
    assert run(again, options=options, checkpoints=resumed) == reports
    assert_same_weights(model, again)


def test_a_score_of_ones_own_is_in_the_report_and_measures_what_is_yielded(tmp_path):
    model, seen = build(RANDOM), []

    def score():
        seen.append(weights(model))
        return len(seen) / 10

    options = dataclasses.replace(OPTIONS, average=0.9)
    reports = []
    checkpoints = saving(tmp_path, model, score=lambda report: report.score)
    for report in fit(
        model,
        TRAIN,
        options=options,
        validate=scoring(model, score),
        checkpoints=checkpoints,
        display=Display.SILENT,
    ):
        reports.append(report)
        assert all(torch.equal(tensor, seen[-1][name]) for name, tensor in weights(model).items())
    assert [report.score for report in reports] == [0.1, 0.2]
    again = build(RANDOM, seed=9)
    resumed = saving(tmp_path, again, score=lambda report: report.score, resume=True)
    assert (
        run(again, options=options, validate=scoring(again, score), checkpoints=resumed) == reports
    )
    assert len(seen) == 2
    assert {report.score for report in run(build())} == {None}


def test_a_score_does_not_disturb_the_training():
    plain, scored = build(RANDOM), build(RANDOM)

    def score():
        scored.eval()
        return evaluate(scored, VALID).accuracy

    reports = run(scored, validate=scoring(scored, score))
    assert [report.score for report in reports] == [report.accuracy for report in reports]
    assert untimed([dataclasses.replace(report, score=None) for report in reports]) == untimed(
        run(plain)
    )
    assert_same_weights(plain, scored)


@pytest.mark.parametrize("config", [PLAIN, RANDOM], ids=["plain", "random"])
def test_the_same_seed_gives_the_same_weights(config):
    first, second, third = build(config), build(config), build(config)
    reports = run(first)
    torch.rand(5)
    assert untimed(run(second)) == untimed(reports)
    assert_same_weights(first, second)
    run(third, options=dataclasses.replace(OPTIONS, seed=1))
    if config is RANDOM:
        assert not torch.equal(first.copier.query.weight, third.copier.query.weight)
    else:
        assert_same_weights(first, third)


def test_nothing_happens_before_the_first_report_is_asked_for(tmp_path):
    model = build()
    reports = fit(
        model,
        TRAIN,
        options=OPTIONS,
        checkpoints=saving(tmp_path / "run", model),
        display=Display.SILENT,
    )
    assert_same_weights(model, build())
    reports.close()
    assert list(tmp_path.iterdir()) == []


def test_training_without_validation(tmp_path):
    model = build()
    checkpoints = saving(tmp_path, model)
    reports = run(model, None, checkpoints=checkpoints)
    assert [(report.valid_loss, report.accuracy, report.perplexity) for report in reports] == [
        (None, None, None)
    ] * 2
    assert all(math.isfinite(report.train_loss) for report in reports)
    assert reports[1].train_loss < reports[0].train_loss
    best = build(seed=9)
    load_weights(checkpoints.best / "model.safetensors", best)
    assert_same_weights(best, model)


def test_frozen_parameters_stay():
    model = build(dataclasses.replace(PLAIN, tied=False))
    model.encoder.embedder.table.weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    run(model, None)
    changed = {
        name for name, tensor in model.state_dict().items() if not torch.equal(tensor, before[name])
    }
    assert changed == set(before) - {"encoder.embedder.table.weight"}


def test_an_abandoned_training_leaves_a_usable_model():
    model = build()
    reports = fit(
        model, TRAIN, VALID, options=dataclasses.replace(OPTIONS, epochs=5), display=Display.SILENT
    )
    report = next(reports)
    reports.close()
    assert evaluate(model, VALID).loss == report.valid_loss
    run(model)
    assert evaluate(model, VALID).loss < report.valid_loss


def test_a_caller_sees_the_model_of_each_epoch_between_reports():
    model = build()
    for report in fit(model, TRAIN, VALID, options=OPTIONS, display=Display.SILENT):
        assert evaluate(model, VALID).loss == report.valid_loss


def test_a_caller_may_leave_the_model_in_evaluation_between_reports():
    model, expected = build(RANDOM).eval(), build(RANDOM)
    reports = []
    for report in fit(model, TRAIN, VALID, options=OPTIONS, display=Display.SILENT):
        reports.append(report)
        model.eval()
    assert untimed(reports) == untimed(run(expected))
    assert_same_weights(model, expected)


@pytest.mark.parametrize("epochs", [0, -1])
def test_no_epoch_is_refused(epochs):
    with pytest.raises(OptionError, match="epochs"):
        TrainingOptions(epochs=epochs)


def test_an_ended_training_holds_no_memory_of_its_optimizer(monkeypatch):
    made, make = [], training.make_optimizer
    monkeypatch.setattr(
        training, "make_optimizer", lambda *parts: made.append(make(*parts)) or made[-1]
    )
    reports = fit(build(), TRAIN, options=OPTIONS, display=Display.SILENT)
    next(reports)
    assert made[0].state
    reports.close()
    assert not made[0].state


def test_an_unknown_device_is_refused():
    with pytest.raises(OptionError, match=r"^device: .*'tpu'"):
        run(build(), options=dataclasses.replace(OPTIONS, device="tpu"))


def explode_at(number):
    """An objective whose loss is infinite from a batch of the training on."""
    count = 0

    def exploding(model, batch, state):
        nonlocal count
        step = next_word(model, batch, state)
        if not model.training:
            return step
        count += 1
        return dataclasses.replace(step, losses=step.losses * (math.inf if count > number else 1))

    return exploding


def test_a_loss_that_is_not_finite_stops_the_training():
    with pytest.raises(
        TrainingError, match=r"epoch 2: the training loss is .*schedule\.max_lr \(now 0\.03\)"
    ):
        run(build(), objective=explode_at(BATCHES + 3))


def test_a_loss_that_is_not_finite_does_not_replace_the_last_good_training(tmp_path):
    model = build()
    checkpoints = saving(tmp_path, model, every_steps=2)
    with pytest.raises(TrainingError):
        run(model, objective=explode_at(BATCHES + 3), checkpoints=checkpoints)
    assert all(
        tensor.isfinite().all()
        for tensor in read_tensors(checkpoints.last / "model.safetensors").values()
    )


def test_last_and_best_are_what_they_say(tmp_path):
    model = build()
    # The worst epoch is called the best, so that last and best differ.
    checkpoints = saving(tmp_path, model, score=lambda report: -report.epoch)
    first = None
    for report in fit(
        model, TRAIN, VALID, options=OPTIONS, checkpoints=checkpoints, display=Display.SILENT
    ):
        first = first or copy.deepcopy(model)
        assert read_json(checkpoints.last / "training.json")["epoch"] == report.epoch
    found = build(seed=9)
    load_weights(checkpoints.best / "model.safetensors", found)
    assert_same_weights(found, first)
    load_weights(checkpoints.last / "model.safetensors", found)
    assert_same_weights(found, model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last"]
    assert {path.suffix for path in tmp_path.rglob("*") if path.is_file()} == {
        ".json",
        ".safetensors",
    }


@pytest.mark.parametrize("every_steps", [1, 3, BATCHES, BATCHES + 1, None])
def test_last_is_written_as_often_as_asked(tmp_path, monkeypatch, every_steps):
    places = []
    monkeypatch.setattr(
        training, "save_training", lambda *parts: places.append((parts[3].epoch, parts[3].step))
    )
    model = build()
    run(model, checkpoints=saving(tmp_path, model, every_steps=every_steps))
    # Once at the beginning, so that an earlier training's last is never taken for this one's.
    expected = [(0, 0)]
    for epoch in range(2):
        within = range(every_steps, BATCHES, every_steps) if every_steps else []
        expected += [*((epoch, step) for step in within), (epoch + 1, 0)]
    assert places == expected


@pytest.mark.parametrize(
    ("seconds", "saving_takes", "apart"), [(3.0, 0.0, 3), (0.5, 0.0, 1), (1.0, 0.19, 4)]
)
def test_last_is_written_by_time_too_but_never_for_long(
    tmp_path, monkeypatch, seconds, saving_takes, apart
):
    now, places = [0.0], []

    def save(*parts):
        places.append((parts[3].epoch, parts[3].step))
        now[0] += saving_takes

    def slow(model, batch, state):
        now[0] += 1
        return next_word(model, batch, state)

    monkeypatch.setattr(training, "save_training", save)
    monkeypatch.setattr(training.time, "monotonic", lambda: now[0])
    model = build()
    run(model, checkpoints=saving(tmp_path, model, every_seconds=seconds), objective=slow)
    expected = [(0, 0)]
    for epoch in range(2):
        expected += [*((epoch, step) for step in range(apart, BATCHES, apart)), (epoch + 1, 0)]
    assert places == expected
    with pytest.raises(OptionError, match="every_seconds"):
        saving(tmp_path, model, every_seconds=0.0)


EVERY_STEPS = 3


# Nothing, and all that keeps something beside the weights or between epochs.
DYING = {
    "plain": OPTIONS,
    "average": dataclasses.replace(OPTIONS, average=0.9, patience=2, lr_scales={"copier": 0.5}),
}


def train_and_die(folder, when, how):
    """Train until a moment in the second epoch, and be killed there; run in a process of its
    own.
    """
    model = build(RANDOM)
    steps = saves = 0

    def save(place):
        nonlocal saves
        save_weights(place / "model.safetensors", model)
        saves += 1
        if when == "while saving" and saves == BATCHES // EVERY_STEPS + 5:
            os.kill(os.getpid(), signal.SIGKILL)

    def objective(model, batch, state):
        nonlocal steps
        steps += model.training
        if when == "between saves" and steps == BATCHES + 3 * EVERY_STEPS + 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return next_word(model, batch, state)

    checkpoints = Checkpoints(Path(folder), save=save, every_steps=EVERY_STEPS)
    run(model, options=DYING[how], objective=objective, checkpoints=checkpoints)


DEATHS = [("plain", "between saves"), ("average", "while saving")]
# All in one process, which has to import torch once, and what the first optimizer imports.
DIE = """
import os, sys, torch, torch._dynamo
from tests.training import test_loop
torch.set_num_threads(1)
for how, when in test_loop.DEATHS:
    if not os.fork():
        test_loop.train_and_die(f"{sys.argv[1]}/{how}", when, how)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.wait()[1]))
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """A folder with a folder of each training that was killed."""
    folder = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", DIE, str(folder)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True)
    assert done.stdout.split() == [str(-signal.SIGKILL)] * len(DEATHS), done.stderr
    return folder


@pytest.mark.end_to_end
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.parametrize("how", [how for how, _ in DEATHS])
def test_a_training_that_was_killed_goes_on_to_the_same_end(killed, tmp_path, how):
    folder, options = killed / how, DYING[how]
    about = read_json(folder / "last" / "training.json")
    assert (about["epoch"], about["step"] % EVERY_STEPS) == (1, 0)
    assert 0 < about["step"] < BATCHES

    whole = build(RANDOM)
    expected = run(
        whole,
        options=options,
        checkpoints=saving(tmp_path / "whole", whole, every_steps=EVERY_STEPS),
    )
    resumed, batches = build(RANDOM, seed=9), 0

    def counting(model, batch, state):
        nonlocal batches
        batches += model.training
        return next_word(model, batch, state)

    checkpoints = saving(folder, resumed, every_steps=EVERY_STEPS, resume=True)
    reports = run(resumed, options=options, objective=counting, checkpoints=checkpoints)
    assert untimed(reports) == untimed(expected)
    assert batches == BATCHES - about["step"]
    assert_same_weights(resumed, whole)
    for name in ("last/model.safetensors", "best/model.safetensors", "last/training.safetensors"):
        left, right = read_tensors(folder / name), read_tensors(tmp_path / "whole" / name)
        assert left.keys() == right.keys()
        assert [key for key in left if not torch.equal(left[key], right[key])] == []
    assert any(key.startswith("trained/") for key in left) == (options.average is not None)


def test_a_stop_between_last_and_best_loses_neither(tmp_path, monkeypatch):
    def score(report):
        return -report.epoch

    model = build()
    with monkeypatch.context() as patch:

        def stop(_):
            raise KeyboardInterrupt

        patch.setattr(training, "new_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            run(model, checkpoints=saving(tmp_path / "stopped", model, score=score))
    model, whole = build(), build()
    run(model, checkpoints=saving(tmp_path / "stopped", model, score=score, resume=True))
    run(whole, checkpoints=saving(tmp_path / "whole", whole, score=score))
    assert_same_weights(model, whole)
    best = [
        read_tensors(tmp_path / name / "best" / "model.safetensors")
        for name in ("stopped", "whole")
    ]
    assert all(torch.equal(best[0][name], best[1][name]) for name in best[1])


def test_resuming_where_nothing_was_saved_starts(tmp_path):
    model, expected = build(RANDOM), build(RANDOM)
    reports = run(model, checkpoints=saving(tmp_path, model, resume=True))
    assert untimed(reports) == untimed(run(expected))
    assert_same_weights(model, expected)


def test_without_resume_a_training_starts_anew(tmp_path):
    first, second = build(RANDOM), build(RANDOM)
    reports = run(first, checkpoints=saving(tmp_path, first))
    assert untimed(run(second, checkpoints=saving(tmp_path, second))) == untimed(reports)
    assert_same_weights(first, second)


def test_resuming_a_finished_training_says_all_and_trains_nothing(tmp_path):
    model, again = build(RANDOM), build(RANDOM, seed=9)
    reports = run(model, checkpoints=saving(tmp_path, model))
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    def never(*_):
        raise AssertionError("a finished training ran a batch")

    assert run(again, objective=never, checkpoints=saving(tmp_path, again, resume=True)) == reports
    assert_same_weights(model, again)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"epochs": 3}, "epochs 2"),
        ({"schedule": OneCycle(max_lr=0.01)}, "schedule"),
        ({"seed": 5}, "seed 0"),
        ({"precision": Precision.BFLOAT16}, "precision 'no'"),
        ({"max_grad_norm": None}, "max_grad_norm 1.0"),
        ({"average": 0.9}, "average None"),
        ({"patience": 3}, "patience None"),
        ({"lr_scales": {"encoder": 0.5}}, "lr_scales {}"),
    ],
)
def test_resuming_with_other_options_is_refused(tmp_path, change, name):
    model = build()
    run(model, None, checkpoints=saving(tmp_path, model))
    with pytest.raises(CheckpointError, match=f"last: was trained with {name}"):
        run(
            model,
            None,
            options=dataclasses.replace(OPTIONS, **change),
            checkpoints=saving(tmp_path, model, resume=True),
        )


def test_resuming_with_another_corpus_is_refused(tmp_path):
    model = build()
    checkpoints = saving(tmp_path, model, resume=True)
    run(model, None, checkpoints=checkpoints)
    longer = LanguageModelStream(tokens(500), batch_size=4, bptt=5)
    with pytest.raises(CheckpointError, match=f"batches_an_epoch {BATCHES} .now 25."):
        list(fit(model, longer, options=OPTIONS, checkpoints=checkpoints, display=Display.SILENT))


def test_resuming_with_another_corpus_of_as_many_batches_is_refused(tmp_path):
    model = build()
    checkpoints = saving(tmp_path, model, resume=True)
    run(model, None, checkpoints=checkpoints)
    other = LanguageModelStream(
        TokenArray([place % 3 for place in range(400)]), batch_size=4, bptt=5
    )
    assert len(other) == BATCHES
    with pytest.raises(
        CheckpointError, match=r"checksum_of_first_batch .* Use the same options and data"
    ):
        list(fit(model, other, options=OPTIONS, checkpoints=checkpoints, display=Display.SILENT))


def test_resuming_with_another_device_name_is_allowed(tmp_path):
    model = build()
    reports = run(model, None, checkpoints=saving(tmp_path, model))
    device = (
        "auto" if not torch.cuda.is_available() and not torch.backends.mps.is_available() else "cpu"
    )
    options = dataclasses.replace(OPTIONS, device=device)
    assert (
        run(model, None, options=options, checkpoints=saving(tmp_path, model, resume=True))
        == reports
    )


def test_a_training_goes_on_in_the_precision_that_was_measured_at_its_beginning(
    tmp_path, monkeypatch
):
    options = dataclasses.replace(OPTIONS, precision=Precision.AUTO, epochs=2)
    whole, parted = build(), build()
    monkeypatch.setattr(training, "multiplies_bfloat16", lambda device: True)
    run(whole, options=options)
    checkpoints = saving(tmp_path, parted)
    reports = fit(
        parted, TRAIN, VALID, options=options, checkpoints=checkpoints, display=Display.SILENT
    )
    next(reports)
    reports.close()

    monkeypatch.setattr(training, "multiplies_bfloat16", lambda device: False)
    again = build(seed=9)
    run(again, options=options, checkpoints=saving(tmp_path, again, resume=True))
    assert_same_weights(again, whole)


@pytest.mark.parametrize("leave", ["finished", "abandoned", "broken"])
def test_bfloat16_hands_the_model_back_as_it_came(leave):
    model, keys = build(RANDOM), list(build(RANDOM).state_dict())
    options = dataclasses.replace(OPTIONS, precision=Precision.BFLOAT16)
    if leave == "broken":
        with pytest.raises(TrainingError):
            run(model, options=options, objective=explode_at(0))
    else:
        reports = fit(model, TRAIN, VALID, options=options, display=Display.SILENT)
        found = [next(reports), *(reports if leave == "finished" else ())]
        reports.close()
        for bfloat16, float32 in zip(found, run(build(RANDOM)), strict=False):
            assert bfloat16.train_loss == pytest.approx(float32.train_loss, rel=0.02)
            assert bfloat16.train_loss != float32.train_loss
        assert evaluate(model, VALID).loss == pytest.approx(found[-1].valid_loss, rel=0.02)
    assert list(model.state_dict()) == keys
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())
    assert model.forward.__func__ is type(model).forward
    assert model(torch.zeros(1, 2, dtype=torch.int64))[0].dtype == torch.float32


def test_a_copy_of_a_model_trained_in_bfloat16_runs_on_its_own_weights():
    model = build()
    run(model, None, options=dataclasses.replace(OPTIONS, precision=Precision.BFLOAT16))
    copied, ids = copy.deepcopy(model).eval(), torch.arange(WORDS)[None]
    expected = copied(ids)[0]
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
    assert torch.equal(copied(ids)[0], expected)


def test_bfloat16_after_float32_in_one_process():
    model = build()
    run(model, None)
    run(model, None, options=dataclasses.replace(OPTIONS, precision=Precision.BFLOAT16))
    first = build()
    run(first, None)
    second = build()
    run(second, None)
    assert_same_weights(first, second)


FLOAT16 = dataclasses.replace(OPTIONS, precision=Precision.FLOAT16)


def test_a_plain_loop_with_a_scaled_loss_does_the_same_in_float16():
    model, expected = build(), build()
    reports = run(model, options=FLOAT16)

    rates, momenta = preview(FLOAT16.schedule, 2 * BATCHES)
    optimizer = torch.optim.AdamW(expected.parameters(), weight_decay=0.01, eps=1e-5, fused=False)
    losses = []
    for done in range(2 * BATCHES):
        if done % BATCHES == 0:
            state, batches = None, iter(TRAIN)
        optimizer.param_groups[0].update(lr=rates[done], betas=(momenta[done], 0.99))
        batch = next(batches)
        with torch.autocast("cpu", torch.float16):
            logits, state = expected(batch.inputs, detach_state(state))
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.targets.flatten())
        expected.zero_grad()
        (loss * 65536).backward()
        for parameter in expected.parameters():
            parameter.grad /= 65536
        nn.utils.clip_grad_norm_(expected.parameters(), 1.0)
        optimizer.step()
        losses.append(loss.detach())
    means = [
        float(torch.stack(losses[:BATCHES]).mean()),
        float(torch.stack(losses[BATCHES:]).mean()),
    ]
    assert [report.train_loss for report in reports] == pytest.approx(means, rel=1e-3)
    torch.testing.assert_close(
        dict(model.state_dict()), dict(expected.state_dict()), rtol=1e-2, atol=1e-3
    )
    for report, exact in zip(reports, run(build()), strict=True):
        assert report.valid_loss == pytest.approx(exact.valid_loss, rel=0.02)
        assert report.train_loss != exact.train_loss
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


def overflow_at(number, before):
    """An objective whose gradients overflow in one batch of the training; it keeps the weights
    before each batch.
    """

    def overflowing(model, batch, state):
        step = next_word(model, batch, state)
        if not model.training:
            return step
        before.append(weights(model))
        # The loss is finite; its scaled gradients are not.
        return dataclasses.replace(
            step, losses=step.losses * (1e30 if len(before) == number + 1 else 1)
        )

    return overflowing


def test_a_step_whose_gradients_overflow_changes_nothing_and_halves_the_scale(tmp_path):
    before, model = [], build(RANDOM)
    run(
        model,
        None,
        options=FLOAT16,
        objective=overflow_at(3, before),
        checkpoints=saving(tmp_path, model),
    )
    changed = [
        any(not torch.equal(one[name], other[name]) for name in one)
        for one, other in itertools.pairwise(before)
    ]
    assert changed == [number != 3 for number in range(2 * BATCHES - 1)]
    assert all(tensor.isfinite().all() for tensor in before[-1].values())
    scale = read_json(tmp_path / "last" / "training.json")["loss_scale"]
    assert (scale["scale"], scale["_growth_tracker"]) == (32768.0, 2 * BATCHES - 4)


def test_a_training_in_float16_goes_on_with_the_scale_that_it_had(tmp_path):
    options, whole, parted = FLOAT16, build(RANDOM), build(RANDOM)
    for model, folder in ((whole, tmp_path / "whole"), (parted, tmp_path / "parted")):
        checkpoints = saving(folder, model)
        reports = fit(
            model,
            TRAIN,
            options=options,
            objective=overflow_at(3, []),
            checkpoints=checkpoints,
            display=Display.SILENT,
        )
        next(reports)
        if model is whole:
            list(reports)
        reports.close()
    again = build(seed=9, config=RANDOM)
    run(again, None, options=options, checkpoints=saving(tmp_path / "parted", again, resume=True))
    assert_same_weights(again, whole)
    scales = [
        read_json(tmp_path / name / "last" / "training.json")["loss_scale"]
        for name in ("whole", "parted")
    ]
    assert scales[0] == scales[1]
    assert scales[0]["scale"] == 32768.0


@pytest.mark.parametrize("ahead", [1, 2, 50])
@pytest.mark.parametrize("accumulation", [1, 3])
def test_batches_that_a_thread_makes_ahead_train_the_same_bit_by_bit(ahead, accumulation):
    options = dataclasses.replace(OPTIONS, accumulation=accumulation)
    one, other = build(RANDOM), build(RANDOM)
    expected = run(one, options=dataclasses.replace(options, ahead=0))
    found = run(other, options=dataclasses.replace(options, ahead=ahead))
    assert untimed(found) == untimed(expected)
    assert_same_weights(other, one)


def test_a_training_whose_batches_are_made_ahead_is_taken_up_where_it_was(tmp_path):
    options, whole, parted = dataclasses.replace(OPTIONS, ahead=4), build(RANDOM), build(RANDOM)
    run(whole, options=options)
    with pytest.raises(KeyboardInterrupt):
        run(
            parted,
            options=options,
            objective=interrupt_at(BATCHES + 4),
            checkpoints=saving(tmp_path, parted, every_steps=3),
        )
    again = build(RANDOM, seed=9)
    run(again, options=OPTIONS, checkpoints=saving(tmp_path, again, resume=True))
    assert_same_weights(again, whole)


def interrupt_at(number):
    """An objective that is interrupted in a batch of the training."""
    count = itertools.count()

    def interrupting(model, batch, state):
        if model.training and next(count) == number:
            raise KeyboardInterrupt
        return next_word(model, batch, state)

    return interrupting


@torch.no_grad()
def slow_evaluation(model, words, rows):
    """Row by row, word by word: mean loss, accuracy and number of predictions."""
    losses, correct = [], 0
    starts = [row * len(words) // rows for row in range(rows)] + [len(words) - 1]
    for start, stop in itertools.pairwise(starts):
        state = None
        for place in range(start, stop):
            logits, state = model(torch.tensor([[words[place]]]), state)
            log_probabilities = logits[0, 0].log_softmax(dim=-1)
            losses.append(-float(log_probabilities[words[place + 1]]))
            correct += int(log_probabilities.argmax()) == words[place + 1]
    return sum(losses) / len(losses), correct / len(losses), len(losses)


@pytest.mark.parametrize("config", [PLAIN, RANDOM], ids=["plain", "random"])
@pytest.mark.parametrize("train", [False, True])
def test_evaluation_is_the_sum_word_by_word(config, train):
    model = build(config).train(train)
    found = evaluate(model, VALID)
    assert model.training == train
    loss, accuracy, count = slow_evaluation(model.eval(), tokens(101).read(0, 101).tolist(), 3)
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert found.perplexity == pytest.approx(math.exp(loss), rel=1e-4)
    assert found.accuracy == accuracy
    assert found.count == count == 100
    assert all(parameter.grad is None for parameter in model.parameters())


def test_evaluation_leaves_each_part_in_its_own_mode():
    model = build().train()
    model.encoder.eval()
    before = [module.training for module in model.modules()]
    evaluate(model, VALID)
    assert [module.training for module in model.modules()] == before


def test_evaluation_that_fails_leaves_the_mode_too():
    model = build().train()

    def broken(*_):
        raise KeyError

    with pytest.raises(KeyError):
        evaluate(model, VALID, objective=broken)
    assert model.training


def test_evaluation_draws_no_random_number():
    model = build(RANDOM)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].tolist()
    evaluate(model, VALID)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert (random.getstate(), np.random.get_state()[1].tolist()) == before[1:]


def test_an_evaluation_of_nothing_is_zero():
    class Nothing:
        def __len__(self):
            return 0

        def batches(self, epoch=0, start=0):
            return iter(())

    found = evaluate(build(), Nothing())
    assert (found.loss, found.accuracy, found.count) == (0.0, None, 0)


def test_an_objective_that_counts_nothing_right_has_no_accuracy():
    def uncounted(*parts):
        return dataclasses.replace(next_word(*parts), correct=None)

    model = build()
    found, counted = evaluate(model, VALID, objective=uncounted), evaluate(model, VALID)
    assert found == dataclasses.replace(counted, accuracy=None)
    assert {report.accuracy for report in run(model, objective=uncounted)} == {None}


def test_ignored_targets_do_not_weigh():
    """Batches of unequal numbers of predictions are weighed by them, not equally."""
    model = build().eval()
    batches = list(VALID)
    assert len({int((batch.targets != IGNORED).sum()) for batch in batches}) > 1
    steps, state = [], None
    with torch.no_grad():
        for batch in batches:
            steps.append(next_word(model, batch, state))
            state = steps[-1].state
    weighed = sum(float(step.loss) * int(step.count) for step in steps) / sum(
        int(step.count) for step in steps
    )
    assert evaluate(model, VALID).loss == pytest.approx(weighed, rel=1e-6)


def test_a_fresh_start_that_is_cut_off_resumes_as_itself(tmp_path):
    """Not as the training that was in the folder before."""
    first = build()
    earlier = run(first, checkpoints=saving(tmp_path, first))
    second = build()
    training_again = fit(
        second,
        TRAIN,
        options=OPTIONS,
        checkpoints=saving(tmp_path, second),
        display=Display.SILENT,
        objective=interrupted,
    )
    with pytest.raises(KeyboardInterrupt):
        next(training_again)
    third = build()
    resumed = run(third, checkpoints=saving(tmp_path, third, resume=True))
    assert [report.epoch for report in resumed] == [report.epoch for report in earlier]
    assert all(report.seconds != old.seconds for report, old in zip(resumed, earlier, strict=True))


def interrupted(model, batch, state):
    raise KeyboardInterrupt


def test_files_that_no_training_wrote_are_not_replaced(tmp_path):
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "thesis.doc").write_text("years of work", encoding="utf-8")
    model = build()
    with pytest.raises(OptionError, match="best"):
        run(model, checkpoints=saving(tmp_path, model))
    assert (tmp_path / "best" / "thesis.doc").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(
    "change",
    [
        {"max_grad_norm": -1.0},
        {"beta2": 2.0},
        {"seed": -1},
        {"precision": "foo"},
        {"epochs": 0},
        {"average": 0.0},
        {"average": 1.0},
        {"average": -0.5},
        {"patience": 0},
        {"patience": -1},
        {"ahead": -1},
        {"accumulation": 0},
        {"lr_scales": {"encoder": -1.0}},
        {"lr_scales": {"encoder": math.nan}},
    ],
    ids=str,
)
def test_options_outside_what_is_allowed_are_refused(change):
    with pytest.raises(OptionError, match=next(iter(change))):
        TrainingOptions(**change)


def test_a_training_that_nobody_iterates_over_is_warned_of():
    model = build()
    with pytest.warns(UserWarning, match="nothing was trained"):
        fit(model, TRAIN, options=OPTIONS, display=Display.SILENT)
    reports = fit(model, TRAIN, options=OPTIONS, display=Display.SILENT)
    next(reports)
    del reports
