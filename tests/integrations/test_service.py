"""The service behind a real uvicorn on this machine: answers, limits, rights, streams, and silence
about texts.
"""

import gzip
import json
import re
import socket
import threading
import time
from contextlib import contextmanager
from importlib.util import find_spec

import pytest

from seqlabel.errors import OptionError
from seqlabel.privacy.finding.finder import PrivateFinder
from seqlabel.privacy.finding.settings import OwnPattern, PrivacySettings
from seqlabel.privacy.replacing.policies import Mask
from tests.privacy.rewritten_files import NOTHING, tiny_labeler

NEEDED = ("stdnum", "starlette", "uvicorn", "httpx", "presidio_anonymizer")
pytestmark = pytest.mark.skipif(
    not all(map(find_spec, NEEDED)), reason="needs seqlabel-rnn[serve] and httpx"
)

TOKEN = "a token of more than sixteen"


@pytest.fixture(scope="module")
def finder():
    quoted = OwnPattern("QUOTED", '(?<=code )[a-z]"[a-z] [a-z]')
    return PrivateFinder(tiny_labeler((NOTHING,)), settings=PrivacySettings(patterns=(quoted,)))


def served(app):
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    return server, thread, f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def client_of(app):
    """A client of an app that is served while the block runs."""
    import httpx

    server, thread, address = served(app)
    with httpx.Client(base_url=address, timeout=30) as client:
        yield client
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def client(finder):
    from seqlabel.integrations.service import Limits, make_app

    limits = Limits(body_bytes=2000, texts=3)
    with client_of(make_app(finder, Mask(), policies={}, limits=limits)) as client:
        yield client


def post(client, path, **body):
    answer = client.post(path, json=body)
    return answer.status_code, answer.json()


def test_health_and_presidios_addresses(client):
    assert client.get("/health").json()["status"] == "UP"
    assert "EMAIL_ADDRESS" in client.get("/supportedentities").json()
    text = "mail ann@x.org"
    status, results = post(client, "/analyze", text=text, language="en")
    assert (status, [one["entity_type"] for one in results]) == (200, ["EMAIL_ADDRESS"])
    status, done = post(client, "/anonymize", text=text, analyzer_results=results)
    assert (status, done["text"]) == (200, "mail <EMAIL_ADDRESS>")


def test_a_policy_of_a_label_that_is_not_found_is_refused(finder):
    from seqlabel.integrations.service import make_app

    with pytest.raises(OptionError, match="'EMIAL'"):
        make_app(finder, Mask(), policies={"EMIAL": Mask()})


def test_redact_one_and_many(client):
    status, done = post(client, "/redact", text="mail ann@x.org")
    assert (status, done["text"], done["findings"][0]["label"]) == (200, "mail xxx@x.xxx", "EMAIL")
    status, done = post(client, "/redact", text=["ann@x.org", ""])
    assert (status, [one["text"] for one in done]) == (200, ["xxx@x.xxx", ""])


def test_a_session_there_and_back(client):
    _, sent = post(client, "/redact", text=["I am ann@x.org", "ann@x.org"], session="new")
    assert sent["text"] == ["I am <EMAIL_1>", "<EMAIL_1>"]
    name = sent["session"]
    assert post(client, "/redact", text="bob@x.org", session=name)[1]["text"] == "<EMAIL_2>"
    _, back = post(client, "/restore", text="<email 1> <EMAIL_9>", session=name)
    assert (back["text"], back["restored"]) == ("ann@x.org <EMAIL_9>", 1)
    _, other = post(client, "/redact", text="eve@x.org", session="new")
    _, back = post(client, "/restore", text="<EMAIL_2>", session=other["session"])
    assert back["text"] == "<EMAIL_2>"
    _, back = post(client, "/restore", text='{"to": "<EMAIL_9>"}', session=name, form="json")
    assert (back["text"], back["unknown"]) == ('{"to": "<EMAIL_9>"}', ["<EMAIL_9>"])
    assert post(client, "/restore", text="a", session=name, form="xml")[0] == 400
    for unknown in ("none", None):
        assert post(client, "/restore", text="a", session=unknown)[0] == 404

    def pieces():
        yield from (b"Dear <EM", b"AIL_", b"1>, \xc3", b"\xa9.")

    headers = {"content-type": "text/plain", "x-seqlabel-session": name}
    assert client.post("/restore", content=pieces(), headers=headers).text == "Dear ann@x.org, é."
    for wrong in (b"Dear <EMAIL_1>\xff", b"\xc3"):
        answer = client.post("/restore", content=iter([wrong]), headers=headers)
        assert (answer.status_code, "not UTF-8" in answer.json()["error"]) == (400, True)
    # What left before cannot be taken back; the rest says that it is missing.
    answer = client.post(
        "/restore", content=iter([b"<EMAIL_1>, ", b"x, " * 500_000, b"\xff"]), headers=headers
    )
    assert (answer.status_code, answer.text[:14]) == (200, "ann@x.org, x, ")
    assert re.search("x,? ?\n<WITHHELD>: .*not UTF-8", answer.text)


