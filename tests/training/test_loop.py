"""The training loop against a plain one, through kills and resumes, and what it leaves behind."""

import copy
import dataclasses
import itertools
import math
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from torch import nn

from seqlabel.batches.language import EvaluationStream, LanguageModelStream
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
from tests.weights import same_weights

WORDS = 7
PLAIN = LanguageModelConfig(vocabulary=WORDS, embedding=8, hidden=8, layers=1)
# Dropout, so that random states matter; a pointer, so that the carried state is nested.
RANDOM = dataclasses.replace(
    PLAIN, layers=2, embedding_dropout=0.2, dropout=0.3, pointer=PointerConfig(width=4, window=6)
)
OPTIONS = TrainingOptions(epochs=2, schedule=OneCycle(max_lr=0.03), device="cpu", max_grad_norm=1.0)
AVERAGED = dataclasses.replace(OPTIONS, average=0.9)
FLOAT16 = dataclasses.replace(OPTIONS, precision=Precision.FLOAT16)
every_config = pytest.mark.parametrize("config", [PLAIN, RANDOM], ids=["plain", "random"])


def tokens(count=400):
    """Words that follow from the word before, except for a tenth of them."""
    chance = random.Random(0)
    ids = []
    for place in range(count):
        ids.append(chance.randrange(WORDS) if chance.random() < 0.1 else place % WORDS)
    return TokenArray(ids)


TRAIN = LanguageModelStream(tokens(), batch_size=4, bptt=5)
VALID = EvaluationStream(tokens(101), batch_size=3, bptt=7)
BATCHES = len(TRAIN)


def build(config=PLAIN, seed=0):
    torch.manual_seed(seed)
    return build_language_model(config)


def start(model, valid=VALID, *, train=TRAIN, options=OPTIONS, **parts):
    return fit(model, train, valid, options=options, display=Display.SILENT, **parts)


def run(model, valid=VALID, **parts):
    return list(start(model, valid, **parts))


def untimed(reports):
    times = {"seconds": 0.0, "validation_seconds": 0.0, "waiting_seconds": 0.0}
    return [dataclasses.replace(report, **times) for report in reports]


def weights(model):
    return {name: parameter.detach().clone() for name, parameter in model.named_parameters()}


def saving(folder, model, **choices):
    return Checkpoints(
        folder, save=lambda place: save_weights(place / "model.safetensors", model), **choices
    )


def saved_in(folder):
    """The model whose weights a folder has."""
    model = build(seed=9)
    load_weights(folder / "model.safetensors", model)
    return model


def watching(step_of_training):
    """An objective that calls a function with the step and the weights before each of them."""
    count = itertools.count()

    def objective(model, batch, state):
        step = next_word(model, batch, state)
        return step_of_training(next(count), model, step) if model.training else step

    return objective


def interrupt_at(number):
    """An objective that is interrupted in a batch of the training."""

    def interrupt(place, model, step):
        if place == number:
            raise KeyboardInterrupt
        return step

    return watching(interrupt)


def explode_at(number):
    """An objective whose loss is infinite from a batch of the training on."""
    return watching(
        lambda place, model, step: dataclasses.replace(
            step, losses=step.losses * (math.inf if place >= number else 1)
        )
    )


def test_the_loss_falls_and_the_pattern_is_learnt():
    model = build()
    before = evaluate(model, VALID)
    reports = run(model, options=dataclasses.replace(OPTIONS, epochs=4))
    assert [(report.epoch, report.epochs) for report in reports] == [(n, 4) for n in range(1, 5)]
    assert {report.tokens for report in reports} == {BATCHES * 4 * 5}
    assert before.accuracy < 0.3 < 0.75 < reports[-1].accuracy
    assert reports[-1].valid_loss < reports[0].valid_loss < before.loss
    assert evaluate(model, VALID).loss == reports[-1].valid_loss


