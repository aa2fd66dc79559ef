"""weekly_call and same_day_call, as the rules have them."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from contacts.rules import (
    Happening,
    Mark,
    first_day_not_lapsed,
    is_answered,
    is_time_to_call,
    same_day_triggers,
    unanswered_by_day,
    weekly_call_due_on,
)
from keywork.key_work_presets import presets
from keywork.term_dates import ClosedDays, HalfTermDates, SchoolCalendar

LONDON = ZoneInfo("Europe/London")
AUTUMN = SchoolCalendar(
    [
        HalfTermDates("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
        HalfTermDates("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ],
    [ClosedDays("inset", "INSET", date(2026, 11, 20), date(2026, 11, 20))],
)
SPECIAL, PROVISION = (
    presets()[name].parameters for name in ("special_day", "alternative_provision")
)


def at(day, hour=10, minute=0):
    return datetime(2026, 11, day, hour, minute, tzinfo=LONDON)


def high(day, hour=10, key="h", named=False):
    return Happening(key, at(day, hour), "high", "Left the room", named=named)


def low(day, hour, key, named=False):
    return Happening(key, at(day, hour), "low", named=named)


# The week


def test_the_weeks_call_is_due_on_its_last_school_day():
    assert weekly_call_due_on(AUTUMN, [], date(2026, 11, 12)) == date(2026, 11, 13)
    assert weekly_call_due_on(AUTUMN, [], date(2026, 11, 15)) == date(2026, 11, 13)  # Sunday
    assert weekly_call_due_on(AUTUMN, [], date(2026, 11, 18)) == date(2026, 11, 19)  # INSET Friday
    assert weekly_call_due_on(AUTUMN, [], date(2026, 10, 28)) is None  # no school week


@pytest.mark.parametrize("channel", ["phone", "video", "in_person"])
def test_speaking_satisfies_the_week_and_no_other(channel):
    assert weekly_call_due_on(AUTUMN, [(at(9, 8), channel)], date(2026, 11, 12)) is None
    assert weekly_call_due_on(AUTUMN, [(at(8, 20), channel)], date(2026, 11, 12))


@pytest.mark.parametrize("channel", ["email", "text", "letter"])
def test_what_is_written_is_no_weekly_call(channel):
    assert weekly_call_due_on(AUTUMN, [(at(10), channel)], date(2026, 11, 12))


# The day


def test_a_high_incident_is_a_trigger_where_the_model_says_so():
    assert [each.kind for each in same_day_triggers(SPECIAL, [high(12)], [])] == ["high"]
    assert same_day_triggers(PROVISION, [high(12)], []) == []


def test_low_slips_are_one_trigger_at_the_time_of_the_one_that_made_them_enough():
    slips = [low(12, 9, "a"), low(12, 14, "d"), low(12, 11, "b"), low(12, 13, "c")]

    (found,) = same_day_triggers(SPECIAL, slips, [])

    assert (found.day, found.at, found.keys) == (date(2026, 11, 12), at(12, 13), tuple("abcd"))
    assert same_day_triggers(SPECIAL, [*slips[:2], low(11, 9, "e")], []) == []


def test_a_reward_counts_where_it_is_marked():
    reward = Happening("r", at(12), "reward", call_home=True)
    unmarked = Happening("u", at(12), "reward")

    assert [each.keys for each in same_day_triggers(SPECIAL, [reward, unmarked], [])] == [("r",)]


def test_attendance_counts_where_the_model_says_so():
    marks = [Mark(date(2026, 11, 12), code) for code in ("N", "O", "L", "U", "I", "/")]

    assert [each.kind for each in same_day_triggers(PROVISION, [], marks)] == ["L", "N", "O", "U"]
    assert same_day_triggers(SPECIAL, [], marks) == []


@pytest.mark.parametrize(
    ("spoken", "answered"),
    [
        ([at(12, 10)], True),  # at its time
        ([at(12, 9, 59)], False),  # before it
        ([at(13, 8)], False),  # the day after, not naming it
        ([], False),
    ],
)
def test_a_talk_answers_what_happened_before_it_that_day(spoken, answered):
    (trigger,) = same_day_triggers(SPECIAL, [high(12)], [])

    assert is_answered(trigger, spoken) is answered


def test_a_talk_that_names_it_answers_it_whenever():
    (trigger,) = same_day_triggers(SPECIAL, [high(12, named=True)], [])
    assert is_answered(trigger, [])

    slips = [low(12, 9, "a", named=True), low(12, 10, "b"), low(12, 11, "c")]
    assert is_answered(same_day_triggers(SPECIAL, slips, [])[0], [])


def test_any_later_talk_answers_attendance():
    (trigger,) = same_day_triggers(PROVISION, [], [Mark(date(2026, 11, 12), "N")])

    assert is_answered(trigger, [at(12, 8)])
    assert is_answered(trigger, [at(17, 8)])
    assert not is_answered(trigger, [at(11, 16)])


def test_one_duty_a_day_while_something_of_it_is_unanswered():
    triggers = same_day_triggers(SPECIAL, [high(11, 9), high(11, 14), high(12)], [])

    left = unanswered_by_day(triggers, [at(11, 10), at(12, 11)])

    assert {day: [t.at.hour for t in those] for day, those in left.items()} == {
        date(2026, 11, 11): [14]
    }


def test_it_lapses_after_the_tenth_school_day():
    # From 23 October, the school days are 2-6 and 9-13 November: the tenth is the 13th.
    assert first_day_not_lapsed(AUTUMN, date(2026, 11, 13)) == date(2026, 10, 23)
    assert first_day_not_lapsed(AUTUMN, date(2026, 11, 14)) == date(2026, 11, 2)
    # Within the first ten school days nothing has lapsed; at the calendar's end nothing does.
    assert first_day_not_lapsed(AUTUMN, date(2026, 9, 10)) is None
    assert first_day_not_lapsed(AUTUMN, date(2027, 3, 1)) == date(2026, 12, 7)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (time(15, 14, 59), False),
        (time(15, 15), True),
        (time(16), True),
        (time(17, 0, 59), True),  # until the end of that minute
        (time(17, 1), False),
    ],
)
def test_calls_are_made_after_school_where_the_school_says_so(now, expected):
    assert is_time_to_call(now, (time(15, 15), time(17))) is expected
    assert is_time_to_call(now, None)