def test_values_are_escaped_in_json(client):
    _, sent = post(client, "/redact", text='code a"b c', session="new")
    assert sent["text"] == "code <QUOTED_1>"
    name, call = sent["session"], '{"key": "<QUOTED_1>"}'
    value = post(client, "/restore", text="<QUOTED_1>", session=name)[1]["text"]
    assert '"' in value
    _, back = post(client, "/restore", text=call, session=name, form="json")
    assert json.loads(back["text"]) == {"key": value}
    headers = {"content-type": "text/plain", "x-seqlabel-session": name, "x-seqlabel-form": "json"}
    assert json.loads(client.post("/restore", content=call.encode(), headers=headers).text) == {
        "key": value
    }
    headers["x-seqlabel-form"] = "xml"
    assert client.post("/restore", content=call.encode(), headers=headers).status_code == 400


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        ("/redact", {"text": "a", "sesion": "new"}, "'session'"),
        ("/restore", {"text": "a", "session": "x", "language": "en"}, "form, session, text"),
    ],
)
def test_an_unknown_key_is_answered_with_those_that_are_known(client, path, body, named):
    status, answer = post(client, path, **body)
    assert (status, named in answer["error"]) == (400, True)


def test_a_stream_leaves_piece_by_piece_and_has_no_limit(client):
    line = "the cat sat on the mat and wrote to ann@x.org again\n"

    def pieces():
        for _ in range(200):
            yield line.encode()

    with client.stream(
        "POST", "/redact", content=pieces(), headers={"content-type": "text/plain"}
    ) as answer:
        parts = list(answer.iter_text())
    assert "".join(parts) == line.replace("ann@x.org", "xxx@x.xxx") * 200
    assert len(parts) > 1


def test_limits_and_wrong_requests_say_nothing_of_the_text(client):
    assert post(client, "/redact", text="secret " * 500)[0] == 413
    assert post(client, "/redact", text=["a"] * 4)[0] == 400
    assert post(client, "/redact", text={"secret": 1})[0] == 400
    for body in (b"secret", b"[]", b'{"text": "\xff"}'):
        answer = client.post("/redact", content=body, headers={"content-type": "application/json"})
        assert (answer.status_code, "secret" in answer.text) == (400, False)
    assert client.get("/redact").status_code == 405
    assert client.get("/nothing").status_code == 404


UTF_16 = "mail ann@x.org".encode("utf-16")


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("TEXT/PLAIN", b"ann@x.org", 200),
        ("text/plain; charset=UTF-8", b"ann@x.org", 200),
        ('text/plain;format=flowed; charset="us-ascii"', b"ann@x.org", 200),
        ("Application/JSON; charset=utf-8", b'{"text": "ann@x.org"}', 200),
        ("text/plain; charset=utf-16", UTF_16, 415),
        ("text/plain; Charset=ISO-8859-1", b"ann@x.org", 415),
        ("text/plain", "ann@x.org".encode("utf-16-le"), 400),
        ("text/plain2", b"ann@x.org", 415),
        ("text/html", b"ann@x.org", 415),
        ("application/json; charset=latin-1", b'{"text": "ann@x.org"}', 415),
        ("application/x-www-form-urlencoded", b'{"text": "ann@x.org"}', 415),
        ("", b'{"text": "ann@x.org"}', 415),
    ],
)
def test_only_what_is_read_is_taken(client, kind, body, status):
    answer = client.post("/redact", content=body, headers={"content-type": kind} if kind else {})
    assert (answer.status_code, "ann@x.org" in answer.text, "xxx@x.xxx" in answer.text) == (
        status,
        False,
        status == 200,
    )


def test_compressed_text_is_refused(client):
    headers = {"content-type": "text/plain", "content-encoding": "gzip"}
    answer = client.post("/redact", content=gzip.compress(b"ann@x.org"), headers=headers)
    assert answer.status_code == 415


def test_a_page_of_another_origin_is_refused(client):
    here = str(client.base_url).rstrip("/")
    others = ("http://evil.example", "null", f"{here}0")
    body = {"text": "a", "session": "new"}
    for origin, status in ((here, 200), *((other, 403) for other in others)):
        headers = {"origin": origin}
        assert client.post("/redact", json=body, headers=headers).status_code == status
        headers["content-type"] = "text/plain"
        assert client.post("/redact", content=b"a", headers=headers).status_code == status


