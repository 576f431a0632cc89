"""Sessions: the same value, the same placeholder; values back into answers; nothing kept in the
open.
"""

import json
import re
import stat
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from seqlabel import Session
from seqlabel.documents.alignment import align_spans
from seqlabel.documents.document import Document, Spans
from seqlabel.documents.spans import CharacterSpan
from seqlabel.errors import DataError, OptionError
from seqlabel.privacy.replacing.encryption import Numbering, decryption, encryption
from seqlabel.privacy.replacing.person_names import PersonName
from seqlabel.privacy.replacing.redacted import redact_characters
from tests.extras import needs_pii
from tests.keys import KEY, OTHER_KEY


def said(session, text, *values):
    """What a session makes of a text in which these (value, label) are private."""
    spans = []
    for value, label in values:
        start = text.index(value, spans[-1].end if spans else 0)
        spans.append(CharacterSpan(start, start + len(value), label))
    return redact_characters(text, spans, session).text


def person(session, name):
    return said(session, name, (name, "PERSON"))


def mail(session, address):
    return said(session, address, (address, "EMAIL"))


def test_the_same_value_has_the_same_placeholder_in_every_text():
    session = Session()
    values = [("Ann Lee", "PERSON"), ("ann@lee.example", "EMAIL")]
    assert said(session, "Ann Lee, ann@lee.example", *values) == "<PERSON_1>, <EMAIL_1>"
    values = [("ANN@lee.example", "EMAIL"), ("bob@x.example", "EMAIL")]
    text = said(session, "to ANN@lee.example or bob@x.example", *values)
    assert text == "to <EMAIL_1> or <EMAIL_2>"
    assert len(session) == 3
    assert "Ann" not in repr(session)


@pytest.mark.parametrize(
    ("names", "numbers", "restored"),
    [
        # Other forms of a name are the same person, and the fullest one comes back.
        ("Ann Lee, ann lee", "1 1", "Ann Lee"),
        ("Ann Lee, Ms. Lee", "1 1", "Ann Lee"),
        ("Ann Lee, Lee", "1 1", "Ann Lee"),
        ("Ann Lee, Ann", "1 1", "Ann Lee"),
        ("Ann Lee, Dr Ann Lee", "1 1", "Ann Lee"),
        ("Ann Lee, Ms Ann  Lee", "1 1", "Ann Lee"),
        ("Ann Lee, Ann Mary Lee", "1 1", "Ann Mary Lee"),
        ("Ms. Lee, Ann Lee, A. Lee", "1 1 1", "Ann Lee"),
        # Other names are other persons.
        ("Ann Lee, Bob Lee", "1 2", "Ann Lee, Bob Lee"),
        ("Ann Lee, Ann Moss", "1 2", "Ann Lee, Ann Moss"),
        ("Ann Lee, Lea", "1 2", "Ann Lee, Lea"),
        ("Ann Lee, A.", "1 2", "Ann Lee, A."),
        ("Ann Lee, Anne Lee", "1 2", "Ann Lee, Anne Lee"),
        # A first name that is a title elsewhere is a name, and a title may be a name elsewhere.
        ("Don Draper, Betty Draper", "1 2", "Don Draper, Betty Draper"),
        ("Miss Piggy, Kermit Piggy", "1 2", "Miss Piggy, Kermit Piggy"),
        ("Dean Martin, Dean Paul Martin", "1 2", "Dean Martin, Dean Paul Martin"),
        ("Judge Smith, Judge Jones", "1 2", "Judge Smith, Judge Jones"),
        ("Ann Lee, Rev. Lee", "1 1", "Ann Lee"),
        ("Ann Lee, Miss Ann Lee", "1 1", "Ann Lee"),
        ("Ann Lee, M. Lee", "1 1", "Ann Lee"),
        # Titles that contradict are two persons, and the surname alone is neither.
        (
            "Mr. Smith, Mrs. Smith, John Smith, Smith, Ms. Smith, Mr Smith, Dr. Smith",
            "1 2 3 4 2 1 4",
            "Mr. Smith, Mrs. Smith, John Smith, Smith",
        ),
        # A full name is its bearer's, whatever else fits.
        ("Ann Lee, Mr. Lee, Ms. Lee, Ann Lee", "1 1 2 1", "Ann Lee, Ms. Lee"),
        # A short name that fits two persons is neither.
        ("Ann Lee, Lee, Bob Lee, Lee, Bob", "1 1 2 3 2", "Ann Lee, Bob Lee, Lee"),
    ],
)
def test_names_are_those_of_persons(names, numbers, restored):
    session = Session()
    handed = [person(session, name) for name in names.split(", ")]
    assert handed == [f"<PERSON_{number}>" for number in numbers.split()]
    assert session.restore(", ".join(dict.fromkeys(handed))).text == restored


