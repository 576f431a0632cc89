"""The pages that need no files of the user's run from top to bottom and print what they show."""

import dataclasses
import json
import os
import random
import re
import subprocess
import sys
from importlib.util import find_spec

import pytest
import torch

from seqlabel import Labeler, TagSet, fine_tune
from seqlabel.formats import read_conllu
from seqlabel.io.files import read_json
from seqlabel.models.fine_tuning import options_for
from tests.extras import needs_pii
from tests.pages import ROOT, blocks_of, run_page


def test_one_sentence_goes_through_the_library(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "one_sentence.md"
    assert sum(block.expected is not None for block in blocks_of(page)) >= 6
    run_page(page)


@pytest.mark.end_to_end
def test_the_ladder_learns_to_count_and_its_gru_is_torchs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    printed = run_page(ROOT / "docs" / "ladder.md").output
    assert re.search(
        r"^5 six thousand one hundred four , six thousand one hundred five ,$",
        printed,
        re.MULTILINE,
    )


def test_the_code_beside_the_pictures_of_the_ladder_is_that_of_the_lesson():
    source = {
        line.strip()
        for line in (ROOT / "seqlabel" / "lesson" / "ladder.py").read_text("utf-8").splitlines()
    }
    copying = {
        line.strip()
        for line in (ROOT / "seqlabel" / "nn" / "copying.py").read_text("utf-8").splitlines()
    }
    quoted = [
        block.code for block in blocks_of(ROOT / "docs" / "ladder.md") if block.language == "py"
    ]
    assert len(quoted) == 7
    lines = [
        line.strip()
        for code in quoted
        for line in code.splitlines()
        if line.strip() not in ("", "...")
    ]
    assert [line for line in lines if line not in source | copying] == []


@pytest.mark.end_to_end
def test_ten_minutes_lead_to_a_pipeline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "ten_minutes.md")
    assert (tmp_path / "pipeline" / "config.cfg").is_file()


@pytest.mark.end_to_end
@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray")
def test_ray_train_trains_the_labeler_of_one_process(tmp_path):
    words = [("Trees", "NOUN"), ("grow", "VERB"), ("tall", "ADJ")]
    lines = [
        f"{number}\t{word}\t_\t{tag}" + 6 * "\t_" for number, (word, tag) in enumerate(words, 1)
    ]
    for part in ("train", "dev"):
        (tmp_path / f"{part}.conllu").write_text(("\n".join(lines) + "\n\n") * 12)
    (code,) = (
        block.code
        for block in blocks_of(ROOT / "docs" / "many_machines.md")
        if block.language == "py"
    )
    here = {
        "/data": str(tmp_path),
        "num_workers=8, use_gpu=True": "num_workers=2",
        '"en"': '"en_small"',
    }
    for shown, used in here.items():
        code = code.replace(shown, used)
    start = (
        "import ray\nray.init(num_cpus=2, include_dashboard=False, object_store_memory=100 << 20)\n"
    )
    (tmp_path / "train.py").write_text(start + code)
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run(
        [sys.executable, "train.py"], cwd=tmp_path, env=environment, timeout=500, check=True
    )

    documents = list(read_conllu(tmp_path / "train.conllu"))
    expected = Labeler.on("en_small", [TagSet.of(documents, "upos")])
    options = dataclasses.replace(
        options_for(expected, len(documents), device="cpu"), accumulation=2
    )
    fine_tune(expected, documents, documents, options=options, display="silent")
    found = Labeler.load(tmp_path / "tagger" / "best").module.state_dict()
    for name, weights in expected.module.state_dict().items():
        torch.testing.assert_close(found[name], weights, rtol=1e-4, atol=1e-4)


@pytest.mark.end_to_end
@needs_pii
def test_a_shipped_model_learns_a_new_form(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "adapt.md")
    assert (tmp_path / "my_pii" / "config.json").is_file()


@pytest.mark.end_to_end
def test_another_language_from_its_text_to_a_report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    draw = random.Random(0)
    forms = {
        "NOUN": ("talo", "meri", "kissa", "metsä"),
        "VERB": ("näkee", "odottaa"),
        "ADJ": ("vanha", "sininen"),
    }

    def sentence():
        tags = draw.choice((("ADJ", "NOUN", "VERB", "ADJ", "NOUN"), ("NOUN", "VERB", "NOUN")))
        return [(draw.choice(forms[tag]), tag) for tag in tags]

    def labeled(count):
        rows = ("".join(f"{word}\t{tag}\n" for word, tag in sentence()) for _ in range(count))
        return "".join(f"{row}\n" for row in rows)

    (tmp_path / "texts").mkdir()
    lines = (" ".join(word for word, _ in sentence()) for _ in range(4_000))
    (tmp_path / "texts" / "a.txt").write_text(
        "\n".join(f"{line.capitalize()}." for line in lines), encoding="utf-8"
    )
    for name, count in (("labelled", 40), ("more", 10)):
        (tmp_path / f"{name}.tsv").write_text(labeled(count), encoding="utf-8")
    run_page(ROOT / "docs" / "another_language.md")
    assert read_json(tmp_path / "my_tagger" / "metrics.json")["accuracy"] > 0.9
    for name in ("my_tagger", "my_taught_tagger"):
        assert Labeler.load(tmp_path / name).config.language == "fi"


