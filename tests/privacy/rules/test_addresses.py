"""British, Irish, Indian and Australian addresses read from their postcodes, and what only looks like one."""

import pytest

from seqlabel.privacy.rules.addresses import named_houses, streets, streets_abroad, towns


def found(text):
    return [text[start:end] for start, end in streets(text)], [text[start:end] for start, end in towns(text)]


@pytest.mark.parametrize(
    ("text", "street", "parts"),
    [
        ("to 12 High Street, Oakham, LE15 6AB now", "12 High Street", ["Oakham", "LE15 6AB"]),
        ("12a Old Mill Lane\nStoke-on-Trent\nST1 2AB\n", "12a Old Mill Lane", ["Stoke-on-Trent", "ST1 2AB"]),
        ("Studio 7\nJoyce Course\nPaynetown\nPR2R 7DZ", "Studio 7\nJoyce Course", ["Paynetown", "PR2R 7DZ"]),
        ("| Flat 2, Lindsey Lake, Oakham, L1F 2SA |", "Flat 2, Lindsey Lake", ["Oakham", "L1F 2SA"]),
        ("Flat 3, 64 Larch Brae, Glasgow G3 6QX", "Flat 3, 64 Larch Brae", ["Glasgow", "G3 6QX"]),
        ("5 St Ann's Road, Bury, Lancashire, BL9 1AA", "5 St Ann's Road", ["Bury", "Lancashire", "BL9 1AA"]),
        ("17 Elm Rise, Newcastle upon Tyne, NE1 1AA.", "17 Elm Rise", ["Newcastle upon Tyne", "NE1 1AA"]),
        ("8 Kenneth Port, Martinland, ACT, 2955 |", "8 Kenneth Port", ["Martinland", "ACT", "2955"]),
        ("Level 2 05 Robert Close\nPerth, WA, 6001", "Level 2 05 Robert Close", ["Perth", "WA", "6001"]),
        ("Unit 4 9 Spur Road, Alice Springs NT 0870", "Unit 4 9 Spur Road", ["Alice Springs", "NT", "0870"]),
        ("6/820 Shelly Steps, Port Ronald, QLD, 4818", "6/820 Shelly Steps", ["Port Ronald", "QLD", "4818"]),
        ("14 Main Street, Naas, Co. Kildare, W91 X8Y7.", "14 Main Street", ["Naas", "Co. Kildare", "W91 X8Y7"]),
        ("Apt 5, 22 Capel Street\nDublin 1\nD01 F5P2", "Apt 5, 22 Capel Street", ["Dublin 1", "D01 F5P2"]),
        ("9 Sandford Park, Dublin 6, D6W XY00", "9 Sandford Park", ["Dublin 6", "D6W XY00"]),
        ("| 25 Aylward Street D0133WK Shay |", "25 Aylward Street", ["D0133WK"]),
        ("H.No. 76, Gandhi Circle, Patiala-147001", "H.No. 76, Gandhi Circle", ["Patiala", "147001"]),
        ("62/9\nSaxena Marg\nMalda 732101\n", "62/9\nSaxena Marg", ["Malda", "732101"]),
        ("#14, Lake Road, Pune, Maharashtra 411001", "#14, Lake Road", ["Pune", "Maharashtra", "411001"]),
        ("Flat No. 3, Rose Villas, Bengaluru - 560 001", "Flat No. 3, Rose Villas", ["Bengaluru", "560 001"]),
    ],
)
def test_an_address_is_read_back_from_its_postcode(text, street, parts):
    assert found(text) == ([street], parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "High Street, Oakham, LE15 6AB",
        "12 high street, Oakham, LE15 6AB",
        "12 High Street, Oakham, LE15 6ABC",
        "12 High Street, Oakham, 2955",
        "12 High Street, Oakham, NSW, 29555",
        "v1.12 High Street, Oakham, LE15 6AB",
        "12 High Street. Oakham, LE15 6AB",
        "12 High Street, Oakham, WA 6AB",
        "12 High Street, Oakham, LE15 6001",
        "14 Galaxy Phone A41 8RYX",
        "14 main street, Naas, W91 X8Y7",
        "14 Main Street, Naas, W91 X8Y72",
        "14 Main Street, Naas, B91 X8Y7",
        "76 of Gandhi Circle, Patiala-147001",
        "76, Gandhi Circle, Patiala-1470012",
        "76, Gandhi Circle, patiala-147001",
        "on page 76, Patiala-147001",
        "12 High Street, " + "Long " * 20 + "Oakham, LE15 6AB",
    ],
)
def test_anything_else_is_left_to_the_model(text):
    assert found(text) == ([], [])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at Rose Cottage, Back Lane, Settle", ["Rose Cottage, Back Lane"]),
        ("Flat 6, Beech Court, 12 Mossley Lane", ["Flat 6, Beech Court, 12 Mossley Lane"]),
        ("of The Old Dairy, Pound Lane", ["The Old Dairy, Pound Lane"]),
        ("the White House, Lafayette Park and Family Court, Superior Court", []),
        ("a house, Back Lane; House, Back Lane; Rose Cottage, then Lane", []),
    ],
)
def test_a_house_with_a_name_has_its_street_behind_it(text, found):
    assert [text[start:end] for start, end in named_houses(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("at Lindenstraße 14 b, and", ["Lindenstraße 14 b"]),
        ("Hauptstr. 5a, 10115 Berlin", ["Hauptstr. 5a"]),
        ("from Karl-Marx-Allee 8 to Prinsengracht 263", ["Karl-Marx-Allee 8", "Prinsengracht 263"]),
        ("Rosa-Luxemburg-Straße 3", ["Rosa-Luxemburg-Straße 3"]),
        ("Konrad-Adenauerstraße 3", ["Konrad-Adenauerstraße 3"]),
        ("We live in Storgatan 9 now, not Åsvägen 12", ["Storgatan 9", "Åsvägen 12"]),
        ("Vesterbrogade 12", ["Vesterbrogade 12"]),
        ("near Eino Leinon polku 4 and Maneesikuja 3", ["Eino Leinon polku 4", "Maneesikuja 3"]),
        ("ul. Długa 14/3", ["ul. Długa 14/3"]),
        ("Strasse 5, Weg 12, Highway 5, Norweg 5, Autobahn 3, Bahnhof 3, ThinkPad 3, Notepad 2", []),
        ("Smith et al. Nature 521, Brown et al. Table 2", []),
        ("Fire Brigade 12, Renegade 2019, Prestige 500, Blockade 1948, Stockade 17, Regata 2024, Parkplatz 7", []),
        ("Lange Straße 3, Mannerheimintie 12 A 4", ["Lange Straße 3", "Mannerheimintie 12 A 4"]),
        ("the lindenstraße 14, Storgatan", []),
        ("by Storgatan 9-11", ["Storgatan 9-11"]),
    ],
)
def test_a_street_abroad_is_known_by_its_form(text, found):
    assert [text[start:end] for start, end in streets_abroad(text)] == found