@needs_pii
def test_titles_outside_of_what_was_found_are_read():
    session = Session()
    text = "Mr. Smith and Mrs. Smith, then John Smith"
    found = [("Smith", "PERSON"), ("Smith", "PERSON"), ("John Smith", "PERSON")]
    assert said(session, text, *found) == "Mr. <PERSON_1> and Mrs. <PERSON_2>, then <PERSON_3>"
    assert session.redact("Later Mrs. Smith left.") == "Later Mrs. <PERSON_2> left."


def test_a_possessive_stays_after_the_placeholder():
    session = Session()
    assert person(session, "Ann Lee's") == "<PERSON_1>'s"
    assert person(session, "Ann Lee") == "<PERSON_1>"
    assert session.restore("<PERSON_1>'s").text == "Ann Lee's"


def test_a_placeholder_in_the_text_itself_is_never_handed_out():
    session = Session()
    text = "the form says <PERSON_1>; I am Ann Lee"
    assert said(session, text, ("Ann Lee", "PERSON")) == "the form says <PERSON_1>; I am <PERSON_2>"
    answer = session.restore("<PERSON_1> is <PERSON_2>")
    assert answer.text == "<PERSON_1> is Ann Lee"
    assert answer.unknown == ("<PERSON_1>",)


def test_nested_objects_go_and_come_back():
    session = Session()
    person(session, "Ann Lee")
    call = {"name": "mail", "arguments": {"to": ["<PERSON_1>", 3, None], "cc": ("<person 1>",)}}
    answer = session.restore_object(call)
    assert answer.found == {
        "name": "mail",
        "arguments": {"to": ["Ann Lee", 3, None], "cc": ["Ann Lee"]},
    }
    assert (answer.restored, answer.unknown) == (2, ())
    assert "Ann" not in repr(answer)
    unknown = session.restore_object(["<PERSON_2>", {"a": '["<EMAIL_7>"]'}])
    assert unknown.found == ["<PERSON_2>", {"a": '["<EMAIL_7>"]'}]
    assert unknown.unknown == ("<PERSON_2>", "<EMAIL_7>")


@pytest.mark.parametrize(
    "value", ['Ann "X" Lee', "C:\\new\\table", "two\nlines\t", "José 🙂", "\\", "</a>"]
)
def test_a_string_of_json_stays_json_when_values_come_back(value):
    session = Session()
    said(session, value, (value, "SECRET"))
    inner = json.dumps({"to": "<SECRET_1>", "n": 1.50, "at": ["é", None]}, indent=1)
    arguments = json.dumps({"body": inner, "to": "for <secret 1>"})
    answer = session.restore_object({"function": {"name": "send", "arguments": arguments}})
    back = json.loads(answer.found["function"]["arguments"])
    assert back["to"] == f"for {value}"
    assert json.loads(back["body"]) == {"to": value, "n": 1.5, "at": ["é", None]}
    assert "1.5," in back["body"]
    assert answer.restored == 2
    for text in ("{<SECRET_1>", "[<SECRET_1>]", ""):
        assert session.restore_object(text).found == text.replace("<SECRET_1>", value)


@needs_pii
def test_text_and_objects_are_redacted_with_the_model_that_ships():
    session = Session()
    given = {"messages": [{"role": "user", "content": "Mail ann.lee@example.org, please."}], "n": 1}
    safe = {"messages": [{"role": "user", "content": "Mail <EMAIL_1>, please."}], "n": 1}
    assert session.redact_object(given) == safe
    named = session.redact_object({"surname": "Sharp", "note": "sharp"})
    assert named == {"surname": "<PERSON_1>", "note": "sharp"}
    assert session.redact_object(["bob@x.org", "<EMAIL_2>"]) == ["<EMAIL_3>", "<EMAIL_2>"]
    assert session.redact("Was it ann.lee@example.org?") == "Was it <EMAIL_1>?"
    assert session.restore("<EMAIL_1>").text == "ann.lee@example.org"


