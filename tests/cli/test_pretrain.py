"""`seqlabel pretrain`: from text files to an encoder that `seqlabel train` takes by the output
folder.
"""

import json

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from seqlabel.models.language_model import WordLanguageModel
from tests.spacy_models import WORDS


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("texts")
    words = [word for word in WORDS if word.isalpha()]
    for name, shift in (("a", 0), ("b", 3)):
        lines = (
            " ".join(words[(n * n + shift) % len(words)] for n in range(line, line + 10))
            for line in range(700)
        )
        (folder / f"{name}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def encoder(texts, tmp_path_factory):
    """The output folder of `seqlabel pretrain`, and what it printed."""
    folder = tmp_path_factory.mktemp("pretrained") / "encoder"
    options = ["--words", "8", "--hidden", "32", "--epochs", "1", "--output", str(folder), "--json"]
    done = CliRunner().invoke(app, ["pretrain", str(texts), *options])
    assert done.exit_code == 0, done.stderr
    return folder, json.loads(done.stdout)


def test_text_to_encoder_to_labeler(run, encoder, files, tmp_path):
    folder, figures = encoder
    assert figures["words"] > 10_000
    config = WordLanguageModel.load(folder).config
    assert (config.words, config.hidden, config.embedding, config.languages) == (8, 32, 16, ("en",))
    assert config.words_read == figures["words"]
    assert 1 < figures["forward_perplexity"] < 20
    assert json.loads((folder / "metrics.json").read_text())["words"] == figures["words"]
    assert "Their source and licence were not stated." in (folder / "README.md").read_text()
    options = ["--encoder", folder, "--epochs", 1, "--json", "--output", tmp_path / "labeler"]
    assert run(f"train tags {files}/tags.txt", *options).exit_code == 0


def test_an_encoder_is_adapted_to_text(run, encoder, texts, files, tmp_path):
    folder, _ = encoder
    done = run(
        f"pretrain {texts}/a.txt --on {folder} --epochs 1 --output {tmp_path}/mine --language nl "
        "--quiet --license MIT"
    )
    assert done.exit_code == 0, done.stderr
    assert f"--on {(tmp_path / 'mine').as_posix()} --language nl" in done.stdout
    assert (
        "Their source was not stated. Licence: MIT."
        in (tmp_path / "mine" / "README.md").read_text()
    )
    before, after = (
        WordLanguageModel.load(one / "best").vocabulary for one in (folder, tmp_path / "mine")
    )
    assert list(after)[: len(before)] == list(before)
    assert len(after) > len(before)
    options = ["--on", tmp_path / "mine", "--epochs", 1, "--json", "--output", tmp_path / "labeler"]
    assert run(f"train tags {files}/tags.txt", *options).exit_code == 0
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"README.md", "best", "compact"}
    done = run(f"pretrain {texts} --on {folder} --resume")
    assert done.exit_code == 2
    assert "--resume: An adaptation cannot be resumed" in done.stderr
    for name in ("--words", "--hidden"):
        done = run(f"pretrain {texts} --on {folder} {name} 8")
        assert done.exit_code == 2
        assert f"{name}: An encoder that is adapted has its own." in done.stderr


def test_ctrl_c_before_the_first_checkpoint_names_none(run, texts, tmp_path, monkeypatch):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("seqlabel.models.pretraining.build_corpus", interrupted)
    done = run(f"pretrain {texts} --output {tmp_path}/encoder --resume")
    assert done.exit_code == 130
    assert "no training can be resumed" in done.stderr
    assert "interrupted before anything was saved" in done.stderr


def test_what_is_read_is_said_before_it_is_read_and_after(run, texts, encoder, tmp_path):
    command = ["pretrain", texts, "--on", encoder[0], "--epochs", 1, "--output", tmp_path / "mine"]
    first, last = run(*command).stderr.splitlines()
    assert first == "reading 2 files, 0.1 MB"
    assert " words read in " in last
    assert run(*command, "--quiet").stderr == ""


def test_a_language_that_is_none_of_spacys_is_said_before_anything_is_written(run, texts, tmp_path):
    done = run(f"pretrain {texts} --language no --output {tmp_path}/encoder")
    assert done.exit_code == 2
    assert (
        "--language: spaCy has no 'no'. Pass 'xx' for any language, or one of its codes: af, am,"
        in done.stderr
    )
    assert not (tmp_path / "encoder").exists()


def test_an_earlier_training_that_is_replaced_and_text_without_spaces_are_said(
    run, texts, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "seqlabel.cli.pretrain._pretrain", lambda documents, settings: list(documents) and {}
    )
    (tmp_path / "encoder" / "last").mkdir(parents=True)
    (tmp_path / "ja.txt").write_text("私は田中です。東京から来ました。\n" * 20, encoding="utf-8")
    earlier, spaces = (
        "an earlier training, which this one replaces.",
        "Pass --language, such as ja, zh or th.",
    )
    for text, output, said in (
        (texts, "encoder", [True, False]),
        (tmp_path / "ja.txt", "ja", [False, True]),
    ):
        done = run(f"pretrain {text} --language xx --output {tmp_path}/{output}")
        assert done.exit_code == 0, done.stderr
        assert [part in done.stderr for part in (earlier, spaces)] == said


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nothing", "nothing: there is no such file"),
        ("empty", "expected .txt files"),
        ("few", "10,000"),
    ],
)
def test_texts_that_do_not_do(run, tmp_path, monkeypatch, name, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "few").write_text("a few words\n")
    done = run(f"pretrain {name} --output {tmp_path}/encoder")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "encoder").exists()
