"""Styles of running text: stories, e-mails, chats, transcripts, notes of all trades; records are elsewhere."""

from collections.abc import Sequence

from .fields import field_name
from .maker import Maker, Pieces, capitalise

_ENDS = ".!?:,;"


def fact(maker: Maker, *, number: int = 1) -> Pieces:
    """A field and its value, said in a sentence."""
    kind = maker.shared("fact_kinds")
    name = field_name(maker, kind)
    name = name.upper() if len(name) < 4 and maker.chance(0.4) else name
    template = maker.template("fact_frame").replace("FIELD", name).replace("VALUE", f"{{{kind}}}")
    return maker.expand(template, move=number - 1)


def sentence(maker: Maker, rule: str, *, move: int = 0) -> Pieces:
    """A sentence of a rule, now and then led in or with its reason."""
    pieces = fact(maker, number=1 + move) if rule == "fact" else maker.rule(rule, move=move)
    if rule in ("story", "ask", "deed", "fact", "plain"):
        text, label = pieces[-1]
        if maker.chance(0.15) and rule != "plain":
            if label is None and text.endswith("."):
                pieces[-1] = (text[:-1], None)
            if label is not None or text[-1:] not in _ENDS:
                pieces = [*pieces, (" ", None), *maker.rule("reason")]
        if maker.chance(0.1):
            pieces = [*maker.expand("{lead} "), *pieces]
        capitalise(pieces)
        text, label = pieces[-1]
        if label is not None or text[-1:] not in _ENDS + '"':
            pieces.append((".", None))
    return pieces


def _joined(parts: list[Pieces], separator: str) -> Pieces:
    pieces: Pieces = []
    for part in parts:
        if pieces:
            pieces.append((separator, None))
        pieces += part
    return pieces


def _body(maker: Maker, rules: str, low: int, high: int, separator: str = " ") -> Pieces:
    """Some sentences of rules, given as names with spaces between, drawn evenly."""
    names = rules.split()
    parts: list[Pieces] = []
    for _ in range(maker.number(low, high)):
        # Most sentences stay with the text's people; some are about others.
        said = sentence(maker, maker.pick(names), move=2 if maker.chance(0.08) else 0)
        if said not in parts:
            parts.append(said)
    gap = "\n" if separator == " " and maker.chance(0.1) else separator
    if maker.chance(0.06):
        # Numbers of paragraphs are not ages.
        begin, end = maker.pick((("", ". "), ("", ") "), ("(", ") "), ("§ ", " "), ("#", " ")))
        parts = [[(f"{begin}{number}{end}", None), *part] for number, part in enumerate(parts, 1)]
    return _joined(parts, gap)


def body(
    maker: Maker,
    rules: str | Sequence[str],
    sentences: Sequence[int],
    gaps: Sequence[str],
    head: str = "",
    headed: float = 1.0,
) -> Pieces:
    """A text of sentences: of some rules, of these numbers at least and at most, with one of the gaps between.

    A share of the texts, `headed`, begins with the rule `head`.
    """
    pieces = maker.rule(head) if head and (headed == 1.0 or maker.chance(headed)) else []
    gap = maker.pick(gaps) if len(gaps) > 1 else gaps[0]
    return [*pieces, *_body(maker, rules if isinstance(rules, str) else maker.pick(rules), *sentences, gap)]


def short(maker: Maker) -> Pieces:
    """One sentence alone, as in a list or a search box; or a list of people."""
    if maker.chance(0.1):
        frame = maker.template("guest")
        people = [maker.another().expand(frame) for _ in range(maker.number(2, 8))]
        return [*maker.expand("[{thing}\n|Present:\n|{weekday}\n|]"), *_joined(people, maker.pick(("\n", "\n", "; ")))]
    return _body(
        maker,
        "fact ask deed story lookalike plain mention machine_talk everyday everyday everyday everyday nobodys nobodys",
        1,
        1,
    )