def plain_loop(model, parts, options):
    """Train parts of a model, each with a factor of the rate; gives the mean loss of each epoch."""
    float16 = options.precision is Precision.FLOAT16
    scale = 65536 if float16 else 1
    groups = [{"params": list(part.parameters()), "scale": factor} for part, factor in parts]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01, eps=1e-5, fused=False)
    rates, momenta = preview(options.schedule, 2 * BATCHES)
    losses = []
    for done in range(2 * BATCHES):
        if done % BATCHES == 0:
            state, batches = None, iter(TRAIN)
        for group in optimizer.param_groups:
            group.update(lr=rates[done] * group["scale"], betas=(momenta[done], 0.99))
        batch = next(batches)
        with torch.autocast("cpu", torch.float16, enabled=float16):
            logits, state = model(batch.inputs, detach_state(state))
        loss = nn.functional.cross_entropy(logits.float().flatten(0, 1), batch.targets.flatten())
        model.zero_grad()
        (loss * scale).backward()
        for parameter in model.parameters():
            parameter.grad /= scale
        if options.max_grad_norm is not None:
            nn.utils.clip_grad_norm_(model.parameters(), options.max_grad_norm)
        optimizer.step()
        losses.append(float(loss.detach()))
    return [sum(losses[:BATCHES]) / BATCHES, sum(losses[BATCHES:]) / BATCHES]


@pytest.mark.parametrize(
    "change",
    [{"max_grad_norm": None}, {"max_grad_norm": 0.05}, {"precision": Precision.FLOAT16}],
    ids=str,
)
def test_a_plain_loop_does_the_same(change):
    options = dataclasses.replace(OPTIONS, **change)
    model, expected = build(), build()
    reports = run(model, None, options=options)
    losses = plain_loop(expected, [(expected, 1.0)], options)
    exact = options.precision is Precision.FLOAT32
    assert [report.train_loss for report in reports] == pytest.approx(
        losses, rel=1e-4 if exact else 1e-3
    )
    assert [report.valid_loss for report in reports] == [None, None]
    torch.testing.assert_close(
        dict(model.state_dict()),
        dict(expected.state_dict()),
        rtol=1e-3 if exact else 1e-2,
        atol=1e-4 if exact else 1e-3,
    )
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


def test_a_plain_loop_with_a_rate_for_each_part_does_the_same():
    config = dataclasses.replace(PLAIN, tied=False)
    model, expected = build(config), build(config)
    scales = {"head": 0.1, "head.norm": 3.0, "encoder.forward_encoder": 0.0}
    run(model, None, options=dataclasses.replace(OPTIONS, lr_scales=scales))
    parts = [
        (expected.encoder.embedder, 1.0),
        (expected.head.norm, 3.0),
        (expected.head.output, 0.1),
    ]
    plain_loop(expected, parts, OPTIONS)
    torch.testing.assert_close(
        dict(model.state_dict()), dict(expected.state_dict()), rtol=1e-3, atol=1e-4
    )
    untouched = build(config).encoder.forward_encoder
    assert same_weights(model.encoder.forward_encoder, untouched)


class Trail:
    """An objective that keeps the weights that trained, before each step, and those of
    evaluations.
    """

    def __init__(self):
        self.trained, self.evaluated = [], []

    def __call__(self, model, batch, state):
        (self.trained if model.training else self.evaluated).append(weights(model))
        return next_word(model, batch, state)


