"""Names of columns that say whose their values are."""

import pytest

from seqlabel.privacy.column_names import LONGEST, cue_of

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
    "Employee No.": "Employee No",
    "Date of birth": "Date of birth",
    "Prénom": "Prénom",
}
OTHERS = (
    *(
        "",
        " ",
        "[0]",
        "name",
        "Name",
        "first",
        "id",
        "no",
        "0",
        "col7",
        "text",
        "title",
        "status",
        "description",
        "date",
    ),
    *(
        "product_name",
        "file_name",
        "status_code",
        "token",
        "key",
        "primary_key",
        "user_agent",
        "order_by",
        "policy",
        "tax",
    ),
)


@pytest.mark.parametrize("path", PERSONAL)
def test_a_column_of_persons_is_a_cue(path):
    assert cue_of(path, "Best") == PERSONAL[path].rstrip(".") + ": "


@pytest.mark.parametrize("path", OTHERS)
def test_any_other_column_is_none(path):
    assert cue_of(path, "Best") == ""


@pytest.mark.parametrize("value", ["", "Best\nPage", "x" * (LONGEST + 1)])
def test_only_short_values_of_one_line_are_read_so(value):
    assert cue_of("surname", value) == ""
    assert cue_of("surname", "x" * LONGEST) == "surname: "
