"""Teach a tagger features, lemmas and sentence starts beside its parts of speech, on a treebank in
CoNLL-U.

    python recipes/morphology.py --data ../shared/data    # from the treebank alone: 5 minutes
    python recipes/morphology.py --data treebanks --treebank UD_Finnish-TDT --start eu --language fi
    python recipes/morphology.py --data ../shared/data --start output/distil/labeler --compact \
        --transformer output/teacher_of_five    # en_pos: 20 minutes on one core

Five heads read the same states in one pass, or fewer where the treebank lacks a layer. A lemma is
an edit script, a rule that words share, such as `↓;d1`: in lower case, and without the last
character. The training documents are pieces of one to five sentences, so that starts of sentences
can be learnt. With a transformer of the five layers, which `teacher.py` tunes, the tagger learns
what it says of plain English text too. There the lemma of a form and its XPOS is the treebank's or
a dictionary's, where that has one only: irregular forms are learnt as often as they are written.
Ends with the shares of right labels on the test part, by sentences;
`recipes/benchmarks/morphology.py` measures raw text.
"""

import random
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from english_data import dictionary, plain_texts
from transformer import Transformer
from typer import Option

from seqlabel import Display, Document, Labeler, OptionError, TagSet, score_tags, tagging_options
from seqlabel.commands import Compact, Quiet, Seed, run, write_metrics
from seqlabel.documents import cut_at_sentences
from seqlabel.documents.edit_scripts import KnownLemmas, edit_script
from seqlabel.formats import labels_of, read_conllu, without_rare_scripts
from seqlabel.formats.parts import with_known_labels
from seqlabel.io.folders import make_folder
from seqlabel.models.folders import ModelKind, find_folder, read_kind
from seqlabel.models.teaching import Lesson, lessons, teach
from seqlabel.text.line_blocks import beginnings
from seqlabel.training import OneCycle

LAYERS = ("upos", "xpos", "feats", "lemma", "sentence")
SIZES = (1, 1, 2, 3, 4, 5)
"""The sentences of a piece, drawn from these."""
SCALES = {"encoder": 0.3, "second": 0.5}
"""The rates of the layers below the heads, as shares of that of the heads."""
GOLD_COPIES = 3


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds the treebank, and masc and web for a transformer.")
    ]
    treebank: Annotated[
        str, Option(help="Folder in it with files …train.conllu, …dev.conllu and …test.conllu.")
    ] = "ud_english_ewt"
    output: Annotated[Path, Option(help="Folder for the labeler and metrics.json.")] = Path(
        "output/morphology"
    )
    start: Annotated[
        str,
        Option(
            help=(
                "Name or folder of what is trained on: a tagger with the treebank's tags, "
                "or an encoder."
            )
        ),
    ] = "en_pos"
    language: Annotated[
        str, Option(help="Language of the treebank, by whose rules a new labeler finds words.")
    ] = "en"
    transformer: Annotated[
        Path | None, Option(help="Folder of what teacher.py tuned on the five layers.")
    ] = None
    taught_words: Annotated[
        int, Option(min=1, help="Words that the transformer labels, at most.")
    ] = 1_500_000
    epochs: Annotated[int, Option(min=1, help="Passes over the training documents.")] = 2
    max_lr: Annotated[float, Option(min=0.0, help="Highest learning rate of the heads.")] = 4e-3
    seed: Seed = 0
    compact: Compact = False
    quiet: Quiet = False


def part_of(folder: Path, part: str) -> Path:
    """The file of a part of a treebank."""
    paths = sorted(folder.glob(f"*{part}.conllu"))
    if len(paths) != 1:
        raise OptionError(
            f"treebank: Found {len(paths)} files …{part}.conllu in {folder}. Give a folder with "
            "one."
        )
    return paths[0]


def pieces(documents: Iterable[Document], chance: random.Random) -> Iterator[Document]:
    """Documents cut into pieces of some sentences."""
    for document in documents:
        yield from cut_at_sentences(document, (chance.choice(SIZES) for _ in document.sentences))


class KnownScripts:
    """The scripts of forms that have the same lemma wherever they have the same XPOS: in the
    treebank, or a dictionary.

    Args:
        documents: Those of the treebank.
        known: The labels of the layer `lemma`.
        lemmas: The dictionary's lemmas, by form in small letters and XPOS.
    """

    def __init__(
        self, documents: Iterable[Document], known: TagSet, lemmas: Mapping[tuple[str, str], str]
    ) -> None:
        self._lemmas = lemmas
        self._numbers = {script: number for number, script in enumerate(known.tags)}
        self._found = defaultdict[tuple[str, str | None], set[str | None]](set)
        for one in documents:
            for word, tag, script in zip(
                one.words, one.tags["xpos"].labels, one.tags["lemma"].labels, strict=True
            ):
                self._found[word, tag].add(script)

    def of(self, word: str, tag: str) -> int | None:
        """The number of a form's script."""
        lemma = self._lemmas.get((word.lower(), tag))
        found = self._found.get((word, tag)) or ({edit_script(word, lemma)} if lemma else set())
        script = next(iter(found)) if len(found) == 1 else None
        return self._numbers.get(script) if script else None


