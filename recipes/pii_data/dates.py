"""Days in the ways that people write them, from the forms in `material/lists/dates.txt`."""

import calendar
import datetime
import random

from .changes import ordinal
from .material import is_list, weighted, whole


def written_day(
    rng: random.Random, first_year: int, last_year: int, shape: str, country: str
) -> str:
    """A day of some years in one of the forms of a list, of the American one if there is one and
    the country is so.
    """
    first, last = datetime.date(first_year, 1, 1), datetime.date(last_year, 12, 31)
    day = datetime.date.fromordinal(rng.randint(first.toordinal(), last.toordinal()))
    american = f"{shape}_forms american"
    listed = weighted(
        american if country in ("US", "CA") and is_list(american) else f"{shape}_forms"
    )
    weights, forms = zip(*listed, strict=True)
    return rng.choices(forms, weights)[0].format_map(_parts(rng, day))


def _parts(rng: random.Random, day: datetime.date) -> dict[str, str]:
    """The parts of a day by their names in the forms."""
    month, weekday = calendar.month_name[day.month], calendar.day_name[day.weekday()]
    ordinals = whole("ordinals")
    short = "Sept" if day.month == 9 else month[:3]
    early = rng.choice(("early", "mid", "late"))
    of = rng.choice(("the end of", "the start of", "the beginning of"))
    return {
        "d": str(day.day),
        "dd": f"{day.day:02}",
        "nth": ordinal(day.day),
        # The list has days in words up to the 28th.
        "said": ordinals[min(day.day, len(ordinals)) - 1],
        "m": str(day.month),
        "mm": f"{day.month:02}",
        "month": month,
        "mon": month[:3],
        "MON": month[:3].upper(),
        "low": month.lower(),
        "y": str(day.year),
        "yy": f"{day.year % 100:02}",
        "weekday": weekday,
        "day": weekday[:3],
        "short": rng.choice((month[:3], short, f"{month[:3]}.")),
        "week": rng.choice(
            (weekday[:3], weekday[: 4 if day.weekday() in (1, 3) else 3], f"{weekday[:3]}.")
        ),
        "season": rng.choice(("spring", "summer", "autumn", "fall", "winter")),
        "quarter": str(rng.randint(1, 4)),
        "part_of_month": rng.choice((f"mid-{month}", f"{early} {month}", f"{of} {month}")),
        "part_of_year": rng.choice((f"{early} {day.year}", f"{of} {month}")),
    }
