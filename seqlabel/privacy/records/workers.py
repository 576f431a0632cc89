"""Texts without what is private, in this process or in several, in order, and back; files are in `records.files`."""

import hashlib
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, field, replace
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.batches.windows import cuts_of
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.overlaps import unite
from seqlabel.documents.spans import CharacterSpan, Span
from seqlabel.errors import OptionError, SeqlabelError
from seqlabel.io.files import SURROGATE
from seqlabel.io.records import Record
from seqlabel.models.folders import find_folder
from seqlabel.models.tagging.engine import EngineKind
from seqlabel.names import LateModule
from seqlabel.privacy.finding.finder import LAYER, PrivateFinder
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.records.column_names import cue_of, holds_secrets
from seqlabel.privacy.replacing.encryption import Numbering, Origin
from seqlabel.privacy.replacing.keys import Purpose, derived
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Policy, Pseudonym
from seqlabel.privacy.replacing.redacted import redact_characters
from seqlabel.privacy.replacing.restored import Restoration, Restored
from seqlabel.privacy.rules.kinds import SECRETS
from seqlabel.privacy.rules.labels import check_labels
from seqlabel.privacy.rules.secrets import is_nothing

if TYPE_CHECKING:
    from seqlabel.nn import threads
else:
    threads = LateModule("seqlabel.nn.threads")

RESTORED = "RESTORED"
"""The count of `Restorer`: the values that were put back."""
_PIECE, _MARGIN = 1 << 16, 1 << 14


@dataclass(frozen=True)
class Task:
    """The finder and the replacements that a process uses.

    Args:
        policy: What replaces a span.
        settings: The settings of the `PrivateFinder`; their policies are not used.
        policies: Policies for some labels, used instead of `policy`.
        columns: The labels of columns and fields whose values are private as a whole.
    """

    policy: Policy
    settings: PrivacySettings = field(default_factory=PrivacySettings)
    policies: Mapping[str, Policy] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """A text and where it is. The repr holds no text.

    Args:
        text: The text.
        place: Its place, for what is encrypted; one of its own where it stands alone.
        name: The column or the path of the field that it is in; empty where it has none.
    """

    text: str = field(repr=False)
    place: Origin = field(default_factory=Origin.new)
    name: str = ""


@dataclass(frozen=True)
class Cleaned:
    """A text written anew.

    Args:
        text: The text; empty with a problem.
        found: How often each label was found in it.
        problem: Why there is no text; empty where there is one.
        remark: What was left as it was; empty where nothing was.
    """

    text: str = field(repr=False)
    found: Counter[str]
    problem: str = ""
    remark: str = ""


