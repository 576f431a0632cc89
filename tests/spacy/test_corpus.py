"""`spacy train` reads every format that the library reads, by the file's words or by those of its
own tokeniser.
"""

import json

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import Doc, DocBin
from spacy.tokens import Span as DocSpan
from spacy.util import registry

from seqlabel.documents.schemes import Scheme, spans_to_tags
from seqlabel.documents.spans import Span
from seqlabel.errors import DataError, OptionError
from seqlabel.formats.any_format import (
    CATEGORIES,
    COLUMNS,
    CONLLU,
    CSV,
    DOCBIN,
    FOLDERS,
    LABEL_STUDIO,
    TEXT_AND_SPANS,
)
from seqlabel.formats.docs import from_doc
from seqlabel.spacy.corpus import create_corpus
from tests.spacy_models import gold_docs, tiny_encoder

SUFFIXES = {
    CONLLU: ".conllu",
    COLUMNS: ".iob2",
    TEXT_AND_SPANS: ".jsonl",
    CATEGORIES: ".jsonl",
    LABEL_STUDIO: ".json",
    CSV: ".csv",
    FOLDERS: "",
    DOCBIN: ".spacy",
}


def write(format, folder, docs):
    """Those Docs in a format, each with what it has a place for."""
    path = folder / f"x{SUFFIXES[format]}"
    categories = [max(doc.cats, key=doc.cats.get) for doc in docs]
    if format is CONLLU:
        lines = [
            f"{t.i + 1}\t{t.text}\t_\t{t.pos_}\t{t.tag_}\t_\t_\t_\t_\t_\n"
            for doc in docs
            for t in doc
        ]
        ends = {sum(map(len, docs[: number + 1])) for number in range(len(docs))}
        path.write_text(
            "".join(line + "\n" * (number in ends) for number, line in enumerate(lines, 1))
        )
    elif format is COLUMNS:
        blocks = []
        for doc in docs:
            spans = [Span(entity.start, entity.end, entity.label_) for entity in doc.ents]
            tags = spans_to_tags(spans, len(doc), Scheme.BIO)
            blocks.append(
                "".join(f"{token.text} {tag}\n" for token, tag in zip(doc, tags, strict=True))
            )
        path.write_text("\n".join(blocks))
    elif format is TEXT_AND_SPANS:
        rows = [
            {"text": d.text, "spans": [[e.start_char, e.end_char, e.label_] for e in d.ents]}
            for d in docs
        ]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif format is CATEGORIES:
        labeled = zip(docs, categories, strict=True)
        path.write_text(
            "".join(json.dumps({"text": doc.text, "label": label}) + "\n" for doc, label in labeled)
        )
    elif format is LABEL_STUDIO:
        tasks = []
        for doc, label in zip(docs, categories, strict=True):
            places = [
                {"start": e.start_char, "end": e.end_char, "labels": [e.label_]} for e in doc.ents
            ]
            results = [{"type": "choices", "value": {"choices": [label]}}]
            results += [{"type": "labels", "value": place} for place in places]
            tasks.append({"data": {"text": doc.text}, "annotations": [{"result": results}]})
        path.write_text(json.dumps(tasks))
    elif format is CSV:
        rows = [
            f'"{doc.text}",{category}\n' for doc, category in zip(docs, categories, strict=True)
        ]
        path.write_text("text,label\n" + "".join(rows))
    elif format is FOLDERS:
        for number, (doc, category) in enumerate(zip(docs, categories, strict=True)):
            (path / category).mkdir(parents=True, exist_ok=True)
            (path / category / f"{number:02}.txt").write_text(doc.text)
    else:
        DocBin(docs=docs).to_disk(path)
    return path


