"""A student's timeline, joined from the apps' parts and grouped by half term."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import groupby

from contacts.checkup_timeline import checkup_strands
from contacts.timeline import agency_strands, follow_up_strands, home_strands
from keywork.access import Viewer
from keywork.term_dates import HalfTermDates, SchoolCalendar
from keywork.timeline import (
    Cursor,
    Event,
    FirstPage,
    Strand,
    TimelinePage,
    prepare_first_page,
    read_page,
)
from sessions.timeline import session_strands, target_strands
from students.models import Student
from students.other_names import hide_others
from students.own_page import Texts
from students.policies import Sight
from students.timeline import (
    PEOPLE,
    behaviour_strands,
    notice_strands,
    noticed_strands,
    people_strands,
    strategy_strands,
)
from students.timeline_attendance import attendance_strands, progress_strands

SAID = ("title", "text", "voice", "note", "link_for")
EVERYTHING = ""
FILTERS = {
    EVERYTHING: "Everything",
    "sessions": "Sessions",
    "targets": "Targets",
    "behaviour": "Behaviour",
    "attendance": "Attendance",
    "progress": "Progress",
    "home": "Home",
    "followups": "You said, we did",
    "checkups": "Check-ups",
    "agencies": "Agencies",
    "noticed": "Noticed",
    "notices": "Told to colleagues",
    "people": "People and strategies",
}
COMING_UP = "Coming up"
# Stand in a prepared statement for the student and the day: no row and no event has these.
ANY_STUDENT, ANY_DAY = -1, date(1000, 1, 1)


@dataclass(frozen=True, slots=True)
class Group:
    """The events of a half term, or of a break: newest first."""

    title: str
    note: str
    events: list[Event]


def strands_for(student: Student, sight: Sight, on: date) -> list[Strand]:
    """Give the parts of the timeline that this sight lets read; none for those by name only."""
    strands: list[Strand] = []
    if sight.in_full:
        strands += [*session_strands(student), *target_strands(student)]
        strands += [*behaviour_strands(student), *attendance_strands(student)]
        strands += [*progress_strands(student), *strategy_strands(student)]
        strands += [*home_strands(student), *follow_up_strands(student)]
        strands += [*notice_strands(student), *noticed_strands(student)]
        strands += [*checkup_strands(student), *agency_strands(student)]
    if sight.in_full or sight.identity:
        strands += people_strands(student, on, notes=sight.in_full)
    return strands


def timeline_page(
    viewer: Viewer,
    student: Student,
    sight: Sight,
    *,
    show: str = EVERYTHING,
    q: str = "",
    after: str = "",
) -> TimelinePage:
    """Give a page of the timeline, as deep as the sight goes, in one query.

    show: a key of FILTERS; an unknown one shows everything. after: the end of the page before, as
    `str(Cursor)`; one that cannot be read starts at the newest.
    """
    show = show if show in FILTERS else EVERYTHING
    q, cursor = q.strip(), Cursor.parse(after)
    if q or cursor:
        chosen = _chosen(strands_for(student, sight, viewer.on), show)
        return read_page(chosen, q=q, after=cursor)
    return _first_page(sight, show).read({ANY_STUDENT: student.pk, ANY_DAY: viewer.on})


def nothing_said_yet(page: TimelinePage) -> bool:
    """Say whether a first page of everything holds no more than who and what came with a student.

    That is key workers and strategies; the first session, call or slip makes a beginning.
    """
    return page.older is None and page.groups <= {PEOPLE}


@cache
def _first_page(sight: Sight, show: str) -> FirstPage:
    """Give the statement of a first page: the same for every student, so it is made once."""
    return prepare_first_page(_chosen(strands_for(Student(pk=ANY_STUDENT), sight, ANY_DAY), show))


def _chosen(strands: Iterable[Strand], show: str) -> list[Strand]:
    return [each for each in strands if show in (EVERYTHING, each.group)]


def without_other_names(
    events: Sequence[Event], student: Student, records: Sequence[Texts] = ()
) -> list[Event]:
    """Put initials for other students named in the texts; a query, or none without such.

    records: what stands beside the timeline, changed in place and never saved again.
    """
    places = [
        (record, name) for record, names in records for name in names if getattr(record, name)
    ]
    texts = [getattr(each, name) for each in events for name in SAID]
    texts += [getattr(record, name) for record, name in places]
    if not any(texts):
        return list(events)
    shown = iter(hide_others(texts, student.school_id, shown=[student.pk]))
    veiled = [
        replace(
            each,
            title=next(shown),
            text=next(shown),
            voice=next(shown),
            note=next(shown),
            link_for=next(shown),
        )
        for each in events
    ]
    for record, name in places:
        setattr(record, name, next(shown))
    return veiled


def grouped(events: Iterable[Event], calendar: SchoolCalendar, on: date) -> list[Group]:
    """Give the events in groups: what is ahead, then half terms and breaks, newest first."""
    return [
        Group(title, note, list(members))
        for (title, note), members in groupby(
            events, lambda each: _group_of(each.day, calendar, on)
        )
    ]


def _group_of(day: date, calendar: SchoolCalendar, on: date) -> tuple[str, str]:
    if day > on:
        return COMING_UP, "planned"
    half_term = calendar.half_term_of(day)
    if half_term:
        return half_term.name or half_term.term, _span(half_term, on)
    if not calendar.half_terms or day < calendar.half_terms[0].start:
        return "Earlier", "before the school's calendar"
    return ("Half-term break" if calendar.term_of(day) else "School holiday"), _before(
        day, calendar
    )


def _span(half_term: HalfTermDates, on: date) -> str:
    start = f"{half_term.start:%-d %B %Y}"
    return f"{start} to now" if on <= half_term.end else f"{start} to {half_term.end:%-d %B %Y}"


def _before(day: date, calendar: SchoolCalendar) -> str:
    after = next((half for half in calendar.half_terms if half.start > day), None)
    return f"before {after.name or after.term}" if after else ""
