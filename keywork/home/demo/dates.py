"""Moving the demo school's files so that their last day is this week's Friday.

Whole weeks, so that weekdays and the shape of the terms stay. What would then lie in the days
still to come of this week is not shown as having happened: a session is planned, a target not
set yet.
"""

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

FILES = Path(__file__).with_name("hillside")
LAST_DAY = date(2026, 11, 20)  # a Friday: the day the files were written on
WEEKS_A_YEAR = 365.25 / 7
FRIDAY = 4

Row = dict[str, str]

# Columns that hold a plain year, and labels that end in one.
YEAR_COLUMNS = {"phase_transfer"}
TERM_COLUMNS = {"term"}
SEASON_YEAR = re.compile(r"^(Autumn|Spring|Summer) (\d{4})$")
SCHOOL_YEAR = re.compile(r" \d{4}-\d{2}$")
ISO_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
ISO_TIME = re.compile(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$")

# The column that says when something happened: rows after today are left out.
HAPPENED = {
    "attendance.csv": "date",
    "behaviour.csv": "occurred_at",
    "contact_log.csv": "made_at",
    "checkups.csv": "sent_on",
    "documents.csv": "published_on",
    "supervision.csv": "held_on",
    "targets.csv": "set_on",
}


def weeks_to_move(today: date) -> int:
    """Give the whole weeks from the files' last day to the Friday of today's week.

    A weekend belongs to the week that it ends.
    """
    friday = today + timedelta(days=FRIDAY - today.weekday())
    return (friday - LAST_DAY).days // 7


def move_folder(source: Path, target: Path, today: date) -> None:
    """Write the CSV files of `source`, moved to `today`, into the folder `target`."""
    weeks = weeks_to_move(today)
    for path in sorted(source.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as handle:
            reader = csv.DictReader(handle)
            columns = list(reader.fieldnames or [])
            rows = list(_moved(path.name, reader, weeks, today))
        with (target / path.name).open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, columns)
            writer.writeheader()
            writer.writerows(rows)


def _moved(name: str, rows: Iterator[Row], weeks: int, today: date) -> Iterator[Row]:
    for row in rows:
        moved = {column: move_value(column, value, weeks) for column, value in row.items()}
        if name == "calendar.csv":
            moved["name"] = SCHOOL_YEAR.sub("", moved["name"])
        kept = _as_of(name, moved, today)
        if kept:
            yield kept


def move_value(column: str, value: str, weeks: int) -> str:
    """Give one cell moved by whole weeks: dates, times, years and labels of terms."""
    years = round(weeks / WEEKS_A_YEAR)
    by = timedelta(weeks=weeks)
    if ISO_DATE.match(value):
        return (date.fromisoformat(value) + by).isoformat()
    if ISO_TIME.match(value):
        return (datetime.fromisoformat(value) + by).isoformat(timespec="minutes")
    if column in YEAR_COLUMNS and value:
        return str(int(value) + years)
    season = SEASON_YEAR.match(value) if column in TERM_COLUMNS else None
    return f"{season[1]} {int(season[2]) + years}" if season else value


def _as_of(name: str, row: Row, today: date) -> Row | None:
    """Give a row as it stands today, or None where it has not happened yet."""
    if name == "sessions.csv" and row["held_on"] > today.isoformat():
        if row["status"] == "missed":
            return None
        return {**row, "status": "planned", "details": "", "pupil_voice": "", "minutes": ""}
    if name in HAPPENED and row[HAPPENED[name]][:10] > today.isoformat():
        return None
    if name == "targets.csv" and row["closed_on"] > today.isoformat():
        return {**row, "status": "active", "closed_on": ""}
    if name == "reviews.csv":
        return {
            column: "" if _is_later_step(column, value, today) else value
            for column, value in row.items()
        }
    return row


def _is_later_step(column: str, value: str, today: date) -> bool:
    is_step = column.endswith("_on") and column != "meeting_on"
    return is_step and value > today.isoformat()
