"""The configs that ship: `spacy train` takes each as it is, and what it writes can be loaded,
evaluated and used.
"""

import runpy
from pathlib import Path

import pytest
import spacy
from spacy.cli._util import app
from spacy.tokens import DocBin
from spacy.util import load_config, load_model_from_config

from seqlabel.io.files import read_json
from tests.spacy_models import gold_docs, gold_trees, tiny_encoder

FOLDER = Path(__file__).parents[2] / "seqlabel" / "spacy" / "configs"
CONFIGS = sorted(FOLDER.glob("*.cfg"))
KEYS = {"seqlabel_tagger": "tag_acc", "seqlabel_ner": "ents_f", "seqlabel_textcat": "cats_score"}
KEYS |= {"seqlabel_parser": "dep_las", "tagger": "tag_acc", "ner": "ents_f"}
IN_OTHERS = ("ner", "spacy", "tagger")
"""Configs whose pipes are those of another config, or spaCy's alone."""


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    tiny_encoder(folder / "encoder")
    vocab = spacy.blank("en").vocab
    DocBin(docs=gold_docs(vocab, 40)).to_disk(folder / "x.spacy")
    DocBin(docs=gold_trees(vocab, 20)).to_disk(folder / "trees.spacy")
    return folder


def test_all_are_looked_at():
    assert [path.stem for path in CONFIGS] == [
        "ner",
        "parser",
        "spacy",
        "tagger",
        "tagger_ner",
        "textcat",
        "tok2vec",
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, marks=[pytest.mark.slow] * (path.stem in IN_OTHERS), id=path.stem)
        for path in CONFIGS
    ],
)
def test_spacy_train_takes_a_config_as_it_is(path, work, tmp_path, capsys):
    docs = work / ("trees.spacy" if path.stem == "parser" else "x.spacy")
    data = {"paths.train": docs, "paths.dev": docs}
    data |= {"training.max_steps": 12, "training.eval_frequency": 6}
    if path.stem != "spacy":
        data["paths.encoder"] = work / "encoder"
    overrides = [part for name, value in data.items() for part in (f"--{name}", str(value))]
    app(["train", str(path), "--output", str(tmp_path), *overrides], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "Initialized pipeline" in printed
    nlp = spacy.load(tmp_path / "model-best")
    written = load_config(path)
    assert nlp.pipe_names == written["nlp"]["pipeline"]
    gold = list(DocBin().from_disk(docs).get_docs(nlp.vocab))
    found = nlp.evaluate([spacy.training.Example(nlp.make_doc(doc.text), doc) for doc in gold])
    for pipe in nlp.pipe_names:
        if pipe in KEYS:
            assert found[KEYS[pipe]] is not None
    # The numbers that a config gives are those that are trained with.
    used = load_config(tmp_path / "model-best" / "config.cfg")["training"]
    assert used["max_steps"] == 12
    assert used["optimizer"]["use_averages"] is (path.stem != "spacy")


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_a_perfect_model_scores_1(path):
    """By the weights of the file and those that the components add."""
    config = load_config(path)
    weights = load_model_from_config(config, auto_fill=True).config["training"]["score_weights"]
    assert {key: weight for key, weight in weights.items() if weight} == config["training"][
        "score_weights"
    ]
    assert sum(filter(None, weights.values())) == 1.0


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_the_learning_rate_rises_and_falls_within_the_steps(path):
    if path.stem == "spacy":
        assert "optimizer" not in load_config(path)["training"]
        return
    config = load_config(
        path, overrides={"training.optimizer.learn_rate.num_steps": 200}, interpolate=True
    )
    assert config["training"]["max_steps"] == 200
    # Without references into other sections, which `nlp.resume_training` and `debug data` do not
    # resolve.
    rates = load_config(path)["training"]["optimizer"]["learn_rate"]
    schedule = spacy.util.registry.resolve({"rates": {**rates, "num_steps": 200}})["rates"]
    found = [next(schedule) for _ in range(200)]
    top = found.index(max(found))
    assert 10 < top < 30
    assert found[:top] == sorted(found[:top])
    assert found[top:] == sorted(found[top:], reverse=True)
    assert 0 < found[-1] < found[top] / 20
    # The last step is evaluated, and some before it.
    whole = load_config(path, interpolate=True)["training"]
    assert whole["max_steps"] % whole["eval_frequency"] == 0
    assert whole["max_steps"] // whole["eval_frequency"] >= 5


def test_the_comparison_is_by_the_same_components():
    ours, theirs = (
        load_config(FOLDER / f"{name}.cfg", interpolate=False)["components"]
        for name in ("tok2vec", "spacy")
    )
    assert {name: ours[name] for name in ("tagger", "ner")} == {
        name: theirs[name] for name in ("tagger", "ner")
    }


def treebank(folder, docs, part):
    """Those Docs as the files of the English Web Treebank and its entities."""
    for name in ("ud_english_ewt", "ner_english_ewt"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = [
        "".join(f"{t.i + 1}\t{t.text}\t_\t{t.pos_}\t{t.tag_}\t_\t_\t_\t_\t_\n" for t in doc)
        for doc in docs
    ]
    (folder / "ud_english_ewt" / f"en_ewt-ud-{part}.conllu").write_text("\n".join(rows) + "\n")
    rows = ["".join(f"{t.i + 1}\t{t.text}\t{iob(t)}\t-\t-\n" for t in doc) for doc in docs]
    (folder / "ner_english_ewt" / f"{part}.iob2").write_text("\n".join(rows) + "\n")


def iob(token):
    return f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_recipe_trains_all_and_prints_them_side_by_side(work, tmp_path, monkeypatch, capsys):
    vocab = spacy.blank("en").vocab
    for seed, part in enumerate(("train", "dev", "test")):
        treebank(tmp_path / "data", gold_docs(vocab, 60, seed=seed), part)
    recipe = runpy.run_path(str(FOLDER.parents[2] / "recipes" / "spacy_pipeline.py"))
    options = {"output": tmp_path / "out", "encoder": str(work / "encoder"), "steps": 12}
    recipe["main"](recipe["Settings"](tmp_path / "data", **options))
    table = [line.split() for line in capsys.readouterr().out.splitlines()[-4:]]
    found = read_json(tmp_path / "out" / "metrics.json")
    for (name, *figures), one in zip(table, ("seqlabel", "spacy", "tok2vec"), strict=False):
        assert name == one
        for words, gold in (("gold words", True), ("raw text", False)):
            # As counted from the files that it left.
            nlp = spacy.load(tmp_path / "out" / one / "model-best")
            corpus = spacy.training.Corpus(tmp_path / "out" / "test.spacy", gold_preproc=gold)
            scores = nlp.evaluate(list(corpus(nlp)))
            for key in ("tag_acc", "ents_f"):
                assert found["pipelines"][one][words][key] == pytest.approx(scores[key], abs=0.02)
        # spaCy's words are the file's here.
        result = found["pipelines"][one]
        assert result["raw text"]["aligned_acc"] == pytest.approx(
            result["raw text"]["tag_acc"], abs=0.02
        )
        shown = [result[words][key] for key in ("tag_acc", "ents_f") for words in recipe["WORDS"]]
        shown.insert(2, result["raw text"]["aligned_acc"])
        assert figures == [f"{100 * figure:.2f}" for figure in shown]
        assert set(nlp.get_pipe(nlp.pipe_names[-2]).labels) == {"PROPN", "VERB", "ADV", "PUNCT"}


@pytest.mark.parametrize("steps", [30, 0])
def test_a_training_of_which_only_the_first_step_is_scored_is_warned_of(work, steps):
    config = load_config(FOLDER / "ner.cfg", overrides={"paths.encoder": str(work / "encoder")})
    config["training"]["max_steps"] = steps
    nlp = load_model_from_config(config, auto_fill=True)
    examples = [spacy.training.Example(doc.copy(), doc) for doc in gold_docs(nlp.vocab, 10)]
    if steps:
        with pytest.warns(UserWarning, match="only the first one would be scored"):
            nlp.initialize(lambda: examples)
    else:
        nlp.initialize(lambda: examples)
