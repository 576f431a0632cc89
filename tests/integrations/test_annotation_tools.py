"""What Label Studio and doccano send and read, as their own clients do, over HTTP."""

import base64
import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from seqlabel import Labeler
from seqlabel.errors import DataError, OptionError
from seqlabel.integrations.annotation_tools import Interface, doccano, predict, read_interface
from seqlabel.models.choosing import choose_next, doubts_of
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.replacing.policies import Mask
from tests.document_labelers import document_labeler
from tests.pages import run_page
from tests.privacy.rewritten_files import NOTHING
from tests.privacy.rewritten_files import tiny_labeler as private_labeler

ROOT = Path(__file__).parents[2]
needs_service = pytest.mark.skipif(
    not all(map(find_spec, ("stdnum", "starlette", "httpx", "presidio_anonymizer"))),
    reason="needs seqlabel-rnn[serve] and httpx",
)
CONFIG = """<View>
  <!-- The names of a project of its own. -->
  <Labels name="names" toName="note"><Label value="PER" background="red"/><Label value="LOC"/></Labels>
  <Text name="note" value="$body"/>
</View>"""  # noqa: E501
TEXT = "Ann Lee met \U0001f600 Ben Moss in Paris."
TOKEN = "a token of 32 random characters!"


@pytest.fixture(scope="module")
def labeler():
    return Labeler.load("en_ner_fast")


@pytest.fixture(scope="module")
def finder():
    return PrivateFinder(private_labeler((NOTHING,)))


@pytest.fixture
def client(labeler):
    from starlette.testclient import TestClient

    from seqlabel.integrations.service import make_label_app

    with TestClient(make_label_app(labeler), base_url="http://localhost") as client:
        yield client


@needs_service
def test_label_studio_connects_a_project(client):
    # Label Studio takes an answer that is not JSON for an error.
    assert client.get("/health").json()["status"] == "UP"
    asked = {"project": "7.1700000000", "schema": CONFIG}
    asked |= {"hostname": "http://localhost:8080", "access_token": "abc"}
    answer = client.post("/setup", json=asked)
    assert (answer.status_code, answer.json()) == (200, {"model_version": "seqlabel"})
    events = {"action": "ANNOTATION_CREATED", "annotation": {"result": []}, "project": {"id": 7}}
    assert client.post("/webhook", json=events).status_code == 200


@needs_service
def test_predictions_as_label_studio_reads_them(client, labeler):
    tasks = [{"id": 1, "data": {"body": TEXT}}, {"id": 2, "data": {"body": "It rains."}}]
    asked = {
        "tasks": tasks,
        "model_version": "seqlabel",
        "project": "7.1700000000",
        "label_config": CONFIG,
        "params": {"login": None, "password": None, "context": None},
    }
    answer = client.post("/predict", json=asked).json()
    assert answer["model_version"] == "seqlabel"
    first, second = answer["results"]
    assert [one["value"]["text"] for one in first["result"]] == ["Ann Lee", "Ben Moss", "Paris"]
    assert [one["value"]["labels"] for one in first["result"]] == [["PER"], ["PER"], ["LOC"]]
    units = TEXT.encode("utf-16-le")
    for one in first["result"]:
        assert (one["from_name"], one["to_name"], one["type"]) == ("names", "note", "labels")
        value = one["value"]
        assert units[2 * value["start"] : 2 * value["end"]].decode("utf-16-le") == value["text"]
        assert 0 < one["score"] <= 1
    assert second["result"] == []
    doubts = doubts_of(labeler, list(labeler([TEXT, "It rains."])))
    assert (first["score"] < second["score"]) == (doubts[0] > doubts[1])


def test_label_studios_own_validator_takes_the_predictions(labeler):
    interface = pytest.importorskip(
        "label_studio_sdk.label_interface", reason="label-studio-sdk is not installed"
    )
    asked = {"tasks": [{"data": {"body": TEXT}}], "label_config": CONFIG}
    (prediction,) = predict(labeler, asked, most_texts=1)["results"]
    read = interface.LabelInterface(CONFIG)
    assert read.validate_prediction(prediction, return_errors=True) == []
    prediction["result"][0]["value"]["labels"] = ["UNKNOWN"]
    assert read.validate_prediction(prediction, return_errors=True) != []


@needs_service
def test_a_model_of_private_data_finds_by_rules_too(finder):
    from starlette.testclient import TestClient

    from seqlabel.integrations.service import make_app

    config = CONFIG.replace("PER", "EMAIL")
    with TestClient(make_app(finder, Mask()), base_url="http://localhost") as client:
        assert client.get("/health").json()["status"] == "UP"
        told = client.post("/setup", json={"schema": config}).json()
        assert told == {"model_version": "seqlabel"}
        tasks = [{"id": 1, "data": {"body": "\U0001f600 mail ann@lee.example"}}]
        answer = client.post("/predict", json={"tasks": tasks, "label_config": config}).json()
        (result,) = answer["results"][0]["result"]
        value = {name: result["value"][name] for name in ("start", "end", "text", "labels")}
        assert value == {"start": 8, "end": 23, "text": "ann@lee.example", "labels": ["EMAIL"]}
        answer = client.post("/doccano", json={"text": "mail ann@lee.example"}).json()
        assert answer == [{"label": "EMAIL", "start_offset": 5, "end_offset": 20}]
        assert client.post("/webhook", json={"action": "ANNOTATION_CREATED"}).json() == {}


def test_the_lowest_score_is_what_next_would_choose_first(labeler):
    texts = [
        "It rains.",
        "Zork Blin left Qqor.",
        "zork blin left qqor.",
        "Ann Lee met Ben Moss in Paris.",
    ]
    asked = {"tasks": [{"data": {"text": text}} for text in texts]}
    scores = [one["score"] for one in predict(labeler, asked, most_texts=4)["results"]]
    chosen = [one.number for one in choose_next(labeler, texts, 4)]
    assert chosen == sorted(chosen, key=scores.__getitem__)
    # Near-duplicates come last.
    assert {scores[number] for number in set(range(4)) - set(chosen)} <= {1.0}


