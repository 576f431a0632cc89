"""Other addresses of networks, card numbers and IBANs that are as valid as the value; keys are used elsewhere.

Each function gets the value and `draw`, which gives endlessly many random numbers below 2³² for a canonical form of the
value, so that one value in two notations gets one pseudonym. It returns None for a value that it cannot read.
"""

import re
from collections.abc import Callable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

Draw = Callable[[str], Iterator[int]]
"""Random numbers below 2³² for a text."""
_SEPARATORS = re.compile(r"[ .:\-]")


def other_mac(value: str, draw: Draw) -> str | None:
    """Choose another MAC address: of one device, and locally administered (IEEE 802), so that no maker gave it out.

    Args:
        value: Six or eight bytes in hexadecimal digits, with any separators.
        draw: The random numbers.

    Returns:
        The other address in the notation of the value.
    """
    digits = _SEPARATORS.sub("", value).lower()
    if not re.fullmatch(r"[0-9a-f]{12}|[0-9a-f]{16}", digits):
        return None
    numbers = draw(digits)
    while True:
        other = "".join("0123456789abcdef"[next(numbers) % 16] for _ in digits)
        other = other[0] + "26ae"[next(numbers) % 4] + other[2:]
        if other != digits:
            return _filled(value, other.upper() if value != value.lower() else other)


_KEPT_NETWORKS = tuple(
    map(
        ip_network,
        (
            *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
            *(
                "192.0.2.0/24",
                "198.51.100.0/24",
                "203.0.113.0/24",
                "198.18.0.0/15",
                "192.0.0.0/24",
                "0.0.0.0/8",
                "224.0.0.0/4",
                "240.0.0.0/4",
            ),
            *("fc00::/7", "fe80::/10", "ff00::/8"),
        ),
    )
)
"""Networks for private and special use (RFC 6890), in which an address stays."""
_DOCUMENTATION = ip_network("2001:db8::/32")
_PREFIXED = re.compile(r"(?P<address>[0-9A-Fa-f:.]+)(?P<prefix>/[0-9]{1,3})?")


def other_ip(value: str, draw: Draw) -> str | None:
    """Choose another IP address: private and special ones stay in their network, public ones of IPv4 are public.

    Other addresses of IPv6 are in 2001:db8::/32, which belongs to nobody (RFC 3849).

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
    network = next((one for one in _KEPT_NETWORKS if address in one), None)
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
            return (written.upper() if value != value.lower() else written) + (match["prefix"] or "")


def other_card(value: str, draw: Draw) -> str | None:
    """Choose another number of a payment card with a right check digit (Luhn, ISO 7812).

    Args:
        value: 12 to 19 digits with any separators; the first digit, which tells the industry, stays.
        draw: The random numbers.

    Returns:
        The other number in the notation of the value.
    """
    digits = _SEPARATORS.sub("", value)
    if not re.fullmatch(r"[0-9]{12,19}", digits):
        return None
    numbers = draw(digits)
    while True:
        body = digits[0] + "".join(str(next(numbers) % 10) for _ in digits[2:])
        doubled = (2 * int(digit) for digit in body[::-2])
        total = sum(number // 10 + number % 10 for number in doubled) + sum(map(int, body[-2::-2]))
        other = body + str(-total % 10)
        if other != digits:
            return _filled(value, other)


def other_iban(value: str, draw: Draw) -> str | None:
    """Choose another IBAN of the same country with right check digits (ISO 7064, mod 97).

    Check digits that a country has in its account numbers are not kept.

    Args:
        value: 15 to 34 letters and digits with any separators.
        draw: The random numbers.

    Returns:
        The other IBAN in the notation of the value.
    """
    account = _SEPARATORS.sub("", value).upper()
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}", account):
        return None
    numbers = draw(account)
    while True:
        body = "".join(
            str(next(numbers) % 10) if one.isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[next(numbers) % 26]
            for one in account[4:]
        )
        check = 98 - int("".join(str(int(one, 36)) for one in f"{body}{account[:2]}00")) % 97
        other = f"{account[:2]}{check:02}{body}"
        if other != account:
            return _filled(value, other.lower() if value == value.lower() else other)


def _filled(value: str, other: str) -> str:
    """Exchange the letters and digits of a value one by one."""
    rest = iter(other)
    return "".join(next(rest) if character.isalnum() else character for character in value)
