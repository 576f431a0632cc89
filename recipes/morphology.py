"""Teach a tagger features, lemmas and sentence starts beside its parts of speech, on the English Web Treebank.

    python recipes/morphology.py --data ../shared/data --frozen --epochs 4     # three minutes on one core, then two:
    python recipes/morphology.py --data ../shared/data --start output/morphology/labeler --epochs 2 --max-lr 1.5e-3

Five heads read the same states in one pass. A lemma is an edit script, a rule that words share, such as `↓;d1`: in
lower case, and without the last character. The training documents are pieces of one to five sentences, so that starts
of sentences can be learnt. First the layer below the heads learns, which reads the tagger's frozen encoder, then all
layers. Ends with the shares of right labels on the test part, by sentences; `recipes/benchmarks/morphology.py` measures
raw text.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Display, Document, Labeler, fine_tune, score_tags, tagging_options
from seqlabel.commands import Compact, Device, Quiet, run, write_metrics
from seqlabel.documents import cut_at_sentences
from seqlabel.formats import labels_of, read_conllu, without_rare_scripts
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder
from seqlabel.training import OneCycle

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence")
SIZES = (1, 1, 2, 3, 4, 5)
"""The sentences of a piece, drawn from these."""
SCALES = {"encoder": 0.3, "second": 0.5}
"""The rates of the layers below the heads, as shares of that of the heads."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds ud_english_ewt.")]
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path("output/morphology")
    start: Annotated[str, Option(help="Tagger that is trained on: its name or folder.")] = "en_pos"
    frozen: Annotated[bool, Option("--frozen", help="Leave the encoder as it is.")] = False
    epochs: Annotated[int, Option(min=1, help="Passes over the training documents.")] = 3
    max_lr: Annotated[float, Option(min=0.0, help="Highest learning rate of the heads.")] = 4e-3
    seed: Annotated[int, Option(help="Seed of all random numbers.")] = 0
    device: Device = "cpu"
    compact: Compact = False
    quiet: Quiet = False


def pieces(documents: Iterable[Document], chance: random.Random) -> Iterator[Document]:
    """Documents cut into pieces of some sentences."""
    for document in documents:
        yield from cut_at_sentences(document, (chance.choice(SIZES) for _ in document.sentences))


def main(settings: Settings) -> None:
    """Train a labeler of five layers on the English Web Treebank and measure it."""
    make_folder(settings.output)
    folder = settings.data / "ud_english_ewt"
    paths = {part: folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")}
    train, dev = (list(read_conllu(paths[part], layers=LAYERS, whole_documents=True)) for part in ("train", "dev"))
    train = without_rare_scripts(train)

    tagger = Labeler.load(settings.start)
    known = {tag_set.layer for tag_set in tagger.tag_sets}
    added = [labels_of(train, layer, paths["train"]) for layer in LAYERS if layer not in known]
    labeler = tagger.with_layers(added, seed=settings.seed)
    for tag_set in labeler.tag_sets:
        train, dev = (with_known_labels(part, tag_set.layer, tag_set.labels) for part in (train, dev))

    chance = random.Random(settings.seed)
    learning, choosing = list(pieces(train, chance)), list(pieces(dev, chance))
    options = replace(
        tagging_options(settings.epochs, seed=settings.seed, device=settings.device),
        schedule=OneCycle(max_lr=settings.max_lr, pct_start=0.1),
        lr_scales=SCALES,
    )
    labeler.module.encoder.requires_grad_(not settings.frozen)
    display = Display.SILENT if settings.quiet else Display.AUTO
    fine_tune(labeler, learning, choosing, options=options, words=1_000, display=display)
    labeler.save(settings.output / "labeler", compact=settings.compact)

    test = list(read_conllu(paths["test"], layers=LAYERS))
    pairs = list(zip(test, labeler(test), strict=True))
    scores = {layer: score_tags(pairs, layer).accuracy for layer in LAYERS}
    lemmas = [pair for gold, found in pairs for pair in zip(gold.lemmas, found.lemmas, strict=True) if pair[0]]
    scores["lemma"] = sum(one == other for one, other in lemmas) / len(lemmas)
    write_metrics(settings.output / "metrics.json", scores)
    print("test accuracy:", ", ".join(f"{layer} {100 * score:.2f}" for layer, score in scores.items()))


if __name__ == "__main__":
    run(main, Settings)
