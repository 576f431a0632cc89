"""Recipes run as a reader would run them, for one epoch, and every one of them says what it is and how to run it."""

import ast
import json
import math
import os
import random
import runpy
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import spacy
import typer
from typer.testing import CliRunner

from seqlabel.batches.language import LanguageModelStream
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import DataError
from seqlabel.files import read_json
from seqlabel.formats.datasets import dataset_rows
from seqlabel.lesson import human_numbers, ladder
from seqlabel.models.classifier import Classifier
from seqlabel.models.labeler import Labeler
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.nn.networks import CopyingLanguageModel, WordModelConfig, build_language_model, human_numbers_config
from seqlabel.text.corpora import TokenArray
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import evaluate

ROOT = Path(__file__).parents[2]
FILES = {path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "recipes").rglob("*.py"))}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
# What makes a recipe's data lies in a folder of its own and is not run by itself.
PARTS = {name for name, path in FILES.items() if path.parent.name.endswith("_data")}
RECIPES = {name: path for name, path in FILES.items() if name not in PARTS}
FIGURES = {"accuracy", "best_accuracy", "valid_loss", "seconds", "tokens_per_second", "parameters"}
every_recipe = pytest.mark.parametrize("name", RECIPES)


def run_recipe(name, *arguments):
    """Run a recipe in a process of its own."""
    return subprocess.run(
        [sys.executable, str(RECIPES[name]), *map(str, arguments)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "NO_COLOR": "1", "COLUMNS": "120"},
    )


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The base task after one epoch: what was printed, and the folder."""
    folder = tmp_path_factory.mktemp("recipes") / "counted"
    return run_recipe("recipes/human_numbers.py", "--epochs", 1, "--output", folder, "--device", "cpu"), folder


@pytest.fixture(scope="module")
def climbed(tmp_path_factory):
    """The ladder after one epoch of one seed, asked to be quiet."""
    folder = tmp_path_factory.mktemp("recipes") / "climbed"
    arguments = ("--ladder", "--epochs", 1, "--seeds", 1, "--quiet", "--device", "cpu", "--output", folder)
    return run_recipe("recipes/human_numbers.py", *arguments), folder


def valid_stream():
    return LanguageModelStream(
        TokenArray(human_numbers.vocabulary().encode(human_numbers.valid_words())), batch_size=64, bptt=20
    )


def test_the_base_task_runs_and_its_last_line_names_the_folder(counted):
    done, folder = counted
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder) in done.stdout.rstrip("\n").split("\n")[-1]


def test_the_base_task_shows_a_batch_its_model_and_a_continuation(counted):
    done, _ = counted
    lines = done.stdout.split("\n")
    assert sum(line.startswith("row ") for line in lines) == 6
    assert any("parameters; input 64 × 20" in line for line in lines)
    continuation = next(line for line in lines if line.startswith("  → "))
    words = continuation.removeprefix("  → ").split()
    assert len(words) == 24
    assert all(word in human_numbers.vocabulary() for word in words)


def test_the_base_tasks_figures_are_numbers_and_those_of_the_model_in_the_folder(counted):
    _, folder = counted
    figures = read_json(folder / "metrics.json")
    assert figures.keys() == FIGURES
    assert all(type(value) in (int, float) and math.isfinite(value) for value in figures.values())
    model = LanguageModel.load(folder / "last")
    score = evaluate(model.module, valid_stream())
    assert (figures["accuracy"], figures["best_accuracy"]) == (score.accuracy, score.accuracy)
    assert figures["valid_loss"] == pytest.approx(score.loss)
    assert figures["parameters"] == sum(weights.numel() for weights in model.module.parameters())
    assert figures["seconds"] * figures["tokens_per_second"] == pytest.approx(40 * 64 * 20)


def test_the_base_task_leaves_pictures_and_checkpoints(counted):
    _, folder = counted
    assert sorted(path.name for path in folder.iterdir()) == [
        "best",
        "finder.png",
        "last",
        "losses.png",
        "metrics.json",
        "schedule.png",
    ]
    for name in ("finder.png", "losses.png", "schedule.png"):
        assert (folder / name).read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
        assert (folder / name).stat().st_size > 5_000
    for name in ("best", "last"):
        assert LanguageModel.load(folder / name).vocabulary == human_numbers.vocabulary()


def test_quiet_is_one_line_and_the_same_training(counted, tmp_path):
    arguments = ("--epochs", 1, "--quiet", "--device", "cpu", "--output", tmp_path)
    done = run_recipe("recipes/human_numbers.py", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout
    loud, quiet = (read_json(folder / "metrics.json") for folder in (counted[1], tmp_path))
    for name in FIGURES - {"seconds", "tokens_per_second"}:
        assert quiet[name] == loud[name]


def test_an_unknown_device_is_one_error_line(tmp_path):
    done = run_recipe("recipes/human_numbers.py", "--epochs", 1, "--device", "tpu", "--output", tmp_path)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("error: device: found 'tpu'")
    assert list(tmp_path.iterdir()) == []


def test_help_is_printed():
    done = run_recipe("recipes/human_numbers.py", "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--output", "--seed", "--epochs", "--device", "--quiet", "--resume", "--ladder", "--seeds"):
        assert option in done.stdout


def test_the_ladder_is_a_table_of_seven_models(climbed):
    done, folder = climbed
    assert (done.returncode, done.stderr) == (0, "")
    assert str(folder) in done.stdout.rstrip("\n").split("\n")[-1]
    table = (folder / "ladder.md").read_text(encoding="utf-8")
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.strip().split("\n")]
    header, rule, *rows = cells
    assert header[:3] == ["model", "parameters", "final accuracy"]
    assert set(rule) == {"---"}
    assert len(rows) == 7
    assert [row[0] for row in rows[:-1]] == [rung.name for rung in ladder.LADDER]
    words = len(human_numbers.vocabulary())
    models = [rung.build(words, ladder.WIDTH) for rung in ladder.LADDER]
    models.append(build_language_model(human_numbers_config(words)))
    for row, model in zip(rows, models, strict=True):
        assert len(row) == len(header)
        assert int(row[1].replace(",", "")) == sum(weights.numel() for weights in model.parameters())
        accuracy, _, deviation = row[2].partition(" ± ")
        assert 0 <= float(accuracy) <= 1
        assert float(deviation) == 0
    figures = read_json(folder / "ladder.json")
    assert figures.keys() == {f"{row[0]} {kind}" for row in rows for kind in ("final", "best")}
    assert [f"{figures[f'{row[0]} final']:.4f}" for row in rows] == [row[2].split()[0] for row in rows]


def test_a_quiet_ladder_is_one_line(climbed):
    done, _ = climbed
    assert done.stdout.count("\n") == 1


def test_copying_runs_quietly_and_leaves_its_figures_and_its_model(tmp_path):
    arguments = ("--epochs", 1, "--seeds", 1, "--quiet", "--device", "cpu", "--output", tmp_path)
    done = run_recipe("recipes/copying.py", *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout
    figures = json.loads((tmp_path / "metrics.json").read_text(encoding="utf-8"))
    assert all(type(value) in (int, float) and math.isfinite(value) for value in figures.values())
    model = LanguageModel.load(tmp_path / "model")
    assert isinstance(model.module, CopyingLanguageModel)
    assert figures["accuracy"] == pytest.approx(evaluate(model.module, valid_stream()).accuracy)


@every_recipe
def test_every_recipe_says_what_it_does_and_how_to_run_it(name):
    docstring = ast.get_docstring(TREES[name])
    assert docstring
    assert docstring.split("\n\n")[0].endswith((".", ":"))
    assert f"python {name}" in docstring


@pytest.mark.parametrize("name", sorted(PARTS))
def test_every_part_of_a_recipe_says_what_is_in_it_and_is_no_command(name):
    docstring = ast.get_docstring(TREES[name])
    assert docstring
    assert docstring.split("\n\n")[0].endswith((".", ":"))
    assert "__main__" not in FILES[name].read_text(encoding="utf-8")


def uses_typer(tree):
    return any(isinstance(node, ast.Call) and ast.unparse(node.func) == "typer.run" for node in ast.walk(tree))


every_command = pytest.mark.parametrize("name", [name for name in RECIPES if uses_typer(TREES[name])])


def command_of(name):
    """A recipe's command; skips where a package that seqlabel itself does not need is missing."""
    # As for a script, the modules beside it are found.
    sys.path.insert(0, str(RECIPES[name].parent))
    try:
        main = runpy.run_path(str(RECIPES[name]), run_name="recipe")["main"]
    except ModuleNotFoundError as error:
        needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
        missing = error.name.split(".")[0]
        if missing == "seqlabel" or any(package.startswith(missing) for package in needed):
            raise
        pytest.skip(f"{name} needs {missing}")
    finally:
        sys.path.remove(str(RECIPES[name].parent))
    app = typer.Typer()
    app.command()(main)
    return app


