"""Styles of records: forms, tables, CSV, JSON, XML, YAML, settings, SQL and source code, all from fields and values."""

import json
from collections.abc import Callable, Sequence

from .fields import FORMAL, KINDS, NEUTRAL_KINDS, PROGRAM, Naming
from .maker import Maker, Pieces
from .material import whole
from .prose import fact
from .splits import words

_ALL_KINDS = (*KINDS, *KINDS, *NEUTRAL_KINDS)

Record = list[tuple[str, Pieces]]


def choose_kinds(maker: Maker, low: int, high: int) -> list[str]:
    """The kinds of a record's fields: a theme cut or filled up, in an order of its own."""
    theme = maker.shared("themes").split()
    if maker.chance(0.5):
        theme += [maker.pick(_ALL_KINDS) for _ in range(maker.number(1, 4))]
    if maker.chance(0.35):
        maker.rng.shuffle(theme)
    kinds = list(dict.fromkeys(theme))
    return kinds[: maker.number(low, max(low, min(high, len(kinds))))]


def value_of(maker: Maker, kind: str) -> Pieces:
    return maker.kind(kind)


def record(maker: Maker, kinds: Sequence[str]) -> Record:
    return [(kind, value_of(maker, kind)) for kind in kinds]


def mapped(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    return [(change(text), label) for text, label in pieces]


def one_line(pieces: Pieces) -> Pieces:
    return mapped(pieces, lambda text: text.replace("\n", ", "))


_FORM_JOINTS = ("\n", "\n", "\n", "\n", "\n", "\n\n", "; ", ", ", " | ", "  ", " / ", "   ", ". ")


def form(maker: Maker) -> Pieces:
    if maker.chance(0.12):
        return _bare(maker)
    naming = Naming(maker, FORMAL if maker.chance(0.85) else PROGRAM)
    line, joint = maker.listed("form_lines"), maker.pick(_FORM_JOINTS)
    before, between, after = line.split("{}")
    if "\n" in line:
        joint = "\n"
    pieces: Pieces = []
    if maker.chance(0.45):
        pieces.append((maker.listed("form_titles") + maker.pick(("\n", "\n\n", "\n-----\n")), None))
    for repeat in range(maker.number(1, 2) if maker.chance(0.2) else 1):
        person = maker if repeat == 0 else maker.another()
        for place, (kind, value) in enumerate(record(person, choose_kinds(maker, 1, 9))):
            if place:
                pieces.append((joint, None))
            pieces += [
                (before + naming(kind) + between, None),
                *(value if joint == "\n" and between == ":\n" else one_line(value)),
                (after, None),
            ]
            if maker.chance(0.03):
                pieces += [
                    (
                        joint
                        + naming(maker.pick(_ALL_KINDS))
                        + between
                        + maker.pick(("", "N/A", "-", "unknown", "see above", "none", "refused", "____")),
                        None,
                    )
                ]
        if repeat == 0:
            pieces.append(("\n" if joint == "\n" else joint, None))
    if maker.chance(0.15):
        pieces += [("\n", None), *fact(maker)]
    return pieces


_NAMELESS = words("status note flag count small percent port uid emp cust account pin cvv card_end routing bar docket")
"""Kinds whose values say nothing without a name beside them: a card, a label or an envelope does not have them."""


def _bare(maker: Maker) -> Pieces:
    """Values without names, as on a card, a label or an envelope."""
    joint = maker.pick(("\n", "\n", ", ", " | ", " · ", "\t"))
    pieces: Pieces = []
    for kind in choose_kinds(maker, 2, 6):
        if kind in _NAMELESS:
            continue
        pieces += [*([(joint, None)] if pieces else []), *(one_line(value_of(maker, kind)))]
    return pieces


def _rows(maker: Maker, low: int, high: int) -> tuple[list[str], list[Record]]:
    kinds = choose_kinds(maker, 2, 7)
    return kinds, [record(maker if place == 0 else maker.another(), kinds) for place in range(maker.number(low, high))]


def _plain(value: Pieces) -> str:
    return "".join(text for text, _ in value)


def table(maker: Maker) -> Pieces:
    """Columns that people see: Markdown, boxes, spaces, HTML."""
    kinds, rows = _rows(maker, 1, 5)
    naming = Naming(maker, FORMAL if maker.chance(0.7) else PROGRAM)
    heads = [naming(kind) for kind in kinds]
    cells = [[one_line(value) for _, value in row] for row in rows]
    shape = maker.pick(("markdown", "box", "spaces", "html", "tabs", "loose"))
    if shape == "html":
        pieces: Pieces = [("<table>\n<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>\n", None)]
        for row in cells:
            pieces.append(("<tr>", None))
            for cell in row:
                pieces += [("<td>", None), *mapped(cell, _xml_escape), ("</td>", None)]
            pieces.append(("</tr>\n", None))
        return [*pieces, ("</table>", None)]
    widths = [max(len(head), *(len(_plain(row[place])) for row in cells)) for place, head in enumerate(heads)]
    before, between, after = {
        "markdown": ("| ", " | ", " |"),
        "box": ("| ", " | ", " |"),
        "spaces": ("", "  ", ""),
        "tabs": ("", "\t", ""),
        "loose": ("", " | ", ""),
    }[shape]
    aligned = shape in ("box", "spaces") or (shape == "markdown" and maker.chance(0.5))
    rule = "+" + "+".join("-" * (width + 2) for width in widths) + "+\n"
    dashes = {
        "markdown": "|" + "|".join("---" for _ in heads) + "|\n",
        "box": rule,
        "spaces": "  ".join("-" * width for width in widths) + "\n" if maker.chance(0.5) else "",
    }.get(shape, "")
    pieces = [
        (
            (rule if shape == "box" else "")
            + _row_text(heads, widths, before, between, after, aligned)
            + "\n"
            + dashes,
            None,
        )
    ]
    for row in cells:
        for place, cell in enumerate(row):
            padding = " " * (widths[place] - len(_plain(cell))) if aligned else ""
            pieces += [(before if place == 0 else between, None), *cell, (padding, None)]
        pieces.append((after + "\n", None))
    return [*pieces, (rule, None)] if shape == "box" else pieces


def _row_text(cells: Sequence[str], widths: Sequence[int], before: str, between: str, after: str, aligned: bool) -> str:
    padded = [cell.ljust(width) if aligned else cell for cell, width in zip(cells, widths, strict=True)]
    return before + between.join(padded) + after


def csv(maker: Maker) -> Pieces:
    kinds, rows = _rows(maker, 1, 6)
    separator = maker.pick((",", ",", ",", ";", "\t", "|", ", "))
    quoted = maker.chance(0.2)
    naming = Naming(maker, PROGRAM if maker.chance(0.6) else FORMAL)
    pieces: Pieces = []
    if maker.chance(0.75):
        heads = [naming(kind) for kind in kinds]
        pieces.append((separator.join(f'"{head}"' if quoted else head for head in heads) + "\n", None))
    for number, row in enumerate(rows):
        if number:
            pieces.append(("\n", None))
        for place, (_, value) in enumerate(row):
            if place:
                pieces.append((separator, None))
            value = one_line(value)
            if quoted or (separator.strip() or separator) in _plain(value) or '"' in _plain(value):
                value = [('"', None), *mapped(value, lambda text: text.replace('"', '""')), ('"', None)]
            pieces += value
    return pieces


def _json_escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_value(maker: Maker, kind: str, value: Pieces, quote: str = '"') -> Pieces:
    text = _plain(value)
    if kind == "flag":
        return [(maker.pick(("true", "false")), None)]
    if (
        kind in ("age_digits", "count", "small", "percent", "uid", "emp", "unix_time", "machine")
        and text.replace(".", "", 1).isdigit()
        and "." not in (text[0], text[-1])
        and text[0] != "0"
        and maker.chance(0.6)
    ):
        return value
    return [(quote, None), *mapped(value, _json_escape if quote == '"' else _code_escape), (quote, None)]


def _code_escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n")


def json_text(maker: Maker) -> Pieces:
    naming = Naming(maker, PROGRAM)
    indent = maker.pick(("", "  ", "    ", "\t")) if maker.chance(0.6) else None
    spaced = maker.pick((": ", ":")) if indent is None else ": "

    def members(person: Maker, kinds: Sequence[str], depth: int) -> Pieces:
        comma = ", " if spaced == ": " else ","
        pieces: Pieces = []
        for place, (kind, value) in enumerate(record(person, kinds)):
            if place:
                pieces.append((comma.rstrip() if indent is not None else comma, None))
            if indent is not None:
                pieces.append(("\n" + indent * depth, None))
            pieces += [(f'"{naming(kind)}"{spaced}', None), *_json_value(maker, kind, value)]
        return pieces

    def closed(depth: int) -> str:
        return "\n" + indent * (depth - 1) + "}" if indent is not None else "}"

    def whole(person: Maker, depth: int = 1) -> Pieces:
        pieces: Pieces = [("{", None), *members(person, choose_kinds(maker, 1, 8), depth)]
        if maker.chance(0.3):
            inner = maker.pick(
                words("customer user address payload data patient billing meta profile device contact provider details")
            )
            line = "\n" + indent * depth if indent is not None else ""
            pieces += [
                (f',{line}"{inner}"{spaced}{{', None),
                *members(person if maker.chance(0.5) else maker.another(), choose_kinds(maker, 1, 5), depth + 1),
                (closed(depth + 1), None),
            ]
        return [*pieces, (closed(depth), None)]

    luck = maker.rng.random()
    if luck < 0.6:
        return whole(maker)
    if luck < 0.8:
        # JSON lines, or a list.
        joint = "\n" if indent is None else ",\n"
        pieces = whole(maker)
        for _ in range(maker.number(1, 2)):
            pieces += [(joint, None), *whole(maker.another())]
        return [("[", None), *pieces, ("]", None)] if indent is not None else pieces
    # A list of values, or text with an object inside.
    if luck < 0.88:
        kind = maker.pick(KINDS)
        pieces = [(f'"{naming(kind)}s": [', None)]
        for place in range(maker.number(1, 4)):
            pieces += [
                (", " if place else "", None),
                ('"', None),
                *mapped(value_of(maker.another(), kind), _json_escape),
                ('"', None),
            ]
        return [*pieces, ("]", None)]
    return [
        *maker.rule("json_head"),
        *whole(maker),
    ]


def _xml_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def xml(maker: Maker) -> Pieces:
    naming = Naming(maker, "cccpp__k")
    kinds = choose_kinds(maker, 1, 7)
    root = maker.pick(words("customer Person record patient order user Employee contact row item Request soap:Body"))
    pieces: Pieces = [(maker.pick(("", '<?xml version="1.0" encoding="UTF-8"?>\n')), None)]
    if maker.chance(0.2):
        pieces.append((f"<{root}", None))
        for kind, value in record(maker, kinds):
            pieces += [
                (f' {naming(kind)}="', None),
                *mapped(one_line(value), lambda text: _xml_escape(text).replace('"', "&quot;")),
                ('"', None),
            ]
        return [*pieces, ("/>", None)]
    line = maker.pick(("\n  ", "\n\t", ""))
    pieces.append((f"<{root}>", None))
    for kind, value in record(maker, kinds):
        tag = naming(kind)
        pieces += [(f"{line}<{tag}>", None), *mapped(one_line(value), _xml_escape), (f"</{tag}>", None)]
    return [*pieces, (("\n" if line else "") + f"</{root}>", None)]


def yaml(maker: Maker) -> Pieces:
    naming = Naming(maker, PROGRAM if maker.chance(0.8) else "ls")
    pieces: Pieces = []
    indent = ""
    if maker.chance(0.5):
        pieces.append(
            (
                maker.pick(("customer", "user", "spec", "data", "contact", "patient", "config", "- record", "owner"))
                + ":\n",
                None,
            )
        )
        indent = "  "
    for kind, value in record(maker, choose_kinds(maker, 1, 8)):
        quote = maker.pick(("", "", '"', "'"))
        value = one_line(value)
        quoted = (
            mapped(value, _json_escape)
            if quote == '"'
            else mapped(value, lambda text: text.replace("'", "''"))
            if quote
            else value
        )
        pieces += [
            (f"{indent}{maker.pick(('', '', '', '- ')) if not indent else ''}{naming(kind)}: {quote}", None),
            *quoted,
            (f"{quote}\n", None),
        ]
    return pieces


def config(maker: Maker) -> Pieces:
    """Settings: environment files, INI, properties, shell exports, connection strings, command lines."""
    shape = maker.pick(("env", "env", "ini", "properties", "export", "docker", "string", "flags"))
    person = maker
    if shape == "string":
        return maker.rule("connection")
    if shape == "flags":
        pieces: Pieces = [
            (
                maker.pick(
                    ("deploy", "backup", "./run.sh", "python main.py", "app", "import-users", "terraform apply")
                ),
                None,
            )
        ]
        naming = Naming(maker, "kkk_")
        for kind in dict.fromkeys(maker.shared("secret_kinds") for _ in range(maker.number(1, 4))):
            value = value_of(person, kind)
            quote = '"' if " " in _plain(value) else ""
            pieces += [(f" --{naming(kind)}{maker.pick(('=', ' '))}{quote}", None), *value, (quote, None)]
        return pieces
    naming = Naming(maker, {"env": "U", "ini": "_l_", "properties": "dd_", "export": "U", "docker": "U"}[shape])
    joint = {"env": "=", "ini": maker.pick((" = ", "=", ": ")), "properties": "=", "export": "=", "docker": "="}[shape]
    pieces = [
        (
            maker.pick(("[default]\n", "[database]\n", "[smtp]\n", "; settings\n", ""))
            if shape == "ini"
            else maker.pick(("", "", "# local settings\n", "# do not commit\n")),
            None,
        )
    ]
    for kind in dict.fromkeys(
        maker.pick(whole("secret_kinds") if maker.chance(0.85) else KINDS) for _ in range(maker.number(1, 7))
    ):
        value = one_line(value_of(person, kind))
        quote = (
            '"'
            if " " in _plain(value) and shape in ("env", "export")
            else maker.pick(("", "", '"'))
            if shape != "properties"
            else ""
        )
        beginning = {"export": "export ", "docker": "ENV "}.get(shape, "")
        pieces += [(f"{beginning}{naming(kind)}{joint}{quote}", None), *value, (f"{quote}\n", None)]
    return pieces


def sql(maker: Maker) -> Pieces:
    table_name = maker.pick(
        words(
            "users customers patients accounts employees public.contacts orders members dbo.Person payments "
            "vehicles `leads`"
        )
    )
    naming = Naming(maker, "____cpU")
    kinds, rows = _rows(maker, 1, 3)
    names = [naming(kind) for kind in kinds]

    def quoted(value: Pieces) -> Pieces:
        return [("'", None), *mapped(one_line(value), lambda text: text.replace("'", "''")), ("'", None)]

    shape = maker.pick(("insert", "insert", "select", "update", "delete", "result"))
    if shape == "insert":
        pieces: Pieces = [(f"INSERT INTO {table_name} ({', '.join(names)}) VALUES ", None)]
        for number, row in enumerate(rows):
            pieces.append((", (" if number else "(", None))
            for place, (_, value) in enumerate(row):
                pieces += [(", " if place else "", None), *quoted(value)]
            pieces.append((")", None))
        return [*pieces, (";", None)]
    if shape == "result":
        pieces = [("*** 1. row ***\n", None)]
        for name, (_, value) in zip(names, rows[0], strict=True):
            pieces += [(f"{name:>14}: ", None), *one_line(value), ("\n", None)]
        return pieces
    conditions: Pieces = []
    for place, (name, (_, value)) in enumerate(zip(names[:2], rows[0], strict=False)):
        conditions += [
            (" AND " if place else "", None),
            (f"{name} {maker.pick(('=', '=', 'LIKE', '<>'))} ", None),
            *quoted(value),
        ]
    if shape == "update":
        pieces = [(f"UPDATE {table_name} SET ", None)]
        for place, (name, (_, value)) in enumerate(zip(names[2:] or names, rows[-1][2:] or rows[-1], strict=True)):
            pieces += [(", " if place else "", None), (f"{name} = ", None), *quoted(value)]
        return [*pieces, (" WHERE ", None), *conditions, (";", None)]
    beginning = (
        f"SELECT {maker.pick(('*', names[0], 'COUNT(*)'))} FROM {table_name}"
        if shape == "select"
        else f"DELETE FROM {table_name}"
    )
    return [(f"{beginning} WHERE ", None), *conditions, (maker.pick((";", " LIMIT 10;", " ORDER BY 1")), None)]


def code(maker: Maker) -> Pieces:
    pieces: Pieces = []
    for place in range(maker.number(1, 6)):
        indent = maker.pick(("", "", "    ", "  "))
        line = maker.rule("code" if place == 0 or maker.chance(0.45) else "code_plain")
        pieces += [(("\n" if place else "") + indent, None), *line]
    return pieces
