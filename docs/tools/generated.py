"""Pages that each build rewrites: reference, options, recipes, and the files beside the README; no prose of its own.

The reference has every public name: those that `seqlabel` itself hands on under that name, others under the package's.
The options are those that `--help` shows. A recipe's page is its docstring, its settings and its code.
"""

import ast
import re
from pathlib import Path

import typer

from seqlabel.cli import app

ROOT = Path(__file__).parents[2]
_OPTION = re.compile(r"^    .*$|`[^`]*`|(?P<option>(?<![\w-])--[a-z][\w-]*)", flags=re.MULTILINE)
"""An option outside code."""
LIBRARY, RECIPES = ROOT / "seqlabel", ROOT / "recipes"
PROJECT = ("CHANGELOG", "CONTRIBUTING", "SECURITY")
"""Files beside the README that the site shows."""


def public_names(package: Path) -> dict[str, str]:
    """Read the public names of a package, and the module that each comes from, from its `__init__.pyi`."""
    stub = ast.parse((package / "__init__.pyi").read_text(encoding="utf-8"))
    return {
        alias.name: str(node.module) for node in stub.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }


def reference() -> dict[str, str]:
    """Return the reference, a page's text for each package, in reStructuredText."""
    root = public_names(LIBRARY)
    pages = {}
    for package in sorted(path.parent for path in LIBRARY.glob("*/__init__.pyi")):
        name = f"seqlabel.{package.name}"
        names = public_names(package)
        shared = {one for one, home in root.items() if home == name or home.startswith(f"{name}.")}
        parts = [_title(name), f".. automodule:: {name}\n   :no-members:\n   :no-index:\n"]
        for one in sorted(names.keys() | shared, key=str.lower):
            parts.append(_directive(name, one, names.get(one) or root[one], at_root=one in shared))
        pages[package.name] = "\n".join(parts)
    # What the root hands on from packages without a face of their own.
    homes = {f"seqlabel.{name}" for name in pages}
    for one, home in sorted(root.items()):
        owner = ".".join(home.split(".")[:2])
        if owner not in homes:
            short = owner.removeprefix("seqlabel.")
            pages.setdefault(short, f"{_title(owner)}\n.. automodule:: {owner}\n   :no-members:\n   :no-index:\n")
            pages[short] += "\n" + _directive(owner, one, home, at_root=True)
    return pages


def _directive(package: str, name: str, home: str, *, at_root: bool) -> str:
    """Return the directive that documents one name, by what kind of thing its module has under it."""
    where = "seqlabel" if at_root else package
    kind = _kind(home, name)
    more = {"automodule": "   :members:\n", "autodata": "   :no-value:\n"}.get(kind, "")
    target = f"{home}.{name}" if kind == "automodule" else f"{where}.{name}"
    return f".. {kind}:: {target}\n{more}"


def _kind(home: str, name: str) -> str:
    """Return the autodoc directive for a name, from the source of its module."""
    folder = ROOT / home.replace(".", "/")
    if (folder / f"{name}.py").is_file():
        return "automodule"
    path = folder.with_suffix(".py")
    if not path.is_file():
        deeper = public_names(folder)[name]
        return _kind(deeper, name) if deeper != home else "autodata"
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.ClassDef) and node.name == name:
            return "autoclass"
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return "autofunction"
    return "autodata"


def expected_results() -> dict[str, tuple[str, str]]:
    """Read the expected result and the time of each recipe from the tables of `docs/recipes.md`, by the page's name."""
    text = (ROOT / "docs" / "recipes.md").read_text(encoding="utf-8")
    # A generated page lies two folders deeper.
    text = re.sub(r"\]\((?=\w+\.md)", "](../../", text)
    rows = re.findall(r"^\| \[.*?\]\(generated/recipes/(\w+)\.md\) \| .*? \| (.*?) \| (.*?) \|$", text, re.MULTILINE)
    return {name: (result, time) for name, result, time in rows}


def recipes() -> dict[str, str]:
    """Return a page's text for each recipe, in Markdown."""
    pages, expected = {}, expected_results()
    for path in sorted([*RECIPES.glob("*.py"), *RECIPES.glob("benchmarks/*.py")]):
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
        if docstring is None:
            continue
        shown = path.relative_to(ROOT).as_posix()
        purpose, _, rest = docstring.partition("\n\n")
        name = path.relative_to(RECIPES).with_suffix("").as_posix().replace("/", "_")
        about = []
        if name in expected:
            result, time = expected[name]
            about = ["| | |", "| --- | --- |", f"| expected result | {result} |", f"| time | {time} |", ""]
        lines = [f"# {shown}", "", " ".join(purpose.split()), "", *_as_markdown(rest), "", *about]
        lines += ["## The code", "", f"```{{literalinclude}} ../../../{shown}", ":language: python", "```", ""]
        pages[name] = "\n".join(lines)
    return pages


def options() -> str:
    """Return the page of the command's options, from the help of each subcommand, in Markdown."""
    lines = ["# Options", "", "What `seqlabel COMMAND --help` prints, for each command.", ""]
    for name, command in sorted(typer.main.get_command(app).commands.items()):
        context = command.context_class(command, info_name=f"seqlabel {name}")
        usage = command.get_usage(context).removeprefix("Usage: ")
        lines += [f"## {name}", "", "```text", usage, "```", "", *_as_markdown(command.help.partition("\f")[0]), ""]
        lines += ["| argument or option | |", "| --- | --- |"]
        for parameter in command.get_params(context):
            record = parameter.get_help_record(context)
            if record is None:
                # A hidden option, which one process of the command gives to another.
                continue
            written, meaning = record
            cells = f"`{written}`", " ".join(_as_markdown(meaning.replace("<", "&lt;")))
            lines.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


def project() -> dict[str, str]:
    """Return the pages of files beside the README, with links from two folders deeper."""
    return {
        name.lower(): (ROOT / f"{name}.md").read_text(encoding="utf-8").replace("](docs/", "](../../")
        for name in PROJECT
    }


def _as_markdown(docstring: str) -> list[str]:
    """Return a docstring's lines with its indented commands fenced."""
    lines: list[str] = []
    fenced = False
    # An option is code, too: a page would make a dash of its two hyphens.
    docstring = _OPTION.sub(lambda found: f"`{found[0]}`" if found["option"] else found[0], docstring)
    for line in docstring.splitlines():
        indented = line.startswith("    ")
        if indented and not fenced:
            lines.append("```sh")
        if fenced and not indented and line.strip():
            lines[-1:] = ["```", ""] if not lines[-1].strip() else [lines[-1], "```"]
        fenced = indented or (fenced and not line.strip())
        lines.append(line.removeprefix("    ") if fenced else line)
    return [*lines, "```"] if fenced else lines


def _title(text: str) -> str:
    return f"{text}\n{'=' * len(text)}\n"


def write_generated(docs: Path) -> None:
    """Write all pages below `docs/generated`; those that have not changed stay, so that a build does not redo them."""
    for folder, pages, suffix in (
        ("reference", reference(), "rst"),
        ("recipes", recipes(), "md"),
        ("command", {"options": options()}, "md"),
        ("project", project(), "md"),
    ):
        target = docs / "generated" / folder
        target.mkdir(parents=True, exist_ok=True)
        for old in target.iterdir():
            if old.stem not in pages:
                old.unlink()
        for name, text in pages.items():
            path = target / f"{name}.{suffix}"
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.write_text(text, encoding="utf-8")
