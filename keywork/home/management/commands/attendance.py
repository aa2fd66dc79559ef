"""Lists attendance figures per student, as a person reads them or as one JSON document."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from keywork.home.management.base import ScriptedCommand, read_date, read_schools
from keywork.models import School
from keywork.school_calendar import calendars_of
from students.attendance import attendance_of
from students.models import Student
from students.rules.attendance import Figures

Line = tuple[str, str, Figures]
Answer = tuple[School, list[Line]]


class Command(ScriptedCommand):
    """`attendance --on DATE`: figures of each student on roll, school by school."""

    help = "Attendance figures per student for the academic year up to a date."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--on", required=True, metavar="DATE", help="such as 2026-11-20")
        parser.add_argument("--school", metavar="URN", help="only this school")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the figures; CommandError (exit status 1) for what cannot be answered."""
        on, schools = read_date(options["on"]), read_schools(options["school"])
        answers = _answers(schools, on)
        if options["format"] == "text":
            self._print_text(on, answers)
        elif options["school"]:
            self._print(*(_as_json(on, answer) for answer in answers), "\n")
        else:
            self._print_json(on, answers)

    def _print_json(self, on: date, answers: Iterable[Answer]) -> None:
        """Print one document, each school as soon as it is worked out."""
        self._print('{"schools": [')
        for index, answer in enumerate(answers):
            self._print(", " if index else "", _as_json(on, answer))
        self._print("]}\n")

    def _print_text(self, on: date, answers: Iterable[Answer]) -> None:
        for school, lines in answers:
            self._print(f"{school.name} ({school.urn}), {on}: {len(lines)} on roll\n")
            for upn, name, found in lines:
                self._print(f"  {upn or '-':13}  {name:30}  {_in_words(found)}\n")

    def _print(self, *parts: str) -> None:
        for part in parts:
            self.stdout.write(part, ending="")


def _answers(schools: list[School], on: date) -> Iterator[Answer]:
    calendars = calendars_of(schools)
    for school in schools:
        table = attendance_of(school, on, calendar=calendars[school.pk])
        names = Student.objects.filter(school=school).on_roll(on)
        lines = [(each.upn or "", each.name, table.figures[each.pk]) for each in names]
        yield school, sorted(lines, key=lambda line: line[:2])


def _in_words(found: Figures) -> str:
    percent = f"{found.percent} %" if found.percent else "no marks"
    flags = ", severe" if found.severe else ", persistent" if found.persistent else ""
    return (
        f"{percent:8}  {found.attended} of {found.possible}, late {found.late}, unauthorised "
        f"{found.unauthorised} ({found.unauthorised_10_weeks} in ten weeks){flags}"
    )


def _as_json(on: date, answer: Answer) -> str:
    school, lines = answer
    students = [_shown(upn, found) for upn, _, found in lines]
    return json.dumps({"on": on.isoformat(), "school": school.urn, "students": students})


def _shown(upn: str, found: Figures) -> dict[str, Any]:
    return {
        "student": upn,
        "possible": found.possible,
        "attended": found.attended,
        "authorised": found.authorised,
        "unauthorised": found.unauthorised,
        "late": found.late,
        "percent": found.percent,
        "persistent": found.persistent,
        "severe": found.severe,
        "unauthorised_10_weeks": found.unauthorised_10_weeks,
    }
