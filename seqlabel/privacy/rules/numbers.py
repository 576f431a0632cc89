"""Places of numbers behind the words that say what they are: references, journeys, identity cards, banks, devices.

Their labels are in `seqlabel.privacy.rules.standard`; numbers of countries of Europe, but for Poland's, are in
`seqlabel.privacy.rules.european`. Numbers of orders and invoices name no person: nothing looks for them.
"""

import re
from collections.abc import Callable
from functools import cache

from seqlabel.privacy.rules.finding import Places

_IsValid = Callable[[str], bool]

_NUMBER = r"(?i:[ _-]?(?:n[º°o]\.?|n\.[º°]|no\.|nr\.?|number|num|code|id)(?!\w))?"
_TO = rf"{_NUMBER}[\"')]?(?:[ \t]{{0,3}}[#:=]){{0,2}}[ \t]{{0,3}}(?:(?:is|é|jest)[ \t])?[\"']?"
"""What stands between the name of a number and the number."""
_END = r"(?![\w-]|[./][0-9])"


def _named(first: str, names: str, value: str) -> re.Pattern[str]:
    """A value behind a name; the name's first sign is looked at twice, which is faster."""
    return re.compile(rf"[{first}](?<![\w.].)(?:{names}){_TO}(?P<value>{value}){_END}")


_IDENTITY = _named(
    "rRpP",
    r"(?i:(?<=r)g)|(?i:(?<=p)esel)",
    r"(?:[A-Z]{2}-)?[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}(?:-[0-9Xx])?|[0-9]{7,9}-?[0-9Xx]?|[0-9]{11}",
)


@cache
def _validators() -> tuple[_IsValid, _IsValid, _IsValid]:
    """Whether a string is a PESEL, is a CNPJ, has a right Luhn digit."""
    from stdnum import luhn
    from stdnum.br import cnpj
    from stdnum.pl import pesel

    return pesel.is_valid, cnpj.is_valid, luhn.is_valid


def identity_numbers(text: str) -> Places:
    """Find the numbers of Brazilian identity cards (RG) and of the Polish register (PESEL) behind their names.

    Args:
        text: The text.

    Returns:
        Their half-open characters. A PESEL has right check digits; the states of Brazil have no common ones.
    """
    folded = text.lower()
    if "rg" in folded or "pesel" in folded:
        is_pesel, _, _ = _validators()
        for match in _IDENTITY.finditer(text):
            value = match["value"]
            if text[match.start()] in "rR":
                if len(value) != _PESEL_LENGTH or not value.isdecimal():
                    yield match.span("value")
            elif is_pesel(value):
                yield match.span("value")


_PESEL_LENGTH = 11

_CNPJ = re.compile(r"[0-9](?<![\w.-].)[0-9]\.[0-9]{3}\.[0-9]{3}/[0-9]{4}-[0-9]{2}(?![\w-])")
_CNPJ_SIGN = re.compile("/[0-9]{4}-[0-9]{2}")
_CNPJ_BARE = _named("cC", r"(?i:(?<=c)npj)(?:/MF)?", "[0-9]{14}")


def company_numbers(text: str) -> Places:
    """Find Brazilian CNPJ with right check digits.

    Args:
        text: The text.

    Returns:
        Their half-open characters; those that are digits alone stand behind their name.
    """
    marked, named = _CNPJ_SIGN.search(text), "npj" in text or "NPJ" in text
    if not marked and not named:
        return
    _, is_cnpj, _ = _validators()
    if marked:
        yield from (match.span() for match in _CNPJ.finditer(text) if is_cnpj(match.group()))
    if named:
        yield from (match.span("value") for match in _CNPJ_BARE.finditer(text) if is_cnpj(match["value"]))


