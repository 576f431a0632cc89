"""`seqlabel bench`: sets of a folder, detectors by name, and three files."""

import hashlib
import json

from tests.extras import needs_pii

pytestmark = needs_pii


def test_sets_that_are_there_are_measured(run, tmp_path):
    content = json.dumps({"text": "I am Ann Moss.", "spans": [[5, 13, "PERSON"]]}).encode() + b"\n"
    (tmp_path / "a.jsonl").write_bytes(content)
    one = {
        "sha256": hashlib.sha256(content).hexdigest(),
        "form": "spans",
        "licence": "CC0",
        "origin": "here",
    }
    lines = []
    for name in ("a", "b"):
        fields = {"name": name, "path": f"{name}.jsonl", **one}
        lines += [
            "[[sets]]",
            *(f"{key} = {json.dumps(value)}" for key, value in fields.items()),
            'figures = ["masked"]',
        ]
    (tmp_path / "sets.toml").write_text("\n".join(lines))
    options = ["--sets", tmp_path / "sets.toml", "--output", tmp_path / "out"]
    done = run(f"bench {tmp_path}", *options)
    assert done.exit_code == 0
    assert "| a | 1 values | 100.0% |" in done.stdout
    assert "not there, and not measured: b" in done.stderr
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "bench.html",
        "bench.json",
        "bench.md",
    ]
    (tmp_path / "a.jsonl").unlink()
    assert run(f"bench {tmp_path}", *options).exit_code == 2
    assert run(f"bench {tmp_path} --with nobody", *options).exit_code == 2
