"""Transcripts of speech whose words have times, redacted, and the intervals to mute; no sound is
read or changed.

Read are the JSON of Whisper and its relatives (`word`, `start`, `end`), of Deepgram
(`punctuated_word` too), of AWS Transcribe (`items` with `alternatives`), of AssemblyAI (`text`,
times in milliseconds) and of Google (`startTime`), and any other JSON whose words are objects in
lists like these.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.finding.finder import PrivateFinder, finder_of
from seqlabel.privacy.finding.long_texts import find_in_texts
from seqlabel.privacy.replacing.policies import Policy
from seqlabel.privacy.replacing.redacted import redact_characters

MARGIN = 0.1
"""Seconds muted before and after a value: recognisers' times are off by about that."""
_FORMS = ("punctuated_word", "word", "content", "text")
_STARTS = ("start", "start_time", "startTime", "startOffset")
_ENDS = ("end", "end_time", "endTime", "endOffset")
_LONGEST_WORD = 10.0
"""Seconds that no word lasts on average: times whose words last longer are milliseconds."""
_NO_PROSE = frozenset(
    {
        "language",
        "type",
        "speaker",
        "speaker_label",
        *_STARTS,
        *_ENDS,
        "confidence",
        "status",
        "task",
    }
)
"""Fields whose strings were not spoken."""
_TOKENS = "tokens"
"""Numbers of Whisper's vocabulary, which spell the text."""
_SAME_TIME = 0.25
_NEAR = 1.0
"""Seconds by which times of the same word differ in two lists, and a text begins before its first
word.
"""
_FILLERS = frozenset(
    {
        "okay",
        "ok",
        "yes",
        "yeah",
        "yep",
        "right",
        "sure",
        "mhm",
        "mm",
        "hmm",
        "uh",
        "um",
        "uhhuh",
        "huh",
        "alright",
        "go",
    }
    | {"on", "got", "it", "and", "then", "thanks", "please", "continue"}
)
"""Words that a listener says between the parts of a number."""


@dataclass(frozen=True)
class MutedInterval:
    """A piece of the recording in which something private is spoken.

    Args:
        start: Where it begins, in seconds.
        end: Where it ends, in seconds.
        labels: The labels of the values that are spoken in it.
    """

    start: float
    end: float
    labels: tuple[str, ...]


@dataclass(frozen=True)
class RedactedTranscript:
    """A transcript without what is private. The repr holds no text.

    Args:
        transcript: The transcript, in the shape of the one that was read.
        muted: What to mute, in order, without overlaps.
    """

    transcript: Any = field(repr=False)
    muted: tuple[MutedInterval, ...]

    def as_json(self) -> list[dict[str, Any]]:
        """Give the intervals in a form for JSON.

        Returns:
            A mapping with `start`, `end` and `labels` for each interval.
        """
        return [
            {"start": interval.start, "end": interval.end, "labels": list(interval.labels)}
            for interval in self.muted
        ]

    def audacity_labels(self) -> str:
        """Give the intervals as a label track of Audacity.

        Returns:
            A line for each interval: start, end and labels, with tabs between them.
        """
        return "".join(
            f"{interval.start:.3f}\t{interval.end:.3f}\t{' '.join(interval.labels)}\n"
            for interval in self.muted
        )

    def ffmpeg_filter(self) -> str:
        """Give the intervals as a filter of ffmpeg, for `-filter_script:a`.

        Returns:
            A filter that silences them; one that changes nothing where there are none.
        """
        when = "+".join(
            f"between(t,{interval.start:.3f},{interval.end:.3f})" for interval in self.muted
        )
        return f"volume=0:enable='{when}'\n" if when else "anull\n"


@dataclass(eq=False)
class _Word:
    """A word of a track; the objects of several lists can be the same word."""

    text: str
    start: float | None
    end: float | None
    speaker: str
    is_sign: bool
    is_glued: bool = False
    value: "_Value | None" = None


@dataclass(eq=False)
class _Value:
    """Private words, in the order in which they are spoken."""

    label: str
    words: list[_Word]
    replacement: str = ""