def test_labels_that_the_project_lacks_are_left_out(labeler):
    config = CONFIG.replace('<Label value="LOC"/>', "")
    asked = {"tasks": [{"data": {"body": TEXT}}], "label_config": config}
    (prediction,) = predict(labeler, asked, most_texts=1)["results"]
    assert [one["value"]["labels"] for one in prediction["result"]] == [["PER"], ["PER"]]


def test_without_an_interface_the_names_are_those_of_the_templates(labeler):
    (prediction,) = predict(labeler, {"tasks": [{"data": {"text": TEXT}}]}, most_texts=1)["results"]
    assert {(one["from_name"], one["to_name"]) for one in prediction["result"]} == {
        ("label", "text")
    }


def test_a_category_is_a_choice():
    config = '<View><Text name="t" value="$text"/><Choices name="topic" toName="t"/></View>'
    model = document_labeler()
    asked = {"tasks": [{"data": {"text": "the cat"}}], "label_config": config}
    (prediction,) = predict(model, asked, most_texts=1)["results"]
    (layer,) = model("the cat").categories.values()
    best = max(layer, key=layer.__getitem__)
    assert prediction["result"] == [
        {"from_name": "topic", "to_name": "t", "type": "choices", "value": {"choices": [best]}}
    ]
    assert doccano(model, {"text": "the cat"}) == [{"label": best}]


def test_an_interface_is_read():
    labels = frozenset({"PER", "LOC"})
    expected = Interface("body", ("names", "note"), labels, None, frozenset())
    assert read_interface(CONFIG) == expected
    assert read_interface("") == read_interface(None) == Interface()


@pytest.mark.parametrize(
    "config",
    [
        "<View>",
        7,
        '<View><Image name="image" value="$url"/><Choices name="a" toName="image"/></View>',
        (
            '<!DOCTYPE v [<!ENTITY a "aaaa">]><View><Text name="&a;"/><Labels name="l" '
            'toName="aaaa"/></View>'
        ),
    ],
)
def test_an_interface_that_cannot_be_labelled(config):
    with pytest.raises(DataError, match="label_config"):
        read_interface(config)


@pytest.mark.parametrize(
    "tasks", [None, [1], [{"data": {}}], [{"data": {"text": 1}}], [{"data": {"text": "a"}}] * 3]
)
def test_tasks_that_are_not_as_they_should_be(labeler, tasks):
    with pytest.raises(DataError, match="tasks"):
        predict(labeler, {"tasks": tasks}, most_texts=2)


@needs_service
def test_doccano_maps_the_answer(client):
    jinja2 = pytest.importorskip("jinja2")
    answer = client.post("/doccano", json={"text": TEXT})
    assert answer.status_code == 200
    # doccano renders its mapping template with the answer as `input`, and reads the result as JSON.
    labels = json.loads(jinja2.Template("{{ input | tojson }}").render(input=answer.json()))
    assert [set(one) for one in labels] == [{"label", "start_offset", "end_offset"}] * 3
    found = [(TEXT[one["start_offset"] : one["end_offset"]], one["label"]) for one in labels]
    assert found == [("Ann Lee", "PER"), ("Ben Moss", "PER"), ("Paris", "LOC")]
    assert client.post("/doccano", json={"text": ["a"]}).status_code == 400


@needs_service
def test_doccanos_own_pipeline_reads_the_answer(labeler):
    pipeline = pytest.importorskip(
        "auto_labeling_pipeline.pipeline", reason="auto-labeling-pipeline is not installed"
    )
    from auto_labeling_pipeline.labels import SequenceLabels
    from auto_labeling_pipeline.mappings import MappingTemplate
    from auto_labeling_pipeline.models import CustomRESTRequestModel
    from auto_labeling_pipeline.postprocessing import PostProcessor

    from seqlabel.integrations.service import make_label_app
    from tests.integrations.test_service import served

    server, thread, address = served(make_label_app(labeler))
    model = CustomRESTRequestModel(
        url=f"{address}/doccano", method="POST", params={}, headers={}, body={"text": "{{ text }}"}
    )
    template = MappingTemplate(label_collection=SequenceLabels, template="{{ input | tojson }}")
    labels = pipeline.pipeline(TEXT, model, template, PostProcessor({})).dict()
    server.should_exit = True
    thread.join(10)
    found = [(TEXT[one["start_offset"] : one["end_offset"]], one["label"]) for one in labels]
    assert found == [("Ann Lee", "PER"), ("Ben Moss", "PER"), ("Paris", "LOC")]


def test_a_labeler_of_words_is_refused():
    with pytest.raises(OptionError):
        doccano(Labeler.load("en_pos_fast"), {"text": "the cat sat"})


@needs_service
def test_the_token_may_be_a_password(labeler):
    from starlette.testclient import TestClient

    from seqlabel.integrations.service import make_label_app

    def with_password(password):
        encoded = base64.b64encode(f"label-studio:{password}".encode()).decode()
        return {"authorization": f"Basic {encoded}"}

    with TestClient(make_label_app(labeler, token=TOKEN), base_url="http://models:3000") as client:
        assert client.post("/webhook", json={}, headers=with_password(TOKEN)).status_code == 200
        for wrong in (
            with_password("another"),
            with_password(""),
            {"authorization": "Basic é%".encode()},
            {},
        ):
            assert client.post("/webhook", json={}, headers=wrong).status_code == 401


def test_the_page_prints_what_it_says(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "annotation_tools.md")
