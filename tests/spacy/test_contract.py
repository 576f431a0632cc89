"""The contract of all spaCy pipes: streams, threads, files, bytes, processes, empty Docs, errors,
scores, existing annotation and configs. What only one pipe does is tested where its module is.
"""

import dataclasses
import pickle
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc, DocBin, Span
from spacy.training import Example

# Registers the factory where the installed entry points are older.
import seqlabel.spacy.parser  # noqa: F401
from seqlabel.documents.relation_sets import RelationSet
from seqlabel.models.model_configs import HeadConfig
from seqlabel.nn.heads.biaffine import Biaffine
from tests.extras import needs_pii
from tests.keys import KEY
from tests.privacy.rewritten_files import save_labeler
from tests.spacy_models import (
    ENCODER,
    HEADS,
    annotation,
    assert_same,
    assert_same_in_processes,
    blank,
    examples,
    gold_docs,
    gold_trees,
    is_pickle,
    some_texts,
    tiny_encoder,
    tiny_labeler,
    train,
)

pytestmark = needs_pii
TRAINED = ("seqlabel_tagger", "seqlabel_ner", "seqlabel_textcat", "seqlabel_parser")
LABELING = ("seqlabel", "private_finder")
PIPES = (*LABELING, "redactor", *TRAINED)
EMPTY = ("", " ", "\n \t")
SCORES = {
    "seqlabel": ["pos_acc", "ents_f", "spans_chunks_f", "dep_las", "sents_f"],
    "private_finder": ["ents_f", "spans_pii_f"],
    "seqlabel_tagger": ["tag_acc"],
    "seqlabel_ner": ["ents_f"],
    "seqlabel_textcat": ["cats_macro_auc"],
    "seqlabel_parser": ["dep_las"],
}


def tree_examples(nlp):
    trees = gold_trees(nlp.vocab, 12)
    return [Example(Doc(nlp.vocab, words=[token.text for token in tree]), tree) for tree in trees]


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """The folder from which the models of all pipelines are loaded."""
    return tmp_path_factory.mktemp("models") / "here"


@pytest.fixture(scope="module")
def pipelines(models):
    """A pipeline for each factory; the redactor has a finder before it."""
    environment = pytest.MonkeyPatch()
    environment.setenv("SEQLABEL_TEST_KEY", KEY.hex())
    folder = models
    encoder = tiny_encoder(folder / "encoder")
    # Wide enough for torch to share the work among threads, for which a forked process could wait.
    wide = dataclasses.replace(ENCODER, embedding=256)
    tree = RelationSet("tree", ("det", "obj", "root"))
    heads = (*HEADS, HeadConfig(tree, Biaffine(arcs=6, relations=6)))
    tiny_labeler(heads, encoder=wide).save(folder / "labeler")
    private = save_labeler(folder / "private")
    made = {name: spacy.blank("en") for name in (*LABELING, "redactor")}
    made["seqlabel"].add_pipe(
        "seqlabel", config={"model": str(folder / "labeler"), "arithmetic": "float32"}
    )
    for name in ("private_finder", "redactor"):
        made[name].add_pipe("private_finder", config={"model": private, "arithmetic": "float32"})
    made["redactor"].add_pipe(
        "redactor", config={"policy": "pseudonym", "key_variable": "SEQLABEL_TEST_KEY"}
    )
    for name in TRAINED:
        nlp = made[name] = blank(encoder, name)
        data = tree_examples(nlp) if name == "seqlabel_parser" else examples(nlp)
        train(nlp, data, steps=8)
    yield made
    environment.undo()


@pytest.fixture(params=PIPES)
def name(request):
    return request.param


@pytest.fixture
def nlp(pipelines, name):
    return pipelines[name]


def texts_for(nlp):
    return [*some_texts(), *(doc.text for doc in gold_docs(nlp.vocab, 6))]


def assert_equal(found, expected):
    """Equal annotation and redacted texts, and probabilities to a tolerance."""
    assert outputs(found) == outputs(expected)
    assert_same(found, expected, tolerance=1e-4)


