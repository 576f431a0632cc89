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
    options = f"--encoder {folder} --epochs 1 --json --output {tmp_path}/labeler"
    assert run(f"train tags {files}/tags.txt {options}").exit_code == 0


def test_an_encoder_is_adapted_to_text(run, encoder, texts, files, tmp_path):
    folder, _ = encoder
    done = run(
        f"pretrain {texts}/a.txt --on {folder} --epochs 1 --output {tmp_path}/mine --language nl "
        "--quiet --license MIT"
    )
    assert done.exit_code == 0, done.stderr
    assert f"--on {(tmp_path / 'mine').as_posix()} --language nl" in done.stdout
    assert "Licence: MIT." in (tmp_path / "mine" / "README.md").read_text()
    before, after = (
        WordLanguageModel.load(one / "best").vocabulary for one in (folder, tmp_path / "mine")
    )
    assert list(after)[: len(before)] == list(before)
    assert len(after) > len(before)
    options = f"--on {tmp_path}/mine --epochs 1 --json --output {tmp_path}/labeler"
    assert run(f"train tags {files}/tags.txt {options}").exit_code == 0
    assert {path.name for path in (tmp_path / "mine").iterdir()} == {"README.md", "best", "compact"}
    for option in ("--resume", "--words 8", "--hidden 8"):
        done = run(f"pretrain {texts} --on {folder} {option}")
        assert (done.exit_code, f"{option.split()[0]}: " in done.stderr) == (2, True)


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


def test_an_earlier_training_that_is_replaced_and_text_without_spaces_are_said(
    run, texts, tmp_path, monkeypatch
):
    monkeypatch.setattr(
        "seqlabel.cli.pretrain._pretrain", lambda documents, settings: list(documents) and {}
    )
    (tmp_path / "encoder" / "last").mkdir(parents=True)
    (tmp_path / "ja.txt").write_text("私は田中です。東京から来ました。\n" * 20, encoding="utf-8")
    for text, output, replaces in ((texts, "encoder", True), (tmp_path / "ja.txt", "ja", False)):
        done = run(f"pretrain {text} --language xx --output {tmp_path}/{output}")
        assert done.exit_code == 0, done.stderr
        assert ("an earlier training" in done.stderr) is replaces
        assert ("Pass --language" in done.stderr) is not replaces


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ("nothing", "nothing: "),
        ("empty", ".txt files"),
        ("few", "10,000"),
        ("few --language no", "--language: "),
    ],
)
def test_wrong_use_writes_nothing(run, tmp_path, monkeypatch, options, named):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "few").write_text("a few words\n")
    done = run(f"pretrain {options} --output {tmp_path}/encoder")
    assert (done.exit_code, named in done.stderr) == (2, True)
    assert not (tmp_path / "encoder").exists()
