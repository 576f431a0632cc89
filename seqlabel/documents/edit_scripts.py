"""Edit scripts: the rule that turns a form into its lemma, as a tag that words with the same rule share; no model.

`forces` → `force`, `Wolves` → `wolf` and `was` → `be` have the scripts `↓;d1`, `↓;d3+f` and `→be`. The idea is that of
edit trees (Chrupała 2008), with casing beside them as in UDPipe (Straka 2018).
"""

import re
from collections.abc import Container, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

from seqlabel.errors import DataError

_AS_IS, _LOWER, _CAPITAL, _WHOLE = "=", "↓", "↑", "→"
_SCRIPT = re.compile(
    r"([=↓↑])(?:;<(?=d|\+)(?:d([0-9]+))?(?:\+([^;]+))?)?(?:;(?=d|\+)(?:d([0-9]+))?(?:\+(.+))?)?", re.DOTALL
)

_LONGEST_ADDED, _LONGEST_CAPITALISED = 8, 3


class _Edit(NamedTuple):
    """How many characters to take off an end of a form, and what to put there."""

    removed: int
    added: str

    def __str__(self) -> str:
        return (f"d{self.removed}" if self.removed else "") + (f"+{self.added}" if self.added else "")

    @property
    def cost(self) -> int:
        return self.removed + len(self.added)


def edit_script(form: str, lemma: str) -> str:
    """Write the rule that turns a form into its lemma.

    A script begins with the form's casing: `=` as it is, `↓` in lower case, `↑` with a capital first letter. The edits
    of its beginning (`<d2+y`: two characters fewer, then a `y`) and of its end (`d2+y`) follow. Where form and lemma
    have nothing in common, the script is `→` and the lemma.

    Args:
        form: The word as it stands in the text.
        lemma: Its lemma.

    Returns:
        The script, with which `apply_script` gives the lemma.

    Raises:
        DataError: The form or the lemma is empty.

    Example:
        >>> edit_script("Forces", "force"), edit_script("cities", "city"), edit_script("went", "go")
        ('↓;d1', '↓;d3+y', '→go')
    """
    if not form or not lemma:
        raise DataError("Found an empty form or lemma. Give words of at least one character.")
    casings = (_LOWER,) if lemma == lemma.lower() else (_AS_IS, _CAPITAL)
    edits = {casing: _edits(_cased(form, casing), lemma) for casing in casings}
    casing = min(edits, key=lambda one: sum(edit.cost for edit in edits[one]))
    begin, end = edits[casing]
    # The second edit begins at a semicolon, which the first one therefore cannot add.
    if end.added == lemma or begin.added == lemma or ";" in begin.added:
        return _WHOLE + lemma
    return ";".join(filter(None, [casing, f"<{begin}" if begin.cost else "", str(end)]))


@lru_cache(maxsize=16_384)
def apply_script(form: str, script: str) -> str:
    """Turn a form into its lemma.

    Args:
        form: The word as it stands in the text.
        script: A result of `edit_script`, of this or another form.

    Returns:
        The lemma. A form that is too short for the script is only brought into the script's casing.

    Raises:
        DataError: The script is not one that `edit_script` writes.

    Example:
        >>> apply_script("Ponies", "↓;d3+y"), apply_script("as", "↓;d3+y")
        ('pony', 'as')
    """
    if script.startswith(_WHOLE) and len(script) > 1:
        return script[1:]
    found = _SCRIPT.fullmatch(script)
    if found is None:
        raise DataError(
            f"Found the edit script {script!r}. It begins with {_AS_IS}, {_LOWER} or {_CAPITAL} and has edits after it "
            f"such as ';d2+y', or is {_WHOLE} and a lemma. Use what `edit_script` writes."
        )
    casing, begin, prefix, end, suffix = found.groups(default="")
    cased = _cased(form, casing)
    first, last = int(begin or 0), len(cased) - int(end or 0)
    if first > last:
        return cased
    return f"{prefix}{cased[first:last]}{suffix}" or cased


