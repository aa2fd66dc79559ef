from datetime import date

import pytest

from sessions.smart import TargetDraft, smart_check

ON = date(2026, 11, 12)


def points(**changes):
    values = {
        "text": "Show the card before leaving class",
        "measure": "4 lessons out of 5",
        "baseline": "1 lesson out of 5 in October",
        "linked_to": "E2",
        "review_on": date(2026, 11, 26),
    }
    return smart_check(TargetDraft(**{**values, **changes}), ON)


def test_a_good_target_passes_all_five():
    assert [(point.name, point.ok, point.advice) for point in points()] == [
        ("Specific", True, ""),
        ("Measurable", True, ""),
        ("Achievable", True, ""),
        ("Linked", True, ""),
        ("Has a date", True, ""),
    ]


@pytest.mark.parametrize(
    ("changes", "name", "advice"),
    [
        ({"text": ""}, "Specific", "Say what the pupil will do, and where or when"),
        ({"text": "Be good"}, "Specific", "Say what the pupil will do, and where or when"),
        ({"text": "Try harder in every lesson"}, "Specific", "Say what “try harder” looks like"),
        ({"text": "Behave on the bus home"}, "Specific", "Say what “behave” looks like"),
        ({"measure": ""}, "Measurable", "Say how many of what, like 4 lessons out of 5"),
        (
            {"measure": "most lessons"},
            "Measurable",
            "Say how many of what, like 4 lessons out of 5",
        ),
        (
            {"text": "Always keep hands to himself"},
            "Achievable",
            "Nobody manages always or never. Say how many times out of how many",
        ),
        (
            {"measure": "100% of lessons"},
            "Achievable",
            "Nobody manages always or never. Say how many times out of how many",
        ),
        ({"baseline": " "}, "Achievable", "Say where things stand now, or what will help"),
        ({"linked_to": " "}, "Linked", "Choose the outcome or area it helps with"),
        ({"review_on": None}, "Has a date", "Choose the date to look at it again"),
        ({"review_on": ON}, "Has a date", "Choose a review date after today"),
    ],
)
def test_only_the_point_that_fails_gives_advice(changes, name, advice):
    failed = [point for point in points(**changes) if not point.ok]
    assert [(point.name, point.advice) for point in failed] == [(name, advice)]


@pytest.mark.parametrize(
    "measure", ["No lunch slips for ten school days", "Twice a week", "Zone board, 4 days of 5"]
)
def test_numbers_in_figures_and_words(measure):
    assert points(measure=measure)[1].ok


def test_what_helps_makes_a_step_achievable_too():
    assert points(baseline="", helps="Five minutes' warning")[2].ok


def test_good_ordinary_words_are_not_vague():
    assert points(text="Be goodnatured about losing at football")[0].ok
