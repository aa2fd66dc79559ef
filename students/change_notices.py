"""What pages read of the changes that colleagues are told of, and who may be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import CharField, Count, F, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat, TruncDate

from keywork.access import Viewer
from keywork.models import School, StaffMember, User
from keywork.prepared import prepared
from keywork.roles import Capability, Role, capabilities_of
from keywork.timeline import full_name_of
from students.header import current_assignments
from students.models import ChangeNotice, ChangeNoticeReader, Student
from students.models.change_notices import ChangeNoticeQuerySet
from students.models.student import StudentQuerySet
from students.queries import timetable_of

# Those without such a role have no student's page to read; a system admin sees no content.
READING_ROLES = [
    role for role in Role if Capability.SEE_STUDENTS in capabilities_of(frozenset({role}))
]
TOLD = "told:"


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may be told. around: how they teach or work with the student; "" if neither."""

    person: User
    around: str = ""


def colleagues_of(student: Student, on: date, *, apart_from: User) -> list[Colleague]:
    """Give the school's staff by name, those around the student first, in three queries at most.

    apart_from: who writes.
    """
    posts = {each.pk: each for each in staff_to_tell(student.school_id, on)}
    posts.pop(apart_from.pk, None)
    around: dict[int, list[str]] = {}
    for each in current_assignments(student, on):
        around.setdefault(each.key_worker_id, []).append(each.get_role_display())
    for entry in timetable_of(student):
        around.setdefault(entry.teacher_id, []).append(entry.subject)
    near = [Colleague(posts[pk], ", ".join(roles)) for pk, roles in around.items() if pk in posts]
    return near + [Colleague(each) for pk, each in posts.items() if pk not in around]


def staff_to_tell(school: int, on: date) -> QuerySet[User]:
    """Give who may be told of a school's students on a day, by name."""
    posts = StaffMember.objects.filter(school=school, roles__role__in=READING_ROLES).in_post(on)
    return User.objects.filter(pk__in=posts.order_by().values("user"), is_active=True)


def notices_about(student: Student) -> ChangeNoticeQuerySet:
    """Give all that stands about a student, newest first, with who was told."""
    readers = ChangeNoticeReader.objects.select_related("person")
    found = ChangeNotice.objects.standing().filter(student=student)
    listed: ChangeNoticeQuerySet = found.select_related("written_by").prefetch_related(
        Prefetch("readers", readers)
    )
    return listed


def told_of(viewer: Viewer, student: Student) -> list[ChangeNotice]:
    """Give what the viewer was told, or wrote, of a student, that counts today; in one query.

    For those who do not see the student in full.
    """
    seen = ChangeNotice.objects.visible_to(viewer).current(viewer.on)
    return list(seen.filter(student=student).select_related("written_by"))


def with_notices(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Add what the student page says of changes, without a query of its own.

    told_now: how many count today; told_ref, told_text, told_until, told_by: the newest of them.
    """
    current = ChangeNotice.objects.current(on).filter(student=OuterRef("pk"))
    newest = current.order_by("-written_at", "-pk")
    named = newest.annotate(author=full_name_of("written_by"))
    counted = current.order_by().values("student").annotate(count=Count("pk")).values("count")
    return students.annotate(
        told_now=Coalesce(Subquery(counted), 0),
        told_ref=Subquery(newest.values("ref")[:1]),
        told_text=Subquery(newest.values("text")[:1]),
        told_until=Subquery(newest.values("until")[:1]),
        told_by=Subquery(named.values("author")[:1]),
    )


@dataclass(frozen=True, slots=True)
class Unread:
    """Something the viewer is told and has not ticked as read."""

    ref: str
    by: str


def unread_lines(viewer: Viewer, columns: Iterable[str]) -> QuerySet:
    """Give (state, day, key, day, text, then columns) of what waits to be read at the school.

    For a union with other lines of Today; columns: of the reader's row, and see `unread_of`.
    """
    waiting = ChangeNoticeReader.objects.unread(viewer.on).filter(
        person=viewer.user, notice__student__school=viewer.chosen_school
    )
    author = full_name_of("notice__written_by")
    state = Concat(Value(TOLD), F("notice__ref"), Value(":"), author, output_field=CharField())
    day = TruncDate("notice__written_at")
    return (
        waiting.order_by()
        .annotate(line_state=state, sorted_by=day, line_day=day)
        .values_list("line_state", "sorted_by", "pk", "line_day", "notice__text", *columns)
    )


def unread_of(state: str) -> Unread | None:
    """Read the first column of `unread_lines`; None for another line of a union."""
    if not state.startswith(TOLD):
        return None
    ref, _, by = state.removeprefix(TOLD).partition(":")
    return Unread(ref, by)


def unread_notices(viewer: Viewer) -> list[ChangeNotice]:
    """Give what waits for the viewer to be read at the chosen school, newest first; one query."""
    return _unread(viewer=viewer)


@prepared
def _unread(*, viewer: Viewer) -> QuerySet[ChangeNotice]:
    waiting = ChangeNoticeReader.objects.unread(viewer.on).filter(person=viewer.user).order_by()
    found = ChangeNotice.objects.filter(
        pk__in=waiting.values("notice"), student__school=viewer.chosen_school
    )
    return found.select_related("student", "written_by").order_by("-written_at", "-pk")


def unread_by_person(school: School, on: date, since: date) -> dict[int, list[str]]:
    """Give user id → names of the students of whom they were told since a day, not read yet."""
    rows = (
        ChangeNoticeReader.objects.unread(on)
        .filter(notice__student__school=school, told_at__date__range=(since, on))
        .select_related("notice__student")
        .order_by("pk")
    )
    found: dict[int, list[str]] = {}
    for row in rows:
        found.setdefault(row.person_id, []).append(row.notice.student.name)
    return found
