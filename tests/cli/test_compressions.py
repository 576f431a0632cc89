"""The contract of commands over texts: each reads every compression, and writes the one that its
output's name has.
"""

import gzip
import json
import lzma

import pytest

from tests.cli.commands import run, write_key
from tests.extras import needs_pii
from tests.keys import KEY

pytestmark = needs_pii
zstandard = pytest.importorskip("zstandard")

PACK = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".xz": lzma.compress,
    ".zst": zstandard.ZstdCompressor().compress,
}
UNPACK = {
    "": lambda data: data,
    ".gz": gzip.decompress,
    ".xz": lzma.decompress,
    ".zst": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}
MAGIC = {"": b"", ".gz": b"\x1f\x8b", ".xz": b"\xfd7zXZ", ".zst": b"\x28\xb5\x2f\xfd"}
TEXT = "Ann visited Oslo again\nmail ann@x.org or 203.0.113.7\n"


@pytest.fixture
def commands(rules, labeler, tmp_path):
    """The options of each command over texts, and the content of its input."""
    write_key(tmp_path / "key", KEY)
    key = ["--key-file", tmp_path / "key"]
    encrypted = run(f"redact --model {rules} --policy encrypt", *key, input=TEXT)
    assert encrypted.exit_code == 0
    return {
        "label": (["--model", labeler, "--to", "jsonl"], TEXT),
        "redact": (["--model", rules], TEXT),
        "restore": (key, encrypted.stdout),
        "find": (["--model", rules, "--to", "lines"], TEXT),
        "next": (["--model", labeler, "--to", "jsonl"], TEXT),
    }


@pytest.mark.parametrize("command", ["label", "redact", "restore", "find", "next"])
def test_every_compression_in_and_out(commands, command, tmp_path):
    options, text = commands[command]
    results = set()
    for packing, pack in PACK.items():
        source = tmp_path / f"a.txt{packing}"
        source.write_bytes(pack(text.encode()))
        for output, unpack in UNPACK.items():
            target = tmp_path / f"{command}.out{output}"
            done = run(command, source, "--output", target, *options)
            assert done.exit_code == 0, done.stderr
            written = target.read_bytes()
            assert written.startswith(MAGIC[output]), (packing, output)
            results.add(unpack(written).decode().replace(str(source), "SOURCE"))
    (result,) = results
    assert result
    if command == "restore":
        assert result == TEXT


@pytest.mark.parametrize("command", ["label", "redact", "restore", "find"])
def test_stdin_is_unpacked_by_how_it_begins(commands, command):
    options, text = commands[command]
    results = {run(command, *options, input=pack(text.encode())).stdout for pack in PACK.values()}
    assert len(results) == 1


@pytest.mark.parametrize("packing", [".gz", ".xz", ".zst"])
def test_a_model_is_measured_on_every_compression(run, labeler, files, tmp_path, packing):
    data = tmp_path / f"spans.jsonl{packing}"
    data.write_bytes(PACK[packing]((files / "spans.jsonl").read_bytes()))
    figures = [
        json.loads(run(f"evaluate {path} --model {labeler} --json").stdout)
        for path in (files / "spans.jsonl", data)
    ]
    assert figures[0] == figures[1]


@pytest.mark.parametrize("command", ["label", "redact", "restore", "find"])
def test_a_damaged_file_is_one_line_and_nothing_is_written(commands, tmp_path, command):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(TEXT.encode() * 99)[:60])
    target = tmp_path / "out"
    done = run(f"{command} {tmp_path}/a.txt.gz --output {target}", *commands[command][0])
    assert done.exit_code == 2
    assert "a.txt.gz: " in done.stderr.splitlines()[-1]
    assert not target.exists()