@every_config
@pytest.mark.parametrize("share", [0.1, 0.9])
def test_averages_are_a_plain_loop_over_the_weights_that_train(tmp_path, config, share):
    plain, model = Trail(), build(config)
    run(model, None, objective=plain)
    plain.trained.append(weights(model))

    averaged, model, found = Trail(), build(config), []
    checkpoints = saving(tmp_path, model, every_steps=3, score=lambda report: report.epoch)
    options = dataclasses.replace(OPTIONS, average=share)
    for _ in start(model, options=options, objective=averaged, checkpoints=checkpoints):
        found.append(weights(model))
        for folder in (checkpoints.best, checkpoints.last):
            saved = read_tensors(folder / "model.safetensors")
            assert all(torch.equal(saved[name], tensor) for name, tensor in found[-1].items())
    # To average changes nothing in what trains, bit by bit, also where an epoch begins.
    for one, other in zip(averaged.trained, plain.trained, strict=False):
        assert all(torch.equal(one[name], other[name]) for name in other)
    decay = 1 - 1 / max(share * 2 * BATCHES, 2)
    average = {name: tensor.double() for name, tensor in plain.trained[0].items()}
    expected = []
    for step, trained in enumerate(plain.trained[1:], 1):
        kept = min(decay, (1 + step) / (10 + step))
        for name, tensor in trained.items():
            average[name] = kept * average[name] + (1 - kept) * tensor.double()
        if step % BATCHES == 0:
            expected.append({name: tensor.float() for name, tensor in average.items()})
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    # It is the average that was validated.
    assert len(averaged.evaluated) == 2 * len(VALID)
    for number, one in enumerate(averaged.evaluated):
        assert all(torch.equal(one[name], found[number // len(VALID)][name]) for name in one)


@pytest.mark.parametrize("after", [1, 2])
def test_a_training_that_was_left_between_epochs_goes_on_from_the_weights_that_train(
    tmp_path, after
):
    options = dataclasses.replace(AVERAGED, epochs=3)
    model, whole, resumed = build(RANDOM), build(RANDOM), build(RANDOM, seed=9)
    expected = run(whole, options=options, checkpoints=saving(tmp_path / "whole", whole))
    left = start(model, options=options, checkpoints=saving(tmp_path / "left", model))
    reports = list(itertools.islice(left, after))
    left.close()

    seen = []
    checkpoints = saving(tmp_path / "left", resumed, resume=True)
    for report in start(resumed, options=options, checkpoints=checkpoints):
        seen.append(report)
        if len(seen) == after:
            # Reports of finished epochs come again, with the averages in the model.
            assert same_weights(resumed, model)
    assert untimed(seen) == untimed(expected)
    assert untimed(seen[:after]) == untimed(reports)
    assert same_weights(resumed, whole)


def scored(model, scores):
    """A validation with these scores next to the loss, one after the other."""
    remaining = iter(scores)
    return lambda: dataclasses.replace(evaluate(model, VALID), score=next(remaining))


@pytest.mark.parametrize(
    ("patience", "scores", "epochs"),
    [
        (1, [0.5, 0.4], 2),
        (1, [0.5, 0.6, 0.6], 3),
        (2, [0.1, 0.5, 0.4, 0.6, 0.6, 0.5], 6),
        (2, [0.5, 0.5, 0.5], 3),
        (3, [0.3, 0.2, 0.2, 0.4, 0.3, 0.2], 6),
        (None, [0.5, 0.4, 0.3, 0.2, 0.1, 0.0], 6),
    ],
)
def test_training_stops_after_so_many_epochs_without_a_better_score(patience, scores, epochs):
    options = dataclasses.replace(OPTIONS, epochs=6, patience=patience)
    model = build()
    reports = run(model, options=options, validate=scored(model, scores))
    assert [report.score for report in reports] == scores[:epochs]
    assert {report.epochs for report in reports} == {6}


def test_patience_without_a_score_looks_at_the_accuracy_and_without_that_at_the_loss():
    def blind(model, batch, state):
        nothing = 0 * model(batch.inputs, state)[0].sum()[None]
        return dataclasses.replace(next_word(model, batch, state), losses=nothing)

    options = dataclasses.replace(OPTIONS, epochs=5, patience=2)
    # Nothing is learnt, so that nothing gets better.
    still = dataclasses.replace(options, lr_scales={"encoder": 0.0, "head": 0.0})
    assert len(run(build(), options=still, objective=blind)) == 3
    assert len(run(build(), None, options=still, objective=blind)) == 3
    assert len(run(build(), None, options=options)) == 5


def test_a_training_that_ran_out_of_patience_is_over_also_for_who_resumes_it(tmp_path):
    model, again = build(RANDOM), build(RANDOM, seed=9)
    options = dataclasses.replace(AVERAGED, epochs=5, patience=1)
    falling = {"score": lambda report: -report.epoch}
    reports = run(model, options=options, checkpoints=saving(tmp_path, model, **falling))
    assert len(reports) == 2
    resumed = saving(tmp_path, again, resume=True, **falling)
    assert run(again, options=options, checkpoints=resumed) == reports
    assert same_weights(model, again)


@every_config
def test_the_same_seed_gives_the_same_weights(config):
    first, second, third = build(config), build(config), build(config)
    reports = run(first)
    torch.rand(5)
    assert untimed(run(second)) == untimed(reports)
    assert same_weights(first, second)
    run(third, options=dataclasses.replace(OPTIONS, seed=1))
    same = torch.equal(first.encoder.embedder.table.weight, third.encoder.embedder.table.weight)
    assert same == (config is PLAIN)


def test_nothing_happens_before_the_first_report_is_asked_for(tmp_path):
    model = build()
    reports = start(model, checkpoints=saving(tmp_path / "run", model))
    assert same_weights(model, build())
    reports.close()
    assert list(tmp_path.iterdir()) == []


def test_a_training_that_nobody_iterates_over_is_warned_of():
    with pytest.warns(UserWarning, match=r"^fit\("):
        start(build())
    reports = start(build())
    next(reports)
    del reports


def test_frozen_parameters_stay():
    model = build(dataclasses.replace(PLAIN, tied=False))
    model.encoder.embedder.table.weight.requires_grad_(False)
    before = copy.deepcopy(model.state_dict())
    run(model, None)
    after = model.state_dict()
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed == set(before) - {"encoder.embedder.table.weight"}


def test_a_caller_may_leave_the_model_in_evaluation_between_reports():
    model, expected = build(RANDOM).eval(), build(RANDOM)
    reports = []
    for report in start(model):
        reports.append(report)
        model.eval()
    assert untimed(reports) == untimed(run(expected))
    assert same_weights(model, expected)


def test_an_ended_training_holds_no_memory_of_its_optimizer(monkeypatch):
    made, make = [], training.make_optimizer
    monkeypatch.setattr(
        training, "make_optimizer", lambda *parts: made.append(make(*parts)) or made[-1]
    )
    reports = start(build())
    next(reports)
    assert made[0].state
    reports.close()
    assert not made[0].state


def test_a_loss_that_is_not_finite_ends_the_training_and_replaces_no_good_one(tmp_path):
    model = build()
    checkpoints = saving(tmp_path, model, every_steps=2)
    with pytest.raises(TrainingError, match=r"epoch 2: .*schedule\.max_lr"):
        run(model, objective=explode_at(BATCHES + 3), checkpoints=checkpoints)
    saved = read_tensors(checkpoints.last / "model.safetensors")
    assert all(tensor.isfinite().all() for tensor in saved.values())


def test_last_and_best_are_what_they_say(tmp_path):
    model, first = build(), None
    # The worst epoch is called the best, so that last and best differ.
    checkpoints = saving(tmp_path, model, score=lambda report: -report.epoch)
    for report in start(model, checkpoints=checkpoints):
        first = first or copy.deepcopy(model)
        assert read_json(checkpoints.last / "training.json")["epoch"] == report.epoch
    assert same_weights(saved_in(checkpoints.best), first)
    assert same_weights(saved_in(checkpoints.last), model)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["best", "last"]
    suffixes = {path.suffix for path in tmp_path.rglob("*") if path.is_file()}
    assert suffixes == {".json", ".safetensors"}


def places_at(apart):
    """Where a training is written: at its start, so that no earlier one's `last` is taken for
    it, after so many steps, and after each epoch.
    """
    places = [(0, 0)]
    for epoch in range(2):
        within = range(apart, BATCHES, apart) if apart else []
        places += [*((epoch, step) for step in within), (epoch + 1, 0)]
    return places


@pytest.mark.parametrize("every_steps", [1, 3, BATCHES, BATCHES + 1, None])
def test_last_is_written_as_often_as_asked(tmp_path, monkeypatch, every_steps):
    places = []
    monkeypatch.setattr(
        training, "save_training", lambda *parts: places.append((parts[3].epoch, parts[3].step))
    )
    model = build()
    run(model, checkpoints=saving(tmp_path, model, every_steps=every_steps))
    assert places == places_at(every_steps)


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
    assert places == places_at(apart)


EVERY_STEPS = 3
# Nothing, and all that keeps something next to the weights or between epochs.
DYING = {
    "plain": OPTIONS,
    "average": dataclasses.replace(AVERAGED, patience=2, lr_scales={"copier": 0.5}),
}


def train_and_die(folder, when, how):
    """Train until a moment in the second epoch, and be killed there; run in a process of its
    own.
    """
    model = build(RANDOM)
    saves = itertools.count(1)

    def save(place):
        save_weights(place / "model.safetensors", model)
        if next(saves) == BATCHES // EVERY_STEPS + 5 and when == "while saving":
            os.kill(os.getpid(), signal.SIGKILL)

    def die_between_saves(place, model, step):
        if place == BATCHES + 3 * EVERY_STEPS + 1 and when == "between saves":
            os.kill(os.getpid(), signal.SIGKILL)
        return step

    checkpoints = Checkpoints(Path(folder), save=save, every_steps=EVERY_STEPS)
    run(model, options=DYING[how], objective=watching(die_between_saves), checkpoints=checkpoints)


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

    whole, resumed, trail = build(RANDOM), build(RANDOM, seed=9), Trail()
    checkpoints = saving(tmp_path / "whole", whole, every_steps=EVERY_STEPS)
    expected = run(whole, options=options, checkpoints=checkpoints)
    checkpoints = saving(folder, resumed, every_steps=EVERY_STEPS, resume=True)
    reports = run(resumed, options=options, objective=trail, checkpoints=checkpoints)
    assert untimed(reports) == untimed(expected)
    assert len(trail.trained) == BATCHES - about["step"]
    assert same_weights(resumed, whole)
    for name in ("last/model.safetensors", "best/model.safetensors", "last/training.safetensors"):
        left, right = read_tensors(folder / name), read_tensors(tmp_path / "whole" / name)
        assert left.keys() == right.keys()
        assert [key for key in left if not torch.equal(left[key], right[key])] == []
    assert any(key.startswith("trained/") for key in left) == (options.average is not None)


def test_a_stop_between_last_and_best_loses_neither(tmp_path, monkeypatch):
    def stop(_):
        raise KeyboardInterrupt

    model, whole = build(), build()
    choices = {"score": lambda report: -report.epoch}
    with monkeypatch.context() as patch:
        patch.setattr(training, "new_checkpoint", stop)
        with pytest.raises(KeyboardInterrupt):
            run(build(), checkpoints=saving(tmp_path / "stopped", build(), **choices))
    stopped = saving(tmp_path / "stopped", model, resume=True, **choices)
    complete = saving(tmp_path / "whole", whole, **choices)
    run(model, checkpoints=stopped)
    run(whole, checkpoints=complete)
    assert same_weights(model, whole)
    assert same_weights(saved_in(stopped.best), saved_in(complete.best))


def test_resuming_a_finished_training_says_all_and_trains_nothing(tmp_path):
    model, again = build(RANDOM), build(RANDOM, seed=9)
    # The score that a caller measured comes again from the file.
    options, scores = AVERAGED, [0.1, 0.2]
    best = {"score": lambda report: report.score}
    parts = {"validate": scored(model, scores), "checkpoints": saving(tmp_path, model, **best)}
    reports = run(model, options=options, **parts)
    assert [report.score for report in reports] == scores
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    resumed = saving(tmp_path, again, resume=True, **best)
    parts = {"objective": interrupt_at(0), "validate": scored(again, [])}
    assert run(again, options=options, checkpoints=resumed, **parts) == reports
    assert same_weights(model, again)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 3},
        {"schedule": OneCycle(max_lr=0.01)},
        {"seed": 5},
        {"precision": Precision.BFLOAT16},
        {"max_grad_norm": None},
        {"average": 0.9},
        {"patience": 3},
        {"lr_scales": {"encoder": 0.5}},
    ],
    ids=str,
)
def test_resuming_with_other_options_is_refused(tmp_path, change):
    model = build()
    next(start(model, None, checkpoints=saving(tmp_path, model)))
    options = dataclasses.replace(OPTIONS, **change)
    with pytest.raises(CheckpointError, match=f"last: .*{next(iter(change))}"):
        run(model, None, options=options, checkpoints=saving(tmp_path, model, resume=True))


