"""The server of the Model Context Protocol, asked by the client of the same package."""

import asyncio
import json

import pytest

from seqlabel.errors import OptionError
from tests.extras import needs_pii

mcp = pytest.importorskip("mcp", reason="needs seqlabel-rnn[mcp]")

pytestmark = needs_pii
TEXT = "Ann Moss (ann@moss.example) called."


def asked(calls, **options):
    """What each call of a tool returns, in one conversation: text, structured content, and whether
    it is an error.
    """
    from seqlabel.integrations.mcp_server import make_server

    async def conversation():
        async with mcp.Client(make_server(**options)) as client:
            return [await client.call_tool(name, arguments) for name, arguments in calls]

    return asyncio.run(conversation())


def text_of(result):
    return "".join(part.text for part in result.content)


def test_a_conversation_keeps_its_placeholders():
    first, second, back, found, why = asked(
        [
            ("redact", {"text": TEXT}),
            ("redact", {"text": "Did Ms. Moss write from ann@moss.example?"}),
            ("restore", {"text": "Dear <PERSON_1>, <EMAIL_1>, <PERSON_9>"}),
            ("find", {"text": TEXT}),
            ("explain", {"text": "Please ask Mr Best."}),
        ]
    )
    assert text_of(first) == "<PERSON_1> (<EMAIL_1>) called."
    assert text_of(second) == "Did Ms. <PERSON_1> write from <EMAIL_1>?"
    assert back.structured_content == {
        "text": "Dear Ann Moss, ann@moss.example, <PERSON_9>",
        "restored": 2,
        "unknown": ["<PERSON_9>"],
    }
    places = [
        (one["label"], TEXT[one["start"] : one["end"]])
        for one in found.structured_content["result"]
    ]
    assert places == [("PERSON", "Ann Moss"), ("EMAIL", "ann@moss.example")]
    assert "moss" not in text_of(found).casefold()
    assert why.structured_content["result"][0]["words"][0] == "Mr"
    # Another conversation knows nothing of the first.
    (other,) = asked([("restore", {"text": "<PERSON_1>"})])
    assert other.structured_content["unknown"] == ["<PERSON_1>"]


def test_files_are_read_and_written_without_their_values_being_seen(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "in.txt").write_text(TEXT, encoding="utf-8")
    (folder / "bytes").write_bytes(b"\xff")
    (tmp_path / "outside.txt").write_text(TEXT, encoding="utf-8")
    (folder / "link.txt").symlink_to(tmp_path / "outside.txt")
    results = asked(
        [
            ("redact", {"file": "in.txt"}),
            ("restore", {"text": '{"to": "<PERSON_1>"}', "file": "out.json"}),
            ("find", {"file": "in.txt"}),
            ("explain", {"file": "in.txt"}),
            *(
                ("redact", {"file": name})
                for name in ("../outside.txt", "link.txt", "bytes", "none", "")
            ),
            ("restore", {"text": "x", "file": "../outside.txt"}),
        ],
        folder=folder,
    )
    assert [result.is_error for result in results] == [False] * 4 + [True] * 6
    assert json.loads((folder / "out.json").read_text(encoding="utf-8")) == {"to": "Ann Moss"}
    assert (tmp_path / "outside.txt").read_text(encoding="utf-8") == TEXT
    assert [text_of(result) for result in results if "moss" in str(result).casefold()] == []
    assert [one["words"] for one in results[3].structured_content["result"]] == [[], []]
    (refused,) = asked([("redact", {"file": "in.txt"})])
    assert refused.is_error


def test_the_four_tools_say_what_they_take():
    from seqlabel.integrations.mcp_server import make_server

    async def listed():
        async with mcp.Client(make_server()) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert sorted(tools) == ["explain", "find", "redact", "restore"]
    for tool in tools.values():
        assert tool.description
        assert all(one["description"] for one in tool.input_schema["properties"].values())


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    from seqlabel.integrations.mcp_server import make_server

    with pytest.raises(OptionError, match="folder"):
        make_server(folder=tmp_path / "none")