NAMES = st.lists(
    st.sampled_from(["Ann", "Bob", "Lee", "Moss", "A.", "Ms."]), min_size=1, max_size=3
).map(" ".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(NAMES, max_size=8), st.lists(NAMES, max_size=8))
def test_nothing_of_one_session_comes_back_in_another(ones, others):
    one, other = Session(), Session()
    handed = [person(one, f"Q{name}") for name in ones]
    for name in others:
        person(other, f"Z{name}")
    for text in handed:
        assert "Q" not in other.restore(text).text
        assert "<" not in one.restore(text).text


@needs_pii
def test_a_session_is_saved_encrypted_and_comes_back(tmp_path):
    session = Session(lifetime=60)
    person(session, "Ann Lee")
    person(session, "Mr. Moss")
    said(session, "<EMAIL_1> a@b.example", ("a@b.example", "EMAIL"))
    path = tmp_path / "session"
    session.save(str(path), key=KEY)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(part in path.read_bytes() for part in (b"Ann Lee", b"Mr. Moss", b"a@b.example"))
    again = Session.load(path, key=KEY)
    assert again.restore("<PERSON_1> <EMAIL_2>").text == "Ann Lee a@b.example"
    assert person(again, "Ms. Lee") == "<PERSON_1>"
    new = [person(again, "Mrs. Moss"), person(again, "Bob Clay")]
    new.append(mail(again, "c@d.example"))
    assert again.restore(" ".join(new)).text == "Mrs. Moss Bob Clay c@d.example"


@needs_pii
def test_a_saved_session_opens_with_its_key_alone_and_whole(tmp_path):
    path = tmp_path / "session"
    session = Session()
    person(session, "Ann Lee")
    session.save(path, key=KEY)
    damaged = bytearray(path.read_bytes())
    damaged[-1] ^= 1
    (tmp_path / "damaged").write_bytes(damaged)
    (tmp_path / "other").write_text(encryption(KEY)('{"secret": 1}', "PERSON", Numbering()))
    for name, key in (
        ("session", OTHER_KEY),
        ("damaged", KEY),
        ("nothing", KEY),
        ("other", KEY),
    ):
        with pytest.raises(DataError) as raised:
            Session.load(tmp_path / name, key=key)
        assert "secret" not in str(raised.value)
    # What is no session may be written over.
    Session(key=KEY).save(tmp_path / "other")
    assert len(Session.load(tmp_path / "other", key=KEY)) == 0


