"""The documentation builds without a warning, and its reference has every public name."""

import html
import importlib
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import typer

import seqlabel
from seqlabel.cli import app
from tests.pages import ROOT

MISSING = [name for name in ("sphinx", "myst_nb", "furo") if find_spec(name) is None]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built site."""
    if MISSING:
        pytest.skip(f"needs seqlabel-rnn[docs]: {', '.join(MISSING)} not installed")
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-W",
        "--keep-going",
        "-d",
        folder / "trees",
        "docs",
        folder / "html",
    ]
    # An address of a repository would add a link to each page.
    environment = os.environ | {"SEQLABEL_REPOSITORY": ""}
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""
    return folder / "html"


@pytest.mark.slow
def test_no_option_has_a_dash_for_its_hyphens(site):
    """Two hyphens become a dash outside code, so that a copied option would not work."""
    pages = {
        path: re.sub(
            r"<(script|style|pre|code)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        for path in site.rglob("*.html")
    }
    dashed = {
        path.name: found
        for path, text in pages.items()
        if (found := re.findall(r"(?<![\w&;])–[a-z][a-z-]+", re.sub(r"<[^>]+>", "", text)))
    }
    assert dashed == {}


def names_of_recipes():
    return {
        "_".join(path.relative_to(ROOT / "recipes").with_suffix("").parts) for path in recipes()
    }


def test_every_recipe_has_a_row():
    listed = set(
        re.findall(
            r"\(generated/recipes/(\w+)\.md\)", (ROOT / "docs" / "recipes.md").read_text("utf-8")
        )
    )
    assert listed == names_of_recipes()


@pytest.mark.slow
def test_recipes_say_what_to_expect_and_how_long_it_takes(site):
    for name in names_of_recipes():
        page = (site / "generated" / "recipes" / f"{name}.html").read_text("utf-8")
        assert "expected result" in page
        assert re.search(r"<td><p>time</p></td>\s*<td><p>[\w ]", page), name


def recipes():
    return [*(ROOT / "recipes").glob("*.py"), *(ROOT / "recipes" / "benchmarks").glob("*.py")]


def packages_with_a_face():
    return [
        path.parent.name for path in sorted(Path(seqlabel.__file__).parent.glob("*/__init__.pyi"))
    ]


@pytest.mark.slow
def test_the_reference_has_every_public_name(site):
    pages = (site / "generated" / "reference").glob("*.html")
    anchors = {
        name
        for page in pages
        for name in re.findall(r'id="((?:module-)?seqlabel[\w.]+)"', page.read_text("utf-8"))
    }
    documented = {anchor.removeprefix("module-") for anchor in anchors}
    modules = ("human_numbers", "ladder")
    wanted = {f"seqlabel.{name}" for name in seqlabel.__all__ if name not in modules} - {
        "seqlabel.__version__"
    }
    for package in packages_with_a_face():
        public = importlib.import_module(f"seqlabel.{package}").__all__
        wanted |= {f"seqlabel.{package}.{name}" for name in public if name not in seqlabel.__all__}
    assert sorted(wanted - documented) == []
    assert {f"seqlabel.lesson.{name}" for name in modules} <= documented


@pytest.mark.slow
def test_the_options_are_those_of_the_command(site):
    page = html.unescape((site / "generated" / "command" / "options.html").read_text("utf-8"))
    for name, command in typer.main.get_command(app).commands.items():
        section = re.search(rf'<section id="{name}">.*?</section>', page, flags=re.DOTALL)
        assert section, name
        shown = [
            parameter for parameter in command.params if not getattr(parameter, "hidden", False)
        ]
        options = [
            option for parameter in shown for option in parameter.opts if option.startswith("--")
        ]
        assert [option for option in options if option not in section[0]] == [], name
        assert "Args:" not in section[0], name


@pytest.mark.slow
def test_the_site_has_the_files_beside_the_readme(site):
    for name in ("changelog", "contributing", "security"):
        assert (site / "generated" / "project" / f"{name}.html").is_file()


@pytest.mark.slow
def test_the_home_page_links_to_the_browser_page_before_any_code_and_to_no_repository(site):
    page = (site / "index.html").read_text("utf-8")
    assert page.index('<a href="try/index.html">') < page.index("<pre")
    assert (site / "try" / "index.html").is_file()
    assert "_static/logo.svg" in page
    assert (site / "_static" / "logo.svg").is_file()
    assert ">Repository<" not in page


@pytest.mark.slow
def test_pages_lead_to_the_next_and_the_one_before(site):
    page = (site / "one_sentence.html").read_text("utf-8")
    assert 'class="next-page"' in page
    assert 'class="prev-page"' in page


@pytest.mark.slow
def test_every_recipe_has_a_page_with_its_command(site):
    for path in recipes():
        name = "_".join(path.relative_to(ROOT / "recipes").with_suffix("").parts)
        page = (site / "generated" / "recipes" / f"{name}.html").read_text("utf-8")
        assert f"{path.relative_to(ROOT).as_posix()}" in page
