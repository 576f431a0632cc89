"""Other addresses and numbers against the validators of the standard library and of
python-stdnum.
"""

import re
from hashlib import sha256
from ipaddress import IPv4Address, IPv6Address, ip_address

from hypothesis import given, settings
from hypothesis import strategies as st

from seqlabel.privacy.replacing.policies import Pseudonym
from tests.extras import needs_pii
from tests.keys import KEY, OTHER_KEY

pytestmark = needs_pii
few = settings(max_examples=40, deadline=None)
new = Pseudonym(KEY).replacements()
other = Pseudonym(OTHER_KEY).replacements()


def form(value):
    return re.sub(r"[^\W_]", "x", value)


@few
@given(st.binary(min_size=6, max_size=6), st.sampled_from(":- "))
def test_mac_addresses(data, separator):
    value = data.hex(separator)
    mac = new(value, "MAC")
    assert re.fullmatch(rf"[0-9a-f]{{2}}({separator}[0-9a-f]{{2}}){{5}}", mac)
    assert int(mac[:2], 16) & 3 == 2, "of one device, and of no maker"
    assert mac != value
    assert new(value.upper(), "MAC").lower() == mac
    assert new(data.hex(".", 2), "MAC") == ".".join(re.findall("....", mac.replace(separator, "")))


@few
@given(
    st.one_of(
        st.ip_addresses(v=4),
        st.sampled_from([*map(IPv4Address, ("10.0.0.1", "127.0.0.1", "0.0.0.0"))]),
    )
)
def test_ipv4_addresses(value):
    found = IPv4Address(new(str(value), "IP"))
    assert found != value
    # Of 192.0.0.0/24, some addresses are global, which ones depends on Python's version.
    if not str(value).startswith("192.0.0."):
        assert found.is_private or not value.is_private
        assert found.is_global or not value.is_global
    assert new(f"{value}/24", "IP") == f"{found}/24"


def test_private_addresses_stay_in_their_network():
    for value, start in (
        ("10.9.8.7", "10."),
        ("192.168.1.1", "192.168."),
        ("169.254.1.2", "169.254."),
        ("fd00::1", "f"),
    ):
        assert new(value, "IP").startswith(start)
        assert ip_address(new(value, "IP")).is_private
    assert re.match(r"172\.(1[6-9]|2\d|3[01])\.", new("172.20.1.1", "IP"))
    assert new("fe80::1", "IP").startswith("fe")
    assert IPv6Address(new("fe80::1", "IP")).is_link_local


@few
@given(st.ip_addresses(v=6))
def test_ipv6_addresses(value):
    found = new(str(value), "IP")
    assert IPv6Address(found) != value
    assert new(value.exploded, "IP") == found
    assert new(value.exploded.upper(), "IP").lower() == found


@few
@given(st.text("0123456789", min_size=11, max_size=18), st.sampled_from(["", " ", "-"]))
def test_card_numbers(digits, separator):
    from stdnum import luhn

    value = separator.join(re.findall(".{1,4}", digits + luhn.calc_check_digit(digits)))
    card = new(value, "CARD")
    assert luhn.is_valid(re.sub(r"\D", "", card))
    assert (form(card), card[0]) == (form(value), value[0])
    assert card != value
    assert new(re.sub(r"\D", "", value), "CARD") == re.sub(r"\D", "", card)
    assert card == new(value, "CREDIT_CARD")


@few
@given(
    st.sampled_from(
        ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "fr1420041010050500013m02606"]
    ),
    st.data(),
)
def test_ibans(value, data):
    from stdnum.iso7064 import mod_97_10

    # A hash, because drawn bytes may count, and such keys are refused.
    key = sha256(data.draw(st.binary(min_size=16, max_size=16))).digest()
    iban = Pseudonym(key).replacements()(value, "IBAN")
    plain = iban.replace(" ", "").upper()
    assert mod_97_10.is_valid(plain[4:] + plain[:4])
    assert (form(iban), iban[:2], iban.isupper()) == (form(value), value[:2], value.isupper())
    assert iban != value


@few
@given(
    st.text("0123456789abcdefABCDEF:. -/zé\u0663", max_size=30),
    st.sampled_from(["IP", "MAC", "CARD", "IBAN", "AGE", "DATE"]),
)
def test_anything_else_has_a_pseudonym_too(value, label):
    if value:
        assert new(value, label) == new(value, label)
        assert not re.search("[0-9]", value) or new(value, label) != value


def test_keys_decide():
    for value, label in (
        ("10.9.8.7", "IP"),
        ("00:11:22:33:44:55", "MAC"),
        ("4111111111111111", "CARD"),
    ):
        assert new(value, label) != other(value, label)
