"""Words of code, of machines' output and of screens are nobody's; names and secrets beside them stay."""

import pytest

from seqlabel.privacy.rules.machine_words import is_machine_word
from tests.privacy.refined_spans import correct


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("⟦drwxr-xr-x⟧ 5 mira staff 160 Mar  3 11:20 include", "PERSON"),
        ("-rw-r--⟦r--⟧ 1 mira staff", "LOCATION"),
        ("-rw-r--r-- 1 root root ⟦411736⟧ Jan  1  1970 agent", "PASSPORT"),
        (r"'\⟦u0416⟧', 'zh'", "NATIONAL_ID"),
        ("powershell ⟦-enc⟧ SQBF", "PERSON"),
        ("git log --format='⟦%h %an⟧ %s'", "PASSWORD"),
        ('self.id = ⟦kwargs.get⟧("id")', "USERNAME"),
        (">>> ⟦besselzero⟧(0,100)", "PERSON"),
        ("⟦elif isinstance⟧(node, Leaf):", "PERSON"),
        ("cur=⟦GBP⟧ pan=", "ORGANISATION"),
        ("config[⟦SESSION_COOKIE_NAME⟧]", "PASSWORD"),
        ("at 08:12 ⟦EDR-SENSOR⟧ host=ws7", "PERSON"),
        (" * ⟦@size⟧:  the size of it", "USERNAME"),
        ("    ⟦whitespace_after⟧=Space()", "USERNAME"),
        ('policy="⟦PCI outbound⟧" action=none', "ORGANISATION"),
        ('"level": "⟦Information⟧", "id"', "ORGANISATION"),
        ("\n⟦Company⟧  Oakham Tiles", "ORGANISATION"),
        ("\n⟦Birthday⟧  12 May 1979", "LOCATION"),
        ("\n⟦ADR⟧;TYPE=HOME:;;", "PERSON"),
        ("example;⟦Logistics⟧;2017", "ORGANISATION"),
        ("New ✓ ⟦Mark⟧ as read", "PERSON"),
        ("\n⟦setup-x64.exe⟧   Application", "USERNAME"),
        ("\n⟦thumbs.db⟧    Data", "URL"),
        ("package ⟦com.example.pricing⟧;", "URL"),
        ("ii  ⟦libasan8⟧:amd64", "USERNAME"),
        ("Mozilla/5.0 (Macintosh; ⟦Intel Mac⟧ OS X", "ORGANISATION"),
        ("\n@@ -12,7 +⟦12⟧,7 @@", "PHONE"),
        ("root(uid=⟦0⟧) by", "CUSTOMER_ID"),
        ("the service returns code ⟦4012⟧ now", "PASSWORD"),
        ('numeric_code="⟦371⟧"', "PASSWORD"),
        ("[⟦08:⟧14:02] Step 3", "DATE"),
        ("if a.b ⟦&& c.d⟧ < 4", "PASSWORD"),
        ("mx3 postfix/qmgr[1190]: ⟦4X7kQd2Gz8z⟧: removed", "PERSON"),
        ("Oct 02 2024 14:07:33 ⟦fw01⟧ : %ASA-6-302013: Built", "USERNAME"),
        ("Feb 11 06:02:20 mx3 ⟦dovecot⟧: imap-login", "PERSON"),
        ("fw01 : %⟦ASA-6-302013⟧: Built", "INSURANCE_ID"),
        ("Security ID:  ⟦S-1-0-0⟧\n", "ACCOUNT"),
        ("⟦I0514⟧ 08:01:12.330112 1 x.go", "INSURANCE_ID"),
        ('ami = "⟦ami-0c55b159cbfafe1f0⟧"', "MAC"),
        ("INFO  [⟦http-nio-8080-exec-7⟧] c.n", "URL"),
        ("7] ⟦o.h.SQL⟧ - insert", "PERSON"),
        ("as [⟦VARCHAR⟧] -", "PERSON"),
        ("⟦IMG_2041.HEIC⟧ and 3 more", "API_KEY"),
        ("format: ⟦XXXXX-XXXXX-XXXXX⟧", "CARD"),
        ('"⟦audit.k8s.io/v1⟧"', "URL"),
        ("1.29.3 (⟦darwin⟧/arm64)", "USERNAME"),
        ('total == ⟦Decimal⟧("120.50")', "PERSON"),
        ("'\n⟦pg_dump⟧ -h x", "PASSWORD"),
        ('"locale": "en-⟦US⟧"', "LOCATION"),
        ("1944,⟦M⟧,0191", "PASSWORD"),
        ("TOVE        ⟦D⟧       555", "PERSON"),
        ("UID:urn:uuid:⟦4fbe8971-0bc3-424c-9c26-36c3e1eff6b1⟧", "CUSTOMER_ID"),
    ],
)
def test_a_machines_word_is_nobodys(marked, label):
    assert correct(marked, label) == []


@pytest.mark.parametrize(
    ("marked", "label"),
    [
        ("session for ⟦mira⟧(uid=1001) opened", "USERNAME"),
        ("uid=⟦mira⟧(1001)", "USERNAME"),
        ("⟦Priya⟧(she/her) wrote", "PERSON"),
        ('cvv: "⟦614⟧"', "PASSWORD"),
        ("gate code ⟦4012⟧", "PASSWORD"),
        ("by ⟦OYAMA-FISCHER⟧, LIV", "PERSON"),
        ("user: ⟦LEDGER_RW⟧", "USERNAME"),
        ("cc @⟦mira⟧: done", "USERNAME"),
        ("service: ask ⟦Mira⟧, please", "PERSON"),
        ("met ⟦Will⟧  Lund", "PERSON"),
        ("at ⟦Work⟧ we", "LOCATION"),
        ("see ⟦Mira_Lund.html⟧", "PERSON"),
        ("at ⟦mail.example.com⟧ now", "URL"),
        ("in ⟦03/2021⟧ it", "DATE"),
        ("call +⟦12⟧,7", "PHONE"),
        ("TRUJILLO, ⟦M⟧        626", "PERSON"),
        ("Feb 11 06:02:20 mx3 dovecot: ⟦mira⟧ left", "USERNAME"),
        ("card ⟦XXXX-XXXX-XXXX-4242⟧", "CARD"),
        ('"home": "⟦US⟧"', "LOCATION"),
    ],
)
def test_a_name_or_a_secret_beside_them_stays(marked, label):
    ((found, _),) = correct(marked, label)
    assert marked[marked.index("⟦") + 1 : marked.index("⟧")] in found


def test_labels_without_words_of_machines_are_left():
    assert not is_machine_word("x = kwargs.get(1)", 4, 14, "ADDRESS")