def corrected(
    said: Iterable[Lesson], tags: Sequence[str], scripts: KnownScripts, lemmas: KnownLemmas
) -> Iterator[Lesson]:
    """What is said, with the scripts that are known, and nothing of first words of pieces, which
    begin anywhere.

    For other words the most likely script is taken whose lemma is a word; a script that gives none
    teaches nothing.
    """
    for lesson in said:
        words, best, shares = lesson.words, lesson.tags, lesson.shares
        for place, (word, tag) in enumerate(zip(words, best[1, :, 0], strict=True)):
            likely = best[3, place].tolist()
            number = scripts.of(word, tags[tag])
            if number is None and lemmas.doubts(word, likely[0]):
                number = next((one for one in likely if lemmas.knows(word, one)), None)
                shares[3, place] = 0
            if number is not None:
                best[3, place, 0], shares[3, place] = number, (1, 0, 0, 0)
        shares[4, 0] = 0
        yield Lesson(words, best, shares)


def main(settings: Settings) -> None:
    """Train a labeler of five layers on a treebank and measure it."""
    make_folder(settings.output)
    paths = {
        part: part_of(settings.data / settings.treebank, part) for part in ("train", "dev", "test")
    }
    whole, dev = (
        list(read_conllu(paths[part], layers=LAYERS, whole_documents=True))
        for part in ("train", "dev")
    )
    train = without_rare_scripts(whole, fewest=2)

    found = {
        layer: {label for one in train for label in one.tags[layer].labels if label}
        for layer in LAYERS
    }
    layers = [layer for layer in LAYERS if len(found[layer]) > 1]
    scales = SCALES
    if read_kind(find_folder(settings.start)) is ModelKind.LABELER:
        tagger = Labeler.load(settings.start)
        known = {tag_set.layer for tag_set in tagger.tag_sets}
        added = [labels_of(train, layer, paths["train"]) for layer in layers if layer not in known]
        labeler = tagger.with_layers(added, seed=settings.seed)
    else:
        heads = [labels_of(train, layer, paths["train"]) for layer in layers]
        labeler = Labeler.on(settings.start, heads, language=settings.language, seed=settings.seed)
        scales = {"encoder": SCALES["encoder"]}
    for tag_set in labeler.tag_sets:
        if foreign := found[tag_set.layer] - set(tag_set.labels):
            print(
                (
                    f"{tag_set.layer}: {len(foreign)} labels unknown to {settings.start} are not "
                    "learnt"
                ),
                file=sys.stderr,
            )
        train, dev = (
            with_known_labels(part, tag_set.layer, tag_set.labels) for part in (train, dev)
        )

    said: Iterable[Lesson] = []
    if settings.transformer is not None:
        transformer = Transformer.load(settings.transformer)
        if transformer.tag_sets != labeler.tag_sets or len(labeler.tag_sets) != len(LAYERS):
            raise OptionError(
                f"{settings.transformer}: Found other tags. Tune it on this treebank's {LAYERS}."
            )
        texts = beginnings(plain_texts(settings.data), settings.taught_words)
        _, xpos, _, lemma, _ = labeler.tag_sets
        scripts, words = (
            KnownScripts(whole, lemma, dictionary()),
            KnownLemmas(lemma.tags, labeler.vocabulary),
        )
        said = corrected(lessons([transformer.probabilities], texts), xpos.tags, scripts, words)

    chance = random.Random(settings.seed)
    learning = [piece for _ in range(GOLD_COPIES) for piece in pieces(train, chance)]
    options = replace(
        tagging_options(settings.epochs, seed=settings.seed),
        schedule=OneCycle(max_lr=settings.max_lr, pct_start=0.1),
        lr_scales=scales,
    )
    display = Display.unless(settings.quiet)
    teach(labeler, learning, said, list(pieces(dev, chance)), options=options, display=display)
    labeler.save(settings.output / "labeler", compact=settings.compact)

    test = list(read_conllu(paths["test"], layers=LAYERS))
    pairs = list(zip(test, labeler(test), strict=True))
    scores = {layer: score_tags(pairs, layer).accuracy for layer in layers}
    if "lemma" in layers:
        lemmas = [
            pair
            for gold, found in pairs
            for pair in zip(gold.lemmas, found.lemmas, strict=True)
            if pair[0]
        ]
        scores["lemma"] = sum(one == other for one, other in lemmas) / len(lemmas)
    write_metrics(settings.output / "metrics.json", scores)
    print(
        "test accuracy:", ", ".join(f"{layer} {100 * score:.2f}" for layer, score in scores.items())
    )


if __name__ == "__main__":
    run(main, Settings)
