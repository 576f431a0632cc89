"""Three parts read together: labels of training, of which dev may have no other, and what was
repaired.
"""

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.repairs import Repairs
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError
from seqlabel.formats.any_format import read_documents
from seqlabel.formats.conllu import read_conllu
from seqlabel.formats.parts import cut_parts, read_parts, with_known_labels, without_rare_scripts


def read_entities(source, *, labels, repairs):
    return read_documents(source, labels=None if labels is None else labels["ner"], repairs=repairs)


def files(folder, *texts):
    paths = tuple(folder / f"{part}.iob2" for part in ("train", "dev", "test"))
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


TRAIN = "Ana\tB-PER\nin\tO\nRome\tB-LOC\n\nBo\tB-PER\n"


def test_parts_have_their_documents_labels_and_repairs(tmp_path):
    paths = files(tmp_path, TRAIN, "Cy\tB-PER\n", "Al\tB-PER\nsat\tE-PER\nBo\tI-PER\n\nX\tB-X\n")
    parts = read_parts(paths, read_entities, layers=["ner"])
    assert [len(part) for part in (parts.train, parts.dev, parts.test)] == [2, 1, 2]
    assert [(one.layer, one.labels, one.scheme) for one in parts.tag_sets] == [
        ("ner", ("LOC", "PER"), Scheme.BIO)
    ]
    expected = Repairs()
    list(read_documents(paths[2], repairs=expected))
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
    with pytest.raises(DataError, match=r"train\.iob2: Layer 'ner'"):
        read_parts(paths, read_entities, layers=["ner"])


def test_several_layers_have_a_tag_set_each(tmp_path):
    line = "\t".join(["1", "a", "_", "{}", "{}", "_", "_", "_", "_", "_"]) + "\n"
    text = line.format("X", "NN") + "\n" + line.format("Y", "VB")
    paths = files(tmp_path, text, text, text)
    parts = read_parts(
        paths,
        lambda path, labels, repairs: read_conllu(path, labels=labels),
        layers=["upos", "xpos"],
    )
    assert [one.labels for one in parts.tag_sets] == [("X", "Y"), ("NN", "VB")]
    assert parts.repairs == {}


def worded(text, label="X"):
    return Document.from_words(text.split()).with_categories("topic", {label: 1.0})


def test_a_cut_keeps_equal_texts_together_and_has_every_document_once():
    documents = [worded(f"text {number % 30}") for number in range(100)]
    for seed in range(20):
        parts = cut_parts(documents, "topic", seed=seed)
        texts = [{one.text for one in part} for part in (parts.train, parts.dev, parts.test)]
        assert not texts[0] & texts[1] | texts[0] & texts[2] | texts[1] & texts[2]
        assert sorted(map(len, (parts.train, parts.dev, parts.test)))[:2] >= [5, 5]
        assert len(parts.train) + len(parts.dev) + len(parts.test) == 100


def test_one_text_that_fills_the_file_is_trained_on():
    documents = [worded("the same")] * 91 + [worded(f"text {number}") for number in range(9)]
    parts = cut_parts(documents, "topic", seed=0)
    assert (len(parts.train), len(parts.dev), len(parts.test)) == (95, 2, 3)


def test_a_label_that_only_the_cut_part_has_is_learnt():
    documents = [worded(f"text {number}", "Y" if number == 7 else "X") for number in range(20)]
    for seed in range(20):
        parts = cut_parts(documents, "topic", seed=seed)
        assert "text 7" not in {one.text for one in parts.dev}


def test_labels_that_are_not_known_are_taken_out():
    document = Document.from_words(
        ["a", "b"],
        tags={"pos": Tags(("X", "Y"))},
        spans={"ner": Spans((Span(0, 1, "X"), Span(1, 2, "Y")))},
    )
    (tagged,) = with_known_labels([document], "pos", ["X"])
    assert tagged.tags["pos"].labels == ("X", None)
    (spanned,) = with_known_labels([document], "ner", ["X"])
    assert spanned.spans["ner"].spans == (Span(0, 1, "X"),)
    assert with_known_labels([worded("a"), worded("b", "Y")], "topic", ["X"]) == [worded("a")]


def test_rare_scripts_are_reduced_to_their_casing():
    scripts = ["↓;d1"] * 3 + ["→be"] * 2 + ["↑;d2", "=;<d1", None]
    documents = [Document.from_words(["a"], tags={"lemma": Tags((script,))}) for script in scripts]
    other = Document.from_words(["a"], tags={"upos": Tags(("X",))})
    *reduced, last = without_rare_scripts([*documents, other])
    labels = [one.tags["lemma"].labels[0] for one in reduced]
    assert labels == ["↓;d1"] * 3 + ["↓"] * 2 + ["↑", "=", None]
    assert last is other
    (kept, *_) = without_rare_scripts(documents[3:5], fewest=2)
    assert kept == documents[3]


def test_scripts_of_one_document_or_with_a_name_are_reduced_to_their_casing():
    def lemmas(*scripts):
        return Document.from_words("abcd"[: len(scripts)], tags={"lemma": Tags(scripts)})

    first = lemmas("↓;d1", "=;d1+S", "=;d1+S", "=;d1+S")
    named = lemmas("↓;d1", "=;+Rice@ENRON")
    reduced = without_rare_scripts([first, named, named], fewest=2)
    plain = lemmas("↓;d1", "=")
    assert reduced == [lemmas("↓;d1", "=", "=", "="), plain, plain]
    # A corpus in one document has no spread to go by.
    alone = without_rare_scripts([first], fewest=2)
    assert alone == [lemmas("↓", "=;d1+S", "=;d1+S", "=;d1+S")]
