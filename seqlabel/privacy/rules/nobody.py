"""Words and numbers that labelers take for private and that tell of nobody: abbreviations, roles, lists, durations.

`refining` asks about each span. Terms that hold a person's name are in `rules.terms` and `rules.clinical_terms`.
"""

import re

from seqlabel.privacy.rules.cues import in_match, line_start
from seqlabel.privacy.rules.vehicles import in_vehicle

_SHORT_TERMS = """
    ABG ACEi ACL ACS ADHD ADL AGM AKI ALS ALT AMTS ANCA AOB APH ARDS AVN AVPU BCC BCG BiPAP BKA BMI BNP BPH BPPV CABG
    CAD CAMHS CBC CBG CBT CCTV CCU CGM CKD CMHT CMV COB COBRA COPD CPAP CPN CPR CRP CSF CTG CTKUB CTPA CVA CXR DAPT DDH
    DKA DMARD DMARDs DNACPR DNAR DOAC DSM DVT EBV ECG EDD EEG EFW eGFR EGM EKG EMG ENT EOD ERCP ERISA ESBL ESR ESRD ETA
    ETT EVAR EWS FAQ FBC FERPA FEV FIGO FiO2 FLSA FMLA FNA FYI GAD GCS GDM GDPR GERD GFR GORD GTN HbA1c HCA HDL HDU
    HFpEF HFrEF HIPAA HLD HMB HPI HPV HRT HSV HTN IBD IBS ICD ICU IgA IgG IgM IHD IMB INR ITU IUD IUGR IVF JVP KPI LBBB
    LDL LFT LFTs LIBOR LLETZ LMP LMWH LRTI LSCS LVEF MDD MDT MEWS MMR MMSE MoCA MOT MRCP MRI MRSA MSK MSU NAD NBM NDA
    NEBS NEWS2 NGT NICU NIHSS NIV NKDA NOAC NOF NOK NPO NSAID NSAIDs NSR NSTEMI NVD NWB NYHA OCD OGD OOO ORIF OSA PACU
    PaO2 PAYE PCI PCOS PCR PDF PEFR PERRLA PEWS PICC PMB PMH PND POC POCUS PPH PPI PRF PRN PSA PTSD QDS RBBB RBC ROSC
    RSV RSVP RTA RTC SBAR SBR SCC SIADH SLA SLE SNRI SOB SOBOE SOFR SpO2 SSRI SSRIs STEMI STI SUFE SVT TBA TBC TDS TFT
    TFTs THR TIA TKA TKR TLOC TNM TPMT TPN TSH TTA TTE TTO TURP TWOC URTI UTI VAT VATS VBAC VBG VRE VTE VZV WBC WCC WNL
"""
SHORT_TERMS = frozenset(_SHORT_TERMS.split())
"""Abbreviations of medicine, law and offices."""
_MEDICAL = re.compile(
    r"[a-z-]{3,24}(?:itis|osis|aemia|ectomy|ostomy|oscopy|ography|opathy|plasty|algia|uria|caecal|iasis|penia|rrhoea|rrhea"
    r"|megaly|plegia|paresis|olol|pril|sartan|vastatin|azole|cillin|mycin|floxacin|oxaban|gliptin|gliflozin|setron|triptan"
    r"|profen|dipine|zepam|zolam|tidine)"
)
_COURT = re.compile(
    r"(?:the )?(?:county|family|high|crown|supreme|superior|district|circuit|magistrates['’]?|sheriff|probate|federal"
    r"|youth|appeals?) courts?",
    re.I,
)
_DEPARTMENT = re.compile(r"(?:the )?(?:Department|Dept\.?) of(?: (?:[A-Z][a-z-]+|and|&|the)){1,5}")
_FEASTS = "Advent Christmas Diwali Easter Eid Epiphany Hanukkah Lent Passover Pentecost Ramadan Whitsun"
_MAKES = """
    Audi BMW Chevrolet Citroen Citroën Dacia Fiat Hyundai Kia Mazda Nissan Peugeot Porsche Renault Skoda Škoda Subaru
    Toyota Vauxhall Volkswagen Volvo
"""
_RELATIVES = """
    Auntie Aunty Bro Brother Dad Daddy Dada Father Gran Grandad Granddad Grandma Grandpa Gramps Granny Hubby Husband Mom
    Mommy Mother Mum Mummy Mam Nana Nephew Niece Sis Sister Stepdad Stepmom Stepmum Stepson Toddler Uncle Wife
"""
_GRADES = """
    AHP ANP APNP BSc CNM CNS Cons CPA CRNA DC DDS Det DO DPM DS DVM FACS FCA FNP FRCA FRCP FRCS FRCPath FRCR FY1 FY2 HCA
    HCPC JP KC LCSW LICSW LMFT LPN LVN MA MB MBBS MBChB MCSP MD Messrs Mme Mlle MPhil MPT MRCGP MRCOG MRCP MRCPCH MRCS
    MRCPsych MSW NHS NMC NP OT PA PA-C PC PCSO PGY PharmD PhD PT QC RD RGN RM RMN RN Reg SHO SN Sgt SpR Sr ST3 ST4 ST5
    TSgt WPC
"""
_LABELS_OF_FIELDS = """
    acc acct appt approx cert cont dept desc dtr ext incl info Ph qty ref Tel Addr Dob Yr yrs wks wbu
    string boolean integer
"""
_LAW = re.compile(
    r"(?:[0-9]{1,3} )?(?:[A-Z][a-z]{0,4}\. ?){2,5}(?:Code )?(?:Ann\. )?(?:§{1,2} ?|[Ss](?:ec|ect)?\. ?)?"
    r"[0-9]{1,5}(?:[.:-][0-9]{1,5}){0,4}"
)
"""A code of laws and its section: `29 U.S.C. § 623`, `R.C. 5302.05`."""
_NO_LAW = frozenset(("PERSON", "LOCATION", "ORGANISATION", "AGE", "ADDRESS"))
_PROGRAM = re.compile(r"[\w./-]{0,40}\[[0-9]{1,7}\]:? ")
"""The rest of a program's name in a log, with the number of its process."""
_OF_THING = re.compile(
    r"(?:order|invoice|ticket|request)(?:[_ -]?(?:id|no\.?|number))?[\"']?[ \t]?[:=#][ \t]?[\"']?\Z", re.I
)
_OF_BUILD = re.compile(
    r"(?<![a-z])(?:build|version|rev|revision|release|snapshot|schema|firmware|seed|random_state)"
    r"(?:[_ -]?(?:id|no\.?|number))?[\"']?[ \t]?[:=#][ \t]?[\"']?\Z",
    re.I,
)
_OF_CHANCE = re.compile(r"(?<![a-z])random[_ ](?:seed|state)[\"']?[ \t]?[:=][ \t]?[\"']?\Z", re.I)
_NUMBERED = {
    "LOCATION": _OF_THING,
    "DATE": _OF_BUILD,
    "DATE_OF_BIRTH": _OF_BUILD,
    "PASSWORD": _OF_CHANCE,
}
"""What stands before the numbers of things, for each label that they are taken for."""
_CLOCK = re.compile(r"(?:at )?[0-2]?[0-9][:.][0-5][0-9](?: ?[\u2013-] ?[0-2]?[0-9][:.][0-5][0-9])?(?: ?[ap]m)?", re.I)
_BEHIND_DAY = re.compile(
    r"(?:[0-9](?:st|nd|rd|th)?|day|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6})"
    r"[\]),;|\t T@\u2013-]{0,4}(?:at (?:about )?)?\Z",
    re.I,
)
_BEFORE = 24
_IS_RELATIVE = frozenset(_RELATIVES.split())
_IS_GRADE = frozenset(_GRADES.split())
_IS_LABEL = frozenset(_LABELS_OF_FIELDS.split())
_IS_FEAST = frozenset(_FEASTS.split())
_IS_MAKE = frozenset(_MAKES.split())
_ROLES = """
    Agent Aan An Buyer Caller Chair Client Clerk Counsel Customer Dispatcher Doctor Driver Guest Host Interviewee
    Interviewer Junior Landlord Manager Me Member Nurse Officer Operator Parent Patient Seller Solicitor Speaker Student
    Support Teacher Tenant Vendor Witness
"""
_ADDRESSEES = """
    Applicant Applicants Candidate Candidates Cardholder Cardmember Carers Client Clients Colleague Colleagues Committee
    Customer Customers Delegates Editor Editors Guardians Guests Headteacher Hiring Householder Investors Members
    Neighbours Occupier Owners Parent Parents Patient Prospective Readers Recruiter Residents Shareholders Sir
    Sirs Students Subscriber Subscribers Supporter Supporters Tenants Users Valued Vendor Volunteers
"""
ADDRESSEES = frozenset(_ADDRESSEES.split())
"""Words that stand behind `Dear` and are hardly surnames."""
_IS_ROLE = frozenset(_ROLES.split())
_BEGINS_LINE = re.compile(r"(?:\A|\n)[ \t>*-]{0,4}\Z")
_LIST_NUMBER = re.compile(r"[0-9]{1,2}")
_BEHIND_LIST_NUMBER = re.compile(r"[.)] ")
_BEHIND_ROW_NUMBER = re.compile(r"[.)] |[,;\t|]")
_PLACES = frozenset(("ADDRESS", "LOCATION"))
_BEGINS_LIST = re.compile(r"(?:\A|\n)[ \t]{0,8}[(]?\Z")
_DURATION = re.compile(r"[0-9]{1,2}/(?:7|12|24|(?P<weeks>52))")
_BEFORE_DURATION = re.compile(
    r"(?<!\w)(?:for|in|over|x|past|last|next|every|within|approx\.?|about|slept|TCA|RTC|F/?U) ?\Z", re.I
)
_BEHIND_DURATION = re.compile(r" (?:ago|time|later|hx|history|course|wait)(?!\w)")


