"""The works of `redact` and `restore`: records of texts to records without private values, and
back; no files.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import SeqlabelError
from seqlabel.io.records import Record
from seqlabel.models.folders import find_folder
from seqlabel.models.tagging.engine import EngineKind
from seqlabel.names import LateModule
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.long_texts import CellMemory, FoundSpan, find_in_texts
from seqlabel.privacy.finding.settings import PrivacySettings
from seqlabel.privacy.replacing.encryption import Numbering, Origin
from seqlabel.privacy.replacing.keys import Purpose, derived
from seqlabel.privacy.replacing.policies import Encrypt, Hash, Policy, Pseudonym
from seqlabel.privacy.replacing.redacted import redact_characters
from seqlabel.privacy.replacing.restored import Restoration, Restored
from seqlabel.privacy.rules.labels import check_labels
from seqlabel.privacy.rules.secrets import is_nothing
from seqlabel.runs.workers import Batch, Workers, is_worker

if TYPE_CHECKING:
    from seqlabel.nn import threads
else:
    threads = LateModule("seqlabel.nn.threads")

RESTORED = "RESTORED"
"""The count of `Restorer`: the values that were put back."""


@dataclass(frozen=True)
class Task:
    """The finder and the replacements that a process uses: the work of redacting texts; see
    `runs.workers.Workers`.

    Args:
        policy: What replaces a span.
        settings: The settings of the `PrivateFinder`; their policies are not used.
        policies: Policies for some labels, used instead of `policy`.
    """

    policy: Policy
    settings: PrivacySettings = field(default_factory=PrivacySettings)
    policies: Mapping[str, Policy] = field(default_factory=dict)

    def __call__(self) -> "TextRedactor":
        """Load the model.

        Returns:
            What redacts texts.

        Raises:
            CheckpointError: For a folder without a labeler.
            DataError: For a list of values that cannot be read.
            OptionError: For what `PrivateFinder` does not take, and for a policy of a label that is
                not found.
        """
        return TextRedactor(self)

    def fingerprint(self, salt: bytes) -> str:
        """Say what the new texts depend on besides the old ones, for a journal.

        Args:
            salt: The journal's random bytes.

        Returns:
            Hexadecimal digits that depend on one byte of a key, so that a list of guesses cannot be
            tried on it.
        """
        # Their reprs hide the keys.
        policies = [self.policy, *self.policies.values()]
        keys = [
            _key_check(policy.key, salt)
            for policy in policies
            if isinstance(policy, Hash | Pseudonym | Encrypt)
        ]
        return _digest(salt, _made_by(self.settings), policies, list(self.policies), keys)


@dataclass(frozen=True)
class SourceText:
    """A text that is searched, redacted or restored, and where it is. The repr holds no text.

    Args:
        text: The text.
        place: Its place, for what is encrypted; one of its own where it stands alone.
        name: The column or the path of the field that it is in; empty where it has none.
        label: The label that it has as a whole, whatever is found in it; empty where it has none.
        seams: Where markup stands inside a run of letters and digits of it (`Cell.seams`).
    """

    text: str = field(repr=False)
    place: Origin = field(default_factory=Origin.new)
    name: str = ""
    label: str = ""
    seams: tuple[int, ...] = ()


RecordTexts = Batch[list[Record], list[SourceText]]
"""Records that are rewritten together, and the texts of all their cells."""


def source_texts(
    records: Iterable[Record], document: bytes, labels: Mapping[str, str] | None = None
) -> list[SourceText]:
    """Give the texts of records.

    Args:
        records: The records.
        document: Bytes that tell their file or stream from others.
        labels: The labels of columns and fields whose values are private as a whole.

    Returns:
        The text of each cell.
    """
    texts: list[SourceText] = []
    for record in records:
        for number, cell in enumerate(record.cells):
            origin = Origin(document, record.line, number)
            label = labels.get(cell.name, "") if labels else ""
            texts.append(SourceText(cell.text, origin, cell.name, label, cell.seams))
    return texts


@dataclass(frozen=True)
class NewText:
    """A text that was rewritten.

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


def finder_of_process(settings: PrivacySettings) -> PrivateFinder:
    """Make a finder that uses one thread where others work at the same time.

    Args:
        settings: Its settings.

    Returns:
        The finder.

    Raises:
        CheckpointError: For a folder without a labeler.
        DataError: For a list of values that cannot be read.
        OptionError: For what `PrivateFinder` does not take.
    """
    finder = PrivateFinder(settings=settings)
    if is_worker() and finder.labeler.inference.kind is EngineKind.TORCH:
        threads.use_one_thread_in_worker()
    return finder


def found_in(
    finder: PrivateFinder, texts: Sequence[SourceText], *, memory: CellMemory | None = None
) -> Iterator[list[FoundSpan]]:
    """Find the private characters of texts of any length, each read after the name of its column.

    Args:
        finder: What finds them.
        texts: The texts.
        memory: What was found before; see `find_in_texts`.

    Returns:
        The findings in each text.
    """
    contents = [source.text for source in texts]
    names = [source.name for source in texts]
    seams = [source.seams for source in texts]
    return find_in_texts(finder, contents, names, seams, memory=memory)


