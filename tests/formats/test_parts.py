"""Three parts read together: labels of training, of which dev may have no other, and what was repaired."""

import pytest

from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme
from seqlabel.errors import DataError
from seqlabel.formats.columns import read_columns
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.parts import read_parts


def read_entities(source, *, labels, repairs):
    return read_columns(source, labels=None if labels is None else labels["ner"], repairs=repairs)


def files(folder, *texts):
    paths = tuple(folder / f"{part}.iob2" for part in ("train", "dev", "test"))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


TRAIN = "Ana\tB-PER\nin\tO\nRome\tB-LOC\n\nBo\tB-PER\n"


def test_parts_have_their_documents_labels_and_repairs(tmp_path):
    paths = files(tmp_path, TRAIN, "Cy\tB-PER\n", "Al\tB-PER\nsat\tE-PER\nBo\tI-PER\n\nX\tB-X\n")
    parts = read_parts(paths, read_entities, layers=["ner"], scheme=Scheme.BIO)
    assert [len(part) for part in (parts.train, parts.dev, parts.test)] == [2, 1, 2]
    assert [(one.layer, one.labels, one.scheme) for one in parts.tag_sets] == [("ner", ("LOC", "PER"), Scheme.BIO)]
    expected = Repairs()
    list(read_columns(paths[2], repairs=expected))
    assert expected.tags > 0
    assert parts.repairs == {paths[2]: expected}


def test_a_label_that_only_dev_has_is_refused_with_its_line(tmp_path):
    paths = files(tmp_path, TRAIN, "Cy\tB-X\n", "")
    with pytest.raises(DataError, match=r"dev\.iob2, line 1.*'LOC', 'PER'"):
        read_parts(paths, read_entities, layers=["ner"])


def test_labels_that_are_given_hold_for_train_too(tmp_path):
    paths = files(tmp_path, TRAIN, "Cy\tB-PER\n", "X\tB-X\n")
    with pytest.raises(DataError, match=r"train\.iob2, line 3"):
        read_parts(paths, read_entities, layers=["ner"], labels={"ner": ["PER"]})
    parts = read_parts(paths, read_entities, layers=["ner"], labels={"ner": ["PER", "LOC"]})
    assert len(parts.test) == 1


def test_a_training_file_without_the_layer_is_named(tmp_path):
    paths = files(tmp_path, "a\tO\n", "", "")
    with pytest.raises(DataError, match=r"train\.iob2: Layer 'ner': Found 0 labels"):
        read_parts(paths, read_entities, layers=["ner"])


def test_several_layers_have_a_tag_set_each(tmp_path):
    line = "\t".join(["1", "a", "_", "{}", "{}", "_", "_", "_", "_", "_"]) + "\n"
    text = line.format("X", "NN") + "\n" + line.format("Y", "VB")
    paths = files(tmp_path, text, text, text)
    parts = read_parts(paths, lambda path, labels, repairs: read_conllu(path, labels=labels), layers=["upos", "xpos"])
    assert [one.labels for one in parts.tag_sets] == [("X", "Y"), ("NN", "VB")]
    assert parts.repairs == {}
