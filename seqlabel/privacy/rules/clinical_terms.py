"""Names in clinical notes that are no person's: signs with results, grades, parts of the body, diseases without a noun.

`refining` asks about each name that a labeler found. Eponyms with a noun behind them are in `privacy.rules.terms`.
"""

import re

from seqlabel.privacy.rules.terms import BEFORE, is_named_before

_SIGNS = """
    Babinski Brudzinski Chvostek Dix-Hallpike Finkelstein Hoffmann Homan Homans Kernig Lachman Lasègue Lhermitte
    McMurray Murphy Phalen Rinne Romberg Rovsing Schober Tinel Trendelenburg Trousseau
"""
_GRADED = """
    Apgar Barthel Bosniak Braden Breslow Child-Pugh Fitzpatrick Fontaine Garden Gleason Gustilo Hinchey
    Kellgren-Lawrence Killip Mallampati Rockall Rutherford Salter-Harris Tanner Waterlow
"""
_ALONE = """
    Alzheimer Asperger Behçet Crohn Cushing Duchenne Hartmann Hashimoto Hirschsprung Hodgkin Klinefelter Marfan Meniere
    Ménière Parkinson Raynaud Sjogren Sjögren Tourette Whipple
"""
_PARTS = {
    "ampulla": "Vater",
    "bundle": "His Kent",
    "circle": "Willis",
    "crypts": "Lieberkühn",
    "foramen": "Monro Winslow",
    "islets": "Langerhans",
    "ligament": "Treitz",
    "loop": "Henle",
    "pouch": "Douglas",
    "sphincter": "Oddi",
    "tetralogy": "Fallot",
}
_IS_SIGN = frozenset(_SIGNS.split())
_IS_GRADED = frozenset(_GRADED.split())
_IS_ALONE = frozenset(_ALONE.split())
_NAMES = _IS_SIGN | _IS_GRADED | _IS_ALONE
_IS_PART = {noun: frozenset(names.split()) for noun, names in _PARTS.items()}
_NAME = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
_RESULT = re.compile(r"(?:['\u2019]s?)? (?:was |is )?(?:negative|positive|neg|pos|[-+]ve|[-+])(?![\w-]| [a-z])")
_GRADE = re.compile(
    r" (?:(?:score|grade|class|type|stage) )?(?:[0-9]{1,2}(?:[+/][0-9]{1,2})?[a-d]?|[IV]{1,3}[ab]?|[A-C])(?![\w:-])"
)
# After a disease without its noun, the clause ends or continues with a function word; after a person, a thing follows.
_NO_THING = re.compile(
    r"['\u2019]s(?=[.,;:)\n]|\Z| (?:and|or|in|at|for|with|on|since|is|was|has|runs|suspected|excluded)(?!\w))"
)
_SAID_OF = re.compile(
    r"(?:with|known|previous|post|after|s/p|has|have|had|of|suspected|possible|probable|diagnosed|diagnosis|query|\?|PMH:?|Hx:?|and|for)"
    r" ?\Z|(?:\A|[,;:(\n]) ?\Z",
    re.I,
)
_BARE = frozenset(("Duchenne", "Hirschsprung", "Klinefelter"))
"""Diseases that are also called so without `'s`."""
_BARE_END = re.compile(r"(?=[.;)]|, [a-z])")
_OF = re.compile(r"(?<!\w)(?P<noun>[a-z]{4,10}) of \Z")


def is_clinical(text: str, start: int, end: int) -> bool:
    """Tell whether a name at a place is a clinical sign, a graded score, a part of the body or a disease.

    Args:
        text: The text.
        start: The first character of the name.
        end: The character behind it.

    Returns:
        Whether it is one that is listed, with the words around it that such a term has.

    Example:
        >>> is_clinical("Murphy's negative.", 0, 6), is_clinical("Murphy's negative attitude", 0, 6)
        (True, False)
    """
    name = _NAME.match(text, start)
    if name is None or name.end() > end:
        return False
    before = max(start - BEFORE, 0)
    if text.endswith(" of ", before, start):
        noun = _OF.search(text, before, start)
        if noun is not None and name.group() in _IS_PART.get(noun["noun"], ()):
            return True
    if name.group() not in _NAMES or is_named_before(text, start):
        return False
    if name.group() in _IS_SIGN and _RESULT.match(text, name.end()):
        return True
    if name.group() in _IS_GRADED and _GRADE.match(text, name.end()):
        return True
    if name.group() not in _IS_ALONE:
        return False
    ends = _NO_THING.match(text, name.end()) or (name.group() in _BARE and _BARE_END.match(text, name.end()))
    return bool(ends and _SAID_OF.search(text[before:start]))