def test_resuming_with_other_batches_is_refused_and_on_another_device_allowed(tmp_path):
    model = build()
    reports = run(model, None, checkpoints=saving(tmp_path, model))
    checkpoints = saving(tmp_path, model, resume=True)
    other = [place % 3 for place in range(400)]
    for ids, named in ((other + other[:100], "batches_an_epoch"), (other, "checksum_of_first")):
        stream = LanguageModelStream(TokenArray(ids), batch_size=4, bptt=5)
        with pytest.raises(CheckpointError, match=named):
            run(model, None, train=stream, checkpoints=checkpoints)
    has_gpu = torch.cuda.is_available() or torch.backends.mps.is_available()
    options = dataclasses.replace(OPTIONS, device="cpu" if has_gpu else "auto")
    assert run(model, None, options=options, checkpoints=checkpoints) == reports


def test_a_training_goes_on_in_the_precision_that_was_measured_at_its_beginning(
    tmp_path, monkeypatch
):
    options = dataclasses.replace(OPTIONS, precision=Precision.AUTO)
    whole, parted, again = build(), build(), build(seed=9)
    monkeypatch.setattr(training, "multiplies_bfloat16", lambda device: True)
    run(whole, options=options)
    next(start(parted, options=options, checkpoints=saving(tmp_path, parted)))
    monkeypatch.setattr(training, "multiplies_bfloat16", lambda device: False)
    run(again, options=options, checkpoints=saving(tmp_path, again, resume=True))
    assert same_weights(again, whole)


