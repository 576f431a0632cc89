"""Recipes run as a reader would run them, for one epoch, and every one of them says what it is and
how to run it.
"""

import ast
import lzma
import math
import random
import re
import runpy
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from shutil import copytree

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.batches.language import LanguageModelStream
from seqlabel.commands.settings import command_of
from seqlabel.documents.formatting import unformatted
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.documents.tag_sets import TagSet
from seqlabel.io.files import read_json
from seqlabel.lesson import human_numbers, ladder
from seqlabel.lesson.counting_configs import human_numbers_config
from seqlabel.models.folders import PRETRAINED
from seqlabel.models.language_model import LanguageModel, WordLanguageModel
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.network_configs import WordModelConfig
from seqlabel.nn.networks import CopyingLanguageModel, build_language_model
from seqlabel.reports.metadata import read_metadata
from seqlabel.text.corpora import TokenArray
from seqlabel.text.vocabulary import Vocabulary
from seqlabel.training.loop import evaluate
from tests.recipes.tiny_transformer import write_tiny_transformer

pytestmark = pytest.mark.end_to_end
ROOT = Path(__file__).parents[2]
FILES = {
    path.relative_to(ROOT).as_posix(): path for path in sorted((ROOT / "recipes").rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in FILES.items()}
# What makes a recipe's data, or calls what it compares with, lies in a folder of its own and is not
# run by itself.
PARTS = {
    name
    for name, path in FILES.items()
    if path.parent.name in ("english_data", "europe_data", "pii_data", "shared", "transformer")
}
RECIPES = {name: path for name, path in FILES.items() if name not in PARTS}
FIGURES = {
    *("accuracy", "best_accuracy", "valid_loss", "seconds", "tokens_per_second", "parameters"),
    *("pointer_accuracy", "pointer_seconds"),
}


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    """The base task after one epoch: what was printed, and the folder."""
    folder = tmp_path_factory.mktemp("recipes") / "counted"
    return invoke(f"recipes/human_numbers.py --epochs 1 --device cpu --output {folder}"), folder


def valid_stream():
    return LanguageModelStream(
        TokenArray(human_numbers.vocabulary().encode(human_numbers.valid_words())),
        batch_size=64,
        bptt=20,
    )


def test_the_base_task_shows_a_batch_its_model_and_a_continuation_of_each_model(counted):
    done, folder = counted
    assert (done.exit_code, done.stderr) == (0, "")
    lines = done.stdout.rstrip("\n").split("\n")
    assert str(folder) in lines[-1]
    assert sum(line.startswith("row ") for line in lines) == 6
    assert any("parameters; input 64 × 20" in line for line in lines)
    continuations = [line.removeprefix("  → ").split() for line in lines if line.startswith("  → ")]
    assert [len(words) for words in continuations] == [24, 24]
    assert all(word in human_numbers.vocabulary() for words in continuations for word in words)


def test_the_base_tasks_figures_are_numbers_and_those_of_the_model_in_the_folder(counted):
    _, folder = counted
    figures = read_json(folder / "metrics.json")
    assert figures.pop("made_with")["versions"].keys() >= {"seqlabel", "torch"}
    assert figures.keys() == FIGURES
    assert all(type(value) in (int, float) and math.isfinite(value) for value in figures.values())
    model = LanguageModel.load(folder / "last")
    score = evaluate(model.module, valid_stream())
    assert (figures["accuracy"], figures["best_accuracy"]) == (score.accuracy, score.accuracy)
    assert figures["valid_loss"] == pytest.approx(score.loss)
    assert figures["parameters"] == sum(weights.numel() for weights in model.module.parameters())
    assert figures["seconds"] * figures["tokens_per_second"] == pytest.approx(40 * 64 * 20)
    pointer = LanguageModel.load(folder / "pointer" / "last")
    assert isinstance(pointer.module, CopyingLanguageModel)
    assert figures["pointer_accuracy"] == evaluate(pointer.module, valid_stream()).accuracy


def test_the_base_task_leaves_a_picture_and_checkpoints(counted):
    _, folder = counted
    names = {"best", "last", "losses.png", "metrics.json", "pointer"}
    assert {path.name for path in folder.iterdir()} == names
    assert (folder / "losses.png").stat().st_size > 5_000
    for name in ("best", "pointer/best"):
        assert LanguageModel.load(folder / name).vocabulary == human_numbers.vocabulary()


@pytest.mark.slow
def test_a_quiet_base_task_is_the_same_training(counted, tmp_path):
    quiet = run_quietly("recipes/human_numbers.py --epochs 1 --device cpu", output=tmp_path)
    loud = read_json(counted[1] / "metrics.json")
    for name in FIGURES - {"seconds", "tokens_per_second", "pointer_seconds"}:
        assert quiet[name] == loud[name]


def test_an_unknown_device_is_one_error_line(tmp_path):
    command = f"recipes/human_numbers.py --epochs 1 --device tpu --output {tmp_path}"
    assert_one_error_line(invoke(command), "--device: ")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_ladder_is_a_table_of_eight_models(tmp_path, monkeypatch):
    command = f"recipes/ladder.py --epochs 1 --seeds 1 --quiet --device cpu --output {tmp_path}"
    monkeypatch.setattr("sys.argv", command.split())
    done = invoke(command)
    assert (done.exit_code, done.stderr, done.stdout.count("\n")) == (0, "", 1)
    table = (tmp_path / "ladder.md").read_text(encoding="utf-8").strip()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n")]
    header, _, *rows = rows
    assert header[:3] == ["model", "parameters", "final accuracy"]
    names = [step.name for step in ladder.LADDER]
    assert [row[0] for row in rows] == [*names, "library's GRU", ladder.SKIPPING.name]
    words = len(human_numbers.vocabulary())
    models = [step.build(words, ladder.WIDTH) for step in ladder.LADDER]
    models.append(build_language_model(human_numbers_config(words)))
    models.append(ladder.SKIPPING.build(words, ladder.WIDTH))
    figures = read_json(tmp_path / "metrics.json")
    assert figures.keys() == {row[0] for row in rows} | {"seeds", "finals", "made_with"}
    assert "recipes/ladder.py --epochs 1 --seeds 1" in figures["made_with"]["command"]
    for row, model in zip(rows, models, strict=True):
        assert len(row) == len(header)
        weights = sum(weights.numel() for weights in model.parameters())
        assert int(row[1].replace(",", "")) == weights
        assert f"{figures[row[0]]['final'][0]:.4f}" == row[2].split()[0]


def test_a_model_of_the_ladder_is_trained_alone(tmp_path):
    command = "recipes/ladder.py --only 1 --only 7 --epochs 1 --seeds 1 --device cpu"
    figures = run_quietly(command, output=tmp_path)
    assert figures.keys() == {"1 three words", "library's GRU", "seeds", "finals", "made_with"}


@pytest.mark.slow
def test_copying_leaves_its_figures_and_its_model(tmp_path):
    figures = run_quietly("recipes/copying.py --epochs 1 --seeds 1 --device cpu", output=tmp_path)
    assert len(figures["models"]) == 5
    model = LanguageModel.load(tmp_path / "model")
    assert isinstance(model.module, CopyingLanguageModel)
    assert figures["accuracy"] == pytest.approx(evaluate(model.module, valid_stream()).accuracy)


def test_every_recipe_says_what_it_does_and_how_to_run_it():
    for name, tree in TREES.items():
        docstring = ast.get_docstring(tree)
        assert docstring, name
        assert docstring.split("\n\n")[0].endswith((".", ":")), name
        # What recipes share is run by none.
        assert (f"python {name}" in docstring) == (name in RECIPES), name
        assert ("__main__" in FILES[name].read_text(encoding="utf-8")) == (name in RECIPES), name


def test_no_recipe_imports_another():
    others = {Path(name).stem for name in RECIPES}
    for name in RECIPES:
        imported = set()
        for node in ast.walk(TREES[name]):
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module.split(".")[0])
            elif isinstance(node, ast.Import):
                imported |= {one.name.split(".")[0] for one in node.names}
        assert not imported & others, name


