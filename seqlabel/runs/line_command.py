"""A command that answers JSON lines with JSON lines: a text goes in, what it says of the text comes
out; no files.
"""

import json
import shlex
import subprocess
import threading
from collections.abc import Iterable, Iterator
from typing import IO, Any

from seqlabel.errors import DataError, OptionError

_SECONDS_TO_END = 60.0
"""How long a command that has closed its output may take to end."""


def command_answers(command: str, texts: Iterable[str]) -> Iterator[dict[str, Any]]:
    """Give texts to a command, one JSON object `{"text": …}` per line, and read one JSON object per
    line back.

    The command may answer each line at once or all at its end, and may take as long as it needs:
    no time limit could tell slow work from none. A caller that stops reading ends the command, as
    Ctrl-C does. Once it has closed its output, it has a minute to end.

    Args:
        command: The command and its arguments, as a shell would split them; no shell runs.
        texts: The texts.

    Yields:
        The answer to each text, in order.

    Raises:
        DataError: The command ended before its time or with an error, does not end after its
            output, or a line is not a JSON object.
        OptionError: The command cannot be started.

    Example:
        >>> [answer["text"] for answer in command_answers("cat", ["Ann", "Bo"])]
        ['Ann', 'Bo']
    """
    parts = shlex.split(command)
    name = parts[0] if parts else command
    try:
        process = subprocess.Popen(
            parts, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )
    except IndexError:
        raise OptionError(
            "Expected a command, got an empty one. Name a program and its arguments."
        ) from None
    except OSError as error:
        raise OptionError(
            f"{name!r}: the command cannot be started ({error.strerror}). Pass one that is there."
        ) from None
    assert process.stdin is not None
    assert process.stdout is not None
    given: list[int] = []
    writer = threading.Thread(target=_write, args=(process.stdin, texts, given), daemon=True)
    writer.start()
    number = 0
    try:
        for line in process.stdout:
            number += 1
            yield _answer(name, number, line)
        try:
            status = process.wait(timeout=_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            raise DataError(
                f"{name!r}: expected it to end after its output, got {_SECONDS_TO_END:g} seconds "
                "without an end. Let it exit when it has answered all lines."
            ) from None
        # Without the command, nothing keeps the writer from its end.
        writer.join()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    if status:
        raise DataError(
            f"{name!r}: expected exit status 0, got {status} after {number:,} lines. Run it by "
            "itself to see why."
        )
    if number != len(given):
        raise DataError(
            f"{name!r}: expected a line for each of {len(given):,} texts, got {number:,}. Run the "
            "command by itself to see why."
        )


def _write(file: IO[str], texts: Iterable[str], given: list[int]) -> None:
    """Write the texts; a command that reads no more shows by its answers."""
    try:
        with file:
            for text in texts:
                given.append(len(text))
                file.write(json.dumps({"text": text}) + "\n")
                file.flush()
    except (BrokenPipeError, ValueError):
        return


def _answer(name: str, number: int, line: str) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise DataError(
            f"{name!r}, line {number}: expected a JSON object, got something else. Print one "
            "for each text."
        )
    return answer
