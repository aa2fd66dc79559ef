"""Makes synthetic schools for the benchmark."""

import argparse
from collections.abc import Callable
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork import clock
from keywork.home.demo.people import PASSWORD
from keywork.home.management.base import ScriptedCommand
from keywork.home.scale import (
    MAX_SCHOOLS,
    MAX_STUDENTS,
    MAX_YEARS,
    Made,
    analyse,
    make_schools,
)
from keywork.models import School


class Command(ScriptedCommand):
    """`make_scale_data --schools N --students N --years N`: invented schools, nothing else.

    Only into a database without a school: synthetic rows have no history, and must never stand
    beside real ones.
    """

    help = (
        "Makes synthetic schools, each with N students and N years of sessions, targets, marks "
        "and slips, in an empty database. Everybody is invented; the accounts work in the demo "
        "alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the size."""
        limits = {"schools": MAX_SCHOOLS, "students": MAX_STUDENTS, "years": MAX_YEARS}
        what = {"students": "students of each school", "years": "years of records up to today"}
        for name, most in limits.items():
            text = f"{what.get(name, name)}, 1 to {most}"
            parser.add_argument(
                f"--{name}", type=_number(most), required=True, metavar="N", help=text
            )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the data; CommandError (exit status 1, nothing written) where schools exist."""
        if School.objects.exists():
            raise CommandError(
                "There is a school in this database already, and synthetic ones never stand "
                "beside it. Name an empty database in DATABASE_URL, and run migrate on it."
            )
        made = make_schools(
            schools=options["schools"],
            students=options["students"],
            years=options["years"],
            on=clock.now().date(),
            tell=self.stdout.write,
        )
        analyse()
        self._summarise(made)

    def _summarise(self, made: Made) -> None:
        for name, number in made.rows.items():
            self.stdout.write(f"{number:>10,} {name}")
        self.stdout.write(
            f"Sign in, in the demo only, as key_worker1.{made.urns[0]}, senco.{made.urns[0]} and "
            f"so on; the password is {PASSWORD}"
        )


def _number(most: int) -> Callable[[str], int]:
    """Give the reader of a whole number from 1 to `most`."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and 1 <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"write a whole number from 1 to {most}, not {text}")
        return int(text)

    return read
