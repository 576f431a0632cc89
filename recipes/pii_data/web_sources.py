"""Which sources of open English prose (`web`) concern nobody, which name public persons, and which
are never read.

How they are read is in `corpora`; what is learnt of them, in `mixing` and `reader_findings`.
"""

NOBODY = frozenset(("medquad", "law_dc_code", "techdocs_microsoft_aws"))
"""Sources without persons: medicine, a code of law, documentation."""
OFFICIAL = frozenset(("fomc_minutes", "python_peps"))
"""Sources whose only persons are members and authors: minutes of a committee, proposals."""
PUBLIC = frozenset(
    [
        "wikipedia",
        "current_events",
        "senate_press",
        "un_debates",
        "state_history",
        "usgov_web",
        "scotus_arguments",
        "presidential_speeches",
    ]
)
"""Sources that name persons, nearly all of them public ones."""
PUBLIC_PERSONS = (
    "presidential_speeches",
    "scotus_arguments",
    "senate_press",
    "state_history",
    "un_debates",
)
"""Of these the sources whose persons are all public: in their long texts no name is a private
person's.
"""
MOSTLY_PUBLIC_PERSONS = ("current_events", "usgov_web", "wikipedia")
"""And those whose persons nearly all are."""
FILLED = ("current_events", "senate_press", "usgov_web", "wikipedia")
"""Sources in whose sentences names of nobody known are put."""
HELD_OUT = frozenset(
    [
        "techbooks",
        "ukgov_web",
        "meetings",
        "earnings_calls",
        "circuit_opinions",
        "nasa_transcripts",
        "carpentries_blog",
        "congressional_record",
        "veterans_appeals",
        "world_factbook",
    ]
)
"""Sources that no training reads, so that false alarms are counted in them."""
