"""Encrypted values put back into texts, and what is wrong with others; `replacing.encryption`
decrypts each one.
"""

import re
from bisect import bisect_right
from collections import Counter, OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

from seqlabel.errors import DataError, check_type
from seqlabel.privacy.replacing.encryption import (
    ENCRYPTED,
    MARK,
    Opened,
    Origin,
    Refusal,
    decryption,
)
from seqlabel.privacy.replacing.keys import check_key
from seqlabel.privacy.replacing.redacted import Redacted

_MOST_DOCUMENTS = 1 << 16
_BEGUN = re.compile(rf"{ENCRYPTED}|{ENCRYPTED[:-1]}_v[0-9]")
"""How an encrypted value begins, also one that the name of a sheet, which has no colon, could not
hold whole.
"""


@dataclass(frozen=True)
class Restored:
    """A text in which encrypted values were put back. The repr holds no text.

    Args:
        text: The text.
        decrypted: How many values were put back.
        left: How many encrypted values were left as they are.
        moved: How many of those left are out of order: the text was rearranged, or values were
            exchanged.
        changed: How many of those left were encrypted with this key and changed since.
        late: Whether values that were restored before may be out of order with those left here.
    """

    text: str = field(repr=False)
    decrypted: int
    left: int = 0
    moved: int = 0
    changed: int = 0
    late: bool = False


_Position = tuple[Origin, int]


class _Order:
    """Which values of documents are out of order: those with a higher position before or a lower
    one after them.

    All positions between a low one that comes late and the highest one before it are out of order,
    whether they come before both, between, or after. So a few intervals of positions say it for any
    number of values.
    """

    def __init__(self) -> None:
        self._furthest: OrderedDict[bytes, _Position] = OrderedDict()
        self._intervals: dict[bytes, tuple[list[_Position], list[_Position]]] = {}

    def add(self, opened: Iterable[Opened]) -> set[bytes]:
        """Take the next values; return the documents of those that came late."""
        late = set()
        for value in opened:
            document = value.place.document
            position = (value.place, value.number)
            furthest = self._furthest.get(document)
            if furthest is None or position > furthest:
                self._furthest[document] = position
            else:
                late.add(document)
                self._join(document, position, furthest)
            self._furthest.move_to_end(document)
        while len(self._furthest) > _MOST_DOCUMENTS:
            document, _ = self._furthest.popitem(last=False)
            self._intervals.pop(document, None)
        return late

    def _join(self, document: bytes, low: _Position, high: _Position) -> None:
        # No interval ends above the furthest position, so only the last ones can overlap.
        lows, highs = self._intervals.setdefault(document, ([], []))
        while highs and highs[-1] >= low:
            low = min(low, lows.pop())
            highs.pop()
        lows.append(low)
        highs.append(high)

    def moved(self, opened: Iterable[Opened]) -> set[bytes]:
        """The documents of those of these values that are out of order."""
        return {
            value.place.document for value in opened if self._is_moved(value.place, value.number)
        }

    def _is_moved(self, origin: Origin, number: int) -> bool:
        lows, highs = self._intervals.get(origin.document, ([], []))
        index = bisect_right(lows, (origin, number)) - 1
        return index >= 0 and (origin, number) <= highs[index]


