"""The pipe `seqlabel`: labels are the labeler's, and go where the config says. What all pipes
promise (streams, threads, files, errors, scores) is in `test_contract.py`.
"""

import dataclasses
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import spacy
import torch
from spacy.tokens import Doc, Span, SpanGroup, Token
from spacy.training import Example
from spacy.vocab import Vocab

from seqlabel.documents.categories import Categories
from seqlabel.documents.document import Document
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.errors import CheckpointError, OptionError
from seqlabel.formats.docs import exact_characters, from_doc
from seqlabel.models.folders import PRETRAINED
from seqlabel.models.language_model import WordLanguageModel
from seqlabel.models.model_configs import HeadConfig, LabelerConfig
from seqlabel.models.tagging.engine import Arithmetic, EngineKind
from seqlabel.models.tagging.labeler import Labeler
from seqlabel.native.compiled import FAST
from seqlabel.nn.heads.biaffine import Biaffine
from seqlabel.nn.heads.softmax import Softmax
from seqlabel.spacy.pipe import SeqlabelPipe
from seqlabel.text.tokenizers import Words
from tests.extras import needs_pii
from tests.labelers import strengthen
from tests.spacy_models import (
    ENCODER,
    HEADS,
    VOCABULARY,
    assert_same,
    some_texts,
    tiny_labeler,
)

TEXT = "The cat sat on   the mat, B2B naïve Oslo.\nIt rained. "


@pytest.fixture(scope="module")
def labeler():
    return tiny_labeler()


@pytest.fixture(scope="module")
def folder(labeler, tmp_path_factory):
    path = tmp_path_factory.mktemp("labeler") / "model"
    labeler.save(path)
    return path


@pytest.fixture(scope="module")
def document_folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("documents") / "model"
    below = tiny_labeler()
    encoder = WordLanguageModel(below.config.encoder, below.vocabulary)
    torch.manual_seed(3)
    labeler = Labeler.on(encoder, [Categories("category", ("good", "bad", "so-so"))])
    strengthen(labeler.module, 0.5)
    labeler.save(path)
    return path


def pipeline(model, **config):
    nlp = spacy.blank("en")
    nlp.add_pipe("seqlabel", config={"model": str(model), "arithmetic": "float32", **config})
    return nlp


@pytest.fixture
def nlp(folder):
    return pipeline(folder)


def test_labels_are_what_the_labeler_says(nlp, labeler):
    # The last one has several windows.
    texts = [*some_texts(), " ".join(text for text in some_texts(300) if text.strip())]
    for doc, expected in zip(nlp.pipe(texts), labeler(texts), strict=True):
        found = from_doc(doc)
        if len(found):
            assert found.tags["upos"].labels == expected.tags["upos"].labels
        assert found.words == expected.words
        assert found.spans["ner"].spans == expected.spans["ner"].spans
        assert found.spans["chunks"].spans == expected.spans["chunks"].spans
        assert found.spans["chunks"].scores == pytest.approx(
            expected.spans["chunks"].scores, abs=1e-5
        )
        assert found.spans["seqlabel_ner"].spans == expected.spans["ner"].spans
        assert found.spans["seqlabel_ner"].scores == pytest.approx(
            expected.spans["ner"].scores, abs=1e-5
        )
        words = [token for token in doc if not token.is_space]
        assert tuple(token._.form for token in words) == expected.tags["form"].labels
        assert [token._.form_score for token in words] == pytest.approx(
            expected.tags["form"].scores, abs=1e-5
        )
        sure = doc.user_data["seqlabel", "pos_"]
        assert len(sure) == len(doc)
        assert [float(sure[token.i]) for token in words] == pytest.approx(
            expected.tags["upos"].scores, abs=1e-5
        )
        assert {token.pos_ for token in doc if token.is_space} <= {"SPACE"}
        assert doc.has_annotation("ENT_IOB", require_complete=True)


@pytest.mark.parametrize("rows", ["text", "paragraph"])
def test_no_entity_crosses_a_blank_line_and_docs_have_what_the_labeler_says(
    labeler, rows, tmp_path
):
    other = labeler.copy()
    other.set_rows(rows)
    other.save(tmp_path / "saved")
    nlp = pipeline(tmp_path / "saved")
    texts = [text.replace(",", "\n\n").replace("  ", " \n \n ") for text in some_texts(longest=30)]
    for doc, expected in zip(nlp.pipe(texts), other(texts), strict=True):
        found = from_doc(doc)
        assert found.spans["ner"].spans == expected.spans["ner"].spans
        assert found.spans["chunks"].spans == expected.spans["chunks"].spans
        assert not any("\n\n" in span.text for group in doc.spans.values() for span in group)