def outputs(docs):
    """All that the pipe may have written, and the redacted text."""
    return [(annotation(doc), doc._.redacted and doc._.redacted.text) for doc in docs]


def test_every_factory_is_tested():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["entry-points"]["spacy_factories"].keys() == set(PIPES)


def test_something_is_written(nlp):
    texts = texts_for(nlp)
    assert outputs(nlp.pipe(texts)) != outputs(nlp.make_doc(text) for text in texts)


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_a_stream_gets_what_each_text_gets(nlp, batch_size):
    texts = texts_for(nlp)
    alone = [nlp(text) for text in texts]
    streamed = list(nlp.pipe(texts, batch_size=batch_size))
    assert_equal(streamed, alone)


def test_docs_keep_their_text_and_their_order(nlp):
    texts = texts_for(nlp)
    assert [doc.text for doc in nlp.pipe(texts)] == texts
    pairs = [(text, number) for number, text in enumerate(texts)]
    assert [number for _, number in nlp.pipe(pairs, as_tuples=True)] == list(range(len(texts)))


@pytest.mark.parametrize("text", EMPTY)
def test_docs_without_words_pass(nlp, text):
    alone = nlp(text)
    assert alone.text == text
    assert alone.ents == ()
    assert outputs(nlp.pipe([text, text])) == outputs([alone, alone])
    assert list(nlp.pipe([])) == []


@pytest.fixture
def without_models(models):
    """The models are gone, so what loads a pipeline takes them from the pipeline alone."""
    elsewhere = models.rename(models.with_name("elsewhere"))
    yield
    elsewhere.rename(models)


@pytest.mark.parametrize("way", ["disk", "bytes", "pickle", "config"])
def test_a_pipeline_that_was_saved_says_the_same(nlp, tmp_path, way, without_models):
    if way == "disk":
        nlp.to_disk(tmp_path / "pipeline")
        files = [path for path in (tmp_path / "pipeline").rglob("*") if path.is_file()]
        assert not any(is_pickle(path.read_bytes()) for path in files)
        other = spacy.load(tmp_path / "pipeline")
    elif way == "bytes":
        other = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    elif way == "pickle":
        other = pickle.loads(pickle.dumps(nlp))
    else:
        (tmp_path / "config.cfg").write_text(nlp.config.to_str())
        other = spacy.util.load_model_from_config(spacy.util.load_config(tmp_path / "config.cfg"))
        other.from_bytes(nlp.to_bytes())
    texts = texts_for(nlp)
    expected = list(nlp.pipe(texts))
    found = list(other.pipe(texts))
    assert_equal(found, expected)
    assert other.config["components"].keys() == nlp.config["components"].keys()


def test_the_check_for_pickles_sees_one():
    assert is_pickle(pickle.dumps({"a": [1, 2]}))


def test_annotation_travels_with_a_doc(nlp):
    docs = list(nlp.pipe(texts_for(nlp)))
    assert_equal([Doc(nlp.vocab).from_bytes(doc.to_bytes()) for doc in docs], docs)
    packed = DocBin(docs=docs, store_user_data=True).to_bytes()
    assert_equal(list(DocBin().from_bytes(packed).get_docs(nlp.vocab)), docs)


def test_threads_say_the_same(nlp, name):
    texts = texts_for(nlp)
    expected = [nlp(text) for text in texts]
    fresh = pickle.loads(pickle.dumps(nlp))
    with ThreadPoolExecutor(8) as pool:
        assert_equal(list(pool.map(fresh, texts)), expected)
    fresh.get_pipe(name).threads = 3
    assert_equal(list(fresh.pipe(texts, batch_size=7)), expected)


