"""Parts of speech in eleven languages: one tagger for all beside spaCy's and a linear model for each.

    python recipes/benchmarks/languages.py --data ../shared/data
    python recipes/benchmarks/languages.py --data ../shared/data --labeler output/europe_pos/labeler --peers linear

spaCy's CNN tagger (`--optimize efficiency`, at most --steps steps) and scikit-learn's logistic regression over a word's
form, beginnings, endings, shape and neighbours learn from the sentences of one language that `recipes/europe_pos.py`
takes with the same --sentences; the labeler has learnt from those of all. Gold words are given to all. Ends with the
accuracy on the test part of each treebank; figures are written after every language.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from shared import spacy_training
from typer import Option

from seqlabel import Document, Labeler, OptionError, Tags
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.scores import score_tags

sys.path.insert(0, str(Path(__file__).parent.parent))
from europe_data import TREEBANKS, Parts, parts_of

BORDER = "<>"


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and ud_german_gsd.")]
    labeler: Annotated[str, Option(help="Labeler of europe_pos.py: its folder, or eu_pos.")] = "eu_pos"
    output: Annotated[Path, Option(help="Figures are written there as JSON.")] = Path("output/languages.json")
    languages: Annotated[str, Option(help="Some of the languages, with commas.")] = ",".join(TREEBANKS)
    sentences: Annotated[int, Option(min=20, help="Sentences of each language to learn from, at most.")] = 4_000
    peers: Annotated[str, Option(help="Some of spacy and linear, with commas; empty for the labeler alone.")] = (
        "spacy,linear"
    )
    steps: Annotated[int, Option(min=1, help="Steps of spaCy, at most; it may stop before.")] = 2_000
    seed: Seed = 0


def features(words: list[str], place: int) -> list[str]:
    """What a linear model sees of a word."""
    word = words[place]
    lower, padded = word.lower(), [BORDER, BORDER, *words, BORDER, BORDER]
    shape = "".join("X" if one.isupper() else "x" if one.islower() else "d" if one.isdigit() else one for one in word)
    ends = [f"{end}{size}={part}" for size in range(1, 6) for end, part in (("b", lower[:size]), ("e", lower[-size:]))]
    around = [f"{shift}={padded[place + 2 + shift].lower()}" for shift in (-2, -1, 0, 1, 2)]
    near = [f"{shift}e={padded[place + 2 + shift].lower()[-3:]}" for shift in (-1, 1)]
    return [*ends, *around, *near, f"w={word}", f"s={shape[:8]}", f"first={place == 0}", f"upper={word[:1].isupper()}"]


def linear(parts: Parts, settings: Settings) -> dict[str, list[Document]]:
    """The test parts as logistic regression, word by word, labels them."""
    from sklearn.feature_extraction import FeatureHasher
    from sklearn.linear_model import SGDClassifier

    hasher = FeatureHasher(n_features=1 << 20, input_type="string", alternate_sign=False)
    labels = [label for one in parts.train for label in one.tags["upos"].labels]
    rows = [features(one.words, place) for one in parts.train for place in range(len(one))]
    kept = [place for place, label in enumerate(labels) if label is not None]
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=8, tol=None, average=True, random_state=settings.seed)
    model.fit(hasher.transform(rows[place] for place in kept), [labels[place] for place in kept])

    def labelled(document: Document) -> Document:
        found = model.predict(hasher.transform(features(document.words, place) for place in range(len(document))))
        return document.with_tags("upos", Tags(tuple(map(str, found))))

    return {name: list(map(labelled, test)) for name, test in parts.tests.items()}


def convolutional(parts: Parts, settings: Settings) -> dict[str, list[Document]]:
    """The test parts as spaCy's `tagger` labels them."""
    # "xx" for all: with gold words the language only chooses a tokeniser.
    nlp = spacy_training.trained(
        "tagger", parts.train, parts.dev, language="xx", seed=settings.seed, max_steps=settings.steps
    )
    return {name: list(spacy_training.labelled(nlp, test)) for name, test in parts.tests.items()}


PEERS = {"spacy": convolutional, "linear": linear}


def main(settings: Settings) -> None:
    """Train the peers on each language and print all scores."""
    labeler = Labeler.load(settings.labeler)
    unknown = set(filter(None, settings.peers.split(","))) - PEERS.keys()
    if unknown:
        raise OptionError(f"peers: Found {sorted(unknown)[0]!r}. Give some of {','.join(PEERS)}, or nothing.")
    rows: dict[str, dict[str, float]] = {}
    for code in settings.languages.split(","):
        parts = parts_of(settings.data, code, settings.sentences)
        found = {"seqlabel": {name: list(labeler(test)) for name, test in parts.tests.items()}}
        found |= {name: peer(parts, settings) for name, peer in PEERS.items() if name in settings.peers.split(",")}
        for name, test in parts.tests.items():
            row = {
                way: score_tags(zip(test, tests[name], strict=True), "upos").accuracy for way, tests in found.items()
            }
            rows[name] = row
            print(f"{name:<20}", *(f"{way} {100 * score:.2f}" for way, score in row.items()), sep="  ", flush=True)
        write_metrics(settings.output, {"tests": rows, "sentences": settings.sentences, "steps": settings.steps})


if __name__ == "__main__":
    run(main, Settings)