@pytest.mark.parametrize("leave", ["finished", "abandoned", "broken"])
def test_bfloat16_hands_the_model_back_as_it_came(leave):
    model, keys = build(RANDOM), list(build(RANDOM).state_dict())
    options = dataclasses.replace(OPTIONS, precision=Precision.BFLOAT16)
    if leave == "broken":
        with pytest.raises(TrainingError):
            run(model, options=options, objective=explode_at(0))
    else:
        reports = start(model, options=options)
        found = list(itertools.islice(reports, 2 if leave == "finished" else 1))
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


def overflow_at(number, before=None):
    """An objective whose gradients overflow in one batch of the training; it keeps the weights
    before each batch.
    """

    def overflow(place, model, step):
        if before is not None:
            before.append(weights(model))
        # The loss is finite; its scaled gradients are not.
        return dataclasses.replace(step, losses=step.losses * (1e30 if place == number else 1))

    return watching(overflow)


def loss_scale(folder):
    return read_json(folder / "last" / "training.json")["loss_scale"]


def test_a_step_whose_gradients_overflow_changes_nothing_and_halves_the_scale(tmp_path):
    before, model = [], build(RANDOM)
    parts = {"objective": overflow_at(3, before), "checkpoints": saving(tmp_path, model)}
    run(model, None, options=FLOAT16, **parts)
    changed = []
    for one, other in itertools.pairwise(before):
        changed.append(any(not torch.equal(one[name], other[name]) for name in one))
    assert changed == [number != 3 for number in range(2 * BATCHES - 1)]
    assert all(tensor.isfinite().all() for tensor in before[-1].values())
    scale = loss_scale(tmp_path)
    assert (scale["scale"], scale["_growth_tracker"]) == (32768.0, 2 * BATCHES - 4)