@needs_pii
def test_a_session_may_have_its_own_key(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    person(session, "Ann Lee")
    session.save(path)
    again = Session.load(path, key=KEY)
    bob = person(again, "Bob Clay")
    again.save(path)
    assert Session.load(path, key=KEY).restore(f"<PERSON_1>, {bob}").text == "Ann Lee, Bob Clay"
    session.save(path, key=OTHER_KEY)
    assert Session.load(path, key=OTHER_KEY).restore("<PERSON_1>").text == "Ann Lee"
    assert str(KEY) not in repr(session)


@needs_pii
def test_an_old_file_that_is_loaded_again_hands_out_no_number_twice(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    person(session, "Ann Lee")
    session.save(path)
    first, second = Session.load(path, key=KEY), Session.load(path, key=KEY)
    names = [f"{letter}{letter}ob Clay" for letter in "abcdefghij"]
    handed = [{person(one, name) for name in names} for one in (session, first, second)]
    # Two of 9,000 random beginnings are equal now and then.
    assert not handed[0] & (handed[1] | handed[2])
    assert all(len(one) == 10 for one in handed)
    answer = second.restore(min(handed[0]))
    assert answer.restored == 0


@needs_pii
def test_a_later_state_of_a_session_is_not_overwritten(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    session.save(path)
    old, new = Session.load(path, key=KEY), Session.load(path, key=KEY)
    bob = person(new, "Bob Clay")
    new.save(path)
    new.save(path)
    for one in (old, session):
        with pytest.raises(DataError):
            one.save(path)
    assert Session.load(path, key=KEY).restore(bob).text == "Bob Clay"
    old.save(tmp_path / "other")
    Session(key=KEY).save(path)


@needs_pii
@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("id", 1),
        ("generation", "x"),
        ("lifetime", -1),
        ("lifetime", "x"),
        ("used", None),
        ("taken", [["A"]]),
        ("entities", [["A", 1, "x"]]),
        ("entities", [["A", 1, "x", {"words": "x", "gender": "none"}]]),
        ("forms", [["A", 7, {"words": ["x"], "gender": None}]]),
        ("spellings", [["A", 7, "x"]]),
    ],
)
def test_other_content_under_the_right_key_is_refused(tmp_path, part, value):
    path = tmp_path / "session"
    session = Session(lifetime=60)
    mail(session, "a@b.example")
    session.save(path, key=KEY)
    content = json.loads(decryption(KEY)(path.read_text().rstrip()).value)
    wrongs = [{**content, part: value}, [], None]
    # Sessions that were saved before spellings were kept have none.
    if part != "spellings":
        wrongs.append({name: kept for name, kept in content.items() if name != part})
    for wrong in wrongs:
        path.write_text(encryption(KEY)(json.dumps(wrong), "seqlabel session 3", Numbering()))
        with pytest.raises(DataError, match="session"):
            Session.load(path, key=KEY)


class Message(BaseModel):
    model_config = ConfigDict(extra="allow")
    role: str
    parts: list["Message"] = []
    tokens: int | None = None


def test_objects_of_pydantic_come_back_as_such():
    session = Session()
    person(session, "Ann Lee")
    answer = Message(
        role="<PERSON_1>",
        parts=[Message(role="x", text="to \\<PERSON\\_1\\>")],
        tokens=3,
        other="<PERSON_9>",
    )
    restored = session.restore_object({"message": answer})
    new = restored.found["message"]
    assert (new.role, new.parts[0].text) == ("Ann Lee", "to Ann Lee")
    assert (new.tokens, new.other) == (3, "<PERSON_9>")
    assert (restored.restored, restored.unknown) == (2, ("<PERSON_9>",))
    assert type(new) is type(new.parts[0]) is Message
    assert answer.role == "<PERSON_1>"


@pytest.mark.parametrize("found", [{"a": {"x"}}, [Numbering()], {"a": b"x"}])
def test_objects_whose_strings_are_not_known_are_refused(found):
    with pytest.raises(DataError):
        Session().restore_object(found)
    assert Session().restore_object({"at": date(2024, 1, 1), "n": 1.5}).restored == 0


def test_numbers_are_never_handed_out_twice_and_have_nine_digits_at_most():
    session = Session()
    numbers = [int(said(session, f"v{one}", (f"v{one}", "URL"))[5:-1]) for one in range(3_000)]
    assert numbers[:999] == list(range(1, 1000))
    assert len(set(numbers)) == 3_000
    session._next["URL"] = 999_999_990
    for value in ("x", "y"):
        assert len(said(session, value, (value, "URL"))) <= len("<URL_123456789>")


class Slow:
    """All names compared with all: what `NameIndex` must find."""

    def __init__(self):
        self.names = {}

    def add(self, item, name):
        self.names[item] = name

    def same(self, name):
        return [one for one in self.fitting(name) if self.names[one].words == name.words]

    def fitting(self, name):
        return [item for item, other in self.names.items() if name.fits(other)]


WORDS = ["Ann", "Bob", "Lee", "Moss", "A.", "L.", "Ms.", "Mr.", "Mary"]
FULL = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=100, deadline=None)
@given(st.lists(FULL, max_size=14))
def test_persons_are_found_as_by_comparing_all(names):
    session, slow = Session(), Session()
    slow._persons = Slow()
    assert [person(session, name) for name in names] == [person(slow, name) for name in names]


FIRST = ("Ann", "Bob", "Cem", "Dana", "Eva", "Finn", "Gus", "Hal", "Ida", "Jan")


@pytest.mark.parametrize(
    "name",
    [
        lambda one: f"Fi{one}rst La{one}st",
        lambda one: f"Fi{one}rst Lee",
        lambda one: f"Ann La{one}st",
        lambda one: f"{FIRST[one % 10]} La{one // 10}st",
        lambda one: f"Mr. La{one}st",
        lambda one: f"Ann Mary La{one}st",
    ],
)
def test_comparisons_of_names_do_not_grow_with_the_session(monkeypatch, name):
    compared = 0
    fits = PersonName.fits

    def counting(self, other):
        nonlocal compared
        compared += 1
        return fits(self, other)

    monkeypatch.setattr(PersonName, "fits", counting)
    session = Session()
    for one in range(500):
        person(session, name(one))
        # A part of many names is no one's.
        person(session, name(one).split()[-1])
    assert compared < 30 * 500


