"""Records of trainings: they repeat the run, and tell whether the data are still the same."""

import hashlib
import json
import tomllib

from seqlabel.cli.options import Task
from seqlabel.commands.record import (
    hash_of,
    processor,
    use_of,
    versions,
    warn_of_other_data,
    write_metrics,
    write_record,
)


def test_the_record_repeats_the_run(run, labeler, files, tmp_path):
    record = tomllib.loads((labeler / "train.toml").read_text())
    assert (record["task"], record["epochs"], record["seed"]) == ("spans", 30, 0)
    assert record["made_with"].keys() >= {"seqlabel", "torch"}
    done = run(
        "train", "--config", labeler / "train.toml", "--output", tmp_path / "again", "--json"
    )
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "again" / "model" / "model.safetensors").read_bytes() == (
        labeler / "model" / "model.safetensors"
    ).read_bytes()
    assert "is not the file that" not in done.stderr


def test_other_data_than_recorded_are_said(run, labeler, files, tmp_path):
    record = (labeler / "train.toml").read_text()
    hashes = tomllib.loads(record)["sha256"]
    (tmp_path / "train.toml").write_text(record.replace(next(iter(hashes.values())), "0" * 64))
    done = run(
        "train",
        "--config",
        tmp_path / "train.toml",
        "--output",
        tmp_path / "o",
        "--epochs",
        1,
        "--json",
    )
    assert done.exit_code == 0
    assert "spans.jsonl is not the file that" in done.stderr


def test_a_record_is_toml_with_versions_and_hashes(tmp_path):
    data = tmp_path / "data.txt"
    data.write_bytes(b"abc")
    values = {
        "task": Task.SPANS,
        "epochs": 3,
        "rate": 0.5,
        "quiet": True,
        "name": 'a "quoted" \\ name',
        "dev": None,
    }
    write_record(tmp_path / "train.toml", values, [data])
    found = tomllib.loads((tmp_path / "train.toml").read_text(encoding="utf-8"))
    assert found.pop("sha256") == {str(data): hashlib.sha256(b"abc").hexdigest()}
    assert found.pop("made_with") == versions()
    assert found == {
        "task": "spans",
        "epochs": 3,
        "rate": 0.5,
        "quiet": True,
        "name": 'a "quoted" \\ name',
    }


def test_the_hash_of_a_folder_is_that_of_its_files_and_their_names(tmp_path):
    for name in ("a/x.txt", "a/b/y.txt", "same/x.txt", "same/b/y.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name[-5:])
    first = hash_of(tmp_path / "a")
    assert hash_of(tmp_path / "same") == first
    (tmp_path / "same" / "x.txt").rename(tmp_path / "same" / "z.txt")
    second = hash_of(tmp_path / "same")
    (tmp_path / "same" / "z.txt").write_text("other")
    assert len({first, second, hash_of(tmp_path / "same")}) == 3


def test_data_that_have_changed_or_gone_are_named(tmp_path, capsys):
    files = [tmp_path / name for name in ("same", "changed", "gone")]
    for file in files:
        file.write_text("as it was")
    write_record(tmp_path / "train.toml", {}, files)
    files[1].write_text("otherwise")
    files[2].unlink()
    warn_of_other_data(tmp_path / "train.toml")
    said = capsys.readouterr().err.splitlines()
    assert [line.split(" is ")[0] for line in said] == [str(files[1]), str(files[2])]
    assert ("is not the file that" in said[0], "is missing, which" in said[1]) == (True, True)


def test_a_file_given_twice_is_recorded_once(tmp_path):
    (tmp_path / "a").write_text("text")
    write_record(tmp_path / "train.toml", {"epochs": 1}, [tmp_path / "a", tmp_path / "a"])
    assert tomllib.loads((tmp_path / "train.toml").read_text())["sha256"].keys() == {
        str(tmp_path / "a")
    }


def test_the_use_of_a_file_is_told_by_its_hash(tmp_path):
    files = {part: tmp_path / part for part in ("train", "dev", "test")}
    for part, file in files.items():
        file.write_text(part)
    write_record(tmp_path / "train.toml", files, files.values())
    (tmp_path / "copy").write_text("train")
    asked = [*files.values(), tmp_path / "copy", tmp_path / "train.toml"]
    assert [use_of(file, tmp_path / "train.toml") for file in asked] == [
        "train",
        "dev",
        None,
        "train",
        None,
    ]
    assert use_of(asked[0], tmp_path / "none") is None


def test_figures_say_how_they_were_made(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["recipes/some.py", "--seeds", "3", "a b"])
    write_metrics(tmp_path / "metrics.json", {"accuracy": 0.5})
    found = json.loads((tmp_path / "metrics.json").read_text())
    assert found["accuracy"] == 0.5
    made = found["made_with"]
    assert made["command"] == "python recipes/some.py --seeds 3 'a b'"
    assert made["versions"] == versions()
    assert processor() in made["machine"]
