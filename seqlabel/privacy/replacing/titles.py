"""Titles of persons, folded and without full stops, and what they tell of the person's gender."""

MALE = frozenset(("mr", "sir", "herr", "monsieur", "lord", "don"))
"""Titles of men."""
FEMALE = frozenset(("mrs", "ms", "miss", "madam", "frau", "mme", "mlle", "lady", "dame", "doña"))
"""Titles of women."""
TITLES = frozenset(
    ("mr", "mrs", "ms", "mx", "dr", "prof", "professor", "doctor", "sir", "madam", "herr", "frau", "mme", "mlle")
)
"""Titles that are not names."""
ALSO_NAMES = frozenset(
    (
        *("miss", "dame", "lord", "lady", "rev", "fr", "m", "don", "doña", "monsieur", "dean", "judge", "major"),
        *("captain", "bishop", "father", "sister", "brother", "king", "prince", "duke", "earl"),
    )
)
"""Titles that are names too (Don Draper, Dean Martin): they are titles if abbreviated, or before two words or more."""
