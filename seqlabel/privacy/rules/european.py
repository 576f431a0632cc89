"""Places of European national numbers, of telephone numbers behind their names, and of numbers said in words.

Their labels are in `seqlabel.privacy.rules.standard`. A national number needs right check digits, and where these prove
little, a word before it that says what it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby, pairwise

from seqlabel.privacy.rules.finding import Places

_IsValid = Callable[[str], bool]


@dataclass(frozen=True)
class _Forms:
    """Numbers of one label.

    Args:
        form: What those look like that need no name before them; a group for each kind.
        valid: Whether a number is of a kind, by the kind's group.
        named: The names of those that do, with the same.
        sign: What a text has that has one of the former; it is found faster.
    """

    form: re.Pattern[str]
    valid: Mapping[str, _IsValid]
    named: Mapping[str, _IsValid]
    sign: re.Pattern[str]


def _form(kinds: Mapping[str, str]) -> re.Pattern[str]:
    """One of some kinds of numbers, not inside a longer one; the first sign is looked at twice, which is faster."""
    either = "|".join(
        f"(?P<{name}>(?<={form[: form.index(']') + 1]}){form[form.index(']') + 1 :]})" for name, form in kinds.items()
    )
    return re.compile(rf"[A-Z0-9](?<![\w.-].)(?:{either})(?![\w-]|\.[0-9])")


@cache
def _national() -> _Forms:
    from stdnum.be import nn
    from stdnum.ch import ssn as ahv
    from stdnum.es import dni, nie
    from stdnum.fr import nir
    from stdnum.it import codicefiscale
    from stdnum.nl import bsn

    two, three = "[0-9]{2}", "[0-9]{3}"
    form = _form(
        {
            "italian": r"[A-Z][A-Z]{5}[0-9L-NP-V]{2}[A-EHLMPR-T][0-9L-NP-V]{2}[A-Z][0-9L-NP-V]{3}[A-Z]",
            "spanish": r"[0-9][0-9]{7}-?[A-HJ-NP-TV-Z]",
            "foreign": r"[XYZ]-?[0-9]{7}-?[A-HJ-NP-TV-Z]",
            "french": r"[12](?P<gap> ?)" + "(?P=gap)".join((two, two, "[0-9][0-9AB]", three, three, two)),
            "swiss": r"[7]56\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}",
            "belgian": r"[0-9][0-9]\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}",
        }
    )
    valid = {
        "italian": codicefiscale.is_valid,
        "spanish": dni.is_valid,
        "foreign": nie.is_valid,
        "french": nir.is_valid,
        "swiss": ahv.is_valid,
        "belgian": nn.is_valid,
    }
    named = {"bsn": bsn.is_valid, "burgerservicenummer": bsn.is_valid, "sofi": bsn.is_valid}
    sign = re.compile(
        r"[0-9A-Z](?:(?<=[0-9])(?:[0-9]{6}| [0-9]{2} [0-9]{2} |[0-9]\.[0-9]{2}\.[0-9]{2}-)"
        r"|(?<=[A-Z])[A-Z]{5}|(?<=5)6\.[0-9]{4}\.)"
    )
    return _Forms(form, valid, named, sign)


@cache
def _taxes() -> _Forms:
    from stdnum.br import cpf
    from stdnum.de import idnr
    from stdnum.eu import vat
    from stdnum.pt import nif

    vats = (
        "DE ?[0-9]{9}",
        "ATU ?[0-9]{8}",
        "IT ?[0-9]{11}",
        "NL ?[0-9]{9}B[0-9]{2}",
        "BE ?[01][0-9]{9}",
        "PT ?[0-9]{9}",
        "FR ?[0-9A-Z]{2} ?[0-9]{9}",
        "ES ?[0-9A-Z][0-9]{7}[0-9A-Z]",
    )
    form = _form(
        {
            **{f"vat{number}": f"[{one[0]}]{one[1:]}" for number, one in enumerate(vats)},
            "german": r"[1-9](?<![0-9] .)[0-9](?: [0-9]{3}){3}(?! [0-9])",
        }
    )
    valid = {**{f"vat{number}": vat.is_valid for number in range(len(vats))}, "german": idnr.is_valid}
    named = {
        "steuer": idnr.is_valid,
        "idnr": idnr.is_valid,
        "cpf": cpf.is_valid,
        "nif": nif.is_valid,
        "contribuinte": nif.is_valid,
    }
    return _Forms(form, valid, named, re.compile("[0-9](?:[0-9]{6}| [0-9]{3} [0-9]{3} )"))


def national_numbers(text: str) -> Places:
    """Find the numbers by which a state knows a person.

    Args:
        text: The text.

    Returns:
        The half-open characters of Italian tax codes, Spanish DNI and NIE, French and Belgian register numbers, Swiss
        insurance numbers, and Dutch BSN behind their name.
    """
    return _found(text, _national)


def tax_numbers(text: str) -> Places:
    """Find tax payers' numbers.

    Args:
        text: The text.

    Returns:
        The half-open characters of VAT numbers of eight countries, and of German, Portuguese and Brazilian tax payers'
        numbers; those that are digits alone stand behind their name.
    """
    return _found(text, _taxes)


_MANY_DIGITS = re.compile(r"[0-9](?<![0-9].)(?:[A-Z .-]{0,2}[0-9]){6}")
has_many_digits: Callable[[str], object] = _MANY_DIGITS.search
"""Whether a text has as many digits near each other as the numbers of states have."""
_DIGITS = re.compile(r"[0-9](?<![\w.-].)(?:[ .]?[0-9]){8,10}(?:-[0-9]{2})?(?![\w-]|[ .][0-9])")
_NAMED = re.compile(
    r"(?<![^\W_])(?:(?P<idnr>steuer-?id(?:-?nr|entifikationsnummer|-?nummer)?|idnr)|(?P<bsn>bsn|burgerservicenummer|sofi-?nummer)"
    r"|(?P<nif>nif|contribuinte)|(?P<cpf>cpf))(?![^\W_])[^\w\n]{0,4}"
    r"(?:(?:n\.?º|nr|no|n|ist|lautet|is|é|fiscal)(?!\w)[^\w\n]{0,3}){0,2}\Z",
    re.I,
)
_BEFORE = 40
"""How many characters before a number are read for its name."""


def _found(text: str, forms: Callable[[], _Forms]) -> Places:
    known = forms()
    for match in known.form.finditer(text) if known.sign.search(text) else ():
        if known.valid[match.lastgroup or ""](match.group()):
            yield match.span()
    folded = text.casefold()
    if any(map(folded.__contains__, known.named)):
        for match in _DIGITS.finditer(text):
            start, end = match.span()
            name = _NAMED.search(text, max(start - _BEFORE, 0), start)
            if name and (is_valid := known.named.get(name.lastgroup or "")) and is_valid(match.group()):
                yield start, end


_NUMBER = re.compile(
    r"[+(0-9](?<![\w.,/+-].)(?:(?<=\()\+?[0-9]|(?<=\+)[0-9]|(?<=[0-9]))"
    r"(?:[ .()/\u00a0\u202f\u2010\u2011-]{0,3}[0-9]){6,15}(?!\w|[.,-][0-9])"
)
_CALLED = re.compile(
    r"(?<![^\W_])(?:tel|tél|tel[eé]fono|telefon|telefone|telefoon|téléphone|tfno|tlf|tlm|telm|telem[oó]vel|m[oó]vil|mobil"
    r"|mobile|mobiel|mobilnummer|handy|handynummer|cell|cellulare|celular|cel|portable|fax|gsm|fone|rufnummer|phone)"
    r"(?:[ .-]{0,2}(?:nr|no|n[º°]))?(?:[ \t.]{0,2}[:.][ \t]{0,3}|[ \t]{1,3}(?P<bare>))\Z",
    re.I,
)


_CALLS = (
    "tel",
    "tél",
    "tfno",
    "tlf",
    "tlm",
    "mob",
    "móvil",
    "movil",
    "handy",
    "cel",
    "portable",
    "fax",
    "gsm",
    "fon",
    "rufn",
)


def called_numbers(text: str) -> Places:
    """Find telephone numbers without a country's code behind a word for telephone in one of seven languages.

    Args:
        text: The text.

    Returns:
        Their half-open characters. Where neither a colon nor a full stop stands between, a number begins with 0, + or
        a bracket.
    """
    folded = text.casefold()
    for match in _NUMBER.finditer(text) if any(map(folded.__contains__, _CALLS)) else ():
        start, end = match.span()
        called = _CALLED.search(text, max(start - _BEFORE, 0), start)
        if called and (called["bare"] is None or text[start] in "0+("):
            yield start, end


_SAID = {
    word: digit
    for digit, words in enumerate(
        (
            "zero oh null zéro cero nul",
            "one eins un uno een één um",
            "two zwei zwo deux dos due twee dois",
            "three drei trois tres tre drie três",
            "four vier quatre cuatro quattro quatro",
            "five fünf cinq cinco cinque vijf",
            "six sechs seis sei zes meia",
            "seven sieben sept siete sette zeven sete",
            "eight acht huit ocho otto oito",
            "nine neun neuf nueve nove negen",
        )
    )
    for word in words.split()
}
"""Digits as they are said in seven languages; `meia`, half a dozen, is the six of Brazilian numbers."""
_DIGIT = "|".join(sorted(_SAID, key=len, reverse=True))
_TIMES = ("double", "triple")
_TIMED = f"(?:(?:{'|'.join(_TIMES)}) )?"
_SPOKEN = re.compile(
    rf"(?<![\w-]){_TIMED}(?:{_DIGIT})(?:[ ,.\u2013-]{{1,3}}{_TIMED}(?:{_DIGIT})){{6,20}}(?![\w-])", re.I
)
_DIGIT_WORD = re.compile(_DIGIT, re.I)
_AS_WRITTEN = frozenset(
    form + mark for word in (*_SAID, *_TIMES) for form in (word, word.title(), word.upper()) for mark in ("", ",", ".")
)


def spoken_numbers(text: str) -> Places:
    """Find telephone numbers that are said digit by digit: seven words for digits or more, one after another.

    Args:
        text: The text.

    Returns:
        Their half-open characters. Who counts up or down says no number.
    """
    # Most texts lack such a run of words, and splitting is faster than the search for it.
    words = text.split()
    if _AS_WRITTEN.isdisjoint(words) or _longest_run(words) < _FEWEST:
        return
    for match in _SPOKEN.finditer(text):
        digits = [_SAID[word.lower()] for word in _DIGIT_WORD.findall(match.group())]
        steps = {later - earlier for earlier, later in pairwise(digits)}
        if steps not in ({1}, {-1}):
            yield match.span()


def _longest_run(words: Iterable[str]) -> int:
    """How many words for digits stand one after another at most."""
    return max(len(list(run)) for said, run in groupby(words, _AS_WRITTEN.__contains__) if said)


_FEWEST = 7
"""Words for digits of the shortest number."""
