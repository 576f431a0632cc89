"""`run.py` is the specification: on random small models torch, the compiled steps and JavaScript
decide as it does.
"""

import dataclasses
import json
import random
import runpy

import numpy as np
import pytest
import torch

from seqlabel import HeadConfig, Labeler
from seqlabel.batches.windows import RowEnd
from seqlabel.documents.schemes import Scheme
from seqlabel.documents.tag_sets import TagSet
from seqlabel.models import Arithmetic
from seqlabel.models.export import export_onnx, head_facts
from seqlabel.models.model_configs import LabelerConfig
from seqlabel.models.tagging.inference import Paragraphs
from seqlabel.native.compiled import LEVEL, Level
from seqlabel.nn import CRF, Softmax
from seqlabel.nn.heads.head import Rows
from tests.models.exported.node import needs_node, run_code
from tests.models.sized_labelers import SMALL, VOCABULARY, some_rows
from tests.test_architecture import FOLDER

SCRIPTS = FOLDER / "models" / "exported"
QUICK, ALL = 12, 500
some_seeds = pytest.mark.parametrize(
    "seeds",
    [range(QUICK), pytest.param(range(QUICK, ALL), marks=pytest.mark.slow)],
    ids=["quick", "all"],
)


def read_script():
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed (seqlabel-rnn[export])")
    return runpy.run_path(str(SCRIPTS / "run.py"))


def random_labeler(seed):
    """A labeler of random widths and weights, with one to three heads of any kind, scheme,
    temperature and offset.
    """
    chance = random.Random(seed)
    heads = []
    for number in range(chance.randint(1, 3)):
        scheme = chance.choice([None, *Scheme])
        tag_set = TagSet(f"layer {number}", tuple("ABCDEFGH"[: chance.randint(2, 8)]), scheme)
        offset = 0.0 if scheme is None else chance.choice([0.0, 0.0, 1.5, -2.0])
        kind = chance.choice([Softmax(), CRF()])
        heads.append(
            HeadConfig(tag_set, kind, chance.choice([1.0, 0.7, 1.6]), threshold_offset=offset)
        )
    encoder = dataclasses.replace(
        SMALL, embedding=4 * chance.randint(1, 5), hidden=chance.randint(2, 20)
    )
    config = LabelerConfig(encoder, tuple(heads), hidden=chance.randint(2, 18))
    torch.manual_seed(seed)
    labeler = Labeler(config, VOCABULARY, arithmetic=Arithmetic.FLOAT32)
    with torch.no_grad():
        for parameter in labeler.module.parameters():
            parameter.add_(chance.choice([0.1, 0.5, 1.5]) * torch.randn_like(parameter))
    labeler.module.eval()
    return labeler, some_rows(chance.randint(1, 6), seed=seed, longest=12)


