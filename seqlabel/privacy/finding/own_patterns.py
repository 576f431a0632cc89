"""Regular expressions of the user's own, bounded so that none can run away; they find values, and
decide nothing.

They run in the package `regex`, which stops at a time limit (Python's `re` does not). What a match
may reach over is worked out from the syntax tree, so that a stream knows how much of the text it
must wait for.
"""

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeVar

from seqlabel.errors import DataError, OptionError
from seqlabel.names import needed
from seqlabel.privacy.finding.settings import OwnPattern
from seqlabel.privacy.rules.engine import Rule, find_values
from seqlabel.privacy.rules.table import read_example, validator

LONGEST_MATCH = 128
"""The most characters of a match that can hold white space, with what it looks at after itself."""
LOOK_BACK = 64
"""How many characters before a match its context words are looked for in."""
LOOK_AHEAD = 32
"""How many characters after a match its context words are looked for in."""
SECONDS = 2.0
"""The most time that a pattern may take on one text, for each 100,000 characters."""
_LEAST_SECONDS = 0.01
"""The shortest time limit that `regex` is given; 0 would be none."""
_MOST_BEHIND = 32
_NEEDED = 3
_Result = TypeVar("_Result")

# The only parser of Python's own expressions, and what makes its trees patterns; they have no
# public names.
_parser: Any = import_module("re._parser")
_compiler: Any = import_module("re._compiler")
_ONE_CHARACTER = ("ANY", "IN", "LITERAL", "NOT_LITERAL")
_BLANKS = [character for character in map(chr, range(0x3001)) if character.isspace()]
"""All white space that there is."""
_NO_WIDTH = ("ASSERT", "ASSERT_NOT")
_WHOLE_TEXT = ("AT_BEGINNING_STRING", "AT_END_STRING")

# What Python's parser reads as plain characters, and `regex` does not: `(?:EMP-1234){e<=1}`,
# `[[:digit:]]`.
_FUZZY = re.compile(r"\{\s*(?:[0-9]+\s*<=?\s*)?[0-9]*\s*[eids]\s*[}<=+,:][^{}]*\}?")
_NAMED_CLASS = re.compile(r"(?<!\\)\[:(\^?[A-Za-z]+):\]")
_WITHOUT_SPACE = dict.fromkeys(
    ("alpha", "alnum", "digit", "lower", "upper", "word", "xdigit"), r"\w"
) | {"punct": "!"}
_REPEAT = re.compile(r"\{(?:[0-9]+(?:,[0-9]*)?|,[0-9]+)\}")


