"""A labeler on a stream: words a second, the delay of labels, and how many are those of the whole
document.

    python recipes/benchmarks/streaming.py --data ../shared/data                    # en_pos
    python recipes/benchmarks/streaming.py --data ../shared/data --model en_pii
    python recipes/benchmarks/streaming.py --data ../shared/data --model en_pii --shown 48 \
        --shown 192

The stream is the development part of the Web Treebank, all its documents one after another, as
words. The speed is that of the whole stream in one piece; the delay is from the word that fills the
look-ahead to the first label, words given one by one, over streams that begin at different places;
the share compares with the labels of the same words as one document, and so it does for documents
of MASC that no model here was trained on, each a stream of its own. One thread; its CPU time is
measured.

`--shown` measures something else, of a labeler of private data alone: how many texts of a length,
made of presidio- research's run together, show a character in a stream that is private to
`PrivateFinder` in the whole text.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Annotated

import torch
from shared.corpora import treebank
from shared.private_texts import presidio_texts
from typer import Option

from seqlabel import (
    Document,
    Labeler,
    PrivateFinder,
    Scheme,
    StreamLabeler,
    StreamRedactor,
    find_texts,
)
from seqlabel.commands import run, write_metrics
from seqlabel.documents import spans_to_tags
from seqlabel.models import StreamPiece
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.text import tagged_words

LOOK_AHEADS = (48, 64, 96, 128)
"""The look-aheads, in words, whose streams are compared with whole texts."""


def labels(document: Document, layer: str) -> list[str | None]:
    """A label for each word, of tags or of spans."""
    if layer in document.tags:
        return list(document.tags[layer].labels)
    return list(spans_to_tags(document.spans[layer].spans, len(document), Scheme.BIOES))


def joined(pieces: list[StreamPiece], layer: str) -> list[str | None]:
    """The same of a stream's pieces; none of them cuts a span."""
    return [label for piece in pieces for label in labels(piece.document, layer)]


def texts_of_length(data: Path, length: int) -> list[str]:
    """Texts of that many words: presidio-research's one after another, cut without regard to where
    each begins.
    """
    words = [word for text in presidio_texts(data) for word in text.text.split()]
    return [
        " ".join(words[start : start + length])
        for start in range(0, len(words) - length + 1, length)
    ]


def shows(finder: PrivateFinder, text: str, look_ahead: int) -> bool:
    """Return whether a stream shows a character, other than white space, that is private in the
    whole text.
    """
    hidden = set[int]()
    stream = StreamRedactor(
        finder,
        report=lambda finding: hidden.update(range(finding.start, finding.end)),
        look_ahead=look_ahead,
    )
    stream.feed(text)
    stream.close()
    (document,) = finder([text])
    private = {
        place for span in document.character_spans(LAYER) for place in range(span.start, span.end)
    }
    return any(not text[place].isspace() for place in private - hidden)


def measure_shown(settings: "Settings") -> dict[str, float]:
    """Print and return the share of texts that show something, by length and look-ahead."""
    finder = PrivateFinder.load(settings.model)
    figures: dict[str, float] = {}
    for length in settings.shown:
        texts = texts_of_length(settings.data, length)
        figures[f"texts of {length} words"] = len(texts)
        for look_ahead in LOOK_AHEADS:
            count = sum(shows(finder, text, look_ahead) for text in texts)
            figures[f"{length} words: look-ahead of {look_ahead}"] = count / len(texts)
            print(
                f"{len(texts)} texts of {length} words, look-ahead of {look_ahead}: "
                f"{100 * count / len(texts):.1f} % show something",
                flush=True,
            )
    return figures


@dataclass(frozen=True)
class Settings:
    data: Annotated[
        Path, Option(help="Folder that holds ud_english_ewt, masc and, for --shown, pii_presidio.")
    ]
    model: Annotated[str, Option(help="Folder or name of a labeler.")] = "en_pos"
    look_ahead: Annotated[int, Option(min=0, help="Words that a label may wait for.")] = 48
    stride: Annotated[
        int | None, Option(min=1, help="Words labelled at once; half the look-ahead.")
    ] = None
    streams: Annotated[int, Option(min=2, help="Streams whose first delay is measured.")] = 200
    shown: Annotated[
        list[int],
        Option(
            min=1, help="Words in a text; measures what streams show of such texts. Repeatable."
        ),
    ] = ()  # type: ignore[assignment]
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Print the three, or what streams show."""
    torch.set_num_threads(1)
    if settings.shown:
        shown = measure_shown(settings)
        if settings.output is not None:
            write_metrics(settings.output, shown)
        return
    labeler = Labeler.load(settings.model)
    words = [word for one in treebank(settings.data, "dev") for word in one.words]
    stream = StreamLabeler(labeler, look_ahead=settings.look_ahead, stride=settings.stride)
    began = time.process_time()
    pieces = stream.feed(words) + stream.close()
    seconds = time.process_time() - began
    print(f"stream of {len(words):,} words: {len(words) / seconds:,.0f} words/s", flush=True)

    delays = []
    for number in range(settings.streams):
        start = number * (len(words) - settings.look_ahead) // settings.streams
        stream = StreamLabeler(labeler, look_ahead=settings.look_ahead, stride=settings.stride)
        for word in words[start : start + settings.look_ahead]:
            stream.feed([word])
        began = time.process_time()
        stream.feed(words[start + settings.look_ahead : start + settings.look_ahead + 1])
        delays.append(1000 * (time.process_time() - began))
    worst = quantiles(delays, n=100)[98]
    figures = {
        "words_per_second": len(words) / seconds,
        "median_ms": median(delays),
        "percentile_99_ms": worst,
    }
    print(
        (
            f"full look-ahead to labels: median {median(delays):.2f} ms, 99th percentile "
            f"{worst:.2f} ms"
        ),
        flush=True,
    )

    documents = [tagged_words(path) for path in find_texts(settings.data / "masc")[9::10]]
    own = [
        StreamLabeler(labeler, look_ahead=settings.look_ahead, stride=settings.stride)
        for _ in documents
    ]
    texts = {
        "the one document": ([words], [pieces]),
        f"{len(documents)} documents of MASC": (
            documents,
            [
                stream.feed(some) + stream.close()
                for stream, some in zip(own, documents, strict=True)
            ],
        ),
    }
    for name, (some, found) in texts.items():
        wholes = list(labeler(map(Document.from_words, some)))
        for tag_set in labeler.tag_sets:
            same = sum(
                one == other
                for whole, out in zip(wholes, found, strict=True)
                for one, other in zip(
                    labels(whole, tag_set.layer), joined(out, tag_set.layer), strict=True
                )
            )
            count = sum(map(len, some))
            figures[f"{tag_set.layer}: {name}"] = same / count
            print(
                (
                    f"{tag_set.layer}: of {count:,} words of {name} {100 * same / count:.2f} % get "
                    "its label"
                ),
                flush=True,
            )
    if settings.output is not None:
        write_metrics(settings.output, figures)


if __name__ == "__main__":
    run(main, Settings)
