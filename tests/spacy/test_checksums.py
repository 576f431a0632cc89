"""Checksums of stored pipes: what differs or is missing is refused, and what is not loaded is not compared."""

import pytest
import srsly

from seqlabel.errors import CheckpointError
from seqlabel.spacy.checksums import check_bytes, check_files, refused_if_damaged, with_checksums, write_checksums

PARTS = {"cfg": '{"labels": ["A"]}', "vocab": b"words", "model": b"weights"}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("other", [b"changed", None], ids=["changed", "missing"])
def test_a_part_that_differs_is_refused_unless_it_is_not_loaded(part, other):
    stored = srsly.msgpack_loads(with_checksums(srsly.msgpack_dumps(PARTS)))
    check_bytes(srsly.msgpack_dumps(stored), pipe="ner", exclude=())
    del stored[part]
    damaged = srsly.msgpack_dumps(stored if other is None else {**stored, part: other})
    with pytest.raises(CheckpointError, match=f"ner: Found that '{part}' is missing or is not what was saved"):
        check_bytes(damaged, pipe="ner", exclude=())
    check_bytes(damaged, pipe="ner", exclude=[part])


def test_files_are_compared_in_folders_too(tmp_path):
    (tmp_path / "vocab").mkdir()
    for file in ("cfg", "model", "vocab/vectors.cfg"):
        (tmp_path / file).write_text(file)
    write_checksums(tmp_path)
    check_files(tmp_path, pipe="ner", exclude=())
    (tmp_path / "vocab" / "vectors.cfg").unlink()
    with pytest.raises(CheckpointError, match=r"'vocab/vectors\.cfg' is missing"):
        check_files(tmp_path, pipe="ner", exclude=())
    check_files(tmp_path, pipe="ner", exclude=["vocab"])


def test_every_failure_is_one_error_that_names_the_pipe():
    refused = pytest.raises(CheckpointError, match=r"^ner: Found data that cannot be loaded \(KeyError\)")
    with refused, refused_if_damaged("ner"):
        {}["model"]
