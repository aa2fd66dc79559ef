"""The school's directory of agencies and professionals."""

from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.agency_rules import FEWEST_WEEKS, MOST_WEEKS
from contacts.errors import ContactsError
from contacts.models import Agency, Professional
from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import School, User

AGENCY_FIELDS = ("kind", "name", "team", "phone", "email", "notes")
PERSON_FIELDS = ("name", "job_title", "phone", "email")


@transaction.atomic
def add_agency(*, school: School, values: dict[str, Any], by: User) -> Agency:
    """Put an agency into the directory; values: of AGENCY_FIELDS.

    Raises ContactsError where the same team is in it already.
    """
    School.objects.select_for_update().get(pk=school.pk)
    agency = Agency(school=school, **_only(values, AGENCY_FIELDS))
    _refuse_twin(agency)
    save_by(agency, by)
    return agency


@transaction.atomic
def change_agency(
    *, agency: Agency, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Agency:
    """Change an agency; values: of AGENCY_FIELDS.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`. Raises
    ContactsError where the same team is in the directory already.
    """
    School.objects.select_for_update().get(pk=agency.school_id)
    locked = Agency.objects.select_for_update().get(pk=agency.pk)
    _merge(locked, _only(values, AGENCY_FIELDS), seen)
    _refuse_twin(locked)
    save_by(locked, by)
    return locked


@transaction.atomic
def retire(*, record: Agency | Professional, by: User, now: datetime) -> None:
    """Take an agency or a professional out of use; what was recorded of them stays."""
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    if locked.retired_at is None:
        locked.retired_at, locked.retired_by = now, by
        save_by(locked, by, "Retired")


@transaction.atomic
def bring_back(*, record: Agency | Professional, by: User) -> None:
    """Take an agency or a professional into use again.

    Raises ContactsError where the same team is in the directory meanwhile.
    """
    locked = type(record).objects.select_for_update().get(pk=record.pk)
    if locked.retired_at is not None:
        if isinstance(locked, Agency):
            _refuse_twin(locked)
        locked.retired_at = locked.retired_by = None
        save_by(locked, by, "Brought back")


@transaction.atomic
def add_professional(*, agency: Agency, values: dict[str, Any], by: User) -> Professional:
    """Add somebody who works at an agency; values: of PERSON_FIELDS."""
    person = Professional(agency=agency, **_only(values, PERSON_FIELDS))
    save_by(person, by)
    return person


@transaction.atomic
def change_professional(
    *, person: Professional, values: dict[str, Any], by: User, seen: Marks | None = None
) -> Professional:
    """Change a professional; values: of PERSON_FIELDS. Raises ChangedMeanwhileError."""
    locked = Professional.objects.select_for_update().get(pk=person.pk)
    _merge(locked, _only(values, PERSON_FIELDS), seen)
    save_by(locked, by)
    return locked


@transaction.atomic
def set_update_weeks(*, school: School, weeks: int, by: User) -> School:
    """Say after how many weeks an agency should hear again. Raises ContactsError outside 1-26."""
    if not FEWEST_WEEKS <= weeks <= MOST_WEEKS:
        raise ContactsError(f"Enter {FEWEST_WEEKS} to {MOST_WEEKS} weeks", "weeks")
    locked = School.objects.select_for_update().get(pk=school.pk)
    locked.agency_update_weeks = weeks
    save_by(locked, by)
    return locked


def _only(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: values[name] for name in names if name in values}


def _merge(record: Any, wanted: dict[str, Any], seen: Marks | None) -> None:
    current = {name: getattr(record, name) for name in wanted}
    for name, value in fields_to_write(seen, current=current, wanted=wanted).items():
        setattr(record, name, value)


def _refuse_twin(agency: Agency) -> None:
    twins = Agency.objects.in_use().filter(
        school=agency.school_id, name__iexact=agency.name, team__iexact=agency.team
    )
    if twins.exclude(pk=agency.pk).exists():
        raise ContactsError("This team is in the directory already", "name")
