"""Public names: all there, imported on first use, without warnings and without torch."""

import subprocess
import sys
from importlib import import_module

import pytest

import seqlabel
from seqlabel.errors import MissingPackageError
from seqlabel.names import (
    LIGHT,
    WHOLE,
    LateModule,
    how_to_install,
    installed,
    lazy_names,
    missing_package,
    warn_of_namesake,
)


def test_importing_seqlabel_costs_no_torch():
    code = "import sys, seqlabel; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


@pytest.mark.end_to_end
def test_importing_every_public_name_warns_of_nothing():
    code = "import seqlabel\nfor name in seqlabel.__all__: getattr(seqlabel, name)"
    # Old releases of dependencies call each other's deprecated parts, of which users are not told.
    options = ["-W", "error", "-W", "ignore::DeprecationWarning"]
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_every_public_name_is_there():
    for name in seqlabel.__all__:
        assert getattr(seqlabel, name) is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = seqlabel.nothing
    assert set(seqlabel.__all__) < set(dir(seqlabel))
    # A name is at the root if a person types it in the first week; the others are in their
    # packages.
    assert len(seqlabel.__all__) <= 60


def test_a_module_is_imported_when_something_of_it_is_asked_for(tmp_path, monkeypatch):
    (tmp_path / "seldom_used.py").write_text("VALUE = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = LateModule("seldom_used")
    assert "seldom_used" not in sys.modules
    assert module.VALUE == 3
    assert sys.modules["seldom_used"].VALUE == 3
    with pytest.raises(AttributeError, match="nothing"):
        _ = module.nothing


def test_a_package_hands_on_the_names_of_its_stub(tmp_path, monkeypatch):
    package = tmp_path / "handing"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__init__.pyi").write_text(
        "from handing.inner import value as value\nfrom handing import module as module\n"
    )
    (package / "inner.py").write_text("value = 3\n")
    (package / "module.py").write_text("other = 4\n")
    monkeypatch.syspath_prepend(tmp_path)
    get, names, public = lazy_names("handing")
    assert names() == public == ["module", "value"]
    assert "handing.inner" not in sys.modules
    assert get("value") == 3
    assert get("module").other == 4
    with pytest.raises(AttributeError, match=r"'values'.* module, value"):
        get("values")


def test_the_stub_and_the_package_have_the_same_names():
    get, names, public = lazy_names("seqlabel")
    assert set(public) == set(seqlabel.__all__)
    assert "__version__" in names()
    assert get("Document") is seqlabel.Document


@pytest.mark.parametrize(
    ("installed", "warns"),
    [
        ("seqlabel-0.1.3.dist-info", True),
        ("seqlabel-0.1.3.egg-info", True),
        ("seqlabel_rnn-1.0.0.dist-info", False),
        ("seqlabel-light-1.0.dist-info", False),
        ("seqlabel", False),
    ],
)
def test_a_package_with_the_same_import_name_is_told(tmp_path, recwarn, installed, warns):
    (tmp_path / installed).mkdir()
    warn_of_namesake(tmp_path)
    warn_of_namesake(tmp_path / "none")
    assert [("pip uninstall seqlabel seqlabel-rnn" in str(one.message)) for one in recwarn] == [
        True
    ] * warns


def test_what_is_missing_says_how_it_is_installed(tmp_path, monkeypatch):
    (tmp_path / "asks.py").write_text("import torch_that_is_not_there.nn\n")
    monkeypatch.syspath_prepend(tmp_path)
    named = r"torch_that_is_not_there.*pip install "
    with pytest.raises(MissingPackageError, match=rf"{named}seqlabel-rnn\.$"):
        _ = LateModule("asks").fit
    with pytest.raises(ImportError, match=rf"{named}'seqlabel-rnn\[parquet\]'\.$"):
        _ = LateModule("asks", extra="parquet").fit
    # A module of ours, or a name that a module lacks, is a mistake here, not something to install.
    for error in (
        ModuleNotFoundError(name="seqlabel.nothing"),
        ImportError(name="torch"),
        ImportError(),
    ):
        assert missing_package(error) is error


def test_a_public_name_says_what_it_needs(tmp_path, monkeypatch):
    package = tmp_path / "handing"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "__init__.pyi").write_text("from handing.inner import fit as fit\n")
    (package / "inner.py").write_text("import not_there\n")
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("handing", "handing.inner"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(MissingPackageError, match=r"^fit .*not_there"):
        lazy_names("handing")[0]("fit")


def test_the_light_distribution_is_found_and_kept_where_it_has_the_extra(light):
    assert installed()[LIGHT] == "0.9"
    assert how_to_install("zstd") == "pip install 'seqlabel-light[zstd]'"
    assert how_to_install("plots") == f"pip uninstall {LIGHT} && pip install '{WHOLE}[plots]'"
    assert how_to_install() == f"pip uninstall {LIGHT} && pip install {WHOLE}"


def test_the_whole_distribution_alone():
    assert LIGHT not in installed()
    assert how_to_install() == f"pip install {WHOLE}"


def test_a_name_of_earlier_versions_is_answered_with_the_new_way():
    for package in ("seqlabel", "seqlabel.models"):
        with pytest.raises(AttributeError, match="Categories"):
            getattr(import_module(package), "Classifier")  # noqa: B009
