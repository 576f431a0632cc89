"""Styles of running text: stories, e-mails, chats, transcripts, notes of all trades; records are elsewhere."""

from .fields import field_name
from .maker import Maker, Pieces
from .sentences import FACT_KINDS, FACTS

_ENDS = ".!?:,;"


def fact(maker: Maker, *, number: int = 1) -> Pieces:
    """A field and its value, said in a sentence."""
    kind = maker.pick(FACT_KINDS)
    name = field_name(maker, kind)
    name = name.upper() if len(name) < 4 and maker.chance(0.4) else name
    template = maker.template(FACTS).replace("FIELD", name).replace("VALUE", f"{{{kind}}}")
    return maker.expand(template, move=number - 1)


def sentence(maker: Maker, rule: str, *, move: int = 0) -> Pieces:
    """A sentence of a rule, now and then led in or with its reason."""
    pieces = fact(maker, number=1 + move) if rule == "fact" else maker.expand(f"{{{rule}}}", move=move)
    if rule in ("story", "ask", "deed", "fact", "plain"):
        text, label = pieces[-1]
        if maker.chance(0.15) and rule != "plain":
            if label is None and text.endswith("."):
                pieces[-1] = (text[:-1], None)
            if label is not None or text[-1:] not in _ENDS:
                pieces = [*pieces, (" ", None), *maker.expand("{reason}")]
        if maker.chance(0.1):
            pieces = [*maker.expand("{lead} "), *pieces]
        _begin(pieces)
        text, label = pieces[-1]
        if label is not None or text[-1:] not in _ENDS + '"':
            pieces.append((".", None))
    return pieces


def _begin(pieces: Pieces) -> None:
    """A capital for the first letter, where it is nothing private."""
    for place, (text, label) in enumerate(pieces):
        if text:
            if label is None:
                pieces[place] = (text[0].upper() + text[1:], None)
            return


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
        # Numbers of paragraphs are no ages.
        begin, end = maker.pick((("", ". "), ("", ") "), ("(", ") "), ("§ ", " "), ("#", " ")))
        parts = [[(f"{begin}{number}{end}", None), *part] for number, part in enumerate(parts, 1)]
    return _joined(parts, gap)


def prose(maker: Maker) -> Pieces:
    return _body(maker, "story story story fact plain lookalike", 1, 6)


def news(maker: Maker) -> Pieces:
    return _body(maker, "news news news news plain lookalike", 1, 6)


_LISTED = (
    "{indexed}",
    "{indexed} ([{note}|{status}|absent|vegetarian|{trait} {noun}])",
    "{full}",
    "- {full}",
    "{full} - {note}",
    "{small}. {indexed}",
    "{full}, {age_digits}",
    "{first} ({trait} {noun})",
    "{indexed}[,|] {phone}",
    "{whole}: {goods}",
    "* {name} [✓|x|?]",
)


def short(maker: Maker) -> Pieces:
    """One sentence alone, as in a list or a search box; or a list of people."""
    if maker.chance(0.1):
        frame = maker.template(_LISTED)
        people = [maker.another().expand(frame) for _ in range(maker.number(2, 8))]
        return [*maker.expand("[{thing}\n|Present:\n|{weekday}\n|]"), *_joined(people, maker.pick(("\n", "\n", "; ")))]
    return _body(maker, "fact fact ask deed story lookalike plain", 1, 1)


def letter(maker: Maker) -> Pieces:
    pieces: Pieces = []
    if maker.chance(0.6):
        pieces += maker.expand("{full}\n{address_lines}\n[{phone}\n|{email}\n|]\n")
    if maker.chance(0.6):
        pieces += maker.one_of("{date}\n\n", "{city}, {date}\n\n", "[Date|Dated]: {date}\n\n", "{date}\n")
    if maker.chance(0.5):
        pieces += maker.expand("{full2}\n[{org2}\n|]{address_lines2}\n\n")
    if maker.chance(0.4):
        pieces += maker.expand("[Re|Subject|RE|Our ref]: {subject}\n\n")
    pieces += maker.expand("{greet}\n\n")
    for _ in range(maker.number(1, 3)):
        pieces += [*_body(maker, "ask ask fact story plain plain lookalike", 1, 4), ("\n\n", None)]
    return [*pieces, *maker.expand("{bye}\n[\n|]{signature}")]