class _Letters:
    """The letters and digits of words one after another, and the word that each belongs to."""

    def __init__(self) -> None:
        self.text = ""
        self.owners: list[int] = []
        self.begins: list[int] = []
        self.edges = {0}

    def add(self, number: int, text: str) -> None:
        signs = _letters(text)
        self.begins.append(len(self.text))
        self.text += signs
        self.edges.add(len(self.text))
        self.owners += [number] * len(signs)


class _Track:
    """Words in the order in which they are spoken: those of a recording, or of one of its
    channels.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.words: list[_Word] = []
        self.letters = _Letters()

    def add(self, words: Iterable[_Word]) -> None:
        for word in words:
            self.letters.add(len(self.words), word.text)
            self.words.append(word)

    def place(self, letters: str, start: float | None) -> int:
        """Where the track has these letters from a time on; -1 where it does not."""
        begin = 0
        if start is not None:
            first = next(
                (
                    n
                    for n, word in enumerate(self.words)
                    if (word.start or 0.0) >= start - _SAME_TIME
                ),
                None,
            )
            begin = len(self.letters.text) if first is None else self.letters.begins[first]
        return next(self.places(letters, begin), -1)

    def places(self, letters: str, begin: int = 0) -> Iterator[int]:
        """All places where the track has these letters as whole words."""
        offset = self.letters.text.find(letters, begin)
        while offset >= 0:
            if {offset, offset + len(letters)} <= self.letters.edges:
                yield offset
            offset = self.letters.text.find(letters, offset + 1)

    def begins_at(self, offset: int) -> float:
        """When the word at a place begins."""
        return self.words[self.letters.owners[offset]].start or 0.0

    def private(self, offset: int, length: int) -> int:
        """How many letters from a place on are private."""
        return sum(
            self.words[owner].value is not None
            for owner in self.letters.owners[offset : offset + length]
        )


def redact_transcript(
    transcript: Any,
    policy: Policy | str = "replace",
    *,
    finder: PrivateFinder | None = None,
    policies: Mapping[str, Policy | str] | None = None,
    margin: float = MARGIN,
) -> RedactedTranscript:
    """Redact a transcript of speech and say which parts of the recording to mute.

    The words are read as they were said, once more for each speaker alone, and once more without
    what a listener says between the parts of a number (`okay`, `go on`), so that a number said over
    several turns is found. A value becomes one word with the times of all of its words. All other
    text of the JSON loses the same words; text that has other words is read by itself, and
    Whisper's `tokens`, which spell the text, are emptied.

    Args:
        transcript: What `json.load` made of the transcript.
        policy: What replaces a value: a policy, or the name of one that has no key.
        finder: What finds private values; None is the model `en_pii` with rules.
        policies: Policies for some labels, or their names, used instead of `policy`.
        margin: Seconds to mute before and after a value.

    Returns:
        The transcript and the intervals.

    Raises:
        DataError: There are no words with times.
        OptionError: For a margin below 0.

    Example:
        >>> text = "I am Ann Lee ."
        >>> words = [{"word": w, "start": n, "end": n + 1} for n, w in enumerate(text.split())]
        >>> done = redact_transcript({"text": "I am Ann Lee.", "words": words}, margin=0)
        >>> done.transcript["text"], done.muted
        ('I am <PERSON>.', (MutedInterval(start=2.0, end=4.0, labels=('PERSON',)),))
    """
    if not margin >= 0:
        raise OptionError(
            f"margin: expected seconds from 0 on, got {margin!r}. Pass one such as {MARGIN}."
        )
    finder = finder_of(finder)
    read = _Read(_unit(transcript))
    read.collect(transcript)
    if not any(word.start is not None for track in read.tracks for word in track.words):
        raise DataError(
            'transcript: expected lists of words like {"word": "Ann", "start": 0.5, "end": '
            "0.9}, got none. Ask the "
            "recogniser for times of words, as word_timestamps=True of Whisper does, bring them "
            "into this form, or "
            "redact the file with `seqlabel redact`."
        )
    for track in read.tracks:
        _fill_times(track.words)
    values = _values(finder, read.tracks)
    for value in values:
        text = " ".join(word.text.strip() for word in value.words)
        whole = CharacterSpan(0, len(text), value.label)
        value.replacement = redact_characters(text, [whole], policy, policies=policies).text
    writer = _Writer(read, finder, policy, policies)
    return RedactedTranscript(
        writer.written(transcript), tuple(_muted(values, read.tracks, margin))
    )


class _Read:
    """The tracks of a transcript, and the words that its objects stand for."""

    def __init__(self, unit: float) -> None:
        self.unit = unit
        self.tracks: list[_Track] = []
        # By the id of an object of the JSON, which outlives this.
        self.words: dict[int, _Word] = {}

    def collect(self, data: Any, channel: str = "") -> None:
        """Read the lists of words in an object, in order."""
        if isinstance(data, Mapping):
            for value in data.values():
                self.collect(value, channel)
        elif isinstance(data, list):
            if is_words(data):
                self._add(data, channel)
                return
            for number, value in enumerate(data):
                has_channel = isinstance(value, Mapping) and "alternatives" in value
                self.collect(value, f"channel {number}" if has_channel else channel)

    def _add(self, objects: Sequence[Mapping[str, Any]], channel: str) -> None:
        words = [_word(entry, channel, self.unit) for entry in objects]
        # Whisper writes the space before a word, and none before the rest of one that it cut.
        has_spaces = any(word.text.startswith(" ") for word in words)
        for word in words[1:]:
            word.is_glued = word.is_sign or (has_spaces and not word.text.startswith(" "))
        letters = _letters("".join(word.text for word in words))
        start = next((word.start for word in words if word.start is not None), None)
        for track in self.tracks:
            offset = track.place(letters, start) if letters else -1
            first = track.words[track.letters.owners[offset]] if offset >= 0 else None
            if first is not None and (
                start is None or abs((first.start or 0.0) - start) <= _SAME_TIME
            ):
                self._same(objects, words, track, offset)
                return
        ends = [
            word.end for track in self.tracks[-1:] for word in track.words if word.end is not None
        ]
        if not self.tracks or (start is not None and ends and start < ends[-1] - _SAME_TIME):
            self.tracks.append(_Track(len(self.tracks)))
        self.tracks[-1].add(words)
        self.words.update(zip(map(id, objects), words, strict=True))

    def _same(
        self, objects: Sequence[Any], words: Sequence[_Word], track: _Track, offset: int
    ) -> None:
        """Objects that repeat words of a track."""
        for entry, word in zip(objects, words, strict=True):
            length = len(_letters(word.text))
            if length:
                self.words[id(entry)] = track.words[track.letters.owners[offset]]
            offset += length


def is_words(entries: Sequence[Any]) -> bool:
    """Return whether a list of JSON holds words: objects with a time and a form, no lists of words
    in them.

    Args:
        entries: The list.

    Returns:
        Whether all of it are words, and one has a time.
    """
    if not all(isinstance(entry, Mapping) and _form(entry) is not None for entry in entries):
        return False
    if any("words" in entry or "segments" in entry for entry in entries):
        return False
    # Segments and sentences have times too: words have no white space inside.
    forms = [_form(entry) or "" for entry in entries]
    if any(re.search(r"\S\s\S", form) for form in forms):
        return False
    return any(_time(entry, _STARTS) is not None for entry in entries)


def _form(entry: Mapping[str, Any]) -> str | None:
    """What is written of a word."""
    alternatives = entry.get("alternatives")
    if isinstance(alternatives, list) and alternatives and isinstance(alternatives[0], Mapping):
        entry = alternatives[0]
    return next((entry[name] for name in _FORMS if isinstance(entry.get(name), str)), None)


def _time(entry: Mapping[str, Any], names: Sequence[str], unit: float = 1.0) -> float | None:
    """The time of an object in seconds; Google writes `1.5s`."""
    for name in names:
        value = entry.get(name)
        if isinstance(value, int | float | str):
            try:
                return unit * float(value.removesuffix("s") if isinstance(value, str) else value)
            except ValueError:
                return None
    return None


def _unit(transcript: Any) -> float:
    """How many seconds the unit of a transcript's times has: 1, or 0.001 where its words last too
    long for seconds.
    """
    durations = list(_durations(transcript))
    is_milliseconds = sum(durations) > _LONGEST_WORD * len(durations)
    return 0.001 if is_milliseconds else 1.0


def _durations(data: Any) -> Iterator[float]:
    """How long each word of a transcript lasts, in its own unit."""
    if isinstance(data, Mapping):
        for value in data.values():
            yield from _durations(value)
    elif isinstance(data, list) and not is_words(data):
        for value in data:
            yield from _durations(value)
    elif isinstance(data, list):
        for entry in data:
            start = _time(entry, _STARTS)
            end = _time(entry, _ENDS)
            if start is not None and end is not None:
                yield end - start


def _word(entry: Mapping[str, Any], channel: str, unit: float) -> _Word:
    speaker = entry.get("speaker", entry.get("speaker_label", ""))
    return _Word(
        _form(entry) or "",
        _time(entry, _STARTS, unit),
        _time(entry, _ENDS, unit),
        f"{channel} {speaker}",
        entry.get("type") == "punctuation",
    )


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _fill_times(words: Sequence[_Word]) -> None:
    """Let words without times last from the word before to the word after."""
    last = 0.0
    for word in words:
        word.start = last if word.start is None else word.start
        last = max(last, word.end if word.end is not None else word.start)
    following: float | None = None
    for word in reversed(words):
        if word.end is None:
            word.end = (
                word.start
                if following is None or word.is_sign
                else max(following, word.start or 0.0)
            )
        following = word.start


def _values(finder: PrivateFinder, tracks: Sequence[_Track]) -> list[_Value]:
    """Find the private words in all readings."""
    readings = [
        reading
        for order in _orders(tracks)
        for reading in (order, _without_fillers(order))
        if reading
    ]
    texts, starts_of_all = zip(*map(_joined, readings), strict=True)
    values: list[_Value] = []
    for reading, starts, spans in zip(
        readings, starts_of_all, find_in_texts(finder, texts), strict=True
    ):
        for span, _, _ in spans:
            last = bisect_left(starts, span.end)
            first = max(bisect_left(starts, span.start + 1) - 1, 0)
            words = [word for word in reading[first:last] if not word.is_sign]
            # The model takes a listener's `okay` between digits for a part of the number.
            words = [
                word for word in words if word.speaker == words[0].speaker or not _is_filler(word)
            ]
            if words:
                values.append(_Value(span.label, words))
    return _united(values, tracks)


def _orders(tracks: Sequence[_Track]) -> Iterator[list[_Word]]:
    """The words of all in the order of time, and those of each speaker."""
    everything = [word for track in tracks for word in track.words]
    in_time = sorted(everything, key=lambda word: word.start or 0.0)
    yield in_time
    by_speaker: dict[str, list[_Word]] = {}
    for word in in_time:
        by_speaker.setdefault(word.speaker, []).append(word)
    if len(by_speaker) > 1:
        yield from by_speaker.values()


def _without_fillers(words: Sequence[_Word]) -> list[_Word]:
    """The words without fillers and without the signs after those."""
    kept: list[_Word] = []
    was_filler = False
    for word in words:
        if not (word.is_sign and was_filler):
            was_filler = _is_filler(word)
            if not was_filler:
                kept.append(word)
    return kept if len(kept) < len(words) else []


def _is_filler(word: _Word) -> bool:
    return _letters(word.text) in _FILLERS


def _joined(words: Sequence[_Word]) -> tuple[str, list[int]]:
    """The text of words, and where each begins."""
    text = ""
    starts = list[int]()
    for word in words:
        form = word.text.strip()
        if text and not word.is_glued:
            text += " "
        starts.append(len(text))
        text += form
    return text, starts


def _united(candidates: Sequence[_Value], tracks: Sequence[_Track]) -> list[_Value]:
    """Values that share a word become one, the longest first."""
    values: list[_Value] = []
    for candidate in sorted(candidates, key=lambda value: -len(value.words)):
        owner = next((word.value for word in candidate.words if word.value is not None), None)
        if owner is None:
            owner = _Value(candidate.label, [])
            values.append(owner)
        for word in candidate.words:
            if word.value is None:
                word.value = owner
                owner.words.append(word)
    order = {id(word): index for index, word in enumerate(next(_orders(tracks)))}
    for value in values:
        value.words.sort(key=lambda word: order[id(word)])
    _echoes(values, order, tracks)
    return values


def _echoes(values: Sequence[_Value], order: Mapping[int, int], tracks: Sequence[_Track]) -> None:
    """Words between those of a value that repeat some of it, such as digits that a listener says
    again.
    """
    in_time = next(_orders(tracks))
    for value in values:
        said = {_letters(word.text) for word in value.words}
        first, last = order[id(value.words[0])], order[id(value.words[-1])]
        repeated = [
            word
            for word in in_time[first:last]
            if word.value is None and _letters(word.text) in said - {""}
        ]
        for word in repeated:
            word.value = value
        value.words.extend(repeated)
        value.words.sort(key=lambda word: order[id(word)])


def _muted(
    values: Sequence[_Value], tracks: Sequence[_Track], margin: float
) -> Iterator[MutedInterval]:
    """The intervals of runs of words of one value, united where they meet."""
    intervals: list[MutedInterval] = []
    for track in tracks:
        before: _Value | None = None
        for word in track.words:
            if word.is_sign:
                continue
            start, end = word.start or 0.0, word.end or 0.0
            if word.value is not None and word.value is before:
                intervals[-1] = replace(intervals[-1], end=max(intervals[-1].end, end + margin))
            elif word.value is not None:
                intervals.append(
                    MutedInterval(max(start - margin, 0.0), end + margin, (word.value.label,))
                )
            before = word.value
    united: list[MutedInterval] = []
    for interval in sorted(intervals, key=lambda interval: interval.start):
        if united and interval.start <= united[-1].end:
            labels = tuple(dict.fromkeys((*united[-1].labels, *interval.labels)))
            united[-1] = MutedInterval(united[-1].start, max(united[-1].end, interval.end), labels)
        else:
            united.append(interval)
    yield from (
        replace(interval, start=round(interval.start, 3), end=round(interval.end, 3))
        for interval in united
    )


class _Writer:
    """Writes the JSON again without the values."""

    def __init__(
        self,
        read: _Read,
        finder: PrivateFinder,
        policy: Policy | str,
        policies: Mapping[str, Policy | str] | None,
    ) -> None:
        self._read = read
        self._finder = finder
        self._policy = policy
        self._policies = policies
        # Ids of AWS's items that are left out, since a value is one item.
        self._gone: set[Any] = set()

    def written(self, data: Any) -> Any:
        new = self._copy(data, "", None)
        return self._without_ids(new) if self._gone else new

    def _copy(self, data: Any, name: str, start: float | None) -> Any:
        if isinstance(data, Mapping):
            own = _time(data, _STARTS, self._read.unit)
            start = start if own is None else own
            return {key: self._copy(value, str(key), start) for key, value in data.items()}
        if isinstance(data, list):
            if name == _TOKENS:
                return []
            return (
                self._words(data)
                if is_words(data)
                else [self._copy(entry, name, start) for entry in data]
            )
        if isinstance(data, str) and name not in _NO_PROSE and any(map(str.isalnum, data)):
            return self._text(data, start)
        return data

    def _words(self, entries: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The words of a list, each run of one value as one word with the times of all."""
        new: list[Any] = []
        # Where the word of the value at hand is; signs after it go if the value continues.
        at = 0
        before = None
        for entry in entries:
            word = self._read.words.get(id(entry))
            value = None if word is None else word.value
            if value is None:
                if word is not None and not word.is_sign:
                    before = None
                new.append(dict(entry))
            elif value is not before:
                at = len(new)
                before = value
                new.append(_with_form(entry, value.replacement))
            else:
                self._gone.update(gone.get("id") for gone in (*new[at + 1 :], entry))
                new[at:] = [_with_end(new[at], entry)]
        self._gone.discard(None)
        return new

    def _text(self, text: str, start: float | None) -> str:
        """A text without the words of values; one that has other words than the tracks is read by
        itself.
        """
        own = _Letters()
        for offset, sign in enumerate(text):
            own.add(offset, sign)
        for track in self._read.tracks:
            offset = track.place(own.text, start)
            if start is not None and offset >= 0 and track.begins_at(offset) - start <= _NEAR:
                return self._masked(text, own, track, offset)
        # Its time is not known: of several places, the one with most that is private.
        length = len(own.text)
        candidates = [
            (track.private(offset, length), track, offset)
            for track in self._read.tracks
            for offset in track.places(own.text)
        ]
        if candidates:
            _, track, offset = max(candidates, key=lambda candidate: candidate[0])
            return self._masked(text, own, track, offset)
        ((spans),) = find_in_texts(self._finder, [text])
        known = [span for value in self._values() for span in _occurrences(text, own, value)]
        return redact_characters(
            text, [*(span for span, _, _ in spans), *known], self._policy, policies=self._policies
        ).text

    def _values(self) -> Iterator[_Value]:
        words = (word for track in self._read.tracks for word in track.words)
        yield from {id(word.value): word.value for word in words if word.value is not None}.values()

    def _masked(self, text: str, own: _Letters, track: _Track, offset: int) -> str:
        """Replace each run of one value in a text that has the letters of a track from a place
        on.
        """
        pieces: list[str] = []
        end = run_end = 0
        before: _Value | None = None
        for number, owner in enumerate(track.letters.owners[offset : offset + len(own.text)]):
            value = track.words[owner].value
            at = own.owners[number]
            if before is not None and value is not before:
                end = run_end
            if value is not None and value is not before:
                pieces += [text[end:at], value.replacement]
            if value is not None:
                run_end = at + 1
            before = value
        return "".join([*pieces, text[max(end, run_end) :]])

    def _without_ids(self, data: Any) -> Any:
        if isinstance(data, list):
            return [self._without_ids(item) for item in data]
        if not isinstance(data, Mapping):
            return data
        kept = {}
        for key, value in data.items():
            if (
                key == "items"
                and isinstance(value, list)
                and all(isinstance(item, int) for item in value)
            ):
                kept[key] = [number for number in value if number not in self._gone]
            else:
                kept[key] = self._without_ids(value)
        return kept


def _occurrences(text: str, own: _Letters, value: _Value) -> Iterator[CharacterSpan]:
    """Where a text has the letters of a value."""
    letters = _letters("".join(word.text for word in value.words))
    offset = own.text.find(letters) if len(letters) > 2 else -1
    while offset >= 0:
        first, last = own.owners[offset], own.owners[offset + len(letters) - 1]
        yield CharacterSpan(first, last + 1, value.label)
        offset = own.text.find(letters, offset + len(letters))


def _with_form(entry: Mapping[str, Any], form: str) -> dict[str, Any]:
    """An object of a word with another form, and what else spells it."""
    new = dict(entry)
    if isinstance(new.get("alternatives"), list):
        # Further alternatives are what else the value may have been.
        new["alternatives"] = [_with_form(new["alternatives"][0], form)]
    for name in _FORMS:
        if isinstance(new.get(name), str):
            space = " " if new[name].startswith(" ") else ""
            ending = re.search(r"[.,;:!?]*\Z", new[name])
            new[name] = space + form + (ending[0] if ending else "")
    return new


def _with_end(entry: dict[str, Any], last: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, **{name: last[name] for name in _ENDS if name in last}}
