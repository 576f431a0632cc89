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


def record(maker: Maker, kinds: Sequence[str]) -> Record:
    return [(kind, maker.kind(kind)) for kind in kinds]


def joined(*parts: str | Pieces) -> Pieces:
    """Pieces one after another; a string is one without a label."""
    return [piece for part in parts for piece in ([(part, None)] if isinstance(part, str) else part)]


def mapped(pieces: Pieces, change: Callable[[str], str]) -> Pieces:
    return [(change(text), label) for text, label in pieces]


def one_line(pieces: Pieces) -> Pieces:
    return mapped(pieces, lambda text: text.replace("\n", ", "))


_FORM_JOINTS = ("\n", "\n", "\n", "\n", "\n", "\n\n", "; ", ", ", " | ", "  ", " / ", "   ", ". ")
_BLANKS = ("", "N/A", "-", "unknown", "see above", "none", "refused", "____")


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
        pieces += joined(maker.listed("form_titles") + maker.pick(("\n", "\n\n", "\n-----\n")))
    for repeat in range(maker.number(1, 2) if maker.chance(0.2) else 1):
        person = maker if repeat == 0 else maker.another()
        for place, (kind, value) in enumerate(record(person, choose_kinds(maker, 1, 9))):
            value = value if joint == "\n" and between == ":\n" else one_line(value)
            pieces += joined((joint if place else "") + before + naming(kind) + between, value, after)
            if maker.chance(0.03):
                pieces += joined(joint + naming(maker.pick(_ALL_KINDS)) + between + maker.pick(_BLANKS))
        if repeat == 0:
            pieces += joined(joint)
    return pieces + joined("\n", fact(maker)) if maker.chance(0.15) else pieces


_NAMELESS = words("status note flag count small percent port uid emp cust account pin cvv card_end routing bar docket")
"""Kinds whose values say nothing without a name beside them: a card, a label or an envelope does not have them."""


def _bare(maker: Maker) -> Pieces:
    """Values without names, as on a card, a label or an envelope."""
    joint = maker.pick(("\n", "\n", ", ", " | ", " · ", "\t"))
    pieces: Pieces = []
    for kind in choose_kinds(maker, 2, 6):
        if kind in _NAMELESS:
            continue
        pieces += joined(joint if pieces else "", one_line(maker.kind(kind)))
    return pieces or maker.kind("name")


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
        pieces = joined("<table>\n<tr>" + "".join(f"<th>{head}</th>" for head in heads) + "</tr>\n")
        for row in cells:
            pieces += joined("<tr>", *(joined("<td>", mapped(cell, _xml_escape), "</td>") for cell in row), "</tr>\n")
        return joined(pieces, "</table>")
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
    border = rule if shape == "box" else ""
    pieces = joined(border)
    for row in [[joined(head) for head in heads], *cells]:
        for place, (cell, width) in enumerate(zip(row, widths, strict=True)):
            padding = " " * (width - len(_plain(cell))) if aligned else ""
            pieces += joined(between if place else before, cell, padding)
        pieces += joined(after + "\n", dashes)
        dashes = ""
    return joined(pieces, border)


def csv(maker: Maker) -> Pieces:
    kinds, rows = _rows(maker, 1, 6)
    separator = maker.pick((",", ",", ",", ";", "\t", "|", ", "))
    quoted = maker.chance(0.2)
    naming = Naming(maker, PROGRAM if maker.chance(0.6) else FORMAL)
    pieces: Pieces = []
    if maker.chance(0.75):
        heads = [naming(kind) for kind in kinds]
        pieces += joined(separator.join(f'"{head}"' if quoted else head for head in heads) + "\n")
    for number, row in enumerate(rows):
        for place, (_, value) in enumerate(row):
            value = one_line(value)
            if quoted or (separator.strip() or separator) in _plain(value) or '"' in _plain(value):
                value = joined('"', mapped(value, lambda text: text.replace('"', '""')), '"')
            pieces += joined(separator if place else "\n" if number else "", value)
    return pieces