@every_command
def test_every_command_answers_help(name):
    result = CliRunner().invoke(command_of(name), ["--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output
    assert "--help" in result.output


@every_command
def test_an_unknown_device_is_never_a_traceback(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(command_of(name), ["--device", "tpu"])
    assert result.exit_code != 0
    assert isinstance(result.exception, SystemExit)


NAMES, VERBS, NOUNS = ["Ana", "Bo", "Cy"], ["sees", "likes", "hears"], ["tea", "rain", "jazz"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """The folder of a pair of language models so small that a recipe takes seconds."""
    folder = tmp_path_factory.mktemp("recipes") / "encoder"
    vocabulary = Vocabulary(["xxunk", *NAMES, *VERBS, *NOUNS])
    config = WordModelConfig(words=len(vocabulary), buckets=128, embedding=8, hidden=8, cutoffs=(4,))
    WordLanguageModel(config, vocabulary).save(folder)
    return folder


def some_sentences(count, seed):
    """Words of sentences, with a part of speech and an entity's tag for each."""
    chance = random.Random(seed)
    for _ in range(count):
        words = [chance.choice(NAMES), chance.choice(VERBS), chance.choice(NOUNS), "."]
        yield words, ["PROPN", "VERB", "NOUN", "PUNCT"], ["B-PER", "O", "O", "O"]


def write_columns(path, rows, line):
    blocks = ("".join(line(number, *values) for number, values in enumerate(zip(*row, strict=True), 1)) for row in rows)
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def conllu_line(number, word, tag, _):
    return "\t".join([str(number), word, word, tag, *"______"]) + "\n"


def entity_line(_, word, __, tag):
    return f"{word}\t{tag}\n"


def write_dataset(folder, **columns):
    """A `datasets` dataset of three parts of the same rows."""
    folder.mkdir()
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    for part in ("train", "validation", "test"):
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (folder / f"{part}.jsonl").write_text(lines, encoding="utf-8")
    return folder


def write_texts(folder, sentences=600):
    """Sentences whose words are written now in this way, now in that."""
    chance = random.Random(0)
    path = folder / "texts.txt"
    with path.open("w", encoding="utf-8") as file:
        for _ in range(sentences):
            words = chance.choices([*VERBS, *NOUNS, "NATO"], k=chance.randint(3, 7))
            words[0] = words[0].capitalize()
            file.write(chance.choice([" ", ", "]).join(words) + chance.choice(".?!:") + "\n")
    return path


def invoke(name, *arguments):
    """What a command did in this process."""
    return CliRunner().invoke(command_of(name), [*map(str, arguments)])


def run_quietly(name, *arguments, output):
    """The figures of a command that is to succeed and to print one line."""
    result = invoke(name, *arguments, "--quiet", "--device", "cpu", "--output", output)
    assert result.exception is None, result.output
    assert result.exit_code == 0
    assert result.output.count("\n") == 1
    assert str(output) in result.output
    figures = read_json(output / "metrics.json")
    values = [value for run in [figures["mean"], *figures["runs"]] for value in run.values()]
    assert all(math.isfinite(value) for value in values if value is not None)
    return figures


def assert_one_error_line(result, message):
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 1
    assert result.output.startswith("error: ")
    assert message in result.output


def conllu_files(folder):
    parts = zip(("train", "dev", "test"), (300, 30, 30), strict=True)
    return [
        argument
        for seed, (part, count) in enumerate(parts)
        for argument in (
            f"--{part}",
            write_columns(folder / f"{part}.conllu", some_sentences(count, seed), conllu_line),
        )
    ]


def test_tags_are_learnt_from_files(tmp_path, encoder):
    files, sizes = conllu_files(tmp_path), ("--epochs", 15, "--seeds", 2)
    figures = run_quietly("recipes/pos.py", *files, *sizes, "--encoder", encoder, output=tmp_path / "out")
    assert len(figures["runs"]) == 2
    assert figures["mean"]["accuracy"] > 0.9
    assert (tmp_path / "out" / "labeler").is_dir()
    labeler = Labeler.load(tmp_path / "out" / "labeler")
    (found,) = labeler(["Ana likes rain ."])
    assert found.tags["upos"].labels == ("PROPN", "VERB", "NOUN", "PUNCT")


def test_a_sample_of_sentences_is_learnt_without_dev(tmp_path, encoder):
    files = conllu_files(tmp_path)
    # Nobody reads the labels of dev: a tag of nothing that was learnt would be an error.
    bad = [(["Bo", "Ana"], ["PROPN", "X"], ["O", "O"])]
    write_columns(tmp_path / "dev.conllu", bad, conllu_line)
    arguments = (*files, "--sentences", 8, "--epochs", 3, "--encoder", encoder)
    figures = run_quietly("recipes/pos.py", *arguments, output=tmp_path / "out")
    assert len(figures["runs"]) == 5
    refused = invoke("recipes/pos.py", *files, "--epochs", 1, "--encoder", encoder, "--output", tmp_path / "other")
    assert_one_error_line(refused, f"{tmp_path / 'dev.conllu'}, line 2, layer 'upos': the label is none of 'NOUN'")


@pytest.mark.parametrize("name", ["recipes/pos.py", "recipes/ner.py"])
def test_a_label_that_only_test_has_is_no_error(tmp_path, encoder, name):
    line = conllu_line if name == "recipes/pos.py" else entity_line
    files = [
        argument
        for part in ("train", "dev", "test")
        for argument in (f"--{part}", write_columns(tmp_path / part, some_sentences(20, 0), line))
    ]
    write_columns(tmp_path / "test", [(["Ana"], ["X"], ["B-X"])], line)
    arguments = (*files, "--epochs", 1, "--seeds", 1, "--encoder", encoder)
    assert len(run_quietly(name, *arguments, output=tmp_path / "out")["runs"]) == 1


def test_a_label_that_the_teacher_has_not_is_refused_with_its_line(tmp_path, encoder):
    Labeler.on(encoder, [TagSet("upos", ("PROPN", "VERB", "NOUN", "PUNCT"))]).save(tmp_path / "teacher")
    files = conllu_files(tmp_path)
    arguments = (tmp_path / "texts.txt", *files, "--teacher", tmp_path / "teacher", "--output", tmp_path / "small")
    for part in ("dev", "train"):
        write_columns(tmp_path / f"{part}.conllu", [(["Bo", "Ana"], ["PROPN", "X"], ["O", "O"])], conllu_line)
        result = invoke("recipes/distil.py", *arguments)
        assert_one_error_line(result, f"{tmp_path / part}.conllu, line 2, layer 'upos': the label is none of 'NOUN'")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("recipes/pos.py", "1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", "layer 'upos': found 1 labels"),
        ("recipes/pos.py", "1\ta\t_\t_\t_\t_\t_\t_\t_\t_\n", "layer 'upos': found 0 labels"),
        ("recipes/ner.py", "a O\n", "layer 'ner': found 0 labels"),
    ],
)
@pytest.mark.parametrize("sample", [False, True])
def test_a_training_file_of_too_few_labels_is_named(tmp_path, encoder, name, text, message, sample):
    path = tmp_path / "labels.txt"
    path.write_text(text, encoding="utf-8")
    files = [argument for part in ("train", "dev", "test") for argument in (f"--{part}", path)]
    sizes = ("--sentences", 1) if sample and name == "recipes/pos.py" else ()
    result = invoke(name, *files, *sizes, "--encoder", encoder, "--output", tmp_path / "out")
    assert_one_error_line(result, f"{path}: {message}")


def test_what_is_mended_in_files_of_entities_is_said_also_when_quiet(tmp_path, encoder):
    path = write_columns(tmp_path / "tags", some_sentences(20, 0), entity_line)
    broken = tmp_path / "broken"
    broken.write_text("Ana\tB-PER\nsees\tE-PER\nBo\tI-PER\n", encoding="utf-8")
    arguments = ("--train", path, "--dev", path, "--test", broken, "--encoder", encoder, "--epochs", 1, "--seeds", 1)
    result = invoke("recipes/ner.py", *arguments, "--quiet", "--device", "cpu", "--output", tmp_path / "out")
    assert result.exception is None, result.output
    assert result.stderr == f"{broken}: tags read against their scheme: 2\n"
    assert result.stdout.count("\n") == 1


@pytest.mark.parametrize(("separator", "written"), [("\t", "\t"), (r"\t", "\t"), ("|", "|")])
def test_entities_may_have_any_separator(tmp_path, encoder, separator, written):
    path = tmp_path / "labels"
    path.write_text("".join(f"New {word}{written}{tag}\n" for word, tag in (("York", "B-X"), ("a", "O"))), "utf-8")
    arguments = [argument for part in ("train", "dev", "test") for argument in (f"--{part}", path)]
    arguments += ["--encoder", encoder, "--epochs", 1, "--seeds", 1]
    run_quietly("recipes/ner.py", *arguments, "--separator", separator, output=tmp_path / "out")
    refused = invoke("recipes/ner.py", *arguments, "--separator", "", "--output", tmp_path / "out")
    assert_one_error_line(refused, "separator: found ''; give what stands between columns")


def distilled(folder, encoder, recipe, files, *, epochs, sentences, taught):
    """What distil.py prints and measures after a recipe has trained the teacher on the same files."""
    run_quietly(recipe, *files, "--epochs", epochs, "--seeds", 1, "--encoder", encoder, output=folder / "large")
    texts = folder / "texts.txt"
    texts.write_text("\n".join(" ".join(words) for words, _, _ in some_sentences(sentences, 3)), encoding="utf-8")
    teacher = folder / "large" / "labeler"
    sizes = ("--words", 12, "--hidden", 16, "--epochs", epochs, "--taught-words", taught, "--quiet")
    result = invoke("recipes/distil.py", texts, *files, "--teacher", teacher, *sizes, "--output", folder / "small")
    assert result.exception is None, result.output
    return result.output, read_json(folder / "small" / "metrics.json")


def test_a_small_labeler_learns_from_a_large_one(tmp_path, encoder):
    files, sizes = conllu_files(tmp_path), {"epochs": 15, "sentences": 500, "taught": 1500}
    _, figures = distilled(tmp_path, encoder, "recipes/pos.py", files, **sizes)
    # Three copies of 300 sentences of 4 words, and what the teacher labelled.
    assert figures["words"] == 3 * 1200 + 1500
    assert figures["scores"]["teacher"]["upos"] > 0.9
    assert figures["scores"]["student"]["upos"] > 0.9
    small = Labeler.load(tmp_path / "small" / "labeler")
    assert len(small.vocabulary) == 12
    assert small.config.hidden == 8


def test_a_small_labeler_learns_entities_from_a_large_one(tmp_path, encoder):
    files = [
        argument
        for part, count, seed in (("train", 300, 0), ("dev", 50, 1), ("test", 50, 2))
        for argument in (f"--{part}", write_columns(tmp_path / part, some_sentences(count, seed), entity_line))
    ]
    sizes = {"epochs": 8, "sentences": 300, "taught": 1000}
    output, figures = distilled(tmp_path, encoder, "recipes/ner.py", files, **sizes)
    assert output.startswith("ner: test F1 ")
    assert figures["scores"]["teacher"]["ner"] > 0.9
    assert figures["scores"]["student"]["ner"] > 0.9


def test_columns_for_a_teacher_of_tags_are_refused(tmp_path, encoder):
    Labeler.on(encoder, [TagSet("upos", ("NOUN", "VERB"))]).save(tmp_path / "teacher")
    arguments = (tmp_path / "texts.txt", *conllu_files(tmp_path), "--teacher", tmp_path / "teacher", "--tag", 2)
    result = invoke("recipes/distil.py", *arguments, "--output", tmp_path / "small")
    assert_one_error_line(result, "word, tag: found columns, but the teacher labels no spans")


def test_a_teacher_of_other_spans_is_refused(tmp_path, encoder):
    Labeler.on(encoder, [TagSet("pii", ("PER",), Scheme.BIO)]).save(tmp_path / "teacher")
    files = conllu_files(tmp_path)
    arguments = (tmp_path / "texts.txt", *files, "--teacher", tmp_path / "teacher", "--output", tmp_path / "small")
    assert_one_error_line(invoke("recipes/distil.py", *arguments), "found layers of spans ['pii']; allowed is one, ner")


def test_tags_are_learnt_from_a_dataset(tmp_path, encoder):
    tokens, upos, _ = zip(*some_sentences(300, 0), strict=True)
    dataset = write_dataset(tmp_path / "dataset", tokens=tokens, upos=upos)
    arguments = ("--dataset", dataset, "--encoder", encoder, "--epochs", 15, "--seeds", 1)
    figures = run_quietly("recipes/pos.py", *arguments, output=tmp_path / "out")
    # A dataset has no documents.
    assert figures["mean"]["document_accuracy"] is None
    assert figures["mean"]["accuracy"] > 0.9


@pytest.mark.parametrize("source", ["files", "dataset"])
def test_entities_are_learnt(tmp_path, encoder, source):
    if source == "files":
        where = [
            argument
            for seed, part in enumerate(("train", "dev", "test"))
            for argument in (f"--{part}", write_columns(tmp_path / part, some_sentences(300, seed), entity_line))
        ]
    else:
        tokens, _, tags = zip(*some_sentences(300, 0), strict=True)
        where = ["--dataset", write_dataset(tmp_path / "dataset", tokens=tokens, entities=tags), "--tags", "entities"]
    arguments = (*where, "--encoder", encoder, "--epochs", 15, "--seeds", 1)
    figures = run_quietly("recipes/ner.py", *arguments, output=tmp_path / "out")
    assert figures["mean"]["f1"] > 0.9
    (found,) = Labeler.load(tmp_path / "out" / "labeler")(["Bo hears jazz ."])
    assert [(span.start, span.end, span.label) for span in found.spans["ner"].spans] == [(0, 1, "PER")]


def test_formatting_is_learnt_from_texts(tmp_path, encoder):
    arguments = (write_texts(tmp_path), "--encoder", encoder, "--epochs", 2, "--seeds", 1)
    figures = run_quietly("recipes/formatting.py", *arguments, output=tmp_path / "out")
    assert 0 < figures["baseline_errors"] < 1
    assert {"errors", "LOWER", "TITLE", "UPPER", "COMMA", "PERIOD", "NONE"} <= figures["mean"].keys()
    (found,) = Labeler.load(tmp_path / "out" / "labeler")(["ana likes rain"])
    assert found.tags.keys() == {"case", "mark"}


def test_formatting_is_learnt_from_a_dataset(tmp_path, encoder):
    texts = write_texts(tmp_path).read_text(encoding="utf-8").split("\n")
    dataset = write_dataset(tmp_path / "dataset", body=texts)
    arguments = ("--dataset", dataset, "--column", "body", "--encoder", encoder, "--epochs", 1, "--seeds", 1)
    run_quietly("recipes/formatting.py", *arguments, output=tmp_path / "out")


def formatted(*words):
    return runpy.run_path(str(RECIPES["recipes/formatting.py"]), run_name="recipe")["unformatted"](words)


def test_formats_are_made_from_the_words_and_give_them_back():
    (document,) = formatted("We", ",", "McKay", "(", "and", "NATO", "-", ")", "saw", "I", "...", "?", "2nd", '"', "!")
    assert document.words == ["we", "mckay", "and", "nato", "saw", "i", "2nd"]
    assert document.tags["case"].labels == ("TITLE", "MIXED", "LOWER", "UPPER", "LOWER", "TITLE", "LOWER")
    assert document.tags["mark"].labels == ("COMMA", "NONE", "NONE", "NONE", "NONE", "PERIOD", "EXCLAMATION")
    recipe = runpy.run_path(str(RECIPES["recipes/formatting.py"]), run_name="recipe")
    assert recipe["restored"](document) == "We, mckay and NATO saw I. 2nd!"
    assert list(formatted(",", ".", "(")) == []
    assert [len(row) for row in formatted(*["word"] * 450)] == [200, 200, 50]
    assert [len(row) for row in recipe["unformatted"](["word"] * 450, row=400)] == [400, 50]


def test_text_without_case_teaches_marks_alone():
    recipe = runpy.run_path(str(RECIPES["recipes/formatting.py"]), run_name="recipe")
    (cased,) = recipe["unformatted"](["So", "good", "."])
    (lower,) = recipe["unformatted"](["so", "good", "!"], has_case=False)
    assert lower.tags["case"].labels == (None, None)
    assert lower.tags["mark"].labels == ("NONE", "EXCLAMATION")
    assert recipe["most_frequent"]([cased, lower, lower]) == {"so": ("TITLE", "NONE"), "good": ("LOWER", "PERIOD")}


def test_the_tokeniser_is_made_once_and_not_for_each_text(tmp_path, monkeypatch):
    """To make one takes as long as to read a thousand words."""
    made, blank = [], spacy.blank

    def counting(language):
        made.append(language)
        return blank(language)

    table = tmp_path / "texts.csv"
    table.write_text("text,label\n" + "Ana likes rain,wet\nAna likes tea,dry\n" * 10, encoding="utf-8")
    monkeypatch.setattr(spacy, "blank", counting)
    arguments = ("--train", table, "--test", table, "--encoder", tmp_path / "nowhere", "--output", tmp_path / "out")
    assert_one_error_line(invoke("recipes/classify.py", *arguments), "nowhere: there is no such folder")
    assert len(made) <= 2


@pytest.mark.parametrize("source", ["files", "folders", "dataset"])
def test_classes_of_documents_are_learnt_beside_the_peer(tmp_path, encoder, source):
    chance = random.Random(0)
    labels = [("wet" if number % 2 else "dry") for number in range(30)]
    texts = [" ".join([*chance.choices(VERBS + NAMES, k=6), "rain" if label == "wet" else "sun"]) for label in labels]
    if source == "files":
        table = tmp_path / "texts.csv"
        table.write_text("text,label\n" + "".join(f"{t},{c}\n" for t, c in zip(texts, labels, strict=True)), "utf-8")
        where = ["--train", table, "--test", table]
    elif source == "folders":
        for number, (text, label) in enumerate(zip(texts, labels, strict=True)):
            (tmp_path / "texts" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "texts" / label / f"{number}.txt").write_text(text, encoding="utf-8")
        where = ["--train", tmp_path / "texts", "--test", tmp_path / "texts"]
    else:
        where = ["--dataset", write_dataset(tmp_path / "dataset", text=texts, label=labels)]
    arguments = (*where, "--encoder", encoder, "--epochs", 2)
    figures = run_quietly("recipes/classify.py", *arguments, output=tmp_path / "out")
    assert figures["mean"]["accuracy"] > 0.9
    assert figures["mean"]["peer_accuracy"] > 0.9
    (found,) = Classifier.load(tmp_path / "out" / "classifier")(["Bo hears rain"])
    assert found.categories["category"]["wet"] > 0.5


SPANS = '{"text": "Ana sees rain", "spans": [[0, 2, "PER"]]}\n'


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.conll", "a O\n", ": document 0 has no label for the whole of it; give texts that have one"),
        ("a.conllu", "1\ta\t_\tX\t_\t_\t_\t_\t_\t_\n", ": document 0 has no label for the whole of it"),
        ("a.jsonl", SPANS, ": document 0 has no label for the whole of it"),
        ("a.csv", "text,label\n", ": found 0 documents with 0 different labels to train on; at least 10 documents"),
        ("a.csv", "text,label\n" + "Ana,wet\n" * 20, ": found 20 documents with 1 different labels to train on"),
        ("a.csv", "text,label\n" + "Ana,wet\nBo,dry\n" * 4, ": found 8 documents with 2 different labels"),
        ("a.csv", "text,label\nAna,wet\n,dry\n", ", line 3: the text has no words"),
    ],
)
def test_a_file_that_no_classifier_learns_from_is_one_error_line(tmp_path, encoder, name, text, message):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    table = tmp_path / "test.csv"
    table.write_text("text,label\n" + "Ana,wet\nBo,dry\n" * 10, encoding="utf-8")
    arguments = ("--train", path, "--test", table, "--encoder", encoder, "--output", tmp_path / "out")
    assert_one_error_line(invoke("recipes/classify.py", *arguments), f"{path}{message}")
    if "different labels" not in message:
        arguments = ("--train", table, "--test", path, "--encoder", encoder, "--output", tmp_path / "out")
        assert_one_error_line(invoke("recipes/classify.py", *arguments), f"{path}{message}")


