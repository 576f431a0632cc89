"""The subcommand `seqlabel speech`: a transcript of speech, redacted, and what to mute of the
recording.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from seqlabel.cli.control import PrivateOptions, Replacing
from seqlabel.cli.options import Quiet
from seqlabel.commands.console import messages, note
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.replacing.keys import key_of_file


@dataclass(frozen=True, kw_only=True)
class SpeechSettings:
    """The options of the command."""

    file: Annotated[
        Path, typer.Argument(help="JSON of a recogniser such as Whisper, with times of words.")
    ]
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The redacted transcript, in the same shape.")
    ]
    mute: Annotated[
        Path | None, typer.Option(help="JSON of the intervals to mute: start, end, labels.")
    ] = None
    audacity: Annotated[
        Path | None, typer.Option(help="The intervals as a label track of Audacity.")
    ] = None
    ffmpeg: Annotated[
        Path | None, typer.Option(help="The intervals as a filter for ffmpeg -filter_script:a.")
    ] = None
    margin: Annotated[
        float, typer.Option(min=0, help="Seconds to mute before and after a value.")
    ] = 0.1
    private: PrivateOptions
    replacing: Replacing
    quiet: Quiet = False


def speech(settings: SpeechSettings) -> None:
    """Redact a transcript of speech, and say which parts of the recording to mute.

    A number spoken over several turns is found too. ffmpeg -i call.wav -filter_script:a FILE
    muted.wav mutes.
    """
    with messages(quiet=settings.quiet):
        from seqlabel.io.files import opens_through, write_file
        from seqlabel.privacy.finding.finder import PrivateFinder
        from seqlabel.privacy.records.transcripts import redact_transcript

        outputs = [
            path
            for path in (settings.output, settings.mute, settings.audacity, settings.ffmpeg)
            if path
        ]
        if len(set(outputs)) < len(outputs):
            raise OptionError(
                "--output: expected a file for each output, got one twice. Name another."
            )
        if settings.file.resolve() in {path.resolve() for path in outputs}:
            raise OptionError(
                "--output: expected another file than the transcript itself. Name another."
            )
        for path in outputs:
            # A folder or a link is refused before any work.
            opens_through(path)
        chosen = settings.replacing.over(settings.private.read())
        key = None if chosen.key_file is None else key_of_file(chosen.key_file)
        policy, policies = chosen.make_policies(key)
        try:
            transcript = json.loads(settings.file.read_text(encoding="utf-8-sig"))
        except ValueError:
            raise DataError(
                f"{settings.file}: expected JSON in UTF-8, got something else. Pass a transcript."
            ) from None
        finder = PrivateFinder(settings=chosen)
        done = redact_transcript(
            transcript, policy, finder=finder, policies=policies, margin=settings.margin
        )
        contents = {
            settings.output: json.dumps(done.transcript, ensure_ascii=False, indent=1) + "\n",
            settings.mute: json.dumps(done.as_json(), indent=1) + "\n",
            settings.audacity: done.audacity_labels(),
            settings.ffmpeg: done.ffmpeg_filter(),
        }
        for target, content in contents.items():
            if target is not None:
                write_file(target, content.encode())
        seconds = sum(interval.end - interval.start for interval in done.muted)
        intervals = "interval" if len(done.muted) == 1 else "intervals"
        note(f"seqlabel: {len(done.muted):,} {intervals} to mute, {seconds:.1f} s")
