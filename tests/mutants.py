"""The referee of changes to tests: single-token mutants of modules, and which of them a module's
tests notice.

    python -m tests.mutants before.json                  # on the commit before the tests changed
    python -m tests.mutants after.json --compare before.json

A mutant changes one comparison, constant, boolean, operator or returned value of a module; none is
made inside messages. The module's tests run against each mutant, in a fork of this process, which
has imported what takes long. With `--compare`, the exit status is 1 if a mutant that was noticed
before is not noticed now. `--tree` names a checkout whose modules are mutated; the tests are those
of the working directory. `--modules privacy/session` takes other modules than those listed here,
with the test that mirrors each.
"""

import argparse
import ast
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import traceback
from importlib import import_module
from pathlib import Path

import pytest

MODULES = {
    "documents/schemes": ["documents/test_schemes.py"],
    "documents/document": ["documents/test_document.py"],
    "scores/metrics": ["scores/test_metrics.py"],
    "text/pieces": ["text/test_pieces.py"],
    "batches/labeled": ["batches/test_labeled.py", "batches/test_document_batches.py"],
    "models/tagging/inference": [
        "models/tagging/test_inference.py",
        "models/tagging/test_labeler.py",
    ],
    "formats/any_format": ["formats/test_any_format.py", "formats/test_contract.py"],
    "formats/columns": ["formats/test_columns.py", "formats/test_contract.py"],
    "formats/conllu": ["formats/test_conllu.py", "formats/test_contract.py"],
    "formats/jsonl": ["formats/test_jsonl.py", "formats/test_contract.py"],
    "spacy/pipe": ["spacy/test_pipe.py", "spacy/test_contract.py"],
    "spacy/private": ["spacy/test_private.py", "spacy/test_contract.py"],
    "spacy/redactor": ["spacy/test_redactor.py", "spacy/test_contract.py"],
    "spacy/trainable": ["spacy/test_trainable.py", "spacy/test_contract.py"],
}
"""The modules, with the files of tests that run against their mutants."""
COMPARISONS = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
}
SLOW_IMPORTS = (
    "numpy",
    "torch",
    "spacy",
    "scipy.stats",
    "pydantic",
    "safetensors.torch",
    "tokenizers",
)
OPTIONS = (
    "-o",
    "addopts=",
    "-m",
    "not slow and not end_to_end",
    "-x",
    "-q",
    "-p",
    "no:cacheprovider",
)
SECONDS = 60
"""The processor time of a run; another one that works beside it must not end it."""


def mutated(node):
    """The node with one token changed; None where the node has no such token."""
    if isinstance(node, ast.Compare) and type(node.ops[0]) in COMPARISONS:
        return ast.Compare(
            node.left, [COMPARISONS[type(node.ops[0])](), *node.ops[1:]], node.comparators
        )
    if isinstance(node, ast.BoolOp):
        return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        return ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, bool):
        return ast.Constant(not node.value)
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return ast.Constant(node.value + 1)
    if (
        isinstance(node, ast.Return)
        and node.value is not None
        and ast.unparse(node.value) != "None"
    ):
        return ast.Return(ast.Constant(None))
    return None


def places_of(tree):
    """The nodes that may be mutated, outside of messages and of types, as pairs of a number and the
    node.
    """
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.Raise | ast.AnnAssign):
            inside = node.annotation if isinstance(node, ast.AnnAssign) else node
            skipped.update(id(inner) for inner in ast.walk(inside))
        if isinstance(node, ast.arg | ast.FunctionDef):
            annotation = node.annotation if isinstance(node, ast.arg) else node.returns
            skipped.update(id(inner) for inner in ast.walk(annotation)) if annotation else None
    nodes = [node for node in ast.walk(tree) if id(node) not in skipped]
    return [(number, node) for number, node in enumerate(nodes) if mutated(node) is not None]


class Replace(ast.NodeTransformer):
    """Puts another node in the place of one."""

    def __init__(self, old, new):
        self.old = old
        self.new = new

    def visit(self, node):
        return ast.copy_location(self.new, node) if node is self.old else self.generic_visit(node)