def test_a_word_gets_the_same_vector_whatever_was_read_before(folder):
    texts = some_texts()
    one, other = pipeline(folder, arithmetic="int8"), pipeline(folder, arithmetic="int8")
    list(other.pipe(some_texts(seed=5)))
    assert_same([one(text) for text in texts], other.pipe(texts), tolerance=1e-6)


def test_docs_of_other_vocabularies_in_one_batch_get_the_same(nlp):
    words = [["cat", " ", "Ulan", "\n"], ["sat", "Bator"], ["cat", "Bator"]]
    # The first one has no language, which says what is white space.
    vocabularies = [Vocab(), spacy.blank("en").vocab, spacy.blank("en").vocab]
    docs = [Doc(vocab, words=some) for vocab, some in zip(vocabularies, words, strict=True)]
    pipe = nlp.get_pipe("seqlabel")
    assert_same(pipe.pipe(docs), [pipe(Doc(nlp.vocab, words=some)) for some in words])
    assert [token.pos_ for token in docs[0]][1::2] == ["SPACE", "SPACE"]


def test_a_full_table_of_words_begins_again(nlp, monkeypatch):
    pipe = nlp.get_pipe("seqlabel")
    texts = some_texts()
    expected = [nlp(text) for text in texts]
    engine = pipe._inference.engine
    gates = engine.words if engine.kind is EngineKind.COMPILED else engine.reader.words
    gates._capacity = 3
    assert_same([nlp(text) for text in texts], expected)
    assert len(gates._places) <= 16


@pytest.mark.parametrize(
    ("targets", "expected"),
    [
        ({"upos": "tag_", "ner": "spans"}, {"tag", "spans:ner"}),
        (
            {"upos": ["pos_", "tag_"], "ner": ["ents", "spans:sc"]},
            {"pos", "tag", "ents", "spans:sc"},
        ),
        ({"chunks": "ents", "form": "extension:mine"}, {"ents", "mine"}),
        ({}, set()),
    ],
)
def test_layers_go_where_the_config_says(folder, targets, expected):
    doc = pipeline(folder, targets=targets)(TEXT)
    found = {name for name in ("pos", "tag") if any(getattr(token, f"{name}_") for token in doc)}
    found |= {"ents"} if doc.has_annotation("ENT_IOB") else set()
    found |= {f"spans:{key}" for key in doc.spans}
    found |= {key[1] for key in doc.user_data if key[0] == "._." and not key[1].endswith("_score")}
    assert found == expected


@pytest.mark.parametrize(
    ("config", "option"),
    [
        ({"targets": {"upos": "lemma"}}, "targets"),
        ({"targets": {"upos": "pos_:x"}}, "targets"),
        ({"targets": {"upos": "spans:"}}, "targets"),
        ({"existing": "ignore"}, "existing"),
        ({"arithmetic": "int4"}, "arithmetic"),
        ({"threads": 0}, "threads"),
        ({"model": ""}, "model"),
    ],
)
def test_a_config_that_does_not_fit_is_refused(folder, config, option):
    with pytest.raises(OptionError, match=f"^{option}: "):
        pipeline(**{"model": folder, **config})


@pytest.mark.parametrize(
    ("targets", "value"),
    [
        ({"upos": "ents"}, "'upos'"),
        ({"upos": "tag_", "form": "tag_"}, "'upos' and 'form'"),
        ({"upos": "extension:a", "form": "extension:a_score"}, "extension:a_score"),
        ({"ner": "tag_"}, "'ner'"),
        ({"form": "pos_"}, "'form'"),
        ({"nothing": "ents"}, "'nothing'"),
        ({"form": "extension:taken"}, r"Token\._\.taken"),
    ],
)
def test_targets_that_do_not_fit_the_model_are_refused_whenever_it_is_used(folder, targets, value):
    Token.set_extension("taken", getter=len, force=True)
    nlp = pipeline(folder, targets=targets)
    for _ in range(2):
        with pytest.raises(OptionError, match=f"^targets: .*{value}"):
            nlp(TEXT)


