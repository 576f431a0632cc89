"""Spans corrected by form: machines' values dropped, values whole, cells apart, and the same in a stream."""

import random

import pytest

from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.privacy.finding.finder import LAYER
from seqlabel.privacy.rules.cues import REACH
from seqlabel.privacy.rules.refining import refined
from tests.privacy.refined_spans import FINE, correct


@pytest.mark.parametrize(
    ("marked", "whole"),
    [
        ("am ⟦12⟧. März 2024 um", "12. März 2024"),
        ("le 1er ⟦février⟧ 2023 à", "1er février 2023"),
        ("el 3 de ⟦mayo⟧ de 2021,", "3 de mayo de 2021"),
        ("il 1° ⟦giugno⟧ 2020", "1° giugno 2020"),
        ("op ⟦4⟧ maart 2019", "4 maart 2019"),
        ("em 7 de ⟦setembro⟧ de 1988.", "7 de setembro de 1988"),
        ("am ⟦4⟧. März. Danach", "4. März"),
        ("am ⟦12⟧. Marzipan", "12"),
    ],
)
def test_a_date_in_another_language_is_taken_whole(marked, whole):
    assert correct(marked, "DATE") == [(whole, "DATE")]


@pytest.mark.parametrize(
    ("marked", "whole"),
    [
        ("on the third of ⟦May 2021⟧ in Oslo", "third of May 2021"),
        ("on the twenty-⟦first of June⟧.", "twenty-first of June"),
        ("⟦May⟧ the 3rd, 2021 was", "May the 3rd, 2021"),
        ("the first one ⟦of May⟧ left", "of May"),
        ("on 11, 12 and ⟦13 March 2024⟧ at", "11, 12 and 13 March 2024"),
        ("from 3rd to ⟦5th May⟧.", "3rd to 5th May"),
        ("in room 4, ⟦13 March⟧", "13 March"),
    ],
)
def test_a_date_in_words_is_taken_whole(marked, whole):
    assert correct(marked, "DATE") == [(whole, "DATE")]


@pytest.mark.parametrize(
    ("marked", "label", "whole"),
    [
        ("/ ⟦SpR Bell⟧ / x", "PERSON", ("Bell", "PERSON")),
        ("in ⟦Canon Ruth Ellery⟧ (chair)", "PERSON", ("Ruth Ellery", "PERSON")),
        ("Miss ⟦Adebayo KC⟧, who", "PERSON", ("Adebayo", "PERSON")),
        ("⟦Tamsin Delacroix, MD⟧\n", "PERSON", ("Tamsin Delacroix", "PERSON")),
        ("⟦Canon⟧ printers", "PERSON", ("Canon", "PERSON")),
        ("Ibekwe ⟦GMC 7104417⟧\n", "EMPLOYEE_ID", ("7104417", "EMPLOYEE_ID")),
        ("Tolliver ⟦58M⟧ with", "PASSWORD", ("58M", "AGE")),
    ],
)
def test_ranks_degrees_and_registers_are_no_part_of_a_value(marked, label, whole):
    assert correct(marked, label) == [whole]


def test_a_span_of_invisible_characters_is_dropped():
    assert correct("B: ⟦\u200e⟧<image>", "PASSWORD") == []


