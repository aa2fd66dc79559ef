"""Reminders about wording."""

import pytest

from keywork.language import language_hints, names_in


@pytest.mark.parametrize(
    "text",
    [
        "",
        "He left at 10:05 and came back at 10:10.",
        "Nevertheless we carried on; it was all ways round.",  # inside other words
        "I saw two slips this week.",
        "Nothing is promised here.",
    ],
)
def test_plain_facts_need_no_reminder(text):
    assert language_hints(text) == []


@pytest.mark.parametrize(
    ("text", "reminder"),
    [
        ("He is ALWAYS late", "“always”: say how often you saw it, and when"),
        ("She never listens", "“never”: say how often you saw it, and when"),
        ("so lazy today", "“lazy”: say what you saw or heard instead of a label"),
        (
            "an attention-seeking child",
            "“attention-seeking”: say what you saw or heard instead of a label",
        ),
        ("You did not try", "“you did”: say “I saw” or “I heard”, so that it can be read aloud"),
        ("you didn’t", "“you didn’t”: say “I saw” or “I heard”, so that it can be read aloud"),
        (
            "I promised to move him",
            "“i promised”: nothing is promised here; say what you will pass on, and to whom",
        ),
    ],
)
def test_reminders(text, reminder):
    assert language_hints(text) == [reminder]


def test_one_reminder_of_a_kind_in_a_fixed_order():
    hints = language_hints("You must stop. Rude and lazy, never calm, always loud.")
    assert [hint.split("”")[0] for hint in hints] == ["“never", "“rude", "“you must"]


def test_names_count_as_whole_words_with_their_capital():
    names = ["Will", "Amelia", "", "Jo"]
    assert names_in("It will do; Amelia and Jonah agreed.", names) == ["Amelia"]
    assert names_in("Will took turns with Jo.", names) == ["Will", "Jo"]