def annotated(doc):
    """What a Doc has of tags, parts of speech, entities and the best category."""
    best = max(doc.cats, key=doc.cats.get) if doc.cats else None
    tags = [
        [getattr(token, name) for token in doc if not token.is_space] for name in ("tag_", "pos_")
    ]
    entities = (
        [(entity.text, entity.label_) for entity in doc.ents]
        if doc.has_annotation("ENT_IOB")
        else None
    )
    return doc.text, *(tag if any(tag) else None for tag in tags), entities, best


@pytest.mark.parametrize("gold_preproc", [False, True])
@pytest.mark.parametrize("format", list(SUFFIXES), ids=str)
def test_every_format_is_a_corpus(format, gold_preproc, tmp_path):
    nlp = spacy.blank("en")
    docs = gold_docs(nlp.vocab, 9)
    path = write(format, tmp_path, docs)
    corpus = create_corpus(path, gold_preproc=gold_preproc)
    examples = list(corpus(nlp))
    has = {
        CONLLU: (1, 2),
        COLUMNS: (3,),
        TEXT_AND_SPANS: (3,),
        CATEGORIES: (4,),
        LABEL_STUDIO: (3, 4),
        CSV: (4,),
        FOLDERS: (4,),
        DOCBIN: (1, 2, 3, 4),
    }[format]
    expected = [
        [part if place in (0, *has) else None for place, part in enumerate(annotated(doc))]
        for doc in docs
    ]
    found = [list(annotated(example.reference)) for example in examples]
    if format is FOLDERS:
        expected.sort(key=str)
        found.sort(key=str)
    for one in (*found, *expected):
        # Texts of columns end with a space or do not.
        one[0] = one[0].strip()
    assert found == expected
    for example in examples:
        assert annotated(example.predicted)[1:] == (None, None, None, None)
        words = (
            [token.text for token in example.reference]
            if gold_preproc
            else [*map(str, nlp(example.text))]
        )
        assert [token.text for token in example.predicted] == words
    # Each pass reads again, and spaCy asks for several.
    assert [example.text for example in corpus(nlp)] == [example.text for example in examples]


def test_a_corpus_of_the_registry_trains_a_pipeline(tmp_path, capsys):
    vocab = spacy.blank("en").vocab
    path = write(TEXT_AND_SPANS, tmp_path, gold_docs(vocab, 60))
    config = f"""
        [system]
        seed = 0
        gpu_allocator = null
        [nlp]
        lang = "en"
        pipeline = ["seqlabel_ner"]
        [components]
        [components.seqlabel_ner]
        factory = "seqlabel_ner"
        [components.seqlabel_ner.model]
        @architectures = "seqlabel.RecurrentLabeler.v1"
        encoder = {json.dumps(tiny_encoder(tmp_path / "encoder"))}
        hidden = 8
        [corpora]
        [corpora.train]
        @readers = "seqlabel.Corpus.v1"
        path = {json.dumps(str(path))}
        [corpora.dev]
        @readers = "seqlabel.Corpus.v1"
        path = {json.dumps(str(path))}
        [training]
        seed = 0
        gpu_allocator = null
        max_steps = 2
        eval_frequency = 1
    """
    (tmp_path / "config.cfg").write_text("\n".join(line.strip() for line in config.splitlines()))
    app(
        ["train", str(tmp_path / "config.cfg"), "--output", str(tmp_path / "out")],
        standalone_mode=False,
    )
    assert "ENTS_F" in capsys.readouterr().out
    assert spacy.load(tmp_path / "out" / "model-last").get_pipe("seqlabel_ner").labels == (
        "LOC",
        "PER",
    )