def test_a_training_in_float16_goes_on_with_the_scale_that_it_had(tmp_path):
    whole, parted, again = build(RANDOM), build(RANDOM), build(RANDOM, seed=9)
    choices = {"options": FLOAT16, "objective": overflow_at(3)}
    run(whole, None, checkpoints=saving(tmp_path / "whole", whole), **choices)
    choices["objective"] = overflow_at(3)
    next(start(parted, None, checkpoints=saving(tmp_path / "parted", parted), **choices))
    resumed = saving(tmp_path / "parted", again, resume=True)
    run(again, None, options=FLOAT16, checkpoints=resumed)
    assert same_weights(again, whole)
    assert loss_scale(tmp_path / "whole") == loss_scale(tmp_path / "parted")


@pytest.mark.parametrize("ahead", [1, 2, 50])
@pytest.mark.parametrize("accumulation", [1, 3])
def test_batches_that_a_thread_makes_ahead_train_the_same_bit_by_bit(ahead, accumulation):
    options = dataclasses.replace(OPTIONS, accumulation=accumulation)
    one, other = build(RANDOM), build(RANDOM)
    expected = run(one, options=dataclasses.replace(options, ahead=0))
    found = run(other, options=dataclasses.replace(options, ahead=ahead))
    assert untimed(found) == untimed(expected)
    assert same_weights(other, one)