def names_nobody(text: str, start: int, end: int, label: str) -> bool:
    """Tell whether a name at a place is an abbreviation, a role, a feast, a drug, a court or a make of cars.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.
        label: What a labeler took it for.

    Returns:
        Whether it is listed, or a word in small letters with the ending of a disease, an operation or a drug. A role is
        no person with a colon behind it at the begin of a line, and behind `Dear`; a make is none anywhere, a car with
        its model, the name of a program before its process, a court or a department (`Department of Rheumatology`)
        without a place, and a grade or title alone are nothing.

    Example:
        >>> names_nobody("VTE risk", 0, 3, "PERSON"), names_nobody("Ann", 0, 3, "PERSON")
        (True, False)
    """
    value = text[start:end]
    first, _, rest = value.partition(" ")
    if first in SHORT_TERMS and (not rest or rest.islower()):
        return True
    if value in _IS_FEAST or value in _IS_LABEL or _MEDICAL.fullmatch(value):
        return True
    if _COURT.fullmatch(value) or (label == "ORGANISATION" and _DEPARTMENT.fullmatch(value)):
        return True
    if in_vehicle(text, start, end) or _PROGRAM.match(text, end):
        return True
    if value in _IS_GRADE and label != "LOCATION":
        return True
    if label != "PERSON":
        return False
    if value in _IS_MAKE or value in _IS_RELATIVE or (first in ADDRESSEES and text.endswith("Dear ", 0, start)):
        return True
    if value == "s" and text[end - 2 : end + 1] in ("/s/", "(s)"):
        return True
    if value in _IS_ROLE and text[end : end + 1] == ":":
        return _BEGINS_LINE.search(_line_before(text, start)) is not None
    return False


