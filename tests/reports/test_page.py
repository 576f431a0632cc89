"""The page of a report: what it holds, and what it does in a real browser, without a network."""

import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree

import pytest

from seqlabel.documents.document import Document, Spans, Tags
from seqlabel.documents.spans import Span
from seqlabel.documents.trees import Trees
from seqlabel.reports.page import MOST_PASSAGES, templates, write_page
from seqlabel.reports.report import Report
from seqlabel.scores.calibration import reliability
from seqlabel.scores.intervals import Interval
from tests.browser import chromium

NAMES = ["Ann Moss", "Ben <b>Ray</b>", "Eve O'Neil", "Carl Vu"]
VOID = {"meta", "link", "input"}


def pair(number):
    """A sentence of which gold and prediction differ in one of five ways, by its number."""
    words = [
        *NAMES[number % 4].split(),
        "met",
        "Kim",
        "in",
        ("Oslo", "Rome", "Lima")[number % 3],
        ".",
    ]
    person, friend, place = Span(0, 2, "PER"), Span(3, 4, "PER"), Span(5, 6, "LOC")
    predicted = [
        (person, friend, place),
        (Span(0, 2, "LOC"), friend, place),
        (Span(0, 1, "PER"), friend, place),
        (person, place),
        (person, friend, Span(4, 5, "ORG"), place),
    ][number % 5]
    document = Document.from_words(words)
    scores = tuple(0.5 + (number % 10) / 25 + place / 100 for place in range(len(predicted)))
    return (
        document.with_spans("ner", Spans((person, friend, place))),
        document.with_spans("ner", Spans(predicted, scores)),
    )


def pairs(count=40):
    return [pair(number) for number in range(count)]


def report_page(*report, **more):
    with TemporaryDirectory() as folder:
        write_page(Path(folder) / "page.html", *report, **more)
        return (Path(folder) / "page.html").read_text(encoding="utf-8")


def page_of(count=40, **more):
    found = pairs(count)
    return report_page(Report.of(found, "ner"), found, model="my_model", data="dev.jsonl", **more)


