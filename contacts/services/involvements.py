"""Agencies around a student: involvement and consent, what was told, meetings, advice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from contacts.agency_rules import Consent, Verdict, may_tell
from contacts.errors import ContactsError
from contacts.models import (
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    AttendanceStep,
    FollowUp,
    Involvement,
)
from contacts.models.involvements import shared_in_words
from contacts.services.followups import (
    put_follow_up_back,
    raise_follow_up,
    withdraw_follow_up,
)
from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from students.models import Student

INVOLVEMENT_FIELDS = (
    *("agency", "person", "role", "started_on", "ended_on", "keep_informed"),
    *("consent", "consent_by", "consent_on", "consent_ends_on", "may_share"),
)
TOGETHER = (
    ("agency", "person"),
    ("started_on", "ended_on"),
    ("consent", "consent_by", "consent_on", "consent_ends_on", "may_share"),
)
ADVICE_FIELDS = ("about", "question", "asked_on", "adviser", "advice", "decision", "reason")


@dataclass(frozen=True, slots=True)
class Agreed:
    """Something agreed at a meeting: what, who sees to it (staff, or a name), by when."""

    text: str
    owner: User | None
    owner_name: str
    due_on: date


@transaction.atomic
def involve_agency(*, student: Student, values: dict[str, Any], by: User) -> Involvement:
    """Write down that an agency is around a student; values: of INVOLVEMENT_FIELDS.

    The same by the same person once more, as where a form is sent twice, is the same. Raises
    ContactsError for a person of another agency, an agency of another school or retired, days that
    end before they start, or consent given by nobody.
    """
    _wait_for_others(student)
    record = Involvement(student=student, recorded_by=by)
    for name in INVOLVEMENT_FIELDS:
        setattr(record, name, values[name])
    if record.agency.retired_at:
        raise ContactsError("This agency is no longer in use", "agency")
    _check_involvement(record)
    there = Involvement.objects.filter(student=student, recorded_by=by)
    if already := there.filter(**{name: values[name] for name in INVOLVEMENT_FIELDS}).first():
        return already
    save_by(record, by)
    return record


@transaction.atomic
def change_involvement(
    *, involvement: Involvement, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Involvement:
    """Change dates, role or consent; values: of INVOLVEMENT_FIELDS.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`. Raises
    ContactsError as `involve_agency` does.
    """
    locked = Involvement.objects.select_for_update().get(pk=involvement.pk)
    current = {name: getattr(locked, name) for name in INVOLVEMENT_FIELDS}
    wanted = {name: values[name] for name in INVOLVEMENT_FIELDS}
    changed = fields_to_write(seen, current=current, wanted=wanted, together=TOGETHER)
    for name, value in changed.items():
        setattr(locked, name, value)
    _check_involvement(locked)
    save_by(locked, by)
    return locked


@transaction.atomic
def log_agency_contact(
    *, involvement: Involvement, values: dict[str, Any], by: User, may_override: bool = False
) -> AgencyContact:
    """Write down what an agency was told, or told the school.

    values: direction, happened_on, how, whom, about (of Shared), text, without_consent_because.
    may_override: whether this person may tell something although consent was refused. The same by
    the same person once more, as where a form is sent twice, is the same line.

    Raises ContactsError where nothing is said to be told about, where consent was refused, or
    where it does not cover all of it and no reason is given. What they told us needs none.
    """
    locked = Involvement.objects.select_for_update().get(pk=involvement.pk)
    record = AgencyContact(involvement=locked, noted_by=by, **values)
    if record.direction == AgencyContact.Direction.TOLD:
        if not record.about:
            raise ContactsError("Tick what you told them about", "about")
        _refuse_uncovered(locked, record, may_override=may_override)
    else:
        record.without_consent_because = ""
    written = {**values, "without_consent_because": record.without_consent_because}
    there = AgencyContact.objects.standing().filter(involvement=locked, noted_by=by)
    if already := there.filter(**written).first():
        return already
    save_by(record, by)
    return record


@transaction.atomic
def log_agency_meeting(
    *, student: Student, values: dict[str, Any], agreed: Sequence[Agreed], by: User
) -> AgencyMeeting:
    """Write down a meeting, and follow up what was agreed there.

    values: agency, held_on, title, attended_by, attended_as, others, notes. The same by the same
    person once more, as where a form is sent twice, is the same meeting. Raises ContactsError
    for an agency of another school, or something agreed without an owner or due before the day.
    """
    _wait_for_others(student)
    meeting = AgencyMeeting(student=student, noted_by=by, **values)
    _same_school(student, meeting.agency.school_id)
    there = AgencyMeeting.objects.standing().filter(student=student, noted_by=by, **values)
    if already := next((each for each in there if _agreed_the_same(each, agreed)), None):
        return already
    save_by(meeting, by)
    for each in agreed:
        raise_follow_up(
            student=student,
            text=each.text,
            raised_by=FollowUp.RaisedBy.AGENCY,
            raiser_name=meeting.agency.name,
            owner=each.owner,
            owner_name=each.owner_name,
            due_on=each.due_on,
            by=by,
            on=meeting.held_on,
            reply_wanted=False,
            source=(FollowUp.Source.MEETING, meeting.ref),
        )
    return meeting


@transaction.atomic
def save_advice(
    *,
    student: Student,
    values: dict[str, Any],
    by: User,
    on: date,
    current: AgencyAdvice | None = None,
    seen: Marks | None = None,
) -> AgencyAdvice:
    """Write down advice on involving an agency, or its decision; values: of ADVICE_FIELDS.

    Raises ContactsError for a decision without its reason, ChangedMeanwhileError where somebody
    else decided meanwhile.
    """
    record = AgencyAdvice(student=student, asked_by=by)
    if current:
        record = AgencyAdvice.objects.select_for_update().get(pk=current.pk)
    before = record.decision
    known = {name: getattr(record, name) for name in ADVICE_FIELDS}
    wanted = {name: values[name] for name in ADVICE_FIELDS}
    together = [("decision", "reason")]
    for name, value in fields_to_write(
        seen, current=known, wanted=wanted, together=together
    ).items():
        setattr(record, name, value)
    _decide(record, before, by, on)
    save_by(record, by)
    return record


Withdrawable = AgencyContact | AgencyMeeting | AgencyAdvice | AttendanceStep


@transaction.atomic
def withdraw_record(*, record: Withdrawable, by: User, now: datetime) -> None:
    """Take back what was written down by mistake; its history stays.

    What was agreed at a meeting and is still open goes with it.
    """
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    if locked.withdrawn_at is not None:
        return
    locked.withdrawn_at, locked.withdrawn_by = now, by
    save_by(locked, by, "Withdrawn")
    for each in _agreed_at(locked).filter(withdrawn_at=None, answered_at=None):
        withdraw_follow_up(follow_up=each, by=by, now=now)


@transaction.atomic
def put_record_back(*, record: Withdrawable, by: User, now: datetime) -> None:
    """Undo a withdrawal, with what went with it (every undo takes `now`)."""
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    if locked.withdrawn_at is None:
        return
    went = _agreed_at(locked).filter(
        withdrawn_at=locked.withdrawn_at, withdrawn_by=locked.withdrawn_by
    )
    for each in list(went):
        put_follow_up_back(record=each, by=by, now=now)
    locked.withdrawn_at = locked.withdrawn_by = None
    save_by(locked, by, "Put back")


def _agreed_at(record: Withdrawable) -> QuerySet[FollowUp]:
    """Give what was agreed at a meeting; nothing comes of the other kinds."""
    if not isinstance(record, AgencyMeeting):
        return FollowUp.objects.none()
    found: QuerySet[FollowUp] = FollowUp.objects.filter(
        source_kind=FollowUp.Source.MEETING, source_ref=record.ref
    )
    return found


def _agreed_the_same(meeting: AgencyMeeting, agreed: Sequence[Agreed]) -> bool:
    known = _agreed_at(meeting).values_list("text", "owner", "owner_name", "due_on")
    wanted = [
        (each.text, each.owner and each.owner.pk, each.owner_name * (not each.owner), each.due_on)
        for each in agreed
    ]
    return sorted(known, key=repr) == sorted(wanted, key=repr)


def _wait_for_others(student: Student) -> None:
    """Let two forms about one student, sent at once, be written one after the other."""
    list(Student.objects.select_for_update(no_key=True).filter(pk=student.pk).values("pk"))


def _check_involvement(record: Involvement) -> None:
    _same_school(record.student, record.agency.school_id)
    if record.person and record.person.agency_id != record.agency_id:
        raise ContactsError(f"{record.person.name} works at {record.person.agency}", "person")
    if record.ended_on and record.ended_on < record.started_on:
        raise ContactsError("The last day is before the first", "ended_on")
    if record.consent == Consent.GIVEN:
        if not record.consent_by:
            raise ContactsError("Say who gave consent", "consent_by")
        if not record.consent_on:
            raise ContactsError("Say when consent was given", "consent_on")
        if not record.may_share:
            raise ContactsError("Tick what may be shared", "may_share")
    starts, ends = record.consent_on, record.consent_ends_on
    if starts and ends and ends < starts:
        raise ContactsError("Consent ends before it was given", "consent_ends_on")


def _same_school(student: Student, school_id: int) -> None:
    if school_id != student.school_id:
        raise ContactsError("This agency is in another school’s directory", "agency")


def _refuse_uncovered(
    involvement: Involvement, record: AgencyContact, *, may_override: bool
) -> None:
    answer = may_tell(involvement.facts, record.about, record.happened_on)
    if answer.verdict == Verdict.COVERED:
        record.without_consent_because = ""
        return
    beyond = f": {shared_in_words(answer.beyond)}" if answer.beyond else ""
    if answer.verdict == Verdict.REFUSED and not may_override:
        raise ContactsError(
            f"{answer.why}. Nothing may be told. Where a child may be at risk, go to the "
            "safeguarding lead, who decides.",
            "about",
        )
    if not record.without_consent_because:
        raise ContactsError(
            f"{answer.why}{beyond}. Say why you told them all the same, or ask first.",
            "without_consent_because",
        )


def _decide(record: AgencyAdvice, before: str, by: User, on: date) -> None:
    if record.decision == AgencyAdvice.Decision.OPEN:
        record.decided_on = record.decided_by = None
        return
    if not record.reason:
        raise ContactsError("Say why", "reason")
    if record.decision != before or record.decided_on is None:
        record.decided_on, record.decided_by = on, by
