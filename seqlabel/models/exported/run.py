"""Labels words of texts with an exported model, by ONNX Runtime and NumPy alone; words are found in
`words.py`.

    python run.py < texts.txt            # a text per line; prints a JSON object for each
    # one long text; prints each word with its tags, at most 48 words late
    python run.py --stream < text.txt

In Python: `Model("folder").label("A text.")`. Shapes: rows, time (words of a row), tags.
"""

import json
import runpy
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

Tagged = tuple[list[str], list[float]]


class Head:
    """Chooses the tags of the words of a row: each by itself, or with a random field (CRF) all
    together.
    """

    def __init__(self, about: dict[str, Any]) -> None:
        self.layer = about["layer"]
        self.tags = about["tags"]
        self.has_spans = about["scheme"] is not None
        self._temperature = about["temperature"]
        self._offset = about["threshold_offset"]
        # None stands for what the tag scheme forbids.
        parts = []
        if about["crf"]:
            parts = [about["crf"][name] for name in ("transitions", "start", "end")]
        self._field = [np.nan_to_num(np.array(part, dtype=np.float64), nan=-1e4) for part in parts]

    def __call__(
        self, scores: Any, after: int | None, *, goes_on: bool, paragraphs: Sequence[int] = ()
    ) -> tuple[Any, Any]:
        """Give each word's tag and the logarithms of all tags' probabilities, of scores (time,
        tags).

        `after` is the tag before the row, None where a text begins; `goes_on` says that anything
        may follow it. Spans begin again at `paragraphs`, the numbers of words.
        """
        if self.has_spans and len(paragraphs):
            parts = [self(part, None, goes_on=False) for part in np.split(scores, paragraphs)]
            ids, logs = zip(*parts, strict=True)
            return np.concatenate(ids), np.concatenate(logs)
        scores = best = scores.astype(np.float64)
        if self._field:
            between, start, end = self._field
            # With an offset each word gets the tag that is most likely by itself, which does not
            # bind the next one.
            begin = start if after is None else between[after] * (not self._offset)
            field = between, begin, end * (not goes_on)
            best = _through(scores, field, np.max)
            scores = _log_softmax(_through(scores, field, np.logaddexp.reduce))
        logs = _log_softmax(scores / self._temperature)
        if self._offset:
            best = logs - self._offset * (np.arange(len(self.tags)) == 0)
        return best.argmax(axis=1), logs


def _log_softmax(scores: Any) -> Any:
    return scores - np.logaddexp.reduce(scores, axis=-1, keepdims=True)


def _through(scores: Any, field: Sequence[Any], join: Callable[..., Any]) -> Any:
    """For each tag of each word, join the scores of all sequences of tags that go through it."""
    between, start, end = field
    ahead = [start + scores[0]]
    backward = [end + scores[-1]]
    for next_scores, scores_before in zip(scores[1:], scores[-2::-1], strict=True):
        ahead.append(join(ahead[-1][:, None] + between, axis=0) + next_scores)
        backward.append(join(between + backward[-1], axis=1) + scores_before)
    return np.array(ahead) + np.array(backward[::-1]) - scores


