"""Knowing a school's students and staff by what an export calls them."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from keywork.models import School, StaffMember
from students.models import Student


@dataclass(frozen=True, slots=True)
class Match:
    """A student found. sure: by a number; else by name and birth, for a person to confirm.

    several: more than one student answers.
    """

    student: Student | None = None
    sure: bool = False
    several: bool = False


def plain(text: str) -> str:
    """Give a name without case, accents, blanks and punctuation."""
    letters = unicodedata.normalize("NFKD", text)
    return re.sub(r"[^a-z0-9]", "", letters.encode("ascii", "ignore").decode().lower())


def bare_number(text: str) -> str:
    """Give an admission number without the zeros before it, which workbooks lose."""
    return text.strip().lstrip("0").upper()


class StudentFinder:
    """A school's students, by UPN, by admission number, and by name with date of birth."""

    def __init__(self, school: School) -> None:
        self.by_upn: dict[str, Student] = {}
        self.by_number: dict[str, list[Student]] = defaultdict(list)
        self.by_person: dict[tuple[str, str, date | None], list[Student]] = defaultdict(list)
        for student in Student.objects.filter(school=school):
            self._add(student)

    def _add(self, student: Student) -> None:
        if student.upn:
            self.by_upn[student.upn] = student
        if bare_number(student.admission_no):
            self.by_number[bare_number(student.admission_no)].append(student)
        for first in {student.legal_first_name, student.preferred_first_name} - {""}:
            key = (plain(first), plain(student.legal_last_name), student.dob)
            self.by_person[key].append(student)

    def find(
        self, *, upn: str = "", number: str = "", first: str = "", last: str = "", dob: date | None
    ) -> Match:
        """Find by UPN, then by admission number, then by name and date of birth.

        A UPN that is given and unknown is another child's, also where the number is known.
        """
        if upn and upn in self.by_upn:
            return Match(self.by_upn[upn], sure=True)
        numbered = self.by_number.get(bare_number(number), []) if bare_number(number) else []
        numbered = [student for student in numbered if not (upn and student.upn)]
        if len(numbered) == 1:
            # The number of another system may be somebody else's admission number.
            same = not last or plain(last) == plain(numbered[0].legal_last_name)
            return Match(numbered[0], sure=same)
        people = self.by_person.get((plain(first), plain(last), dob), []) if dob else []
        if len(people) + len(numbered) == 1:
            return Match(people[0])
        return Match(several=bool(people or numbered))


class StaffFinder:
    """A school's staff, by username, full name, or initial and last name as an MIS prints it."""

    def __init__(self, school: School) -> None:
        self.ids: dict[str, set[int]] = defaultdict(set)
        for post in StaffMember.objects.filter(school=school).select_related("user"):
            user = post.user
            first, last = plain(user.first_name), plain(user.last_name)
            for name in (plain(user.username), first + last, first[:1] + last, last + first[:1]):
                self.ids[name].add(user.pk)

    def find(self, name: str) -> int | None:
        """Give the id of the one member of staff called this; None for nobody or several."""
        words = [w for w in re.split(r"[\s,.]+", name) if w.lower() not in TITLES]
        found = self.ids.get(plain("".join(words)), set())
        return next(iter(found)) if len(found) == 1 else None


TITLES: Iterable[str] = frozenset({"mr", "mrs", "ms", "miss", "mx", "dr", ""})
