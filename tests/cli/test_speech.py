"""`seqlabel speech`: files of a transcript and of what to mute."""

import json

import pytest

from tests.extras import needs_pii

pytestmark = needs_pii


@pytest.fixture
def transcript(tmp_path):
    words = [
        {"word": word, "start": n, "end": n + 1} for n, word in enumerate(["I", "am", "Ann", "Lee"])
    ]
    path = tmp_path / "call.json"
    path.write_text(json.dumps({"text": "I am Ann Lee", "words": words}), encoding="utf-8")
    return path


def test_all_outputs_are_written(run, transcript, tmp_path):
    named = {name: tmp_path / name for name in ("output", "mute", "audacity", "ffmpeg")}
    options = [part for name, path in named.items() for part in (f"--{name}", path)]
    done = run(f"speech {transcript} --margin 0 --policy mask", *options)
    assert done.exit_code == 0
    assert "Ann" not in done.stdout + done.stderr
    assert json.loads(named["output"].read_text())["text"] == "I am Xxx Xxx"
    assert json.loads(named["mute"].read_text()) == [
        {"start": 2.0, "end": 4.0, "labels": ["PERSON"]}
    ]
    assert named["audacity"].read_text() == "2.000\t4.000\tPERSON\n"
    assert named["ffmpeg"].read_text() == "volume=0:enable='between(t,2.000,4.000)'\n"


def test_what_is_no_transcript_is_refused(run, transcript, tmp_path):
    output = tmp_path / "out.json"
    for content in ("{", "{}", "[1]"):
        transcript.write_text(content, encoding="utf-8")
        done = run(f"speech {transcript} --output {output}")
        assert (done.exit_code, output.exists()) == (2, False)
    done = run(f"speech {transcript} --output {output} --mute {output}")
    assert done.exit_code == 2
    assert "--output" in done.stderr


@pytest.mark.parametrize("option", ["--output", "--mute"])
def test_the_transcript_itself_is_not_written_over(run, transcript, tmp_path, option):
    before = transcript.read_bytes()
    (tmp_path / "link.json").symlink_to(transcript)
    for path in (transcript, tmp_path / "folder" / ".." / transcript.name, tmp_path / "link.json"):
        options = (
            [option, path]
            if option == "--output"
            else ["--output", tmp_path / "out.json", option, path]
        )
        done = run(f"speech {transcript}", *options)
        assert done.exit_code == 2
        assert transcript.read_bytes() == before
