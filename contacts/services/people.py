"""Adults around a student: added, changed, ended, checked; who must not be contacted."""

from datetime import date
from typing import Any

from django.db import transaction

from contacts.errors import ContactsError
from contacts.models import Contact, StudentContact
from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import User
from students.models import Student

PERSON = (
    *("title", "first_name", "last_name", "phone", "email", "language", "interpreter"),
    *("address", "address_confidential"),
)
LINK = (
    *("relationship", "priority", "parental_responsibility", "lives_with", "receives_reports"),
    *("do_not_contact", "do_not_contact_reason", "do_not_contact_on"),
    *("court_order", "court_order_from", "court_order_until", "court_order_says"),
    *("court_order_forbids", "court_order_seen_on"),
)
TOGETHER = (
    ("do_not_contact", "do_not_contact_reason", "do_not_contact_on"),
    ("court_order", "court_order_from", "court_order_until", "court_order_forbids"),
)


@transaction.atomic
def add_contact(*, student: Student, values: dict[str, Any], by: User, on: date) -> StudentContact:
    """Add an adult; values: of PERSON and LINK.

    Somebody the school knows by the same name and telephone or e-mail, such as a sibling's
    parent, stays one person, of whom all stays known that is left empty here. Somebody who was
    a contact of this student becomes one again; what forbids contact stands until it is lifted.
    Raises ContactsError where they are a contact of this student, or are to get reports though
    they must not be contacted.
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    person = _known_person(student, values) or Contact(school_id=student.school_id)
    link = _link_to_open(student, person, on)
    told = {name: values[name] for name in PERSON}
    _write_person(person, _given(told) if person.pk else told, by)
    link.contact = person
    wanted = {name: values[name] for name in LINK}
    _write_link(link, _without_lifting(wanted) if link.pk else wanted, by, on)
    return link


@transaction.atomic
def change_contact(
    *, link: StudentContact, values: dict[str, Any], by: User, on: date, seen: Marks | None = None
) -> StudentContact:
    """Change an adult; what stands about the person changes for every student of theirs.

    seen: what the form showed; raises ChangedMeanwhileError: see `keywork.merging`. Raises
    ContactsError where they are no longer a contact, or are to get reports though they must not
    be contacted.
    """
    locked = _standing(link, on)
    person = Contact.objects.select_for_update().get(pk=locked.contact_id)
    current = {name: getattr(person, name) for name in PERSON}
    current |= {name: getattr(locked, name) for name in LINK}
    wanted = {name: values[name] for name in (*PERSON, *LINK)}
    changed = fields_to_write(seen, current=current, wanted=wanted, together=TOGETHER)
    _write_person(person, {name: v for name, v in changed.items() if name in PERSON}, by)
    locked.contact = person
    _write_link(locked, {name: v for name, v in changed.items() if name in LINK}, by, on)
    return locked


@transaction.atomic
def end_contact(*, link: StudentContact, reason: str, by: User, on: date) -> StudentContact:
    """Say that an adult is no longer around the student; ended already, it stays."""
    locked = StudentContact.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if locked.ended_on is None:
        locked.ended_on, locked.ended_reason = on, reason
        save_by(locked, by, reason)
    return locked


@transaction.atomic
def put_contact_back(*, record: StudentContact, by: User, now: Any) -> StudentContact:
    """Undo an ending (every undo takes `now`)."""
    locked = StudentContact.objects.select_for_update(of=("self",)).get(pk=record.pk)
    if locked.ended_on is not None:
        locked.ended_on, locked.ended_reason = None, ""
        save_by(locked, by, "Undone")
    return locked


@transaction.atomic
def check_contacts(*, student: Student, by: User, on: date) -> int:
    """Note that the details of a student's adults were checked today and are still right."""
    people = Contact.objects.select_for_update().filter(
        pk__in=student.contacts.current(on).values("contact")
    )
    checked = 0
    for person in people:
        if person.checked_on != on:
            person.checked_on, person.checked_by = on, by
            save_by(person, by, "Checked, still right")
        checked += 1
    return checked


def _known_person(student: Student, values: dict[str, Any]) -> Contact | None:
    alike = Contact.objects.select_for_update().filter(
        school=student.school_id,
        first_name__iexact=values["first_name"],
        last_name__iexact=values["last_name"],
    )
    for person in alike:
        phone = values["phone"] and _digits(values["phone"]) == _digits(person.phone)
        email = values["email"] and values["email"].lower() == person.email.lower()
        if phone or email:
            return person
    return None


def _link_to_open(student: Student, person: Contact, on: date) -> StudentContact:
    """Give the link to write: a new one, or the ended one, open again."""
    known = StudentContact.objects.select_for_update(of=("self",))
    link = known.filter(student=student, contact=person).first() if person.pk else None
    if link is None:
        return StudentContact(student=student)
    if link.ended_on is None or link.ended_on > on:
        raise ContactsError("This adult is a contact of the student already", "last_name")
    link.ended_on, link.ended_reason = None, ""
    return link


def _without_lifting(wanted: dict[str, Any]) -> dict[str, Any]:
    """Leave out what a form that says nothing of it would take away."""
    kept = {name: value for name, value in wanted.items() if value not in ("", None)}
    for forbids, *rest in TOGETHER:
        if not wanted[forbids]:
            kept = {name: value for name, value in kept.items() if name not in (forbids, *rest)}
    return kept


def _given(told: dict[str, Any]) -> dict[str, Any]:
    """Leave out what was left empty: a confidential address stays confidential."""
    kept = {name: value for name, value in told.items() if value not in ("", None)}
    if not kept["address_confidential"]:
        del kept["address_confidential"]
    return kept


def _digits(phone: str) -> str:
    figures = "".join(each for each in phone if each.isdigit())
    return "0" + figures.removeprefix("44") if figures.startswith("44") else figures


def _write_person(person: Contact, values: dict[str, Any], by: User) -> None:
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    if changed or person.pk is None:
        save_by(person, by)


def _write_link(link: StudentContact, values: dict[str, Any], by: User, on: date) -> None:
    forbidden_before, order_seen = link.do_not_contact, link.court_order_seen_on
    for name, value in values.items():
        setattr(link, name, value)
    if not link.do_not_contact:
        link.do_not_contact_on = link.do_not_contact_by = None
        link.do_not_contact_reason = ""
    elif not forbidden_before or link.do_not_contact_by_id is None:
        link.do_not_contact_by = by
        link.do_not_contact_on = link.do_not_contact_on or on
    if not link.court_order:
        link.court_order_from = link.court_order_until = link.court_order_seen_on = None
        link.court_order_says, link.court_order_forbids = "", False
    if link.court_order_seen_on is None:
        link.court_order_seen_by = None
    elif link.court_order_seen_on != order_seen or link.court_order_seen_by_id is None:
        link.court_order_seen_by = by
    if link.receives_reports and (reason := link.why_not(on)):
        raise ContactsError(
            f"They must not be contacted, so no report may go to them. {reason}",
            "receives_reports",
        )
    save_by(link, by)


def _standing(link: StudentContact, on: date) -> StudentContact:
    locked = StudentContact.objects.select_for_update(of=("self",)).get(pk=link.pk)
    if locked.ended_on is not None and locked.ended_on <= on:
        raise ContactsError("Somebody ended this contact meanwhile")
    return locked
