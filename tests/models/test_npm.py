"""A package of npm, packed and installed offline in an empty folder, in Node.js and a browser,
against Python.
"""

import functools
import json
import shutil
import subprocess
import threading
from dataclasses import replace
from http.server import ThreadingHTTPServer

import pytest

from seqlabel import Labeler, OptionError
from seqlabel.models import Arithmetic
from seqlabel.models.npm import NPM_PARTS, write_npm_package
from tests.browser import Quiet, chromium
from tests.mixed_texts import mixed_texts
from tests.models.exported.node import run_node
from tests.spacy_models import tiny_labeler

RUN = """
import { load } from "private-values";
import { readFileSync } from "node:fs";
const labeler = await load();
const found = [];
for (const text of JSON.parse(readFileSync(0, "utf8"))) found.push((await labeler.label(text)).spans.pii);
console.log(JSON.stringify(found));
"""  # noqa: E501


PAGE = """
<!doctype html>
<script type="module">
import { load, redact } from "MODULE";
const labeler = await load(FILES);
window.redacted = async (text) => redact(await labeler.label(text));
window.ready = true;
</script>
"""
TYPED = """
import { load, redact, type Labelled } from "private-values";
const labelled: Labelled = await (await load()).label("Ann Lee");
const spans: [number, number, string][] = labelled.spans.pii;
const text: string = redact(labelled, "pii") + spans.length;
// @ts-expect-error
const wrong: number = redact(labelled);
console.log(text, wrong, await load(new URL("https://a.example/model/")));
"""
TEXT = "\U0001f600 Mail ann.moss@example.org or call Ann Moss."
needs_npm = pytest.mark.skipif(
    not (shutil.which("node") and shutil.which("npm")), reason="npm is not installed"
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """An empty folder in which the packed package was installed offline."""
    folder = write_npm_package(
        tmp_path_factory.mktemp("written") / "package", "en_pii", name="private-values"
    )
    assert {path.name for path in folder.iterdir()} == set(NPM_PARTS)
    place = tmp_path_factory.mktemp("project")
    npm = shutil.which("npm")
    subprocess.run(
        [npm, "pack", "--silent", str(folder)],
        cwd=place,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (packed,) = place.glob("*.tgz")
    command = [npm, "install", "--offline", "--no-audit", "--no-fund", f"./{packed.name}"]
    subprocess.run(command, cwd=place, check=True, capture_output=True, timeout=120)
    return place


@pytest.fixture(scope="module")
def redacted():
    """What Python says of the text."""
    document = Labeler.load("en_pii", arithmetic=Arithmetic.FLOAT32)(TEXT)
    result = TEXT
    for one in reversed(document.character_spans("pii")):
        result = f"{result[: one.start]}<{one.label}>{result[one.end :]}"
    assert result.count("<") == 2
    return result


@needs_npm
def test_an_installed_package_labels_as_python_does(project):
    (project / "run.mjs").write_text(RUN, encoding="utf-8")
    texts = [
        f"\U0001f600 {text} \U0001f468\u200d\U0001f469\u200d\U0001f467 Ann Moss"
        for text in mixed_texts(40)
    ]
    (line,) = run_node("run.mjs", given=json.dumps(texts), cwd=project)
    documents = Labeler.load("en_pii", arithmetic=Arithmetic.FLOAT32)(texts)
    expected = []
    for text, document in zip(texts, documents, strict=True):
        spans = document.character_spans("pii")
        expected.append(
            [[units(text, one.start), units(text, one.end), one.label] for one in spans]
        )
    assert json.loads(line) == expected


def units(text, place):
    """A place in characters as one in units of UTF-16."""
    return len(text[:place].encode("utf-16-le")) // 2


@needs_npm
def test_what_is_not_a_string_is_refused(project):
    program = """
    import { load } from "private-values";
    const labeler = await load();
    for (const text of [undefined, 3, ["a"]]) console.log(await labeler.label(text).catch((error) => error.name));
    """  # noqa: E501
    (project / "refused.mjs").write_text(program, encoding="utf-8")
    assert run_node("refused.mjs", cwd=project) == ["TypeError"] * 3


@needs_npm
def test_a_browser_redacts_with_the_installed_files(project, redacted):
    page = PAGE.replace("MODULE", "./node_modules/private-values/index.mjs").replace("FILES", "")
    (project / "plain.html").write_text(page, encoding="utf-8")
    assert shown(project, "plain.html") == redacted


@needs_npm
@pytest.mark.skipif(
    not shutil.which("esbuild"), reason="esbuild is not installed (npm install esbuild)"
)
def test_a_browser_redacts_with_a_bundle(project, redacted):
    # In the page only the bundle: the module is found in `node_modules` by esbuild, the weights are
    # copied.
    (project / "app.mjs").write_text(
        'export { load, redact } from "private-values";', encoding="utf-8"
    )
    options = ["--bundle", "--format=esm", "--outfile=bundled/app.js", "--log-level=error"]
    subprocess.run(["esbuild", "app.mjs", *options], cwd=project, check=True, timeout=120)
    for pattern in ("*.json", "*.safetensors"):
        for path in (project / "node_modules" / "private-values").glob(pattern):
            (project / "bundled" / "model").mkdir(exist_ok=True)
            shutil.copy(path, project / "bundled" / "model")
    page = PAGE.replace("MODULE", "./app.js").replace("FILES", '"model/"')
    (project / "bundled" / "bundled.html").write_text(page, encoding="utf-8")
    assert shown(project / "bundled", "bundled.html") == redacted


@needs_npm
@pytest.mark.skipif(not shutil.which("tsc"), reason="tsc is not installed (npm install typescript)")
def test_the_types_are_those_of_the_package(project):
    (project / "typed.mts").write_text(TYPED, encoding="utf-8")
    options = "--noEmit --strict --module nodenext --target es2022 --lib es2022,dom"
    done = subprocess.run(
        ["tsc", *options.split(), "typed.mts"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout


def shown(folder, name):
    """The redacted text, in a browser that reaches no other machine."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    others = []

    def only_here(route):
        if route.request.url.startswith(address):
            route.continue_()
        else:
            others.append(route.request.url)
            route.abort()

    try:
        with chromium() as browser:
            page = browser.new_page()
            page.route("**", only_here)
            page.goto(f"{address}/{name}")
            page.wait_for_function("window.ready", timeout=60_000)
            result = page.evaluate("(text) => window.redacted(text)", TEXT)
    finally:
        server.shutdown()
        server.server_close()
    assert others == []
    return result


def test_a_labeler_that_no_package_can_run(tmp_path):
    labeler = tiny_labeler()
    Labeler(replace(labeler.config, language="de"), labeler.vocabulary).save(tmp_path / "tagger")
    with pytest.raises(OptionError, match="English"):
        write_npm_package(tmp_path / "package", tmp_path / "tagger")
    assert not (tmp_path / "package").exists()


@pytest.mark.parametrize("name", ["Bad", "a b", "", ".a", "a/b", "@a", "a" * 215])
def test_a_name_that_npm_does_not_take_is_refused(tmp_path, name):
    with pytest.raises(OptionError, match="name"):
        write_npm_package(tmp_path / "package", "en_pii", name=name)
    assert not (tmp_path / "package").exists()