def test_a_doc_that_fails_goes_to_the_error_handler_and_not_on(nlp, name, monkeypatch):
    pipe = nlp.get_pipe(name)
    predict = pipe.predict

    def predict_good(docs):
        if any(doc.text == "bad" for doc in docs):
            raise RuntimeError("bad")
        return predict(docs)

    monkeypatch.setattr(pipe, "predict", predict_good)
    texts = ["the cat", "bad", "Ann saw Rome."]
    with pytest.raises(RuntimeError, match="bad"):
        nlp("bad")
    with pytest.raises(RuntimeError, match="bad"):
        list(nlp.pipe(texts))

    failed = []
    before = pipe.get_error_handler()
    pipe.set_error_handler(lambda name, pipe, docs, error: failed.extend(map(str, docs)))
    try:
        passed = list(nlp.pipe(texts))
    finally:
        pipe.set_error_handler(before)
    assert failed == ["bad"]
    assert_equal(passed, [nlp(texts[0]), nlp(texts[2])])


@pytest.mark.parametrize("name", list(SCORES))
def test_a_pipe_scores_what_it_writes(nlp, name):
    # spaCy's scorer takes white space of gold Docs for words that were not found.
    texts = [" ".join(text.split()) for text in texts_for(nlp)]
    pairs = [Example(nlp.make_doc(text), nlp(text)) for text in texts if text]
    if name == "seqlabel_textcat":
        # Both categories have examples, whatever the weights are: the curve has two classes.
        ordered = sorted(
            (example.reference for example in pairs), key=lambda doc: doc.cats["north"]
        )
        for number, doc in enumerate(ordered):
            is_north = number >= len(ordered) // 2
            doc.cats = {"north": float(is_north), "south": float(not is_north)}
    scores = nlp.evaluate(pairs)
    assert [scores[key] for key in SCORES[name]] == [1.0] * len(SCORES[name])


def test_a_pipe_that_runs_again_changes_nothing(nlp, name):
    docs = list(nlp.pipe(texts_for(nlp)))
    before = outputs(docs)
    assert outputs(map(nlp.get_pipe(name), docs)) == before


def test_a_config_has_what_the_pipe_was_made_with(nlp, name):
    config = nlp.get_pipe_config(name)
    assert config["factory"] == name
    again = spacy.blank("en").from_config(nlp.config).get_pipe_config(name)
    assert again == config


def annotated(vocab, name):
    """A Doc whose annotation of the pipe's kind was made by another one, and how to read that
    annotation.
    """
    words = ["Ann", "saw", "Rome", "."]
    if name == "seqlabel_parser":
        doc = Doc(vocab, words=words, heads=[0, 0, 0, 0], deps=["ROOT", "mine", "mine", "mine"])
        return doc, lambda doc: [(token.head.i, token.dep_) for token in doc]
    if name == "seqlabel_textcat":
        doc = Doc(vocab, words=words)
        doc.cats = {"mine": 1.0}
        return doc, lambda doc: doc.cats.get("mine")
    if name in ("seqlabel", "seqlabel_tagger"):
        doc = Doc(vocab, words=words, pos=["X", "X", "X", ""], tags=["mine"] * 4)
        return doc, lambda doc: [
            token.tag_ if name == "seqlabel_tagger" else token.pos_ for token in doc[:3]
        ]
    doc = Doc(vocab, words=words)
    doc.ents = [Span(doc, 1, 3, "MINE")]
    return doc, lambda doc: [
        (span.start, span.end, span.label_) for span in doc.ents if span.label_ == "MINE"
    ]


@pytest.mark.parametrize("existing", ["keep", "override", "clear"])
@pytest.mark.parametrize("name", [name for name in PIPES if name != "redactor"])
def test_existing_annotation_is_kept_or_replaced(nlp, name, existing):
    pipe = nlp.get_pipe(name)
    doc, read = annotated(nlp.vocab, name)
    before = read(doc)
    policy = pipe.existing
    try:
        pipe.existing = type(policy)(existing)
        after = read(pipe(doc))
    finally:
        pipe.existing = policy
    if existing == "keep":
        assert after == before
    elif existing == "clear":
        assert after != before


@pytest.mark.end_to_end
def test_processes_say_the_same_and_do_not_hang(pipelines, name, tmp_path):
    pipelines[name].to_disk(tmp_path / "pipeline")
    assert_same_in_processes(tmp_path / "pipeline")
