"""The demo school's files, moved to any day."""

import csv
import shutil
from datetime import date, timedelta

import pytest

from keywork.home.demo.dates import FILES, LAST_DAY, move_folder, move_value, weeks_to_move


def rows_of(folder, name):
    with (folder / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def moved(tmp_path):
    def move(today):
        move_folder(FILES, tmp_path, today)
        return tmp_path

    return move


@pytest.mark.parametrize(
    ("today", "weeks"),
    [
        (date(2026, 11, 16), 0),  # the Monday of the files' last week
        (date(2026, 11, 20), 0),
        (date(2026, 11, 22), 0),  # a Sunday belongs to the week that it ends
        (date(2026, 11, 23), 1),
        (date(2027, 8, 11), 38),  # a Wednesday in the summer holiday
        (date(2026, 11, 15), -1),
    ],
)
def test_the_last_day_becomes_this_weeks_friday(today, weeks):
    assert weeks_to_move(today) == weeks


@pytest.mark.parametrize(
    ("column", "value", "weeks", "expected"),
    [
        ("held_on", "2026-11-20", 1, "2026-11-27"),
        ("occurred_at", "2026-03-27T09:13", 1, "2026-04-03T09:13"),  # wall clock, over the change
        ("phase_transfer", "2027", 52, "2028"),
        ("term", "Autumn 2026", 52, "Autumn 2027"),
        ("term", "Autumn 2026", 3, "Autumn 2026"),
        ("details", "since 2026", 52, "since 2026"),
        ("upn", "P999401219054", 52, "P999401219054"),
        ("left_on", "", 52, ""),
    ],
)
def test_a_cell_moves_by_whole_weeks(column, value, weeks, expected):
    assert move_value(column, value, weeks) == expected


def test_nothing_but_plans_lies_after_a_midweek_day(moved):
    today = date(2026, 11, 18)
    folder = moved(today)
    later = [row for row in rows_of(folder, "sessions.csv") if row["held_on"] > "2026-11-18"]
    assert later
    assert {row["status"] for row in later} == {"planned"}
    assert {row["details"] + row["pupil_voice"] for row in later} == {""}
    assert max(row["set_on"] for row in rows_of(folder, "targets.csv")) <= "2026-11-18"
    assert max(row["closed_on"] for row in rows_of(folder, "targets.csv")) <= "2026-11-18"
    assert max(row["date"] for row in rows_of(folder, "attendance.csv")) <= "2026-11-18"


def test_terms_keep_their_shape_and_their_names_differ(moved):
    folder = moved(date(2028, 2, 2))
    terms = [row for row in rows_of(folder, "calendar.csv") if row["kind"] == "half_term"]
    before = [row for row in rows_of(FILES, "calendar.csv") if row["kind"] == "half_term"]
    lengths = [
        [date.fromisoformat(row["end"]) - date.fromisoformat(row["start"]) for row in rows]
        for rows in (terms, before)
    ]
    assert lengths[0] == lengths[1]
    assert len({row["term"] for row in terms}) == len({row["term"] for row in before})
    assert {row["name"] for row in terms} == {
        f"{season} {half}" for season in ("Autumn", "Spring", "Summer") for half in (1, 2)
    }


def test_today_is_always_in_a_half_term(tmp_path):
    """Whatever the day, a school holiday outside included."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.mkdir()
    target.mkdir()
    shutil.copy(FILES / "calendar.csv", source)
    for offset in range(0, 366, 5):
        today = LAST_DAY + timedelta(days=offset)
        move_folder(source, target, today)
        spans = [
            (row["start"], row["end"])
            for row in rows_of(target, "calendar.csv")
            if row["kind"] == "half_term"
        ]
        weekday = today - timedelta(days=max(0, today.weekday() - 4))
        assert any(start <= weekday.isoformat() <= end for start, end in spans), today
