"""Transcripts of five recognisers: the same shape without the values, and the intervals in which
those are said.
"""

import json
import random
import re

import pytest

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.records.transcripts import MutedInterval, redact_transcript
from seqlabel.privacy.replacing.policies import Mask
from tests.extras import needs_pii
from tests.pages import ROOT, run_page

pytestmark = needs_pii
TURNS = (
    "My number is two one two,",
    "okay.",
    "five five five,",
    "mhm.",
    "oh one nine nine.",
    "Thanks, Ann Lee.",
)


def timed(text, start=0.0, **more):
    """A second for each word, of which half is silence."""
    return [
        {"word": word, "start": start + n, "end": start + n + 0.5, **more}
        for n, word in enumerate(text.split())
    ]


def whisper():
    segments, start = [], 0
    for number, text in enumerate(TURNS):
        words = timed(text, start)
        for word in words:
            word["word"] = f" {word['word']}"
        times = {"start": words[0]["start"], "end": words[-1]["end"]}
        segment = {"id": number, **times, "text": f" {text}", "tokens": [7, 8], "words": words}
        segments.append(segment)
        start += len(words)
    text = "".join(segment["text"] for segment in segments)
    return {"text": text, "segments": segments, "language": "en"}


def deepgram():
    words = []
    for number, text in enumerate(TURNS):
        words += timed(text, len(words), speaker=number % 2, confidence=0.9)
    for word in words:
        word["punctuated_word"] = word["word"]
        word["word"] = word["word"].strip(",.").casefold()
    text, times = " ".join(TURNS), {"start": 0.0, "end": 18.0}
    paragraphs = [{"sentences": [{"text": text, **times}]}]
    best = {
        "transcript": text,
        "confidence": 0.9,
        "words": words,
        "paragraphs": {"transcript": f"\nSpeaker 0: {text}", "paragraphs": paragraphs},
    }
    utterance = {**times, "transcript": text, "words": [dict(one) for one in words], "id": "0e-1"}
    results = {"channels": [{"alternatives": [best]}], "utterances": [utterance]}
    return {"metadata": {"duration": 18.0}, "results": results}


def aws():
    items, start = [], 0.0
    for word in " ".join(TURNS).replace(",", " ,").replace(".", " .").split():
        item = {"id": len(items), "alternatives": [{"confidence": "0.9", "content": word}]}
        if word in ",.":
            items.append({**item, "type": "punctuation"})
        else:
            times = {"start_time": str(start), "end_time": str(start + 0.5)}
            items.append({**item, "type": "pronunciation", **times})
            start += 1
    text = " ".join(TURNS)
    segment = {"transcript": text, "start_time": "0.0", "end_time": "18.0"}
    segment["items"] = list(range(len(items)))
    transcripts = [{"transcript": text}]
    return {"results": {"transcripts": transcripts, "items": items, "audio_segments": [segment]}}


def assembly_ai():
    words = timed(" ".join(TURNS))
    for word in words:
        word["text"] = word.pop("word")
        word["start"] = int(1000 * word["start"])
        word["end"] = int(1000 * word["end"])
    text = " ".join(TURNS)
    utterance = {"text": text, "start": 0, "end": 17_500, "words": [dict(word) for word in words]}
    return {"id": "x", "text": text, "words": words, "utterances": [utterance]}


def google():
    words = timed(" ".join(TURNS))
    for word in words:
        word["startTime"] = f"{word.pop('start')}s"
        word["endTime"] = f"{word.pop('end')}s"
    alternatives = [{"transcript": " ".join(TURNS), "words": words}]
    return {"results": [{"alternatives": alternatives, "languageCode": "en-us"}]}


def shape(found):
    if isinstance(found, dict):
        return {name: shape(value) for name, value in found.items()}
    return [shape(found[0])] if isinstance(found, list) and found else type(found).__name__


