"""Which findings a check of code lets pass: accepted ones, and those outside of added lines;
nothing is found here.

A finding is accepted by a comment `seqlabel: allow` in its line, or by a baseline: a JSON file that
lists accepted findings by file, label and a hash of their line, so that it holds no value and stays
true when lines move.
"""

import hashlib
import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from seqlabel.errors import DataError, OptionError
from seqlabel.io.files import read_json, write_json
from seqlabel.privacy.finding.finder import MODEL_SOURCE
from seqlabel.privacy.records.findings import Located, Searched

STAGED = "staged"
"""The name of what the next commit holds, instead of a revision."""
SURE_IN_CODE = 0.9
"""The least probability of findings of the model that a check reports in source code."""
CODE = frozenset(
    (
        *(
            ".bash",
            ".c",
            ".cc",
            ".clj",
            ".cljs",
            ".cpp",
            ".cs",
            ".css",
            ".cxx",
            ".dart",
            ".ex",
            ".exs",
            ".f90",
            ".go",
        ),
        *(
            ".groovy",
            ".h",
            ".hpp",
            ".hs",
            ".java",
            ".jl",
            ".js",
            ".jsx",
            ".kt",
            ".kts",
            ".less",
            ".lua",
            ".m",
            ".mjs",
        ),
        *(
            ".ml",
            ".mm",
            ".php",
            ".pl",
            ".pm",
            ".ps1",
            ".py",
            ".pyi",
            ".pyx",
            ".r",
            ".rb",
            ".rs",
            ".scala",
            ".scss",
        ),
        *(".sh", ".sql", ".swift", ".tf", ".ts", ".tsx", ".vb", ".vue", ".zig", ".zsh"),
    )
)
"""The suffixes of files of source code."""
_ALLOW = re.compile(r"seqlabel: ?allow\b")
_HUNK = re.compile(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@")

Baseline = Mapping[str, Mapping[str, int]]
"""For each file, how often each accepted finding is in it, by its label and the hash of its line.
"""


def above(searched: Iterable[Searched], least: float) -> Iterator[Searched]:
    """Drop findings of the model that are less probable than asked for; those of rules are certain.

    Args:
        searched: Texts and their findings.
        least: The least probability.

    Returns:
        The texts with the other findings.
    """
    return _filtered(searched, lambda _, finding: finding.score is None or finding.score >= least)


def sure_in_code(searched: Iterable[Searched], *, say: Callable[[str], None]) -> Iterator[Searched]:
    """Drop findings of the model in source code that are less probable than `SURE_IN_CODE`.

    The model has read prose: most of its less certain findings in code are false positives.

    Args:
        searched: Texts and their findings.
        say: Called at the end with how many findings were dropped, if any were.

    Yields:
        The texts with the other findings.
    """
    dropped = 0
    for entry in searched:
        if Path(entry.file).suffix.lower() in CODE:
            kept = tuple(
                finding
                for finding in entry.found
                if finding.score is None or finding.score >= SURE_IN_CODE
            )
            dropped += len(entry.found) - len(kept)
            entry = replace(entry, found=kept)
        yield entry
    if dropped:
        say(
            f"{dropped:,} finding{'s' if dropped > 1 else ''} of the model below {SURE_IN_CODE} in "
            f"source code {'are' if dropped > 1 else 'is'} not reported; --min-score 0 reports all"
        )


def proven(searched: Iterable[Searched]) -> Iterator[Searched]:
    """Drop findings of the model alone.

    Args:
        searched: Texts and their findings.

    Returns:
        The texts with what rules, own patterns and the deny list found.
    """
    return _filtered(searched, lambda _, finding: finding.source != MODEL_SOURCE)


def without_allowed(searched: Iterable[Searched]) -> Iterator[Searched]:
    """Drop findings in lines that say `seqlabel: allow`.

    Args:
        searched: Texts and their findings.

    Returns:
        The texts with the other findings.
    """
    return _filtered(
        searched, lambda entry, finding: not _ALLOW.search(_line_of(entry.text, finding))
    )


def without_accepted(searched: Iterable[Searched], baseline: Baseline) -> Iterator[Searched]:
    """Drop findings that a baseline accepts, each as often as it is in it.

    Args:
        searched: Texts and their findings.
        baseline: The accepted findings.

    Returns:
        The texts with the other findings.
    """
    left = {file: Counter(accepted) for file, accepted in baseline.items()}

    def is_new(entry: Searched, finding: Located) -> bool:
        accepted = left.setdefault(entry.file, Counter())
        name = _fingerprint(entry.text, finding)
        accepted[name] -= 1
        return accepted[name] < 0

    return _filtered(searched, is_new)


def only_added(
    searched: Iterable[Searched], added: Mapping[str, frozenset[int] | None]
) -> Iterator[Searched]:
    """Keep the findings in lines that were added.

    Args:
        searched: Texts and their findings.
        added: The numbers of the added lines of each file, from 1; None for all of a file.

    Returns:
        The texts that touch an added line, with the findings of such lines where each line is a
        text of its own.
    """

    def is_added(entry: Searched, _: Located) -> bool:
        lines = added.get(entry.file, frozenset())
        return lines is None or not lines.isdisjoint(range(entry.line, entry.line + entry.lines))

    return _filtered(searched, is_added)


def read_baseline(path: Path) -> Baseline:
    """Read a baseline.

    Args:
        path: The file, as `write_baseline` writes it.

    Returns:
        What it accepts.

    Raises:
        DataError: For a file that cannot be read or is not a baseline.
    """
    if not path.is_file():
        raise DataError(f"{path}: the baseline does not exist. Make it with --write-baseline.")
    try:
        accepted: dict[str, dict[str, int]] = {}
        for file, counts in read_json(path)["accepted"].items():
            accepted[file] = {name: int(count) for name, count in counts.items()}
        return accepted
    except (ValueError, KeyError, TypeError, AttributeError):
        raise DataError(
            f"{path}: is not a baseline. Make it again with --write-baseline."
        ) from None


def write_baseline(path: Path, searched: Iterable[Searched]) -> int:
    """Write a baseline that accepts all findings of a search.

    Args:
        path: The file.
        searched: Texts and their findings.

    Returns:
        How many findings it accepts.
    """
    accepted: dict[str, Counter[str]] = {}
    for entry in searched:
        for finding in entry.found:
            accepted.setdefault(entry.file, Counter())[_fingerprint(entry.text, finding)] += 1
    ordered = {file: dict(sorted(accepted[file].items())) for file in sorted(accepted)}
    write_json(path, {"accepted": ordered})
    return sum(names.total() for names in accepted.values())


def changed_files(revision: str, paths: Sequence[Path]) -> frozenset[Path]:
    """Ask git which files have lines that were added or changed since a revision.

    Args:
        revision: The revision, or `STAGED` for what the next commit adds.
        paths: The files and folders to look in.

    Returns:
        The files, as `real_path` writes them.

    Raises:
        OptionError: Where git is missing, knows no such revision, or this is not a repository.
    """
    changed: set[Path] = set()
    for path in paths:
        top = _git(path, revision, "rev-parse", "--show-toplevel").removesuffix("\n")
        names = _git(
            path,
            revision,
            "diff",
            "--name-only",
            "-z",
            "--no-ext-diff",
            *_since(revision),
            "--",
            str(path),
        )
        changed.update(Path(top, name) for name in names.split("\0") if name)
    return frozenset(changed)


def real_path(path: Path) -> Path:
    """Write a path as git does: its folder without symbolic links.

    Args:
        path: A file.

    Returns:
        The path.
    """
    return path.parent.resolve() / path.name


def added_lines(revision: str, files: Sequence[Path]) -> dict[str, frozenset[int] | None]:
    """Ask git which lines of files were added since a revision.

    Args:
        revision: The revision, or `STAGED` for what the next commit adds.
        files: The files; folders have no lines (`changed_files`).

    Returns:
        The numbers of the added lines of each file, from 1; None for a changed file that has none
        for git, such as one of Office, or compressed.

    Raises:
        OptionError: Where git is missing, knows no such revision, or this is not a repository.
    """
    added: dict[str, frozenset[int] | None] = {}
    for file in files:
        options = ["--unified=0", "--no-color", "--no-ext-diff", *_since(revision)]
        lines = _git(file, revision, "diff", *options, "--", str(file)).split("\n")
        if any(line.startswith("Binary files ") for line in lines):
            added[str(file)] = None
            continue
        hunks = (match for line in lines if (match := _HUNK.match(line)))
        added[str(file)] = frozenset(
            number
            for hunk in hunks
            for number in range(int(hunk[1]), int(hunk[1]) + int(hunk[2] or 1))
        )
    return added


def _since(revision: str) -> list[str]:
    return ["--cached"] if revision == STAGED else [revision]


def _git(path: Path, revision: str, *arguments: str) -> str:
    """What git prints; in this folder, since hooks of git name its index from here."""
    try:
        done = subprocess.run(
            ["git", "--literal-pathspecs", *arguments], capture_output=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        raise OptionError(
            f"--diff: git cannot compare {path} with {revision!r}. Pass a revision such as HEAD or "
            f"main, or {STAGED!r}, inside a repository."
        ) from None
    return os.fsdecode(done.stdout)


def _filtered(
    searched: Iterable[Searched], keeps: Callable[[Searched, Located], bool]
) -> Iterator[Searched]:
    for entry in searched:
        yield replace(
            entry, found=tuple(finding for finding in entry.found if keeps(entry, finding))
        )


def _line_of(text: str, finding: Located) -> str:
    """The lines of a text in which a finding stands."""
    end = text.find("\n", finding.end)
    return text[text.rfind("\n", 0, finding.start) + 1 : len(text) if end < 0 else end]


def _fingerprint(text: str, finding: Located) -> str:
    """A finding's label and a hash of its line, which holds what the file next to the baseline
    holds anyway.
    """
    line = _line_of(text, finding).strip()
    return (
        f"{finding.label} {hashlib.sha256(line.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"
    )
