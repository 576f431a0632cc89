"""The shape of the library: imports point down, text never meets torch, every module says what it
is.
"""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import seqlabel

FOLDER = Path(seqlabel.__file__).parent

# A package imports only from itself and from packages above it here.
PACKAGES = (
    "errors",
    "names",
    "io",
    "documents",
    "text",
    "formats",
    "runs",
    "scores",
    "native",
    "nn",
    "batches",
    "training",
    "reports",
    "models",
    "privacy",
    "spacy",
    "lesson",
    "integrations",
    "commands",
    "cli",
    "__main__",
)
# The same inside packages with rooms; "" stands for the modules of the package itself.
ROOMS = {"privacy": ("rules", "replacing", "finding", "records", "")}
TEXT_SIDE = PACKAGES[: PACKAGES.index("native")]
HEAVY = ("torch", "safetensors")
OPTIONAL = (
    "matplotlib",
    "presidio_analyzer",
    "presidio_anonymizer",
    "cryptography",
    "datasets",
    "faker",
    "huggingface_hub",
    "litellm",
    "mcp",
    "onnx",
    "onnxruntime",
    "phonenumbers",
    "pyarrow",
    "pypdf",
    "regex",
    "starlette",
    "stdnum",
    "uvicorn",
    "zstandard",
)
# What exists only to serve an optional package may import it at its top; nothing else of the
# library imports it.
SERVES_OPTIONAL = (
    Path("models/exported/run.py"),
    Path("integrations/presidio_engine.py"),
    Path("integrations/litellm_guardrail.py"),
    Path("integrations/mcp_server.py"),
    Path("integrations/service.py"),
)
MAY_IMPORT_LATE = (Path("names.py"),)

MODULES = {
    path.relative_to(FOLDER): ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted(FOLDER.rglob("*.py"))
}


def package_of(path):
    """The package, or the module beside the packages, that a file belongs to."""
    return path.parts[0].removesuffix(".py")


def room_of(path):
    """The folder inside a package that a file is in; empty for a module of the package itself."""
    return path.parts[1] if len(path.parts) > 2 else ""


def name_of(path):
    """The dotted name under which a file is imported."""
    parts = path.with_suffix("").parts
    return ".".join(("seqlabel", *(parts[:-1] if parts[-1] == "__init__" else parts)))


