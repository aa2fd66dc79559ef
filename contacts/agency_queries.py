"""What pages read of agencies."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from contacts.agency_rules import Verdict, may_tell, update_due_on
from contacts.followup_policies import can_liaise
from contacts.models import (
    Agency,
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    FollowUp,
    Involvement,
    Professional,
)
from contacts.models.agencies import AgencyQuerySet
from contacts.models.involvements import InvolvementQuerySet
from keywork.access import Viewer
from keywork.dates import day_in_words
from keywork.models import School
from students.header import Chip
from students.models import Assignment, Student
from students.models.student import StudentQuerySet
from students.own_page import Texts, hide_others_in
from students.policies import sight_of

LOG_SHOWN = 30
MEETINGS_SHOWN = 10
INVOLVED_TEXTS = ("role", "consent_by")
LOG_TEXTS = ("text", "whom", "without_consent_because")
MEETING_TEXTS = ("title", "attended_as", "others", "notes")
AGREED_TEXTS = ("text", "owner_name")
ADVICE_TEXTS = ("about", "question", "adviser", "advice", "reason")


@dataclass(frozen=True, slots=True)
class Around:
    """An agency around a student, as pages show it.

    consent: chip of the consent today. last: when there was last contact, in words. late: chip
    where it has not been kept informed.
    """

    involvement: Any
    current: bool
    consent: Chip
    last: str
    late: Chip | None


@dataclass(frozen=True, slots=True)
class AgenciesPart:
    """The agencies around one student: all that contacts/agencies_part.html shows."""

    student: Student
    now: list[Around]
    before: list[Around]
    log: list[AgencyContact]
    meetings: list[Any]
    advice: list[AgencyAdvice]
    weeks: int
    may_liaise: bool
    on: date


def agencies_part(viewer: Viewer, student: Student) -> AgenciesPart:
    """Give the agencies around a student seen in full, in six queries at most."""
    on, weeks = viewer.on, student.school.agency_update_weeks
    found = Involvement.objects.filter(student=student).with_last_contact()
    rows = [around(each, on, weeks) for each in found.select_related("agency", "person")]
    log = AgencyContact.objects.standing().filter(involvement__student=student)
    people = ("involvement__agency", "involvement__person", "noted_by")
    told = list(log.select_related(*people)[:LOG_SHOWN])
    meetings = _meetings(student)
    asked = AgencyAdvice.objects.standing().filter(student=student)
    advice = list(asked.select_related("asked_by", "decided_by"))
    texts: list[Texts] = [(row.involvement, INVOLVED_TEXTS) for row in rows]
    texts += [(each, LOG_TEXTS) for each in told]
    texts += [(each, MEETING_TEXTS) for each in meetings]
    texts += [(one, AGREED_TEXTS) for each in meetings for one in each.agreed]
    texts += [(each, ADVICE_TEXTS) for each in advice]
    hide_others_in(student, texts)
    return AgenciesPart(
        student=student,
        now=[row for row in rows if row.current],
        before=[row for row in rows if not row.current],
        log=told,
        meetings=meetings,
        advice=advice,
        weeks=weeks,
        may_liaise=can_liaise(viewer, student, sight_of(viewer, student)),
        on=on,
    )


def around(involvement: Any, on: date, weeks: int) -> Around:
    """Give an involvement (`with_last_contact`) with its chips on a day."""
    current = involvement.is_in_force(on)
    days = [day for day in (involvement.told_on, involvement.heard_on, involvement.met_on) if day]
    last = day_in_words(max(days), on) if days else "none yet"
    return Around(
        involvement,
        current,
        consent_chip(involvement, on),
        last,
        _late(involvement, on, weeks) if current else None,
    )


def consent_chip(involvement: Involvement, on: date) -> Chip:
    """Give how the consent to share stands on a day."""
    answer = may_tell(involvement.facts, (), on)
    consent = Involvement.Consented(involvement.consent)
    if answer.verdict == Verdict.REFUSED:
        return Chip("restricted", "Consent refused")
    if answer.verdict == Verdict.REASON:
        return Chip("at_risk", answer.why if involvement.consent_on else "No consent yet")
    if consent == Involvement.Consented.NOT_NEEDED:
        return Chip("fact", "No consent needed")
    ends = involvement.consent_ends_on
    return Chip("done", f"Consent until {ends:%-d %b %Y}" if ends else "Consent given")


def _late(involvement: Any, on: date, weeks: int) -> Chip | None:
    if not involvement.keep_informed or involvement.consent == Involvement.Consented.REFUSED:
        return None
    due = update_due_on(involvement.informed_on, weeks)
    if due >= on:
        return None
    told = involvement.told_on or involvement.met_on
    return Chip("due", f"Not told since {told:%-d %b}" if told else "Never told anything")


def _meetings(student: Student) -> list[Any]:
    """Give the newest meetings, each with `agreed`: its follow-ups."""
    rows = AgencyMeeting.objects.standing().filter(student=student)
    meetings: list[Any] = list(rows.select_related("agency", "attended_by")[:MEETINGS_SHOWN])
    agreed = agreed_at([each.ref for each in meetings])
    for each in meetings:
        each.agreed = [one for one in agreed if one.source_ref == each.ref]
    return meetings


def agreed_at(refs: list[str]) -> list[FollowUp]:
    """Give what was agreed at meetings, by their refs; no query without a meeting."""
    if not refs:
        return []
    found = FollowUp.objects.standing().filter(
        source_kind=FollowUp.Source.MEETING, source_ref__in=refs
    )
    return list(found.select_related("owner", "student"))


def directory(viewer: Viewer, *, q: str = "", kind: str = "", retired: bool = False) -> Any:
    """Give the agencies of the chosen school whose names, teams or people hold every word."""
    found: AgencyQuerySet = Agency.objects.visible_to(viewer).filter(school=viewer.chosen_school)
    if not retired:
        found = found.in_use()
    if kind:
        found = found.filter(kind=kind)
    for word in q.split()[:6]:
        people = Professional.objects.in_use().filter(agency=OuterRef("pk"), name__icontains=word)
        found = found.filter(Q(name__icontains=word) | Q(team__icontains=word) | Exists(people))
    staff = Professional.objects.filter(retired_at=None)
    return found.prefetch_related(Prefetch("people", staff, to_attr="staff"))


def around_agency(viewer: Viewer, agency: Agency) -> list[Around]:
    """Give the students seen in full around whom an agency is today, in one query."""
    seen = Involvement.objects.visible_to(viewer).filter(agency=agency).in_force(viewer.on)
    found = seen.with_last_contact().select_related("student", "agency", "person")
    weeks = agency.school.agency_update_weeks
    return [around(each, viewer.on, weeks) for each in found]


def to_update(viewer: Viewer, school: School, *, whose: str) -> InvolvementQuerySet:
    """Give the agencies that have not been kept informed, the longest wait first.

    whose: `mine` (students whose key worker the viewer is) or `all` (of all seen in full).
    """
    seen = Involvement.objects.visible_to(viewer).filter(
        student__school=school, student__in=Student.objects.on_roll(viewer.on)
    )
    if whose == "mine":
        seen = seen.filter(student__in=_students_of(viewer))
    found: InvolvementQuerySet = seen.to_update(viewer.on, school.agency_update_weeks)
    return found.select_related("student", "agency", "person")


def _students_of(viewer: Viewer) -> QuerySet:
    current = Assignment.objects.current(viewer.on).filter(key_worker=viewer.user)
    return current.order_by().values("student")


def with_agencies(students: StudentQuerySet, on: date) -> StudentQuerySet:
    """Add what the student page says of agencies, without a query of its own.

    agencies_now: how many are around the student; agencies_since: the day since which the first
    of those to be kept informed has heard nothing.
    """
    current = Involvement.objects.filter(student=OuterRef("pk")).in_force(on)
    waiting: Any = current.to_be_informed().with_last_contact()
    counted = current.order_by().values("student").annotate(count=Count("pk")).values("count")
    return students.annotate(
        agencies_now=Coalesce(Subquery(counted), 0),
        agencies_since=Subquery(waiting.order_by("informed_on").values("informed_on")[:1]),
    )


def late_words(student: Any, on: date) -> str:
    """Give that an agency has not been kept informed; student: `with_agencies`; else empty."""
    since = student.agencies_since
    if since is None or update_due_on(since, student.school.agency_update_weeks) >= on:
        return ""
    return f"One not told since {since:%-d %b}"


def usual_action_day(on: date) -> date:
    """Give the day by which something agreed at a meeting is usually done: two weeks on."""
    return on + timedelta(days=14)