@some_seeds
def test_torch_and_the_compiled_steps_say_what_the_script_says(seeds, tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed (seqlabel-rnn[export])")
    script = read_script()
    for seed in seeds:
        labeler, rows = random_labeler(seed)
        model = script["Model"](export_onnx(labeler, tmp_path / "exported"))
        said = model.tag_rows(rows)
        tags = labeler.inference.tags(rows, labeler.decisions)
        for number, tag_set in enumerate(labeler.tag_sets):
            for row, found in zip(said, tags[number], strict=True):
                names, sure = row[number]
                agree = [
                    tag_set.tags[tag] == name for tag, name in zip(found.ids, names, strict=True)
                ]
                # Where two sequences of tags are as likely, either may be chosen.
                assert np.mean(agree) > 0.9, seed
                if all(agree):
                    assert found.scores == pytest.approx(sure, abs=5e-4), seed


@some_seeds
def test_heads_decide_by_the_same_states_as_the_script_decides(seeds):
    """In torch and by the compiled steps, which have rounded states, also inside of longer rows."""
    script = read_script()
    arithmetics = (
        [Arithmetic.FLOAT32] if LEVEL is Level.MISSING else [Arithmetic.FLOAT32, Arithmetic.INT8]
    )
    for seed in seeds:
        labeler, rows = random_labeler(seed)
        chance = random.Random(seed)
        for arithmetic in arithmetics:
            engine = labeler.inference.with_arithmetic(arithmetic).engine
            for number, (head, about) in enumerate(
                zip(labeler.module.heads, heads_of(labeler), strict=True)
            ):
                states = engine.states(rows[:1], str)
                with torch.inference_mode():
                    scores = head.output(torch.from_numpy(engine.floats(states))).numpy()
                after, goes_on = chance.choice([None, 0, 1]), chance.random() < 0.5
                ids, logs = script["Head"](about)(scores, after, goes_on=goes_on)
                row = Rows([len(rows[0])], after, goes_on)
                found = engine.tags(number, states, row, labeler.decisions[number])
                assert found.ids.tolist() == ids.tolist(), seed
                assert found.scores == pytest.approx(
                    np.exp(logs[np.arange(len(ids)), ids]), abs=2e-4
                ), seed


@some_seeds
def test_spans_begin_again_at_paragraphs_as_in_the_script(seeds, tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed (seqlabel-rnn[export])")
    script = read_script()
    for seed in seeds:
        labeler, rows = random_labeler(seed)
        chance = random.Random(seed)
        labeler.set_rows(chance.choice(list(RowEnd)))
        model = script["Model"](export_onnx(labeler, tmp_path / "exported"))
        starts = [sorted(chance.sample(range(1, len(row)), min(2, len(row) - 1))) for row in rows]
        paragraphs = Paragraphs(starts, labeler.config.rows)
        tags = labeler.inference.tags(rows, labeler.decisions, paragraphs=paragraphs)
        for place, (row, places) in enumerate(zip(rows, starts, strict=True)):
            for number, (names, sure) in enumerate(model.tag(row, places)):
                found = tags[number][place]
                agree = [
                    labeler.tag_sets[number].tags[tag] == name
                    for tag, name in zip(found.ids, names, strict=True)
                ]
                assert np.mean(agree) > 0.9 or len(agree) < 10, seed
                if all(agree):
                    assert found.scores == pytest.approx(sure, abs=5e-4), seed


def heads_of(labeler):
    """What `labels.json` says of the heads."""
    weights = {name: tensor.numpy() for name, tensor in labeler.module.state_dict().items()}
    return [head_facts(head, weights, number) for number, head in enumerate(labeler.config.heads)]


@needs_node
@some_seeds
def test_javascript_decides_by_the_same_scores_as_the_script_decides(seeds):
    script = read_script()
    cases, expected = [], []
    for seed in seeds:
        labeler, _ = random_labeler(seed)
        chance = np.random.default_rng(seed)
        for about in heads_of(labeler):
            scores = 3 * chance.normal(size=(chance.integers(1, 12), len(about["tags"])))
            after, goes_on = [None, 0, 1][chance.integers(3)], bool(chance.integers(2))
            starts = sorted(
                {int(place) for place in chance.integers(1, 12, size=2) if place < len(scores)}
            )
            starts = starts if chance.integers(2) else []
            case = {
                "about": about,
                "scores": scores.tolist(),
                "after": after,
                "goesOn": goes_on,
                "starts": starts,
            }
            cases.append(case)
            expected.append(
                script["Head"](about)(scores, after, goes_on=goes_on, paragraphs=starts)
            )
    code = f"""
import {{ readFileSync }} from "node:fs";
import {{ Head }} from {json.dumps((SCRIPTS / "run.mjs").as_uri())};
"""
    code += """
for (const { about, scores, after, goesOn, starts } of JSON.parse(readFileSync(0, "utf8")))
{
  const { ids, logs } = new Head(about).choose(Float64Array.from(scores.flat()), after, goesOn, starts);
  console.log(JSON.stringify({ ids, logs: ids.map((_, word) => about.tags.map((_, tag) => logs(word, tag))) }));
}
"""  # noqa: E501
    for line, (ids, logs) in zip(run_code(code, given=json.dumps(cases)), expected, strict=True):
        found = json.loads(line)
        assert found["ids"] == ids.tolist()
        np.testing.assert_allclose(found["logs"], logs, atol=1e-6)
