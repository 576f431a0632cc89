"""The page that redacts in the browser, in a real one that reaches no other machine, against
Python's labels.
"""

import functools
import json
import random
import re
import threading
from contextlib import contextmanager
from http.server import ThreadingHTTPServer

import pytest

from seqlabel import Labeler, OptionError
from seqlabel.models import Arithmetic
from seqlabel.privacy import write_try_page
from seqlabel.privacy.try_page import PAGE_PARTS
from tests.browser import Quiet, chromium
from tests.mixed_texts import mixed_texts
from tests.models.test_language_model import build_two_way
from tests.spacy_models import tiny_labeler

TEXT = "Ann Moss wrote to Ben Ray and Ann Moss: mail ann.moss@example.org."
TEXTS = 1000
EMOJI = ("😀", "👩‍👩‍👧", "🇬🇧", "𝔘", "👍🏽", "é")
FIND = """
(texts) => new Promise((done) => {
  const worker = new Worker("finding.mjs", { type: "module" });
  const found = [];
  worker.onmessage = ({ data }) => {
    if (data.found) found[data.number] = data.found.map(({ start, end, label }) => [start, end, label]);
    if (data.error) done(data.error);
    if (found.length === texts.length) done(found);
  };
  texts.forEach((text, number) => worker.postMessage({ number, text }));
})
"""  # noqa: E501


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_try_page(tmp_path_factory.mktemp("page") / "try")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@contextmanager
def shown(browser, folder):
    """The page, from a server; it counts requests of other machines, which are refused, and keeps
    errors.
    """
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    page = browser.new_page()
    page.elsewhere, page.errors = [], []

    def answer(route):
        if route.request.url.startswith(address):
            route.continue_()
        else:
            page.elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda said: said.type == "error" and page.errors.append(said.text))
    page.goto(address)
    try:
        yield page
        assert page.errors == []
        assert page.elsewhere == []
    finally:
        page.close()
        server.shutdown()
        server.server_close()


def with_emoji(text, number):
    """The text with characters of several units at three places, within words too."""
    chance = random.Random(number)
    for _ in range(3):
        place = chance.randint(0, len(text))
        text = text[:place] + chance.choice(["", " "]) + chance.choice(EMOJI) + text[place:]
    return text


def units(text, place):
    """An offset in units of UTF-16, as JavaScript counts."""
    return len(text[:place].encode("utf-16-le")) // 2


def found(page):
    return page.locator("mark").all_inner_texts()


def test_all_files_are_there_and_take_less_than_12_mb(folder):
    assert {path.name for path in folder.iterdir()} == set(PAGE_PARTS)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 12_000_000


@pytest.mark.end_to_end
def test_the_labels_are_those_of_python(browser, folder):
    texts = [with_emoji(text, number) for number, text in enumerate(mixed_texts(TEXTS))]
    documents = Labeler.load("en_pii", arithmetic=Arithmetic.FLOAT32)(texts)
    expected = []
    for text, document in zip(texts, documents, strict=True):
        spans = document.character_spans("pii")
        expected.append(
            [[units(text, span.start), units(text, span.end), span.label] for span in spans]
        )
    with shown(browser, folder) as page:
        assert page.evaluate(FIND, texts) == expected
    assert sum(map(len, expected)) > TEXTS


def test_a_text_is_redacted_labels_are_switched_and_all_is_copied_and_nothing_sent(browser, folder):
    with shown(browser, folder) as page:
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.fill("#text", TEXT)
        page.wait_for_selector("mark")
        assert [re.sub(r"\s*[A-Z]+ [01]\.\d\d$", "", text) for text in found(page)][:2] == [
            "Ann Moss",
            "Ben Ray",
        ]
        clean = "<PERSON_1> wrote to <PERSON_2> and <PERSON_1>: mail <EMAIL_1>."
        assert page.inner_text("#clean") == clean
        page.uncheck("#label-EMAIL")
        assert page.inner_text("#clean") == clean.replace("<EMAIL_1>", "ann.moss@example.org")
        page.check("#label-EMAIL")
        page.click("#clear")
        page.wait_for_selector("mark", state="detached")
        assert page.inner_text("#clean") == ""
        page.fill("#text", f"<PERSON_1> {TEXT}")
        page.wait_for_selector("mark")
        page.click("#copy")
        assert "<PERSON_2> wrote to <PERSON_3>" in page.evaluate("navigator.clipboard.readText()")
        page.click("#copy-map")
        copied = json.loads(page.evaluate("navigator.clipboard.readText()"))
        assert copied == {
            "<PERSON_2>": "Ann Moss",
            "<PERSON_3>": "Ben Ray",
            "<EMAIL_1>": "ann.moss@example.org",
        }
        assert page.errors == []
        said = page.evaluate(
            "fetch('https://elsewhere.example/').then(() => 'sent', () => 'refused')"
        )
        assert said == "refused"
        assert page.errors
        # What the policy of the page refused.
        assert all(
            "Content Security Policy" in error or "Refused" in error for error in page.errors
        )
        page.errors.clear()


def test_a_labeler_that_no_page_can_run(tmp_path):
    tiny_labeler().save(tmp_path / "tagger")
    with pytest.raises(OptionError, match="pii"):
        write_try_page(tmp_path / "page", tmp_path / "tagger")
    build_two_way().save(tmp_path / "encoder")
    assert not (tmp_path / "page").exists()
