"""Names in small letters that are words too, and user names behind names."""

import pytest

from seqlabel.privacy.rules.chats import bracketed_users, chat_names


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hey amber, look", ["amber"]),
        ("cc will", ["will"]),
        ("hi will can u cover", ["will"]),
        ("thx chip!\nping ivy", ["chip", "ivy"]),
        ("ask art if he has it", ["art"]),
        ("ask will if he has it, ask mark to come", ["will", "mark"]),
        ("> tell mark, he knows", ["mark"]),
        ("@ruby see this? @ruby.", ["ruby"]),
    ],
)
def test_who_is_called_is_a_person(text, names):
    assert [text[start:end] for start, end in chat_names(text)] == names


@pytest.mark.parametrize(
    "text",
    [
        "hi hope you are well",
        "hi will you be there",
        "thanks will do",
        "hi hope to see you",
        "ask marks to come",
        "tell amber traffic lights apart",
        "hey ambers, hey summertime",
        "500 cc max speed",
        "the amber, the will, a grant",
        "whey amber, each will",
    ],
)
def test_words_stay_words(text):
    assert list(chat_names(text)) == []


@pytest.mark.parametrize(
    ("text", "users"),
    [
        ("Anita Mehta (amehta) owns it", ["amehta"]),
        ("by Anita R. Mehta (@anita.mehta)", ["anita.mehta"]),
        ("Anita Mehta (mehta_a)", ["mehta_a"]),
        ("Anita Mehta (chair)", []),
        ("Anita Mehta (mehta)", []),
        ("North Road (road works)", []),
        ("Mehta (amehta)", []),
    ],
)
def test_a_user_name_is_made_of_the_name_before_it(text, users):
    assert [text[start:end] for start, end in bracketed_users(text)] == users
