"""Students of an export: new starters, changes, leavers; never two of one child."""

from __future__ import annotations

from typing import Any

from keywork.home.imports.formats import STUDENTS, Column, FileFormat, Kind
from keywork.home.imports.importer import Draft
from keywork.home.imports.students import StudentImporter
from keywork.home.mis.people import bare_number
from keywork.home.mis.reader import Cell
from keywork.home.mis.source import AskError, LeftOutError, Source, without_blanks
from keywork.home.mis.values import (
    read_day,
    read_needs,
    read_sen_status,
    read_sex,
    read_year_group,
)
from students.models import Student

# The same columns; a student may have no UPN, and `record` says which one it is.
FORMAT = FileFormat(
    "students",
    ("record",),
    (
        Column("record"),
        Column("upn", Kind.UPN, attname="upn", empty=None),
        *(column for column in STUDENTS.columns if column.name != "upn"),
    ),
)
PLAIN = ("legal_first_name", "legal_last_name", "reg_form", "home_language")
SOURCE_OF = {"legal_first_name": "first_name", "legal_last_name": "last_name"}


class MisStudentImporter(StudentImporter):
    """Students that were matched before."""

    format = FORMAT
    referred_to_as = None
    known: dict[str, Student]

    def match(self, drafts: list[Draft]) -> None:
        """Take the students that the rows were matched with."""
        for draft in drafts:
            draft.record = self.known.get(draft.key[0])

    def show(self, draft: Draft) -> str:
        """Name the student."""
        return str(draft.record)


class StudentTranslator:
    """Puts a row into our words. known: key of a row → the student it was matched with."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.known: dict[str, Student] = {}

    def __call__(self, cells: list[Cell]) -> dict[str, str]:
        """Translate. Raises BadRowError, AskError, LeftOutError."""
        source = self.source
        match = source.student(cells)
        if match.several:
            raise AskError("Several students answer to this. Which one is it?")
        if match.student and not match.sure:
            raise AskError(
                f"No UPN or number known here, but the name and date of birth of {match.student}. "
                "Is it the same student?",
                match.student,
                source.question_key(cells, match.student),
            )
        found = {
            **{name: source.text(cells, SOURCE_OF.get(name, name)) for name in PLAIN},
            "upn": source.text(cells, "upn").upper(),
            "dob": _iso(source.read(cells, "dob", read_day)),
            "sex": source.read(cells, "sex", read_sex),
            "nc_year": source.read(cells, "nc_year", read_year_group),
            "sen_status": source.read(cells, "sen_status", read_sen_status),
            "on_roll_from": _iso(source.read(cells, "on_roll_from", read_day)),
            "left_on": _iso(source.read(cells, "left_on", read_day)),
            **self._names_and_numbers(cells, match.student),
            **_needs(source.read(cells, "needs", read_needs), match.student),
        }
        self._check_roll(found, match.student)
        return {"record": self._key(found, match.student), **without_blanks(found)}

    def _names_and_numbers(self, cells: list[Cell], student: Student | None) -> dict[str, str]:
        number = self.source.text(cells, "admission_no")
        if student and bare_number(student.admission_no) == bare_number(number):
            number = ""  # the zeros before it were lost in the file, not here
        preferred = self.source.text(cells, "preferred_first_name")
        same = preferred == self.source.text(cells, "first_name")
        return {"admission_no": number, "preferred_first_name": "" if same else preferred}

    def _check_roll(self, found: dict[str, Any], student: Student | None) -> None:
        """Find those off roll: listed without year and form, or with a day of leaving."""
        says_roll = {"nc_year", "reg_form"} & set(self.source.columns.of)
        off_roll = bool(says_roll) and not (found["nc_year"] or found["reg_form"])
        if student is None and (off_roll or found["left_on"]):
            raise LeftOutError("Off roll, and not a student here.")
        if student is None and not found["on_roll_from"]:
            found["on_roll_from"] = self.source.context.on.isoformat()
        if student and off_roll and not (found["left_on"] or student.left_on):
            raise AskError(
                f"No year and no form. Has {student} left? Enter the last day.", student
            )

    def _key(self, found: dict[str, Any], student: Student | None) -> str:
        if student:
            self.known[student.ref] = student
            return student.ref
        names = (found["legal_last_name"], found["legal_first_name"], found["dob"])
        return found["upn"] or found["admission_no"] or " ".join(filter(None, names))


def _needs(needs: list[str] | None, student: Student | None) -> dict[str, str]:
    """Give the needs. A file that names one says nothing of the second."""
    if not needs:
        return {}
    if len(needs) > 1:
        return {"primary_need": needs[0], "secondary_need": needs[1]}
    return {"primary_need": needs[0]}


def _iso(day: Any) -> str:
    return day.isoformat() if day else ""


def importer_of(source: Source, file: str) -> tuple[MisStudentImporter, StudentTranslator]:
    """Give the importer of a file of students, and what puts its rows into our words."""
    importer, translator = MisStudentImporter(source.context, file), StudentTranslator(source)
    importer.known = translator.known
    return importer, translator
