"""Texts in nested JSON against Python's own `json`: which are found, exchanged, and
reported as not read.
"""

import json
import random

import pytest

from seqlabel.errors import OptionError
from seqlabel.io.json_records import JsonLines, json_document, steps_of
from seqlabel.io.records import PRIVATE_NAMES, line_record


def record_of(value, *fields, all_strings=False, **options):
    raw = value if isinstance(value, bytes) else json.dumps(value, **options).encode()
    line = line_record(raw + b"\n", 1, len(raw) + 1)
    return JsonLines(fields, all_strings=all_strings).feed(line)


def document_of(raw, *fields, all_strings=False):
    records = json_document(fields, all_strings=all_strings)
    end = 0
    for number, line in enumerate(raw.splitlines(keepends=True), start=1):
        end += len(line)
        assert records.feed(line_record(line, number, end)) is None
    return records.finish()


def texts(record):
    return [cell.text for cell in record.cells]


CHAT = {
    "user": {"name": "Ann", "age": 3, "tags": ["x", "y"]},
    "messages": [
        {"role": "user", "content": "hi"},
        {"role": "tool", "content": None},
        {"role": "user", "content": [{"type": "text", "text": "there"}]},
        {"role": "none"},
    ],
    "a.b": "dotted",
}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["user.name"], ["Ann"]),
        (["user.tags[]"], ["x", "y"]),
        (["messages[].role"], ["user", "tool", "user", "none"]),
        (["messages[].content", "messages[].content[].text"], ["hi", "there"]),
        (["messages[].content[].text"], ["there"]),
        (["a.b"], ["dotted"]),
        ([r"a\.b", "user.name"], ["Ann", "dotted"]),
    ],
)
def test_paths_lead_to_texts(fields, expected):
    for ascii in (True, False):
        record = record_of(CHAT, *fields, ensure_ascii=ascii)
        assert (texts(record), record.problem) == (expected, "")
        changed = json.loads(record.filled([f"<{text}>" for text in expected]))
        assert json.dumps(changed).count("<") == len(expected)
        assert record.filled(expected) == record.raw.encode()


@pytest.mark.parametrize(
    ("value", "field", "problem"),
    [
        (CHAT, "user.none", "has no field 'user.none'"),
        (CHAT, "none[].text", "has no field 'none[].text'"),
        (CHAT, "user.name.first", "has no field 'user.name.first'"),
        (CHAT, "user.age", "has a field 'user.age' that is not text"),
        (CHAT, "messages[].content", "has a field 'messages[].content' that is not text"),
        ({"user": {"name": None}}, "user.name", "has a field 'user.name' that is not text"),
        ({"messages": []}, "messages[].content", ""),
    ],
)
def test_what_is_missing_or_not_text_is_a_problem(value, field, problem):
    assert record_of(value, field).problem == problem


def test_what_was_not_read_is_named_by_its_path():
    record = record_of(CHAT, "messages[].content", "messages[].content[].text")
    assert set(record.unread) == {"user", "messages[].role", "messages[].content[].type", "a.b"}
    assert record_of(CHAT, all_strings=True).unread == ()


def some_value(chance, depth=0):
    kind = chance.randint(0, 6 if depth < 3 else 3)
    if kind < 3:
        return "".join(chance.choices('ab"\\é:{}[],😀\n', k=chance.randint(0, 6)))
    if kind == 3:
        return chance.choice([None, True, 1.5, -3])
    if kind < 5:
        return [some_value(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    return {
        some_value(chance, 9) if chance.random() < 0.3 else f'k"{n}': some_value(chance, depth + 1)
        for n in range(3)
    }


def all_strings(value):
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in all_strings(one)]


@pytest.mark.parametrize("seed", range(10))
def test_all_strings_but_names_are_texts(seed):
    chance = random.Random(seed)
    value = {"k": some_value(chance), "l": some_value(chance)}
    record = record_of(value, all_strings=True, ensure_ascii=chance.random() < 0.5)
    assert texts(record) == all_strings(value)
    changed = json.loads(record.filled(["x"] * len(record.cells)))
    assert all_strings(changed) == ["x"] * len(record.cells)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    ("value", "expected", "problem"),
    [
        ([{"text": "a"}, {"text": "b", "n": 1}], ["a", "b"], ""),
        ({"text": "a"}, ["a"], ""),
        ([], [], ""),
        ([["a"]], [], "has no field 'text'"),
    ],
)
def test_a_document_is_one_record(value, expected, problem, indent):
    raw = ("\ufeff" + json.dumps(value, indent=indent) + "\n").encode()
    record = document_of(raw, "text")
    assert (texts(record), record.problem) == (expected, problem)
    assert record.filled(expected) == raw
    assert (record.line, record.lines) == (1, raw.count(b"\n"))


