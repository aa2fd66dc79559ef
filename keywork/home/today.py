"""Today: what the viewer owes, the day's planned sessions, their students and what is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from keywork.access import Viewer
from keywork.drafts import Unfinished
from keywork.duties import Duty, DutyStatus
from keywork.home.duties import Standing, standing_of
from keywork.home.duty_words import KIND_WORDS, long_day, short_day
from keywork.home.followups import OwnFollowUp, own_follow_ups
from keywork.home.new_slips import NewSince, NewSlips, new_slips
from keywork.home.notices import Waiting, notices_for
from keywork.home.own_acts import own_acts
from keywork.home.signals import StudentSigns, signs_of
from keywork.home.today_rows import Item, Row, Section, items_of, reminders, row_of
from keywork.models import School
from keywork.school_calendar import calendar_of
from keywork.term_dates import DayType, SchoolCalendar, WeekNumber
from sessions.duties import QuotaStanding, SeenFacts, quota_standing
from sessions.own_day import Done, planned_sessions
from students.duties import StudentOnRoll
from students.models import Student
from students.models.student import StudentQuerySet

SCHOOL_DAYS_AHEAD = 5
# Far enough to name the next duty at the start of the longest holiday.
LOOK_AHEAD_DAYS = 100


@dataclass(frozen=True, slots=True)
class MyStudent:
    """A student of one's own: sessions held and wanted this period (None: no quota), last seen.

    spoke: when somebody last spoke to home.
    """

    student: StudentOnRoll
    quota: QuotaStanding | None
    last_held: date | None
    spoke: date | None = None


@dataclass(frozen=True, slots=True)
class Today:
    """The page, ready to be shown.

    left, late: duties to do today, tight ones included, and those of them that are late. done:
    duties' acts of today. empty: what stands where there is nothing to do; closed: that the
    school is closed and until when, empty on a school day. reminders: sessions of the next school
    day to prepare for. signs: early signs of disengagement, each with its numbers.
    """

    week: WeekNumber | None
    heading: str
    rows: list[Row]
    coming: list[Row]
    left: int
    late: int
    empty: str
    closed: str
    mine: list[MyStudent]
    reminders: list[Row]
    signs: list[StudentSigns]
    acts_done: list[Done]
    actions: list[OwnFollowUp]
    drafts: list[Unfinished]
    waiting: Waiting
    new_slips: NewSlips | None

    @property
    def done(self) -> int:
        """Give how many acts of today are done."""
        return len(self.acts_done)

    @property
    def in_all(self) -> int:
        """Give done and left together."""
        return self.done + self.left


def today_for(viewer: Viewer) -> Today:
    """Read and compose the page of the chosen school, in a fixed number of queries."""
    on, school = viewer.on, viewer.chosen_school
    calendar = calendar_of(school)
    caseload = caseload_for(viewer, school)
    standing = standing_of(
        school,
        on,
        calendar=calendar,
        students=caseload,
        owner=viewer.user.get_username(),
        horizon=LOOK_AHEAD_DAYS,
    )
    planned = planned_sessions(viewer, standing.roll.by_id)
    items = items_of(
        standing.duties,
        standing.roll.by_id,
        planned,
        on,
        calls=standing.calls,
        call_window=school.call_window,
    )
    to_do = [item for item in items if item.section != Section.COMING]
    pressing = [duty for duty in standing.duties if duty.status != DutyStatus.UPCOMING]
    signs = signs_of(standing.roll, NewSince.of(viewer, calendar))
    closed = closed_words(calendar, on)
    done, drafts = own_acts(viewer)
    return Today(
        week=calendar.week_number(on),
        heading=_heading(calendar, on),
        rows=[row_of(item, on, calendar, call_window=school.call_window) for item in to_do],
        coming=[row_of(item, on, calendar) for item in _next_days(items, on, calendar)],
        left=len(pressing),
        late=sum(duty.status == DutyStatus.OVERDUE for duty in pressing),
        empty="" if to_do else _empty(standing, closed, on),
        closed=closed,
        mine=my_students(standing),
        reminders=reminders(planned, on, calendar),
        signs=signs.of(standing.roll.by_id.values()),
        acts_done=done,
        actions=own_follow_ups(viewer, school),
        drafts=drafts,
        waiting=notices_for(viewer),
        new_slips=new_slips(viewer, calendar, signs.counts),
    )


def caseload_for(viewer: Viewer, school: School) -> StudentQuerySet:
    """Give the students of one school whose primary key worker the viewer is."""
    mine = Student.objects.in_full_for(viewer).caseload_of(viewer.user, viewer.on)
    return mine.filter(school=school)


def my_students(standing: Standing) -> list[MyStudent]:
    """Give the students read, by name, with their sessions of the period."""
    students = sorted(standing.roll.by_id.values(), key=lambda student: student.name)
    return [_my_student(standing, student) for student in students]


def _my_student(standing: Standing, student: StudentOnRoll) -> MyStudent:
    facts = standing.seen.get(student.pk, SeenFacts())
    quota = quota_standing(standing.roll, student, facts)
    calls = standing.calls.get(student.pk)
    return MyStudent(student, quota, facts.last_held, calls.last_spoke if calls else None)


def closed_words(calendar: SchoolCalendar, on: date) -> str:
    """Say that the school is closed and until when; empty on a school day."""
    if calendar.is_school_day(on):
        return ""
    opens = calendar.next_school_day(on)
    if opens is None:
        return "School is closed, and its calendar holds no later school day."
    return f"School is closed until {long_day(opens)}."


def _heading(calendar: SchoolCalendar, on: date) -> str:
    """Give the words above the date: "Autumn 2, week 2 of 7", or what sort of break it is."""
    week = calendar.week_number(on)
    if week is None:
        half_term = calendar.day_type(on) == DayType.HALF_TERM or calendar.term_of(on)
        return "Half-term break" if half_term else "School holiday"
    name = week.half_term.name or week.half_term.term
    return f"{name}, week {week.number} of {week.total}"


def _next_days(items: Sequence[Item], on: date, calendar: SchoolCalendar) -> list[Item]:
    last = calendar.add_school_days(on, SCHOOL_DAYS_AHEAD) or date.max
    return [item for item in items if item.section == Section.COMING and item.day <= last]


def _empty(standing: Standing, closed: str, on: date) -> str:
    if closed:
        return f"{closed} Nothing falls due."
    following = next((duty for duty in standing.duties if duty.act_by > on), None)
    return f"Nothing due today.{_following(standing, following)}"


def _following(standing: Standing, duty: Duty | None) -> str:
    if duty is None:
        return ""
    name = standing.roll.by_id[duty.student_id or 0].name
    return f" Next: {KIND_WORDS[duty.kind].lower()}, {name}, {short_day(duty.act_by)}."