def test_the_settings_of_every_recipe_are_a_frozen_dataclass_above_the_work():
    for name in RECIPES:
        nodes = [
            node for node in TREES[name].body if isinstance(node, ast.ClassDef | ast.FunctionDef)
        ]
        names = [node.name for node in nodes]
        assert names.index("Settings") < names.index("main") == len(names) - 1, name
        (settings,) = [node for node in nodes if node.name == "Settings"]
        assert [ast.unparse(one) for one in settings.decorator_list] == [
            "dataclass(frozen=True)"
        ], name


def namespace_of(name):
    """What a recipe defines; skips where a package that seqlabel itself does not need is
    missing.
    """
    # As for a script, the modules beside it are found.
    sys.path.insert(0, str(RECIPES[name].parent))
    try:
        return runpy.run_path(str(RECIPES[name]), run_name="recipe")
    except ModuleNotFoundError as error:
        needed = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
            "dependencies"
        ]
        missing = error.name.split(".")[0]
        if missing == "seqlabel" or any(package.startswith(missing) for package in needed):
            raise
        pytest.skip(f"{name} needs {missing}")
    finally:
        sys.path.remove(str(RECIPES[name].parent))


def invoke(command, *more):
    """What a command line and more arguments did in this process; skips where the recipe needs
    pictures and cannot draw.
    """
    name, *arguments = command.split()
    found = namespace_of(name)
    app = typer.Typer()
    app.command()(
        command_of(found["main"], found["Settings"]) if "Settings" in found else found["main"]
    )
    result = CliRunner().invoke(app, [*arguments, *map(str, more)])
    if not find_spec("matplotlib") and "needs the package matplotlib" in result.output:
        pytest.skip("needs seqlabel-rnn[plots]")
    return result


