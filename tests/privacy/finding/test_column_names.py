"""Names of columns that say whose their values are."""

import pytest

from seqlabel.privacy.finding.column_names import LONGEST, cue_of, holds_secrets

PERSONAL = {
    "surname": "surname",
    "LAST NAME": "LAST NAME",
    "rows[3].lastName": "lastName",
    "patient.name": "patient name",
    "name[0].given[1]": "name given",
    "customer.id": "customer id",
    "CustomerID": "CustomerID",
    "to.emails[0]": "emails",
    "db_password": "db_password",
    "secret key": "secret key",
    "refresh_token": "refresh_token",
    "created_by": "created_by",
    "policy number": "policy number",
    "addresses[0].street": "street",
    "Employee No.": "Employee No.",
    "Tel. No.": "Tel. No.",
    "response.data.customers[0].contactInformation.primaryContact.lastName": "lastName",
    "Patient's name": "Patient's name",
    "Employee ID Number": "Employee ID Number",
    "birthDate": "birthDate",
    "emailAddresses": "emailAddresses",
    "address_line_1": "address_line_1",
    "Phone (home)": "Phone (home)",
    "assigned_to": "assigned_to",
    "Driver License": "Driver License",
    "tele\u0301fono": "teléfono",
    "last\\.name": "last.name",
    "customer\nname": "customer name",
    "PGPASSWORD": "PGPASSWORD",
    "Date of birth": "Date of birth",
    "Prénom": "Prénom",
}
THINGS = """
    name Name first id no 0 col7 text title status description date product_name file_name status_code token key
    primary_key user_agent order_by policy tax release_date license caller goto
"""  # noqa: E501
OTHERS = ("", " ", "[0]", "x" * 100, *THINGS.split())


@pytest.mark.parametrize("path", PERSONAL)
def test_a_column_of_persons_is_a_cue(path):
    assert cue_of(path, "Best") == PERSONAL[path] + ": "


@pytest.mark.parametrize("path", OTHERS)
def test_any_other_column_is_none(path):
    assert cue_of(path, "Best") == ""


@pytest.mark.parametrize("value", ["", "Best\nPage", "x" * (LONGEST + 1), "N/A", "unknown", "-"])
def test_only_short_values_of_one_line_are_read_so(value):
    assert cue_of("surname", value) == ""
    assert cue_of("surname", "x" * LONGEST) == "surname: "


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("db_password", True),
        ("auth.passwords[0]", True),
        ("PGPASSWORD", True),
        ("user", False),
        ("", False),
    ],
)
def test_columns_of_secrets_are_told(path, expected):
    assert holds_secrets(path) is expected