def email(maker: Maker) -> Pieces:
    pieces: Pieces = []
    if maker.chance(0.6):
        header = [
            maker.one_of(
                "From: {full} <{email}>",
                "From: {email}",
                "From: {indexed} <{email}>",
                'From: "{full}" <{email}>',
                "Von: {full} \\[mailto:{email}\\]",
            ),
            maker.one_of(
                "To: {full2} <{email2}>",
                "To: {email2}",
                "To: {email2}, {email3}",
                "To: {full2}; {full3}",
                "To: undisclosed recipients",
            ),
        ]
        if maker.chance(0.3):
            header.append(maker.one_of("Cc: {email4}", "CC: {full4} <{email4}>", "Cc: {full3}", "Bcc: {email4}"))
        if maker.chance(0.6):
            header.append(
                maker.one_of(
                    "Date: {weekday}, {date} {clock}",
                    "Sent: {date} {clock}",
                    "Date: {log_time}",
                    "Sent: {weekday}, {date}",
                )
            )
        header.append(maker.expand("Subject: {subject}"))
        if maker.chance(0.15):
            header.append(
                maker.one_of(
                    "Message-ID: <{request}@mail>",
                    "X-Originating-IP: \\[{ip}\\]",
                    "Received: from {domain} (\\[{ip}\\])",
                    "Reply-To: {email}",
                )
            )
        pieces += [*_joined(header, "\n"), ("\n\n", None)]
    if maker.chance(0.8):
        pieces += maker.expand("{greet}\n[\n|]")
    for _ in range(maker.number(1, 2)):
        pieces += [*_body(maker, "ask ask fact deed plain lookalike", 1, 4), ("\n\n", None)]
    pieces += maker.expand("{bye}\n{signature}")
    if maker.chance(0.25):
        pieces += maker.one_of(
            "\n\nOn {date}, {full2} <{email2}> wrote:\n> ",
            "\n\n-----Original Message-----\nFrom: {full2}\nSent: {date} {clock}\nTo: {full}\nSubject: {subject}\n\n",
            "\n\n{full2} wrote on {weekday}:\n> ",
            "\n\nOn {weekday}, {date} at {clock} {first2} <{email2}> wrote:\n>> ",
            "\n\n________________\nFrom: {email2}\n",
            "\n\nBegin forwarded message:\n\nFrom: {full2} <{email2}>\nDate: {date}\n\n",
        )
        pieces += _body(maker, "ask fact story plain", 1, 2)
    return pieces


_CHAT_FRAMES = (
    "{full}: ",
    "{first}: ",
    "{user}: ",
    "<{user}> ",
    "\\[{clock_digits}\\] {first}: ",
    "\\[{clock_digits}\\] <{user}> ",
    "{first} {clock}\n",
    "{full}  {clock}\n",
    "{clock_digits} - {full}: ",
    "\\[{date}, {clock}\\] {full}: ",
    "{iso_date} {clock_digits} {user}: ",
    "{date}, {clock} - {first}: ",
    "**{user}** ",
    "{handle} ",
    "[Customer|Agent|Visitor|You|Me|Guest]: ",
    "{phone}: ",
    "{clock_digits} {user} > ",
    "[me|them]> ",
    "({clock}) {full} says: ",
    "",
)


def chat(maker: Maker) -> Pieces:
    frame = maker.template(_CHAT_FRAMES)
    lines: list[Pieces] = []
    speakers = maker.number(2, 3)
    for _ in range(maker.number(1, 8)):
        speaker = maker.number(1, speakers)
        rule = maker.pick(("chat_line", "chat_line", "chat_line", "chat_line", "ask", "fact", "plain", "lookalike"))
        move = (speaker - 1) if rule in ("chat_line", "ask") else 0
        said = sentence(maker, rule, move=move) if rule != "fact" else fact(maker)
        if maker.chance(0.03):
            lines.append(
                maker.one_of(
                    "*** {user} has joined",
                    "{first2} left the chat",
                    "-- {user} is now known as {user2} --",
                    "{full2} added {full3}",
                    "Missed call from {full}",
                    "<Media omitted>",
                )
            )
        lines.append([*maker.expand(frame, move=speaker - 1), *said])
    return _joined(lines, "\n")


