"""A file of any size is redacted in the memory that a small one takes, and a layer has as many
labels as there are.
"""

import dataclasses
import math
import subprocess
import sys

import pytest

from seqlabel.documents.document import Document, Tags
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import OptionError
from tests.extras import needs_pii
from tests.models import test_fine_tuning
from tests.privacy.rewritten_files import NOTHING, save_labeler

# Not `ru_maxrss`, which begins with the memory of the process that starts this one.
REDACTED = """
import sys
from pathlib import Path
from tests.privacy.rewritten_files import run
run(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])
"""
LINE = (
    "Line {0:,}: the order of person{0}@example.org was shipped; a number, {0}, is in no "
    "other line of the file.\n"
)


def peak_of(folder, model, megabytes):
    """KiB that a process held at most in which a file of that size was redacted."""
    source, target = folder / f"{megabytes}.txt", folder / f"{megabytes}.redacted.txt"
    lines = 0
    with source.open("w", encoding="utf-8") as file:
        while file.tell() < megabytes * 1_000_000:
            file.writelines(LINE.format(number) for number in range(lines, lines + 1_000))
            lines += 1_000
    command = [sys.executable, "-c", REDACTED, str(model), str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with target.open(encoding="utf-8") as file:
        assert (
            sum("@example.org" not in line and line.startswith("Line ") for line in file) == lines
        )
    source.unlink()
    target.unlink()
    return int(done.stdout)


@needs_pii
@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
@pytest.mark.parametrize("megabytes", [100, 1_000])
def test_a_large_file_is_redacted_in_the_memory_of_a_small_one(tmp_path, megabytes):
    model = save_labeler(tmp_path / "model", NOTHING)
    small, large = (peak_of(tmp_path, model, size) for size in (10, megabytes))
    assert large - small < 64 << 10, f"{small} KiB for 10 MB, {large} KiB for {megabytes:,} MB"


LABELS = tuple(f"label {number}" for number in range(100_000))


def test_a_layer_of_tags_may_have_a_hundred_thousand_labels():
    labeler = test_fine_tuning.fresh_labeler(heads=(TagSet("many", LABELS),))
    train = [
        Document.from_words(["ana", "oak"], tags={"many": Tags((LABELS[-1], LABELS[-2]))})
    ] * 10
    options = dataclasses.replace(test_fine_tuning.OPTIONS, epochs=1)
    (report,) = test_fine_tuning.tune(labeler, train, options=options)
    assert report.train_loss == pytest.approx(math.log(len(LABELS)), rel=0.2)
    (found,) = labeler([Document.from_words(["ana"])])
    assert set(found.tags["many"].labels) <= set(LABELS)


def test_spans_of_a_hundred_thousand_labels_are_refused_before_memory_is_taken():
    with pytest.raises(OptionError, match="400,001"):
        test_fine_tuning.fresh_labeler(heads=(TagSet("many", LABELS, Scheme.BIOES),))
