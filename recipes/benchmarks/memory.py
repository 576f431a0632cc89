"""Memory of labelling: the most that a process holds, in MB, from its start to the last label.

    python recipes/benchmarks/memory.py --data ../shared/data                       # half a minute
    python recipes/benchmarks/memory.py --data ../shared/data --megabytes 1000      # and a gigabyte: 20 minutes

Each tool gets a process of its own, which loads it and labels the documents of the Web Treebank's test part, raw text,
on one thread: every labeler that ships as it runs by default and in torch, the command `seqlabel label`, and spaCy's
`tok2vec` + `tagger`, not trained: weights do not change its size. Each prints its largest resident memory at its end,
what was imported included (Linux). With --megabytes, `en_pos_fast` also labels that much of the texts in `web`, again
and again if they are fewer, and texts of as many different words as --different, each met once.
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
from seqlabel.errors import OptionError

LABELERS = ("en_pos", "en_pos_fast", "en_ner", "en_ner_fast", "en_pii", "eu_pii")
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
app(["label", sys.argv[1], "--model", sys.argv[2], "--output", os.devnull, "--to", "jsonl"], standalone_mode=False)
"""
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
LARGE = """
import itertools, pathlib, sys
from seqlabel import Labeler
from seqlabel.text.line_blocks import packed_documents
def lines():
    left = int(sys.argv[2]) * 1_000_000
    for path in itertools.cycle(sorted(pathlib.Path(sys.argv[1]).glob("*.txt.xz"))):
        for line in itertools.chain.from_iterable(packed_documents(path)):
            left -= len(line.encode()) + 1
            if left < 0:
                return
            yield line
for document in Labeler.load("en_pos_fast")(lines()):
    pass
"""
DIFFERENT = """
import sys
from seqlabel import Labeler
texts = (" ".join(f"w{number:x}" for number in range(first, first + 20)) for first in range(0, int(sys.argv[1]), 20))
for document in Labeler.load("en_pos_fast")(texts):
    pass
"""
FEW = 200_000
"""This many words fill every table that is kept of words; what more of them take is growth."""


def memory(code: str, *arguments: str) -> float:
    """MB that a process with this code holds at most."""
    command = [sys.executable, "-c", code + PRINTED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(done.stdout.split()[-1]) * 1024 / 1e6


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt, and web for --megabytes.")]
    megabytes: Annotated[
        int, Option(min=0, help="Million bytes of text to label; 0 leaves this and --different out.")
    ] = 0
    different: Annotated[int, Option(min=FEW, help="Different words to label.")] = 10_000_000
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path("output/memory/metrics.json")


def main(settings: Settings) -> None:
    """Print the memory of each."""
    if settings.megabytes and not list((settings.data / "web").glob("*.txt.xz")):
        raise OptionError(f"{settings.data / 'web'}: Found no .txt.xz files. Give --data a folder that holds web.")
    whole = treebank(settings.data, "test", whole_documents=True)
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        texts = Path(folder) / "texts.txt"
        texts.write_text("".join(f"{' '.join(one.text.split())}\n" for one in whole), encoding="utf-8")
        calls = {
            **{name: (SEQLABEL, name, "auto") for name in LABELERS},
            "en_pos in torch": (SEQLABEL, "en_pos", "float32"),
            "seqlabel label": (COMMAND, "en_pos"),
            "spaCy tok2vec + tagger": (SPACY,),
        }
        for name, (code, *arguments) in calls.items():
            figures[name] = memory(code, str(texts), *arguments)
            print(f"{name:>24}  {figures[name]:>5.0f} MB", flush=True)
    if settings.megabytes:
        large = {
            f"{settings.megabytes:,} MB of text": (LARGE, str(settings.data / "web"), str(settings.megabytes)),
            f"{FEW:,} different words": (DIFFERENT, str(FEW)),
            f"{settings.different:,} different words": (DIFFERENT, str(settings.different)),
        }
        for name, (code, *arguments) in large.items():
            figures[name] = memory(code, *arguments)
            print(f"{name:>24}  {figures[name]:>5.0f} MB", flush=True)
    write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