@pytest.mark.parametrize("label", ["PASSWORD", "API_KEY", "EMAIL", "USERNAME"])
@pytest.mark.parametrize("marked", ["⟦ssh root@build7⟧ uptime", "scp -P ⟦root⟧@build7 x", "$ ssh root⟦@build7⟧"])
def test_an_account_of_a_machine_is_taken_without_the_program(marked, label):
    assert correct(marked, label) == [("root@build7", "USERNAME")]


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("see ⟦CV_Mira_Lund.pdf⟧", "PERSON"),
        ("see ⟦Mira-Lund-2023.docx⟧", "PERSON"),
        ("see ⟦Lund_final.pdf⟧", "USERNAME"),
        ("by ⟦Mira_Lund⟧ today", "USERNAME"),
    ],
)
def test_a_file_named_after_a_person_is_not_a_user(marked, label):
    assert correct(marked, "USERNAME")[0][1] == label


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("born 12 March ⟦1984⟧ in Oslo", "DATE_OF_BIRTH", "12 March 1984"),
        ("on ⟦2024-05-06⟧ 12:30:45.678 and", "DATE", "2024-05-06 12:30:45.678"),
        ("2024-05-⟦06⟧T12:30:45Z", "DATE", "2024-05-06T12:30:45Z"),
        ("Sat, ⟦March⟧ 9, 2024 at 10:15 am.", "DATE", "March 9, 2024 at 10:15 am"),
        ("left at 7:05 pm on ⟦9 March⟧ 2023.", "DATE", "7:05 pm on 9 March 2023"),
        ("at 19:05 on Thursday, ⟦9 March 2023⟧ he", "DATE", "19:05 on Thursday, 9 March 2023"),
        ("um 19:05 Uhr am ⟦9. März⟧ 2023", "DATE", "19:05 Uhr am 9. März 2023"),
        ("on ⟦09/03/2023⟧ @ 7:05 pm we", "DATE", "09/03/2023 @ 7:05 pm"),
        ("⟦9 March 2023⟧ - 19:05 call", "DATE", "9 March 2023 - 19:05"),
        ("⟦9/3/2023⟧ 19:05hrs admitted", "DATE", "9/3/2023 19:05hrs"),
        ("at ⟦9 March 2023⟧ - 19 people", "DATE", "9 March 2023"),
        ("on ⟦14 March⟧ 2021, 3 pm to sign", "DATE", "14 March 2021, 3 pm"),
        ("Mon ⟦3 May⟧, 9.30am: yoga", "DATE", "3 May, 9.30am"),
        ("⟦3 May⟧ 14:05 art class", "DATE", "3 May 14:05"),
        ("[⟦2024-07-14⟧ 09:02:44 GST] LOG", "DATE", "2024-07-14 09:02:44 GST"),
        (
            "| ⟦2009-03-30⟧ 09:01:55 +0200 (Mon, 30 Mar 2009) | 1",
            "DATE",
            "2009-03-30 09:01:55 +0200 (Mon, 30 Mar 2009)",
        ),
        ("ratio 7:05 on ⟦9 March⟧", "DATE", "7:05 on 9 March"),
        ("by ⟦Deloitte and⟧ me", "ORGANISATION", "Deloitte"),
        ("mit ⟦Anna und⟧ mir", "PERSON", "Anna"),
        ("⟦Marks and Spencer⟧ and", "ORGANISATION", "Marks and Spencer"),
        ("call (202) ⟦555⟧-0147 now", "PHONE", "(202) 555-0147"),
        ("call ⟦202 555⟧ 0147 x12", "PHONE", "202 555 0147 x12"),
        ("card 4111 ⟦1111⟧ 1111 1112", "CARD", "4111 1111 1111 1112"),
        ("IBAN GB83 WEST ⟦1234⟧ 5698 7654 32 AND", "IBAN", "GB83 WEST 1234 5698 7654 32"),
        ("policy #⟦POL⟧-77300-12.", "INSURANCE_ID", "#POL-77300-12"),
        ("by @⟦ann⟧_moss.", "USERNAME", "@ann_moss"),
        ("case 2:21-cv-⟦04832⟧", "CASE_NUMBER", "2:21-cv-04832"),
        ("pw is ⟦Tulip⟧!9024, ok", "PASSWORD", "Tulip!9024"),
        ("pw is ⟦Tulip⟧! Really", "PASSWORD", "Tulip"),
        ("key ⟦aB3x⟧-Y9_z== next", "API_KEY", "aB3x-Y9_z=="),
        ("at 14 ⟦Larch Close⟧, Apt 4B, Oakham", "ADDRESS", "14 Larch Close, Apt 4B"),
        ("at Studio 87w, 14 ⟦Larch Close⟧, Oakham", "ADDRESS", "Studio 87w, 14 Larch Close"),
        ("at Studio ⟦87w⟧, Oakham", "ADDRESS", "Studio 87w"),
        ("the studio ⟦Larch Close⟧", "ADDRESS", "Larch Close"),
        ("Via Roma 3, 89015 ⟦Taureana⟧ (RC), Italia", "LOCATION", "Taureana (RC)"),
        ("61055838 ⟦Cardoso⟧ / AP", "LOCATION", "Cardoso / AP"),
        ("in ⟦Oakham⟧ (OK) and / OR", "LOCATION", "Oakham (OK)"),
        ("Ms ⟦Okafor⟧-Bell's car", "PERSON", "Okafor-Bell"),
        ("to Jan van der ⟦Berg⟧ and", "PERSON", "van der Berg"),
        ("with ⟦O⟧'Hara now", "PERSON", "O'Hara"),
    ],
)
def test_a_value_of_which_a_part_was_found_is_whole(marked, label, expected):
    assert correct(marked, label) == [(expected, label)]


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("x ⟦Ada Moss\tOakham⟧ y", "PERSON", ["Ada Moss", "Oakham"]),
        ("⟦LI,⟧BO,1990", "PERSON", ["LI"]),
        ("⟦Ada Moss\n14 Larch Close⟧", "ADDRESS", ["Ada Moss", "14 Larch Close"]),
        ("⟦Ada Moss | Oakham⟧", "LOCATION", ["Ada Moss", "Oakham"]),
        ("⟦Moss,Ada;Oakham⟧", "PERSON", ["Moss", "Ada", "Oakham"]),
        ("⟦Moss, Ada⟧", "PERSON", ["Moss, Ada"]),
        ("⟦a;b|c⟧", "PASSWORD", ["a;b|c"]),
        ("⟦x.example\tF4GX⟧", "URL", ["x.example", "F4GX"]),
        ("passwd=⟦qwerty secret⟧=zebra", "PASSWORD", ["qwerty"]),
        ("name=⟦Ann Lee role⟧=admin", "PERSON", ["Ann Lee"]),
        ("(⟦Bar No. 284417⟧)", "EMPLOYEE_ID", ["284417"]),
        ("(⟦Bar No.⟧ 284417)", "EMPLOYEE_ID", []),
        ("key=⟦Basic dXNlcg⟧==", "API_KEY", ["Basic dXNlcg=="]),
        ("Dear ⟦Anna Smith⟧=20", "PERSON", ["Anna Smith"]),
        ("in=⟦San Jose⟧=US", "LOCATION", ["San Jose"]),
        ("to ⟦anna smith⟧=owner", "PERSON", ["anna smith"]),
        ("⟦01/15/24,08:01:33⟧,Assign", "DATE", ["01/15/24", "08:01:33"]),
    ],
)
def test_a_span_ends_at_the_separators_of_cells(marked, label, expected):
    assert [value for value, _ in correct(marked, label)] == expected


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("<city⟦>Lagos⟧</city>", "LOCATION", ["Lagos"]),
        ("⟦<city>Lagos</city>⟧", "LOCATION", ["Lagos"]),
        ("<⟦city>Lagos</city⟧>", "LOCATION", ["Lagos"]),
        ("<a>⟦Lagos</a><b>Ann Moss⟧</b>", "PERSON", ["Lagos", "Ann Moss"]),
        ("⟦Ann<br/>Moss⟧", "PERSON", ["Ann", "Moss"]),
        ("<pw⟦>Tulip!9</pw>⟧", "PASSWORD", ["Tulip!9"]),
        ("Write to ⟦<ann@example.org>⟧ now", "EMAIL", ["ann@example.org"]),
        ("<⟦city⟧>Lagos</city>", "LOCATION", []),
        ("<city>Lagos⟦</city>⟧", "LOCATION", []),
        # One who writes, not a tag.
        ("⟦<ann>⟧ hello", "USERNAME", ["ann"]),
        ("⟦<ann> Moss⟧ hello", "PERSON", ["ann> Moss"]),
    ],
)
def test_a_span_leaves_the_tags_of_xml(marked, label, expected):
    assert [value for value, _ in correct(marked, label)] == expected


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("as ann@⟦example.org:Tulip!9⟧ now", "PASSWORD", ["Tulip!9"]),
        ("as ⟦ann@example.org Tulip!9⟧ now", "PASSWORD", ["Tulip!9"]),
        ("as ann@⟦example⟧.org now", "PASSWORD", []),
        ("as ann@example.org ⟦Tulip⟧!9 now", "PASSWORD", ["Tulip!9"]),
        ("as ⟦ann@example.org⟧ now", "USERNAME", ["ann@example.org"]),
    ],
)
@pytest.mark.parametrize("before", ["", "login\n"])
def test_a_password_begins_behind_an_address(marked, label, expected, before):
    assert [value for value, _ in correct(marked, label, before, emails=[(3, 18)])] == expected