class TextRedactor:
    """Redacts texts.

    Args:
        task: The finder and the replacement policies.

    Raises:
        CheckpointError: For a folder without a labeler.
        DataError: For a list of values that cannot be read.
        OptionError: For what `PrivateFinder` does not take, and for a policy of a label that is not
            found.
    """

    def __init__(self, task: Task) -> None:
        self._task = task
        self.finder = finder_of_process(task.settings)
        """What finds private data."""
        check_labels(task.policies, self.finder.labels, option="policy")
        self._memory = CellMemory()

    def __call__(self, texts: Sequence[SourceText]) -> list[NewText]:
        """Redact texts of any length. One that fails does so alone, with a reason that has no text
        in it.

        Args:
            texts: The texts.

        Returns:
            Each rewritten text.
        """
        try:
            return self._clean(texts)
        except Exception as error:
            if len(texts) > 1:
                return [new for text in texts for new in self([text])]
            # The message of any other error could have text in it.
            reason = str(error) if isinstance(error, SeqlabelError) else type(error).__name__
            return [NewText("", Counter(), f"could not be redacted ({reason})")]

    def _clean(self, texts: Sequence[SourceText]) -> list[NewText]:
        cleaned = []
        task = self._task
        findings = found_in(self.finder, texts, memory=self._memory)
        for source, private in zip(texts, findings, strict=True):
            text = source.text
            spans = [span for span, _, _ in private]
            if source.label and text.strip() and not is_nothing(text):
                spans = [CharacterSpan(0, len(text), source.label)]
            numbering = Numbering(source.place)
            redacted = redact_characters(
                text, spans, task.policy, policies=task.policies, numbering=numbering
            )
            cleaned.append(
                NewText(redacted.text, Counter(finding.label for finding in redacted.findings))
            )
        return cleaned


class Redactors(AbstractContextManager["Redactors"]):
    """One process or several that redact the texts of records, in order; a context manager, which
    ends the processes.

    Args:
        task: The finder and the replacement policies.
        processes: How many processes label.

    Raises:
        CheckpointError: For a folder without a labeler.
        OptionError: For what `PrivateFinder` does not take, and for less than one process.
    """

    def __init__(self, task: Task, *, processes: int = 1) -> None:
        self.fingerprint = task.fingerprint
        """Says what the new texts depend on, for a journal."""
        self._workers: Workers[list[SourceText], list[NewText]] = Workers(task, processes=processes)

    def run(
        self, work: Iterable[RecordTexts], again: Callable[[], Iterable[RecordTexts]] | None = None
    ) -> Iterator[tuple[list[Record], list[NewText]]]:
        """Redact the texts of one file or stream.

        Args:
            work: Its records, in order.
            again: Gives all records of a file once more; not called, as no record depends on
                another (see `Restorer`).

        Returns:
            Records with the new texts of all their cells as they are ready, before more is read
            where nothing more waits.

        Raises:
            OptionError: If a process ended, so that no file can be read any more.
        """
        return self._workers.run(work)

    def __exit__(self, *error: object) -> None:
        self._workers.__exit__(*error)


class Restorer:
    """Puts back what was encrypted with a key; what is left is remarked.

    `NewText.found` counts `RESTORED` values.

    Args:
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Raises:
        OptionError: For a key that cannot be one, and without the package `cryptography`.
    """

    def __init__(self, key: bytes, *, any_order: bool = False) -> None:
        self._key = key
        self._any_order = any_order
        # A wrong key is reported once, here.
        Restoration(key)

    def fingerprint(self, salt: bytes) -> str:
        """Say what the new texts depend on; see `Task`."""
        return _digest(salt, "restored", self._any_order, _key_check(self._key, salt))

    def run(
        self, work: Iterable[RecordTexts], again: Callable[[], Iterable[RecordTexts]] | None = None
    ) -> Iterator[tuple[list[Record], list[NewText]]]:
        """Restore the texts of one file or stream; see `Redactors`.

        Values that are out of order are left; those that come too early only if the records can be
        read twice.
        """
        restoration = Restoration(self._key, any_order=self._any_order)
        for batch in again() if again and not self._any_order else ():
            for record in batch.kept:
                restoration.survey([cell.text for cell in record.cells])
        for batch in work:
            restored: list[Restored] = []
            for record in batch.kept:
                restored += restoration.restore([cell.text for cell in record.cells])
            yield batch.kept, [_as_new_text(text) for text in restored]


Rewriter = Redactors | Restorer
"""Rewrites the texts of records."""


def _as_new_text(restored: Restored) -> NewText:
    foreign = restored.left - restored.moved - restored.changed
    remarks = [
        (
            restored.moved,
            "are not in the order in which they were encrypted: texts were rearranged or exchanged",
        ),
        (restored.changed, "were changed since they were encrypted"),
        (foreign, "are not of this key"),
    ]
    said = [f"{number} encrypted values {what}" for number, what in remarks if number]
    if restored.late:
        said.append("values restored before may be out of order with these")
    return NewText(restored.text, +Counter({RESTORED: restored.decrypted}), remark="; ".join(said))


def _key_check(key: bytes, salt: bytes) -> int:
    """A byte that differs for 255 of 256 other keys, and leaves a list of guesses nearly as long as
    it was.
    """
    return derived(key, Purpose.JOURNAL, length=1, salt=salt)[0]


def fingerprint_of(settings: PrivacySettings, salt: bytes) -> str:
    """Say what the findings of a text depend on besides the text, for a journal.

    Args:
        settings: The settings of the finder.
        salt: The journal's random bytes.

    Returns:
        Hexadecimal digits, from which the values of lists cannot be read.
    """
    return _digest(salt, _made_by(settings))


def _made_by(settings: PrivacySettings) -> tuple[object, ...]:
    """The weights, the settings, and the content of their lists."""
    weights = (find_folder(settings.model) / "model.safetensors").stat()
    paths = (*settings.allow.files, *settings.deny.files)
    lists = [hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths]
    return weights.st_size, weights.st_mtime_ns, asdict(settings), lists


def _digest(salt: bytes, *values: object) -> str:
    """Four bytes that others hardly ever have; the values of lists are private and cannot be read
    from them.
    """
    return hashlib.blake2b(
        repr(values).encode("utf-8", "surrogatepass"), digest_size=4, salt=salt[:16]
    ).hexdigest()