@pytest.mark.parametrize("model", ["nowhere", "en_poss", "en"])
@pytest.mark.parametrize(
    "use", [lambda nlp: nlp(TEXT), lambda nlp: nlp.evaluate([]), lambda nlp: nlp.initialize()]
)
def test_a_model_that_cannot_label_is_an_error_when_it_is_used(model, use):
    nlp = pipeline(model)
    with pytest.raises(CheckpointError, match=model):
        use(nlp)


def test_a_pipe_without_a_model_says_so():
    with pytest.raises(CheckpointError, match=r"seqlabel: "):
        SeqlabelPipe("seqlabel").predict([])


def other_files(folder):
    folder.mkdir()
    (folder / "config.json").write_text("{}")


def other_layers(folder):
    tiny_labeler((HeadConfig(TagSet("sound", ("1", "2"))),)).save(folder)


@pytest.mark.parametrize("fill", [other_files, other_layers])
def test_a_saved_pipeline_loads_wherever_it_is_run(fill, folder, tmp_path, monkeypatch):
    """Also where the relative path in its config leads to something else."""
    config = {"targets": {"ner": "ents"}}
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    Labeler.load(folder).save("tagger")
    nlp = pipeline("tagger", **config)
    nlp.to_disk(tmp_path / "pipeline")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    fill(tmp_path / "here" / "tagger")
    same_after(nlp, spacy.load(tmp_path / "pipeline"))
    other = pipeline("tagger", **config)
    with pytest.raises(
        (CheckpointError, OptionError), match=r"not the config of a seqlabel model|targets"
    ):
        pickle.loads(pickle.dumps(other))(TEXT)
    same_after(nlp, other.from_bytes(nlp.to_bytes()))


class TestSavingOver:
    def test_another_component_of_the_same_name_in_a_pipeline(self, nlp, tmp_path):
        before = spacy.blank("en")
        before.add_pipe("tagger", name="seqlabel")
        before.initialize(
            lambda: [Example(nlp.make_doc("a"), Doc(nlp.vocab, words=["a"], tags=["X"]))]
        )
        before.to_disk(tmp_path / "pipeline")
        assert (tmp_path / "pipeline" / "seqlabel" / "cfg").is_file()
        nlp.to_disk(tmp_path / "pipeline")
        same_after(nlp, spacy.load(tmp_path / "pipeline"))
        nlp.to_disk(tmp_path / "fresh")
        assert files(tmp_path / "pipeline") == files(tmp_path / "fresh")

    def test_a_file_of_a_component(self, nlp, tmp_path):
        nlp.to_disk(tmp_path / "fresh", exclude=["seqlabel"])
        (tmp_path / "fresh" / "seqlabel").write_text("{}")
        nlp.to_disk(tmp_path / "fresh")
        same_after(nlp, spacy.load(tmp_path / "fresh"))

    def test_files_that_no_pipeline_wrote_are_safe(self, nlp, tmp_path):
        (tmp_path / "config.cfg").write_text("")
        (tmp_path / "texts").mkdir()
        (tmp_path / "texts" / "a.txt").write_text("mine")
        with pytest.raises(OptionError, match=r"a\.txt"):
            nlp.get_pipe("seqlabel").to_disk(tmp_path / "texts")
        assert (tmp_path / "texts" / "a.txt").read_text() == "mine"