def letter(maker: Maker) -> Pieces:
    pieces: Pieces = []
    if maker.chance(0.6):
        pieces += maker.expand("{full}\n{address_lines}\n[{phone}\n|{email}\n|]\n")
    if maker.chance(0.6):
        pieces += maker.rule("letter_date")
    if maker.chance(0.5):
        pieces += maker.expand("{full2}\n[{org2}\n|]{address_lines2}\n\n")
    if maker.chance(0.4):
        pieces += maker.expand("[Re|Subject|RE|Our ref]: {subject}\n\n")
    pieces += maker.expand("{greet}\n\n")
    for _ in range(maker.number(1, 3)):
        pieces += [
            *_body(maker, "ask ask fact story everyday plain plain lookalike mention term_talk", 1, 4),
            ("\n\n", None),
        ]
    return [*pieces, *maker.expand("{bye}\n[\n|]{signature}")]


def email(maker: Maker) -> Pieces:
    pieces: Pieces = []
    if maker.chance(0.6):
        header = [
            maker.rule("email_from"),
            maker.rule("email_to"),
        ]
        if maker.chance(0.3):
            header.append(maker.rule("email_copy"))
        if maker.chance(0.6):
            header.append(maker.rule("email_date"))
        header.append(maker.expand("Subject: {subject}"))
        if maker.chance(0.15):
            header.append(maker.rule("email_head"))
        pieces += [*_joined(header, "\n"), ("\n\n", None)]
    if maker.chance(0.8):
        pieces += maker.expand("{greet}\n[\n|]")
    for _ in range(maker.number(1, 2)):
        pieces += [
            *_body(maker, "ask ask fact deed everyday everyday plain lookalike mention machine_talk nobodys", 1, 4),
            ("\n\n", None),
        ]
    pieces += maker.expand("{bye}\n{signature}")
    if maker.chance(0.25):
        pieces += maker.rule("email_reply")
        pieces += _body(maker, "ask fact story plain", 1, 2)
    return pieces


def chat(maker: Maker) -> Pieces:
    frame = maker.template("chat_frame")
    lines: list[Pieces] = []
    speakers = maker.number(2, 3)
    for _ in range(maker.number(1, 8)):
        speaker = maker.number(1, speakers)
        rule = maker.pick(
            ("chat_line",) * 4
            + ("ask", "fact", "plain", "lookalike", "mention", "machine_talk", "everyday", "everyday", "nobodys")
        )
        move = (speaker - 1) if rule in ("chat_line", "ask") else 0
        said = sentence(maker, rule, move=move) if rule != "fact" else fact(maker)
        if maker.chance(0.03):
            lines.append(maker.rule("chat_notice"))
        lines.append([*maker.expand(frame, move=speaker - 1), *said])
    return _joined(lines, "\n")


def transcript(maker: Maker) -> Pieces:
    """What was said on the telephone; numbers are often read out."""
    frames = maker.shared("speakers").split("\t")
    lines = [
        [
            *maker.expand(frames[place % 2]),
            *(sentence(maker, maker.pick(("spoken", "spoken", "spoken", "ask", "fact", "everyday")))),
        ]
        for place in range(maker.number(2, 9))
    ]
    if maker.chance(0.3):
        lines.insert(
            0,
            maker.rule("call_head"),
        )
    return _joined(lines, "\n")


def support(maker: Maker) -> Pieces:
    """A ticket: what the customer wrote, what the agents noted."""
    pieces = maker.rule("ticket_head")
    pieces += _body(maker, "ask ask ask fact lookalike plain mention machine_talk everyday nobodys", 1, 4)
    for _ in range(maker.number(0, 3)):
        pieces += maker.rule("ticket_note")
        pieces += _body(maker, "deed deed fact plain mention", 1, 2)
    return pieces


def screen(maker: Maker) -> Pieces:
    """What the screen of a program shows, line by line."""
    pieces = maker.rule("screen_head")
    gap = maker.pick(("\n", "\n", "\n", "\n\n", "   ", " | "))
    for place in range(maker.number(1, 7)):
        pieces += [(gap if place else "", None), *maker.another().rule("screen_line")]
    return pieces


def finance(maker: Maker) -> Pieces:
    """Invoices, bank statements and orders for payment."""
    if maker.chance(0.4):
        pieces = maker.rule("invoice_head")
        for _ in range(maker.number(1, 4)):
            pieces += maker.another().expand("{small} x {product}  {money}\n")
        return [
            *pieces,
            *maker.rule("invoice_end"),
        ]
    pieces = maker.rule("statement_head")
    for _ in range(maker.number(1, 5)):
        pieces += maker.another().rule("statement_line")
    return pieces