@pytest.mark.parametrize("make", [whisper, deepgram, aws, assembly_ai, google])
def test_a_number_over_three_turns_is_gone_everywhere_and_muted(make):
    given = make()
    before = json.dumps(given)
    done = redact_transcript(given, margin=0)
    assert json.dumps(given) == before
    assert [(one.start, one.end, one.labels) for one in done.muted] == [
        (3, 5.5, ("PHONE",)),
        (7, 9.5, ("PHONE",)),
        (11, 14.5, ("PHONE",)),
        (16, 17.5, ("PERSON",)),
    ]
    written = json.dumps(done.transcript).casefold()
    for word in ("two", "five", "nine", "one ", "lee", "ann "):
        assert word not in written
    assert "my number is <phone>" in written
    assert "thanks, <person>." in written
    if make is whisper:
        assert [one.pop("tokens") for one in done.transcript["segments"]] == [[]] * 6
        assert [one.pop("tokens") for one in given["segments"]] == [[7, 8]] * 6
    assert shape(done.transcript) == shape(given)
    assert "Ann" not in repr(done)


def test_a_value_is_one_word_with_the_times_of_all():
    done = redact_transcript(deepgram())
    words = done.transcript["results"]["channels"][0]["alternatives"][0]["words"]
    first = next(one for one in words if one["word"] == "<PHONE>")
    assert (first["start"], first["end"], first["speaker"]) == (3, 5.5, 0)
    assert first["punctuated_word"] == "<PHONE>"
    assert done.transcript["results"]["utterances"][0]["words"] == words


def test_items_of_aws_that_went_are_not_named():
    done = redact_transcript(aws()).transcript["results"]
    assert done["audio_segments"][0]["items"] == [one["id"] for one in done["items"]]
    forms = [one["alternatives"][0]["content"] for one in done["items"]]
    assert forms[:5] == ["My", "number", "is", "<PHONE>", ","]


def test_what_a_listener_says_again_is_muted_too():
    words = timed("my number is two one two", speaker=0)
    words += timed("two one two", 6, speaker=1)
    words += timed("five five five oh one nine nine", 9, speaker=0)
    done = redact_transcript({"words": words}, margin=0)
    for place in range(3, 16):
        assert any(one.start <= place < one.end for one in done.muted)


def test_channels_are_two_speakers():
    one = timed("my number is two one two")
    other = timed("okay", 6.5)
    more = timed("five five five oh one nine nine", 8)
    channels = [{"alternatives": [{"words": [*one, *more]}]}, {"alternatives": [{"words": other}]}]
    done = redact_transcript({"results": {"channels": channels}}, margin=0)
    words = [each["alternatives"][0]["words"] for each in done.transcript["results"]["channels"]]
    assert [one["word"] for one in words[0]] == ["my", "number", "is", "<PHONE>"]
    assert [one["word"] for one in words[1]] == ["okay"]


def test_words_without_times_last_to_the_next():
    words = [*timed("call"), {"word": "555-0199-123"}, *timed("now", 4.0)]
    segment = {"start": 0.0, "end": 4.5, "text": "call 555-0199-123 now", "words": words}
    done = redact_transcript({"segments": [segment]})
    (only,) = done.muted
    assert only == MutedInterval(0.4, 4.1, only.labels)
    assert done.transcript["segments"][0]["text"].startswith("call <")


def test_words_that_whisper_cut_are_read_as_one():
    cut = enumerate([" Call", " 555", "-0199", "-123", " now"])
    words = [{"word": word, "start": n, "end": n + 1} for n, word in cut]
    done = redact_transcript({"words": words}, margin=0)
    assert [(one.start, one.end) for one in done.muted] == [(1, 4)]


def test_other_text_is_read_by_itself():
    summary = "A caller, Ann Lee (ann@lee.example), asks."
    given = {"words": timed("I am Ann Lee"), "summary": summary, "duration": 4}
    done = redact_transcript(given).transcript
    assert done["summary"] == "A caller, <PERSON> (<EMAIL>), asks."
    assert done["duration"] == 4


