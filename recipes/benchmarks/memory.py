"""Memory of labelling and training: the most that a process holds, in MB, from its start to its
end.

    python recipes/benchmarks/memory.py --data ../shared/data

Each tool gets a process of its own, which loads it and labels the documents of the Web Treebank's
test part, raw text, on one thread: every labeler that ships as it runs by default and in torch, the
command `seqlabel label`, and spaCy's `tok2vec` + `tagger`, not trained: weights do not change its
size. The command `seqlabel train` makes one pass over 118,000 words with names, the first 7,290
sentences of the training part. Each prints its largest resident memory at its end, what was
imported included (Linux).
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared.corpora import treebank
from typer import Option

from seqlabel.commands import run, write_metrics

LABELERS = ("en_pos", "en_pos_fast", "en_trees", "en_ner", "en_ner_fast", "en_pii", "eu_pii")
# Not `ru_maxrss`, which begins with the memory of the process that starts this one.
PRINTED = """
import pathlib
print(pathlib.Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
SEQLABEL = """
import pathlib, sys
from seqlabel import Labeler
from seqlabel.models import Arithmetic
texts = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
labeler = Labeler.load(sys.argv[2], arithmetic=Arithmetic(sys.argv[3]))
for document in labeler.pipe(texts):
    pass
"""
COMMAND = """
import os, sys
from seqlabel.cli import app
options = ["--model", sys.argv[2], "--output", os.devnull, "--to", "jsonl"]
app(["label", sys.argv[1], *options], standalone_mode=False)
"""
TRAINING = """
import sys
from seqlabel.cli import app
train, dev, test, output = sys.argv[1:]
options = ["--dev", dev, "--test", test, "--word", "1", "--tag", "2", "--epochs", "1"]
app(["train", "spans", train, *options, "--output", output, "--quiet"], standalone_mode=False)
"""
SENTENCES = 7_290
SPACY = """
import pathlib, sys
import spacy
from spacy.cli.init_config import init_config
from spacy.training import Example
texts = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
nlp = spacy.util.load_model_from_config(init_config(lang="en", pipeline=["tagger"]), auto_fill=True)
nlp.initialize(lambda: [Example.from_dict(nlp.make_doc("a dog"), {"tags": ["DT", "NN"]})])
for doc in nlp.pipe(texts):
    pass
"""


def memory(code: str, *arguments: str) -> float:
    """MB that a process with this code holds at most."""
    command = [sys.executable, "-c", code + PRINTED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) * 1024 / 1e6


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt and ner_english_ewt.")]
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/memory/metrics.json"
    )


def main(settings: Settings) -> None:
    """Print the memory of each."""
    whole = treebank(settings.data, "test", whole_documents=True)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts.txt"
        texts.write_text(
            "".join(f"{' '.join(one.text.split())}\n" for one in whole), encoding="utf-8"
        )
        train, dev, test = (
            settings.data / "ner_english_ewt" / f"{part}.iob2" for part in ("train", "dev", "test")
        )
        learnt = Path(folder) / "train.iob2"
        sentences = train.read_text(encoding="utf-8").split("\n\n")[:SENTENCES]
        learnt.write_text("\n\n".join(sentences) + "\n", encoding="utf-8")
        calls = {
            **{name: (SEQLABEL, str(texts), name, "auto") for name in LABELERS},
            "en_pos in torch": (SEQLABEL, str(texts), "en_pos", "float32"),
            "seqlabel label": (COMMAND, str(texts), "en_pos"),
            "seqlabel train": (TRAINING, *map(str, (learnt, dev, test, Path(folder) / "trained"))),
            "spaCy tok2vec + tagger": (SPACY, str(texts)),
        }
        for name, (code, *arguments) in calls.items():
            figures[name] = memory(code, *arguments)
            print(f"{name:>24}  {figures[name]:>5.0f} MB", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