def files(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


@pytest.mark.filterwarnings("ignore:.*doc.ents has entities of another pipe:UserWarning")
def test_entities_tags_spans_and_blocked_words_of_others_are_kept(folder):
    nlp = pipeline(folder, existing="keep")
    doc = nlp.make_doc("cat sat the mat Oslo on naïve mat cat , Oslo .")
    alone = [(span.start, span.end, span.label_) for span in nlp(doc.copy()).ents]
    doc.set_ents(
        [Span(doc, 1, 4, "MINE", kb_id="Q1", span_id="i1"), Span(doc, 6, 7, "MINE")],
        blocked=[Span(doc, 9, 10)],
        default="missing",
    )
    doc[0].pos_ = "ADV"
    doc.spans["seqlabel_ner"] = [Span(doc, 0, 2, "MINE")]
    nlp.get_pipe("seqlabel")(doc)

    mine = [span for span in doc.ents if span.label_ == "MINE"]
    others = [span for span in doc.ents if span.label_ != "MINE"]
    assert [(span.start, span.end, span.kb_id_, span.id_) for span in mine] == [
        (1, 4, "Q1", "i1"),
        (6, 7, "", ""),
    ]
    taken = {1, 2, 3, 6, 9}
    free = [span for span in alone if not taken & set(range(span[0], span[1]))]
    assert free
    assert [(span.start, span.end, span.label_) for span in others] == free
    assert (doc[9].ent_iob_, doc[9].ent_type_) == ("B", "")
    assert doc[0].pos_ == "ADV"
    assert doc[1].pos_ in ("NOUN", "VERB", "X")
    # What gave way is not lost: it is in the group, with what others had put there.
    group = doc.spans["seqlabel_ner"]
    assert [span.label_ for span in group].count("MINE") == 1
    assert len(group) == len(group.attrs["scores"]) == len(alone) + 1


def same_after(nlp, other):
    texts = some_texts()
    assert_same(other.pipe(texts), nlp.pipe(texts), tolerance=0.0)


def test_weights_of_the_pipeline_are_used_and_not_those_of_a_model_in_the_old_place(
    folder, nlp, tmp_path
):
    tiny_labeler(seed=7).save(tmp_path / "labeler")
    other = str(tmp_path / "labeler")
    nlp.to_disk(tmp_path / "pipeline")
    config = {"components": {"seqlabel": {"model": other}}}
    same_after(nlp, spacy.load(tmp_path / "pipeline", config=config))
    same_after(nlp, pipeline(other).from_bytes(nlp.to_bytes()))


@needs_pii
@pytest.mark.skipif(not FAST, reason="has no compiled steps that are faster than torch")
def test_pipes_with_models_that_ship_need_no_torch():
    """Where importing torch is an error, all pipes can be made known, and trained models label."""
    code = """
        import sys
        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] == "torch":
                    raise ImportError(name)
        sys.meta_path.insert(0, Refuse())
        import spacy
        from importlib.metadata import entry_points
        mine = [one for one in entry_points(group="spacy_factories") if one.module.startswith("seqlabel")]
        spacy.registry._entry_point_factories._get_entry_points = lambda: mine
        nlp = spacy.blank("en")
        nlp.add_pipe("seqlabel", config={"model": "en_pos", "threads": 2})
        nlp.add_pipe("private_finder")
        nlp.add_pipe("redactor", config={"policy": "mask"})
        (doc,) = nlp.pipe(["Ann Moss lives in Leeds."])
        print([token.pos_ for token in doc], doc._.redacted.text)
    """  # noqa: E501
    run = [sys.executable, "-c", textwrap.dedent(code)]
    found = subprocess.run(run, capture_output=True, text=True, timeout=600, check=True).stdout
    assert found == "['PROPN', 'PROPN', 'VERB', 'ADP', 'PROPN', 'PUNCT'] Xxx Xxxx lives in Xxxxx.\n"


def test_optional_dependencies_are_not_needed():
    code = """
        import sys
        class Refuse:
            def find_spec(self, name, path=None, target=None):
                if name.split(".")[0] in ("torch", "matplotlib", "datasets", "presidio_anonymizer", "presidio_analyzer",
                                          "faker", "phonenumbers", "stdnum", "pandas", "cupy"):
                    raise ImportError(name)
        sys.meta_path.insert(0, Refuse())
        import spacy
        from importlib.metadata import entry_points
        # Presidio has a factory of its own, which is not there where it is not.
        mine = [one for one in entry_points(group="spacy_factories") if one.module.startswith("seqlabel")]
        spacy.registry._entry_point_factories._get_entry_points = lambda: mine
        nlp = spacy.blank("en")
        assert nlp.has_factory("seqlabel") and nlp.has_factory("seqlabel_ner")
    """  # noqa: E501
    run = [sys.executable, "-c", textwrap.dedent(code)]
    subprocess.run(run, capture_output=True, text=True, timeout=600, check=True)


def test_entities_and_a_category_of_one_labeler(tmp_path):
    labeler = tiny_labeler().keep(["ner"]).with_layers([Categories("topic", ("a", "b"))])
    labeler.save(tmp_path / "model")
    nlp = pipeline(tmp_path / "model")
    labeler = Labeler.load(tmp_path / "model", arithmetic=Arithmetic.FLOAT32)
    texts = [text for text in some_texts() if text.strip()]
    for doc, expected in zip(nlp.pipe(texts), labeler(texts), strict=True):
        assert doc.cats == pytest.approx(expected.categories["topic"], abs=1e-5)
        assert [entity.label_ for entity in doc.ents] == [
            span.label for span in expected.spans["ner"].spans
        ]
    only = pipeline(tmp_path / "model", targets={"topic": "cats"})(texts[0])
    assert only.cats
    assert not only.ents


def test_categories(document_folder):
    nlp = pipeline(document_folder)
    texts = [text for text in some_texts() if text.strip()]
    labeler = Labeler.load(document_folder, arithmetic=Arithmetic.FLOAT32)
    for doc, expected in zip(nlp.pipe(texts), labeler(texts), strict=True):
        assert doc.cats == pytest.approx(expected.categories["category"], abs=1e-5)
    assert nlp(" ").cats == pytest.approx({"good": 1 / 3, "bad": 1 / 3, "so-so": 1 / 3})
    assert nlp.get_pipe("seqlabel").labels == ("good", "bad", "so-so")
    doc = nlp.make_doc("the cat")
    doc.cats = {"good": 1.0, "mine": 0.5}
    assert nlp.get_pipe("seqlabel")(doc).cats["good"] == 1.0


def test_a_group_of_others_without_probabilities_is_kept(folder):
    pipe = pipeline(folder, targets={"ner": "spans:mine"}).get_pipe("seqlabel")
    doc = spacy.blank("en")(TEXT)
    doc.spans["mine"] = SpanGroup(doc, name="mine", spans=[Span(doc, 0, 2, "MINE")])
    pipe(doc)
    kept = [number for number, span in enumerate(doc.spans["mine"]) if span.label_ == "MINE"]
    assert [doc.spans["mine"].attrs["scores"][number] for number in kept] == [1.0]


LOG = "user=ann;ip=10.0.0.1  {'mail':\"ann@x.org\"}\n\tcall <b>Bob</b>(now), don't\n"


@pytest.fixture(scope="module")
def private(tmp_path_factory):
    """A labeler with finer words than spaCy's, and its folder."""
    tags = TagSet("pii", ("PERSON", "IP"), Scheme.BIO), TagSet("form", ("1", "2"))
    labeler = tiny_labeler(tuple(HeadConfig(tag_set, Softmax()) for tag_set in tags))
    labeler.config = dataclasses.replace(labeler.config, words=Words.FINE)
    folder = tmp_path_factory.mktemp("private") / "model"
    labeler.save(folder)
    return Labeler.load(folder, arithmetic=Arithmetic.FLOAT32), folder


def test_finer_words_than_spacys_lose_no_private_token(private):
    labeler, folder = private
    nlp = pipeline(folder)
    texts = [LOG, LOG * 40, *some_texts(), "a=1;b=2,c=3 " * 5]
    met = 0
    for doc, expected in zip(nlp.pipe(texts), labeler(texts), strict=True):
        assert doc.text == expected.text
        found = set()
        for span in expected.spans["pii"].spans:
            start, end = expected.characters(span)
            found.update(
                token.i for token in doc if token.idx < end and start < token.idx + len(token)
            )
        private = doc.spans["pii"]
        covered = {token.i for span in private for token in span}
        assert found == covered
        assert sum(map(len, private)) == len(covered)
        assert [(e.start, e.end, e.label_) for e in doc.ents] == [
            (s.start, s.end, s.label_) for s in private
        ]
        assert len(private.attrs["scores"]) == len(private) <= len(expected.spans["pii"].spans)
        met += len(expected.spans["pii"].spans) - len(private)
        words = [token for token in doc if not token.is_space]
        for token in words:
            touching = [
                i
                for i, (a, b) in enumerate(expected.offsets)
                if token.idx < b and a < token.idx + len(token)
            ]
            assert token._.form == expected.tags["form"].labels[touching[0]]
    assert met > 10


def test_a_labeler_of_private_data_is_warned_of_because_it_runs_no_rules(
    private, folder, caplog, monkeypatch
):
    monkeypatch.setattr(spacy.util.logger, "propagate", True)
    pipeline(folder)
    pipeline(private[1], targets={"form": "extension:form"})
    assert not caplog.records
    pipeline(private[1])
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert "without the rules" in record.getMessage()
    assert "`private_finder`" in record.getMessage()


def test_the_characters_of_finer_words_are_kept(private):
    labeler, folder = private
    for doc, expected in zip(
        pipeline(folder).pipe([LOG, *some_texts()]), labeler([LOG, *some_texts()]), strict=True
    ):
        exact = [one for found in exact_characters(doc.spans["pii"]) or [] for one in found]
        assert [(one.start, one.end, one.label) for one in exact] == [
            (one.start, one.end, one.label) for one in expected.character_spans("pii")
        ]


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("characters", "megabytes"),
    [(200_000, 60), pytest.param(1_000_000, 300, marks=pytest.mark.slow)],
)
def test_long_texts_take_bounded_memory(characters, megabytes, folder, private):
    """Read by spaCy's words and by finer ones, one after the other."""
    code = f"""
        import resource, spacy, torch
        torch.set_num_threads(1)
        pipelines = [spacy.blank("en") for _ in range(2)]
        for nlp, folder in zip(pipelines, ({str(folder)!r}, {str(private[1])!r})):
            nlp.max_length = 2_000_000
            nlp.add_pipe("seqlabel", config={{"model": folder}})
            nlp("the cat sat")
        text = ("The cat sat on the mat with B2B Oslo today. " * 25_000)[:{characters}]
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        for nlp in pipelines:
            assert len(nlp(text).text) == {characters}
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    """
    run = [sys.executable, "-c", textwrap.dedent(code)]
    found = subprocess.run(run, capture_output=True, text=True, timeout=600, check=True).stdout
    assert float(found) < megabytes


