"""Writing down what was noticed of a student's wellbeing: kept, corrected, taken back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from students.models import Observation, Student
from students.services.records import StudentError

FIELDS = ("kind", "text", "noticed_on")


@transaction.atomic
def note_observation(*, student: Student, values: dict[str, Any], by: User) -> Observation:
    """Write down what somebody noticed; values: of FIELDS. The same sent twice is one."""
    Student.objects.select_for_update(of=("self",)).get(pk=student.pk)
    said = {name: values[name] for name in FIELDS}
    same = Observation.objects.standing().filter(student=student, noticed_by=by, **said)
    if already := same.first():
        return already
    observation = Observation(student=student, noticed_by=by, **said)
    save_by(observation, by)
    return observation


@transaction.atomic
def correct_observation(
    *, observation: Observation, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Observation:
    """Change what was written; its history keeps the old. values: of FIELDS.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`; StudentError
    where it was taken back.
    """
    locked = _locked(observation)
    current = {name: getattr(locked, name) for name in FIELDS}
    wanted = {name: values[name] for name in FIELDS}
    written = fields_to_write(seen, current=current, wanted=wanted)
    if any(current[name] != value for name, value in written.items()):
        for name, value in written.items():
            setattr(locked, name, value)
        save_by(locked, by, "Corrected")
    return locked


@transaction.atomic
def withdraw_observation(
    *, observation: Observation, reason: str, by: User, now: datetime
) -> Observation:
    """Take an observation back, with why; raises StudentError where it was already."""
    locked = _locked(observation)
    locked.withdrawn_at, locked.withdrawn_by, locked.withdrawn_reason = now, by, reason
    save_by(locked, by, reason)
    return locked


def _locked(observation: Observation) -> Observation:
    locked = Observation.objects.select_for_update(of=("self",)).get(pk=observation.pk)
    if locked.withdrawn_at:
        raise StudentError("This was taken back meanwhile", "text")
    return locked
