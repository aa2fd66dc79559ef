"""Slips and rewards: written once, corrected only by those permitted, never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import School, User
from keywork.refs import free_ref
from keywork.undo import UndoError
from students.models import BehaviourRecord, Incident, SlipCorrection, Student
from students.other_names import initials_for_names, named

Status = SlipCorrection.Status
TEXTS = (
    "description",
    "antecedent",
    "response",
    "consequence",
    "injury",
    "property_damage",
    "contentious_note",
)
CORRECTABLE = (
    *("occurred_at", "level", "category", "points", "call_home", "location", "lesson"),
    *("part", "contentious", *TEXTS),
)
CHECKED_TOGETHER = [("level", "category", "points"), ("contentious", "contentious_note")]
UNDONE = "Undone by its author within ten minutes"


class SlipError(Exception):
    """A slip that cannot be written, corrected or withdrawn; the message is for the screen."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSlip:
    """What a form says of one event.

    students: at least one, all of one school. values: fields of BehaviourRecord shared by the
    records. parts: student id → BehaviourRecord.Part, for those not merely involved.
    """

    students: Sequence[Student]
    values: Mapping[str, Any]
    parts: Mapping[int, str] = field(default_factory=dict)


@transaction.atomic
def record_slip(
    *, slip: NewSlip, school: School, ref: str, by: User, now: datetime
) -> list[BehaviourRecord]:
    """Write one record a student, joined by an incident where there are several.

    ref: of the first record, made when the form was shown; a form sent twice gives the records
    of the first time, one changed after going back is another slip. In each record the other
    students of the event stand as initials.
    Raises SlipError where a student is another school's or the event lies ahead.
    """
    if any(student.school_id != school.pk for student in slip.students):
        raise SlipError("A slip is about students of one school")
    if slip.values["occurred_at"] > now:
        raise SlipError("This lies ahead: give the time when it happened")
    list(User.objects.select_for_update().filter(pk=by.pk).values("pk"))
    if already := _sent_already(ref, slip, by):
        return already
    ref = free_ref(BehaviourRecord, ref)
    incident = _incident(slip, school, by)
    records = []
    for number, student in enumerate(slip.students):
        record = BehaviourRecord(
            school=school,
            student=student,
            incident=incident,
            staff=by,
            recorded_by=by,
            recorded_at=now,
            **_values_of(student, slip),
        )
        if number == 0:
            record.ref = ref
        save_by(record, by)
        records.append(record)
    return records


@transaction.atomic
def undo_slip(*, record: BehaviourRecord, by: User, now: datetime) -> None:
    """Take back a slip just written, and those of the other students of the same event.

    Raises UndoError where it is withdrawn already or somebody else wrote it.
    """
    if record.recorded_by_id != by.pk:
        raise UndoError("Only the person who did this can undo it")
    same = BehaviourRecord.objects.select_for_update().filter(pk=record.pk)
    if record.incident_id:
        same = BehaviourRecord.objects.select_for_update().filter(incident=record.incident_id)
    standing = [each for each in same if each.withdrawn_at is None]
    if not standing:
        raise UndoError("This slip is withdrawn already")
    for each in standing:
        _withdraw(each, reason=UNDONE, by=by, now=now)


@transaction.atomic
def withdraw_slip(*, record: BehaviourRecord, reason: str, by: User, now: datetime) -> None:
    """Withdraw one student's slip. Raises SlipError where it is withdrawn already."""
    record = _locked(record)
    _withdraw(record, reason=reason, by=by, now=now)
    _answer_open(record, reason, by, now)


