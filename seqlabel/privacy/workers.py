"""Texts without what is private, in this process or in several, in order, and back; files are in `redact_files`."""

import hmac
import signal
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, NamedTuple, Protocol

import torch

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError, SeqlabelError
from seqlabel.files import SURROGATE
from seqlabel.privacy.finder import LAYER, PrivateFinder
from seqlabel.privacy.policies import Encrypt, Hash, Policy, Pseudonym
from seqlabel.privacy.records import Record
from seqlabel.privacy.redacted import redact_characters, restore_text
from seqlabel.training.checkpoints import find_folder

_PIECE, _MARGIN = 1 << 16, 1 << 14


@dataclass(frozen=True)
class Settings:
    """What is found and what replaces it: `PrivateFinder`'s arguments, a policy, and the labels that are replaced.

    No labels mean all.
    """

    policy: Policy
    model: str = "en_pii"
    labels: tuple[str, ...] = ()
    recall: float | None = None
    patterns: bool = True


@dataclass(frozen=True)
class Cleaned:
    """A text written anew and how often each label was found in it; or the problem for which there is none.

    A `remark` says what was left as it was.
    """

    text: str = field(repr=False)
    found: Counter[str]
    problem: str = ""
    remark: str = ""


class TextRedactor:
    """Texts in, `Cleaned` texts out. Raises what `PrivateFinder` does, and `OptionError` for labels never found."""

    def __init__(self, settings: Settings) -> None:
        self._policy = settings.policy
        self._finder = PrivateFinder(
            settings.model, patterns=settings.patterns, recall=settings.recall, labels=settings.labels or None
        )

    def __call__(self, texts: Sequence[str]) -> list[Cleaned]:
        """Redact texts of any length. One that fails does so alone, with a reason that has no text in it."""
        try:
            return self._clean(texts)
        except Exception as error:
            if len(texts) > 1:
                return [one for text in texts for one in self([text])]
            # The message of any other error could have text in it.
            reason = str(error) if isinstance(error, SeqlabelError) else type(error).__name__
            return [Cleaned("", Counter(), f"could not be redacted ({reason})")]

    def _clean(self, texts: Sequence[str]) -> list[Cleaned]:
        cleaned = []
        for text, private in zip(texts, self._find(texts), strict=True):
            redacted = redact_characters(text, private, self._policy)
            cleaned.append(Cleaned(redacted.text, Counter(finding.label for finding in redacted.findings)))
        return cleaned

    def _find(self, texts: Sequence[str]) -> list[list[CharacterSpan]]:
        """The private characters of texts, the long ones read piece by piece, so that memory stays bounded.

        Each piece is read with a margin on both sides, longer than any value of `privacy.rules`. What two pieces
        find at their border overlaps and becomes one span.
        """
        cuts = [
            (number, max(start - _MARGIN, 0), start, start + _PIECE)
            for number, text in enumerate(texts)
            for start in range(0, max(len(text), 1), _PIECE)
        ]
        pieces = (SURROGATE.sub("\ufffd", texts[number][a : b + _MARGIN]) for number, a, _, b in cuts)
        found: list[list[CharacterSpan]] = [[] for _ in texts]
        for (number, first, start, end), document in zip(cuts, self._finder(pieces), strict=True):
            for span in document.character_spans(LAYER):
                if span.start + first < end and span.end + first > start:
                    found[number].append(CharacterSpan(span.start + first, span.end + first, span.label))
        return found


class Rewriter(Protocol):
    """Who writes the texts of records anew."""

    def run(self, work: Iterable["Work"]) -> Iterator[tuple[list[Record], list[Cleaned]]]:
        """Yield records with their new texts as they are ready, before more is read where nothing more waits."""
        ...

    def fingerprint(self) -> dict[str, Any]:
        """What the new texts depend on besides the old ones, for a journal; of a key what tells it from another."""
        ...


class Work(NamedTuple):
    """Records that are written anew together, and whether they are awaited before more is read."""

    records: list[Record]
    drained: bool

    @property
    def texts(self) -> list[str]:
        """The texts of all their cells."""
        return [cell.text for record in self.records for cell in record.cells]


