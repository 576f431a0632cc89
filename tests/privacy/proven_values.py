"""Values that rules find by their form, with their labels."""

from seqlabel.privacy.rules import find_proven


def found(text):
    return [(text[span.start : span.end], span.label) for span in find_proven(text)]


FOUND = [
    ("EMAIL", "ada.moss@example.org"),
    ("EMAIL", "a@b.io"),
    ("EMAIL", "o'hara+news@mail.example.co.uk"),
    ("EMAIL", "Grüße_7%x@exämple.museum"),
    ("EMAIL", "аda@example.com"),
    ("URL", "https://example.org/a_(b)?q=1&r=[2]#x"),
    ("URL", "www.example.org/users/7"),
    ("URL", "postgres://app:pa55@db.example.org:5432/main"),
    ("URL", "HTTP://10.0.0.7:8080/"),
    ("IP", "203.0.113.7"),
    ("IP", "2001:db8::8a2e:370:7334"),
    ("IP", "::ffff:192.0.2.1"),
    ("IP", "fe80:0:0:0:200:f8ff:fe21:67cf"),
    ("MAC", "00:1b:44:11:3a:b7"),
    ("MAC", "00-1B-44-11-3A-B7"),
    ("MAC", "001b.4411.3ab7"),
    ("PHONE", "+44 20 7946 0018"),
    ("PHONE", "+1 (202) 555-0147"),
    ("PHONE", "+49 (0)30 901820"),
    ("PHONE", "+33123456789"),
    ("PHONE", "+1-202-555-0147 ext. 12"),
    ("CARD", "4111 1111 1111 1111"),
    ("CARD", "5555-5555-5555-4444"),
    ("CARD", "378282246310005"),
    ("CARD", "3782 822463 10005"),
    ("CARD", "30569309025904"),
    ("IBAN", "GB82 WEST 1234 5698 7654 32"),
    ("IBAN", "de89370400440532013000"),
    ("IBAN", "NO93 8601 1117 947"),
    ("IBAN", "MT84MALT011000012345MTLCAST001S"),
    ("SSN", "536-90-4399"),
    ("VIN", "1HGBH41JXMN109186"),
    ("VIN", "1M8GDM9AXKP042788"),
    ("API_KEY", "AKIAQ3EGRIK7F2QXT6ZN"),
    ("API_KEY", "ghp_" + "a8Kd02LmPq7R" * 3),
    ("API_KEY", "sk_live_" + "x9Qw7Rt2" * 3),
    ("API_KEY", "xoxb-213847102934-kQ8vNz3LwT7y"),
    ("API_KEY", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r"),
    ("API_KEY", "-----BEGIN RSA PRIVATE KEY-----\nMIIEow+/=\nabc\n-----END RSA PRIVATE KEY-----"),
]