def _json_escape(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


_NUMBERS = words("age_digits count small percent uid emp unix_time machine")


def _json_value(maker: Maker, kind: str, value: Pieces) -> Pieces:
    text = _plain(value)
    if kind == "flag":
        return joined(maker.pick(("true", "false")))
    if (
        kind in _NUMBERS
        and text.replace(".", "", 1).isdigit()
        and "." not in (text[0], text[-1])
        and text[0] != "0"
        and maker.chance(0.6)
    ):
        return value
    return joined('"', mapped(value, _json_escape), '"')


_OBJECTS = words("customer user address payload data patient billing meta profile device contact provider details")


def json_text(maker: Maker) -> Pieces:
    naming = Naming(maker, PROGRAM)
    indent = maker.pick(("", "  ", "    ", "\t")) if maker.chance(0.6) else None
    spaced = maker.pick((": ", ":")) if indent is None else ": "

    def members(person: Maker, kinds: Sequence[str], depth: int) -> Pieces:
        comma = ", " if spaced == ": " else ","
        pieces: Pieces = []
        for place, (kind, value) in enumerate(record(person, kinds)):
            gap = (comma if indent is None else comma.rstrip()) if place else ""
            line = "" if indent is None else "\n" + indent * depth
            pieces += joined(f'{gap}{line}"{naming(kind)}"{spaced}', _json_value(maker, kind, value))
        return pieces

    def closed(depth: int) -> str:
        return "\n" + indent * (depth - 1) + "}" if indent is not None else "}"

    def whole(person: Maker, depth: int = 1) -> Pieces:
        pieces = joined("{", members(person, choose_kinds(maker, 1, 8), depth))
        if maker.chance(0.3):
            inner, line = maker.pick(_OBJECTS), "" if indent is None else "\n" + indent * depth
            someone = person if maker.chance(0.5) else maker.another()
            fields = members(someone, choose_kinds(maker, 1, 5), depth + 1)
            pieces += joined(f',{line}"{inner}"{spaced}{{', fields, closed(depth + 1))
        return joined(pieces, closed(depth))

    luck = maker.rng.random()
    if luck < 0.6:
        return whole(maker)
    if luck < 0.8:
        # JSON lines, or a list.
        joint = "\n" if indent is None else ",\n"
        pieces = whole(maker)
        for _ in range(maker.number(1, 2)):
            pieces += joined(joint, whole(maker.another()))
        return pieces if indent is None else joined("[", pieces, "]")
    # A list of values, or text with an object inside.
    if luck < 0.88:
        kind = maker.pick(KINDS)
        pieces = joined(f'"{naming(kind)}s": [')
        for place in range(maker.number(1, 4)):
            pieces += joined(', "' if place else '"', mapped(maker.another().kind(kind), _json_escape), '"')
        return joined(pieces, "]")
    return joined(maker.rule("json_head"), whole(maker))


def _xml_escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def xml(maker: Maker) -> Pieces:
    naming = Naming(maker, "cccpp__k")
    kinds = choose_kinds(maker, 1, 7)
    root = maker.pick(words("customer Person record patient order user Employee contact row item Request soap:Body"))
    pieces = joined(maker.pick(("", '<?xml version="1.0" encoding="UTF-8"?>\n')) + f"<{root}")
    if maker.chance(0.2):
        for kind, value in record(maker, kinds):
            escaped = mapped(one_line(value), lambda text: _xml_escape(text).replace('"', "&quot;"))
            pieces += joined(f' {naming(kind)}="', escaped, '"')
        return joined(pieces, "/>")
    line = maker.pick(("\n  ", "\n\t", ""))
    pieces += joined(">")
    for kind, value in record(maker, kinds):
        tag = naming(kind)
        pieces += joined(f"{line}<{tag}>", mapped(one_line(value), _xml_escape), f"</{tag}>")
    return joined(pieces, ("\n" if line else "") + f"</{root}>")


def yaml(maker: Maker) -> Pieces:
    naming = Naming(maker, PROGRAM if maker.chance(0.8) else "ls")
    pieces: Pieces = []
    indent = ""
    if maker.chance(0.5):
        roots = ("customer", "user", "spec", "data", "contact", "patient", "config", "- record", "owner")
        pieces, indent = joined(maker.pick(roots) + ":\n"), "  "
    for kind, value in record(maker, choose_kinds(maker, 1, 8)):
        quote = maker.pick(("", "", '"', "'"))
        escape = {"": str, '"': _json_escape, "'": _double_quotes}[quote]
        begin = indent or maker.pick(("", "", "", "- "))
        pieces += joined(f"{begin}{naming(kind)}: {quote}", mapped(one_line(value), escape), f"{quote}\n")
    return pieces


def _double_quotes(text: str) -> str:
    return text.replace("'", "''")


_SECTIONS = ("[default]\n", "[database]\n", "[smtp]\n", "; settings\n", "")


def config(maker: Maker) -> Pieces:
    """Settings: environment files, INI, properties, shell exports, connection strings, command lines."""
    shape = maker.pick(("env", "env", "ini", "properties", "export", "docker", "string", "flags"))
    if shape == "string":
        return maker.rule("connection")
    if shape == "flags":
        commands = ("deploy", "backup", "./run.sh", "python main.py", "app", "import-users", "terraform apply")
        pieces = joined(maker.pick(commands))
        naming = Naming(maker, "kkk_")
        for kind in dict.fromkeys(maker.shared("secret_kinds") for _ in range(maker.number(1, 4))):
            value = maker.kind(kind)
            quote = '"' if " " in _plain(value) else ""
            pieces += joined(f" --{naming(kind)}{maker.pick(('=', ' '))}{quote}", value, quote)
        return pieces
    naming = Naming(maker, {"env": "U", "ini": "_l_", "properties": "dd_", "export": "U", "docker": "U"}[shape])
    joint = {"env": "=", "ini": maker.pick((" = ", "=", ": ")), "properties": "=", "export": "=", "docker": "="}[shape]
    heads = ("", "", "# local settings\n", "# do not commit\n")
    pieces = joined(maker.pick(_SECTIONS if shape == "ini" else heads))
    for kind in dict.fromkeys(
        maker.pick(whole("secret_kinds") if maker.chance(0.85) else KINDS) for _ in range(maker.number(1, 7))
    ):
        value = one_line(maker.kind(kind))
        if " " in _plain(value) and shape in ("env", "export"):
            quote = '"'
        else:
            quote = "" if shape == "properties" else maker.pick(("", "", '"'))
        beginning = {"export": "export ", "docker": "ENV "}.get(shape, "")
        pieces += joined(f"{beginning}{naming(kind)}{joint}{quote}", value, f"{quote}\n")
    return pieces


_TABLES = words(
    "users customers patients accounts employees public.contacts orders members dbo.Person payments vehicles `leads`"
)


def sql(maker: Maker) -> Pieces:
    table_name = maker.pick(_TABLES)
    naming = Naming(maker, "____cpU")
    kinds, rows = _rows(maker, 1, 3)
    names = [naming(kind) for kind in kinds]

    def quoted(value: Pieces) -> Pieces:
        return joined("'", mapped(one_line(value), _double_quotes), "'")

    shape = maker.pick(("insert", "insert", "select", "update", "delete", "result"))
    if shape == "insert":
        pieces = joined(f"INSERT INTO {table_name} ({', '.join(names)}) VALUES ")
        for number, row in enumerate(rows):
            pieces += joined(", (" if number else "(")
            for place, (_, value) in enumerate(row):
                pieces += joined(", " if place else "", quoted(value))
            pieces += joined(")")
        return joined(pieces, ";")
    if shape == "result":
        lines = zip(names, rows[0], strict=True)
        return joined("*** 1. row ***\n", *(joined(f"{name:>14}: ", one_line(one), "\n") for name, (_, one) in lines))
    conditions: Pieces = []
    for place, (name, (_, value)) in enumerate(zip(names[:2], rows[0], strict=False)):
        sign = maker.pick(("=", "=", "LIKE", "<>"))
        conditions += joined(f"{' AND ' if place else ''}{name} {sign} ", quoted(value))
    if shape == "update":
        pieces = joined(f"UPDATE {table_name} SET ")
        for place, (name, (_, value)) in enumerate(zip(names[2:] or names, rows[-1][2:] or rows[-1], strict=True)):
            pieces += joined(f"{', ' if place else ''}{name} = ", quoted(value))
        return joined(pieces, " WHERE ", conditions, ";")
    beginning = (
        f"SELECT {maker.pick(('*', names[0], 'COUNT(*)'))} FROM {table_name}"
        if shape == "select"
        else f"DELETE FROM {table_name}"
    )
    return joined(f"{beginning} WHERE ", conditions, maker.pick((";", " LIMIT 10;", " ORDER BY 1")))


def code(maker: Maker) -> Pieces:
    pieces: Pieces = []
    for place in range(maker.number(1, 6)):
        indent = maker.pick(("", "", "    ", "  "))
        line = maker.rule("code" if place == 0 or maker.chance(0.45) else "code_plain")
        pieces += joined(("\n" if place else "") + indent, line)
    return pieces
