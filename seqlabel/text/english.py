"""The words of English text by the rules of spaCy's tokeniser, without importing spaCy; other
languages are spaCy's.

The rules, in `english.json`, are those of spaCy 3.8 (MIT licence): which marks are cut off at both
ends of a run of characters without white space, where it is cut inside, and what runs such as
`don't` or `:-)` become. The method is that of spaCy's `Tokenizer`. A run is cut by itself: spaCy
lets the end of a run and the beginning of the next one form a smiley, and then cuts inside neither.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib import resources

_UNIT = re.compile("[0-9'’]")
_LONGEST_UNIT = 5
_CHARACTER_BEYOND_ASCII = r"(?:\\u[0-9A-F]{4}|\\U[0-9A-F]{8}|[^\x00-\x7f])"
_BEYOND_ASCII = re.compile(f"(?:{_CHARACTER_BEYOND_ASCII}(?:-{_CHARACTER_BEYOND_ASCII})?)+")


class _Patterns:
    """The regular expressions of the rules, each compiled when it is first needed.

    Args:
        written: The expressions by name.
    """

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = written

    @cached_property
    def prefix(self) -> re.Pattern[str]:
        """What is cut off at the beginning."""
        return re.compile(self._written["prefix"])

    @cached_property
    def suffix(self) -> re.Pattern[str]:
        """What is cut off at the end."""
        return re.compile(self._written["suffix"])

    @cached_property
    def infix(self) -> re.Pattern[str]:
        """What is a word inside."""
        return re.compile(self._written["infix"])

    @cached_property
    def url(self) -> re.Pattern[str]:
        """What is left whole."""
        return re.compile(self._written["url"])


def _ascii(pattern: str) -> str:
    """Return a pattern that matches the same in runs of ASCII, and compiles ten times as fast.

    A tab takes the place of other characters: no run has white space, so it never matches.
    """
    return _BEYOND_ASCII.sub(r"\\t", pattern)


class EnglishRules:
    """Cuts runs of characters without white space into words.

    Args:
        special: Runs that become given pieces, which joined are the run.
        inner: Those of them that are also found inside a run, as the pieces that they are first cut
            into.
        patterns: Regular expressions by name: `prefix` and `suffix` match what is cut off at the
            ends, `infix` what is a word inside, `url` what is left whole.
    """

    def __init__(
        self,
        special: Mapping[str, list[str]],
        inner: Mapping[str, list[str]],
        patterns: Mapping[str, str],
    ) -> None:
        self._special = special
        self._inner: dict[str, list[tuple[list[str], list[str]]]] = {}
        for text, pieces in inner.items():
            self._inner.setdefault(pieces[0], []).append((pieces, special[text]))
        self._patterns = _Patterns(patterns)
        self._ascii_patterns = _Patterns(
            {name: _ascii(pattern) for name, pattern in patterns.items()}
        )

    def pieces(self, run: str) -> list[str]:
        """Cut a run into words.

        Args:
            run: Characters, none of them white space.

        Returns:
            The words; joined they are the run.
        """
        special = self._special
        if run in special:
            return special[run]
        patterns = self._ascii_patterns if run.isascii() else self._patterns
        before: list[str] = []
        after: list[str] = []
        text = run
        size = 0
        while text and len(text) != size and text not in special:
            size = len(text)
            match = patterns.prefix.search(text)
            first = match.end() - match.start() if match else 0
            if first and text[first:] in special:
                before.append(text[:first])
                text = text[first:]
                break
            match = self._last(text[first:], patterns)
            last = match.end() - match.start() if match else 0
            if last and text[:-last] in special:
                after.append(text[-last:])
                text = text[:-last]
                break
            if first:
                before.append(text[:first])
            if last and first + last <= size:
                after.append(text[-last:])
                text = text[first:-last]
            else:
                text = text[first:]
        after.reverse()
        return self._joined([*before, *self._middle(text, patterns), *after])

    def _last(self, text: str, patterns: _Patterns) -> re.Match[str] | None:
        """What is cut off the end. Of letters only `'s` and units after digits are, and the search
        takes ten times as long as to see that neither is there."""
        last = text[-1:]
        if last.isascii() and (
            last.isdigit() or (last.isalpha() and not _UNIT.search(text[-_LONGEST_UNIT - 1 :]))
        ):
            return None
        return patterns.suffix.search(text)

    def _middle(self, text: str, patterns: _Patterns) -> Iterable[str]:
        """The middle of a run when nothing more is cut off its ends."""
        if not text:
            return ()
        if text in self._special:
            return self._special[text]
        # The name of a host has a dot.
        if "." in text and patterns.url.match(text):
            return (text,)
        return self._cut(text, patterns.infix)

    def _cut(self, text: str, infix: re.Pattern[str]) -> Iterator[str]:
        start = 0
        for match in infix.finditer(text):
            begin, end = match.span()
            if begin == 0:
                continue
            if begin != start:
                yield text[start:begin]
            if begin != end:
                yield text[begin:end]
            start = end
        if start < len(text):
            yield text[start:]

    def _joined(self, pieces: list[str]) -> list[str]:
        """The pieces with those that form a special run, such as a smiley, in its form; the longest
        run first.
        """
        candidates = [
            (len(wanted), -index, become)
            for index, piece in enumerate(pieces)
            if piece in self._inner
            for wanted, become in self._inner[piece]
            if pieces[index : index + len(wanted)] == wanted
        ]
        if not candidates:
            return pieces
        seen: set[int] = set()
        chosen: dict[int, tuple[int, list[str]]] = {}
        for size, negative, become in sorted(
            candidates, key=lambda candidate: candidate[:2], reverse=True
        ):
            start = -negative
            if start not in seen and start + size - 1 not in seen:
                chosen[start] = size, become
            seen.update(range(start, start + size))
        result: list[str] = []
        start = 0
        while start < len(pieces):
            size, become = chosen.get(start, (1, pieces[start : start + 1]))
            result += become
            start += size
        return result


@cache
def english_rules() -> EnglishRules:
    """Read the rules.

    Returns:
        The same rules each time; threads may share them.
    """
    data = json.loads(
        resources.files("seqlabel.text").joinpath("english.json").read_text(encoding="utf-8")
    )
    return EnglishRules(data["special"], data["inner"], data["patterns"])
