"""Encrypted values put back into texts, and what is wrong with others; `privacy.encryption` decrypts each one."""

import re
import warnings
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from seqlabel.errors import DataError
from seqlabel.privacy.encryption import ENCRYPTED, MARK, Opened, Place, decryption, is_changed, is_of_unknown_version
from seqlabel.privacy.keys import check_key
from seqlabel.privacy.redacted import Redacted

_MOST_DOCUMENTS = 4096


@dataclass(frozen=True)
class Restored:
    """A text in which encrypted values were put back. The repr holds no text.

    Args:
        text: The text.
        decrypted: How many values were put back.
        unauthenticated: How many of these were of the first form, in which a change cannot be noticed.
        left: How many encrypted values were left as they are.
        moved: How many of those left are out of order: the text was rearranged, or values were exchanged.
        changed: How many of those left were encrypted with this key and changed since.
        unknown: How many of those left are of a version that is not known.
    """

    text: str = field(repr=False)
    decrypted: int
    unauthenticated: int = 0
    left: int = 0
    moved: int = 0
    changed: int = 0
    unknown: int = 0


class Restoration:
    """Puts back the values of one text after another, and notices those that are out of order.

    The values of a document have ascending positions, and a record has values of one record of it. Where either is not
    so, it is unknown which value was moved, so all of that document's values in the record are left.

    Args:
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Raises:
        OptionError: For a key that cannot be one, and without the package `cryptography`.
    """

    def __init__(self, key: bytes, *, any_order: bool = False) -> None:
        check_key(key)
        self._key = key
        self._decrypt = decryption(key)
        self._any_order = any_order
        self._furthest: OrderedDict[bytes, tuple[Place, int]] = OrderedDict()

    def restore(self, texts: Sequence[str]) -> list[Restored]:
        """Put back the values of the next record.

        Args:
            texts: The record's texts, in order.

        Returns:
            Each text restored.
        """
        opened = [self._opened(text) for text in texts]
        found = [one for values in opened for one in values]
        moved = set() if self._any_order else self._unordered(found) | _mixed(found)
        return [self._restored(text, values, moved) for text, values in zip(texts, opened, strict=True)]

    def restore_joined(self, text: str) -> Restored:
        """Put back the values of a text that may hold several records, such as all lines of a file.

        Args:
            text: The text.

        Returns:
            The text restored.
        """
        opened = self._opened(text)
        return self._restored(text, opened, set() if self._any_order else self._unordered(opened))

    def _opened(self, text: str) -> list[Opened | None]:
        return [self._decrypt(match[0]) for match in MARK.finditer(text)]

    def _unordered(self, opened: Sequence[Opened | None]) -> set[bytes]:
        """Find the documents whose values are out of order, and remember the furthest position of each."""
        unordered = set()
        for one in opened:
            if one is None or one.place is None:
                continue
            document, position = one.place.document, (one.place, one.number)
            before = self._furthest.get(document)
            if before is not None and position <= before:
                unordered.add(document)
            else:
                self._furthest[document] = position
            self._furthest.move_to_end(document)
        while len(self._furthest) > _MOST_DOCUMENTS:
            self._furthest.popitem(last=False)
        return unordered

    def _restored(self, text: str, opened: Sequence[Opened | None], moved: set[bytes]) -> Restored:
        counts = dict.fromkeys(("decrypted", "unauthenticated", "moved", "changed", "unknown"), 0)
        found = iter(opened)

        def value(match: re.Match[str]) -> str:
            one = next(found)
            if one is None:
                counts["changed"] += is_changed(match[0], self._key)
                counts["unknown"] += is_of_unknown_version(match[0])
                return match[0]
            if one.place is not None and one.place.document in moved:
                counts["moved"] += 1
                return match[0]
            counts["decrypted"] += 1
            counts["unauthenticated"] += one.place is None
            return one.value

        restored = MARK.sub(value, text)
        return Restored(restored, left=text.count(ENCRYPTED) - counts["decrypted"], **counts)


def _mixed(opened: Sequence[Opened | None]) -> set[bytes]:
    """Find the documents that have values of several of their records here."""
    records = {(one.place.document, one.place.record) for one in opened if one is not None and one.place is not None}
    return {document for document, count in Counter(document for document, _ in records).items() if count > 1}


def restore_text(text: str, *, key: bytes, any_order: bool = False) -> Restored:
    """Put back every encrypted value of a text that this key decrypts, and leave all else as it is.

    What was encrypted twice is decrypted once. A value that was changed is left; so are all values of a document whose
    values are not in the order in which they were encrypted.

    Args:
        text: A text with values that `Encrypt` wrote.
        key: The key that encrypted.
        any_order: Whether values are put back wherever they are, as in a table that was sorted.

    Returns:
        The text, and how many values were put back and left.

    Raises:
        OptionError: For a key that cannot be one, and without the package `cryptography`.
    """
    return Restoration(key, any_order=any_order).restore_joined(text)


def restore(redacted: Redacted, *, key: bytes) -> str:
    """Put back the original of a text in which every private span was encrypted with this key.

    A `UserWarning` says if values are of the first form, in which a change cannot be noticed.

    Args:
        redacted: What `redact` returned for the policy `Encrypt`.
        key: The key that encrypted.

    Returns:
        The original text.

    Raises:
        OptionError: For a key that cannot be one, and without the package `cryptography`.
        DataError: For spans that were not encrypted, and for values that the key does not decrypt, that were changed,
            moved, or exchanged with others.
    """
    lost = sum(not finding.encrypted for finding in redacted.findings)
    if lost:
        raise DataError(
            f"{lost} of {len(redacted.findings)} private spans were not encrypted, so the original text cannot be "
            f"restored. Use restore_text to put back what is encrypted in any text."
        )
    check_key(key)
    decrypt = decryption(key)
    document: bytes | None = None
    pieces: list[str] = []
    place = old = 0
    for number, finding in enumerate(redacted.findings):
        where = f"Private span {number}, now at {finding.new_start} to {finding.new_end},"
        opened = decrypt(redacted.text[finding.new_start : finding.new_end])
        if opened is None or len(opened.value) != finding.end - finding.start:
            raise DataError(
                f"{where} cannot be decrypted. Give the key and the text that encryption used and returned."
            )
        if opened.place is None:
            old += 1
        else:
            document = document or opened.place.document
            if (opened.place.document, opened.number, opened.label) != (document, number, finding.label):
                raise DataError(
                    f"{where} was encrypted at another place: values were exchanged. "
                    f"Give the text that encryption returned."
                )
        pieces += [redacted.text[place : finding.new_start], opened.value]
        place = finding.new_end
    if old:
        warnings.warn(
            f"{old} values are of the first form, in which a change cannot be noticed. Encrypt the text again.",
            stacklevel=2,
        )
    return "".join([*pieces, redacted.text[place:]])
