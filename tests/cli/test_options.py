"""Options of several subcommands, and the TOML file that holds them."""

import pytest
import typer
from typer.testing import CliRunner

from seqlabel.cli.options import Config, Layer, read_options
from seqlabel.cli.settings import Seed
from seqlabel.errors import OptionError


def test_a_key_that_is_not_an_option_is_refused_with_the_nearest(run, files, tmp_path):
    (tmp_path / "c.toml").write_text('task = "spans"\nepoch = 3\n')
    done = run("train", "--config", tmp_path / "c.toml", "spans", files / "spans.jsonl")
    assert done.exit_code == 2
    assert "Found the key 'epoch', which is not an option of this command. Did you mean 'epochs'?" in done.stderr


def test_options_of_a_file_have_the_names_of_the_command_line(tmp_path):
    path = tmp_path / "c.toml"
    path.write_text('as-json = true\nepochs = 3\n[made_with]\ntorch = "2"\n')
    assert read_options(path, {"as_json", "epochs", "seed"}) == {"as_json": True, "epochs": 3}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"epochs = ", "cannot be read as TOML"),
        (b"\xff", "cannot be read as TOML"),
        (b"colour = 1", r"Found the key 'colour', .* Allowed are epochs, seed\."),
        (b"sed = 1", "Did you mean 'seed'"),
        (b"[train]\nepochs = 3", r"Found the table \[train\]\. Write its options as lines of the file"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path, content, said):
    path = tmp_path / "c.toml"
    path.write_bytes(content)
    with pytest.raises(OptionError, match=said):
        read_options(path, {"epochs", "seed"})
    with pytest.raises(OptionError, match=r"d\.toml: there is no such file\. Did you mean 'c\.toml'\?"):
        read_options(tmp_path / "d.toml", {"epochs"})


def test_the_command_line_wins(tmp_path):
    seen = []
    app = typer.Typer()

    @app.command()
    def main(seed: Seed = 0, layer: Layer = None, config: Config = None):
        seen.append((seed, layer))

    (tmp_path / "c.toml").write_text('seed = 3\nlayer = "ner"\n')
    for more in ([], ["--seed", "4"]):
        assert CliRunner().invoke(app, ["--config", str(tmp_path / "c.toml"), *more]).exit_code == 0
    assert seen == [(3, "ner"), (4, "ner")]
