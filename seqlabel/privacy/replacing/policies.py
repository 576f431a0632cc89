"""Policies: what replaces a private value; texts are rewritten in `privacy.replacing.redacted`,
values found elsewhere.

A value is replaced by its type, by nothing, by a mask of its form, a keyed hash, a pseudonym, or
its encryption. The first two give what Presidio's operators `replace` and `redact` give. Encryption
needs `cryptography` (in the extra `seqlabel-rnn[pii]`); the others need no package.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from seqlabel.errors import OptionError, check_strings, check_type, choose
from seqlabel.privacy.replacing.encryption import Numbering, encryption
from seqlabel.privacy.replacing.keys import Purpose, check_key, derived
from seqlabel.privacy.replacing.locale_names import locale_names
from seqlabel.privacy.replacing.pseudonyms import Style, digest, masked, normal, pseudonym, weeks_of


class Policy(Protocol):
    """Replaces private spans: the dataclasses of this module, or a class of your own.

    A policy that reads the text around a span too, such as a title before a name, has a method
    `replacements_in` besides, which gets the text and gives a function from a `CharacterSpan` to
    what replaces it.
    """

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces the spans of one text.

        Returns:
            A function from a span's text and label to what replaces it, called for the text's spans
            in their order.
        """
        ...


@dataclass(frozen=True)
class Replace:
    """The type in angle brackets, `<PERSON>`.

    Args:
        numbered: Whether the values of a text are distinguished, `<PERSON_1>`, `<PERSON_2>`, in the
            order of their first appearance; the same letters and digits in any case have the same
            number.
    """

    numbered: bool = False

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces spans; see `Policy`."""
        numbers: dict[str, dict[str, int]] = {}

        def replacement(value: str, label: str) -> str:
            if not self.numbered:
                return f"<{label}>"
            known = numbers.setdefault(label, {})
            return f"<{label}_{known.setdefault(normal(value), len(known) + 1)}>"

        return replacement


@dataclass(frozen=True)
class Remove:
    """Nothing: the span is cut out."""

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that removes spans; see `Policy`."""
        return lambda value, label: ""


@dataclass(frozen=True)
class Mask:
    """The span's form: `X` and `x` for letters, `0` for digits, as long as before.

    White space, punctuation and ASCII's symbols stay; all else (combining marks, emoji, invisible
    characters) becomes `x`, and so does every character of a span that has only punctuation, which
    may be a password.
    """

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that masks spans; see `Policy`."""
        return lambda value, label: masked(value)


@dataclass(frozen=True)
class Hash:
    """The first 16 characters of the HMAC-SHA256 of the span's exact UTF-8 text, in base32 (five
    bits per character).

    The same value has the same hash under one key, so that equal values can be counted and joined.

    Args:
        key: A secret of at least 16 bytes; the key of the hash is derived from it.

    Raises:
        OptionError: For a key that is too short or can be guessed.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_key(self.key)

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces spans; see `Policy`."""
        key = derived(self.key, Purpose.HASH)
        return lambda value, label: base64.b32encode(digest(key, value))[:16].decode()


@dataclass(frozen=True)
class Pseudonym:
    """A made-up value that is the same for the same value wherever it appears, for one key.

    HMAC-SHA256 of the value, Unicode-normalised (NFKC), case-folded and without invisible
    characters, chooses it; no state is kept, so that several processes and later runs agree. Each
    word is chosen by itself, so that "Ann LEE", "Lee" and "a. lee" get the same surname. Case,
    number of words, initials and punctuation stay; letters and digits that are not words are chosen
    by the whole value. Titles (`Dr.`, `Ms`) and a possessive stay. MAC and IP addresses, card
    numbers, IBANs and dates of ISO 8601 become other valid ones, ages others of the decade.

    The label says what a pseudonym looks like (`pseudonym` in `kinds.toml`): words that could be
    names, places or firms, made of syllables; an address under the top-level domain `example`,
    which is reserved (RFC 2606); a date in the same notation, of the years 1930 to 2025; or, for
    other labels, letters and digits of the same form.

    Two values can get the same pseudonym. A word of a name, place or firm is one of 512,000: among
    1,000 different words about one pair shares its pseudonym, among 10,000 about 98; whole names of
    two words hardly ever do. Dates and values of other labels have only as many pseudonyms as there
    are values of that form, and short ones collide often. A pseudonym differs from its value; it
    may still be the name or number of a real person by chance.

    Args:
        key: A secret of at least 16 bytes, to be kept as safe as the texts; the key of pseudonyms
            is derived from it.
        locale: The country whose names persons get, a locale of Faker such as `de_DE`; None makes
            names of syllables. A first name becomes one of the same gender. There are about 1,000
            last names, so that more persons share one, and another version of Faker may choose
            others.
        subject: ID of the person whose dates these are, such as a patient's number. All their full
            dates are shifted by one number of weeks, 52 to 520 to and fro, so that intervals,
            weekdays and times of day stay: one known date reveals all. Dates of a
            part (`March 2020`) are chosen one by one, as all are for None. 3/4/2020 is in March for
            the locale `en_US`, otherwise in April.

    Raises:
        OptionError: For a key that is too short or can be guessed, for an unknown locale, and for a
            locale without the package Faker.

    Example:
        >>> import secrets
        >>> policy = Pseudonym(secrets.token_bytes(32), locale="en_US", subject="patient 17")
        >>> replaced = policy.replacements()
        >>> replaced("Dr. Lee", "PERSON").startswith("Dr. ")
        True
    """

    key: bytes = field(repr=False)
    locale: str | None = None
    subject: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        check_key(self.key)
        check_type("locale", self.locale, str | None, "a locale such as 'de_DE', or None")
        check_type("subject", self.subject, str | None, "an ID as a string, or None")
        if self.locale is not None:
            locale_names(self.locale)

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces spans; see `Policy`."""
        key = derived(self.key, Purpose.PSEUDONYM)
        names = None if self.locale is None else locale_names(self.locale)
        weeks = None if self.subject is None else weeks_of(key, self.subject)
        style = Style(names, weeks, self.locale == "en_US")
        return lambda value, label: pseudonym(key, value, label, style)


