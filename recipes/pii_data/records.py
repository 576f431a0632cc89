"""Styles of records: forms, tables, CSV, JSON, XML, YAML, settings, SQL, code and machines'
messages.

A record's values stand in its text as `marked` writes them, so that text is written as anywhere, by
the standard library's writers too.
"""

import csv
import io
import json
import re
from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from .fields import FORMAL, KINDS, NEUTRAL_KINDS, PROGRAM, Naming
from .maker import Maker, marked, unmarked
from .material import whole
from .prose import fact
from .splits import words

_ALL_KINDS = (*KINDS, *KINDS, *NEUTRAL_KINDS)

Record = list[tuple[str, str]]
"""The kinds of a record's fields and their marked values."""


def choose_kinds(maker: Maker, low: int, high: int) -> list[str]:
    """The kinds of a record's fields: a theme cut or filled up, in an order of its own."""
    theme = maker.shared("themes").split()
    if maker.chance(0.5):
        theme += [maker.pick(_ALL_KINDS) for _ in range(maker.number(1, 4))]
    if maker.chance(0.35):
        maker.rng.shuffle(theme)
    kinds = list(dict.fromkeys(theme))
    return kinds[: maker.number(low, max(low, min(high, len(kinds))))]


def line(maker: Maker, kind: str) -> str:
    """A value of a kind on one line."""
    return marked(maker.kind(kind)).replace("\n", ", ")


def record(maker: Maker, kinds: Sequence[str]) -> Record:
    return [(kind, line(maker, kind)) for kind in kinds]


_FORM_JOINTS = ("\n", "\n", "\n", "\n", "\n", "\n\n", "; ", ", ", " | ", "  ", " / ", "   ", ". ")
_BLANKS = ("", "N/A", "-", "unknown", "see above", "none", "refused", "____")


def form(maker: Maker) -> str:
    if maker.chance(0.12):
        return _bare(maker)
    naming = Naming(maker, FORMAL if maker.chance(0.85) else PROGRAM)
    row, joint = maker.listed("form_lines"), maker.pick(_FORM_JOINTS)
    before, between, after = row.split("{}")
    if "\n" in row:
        joint = "\n"
    title = (
        maker.listed("form_titles") + maker.pick(("\n", "\n\n", "\n-----\n"))
        if maker.chance(0.45)
        else ""
    )
    lines = []
    for person in (maker, maker.another())[: maker.number(1, 2) if maker.chance(0.2) else 1]:
        for kind in choose_kinds(person, 1, 9):
            value = (
                marked(person.kind(kind))
                if joint == "\n" and between == ":\n"
                else line(person, kind)
            )
            lines.append(f"{before}{naming(kind)}{between}{value}{after}")
            if maker.chance(0.03):
                lines.append(f"{naming(maker.pick(_ALL_KINDS))}{between}{maker.pick(_BLANKS)}")
    return title + joint.join(lines) + (f"\n{marked(fact(maker))}" if maker.chance(0.15) else "")


_NAMELESS = words(
    "status note flag count small percent port uid emp cust account pin cvv card_end routing "
    "bar docket"
)
"""Kinds whose values say nothing without a name beside them: a card, a label or an envelope does
not have them.
"""


def _bare(maker: Maker) -> str:
    """Values without names, as on a card, a label or an envelope."""
    joint = maker.pick(("\n", "\n", ", ", " | ", " · ", "\t"))
    kinds = [kind for kind in choose_kinds(maker, 2, 6) if kind not in _NAMELESS]
    return joint.join(line(maker, kind) for kind in kinds or ["name"])


def _rows(maker: Maker, low: int, high: int) -> tuple[list[str], list[list[str]]]:
    """Kinds, and values of these of some people."""
    kinds = choose_kinds(maker, 2, 7)
    people = [maker, *(maker.another() for _ in range(maker.number(low, high) - 1))]
    return kinds, [[line(person, kind) for kind in kinds] for person in people]


_SHAPES = {
    "markdown": ("| ", " | ", " |"),
    "box": ("| ", " | ", " |"),
    "spaces": ("", "  ", ""),
    "tabs": ("", "\t", ""),
    "loose": ("", " | ", ""),
}
"""What stands before, between and after the cells of a table."""


