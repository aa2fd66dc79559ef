"""The record's part of a briefing: what changed, what keeps coming up, what to praise.

Reads slips, marks and whose names to hide: three queries, whatever there is. Who may see it is
for the caller to decide.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.timezone import localtime

from keywork.prepared import prepared
from keywork.term_dates import SchoolCalendar
from students.models import AttendanceMark, BehaviourRecord, Level, Student
from students.models.behaviour import moments_of
from students.other_names import Events, Named, initials_for_names, named, named_in
from students.rules import briefing as rules
from students.rules.attendance import CODES
from students.rules.briefing import Finding, Row, SlipFact, Tally, Window, Windows
from students.rules.patterns import Pattern, days_of, weekday_away, weekday_late
from students.services.mark_stage import FIRST_MONTH, academic_year_of

SLIPS_SHOWN = 8
POST_16 = (3, 31)
OTHER_TRANSFER = (2, 15)

Marks = list[tuple[date, str, str]]


@dataclass(frozen=True, slots=True)
class Veil:
    """Whose names do not show on a student's pages; alone: without those the student shares."""

    others: list[Named] = field(default_factory=list)
    alone: list[Named] = field(default_factory=list)

    def over(self, text: str) -> str:
        """Give a text with initials for every name, in full or by first or last name alone."""
        text = initials_for_names(text, self.others)
        return initials_for_names(text, self.alone, also_first=True)


@dataclass(frozen=True, slots=True)
class ShownSlip:
    """A slip as the briefing shows it, other students' names replaced. parts: (label, text)."""

    url: str
    at: datetime
    level: str
    level_words: str
    title: str
    where: str
    who: str
    points: int | None
    description: str
    parts: list[tuple[str, str]]
    warning: str

    @property
    def is_reward(self) -> bool:
        """Say whether it is good news."""
        return self.level == Level.REWARD


@dataclass(frozen=True, slots=True)
class RecordBriefing:
    """What slips and marks say since the last session, and against the equal time before.

    rows: the comparison, empty where no day has passed. contentious: slips to read before the
    screen is shown, apart from `slips`; more: slips left out of the list. marked_to: the last day
    with a mark. most_slips: the category of most slips since, contentious ones apart. is_empty:
    nothing at all is recorded in either window.
    """

    windows: Windows
    rows: list[Row]
    findings: list[Finding]
    patterns: list[Pattern]
    praise: list[str]
    slips: list[ShownSlip]
    contentious: list[ShownSlip]
    more: int
    marked_to: date | None
    is_empty: bool
    looked_back_days: int
    veil: Veil
    most_slips: str


@dataclass(frozen=True, slots=True)
class DateAhead:
    """Something of the student's that falls due."""

    on: date
    what: str


def read_record(
    student: Student,
    calendar: SchoolCalendar,
    on: date,
    *,
    last_held: date | None,
    texts: Sequence[str] = (),
) -> RecordBriefing:
    """Read a student's record in three queries.

    last_held: day of the last held session. texts: what else the page shows of the student, so
    that the veil covers the names in it. `student.school` is loaded.
    """
    windows = rules.windows(calendar, on, last_held=last_held, on_roll_from=student.on_roll_from)
    first = windows.before.first if windows.before else windows.since.first
    slips = _slips(student, first, on)
    marks = _marks(student, min(first, date(academic_year_of(on), FIRST_MONTH, 1)), on)
    since = _tally(slips, marks, windows.since)
    before = _tally(slips, marks, windows.before) if windows.before else None
    counts = rules.compare(since, before) if windows.since.school_days else []
    shown = [slip for slip in slips if windows.since.holds(slip.occurred_on)]
    openly = [slip for slip in shown if not slip.contentious]
    warned = [slip for slip in shown if slip.contentious]
    veil = _veil(student, [*openly[:SLIPS_SHOWN], *warned], texts, first, on)
    return RecordBriefing(
        windows=windows,
        rows=counts,
        findings=rules.keeps_coming_up([_fact(each) for each in slips if not each.is_reward]),
        patterns=_patterns(marks, on),
        praise=rules.praise(
            since,
            counts,
            school_days=windows.since.school_days,
            points_target=student.school.points_target,
        ),
        slips=[_shown(slip, veil) for slip in openly[:SLIPS_SHOWN]],
        contentious=[_shown(slip, veil) for slip in warned],
        more=len(openly[SLIPS_SHOWN:]),
        marked_to=max((day for day, *_ in marks if windows.since.holds(day)), default=None),
        is_empty=since.is_empty and (before is None or before.is_empty),
        looked_back_days=calendar.school_days_between(first, on),
        veil=veil,
        most_slips=veil.over(
            rules.most_slips(slip.category for slip in openly if not slip.is_reward)
        ),
    )


