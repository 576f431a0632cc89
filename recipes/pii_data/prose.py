"""Styles of running text: stories, e-mails, chats, transcripts, notes of all trades; records are
elsewhere.
"""

from collections.abc import Sequence

from .fields import field_name
from .maker import Maker, Pieces, capitalize
from .material import whole

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
        capitalize(pieces)
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
    """A text of sentences: of some rules, of these numbers at least and at most, with one of the
    gaps between.

    A share of the texts, `headed`, begins with the rule `head`.
    """
    pieces = maker.rule(head) if head and (headed == 1.0 or maker.chance(headed)) else []
    gap = maker.pick(gaps) if len(gaps) > 1 else gaps[0]
    return [
        *pieces,
        *_body(maker, rules if isinstance(rules, str) else maker.pick(rules), *sentences, gap),
    ]


def lines(
    maker: Maker,
    lines: Sequence[str],
    most: int,
    beginning: str = "",
    begun: float = 0.5,
    head: str = "no_head",
    gaps: Sequence[str] = ("\n",),
) -> Pieces:
    """At most some lines of rules, each of another person and after a head, now and then under a
    beginning.
    """
    pieces = maker.rule(beginning) if beginning and maker.chance(begun) else []
    before, gap = maker.template(head), maker.pick(gaps)
    made = [
        maker.another().expand(f"{before}{{{maker.pick(lines)}}}")
        for _ in range(maker.number(1, most))
    ]
    return [*pieces, *_joined(made, gap)]


def short(maker: Maker) -> Pieces:
    """One sentence alone, as in a list or a search box; or a list of people."""
    if maker.chance(0.1):
        frame = maker.template("guest")
        people = [maker.another().expand(frame) for _ in range(maker.number(2, 8))]
        return [
            *maker.expand("[{thing}\n|Present:\n|{weekday}\n|]"),
            *_joined(people, maker.pick(("\n", "\n", "; "))),
        ]
    return sentence(maker, maker.pick(whole("short_rules")))


def chat(maker: Maker) -> Pieces:
    frame = maker.template("chat_frame")
    lines: list[Pieces] = []
    speakers = maker.number(2, 3)
    for _ in range(maker.number(1, 8)):
        speaker, rule = maker.number(1, speakers), maker.pick(whole("chat_rules"))
        said = sentence(maker, rule, move=(speaker - 1) if rule in ("chat_line", "ask") else 0)
        if maker.chance(0.03):
            lines.append(maker.rule("chat_notice"))
        lines.append([*maker.expand(frame, move=speaker - 1), *said])
    return _joined(lines, "\n")


def transcript(maker: Maker) -> Pieces:
    """What was said on the telephone; numbers are often read out."""
    frames = maker.shared("speakers").split("\t")
    lines = [
        [*maker.expand(frames[place % 2]), *sentence(maker, maker.pick(whole("transcript_rules")))]
        for place in range(maker.number(2, 9))
    ]
    head = [maker.rule("call_head")] if maker.chance(0.3) else []
    return _joined([*head, *lines], "\n")
