"""Labels the words of texts with an exported model, by ONNX Runtime and NumPy alone; copied into each exported folder.

    python run.py < texts.txt

reads one text a line and prints one JSON object a line. In Python: `Model("folder").label("A text.")`.
"""

import json
import re
import sys
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, partial, reduce
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_MARKS = r"""=,:;|<>{}()\[\]/\\@"#&?%+*~`“”‘«»"""
_PIECE = re.compile(rf"[{_MARKS}]|(?:[^{_MARKS}'’]|\b['’]\b)+|['’]")
_CONTRACTION = re.compile(r"(?:n['’]t|['’]\w{1,2})\Z", re.IGNORECASE)
_BASE = 0x100000001B3


class EnglishWords:
    """Cuts English text into words, by the rules in `words.json`; cut at marks too where words are `fine`."""

    def __init__(self, rules: dict[str, Any], *, fine: bool) -> None:
        self._special: dict[str, list[str]] = rules["special"]
        self._fine = fine
        self._inner: dict[str, list[tuple[list[str], list[str]]]] = {}
        for text, pieces in rules["inner"].items():
            self._inner.setdefault(pieces[0], []).append((pieces, self._special[text]))
        patterns = (re.compile(rules["patterns"][name]) for name in ("prefix", "suffix", "infix", "url"))
        self._prefix, self._suffix, self._infix, self._url = patterns

    def __call__(self, text: str) -> list[tuple[int, int]]:
        """Find the half-open character offsets of the words of a text."""
        offsets: list[tuple[int, int]] = []
        # A run of more than 256 characters without white space is cut after every 256.
        for match in re.finditer(r"\S{1,256}", text):
            ends = accumulate(map(len, self._pieces(match.group())), initial=match.start())
            for start, end in pairwise(ends):
                whole = not self._fine or end - start == 1 or _CONTRACTION.match(text, start, end)
                offsets += [(start, end)] if whole else [piece.span() for piece in _PIECE.finditer(text, start, end)]
        return offsets

    def _pieces(self, rest: str) -> list[str]:
        if rest in self._special:
            return self._special[rest]
        before: list[str] = []
        behind: list[str] = []
        while rest and rest not in self._special:
            first = _size(self._prefix.search(rest))
            last = 0 if first and rest[first:] in self._special else _size(self._suffix.search(rest[first:]))
            if last and rest[:-last] in self._special:
                first = 0
            if not first and not last:
                break
            end = len(rest) - last
            before, rest, behind = [*before, rest[:first]], rest[first:end], [rest[end:], *behind]
        middle = self._special.get(rest) or ([rest] if self._url.match(rest) else self._cut(rest))
        return self._joined([piece for piece in (*before, *middle, *behind) if piece])

    def _cut(self, rest: str) -> list[str]:
        spans = [match.span() for match in self._infix.finditer(rest) if match.start()]
        ends = [0, *(place for span in spans for place in span), len(rest)]
        return [rest[start:end] for start, end in pairwise(ends)]

    def _joined(self, pieces: list[str]) -> list[str]:
        """Join pieces that form a special run, such as a smiley; the longest run first, then the first one."""
        inner = ((place, one) for place, piece in enumerate(pieces) for one in self._inner.get(piece, ()))
        found = [
            (place, wanted, become) for place, (wanted, become) in inner if pieces[place:][: len(wanted)] == wanted
        ]
        seen: set[int] = set()
        joined: list[list[str]] = [[piece] for piece in pieces]
        for place, wanted, become in sorted(found, key=lambda one: (len(one[1]), -one[0]), reverse=True):
            end = place + len(wanted)
            if place not in seen and end - 1 not in seen:
                joined[place:end] = [become, *[[] for _ in wanted[1:]]]
            seen.update(range(place, end))
        return [piece for some in joined for piece in some]


def _size(match: re.Match[str] | None) -> int:
    return match.end() - match.start() if match else 0


@cache
def _shape(character: str) -> int:
    kind = "d" if character.isdigit() else "X" if character.isupper() else "x" if character.isalpha() else character
    return ord(character if ord(character) >> 16 else kind)


