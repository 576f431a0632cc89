"""Numbers with dots that cannot be dates, told from those that can."""

import pytest

from seqlabel.privacy.rules.date_forms import is_no_date


@pytest.mark.parametrize(
    "value", ["2.19.301", "v1.2.26", "14.11.863", "22.77.98", "17.0408", "11.3031", "3.14159", ":1194", "0.5.12"]
)
def test_decimals_versions_and_ports_are_no_dates(value):
    assert is_no_date(value)


@pytest.mark.parametrize(
    "value",
    ["12.1.17", "14.11.86", "14.11.1986", "85.03.12", "12.031985", "1985.0312", "11.2031", "3 May", "12/03/2024"],
)
def test_what_can_be_a_date_stays(value):
    assert not is_no_date(value)