@pytest.mark.slow
@pytest.mark.parametrize("model", ["en_pos", "en_pii"])
def test_a_shipped_model_reads_a_million_characters_of_different_words_in_bounded_memory(model):
    if not (PRETRAINED / model).is_dir():
        pytest.skip(f"the model {model} is not there")
    code = f"""
        import random, resource, spacy, string, torch
        torch.set_num_threads(1)
        nlp = spacy.blank("en")
        nlp.max_length = 2_000_000
        nlp.add_pipe("seqlabel", config={{"model": {model!r}}})
        nlp("the cat sat")
        chance = random.Random(0)
        text = " ".join("".join(chance.choices(string.ascii_lowercase, k=6)) for _ in range(142_857))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        assert len(nlp(text).text) > 999_000
        print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    """  # noqa: E501
    run = [sys.executable, "-c", textwrap.dedent(code)]
    found = subprocess.run(run, capture_output=True, text=True, timeout=600, check=True).stdout
    assert float(found) < 300


def test_labels_that_are_no_parts_of_speech_go_to_an_extension(tmp_path):
    labeler = tiny_labeler((HeadConfig(TagSet("xpos", ("NN", "VB"))), HEADS[3]))
    labeler.save(tmp_path / "model")
    doc = pipeline(tmp_path / "model")("the cat  sat")
    assert {token.tag_ for token in doc if not token.is_space} <= {"NN", "VB"}
    assert [token.tag_ for token in doc if token.is_space] == ["_SP"]