def table(maker: Maker) -> str:
    """Columns that people see: Markdown, boxes, spaces, HTML."""
    kinds, rows = _rows(maker, 1, 5)
    naming = Naming(maker, FORMAL if maker.chance(0.7) else PROGRAM)
    rows = [[naming(kind) for kind in kinds], *rows]
    shape = maker.pick((*_SHAPES, "html"))
    if shape == "html":
        cells = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
        lines = "\n".join(f"<tr>{row}</tr>" for row in cells)
        return f"<table>\n{lines}\n</table>".replace("td>", "th>", 2 * len(kinds))
    before, between, after = _SHAPES[shape]
    if shape in ("box", "spaces") or (shape == "markdown" and maker.chance(0.5)):
        widths = [max(len(unmarked(cell)) for cell in column) for column in zip(*rows, strict=True)]
        rows = [
            [
                cell + " " * (width - len(unmarked(cell)))
                for cell, width in zip(row, widths, strict=True)
            ]
            for row in rows
        ]
    head, *lines = (before + between.join(row) + after for row in rows)
    border = "+" + "+".join("-" * (len(unmarked(cell)) + 2) for cell in rows[0]) + "+"
    dashes = {
        "markdown": "|" + "---|" * len(kinds),
        "box": border,
        "spaces": re.sub(r"\S", "-", unmarked(head)),
    }
    ruled = (
        [dashes[shape]]
        if shape in ("markdown", "box") or (shape == "spaces" and maker.chance(0.5))
        else []
    )
    around = [border] if shape == "box" else []
    return "\n".join([*around, head, *ruled, *lines, *around])


def csv_text(maker: Maker) -> str:
    kinds, rows = _rows(maker, 1, 6)
    naming = Naming(maker, PROGRAM if maker.chance(0.6) else FORMAL)
    if maker.chance(0.75):
        rows = [[naming(kind) for kind in kinds], *rows]
    file = io.StringIO()
    quoting = csv.QUOTE_ALL if maker.chance(0.2) else csv.QUOTE_MINIMAL
    csv.writer(
        file, delimiter=maker.pick(",,,,;\t|"), quoting=quoting, lineterminator="\n"
    ).writerows(rows)
    return file.getvalue().rstrip("\n")


_NUMBERS = words("age_digits count small percent uid emp unix_time machine")
_RAW = "\ue003"
"""Around what is no string in JSON."""
_OBJECTS = words(
    "customer user address payload data patient billing meta profile device contact provider "
    "details"
)


def _member(maker: Maker, kind: str) -> str:
    """A value of JSON; a flag is true or false, and some numbers have no quotes."""
    if kind == "flag":
        return _RAW + maker.pick(("true", "false")) + _RAW
    value = marked(maker.kind(kind))
    is_number = kind in _NUMBERS and re.fullmatch(r"[1-9]\d*(\.\d+)?", unmarked(value)) is not None
    return _RAW + value + _RAW if is_number and maker.chance(0.6) else value


def json_text(maker: Maker) -> str:
    naming = Naming(maker, PROGRAM)
    indent = maker.pick(("", "  ", "    ", "\t")) if maker.chance(0.6) else None
    spaced = maker.chance(0.5) or indent is not None
    separators = ("," if indent is not None or not spaced else ", ", ": " if spaced else ":")

    def written(found: object) -> str:
        text = json.dumps(found, indent=indent, separators=separators, ensure_ascii=False)
        return re.sub(f'"{_RAW}(.*?){_RAW}"', r"\1", text)

    def whole_object(person: Maker) -> dict[str, object]:
        found: dict[str, object] = {
            naming(kind): _member(person, kind) for kind in choose_kinds(maker, 1, 8)
        }
        if maker.chance(0.3):
            other = person if maker.chance(0.5) else maker.another()
            found[maker.pick(_OBJECTS)] = {
                naming(kind): _member(other, kind) for kind in choose_kinds(maker, 1, 5)
            }
        return found

    luck = maker.rng.random()
    if luck < 0.6:
        return written(whole_object(maker))
    if luck < 0.8:
        # JSON lines, or a list.
        people = [maker, *(maker.another() for _ in range(maker.number(1, 2)))]
        objects = [whole_object(person) for person in people]
        return "\n".join(map(written, objects)) if indent is None else written(objects)
    # A list of values, or text with an object inside.
    if luck < 0.88:
        kind = maker.pick(KINDS)
        values = [marked(maker.another().kind(kind)) for _ in range(maker.number(1, 4))]
        return f'"{naming(kind)}s": {json.dumps(values, ensure_ascii=False)}'
    return marked(maker.rule("json_head")) + written(whole_object(maker))