class TextRedactor:
    """Redacts texts.

    Args:
        task: The finder and the replacement policies.

    Raises:
        CheckpointError: For a folder without a labeler.
        DataError: For a list of values that cannot be read.
        OptionError: For what `PrivateFinder` does not take, and for a policy of a label that is not found.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self.finder = PrivateFinder(settings=task.settings)
        """What finds private data."""
        check_labels(task.policies, self.finder.labels, option="policy")

    def __call__(self, texts: Sequence[Placed]) -> list[Cleaned]:
        """Redact texts of any length. One that fails does so alone, with a reason that has no text in it.

        Args:
            texts: The texts.

        Returns:
            Each text written anew.
        """
        try:
            return self._clean(texts)
        except Exception as error:
            if len(texts) > 1:
                return [one for text in texts for one in self([text])]
            # The message of any other error could have text in it.
            reason = str(error) if isinstance(error, SeqlabelError) else type(error).__name__
            return [Cleaned("", Counter(), f"could not be redacted ({reason})")]

    def _clean(self, texts: Sequence[Placed]) -> list[Cleaned]:
        cleaned = []
        found = find_in_texts(self.finder, [one.text for one in texts], [one.name for one in texts])
        for one, private in zip(texts, found, strict=True):
            text, task = one.text, self._task
            spans = [span for span, _, _ in private]
            label = task.columns.get(one.name)
            if label and text.strip() and not is_nothing(text):
                spans = [CharacterSpan(0, len(text), label)]
            numbering = Numbering(one.place)
            redacted = redact_characters(text, spans, task.policy, policies=task.policies, numbering=numbering)
            cleaned.append(Cleaned(redacted.text, Counter(finding.label for finding in redacted.findings)))
        return cleaned


_PASSWORD = "PASSWORD"
Found = tuple[CharacterSpan, Document, int]
"""A span of a text, the document that it was found in, and its number there."""


def find_in_texts(finder: PrivateFinder, texts: Sequence[str], names: Sequence[str] = ()) -> Iterator[list[Found]]:
    """Find the private characters of texts, the long ones read piece by piece, so that memory stays bounded.

    Each piece is read with a margin on both sides, longer than any value of `privacy.rules`. What two pieces find at
    their border overlaps. A short text is also read behind the name of its column or field (see `cue_of`): what either
    reading finds is private. In a column of passwords it is private whole, but for words about passwords.

    Args:
        finder: What finds them.
        texts: The texts.
        names: The column or the path of the field of each text, empty where it has none; nothing for none at all.

    Yields:
        For each text, spans of it with their scores, the piece that each was found in, and its number there.
    """
    cuts = cuts_of(map(len, texts), window=_PIECE, context=_MARGIN)
    pieces = (SURROGATE.sub("\ufffd", texts[cut.doc][cut.first : cut.last]) for cut in cuts)
    found: list[list[Found]] = [[] for _ in texts]
    for cut, document in zip(cuts, finder(pieces), strict=True):
        for number, span in enumerate(document.character_spans(LAYER)):
            if span.start + cut.first < cut.end and span.end + cut.first > cut.start:
                here = replace(span, start=span.start + cut.first, end=span.end + cut.first)
                found[cut.doc].append((here, document, number))
    cued = [(place, cue) for place, name in enumerate(names) if (cue := cue_of(name, texts[place]))]
    behind = finder(SURROGATE.sub("\ufffd", cue + texts[place]) for place, cue in cued) if cued else ()
    for (place, cue), document in zip(cued, behind, strict=True):
        found[place] = _united(found[place], document, len(cue))
        if not holds_secrets(names[place]) or is_nothing(texts[place]):
            continue
        if found[place] or _PASSWORD in finder.labels:
            span, piece, number = max(found[place] or [_secret(document)], key=lambda one: one[0].label in SECRETS)
            found[place] = [(replace(span, start=0, end=len(texts[place])), piece, number)]
    yield from found


def _secret(document: Document) -> Found:
    """All of a document as one finding, where the name of its column alone says what it is."""
    whole = Spans((Span(0, len(document), _PASSWORD),), (1.0,))
    return CharacterSpan(0, len(document.text), _PASSWORD, 1.0), document.with_spans(LAYER, whole), 0


def _united(alone: Sequence[Found], document: Document, shift: int) -> list[Found]:
    """What was found in a text alone, united with what was found in it behind so many characters, whose labels win."""
    behind = {
        replace(span, start=max(span.start - shift, 0), end=span.end - shift): (document, number)
        for number, span in enumerate(document.character_spans(LAYER))
        if span.end > shift
    }
    every = {span: (piece, number) for span, piece, number in alone} | behind
    return [
        (replace(best, start=start, end=end), *every[best])
        for best, start, end in unite(every, preferred=behind.__contains__)
    ]


@dataclass(frozen=True)
class Work:
    """Records that are written anew together.

    Args:
        records: The records.
        drained: Whether they are awaited before more is read.
        document: Random bytes that tell the file or stream from others.
    """

    records: list[Record]
    drained: bool
    document: bytes

    @property
    def texts(self) -> list[Placed]:
        """The texts of all their cells."""
        return [
            Placed(cell.text, Origin(self.document, record.line, number), cell.name)
            for record in self.records
            for number, cell in enumerate(record.cells)
        ]

    def rewritten(self, cleaned: Iterable[Cleaned]) -> "list[Rewritten]":
        """Give each record its new texts.

        Args:
            cleaned: The new texts of all their cells.

        Returns:
            The records, each with those of its own cells.
        """
        texts = iter(cleaned)
        return [(record, list(islice(texts, len(record.cells)))) for record in self.records]


Rewritten = tuple[Record, list[Cleaned]]
"""A record and the new texts of its cells."""


class Redactors(AbstractContextManager["Redactors"]):
    """One process or several that redact texts, in order; a context manager, which ends the processes.

    Args:
        task: The finder and the replacement policies.
        processes: How many processes label.

    Raises:
        CheckpointError: For a folder without a labeler.
        OptionError: For what `PrivateFinder` does not take, and for less than one process.
    """

    def __init__(self, task: Task, *, processes: int = 1) -> None:
        if processes < 1:
            raise OptionError(f"processes: Found {processes}. Give at least 1.")
        # Also for several, so that what is wrong with the settings is said once, here.
        self._here = TextRedactor(task)
        self._task = task
        self._processes = processes
        self._pool = None
        if processes > 1:
            # Not forked: torch would wait forever for threads that only the parent has.
            self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (task,))
            with _uninterrupted():
                # Each makes one more process begin, as none is idle yet.
                for _ in range(processes):
                    self._pool.submit(_begun)

    def fingerprint(self, salt: bytes) -> str:
        """Say what the new texts depend on besides the old ones, for a journal.

        Args:
            salt: The journal's random bytes.

        Returns:
            Hexadecimal digits that depend on one byte of a key, so that a list of guesses cannot be tried on it.
        """
        task, settings = self._task, self._task.settings
        weights = (find_folder(settings.model) / "model.safetensors").stat()
        paths = (*settings.allow.files, *settings.deny.files)
        lists = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]
        # Their reprs hide the keys.
        policies = [task.policy, *task.policies.values()]
        keys = [_key_check(one.key, salt) for one in policies if isinstance(one, Hash | Pseudonym | Encrypt)]
        made_by = (weights.st_size, weights.st_mtime_ns, asdict(settings), lists)
        return _digest(salt, made_by, policies, list(task.policies), task.columns, keys)

    def run(self, work: Iterable[Work], again: Callable[[], Iterable[Work]] | None = None) -> Iterator[list[Rewritten]]:
        """Redact the texts of one file or stream.

        Args:
            work: Its records, in order.
            again: Gives all records of a file once more; not called, as no record depends on another (see `Restorer`).

        Yields:
            Records with their new texts as they are ready, before more is read where nothing more waits.

        Raises:
            OptionError: If a process ended, so that no file can be read any more.
        """
        if self._pool is None:
            for batch in work:
                yield batch.rewritten(self._here(batch.texts))
            return
        waiting: deque[tuple[Work, Future[list[Cleaned]]]] = deque()

        def ready(most: int) -> Iterator[list[Rewritten]]:
            while len(waiting) > most:
                batch, cleaned = waiting.popleft()
                yield batch.rewritten(cleaned.result())

        try:
            for batch in work:
                waiting.append((batch, self._pool.submit(_clean_there, batch.texts)))
                yield from ready(0 if batch.drained else 2 * self._processes)
            yield from ready(0)
        except BrokenProcessPool:
            raise OptionError(
                "A process that labels ended, perhaps for want of memory. Use fewer --processes."
            ) from None

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            if error[0] is not None:
                # Their results are not needed. The pool itself can end them from Python 3.14 on.
                for worker in list((getattr(self._pool, "_processes", None) or {}).values()):
                    worker.terminate()
            self._pool.shutdown(cancel_futures=True)


class Restorer:
    """Puts back what was encrypted with a key; what is left is remarked.

    `Cleaned.found` counts `RESTORED` values.

    Args:
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Raises:
        OptionError: For a key that cannot be one, and without the package `cryptography`.
    """

    def __init__(self, key: bytes, *, any_order: bool = False) -> None:
        self._key = key
        self._any_order = any_order
        # So that what is wrong with the key is said once, here.
        Restoration(key)

    def fingerprint(self, salt: bytes) -> str:
        """Say what the new texts depend on; see `Redactors`."""
        return _digest(salt, "restored", self._any_order, _key_check(self._key, salt))

    def run(self, work: Iterable[Work], again: Callable[[], Iterable[Work]] | None = None) -> Iterator[list[Rewritten]]:
        """Restore the texts of one file or stream; see `Redactors`.

        Values that are out of order are left; those that come too early only if the records can be read twice.
        """
        restoration = Restoration(self._key, any_order=self._any_order)
        for batch in again() if again and not self._any_order else ():
            for record in batch.records:
                restoration.survey([cell.text for cell in record.cells])
        for batch in work:
            restored = (restoration.restore([cell.text for cell in record.cells]) for record in batch.records)
            yield batch.rewritten(map(_as_cleaned, chain.from_iterable(restored)))


Rewriter = Redactors | Restorer
"""Writes the texts of records anew."""


def _as_cleaned(restored: Restored) -> Cleaned:
    foreign = restored.left - restored.moved - restored.changed
    remarks = [
        (restored.moved, "are not in the order in which they were encrypted: texts were rearranged or exchanged"),
        (restored.changed, "were changed since they were encrypted"),
        (foreign, "are not of this key"),
    ]
    said = [f"{number} encrypted values {what}" for number, what in remarks if number]
    if restored.late:
        said.append("values restored before may be out of order with these")
    return Cleaned(restored.text, +Counter({RESTORED: restored.decrypted}), remark="; ".join(said))


def _key_check(key: bytes, salt: bytes) -> int:
    """A byte that differs for 255 of 256 other keys, and leaves a list of guesses nearly as long as it was."""
    return derived(key, Purpose.JOURNAL, length=1, salt=salt)[0]


def _digest(salt: bytes, *told: object) -> str:
    """Four bytes that others hardly ever have; the values of lists are private and cannot be read from them."""
    return hashlib.blake2b(repr(told).encode("utf-8", "surrogatepass"), digest_size=4, salt=salt[:16]).hexdigest()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that begin now ignore Ctrl-C: the parent is interrupted, says how to resume, and ends them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _begun() -> None:
    """Do nothing, in a process that has begun."""


_there: TextRedactor | None = None


def _start(task: Task) -> None:
    global _there
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    _there = TextRedactor(task)
    if _there.finder.labeler.inference.kind is EngineKind.TORCH:
        threads.use_one_thread_in_worker()


def _end_with_the_parent() -> None:
    """End this process when its parent has ended, however it did; without this it would wait for work for ever.

    The system's own way, `PR_SET_PDEATHSIG`, is Linux's only, and ends a process with the thread that started it.
    """
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _clean_there(texts: list[Placed]) -> list[Cleaned]:
    assert _there is not None
    return _there(texts)