def test_a_pipe_that_merges_tokens_does_not_break_the_scores(nlp):
    nlp.add_pipe("merge_entities")
    text = " ".join(" ".join(some_texts()).split())
    example = Example(nlp.make_doc(text), nlp.get_pipe("seqlabel")(nlp.make_doc(text)))
    assert len(nlp(text)) < len(example.reference)
    found = nlp.evaluate([example])
    assert found["ents_f"] == 1.0
    assert found["spans_chunks_f"] is not None


def test_tags_that_stay_are_said_once():
    nlp = spacy.blank("en")
    pipe = nlp.add_pipe("seqlabel")

    def tagged():
        return Doc(nlp.vocab, words=["The", "cat"], tags=["X", "Y"], pos=["X", "X"])

    with pytest.warns(
        UserWarning, match=r'seqlabel: every token has .*_ already.*"existing": "override"'
    ):
        doc = pipe(tagged())
    assert doc[1].tag_ == "Y"
    # Once, and not for what has no tags.
    pipe(tagged())
    other = spacy.blank("en")
    other.add_pipe("seqlabel")
    assert other("The cat")[1].pos_ == "NOUN"
    nlp.remove_pipe("seqlabel")
    nlp.add_pipe("seqlabel", config={"existing": "override"})
    assert nlp(tagged())[1].pos_ == "NOUN"