@dataclass(frozen=True)
class Encrypt:
    """`<ENCRYPTED:v2:…>`, which `restore` and `restore_text` undo; see
    `privacy.replacing.encryption`.

    Equal values look different. The label can be read without the key, and the length shows in
    steps of 16 bytes. A value that was changed is not restored, and one that was moved or exchanged
    is noticed.

    Args:
        key: A secret of at least 16 bytes; the key of encryption is derived from it.

    Raises:
        OptionError: For a key that is too short or can be guessed.
    """

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        check_key(self.key)

    def replacements(self) -> Callable[[str, str], str]:
        """Make the function that replaces the spans of a text that stands alone; see `Policy`.

        Returns:
            A function from a span's text and label to its encryption. It raises `DataError` for
            text that is not valid Unicode.

        Raises:
            OptionError: Without the package `cryptography`.
        """
        return self.numbered_replacements(Numbering())

    def numbered_replacements(self, numbering: Numbering) -> Callable[[str, str], str]:
        """Make the function that replaces the spans of a text that is part of others.

        Args:
            numbering: The text's place and the numbers of its values, which several policies may
                share.

        Returns:
            What `replacements` does.

        Raises:
            OptionError: Without the package `cryptography`.
        """
        encrypt = encryption(self.key)
        return lambda value, label: encrypt(value, label, numbering)


class PolicyName(StrEnum):
    """The names of the policies, for a command or a config."""

    REPLACE = "replace"
    REMOVE = "remove"
    MASK = "mask"
    HASH = "hash"
    PSEUDONYM = "pseudonym"
    ENCRYPT = "encrypt"


KEYED = (PolicyName.HASH, PolicyName.PSEUDONYM, PolicyName.ENCRYPT)
"""The policies that have a key."""
_POLICIES: dict[PolicyName, type[Replace | Remove | Mask | Hash | Pseudonym | Encrypt]] = {
    PolicyName.REPLACE: Replace,
    PolicyName.REMOVE: Remove,
    PolicyName.MASK: Mask,
    PolicyName.HASH: Hash,
    PolicyName.PSEUDONYM: Pseudonym,
    PolicyName.ENCRYPT: Encrypt,
}


def policy_named(name: str, *, key: bytes | None = None) -> Policy:
    """Make the policy with a name.

    Args:
        name: One of `PolicyName`.
        key: The key of a policy that has one.

    Returns:
        The policy.

    Raises:
        OptionError: For a name that is not known, a key that is missing, not needed, too short or
            can be guessed, and where a policy's package is missing.
    """
    chosen = choose(PolicyName, "policy", name)
    if chosen in KEYED and key is None:
        raise OptionError(
            f"policy {chosen.value!r} needs a key, and got none. Make one with `seqlabel keygen "
            f"FILE` and give --key-file FILE; in Python, pass {_POLICIES[chosen].__name__}(key). "
            "Settings and spaCy have `key_file`, and spaCy has `key_variable` for the name of an "
            "environment variable that holds the key."
        )
    if chosen not in KEYED and key is not None:
        raise OptionError(
            f"policy {chosen.value!r} has no key. Leave it out, or choose one of "
            f"{', '.join(KEYED)}."
        )
    made: Callable[..., Policy] = _POLICIES[chosen]
    policy = made() if key is None else made(key)
    # Fails now, not at the first text, if its package is missing.
    policy.replacements()
    return policy


def policy_of(policy: Policy | str) -> Policy:
    """Return a policy that was passed as one or by its name.

    Args:
        policy: A policy, or the name of one that has no key.

    Returns:
        The policy.

    Raises:
        OptionError: For a name that is not known or whose policy has a key, and for what is not a
            policy.

    Example:
        >>> policy_of("mask")
        Mask()
    """
    if isinstance(policy, str):
        return policy_named(policy)
    if isinstance(policy, type) or not callable(getattr(policy, "replacements", None)):
        got = f"the class {policy.__name__}" if isinstance(policy, type) else type(policy).__name__
        raise OptionError(
            f"policy: expected a policy, got {got}. Pass one such as Replace() or Mask(), or "
            "its name."
        )
    return policy


def policies_of(policies: Mapping[str, Policy | str] | None) -> dict[str, Policy]:
    """Return the policies of some labels, of which any may have been passed by its name.

    Args:
        policies: A policy, or the name of one that has no key, for each label; None for none.

    Returns:
        The policy of each label.

    Raises:
        OptionError: For anything but a mapping, and as `policy_of` does.
    """
    if policies is None:
        return {}
    expected = "a mapping such as {'EMAIL': 'mask'}"
    check_type("policies", policies, Mapping, expected)
    check_strings("policies", policies, "labels")
    return {label: policy_of(policy) for label, policy in policies.items()}
