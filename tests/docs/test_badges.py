"""A notebook of the site gets a badge of Colab where its repository is on GitHub, and is as it was
elsewhere.
"""

import runpy

import pytest

from tests.pages import ROOT

nbformat = pytest.importorskip("nbformat", reason="nbformat is not installed (seqlabel-rnn[test])")
BADGES = runpy.run_path(str(ROOT / "docs" / "tools" / "badges.py"))
NAME = "docs/notebooks/1_the_ladder.ipynb"
REPOSITORY = "https://github.com/somebody/seqlabel/blob/v1.0.0"


def test_a_badge_opens_this_version_of_the_notebook_and_says_how_it_is_installed():
    for repository in (REPOSITORY, REPOSITORY.replace("/blob/", "/tree/")):
        badge = BADGES["badge_of"](NAME, repository)
        assert (
            f"(https://colab.research.google.com/github/somebody/seqlabel/blob/v1.0.0/{NAME})"
            in badge
        )
        assert "git+https://github.com/somebody/seqlabel@v1.0.0" in badge


@pytest.mark.parametrize("repository", ["", "https://example.com/seqlabel/blob/main"])
def test_without_a_repository_on_github_there_is_no_badge(repository):
    text = (ROOT / NAME).read_text(encoding="utf-8")
    assert BADGES["with_badge"](text, NAME, repository) == text


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "notebooks").glob("*.ipynb")), ids=lambda path: path.stem
)
def test_the_badge_is_under_the_title_and_nothing_else_changes(path):
    text = path.read_text(encoding="utf-8")
    before = nbformat.reads(text, 4).cells
    after = nbformat.reads(
        BADGES["with_badge"](text, f"docs/notebooks/{path.name}", REPOSITORY), 4
    ).cells
    title, empty, badge, *others = after[0].source.split("\n")
    assert title.startswith("# ")
    assert (empty, "[![Open in Colab](" in badge) == ("", True)
    assert "\n".join([title, *others]) == before[0].source
    assert after[1:] == before[1:]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "docs" / "notebooks").glob("[123]*.ipynb")), ids=lambda path: path.stem
)
def test_a_notebook_that_trains_says_on_which_device(path):
    first = next(cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code")
    assert "choose_device" in first.source
    assert first.outputs[0].text == "This notebook trains on: cpu\n"