@pytest.mark.parametrize(("text", "message"), [("", "has no words"), ("Ana", "has no label for the whole of it")])
def test_a_row_that_no_classifier_learns_from_is_one_error_line(tmp_path, encoder, text, message):
    dataset = write_dataset(tmp_path / "dataset", text=["Ana", text], label=["wet", None if text else "dry"])
    arguments = ("--dataset", dataset, "--encoder", encoder, "--output", tmp_path / "out")
    name = f"dataset {str(dataset)!r}, split 'train': document 1 "
    assert_one_error_line(invoke("recipes/classify.py", *arguments), f"{name}{message}")


@pytest.mark.parametrize(
    "name", [f"recipes/{name}.py" for name in ("pos", "ner", "classify", "formatting", "pretrain")]
)
@pytest.mark.parametrize("kind", ["script", "damaged"])
def test_a_dataset_that_cannot_be_read_is_one_error_line(tmp_path, name, kind):
    dataset = tmp_path / "dataset"
    dataset.mkdir()
    if kind == "script":
        (dataset / "dataset.py").write_text("import datasets\n", encoding="utf-8")
    else:
        for part in ("train", "validation", "test"):
            (dataset / f"{part}.jsonl").write_text('{"text": "Ana"}\n{oops\n', encoding="utf-8")
    message = "cannot be loaded (Dataset scripts" if kind == "script" else "cannot be read from row 0 on ("
    result = invoke(name, "--dataset", dataset, "--output", tmp_path / "out")
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    # `datasets` itself also logs which file is damaged.
    (line,) = [line for line in result.output.splitlines() if line.startswith("error: ")]
    assert line.startswith(f"error: dataset {str(dataset)!r}, split 'train': {message}")


