"""`manage.py import_school`: a school's folder of files into the database."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from keywork import clock
from keywork.home.imports import UnreadableFilesError, import_folder
from keywork.home.management.base import ScriptedCommand

SOME_REJECTED = 2


class Command(ScriptedCommand):
    """Import a school's folder of CSV or XLSX files.

    Exit status: 0 all taken, or a dry run; 1 a file cannot be read, nothing imported;
    2 imported apart from the rejected rows.
    """

    help = (
        "Imports a school's folder of CSV or XLSX files, each in one transaction. Running it "
        "twice changes nothing the second time. Exit status: 1 where a file cannot be read and "
        "so nothing is imported, 2 where rows were rejected and the others imported."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and how to answer."""
        parser.add_argument("folder", metavar="DIR", help="the folder with school.csv in it")
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would happen, keep nothing"
        )
        parser.add_argument("--format", choices=["text", "json"], default="text")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import and report; raises CommandError where nothing was imported."""
        now = clock.now()
        as_json = options["format"] == "json"
        tell = self._say_nothing if as_json else self._say
        try:
            report = import_folder(
                Path(options["folder"]),
                on=now.date(),
                now=now,
                dry_run=options["dry_run"],
                tell=tell,
            )
        except UnreadableFilesError as error:
            raise CommandError(f"Nothing was imported.\n{error}") from error
        self.stdout.write(
            json.dumps(report.as_json(), ensure_ascii=False) if as_json else report.as_text()
        )
        if report.rejected and not options["dry_run"]:
            sys.exit(SOME_REJECTED)

    def _say(self, file: str) -> None:
        self.stderr.write(f"{file} …")

    def _say_nothing(self, file: str) -> None:
        """Keep quiet: who asks for JSON reads standard output."""
