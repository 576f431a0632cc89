"""The page on spaCy runs from top to bottom: its Python, its configs and its commands, with tiny
models that ship.
"""

import re
import shlex
from pathlib import Path

import pytest
import spacy
import torch
from spacy.cli._util import app

import seqlabel.models.folders
from seqlabel.cli import app as seqlabel_app
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models.model_configs import HeadConfig
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.text.tokenizers import Words
from tests.extras import needs_pii
from tests.spacy_models import WORDS, tiny_encoder

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "spacy.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w+)\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder to work in, with a treebank, the recipes, and models under the names of those that
    ship.
    """
    shipped = tmp_path / "pretrained"
    below = tiny_encoder(shipped / "en")
    torch.manual_seed(0)
    Labeler.on(
        below, [TagSet("upos", ("NOUN", "VERB")), TagSet("xpos", ("NN", "VB"))], hidden=4
    ).save(shipped / "en_pos")
    pii = HeadConfig(TagSet("pii", ("PERSON", "IP"), Scheme.BIO), Softmax())
    Labeler.on(below, [pii], hidden=4, words=Words.FINE).save(shipped / "en_pii")
    monkeypatch.setattr(seqlabel.models.folders, "PRETRAINED", shipped)
    for part in ("train", "dev", "test"):
        rows = [
            f"{n}\t{word}\t_\tNOUN\tN{n % 2}\t_\t0\troot\t_\t_\n" for n, word in enumerate(WORDS, 1)
        ]
        (tmp_path / f"{part}.conllu").write_text(("".join(rows) + "\n") * 120, encoding="utf-8")
    (tmp_path / "texts.txt").write_text("the cat sat on the mat\nOslo on the mat\n")
    (tmp_path / "recipes").symlink_to(ROOT / "recipes")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(
        "SPACY_CONFIG_OVERRIDES", "--training.max_steps 12 --training.eval_frequency 6"
    )
    return tmp_path


def run_command(line):
    program, *arguments = shlex.split(line)
    if program == "seqlabel":
        seqlabel_app(arguments, standalone_mode=False)
        return
    assert (program, *arguments[:2]) == ("python", "-m", "spacy")
    app(arguments[2:], standalone_mode=False)


# spaCy's `package` leaves files to be closed by the garbage collector.
@pytest.mark.end_to_end
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:unclosed file:ResourceWarning")
@needs_pii
def test_the_page_runs_from_top_to_bottom(place, capsys):
    names, commands = {}, 0
    for language, block in BLOCKS:
        if language == "python":
            exec(compile(block, "spacy.md", "exec"), names)
        elif language == "ini" and block.startswith("# "):
            name, _, config = block.removeprefix("# ").partition("\n")
            (place / name).write_text(config)
        elif language == "sh":
            for line in block.splitlines():
                if line == "mkdir packages":
                    (place / "packages").mkdir()
                    continue
                run_command(line)
                commands += 1
    assert commands >= 10
    printed = capsys.readouterr().out
    assert "words/s" in printed or "wps" in printed.lower()
    assert spacy.load(place / "more" / "model-last").pipe_names == ["seqlabel_tagger"]
    assert {"by_words.json", "by_text.json", "found.spacy", "labels", "my.cfg"} <= {
        path.name for path in place.iterdir()
    }
    assert list((place / "packages").glob("*/dist/*.tar.gz"))


def test_configs_and_components_that_the_page_names_are_there():
    for name in re.findall(r"recipes/[\w/]+\.\w+", PAGE):
        assert (ROOT / name).is_file(), name
    (listed,) = re.findall(r"takes as they are: (.*?)\. `parser`", PAGE, flags=re.DOTALL)
    names = {path.stem for path in (ROOT / "seqlabel" / "spacy" / "configs").glob("*.cfg")}
    assert names == set(re.findall(r"`(\w+)`", listed))
    nlp = spacy.blank("en")
    for factory in re.findall(r"`(seqlabel_(?:tagger|ner|textcat)|private_finder|redactor)`", PAGE):
        assert nlp.has_factory(factory)
