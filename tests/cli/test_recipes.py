"""`seqlabel recipes`: the scripts that ship are listed, and written as they are."""

import re

from tests.pages import ROOT

FOLDER = ROOT / "recipes"


def test_all_are_listed_and_each_is_written(run, tmp_path):
    listed = [line.split(maxsplit=1) for line in run("recipes").stdout.splitlines()]
    assert [name for name, _ in listed] == sorted(path.stem for path in FOLDER.glob("*.py"))
    for name, first_line in listed:
        assert run(f"recipes {name} --output {tmp_path}/{name}.py").exit_code == 0
        assert (tmp_path / f"{name}.py").read_bytes() == (FOLDER / f"{name}.py").read_bytes()
        assert first_line in (FOLDER / f"{name}.py").read_text(encoding="utf-8")


def test_an_unknown_name_is_an_error(run):
    assert run("recipes nre").exit_code == 2


def test_the_scripts_are_small_enough_to_ship():
    assert sum(path.stat().st_size for path in FOLDER.glob("*.py")) <= 300_000


def test_the_page_names_those_that_need_the_repository():
    folders = "|".join(path.parent.name for path in FOLDER.glob("*/__init__.py"))
    local = re.compile(rf"^from ({folders})\b", flags=re.MULTILINE)
    scripts = {path.stem: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py")}
    needing = {name for name, text in scripts.items() if local.search(text)}
    page = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    named = page.partition("need a clone of the repository:")[2].partition(".")[0]
    assert set(re.findall(r"`(\w+)`", named)) == needing