class Model:
    """An exported model in a folder; `about` is its `labels.json`."""

    def __init__(self, folder: Path | str) -> None:
        read = {
            path.name: json.loads(path.read_text(encoding="utf-8"))
            for path in Path(folder).glob("*.json")
        }
        self.about = read["labels.json"]
        self.heads = [Head(about) for about in self.about["heads"]]
        # Not imported: this folder need not be where Python looks for modules.
        text = runpy.run_path(str(Path(folder) / "words.py"))
        english = partial(text["EnglishWords"], fine=self.about["words"] == "fine")
        self.cut = english(read["words.json"]) if "words.json" in read else text["no_words"]
        features = runpy.run_path(str(Path(folder) / "features.py"))["features"]
        self._features = partial(features, buckets=self.about["buckets"])
        self._spans = text["spans"]
        self._paragraph_starts = text["paragraph_starts"]
        self._judge = None
        self._passed = None
        if self.about["reader"]:
            judging = runpy.run_path(str(Path(folder) / "judging.py"))
            self._judge = judging["Judge"](self.about["reader"])
            self._passed = judging["Passed"]
        self._ids = {word: number for number, word in enumerate(read["vocabulary.json"])}
        self._session = onnxruntime.InferenceSession(Path(folder) / "model.onnx")

    def label(self, text: str) -> dict[str, Any]:
        """Label a text: character offsets of its words, and by layer the tags of words or the spans
        of characters.
        """
        words = self.cut(text)
        paragraphs = self._paragraph_starts(text, words)
        tagged = self.tag([text[a:b] for a, b in words], paragraphs)
        result: dict[str, Any] = {"text": text, "tokens": words, "tags": {}, "spans": {}}
        for head, (tags, _) in zip(self.heads, tagged, strict=True):
            if head.has_spans:
                result["spans"][head.layer] = [
                    (words[a][0], words[b - 1][1], label)
                    for a, b, label in self._spans(tags, paragraphs)
                ]
            else:
                result["tags"][head.layer] = tags
        return result

    def tag(self, words: Sequence[str], paragraphs: Sequence[int] = ()) -> list[Tagged]:
        """Give for each head the tags of a text's words and their probabilities; a long text is
        read in windows.

        `paragraphs` are the numbers of the words that follow a blank line, which no span crosses.
        """
        window = self.about["window"]
        context = self.about["context"]
        result: list[Tagged] = [([], []) for _ in self.heads]
        inside = paragraphs if self.about["rows"] == "paragraph" else ()
        for first, last in pairwise([0, *inside, len(words)]):
            for start in range(first, last, window):
                begin = max(start - context, first)
                stop = min(start + window, last)
                row = words[begin : min(stop + context, last)]
                starts = [word - begin for word in paragraphs if begin < word < begin + len(row)]
                (of_heads,) = self._judged_rows([row], [starts])
                for (tags, sure), (more, surer) in zip(result, of_heads, strict=True):
                    tags += more[start - begin : stop - begin]
                    sure += surer[start - begin : stop - begin]
        return self.dropped(result, paragraphs)

    def tag_rows(
        self, rows: Sequence[Sequence[str]], paragraphs: Sequence[Sequence[int]] | None = None
    ) -> list[list[Tagged]]:
        """Tag several rows of words at once, none of them empty; rows of like length take the least
        time.
        """
        starts = paragraphs or [()] * len(rows)
        return [
            self.dropped(row, own)
            for row, own in zip(self._judged_rows(rows, starts), starts, strict=True)
        ]

    def _judged_rows(
        self, rows: Sequence[Sequence[str]], paragraphs: Sequence[Sequence[int]]
    ) -> list[list[Tagged]]:
        _, states, *scores = self.run(rows, self.empty_states(len(rows)))
        result = []
        for row, words in enumerate(rows):
            own = [some[row, : len(words)] for some in scores]
            before = [None] * len(self.heads)
            heads = self.choose(own, before, goes_on=False, paragraphs=paragraphs[row])
            result.append(
                self.judged(
                    heads, states[row, : len(words)], self.new_passed(), len(words), paragraphs[row]
                )
            )
        return result

    def new_passed(self) -> Any:
        """Give the words that the second reader has before a text; None without one."""
        return self._passed() if self._passed else None

    def judged(
        self,
        heads: list[Tagged],
        states: Any,
        passed: Any,
        count: int,
        paragraphs: Sequence[int] = (),
    ) -> list[Tagged]:
        """Give the first words' tags, those of the second reader's layer with its probabilities."""
        result = []
        for head, (tags, sure) in zip(self.heads, heads, strict=True):
            judged = sure[:count]
            if self._judge and head.layer == self._judge.layer:
                spans = self._spans([*passed.tags, *tags], paragraphs)
                judged = self._judge.judge(states, tags, spans, sure, passed, count)
            result.append((tags[:count], judged))
        return result

    def dropped(self, heads: list[Tagged], paragraphs: Sequence[int] = ()) -> list[Tagged]:
        """Give the tags of a text without the spans that the second reader takes for wrong."""
        result = []
        for head, (tags, sure) in zip(self.heads, heads, strict=True):
            if self._judge and head.layer == self._judge.layer:
                spans = self._spans(tags, paragraphs)
                result.append((self._judge.dropped(tags, spans, sure), sure))
            else:
                result.append((tags, sure))
        return result

    def empty_states(self, rows: int) -> list[Any]:
        """Give the states of both layers before a text, (ways, rows, width)."""
        return [np.zeros((2, rows, width), dtype=np.float32) for width in self.about["widths"]]

    def run(self, rows: Sequence[Sequence[str]], states: Sequence[Any]) -> list[Any]:
        """Read rows from some states: both layers' states (rows, time, 2 · width) and each head's
        scores.
        """
        numbers: dict[str, int] = {}
        positions = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for row, words in enumerate(rows):
            positions[row, : len(words)] = [
                numbers.setdefault(word, len(numbers)) for word in words
            ]
        hashed = [self._features(word) for word in numbers]
        features = np.full(
            (len(hashed), max(map(len, hashed))), self.about["buckets"], dtype=np.int64
        )
        for number, ids in enumerate(hashed):
            features[number, : len(ids)] = ids
        known = np.array(
            [self._ids.get(word, self._ids["xxunk"]) for word in numbers], dtype=np.int64
        )
        lengths = np.array([len(words) for words in rows], dtype=np.int32)
        inputs = {"words": known, "features": features, "positions": positions, "lengths": lengths}
        outputs: list[Any] = self._session.run(
            None, inputs | {"first": states[0], "second": states[1]}
        )
        return outputs

    def choose(
        self,
        scores: Sequence[Any],
        after: Sequence[int | None],
        *,
        goes_on: bool,
        paragraphs: Sequence[int] = (),
    ) -> list[Tagged]:
        """Choose the tags of one row's words by the scores of each head; see `Head`."""
        chosen = [
            head(*arrays, goes_on=goes_on, paragraphs=paragraphs)
            for head, *arrays in zip(self.heads, scores, after, strict=True)
        ]
        if self.about["together"]:
            # The most likely pair of tags that go together, where those of two heads do not.
            allowed = np.array(self.about["together"]["allowed"])
            first_head, second_head = self.about["together"]["heads"]
            first_ids, first_logs = chosen[first_head]
            second_ids, second_logs = chosen[second_head]
            for word in np.flatnonzero(~allowed[first_ids, second_ids]):
                sums = np.where(allowed, first_logs[word][:, None] + second_logs[word], -np.inf)
                first_ids[word], second_ids[word] = np.unravel_index(sums.argmax(), sums.shape)
        tagged: list[Tagged] = []
        for head, (ids, logs) in zip(self.heads, chosen, strict=True):
            tags = [head.tags[tag] for tag in ids]
            tagged.append((tags, np.exp(logs[np.arange(len(ids)), ids]).tolist()))
        return tagged