# As from the shell, one after the other: what one has imported, such as torch, the next one need
# not wait for.
ALL_HELP = """
import contextlib, io, runpy, sys, warnings
from pathlib import Path
from shutil import copytree
warnings.simplefilter("ignore")
heavy = set(sys.argv[1].split(","))
for name in sys.argv[2:]:
    sys.argv, sys.path[0] = [name, "--help"], str(Path(name).parent)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        try:
            runpy.run_path(name, run_name="__main__")
        except SystemExit as ended:
            assert not ended.code, f"{name} {printed.getvalue()}"
    assert "Usage" in printed.getvalue(), name
    found = heavy & {module.partition(".")[0] for module in sys.modules}
    assert not found, f"{name} imports {found}"
"""
HEAVY = (
    "datasets,faker,matplotlib,onnx,onnxruntime,pandas,presidio_analyzer,pyspark,ray,sklearn"
    ",wordfreq"
)


def test_every_recipe_answers_help_without_training_or_importing_what_it_compares_with():
    command = [sys.executable, "-c", ALL_HELP, HEAVY, *map(str, RECIPES.values())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


NAMES, VERBS, NOUNS = ["Ana", "Bo", "Cy"], ["sees", "likes", "hears"], ["tea", "rain", "jazz"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory):
    """The folder of a pair of language models so small that a recipe takes seconds."""
    folder = tmp_path_factory.mktemp("recipes") / "encoder"
    vocabulary = Vocabulary(["xxunk", *NAMES, *VERBS, *NOUNS])
    config = WordModelConfig(
        words=len(vocabulary), buckets=128, embedding=8, hidden=8, cutoffs=(4,)
    )
    WordLanguageModel(config, vocabulary).save(folder)
    return folder


def some_sentences(count, seed):
    """Words of sentences, with a part of speech and an entity's tag for each."""
    chance = random.Random(seed)
    for _ in range(count):
        words = [chance.choice(NAMES), chance.choice(VERBS), chance.choice(NOUNS), "."]
        yield words, ["PROPN", "VERB", "NOUN", "PUNCT"], ["B-PER", "O", "O", "O"]


def write_rows(path, rows, line):
    blocks = (
        "".join(line(number, *values) for number, values in enumerate(zip(*row, strict=True), 1))
        for row in rows
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(blocks), encoding="utf-8")


def conllu_line(number, word, tag, _):
    return "\t".join([str(number), word, word, tag, tag, *"_____"]) + "\n"


def entity_line(number, word, _, tag):
    return f"{number}\t{word}\t{tag}\t-\n"


def write_web(path, count):
    """Documents of two lines each, in a packed file."""
    lines = [" ".join(words[:-1]) + "." for words, _, _ in some_sentences(2 * count, 3)]
    text = "\n\n".join("\n".join(lines[at : at + 2]) for at in range(0, len(lines), 2))
    path.write_bytes(lzma.compress(text.encode()))


def write_corpora(data, *, masc=20):
    """Small corpora with the names and in the formats of those in the data folder."""
    for seed, (part, count) in enumerate((("train", 300), ("dev", 30), ("test", 30))):
        rows = list(some_sentences(count, seed))
        write_rows(data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu", rows, conllu_line)
        write_rows(data / "ner_english_ewt" / f"{part}.iob2", rows, entity_line)
    posts = [(["Ana", "hears", "jazz"], [""] * 3, ["B-person", "O", "B-product"])]
    for name, count in (("emerging.dev", 5), ("wnut17train", 300)):
        write_rows(
            data / "wnut17" / f"{name}.conll",
            posts * count,
            lambda _, word, __, tag: f"{word}\t{tag}\n",
        )
    (data / "masc").mkdir()
    for number in range(masc):
        (data / "masc" / f"{number:02}.txt").write_text(
            "Ana_NNP likes_VBZ rain_NN ,_, Bo_NNP too_RB ._. " * 20
        )
    (data / "text").mkdir()
    for name in ("state_union", "inaugural", "novels"):
        text = "\n".join(" ".join(words[:-1]) + "." for words, _, _ in some_sentences(400, 3))
        (data / "text" / f"{name}.txt").write_text(f"<<< {text} >>>{text}", encoding="utf-8")
    (data / "web").mkdir()
    write_web(data / "web" / "wikipedia.txt.xz", 400)
    for label, word in (("neg", "rain"), ("pos", "sun")):
        (data / "movie_reviews" / label).mkdir(parents=True)
        for number in range(0, 1000, 50):
            text = " ".join([*random.Random(number).choices(VERBS + NAMES, k=6), word])
            (data / "movie_reviews" / label / f"cv{number:03}_1.txt").write_text(
                text, encoding="utf-8"
            )
    return data


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    return write_corpora(tmp_path_factory.mktemp("recipes") / "data")


def run_quietly(command, *more, output):
    """The figures of a command that is to succeed and to print one line."""
    result = succeed(command, *more, "--quiet", "--output", output)
    assert (result.exit_code, result.stdout.count("\n"), result.stderr) == (0, 1, "")
    return read_json(output / "metrics.json")


def numbers_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [number for one in value for number in numbers_of(one)]
    return [value]


def assert_one_error_line(result, message):
    assert isinstance(result.exception, SystemExit), repr(result.exception)
    assert result.exit_code == 2
    assert result.stderr.startswith("seqlabel: ")
    assert result.stderr.count("\n") == 1
    assert message in result.stderr


@pytest.fixture(scope="module")
def tagger(corpora, encoder, tmp_path_factory):
    """The folder and figures of a tagger that pos.py trained."""
    folder = tmp_path_factory.mktemp("recipes") / "pos"
    sizes = ("--epochs", 15, "--seeds", 2, "--encoder", encoder, "--device", "cpu")
    return folder, run_quietly(f"recipes/pos.py --data {corpora}", *sizes, output=folder)


def test_tags_are_learnt(tagger):
    folder, figures = tagger
    assert len(figures["runs"]) == 2
    assert all(math.isfinite(number) for number in numbers_of([figures["mean"], figures["runs"]]))
    assert figures["mean"]["accuracy"] > 0.9
    assert 0 < figures["mean"]["document_accuracy"] <= 1
    (found,) = Labeler.load(folder / "labeler")(["Ana likes rain ."])
    assert found.tags["upos"].labels == ("PROPN", "VERB", "NOUN", "PUNCT")


def with_morphology(data, corpora):
    """The treebank of some corpora with fine tags, features, lemmas, trees whose root is the verb,
    and documents of five sentences.
    """
    folder = data / "ud_english_ewt"
    folder.mkdir(parents=True)
    fine = {"PROPN": "NNP", "VERB": "VBZ", "NOUN": "NN", "PUNCT": "."}
    for path in (corpora / "ud_english_ewt").glob("*.conllu"):
        blocks = []
        for number, sentence in enumerate(path.read_text(encoding="utf-8").strip().split("\n\n")):
            rows = [line.split("\t") for line in sentence.split("\n")]
            root = [row[3] for row in rows].index("VERB")
            for place, row in enumerate(rows):
                verb = place == root
                row[2] = row[1].removesuffix("s") if verb else row[1]
                row[4] = fine[row[3]]
                row[5] = "VerbForm=Fin" if verb else "_"
                row[6:8] = ["0", "root"] if verb else [str(root + 1), row[3].lower()]
            begins = ["# newdoc", "# newpar"] if number % 5 == 0 else []
            text = " ".join(row[1] for row in rows)
            blocks.append("\n".join([*begins, f"# text = {text}", *map("\t".join, rows)]))
        (folder / path.name).write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return data


def succeed(command, *more):
    """What a command that is to succeed did."""
    result = invoke(command, *more)
    assert result.exception is None, result.output
    return result


def measured(command):
    """The figures that a benchmark leaves in a file."""
    succeed(command)
    return read_json(Path(command.split("--output ")[1].split()[0]))


def test_five_layers_and_then_trees_are_learnt_and_measured(corpora, tagger, tmp_path):
    data = with_morphology(tmp_path / "data", corpora)
    start = f"--data {data} --start {tagger[0]}/labeler --epochs 12"
    figures = run_quietly(f"recipes/morphology.py {start}", output=tmp_path / "out")
    assert min(figures[layer] for layer in ("upos", "xpos", "feats", "lemma", "sentence")) > 0.9
    labeler = tmp_path / "out" / "labeler"
    options = f"--data {data} --model {labeler} --output {tmp_path}/figures.json"
    figures = measured(f"recipes/benchmarks/morphology.py {options}")
    assert figures[f"{labeler}, by documents"]["lemma"] > 0.9
    assert figures[f"{labeler}, raw text"]["sentence_f1"] > 0.9

    more = f"--data {data} --start {labeler} --units 16 --epochs 12 --max-lr 0.01"
    figures = run_quietly(f"recipes/trees.py {more}", output=tmp_path / "trees")
    assert min(figures[score] for score in ("las", "upos", "xpos", "feats", "lemma")) > 0.9
    parser = tmp_path / "trees" / "labeler"
    options = f"--data {data} --model {parser} --output {tmp_path}/figures.json"
    figures = measured(f"recipes/benchmarks/trees.py {options}")
    assert figures[f"{parser}, gold sentences"]["uas"] > 0.9


def test_trees_are_learnt_from_a_transformer_too(corpora, tagger, tmp_path):
    data = with_morphology(tmp_path / "data", corpora)
    for name in ("masc", "web"):
        copytree(corpora / name, data / name)
    start = f"--data {data} --start {tagger[0]}/labeler --epochs 2"
    run_quietly(f"recipes/morphology.py {start}", output=tmp_path / "out")
    teacher = tmp_path / "teacher"
    write_tiny_transformer(teacher / "transformer")
    # The package that loads it shows its progress on stderr.
    command = f"recipes/tree_teacher.py --data {data} --epochs 1 --quiet --output {teacher}"
    succeed(command)
    parser = read_json(teacher / "metrics.json")
    assert 0 <= parser["las"] <= parser["uas"] <= 1
    command = f"recipes/trees.py --data {data} --start {tmp_path}/out/labeler --teacher {teacher}"
    sizes = "--taught-words 400 --units 16 --epochs 8 --max-lr 0.01"
    succeed(f"{command} {sizes} --quiet --output {tmp_path}/trees")
    assert read_json(tmp_path / "trees" / "metrics.json")["uas"] > 0.9

    # Then once more, by two teachers.
    again = (
        f"recipes/trees.py --data {data} --start {tmp_path}/trees/labeler --teacher {teacher} "
        f"--teacher {teacher} --mix 0.5 --by-xpos --students 2"
    )
    sizes = "--taught-words 400 --epochs 2 --max-lr 0.001"
    succeed(f"{again} {sizes} --quiet --output {tmp_path}/again")
    assert read_json(tmp_path / "again" / "metrics.json")["uas"] > 0.9

    # A teacher of other tags would teach the wrong ones.
    tags = teacher / "tags.json"
    tags.write_text(tags.read_text(encoding="utf-8").replace("PROPN", "NAME"), encoding="utf-8")
    result = invoke(f"{command} --output {tmp_path}/other")
    assert result.exit_code == 2
    assert f"{teacher}: " in result.stderr


def test_another_treebank_is_learnt_in_the_layers_that_it_has(corpora, encoder, tagger, tmp_path):
    folder = with_morphology(tmp_path / "data", corpora) / "ud_english_ewt"
    for path in folder.iterdir():
        rows = [line.split("\t") for line in path.read_text(encoding="utf-8").split("\n")]
        lines = ["\t".join([*row[:4], "_", *row[5:]] if len(row) > 1 else row) for row in rows]
        path.unlink()
        path = path.with_name(path.name.replace("en_ewt", "other"))
        path.write_text("\n".join(lines), encoding="utf-8")
    folder.rename(tmp_path / "data" / "other")
    command = f"recipes/morphology.py --data {tmp_path}/data --treebank other --epochs 1"
    figures = run_quietly(f"{command} --start {encoder}", output=tmp_path / "out")
    assert {"upos", "feats", "lemma", "sentence"} <= figures.keys()
    assert "xpos" not in figures
    train = tmp_path / "data" / "other" / "other-ud-train.conllu"
    text = train.read_text(encoding="utf-8").replace("\tVERB\t", "\tACT\t")
    train.write_text(text, encoding="utf-8")
    result = invoke(f"{command} --start {tagger[0]}/labeler --output {tmp_path}/out")
    assert "upos: 1 labels" in result.stderr
    (tmp_path / "data" / "other" / "other-ud-dev.conllu").unlink()
    assert_one_error_line(invoke(f"{command} --start {encoder}"), "dev.conllu")


@pytest.mark.slow
def test_tags_are_learnt_without_an_encoder(corpora, tmp_path):
    command = f"recipes/pos.py --data {corpora} --sentences 8 --epochs 1 --seeds 2"
    figures = run_quietly(f"{command} --fresh --layers upos,xpos", output=tmp_path / "out")
    assert len(figures["runs"]) == 2
    layers = [tags.layer for tags in Labeler.load(tmp_path / "out" / "labeler").tag_sets]
    assert layers == ["upos", "xpos"]


@pytest.fixture(scope="module")
def finder(corpora, encoder, tmp_path_factory):
    """The folder and figures of a labeler of entities that ner.py trained."""
    folder = tmp_path_factory.mktemp("recipes") / "ner"
    command = f"recipes/ner.py --data {corpora} --posts --lowered 0.5 --epochs 15 --seeds 1"
    figures = run_quietly(f"{command} --encoder {encoder} --device cpu", output=folder)
    return folder, figures


def test_entities_are_learnt(finder):
    folder, figures = finder
    assert all(math.isfinite(number) for number in numbers_of([figures["mean"], figures["runs"]]))
    assert figures["mean"]["f1"] > 0.9
    assert figures["mean"]["other_f1"] > 0.9
    (found,) = Labeler.load(folder / "labeler")(["Bo hears jazz ."])
    assert found.spans["ner"].spans == (Span(0, 1, "PER"),)


def test_a_labeler_of_entities_is_trained_on_and_keeps_a_share_of_its_weights(
    corpora, finder, tmp_path
):
    start = finder[0] / "labeler"
    sizes = f"--start {start} --lowered 0.5 --epochs 1 --seeds 1 --device cpu"
    for kept in (0.5, 1.0):
        command = f"recipes/ner.py --data {corpora} {sizes} --kept {kept}"
        figures = run_quietly(command, output=tmp_path / f"{kept}")
        assert figures["mean"]["dev_lowered_recall"] > 0.5
    before, after = (
        Labeler.load(one).module.state_dict() for one in (start, tmp_path / "1.0" / "labeler")
    )
    assert all((before[name] == after[name]).all() for name in before)


def test_names_are_measured_in_whole_documents(finder, corpora, tmp_path):
    labeler = str(finder[0] / "labeler")
    data = tmp_path / "data"
    copytree(corpora, data)
    for part in ("dev", "test"):
        for name in (f"ner_english_ewt/{part}.iob2", f"ud_english_ewt/en_ewt-ud-{part}.conllu"):
            blocks = []
            text = (data / name).read_text(encoding="utf-8").strip()
            for number, block in enumerate(text.split("\n\n")):
                document = "# newdoc\n" if number % 10 == 0 else ""
                begins = number % 3 == 0 and name.endswith(".conllu")
                paragraph = "# newpar\n" if begins else ""
                blocks.append(f"{document}# sent_id = {number}\n{paragraph}{block}")
            (data / name).write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    options = f"--data {data} --models {labeler} --output {tmp_path}/figures.json"
    figures = measured(f"recipes/benchmarks/paragraphs.py {options}")[labeler]
    assert set(figures) == {"whole documents", "paragraphs", "sentences"}
    assert figures["sentences"]["test"] > 0.8


def test_repairs_are_said_also_when_quiet(tmp_path, encoder):
    data = write_corpora(tmp_path / "data")
    broken = data / "ner_english_ewt" / "test.iob2"
    broken.write_text("1\tAna\tB-PER\t-\n2\tsees\tE-PER\t-\n3\tBo\tI-PER\t-\n", encoding="utf-8")
    command = f"recipes/ner.py --data {data} --encoder {encoder} --epochs 1 --seeds 1 --device cpu"
    result = succeed(f"{command} --quiet --output {tmp_path}/out")
    assert result.stderr == f"{broken}: tags read against their scheme: 2\n"


def test_a_sample_and_other_sentences_without_labels_are_learnt(corpora, encoder, tmp_path):
    command = f"recipes/pos.py --data {corpora} --encoder {encoder}"
    options = "--sentences 20 --unlabelled --seeds 1"
    figures = run_quietly(f"{command} {options}", output=tmp_path / "out")
    assert figures["mean"]["accuracy"] > 0.9


def distil(corpora, teacher, student, output):
    sizes = "--epochs 12 --taught-words 1500"
    command = f"recipes/distil.py --data {corpora} --teacher {teacher} --on {student} {sizes}"
    return run_quietly(command, output=output)


def test_a_small_labeler_learns_tags_from_a_large_one(tmp_path, corpora, tagger, encoder):
    figures = distil(corpora, tagger[0] / "labeler", encoder, tmp_path / "small")
    # Three copies of 300 sentences of 4 words, and what the teacher labelled.
    assert figures["words"] == 3 * 1200 + 1500
    assert figures["scores"]["teacher"]["upos"] > 0.9
    assert figures["scores"]["student"]["upos"] > 0.9
    student = Labeler.load(tmp_path / "small" / "labeler")
    assert student.config.encoder == Labeler.load(tagger[0] / "labeler").config.encoder


def test_a_small_labeler_learns_entities_from_a_large_one(tmp_path, corpora, finder):
    labeler = finder[0] / "labeler"
    figures = distil(corpora, labeler, labeler, tmp_path / "small")
    assert figures["scores"]["teacher"].keys() == {"ner"}
    assert figures["scores"]["student"]["ner"] > 0.9


def test_a_teacher_of_other_labels_is_refused(tmp_path, encoder):
    data = write_corpora(tmp_path / "data")
    command = f"recipes/distil.py --data {data} --teacher {tmp_path}/teacher --output {tmp_path}/o"
    Labeler.on(encoder, [TagSet("pii", ("PER",), Scheme.BIO)]).save(tmp_path / "teacher")
    assert_one_error_line(invoke(command), "['pii']")
    upos = TagSet("upos", ("PROPN", "VERB", "NOUN", "PUNCT"))
    Labeler.on(encoder, [upos]).save(tmp_path / "teacher")
    for part in ("dev", "train"):
        path = data / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu"
        write_rows(path, [(["Bo", "Ana"], ["PROPN", "X"], ["O", "O"])], conllu_line)
        assert_one_error_line(invoke(command), f"{path}, line 2, layer 'upos': ")


def test_formatting_is_learnt(tmp_path, corpora, encoder):
    command = f"recipes/formatting.py --data {corpora} --encoder {encoder} --seeds 1 --device cpu"
    figures = run_quietly(command, output=tmp_path / "out")
    assert 0 <= figures["mean"]["errors"] < 1
    assert {"errors", "LOWER", "TITLE", "COMMA", "PERIOD", "NONE"} <= figures["mean"].keys()
    (found,) = Labeler.load(tmp_path / "out" / "labeler")(["ana likes rain"])
    assert found.tags.keys() == {"case", "mark"}


def test_the_most_frequent_format_of_a_word_leaves_out_text_without_case():
    most_frequent = namespace_of("recipes/formatting.py")["most_frequent"]
    (cased,) = unformatted(["So", "good", "."])
    (lower,) = unformatted(["so", "good", "!"], has_case=False)
    formats = {"so": ("TITLE", "NONE"), "good": ("LOWER", "PERIOD")}
    assert most_frequent([cased, lower, lower]) == formats


def test_formatting_needs_ten_texts_and_text_of_the_web(tmp_path):
    data = write_corpora(tmp_path / "data", masc=10)
    command = f"recipes/formatting.py --data {data} --output {tmp_path}/out"
    (data / "web" / "wikipedia.txt.xz").unlink()
    assert_one_error_line(invoke(command), f"{data / 'web'}: ")
    (data / "masc" / "09.txt").unlink()
    assert_one_error_line(invoke(command), f"{data / 'masc'}: ")


def test_reviews_are_classified_as_the_peer_does(tmp_path, corpora, encoder):
    command = f"recipes/classify.py --data {corpora} --fold 3 --encoder {encoder} --epochs 5"
    figures = run_quietly(f"{command} --device cpu", output=tmp_path / "out")
    assert len(figures["runs"]) == 1
    assert figures["mean"]["accuracy"] > 0.9
    assert figures["mean"]["peer_accuracy"] > 0.9
    (found,) = Labeler.load(tmp_path / "out" / "labeler")(["Bo hears rain"])
    assert found.categories["category"]["neg"] > 0.5


def test_an_encoder_is_adapted_and_what_that_is_worth_is_measured(tmp_path, corpora, encoder):
    arguments = ("--data", corpora, "--encoder", encoder, "--words", "600,all", "--sentences", 20)
    figures = run_quietly(
        "recipes/adapt.py --posts 100 --device cpu", *arguments, output=tmp_path / "out"
    )
    assert [run["unlabelled_words"] for run in figures["runs"]] == [0, 600, 900]
    assert figures["runs"][0]["new_words"] == 0
    assert all(0 <= run[name] <= 1 for run in figures["runs"] for name in ("f1", "upos_accuracy"))
    assert WordLanguageModel.load(tmp_path / "out" / "encoder").config.words > 0


def test_pretraining_leaves_a_model_and_its_figures(tmp_path, corpora):
    sizes = ("--share", 0.00015, "--words", 20, "--batch-size", 16, "--bptt", 8, "--device", "cpu")
    data = write_corpora(tmp_path / "data", masc=90)
    for name in namespace_of("recipes/pretrain.py")["WORDS"]:
        write_web(data / "web" / f"{name}.txt.xz", 20)
    figures = run_quietly(f"recipes/pretrain.py --data {data}", *sizes, output=tmp_path / "out")
    assert figures["words"] > 5_000
    assert 1 < figures["forward_perplexity"] < 50
    assert len(WordLanguageModel.load(tmp_path / "out" / "compact").vocabulary) == 20


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("adapt", "wnut17/wnut17train.conll: "),
        ("pos", "ud_english_ewt/en_ewt-ud-train.conllu: "),
        ("ner", "ner_english_ewt/train.iob2: "),
        ("distil", "ud_english_ewt/en_ewt-ud-train.conllu: "),
        ("classify", "movie_reviews/neg: "),
        ("formatting", "masc: "),
        ("pretrain", "web/wikipedia.txt.xz: "),
        ("europe_pos", "ud_german_gsd/de_gsd-ud-dev.conllu: "),
    ],
)
def test_a_folder_without_the_corpus_is_one_error_line(tmp_path, monkeypatch, name, missing):
    monkeypatch.chdir(tmp_path)
    done = invoke(f"recipes/{name}.py", "--data", "nowhere")
    assert_one_error_line(done, f"seqlabel: nowhere/{missing}")
    assert invoke(f"recipes/{name}.py").exit_code == 2


