"""The table of the kinds of private data, `kinds.toml`: a row for each label, read once; nothing is
found here.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path


@dataclass(frozen=True)
class Kind:
    """A kind of private data; the head of `kinds.toml` says what each field is.

    Args:
        label: Its name.
        description: The kind in words.
        families: The families of kinds that are mistaken for one another.
        presidio: Its name in Presidio.
        aliases: Its names in other data sets.
        pseudonym: The kind of pseudonym that its values get.
        color: Its background in displaCy; empty where displaCy has one.
        has_digits: Whether most of its values have digits.
        forms: Regular expressions by the names of the properties below, which compile them.
        digits: The fewest and the most digits of a match of `whole`.
        splits: Whether a finding ends at the separators of cells.
        wordless: Whether no value has a word of letters alone next to the rest.
        any_sign: Whether a value may have neither letters nor digits.
        public: Values that are known and not private: networks, hosts, hashes of keys.
    """

    label: str
    description: str
    families: frozenset[str]
    presidio: str
    aliases: tuple[str, ...] = ()
    pseudonym: str = "form"
    color: str = ""
    has_digits: bool = False
    forms: Mapping[str, str] = field(default_factory=dict)
    digits: tuple[int, int] = (0, 30)
    splits: bool = True
    wordless: bool = False
    any_sign: bool = False
    public: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> re.Pattern[str] | None:
        """A form over whose matches a finding grows."""
        return self._pattern("whole")

    @cached_property
    def inside(self) -> re.Pattern[str] | None:
        """A character over which a finding grows."""
        return self._pattern("inside")

    @cached_property
    def before(self) -> re.Pattern[str] | None:
        """What belongs to a finding and ends right before it."""
        return self._pattern("before")

    @cached_property
    def behind(self) -> re.Pattern[str] | None:
        """What belongs to a finding and begins right after it."""
        return self._pattern("behind")

    def _pattern(self, name: str) -> re.Pattern[str] | None:
        return re.compile(self.forms[name], re.I | re.S) if name in self.forms else None


_TABLE = tomllib.loads((Path(__file__).parent / "kinds.toml").read_text(encoding="utf-8"))


def form(name: str) -> str:
    """Return a form of `[forms]`, with the forms that it names in braces put in.

    Args:
        name: Its name.

    Returns:
        A regular expression for any case.
    """
    inner = re.compile(r"\{([a-z]+)\}")
    return inner.sub(lambda match: form(match[1]), _TABLE["forms"][name])


def _kind(row: dict[str, object]) -> Kind:
    fields: dict[str, object] = {"presidio": row["label"], **row}
    fields["families"] = frozenset(
        map(str, row["families"] if isinstance(row["families"], list) else ())
    )
    if isinstance(bounds := row.get("digits"), list):
        fields["digits"] = tuple(bounds)
    forms: dict[str, str] = {}
    for name, end in (("whole", ""), ("inside", ""), ("before", r"(?=.\Z)"), ("behind", "")):
        if name in row:
            written = str(fields.pop(name))
            expression = form(written) if written in _TABLE["forms"] else written
            forms[name] = f"(?:{expression}){end}"
    fields["forms"] = forms
    return Kind(**fields)  # type: ignore[arg-type]  # The tests read every row.


KINDS: Mapping[str, Kind] = {row["label"]: _kind(row) for row in _TABLE["kinds"]}
"""The kinds by their labels: those of the model `en_pii` and of the rules."""
STANDARD_LABELS = frozenset(KINDS)
"""Their labels."""
SECRETS = frozenset(
    label
    for label, kind in KINDS.items()
    if "secrets" in kind.families and kind.label != "USERNAME"
)
"""The labels of what gives access."""
PRESIDIO_NAMES: Mapping[str, str] = {
    label: kind.presidio for label, kind in KINDS.items() if kind.presidio != label
}
"""Presidio's name for each label that has another one there."""
PRIVATE_WORDS = frozenset(_TABLE["words"])
"""Words in the labels of other data sets that name private data."""


def families_of(labels: frozenset[str]) -> frozenset[str]:
    """Return the families of some kinds.

    Args:
        labels: Any labels; those that are not known have no family.

    Returns:
        The names of the families.
    """
    return frozenset().union(*(KINDS[label].families for label in labels if label in KINDS))
