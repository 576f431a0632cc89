"""One output of many texts: whole at the end, kept with its journal after an interruption, gone
after an error.
"""

from collections import Counter
from dataclasses import replace

import pytest

from seqlabel.errors import DataError, OptionError
from seqlabel.runs.outputs import OutputJournal, ResumableOutput


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


@pytest.fixture
def interrupted(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        written(tmp_path / "out", PIECES, stop=KeyboardInterrupt())
    assert not (tmp_path / "out").exists()
    return tmp_path / "out"


@pytest.mark.parametrize("resume", [True, False])
def test_an_interrupted_output_is_continued_with_its_counts(interrupted, resume):
    begin = 2 if resume else 0
    assert written(interrupted, PIECES, resume=resume) == (begin, Counter(PIECES))
    assert interrupted.read_text() == "".join(PIECES)
    assert list(interrupted.parent.iterdir()) == [interrupted]


def test_what_an_output_depends_on_may_not_change(interrupted):
    with pytest.raises(OptionError):
        written(interrupted, PIECES, resume=True, made_of=lambda salt: made_of(salt, ("b",)))


def test_after_an_error_nothing_is_left(tmp_path):
    with pytest.raises(DataError):
        written(tmp_path / "out", PIECES, stop=DataError("damaged"))
    assert list(tmp_path.iterdir()) == []


def test_the_journal_of_another_run_says_whether_its_output_is_done(tmp_path):
    output = tmp_path / "out.txt"

    def opened(made_of, *, resume=True):
        return OutputJournal(output, lambda salt: {"of": made_of}, resume=resume, name=output)

    part, journal = opened("a").open()
    part.file.write(b"abc")
    journal.progress.place = replace(journal.progress.place, length=3)
    journal.write(opened("a").path)
    part.file.flush()
    part.file.close()
    assert opened("a").done is None
    with pytest.raises(OptionError, match=r"out\.txt"):
        opened("b")
    part, journal = opened("a").open()
    assert journal.progress.place.length == 3
    journal.progress.place = replace(journal.progress.place, done=True)
    part.publish(0o600)
    journal.write(opened("a").path)
    assert opened("a").done == journal.progress.place
    assert opened("a", resume=False).done is None
    part, journal = opened("a").open(continues=False)
    assert (journal.progress.place.length, opened("a").path.exists()) == (0, False)
    part.discard()