def test_unknown_labels_and_layers_without_scores_keep_their_spans():
    document = Document.from_words(["Ward", "7"])
    spans = align_spans(document, [CharacterSpan(5, 6, "WARD")]).spans
    document = document.with_spans(LAYER, Spans(spans))
    assert refined(document, LAYER) == Spans(spans, (1.0,))


LABELS = (
    *("PERSON", "ADDRESS", "DATE", "PHONE", "CARD", "IBAN", "SSN", "IP", "ACCOUNT", "PASSWORD"),
    *("API_KEY", "USERNAME", "CASE_NUMBER", "LOCATION", "AGE", "X"),
)
SIGNS = "aB3 -./:<>#@=,;|\t\n'_+(0123456789" + "12 March 2024 van der 0000"


def test_any_text_is_refined_by_what_is_near():
    chance = random.Random(0)
    for _ in range(400):
        text = "".join(chance.choice(SIGNS) for _ in range(chance.randint(1, 60)))
        document = FINE(text)
        if not len(document):
            continue
        start = chance.randrange(len(text))
        place = CharacterSpan(start, chance.randint(start + 1, len(text)), chance.choice(LABELS))
        spans = align_spans(document, [place]).spans
        document = document.with_spans(LAYER, Spans(spans, (0.5,) * len(spans)))
        found = refined(document, LAYER)
        for span in found.spans:
            assert 0 <= span.start < span.end <= len(document)
            # A word such as "<3" is not cut.
            assert not {document.words[span.start], document.words[span.end - 1]} & {"<", ">"}
        # What stands farther away than the reach changes nothing.
        far = "account customer " * 9 + "\n" + "z" * 3 + "\n" + " " * (3 * REACH)
        assert refined(document, LAYER, far) == found