def test_a_damaged_document_is_a_problem():
    assert document_of(b'[{"text": "a"}', "text").problem.startswith("is not a JSON object")
    assert document_of(b'[{"text": "\xff"}]', "text").problem.startswith("byte 0xff")
    assert json_document(["text"]).finish() is None


def test_a_path_has_no_empty_name():
    assert steps_of("[].text") == (None, "text")
    assert steps_of("a[][].b") == ("a", None, None, "b")
    for path in ("", "a..b", ".a", "a.[]", "a."):
        with pytest.raises(OptionError, match=r"^field: "):
            steps_of(path)


def test_all_strings_have_the_path_that_leads_to_them():
    def walk(value, path=""):
        if isinstance(value, str):
            yield path.removeprefix("."), value
        for name, one in value.items() if isinstance(value, dict) else ():
            yield from walk(one, f"{path}.{name}".replace("a.b", "a\\.b"))
        for place, one in enumerate(value) if isinstance(value, list) else ():
            yield from walk(one, f"{path}[{place}]")

    chat = {**CHAT, "deep": [[], {}, [["x, {", 1, None, 'y"]'], {"é,": {"z": ["u"]}}], "v"]}
    for value in (chat, [chat, [], chat]):
        raw = json.dumps(value, indent=1).encode()
        cells = document_of(raw, all_strings=True).cells
        assert [(cell.name, cell.text) for cell in cells] == list(walk(value))


PLACED = {
    "spans": [[0, 3, "PER"]],
    "tokens": [{"text": "Ann", "start": 0, "end": 3, "id": 0}],
    "label": [[1, 2, "X"]],
}


def test_places_in_a_text_go_where_it_changes_and_all_else_stays():
    chance = random.Random(0)
    others = {"id": 7, "labels": ["a"], "spansOf": [[0, 3, "PER"]], **PLACED}
    for _ in range(300):
        fields = [*chance.sample(list(others.items()), chance.randrange(6)), ("text", "Ann")]
        chance.shuffle(fields)
        given = dict(fields)
        separators = chance.choice([(", ", ": "), (",", ":"), (" , ", " : ")])
        record = record_of(given, "text", separators=separators)
        assert json.loads(record.filled(["Ann"])) == given
        kept = {name: value for name, value in given.items() if name not in PLACED}
        changed = json.loads(record.filled(["<PERSON>"]))
        assert list(changed.items()) == list({**kept, "text": "<PERSON>"}.items())


@pytest.mark.parametrize(
    ("raw", "is_named"),
    [
        (b'{"text": "ann@lee.example", "b": "a:b"}', False),
        (b'{"text": "a", "2026-01-01": 1}', False),
        (b'{"text": "a", "ann@lee.example": 1}', True),
        (b'{"text": "a", "b": [{"ann\\u0040lee.example": {}}]}', True),
        (b'{"text": "a", "+44 20 7946 0018" : 1}', True),
    ],
)
@pytest.mark.parametrize("all_strings", [False, True])
def test_names_of_fields_that_look_private_are_named(raw, is_named, all_strings):
    record = record_of(raw, "text", all_strings=all_strings)
    assert (PRIVATE_NAMES in record.unread) is is_named