class Restoration:
    """Puts back the values of one text after another, and notices those that are out of order.

    The values of a document have ascending positions, and a record has values of one record of it.
    Where either is not so, it is unknown which value was moved, so all of that document's values in
    the record are left. What comes too early is left only if all records were surveyed before; else
    the record that shows it says so.

    Args:
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Raises:
        OptionError: For a key that is too short or can be guessed, and without the package
            `cryptography`.
    """

    def __init__(self, key: bytes, *, any_order: bool = False) -> None:
        check_key(key)
        self._decrypt = decryption(key)
        self._any_order = any_order
        self._surveyed = _Order()
        self._order = _Order()

    def survey(self, texts: Sequence[str]) -> None:
        """Note the order of the values of the next record, before the first one is restored.

        Args:
            texts: The record's texts, in order.
        """
        self._surveyed.add(_values(chain.from_iterable(map(self._opened, texts))))

    def restore(self, texts: Sequence[str]) -> list[Restored]:
        """Put back the values of the next record.

        Args:
            texts: The record's texts, in order.

        Returns:
            Each text restored.
        """
        opened = [self._opened(text) for text in texts]
        values = _values(chain.from_iterable(opened))
        moved: set[bytes] = set()
        is_late = False
        if not self._any_order:
            late = self._order.add(values)
            known = self._surveyed.moved(values)
            moved = late | known | _mixed(values) | self._order.moved(values)
            is_late = not late <= known
        return [
            self._restored(*text_and_opened, moved, is_late=is_late)
            for text_and_opened in zip(texts, opened, strict=True)
        ]

    def restore_joined(self, text: str) -> Restored:
        """Put back the values of a text that may hold several records, such as all lines of a file.

        Args:
            text: The text.

        Returns:
            The text restored.
        """
        opened = self._opened(text)
        return self._restored(
            text, opened, set() if self._any_order else self._order.add(_values(opened))
        )

    def _opened(self, text: str) -> list[Opened | Refusal]:
        return [self._decrypt(match[0]) for match in MARK.finditer(text)]

    def _restored(
        self,
        text: str,
        opened: Sequence[Opened | Refusal],
        moved: set[bytes],
        *,
        is_late: bool = False,
    ) -> Restored:
        counts: Counter[str] = Counter()
        results = iter(opened)

        def value(match: re.Match[str]) -> str:
            result = next(results)
            if isinstance(result, Refusal):
                counts[result] += 1
                return match[0]
            if result.place.document in moved:
                counts["moved"] += 1
                return match[0]
            counts["decrypted"] += 1
            return result.value

        restored = MARK.sub(value, text)
        return Restored(
            restored,
            counts["decrypted"],
            left=len(_BEGUN.findall(text)) - counts["decrypted"],
            moved=counts["moved"],
            changed=counts[Refusal.CHANGED],
            late=is_late and counts["moved"] > 0,
        )


def _values(opened: Iterable[Opened | Refusal]) -> list[Opened]:
    return [value for value in opened if isinstance(value, Opened)]


def _mixed(opened: Iterable[Opened]) -> set[bytes]:
    """Find the documents that have values of several of their records here."""
    records = {(value.place.document, value.place.record) for value in opened}
    counts = Counter(document for document, _ in records)
    return {document for document, count in counts.items() if count > 1}


def restore_text(text: str, *, key: bytes, any_order: bool = False) -> Restored:
    """Put back every encrypted value of a text that this key decrypts, and leave all else as it is.

    What was encrypted twice is decrypted once. A value that was changed is left; so are all values
    of a document whose values are not in the order in which they were encrypted.

    Args:
        text: A text with values that `Encrypt` wrote.
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Returns:
        The text, and how many values were put back and left.

    Raises:
        OptionError: For a key that is too short or can be guessed, and without the package
            `cryptography`.
    """
    check_type("text", text, str, "a string")
    return Restoration(key, any_order=any_order).restore_joined(text)


def restore(redacted: Redacted, *, key: bytes) -> str:
    """Put back the original of a text in which every private span was encrypted with this key.

    Args:
        redacted: What `redact` returned for the policy `Encrypt`.
        key: The key that encrypted.

    Returns:
        The original text.

    Raises:
        OptionError: For a key that is too short or can be guessed, and without the package
            `cryptography`.
        DataError: For spans that were not encrypted, and for values that the key does not decrypt,
            that were changed, moved, or exchanged with others.
    """
    check_type("redacted", redacted, Redacted, "what redact returned; for a string, restore_text")
    lost = sum(not finding.encrypted for finding in redacted.findings)
    if lost:
        raise DataError(
            f"{lost} of {len(redacted.findings)} private spans were not encrypted, so the original "
            "text cannot be restored. Use restore_text to put back what is encrypted in any text."
        )

    check_key(key)
    decrypt = decryption(key)
    document: bytes | None = None
    pieces: list[str] = []
    offset = 0

    for number, finding in enumerate(redacted.findings):
        where = f"Private span {number}, now at {finding.new_start} to {finding.new_end},"
        opened = decrypt(redacted.text[finding.new_start : finding.new_end])
        if isinstance(opened, Refusal) or len(opened.value) != finding.end - finding.start:
            raise DataError(
                f"{where} cannot be decrypted. Pass the key and the text that encryption used "
                "and returned."
            )
        document = document or opened.place.document
        if (opened.place.document, opened.number, opened.label) != (
            document,
            number,
            finding.label,
        ):
            raise DataError(
                f"{where} was encrypted at another place: values were exchanged. Pass the text "
                "that was returned."
            )
        pieces += [redacted.text[offset : finding.new_start], opened.value]
        offset = finding.new_end
    return "".join([*pieces, redacted.text[offset:]])
