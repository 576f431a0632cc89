"""The shape of the library: imports point down, text never meets torch, every module says what it is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import seqlabel

FOLDER = Path(seqlabel.__file__).parent

TEXT_RANKS = {
    "errors": 0,
    "files": 1,
    "schemes": 1,
    "vocabulary": 2,
    "documents": 2,
    "windows": 1,
    "human_numbers": 3,
    "alignment": 3,
    "records": 3,
    "features": 3,
    "patterns": 3,
    "pieces": 4,
    "readers": 4,
    "spacy_documents": 4,
    "tables": 5,
    "tokenisers": 5,
    "formats": 6,
    "spacy_corpora": 7,
    "corpora": 4,
    "tag_sets": 4,
    "metrics": 4,
    "spacy_annotations": 5,
    "spacy_scorers": 6,
    "calibration": 4,
}
TENSOR_RANKS = {
    "packing": 0,
    "states": 1,
    "devices": 1,
    "layers": 1,
    "crf": 1,
    "copying": 2,
    "embedders": 2,
    "encoders": 2,
    "heads": 2,
    "streams": 5,
    "batches": 6,
    "models": 6,
    "objectives": 7,
    "ladder": 6,
    "reports": 5,
    "schedules": 6,
    "averaging": 6,
    "checkpoints": 6,
    "training_state": 7,
    "generation": 7,
    "training": 8,
    "finder": 9,
    "language_model": 9,
    "plots": 10,
    "inspection": 9,
    "inference": 9,
    "spacy_reading": 10,
    "labeler": 10,
    "classifier": 10,
    "fine_tuning": 11,
    "report": 11,
    "finding": 11,
    "streaming": 12,
    "stream_redaction": 13,
    "stand_ins": 9,
    "redaction": 10,
    "policies": 12,
    "export": 11,
    "spacy_pipes": 11,
    "spacy_component": 12,
    "spacy_layers": 12,
    "spacy_training": 13,
    "redactors": 12,
    "redact_files": 13,
    "presidio": 12,
    "spacy_redaction": 13,
    "cli": 14,
}
RANKS = TEXT_RANKS | TENSOR_RANKS
OPTIONAL = ("matplotlib", "presidio", "datasets", "phonenumbers", "stdnum")
MAY_IMPORT_LATE = ("__init__", "cli")
IS_OPTIONAL = ("presidio",)

MODULES = {path.stem: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.py"))}
every_module = pytest.mark.parametrize("name", MODULES)
every_ranked_module = pytest.mark.parametrize("name", [name for name in MODULES if name != "__init__"])


def imported(node):
    """The full names of the modules that an import statement names."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert node.level == 0, f"line {node.lineno}: a relative import"
    if node.module == "seqlabel":
        return [f"seqlabel.{alias.name}" for alias in node.names]
    return [node.module or ""]


def imports_of(tree):
    return [
        (node, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
    ]


def late_imports_of(tree):
    """Imports inside a function, import_module and __import__ included."""
    functions = [
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
    ]
    found = {}
    for function in functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                found[node.lineno] = imported(node)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in (
                "import_module",
                "__import__",
            ):
                found[node.lineno] = [ast.unparse(node)]
    return found


def test_all_modules_are_looked_at():
    ranked = [name for name in RANKS if (FOLDER / f"{name}.py").exists()]
    assert len(MODULES) == len(ranked) + 1, "a module without a rank"
    assert len(ranked) >= 25
    assert len(RANKS) == len(TEXT_RANKS) + len(TENSOR_RANKS)


@every_ranked_module
def test_every_module_has_a_rank(name):
    assert name in RANKS


@every_ranked_module
def test_imports_point_to_a_lower_rank(name):
    inner = [module.split(".") for _, module in imports_of(MODULES[name]) if module.split(".")[0] == "seqlabel"]
    assert all(len(parts) > 1 for parts in inner), "import from the module, not from the package"
    wrong = [parts[1] for parts in inner if RANKS[parts[1]] >= RANKS[name]]
    assert wrong == []


@every_module
def test_no_import_is_inside_a_function(name):
    if name in MAY_IMPORT_LATE:
        return
    late = {line: names for line, names in late_imports_of(MODULES[name]).items() if not all(map(is_optional, names))}
    assert late == {}


def is_optional(module):
    return module.startswith(OPTIONAL)


@every_module
def test_optional_dependencies_are_imported_where_they_are_used(name):
    if name in IS_OPTIONAL:
        assert not [
            other for other, tree in MODULES.items() for _, module in imports_of(tree) if name in module.split(".")
        ]
        return
    late = set(late_imports_of(MODULES[name]))
    assert [
        module for node, module in imports_of(MODULES[name]) if is_optional(module) and node.lineno not in late
    ] == []


@every_module
def test_the_text_side_never_imports_torch(name):
    if name not in TEXT_RANKS:
        return
    heavy = ("torch", "accelerate", "safetensors")
    assert [module for _, module in imports_of(MODULES[name]) if module.split(".")[0] in heavy] == []


def test_the_text_side_never_reaches_the_tensor_side():
    for name in TEXT_RANKS.keys() & MODULES.keys():
        for _, module in imports_of(MODULES[name]):
            if module.startswith("seqlabel."):
                assert module.split(".")[1] in TEXT_RANKS


def test_importing_the_package_costs_no_torch():
    code = "import sys, seqlabel; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_every_public_name_is_there():
    for name in seqlabel.__all__:
        assert getattr(seqlabel, name).__module__ == f"seqlabel.{seqlabel._HOME[name]}"
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = seqlabel.nothing
    assert set(seqlabel.__all__) < set(dir(seqlabel))


@every_module
def test_every_module_says_what_it_is(name):
    docstring = ast.get_docstring(MODULES[name])
    assert docstring
    first = docstring.split("\n\n")[0]
    assert first.endswith(".")


def test_the_library_never_imports_recipes_or_tests():
    for tree in MODULES.values():
        assert not [module for _, module in imports_of(tree) if module.split(".")[0] in ("recipes", "tests", "pytest")]


def test_the_checks_see_what_they_look_for():
    tree = ast.parse("from seqlabel import files\nimport os\ndef f():\n    import datasets\n    import_module('x')")
    assert [module for _, module in imports_of(tree)] == ["seqlabel.files", "os", "datasets"]
    assert late_imports_of(tree) == {4: ["datasets"], 5: ["import_module('x')"]}
