"""Multiword tokens on raw text: how many of a treebank's are split as it splits them, and parts of
speech after that.

    python recipes/benchmarks/multiword.py --data ../shared/data

Raw text is the treebank's sentences one by one, with the tokens as they are written. The F1 of
words counts a word as right whose token has the same characters, whose number in that token is the
same, and whose part of speech is. `spacy` are the words of before, `syntactic` those with the
closed lists of `seqlabel.text.multiword`.
"""

import lzma
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from typer import Option

from seqlabel import Document, Labeler, Tokenizer, Words
from seqlabel.commands import run, write_metrics

PARTS = {
    "it": ("it_markit-test", "it_parlamint-test"),
    "pt": ("pt_bosque-test", "pt_gsd-test", "pt_porttinari-test"),
    "es": ("es_ancora-test", "es_gsd-test"),
    "fr": ("fr_gsd-test",),
    "de": ("ud_german_gsd",),
    "sv": ("sv_talbanken-test",),
    "nl": ("nl_alpino-test",),
}
"""The test parts; of the last languages, which have no list, only the words can change."""


@dataclass(frozen=True)
class Settings:
    data: Annotated[Path, Option(help="Folder that holds europe and ud_german_gsd.")]
    model: Annotated[str, Option(help="Labeler of parts of speech.")] = "eu_pos"
    sentences: Annotated[int, Option(min=1, help="Sentences of each part, at most.")] = 400
    output: Annotated[Path, Option(help="JSON file for the figures.")] = Path(
        "output/multiword.json"
    )


@dataclass(frozen=True)
class Token:
    """A token as it is written, the characters that it has, and its words with their parts of
    speech.
    """

    start: int
    end: int
    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Sentence:
    text: str
    tokens: tuple[Token, ...]


def sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of a CoNLL-U file as they are written."""
    data = path.read_bytes()
    content = lzma.decompress(data) if path.suffix == ".xz" else data
    for block in content.decode().split("\n\n"):
        rows = [line.split("\t") for line in block.splitlines() if line[:1].isdigit()]
        if rows:
            yield written([row for row in rows if "." not in row[0]])


def written(rows: list[list[str]]) -> Sentence:
    """A sentence from the rows of its tokens and words."""
    text = ""
    tokens: list[Token] = []
    number = 0
    while number < len(rows):
        first, _, last = rows[number][0].partition("-")
        count = int(last) - int(first) + 1 if last else 1
        words = rows[number + 1 : number + 1 + count] if last else rows[number : number + 1]
        form = rows[number][1]
        pairs = tuple((word[1].lower(), word[3]) for word in words)
        tokens.append(Token(len(text), len(text) + len(form), pairs))
        text += form + ("" if "SpaceAfter=No" in rows[number][9] else " ")
        number += len(words) + bool(last)
    return Sentence(text, tuple(tokens))


def found_tokens(document: Document) -> list[Token]:
    """The tokens of a labelled document."""
    tokens: list[Token] = []
    words = document.words
    labels = document.tags["upos"].labels
    number = 0
    while number < len(document):
        after = number + len(document.multiwords.get(number, (1,)))
        pairs = [(words[place].lower(), str(labels[place])) for place in range(number, after)]
        tokens.append(
            Token(document.offsets[number][0], document.offsets[after - 1][1], tuple(pairs))
        )
        number = after
    return tokens


def compared(gold: list[Sentence], documents: list[Document]) -> dict[str, float]:
    """The shares of multiword tokens that are split equally, and the F1 of words with their parts
    of speech.
    """
    counts: Counter[str] = Counter()
    for sentence, document in zip(gold, documents, strict=True):
        found = found_tokens(document)
        places = {(token.start, token.end): token for token in found}
        counts["words"] += sum(len(token.words) for token in sentence.tokens)
        counts["found words"] += sum(len(token.words) for token in found)
        counts["found multiwords"] += sum(len(token.words) > 1 for token in found)
        for token in sentence.tokens:
            other = places.get((token.start, token.end))
            forms = [] if other is None else [form for form, _ in other.words]
            is_equal = forms == [form for form, _ in token.words]
            counts["multiwords"] += len(token.words) > 1
            counts["equal multiwords"] += len(token.words) > 1 and is_equal
            for pair, of_other in zip(token.words, other.words if other else (), strict=False):
                counts["right words"] += pair[1] == of_other[1]
    precision = counts["right words"] / counts["found words"]
    recall = counts["right words"] / counts["words"]
    figures = {
        "upos_f1": 2 * precision * recall / (precision + recall),
        "multiwords": counts["multiwords"],
    }
    if counts["multiwords"]:
        figures["share_of_words"] = 2 * counts["multiwords"] / counts["words"]
        figures["split_equally"] = counts["equal multiwords"] / counts["multiwords"]
    if counts["found multiwords"]:
        figures["right_of_splits"] = counts["equal multiwords"] / counts["found multiwords"]
    return figures


def main(settings: Settings) -> None:
    """Measure raw text of each part, cut into both kinds of words."""
    labeler = Labeler.load(settings.model)
    tokenizers = {
        words: Tokenizer(labeler.config.language, words) for words in (Words.SPACY, Words.SYNTACTIC)
    }
    measured: dict[str, dict[str, dict[str, float]]] = {}
    for parts in PARTS.values():
        for part in parts:
            path = settings.data / "europe" / "ud" / f"{part}.conllu.xz"
            if part == "ud_german_gsd":
                path = settings.data / part / "de_gsd-ud-test.conllu"
            gold = list(sentences(path))[: settings.sentences]
            measured[part] = {}
            for words, tokenize in tokenizers.items():
                documents = list(labeler([tokenize(sentence.text) for sentence in gold]))
                measured[part][words] = compared(gold, documents)
            before, after = measured[part].values()
            print(part, before["upos_f1"], after, flush=True)
    write_metrics(settings.output, {"tests": measured, "sentences": settings.sentences})


if __name__ == "__main__":
    run(main, Settings)
