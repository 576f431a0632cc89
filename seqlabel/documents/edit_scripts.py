"""Edit scripts: the rule that turns a form into its lemma, as a tag that words with the same rule
share; no model.

`forces` → `force`, `Wolves` → `wolf` and `was` → `be` have the scripts `↓;d1`, `↓;d3+f` and `→be`.
The idea is that of edit trees (Chrupała 2008), with a separate rule for casing as in UDPipe (Straka
2018).
"""

import re
from collections.abc import Container, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from seqlabel.errors import DataError

_AS_IS = "="
_LOWER = "↓"
_CAPITAL = "↑"
_WHOLE = "→"
_SCRIPT = re.compile(
    r"([=↓↑])(?:;<(?=d|\+)(?:d([0-9]+))?(?:\+([^;]+))?)?(?:;(?=d|\+)(?:d([0-9]+))?(?:\+(.+))?)?",
    re.DOTALL,
)

_LONGEST_ADDED = 8
_LONGEST_CAPITALIZED = 3


class _Edit(NamedTuple):
    """How many characters to remove from one end of a form, and the characters to add there."""

    removed: int
    added: str

    def __str__(self) -> str:
        removal = f"d{self.removed}" if self.removed else ""
        addition = f"+{self.added}" if self.added else ""
        return removal + addition

    @property
    def cost(self) -> int:
        return self.removed + len(self.added)


def edit_script(form: str, lemma: str) -> str:
    """Write the rule that turns a form into its lemma.

    A script begins with the form's casing: `=` as it is, `↓` in lower case, `↑` with a capital
    first letter. The edits of its beginning (`<d2+y`: two characters fewer, then a `y`) and of its
    end (`d2+y`) follow. Where form and lemma have nothing in common, the script is `→` and the
    lemma.

    Args:
        form: The word as the text writes it.
        lemma: Its lemma.

    Returns:
        The script from which `apply_script` makes the lemma.

    Raises:
        DataError: The form or the lemma is empty.

    Example:
        >>> edit_script("Forces", "force"), edit_script("cities", "city"), edit_script("went", "go")
        ('↓;d1', '↓;d3+y', '→go')
    """
    if not form or not lemma:
        raise DataError(
            "Expected a form and a lemma of at least one character each, got an empty one."
        )
    casings = (_LOWER,) if lemma == lemma.lower() else (_AS_IS, _CAPITAL)
    edits_by_casing = {casing: _edits(_cased(form, casing), lemma) for casing in casings}
    casing = min(edits_by_casing, key=lambda casing: _total_cost(edits_by_casing[casing]))
    begin, end = edits_by_casing[casing]

    # The second edit begins at a semicolon, which the first one therefore cannot add.
    if end.added == lemma or begin.added == lemma or ";" in begin.added:
        return _WHOLE + lemma
    parts = [casing]
    if begin.cost:
        parts.append(f"<{begin}")
    if end.cost:
        parts.append(str(end))
    return ";".join(parts)


@lru_cache(maxsize=16_384)
def apply_script(form: str, script: str) -> str:
    """Turn a form into its lemma.

    Args:
        form: The word as the text writes it.
        script: A result of `edit_script`, of this or another form.

    Returns:
        The lemma. Of a form that is too short for the script only the casing is changed.

    Raises:
        DataError: The script is not one that `edit_script` writes.

    Example:
        >>> apply_script("Ponies", "↓;d3+y"), apply_script("as", "↓;d3+y")
        ('pony', 'as')
    """
    if script.startswith(_WHOLE) and len(script) > 1:
        return script[1:]
    match = _SCRIPT.fullmatch(script)
    if match is None:
        raise DataError(
            f"Expected an edit script, {_AS_IS}, {_LOWER} or {_CAPITAL} with edits such as "
            "';d2+y' after it, or "
            f"{_WHOLE} and a lemma, got {script!r}. Use the scripts that `edit_script` writes."
        )
    casing, removed_first, prefix, removed_last, suffix = match.groups(default="")
    cased = _cased(form, casing)
    start = int(removed_first or 0)
    end = len(cased) - int(removed_last or 0)
    if start > end:
        return cased
    return f"{prefix}{cased[start:end]}{suffix}" or cased