def test_a_text_that_may_be_in_two_places_loses_what_either_has():
    finder = Draws({"w7"})
    words = [*timed("w1 w2 x"), *timed("w1 w2 w7", 10.0)]
    words[1]["word"] = "w7"
    found = {
        "words": words,
        "heard": "w1 w7",
        "segments": [{"start": 10.0, "text": "w1 w2 w7"}, {"start": 0.0, "text": "w1 w7 x"}],
    }
    done = redact_transcript(found, finder=finder).transcript
    assert done["heard"] == "w1 <PERSON>"
    assert [one["text"] for one in done["segments"]] == ["w1 w2 <PERSON>", "w1 <PERSON> x"]
    # The same words are private at one of two times.
    words = [*timed("call two one two"), *timed("call two one two", 20.0)]

    def second(texts):
        for document in Draws({"two"})(texts):
            spans = document.spans["pii"].spans
            yield document.with_spans("pii", Spans(tuple(span for span in spans if span.start > 3)))

    second.labels = frozenset({"PERSON"})
    found = {
        "words": words,
        "heard": "call two one two",
        "segments": [{"start": 0.0, "text": "call two one two"}],
    }
    done = redact_transcript(found, finder=second).transcript
    assert done["heard"] == "call <PERSON> one <PERSON>"
    assert done["segments"][0]["text"] == "call two one two"


def test_policies_replace_whole_values():
    done = redact_transcript({"words": timed("I am Ann Lee")}, Mask())
    assert [one["word"] for one in done.transcript["words"]] == ["I", "am", "Xxx Xxx"]


def test_lists_for_audacity_and_ffmpeg():
    done = redact_transcript({"words": timed("I am Ann Lee")}, margin=0.25)
    assert done.audacity_labels() == "1.750\t3.750\tPERSON\n"
    assert done.ffmpeg_filter() == "volume=0:enable='between(t,1.750,3.750)'\n"
    assert done.as_json() == [{"start": 1.75, "end": 3.75, "labels": ["PERSON"]}]
    nothing = redact_transcript({"words": timed("I am here")})
    assert (nothing.audacity_labels(), nothing.ffmpeg_filter()) == ("", "anull\n")
    assert nothing.as_json() == []


class Draws:
    """A finder that takes drawn words for private."""

    labels = frozenset({"PERSON"})

    def __init__(self, words):
        self.words = words

    def __call__(self, texts):
        for text in texts:
            places = [word.span() for word in re.finditer(r"[^ ]+", text)]
            spans = [CharacterSpan(a, b, "PERSON") for a, b in places if text[a:b] in self.words]
            document = Document(text, tuple(places))
            yield document.with_spans("pii", Spans(align_spans(document, spans).spans))


def test_private_words_are_muted_and_no_others():
    draw = random.Random(0)
    for _ in range(50):
        words = [f"w{draw.randrange(30)}" for _ in range(draw.randrange(1, 30))]
        private = {word for word in words if draw.random() < 0.3}
        given = {"text": " ".join(words), "words": timed(" ".join(words))}
        done = redact_transcript(given, finder=Draws(private), margin=0)
        for place, word in enumerate(words):
            assert any(one.start <= place < one.end for one in done.muted) is (word in private)
        left = [word for word in words if word not in private]
        assert done.transcript["text"].replace("<PERSON>", "").split() == left


@pytest.mark.parametrize(
    "given", [{}, [], "text", {"words": []}, {"text": "Ann Lee"}, {"words": [{"word": "Ann"}]}]
)
def test_no_times_and_a_margin_below_zero_are_refused(given):
    with pytest.raises(DataError, match="transcript"):
        redact_transcript(given)
    with pytest.raises(OptionError, match="margin"):
        redact_transcript({"words": timed("Ann")}, margin=-1)


def test_the_page_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "speech.md"
    run_page(page)
    assert len(page.read_text(encoding="utf-8").split()) <= 600