@needs_pii
def test_a_session_expires_and_forgets(tmp_path):
    now = [0.0]
    session = Session(lifetime=10, clock=lambda: now[0])
    person(session, "Ann Lee")
    now[0] = 9
    assert session.restore("<PERSON_1>").text == "Ann Lee"
    session.save(tmp_path / "session", key=KEY)
    now[0] = 19.5
    with pytest.raises(DataError, match="expired"):
        session.restore("<PERSON_1>")
    assert len(session) == 0
    with pytest.raises(DataError, match="expired"):
        Session.load(tmp_path / "session", key=KEY, clock=lambda: now[0])
    with pytest.raises(DataError, match="expired"):
        Session(lifetime=1, clock=iter([0.0, 2.0]).__next__).redact("nothing private")


@needs_pii
@pytest.mark.parametrize(
    ("make", "option"),
    [
        (lambda path: Session(lifetime=0), "lifetime"),
        (lambda path: Session(key=bytes(32)), "key"),
        (lambda path: Session().save(path), "key"),
        (lambda path: Session(key=KEY).save(path, key=b"short"), "key"),
        (lambda path: Session(key=KEY).save(path, key=bytes(32)), "key"),
        (lambda path: Session(key=KEY).save(path, key=bytes(range(32))), "key"),
        (lambda path: Session(key=KEY).save(path, key=b"correct horse battery staple...."), "key"),
        (lambda path: Session(key=KEY).save(path, key=b"\x07" * 32), "key"),
    ],
)
def test_bad_options_are_named(tmp_path, make, option):
    with pytest.raises(OptionError, match=f"^{option}"):
        make(tmp_path / "session")


def test_what_is_forgotten_is_not_handed_out_again():
    session = Session()
    person(session, "Ann Lee")
    session.forget()
    assert person(session, "Bob Moss") == "<PERSON_2>"
    assert session.restore("<PERSON_1>").text == "<PERSON_1>"


@needs_pii
def test_one_person_is_forgotten_and_the_others_live(tmp_path):
    session = Session(key=KEY)
    ann, bob, cem = (person(session, name) for name in ("Ann Leeway", "Bob Leeway", "Cem Kaya"))
    # A name that fits two persons may be hers.
    both = person(session, "Leeway")
    address = mail(session, "ann.leeway@mail.example")
    phone = said(session, "+44 20 7946 0958", ("+44 20 7946 0958", "PHONE"))
    session.save(tmp_path / "session")
    with pytest.raises(DataError, match="person:"):
        session.forget("Leeway")
    assert len(session) == 6
    assert session.forget("Ms. Ann Leeway") == 3
    assert session.forget("Ann Leeway") == session.forget("<PERSON_77>") == 0
    assert session.forget("+44 (20) 7946-0958") == 1
    text = f"{ann} {bob} {cem} {both} {address} {phone}"
    assert session.restore(text).text == f"{ann} Bob Leeway Cem Kaya {both} {address} {phone}"
    session.save(tmp_path / "session")
    saved = decryption(KEY)((tmp_path / "session").read_text()).value
    kept = f"{saved} {vars(session._persons)}".casefold()
    assert [part for part in ("ann", "7946", "mail.example") if part in kept] == []
    assert "cem" in kept
    again = Session.load(tmp_path / "session", key=KEY)
    assert again.restore(text).text == session.restore(text).text
    new = person(again, "Ann Leeway")
    assert new not in (ann, bob, cem, both)
    # By a placeholder; no other name changes.
    assert again.forget(new) == 1
    assert again.forget(cem) == 1
    assert again.restore(f"{bob} {cem}").text == f"Bob Leeway {cem}"
    assert again.forget() == len(again) + 1


def test_placeholders_that_were_handed_out_are_not_replaced():
    session = Session()
    ann = person(session, "Ann Lee")
    assert ann == "<PERSON_1>"
    # Inside a placeholder, around two of them, and with a name on either side.
    assert said(session, "x <PERSON_1> y", ("PERSON_1", "USERNAME")) == "x <PERSON_1> y"
    text = "<PERSON_1>, <PERSON_1>"
    assert said(session, text, (text, "PERSON")) == text
    text = "Bob <PERSON_1> Moss"
    assert said(session, text, (text, "URL")) == "<URL_1> <PERSON_1> <URL_2>"
    assert session.restore("<URL_1> <PERSON_1> <URL_2>").text == "Bob Ann Lee Moss"
    # What was not handed out may be a value.
    assert said(session, "<PERSON_7>", ("<PERSON_7>", "USERNAME")) == "<USERNAME_1>"


