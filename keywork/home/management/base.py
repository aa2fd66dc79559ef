"""What the commands that people script against have in common."""

import sys
from datetime import date

from django.core.management.base import BaseCommand, CommandError

from keywork.models import School


class ScriptedCommand(BaseCommand):
    """A command that answers wrong arguments as every other error: with exit status 1."""

    def run_from_argv(self, argv: list[str]) -> None:
        """Read the arguments first: argparse alone would end with status 2."""
        self._called_from_command_line = True
        try:
            self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
        except SystemExit as ended:
            sys.exit(1 if ended.code else 0)
        super().run_from_argv(argv)


def read_date(text: str) -> date:
    """Read `--on`. Raises CommandError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--on: write a date like 2026-11-20, not {text}.") from None


def read_schools(urn: str | None) -> list[School]:
    """Give the school of `--school`, or all by URN. Raises CommandError."""
    if urn is None:
        return list(School.objects.order_by("urn"))
    schools = list(School.objects.filter(urn=urn))
    if not schools:
        raise CommandError(f"--school: there is no school with the URN {urn}.")
    return schools