def is_form(script: str) -> bool:
    """Return whether a script leaves every form as it is.

    Args:
        script: A result of `edit_script`.

    Returns:
        Whether the lemma of each form is the form.
    """
    return script == _AS_IS


@lru_cache(maxsize=1024)
def is_script(label: str) -> bool:
    """Return whether a label is an edit script.

    Args:
        label: Any label.

    Returns:
        Whether `apply_script` accepts it.
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
    """Return whether the additions of a script are short enough to be affixes, and not the name of
    a person.

    In an archive of mail, `Ken` may have the lemma `Ken Rice@ENRON`: a script with that ending
    would put a person's address into the labels of a model.

    Args:
        script: A result of `edit_script`.

    Returns:
        Whether each addition has at most eight characters, with a capital only where it has one
        character, or at most three if it replaces the whole word (`→Sie`).

    Example:
        >>> (adds_only_affixes("↓;d3+y"), adds_only_affixes("→be"),
        ...  adds_only_affixes("=;+Rice@ENRON"))
        (True, True, False)
    """
    if script.startswith(_WHOLE):
        additions = [script[1:]]
        longest_capitalized = _LONGEST_CAPITALIZED
    else:
        match = _SCRIPT.fullmatch(script)
        if match is None:
            return False
        additions = [match[3] or "", match[5] or ""]
        longest_capitalized = 1
    for addition in additions:
        has_capital = addition != addition.lower()
        longest = longest_capitalized if has_capital else _LONGEST_ADDED
        if len(addition) > longest or "@" in addition:
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
        edits = [len(script) > 1 and not script.startswith(_WHOLE) for script in scripts]
        self.edits = np.array(edits, dtype=bool)
        """Whether each script changes some characters of a form, not its casing alone and not the
        whole word, (scripts,).
        """
        self._words = words

    def doubts(self, form: str, number: int) -> bool:
        """Return whether a script is an edit that gives a lemma that is not known.

        Args:
            form: The word as the text writes it.
            number: The number of the script.

        Returns:
            Whether another edit may be right; false for forms with digits or signs, whose lemmas
            are seldom known.
        """
        return bool(self.edits[number]) and form.isalpha() and not self.knows(form, number)

    def knows(self, form: str, number: int) -> bool:
        """Return whether a script is an edit that gives a lemma that is known.

        Args:
            form: The word as the text writes it.
            number: The number of the script.

        Returns:
            Whether it is.
        """
        if not self.edits[number]:
            return False
        return apply_script(form, self.scripts[number]) in self._words


def _cased(form: str, casing: str) -> str:
    if casing == _AS_IS:
        return form
    lower = form.lower()
    return lower if casing == _LOWER else lower[:1].upper() + lower[1:]


def _total_cost(edits: tuple[_Edit, _Edit]) -> int:
    begin, end = edits
    return begin.cost + end.cost


def _edits(form: str, lemma: str) -> tuple[_Edit, _Edit]:
    """The edits of the beginning and of the end of a form.

    The edit of the end alone, which keeps the characters that both begin with, is preferred unless
    two edits are far cheaper: `found` → `find` then has the script of `bound` → `bind`.
    """
    common = 0
    while form[common : common + 1] and form[common : common + 1] == lemma[common : common + 1]:
        common += 1
    end_alone = (_Edit(0, ""), _Edit(len(form) - common, lemma[common:]))

    # Two edits keep the longest part that form and lemma share.
    shared = SequenceMatcher(None, form, lemma, autojunk=False).find_longest_match()
    begin = _Edit(shared.a, lemma[: shared.b])
    end = _Edit(len(form) - shared.a - shared.size, lemma[shared.b + shared.size :])
    two_edits = (begin, end)

    is_cheaper = common == 0 or 2 * _total_cost(two_edits) <= _total_cost(end_alone)
    if 2 * shared.size > len(lemma) and is_cheaper:
        return two_edits
    return end_alone