class Overlooks:
    """A finder that finds what is listed, and nothing in texts that have a word."""

    labels = frozenset({"PERSON", "EMAIL", "DATE"})

    def __init__(self, word, **values):
        self.word, self.values = word, values

    def __call__(self, texts):
        for text in texts:
            words = re.finditer(r"\w+|[^\w\s]", text)
            document = Document(text, tuple(word.span() for word in words))
            spans = []
            for label, value in () if self.word in text else self.values.items():
                for match in re.finditer(re.escape(value), text):
                    spans.append(CharacterSpan(*match.span(), label))
            yield document.with_spans("pii", Spans(align_spans(document, spans).spans))


def test_a_known_value_is_replaced_where_the_finder_overlooks_it():
    session = Session(Overlooks("blind", PERSON="Ann Lee", EMAIL="a1@lee.example", DATE="May"))
    assert session.redact("blind: Ann Lee") == "blind: Ann Lee"
    assert session.redact("Ann Lee, a1@lee.example, May") == "<PERSON_1>, <EMAIL_1>, <DATE_1>"
    text = "blind: ANN LEE's A1@lee.example, <PERSON_1>, Ann Leeds, May"
    assert session.redact(text) == "blind: <PERSON_1>'s <EMAIL_1>, <PERSON_1>, Ann Leeds, May"
    redacted = session.redact_object({"a": ["blind Ann Lee"], "Ann Lee": 1})
    assert redacted == {"a": ["blind <PERSON_1>"], "Ann Lee": 1}
    session.forget("Ann Lee")
    assert session.redact("blind: Ann Lee") == "blind: Ann Lee"


def test_a_value_found_in_a_later_text_is_replaced_in_earlier_ones():
    session = Session(Overlooks("blind", PERSON="Ann Lee"))
    assert session.redact_object(["blind: Ann Lee", "I am Ann Lee."]) == [
        "blind: <PERSON_1>",
        "I am <PERSON_1>.",
    ]


@needs_pii
def test_known_spellings_are_saved(tmp_path):
    session = Session(Overlooks("blind", PERSON="Ann Lee"), key=KEY)
    session.redact("Ann Lee")
    session.save(tmp_path / "session")
    again = Session.load(tmp_path / "session", key=KEY, finder=session._finder)
    assert again.redact("blind: Ann Lee") == "blind: <PERSON_1>"


@needs_pii
def test_saving_again_writes_what_is_new_and_only_then(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    names = [f"{first}{second} Lee" for first in "ABC" for second in "abcdefg"]
    for name in names:
        said(session, f"{name} <PERSON_99>", (name, "PERSON"))
        session.save(path)
        assert len(Session.load(path, key=KEY)) == len(session)
    before = path.read_bytes()
    session.save(path)
    Session.load(path, key=KEY).save(path)
    # Encryption draws a nonce, so a file that was written again has other bytes.
    assert path.read_bytes() == before
    # A fuller name that comes later.
    person(session, "Dr Aa Bea Lee")
    session.save(path)
    again = Session.load(path, key=KEY)
    assert [person(again, name) for name in names] == [person(session, name) for name in names]
    assert again.restore("<PERSON_99>").restored == 0
    assert again.restore("<PERSON_1>").text == "Dr Aa Bea Lee"
    person(again, "Bob Moss")
    again.save(path)
    assert not session.is_saved_in(path)
    with pytest.raises(DataError):
        session.save(path)


@needs_pii
def test_what_is_forgotten_leaves_the_file_when_it_is_saved(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    for name in ("Ann Lee", "Bob Moss"):
        person(session, name)
    session.save(path)
    session.forget("Ann Lee")
    session.save(path)
    assert len(Session.load(path, key=KEY)) == 1


@needs_pii
def test_a_file_that_was_cut_off_or_has_more_is_refused(tmp_path):
    path, session = tmp_path / "session", Session(key=KEY)
    person(session, "Ann Lee")
    session.save(path)
    whole = path.read_text()
    for wrong in (whole[:-9], whole * 2, f"\n{whole}"):
        path.write_text(wrong)
        with pytest.raises(DataError):
            Session.load(path, key=KEY)


@needs_pii
def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path, monkeypatch):
    path, session = tmp_path / "session", Session(key=KEY)
    person(session, "Ann Lee")
    session.save(path)
    before = path.read_bytes()
    person(session, "Bob Moss")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("seqlabel.io.files.os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            session.save(path)
    assert path.read_bytes() == before
    session.save(path)
    assert len(Session.load(path, key=KEY)) == 2