def mutants_of(source):
    """The mutants of a module: where and what was changed, and the source after it."""
    tree = ast.parse(source)
    for position, (_, place) in enumerate(places_of(tree)):
        copy = ast.parse(source)
        node = places_of(copy)[position][1]
        old = ast.unparse(node).splitlines()[0]
        new = mutated(node)
        name = (
            f"line {place.lineno}, column {place.col_offset}: {old} → "
            f"{ast.unparse(ast.fix_missing_locations(new))}"
        )
        yield name, ast.unparse(ast.fix_missing_locations(Replace(node, new).visit(copy)))


def run_tests(tree, files):
    """Run tests in this process and end it with their exit status."""
    log = os.open(tree / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    for name in [name for name in sys.modules if name.split(".")[0] in ("tests", "seqlabel")]:
        del sys.modules[name]
    # A mutant may loop for ever, or wait.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    signal.alarm(20 * SECONDS)
    try:
        status = pytest.main([*OPTIONS, *files])
    except BaseException:
        traceback.print_exc()
        raise
    os._exit(int(status))


def is_noticed(tree, files):
    """Whether the tests fail; a run that takes too long counts as failed."""
    child = os.fork()
    if child == 0:
        try:
            run_tests(tree, files)
        finally:
            os._exit(os.EX_SOFTWARE)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code not in (0, 1, 2, -signal.SIGALRM, -signal.SIGPROF):
        raise RuntimeError((tree / "log").read_text(encoding="utf-8")[-2000:])
    return code != 0


def mirrored_test(module):
    """The file of tests that mirrors a module, under `tests`."""
    path = Path(module)
    return str(path.with_name(f"test_{path.name}.py"))


def main():
    """Run the tests against a sample of the mutants of each module, and write which were
    noticed.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("output", type=Path)
    parser.add_argument("--compare", type=Path)
    parser.add_argument("--tree", type=Path, default=Path())
    parser.add_argument("--each", type=int, default=50, help="mutants of each module")
    parser.add_argument("--modules", nargs="+", default=list(MODULES), metavar="PACKAGE/MODULE")
    options = parser.parse_args()
    before = json.loads(options.compare.read_text(encoding="utf-8")) if options.compare else {}
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in SLOW_IMPORTS:
        import_module(name)
    result = {}
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        ignore = shutil.ignore_patterns(".git", "__pycache__", "pretrained", "output")
        shutil.copytree(options.tree, tree, ignore=ignore)
        (tree / "seqlabel" / "pretrained").symlink_to(
            (options.tree / "seqlabel" / "pretrained").resolve()
        )
        shutil.rmtree(tree / "tests")
        shutil.copytree("tests", tree / "tests", ignore=shutil.ignore_patterns("__pycache__"))
        for module in options.modules:
            names = MODULES.get(module) or [mirrored_test(module)]
            path = tree / "seqlabel" / f"{module}.py"
            source = path.read_text(encoding="utf-8")
            files = [f"tests/{name}" for name in names if (tree / "tests" / name).is_file()]
            if not files:
                parser.error(f"--modules: expected a module with tests, got {module!r}")
            if is_noticed(tree, files):
                log = (tree / "log").read_text(encoding="utf-8")
                raise RuntimeError(f"{module}: expected tests that pass without a mutant:" + log)
            mutants = list(mutants_of(source))
            sample = random.Random(module).sample(mutants, min(options.each, len(mutants)))
            for name, mutant in sample:
                if options.compare and not before.get(f"{module}.py, {name}"):
                    continue
                path.write_text(mutant, encoding="utf-8")
                # Python compares the second in which a file was written, and its size.
                for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
                    compiled.unlink()
                result[f"{module}.py, {name}"] = is_noticed(tree, files)
            path.write_text(source, encoding="utf-8")
            options.output.write_text(
                json.dumps(result, indent=1, ensure_ascii=False), encoding="utf-8"
            )
            print(f"{module}: {len(sample)} of {len(mutants)} mutants", flush=True)
    print(f"{sum(result.values())} of {len(result)} mutants noticed")
    run = tuple(f"{module}.py, " for module in options.modules)
    noticed_before = [name for name in before if before[name] and name.startswith(run)]
    lost = [name for name in noticed_before if not result.get(name, False)]
    print("\n".join(lost))
    sys.exit(bool(lost))


if __name__ == "__main__":
    main()