TREEBANK = "en_ewt-ud-train.conllu: "


@pytest.mark.parametrize(
    ("command", "named"),
    [
        ("speed documents --data nowhere", TREEBANK),
        ("speed documents --data nowhere --rounds 0", "--rounds"),
        ("speed words --data nowhere", "'words'"),
        ("missed cities", "'cities'"),
        ("learning_curve --data nowhere --task pii", "--task"),
        ("learning_curve --data nowhere --peer-draws -1", "--peer-draws"),
        ("learning_curve --data nowhere --tools crf", "tools: "),
        ("learning_curve --data nowhere --part train", "part: "),
        ("learning_curve --data nowhere --teachers -1", "--teachers"),
        ("encoders --data nowhere", TREEBANK),
        ("encoders --data no --language fi", "fi_tdt-dev.conllu.xz: "),
        ("languages --data nowhere --labeler nowhere", "nowhere"),
        ("languages --data nowhere --labeler en_pos --peers x", "peers: "),
    ],
)
def test_benchmarks_refuse_bad_options(tmp_path, monkeypatch, command, named):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    name, _, options = command.partition(" ")
    result = invoke(f"recipes/benchmarks/{name}.py {options}")
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    assert named in result.output
    assert list(tmp_path.iterdir()) == []


def test_figures_of_shipped_models_go_into_their_cards(tmp_path, monkeypatch):
    corpora = write_corpora(tmp_path / "corpora")
    data = with_morphology(tmp_path / "data", corpora)
    for name in ("wnut17", "ner_english_ewt"):
        copytree(corpora / name, data / name)
    words = ["Ann", "left", "Berlin", "for", "Microsoft", "."]
    tags = ["B-PER", "O", "B-LOC", "O", "B-ORG", "O"]
    write_rows(data / "ner_english_ewt" / "test.iob2", [(words, words, tags)], entity_line)
    shipped = {}
    for name in ("en", "en_pos", "en_pos_fast", "en_trees", "en_ner", "en_ner_fast"):
        shipped[name] = (PRETRAINED / name / "README.md").read_text(encoding="utf-8")
        (tmp_path / name).mkdir()
        (tmp_path / name / "README.md").write_text(shipped[name], encoding="utf-8")
    encoder = tmp_path / "metrics.json"
    encoder.write_text('{"forward_perplexity": 12.34, "backward_perplexity": 56.78}')
    main = namespace_of("recipes/benchmarks/shipped.py")["main"]
    monkeypatch.setitem(main.__globals__, "find_folder", lambda name: tmp_path / name)
    output = tmp_path / "out" / "metrics.json"
    main(main.__globals__["Settings"](data, output, cards=True, pretraining=encoder))
    figures = read_json(output)
    cards = {name: (tmp_path / name / "README.md").read_text("utf-8") for name in shipped}
    for name, before in shipped.items():
        assert cards[name] != before
        # Of the text below the metadata, only rows of the first table of figures are other ones.
        old, new = (text.rpartition("\n---\n")[2].splitlines() for text in (before, cards[name]))
        changed = [(a, b) for a, b in zip(old, new, strict=True) if a != b]
        assert all(a.partition("|")[0] == b.partition("|")[0] == "" for a, b in changed)
        assert all(a.split("|")[1] == b.split("|")[1] for a, b in changed)
    assert "| as trained, float32 | 12.3 | 56.8 |\n" in cards["en"]
    assert f"| in 8-bit products | {100 * figures['en_ner']['EWT']:.2f} |" in cards["en_ner"]
    assert f"| LAS | {100 * figures['en_trees']['LAS']:.2f} | – |" in cards["en_trees"]
    for name, layer in (("en_pos", "upos"), ("en_pos_fast", "xpos")):
        (index,) = read_metadata(cards[name])["model-index"]
        (result,) = index["results"]
        values = {one["name"]: one["value"] for one in result["metrics"]}
        value = values[f"{layer.upper()} accuracy"]
        assert value == pytest.approx(figures[name][f"{layer} by sentences"], abs=0.1)
        assert re.search(rf"\| test accuracy, {layer.upper()} \| {100 * value:.1f}", cards[name])
