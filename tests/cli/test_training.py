"""The work of `seqlabel train`: a run that was stopped and goes on, text that an encoder reads
first, teachers.
"""

import json
import re
from contextlib import contextmanager

import pytest

from seqlabel.models import Labeler, WordLanguageModel, adapting, measuring


@contextmanager
def stopped_in_the_second_epoch():
    """Ctrl+C where a training measures its second epoch."""
    score, calls = measuring.score_epoch, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return score(*arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "score_epoch", interrupted)
        yield


def assert_same_weights(*folders):
    one, other = (folder / "model" / "model.safetensors" for folder in folders)
    assert one.read_bytes() == other.read_bytes()


def test_ctrl_c_keeps_the_checkpoint_and_resume_continues(run, files, tmp_path):
    command = f"train tags {files}/tags.txt --encoder {files}/encoder --epochs 3 -o {tmp_path}"
    assert run(f"{command}/whole").exit_code == 0
    with stopped_in_the_second_epoch():
        done = run(f"{command}/cut")
    assert (done.exit_code, "--resume" in done.stderr) == (130, True)
    assert (tmp_path / "cut" / "training" / "last").is_dir()
    assert run(f"{command}/cut --resume").exit_code == 0
    assert_same_weights(tmp_path / "whole", tmp_path / "cut")


@pytest.mark.parametrize(("task", "name"), [("spans", "spans.jsonl"), ("tags", "tags.txt")])
def test_folds_choose_the_passes_and_everything_is_learnt(run, files, tmp_path, task, name):
    lines = (files / name).read_text()
    rows = [lines.replace("Oslo", "Rome").replace("cat", f"cat{number}") for number in range(12)]
    (tmp_path / name).write_text("".join(rows[:3] if task == "spans" else rows))
    options = ["--on", files / "encoder", "--epochs", 3, "--folds", 3, "-o", tmp_path / "o"]
    done = run(f"train {task} {tmp_path}/{name}", *options)
    assert done.exit_code == 0, done.stderr
    passes = int(re.search(r"cross-validation chose (\d) of 3 passes", done.stderr)[1])
    scores = json.loads((tmp_path / "o" / "metrics.json").read_text())
    assert scores["measured_on"] == "3 folds"
    assert [one["epoch"] for one in scores["epochs"]] == list(range(1, passes + 1))
    assert "3 folds" in done.stdout
    assert "cut into" not in done.stderr
    assert "a cross-validation with 3 folds" in (tmp_path / "o" / "README.md").read_text()
    assert not (tmp_path / "o" / "training").exists()


@pytest.mark.parametrize("more", [["--dev"], ["--teachers", 2]])
def test_folds_take_the_place_of_dev(run, files, tmp_path, more):
    more = (
        [*more, files / "spans.jsonl"]
        if more == ["--dev"]
        else [*more, "--unlabelled", files / "texts.csv"]
    )
    done = run(f"train spans {files}/spans.jsonl --folds 3 -o {tmp_path}/o", *more)
    assert "--folds: " in done.stderr


def test_a_training_that_gains_nothing_ends_early_and_says_so(run, files, tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "score_epoch", lambda *arguments: 0.5)
    options = ["--on", files / "encoder", "--epochs", 9, "-o", tmp_path / "o"]
    done = run(f"train tags {files}/tags.txt", *options)
    assert done.exit_code == 0, done.stderr
    assert "stopped after 5 of 9 epochs" in done.stderr


@pytest.fixture
def reading_first(files, tmp_path):
    """The command of a training whose encoder first reads text without labels, in which an unknown
    word is frequent.
    """
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "a.txt").write_text(
        "The zebu saw the zebra and the cat sat there .\n" * 60, encoding="utf-8"
    )
    return ["train", "tags", files / "tags.txt", "--on", files / "encoder", "--unlabelled", folder]


