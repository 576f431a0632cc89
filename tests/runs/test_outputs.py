"""One output of many texts: whole at the end, kept with its journal after an interruption, gone after an error."""

from collections import Counter

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.runs.outputs import ResumableOutput


def made_of(salt, options=("a",)):
    assert len(salt) == 16
    return {"options": list(options)}


def written(output, pieces, *, resume=False, stop=None, **more):
    """Write pieces after those that are written; raises `stop` after two of them."""
    with ResumableOutput(output, more.get("made_of", made_of), resume=resume, mode=0o600) as target:
        begin = target.begin
        counts = Counter(target.counts)
        for number, piece in enumerate(pieces[begin:]):
            if stop is not None and number == 2:
                raise stop
            counts[piece] += 1
            target.write(piece.encode(), 1, counts=counts)
    return begin, counts


PIECES = ["a", "b", "a", "b", "c"]


def test_an_output_is_there_at_the_end_with_its_mode_and_no_journal(tmp_path):
    begin, counts = written(tmp_path / "out", PIECES)
    assert (begin, counts) == (0, Counter(PIECES))
    assert (tmp_path / "out").read_text() == "".join(PIECES)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_an_interrupted_output_is_continued_with_its_counts(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "out", PIECES, stop=KeyboardInterrupt())
    assert not (tmp_path / "out").exists()
    assert written(tmp_path / "out", PIECES, resume=True) == (2, Counter(PIECES))
    assert (tmp_path / "out").read_text() == "".join(PIECES)
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_without_resume_it_begins_again(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "out", PIECES, stop=KeyboardInterrupt())
    assert written(tmp_path / "out", PIECES)[0] == 0


def test_what_it_depends_on_may_not_change(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "out", PIECES, stop=KeyboardInterrupt())
    with pytest.raises(OptionError):
        written(tmp_path / "out", PIECES, resume=True, made_of=lambda salt: made_of(salt, ("b",)))


def test_after_an_error_nothing_is_left(tmp_path):
    with pytest.raises(DataError):
        written(tmp_path / "out", PIECES, stop=DataError("damaged"))
    assert list(tmp_path.iterdir()) == []
