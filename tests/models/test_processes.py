"""Labelling in processes gives what one process gives, in the same order."""

import pytest

from seqlabel.errors import OptionError
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.models.trained import label_batches
from tests.spacy_models import some_texts


def test_several_processes_label_as_one_does():
    labeler = Labeler.load("en_pos")
    texts = some_texts(60)
    batches = [texts[:1], [], texts[1:30], [labeler.tokenise(text) for text in texts[30:]], texts]
    found = list(label_batches("en_pos", batches, processes=2))
    assert found == [list(labeler(batch)) for batch in batches]


def test_wrong_numbers_are_refused():
    with pytest.raises(OptionError, match="Give at least 1"):
        list(label_batches("en_pos", [["a"]], processes=0))