def test_a_recipe_that_is_not_quiet_says_what_it_measures(tmp_path, encoder):
    arguments = (write_texts(tmp_path), "--encoder", encoder, "--epochs", 1, "--seeds", 1, "--device", "cpu")
    result = invoke("recipes/formatting.py", *arguments, "--output", tmp_path / "out")
    assert result.exception is None
    assert "epoch 1/1" in result.output
    assert "% of words wrong" in result.output
    assert result.output.count("\n") > 3


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("recipes/pos.py", [], "give --data, --dataset, or all of --train, --dev and --test"),
        ("recipes/pos.py", ["--train", "a", "--dev", "b"], "all of --train, --dev and --test"),
        ("recipes/pos.py", ["--data", "nowhere"], ".conllu: cannot be read"),
        ("recipes/distil.py", [], "give --data alone, or texts and all of --train, --dev and --test"),
        ("recipes/distil.py", ["nowhere.txt", "--train", "a", "--dev", "b"], "give --data alone, or texts and all"),
        ("recipes/ner.py", [], "give --data, --dataset, or all of --train, --dev and --test"),
        ("recipes/ner.py", ["--data", "nowhere"], "train.iob2: cannot be read"),
        ("recipes/ner.py", ["--dataset", "./nowhere"], "dataset './nowhere', split 'train': cannot be loaded"),
        ("recipes/formatting.py", [], "give text files, --data or --dataset, one of them"),
        ("recipes/formatting.py", ["a.txt", "--data", "b"], "give text files, --data or --dataset, one of them"),
        ("recipes/formatting.py", ["nowhere.txt"], "nowhere.txt: cannot be read"),
        ("recipes/formatting.py", ["--data", "nowhere"], "nowhere/masc: there is no such folder"),
        ("recipes/pretrain.py", ["nowhere.txt"], "nowhere.txt: cannot be read"),
        ("recipes/pretrain.py", ["--data", "nowhere"], "nowhere/masc: there is no such folder"),
        ("recipes/classify.py", ["--data", "nowhere"], "nowhere/movie_reviews/neg: there is no such folder"),
        ("recipes/classify.py", [], "give --data, --dataset, or both of --train and --test"),
        ("recipes/classify.py", ["--train", "a.csv"], "or both of --train and --test"),
        ("recipes/classify.py", ["--train", "a.csv", "--test", "b.csv"], "a.csv: cannot be read"),
    ],
)
def test_options_that_give_no_data_are_one_error_line(tmp_path, monkeypatch, name, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert_one_error_line(invoke(name, *arguments), message)


def write_shipped_text(data, *, masc):
    """The files that the shipped encoder and the formatting recipe read, with so many texts of MASC."""
    for name in (*(f"masc/{number}.txt" for number in range(masc)), *("text/novels.txt", "text/state_union.txt")):
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_text("Ana_NNP likes_VBZ rain_NN ._.", encoding="utf-8")
    (data / "masc").mkdir(exist_ok=True)
    (data / "ud_english_ewt").mkdir()
    write_columns(data / "ud_english_ewt" / "en_ewt-ud-train.conllu", some_sentences(500, 0), conllu_line)


def test_a_missing_treebank_is_not_a_folder_that_cannot_be_written(tmp_path):
    write_shipped_text(tmp_path / "data", masc=1)
    path = tmp_path / "data" / "ud_english_ewt" / "en_ewt-ud-train.conllu"
    path.unlink()
    result = invoke("recipes/pretrain.py", "--data", tmp_path / "data", "--output", tmp_path / "out")
    assert_one_error_line(result, f"{path}: cannot be read (No such file or directory)")


@pytest.mark.parametrize(
    ("name", "masc", "message"),
    [
        ("recipes/pretrain.py", 0, "found no *.txt in it"),
        ("recipes/formatting.py", 0, "found no *.txt in it"),
        ("recipes/formatting.py", 9, "found fewer than 10 texts"),
    ],
)
def test_a_corpus_without_texts_is_one_error_line(tmp_path, name, masc, message):
    write_shipped_text(tmp_path / "data", masc=masc)
    result = invoke(name, "--data", tmp_path / "data", "--output", tmp_path / "out")
    assert_one_error_line(result, f"{tmp_path / 'data' / 'masc'}: {message}")


def test_a_text_too_short_to_be_cut_is_one_error_line(tmp_path, encoder):
    path = tmp_path / "short.txt"
    path.write_text("Ana likes rain.", encoding="utf-8")
    result = invoke("recipes/formatting.py", path, "--encoder", encoder, "--output", tmp_path / "out")
    assert_one_error_line(result, "found 3 words; at least 2,000 are needed")


@pytest.mark.parametrize("column", ["nothing", "number"])
def test_a_column_without_texts_is_one_error_line(tmp_path, encoder, column):
    dataset = write_dataset(tmp_path / "dataset", text=["Ana likes rain."] * 3, number=[1, 2, 3])
    arguments = ("--dataset", dataset, "--column", column, "--encoder", encoder, "--output", tmp_path / "out")
    assert_one_error_line(invoke("recipes/formatting.py", *arguments), f"column '{column}'")


def test_a_text_whose_most_frequent_formats_are_all_right_is_measured(tmp_path, encoder):
    path = tmp_path / "even.txt"
    path.write_text("Ana likes rain. " * 800, encoding="utf-8")
    arguments = (path, "--encoder", encoder, "--epochs", 1, "--seeds", 1)
    assert run_quietly("recipes/formatting.py", *arguments, output=tmp_path / "out")["baseline_errors"] == 0


@pytest.mark.parametrize(
    ("name", "arguments", "code", "message"),
    [
        ("recipes/benchmarks/labeling.py", ["--data", "nowhere"], 1, "en_ewt-ud-train.conllu: cannot be read"),
        ("recipes/benchmarks/labeling.py", [], 2, "--data"),
        ("recipes/benchmarks/labeling.py", ["--data", "nowhere", "--threads", "0"], 2, "--threads"),
        ("recipes/benchmarks/labeling.py", ["--data", "nowhere", "--rounds", "0"], 2, "--rounds"),
        ("recipes/benchmarks/accuracy.py", ["--data", "nowhere", "--corpus", "latin"], 1, "corpus: found 'latin'"),
        ("recipes/benchmarks/accuracy.py", ["--data", "nowhere", "--corpus", "ner"], 1, "train.iob2: cannot be read"),
        ("recipes/benchmarks/accuracy.py", ["--data", "nowhere", "--seeds", "0"], 2, "--seeds"),
        ("recipes/benchmarks/accuracy.py", [], 2, "--data"),
    ],
)
def test_benchmarks_refuse_bad_options(tmp_path, monkeypatch, name, arguments, code, message):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    result = invoke(name, *arguments)
    assert (result.exit_code, type(result.exception)) == (code, SystemExit)
    assert message in result.output
    assert list(tmp_path.iterdir()) == []


def test_rows_of_a_dataset_are_those_of_its_part(tmp_path):
    dataset = write_dataset(tmp_path / "dataset", text=["one", "two"], number=[1, 2])
    (dataset / "test.jsonl").write_text('{"text": "three", "number": 3}\n', encoding="utf-8")
    rows = dataset_rows(str(dataset), "train")
    # To read them once is not to use them up.
    for _ in range(2):
        assert list(rows) == [{"text": "one", "number": 1}, {"text": "two", "number": 2}]
    assert list(dataset_rows(str(dataset), "test")) == [{"text": "three", "number": 3}]


def test_a_dataset_or_a_part_that_is_not_there_is_refused_by_name(tmp_path):
    dataset = write_dataset(tmp_path / "dataset", text=["one"])
    with pytest.raises(DataError, match=r"split 'nothing': cannot be loaded .*; is the name right") as caught:
        dataset_rows(str(dataset), "nothing")
    assert str(dataset) in str(caught.value)
    with pytest.raises(DataError, match=r"nowhere', split 'train': cannot be loaded \("):
        dataset_rows(str(tmp_path / "nowhere"), "train")


def test_pretraining_that_is_interrupted_goes_on_to_the_same_end(tmp_path, monkeypatch, capsys):
    chance, words = random.Random(0), [f"w{number}" for number in range(30)]
    lines = (" ".join(chance.choices(words, k=12)) for _ in range(1_000))
    (tmp_path / "text.txt").write_text("\n".join(lines), encoding="utf-8")
    main = runpy.run_path(str(RECIPES["recipes/pretrain.py"]), run_name="recipe")["main"]
    options = {"words": 20, "batch_size": 16, "bptt": 8, "epochs": 2, "quiet": True}
    main([tmp_path / "text.txt"], output=tmp_path / "whole", **options)
    assert "held-out words" in capsys.readouterr().out
    fit = main.__globals__["fit"]

    def interrupted(*arguments, **more):
        yield next(fit(*arguments, **more))
        raise KeyboardInterrupt

    monkeypatch.setitem(main.__globals__, "fit", interrupted)
    with pytest.raises(SystemExit) as stopped:
        main([tmp_path / "text.txt"], output=tmp_path / "cut", **options)
    assert stopped.value.code == 130
    assert "--resume" in capsys.readouterr().err
    monkeypatch.setitem(main.__globals__, "fit", fit)
    main([tmp_path / "text.txt"], output=tmp_path / "cut", resume=True, **options)
    found = read_json(tmp_path / "cut" / "metrics.json")
    expected = read_json(tmp_path / "whole" / "metrics.json")
    # Uniformly random words: nothing is learnt but how frequent each is.
    assert found["forward_perplexity"] == expected["forward_perplexity"] < 30
    assert (tmp_path / "cut" / "best" / "model.safetensors").read_bytes() == (
        tmp_path / "whole" / "best" / "model.safetensors"
    ).read_bytes()
    assert isinstance(LanguageModel.load(tmp_path / "cut" / "compact"), WordLanguageModel)