def test_the_most_doubtful_texts_are_labelled_next():
    run_page(ROOT / "docs" / "label_loop.md")


@needs_pii
@pytest.mark.parametrize("name", ["sessions.md", "session_messages.md", "session_persons.md"])
def test_a_conversation_goes_there_and_back(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / name)


@needs_pii
def test_an_agents_tools_redact_and_restore(tmp_path, monkeypatch):
    pytest.importorskip("mcp", reason="mcp is not installed (seqlabel-rnn[mcp])")
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "agents.md"
    run_page(page)
    prose = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    assert len(prose.split()) <= 500


@needs_pii
def test_a_hook_redacts_and_restores(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "agent_hooks.md"
    run_page(page)
    prose = re.sub(
        r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE
    )
    assert len(prose.split()) <= 500


@needs_pii
def test_what_is_private_is_the_users_to_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "control.md"
    (toml,) = (block.code for block in blocks_of(page) if block.language == "toml")
    (tmp_path / "seqlabel.toml").write_text(toml, encoding="utf-8")
    (tmp_path / "public_names.txt").write_text("Ann Lee\n", encoding="utf-8")
    (tmp_path / "projects.txt").write_text("Project Falcon\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text(
        "Ann Lee, ann@lee.example, EMP-123456: project falcon\n", encoding="utf-8"
    )
    run_page(page)
    assert "<mark" in (tmp_path / "found.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "found.sarif").read_text(encoding="utf-8"))["runs"][0]["results"]
    clean = (tmp_path / "clean.txt").read_text(encoding="utf-8")
    assert clean == "Ann Lee, xxx@xxx.xxxxxxx, <EMPLOYEE_ID>: <PROJECT>\n"


@pytest.mark.slow
def test_a_model_becomes_a_package(tmp_path, monkeypatch):
    pytest.importorskip("build", reason="build is not installed (seqlabel-rnn[package])")
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "sharing.md")
    assert list(tmp_path.glob("packages/*.whl"))


@pytest.mark.end_to_end
def test_a_model_is_exported_and_runs(tmp_path, monkeypatch):
    for needed in ("onnx", "onnxruntime"):
        pytest.importorskip(needed, reason=f"{needed} is not installed (seqlabel-rnn[export])")
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "export.md")
    assert (tmp_path / "exported" / "model.onnx").is_file()


@pytest.mark.end_to_end
def test_trees_are_learnt_drawn_and_written_to_docs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "trees.md")
    assert (tmp_path / "output" / "trees" / "model").is_dir()


def test_a_model_copies():
    assert run_page(ROOT / "docs" / "copying.md").names["copying"] is not None


def test_a_test_runs_the_python_of_every_page():
    tests = "".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    with_code = [
        page.name for page in pages if any(block.language == "python" for block in blocks_of(page))
    ]
    assert len(with_code) >= 15
    assert [name for name in with_code if f'"{name}"' not in tests] == []


@pytest.mark.parametrize("name", ["README", "CHANGELOG", "CONTRIBUTING", "SECURITY"])
def test_files_beside_the_readme_link_to_files(name):
    text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
    assert [target for target in targets if not (ROOT / target).exists()] == []


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/*.md")), ids=lambda page: page.stem)
def test_links_to_headings_name_headings_that_are_there(page):
    targets = re.findall(r"\]\(([\w.]*)#([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for name, anchor in targets:
        named = page.parent / name if name else page
        assert anchor in anchors_of(named), f"{page.name} links to {name}#{anchor}"


def anchors_of(page):
    """The anchors that the site gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {heading.replace(" ", "-") for heading in words}


def test_a_recurrence_is_chosen_by_its_name():
    run_page(ROOT / "docs" / "recurrences.md")


def test_a_head_and_a_recurrence_of_ones_own_are_trained_saved_and_loaded(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    page = ROOT / "docs" / "heads.md"
    assert len(blocks_of(page)[0].code.strip().splitlines()) <= 25
    run_page(page)


def test_the_runner_compares_what_is_printed(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nprint(1)\n```\n\n```text\n1\n```\n\nSome words.\n\n```python\nprint(2)\n"
        "```\n\n```text\n3\n```\n"
    )
    with pytest.raises(AssertionError, match="line 11"):
        run_page(page)
    page.write_text(page.read_text().replace("3", "..."))
    assert run_page(page).output == "1\n2\n"


@needs_pii
def test_a_dataset_is_redacted_in_batches(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run_page(ROOT / "docs" / "many_machines.md")
