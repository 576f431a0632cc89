"""Subtitles: sentences are joined over cues, and numbers, times and tags stay."""

import pytest

from seqlabel.formats.any_format import records_format
from seqlabel.formats.subtitles import SUBTITLES
from tests.formats.shown_files import record_of

VTT = """WEBVTT - Talk of Ann

NOTE Made by Ann

1
00:01.000 --> 00:03.000 align:start
<v Ann Lee>My name is <i>Ann</i>

first by Ann
00:00:04.000 --> 00:00:06.000
Lee &amp; I live
in Oakham.

00:07.000 --> 00:08.000

00:09.000 --> 00:10.000
Ann Lee"""
SRT = "\ufeff1\n00:00:01,000 --> 00:00:03,000\n- <i>Ann</i>\n\n"
SRT += "2\n00:00:04,000 --> 00:00:06,000\n2001 Lee & R&amp;B, 5 < 6\n"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_sentences_are_joined_over_cues(end, tmp_path):
    assert records_format(tmp_path / "a.vtt") is records_format(tmp_path / "a.srt") is SUBTITLES
    text = VTT.replace("\n", end)
    record = record_of(SUBTITLES, text)
    found = [(line, cell.name, cell.text) for cell, line, _ in record.placed()]
    assert found == [
        (1, "", "WEBVTT - Talk of Ann"),
        (3, "", "NOTE Made by Ann"),
        (7, "", "Ann Lee"),
        (7, "cue", "My name is Ann  Lee & I live in Oakham. "),
        (9, "", "first by Ann"),
        (17, "cue", "Ann Lee"),
    ]
    assert record.written([cell.text for cell in record.cells]) == text
    new = record.written(
        [cell.text.replace("Ann  Lee", "<X>").replace("Ann", "<Y>") for cell in record.cells]
    )
    assert new == (
        text.replace("<i>Ann</i>" + end, "<i>&lt;X&gt;</i>")
        .replace(f"{end}Lee &amp;", f"{end} &amp;")
        .replace("v Ann", "v &lt;Y&gt;")
        .replace(f"{end}Ann Lee", f"{end}&lt;Y&gt; Lee")
        .replace("Ann", "<Y>")
    )


def test_players_of_subrip_show_entities_as_they_are():
    record = record_of(SUBTITLES, SRT)
    (cell,) = record.cells
    assert record.written([cell.text.replace("Lee", "<X>")]) == SRT.replace("Lee", "<X>")


def test_classes_of_tags_and_times_of_words_are_not_text():
    voice, words = "v.first.loud Ann Lee", "<c.red>Ann</c><00:02.500> <c>Lee</c>"
    text = f"WEBVTT\n\n00:01.000 --> 00:03.000\n<{voice}>I am {words}</v>.\n"
    record = record_of(SUBTITLES, text)
    assert [cell.text for cell in record.cells] == ["WEBVTT", "Ann Lee", "I am Ann Lee. "]
    new = text.replace(voice, "v.first.loud &lt;X&gt;")
    new = new.replace(words, "<c.red>&lt;X&gt;</c><00:02.500><c></c>")
    assert record.written([cell.text.replace("Ann Lee", "<X>") for cell in record.cells]) == new
