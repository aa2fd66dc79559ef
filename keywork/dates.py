"""Dates as people write them, the local date of a moment, and weeks.

Nothing here reads the clock: "today" is always passed in.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
ENTER_A_DATE = "Enter a date, like 12/11/2026"

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_RELATIVE = {"yesterday": -1, "today": 0, "tomorrow": 1}
_SHORTEST_NAME = 3
_DAYS_IN_WEEK = 7
_SEPTEMBER = 9
_UNCLEAR_WITHOUT_YEAR = 300  # days; then a month's name may mean this year's or another

_ISO = re.compile(r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})", re.ASCII)
_NUMBERS = re.compile(
    r"(?P<day>\d{1,2})([/.-])(?P<month>\d{1,2})(?:\2(?P<year>\d{4}|\d{2}))?", re.ASCII
)
_WORDS = re.compile(
    r"(?:(?P<weekday>[a-z]+),? )?(?P<day>\d{1,2})(?:st|nd|rd|th)? ?"
    r"(?P<month>[a-z]+)(?:,? ?(?P<year>\d{4}|\d{2}))?",
    re.ASCII,
)


class Span(NamedTuple):
    """A stretch of days, first and last included."""

    start: date
    end: date


def uk_today(now: datetime) -> date:
    """The date in England at a moment: an aware datetime in, a date out.

    In summer the new day begins at 23:00 UTC. Raises ValueError for a naive
    datetime, which names no moment.
    """
    if now.tzinfo is None:
        raise ValueError("Give a datetime with a time zone.")
    return now.astimezone(LONDON).date()


@lru_cache(maxsize=4096)
def week_of(day: date) -> Span:
    """The Monday and the Sunday of the week of `day`."""
    monday = day - timedelta(days=day.weekday())
    return Span(monday, monday + timedelta(days=_DAYS_IN_WEEK - 1))


def academic_year_of(day: date) -> Span:
    """1 September to 31 August around `day` (rules, "Attendance figures")."""
    first = day.year if day.month >= _SEPTEMBER else day.year - 1
    return Span(date(first, 9, 1), date(first + 1, 8, 31))


@lru_cache(maxsize=4096)  # a school's duties name the same few days thousands of times
def day_in_words(day: date, on: date) -> str:
    """The day as a sentence names it on `on`: "20 October", with its year where unclear."""
    words = f"{day.day} {_MONTHS[day.month - 1].title()}"
    return words if abs((day - on).days) < _UNCLEAR_WITHOUT_YEAR else f"{words} {day.year}"


def parse_day(text: str, on: date, *, past: bool = False) -> date:
    """The date somebody typed, day first always; `on` is today.

    Takes `12/11/26`, `12/11/2026`, `12 nov`, `Thursday 12 November 2026`,
    `2026-11-12`, `fri`, `friday`, `today`, `tomorrow`, `yesterday`. A weekday
    alone is the next one from today on; with `past` (a field about something
    that happened) the last one up to today. A date without a year is the one
    nearest to today. Two figures of a year are 20xx.

    Raises ValueError with a sentence for the screen.
    """
    words = " ".join(text.lower().split())
    if words in _RELATIVE:
        return on + timedelta(days=_RELATIVE[words])
    weekday = _named(words, _WEEKDAYS)
    if weekday is not None:
        return _weekday_near(weekday, on, past=past)
    return _parse_written(words, on)


def _parse_written(words: str, on: date) -> date:
    """A date written with a day and a month; raises ValueError as `parse_day`."""
    match = _ISO.fullmatch(words) or _NUMBERS.fullmatch(words) or _WORDS.fullmatch(words)
    if match is None:
        raise ValueError(ENTER_A_DATE)
    parts = match.groupdict()
    month = int(parts["month"]) if parts["month"].isdigit() else _month(parts["month"])
    day, year = int(parts["day"]), parts["year"]
    found = _build(_full_year(year), month, day) if year else _nearest(month, day, on)
    _check_weekday(parts.get("weekday"), found)
    return found


def _named(word: str, names: tuple[str, ...]) -> int | None:
    """Index of the name that `word` shortens to three letters or more."""
    # "Weds" is the one everyday short form that is not a beginning.
    word = "wed" if word == "weds" else word
    if len(word) < _SHORTEST_NAME:
        return None
    return next((index for index, name in enumerate(names) if name.startswith(word)), None)


def _month(word: str) -> int:
    """Number of a month's name, from three letters; ValueError for another word."""
    index = _named(word, _MONTHS)
    if index is None:
        raise ValueError(ENTER_A_DATE)
    return index + 1


def _weekday_near(weekday: int, on: date, *, past: bool) -> date:
    """The next such weekday from `on` on, or with `past` the last one up to it."""
    ahead = (weekday - on.weekday()) % _DAYS_IN_WEEK
    behind = (on.weekday() - weekday) % _DAYS_IN_WEEK
    return on + timedelta(days=-behind if past else ahead)


def _full_year(year: str) -> int:
    """A year of two figures is 20xx; raises ValueError for one such as 0026."""
    full = int(year) + 2000 if len(year) == 2 else int(year)
    if not 1900 <= full <= 2199:
        raise ValueError("Enter a year between 1900 and 2199")
    return full


def _build(year: int, month: int, day: int) -> date:
    """The date, or ValueError that says how to write one."""
    try:
        return date(year, month, day)
    except ValueError:
        raise ValueError(f"There is no such day. {ENTER_A_DATE}") from None


def _nearest(month: int, day: int, on: date) -> date:
    """That day and month in the year that brings it nearest to `on`."""
    candidates = []
    for year in (on.year, on.year - 1, on.year + 1):
        try:
            candidates.append(date(year, month, day))
        except ValueError:
            continue
    if not candidates:
        raise ValueError(f"There is no such day. {ENTER_A_DATE}")
    return min(candidates, key=lambda candidate: abs(candidate - on))


def _check_weekday(word: str | None, found: date) -> None:
    """Raise ValueError where the weekday written is not the date's own."""
    if word is None:
        return
    weekday = _named(word, _WEEKDAYS)
    if weekday is None:
        raise ValueError(ENTER_A_DATE)
    if weekday != found.weekday():
        actual = _WEEKDAYS[found.weekday()].title()
        raise ValueError(f"{found.day}/{found.month}/{found.year} is a {actual}")