@pytest.mark.parametrize(
    ("marked", "expected"),
    [
        ("call:\n  ⟦- 555-010-4477⟧", "555-010-4477"),
        ("⟦* 555-010-4477⟧ call", "555-010-4477"),
        ("call ⟦* 555-010-4477⟧", "* 555-010-4477"),
    ],
)
def test_the_mark_of_a_list_is_no_part_of_a_value(marked, expected):
    assert correct(marked, "PHONE") == [(expected, "PHONE")]


@pytest.mark.parametrize(
    ("marked", "label", "expected"),
    [
        ("on the ⟦14th⟧ day of March, 2023, she", "DATE", "the 14th day of March, 2023"),
        ("made the first day of ⟦October 2024⟧ between", "DATE", "the first day of October 2024"),
        ("number is ⟦QQ 12 34 56⟧ C and", "NATIONAL_ID", "QQ 12 34 56 C"),
        ("number is ⟦QQ 12 34 56⟧ cm and", "NATIONAL_ID", "QQ 12 34 56"),
        ("the ⟦first⟧ day of school", "DATE", "first"),
    ],
)
def test_dates_of_deeds_and_insurance_numbers_are_taken_whole(marked, label, expected):
    assert correct(marked, label) == [(expected, label)]


@pytest.mark.parametrize("marked", ["by mira.lund⟦@example.org⟧ today", "by ⟦mira.lund@example.org⟧ today"])
def test_an_address_that_begins_with_its_mark_gets_its_mailbox(marked):
    assert correct(marked, "EMAIL") == [("mira.lund@example.org", "EMAIL")]