_SPEAKERS = (
    ("Agent: ", "Caller: "),
    ("Agent {first2}: ", "{full}: "),
    ("OPERATOR: ", "CALLER: "),
    ("A: ", "C: "),
    ("Rep: ", "Customer: "),
    ("{first2}: ", "{first}: "),
    ("\\[Speaker 1\\] ", "\\[Speaker 2\\] "),
    ("Dr. {last2}: ", "Patient: "),
    ("- ", "- "),
    ("Q. ", "A. "),
    ("Interviewer: ", "{last}: "),
    ("{clock_digits} AGENT ", "{clock_digits} CUST "),
    ("", ""),
)


def transcript(maker: Maker) -> Pieces:
    """What was said on the telephone; numbers are often read out."""
    frames = _SPEAKERS[int(maker.rng.random() * len(_SPEAKERS))]
    lines = [
        [
            *maker.expand(frames[place % 2]),
            *(sentence(maker, maker.pick(("spoken", "spoken", "spoken", "ask", "fact")))),
        ]
        for place in range(maker.number(2, 9))
    ]
    if maker.chance(0.3):
        lines.insert(
            0,
            maker.one_of(
                "Call [recording|transcript], {date}",
                "Call ID {request}, agent {full2}, {log_time}",
                "\\[START\\]",
                "Transcript of call with {full}",
            ),
        )
    return _joined(lines, "\n")


def support(maker: Maker) -> Pieces:
    """A ticket: what the customer wrote, what the agents noted."""
    pieces = maker.one_of(
        "Ticket {ticket}\nCustomer: {name}\n\n",
        "#{small}{count} | {status} | {full} <{email}>\n\n",
        "Case {ticket} opened by {user} on {date}\n",
        "\\[{ticket}\\] {subject}\n",
        "Subject: {subject}\nRequester: {full} ({email})\n\n",
        "Contact: {first}, {phone}\nProduct: {product}\n\n",
        "",
        "Ticket ID: {ticket}\nPriority: {small}\nReporter: {email}\nIP: {ip}\n\n",
        "Category: {product}\nCustomer no.: {cust}\n",
        "CASE NOTES - {full} - {cust}\n",
    )
    pieces += _body(maker, "ask ask ask fact lookalike plain", 1, 4)
    for _ in range(maker.number(0, 3)):
        pieces += maker.one_of(
            "\n\n\\[Agent {first2}\\]: ",
            "\n\n{log_time} {user2}: ",
            "\n- {date}: ",
            "\n\nNote ({initials2}, {date}): ",
            "\n{clock_digits} ",
            "\nInternal note: ",
            "\n> ",
            "\n\n{full2} replied:\n",
            "\n* ",
        )
        pieces += _body(maker, "deed deed fact plain", 1, 2)
    return pieces


def medical(maker: Maker) -> Pieces:
    pieces: Pieces = []
    if maker.chance(0.5):
        pieces += maker.one_of(
            "DISCHARGE SUMMARY\nPatient: {name}\nDOB: {dob}\nMRN: {mrn}\n\n",
            "{name} | {dob} | {mrn}\n",
            "Re: {full}, {age_digits} y/o\n",
            "CLINIC NOTE {date}\n\n",
            "Dear {doctor2},\n\nRe: {full}, DOB {dob}, {address}\n\n",
            "Name: {indexed}   Age: {age_digits}   Sex: [M|F]\nWard: {small}  Consultant: {doctor2}\n",
            "HPI:\n",
            "{org}\nRadiology report\nExam date: {date}\n",
            "Pathology no. {serial}\nPatient {full} {dob}\n",
        )
    return [
        *pieces,
        *_body(maker, "med med med med med ward_line fact plain lookalike", 1, 8, maker.pick((" ", " ", "\n", "\n- "))),
    ]


def legal(maker: Maker) -> Pieces:
    return _body(maker, "law law law law plain lookalike fact", 1, 5, maker.pick((" ", "\n\n", "\n")))


