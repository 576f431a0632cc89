"""What lies beside an exported network: its labels, its words, and the scripts that were asked
for.
"""

import dataclasses

import numpy as np

from seqlabel.io.files import read_json
from seqlabel.models.export import LABELS, RULES, VOCABULARY, write_parts
from seqlabel.text.vocabulary import Vocabulary
from tests.models.sized_labelers import sized_labeler


def write(folder, labeler, *scripts):
    weights = {name: tensor.numpy() for name, tensor in labeler.module.state_dict().items()}
    folder.mkdir()
    write_parts(
        folder, labeler.config, labeler.vocabulary, weights, labeler.reader, scripts=scripts
    )
    return {path.name for path in folder.iterdir()}


def test_labels_and_words_are_those_of_the_labeler(tmp_path):
    labeler = sized_labeler()
    assert write(tmp_path / "a", labeler, "run.mjs") == {LABELS, VOCABULARY, RULES, "run.mjs"}
    labels = read_json(tmp_path / "a" / LABELS)
    assert [head["tags"] for head in labels["heads"]] == [
        list(one.tags) for one in labeler.tag_sets
    ]
    assert [head["crf"] is None for head in labels["heads"]] == [True, False]
    transitions = np.array(labels["heads"][1]["crf"]["transitions"], dtype=float)
    assert np.isnan(transitions).any()
    assert Vocabulary.load(tmp_path / "a" / VOCABULARY) == labeler.vocabulary


def test_rules_of_words_are_there_for_english_alone(tmp_path):
    labeler = sized_labeler()
    labeler.config = dataclasses.replace(labeler.config, language="fi")
    assert write(tmp_path / "a", labeler) == {LABELS, VOCABULARY}
