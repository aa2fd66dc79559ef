"""Reads of the sessions app that several pages share."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, When
from django.db.models.functions import Coalesce

from keywork.access import Viewer, viewer_for
from keywork.dates import Span
from keywork.models import StaffMember, StaffRole, User
from keywork.models.people import full_name_of
from keywork.prepared import prepared
from keywork.roles import Role
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from sessions.ical import FeedEntry
from sessions.models import CalendarFeed, DropInSlot, KeyworkSession, SessionAction
from students.models import Assignment, Student

DONE_LATELY_DAYS = 14
FEED_DAYS_BACK = 28
FEED_DAYS_AHEAD = 26 * 7
BY_THE_STUDENT = (KeyworkSession.MissedReason.PUPIL_ABSENT, KeyworkSession.MissedReason.DECLINED)
SENIOR = (Role.SLT, Role.HEAD, Role.HEAD_OF_CARE)
FEED_MINUTES = 20  # of a session that says no length


def drop_in_slots_of(student: Student) -> list[DropInSlot]:
    """Give a student's agreed drop-in times, in the order of the week (one query).

    The caller has fetched the student through `visible_to`.
    """
    slots = student.drop_in_slots.filter(withdrawn_at=None).with_agreed_at()
    return list(slots.select_related("key_worker"))


@dataclass(frozen=True, slots=True)
class SlotLately:
    """A drop-in time on the last day it was; logged: what was recorded of it, or None."""

    day: date
    logged: KeyworkSession | None


def drop_ins_lately(
    student: Student, slots: Sequence[DropInSlot], on: date
) -> list[tuple[DropInSlot, SlotLately | None]]:
    """Give each slot with the last day it was, today included; None where school was closed then,
    or the time not agreed yet.

    One query beside the calendar's.
    """
    calendar = calendar_of(student.school)
    logged = list(student.keywork_sessions.drop_ins(on - timedelta(days=6), on))
    return [(slot, _lately(slot, logged, calendar, on)) for slot in slots]


def _lately(
    slot: DropInSlot, logged: Sequence[KeyworkSession], calendar: SchoolCalendar, on: date
) -> SlotLately | None:
    day = on - timedelta(days=(on.weekday() - slot.weekday) % 7)
    if day < slot.first_day or not calendar.is_school_day(day):
        return None
    found = (each for each in logged if each.held_on == day and slot.is_time_of(each))
    return SlotLately(day, next(found, None))


def drop_in_slots_kept_by(viewer: Viewer) -> list[DropInSlot]:
    """Give the drop-in times the viewer keeps for students on roll, in the order of the week."""
    students = Student.objects.on_roll(viewer.on)
    slots = DropInSlot.objects.visible_to(viewer).filter(
        key_worker=viewer.user, student__in=students
    )
    return list(slots.with_agreed_at().select_related("student"))


def drop_ins_of_week(slots: Iterable[DropInSlot], week: Span) -> list[KeyworkSession]:
    """Give what was logged of the students' drop-in times in a week, by whomever (one query).

    It says whether a time is still to be logged; a colleague's record is shown to nobody by it.
    """
    students = {slot.student_id for slot in slots}
    return list(KeyworkSession.objects.drop_ins(*week).filter(student__in=students))


def sessions_of_week(viewer: Viewer, week: Span) -> list[KeyworkSession]:
    """Give the viewer's own sessions from Monday to Sunday, planned, held or missed."""
    mine = KeyworkSession.objects.visible_to(viewer).filter(
        key_worker=viewer.user, held_on__range=week
    )
    ordered = mine.order_by("held_on", F("starts_at").asc(nulls_last=True), "pk")
    return list(ordered.select_related("student"))


def planned_with(keywork_session: KeyworkSession, viewer: Viewer) -> list[KeyworkSession]:
    """Give the others of a planned session's group that the viewer may move with it."""
    if keywork_session.group_id is None:
        return []
    group = KeyworkSession.objects.visible_to(viewer).planned()
    others = group.filter(group=keywork_session.group_id).exclude(pk=keywork_session.pk)
    return list(others.select_related("student__school", "key_worker").order_by("pk"))


def who_may_join(viewer: Viewer, student: Student) -> list[Student]:
    """Give those who may be in a group with a student: of the same school, on roll, seen in full.

    The viewer's own come first (two queries).
    """
    seen = Student.objects.visible_to(viewer).in_full_for(viewer).on_roll(viewer.on)
    here = seen.filter(school=student.school_id).exclude(pk=student.pk).by_name()
    others = list(here.select_related("school__key_work_model", "key_work_model"))
    own = set(Student.objects.caseload_of(viewer.user, viewer.on).values_list("pk", flat=True))
    return sorted(others, key=lambda each: each.pk not in own)


def foci_held(student: Student, since: date, on: date) -> Sequence[str]:
    """Give the foci of a student's sessions held from a day up to another, both inclusive."""
    held = KeyworkSession.objects.held(on).filter(student=student, held_on__gte=since)
    return list(held.exclude(focus="").values_list("focus", flat=True))


def last_timed_session(student: Student) -> KeyworkSession | None:
    """Give the student's latest session with a time: the next one is likely to be like it."""
    timed = KeyworkSession.objects.standing().filter(student=student, starts_at__isnull=False)
    return timed.newest_first().first()


