"""The caseload: each student of one's own, how the sessions stand, what is planned and open."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.db.models.functions import Coalesce

from keywork.access import Viewer
from keywork.duties import Duty, DutyKind, DutyStatus
from keywork.home.duties import Standing, standing_of
from keywork.home.duty_words import CALL_KINDS, SESSION_KINDS, chip_words, session_url
from keywork.home.signals import signs_of
from keywork.models import School, StaffMember, User
from keywork.roles import Role
from keywork.school_calendar import calendar_of
from sessions.duties import QuotaStanding, SeenFacts, TargetFacts, quota_standing
from sessions.own_day import PlannedSession, planned_sessions
from students.attendance_few import attendance_of_few
from students.duties import StudentOnRoll
from students.models import Assignment, Student
from students.rules.attendance import Figures
from students.rules.signals import Signal

# Far enough that every student's next session has a date.
LOOK_AHEAD_DAYS = 100


@dataclass(frozen=True, slots=True)
class CaseloadRow:
    """One student. session: the most pressing session duty and its chip's words.

    attendance: of the academic year to today; None where nothing was possible. signals: early
    signs of disengagement. spoke: when somebody last spoke to home; call: the call to make first.
    """

    student: StudentOnRoll
    quota: QuotaStanding | None
    last_held: date | None
    session: Duty | None
    session_words: str
    open_targets: int
    to_review: int
    planned: PlannedSession | None
    attendance: Figures | None
    signals: list[Signal]
    spoke: date | None = None
    call: Duty | None = None

    @property
    def prepare_url(self) -> str:
        """Give where the next session is prepared."""
        return session_url(self.student.ref, self.planned.ref if self.planned else "")


@dataclass(frozen=True, slots=True)
class Caseload:
    """The page. limit: how many students the viewer may have, None where nothing says."""

    rows: list[CaseloadRow]
    others: list[CaseloadRow]
    total: int
    limit: int | None
    admins: list[str]
    next_up: CaseloadRow | None

    @property
    def above_limit(self) -> bool:
        """Say whether there are more students than the limit."""
        return self.limit is not None and self.total > self.limit


def _by_name(row: CaseloadRow) -> tuple[object, ...]:
    return (row.student.name, row.student.pk)


def _worst_first(row: CaseloadRow) -> tuple[object, ...]:
    duty = row.session
    if duty is None:
        return (2, date.max, *_by_name(row))
    waits = duty.status == DutyStatus.UPCOMING
    return (int(waits), duty.act_by, *_by_name(row))


def _lowest_attendance(row: CaseloadRow) -> tuple[object, ...]:
    found = row.attendance
    return (found.attended / found.possible if found else 2, *_by_name(row))


def _longest_unseen(row: CaseloadRow) -> tuple[object, ...]:
    return (row.last_held or date.min, *_by_name(row))


ORDERS: dict[str, Callable[[CaseloadRow], tuple[object, ...]]] = {
    "worst": _worst_first,
    "name": _by_name,
    "seen": _longest_unseen,
    "attendance": _lowest_attendance,
}


def caseload_for(viewer: Viewer, *, q: str = "", sort: str = "worst") -> Caseload:
    """Read the viewer's caseload at the chosen school, in a fixed number of queries.

    q: part of a name or form, to find a student. sort: a key of ORDERS; worst first otherwise.
    """
    school = viewer.chosen_school
    standing, planned = _read(viewer, school)
    roll = standing.roll
    table = attendance_of_few(tuple(roll.by_id), roll.on)
    signs = signs_of(roll).by_student
    rows = [
        _row(standing, student, planned, table.figures.get(pk), signs.get(pk, []))
        for pk, student in roll.by_id.items()
    ]
    own = [row for row in rows if row.student.owner_id == viewer.user.pk]
    others = [row for row in rows if row.student.owner_id != viewer.user.pk]
    order = ORDERS.get(sort, _worst_first)
    shown = sorted((row for row in own if _matches(row, q)), key=order)
    due = sorted((row for row in own if row.session), key=_worst_first)
    return Caseload(
        rows=shown,
        others=sorted((row for row in others if _matches(row, q)), key=order),
        total=len(own),
        limit=_limit(viewer, school),
        admins=[] if own else _admins(school, viewer.on),
        next_up=due[0] if due else None,
    )


def _read(viewer: Viewer, school: School) -> tuple[Standing, dict[int, PlannedSession]]:
    """Read where the students stand, primary and secondary, and what is planned for each next."""
    on, calendar = viewer.on, calendar_of(school)
    current = Assignment.objects.current(on).filter(key_worker=viewer.user)
    students = Student.objects.in_full_for(viewer).filter(pk__in=current.values("student"))
    standing = standing_of(
        school, on, calendar=calendar, students=students, horizon=LOOK_AHEAD_DAYS
    )
    ahead = [each for each in planned_sessions(viewer, standing.roll.by_id) if each.on >= on]
    return standing, {each.student_id: each for each in reversed(ahead)}


def _row(
    standing: Standing,
    student: StudentOnRoll,
    planned: dict[int, PlannedSession],
    attendance: Figures | None,
    signals: list[Signal],
) -> CaseloadRow:
    roll = standing.roll
    facts = standing.seen.get(student.pk, SeenFacts())
    targets = standing.targets.get(student.pk, TargetFacts())
    duties = [duty for duty in standing.duties if duty.student_id == student.pk]
    session = next((duty for duty in duties if duty.kind in SESSION_KINDS), None)
    reviews = [duty for duty in duties if duty.kind == DutyKind.TARGET_REVIEW]
    calls = standing.calls.get(student.pk)
    pressing = (d for d in duties if d.kind in CALL_KINDS and d.status != DutyStatus.UPCOMING)
    return CaseloadRow(
        student=student,
        quota=quota_standing(roll, student, facts),
        last_held=facts.last_held,
        session=session,
        session_words=chip_words(session, roll.on, roll.calendar) if session else "",
        open_targets=len(targets.active),
        to_review=sum(duty.status != DutyStatus.UPCOMING for duty in reviews),
        planned=planned.get(student.pk),
        attendance=attendance if attendance and attendance.possible else None,
        signals=signals,
        spoke=calls.last_spoke if calls else None,
        call=next(pressing, None),
    )


def _matches(row: CaseloadRow, q: str) -> bool:
    return q.casefold() in f"{row.student.name} {row.student.reg_form}".casefold()


def _limit(viewer: Viewer, school: School) -> int | None:
    posts = StaffMember.objects.filter(user=viewer.user, school=school)
    limit = Coalesce("capacity", "school__key_work_model__caseload_max")
    return posts.values_list(limit, flat=True).first()


def _admins(school: School, on: date) -> list[str]:
    return [user.full_name for user in User.objects.with_role_at(school, on, Role.ADMIN)[:3]]
