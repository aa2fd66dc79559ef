"""students.csv, assignments.csv and timetable.csv.

An assignment that was ended or changed here stands so: a file that does not know of it would give
somebody back what they may no longer read.
"""

from __future__ import annotations

from datetime import date

from keywork.home.imports.changed_here import find_changed_here
from keywork.home.imports.context import CHUNK, HANDED_OVER_FROM, in_chunks
from keywork.home.imports.formats import ASSIGNMENTS, STUDENTS, TIMETABLE, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.overlaps import Interval, reject_overlaps, shrinking_first
from students.assignment_hooks import HandOver, tell_followers
from students.models import Assignment, Student, TimetableEntry


class StudentImporter(Importer):
    """Students, by UPN."""

    format = STUDENTS
    referred_to_as: Kind | None = Kind.STUDENT

    def match(self, drafts: list[Draft]) -> None:
        """Find the students with these UPNs, at whatever school."""
        upns = [draft.key[0] for draft in drafts]
        known = {s.upn: s for s in in_chunks(Student.objects.all(), "upn", upns)}
        for draft in drafts:
            draft.record = known.get(draft.key[0])

    def check(self, draft: Draft) -> None:
        """Check school and dates."""
        if draft.record is not None and draft.record.school_id != self.context.the_school.pk:
            raise BadRowError("upn", "A student of another school has this UPN. Check it.")
        born, joined, left = (draft.final(name) for name in ("dob", "on_roll_from", "left_on"))
        if born and born > self.context.on:
            raise BadRowError("dob", "Lies in the future. Check the date of birth.")
        if left and left < joined:
            raise BadRowError("left_on", "Lies before on_roll_from. Check both dates.")

    def new(self, draft: Draft) -> Student:
        """Give an empty student of the school."""
        return Student(school=self.context.the_school)

    def show(self, draft: Draft) -> str:
        """Name the student: a UPN says nothing to people."""
        return str(draft.record)


class AssignmentImporter(Importer):
    """Key workers of students."""

    format = ASSIGNMENTS
    hidden = frozenset({"note"})  # for those who see the student in full, as in its history
    there: list[Assignment]
    ends: dict[int, date | None]  # as they stood before the file
    changed_here: set[int]

    def match(self, drafts: list[Draft]) -> None:
        """Find the assignments of these students, and which of them people changed here."""
        ids = [draft.key[0] for draft in drafts]
        self.there = list(in_chunks(Assignment.objects.all(), "student_id", ids))
        self.ends = {a.pk: a.end for a in self.there}
        known = {(a.student_id, a.key_worker_id, a.role, a.start): a for a in self.there}
        for draft in drafts:
            draft.record = known.get(draft.key)
        self.changed_here = find_changed_here(self, drafts)

    def check(self, draft: Draft) -> None:
        """Check the dates, and that the assignment is still the file's to change."""
        end = draft.final("end")
        if end and end < draft.cells["start"]:
            raise BadRowError("end", "Lies before the start. Check both dates.")
        if draft.record is not None and draft.record.pk in self.changed_here:
            changed = self.differences(draft.record, draft.values)
            raise BadRowError(
                self.format.column_of(changed[0]),
                "This assignment was changed here. Change it here.",
            )

    def settle(self, drafts: list[Draft]) -> None:
        """Reject primary assignments of a student that overlap."""
        primary = Assignment.Role.PRIMARY
        rows = [draft for draft in drafts if draft.cells["role"] == primary]
        standing = [
            (a.pk, Interval(a.student_id, a.start, a.end)) for a in self.there if a.role == primary
        ]
        reject_overlaps(rows, _interval, standing, "another primary assignment of the student")

    def in_order(self, drafts: list[Draft]) -> list[Draft]:
        """End one key worker's time before another's begins."""
        return shrinking_first(drafts, _interval)

    def new(self, draft: Draft) -> Assignment:
        """Give an empty assignment."""
        return Assignment()

    def follow(self, drafts: list[Draft]) -> None:
        """Let what is planned from today on follow the students whose key workers changed."""
        former: dict[int, set[int]] = {draft.key[0]: set() for draft in drafts}
        for draft in drafts:
            if draft.record is not None and self._is_ended(draft.record):
                former[draft.key[0]].add(draft.record.key_worker_id)
        context, why = self.context, f"{HANDED_OVER_FROM}{self.file}"
        all_of_them = list(former.items())
        for first in range(0, len(all_of_them), CHUNK):
            some = dict(all_of_them[first : first + CHUNK])
            tell_followers(HandOver(students=some, since=context.on, by=context.by, why=why))

    def _is_ended(self, written: Assignment) -> bool:
        """Say whether the file took time from today on away; a day long past moves no plan."""
        before, end = self.ends[written.pk] or date.max, written.end or date.max
        return before >= self.context.on and end < before


def _interval(draft: Draft) -> Interval:
    return Interval(draft.key[0], draft.cells["start"], draft.final("end"))


class TimetableImporter(Importer):
    """Who teaches whom which subject: nothing but its key, so never changed."""

    format = TIMETABLE
    creates_together = True

    def match(self, drafts: list[Draft]) -> None:
        """Find the entries of these students."""
        ids = [draft.key[0] for draft in drafts]
        there = in_chunks(TimetableEntry.objects.all(), "student_id", ids)
        known = {(entry.student_id, entry.teacher_id, entry.subject): entry for entry in there}
        for draft in drafts:
            draft.record = known.get(draft.key)

    def new(self, draft: Draft) -> TimetableEntry:
        """Give an empty entry."""
        return TimetableEntry()
