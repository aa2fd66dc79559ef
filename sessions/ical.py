"""A key worker's sessions as an iCalendar file (RFC 5545), without a student's full name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from icalendar import Calendar, Event

from keywork.dates import LONDON

REFRESH_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One session of a feed; `starts_at` None makes it a note for the whole day.

    ref: of the session, so that an entry moved is the same entry. initials: of the student.
    changes: how often it was saved after it was made; changed_at: when last, aware.
    """

    ref: str
    initials: str
    day: date
    starts_at: time | None
    minutes: int
    venue: str
    changes: int
    changed_at: datetime


def feed_file(entries: Iterable[FeedEntry], *, name: str, host: str) -> bytes:
    """Give the file; name: as calendars show it; host: makes the entries' ids unique.

    Times are London's by the clock on the wall, so a session stays at 13:40 when clocks change.
    """
    calendar = Calendar()
    calendar.add("prodid", f"-//{name}//sessions//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("x-wr-timezone", LONDON.key)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, host))
    calendar.add_missing_timezones()
    return calendar.to_ical()


def _event(entry: FeedEntry, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.ref}@{host}")
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("sequence", entry.changes)
    event.add("summary", f"Session {'.'.join(entry.initials)}.")
    event.add("class", "PRIVATE")
    if entry.venue:
        event.add("location", entry.venue)
    if entry.starts_at is None:
        event.add("dtstart", entry.day)
        event.add("dtend", entry.day + timedelta(days=1))
        return event
    starts = datetime.combine(entry.day, entry.starts_at, tzinfo=LONDON)
    event.add("dtstart", starts)
    event.add("dtend", starts + timedelta(minutes=entry.minutes))
    return event