def imported(node):
    """What an import statement names, in full."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    assert node.level == 0, f"line {node.lineno}: a relative import"
    return [f"{node.module}.{alias.name}" for alias in node.names]


@cache
def imports_of(tree):
    return [
        (node, name)
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in imported(node)
    ]


@cache
def late_imports_of(tree):
    """Imports inside a function, import_module and __import__ included."""
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
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


def typing_imports_of(tree):
    """The lines of imports that only type checkers read."""
    blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    found = [node for block in blocks for node in ast.walk(block)]
    return {node.lineno for node in found if isinstance(node, ast.Import | ast.ImportFrom)}


def is_optional(module):
    return module.split(".")[0] in OPTIONAL


def test_every_package_of_the_tuple_is_there():
    assert sorted(PACKAGES) == sorted({package_of(path) for path in MODULES} - {"__init__"})


def test_imports_point_down():
    for path, tree in MODULES.items():
        if path == Path("__init__.py"):
            continue
        own = PACKAGES.index(package_of(path))
        for _, name in imports_of(tree):
            parts = name.split(".")
            if parts[0] == "seqlabel":
                assert parts[1] in PACKAGES, (
                    f"{path} imports {name}; import from the package that has it"
                )
                rank = PACKAGES.index(parts[1])
                assert rank < own or (rank == own and len(path.parts) > 1), (
                    f"{path} imports {name}, which is below it"
                )


def test_packages_have_few_arrows():
    arrows = {
        (package_of(path), name.split(".")[1])
        for path, tree in MODULES.items()
        for _, name in imports_of(tree)
        if path != Path("__init__.py") and name.startswith("seqlabel.")
    }
    modules = ("errors", "names", "__main__")
    assert (
        len(
            {
                (one, other)
                for one, other in arrows
                if one != other and not {one, other} & {*modules}
            }
        )
        <= 90
    )


def test_no_package_has_a_cycle_inside():
    names = {name_of(path): path for path in MODULES}
    graph = {}
    for name, path in names.items():
        found = {
            one for _, full in imports_of(MODULES[path]) for one in (full, full.rpartition(".")[0])
        }
        # A package's face hands on names of its modules; a module names the module that it needs,
        # not the face.
        graph[name] = found & names.keys() - {name}
    graph.pop("seqlabel")
    order = list(TopologicalSorter(graph).static_order())
    assert len(order) >= 70


def test_a_room_is_above_or_below_each_module_around_it():
    for package in {path.parts[0] for path in MODULES if room_of(path)}:
        names = {
            name_of(path): room_of(path) or path.stem
            for path in MODULES
            if path.parts[0] == package
        }
        graph = {node: set() for node in names.values()}
        for path, tree in MODULES.items():
            if name_of(path) not in names or path.name == "__init__.py":
                continue
            own = names[name_of(path)]
            for _, full in imports_of(tree):
                imports = {names.get(full), names.get(full.rpartition(".")[0])}
                graph[own] |= imports - {own, None, "__init__"}
        # Raises `CycleError` where a room imports a module that imports the room.
        TopologicalSorter(graph).prepare()


def test_the_text_side_is_free_of_torch():
    heavy = {
        path: [name for _, name in imports_of(tree) if name.split(".")[0] in HEAVY]
        for path, tree in MODULES.items()
        if package_of(path) in TEXT_SIDE
    }
    assert len(heavy) > 40
    assert [path for path, names in heavy.items() if names] == []


def test_rooms_of_a_package_import_only_from_rooms_above_them():
    for package, rooms in ROOMS.items():
        assert sorted(rooms) == sorted(
            {room_of(path) for path in MODULES if path.parts[0] == package}
        )
        for path, tree in MODULES.items():
            if path.parts[0] != package or path.name == "__init__.py":
                continue
            own = rooms.index(room_of(path))
            for _, name in imports_of(tree):
                parts = name.split(".")
                if parts[:2] == ["seqlabel", package]:
                    other = parts[2] if parts[2] in rooms else ""
                    assert rooms.index(other) <= own, f"{path} imports {name}, which is below it"


def test_labelling_knows_nothing_of_private_data():
    for path in ("cli/label.py", "cli/texts.py", "cli/evaluate.py", "cli/scoring.py"):
        names = [name for _, name in imports_of(MODULES[Path(path)])]
        assert [name for name in names if name.startswith("seqlabel.privacy")] == [], path


def test_a_modules_first_sentence_says_what_is_in_it():
    firsts = {
        path: (ast.get_docstring(tree) or "").split("\n\n")[0] for path, tree in MODULES.items()
    }
    assert [path for path, first in firsts.items() if not first.endswith(".")] == []


def test_no_import_is_inside_a_function_but_of_optional_packages():
    for path, tree in MODULES.items():
        if path not in MAY_IMPORT_LATE and package_of(path) not in ("commands", "cli", "__main__"):
            late = {
                line: names
                for line, names in late_imports_of(tree).items()
                if not all(map(is_optional, names))
            }
            assert late == {}, path


def test_optional_packages_are_imported_where_they_are_used():
    for path, tree in MODULES.items():
        if path not in SERVES_OPTIONAL:
            late = late_imports_of(tree).keys() | typing_imports_of(tree)
            found = [
                name
                for node, name in imports_of(tree)
                if is_optional(name) and node.lineno not in late
            ]
            assert found == [], path


@pytest.mark.parametrize("path", SERVES_OPTIONAL, ids=str)
def test_what_serves_an_optional_package_is_imported_by_nothing_else(path):
    for other, tree in MODULES.items():
        # A subcommand may, when it runs.
        late = set(late_imports_of(tree)) if package_of(other) == "cli" else set()
        found = [name for node, name in imports_of(tree) if node.lineno not in late]
        assert not any(name.startswith(name_of(path)) for name in found), f"{other} imports {path}"


def test_every_module_has_a_file_of_tests():
    modules = [path for path in MODULES if path.name not in ("__init__.py", "__main__.py")]
    tests = Path(__file__).parent
    assert [
        str(path) for path in modules if not (tests / path.with_name(f"test_{path.name}")).is_file()
    ] == []


def test_the_library_never_imports_recipes_or_tests():
    for tree in MODULES.values():
        assert not [
            name
            for _, name in imports_of(tree)
            if name.split(".")[0] in ("recipes", "tests", "pytest")
        ]


def test_the_checks_see_what_they_look_for():
    tree = ast.parse(
        "from seqlabel.io import files\nimport os\ndef f():\n    import datasets\n    "
        "import_module('x')"
    )
    assert [name for _, name in imports_of(tree)] == ["seqlabel.io.files", "os", "datasets"]
    assert late_imports_of(tree) == {4: ["datasets"], 5: ["import_module('x')"]}
    assert name_of(Path("nn/__init__.py")) == "seqlabel.nn"
    assert name_of(Path("nn/crf.py")) == "seqlabel.nn.crf"