class Stream:
    """Tags words that are still arriving, each when `look_ahead` words after it are there, `stride`
    of them at once.

    Forward states are carried. Backward states begin in the mean of those before; the last ten
    calls count. The mean is renewed after each of the first eight calls, then after every eighth.
    """

    def __init__(self, model: Model, look_ahead: int = 48, stride: int | None = None) -> None:
        self._model = model
        self._look_ahead = look_ahead
        self._stride = stride or max(1, look_ahead // 2)
        self._states = model.empty_states(1)
        self._means = [state[1, 0].copy() for state in self._states]
        self._calls = 0
        self._words: list[str] = []
        self._after: list[int | None] = [None] * len(model.heads)
        self._passed = model.new_passed()

    def feed(self, words: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Take the next words; give those that are ready, each with its tag of every head."""
        self._words += words
        while len(self._words) > self._look_ahead:
            yield from self._tagged(self._words[: self._look_ahead + 1], self._stride, goes_on=True)

    def close(self) -> Iterator[tuple[str, ...]]:
        """End the text; give the words that are left, each with its tag of every head."""
        if self._words:
            yield from self._tagged(self._words, len(self._words), goes_on=False)

    def _tagged(self, words: list[str], count: int, *, goes_on: bool) -> Iterator[tuple[str, ...]]:
        begun = [state * np.array([[[1]], [[goes_on]]], np.float32) for state in self._states]
        first, second, *scores = self._model.run([words], begun)
        self._calls += 1
        is_renewed = self._calls < 8 or self._calls % 8 == 0
        for state, mean, layer in zip(self._states, self._means, (first, second), strict=True):
            ahead, back = np.split(layer[0, :count], 2, axis=1)
            state[0, 0] = ahead[-1]
            mean += (back.mean(axis=0) - mean) / min(self._calls, 10)
            if is_renewed:
                state[1, 0] = mean
        heads = self._model.choose([some[0] for some in scores], self._after, goes_on=goes_on)
        self._after = [
            head.tags.index(tags[count - 1])
            for head, (tags, _) in zip(self._model.heads, heads, strict=True)
        ]
        judged = self._model.judged(heads, second[0], self._passed, count)
        columns = [tags for tags, _ in self._model.dropped(judged)]
        self._words = self._words[count:]
        return zip(words[:count], *columns, strict=True)


def main() -> None:
    """Label standard input with the model next to this file: each line, or all of it as one stream
    of words.
    """
    model = Model(Path(__file__).parent)
    stream = Stream(model) if "--stream" in sys.argv else None
    for line in sys.stdin:
        text = line.rstrip("\n")
        if stream is None:
            print(json.dumps(model.label(text), ensure_ascii=False))
            continue
        for tagged in stream.feed([text[start:end] for start, end in model.cut(text)]):
            print(*tagged, sep="\t", flush=True)
    for tagged in stream.close() if stream else ():
        print(*tagged, sep="\t")


if __name__ == "__main__":
    main()
