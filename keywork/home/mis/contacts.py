"""Contacts of an export: one person once, however many students and classes the file repeats."""

from __future__ import annotations

import re
from typing import Any

from contacts.models import Contact, StudentContact
from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import Column, FileFormat, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import Outcome
from keywork.home.mis.people import plain
from keywork.home.mis.reader import Cell
from keywork.home.mis.source import Source, without_blanks
from keywork.home.mis.values import read_truth

PERSON = ("mis_id", "title", "first_name", "last_name", "phone", "email", "language")
LINK = ("priority", "relationship", "parental_responsibility", "lives_with", "do_not_contact")


def _limit(name: str) -> int | None:
    found: Any = Contact._meta.get_field(name)
    return found.max_length


FORMAT = FileFormat(
    "contacts",
    ("student", "person"),
    (
        Column("student"),
        Column("person"),
        *(
            Column(name, Kind.EMAIL if name == "email" else Kind.TEXT, False, name, _limit(name))
            for name in PERSON
        ),
        Column("priority", Kind.NUMBER, attname="priority"),
        Column("relationship", attname="relationship", limit=60),
        Column("parental_responsibility", Kind.YES_NO, attname="parental_responsibility"),
        Column("lives_with", Kind.YES_NO, attname="lives_with"),
        Column("do_not_contact", Kind.YES_NO, attname="do_not_contact"),
    ),
)
COURT_ORDER = "Court order, as the school's system says. See the file."


class ContactImporter(Importer):
    """People and whose contacts they are."""

    format = FORMAT
    people: list[Contact]

    def match(self, drafts: list[Draft]) -> None:
        """Find who is linked to these students already, and who else the school knows."""
        links: dict[int, list[StudentContact]] = {}
        rows = StudentContact.objects.select_related("contact")
        for link in in_chunks(rows, "student_id", [int(d.key[0]) for d in drafts]):
            links.setdefault(link.student_id, []).append(link)
        self.people = list(Contact.objects.filter(school=self.context.the_school))
        for draft in drafts:
            there = links.get(int(draft.key[0]), [])
            draft.record = next((k for k in there if _same_name(k.contact, draft)), None)

    def check(self, draft: Draft) -> None:
        """Check that there is a name."""
        if not (draft.cells.get("last_name") or draft.cells.get("first_name")):
            raise BadRowError("last_name", "Needed: this cell is empty.")

    def write(self, draft: Draft) -> Outcome:
        """Write the person, then the link; the row is created with the link."""
        link = draft.record
        person = link.contact if link else self._known_person(draft)
        if person is None:
            person = Contact(school=self.context.the_school)
            self.people.append(person)
        told = self.put(draft, person, _of_person(draft, person))
        link = link or StudentContact(student_id=int(draft.key[0]), contact=person, priority=1)
        outcome = self.put(draft, link, _of_link(draft, link))
        if outcome == Outcome.UNCHANGED and told != Outcome.UNCHANGED:
            return Outcome.UPDATED
        return outcome

    def show(self, draft: Draft) -> str:
        """Name the person."""
        return f"{draft.cells.get('first_name', '')} {draft.cells.get('last_name', '')}".strip()

    def _known_person(self, draft: Draft) -> Contact | None:
        """Find the person among other students' contacts, such as a sibling's.

        By number, else by name together with the same telephone or e-mail: a name alone is many.
        """
        number = draft.values.get("mis_id")
        for person in self.people:
            if number and person.mis_id == number:
                return person
        alike = [p for p in self.people if _same_name(p, draft) and not (number and p.mis_id)]
        return next((person for person in alike if _same_reach(person, draft)), None)


def _same_name(person: Contact, draft: Draft) -> bool:
    number = draft.values.get("mis_id")
    if number and person.mis_id == number:
        return True
    names = (draft.cells.get("first_name", ""), draft.cells.get("last_name", ""))
    return (plain(person.first_name), plain(person.last_name)) == tuple(map(plain, names))


def _same_reach(person: Contact, draft: Draft) -> bool:
    phone, email = draft.values.get("phone", ""), draft.values.get("email", "")
    return bool(
        (phone and digits(phone) == digits(person.phone))
        or (email and email.lower() == person.email.lower())
    )


def digits(phone: str) -> str:
    """Give the figures of a telephone number, the country's code as a nought."""
    return re.sub(r"^(0044|44)", "0", re.sub(r"\D", "", phone))


def _of_person(draft: Draft, person: Contact) -> dict[str, Any]:
    values = {name: draft.values[name] for name in PERSON if name in draft.values}
    if digits(values.get("phone", "")) == digits(person.phone):
        values.pop("phone", None)  # the same number, written otherwise
    if person.mis_id:
        values.pop("mis_id", None)
    return values


def _of_link(draft: Draft, link: StudentContact) -> dict[str, Any]:
    """Give what the file says. It may forbid contact; only a person here may allow it again."""
    values = {name: draft.values[name] for name in LINK if name in draft.values}
    if not values.get("do_not_contact"):
        values.pop("do_not_contact", None)
        return values
    if link.receives_reports:
        values["receives_reports"] = False
    if not link.do_not_contact_reason:
        values["do_not_contact_reason"] = COURT_ORDER
    return values


class ContactTranslator:
    """Puts a row into our words."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def __call__(self, cells: list[Cell]) -> dict[str, str]:
        """Translate. Raises BadRowError, AskError."""
        source = self.source
        student = source.the_student(cells)
        found = {name: source.text(cells, name) for name in (*PERSON, "priority", "relationship")}
        found["phone"] = source.text(cells, "mobile") or found["phone"]
        for name in ("parental_responsibility", "lives_with", "do_not_contact"):
            found[name] = source.read(cells, name, read_truth)
        person = found["mis_id"] or plain(found["first_name"]) + "|" + plain(found["last_name"])
        return {"student": str(student.pk), "person": person, **without_blanks(found)}


def importer_of(source: Source, file: str) -> tuple[ContactImporter, ContactTranslator]:
    """Give the importer of a file of contacts, and what puts its rows into our words."""
    return ContactImporter(source.context, file), ContactTranslator(source)