@pytest.mark.parametrize("gold_preproc", [False, True])
def test_docs_of_spacys_own_files_are_gold_as_they_are(gold_preproc, tmp_path):
    """As `spacy.Corpus.v1` gives them, but that it cuts what it gives with the file's words into
    sentences.
    """
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab, words=["Ann", "can't", "\n", "go"], spaces=[True, False, False, False])
    for token in doc:
        token.dep_, token.head, token.lemma_ = (
            "ROOT" if token.i == 3 else "dep",
            doc[3],
            token.text.lower(),
        )
        token.set_morph("Number=Sing" if token.i == 0 else "")
    doc.spans["mine"] = [DocSpan(doc, 0, 2, "X")]
    doc.cats = {"a": 0.5}
    bare = Doc(nlp.vocab, words=["Ann's", "left"])
    DocBin(docs=[doc, bare], store_user_data=True).to_disk(tmp_path / "x.spacy")
    theirs = list(spacy.training.Corpus(tmp_path / "x.spacy")(nlp))
    for format, layer in ((None, None), ("docbin", "pii")):
        corpus = create_corpus(
            tmp_path / "x.spacy", format=format, layer=layer, gold_preproc=gold_preproc
        )
        found = list(corpus(nlp))
        assert [example.to_dict() for example in found] == [example.to_dict() for example in theirs]
        for one, other in zip(found, theirs, strict=True):
            assert [*map(str, one.predicted)] == [
                *map(str, other.reference if gold_preproc else other.predicted)
            ]
    assert found[0].reference[1].dep_ == "dep"
    assert str(found[0].reference[0].morph) == "Number=Sing"


def test_layers_can_have_other_names(tmp_path):
    nlp = spacy.blank("en")
    docs = gold_docs(nlp.vocab, 3)
    corpus = create_corpus(write(TEXT_AND_SPANS, tmp_path, docs), layer="pii")
    assert [annotated(one.reference)[3] for one in corpus(nlp)] == [
        annotated(doc)[3] for doc in docs
    ]
    assert from_doc(next(iter(corpus(nlp))).reference, entities="pii").spans["pii"].spans


def test_what_cannot_be_read_is_one_clear_error(tmp_path):
    nlp = spacy.blank("en")
    (tmp_path / "x.jsonl").write_text('{"text": "Ann", "spans": [[0, 9, "PER"]]}\n')
    with pytest.raises(DataError, match=r"x\.jsonl, line 1"):
        list(create_corpus(tmp_path / "x.jsonl")(nlp))
    (tmp_path / "x.spacy").write_bytes(b"no")
    with pytest.raises(DataError, match=r"x\.spacy: is not a DocBin"):
        list(create_corpus(tmp_path / "x.spacy")(nlp))
    with pytest.raises(OptionError, match="format: expected one of"):
        list(create_corpus(tmp_path / "x.jsonl", format="xml")(nlp))


def test_the_readers_are_registered():
    assert registry.readers.get("seqlabel.Corpus.v1") is create_corpus


COUNTED = "1\tthe\tO\n2\tcat\tB-X\n\n1\ton\tO\n2\tOslo\tB-Y\n"


def test_the_columns_of_a_file_are_told(tmp_path):
    path = tmp_path / "x.iob2"
    path.write_text(COUNTED)
    examples = list(create_corpus(path, word=1, tag=2, separator="\t")(spacy.blank("en")))
    found = [
        [(entity.text, entity.label_) for entity in example.reference.ents] for example in examples
    ]
    assert found == [[("cat", "X")], [("Oslo", "Y")]]
    with pytest.raises(DataError, match=r"x\.iob2, line 1: "):
        list(create_corpus(path)(spacy.blank("en")))
    with pytest.raises(OptionError, match=r"^word: "):
        list(create_corpus(tmp_path / "x.jsonl", word=1)(spacy.blank("en")))


def test_spans_that_do_not_fit_are_mended_and_said(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text(
        json.dumps({"text": "the cat sat", "spans": [[4, 6, "X"], [4, 11, "Y"]]}) + "\n"
    )
    with pytest.warns(
        UserWarning,
        match=r"x\.jsonl: spans moved to word borders: 1, overlapping spans left out: 1",
    ):
        (example,) = create_corpus(path)(spacy.blank("en"))
    assert [(entity.text, entity.label_) for entity in example.reference.ents] == [("cat sat", "Y")]