def xml(maker: Maker) -> str:
    naming = Naming(
        maker, ("camel", "camel", "camel", "pascal", "pascal", "snake", "snake", "kebab")
    )
    fields = [(naming(kind), value) for kind, value in record(maker, choose_kinds(maker, 1, 7))]
    root = maker.pick(
        words(
            "customer Person record patient order user Employee contact row item Request soap:Body"
        )
    )
    head = maker.pick(("", '<?xml version="1.0" encoding="UTF-8"?>\n'))
    if maker.chance(0.2):
        return f"{head}<{root}{''.join(f' {name}={quoteattr(value)}' for name, value in fields)}/>"
    gap = maker.pick(("\n  ", "\n\t", ""))
    lines = "".join(f"{gap}<{name}>{escape(value)}</{name}>" for name, value in fields)
    return f"{head}<{root}>{lines}{gap[:1]}</{root}>"


def _doubled(text: str) -> str:
    """A string in single quotes, as in SQL and YAML."""
    return "'" + text.replace("'", "''") + "'"


def _escaped(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def yaml(maker: Maker) -> str:
    naming = Naming(maker, PROGRAM if maker.chance(0.8) else ("lower", "sentence"))
    roots = (
        "customer",
        "user",
        "spec",
        "data",
        "contact",
        "patient",
        "config",
        "- record",
        "owner",
    )
    root = maker.pick(roots) + ":\n" if maker.chance(0.5) else ""
    lines = []
    for kind, value in record(maker, choose_kinds(maker, 1, 8)):
        begin = "  " if root else maker.pick(("", "", "", "- "))
        lines.append(
            f"{begin}{naming(kind)}: {maker.pick((str, str, _escaped, _doubled))(value)}\n"
        )
    return root + "".join(lines)


_SETTINGS = {
    "env": (("constant",), "", ("=",)),
    "ini": (("snake", "lower", "snake"), "", (" = ", "=", ": ")),
    "properties": (("dotted", "dotted", "snake"), "", ("=",)),
    "export": (("constant",), "export ", ("=",)),
    "docker": (("constant",), "ENV ", ("=",)),
}
"""Of each shape of settings how names are written, what stands before them, and what behind."""


def config(maker: Maker) -> str:
    """Settings: environment files, INI, properties, shell exports, connection strings, command
    lines.
    """
    shape = maker.pick(("env", *_SETTINGS, "string", "flags"))
    if shape == "string":
        return marked(maker.rule("connection"))
    if shape == "flags":
        commands = (
            "deploy",
            "backup",
            "./run.sh",
            "python main.py",
            "app",
            "import-users",
            "terraform apply",
        )
        text, naming = maker.pick(commands), Naming(maker, ("kebab", "kebab", "kebab", "snake"))
        for kind in dict.fromkeys(maker.shared("secret_kinds") for _ in range(maker.number(1, 4))):
            value = line(maker, kind)
            quote = '"' if " " in unmarked(value) else ""
            text += f" --{naming(kind)}{maker.pick('= ')}{quote}{value}{quote}"
        return text
    styles, begin, joints = _SETTINGS[shape]
    naming, joint = Naming(maker, styles), maker.pick(joints)
    sections = ("[default]\n", "[database]\n", "[smtp]\n", "; settings\n", "")
    text = maker.pick(
        sections if shape == "ini" else ("", "", "# local settings\n", "# do not commit\n")
    )
    secrets = (
        maker.pick(whole("secret_kinds") if maker.chance(0.85) else KINDS)
        for _ in range(maker.number(1, 7))
    )
    for kind in dict.fromkeys(secrets):
        value = line(maker, kind)
        is_open = " " in unmarked(value) and shape in ("env", "export")
        quote = '"' if is_open or (shape != "properties" and maker.chance(0.33)) else ""
        text += f"{begin}{naming(kind)}{joint}{quote}{value}{quote}\n"
    return text


_TABLES = words(
    "users customers patients accounts employees public.contacts orders members dbo.Person "
    "payments vehicles `leads`"
)


def sql(maker: Maker) -> str:
    name, naming = (
        maker.pick(_TABLES),
        Naming(maker, (*("snake",) * 4, "camel", "pascal", "constant")),
    )
    kinds, rows = _rows(maker, 1, 3)
    columns = [naming(kind) for kind in kinds]
    shape = maker.pick(("insert", "insert", "select", "update", "delete", "result"))
    if shape == "insert":
        values = ", ".join(f"({', '.join(map(_doubled, row))})" for row in rows)
        return f"INSERT INTO {name} ({', '.join(columns)}) VALUES {values};"
    if shape == "result":
        return "*** 1. row ***\n" + "".join(
            f"{column:>14}: {value}\n" for column, value in zip(columns, rows[0], strict=True)
        )
    pairs = list(zip(columns, rows[0], strict=True))[:2]
    signs = ("=", "=", "LIKE", "<>")
    conditions = " AND ".join(
        f"{column} {maker.pick(signs)} {_doubled(value)}" for column, value in pairs
    )
    if shape == "update":
        changes = zip(columns[2:] or columns, rows[-1][2:] or rows[-1], strict=True)
        return (
            f"UPDATE {name} SET "
            f"{', '.join(f'{column} = {_doubled(value)}' for column, value in changes)} "
            f"WHERE {conditions};"
        )
    begin = f"SELECT {maker.pick(('*', columns[0], 'COUNT(*)'))}" if shape == "select" else "DELETE"
    return f"{begin} FROM {name} WHERE {conditions}{maker.pick((';', ' LIMIT 10;', ' ORDER BY 1'))}"


def code(maker: Maker) -> str:
    rules = ["code", *(maker.pick(("code", "code_plain")) for _ in range(maker.number(0, 5)))]
    return "\n".join(
        maker.pick(("", "", "    ", "  ")) + marked(maker.rule(rule)) for rule in rules
    )


def log(maker: Maker) -> str:
    if maker.chance(0.12):
        return _pairs(maker)
    head, events = ("", "access") if maker.chance(0.2) else (maker.template("log_head"), "event")
    lines = []
    for place in range(maker.number(1, 6)):
        person = maker if place == 0 or maker.chance(0.4) else maker.another()
        neutral = events == "event" and maker.chance(0.25)
        # A line's time is its own.
        begun = maker.another()
        of_nobody = neutral and maker.chance(0.5)
        event = (
            begun.rule("machine_line")
            if of_nobody
            else person.rule("event_plain" if neutral else events)
        )
        lines.append(marked(begun.expand(head)) + marked(event))
    return "\n".join(lines)


def _pairs(maker: Maker) -> str:
    """Lines of keys and values."""
    naming = Naming(maker, PROGRAM)
    kinds = choose_kinds(maker, 2, 6)
    joint, gap = maker.pick(("=", "=", ":", "=>")), maker.pick((" ", ", ", "; ", "|", "&", " "))
    lines = []
    for person in (maker, maker.another(), maker.another())[: maker.number(1, 3)]:
        pairs = []
        for kind, value in record(person, kinds):
            quote = '"' if " " in unmarked(value) or maker.chance(0.2) else ""
            pairs.append(f"{naming(kind)}{joint}{quote}{value}{quote}")
        lines.append(marked(person.rule("pair_head")) + gap.join(pairs))
    return "\n".join(lines)


def trace(maker: Maker) -> str:
    of_nobody = maker.chance(0.4)
    frame = "{frame_line}" if of_nobody else maker.template("frame")
    head = marked(maker.rule("trace_head"))
    frames = [
        marked((maker.another() if of_nobody else maker).expand(frame))
        for _ in range(maker.number(1, 3))
    ]
    failure = marked(maker.rule("failure_plain" if maker.chance(0.2) else "failure"))
    # Python names the error last, most others first.
    return head + "\n".join(
        [*frames, failure] if head.startswith("Traceback") else [failure, *frames]
    )
