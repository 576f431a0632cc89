"""`seqlabel train`: files of each task to a model that loads, what it writes beside it, and what it
says.
"""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import spacy
import torch

from seqlabel.cli import training
from seqlabel.models import Labeler, WordLanguageModel, fine_tuning, mean_encoder


def test_spans_from_one_file(labeler):
    (document,) = Labeler.load(labeler / "model")(["Eve visited London again"])
    found = [(span.label, document.words[span.start]) for span in document.spans["ner"].spans]
    assert found == [("PER", "Eve"), ("LOC", "London")]
    names = {path.name for path in labeler.iterdir()}
    assert names == {"model", "README.md", "metrics.json", "train.toml"}
    metrics = json.loads((labeler / "metrics.json").read_text())
    assert (metrics["measured_on"], metrics["exact"]["f"]) == ("test", 1.0)


def test_the_last_lines_load_it_in_python_and_in_spacy(run, files, tmp_path):
    done = run(
        f"train tags {files}/tags.conllu --encoder {files}/encoder --epochs 1 -o {tmp_path}/o"
    )
    assert done.exit_code == 0
    *_, in_python, in_spacy = done.stdout.rstrip().splitlines()
    names = {"nlp": spacy.blank("en")}
    exec(in_python.strip() + "\n" + in_spacy.strip(), names)
    assert isinstance(names["model"], Labeler)
    assert names["nlp"]("the cat sat")[1].pos_ in ("DET", "NOUN", "VERB")
    assert "tags.conllu: 40 documents with labels, read as conllu" in done.stderr
    assert "cut into 32 documents" in done.stderr


@pytest.mark.parametrize(
    ("layer", "learnt", "label"), [([], "upos", "NOUN"), (["--layer", "xpos"], "xpos", "NN")]
)
def test_of_several_layers_one_is_learnt(run, files, tmp_path, layer, learnt, label):
    command = ["train", "tags", files / "tags.conllu", "--dev", files / "tags.conllu", *layer]
    done = run(*command, "--encoder", files / "encoder", "--epochs", 1, "-o", tmp_path / "o")
    assert done.exit_code == 0, done.stderr
    names = {}
    exec(done.stdout.rstrip().splitlines()[-2].strip(), names)
    (tag_set,) = names["model"].tag_sets
    assert tag_set.layer == learnt
    assert label in tag_set.labels


def test_of_an_earlier_labelers_layers_one_is_trained_and_the_choice_is_named(run, files, tmp_path):
    command = f"train tags {files}/tags.conllu --on en_pos_fast --epochs 1 -o {tmp_path}/o".split()
    done = run(*command)
    assert done.exit_code == 0, done.stderr
    assert "--layer chooses another: xpos" in done.stderr


@pytest.mark.parametrize(("options", "epochs"), [([], 10), (["--epochs", 3], 3)])
def test_an_earlier_labeler_trains_at_lower_rates(
    run, files, labeler, tmp_path, monkeypatch, options, epochs
):
    used = []

    def recording(*given, options, **more):
        used.append(options)
        return train_one_epoch(*given, options=replace(options, epochs=1), **more)

    train_one_epoch = fine_tuning.fine_tune
    monkeypatch.setattr(fine_tuning, "fine_tune", recording)
    for on in (labeler, files / "encoder"):
        done = run(f"train spans {files}/spans.jsonl --on {on} --quiet -o {tmp_path}/o", *options)
        assert done.exit_code == 0, done.stderr
    assert [(one.epochs, one.lr_scales) for one in used] == [
        (epochs, {"encoder": 0.1, "second": 0.1}),
        (epochs if options else 30, {"encoder": 0.3}),
    ]


def test_an_earlier_labeler_learns_new_labels(run, files, labeler, tmp_path):
    row = {"text": "ACME visited Oslo again", "spans": [[0, 4, "ORG"]]}
    lines = [*(files / "spans.jsonl").read_text().splitlines(), *[json.dumps(row)] * 20]
    (tmp_path / "more.jsonl").write_text("\n".join(lines) + "\n")
    done = run(f"train spans {tmp_path}/more.jsonl --on {labeler} --epochs 60 -o {tmp_path}/o")
    assert done.exit_code == 0, done.stderr
    assert "new labels: ORG" in done.stderr
    learnt = Labeler.load(tmp_path / "o" / "model")
    assert learnt.tag_sets[0].labels == ("LOC", "PER", "ORG")
    (document,) = learnt(["ACME visited Oslo again"])
    assert "ORG" in [span.label for span in document.spans["ner"].spans]


def test_a_labeler_for_which_most_labels_are_new_is_no_good_beginning(run, labeler, tmp_path):
    rows = [{"text": "ACME met", "spans": [[0, 4, label]]} for label in ("ORG", "ART", "LAW")] * 10
    (tmp_path / "more.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    done = run(f"train spans {tmp_path}/more.jsonl --on {labeler} --epochs 1 -o {tmp_path}/o")
    assert (done.exit_code, "--on en " in done.stderr) == (0, True), done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        "tags {files}/tags.txt --encoder none",
        "spans {files}/bio.txt --encoder {files}/encoder",
        "document {files}/texts.csv --encoder {files}/encoder",
    ],
)
def test_every_task_from_a_file_whose_format_is_told(run, files, tmp_path, arguments):
    done = run(f"train {arguments.format(files=files)} --epochs 1 --json --output {tmp_path}/o")
    assert done.exit_code == 0, done.stderr
    Labeler.load(json.loads(done.stdout)["model"])