@lru_cache(maxsize=1024)
def is_script(label: str) -> bool:
    """Say whether a label is an edit script.

    Args:
        label: Any label.

    Returns:
        Whether `apply_script` takes it.
    """
    return (label.startswith(_WHOLE) and len(label) > 1) or _SCRIPT.fullmatch(label) is not None


def casing_of(script: str) -> str:
    """Reduce a script to its casing, which is a script too.

    Args:
        script: Any script.

    Returns:
        The casing; lower case for one that replaces the whole word.
    """
    return _LOWER if script.startswith(_WHOLE) else script[:1]


def adds_only_affixes(script: str) -> bool:
    """Return whether what a script adds is short enough to be a rule of the language, and not somebody's name.

    In an archive of mail, `Ken` may have the lemma `Ken Rice@ENRON`: a script with that ending is a person's address
    among the labels of a model.

    Args:
        script: A result of `edit_script`.

    Returns:
        Whether each addition has at most eight characters, with a capital only where it has one character, or at most
        three if it replaces the whole word (`→Sie`).

    Example:
        >>> adds_only_affixes("↓;d3+y"), adds_only_affixes("→be"), adds_only_affixes("=;+Rice@ENRON")
        (True, True, False)
    """
    if script.startswith(_WHOLE):
        added, longest = [script[1:]], _LONGEST_CAPITALISED
    else:
        found = _SCRIPT.fullmatch(script)
        if found is None:
            return False
        added, longest = [found[3] or "", found[5] or ""], 1
    for part in added:
        has_capital = part != part.lower()
        if len(part) > (longest if has_capital else _LONGEST_ADDED) or "@" in part:
            return False
    return True


class KnownLemmas:
    """Which edits of a form give a lemma that is a known word: of `lov` and `love`, the second.

    Args:
        scripts: Edit scripts.
        words: The known words.
    """

    def __init__(self, scripts: Sequence[str], words: Container[str]) -> None:
        self.scripts = scripts
        self.edits = [len(script) > 1 and not script.startswith(_WHOLE) for script in scripts]
        """Whether each script changes characters; casing alone, or another word, is no matter of spelling."""
        self._words = words

    def doubts(self, form: str, number: int) -> bool:
        """Say whether a script is an edit that gives a lemma that is not known.

        Args:
            form: The word as it stands in the text.
            number: The number of the script.

        Returns:
            Whether another edit may be right; not for forms with digits or signs, whose lemmas are seldom known.
        """
        return self.edits[number] and form.isalpha() and not self.knows(form, number)

    def knows(self, form: str, number: int) -> bool:
        """Say whether a script is an edit that gives a lemma that is known.

        Args:
            form: The word as it stands in the text.
            number: The number of the script.

        Returns:
            Whether it is.
        """
        return self.edits[number] and apply_script(form, self.scripts[number]) in self._words


def _cased(form: str, casing: str) -> str:
    if casing == _AS_IS:
        return form
    lower = form.lower()
    return lower if casing == _LOWER else lower[:1].upper() + lower[1:]


def _edits(form: str, lemma: str) -> tuple[_Edit, _Edit]:
    """The edits of the beginning and of the end: those that keep what both begin with, if others are not far cheaper.

    `found` → `find` then has the script of `bound` → `bind`.
    """
    common = 0
    for one, other in zip(form, lemma, strict=False):
        if one != other:
            break
        common += 1
    suffix = _Edit(0, ""), _Edit(len(form) - common, lemma[common:])
    start, place, size = SequenceMatcher(None, form, lemma, autojunk=False).find_longest_match()
    both = _Edit(start, lemma[:place]), _Edit(len(form) - start - size, lemma[place + size :])
    cost = sum(edit.cost for edit in both)
    return both if 2 * size > len(lemma) and (not common or 2 * cost <= suffix[1].cost) else suffix