def dates_ahead(student: Student, on: date) -> list[DateAhead]:
    """Give the dates of a student's plan that lie ahead; no query."""
    found = []
    if student.sen_status == Student.SenStatus.PLAN and student.ehcp_made_on:
        made = student.ehcp_made_on
        by = rules.yearly_review_by(made, on)
        found.append(
            DateAhead(by, f"EHC plan’s yearly review to be complete (made {made:%-d %B %Y})")
        )
    if student.phase_transfer:
        month, day = POST_16 if student.post16_transfer else OTHER_TRANSFER
        by = date(student.phase_transfer, month, day)
        found += [DateAhead(by, "EHC plan to be final for the phase transfer")] if by >= on else []
    return found


def _slips(student: Student, first: date, on: date) -> list[BehaviourRecord]:
    begins, ends = moments_of(first, on)
    return _slip_rows(student=student.pk, begins=begins, ends=ends)


@prepared
def _slip_rows(*, student: int, begins: datetime, ends: datetime) -> QuerySet[BehaviourRecord]:
    records = BehaviourRecord.objects.standing().filter(student=student).within(begins, ends)
    return records.select_related("staff").newest_first()


def _marks(student: Student, first: date, on: date) -> Marks:
    joined = student.on_roll_from
    return _mark_rows(student=student.pk, joined=joined, first=first, last=on)


@prepared
def _mark_rows(*, student: int, joined: date, first: date, last: date) -> QuerySet:
    marks = AttendanceMark.objects.filter(student=student, date__gte=joined)
    return marks.between(first, last).order_by().values_list("date", "session", "code")


def _tally(slips: Iterable[BehaviourRecord], marks: Marks, window: Window) -> Tally:
    inside = [slip for slip in slips if window.holds(slip.occurred_on)]
    levels = Counter(slip.level for slip in inside)
    return Tally(
        low=levels[Level.LOW],
        high=levels[Level.HIGH],
        rewards=levels[Level.REWARD],
        points=sum(slip.points or 0 for slip in inside if slip.is_reward),
        codes=Counter(code for day, _, code in marks if code in CODES and window.holds(day)),
    )


def _fact(slip: BehaviourRecord) -> SlipFact:
    at = localtime(slip.occurred_at)
    staff = str(slip.staff_id or slip.staff_name)
    return SlipFact(at.date(), at.hour, slip.category, slip.location, slip.lesson, staff)


def _patterns(marks: Marks, on: date) -> list[Pattern]:
    """Weekdays of this academic year that the numbers single out."""
    year = academic_year_of(on)
    days = days_of(mark for mark in marks if academic_year_of(mark[0]) == year)
    return [*weekday_away(days), *weekday_late(days)]


def _veil(
    student: Student, slips: Sequence[BehaviourRecord], texts: Sequence[str], first: date, on: date
) -> Veil:
    """Whose names to hide: those in these texts, and those in the same events; one query."""
    found = named_in(
        [*texts, *(text for slip in slips for text in _texts(slip))],
        student.school_id,
        apart_from=[student.pk],
        involved=Events(student.pk, *moments_of(first, on)),
    )
    others = named(found)
    return Veil(others, [_apart_from(student, other) for other in others])


def _apart_from(student: Student, other: Named) -> Named:
    own = {student.preferred_first_name, student.legal_first_name, student.legal_last_name}
    first = tuple(name for name in other.first_names if name not in own)
    return Named(first, "" if other.last_name in own else other.last_name, other.initials)


def _texts(slip: BehaviourRecord) -> list[str]:
    texts = (slip.description, slip.contentious_note, *(text for _, text in _parts(slip)))
    return [slip.category, *filter(None, texts)]


def _parts(slip: BehaviourRecord) -> list[tuple[str, str]]:
    named_parts = (
        ("Before it", slip.antecedent),
        ("What staff did", slip.response),
        ("Consequence", slip.consequence),
        ("Injuries", slip.injury),
        ("Damage", slip.property_damage),
    )
    return [(label, text) for label, text in named_parts if text]


def _shown(slip: BehaviourRecord, veil: Veil) -> ShownSlip:
    return ShownSlip(
        url=slip.get_absolute_url(),
        at=slip.occurred_at,
        level=slip.level,
        level_words=str(slip.get_level_display()),
        title=veil.over(slip.category) or str(slip.get_level_display()),
        where=", ".join(filter(None, (slip.location, slip.lesson))),
        who=slip.who,
        points=slip.points if slip.is_reward else None,
        description=veil.over(slip.description),
        parts=[(label, veil.over(text)) for label, text in _parts(slip)],
        warning=veil.over(slip.contentious_note),
    )