def actions_for(viewer: Viewer, whose: str) -> QuerySet[SessionAction]:
    """Give agreed actions, the most overdue first, with `session_seen` (may it be opened).

    whose: `mine` (open), `students` (open, of the viewer's students, whoever owes them) or
    `done` (both, ticked in the last fourteen days, newest first).
    """
    mine = SessionAction.objects.owned_by(viewer)
    # One's own are in sight whoever the student is, so that question is left out.
    objects = SessionAction.objects
    seen = objects.filter(mine) if whose == "mine" else objects.visible_to(viewer)
    actions = (
        seen.filter(keywork_session__withdrawn_at=None)
        .with_session_seen(viewer)
        .select_related("keywork_session__student", "owner", "done_by")
    )
    theirs = Q(keywork_session__student__in=_students_of(viewer))
    if whose == "done":
        since = viewer.now - timedelta(days=DONE_LATELY_DAYS)
        return actions.filter(mine | theirs, done_at__gte=since).order_by("-done_at", "-pk")
    wanted = theirs if whose == "students" else mine
    return actions.open().filter(wanted).order_by(F("due_on").asc(nulls_last=True), "pk")


def missed_by_students(students: Sequence[int], first: date, last: date) -> QuerySet:
    """Give sessions missed from `first` to `last` because the student was away or declined."""
    return KeyworkSession.objects.standing().filter(
        student__in=students,
        status=KeyworkSession.Status.MISSED,
        missed_reason__in=BY_THE_STUDENT,
        held_on__range=(first, last),
    )


def _students_of(viewer: Viewer) -> QuerySet:
    return Assignment.objects.current(viewer.on).filter(key_worker=viewer.user).values("student")


@dataclass(frozen=True, slots=True)
class Colleague:
    """A member of staff, and the name one writes: with the username where others share it.

    senior: 2 for a SENCo, 1 for another senior leader, else 0.
    """

    pk: int
    label: str
    first_name: str = ""
    senior: int = 0


def colleagues_at(school: int, on: date) -> list[Colleague]:
    """Give the staff in post at a school on a day who can sign in, by name (one query)."""
    # A large school has hundreds, so no more of each is read than it takes to name them.
    rows = _staff(school=school, on=on)
    names = [full_name_of(*parts) for _, _, *parts in rows]
    times = Counter(names)
    return [
        Colleague(
            pk, f"{name} ({username})" if times[name] > 1 else name, known_as or first, senior
        )
        for (pk, senior, known_as, first, _, username), name in zip(rows, names, strict=True)
    ]


@prepared
def _staff(*, school: int, on: date) -> QuerySet:
    post = StaffMember.objects.filter(school=school).in_post(on)
    people = User.objects.filter(staff_records__in=post, is_active=True)
    roles = StaffRole.objects.filter(
        staff_member__user=OuterRef("pk"), staff_member__school=school
    )
    senior = Case(
        When(Exists(roles.filter(role=Role.SENCO)), then=2),
        When(Exists(roles.filter(role__in=SENIOR)), then=1),
        default=0,
    )
    return people.annotate(senior=senior).values_list(
        "pk", "senior", "known_as", "first_name", "last_name", "username"
    )


def comment_reader(record: KeyworkSession, *, on: date, now: datetime) -> User | None:
    """Give who reads a reviewer's comment on a record: its author while they see the student.

    Else the student's present key worker; None where nobody of them can open it.
    """
    student = record.student_id
    present = Assignment.objects.current(on).primary().filter(student=student)
    key_workers = [each.key_worker for each in present.select_related("key_worker")]
    for user in (record.signed_by or record.key_worker, *key_workers):
        if user is None or not user.is_active:
            continue
        seen = Student.objects.in_full_for(viewer_for(user, now=now, on=on))
        if seen.filter(pk=student).exists():
            return user
    return None


def live_feed(token_hash: str) -> CalendarFeed | None:
    """Give the feed at an address by the hash of its secret, unless revoked or its owner gone.

    The look-up compares hashes of 256 random bits: its timing tells nothing of the secret.
    """
    live = CalendarFeed.objects.filter(
        token_hash=token_hash, revoked_at=None, owner__is_active=True
    )
    return live.select_related("owner").first()


def feed_entries(owner: Viewer) -> list[FeedEntry]:
    """Give the owner's sessions, planned and held, of the last four and the next 26 weeks."""
    history = KeyworkSession.history.model.objects.filter(id=OuterRef("pk"), history_type="~")
    changes = history.order_by().values("id").annotate(n=Count("pk")).values("n")
    latest = KeyworkSession.history.model.objects.filter(id=OuterRef("pk"))
    sessions = (
        KeyworkSession.objects.visible_to(owner)
        .filter(
            key_worker=owner.user,
            held_on__gte=owner.on - timedelta(days=FEED_DAYS_BACK),
            held_on__lte=owner.on + timedelta(days=FEED_DAYS_AHEAD),
        )
        .exclude(status=KeyworkSession.Status.MISSED)
        .annotate(
            changes=Coalesce(Subquery(changes), 0),
            changed_at=Subquery(
                latest.order_by("-history_date").values("history_date")[:1],
            ),
        )
        .select_related("student")
        .order_by("held_on", "starts_at", "pk")
    )
    return [_feed_entry(session, owner) for session in sessions]


def _feed_entry(session: Any, owner: Viewer) -> FeedEntry:
    return FeedEntry(
        ref=session.ref,
        initials=session.student.initials,
        day=session.held_on,
        starts_at=session.starts_at,
        minutes=session.minutes or FEED_MINUTES,
        venue=session.venue,
        changes=session.changes,
        changed_at=session.changed_at or owner.now,
    )
