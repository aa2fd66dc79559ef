"""Importing a school's files: all are read first, then each is taken in its own transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from keywork.home.imports.attendance import AttendanceImporter
from keywork.home.imports.behaviour import BehaviourImporter
from keywork.home.imports.checkups import CheckupImporter
from keywork.home.imports.context import Context
from keywork.home.imports.importer import Importer
from keywork.home.imports.report import ImportReport, UnreadableFilesError
from keywork.home.imports.school import CalendarImporter, SchoolImporter
from keywork.home.imports.sessions import SessionImporter, TargetImporter
from keywork.home.imports.staff import StaffImporter
from keywork.home.imports.students import AssignmentImporter, StudentImporter, TimetableImporter
from keywork.home.imports.tables import Table, files_in, not_supported_in, read_tables
from keywork.models import User

IMPORTERS: dict[str, type[Importer]] = {
    "school": SchoolImporter,
    "calendar": CalendarImporter,
    "staff": StaffImporter,
    "students": StudentImporter,
    "assignments": AssignmentImporter,
    "timetable": TimetableImporter,
    "attendance": AttendanceImporter,
    "behaviour": BehaviourImporter,
    "sessions": SessionImporter,
    "targets": TargetImporter,
    "checkups": CheckupImporter,
}
NO_STEP: Callable[[str], None] = lambda file: None  # noqa: E731


def import_folder(
    folder: Path,
    *,
    on: date,
    now: datetime,
    by: User | None = None,
    dry_run: bool = False,
    tell: Callable[[str], None] = NO_STEP,
) -> ImportReport:
    """Import a school's folder and give what became of each row.

    on: today, before which dates of birth lie. by: who imports; None: the command.
    dry_run: find out everything, keep nothing. tell: is given each file's name as it begins.
    Raises UnreadableFilesError, having written nothing. Source: `import_school` of the commands.
    """
    paths = files_in(folder)
    _require(paths, folder)
    tables = read_tables(paths)
    _require_rows(tables)
    report = ImportReport(not_supported=not_supported_in(paths))
    import_tables(tables, Context(on=on, now=now, by=by), report, dry_run=dry_run, tell=tell)
    return report


def import_tables(
    tables: dict[str, Table],
    context: Context,
    report: ImportReport,
    *,
    dry_run: bool = False,
    tell: Callable[[str], None] = NO_STEP,
) -> None:
    """Import tables in their order into `report`, each in a transaction of its own.

    A dry run does the same and takes it all back, so it finds what the database would refuse.
    """
    if dry_run:
        with transaction.atomic():
            _take_each(tables, context, report, tell)
            transaction.set_rollback(True)
    else:
        _take_each(tables, context, report, tell)


def _take_each(
    tables: dict[str, Table],
    context: Context,
    report: ImportReport,
    tell: Callable[[str], None],
) -> None:
    for name, table in tables.items():
        tell(table.file)
        report.files[table.file] = IMPORTERS[name](context, table.file).run(table)


def _require(paths: dict[str, Path], folder: Path) -> None:
    """Refuse a folder without school or calendar."""
    missing = [
        (f"{name}.csv", f"is missing from {folder}.")
        for name in ("school", "calendar")
        if not {f"{name}.csv", f"{name}.xlsx"} & set(paths)
    ]
    if missing:
        raise UnreadableFilesError(missing)


def _require_rows(tables: dict[str, Table]) -> None:
    """Refuse a school or calendar without a record, and several schools in one folder."""
    empty = [
        (tables[name].file, "has a header and nothing else.")
        for name in ("school", "calendar")
        if not tables[name].rows
    ]
    if empty:
        raise UnreadableFilesError(empty)
    refuse_several_schools(tables["school"])


def refuse_several_schools(table: Table) -> None:
    """Raise UnreadableFilesError where a school file names more than one school."""
    urns = {row.cells.get("urn", "") for row in table.rows}
    if len(urns) > 1:
        raise UnreadableFilesError([(table.file, "names several schools. Import one at a time.")])