def test_the_encoder_reads_text_without_labels_first(run, reading_first, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    command = [*reading_first, "--epochs", 1]
    done = run(*command, "-o", tmp_path / "o")
    assert done.exit_code == 0, done.stderr
    assert "o/encoder: " in done.stderr
    assert "zebu" in Labeler.load(tmp_path / "o" / "model").vocabulary
    assert "zebu" in WordLanguageModel.load(tmp_path / "o" / "encoder").vocabulary
    assert "which first read texts without labels" in (tmp_path / "o" / "README.md").read_text()
    # The recorded options repeat the run.
    assert run(f"train --config {tmp_path}/o/train.toml -o {tmp_path}/again").exit_code == 0
    assert_same_weights(tmp_path / "o", tmp_path / "again")


def test_a_resumed_training_takes_the_encoder_that_has_read(
    run, reading_first, tmp_path, monkeypatch
):
    command = [*reading_first, "--epochs", 3]
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    assert run(*command, "-o", whole).exit_code == 0
    with stopped_in_the_second_epoch():
        assert run(*command, "-o", cut).exit_code == 130
    monkeypatch.setattr(adapting, "adapt", lambda *_, **__: pytest.fail("the text was read again"))
    assert run(*command, "-o", cut, "--resume").exit_code == 0
    assert_same_weights(whole, cut)


def test_teachers_label_text_for_the_model(run, reading_first, tmp_path, monkeypatch):
    monkeypatch.setattr("seqlabel.cli.training._MOST_PIECES", 1)
    command = [*reading_first, "--teachers", 2, "--epochs", 1]
    done = run(*command, "-o", tmp_path / "o")
    assert done.exit_code == 0, done.stderr
    assert "2 teachers are trained first" in done.stderr
    assert "500 of 660 words" in done.stderr
    assert "zebu" in Labeler.load(tmp_path / "o" / "model").vocabulary
    card = (tmp_path / "o" / "README.md").read_text()
    assert ("a.txt" in card, "2 labelers with other seeds" in card) == (False, True)
    assert not (tmp_path / "o" / "training").exists()
    metrics = json.loads((tmp_path / "o" / "metrics.json").read_text())
    # The model's own passes, which follow from the number of words.
    assert len(metrics["epochs"]) > 1


# The file has 80 spans.
@pytest.mark.parametrize(
    ("copies", "options", "teachers"),
    [
        (1, "", 3),
        (1, "--teachers 0", 0),
        (1, "--teachers 1", 1),
        (1, "--batch-words 200", 0),
        (2, "", 0),
    ],
)
def test_teachers_label_the_text_of_few_spans_unless_the_options_say_otherwise(
    run, files, tmp_path, copies, options, teachers
):
    lines = (files / "spans.jsonl").read_text() * copies
    for part in ("train", "dev"):
        (tmp_path / f"{part}.jsonl").write_text(lines)
    (tmp_path / "plain.txt").write_text("Ann visited Oslo .\n" * 200)
    done = run(
        f"train spans {tmp_path}/train.jsonl --dev {tmp_path}/dev.jsonl --on {files}/encoder "
        f"--unlabelled {tmp_path}/plain.txt --epochs 1 {options} -o {tmp_path}/o"
    )
    assert done.exit_code == 0, done.stderr
    said = f"{teachers} teachers are trained first" if teachers else "teachers are trained first"
    assert (said in done.stderr) is bool(teachers)
    assert ("--teachers 0 leaves them out" in done.stderr) is (teachers == 3)
    assert f"teachers = {teachers}\n" in (tmp_path / "o" / "train.toml").read_text()


@pytest.mark.end_to_end
@pytest.mark.parametrize("on", ["none", pytest.param("en_pos_fast", marks=pytest.mark.slow)])
def test_teachers_of_a_model_without_an_encoder_to_adapt(run, files, tmp_path, on):
    (tmp_path / "a.txt").write_text("the cat sat\n" * 40, encoding="utf-8")
    command = (
        f"train tags {files}/tags.txt --layer upos --on {on} --unlabelled {tmp_path}/a.txt".split()
    )
    done = run(*command, "--teachers", 1, "--epochs", 1, "-o", tmp_path / "o", "--quiet")
    assert done.exit_code == 0, done.stderr