class Parsed(HTMLParser):
    """The elements of a page, its text, and whether every element that was opened was closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.elements, self.texts = [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] not in (["script"], ["style"]):
            self.texts.append(data)


def test_it_is_well_formed_and_escapes_what_it_shows():
    html = page_of()
    page = Parsed(html)
    assert page.open == []
    assert any("Ben <b>Ray</b>" in text for text in page.texts)
    assert "<b>Ray</b>" not in html


def test_it_asks_for_nothing():
    page = Parsed(page_of())
    for tag, attributes in page.elements:
        assert tag not in ("iframe", "img", "object", "embed", "base")
        assert not attributes.get("src")
        assert attributes.get("href", "#").startswith(("#", "data:"))
    (policy,) = [
        one["content"]
        for _, one in page.elements
        if one.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policy.startswith("default-src 'none'")


def test_everything_has_a_name_for_screen_readers():
    page = Parsed(page_of())
    ids = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    for tag, attributes in page.elements:
        if attributes.get("role") in ("img", "region") or tag == "nav":
            assert attributes.get("aria-label") or attributes["aria-labelledby"] in ids
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_its_figures_are_those_of_the_report():
    report = Report.of(pairs(), "ner")
    texts = " ".join(Parsed(page_of()).texts)
    assert f"{report.score.exact.f:.3f}" in texts
    assert f"{report.score.types['PER'].recall:.3f}" in texts
    assert "40 documents, 280 words" in texts
    assert "32 of 32 sentences with errors shown" in re.sub(r"\s+", " ", texts)


def test_masked_texts_are_shown_masked():
    hidden = [
        re.sub(r"[A-Z]\w+", lambda name: "X" * len(name[0]), gold.text) for gold, _ in pairs()
    ]
    page = page_of(masked=hidden)
    assert "private data masked" in page
    assert not re.search("Moss|Oslo|Kim", page)


def test_much_is_cut_and_it_is_reported():
    html = page_of(800)
    page = re.sub(r"\s+", " ", " ".join(Parsed(html).texts))
    assert "200 of 640 sentences with errors shown. The page holds the 200 worst." in page
    assert "500 of 640 shown. The page holds the 500 surest." in page
    assert html.count('class="example"') == MOST_PASSAGES


def test_tags_and_categories_have_pages_too():
    document = Document.from_words(["a", "b", "c"])
    gold = document.with_tags("pos", Tags(("X", "Y", "X")))
    found = document.with_tags("pos", Tags(("X", "X", "X")))
    page = report_page(Report.of([(gold, found)], "pos"), [(gold, found)])
    assert "Reliability" not in page
    assert Parsed(page).open == []
    gold = document.with_categories("tone", {"good": 0.9, "bad": 0.1})
    found = document.with_categories("tone", {"good": 0.2, "bad": 0.8})
    page = report_page(Report.of([(gold, found)], "tone"), [(gold, found)])
    assert Parsed(page).open == []
    assert "good → bad" in page


def test_without_errors_and_without_predictions_there_is_a_page():
    right = pairs(40)[::5]
    assert "They agree everywhere." in report_page(Report.of(right, "ner"), right)
    document = Document.from_words(["a"])
    gold = document.with_spans("ner", Spans((Span(0, 1, "X"),)))
    nothing = [(gold, document.with_spans("ner", Spans(())))]
    assert Parsed(report_page(Report.of(nothing, "ner"), nothing)).open == []


def drawn(name, *values):
    return ElementTree.fromstring(
        str(getattr(templates().get_template("charts.html").module, name)(*values)).strip()
    )


def test_bars_of_reliability_are_as_high_as_their_accuracy():
    found = reliability([0.05, 0.95, 0.97, 0.99, 0.96], [True, True, True, True, False], bins=10)
    chart = drawn("reliability", found)
    heights = [float(bar.get("height")) for bar in chart.iter("rect")]
    assert heights[1] == pytest.approx(0.75 * heights[0], rel=0.01)
    assert "4 predictions from 0.90 to 1.00: 75.0% right" in [
        title.text for title in chart.iter("title")
    ]


def test_an_interval_is_a_line_from_low_to_high():
    _, line, end = drawn("interval", 0.75, Interval(0.5, 1.0), 0.5)
    assert (line.get("x1"), line.get("x2"), end.get("cx")) == ("4.0", "96.0", "50.0")


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def shown(browser, tmp_path):
    """A page of the report that fails the test for a message on its console, an error, or a
    request.
    """
    found = pairs()
    write_page(tmp_path / "report.html", Report.of(found, "ner"), found)
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    problems, requests = [], []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    url = (tmp_path / "report.html").as_uri()
    page.goto(url)
    yield page
    page.close()
    assert problems == []
    assert [one for one in requests if one != url and not one.startswith("data:")] == []


def visible(page, selector):
    return page.locator(selector).filter(visible=True).count()


def test_filters_leave_what_fits(shown):
    assert (visible(shown, "#lines tbody tr"), visible(shown, ".example")) == (32, 32)
    shown.select_option("#kind", "missed")
    assert (visible(shown, "#lines tbody tr"), visible(shown, ".example")) == (8, 8)
    assert shown.text_content("#lines-shown") == "8"
    shown.select_option("#predicted", "LOC")
    assert visible(shown, ".example") == 0
    assert shown.is_visible("#nothing")
    shown.click("#clear")
    assert visible(shown, ".example") == 32
    shown.fill("#search", "lima")
    assert 0 < visible(shown, ".example") == int(shown.text_content("#examples-shown")) < 32
    assert all(
        "Lima" in text
        for text in shown.locator(".example:visible dd:first-of-type").all_text_contents()
    )


def test_a_cell_of_the_confusion_shows_its_cases(shown):
    shown.click(".matrix button[data-gold=PER][data-predicted=LOC]")
    assert (shown.input_value("#gold"), shown.input_value("#predicted")) == ("PER", "LOC")
    assert visible(shown, "#lines tbody tr") == 8
    shown.click(".matrix button[data-gold=O][data-predicted=ORG]")
    assert (shown.input_value("#gold"), shown.input_value("#predicted")) == ("∅", "ORG")
    assert visible(shown, "#lines tbody tr") == 8


def column(page, number):
    return page.eval_on_selector_all(
        "#lines tbody tr", f"rows => rows.map(row => row.children[{number}].dataset.value)"
    )


def test_tables_and_sentences_sort(shown):
    scores = [float(one) for one in column(shown, 3)]
    assert scores == sorted(scores, reverse=True)
    head = shown.locator("#lines thead button", has_text="probability")
    head.click()
    assert [float(one) for one in column(shown, 3)] == sorted(scores)
    assert head.locator("..").get_attribute("aria-sort") == "ascending"
    shown.locator("#lines thead button", has_text="error").click()
    assert column(shown, 4) == sorted(column(shown, 4))
    assert shown.locator("#lines th[aria-sort]").count() == 1
    shown.select_option("#order", "place")
    documents = shown.eval_on_selector_all(
        ".example", "all => all.map(one => +one.dataset.document)"
    )
    assert documents == sorted(documents)


def test_the_keyboard_is_enough(shown):
    shown.keyboard.press("Tab")
    assert shown.evaluate("document.activeElement.className") == "skip"
    shown.keyboard.press("/")
    assert shown.evaluate("document.activeElement.id") == "search"
    shown.keyboard.type("oslo")
    left = visible(shown, ".example")
    assert 0 < left < 32
    shown.keyboard.press("Escape")
    assert visible(shown, ".example") == 32
    shown.evaluate("document.activeElement.blur()")
    focused = []
    for key in "jjjk":
        shown.keyboard.press(key)
        focused.append(
            shown.evaluate(
                "[...document.querySelectorAll('.example')].indexOf(document.activeElement)"
            )
        )
    assert focused == [0, 1, 2, 1]
    shown.locator("#lines thead button").first.focus()
    shown.keyboard.press("Enter")
    assert shown.locator("#lines th[aria-sort=ascending]").count() == 1


def contrast(page, selector):
    """The contrast of an element's text with the first opaque ground below it."""
    return page.evaluate(
        """selector => {
            const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
            const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour;
                canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
            const light = ([r, g, b]) => { const [x, y, z] = [r, g, b].map(v => v / 255)
                .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
                return 0.2126 * x + 0.7152 * y + 0.0722 * z; };
            const element = document.querySelector(selector);
            let ground = element;
            while (rgb(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
            const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor]
                .map(rgb).map(light).sort((x, y) => y - x);
            return (a + 0.05) / (b + 0.05);
        }""",  # noqa: E501
        selector,
    )