class Redactors(AbstractContextManager["Redactors"]):
    """One process or several that redact texts, in order. Raises what `TextRedactor` does."""

    def __init__(self, settings: Settings, *, processes: int = 1) -> None:
        if processes < 1:
            raise OptionError(f"processes: found {processes}; at least 1 is needed")
        # Also for several, so that what is wrong with the settings is said once, here.
        self._here = TextRedactor(settings)
        self._settings = settings
        self._processes = processes
        self._pool = None
        if processes > 1:
            # Not forked: torch would wait forever for threads that only the parent has.
            self._pool = ProcessPoolExecutor(processes, get_context("spawn"), _start, (settings,))
            with _uninterrupted():
                # Each makes one more process begin, as none is idle yet.
                for _ in range(processes):
                    self._pool.submit(_begun)

    def fingerprint(self) -> dict[str, Any]:
        """See `Rewriter`."""
        settings = self._settings
        weights = (find_folder(settings.model) / "model.safetensors").stat()
        policy = settings.policy
        key = policy.key if isinstance(policy, Hash | Pseudonym | Encrypt) else None
        return {
            "settings": repr(settings),
            "weights": [weights.st_size, weights.st_mtime_ns],
            "key": key and _told_apart(key),
        }

    def run(self, work: Iterable[Work]) -> Iterator[tuple[list[Record], list[Cleaned]]]:
        """See `Rewriter`."""
        if self._pool is None:
            for batch in work:
                yield batch.records, self._here(batch.texts)
            return
        waiting: deque[tuple[list[Record], Future[list[Cleaned]]]] = deque()

        def ready(most: int) -> Iterator[tuple[list[Record], list[Cleaned]]]:
            while len(waiting) > most:
                records, cleaned = waiting.popleft()
                yield records, cleaned.result()

        try:
            for batch in work:
                waiting.append((batch.records, self._pool.submit(_clean_there, batch.texts)))
                yield from ready(0 if batch.drained else 2 * self._processes)
            yield from ready(0)
        except BrokenProcessPool:
            raise DataError("a process ended, perhaps for want of memory; use fewer --processes") from None

    def __exit__(self, *error: object) -> None:
        if self._pool is not None:
            if error[0] is not None:
                # Nobody waits for what they are at. The pool itself can end them from Python 3.14 on.
                for worker in list((getattr(self._pool, "_processes", None) or {}).values()):
                    worker.terminate()
            self._pool.shutdown(cancel_futures=True)


class Restorer:
    """Puts back what was encrypted with a key; what that does not decrypt stays, and is remarked.

    Raises `OptionError` for a key of a wrong length, and without `presidio-anonymizer`.
    """

    def __init__(self, key: bytes) -> None:
        # So that what is wrong with the key is said once, here.
        restore_text("", key=key)
        self._key = key

    def fingerprint(self) -> dict[str, Any]:
        """See `Rewriter`."""
        return {"restored": True, "key": _told_apart(self._key)}

    def run(self, work: Iterable[Work]) -> Iterator[tuple[list[Record], list[Cleaned]]]:
        """See `Rewriter`."""
        for batch in work:
            yield batch.records, list(map(self._restored, batch.texts))

    def _restored(self, text: str) -> Cleaned:
        found = restore_text(text, key=self._key)
        remark = f"{found.left} encrypted values that this key does not decrypt" if found.left else ""
        return Cleaned(found.text, +Counter(RESTORED=found.decrypted), remark=remark)


def _told_apart(key: bytes) -> str:
    return hmac.digest(key, b"seqlabel journal", "sha256").hex()


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Processes that begin now are not interrupted from the keyboard: the parent is, and says how to go on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


_there: TextRedactor | None = None


def _start(settings: Settings) -> None:
    global _there
    torch.set_num_threads(1)
    _there = TextRedactor(settings)


def _begun() -> None:
    """Nothing, in a process that has begun."""


def _clean_there(texts: list[str]) -> list[Cleaned]:
    assert _there is not None
    return _there(texts)
