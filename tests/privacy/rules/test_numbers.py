"""Numbers behind the words that say what they are, with check digits where there are any; other numbers stay."""

import pytest

from seqlabel.privacy.rules import find_patterns
from tests.extras import needs_pii

pytestmark = needs_pii


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_patterns(text)]


@pytest.mark.parametrize(
    ("text", "value", "label"),
    [
        ("RG: 31.204.887-5", "31.204.887-5", "NATIONAL_ID"),
        ("portador do RG 31.204.887-X SSP/SP", "31.204.887-X", "NATIONAL_ID"),
        ('{"rg": "312048875"}', "312048875", "NATIONAL_ID"),
        ("RG nº MG-31.204.887, residente", "MG-31.204.887", "NATIONAL_ID"),
        ("RG n.º 4.204.887", "4.204.887", "NATIONAL_ID"),
        ("a identidade (RG) é 45.678.901-X", "45.678.901-X", "NATIONAL_ID"),
        ("PESEL: 02070803628", "02070803628", "NATIONAL_ID"),
        ("CNPJ 04.252.011/0001-10", "04.252.011/0001-10", "TAX_ID"),
        ("emitida por 04.252.011/0001-10.", "04.252.011/0001-10", "TAX_ID"),
        ("cnpj=04252011000110", "04252011000110", "TAX_ID"),
        ('"cpf": "52998224725"', "52998224725", "TAX_ID"),
        ("CPF nº 529.982.247-25", "529.982.247-25", "TAX_ID"),
        ("IMEI 352099001761481", "352099001761481", "CUSTOMER_ID"),
        ("IMEI1: 35-209900-176148-1", "35-209900-176148-1", "CUSTOMER_ID"),
        ("IFSC: SBIN0005943", "SBIN0005943", "ACCOUNT"),
        ("IFSC code SBIN0005943.", "SBIN0005943", "ACCOUNT"),
        ("to 0x" + "5aC3" * 10 + " today", "0x" + "5aC3" * 10, "ACCOUNT"),
        ("ETH wallet 0x" + "5ac3" * 10, "0x" + "5ac3" * 10, "ACCOUNT"),
        ("Our ref: KL/4410/23", "KL/4410/23", "CASE_NUMBER"),
        ("Your reference number: B-55017.", "B-55017", "CASE_NUMBER"),
        ("client_ref=TR77-19", "TR77-19", "CASE_NUMBER"),
        ("PNR: QW3R7T", "QW3R7T", "CASE_NUMBER"),
        ("USCIS # 123-456-789", "123-456-789", "CASE_NUMBER"),
        ("receipt EAC2190054321", "EAC2190054321", "CASE_NUMBER"),
        ("BBO# 640112", "640112", "EMPLOYEE_ID"),
        ("BBO No. 640112,", "640112", "EMPLOYEE_ID"),
    ],
)
def test_a_number_is_found_whole_behind_its_name(text, value, label):
    assert found(text) == [(value, label)]


@pytest.mark.parametrize(
    "text",
    [
        "org 312048875, RG 1234/2021, large 312048875, RGB 31.204.887, RG 12",
        "PESEL 02070803629, 02070803628",
        "04.252.011/0001-11, 04252011000110, cnpj 04252011000111",
        "52998224725, CPF 52998224726",
        "IMEI 352099001761482, 352099001761481",
        "SBIN0005943, IFSC unknown",
        "0x" + "5aC3" * 9 + ", 0x" + "5aC3" * 16,
        "mask = 0x" + "5ac3" * 10,
        "Our ref: none, our refund: 2291/24, ref 2291, my reference 17, href=A-20391, our ref 2291",
        "PNR abcdef, PNR QW3R7TX",
        "invoice INV-2024-0173, Order #A-20391, order 8810-3347-52",
        "USCIS 2024, BBO 12, ABBO# 640112",
    ],
)
def test_other_numbers_are_left(text):
    assert found(text) == []