class Budget:
    """CPU time that several patterns share, of the thread that uses them.

    Args:
        seconds: How much there is; infinite for patterns that have only their own limits.
        name: What messages call the patterns.
    """

    def __init__(self, seconds: float = math.inf, *, name: str = "patterns") -> None:
        self.left = seconds
        """The seconds that are left."""
        self._seconds = seconds
        self._name = name

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Take the time of a block from the budget.

        Yields:
            Nothing; the block is the work.

        Raises:
            DataError: If nothing is left after the block.
        """
        begun = time.thread_time()
        try:
            yield
        finally:
            self.left -= time.thread_time() - begun
            if self.left <= 0:
                raise DataError(
                    f"{self._name}: took more than {self._seconds:g} s together, so nothing was "
                    "done. Use fewer or simpler ones, or less text."
                ) from None


class BoundedPattern:
    """A regular expression that reaches over little text, and is stopped where it takes long.

    Args:
        pattern: The expression; it is that of Python's `re`, with `^` and `$` as the ends of lines.
        name: What messages call it.
        budget: The time that it shares with other patterns; None has only limits of its own.

    Raises:
        OptionError: For an expression that is not valid, or can match nothing or more than a stream
            can wait for, and without the package `regex`.
    """

    def __init__(self, pattern: str, *, name: str, budget: Budget | None = None) -> None:
        regex = needed("regex", needed_for="A pattern of your own", extra="pii")
        self._name = name
        self._budget = budget or Budget()
        with self._budget.spending():
            self._tree = tree = _parsed(pattern, name)
            try:
                self._compiled: Any = regex.compile(pattern, regex.MULTILINE | regex.VERSION0)
            except regex.error as error:
                raise OptionError(
                    f"{name}: is not a regular expression that `regex` knows ({error.msg})."
                ) from None
            except RecursionError:
                raise OptionError(
                    f"{name}: expected fewer nested groups, got too many. Simplify it."
                ) from None
            _check_reach(tree, name, pattern)
        self._means_the_same = not ("[:" in pattern or "{" in _REPEAT.sub("", pattern))
        if self._timed(
            "", lambda seconds: self._compiled.fullmatch("", timeout=seconds) is not None
        ):
            raise OptionError(
                f"{name}: can match nothing at all. Let it match at least one character."
            )

    def __call__(self, text: str) -> Iterator[tuple[int, int]]:
        """Find the matches in a text.

        Args:
            text: The text.

        Yields:
            The half-open place of each match.

        Raises:
            DataError: If it takes too long; no text is left unread in silence.
        """
        yield from self._timed(
            text,
            lambda seconds: [
                match.span() for match in self._compiled.finditer(text, timeout=seconds)
            ],
        )

    def matches(self, text: str) -> bool:
        """Return whether the whole of a text matches.

        Args:
            text: The text.

        Returns:
            Whether it does.

        Raises:
            DataError: If it takes too long.
        """
        return self._timed(
            text, lambda seconds: self._compiled.fullmatch(text, timeout=seconds) is not None
        )

    def _timed(self, text: str, search: Callable[[float], _Result]) -> _Result:
        """What a search finds in a text in the seconds that it is given."""
        seconds = min(SECONDS * (1 + len(text) / 100_000), max(self._budget.left, _LEAST_SECONDS))
        try:
            with self._budget.spending():
                return search(seconds)
        except TimeoutError:
            raise DataError(
                f"{self._name}: took more than {seconds:.1f} s on a text of {len(text):,} "
                "characters, which is withheld. Make the pattern simpler."
            ) from None

    @property
    def needed(self) -> str:
        """The longest text that every match contains; empty where none of three characters is
        known.

        It is also empty where `regex` may read the expression differently from Python's parser,
        whose tree this is worked out from.
        """
        if self._compiled.flags & re.IGNORECASE or not self._means_the_same:
            return ""
        literals = "".join(
            chr(value) if str(operation) == "LITERAL" else "\0" for operation, value in self._tree
        )
        longest = max(literals.split("\0"), key=len)
        return longest if len(longest) >= _NEEDED else ""


class PatternIndex:
    """Tells which of many rules can find something in a text, by the characters that the pattern of
    each needs.

    The time does not grow with the patterns that need three characters which the text lacks.

    Args:
        rules: The rules, with the pattern of each.
    """

    def __init__(self, rules: Iterable[tuple[Rule, BoundedPattern]]) -> None:
        self._always: list[Rule] = []
        self._by_end: dict[str, list[tuple[str, Rule]]] = {}
        for rule, pattern in rules:
            if needed := pattern.needed:
                # The end, because beginnings are often shared.
                self._by_end.setdefault(needed[-_NEEDED:], []).append((needed, rule))
            else:
                self._always.append(rule)

    def __call__(self, text: str) -> Iterator[Rule]:
        """Tell which rules can find something.

        Args:
            text: The text.

        Yields:
            The rules.
        """
        yield from self._always
        if self._by_end:
            for end in self._by_end.keys() & set(
                map("".join, zip(text, text[1:], text[2:], strict=False))
            ):
                yield from (rule for needed, rule in self._by_end[end] if needed in text)


class PatternFinder:
    """Finds the values of one of the user's patterns: matches that the validator takes, near a
    context word.

    Args:
        pattern: The pattern.
        key: Its place in the settings, for messages.

    Raises:
        OptionError: As `BoundedPattern` does, and for a validator that is not known.
    """

    def __init__(self, pattern: OwnPattern, *, key: str) -> None:
        self.pattern = BoundedPattern(pattern.regex, name=f"{key}.regex")
        """The search for the matches."""
        self._is_valid = _validator(pattern.validator, f"{key}.validator")

        for word in pattern.context:
            if not word.strip() or len(word) > LOOK_AHEAD:
                raise OptionError(
                    f"{key}.context: a context word has 1 to {LOOK_AHEAD} characters."
                )
        words = "|".join(re.escape(word.strip()) for word in pattern.context)
        self._context = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None

        # As the finder runs it: after the index of patterns, and on what escapes and invisible
        # characters hide.
        index = PatternIndex([(Rule(pattern.label, self, key), self.pattern)])

        for name, examples, finds in (("yes", pattern.yes, True), ("no", pattern.no, False)):
            for number, example in enumerate(examples):
                text, expected = read_example(example) if finds else (example, [])
                matches = [(value.start, value.end) for value in find_values(text, (), more=index)]
                if bool(matches) != finds or (expected and matches != expected):
                    if not matches:
                        what = "nothing"
                    elif finds:
                        what = "something else"
                    else:
                        what = "something"
                    raise OptionError(
                        f"{key}.{name}[{number}]: the pattern finds {what} in this example. "
                        "Correct one of them."
                    )

    def __call__(self, text: str) -> Iterator[tuple[int, int]]:
        """Find the values in a text.

        Args:
            text: The text.

        Yields:
            The half-open place of each value.
        """
        for start, end in self.pattern(text):
            if self._is_valid(text[start:end]) and self._is_near(text, start, end):
                yield start, end

    def _is_near(self, text: str, start: int, end: int) -> bool:
        if self._context is None:
            return True
        before, after = text[max(0, start - LOOK_BACK) : start], text[end : end + LOOK_AHEAD]
        return self._context.search(before) is not None or self._context.search(after) is not None


def _validator(chosen: str | Callable[[str], bool] | None, key: str) -> Callable[[str], bool]:
    if chosen is None:
        return lambda value: True
    is_valid = chosen if callable(chosen) else validator(chosen)
    if is_valid is None:
        raise OptionError(
            f"{key}: expected the name of a module of python-stdnum, got {chosen!r}. Use luhn, "
            "iban, isbn or nl.bsn, and install seqlabel-rnn[pii]."
        )
    return is_valid


def _parsed(pattern: str, name: str) -> Any:
    """The syntax tree; classes such as `[:digit:]`, which Python does not know, are classes at
    least as wide in it.
    """
    known = _NAMED_CLASS.sub(lambda match: _WITHOUT_SPACE.get(match[1], r"\s\S"), pattern)
    try:
        tree = _parser.parse(known, re.MULTILINE)
    except (re.error, RecursionError, OverflowError) as error:
        raise OptionError(
            f"{name}: is not a regular expression of Python's `re` ({error}). Correct it."
        ) from None
    if tree.getwidth()[0] == 0:
        raise OptionError(f"{name}: can match nothing at all. Let it match at least one character.")
    return tree


def _check_reach(tree: Any, name: str, pattern: str) -> None:
    """Refuse a pattern whose matches a stream cannot wait for, or that asks where the whole text
    begins or ends.
    """
    longest = tree.getwidth()[1]
    behind = ahead = 0
    fuzzy = _FUZZY.findall(pattern)
    # White space is an error like any other.
    blank = _holds_blank(tree) or bool(fuzzy)

    for errors in fuzzy:
        if "<" not in errors:
            raise OptionError(
                f"{name}: {errors} allows any number of errors. Bound them, as in {{e<=2}}."
            )
        # Each part that may have errors matches at least one character, so there are at most as
        # many as characters.
        longest *= 1 + max(map(int, re.findall("[0-9]+", errors)), default=0)
    for operation, value in _nodes(tree):
        if str(operation) in _NO_WIDTH:
            direction, inner = value
            width = inner.getwidth()[1]
            if direction < 0:
                behind = max(behind, width)
            elif _holds_blank(inner):
                ahead += width
        if str(operation) == "AT" and str(value) in _WHOLE_TEXT:
            raise OptionError(
                f"{name}: expected ^ and $, the ends of lines, got \\A or \\Z: texts arrive in "
                "pieces. Replace it."
            )

    if behind > _MOST_BEHIND:
        raise OptionError(
            f"{name}: looks {behind} characters back. It may look at most {_MOST_BEHIND}."
        )
    if ahead + (longest if blank else 0) > LONGEST_MATCH:
        raise OptionError(
            f"{name}: can reach over more than {LONGEST_MATCH} characters with white space in "
            "them. Bound the repeats "
            f"that can hold white space, as in .{{0,40}} for .*, or write \\S for a dot."
        )


def _holds_blank(tree: Any) -> bool:
    """Whether a match can hold white space; the text that it only looks at is not part of it."""
    parts = (node for node in _nodes(tree, looks=False) if str(node[0]) in _ONE_CHARACTER)
    return any(
        any(map(_compiler.compile(_parser.SubPattern(tree.state, [part])).match, _BLANKS))
        for part in parts
    )


def _nodes(tree: Any, *, looks: bool = True) -> Iterator[tuple[Any, Any]]:
    """Every operation of a syntax tree, with its argument; those inside of look-arounds where
    `looks` says so.
    """
    waiting: list[Any] = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, _parser.SubPattern):
            for operation, value in part:
                yield operation, value
                if looks or str(operation) not in _NO_WIDTH:
                    waiting.append(value)
        elif isinstance(part, (tuple, list)):
            waiting += part
