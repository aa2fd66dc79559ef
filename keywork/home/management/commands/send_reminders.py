"""Sends by hand what the reminder schedule would send on a day."""

import json
from collections import Counter
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork import clock, outbox
from keywork.home.management.base import ScriptedCommand, read_date, read_schools
from keywork.home.reminders import remind_by_hand
from keywork.school_calendar import calendars_of


class Command(ScriptedCommand):
    """`send_reminders --on DATE`: the whole of a day's reminders, each once."""

    help = (
        "Send what the reminder schedule would send on a day: digests, escalations, nudges. "
        "A second run sends nothing more; a day that is no school day sends nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--on", required=True, metavar="DATE", help="such as 2026-11-20")
        parser.add_argument("--school", metavar="URN", help="only this school")
        parser.add_argument("--format", choices=("text", "json"), default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Queue and send; CommandError (exit status 1) where the mail server takes nothing."""
        on = read_date(options["on"])
        schools = read_schools(options["school"])
        calendars = calendars_of(schools)
        answers = {}
        for school in schools:
            new = remind_by_hand(school, on=on, calendar=calendars[school.pk], now=clock.now())
            answers[school] = (calendars[school.pk].is_school_day(on), new)
        sent = outbox.send_waiting(clock=clock.now, schools=schools, at_any_hour=True)
        print_as = self._as_json if options["format"] == "json" else self._as_text
        self.stdout.write(print_as(on.isoformat(), answers, sent))
        if sent.down:
            raise CommandError(f"{sent.down} What waits is sent later.")

    def _as_text(self, on: str, answers: dict[Any, tuple[bool, Counter[str]]], sent: Any) -> str:
        lines = []
        for school, (open_on, new) in answers.items():
            counts = ", ".join(f"{kind} {count}" for kind, count in sorted(new.items()) if count)
            said = counts or "nothing new" if open_on else "not a school day"
            lines.append(f"{school.name} ({school.urn}), {on}: {said}")
        return "\n".join([*lines, f"Outbox: {sent.as_text()}"])

    def _as_json(self, on: str, answers: dict[Any, tuple[bool, Counter[str]]], sent: Any) -> str:
        schools = [
            {
                "school": school.urn,
                "school_day": open_on,
                "queued": {kind: count for kind, count in sorted(new.items()) if count},
            }
            for school, (open_on, new) in answers.items()
        ]
        counts = {"sent": sent.sent, "failed": sent.failed, "given_up": sent.given_up}
        return json.dumps({"on": on, "schools": schools, **counts})
