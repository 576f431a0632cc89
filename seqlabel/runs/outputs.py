"""Outputs with a journal by which an interrupted run is continued; what is written into them is not
known here.

`ResumableOutput` is one output of many texts. Outputs of one file each, as those of `redact`, are
written in `privacy.records.files`, on the same `OutputJournal`.
"""

import secrets
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any

from seqlabel.errors import OptionError
from seqlabel.io.files import Part, hidden_name
from seqlabel.runs.journals import Journal, Place, Summary, is_done, resumed

JOURNAL_SECONDS = 0.5
"""How long a run works before its place is saved."""


class ProgressSaver:
    """Saves the place of a run into its journal, now and then.

    Args:
        part: The part of the output.
        journal: The journal, whose progress changes while the run continues.
        path: The file of the journal; None for a run that cannot be continued.
    """

    def __init__(self, part: Part, journal: Journal, path: Path | None) -> None:
        self._part = part
        self._journal = journal
        self._path = path
        self._at = time.monotonic()

    def now(self) -> None:
        """Flush the part, and save the place."""
        self._part.flush()
        if self._path is not None:
            self._journal.write(self._path)
        self._at = time.monotonic()

    def if_due(self) -> None:
        """Save the place if that was last done half a second ago."""
        if time.monotonic() - self._at > JOURNAL_SECONDS:
            self.now()


class OutputJournal:
    """The journal next to an output: what an interrupted run left there, and where this run saves
    its place.

    Args:
        output: The output.
        made_of: Gives what the output depends on, from random bytes: the files and the options.
        resume: Whether an interrupted run is continued.
        name: What the error calls the run that has changed, such as the output or the file that is
            read.

    Raises:
        OptionError: If what the output depends on has changed since the run that is to be resumed.
        DataError: For a damaged journal.
    """

    def __init__(
        self, output: Path, made_of: Callable[[bytes], dict[str, Any]], *, resume: bool, name: Path
    ) -> None:
        self.path = output.with_name(hidden_name(output, "journal"))
        """The file of the journal."""
        self._output = output
        self._kept = Journal.read(self.path) if resume else None
        self._salt = self._kept.salt if self._kept else secrets.token_bytes(16)
        self._depends_on = made_of(self._salt)
        if self._kept is not None and self._kept.made_of != self._depends_on:
            raise OptionError(
                f"{name}: the files, the model or the options have changed since the run that is "
                "to be resumed. Run without --resume to begin again."
            )

    @property
    def done(self) -> Place | None:
        """The last place of a run that is complete, with its output in place; None where there is
        still work.
        """
        if self._kept is None or not is_done(self._kept.progress.place, self._output):
            return None
        return self._kept.progress.place

    def open(self, *, continues: bool = True) -> tuple[Part, Journal]:
        """Open the output at the place where the interrupted run stopped, or at its beginning.

        Args:
            continues: Whether a run of this output can be continued within it; otherwise it begins
                again, and a journal that is there is removed.

        Returns:
            The part of the output, and the journal of this run, whose progress is that of the part.

        Raises:
            OptionError: If another run writes the same output.
        """
        part, progress = resumed(self._kept if continues else None, self._output)
        if self._kept is None or not continues:
            self.path.unlink(missing_ok=True)
        return part, Journal(self._salt, self._depends_on, part.name_in_journal, progress)


class ResumableOutput(AbstractContextManager["ResumableOutput"]):
    """An output that is written text by text, and takes its place when the block ends well.

    After an interruption the part and its journal stay, and a run that resumes it writes the texts
    after `begin`. After any other error both are removed.

    Args:
        output: The output.
        made_of: Gives what the output depends on, from random bytes: the files and the options. A
            run is not resumed where that has changed.
        resume: Whether an interrupted run is continued.
        mode: The permissions of the output.

    Raises:
        OptionError: If the files or the options have changed since the run that is to be resumed,
            and if another run writes the same output.
        DataError: For a damaged journal.
    """

    def __init__(
        self,
        output: Path,
        made_of: Callable[[bytes], dict[str, Any]],
        *,
        resume: bool = False,
        mode: int,
    ) -> None:
        self._mode = mode
        opened = OutputJournal(output, made_of, resume=resume, name=output)
        self._path = opened.path
        self._part, journal = opened.open()
        self._progress = journal.progress
        self._saved = ProgressSaver(self._part, journal, self._path)
        place = self._progress.place
        self.counts: Mapping[str, int] = place.summary.found
        """The counts of the run that is resumed; none for a new one."""
        self._part.file.truncate(place.length)
        self._part.file.seek(place.length)
        self._saved.now()

    @property
    def begin(self) -> int:
        """How many texts are written."""
        return self._progress.place.summary.records

    def write(self, data: bytes, texts: int, *, counts: Counter[str]) -> None:
        """Write what was made of the next texts.

        Args:
            data: What is written.
            texts: How many texts it was made of.
            counts: What was counted in all texts until here, saved with the place.
        """
        self._part.file.write(data)
        place = self._progress.place
        summary = Summary(self.begin + texts, found=counts)
        self._progress.place = replace(place, length=place.length + len(data), summary=summary)
        self._saved.if_due()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._part.publish(self._mode)
            self._path.unlink(missing_ok=True)
        elif isinstance(error, KeyboardInterrupt):
            self._saved.now()
            self._part.file.close()
        else:
            self._part.discard()
            self._path.unlink(missing_ok=True)
