"""Places of names that are words in small letters, where a chat calls a person, and of user names behind names.

Their labels are in `seqlabel.privacy.rules.standard`.
"""

import re

from seqlabel.privacy.rules.finding import Places
from seqlabel.privacy.rules.names import WORD

_WORDS = (
    "amber|april|art|ash|basil|carol|chip|cliff|clay|crystal|daisy|dawn|dean|drew|eve|faith|fern|frank|gene|ginger|grace|hazel"
    "|heather|holly|hunter|iris|ivy|jack|jade|jasmine|jasper|jay|jean|jewel|joy|june|kit|lance|lily|mason|max|melody|miles"
    "|misty|mo|nick|norm|olive|pat|pearl|penny|piper|poppy|ray|reed|rob|robin|rocky|rose|rosemary|ruby|rusty|sage|sandy|skye"
    "|storm|summer|sue|tanner|violet|wade|willow"
)
_VERBS = "bill|chase|grant|hope|mark|will"
"""Names that are also verbs, so that hardly a word may stand behind them."""
_CALL = re.compile(
    r"[hHyYtTcCpPaA@](?<![^\s>(:].)(?i:(?<=h)(?:ey|i|iya|ello)|(?<=y)o|(?<=t)(?:hx|hanks|ell)|(?<=c)(?:heers|c:?|c'd)"
    r"|(?<=p)ing|(?<=a)sk|(?<=@))"
    rf"(?: |(?<=@))(?:(?P<name>{_WORDS})(?=[ \t]?(?:[,!.?\n)]|\Z)"
    r"| (?:can|could|are|is|did|have|has|where|when|what|how|pls|please|im|i'm|its|it's|this is|r u|u|you|got|if|that"
    rf"|to|i|we|she|he|hi)(?!\w))"
    rf"|(?:(?<=ask )|(?<=tell ))(?P<asked>{_VERBS})(?= (?:if|to|about|whether)(?!\w))"
    rf"|(?P<verb>{_VERBS})(?=[ \t]?(?:[,!\n)]|\Z)| (?:can|could|are|is|did|pls|please)(?!\w)))",
)


def chat_names(text: str) -> Places:
    """Find names in small letters that are words too, where a person is called by them: `hey amber,`, `cc will`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the names.
    """
    for match in _CALL.finditer(text):
        yield match.span(match.lastgroup or "")


_BRACKETED = re.compile(
    rf"(?<!\w)(?P<first>{WORD}) (?:{WORD} |[A-Z]\.? )?(?P<last>{WORD}) \(@?(?P<user>[a-z][a-z0-9._-]{{2,24}})\)"
)
_IN_BRACKETS = re.compile(r" \(@?[a-z][a-z0-9._-]{2,24}\)")
_FEWEST = 3
"""Letters of the shortest part of a name that a user name must have."""


def bracketed_users(text: str) -> Places:
    """Find the user name in brackets behind the name that it is made of: `Anita Mehta (amehta)`.

    Args:
        text: The text.

    Returns:
        The half-open characters of the user names.
    """
    for match in _BRACKETED.finditer(text) if _IN_BRACKETS.search(text) else ():
        user, first, last = ("".join(filter(str.isalpha, match[part].lower())) for part in ("user", "first", "last"))
        has_last = len(last) >= _FEWEST and last in user
        if (has_last and user != last) or user in (first + last[0], first[0] + last[:7], last + first[0]):
            yield match.span("user")
