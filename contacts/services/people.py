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
FORBIDDEN = ("do_not_contact", "do_not_contact_reason", "do_not_contact_on")
ORDER = ("court_order", "court_order_from", "court_order_until", "court_order_forbids")
TOGETHER = (FORBIDDEN, ORDER)
ALREADY = (
    "This adult is a contact of the student already: change them under People. Another person of "
    "the same name: tell them apart here, such as “John (uncle)”"
)


@transaction.atomic
def add_contact(*, student: Student, values: dict[str, Any], by: User, on: date) -> StudentContact:
    """Add an adult; values: of PERSON and LINK.

    Somebody who was a contact of this student, by name, becomes one again, whatever number they
    have by now; what forbids contact stands until it is lifted. Somebody else the school knows by
    the same name and telephone or e-mail, such as a sibling's parent, stays one person, of whom
    all stays known that is left empty here. Raises ContactsError where they are a contact of this
    student, or are to get reports though they must not be contacted.
    """
    list(Student.objects.select_for_update().filter(pk=student.pk).values("pk"))
    link = _link_to_open(student, values, on)
    person = _person_of(link, values)
    told = {name: values[name] for name in PERSON}
    _write_person(person, _given(told) if person.pk else told, by)
    link.contact = person
    wanted = {name: values[name] for name in LINK}
    _write_link(link, _without_lifting(wanted, link) if link.pk else wanted, by, on)
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


def _link_to_open(student: Student, values: dict[str, Any], on: date) -> StudentContact:
    """Give the link to write: a new one, or the ended one of this name, open again.

    Of several that ended, the one that forbids contact. Links are locked before people, as
    wherever both are.
    """
    known = StudentContact.objects.select_for_update(of=("self",)).filter(
        student=student,
        contact__first_name__iexact=values["first_name"],
        contact__last_name__iexact=values["last_name"],
    )
    links = list(known.order_by("-do_not_contact", "-court_order_forbids", "-ended_on", "pk"))
    if any(link.ended_on is None or link.ended_on > on for link in links):
        raise ContactsError(ALREADY, "last_name")
    if not links:
        return StudentContact(student=student)
    links[0].ended_on, links[0].ended_reason = None, ""
    return links[0]


def _person_of(link: StudentContact, values: dict[str, Any]) -> Contact:
    """Give the adult of a link, locked; of a new link whom the school knows, or a new one."""
    known = link.contact_id if link.pk else _known_person(link.student, values)
    if known is None:
        return Contact(school_id=link.student.school_id)
    return Contact.objects.select_for_update().get(pk=known)


def _known_person(student: Student, values: dict[str, Any]) -> int | None:
    alike = Contact.objects.filter(
        school=student.school_id,
        first_name__iexact=values["first_name"],
        last_name__iexact=values["last_name"],
    )
    for person in alike.order_by("pk"):
        phone = values["phone"] and _digits(values["phone"]) == _digits(person.phone)
        email = values["email"] and values["email"].lower() == person.email.lower()
        if phone or email:
            return person.pk
    return None


def _without_lifting(wanted: dict[str, Any], link: StudentContact) -> dict[str, Any]:
    """Leave out what would take away what a form that says nothing of it does not show.

    An order that forbids contact stands with its days until another that forbids it is entered,
    which has the days that it was entered with, or none.
    """
    kept = {name: value for name, value in wanted.items() if value not in ("", None)}
    if not wanted["do_not_contact"]:
        kept = _left_out(kept, FORBIDDEN)
    if wanted["court_order"] and wanted["court_order_forbids"]:
        kept |= {name: wanted[name] for name in ORDER}
    elif link.court_order_forbids or not wanted["court_order"]:
        kept = _left_out(kept, ORDER)
    return kept


def _left_out(values: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


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