def _features(word: str, buckets: int) -> list[int]:
    """Hash a word's shape and its runs of 2 to 4 characters, each to one of some buckets."""
    short, long = (word, 0) if len(word) <= 64 else (word[:32] + word[-32:], len(word))
    shape = [_shape(character) for character in short]
    kept = [code for place, code in enumerate(shape) if place < 2 or not code == shape[place - 1] == shape[place - 2]]
    total = sum((code + 1) * _BASE**place for place, code in enumerate(kept))
    hashes = [total * _BASE + 103 + long * 0x9E3779B97F4A7C15]
    codes = [0xE000, *map(ord, short.lower()), 0xE001]
    for n in (2, 3, 4):
        runs = (codes[start : start + n] for start in range(len(codes) - n + 1))
        hashes += [reduce(lambda number, code: number * _BASE + code, run, n) for run in runs]
    return [_scrambled(number) % buckets for number in hashes]


def _scrambled(number: int) -> int:
    """Spread the bits of a number, modulo 2^64 (the finaliser of MurmurHash3)."""
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53, 1):
        number &= (1 << 64) - 1
        number = (number ^ number >> 33) * factor
    return number


def _log_softmax(scores: Any) -> Any:
    highest = scores.max(axis=-1, keepdims=True)
    return scores - highest - np.log(np.exp(scores - highest).sum(axis=-1, keepdims=True))


class Head:
    """Chooses the tags of the words of a row: each by itself, or with a random field (CRF) all together."""

    def __init__(self, about: dict[str, Any]) -> None:
        self.layer, self.tags, self.has_spans = about["layer"], about["tags"], about["scheme"] is not None
        self._temperature, self._offset = about["temperature"], about["threshold_offset"]
        # None stands for what the tag scheme forbids.
        parts = [about["crf"][name] for name in ("transitions", "start", "end")] if about["crf"] else []
        self._field = [np.nan_to_num(np.array(part, dtype=np.float64), nan=-1e4) for part in parts]

    def __call__(self, scores: Any) -> tuple[Any, Any]:
        """Give each word's tag and the logarithms of all tags' probabilities, of scores (words, tags)."""
        moved = scores.astype(np.float64)
        moved[:, 0] -= self._offset
        if not self._field:
            return moved.argmax(axis=1), _log_softmax(scores / self._temperature)
        between, start, end = self._field
        ids = np.empty(len(moved), dtype=np.int64)
        best = [start + moved[0]]
        for emission in moved[1:]:
            best.append((best[-1][:, None] + between).max(axis=0) + emission)
        ids[-1] = (best[-1] + end).argmax()
        for place in range(len(ids) - 1, 0, -1):
            ids[place - 1] = (best[place - 1] + between[:, ids[place]]).argmax()
        ahead, behind = [start + scores[0]], [end]
        for one, other in zip(scores[1:], scores[:0:-1], strict=True):
            ahead.append(np.logaddexp.reduce(ahead[-1][:, None] + between, axis=0) + one)
            behind.append(np.logaddexp.reduce(between + other + behind[-1], axis=1))
        return ids, _log_softmax(_log_softmax(np.array(ahead) + np.array(behind[::-1])) / self._temperature)