@transaction.atomic
def correct_slip(
    *,
    record: BehaviourRecord,
    values: Mapping[str, Any],
    reason: str,
    by: User,
    now: datetime,
    seen: Marks | None = None,
) -> bool:
    """Change a slip, with why; say whether anything changed.

    values: fields of CORRECTABLE. Answers what was asked about it. The old text stays in the
    history. Raises SlipError where it is withdrawn or would lie ahead.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    record = _locked(record)
    if values.get("occurred_at", now) > now:
        raise SlipError("This lies ahead: give the time when it happened")
    current = {name: getattr(record, name) for name in CORRECTABLE if name in values}
    wanted = {name: values[name] for name in current}
    written = fields_to_write(seen, current=current, wanted=wanted, together=CHECKED_TOGETHER)
    changed = {name: value for name, value in written.items() if value != current[name]}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(record, name, value)
    save_by(record, by, reason)
    if not _answer_open(record, reason, by, now):
        _note_correction(record, reason, by, now)
    return True


@transaction.atomic
def ask_for_correction(
    *, record: BehaviourRecord, text: str, by: User, now: datetime
) -> SlipCorrection:
    """Ask those permitted to correct a slip (S2-52); the same question twice is one."""
    record = _locked(record)
    same = record.corrections.open().filter(asked_by=by, text=text).first()
    if same:
        return same
    asked = SlipCorrection(record=record, text=text, asked_by=by, asked_at=now)
    save_by(asked, by)
    return asked


@transaction.atomic
def let_stand(*, correction: SlipCorrection, answer: str, by: User, now: datetime) -> None:
    """Answer that a slip was checked and stands. Raises SlipError where it is answered."""
    correction = SlipCorrection.objects.select_for_update(of=("self",)).get(pk=correction.pk)
    if not correction.is_open:
        raise SlipError("Somebody has answered this meanwhile")
    _answer(correction, Status.STANDS, answer, by, now)


def _sent_already(ref: str, slip: NewSlip, by: User) -> list[BehaviourRecord]:
    """Give the records that a form made when it was sent the first time, if they still say it.

    None where it was not sent, where they were withdrawn, and where the form says anything else.
    """
    first = BehaviourRecord.objects.standing().filter(ref=ref, recorded_by=by).first()
    if first is None:
        return []
    records = [first]
    if first.incident_id:
        same = BehaviourRecord.objects.standing().filter(incident=first.incident_id)
        records = list(same.order_by("pk"))
    said = {student.pk: _values_of(student, slip) for student in slip.students}
    if {record.student_id for record in records} != set(said):
        return []
    return records if all(_says(each, said[each.student_id]) for each in records) else []


def _says(record: BehaviourRecord, values: Mapping[str, Any]) -> bool:
    return all(getattr(record, name) == value for name, value in values.items())


def _incident(slip: NewSlip, school: School, by: User) -> Incident | None:
    if len(slip.students) < 2:
        return None
    incident = Incident(school=school, occurred_at=slip.values["occurred_at"], made_by=by)
    save_by(incident, by)
    return incident


def _values_of(student: Student, slip: NewSlip) -> dict[str, Any]:
    """The event's values as one student's record holds them: their part, the others' initials."""
    others = named(each for each in slip.students if each.pk != student.pk)
    values = {
        name: initials_for_names(value, others, also_first=True) if name in TEXTS else value
        for name, value in slip.values.items()
    }
    return {"part": slip.parts.get(student.pk, BehaviourRecord.Part.INVOLVED), **values}


def _locked(record: BehaviourRecord) -> BehaviourRecord:
    record = BehaviourRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if record.withdrawn_at:
        raise SlipError("Somebody withdrew this slip meanwhile")
    return record


def _withdraw(record: BehaviourRecord, *, reason: str, by: User, now: datetime) -> None:
    record.withdrawn_at, record.withdrawn_by, record.withdrawn_reason = now, by, reason
    save_by(record, by, reason)


def _answer_open(record: BehaviourRecord, reason: str, by: User, now: datetime) -> bool:
    asked = list(record.corrections.select_for_update(of=("self",)).open())
    for correction in asked:
        _answer(correction, Status.CHANGED, reason, by, now)
    return bool(asked)


def _note_correction(record: BehaviourRecord, reason: str, by: User, now: datetime) -> None:
    """Keep a correction that nobody asked for: from now on no file changes the slip."""
    noted = SlipCorrection(record=record, text=reason, asked_by=by, asked_at=now)
    _answer(noted, Status.CHANGED, reason, by, now)


def _answer(correction: SlipCorrection, status: str, answer: str, by: User, now: datetime) -> None:
    correction.status, correction.answer = status, answer
    correction.answered_by, correction.answered_at = by, now
    save_by(correction, by)
