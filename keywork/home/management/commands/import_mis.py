"""`manage.py import_mis`: one export of a school's MIS into the database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork import clock
from keywork.home.imports.report import BadFileError
from keywork.home.management.base import ScriptedCommand, read_schools
from keywork.home.mis import import_mis
from keywork.models import ImportMapping, School

SOME_REJECTED = 2


class Command(ScriptedCommand):
    """Import one CSV or XLSX file as SIMS, Arbor or Bromcom export it."""

    help = (
        "Imports one export of a school's MIS in one transaction. Running it twice changes "
        "nothing the second time. Exit status: 1 where the file cannot be read and so nothing is "
        "imported, 2 where rows were rejected and the others imported. Rows that a person has to "
        "decide on are listed under “ask” and not applied."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file, what it is, and how to answer."""
        parser.add_argument("file", metavar="FILE", help="a CSV or XLSX file")
        parser.add_argument("--kind", required=True, choices=ImportMapping.Kind.values)
        parser.add_argument("--school", required=True, metavar="URN")
        parser.add_argument("--mapping", metavar="NAME", help="headings mapped by hand and saved")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, keep nothing"
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report; raises CommandError where nothing was imported."""
        now = clock.now()
        school = read_schools(options["school"])[0]
        path = Path(options["file"])
        try:
            report = import_mis(
                path,
                kind=options["kind"],
                school=school,
                mapping=_mapping(school, options["kind"], options["mapping"]),
                on=now.date(),
                now=now,
                dry_run=options["dry_run"],
            )
        except BadFileError as error:
            raise CommandError(f"Nothing was imported.\n{path.name}: {error}") from error
        as_json = options["format"] == "json"
        self.stdout.write(
            json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.as_text()
        )
        if report.rejected and not options["dry_run"]:
            sys.exit(SOME_REJECTED)


def _mapping(school: School, kind: str, name: str | None) -> ImportMapping | None:
    if name is None:
        return None
    found = ImportMapping.objects.filter(school=school, kind=kind, name=name).first()
    if found is None:
        raise CommandError(f"--mapping: {school} has none for {kind} called {name}.")
    return found