class Model:
    """An exported model in a folder; `about` is its `labels.json`."""

    def __init__(self, folder: Path | str) -> None:
        read = {path.name: json.loads(path.read_text(encoding="utf-8")) for path in Path(folder).glob("*.json")}
        self.about = read["labels.json"]
        self.heads = [Head(one) for one in self.about["heads"]]
        self._ids = {word: number for number, word in enumerate(read["vocabulary.json"])}
        self._hashed = lru_cache(1 << 16)(partial(_features, buckets=self.about["buckets"]))
        fine = self.about["words"] == "fine"
        self._cut = EnglishWords(read["words.json"], fine=fine) if "words.json" in read else None
        self._session = onnxruntime.InferenceSession(Path(folder) / "model.onnx")

    def label(self, text: str) -> dict[str, Any]:
        """Label a text.

        Args:
            text: Any text.

        Returns:
            The text, the character offsets of its words, and tags or spans of characters by layer.

        Raises:
            ValueError: The folder has no rules of words, so that words must be given to `tag`.
        """
        if self._cut is None:
            raise ValueError(f"Texts in {self.about['language']!r} are not cut here. Give words to `tag`.")
        words = self._cut(text)
        result: dict[str, Any] = {"text": text, "tokens": words, "tags": {}, "spans": {}}
        for head, (tags, _) in zip(self.heads, self.tag([text[a:b] for a, b in words]), strict=True):
            if head.has_spans:
                spans = [(words[a][0], words[b - 1][1], label) for a, b, label in _spans_of(tags)]
                result["spans"][head.layer] = spans
            else:
                result["tags"][head.layer] = tags
        return result

    def tag(self, words: Sequence[str]) -> list[tuple[list[str], list[float]]]:
        """Tag the words of a text, a long one in windows.

        Args:
            words: The words, none of them empty.

        Returns:
            For each head, the words' tags and the probabilities of these.
        """
        window, context = self.about["window"], self.about["context"]
        result: list[tuple[list[str], list[float]]] = [([], []) for _ in self.heads]
        for start in range(0, len(words), window):
            begin = max(start - context, 0)
            (row,) = self.tag_rows([words[begin : start + window + context]])
            for (tags, sure), (more, surer) in zip(result, row, strict=True):
                tags += more[start - begin :][:window]
                sure += surer[start - begin :][:window]
        return result

    def tag_rows(self, rows: Sequence[Sequence[str]]) -> list[list[tuple[list[str], list[float]]]]:
        """Tag several rows of words at once; rows of like length take the least time.

        Args:
            rows: The words of each row, at least one.

        Returns:
            For each row what `tag` returns.
        """
        places: dict[str, int] = {}
        positions = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for row, words in enumerate(rows):
            positions[row, : len(words)] = [places.setdefault(word, len(places)) for word in words]
        hashed = [self._hashed(word) for word in places]
        padded = np.full((len(hashed), max(map(len, hashed))), self.about["buckets"], dtype=np.int64)
        for number, ids in enumerate(hashed):
            padded[number, : len(ids)] = ids
        known = np.array([self._ids.get(word, self._ids["xxunk"]) for word in places], dtype=np.int64)
        lengths = np.array([len(words) for words in rows], dtype=np.int32)
        inputs = {"words": known, "features": padded, "positions": positions, "lengths": lengths}
        every = self._session.run(None, inputs)
        return [self._choose([scores[row, :length] for scores in every]) for row, length in enumerate(lengths)]

    def _choose(self, scores: list[Any]) -> list[tuple[list[str], list[float]]]:
        chosen = [head(some) for head, some in zip(self.heads, scores, strict=True)]
        if self.about["together"]:
            # The likeliest pair of tags that go together, where those of two heads do not.
            allowed = np.array(self.about["together"]["allowed"])
            (one, first), (two, second) = (chosen[number] for number in self.about["together"]["heads"])
            for word in np.flatnonzero(~allowed[one, two]):
                sums = np.where(allowed, first[word][:, None] + second[word], -np.inf)
                one[word], two[word] = np.unravel_index(sums.argmax(), sums.shape)
        return [
            ([head.tags[tag] for tag in ids], np.exp(logs[np.arange(len(ids)), ids]).tolist())
            for head, (ids, logs) in zip(self.heads, chosen, strict=True)
        ]


def _spans_of(tags: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Read the spans of tags of any scheme: half-open runs of words, and their labels."""
    start, label = 0, ""
    for place, tag in enumerate([*tags, "O"]):
        prefix, _, name = tag.partition("-")
        goes_on = prefix in tuple("IEL") and name == label
        if label and not goes_on:
            yield start, place, label
        if not goes_on:
            start, label = place, name
        if prefix in tuple("ESLU"):
            yield start, place + 1, label
            label = ""


def main() -> None:
    """Label the lines of standard input with the model beside this file."""
    model = Model(Path(__file__).parent)
    for line in sys.stdin:
        print(json.dumps(model.label(line.rstrip("\n")), ensure_ascii=False))


if __name__ == "__main__":
    main()