@pytest.fixture
def european(files, tmp_path, monkeypatch):
    """A place of models that ship: `en`, which has read English, and `eu`, which has read Finnish
    too.
    """
    model = WordLanguageModel.load(files / "encoder")
    for place, languages in (("pretrained/en", ("en",)), ("pretrained/eu", ("en", "fi"))):
        model.config = replace(model.config, languages=languages)
        model.save(tmp_path / place)
    monkeypatch.setattr("seqlabel.models.folders.PRETRAINED", tmp_path / "pretrained")


@pytest.mark.filterwarnings(
    "default:en has read:UserWarning", "default:The encoder has read:UserWarning"
)
@pytest.mark.parametrize(
    ("options", "on"),
    [
        (["--language", "fi"], "eu"),
        ([], "en"),
        (["--language", "fi", "--on", "en"], "en"),
        (["--language", "is"], "en"),
    ],
)
def test_the_encoder_is_one_that_has_read_the_language(run, files, tmp_path, european, options, on):
    done = run(f"train tags {files}/tags.txt --epochs 1 -o {tmp_path}/o", *options)
    assert done.exit_code == 0, done.stderr
    assert ("using eu" in done.stderr) == (on == "eu")
    assert ("are new to it" in done.stderr) == (on == "en" and "--language" in options)
    assert f'on = "{on}"' in (tmp_path / "o" / "train.toml").read_text()


@pytest.mark.parametrize("reads_text", [False, True], ids=["labels", "labels and text"])
def test_training_starts_from_the_mean_with_other_models(
    run, files, tmp_path, monkeypatch, reads_text
):
    monkeypatch.chdir(files)
    (tmp_path / "plain.txt").write_text("the cat sat\n" * 200)
    texts = ["--unlabelled", tmp_path / "plain.txt"] if reads_text else []
    started = []
    monkeypatch.setattr(
        training, "mean_encoder", lambda *models: started.append(models) or mean_encoder(*models)
    )
    command = "train tags tags.txt --on encoder --mean-with encoder --epochs 1"
    done = run(command, *texts, "-o", tmp_path / "o")
    assert done.exit_code == 0, done.stderr
    assert started == [("encoder", ["encoder"])]
    assert 'mean_with = ["encoder"]' in (tmp_path / "o" / "train.toml").read_text()


def test_an_earlier_model_that_is_replaced_is_said(run, files, tmp_path):
    command = f"train tags {files}/tags.txt --on {files}/encoder --epochs 1 -o {tmp_path}/o".split()
    said = [run(*command, *more, "--quiet").stderr for more in ([], [], ["--resume"])]
    assert ["which this training replaces" in one for one in said] == [False, True, False]


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ("spans span.jsonl", "'spans.jsonl'"),
        ("spans tags.conllu", "--from"),
        ("spans tags.txt", "tags.txt"),
        ("document texts.csv --label lable", "'label'"),
        ("document texts.csv --category topic", "--category"),
        ("document texts.csv --teachers 2 --unlabelled tags.txt", "--teachers"),
        ("spans bio.txt --tag 5", "--tag"),
        ("spans missing.txt --device gpu", "--device"),
        ("spans encoder", "encoder: "),
        ("spans spans.jsonl --encoder nothing", "nothing: "),
        ("spans spans.jsonl --on en_pos", "en_pos"),
        ("spans spans.jsonl --dev other.jsonl", "'ORG'"),
        ("tags tags.conllu --on en_pos --layer tag", "--layer tag"),
        ("tags tags.conllu --layer head", "upos, xpos"),
        ("tags few.txt", "at least 10"),
        ("tags empty.txt", "empty"),
        ("tags prose.txt", "--from"),
        ("tags tags.txt --unlabelled nowhere", "nowhere: "),
        ("tags tags.txt --unlabelled tags.txt --on none", "--unlabelled"),
        ("tags tags.txt --unlabelled tags.txt --on en_pos", "--unlabelled"),
        ("tags tags.txt --teachers 3", "--teachers"),
        ("tags tags.txt --mean-with en_pos --on none", "--mean-with"),
        ("tags tags.txt --mean-with en_pos --on en_ner", "--mean-with"),
        ("tags tags.conllu --on encoder --lr 0", ": --lr: "),
        ("tags tags.conllu --on encoder --precision float8", ": --precision: "),
        ("tags tags.conllu --on encoder --device tpu", ": --device: "),
        ("tags tags.conllu --on encoder --folds 400", ": folds: "),
    ],
)
def test_wrong_use_is_refused_and_writes_nothing(
    run, files, tmp_path, monkeypatch, arguments, named
):
    (files / "few.txt").write_text("the DET\ncat NOUN\n\n" * 3)
    (files / "empty.txt").write_text("")
    (files / "prose.txt").write_text("The cat sat on the mat.\nThen it left.\n")
    (files / "other.jsonl").write_text('{"text": "ACME", "spans": [[0, 4, "ORG"]]}\n')
    monkeypatch.chdir(files)
    done = run(f"train {arguments} --output {tmp_path}/new/one")
    assert (done.exit_code, named in done.stderr) == (2, True), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_layer_without_tags_ends_no_training(run, tmp_path):
    rows = "1\tThe\t_\tDET\t_\t_\t0\t_\t_\t_\n2\tcat{}\t_\tNOUN\t_\t_\t0\t_\t_\t_\n\n"
    whole = "".join(rows.format(number) for number in range(20))
    (tmp_path / "x.conllu").write_text(whole)
    (tmp_path / "t.conllu").write_text(whole.replace("DET", "_").replace("NOUN", "_"))
    command = f"train tags {tmp_path}/x.conllu --on en_pos --layer upos --epochs 1".split()
    done = run(*command, "--output", tmp_path / "one")
    assert done.exit_code == 0
    assert (tmp_path / "one" / "model" / "config.json").is_file()
    parts = ["--test", tmp_path / "t.conllu", "--dev", tmp_path / "x.conllu"]
    done = run(*command, *parts, "--output", tmp_path / "two")
    assert (done.exit_code, "upos" in done.stderr) == (2, True)
    # Before the first epoch.
    assert not (tmp_path / "two" / "training").exists()


