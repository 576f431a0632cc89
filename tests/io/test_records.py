"""Records against Python's own `json`, lines against `split`; what is not exchanged stays byte for
byte.
"""

import io
import json
import random
import time
from itertools import accumulate

import pytest

from seqlabel.errors import DataError
from seqlabel.io.json_records import JsonLines
from seqlabel.io.records import TextRecords, line_record, read_lines

ALPHABET = [*"ab ,;\t'\"\\/{}[]:09", "é", "数", "😀", "\u200b", "\u202e", "\ufeff", "\u2028"]


class Chunks(io.BytesIO):
    """A stream that gives as many bytes as chance says."""

    def __init__(self, data, chance):
        super().__init__(data)
        self.chance = chance

    def read1(self, size=-1):
        return super().read1(self.chance.randint(1, 7))


def some_text(chance, *, more=(), longest=12):
    return "".join(chance.choices([*ALPHABET, *more], k=chance.randint(0, longest)))


def lines_of(data):
    return [line for batch in read_lines(io.BytesIO(data)) for line in batch.records]


def records_of(records, data):
    found = [record for line in lines_of(data) if (record := records.feed(line))]
    rest = records.finish()
    return [*found, rest] if rest else found


def texts_of(record):
    return [cell.text for cell in record.cells]


def output_of(found, change=lambda text: text):
    return b"".join(record.filled([change(text) for text in texts_of(record)]) for record in found)


def louder(text):
    return f'{text},"!"\n' if "数" in text else text[::-1]


def test_lines_are_those_of_split_however_they_come():
    chance = random.Random(0)
    for _ in range(200):
        data = bytes(chance.choices([10, 13, 97, 255, 0x85], k=chance.randint(0, 40)))
        found = [line for batch in read_lines(Chunks(data, chance)) for line in batch.records]
        expected = [line + b"\n" for line in data.split(b"\n")]
        expected[-1] = expected[-1][:-1]
        expected = [line for line in expected if line]
        assert [line.raw.encode("utf-8", "surrogateescape") for line in found] == expected
        assert [line.line for line in found] == list(range(1, len(expected) + 1))
        assert [line.end for line in found] == list(accumulate(map(len, expected)))


def test_a_line_comes_before_the_next_is_there():
    lines = read_lines(Chunks(b"a\n" * 5, random.Random(1)))
    first = next(lines)
    assert first.drained
    records = [record for batch in [first, *lines] for record in batch.records]
    assert records[0] == line_record(b"a\n", 1, 2)


def test_a_long_line_takes_time_that_grows_with_its_length():
    def seconds(size):
        data = io.BytesIO(b"x" * size)
        data.read1 = lambda _: io.BytesIO.read1(data, 1 << 12)
        start = time.process_time()
        assert [len(line.raw) for batch in read_lines(data) for line in batch.records] == [size]
        return time.process_time() - start

    short, long = (min(seconds(size) for _ in range(3)) for size in (1 << 20, 1 << 24))
    # Copying all that was read at every block would take ten seconds and more.
    assert long < 16 * 6 * short + 0.5


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lines_of_text_keep_ends_and_marks(end):
    chance = random.Random(2)
    texts = [some_text(chance, more=["\r"]).rstrip("\r") for _ in range(100)]
    data = ("\ufeff" + end.join(texts)).encode()
    found = records_of(TextRecords(), data)
    assert [texts_of(record) for record in found] == [[text] for text in texts[: len(found)]]
    assert output_of(found) == data
    assert (
        output_of(found, str.swapcase) == ("\ufeff" + end.join(map(str.swapcase, texts))).encode()
    )


def test_bytes_that_are_not_text_are_kept_and_reported():
    data = b"fine\nbad \xff\xc3( end\r\n\xf0\x9f\x98\n"
    found = records_of(TextRecords(), data)
    assert [bool(record.problem) for record in found] == [False, True, True]
    assert "0xff" in found[1].problem
    assert output_of(found) == data


KEY_LINES = [
    "-----BEGIN RSA PRIVATE KEY-----",
    "MIIE" + "Ab3+" * 15,
    "k7Q/" * 16,
    "Nwkb==",
    "-----END RSA PRIVATE KEY-----",
]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["", "  "])
def test_the_lines_of_a_private_key_are_one_record(end, indent):
    fields = ["Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,0A1B", ""]
    for lines in (KEY_LINES, [KEY_LINES[0], *fields, *KEY_LINES[1:]]):
        key = end.join(indent + line for line in lines)
        data = f"\ufeffkey:{end}{key}{end}{end}and on{end}{key}".encode()
        found = records_of(TextRecords(), data)
        assert [texts_of(record) for record in found] == [["key:"], [key], [""], ["and on"], [key]]
        assert [(record.line, record.lines, bool(record.problem)) for record in found] == [
            (1, 1, False),
            (2, len(lines), False),
            (2 + len(lines), 1, False),
            (3 + len(lines), 1, False),
            (4 + len(lines), len(lines), False),
        ]
        assert found[-1].end == len(data)
        assert output_of(found) == data


def test_a_private_key_without_its_end_is_a_problem():
    cut = "\n".join(KEY_LINES[:-1])
    (key, rest) = records_of(TextRecords(), f"{cut}\nand on\nrest\n".encode())
    assert (key.lines, key.problem) == (5, "a private key begins here whose end is missing")
    assert texts_of(rest) == ["rest"]
    (key,) = records_of(TextRecords(), cut.encode())
    assert key.problem


