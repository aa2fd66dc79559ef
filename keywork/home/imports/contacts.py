"""contacts.csv and contact_log.csv.

A contact is a person and a link to the student. A row is about the adult of its name, whatever
priority it gives them; only then about the one who has its priority. What people did in Keywork
after an import stands: contact that was forbidden here, a call that was taken back here, is
changed here and no longer by a file; and nobody of whom more is known here than a file says, such
as a court order, becomes somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from contacts.models import AnsweredRecord, Contact, ContactLogEntry, StudentContact
from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import CONTACT_LOG, CONTACTS
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import Outcome
from students.models import BehaviourRecord

OF_PERSON = frozenset({"title", "first_name", "last_name", "phone", "email", "language"})
NAME = ("first_name", "last_name")


class ContactImporter(Importer):
    """Adults around students, by student and priority; one person for several where all agrees."""

    format = CONTACTS
    people: dict[tuple[str, ...], list[Contact]]
    shared: dict[int, list[Draft]]
    known_here: set[int]

    def match(self, drafts: list[Draft]) -> None:
        """Find whom the rows are about, and whom the school knows by name."""
        people = Contact.objects.filter(school=self.context.the_school).order_by("pk").in_bulk()
        links: dict[int, list[StudentContact]] = defaultdict(list)
        ids = [draft.key[0] for draft in drafts]
        for link in in_chunks(StudentContact.objects.order_by("pk"), "student_id", ids):
            link.contact = people[link.contact_id]  # one object a person, whoever's row is first
            links[link.student_id].append(link)
        self.people, self.shared = defaultdict(list), defaultdict(list)
        for person in people.values():
            self.people[_name_of(person)].append(person)
        rows: dict[int, list[Draft]] = defaultdict(list)
        for draft in drafts:
            rows[draft.key[0]].append(draft)
        for student, theirs in rows.items():
            _pair(theirs, links[student])
        matched = [draft for draft in drafts if draft.record is not None]
        for draft in matched:
            self.shared[draft.record.contact_id].append(draft)
        renamed = {d.record.contact_id: d.record.contact for d in matched if not _same_name(d)}
        self.known_here = _known_here(renamed)

    def check(self, draft: Draft) -> None:
        """Check the name, and that what was forbidden here stays so."""
        if draft.record is None and not any(draft.cells.get(name) for name in NAME):
            raise BadRowError("last_name", "Needed: this cell is empty.")
        link = draft.record
        if link is not None and link.contact_id in self.known_here and not _same_name(draft):
            raise BadRowError(
                "last_name" if "last_name" in draft.cells else "first_name",
                f"{link.contact} has this priority, and more is known of them here. The same "
                "person: change the name here. Another one: end that contact here first.",
            )
        forbidden_here = link is not None and link.do_not_contact_by_id is not None
        if forbidden_here and draft.values.get("do_not_contact") is False:
            raise BadRowError(
                "do_not_contact", "Contact was forbidden here. Allow it here, if that is right."
            )
        if draft.final("do_not_contact") and draft.final("receives_reports"):
            raise BadRowError(
                "receives_reports",
                "No report goes to somebody who must not be contacted. Write no.",
            )

    def write(self, draft: Draft) -> Outcome:
        """Write the person, then the link; the row counts as what became of the link."""
        link = draft.record
        values = {name: value for name, value in draft.values.items() if name in OF_PERSON}
        person = self._person(draft, link, values)
        told = self.put(draft, person, values)
        link = link or StudentContact(student_id=draft.key[0])
        own = {name: value for name, value in draft.values.items() if name not in OF_PERSON}
        outcome = self.put(draft, link, {**own, "contact_id": person.pk})
        changed = outcome == Outcome.UNCHANGED and told != Outcome.UNCHANGED
        return Outcome.UPDATED if changed else outcome

    def show(self, draft: Draft) -> str:
        """Name the person."""
        return " ".join(str(draft.cells.get(name, "")) for name in NAME).strip()

    def _person(
        self, draft: Draft, link: StudentContact | None, values: dict[str, Any]
    ) -> Contact:
        """Give the person a row is about: the link's, unless the file tells two of them apart.

        A new one is somebody the school knows who is the same in every column; a name alone may
        be two people's.
        """
        if link is not None and not self._told_apart(link, values):
            return link.contact
        name = tuple(str(values.get(each, "")) for each in NAME)
        for person in self.people[name]:
            if not self.differences(person, values) and not _linked_elsewhere(person, draft):
                return person
        person = Contact(school=self.context.the_school)
        for each, value in values.items():
            setattr(person, each, value)
        self.people[name].append(person)
        return person

    def _told_apart(self, link: StudentContact, values: dict[str, Any]) -> bool:
        """Say whether other rows about the same person say otherwise than this one."""
        if not self.differences(link.contact, values):
            return False
        theirs = self.shared[link.contact_id]
        said = [{name: each.values.get(name) for name in values} for each in theirs]
        return any(each != values for each in said)


def _linked_elsewhere(person: Contact, draft: Draft) -> bool:
    """Say whether this student has the person under another priority: a name twice is two."""
    if person._state.adding:  # (an earlier row's, which was refused)
        return True
    return person.students.filter(student_id=draft.key[0]).exists()


def _name_of(person: Contact) -> tuple[str, ...]:
    return (person.first_name, person.last_name)


def _pair(drafts: list[Draft], links: list[StudentContact]) -> None:
    """Set whom each row of one student is about: by name, then by priority; nobody twice.

    An adult who is no longer a contact is found by name alone: whoever takes their priority is
    somebody else.
    """
    free = sorted(links, key=lambda link: link.ended_on is not None)
    for fits in (_fits_in_both, _fits_in_name, _fits_in_priority):
        for draft in drafts:
            if draft.record is not None:
                continue
            draft.record = next((link for link in free if fits(link, draft)), None)
            if draft.record is not None:
                free.remove(draft.record)


def _fits_in_both(link: StudentContact, draft: Draft) -> bool:
    return link.priority == draft.key[1] and _is_named(link.contact, draft)


def _fits_in_name(link: StudentContact, draft: Draft) -> bool:
    return all(draft.cells.get(each) for each in NAME) and _is_named(link.contact, draft)


def _fits_in_priority(link: StudentContact, draft: Draft) -> bool:
    return link.priority == draft.key[1] and link.ended_on is None


def _same_name(draft: Draft) -> bool:
    return _is_named(draft.record.contact, draft)


def _is_named(person: Contact, draft: Draft) -> bool:
    """Say whether a row names this person, as far as the file has columns for it."""
    said = {name: str(draft.cells[name]) for name in NAME if name in draft.cells}
    return all(getattr(person, name).casefold() == text.casefold() for name, text in said.items())


def _known_here(people: dict[int, Contact]) -> set[int]:
    """Give the ids of those of whom Keywork knows what would be wrong of somebody else."""
    found = {pk for pk, person in people.items() if _has_more_than_a_file(person)}
    links = list(in_chunks(StudentContact.objects.all(), "contact_id", people))
    entries = ContactLogEntry.objects.values_list("adult_id", flat=True)
    logged = set(in_chunks(entries, "adult_id", [link.pk for link in links]))
    return found | {
        link.contact_id
        for link in links
        if link.do_not_contact or link.court_order or link.pk in logged
    }


def _has_more_than_a_file(person: Contact) -> bool:
    more: Iterable[Any] = (
        *(person.mis_id, person.address, person.address_confidential, person.checked_on),
        person.interpreter is not None,
    )
    return any(more)


class ContactLogImporter(Importer):
    """Contacts with home, by the `ref` of the file, and the slips that each names."""

    format = CONTACT_LOG
    hides_text = True
    creates_together = True
    named: dict[int, set[int]]
    students: dict[int, int]

    def match(self, drafts: list[Draft]) -> None:
        """Find the school's entries with these refs, what they name, and whose the slips are."""
        own = ContactLogEntry.objects.filter(school=self.context.the_school)
        refs = [draft.key[0] for draft in drafts]
        known = {each.import_ref: each for each in in_chunks(own, "import_ref", refs)}
        for draft in drafts:
            draft.record = known.get(draft.key[0])
        self.named = defaultdict(set)
        pairs = AnsweredRecord.objects.values_list("entry_id", "record_id")
        for entry, slip in in_chunks(pairs, "entry_id", [each.pk for each in known.values()]):
            self.named[entry].add(slip)
        slips = {slip for draft in drafts for slip in draft.cells.get("behaviour_refs", ())}
        rows = BehaviourRecord.objects.values_list("pk", "student_id")
        self.students = dict(in_chunks(rows, "pk", slips))

    def check(self, draft: Draft) -> None:
        """Check whose the slips are, and that the entry is still the file's to change."""
        student = draft.final("upn", "student_id")
        if any(self.students.get(s) != student for s in draft.cells.get("behaviour_refs", ())):
            raise BadRowError(
                "behaviour_refs", "A slip named here is another student's. Check it."
            )
        record = draft.record
        if record is None or not (record.withdrawn_at or record.recorded_at):
            return
        changed = self.differences(record, draft.values)
        if changed:
            act = "taken back" if record.withdrawn_at else "changed"
            raise BadRowError(
                self.format.column_of(changed[0]), f"This contact was {act} here. Correct it here."
            )

    def write(self, draft: Draft) -> Outcome:
        """Write the entry, then which slips it names."""
        record = draft.record or self.new(draft)
        outcome = self.put(draft, record, draft.values)
        if "behaviour_refs" not in draft.cells:
            return outcome
        changed = self._name_slips(record, set(draft.cells["behaviour_refs"]))
        return Outcome.UPDATED if changed and outcome == Outcome.UNCHANGED else outcome

    def create(self, drafts: list[Draft]) -> list[ContactLogEntry]:
        """Write new entries, then which slips they name."""
        records = super().create(drafts)
        pairs = zip(records, drafts, strict=True)
        named = [
            AnsweredRecord(entry=entry, record_id=slip)
            for entry, draft in pairs
            for slip in sorted(set(draft.cells.get("behaviour_refs", ())))
        ]
        self.context.create(named, self.file)
        return records

    def new(self, draft: Draft) -> ContactLogEntry:
        """Give an empty entry of the school."""
        return ContactLogEntry(school=self.context.the_school)

    def _name_slips(self, entry: ContactLogEntry, wanted: set[int]) -> bool:
        """Make the slips that an entry names those wanted; say whether that changed any."""
        there = self.named[entry.pk]
        for slip in sorted(wanted - there):
            answered = AnsweredRecord(entry=entry, record_id=slip)
            self.context.stamp(answered, self.file)
            answered.save()
        for answered in entry.answers.filter(record__in=there - wanted):
            self.context.stamp(answered, self.file)
            answered.delete()
        return there != wanted