@pytest.fixture(scope="module")
def tree_folder(tmp_path_factory):
    """A labeler of sentences and of trees, with random weights."""
    heads = (
        HeadConfig(RelationSet("tree", ("det", "obj", "root")), Biaffine(arcs=6, relations=6)),
        HeadConfig(TagSet("sentence", ("B", "I"))),
    )
    torch.manual_seed(0)
    found = Labeler(
        LabelerConfig(ENCODER, heads, hidden=5), VOCABULARY, arithmetic=Arithmetic.FLOAT32
    )
    strengthen(found.module, 1.0)
    folder = tmp_path_factory.mktemp("trees") / "labeler"
    found.save(folder)
    return folder


TREE_TEXTS = ["  The cat sat, on the mat.\n\nOslo  sat. B2B cat", "", "\n", "cat"]


def test_heads_relations_and_sentences_agree(tree_folder):
    nlp = pipeline(tree_folder)
    labeler = Labeler.load(tree_folder, arithmetic="float32")
    for doc in nlp.pipe(TREE_TEXTS):
        assert all(token.head in token.sent for token in doc)
        for sentence in doc.sents:
            assert sum(token.head == token for token in sentence) == 1
            assert sentence.root.dep_ == "ROOT"
        words = [token for token in doc if not token.is_space]
        document = labeler(
            [Document(doc.text, tuple((word.idx, word.idx + len(word)) for word in words))]
        )[0]
        tree = document.trees["tree"]
        assert [words.index(word.head) for word in words] == list(tree.heads)
        assert [word.dep_.lower() for word in words] == list(tree.relations)
        scores = doc.user_data.get(("seqlabel", "dep_"), np.zeros(0))[[word.i for word in words]]
        assert np.allclose(scores, tree.scores)


def test_an_existing_tree_stays_or_is_replaced_as_a_whole(tree_folder):
    words = ["the", "cat", "sat"]
    for existing, stays in (("keep", True), ("override", False), ("clear", False)):
        nlp = pipeline(tree_folder, existing=existing)
        doc = nlp(Doc(nlp.vocab, words=words, heads=[0, 0, 0], deps=["ROOT", "x", "x"]))
        assert ([token.dep_ for token in doc] == ["ROOT", "x", "x"]) is stays


def test_sentences_that_a_doc_has_are_kept_with_trees_in_them(tree_folder):
    nlp = pipeline(tree_folder)
    words = ["the", "cat", "sat", "on", "mat"]
    doc = nlp(Doc(nlp.vocab, words=words, sent_starts=[True, False, True, False, False]))
    assert [sentence.text for sentence in doc.sents] == ["the cat", "sat on mat"]


def test_labels_may_be_renamed(folder, labeler):
    ner = next(one for one in labeler.tag_sets if one.layer == "ner")
    rename = {label: f"NEW_{label}" for label in ner.labels}
    usual, renamed = (
        pipeline(folder)("Ann saw the cat in Oslo"),
        pipeline(folder, rename=rename)("Ann saw the cat in Oslo"),
    )
    assert [(one.start, one.end, rename[one.label_]) for one in usual.ents] == [
        (one.start, one.end, one.label_) for one in renamed.ents
    ]
    assert set(rename.values()) <= set(pipeline(folder, rename=rename).get_pipe("seqlabel").labels)
    with pytest.raises(OptionError, match=r"^rename: 'PRE'"):
        pipeline(folder, rename={"PRE": "PERSON"})("Ann")


def test_entities_that_keep_others_from_being_written_are_warned_of_once(folder):
    nlp = pipeline(folder, existing="keep")
    text = next(text for text in some_texts(40, seed=3) if nlp(text).ents)
    taken = nlp(text)
    for entity in taken.ents:
        assert entity.label_ != "OTHER"
    doc = nlp.make_doc(text)
    doc.ents = [Span(doc, 0, len(doc), label="OTHER")]
    with pytest.warns(UserWarning, match="doc.ents has entities of another pipe"):
        nlp(doc)
    assert [one.label_ for one in doc.ents] == ["OTHER"]
    again = nlp.make_doc(text)
    again.ents = [Span(again, 0, len(again), label="OTHER")]
    nlp(again)
