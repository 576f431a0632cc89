"""`seqlabel mcp` as a process that an agent's client starts."""

import asyncio
import sys

import pytest
from typer.testing import CliRunner

from seqlabel.cli import app
from tests.extras import needs_pii

mcp = pytest.importorskip("mcp", reason="needs seqlabel-rnn[mcp]")

pytestmark = needs_pii


def test_a_folder_that_is_not_there_is_one_line(tmp_path):
    done = CliRunner().invoke(app, ["mcp", "--folder", str(tmp_path / "none")])
    assert done.exit_code == 2
    assert "--folder" in done.stderr


@pytest.mark.end_to_end
def test_a_client_talks_to_the_process(tmp_path):
    (tmp_path / "in.txt").write_text("Ann Moss called.", encoding="utf-8")
    arguments = ["-m", "seqlabel", "mcp", "--folder", str(tmp_path)]
    started = mcp.StdioServerParameters(command=sys.executable, args=arguments, cwd=tmp_path)

    async def conversation():
        async with mcp.Client(started) as client:
            redacted = await client.call_tool("redact", {"file": "in.txt"})
            await client.call_tool("restore", {"text": "Dear <PERSON_1>", "file": "out.txt"})
            return redacted.content[0].text

    assert asyncio.run(conversation()) == "<PERSON_1> called."
    assert (tmp_path / "out.txt").read_text(encoding="utf-8") == "Dear Ann Moss"