def test_pages_of_chosen_origins_may_ask_and_others_may_not(finder):
    from seqlabel.integrations.service import make_app, make_label_app

    extension = "chrome-extension://abcdefghijklmnop"
    token = {"authorization": f"Bearer {TOKEN}"}
    asked = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-seqlabel-session",
    }
    for app in (
        make_app(finder, Mask(), token=TOKEN, origins=[extension]),
        make_label_app(finder.labeler, token=TOKEN, origins=[extension]),
    ):
        with client_of(app) as client:
            for origin, status in ((extension, 200), ("https://evil.example", 400), ("null", 400)):
                answer = client.options("/label", headers=asked | {"origin": origin})
                assert answer.status_code == status
                allowed = answer.headers.get("access-control-allow-origin")
                assert allowed == (extension if status == 200 else None)
                # What a browser would send of its own accord opens nothing.
                assert "access-control-allow-credentials" not in answer.headers
                headers = {"origin": origin} | token
                answer = client.post("/label", json={"text": "the cat"}, headers=headers)
                assert answer.status_code == (200 if origin == extension else 403)
                assert answer.headers.get("access-control-allow-origin") == allowed
            answer = client.post("/label", json={"text": "a"}, headers={"origin": extension})
            assert answer.status_code == 401


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://a.example/", "a.example", "https://*.example", "https://A.example"],
)
def test_an_origin_that_is_not_one_is_refused(origin):
    from seqlabel.integrations.service import check_origins

    with pytest.raises(OptionError, match="origin"):
        check_origins([origin])


def test_what_presidios_client_asks_first(client):
    assert client.get("/recognizers", params={"language": "en"}).json() == ["SeqlabelRecognizer"]
    assert client.get("/recognizers", params={"language": "de"}).status_code == 400
    assert client.get("/supportedentities", params={"language": "de"}).status_code == 400
    assert "mask" in client.get("/anonymizers").json()
    assert "decrypt" in client.get("/deanonymizers").json()
    assert post(client, "/deanonymize", text="a")[0] == 400
    deny = [{"supported_entity": "A", "deny_list": 5}]
    assert post(client, "/analyze", text="a", language="en", ad_hoc_recognizers=deny)[0] == 400


def test_without_a_token_only_this_machine_is_answered(client):
    answer = client.post("/redact", json={"text": "a"}, headers={"host": "evil.example"})
    assert answer.status_code == 403


def test_what_fails_is_not_shown(caplog, capfd):
    from seqlabel.integrations.service import make_app

    class Failing(PrivateFinder):
        def __call__(self, texts):
            raise RuntimeError(f"failed on {list(texts)}")

    failing = Failing(tiny_labeler((NOTHING,)))
    with client_of(make_app(failing, Mask(), policies={}, token=TOKEN)) as client:
        headers = {"authorization": f"Bearer {TOKEN}", "host": "far.example"}
        answer = client.post("/redact", json={"text": "secret"}, headers=headers)
        assert answer.status_code == 500
        assert answer.json() == {"error": "the request failed (RuntimeError)"}
        for wrong in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {TOKEN}"}):
            answer = client.post("/redact", json={"text": "a"}, headers=wrong)
            assert answer.status_code == 401
        assert client.get("/health").status_code == 200
    written = capfd.readouterr()
    assert "secret" not in written.out + written.err + caplog.text


def test_old_sessions_are_forgotten(finder):
    from starlette.exceptions import HTTPException

    from seqlabel.integrations.service import Limits, Service

    service = Service(finder, Mask(), policies={}, limits=Limits(sessions=1))
    first = service.redact({"text": "ann@x.org", "session": "new"})["session"]
    service.redact({"text": "bob@x.org", "session": "new"})
    with pytest.raises(HTTPException) as raised:
        service.restore({"text": "<EMAIL_1>", "session": first})
    assert raised.value.status_code == 404


def test_a_model_of_any_labels_is_served():
    from seqlabel.integrations.service import make_label_app

    labeler = tiny_labeler()
    with client_of(make_label_app(labeler)) as client:
        status, answer = post(client, "/label", text=["the cat sat", ""])
        assert status == 200
        assert [one["text"] for one in answer] == ["the cat sat", ""]
        assert answer[0]["tags"]["upos"] == list(labeler("the cat sat").tags["upos"].labels)
        assert post(client, "/label", text="the cat sat")[1] == answer[0]
        assert post(client, "/label", text="a", layer="upos")[0] == 400
        assert client.post("/redact", json={"text": "a"}).status_code == 404


def test_the_finders_labels_are_served(client):
    _, answer = post(client, "/label", text="the cat sat")
    assert (answer["tags"], answer["words"]) == ({}, [[0, 3], [4, 7], [8, 11]])


def test_languages_are_those_of_the_model(finder):
    from seqlabel.integrations.service import make_app

    with client_of(make_app(finder, Mask(), languages=("de", "en"))) as client:
        for language, status in (("de", 200), ("en", 200), ("fr", 400)):
            assert post(client, "/analyze", text="a", language=language)[0] == status
            entities = client.get("/supportedentities", params={"language": language})
            assert entities.status_code == status
        assert client.get("/supportedentities").status_code == 200