def meeting(maker: Maker) -> Pieces:
    head = maker.one_of(
        "[Minutes|Notes] {date}\n",
        "{org} - weekly sync\n",
        "# 1:1 {first} / {first2}\n",
        "",
        "Board meeting, {room}, {date}\n",
        "Standup {weekday}\n",
        "Project [Falcon|Juniper] kick-off\n\n",
    )
    bullet = maker.pick(("\n", "\n- ", "\n* ", "\n\n", "\n• "))
    return [*head, *_body(maker, "meeting meeting meeting meeting plain lookalike", 2, 8, bullet)]


def cv(maker: Maker) -> Pieces:
    return [
        *maker.one_of(
            "{full}\n", "CURRICULUM VITAE\n{full}\n", "{full}\n{email} · {phone}\n", "Resume of {full}\n", ""
        ),
        *_body(maker, "cv", 3, 8, "\n"),
    ]


def review(maker: Maker) -> Pieces:
    return _body(maker, "review review review plain lookalike", 1, 5)


def social(maker: Maker) -> Pieces:
    return _body(maker, "social social social chat_line", 1, 3, maker.pick((" ", "\n")))


def travel(maker: Maker) -> Pieces:
    return _body(maker, "travel travel travel travel lookalike", 1, 6, maker.pick(("\n", ". ", "\n\n", "; ")))


def plain(maker: Maker) -> Pieces:
    """Nothing private: ordinary prose, and what only looks private."""
    return _body(maker, maker.pick(("plain", "lookalike", "plain lookalike", "plain plain lookalike")), 1, 8)


def finance(maker: Maker) -> Pieces:
    """Invoices, bank statements and orders for payment."""
    if maker.chance(0.4):
        pieces = maker.one_of(
            "INVOICE {invoice}\n\n{org}\n{address_lines}\nVAT: {tax}\n\nBill to:\n{full2}\n{address_lines2}\n\n",
            "Invoice no. {invoice}   Date: {date}\nCustomer: {full2} ({cust})\n\n",
            "{org} - Receipt {invoice}\n{street}, {locality}\nCashier: {first}\n",
            "PRO FORMA {invoice}\nSold to {full2}, {address2}\n",
            "Rechnung {invoice}\n{org}\n{full2}\n{street2}\n{locality2}\n\n",
        )
        for _ in range(maker.number(1, 4)):
            pieces += maker.another().expand("{small} x {product}  {money}\n")
        return [
            *pieces,
            *maker.one_of(
                "Total {money}\n",
                "Amount due: {money} by {date2}\n",
                "Paid by card {card}\n",
                "Pay to {iban}, BIC {bic}\n",
                "Bank: {org} {routing} {account}, ref {invoice}\n",
                "Thank you, {first2}!\n",
                "Questions? {email} {phone}",
            ),
        ]
    pieces = maker.one_of(
        "{org}\nAccount holder: {full}\nAccount: {account}  Sort code: {routing}\nStatement {date}\n",
        "STATEMENT {full}\nIBAN {iban}\n",
        "Transactions for card {card}\n",
        "Wire transfer\nBeneficiary: {full}\nIBAN: {iban}\nBIC: {bic}\n",
        "Direct deposit form\nName {full}\nRouting {routing} Account {account}\n",
        "Payslip {name} {emp}\nTax ID {tax} SSN {ssn}\n",
        "{full}, {account}, {routing}\n",
    )
    for _ in range(maker.number(1, 5)):
        pieces += maker.another().one_of(
            "{date} TRANSFER FROM {whole} {money}\n",
            "{iso_date}  {org}  -{money}\n",
            "{date} CARD {card_end} {org} {city} {money}\n",
            "{date} SEPA {iban} {full} {money}\n",
            "{date};DIRECT DEBIT;{org};{money}\n",
            "{date} Rent to {full} {money}\n",
            "{date} ATM {city} {money}\n",
            "{iso_date} Zelle to {email} {money}\n",
            "{near_date} Salary {org} +{money}\n",
            "{date} fee {money}\n",
            "{date} BTC to {wallet} {money}\n",
        )
    return pieces