SHOWN = ("h1", ".hint", ".tiles .below", "mark", ".label", ".errors li", ".where", "th button")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_letters_stand_out_in_light_and_dark(shown, scheme):
    shown.emulate_media(color_scheme=scheme)
    for selector in (*SHOWN, ".around"):
        assert contrast(shown, selector) >= 4.5, selector
    ground = shown.evaluate("getComputedStyle(document.body).backgroundColor")
    shown.click("#theme")
    assert shown.evaluate("getComputedStyle(document.body).backgroundColor") != ground


def test_it_fits_a_phone(shown):
    low = "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 24)"
    for width in (320, 390, 1280):
        shown.set_viewport_size({"width": width, "height": 800})
        assert shown.evaluate("document.documentElement.scrollWidth") <= width
        selector = "button:not(.matrix button), select, input"
        assert shown.eval_on_selector_all(selector, f"{low}.length") == 0


def test_a_page_of_trees_has_their_scores_and_draws_the_wrong_ones_unless_masked():
    def with_trees(*tree):
        words = ["Ann", "met", "Kim"]
        return Document.from_words(words, sentences=(0,), trees={"tree": Trees(*tree)})

    gold = with_trees((1, 1, 1), ("nsubj", "root", "obj"))
    predicted = with_trees((1, 1, 0), ("nsubj", "root", "flat"), (0.9,) * 3)
    pairs = [(gold, gold), (gold, predicted)]
    page = report_page(Report.of(pairs, "tree"), pairs)
    assert page.count("<svg xmlns") == 2
    assert all(name in page for name in ("UAS", "LAS without subtypes", "CLAS"))
    masked = report_page(Report.of(pairs, "tree"), pairs, masked=["*" * len(gold.text)] * 2)
    assert "<svg xmlns" not in masked
