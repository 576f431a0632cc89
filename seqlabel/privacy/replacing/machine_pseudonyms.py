"""Other addresses of networks, card numbers and IBANs that are as valid as the value; keys are used
elsewhere.

Each function gets the value and `draw`, which gives endlessly many random numbers below 2³² for a
canonical form of the value, so that one value in two notations gets one pseudonym. It returns None
for a value that it cannot read.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from seqlabel.names import needed
from seqlabel.privacy.replacing.words import WORDS

Draw = Callable[[str], Iterator[int]]
"""Random numbers below 2³² for a text."""
_SEPARATORS = re.compile(r"[ .:\-]")


def other_mac(value: str, draw: Draw) -> str | None:
    """Choose another MAC address: of one device, and locally administered (IEEE 802), so that no
    maker gave it out.

    Args:
        value: Six or eight bytes in hexadecimal digits, with any separators.
        draw: The random numbers.

    Returns:
        The other address in the notation of the value.
    """

    def drawn(digits: str, numbers: Iterator[int]) -> str:
        other = "".join("0123456789abcdef"[next(numbers) % 16] for _ in digits)
        return other[0] + "26ae"[next(numbers) % 4] + other[2:]

    return _other(
        value, _SEPARATORS.sub("", value).lower(), r"[0-9a-f]{12}|[0-9a-f]{16}", draw, drawn
    )


_KEPT_NETWORKS = [ip_network(network) for network in WORDS["kept_networks"]]
"""Networks for private and special use (RFC 6890), in which an address stays."""
_DOCUMENTATION = ip_network("2001:db8::/32")
_PREFIXED = re.compile(r"(?P<address>[0-9A-Fa-f:.]+)(?P<prefix>/[0-9]{1,3})?")


def other_ip(value: str, draw: Draw) -> str | None:
    """Choose another IP address: private and special ones stay in their network, public ones of
    IPv4 are public.

    Other addresses of IPv6 are in 2001:db8::/32, which is reserved for documentation (RFC 3849).

    Args:
        value: An address of IPv4 or IPv6, perhaps with the length of a prefix, which stays.
        draw: The random numbers.

    Returns:
        The other address; one of IPv6 in its short form (RFC 5952).
    """
    match = _PREFIXED.fullmatch(value)
    if match is None:
        return None
    try:
        address = ip_address(match["address"])
    except ValueError:
        return None
    network = next((kept for kept in _KEPT_NETWORKS if address in kept), None)
    if network is None and isinstance(address, IPv6Address):
        network = _DOCUMENTATION
    numbers = draw(address.exploded)
    while True:
        bits = next(numbers) << 96 | next(numbers) << 64 | next(numbers) << 32 | next(numbers)
        other: IPv4Address | IPv6Address
        if network is None:
            other = IPv4Address(bits & 0xFFFFFFFF)
            if not other.is_global or other.is_multicast:
                continue
        else:
            other = network[bits % network.num_addresses]
        if other != address:
            written = str(other)
            return (written.upper() if value != value.lower() else written) + (
                match["prefix"] or ""
            )


def other_card(value: str, draw: Draw) -> str | None:
    """Choose another number of a payment card with a right check digit (Luhn, ISO 7812).

    Args:
        value: 12 to 19 digits with any separators; the first digit, which tells the industry,
            stays.
        draw: The random numbers.

    Returns:
        The other number in the notation of the value.
    """

    def drawn(digits: str, numbers: Iterator[int]) -> str:
        body = digits[0] + "".join(str(next(numbers) % 10) for _ in digits[2:])
        luhn = needed("stdnum.luhn", needed_for="The pseudonym of a card", extra="pii")
        return f"{body}{luhn.calc_check_digit(body)}"

    return _other(value, _SEPARATORS.sub("", value), r"[0-9]{12,19}", draw, drawn)


def other_iban(value: str, draw: Draw) -> str | None:
    """Choose another IBAN of the same country with right check digits (ISO 7064, mod 97).

    Check digits that a country has in its account numbers are not kept.

    Args:
        value: 15 to 34 letters and digits with any separators.
        draw: The random numbers.

    Returns:
        The other IBAN in the notation of the value.
    """

    def drawn(account: str, numbers: Iterator[int]) -> str:
        body = "".join(
            str(next(numbers) % 10)
            if character.isdigit()
            else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[next(numbers) % 26]
            for character in account[4:]
        )
        iban = needed("stdnum.iban", needed_for="The pseudonym of an IBAN", extra="pii")
        return f"{account[:2]}{iban.calc_check_digits(account[:4] + body)}{body}"

    return _other(
        value, _SEPARATORS.sub("", value).upper(), r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", draw, drawn
    )


def _other(
    value: str, bare: str, form: str, draw: Draw, drawn: Callable[[str, Iterator[int]], str]
) -> str | None:
    """A value drawn from its bare form until it is another one, written as the value is; None for
    another form.
    """
    if not re.fullmatch(form, bare):
        return None
    numbers = draw(bare)
    while (other := drawn(bare, numbers)) == bare:
        pass
    characters = iter(other.lower() if value == value.lower() else other.upper())
    return "".join(next(characters) if character.isalnum() else character for character in value)