def cites_law(text: str, start: int, end: int, label: str) -> bool:
    """Tell whether a place is a part of the name of a code of laws with its section: `29 U.S.C. § 623`.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.
        label: What a labeler took it for.

    Returns:
        Whether it is, and the label is one that the parts of such a name are taken for.

    Example:
        >>> cites_law("under R.C. 5302.05", 6, 10, "PERSON")
        True
    """
    if label == "CASE_NUMBER" and text[max(start - 2, 0) : start].strip() == "§":
        return True
    return label in _NO_LAW and "." in text[max(start - 1, 0) : end + 4] and in_match(_LAW, text, start, end, _BEFORE)


def numbers_thing(text: str, start: int, end: int, label: str) -> bool:
    """Tell whether a place holds the number of an order, taken for a postcode, of a build, for a date, or of chance.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.
        label: What a labeler took it for.

    Returns:
        Whether it does.

    Example:
        >>> numbers_thing("order: 11377", 7, 12, "LOCATION"), numbers_thing("zip: 11377", 5, 10, "LOCATION")
        (True, False)
    """
    thing = _NUMBERED.get(label)
    return bool(thing and text[start:end].isdecimal() and thing.search(text, max(start - _BEFORE, 0), start))


def is_clock(text: str, start: int, end: int) -> bool:
    """Tell whether a place holds a time of day alone, which is nothing private without the day before it.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.

    Returns:
        Whether it does, and no date ends before it on its line.

    Example:
        >>> is_clock("at 09:00", 3, 8), is_clock("3 May, 09:00", 7, 12)
        (True, False)
    """
    if _CLOCK.fullmatch(text, start, end) is None:
        return False
    return _BEHIND_DAY.search(text, max(start - _BEFORE, line_start(text, start)), start) is None


def counts_nothing(text: str, start: int, end: int, label: str) -> bool:
    """Tell whether a place holds the number of an item of a list or a row, or a time as medicine has it: `in 3/52`.

    Args:
        text: The text.
        start: The first character of the place.
        end: The character behind it.
        label: What a labeler took it for.

    Returns:
        Whether it does. Of days, months and hours (`/7`, `/12`, `/24`) a word such as `for` has to say so.

    Example:
        >>> counts_nothing("for 5/7", 4, 7, "DATE"), counts_nothing("on 5/7", 3, 6, "DATE")
        (True, False)
    """
    if _LIST_NUMBER.fullmatch(text, start, end):
        behind = (_BEHIND_ROW_NUMBER if label in _PLACES else _BEHIND_LIST_NUMBER).match(text, end)
        return behind is not None and _BEGINS_LIST.search(_line_before(text, start)) is not None
    duration = _DURATION.fullmatch(text, start, end)
    if duration is None:
        return False
    return bool(
        duration["weeks"]
        or _BEHIND_DURATION.match(text, end)
        or _BEFORE_DURATION.search(text, max(start - _BEFORE, 0), start)
    )


def _line_before(text: str, start: int) -> str:
    """The part of a place's line before it, with the end of the line before that."""
    begin = line_start(text, start)
    return text[max(begin - 1, 0) : start]
