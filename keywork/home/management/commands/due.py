"""Lists the duties of the rules, as a person reads them or as one JSON document."""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork.duties import HORIZON_DAYS, Duty
from keywork.home.duties import duties_of
from keywork.home.management.base import ScriptedCommand, read_date, read_schools
from keywork.models import School, User
from keywork.school_calendar import calendars_of

# Owners that are a role, not a person.
ROLE_OWNERS = frozenset({"senco", "la"})
LONGEST_HORIZON_DAYS = 3660
Answer = tuple[School, list[Duty]]


class Command(ScriptedCommand):
    """`due --on DATE`: what is due, school by school, so that memory stays flat."""

    help = "List what is due on a date: sessions, target reviews, students without a key worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--on", required=True, metavar="DATE", help="such as 2026-11-20")
        parser.add_argument("--school", metavar="URN", help="only this school")
        parser.add_argument("--owner", metavar="USERNAME", help="only what this person owes")
        parser.add_argument(
            "--horizon",
            metavar="DAYS",
            default=HORIZON_DAYS,
            help=f"calendar days to look ahead, {HORIZON_DAYS} unless told",
        )
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run; a reader who has read enough, as `due | head` has, is no error."""
        try:
            super().run_from_argv(argv)
            sys.stdout.flush()
        except BrokenPipeError:
            # What is left in the buffer must not fail again when Python ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the duties; CommandError (exit status 1) for what cannot be answered."""
        on, horizon = read_date(options["on"]), _read_days(options["horizon"])
        owner = _read_owner(options["owner"])
        schools = read_schools(options["school"])
        answers = _answers(schools, on, owner, horizon)
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
        for school, duties in answers:
            self._print(f"{school.name} ({school.urn}), {on}: {len(duties)} due or coming\n")
            for duty in duties:
                who = f"{duty.student or '-':13}  {duty.owner or '-':12}"
                line = f"  {duty.act_by}  {duty.status:8}  {duty.kind:14}  {who}  {duty.reason}"
                self._print(line.rstrip(), "\n")

    def _print(self, *parts: str) -> None:
        for part in parts:
            self.stdout.write(part, ending="")


def _answers(schools: list[School], on: date, owner: str | None, horizon: int) -> Iterator[Answer]:
    calendars = calendars_of(schools)
    for school in schools:
        calendar = calendars[school.pk]
        yield school, duties_of(school, on, calendar=calendar, owner=owner, horizon=horizon)


def _as_json(on: date, answer: Answer) -> str:
    school, duties = answer
    shown = {"on": on.isoformat(), "school": school.urn, "duties": [_shown(d) for d in duties]}
    return json.dumps(shown, ensure_ascii=False)


def _shown(duty: Duty) -> dict[str, str]:
    return {
        "kind": duty.kind.value,
        "student": duty.student,
        "owner": duty.owner,
        "due_on": duty.due_on.isoformat(),
        "act_by": duty.act_by.isoformat(),
        "status": duty.status.value,
        "reason": duty.reason,
    }


def _read_days(text: str | int) -> int:
    if not str(text).isascii() or not str(text).isdigit() or int(text) > LONGEST_HORIZON_DAYS:
        raise CommandError(f"--horizon: write a number of days like 14, not {text}.")
    return int(text)


def _read_owner(username: str | None) -> str | None:
    known = not username or username in ROLE_OWNERS
    if not known and not User.objects.filter(username=username).exists():
        raise CommandError(f"--owner: nobody has the username {username}.")
    return username