_BANK = _named("iI", r"(?i:(?<=i)fsc)", r"[A-Z]{4}0[A-Z0-9]{6}")
_WALLET = re.compile(r"(?<!\w)0x[0-9A-Fa-f]{40}(?!\w)")
_MONEY = re.compile(
    r"wallet|eth|crypto|erc|usd|token|coin|account|addr|\b(?:to|from|pay|send|sent|deposit|transfer)", re.I
)
_MONEY_BEFORE = 48
"""How many characters before a wallet are read for a word that says so."""


def account_numbers(text: str) -> Places:
    """Find wallets of Ethereum, and the codes of Indian banks behind `IFSC`.

    Args:
        text: The text.

    Returns:
        Their half-open characters. A wallet has capitals among its letters, which check it, or a word about money
        before it; without them it is any number of a program.
    """
    for match in _WALLET.finditer(text) if "0x" in text else ():
        start, end = match.span()
        if text[start:end].lower() != text[start:end] or _MONEY.search(text, max(start - _MONEY_BEFORE, 0), start):
            yield start, end
    if "IFSC" in text or "ifsc" in text:
        yield from (match.span("value") for match in _BANK.finditer(text))


_DEVICE = _named("iI", r"(?i:(?<=i)mei)[12]?", r"[0-9]{2}-?[0-9]{6}-?[0-9]{6}-?[0-9]")


def device_numbers(text: str) -> Places:
    """Find the IMEI of telephones by their name and their check digit (Luhn).

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    if "IMEI" in text or "imei" in text:
        _, _, has_luhn_digit = _validators()
        for match in _DEVICE.finditer(text):
            if has_luhn_digit(match["value"].replace("-", "")):
                yield match.span("value")


_LAWYER = _named("B", r"(?<=B)BO", r"[0-9]{6}")


def lawyer_numbers(text: str) -> Places:
    """Find the numbers of American lawyers behind `BBO`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    if "BBO" in text:
        yield from (match.span("value") for match in _LAWYER.finditer(text))


# A reference has a digit, and a capital or a mark between digits; what is digits alone counts something.
_SIGN = r"(?=[^\s]{0,30}[0-9])(?=[0-9]{0,30}[A-Z/-])[A-Z0-9](?:[A-Z0-9]|[/.-](?=[A-Z0-9])){2,31}"
_REFERENCE = re.compile(
    rf"[rRPU](?<![A-Za-z0-9.].)(?:(?i:(?<=r)ef(?:erence)?)\.?{_TO}(?P<reference>{_SIGN}){_END}"
    rf"|(?<=P)NR{_TO}(?P<booking>[A-Z0-9]{{6}})(?!\w)"
    rf"|(?<=U)SCIS(?:[ \t](?i:receipt|case))?{_TO}"
    r"(?P<case>[A-Z]{3}-?[0-9]{10}|A?[0-9]{9}|A?[0-9]{3}-[0-9]{3}-[0-9]{3})(?!\w))"
)
_WHOSE = re.compile(r"(?<!\w)(?:our|your|my|file|client|case|matter)[ _]\Z", re.I)
_BEFORE = 12
"""How many characters before a reference are read for whose it is."""
_OFFICES = ("IOE", "EAC", "WAC", "LIN", "SRC", "MSC", "NBC", "YSC")
_RECEIPT = re.compile(rf"(?<![\w-])(?:{'|'.join(_OFFICES)})[0-9]{{10}}(?!\w)")


def reference_numbers(text: str) -> Places:
    """Find the signs of letters, journeys and files behind `Our ref:`, `PNR` and `USCIS`.

    Args:
        text: The text.

    Returns:
        Their half-open characters.
    """
    if "ref" in text or "Ref" in text or "REF" in text or "PNR" in text or "USCIS" in text:
        for match in _REFERENCE.finditer(text):
            start = match.start()
            if match.lastgroup != "reference" or _WHOSE.search(text, max(start - _BEFORE, 0), start):
                yield match.span(match.lastgroup or "")
    if any(map(text.__contains__, _OFFICES)):
        yield from (match.span() for match in _RECEIPT.finditer(text))