def test_another_encoding(run, files, tmp_path):
    text = (files / "texts.csv").read_text().replace("the cat", "naïve chat")
    (tmp_path / "latin.csv").write_text(text, encoding="latin-1")
    command = f"train document {tmp_path}/latin.csv --encoder {files}/encoder --epochs 1 --json"
    refused = run(f"{command} --output {tmp_path}/o")
    assert (refused.exit_code, "latin.csv, line 2" in refused.stderr) == (2, True)
    assert run(f"{command} --output {tmp_path}/o --encoding latin-1").exit_code == 0


def test_the_numbers_of_a_training_are_options(run, files, tmp_path, monkeypatch):
    asked = []

    def fine_tune(model, train, dev, *, options, words, **others):
        asked.append((options.schedule.max_lr, options.patience, options.precision, words))
        return tune(model, train, dev, options=options, words=words, **others)

    tune = fine_tuning.fine_tune
    monkeypatch.setattr(fine_tuning, "fine_tune", fine_tune)
    command = f"train tags {files}/tags.conllu --encoder {files}/encoder --epochs 1"
    numbers = "--lr 0.002 --patience 2 --precision float32 --batch-words 40"
    done = run(f"{command} {numbers} -o {tmp_path}/o")
    assert done.exit_code == 0, done.stderr
    assert asked == [(0.002, 2, "no", 40)]
    again = run(f"train --config {tmp_path}/o/train.toml -o {tmp_path}/again")
    assert again.exit_code == 0, again.stderr
    assert asked == 2 * [(0.002, 2, "no", 40)]


@pytest.mark.end_to_end
def test_two_processes_train_one_model_and_an_error_is_said_once(tmp_path):
    arguments = "train spans missing.iob2 --processes 2"
    command = [sys.executable, "-m", "seqlabel", *arguments.split()]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr.count("missing.iob2")) == (2, 1)
    assert not (tmp_path / "output").exists()


@pytest.mark.end_to_end
def test_two_processes_of_the_command_end_where_one_does_with_two_batches_a_step(
    run, files, tmp_path
):
    train = f"train tags {files}/tags.conllu --encoder {files}/encoder --epochs 2 --device cpu"
    train += " --batch-words 20 --precision float32"
    one = run(f"{train} --accumulation 2 -o {tmp_path}/one")
    assert one.exit_code == 0, one.stderr
    command = f"-m seqlabel {train} --processes 2 -o {tmp_path}/two".split()
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *command], env=environment, timeout=300, check=True)
    ours, theirs = (
        Labeler.load(tmp_path / name / "model").module.state_dict() for name in ("two", "one")
    )
    for name, weights in theirs.items():
        torch.testing.assert_close(ours[name], weights, rtol=1e-5, atol=1e-5)


def test_spans_and_a_category_are_learnt_from_one_file(run, files, tmp_path):
    rows = [json.loads(line) for line in (files / "spans.jsonl").read_text().splitlines()]
    for number, row in enumerate(rows):
        row["topic"] = "art" if number % 2 else "war"
    (tmp_path / "both.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n")
    options = f"--category topic --encoder {files}/encoder --epochs 1 --json -o {tmp_path}/o"
    done = run(f"train spans {tmp_path}/both.jsonl {options}")
    assert done.exit_code == 0, done.stderr
    document = Labeler.load(tmp_path / "o" / "model")("Eve visited London again")
    assert (set(document.spans), set(document.categories["topic"])) == ({"ner"}, {"art", "war"})
    assert "accuracy" in json.loads((tmp_path / "o" / "metrics.json").read_text())["category"]