def test_what_only_speaks_of_a_private_key_is_read():
    text = f"It begins with {KEY_LINES[0]}\nand so on.\n{KEY_LINES[0]}MIIE{KEY_LINES[-1]}\nrest\n"
    found = records_of(TextRecords(), text.encode())
    assert [record.problem for record in found] == ["", "", ""]
    assert output_of(found) == text.encode()


def test_a_private_key_that_never_ends_stops_the_run():
    text = "a\n" + KEY_LINES[0] + "\n" + (KEY_LINES[1] + "\n") * 20_000
    with pytest.raises(DataError, match=r"^line 2: "):
        records_of(TextRecords(), text.encode())


def test_text_in_another_encoding_is_not_taken_for_text():
    text = "Passport No. X1234567\nNHS number 943 476 5919\n"
    for encoding in ("utf-16-le", "utf-16-be", "utf-16"):
        with pytest.raises(DataError, match=f"--encoding {encoding}"):
            records_of(TextRecords(), text.encode(encoding))
    data = text.encode("utf-32")
    found = records_of(TextRecords(), data)
    assert all(record.problem for record in found[:2])
    assert output_of(found) == data
    (found,) = records_of(TextRecords(), b"a\0b")
    assert "NUL" in found.problem


def some_value(chance, depth=0):
    kind = chance.randrange(7 if depth < 2 else 5)
    simple = [1.5, chance.randint(-9, 10**30), None, True, some_text(chance)]
    if kind < 5:
        return simple[kind]
    values = [some_value(chance, depth + 1) for _ in range(chance.randint(0, 3))]
    return values if kind == 5 else {some_text(chance): value for value in values}


def test_fields_of_json_are_those_of_json_loads():
    chance = random.Random(3)
    for _ in range(300):
        row = {some_text(chance): some_value(chance) for _ in range(chance.randint(0, 4))}
        row |= {"text": some_text(chance, more=["\n", "\x00"]), "b": some_text(chance)}
        items = chance.sample(sorted(row.items()), k=len(row))
        separators = (chance.choice([",", " ,  "]), chance.choice([":", " : "]))
        line = json.dumps(dict(items), ensure_ascii=chance.random() < 0.5, separators=separators)
        begin, end = chance.choice(["", " "]), chance.choice(["", " ", "\n", " \n"])
        data = f"{begin}{line}{end}".encode()
        (record,) = records_of(JsonLines(["text", "b"]), data)
        assert not record.problem
        assert sorted(texts_of(record)) == sorted([row["text"], row["b"]])
        assert output_of([record]) == data
        changed = output_of([record], louder)
        assert json.loads(changed) == row | {"text": louder(row["text"]), "b": louder(row["b"])}
        assert list(json.loads(changed)) == [name for name, _ in items]
        assert changed.isascii() or not data.isascii()


def test_a_field_twice_half_a_surrogate_pair_and_blank_lines():
    (record,) = records_of(JsonLines(["text"]), b'{"text": "a", "te\\u0078t": "b"}')
    assert texts_of(record) == ["a", "b"]
    (record,) = records_of(JsonLines(["text"]), '{"text": "é\\ud800"}'.encode())
    assert json.loads(output_of([record], lambda text: text[::-1])) == {"text": "\ud800é"}
    blank = records_of(JsonLines(["text"]), b"\n \r\n")
    assert [(record.cells, record.problem) for record in blank] == [((), "")] * 2


NOT_OBJECTS = ["{", "nope", "[1]", '"text"', '{"text": "a"', '{"text": "a"} x', '{"text": "a",}']
NOT_OBJECTS += ['{"text" "a"}', '{"text": "a\tb"}', '{"text": ' + "[" * 100_000]
NOT_TEXTS = ['{"text": null}', '{"text": ["a"]}', '{"text": 1, "text": "a"}']


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        (NOT_OBJECTS, "not a JSON object"),
        (["{}", '{"Text": "a"}'], "has no field 'text'"),
        (NOT_TEXTS, "that is not text"),
    ],
    ids=["objects", "fields", "texts"],
)
def test_what_is_not_a_text_of_json_is_reported(lines, problem):
    for line in lines:
        (record,) = records_of(JsonLines(["text"]), line.encode() + b"\n")
        assert problem in record.problem
        assert output_of([record]) == line.encode() + b"\n"


def test_a_repr_has_no_text():
    (line,) = lines_of(b"Ada Moss")
    record = TextRecords().feed(line)
    assert not any("Ada" in repr(one) for one in (line, record, *record.cells))


def test_fields_with_text_that_were_not_asked_for_are_known():
    row = {"text": "x", "title": "T", "n": 1, "deep": [{"a": [1, "t"]}], "empty": "", "none": [{}]}
    data = f'{json.dumps(row)}\n{{"text": "x", "title": 2}}\n'.encode()
    records = records_of(JsonLines(["text"]), data)
    assert [record.unread for record in records] == [("title", "deep"), ()]
    nested = b'{"text": "x", "a": ' + b"[" * 900 + b'"t"' + b"]" * 900 + b"}"
    assert records_of(JsonLines(["text"]), nested)[0].unread == ("a",)
