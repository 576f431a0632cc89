"""Findings as lines, JSON lines, a coloured page and SARIF; nothing is searched here.

Only the page, and what is asked for with text, hold text.
"""

import json
import os
from collections.abc import Iterable, Iterator
from enum import StrEnum
from html import escape
from urllib.parse import quote

from seqlabel.io.markup import Mark, marked_html, visible
from seqlabel.names import VERSION
from seqlabel.privacy.records.findings import Located, Searched
from seqlabel.runs.progress import with_noun


class FindingFormat(StrEnum):
    """How findings are written."""

    LINES = "lines"
    JSONL = "jsonl"
    HTML = "html"
    SARIF = "sarif"

    @property
    def by_text(self) -> bool:
        """Whether what is written for a text does not depend on the texts before it."""
        return self in (FindingFormat.LINES, FindingFormat.JSONL)


def written(searched: Iterable[Searched], form: FindingFormat, *, with_text: bool) -> Iterator[str]:
    """Write findings.

    Args:
        searched: The texts that were searched.
        form: How findings are written.
        with_text: Whether JSON lines have the private values.

    Yields:
        Pieces of the output, in order.
    """
    if form is FindingFormat.HTML:
        yield from _page(searched)
    elif form is FindingFormat.SARIF:
        yield json.dumps(_sarif(searched), ensure_ascii=False, indent=1) + "\n"
    else:
        for searched_text in searched:
            for finding in searched_text.found:
                yield (
                    _line(searched_text, finding)
                    if form is FindingFormat.LINES
                    else _json_line(searched_text, finding, with_text)
                ) + "\n"


def _line(searched: Searched, finding: Located) -> str:
    path = f" in {searched.path}" if searched.path else ""
    return visible(
        f"{searched.file}:{searched.line}:{finding.start + 1}: {finding.label}{path} "
        f"({_note(finding, ' ')})"
    )


def _json_line(searched: Searched, finding: Located, with_text: bool) -> str:
    location = {"file": searched.file, "line": searched.line, "path": searched.path or None}
    about = {name: getattr(finding, name) for name in ("start", "end", "label", "score", "source")}
    values = {
        **location,
        **about,
        "score": None if finding.score is None else round(finding.score, 4),
    }
    if finding.words:
        values["words"] = finding.words
    if with_text:
        values["text"] = finding.text
    return json.dumps(values, ensure_ascii=False)


_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Private data found</title>
<style>
body{font:1em/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}
:root{color-scheme:light dark}
section{border-top:1px solid #8886;padding:.6em 0}small{opacity:.7}</style></head><body>
<h1>Private data found</h1>
<p><strong>This page holds the private values themselves.</strong>
Texts without a finding are left out.</p>
"""


def _page(searched: Iterable[Searched]) -> Iterator[str]:
    yield _HEAD
    findings = 0
    for searched_text in searched:
        if searched_text.found:
            findings += len(searched_text.found)
            location = f"{searched_text.file}, line {searched_text.line}" + (
                f", {searched_text.path}" if searched_text.path else ""
            )
            marks = [
                Mark(item.start, item.end, item.label, _note(item)) for item in searched_text.found
            ]
            page = marked_html(searched_text.text, marks, longest=len(searched_text.text))
            yield f"<section><small>{escape(location)}</small>\n{page}</section>\n"
    yield f"<p>{with_noun(findings, 'finding')}.</p></body></html>\n"


def _note(finding: Located, before_score: str = ", ") -> str:
    score = "" if finding.score is None else f"{before_score}{finding.score:.2f}"
    return f"{finding.source}{score}" + (
        f", by {', '.join(finding.words)}" if finding.words else ""
    )


def _sarif(searched: Iterable[Searched]) -> dict[str, object]:
    results = [
        _result(searched_text, finding)
        for searched_text in searched
        for finding in searched_text.found
    ]
    labels = sorted({str(result["ruleId"]) for result in results})
    driver = {
        "name": "seqlabel",
        "version": VERSION,
        "rules": [
            {"id": label, "shortDescription": {"text": f"{label} in the text"}} for label in labels
        ],
    }
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
        ],
    }


def _uri(file: str) -> str:
    """The reference to a file, relative as its path is, percent-encoded (RFC 3986)."""
    return quote(os.fsencode(file.replace(os.sep, "/")), safe="/")


def _result(searched: Searched, finding: Located) -> dict[str, object]:
    region: dict[str, int] = {"startLine": searched.line}
    if searched.path:
        # The columns of the raw line are not those of the text in it.
        region["endLine"] = searched.line + searched.lines - 1
    else:
        region |= {"startColumn": finding.start + 1, "endColumn": finding.end + 1}
    location: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": _uri(searched.file)}, "region": region}
    }
    if searched.path:
        location["logicalLocations"] = [{"fullyQualifiedName": searched.path}]
    return {
        "ruleId": finding.label,
        "level": "warning",
        "message": {"text": f"{finding.label}, found by {_note(finding)}"},
        "properties": {"source": finding.source, "score": finding.score},
        "locations": [location],
    }