def test_a_training_whose_batches_are_made_ahead_is_taken_up_where_it_was(tmp_path):
    options, whole, parted = dataclasses.replace(OPTIONS, ahead=4), build(RANDOM), build(RANDOM)
    run(whole, options=options)
    checkpoints = saving(tmp_path, parted, every_steps=3)
    with pytest.raises(KeyboardInterrupt):
        run(parted, options=options, objective=interrupt_at(BATCHES + 4), checkpoints=checkpoints)
    again = build(RANDOM, seed=9)
    run(again, checkpoints=saving(tmp_path, again, resume=True))
    assert same_weights(again, whole)


def test_a_fresh_start_that_is_cut_off_resumes_as_itself(tmp_path):
    """Not as the training that was in the folder before."""
    first, second, third = build(), build(), build()
    earlier = run(first, checkpoints=saving(tmp_path, first))
    with pytest.raises(KeyboardInterrupt):
        run(second, checkpoints=saving(tmp_path, second), objective=interrupt_at(0))
    resumed = run(third, checkpoints=saving(tmp_path, third, resume=True))
    assert untimed(resumed) == untimed(earlier)
    assert all(report.seconds != old.seconds for report, old in zip(resumed, earlier, strict=True))


def test_files_that_no_training_wrote_are_not_replaced(tmp_path):
    (tmp_path / "best").mkdir()
    (tmp_path / "best" / "thesis.doc").write_text("years of work", encoding="utf-8")
    model = build()
    with pytest.raises(OptionError, match="best"):
        run(model, checkpoints=saving(tmp_path, model))
    assert (tmp_path / "best" / "thesis.doc").read_text(encoding="utf-8") == "years of work"


@torch.no_grad()
def slow_evaluation(model, words, rows):
    """Row by row, word by word: mean loss, accuracy and number of predictions."""
    losses, correct = [], 0
    starts = [row * len(words) // rows for row in range(rows)] + [len(words) - 1]
    for begin, stop in itertools.pairwise(starts):
        state = None
        for place in range(begin, stop):
            logits, state = model(torch.tensor([[words[place]]]), state)
            log_probabilities = logits[0, 0].log_softmax(dim=-1)
            losses.append(-float(log_probabilities[words[place + 1]]))
            correct += int(log_probabilities.argmax()) == words[place + 1]
    return sum(losses) / len(losses), correct / len(losses), len(losses)


@every_config
@pytest.mark.parametrize("train", [False, True])
def test_evaluation_is_the_sum_word_by_word(config, train):
    model = build(config).train(train)
    found = evaluate(model, VALID)
    assert model.training == train
    loss, accuracy, count = slow_evaluation(model.eval(), tokens(101).read(0, 101).tolist(), 3)
    assert found.loss == pytest.approx(loss, rel=1e-5)
    assert found.perplexity == pytest.approx(math.exp(loss), rel=1e-4)
    assert (found.accuracy, found.count) == (accuracy, count)
    assert all(parameter.grad is None for parameter in model.parameters())


def test_an_evaluation_of_nothing_is_zero():
    class Nothing:
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


@pytest.mark.parametrize(
    ("call", "option"),
    [
        (lambda folder: TrainingOptions(max_grad_norm=-1.0), "max_grad_norm"),
        (lambda folder: TrainingOptions(beta2=2.0), "beta2"),
        (lambda folder: TrainingOptions(seed=-1), "seed"),
        (lambda folder: TrainingOptions(precision="foo"), "precision"),
        (lambda folder: TrainingOptions(epochs=0), "epochs"),
        (lambda folder: TrainingOptions(average=0.0), "average"),
        (lambda folder: TrainingOptions(average=1.0), "average"),
        (lambda folder: TrainingOptions(patience=0), "patience"),
        (lambda folder: TrainingOptions(ahead=-1), "ahead"),
        (lambda folder: TrainingOptions(accumulation=0), "accumulation"),
        (lambda folder: TrainingOptions(lr_scales={"encoder": -1.0}), "lr_scales"),
        (lambda folder: TrainingOptions(lr_scales={"encoder": math.nan}), "lr_scales"),
        (lambda folder: run(build(), options=TrainingOptions(lr_scales={"x": 0.5})), "lr_scales"),
        (lambda folder: run(build(), options=TrainingOptions(device="tpu")), "device"),
        (lambda folder: saving(folder, build(), every_seconds=0.0), "every_seconds"),
    ],
)
def test_bad_options_are_refused_by_name(tmp_path, call, option):
    with pytest.raises(OptionError, match=option):
        call(tmp_path)
