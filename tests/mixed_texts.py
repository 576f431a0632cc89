"""Short texts with private data, as JSON, XML, CSV, log lines and prose, and what keeps their
form.
"""

import csv
import io
import json
import random
from xml.etree import ElementTree

NAMES = [
    "Ann Moss",
    "Bola Adeyemi",
    "Chen Wei",
    "Dora Klein",
    "Emil Novak",
    "Fatima Zahra",
    "Greg O'Hara",
    "Hana Ito",
]
TOWNS = ["Oakham", "Lagos", "Leeds", "Graz", "Brno", "Rabat", "Cork", "Osaka"]
CARDS = [
    "4111111111111111",
    "5555555555554444",
    "378282246310005",
    "6011111111111117",
    "3530111333300000",
]


def person(chance):
    """The values of somebody, whose card and addresses prove their form."""
    name = chance.choice(NAMES)
    return {
        # Behind a town such a number may be a postcode.
        "order": chance.randint(10_000, 99_999),
        "name": name,
        "email": f"{name.split()[0].lower()}{chance.randint(1, 99)}@example.org",
        "ip": ".".join(
            str(chance.randint(1, most)) for most in (126, 254, 254, 254)
        ),  # a single machine's
        "card": chance.choice(CARDS),
        "city": chance.choice(TOWNS),
    }


def some_json(chance):
    return json.dumps(
        [person(chance) for _ in range(chance.randint(1, 2))],
        separators=chance.choice([(",", ":"), None]),
    )


def some_xml(chance):
    fields = "".join(f"<{key}>{value}</{key}>" for key, value in person(chance).items())
    return f'<user id="{chance.randint(1, 99)}">{fields}</user>'


def some_csv(chance):
    rows = [person(chance) for _ in range(2)]
    return (
        "\n".join([",".join(rows[0]), *(",".join(map(str, row.values())) for row in rows)]) + "\n"
    )


def log_line(chance, form=None):
    return chance.choice(form or [*CARD_LINES, *IP_LINES]).format(**person(chance))


CARD_LINES = [
    "2024-05-01T10:22:31Z INFO pay order={order} card={card} ok",
    "charge failed;card={card};order={order}",
    "[payments] {{'pan':'{card}','order':{order}}} declined",
    "10:22:31 worker-3 PAN:{card}/ORD:{order} retry=2",
    'POST /pay "card={card}&order={order}" 402',
]
IP_LINES = [
    '{ip} - - [01/May/2024:10:22:31 +0000] "GET /order/{order} HTTP/1.1" 200',
    "sshd[{order}]: Failed password from {ip} port 22",
    "conn src={ip};dst=10.0.0.8;bytes={order}",
    "client={ip} upstream=ok order={order}",
    "[warn] (host {ip}) took {order}us",
]


def some_prose(chance):
    sentences = [
        "{name} lives in {city} and pays with {card}.",
        "Write to {email}, or ask {name} about order {order}.",
        "Yesterday {name} flew to {city}; the login came from {ip}.",
        "Nothing happened.",
    ]
    return " ".join(chance.choice(sentences).format(**person(chance)) for _ in range(2))


KINDS = {"json": some_json, "xml": some_xml, "csv": some_csv, "log": log_line, "prose": some_prose}


def mixed_texts(count, *, seed=0):
    """Texts of all kinds in turn."""
    chance = random.Random(seed)
    kinds = list(KINDS.values())
    return [kinds[number % len(kinds)](chance) for number in range(count)]


def form_of(text, kind):
    """What programs see of a text, apart from the values: keys, elements, rows and columns."""
    if kind == "json":
        return [list(record) for record in json.loads(text)]
    if kind == "xml":
        return [element.tag for element in ElementTree.fromstring(text).iter()]
    return [len(row) for row in csv.reader(io.StringIO(text))]
