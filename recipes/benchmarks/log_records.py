"""What a log record costs: milliseconds of CPU time that `PrivateFilter` takes, where words are new and where not.

    python recipes/benchmarks/log_records.py --output log_records.json

Records of 11 and of 18 words hold a user, an e-mail address, an IP address and an order's number. Once all of these are
new in each record, then they are those of records that were redacted before; the other words are always known. The
figures are medians over the records, the best of `--rounds` rounds, on one thread.
"""

import logging
import random
import string
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Annotated

from typer import Option

from seqlabel import PrivateFinder
from seqlabel.commands import Seed, run, write_metrics
from seqlabel.integrations.logs import PrivateFilter

FORMS = {
    "11 words": "User %s (%s) signed in from %s with the order %s",
    "18 words": "Request of user %s with the e-mail %s came in from %s and changed the order %s twice",
}
Values = tuple[str, str, str, str]


def some_values(chance: random.Random) -> Values:
    """A user, an e-mail address, an IP address and a number that no other record has."""

    def word(size: int) -> str:
        return "".join(chance.choices(string.ascii_lowercase, k=size))

    user, box, host = f"{word(6)}.{word(7)}", f"{word(5)}.{word(8)}", f"{word(7)}.example.com"
    address = ".".join(str(chance.randrange(1, 255)) for _ in range(4))
    return user, f"{box}@{host}", address, f"ord-{chance.randrange(10**7, 10**8)}"


def milliseconds(private: PrivateFilter, form: str, values: list[Values]) -> float:
    """The median CPU time of redacting the records with some values."""
    took = []
    for some in values:
        record = logging.LogRecord("app", logging.INFO, __file__, 1, form, some, None)
        began = time.process_time()
        private.filter(record)
        took.append(1000 * (time.process_time() - began))
    return median(took)


@dataclass(frozen=True)
class Settings:
    model: Annotated[str, Option(help="Folder or name of a labeler of private data.")] = "en_pii"
    records: Annotated[int, Option(min=1, help="Records of each form and round.")] = 500
    rounds: Annotated[int, Option(min=1, help="Rounds, of which the best counts.")] = 5
    seed: Seed = 0
    output: Annotated[Path | None, Option(help="JSON file for the figures.")] = None


def main(settings: Settings) -> None:
    """Print what a record costs."""
    finder = PrivateFinder(settings.model)
    private = PrivateFilter(finder=finder)
    print(f"{finder.labeler.inference.kind} steps", flush=True)
    chance = random.Random(settings.seed)
    figures: dict[str, dict[str, float]] = {}
    for name, form in FORMS.items():
        known = [some_values(chance) for _ in range(settings.records)]
        milliseconds(private, form, known)
        rounds = [
            (
                milliseconds(private, form, [some_values(chance) for _ in range(settings.records)]),
                milliseconds(private, form, known),
            )
            for _ in range(settings.rounds)
        ]
        new, old = (min(times) for times in zip(*rounds, strict=True))
        figures[name] = {"known": old, "new": new}
        print(f"{name}: {old:.2f} ms; {new:.2f} ms with values that are all new", flush=True)
    if settings.output is not None:
        write_metrics(settings.output, {"milliseconds": figures})


if __name__ == "__main__":
    run(main, Settings)
