"""Importing one export: find its table and columns, put its rows into our words, import them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import partial
from pathlib import Path

from django.db import transaction

from keywork.home.imports.context import Context
from keywork.home.imports.formats import FORMATS
from keywork.home.imports.importer import BadRowError, Importer
from keywork.home.imports.report import BadFileError, FileReport
from keywork.home.imports.tables import Table
from keywork.home.mis import attendance, behaviour, contacts, students
from keywork.home.mis.columns import ALIASES, count_known, find_columns
from keywork.home.mis.people import StudentFinder
from keywork.home.mis.reader import Cell, open_sheet
from keywork.home.mis.report import MisReport
from keywork.home.mis.source import Source
from keywork.home.mis.values import Order
from keywork.models import ImportMapping, School, User

Translate = Callable[[list[Cell]], dict[str, str]]
KINDS: dict[str, Callable[[Source, str], tuple[Importer, Translate]]] = {
    "students": students.importer_of,
    "contacts": contacts.importer_of,
    "behaviour": behaviour.importer_of,
}
# Beside the words of each column, a mapping may say how its dates are written.
DATE_ORDER = "date_order"


class Watch:
    """Somebody who looks on while a file is imported; this one does not care."""

    def begin(self, noun: str, total: int = 0) -> None:
        """Hear that something else is counted now, and how many there are (0: nobody knows)."""

    def tick(self, done: int) -> None:
        """Hear how many are done. What it raises ends the import."""

    def problem(self, sentence: str) -> None:
        """Hear of a row that is not taken."""


NOBODY = Watch()
NOTHING_MORE: Callable[[MisReport], None] = lambda report: None  # noqa: E731


def import_mis(
    path: Path,
    *,
    kind: str,
    school: School,
    on: date,
    now: datetime,
    mapping: ImportMapping | None = None,
    by: User | None = None,
    name: str = "",
    dry_run: bool = False,
    answers: Mapping[str, str] | None = None,
    watch: Watch = NOBODY,
    conclude: Callable[[MisReport], None] = NOTHING_MORE,
) -> MisReport:
    """Import an export of a school's MIS in one transaction, and give what became of each row.

    kind: students, contacts, attendance or behaviour. on: today, when new starters join unless the
    file says. mapping: the school's own headings and words. name: the file's, where `path` is a
    copy. dry_run: find out everything, keep nothing. answers: what a person said of students who
    are known by name and birth alone (see Source). watch: told how far it is. conclude: called
    with the report last in the transaction, also of a dry run. What either raises leaves nothing
    written. Raises BadFileError, having written nothing.
    """
    report = MisReport(name or path.name)
    source = _source(path, kind, Context(on=on, now=now, by=by, school=school), mapping, report)
    source.answers = answers or {}
    watch.begin("rows looked over")
    source.look_over()
    watch.begin("rows read", source.total)
    source.tick, source.problem = watch.tick, watch.problem

    end = partial(conclude, report)
    if kind == "attendance":
        attendance.import_marks(source, report.file, dry_run=dry_run, conclude=end)
    else:
        _import_rows(source, kind, watch, dry_run=dry_run, conclude=end)
    return report


def _source(
    path: Path, kind: str, context: Context, mapping: ImportMapping | None, report: MisReport
) -> Source:
    if kind not in ALIASES:
        raise BadFileError(f"unknown kind “{kind}”. Use one of: {', '.join(ALIASES)}.")
    by_hand: Mapping[str, str] = mapping.columns if mapping else {}
    sheet = open_sheet(path, lambda header: count_known(kind, header, by_hand))
    words: Mapping[str, Mapping[str, str]] = mapping.values if mapping else {}
    order = Order(words.get(DATE_ORDER, {}).get("order", Order.DAY))
    columns = find_columns(kind, sheet, by_hand, order)
    report.unknown = columns.unknown
    finder = StudentFinder(context.the_school)
    prefix = "student_" if kind == "contacts" else ""
    return Source(sheet, columns, words, context, report, finder, prefix, order=order)


def _import_rows(
    source: Source, kind: str, watch: Watch, *, dry_run: bool, conclude: Callable[[], None]
) -> None:
    """Import rows of people or slips: few enough to stand in memory."""
    report = source.report
    importer, translate = KINDS[kind](source, report.file)
    rows = list(source.rows(translate))
    table = Table(report.file, FORMATS.get(kind, importer.format), (), rows)
    watch.begin("rows compared" if dry_run else "rows written", len(rows))
    importer.tick = watch.tick
    with transaction.atomic():
        _tell(source, importer.run(table))
        watch.tick(len(rows))
        conclude()
        if dry_run:
            transaction.set_rollback(True)


def _tell(source: Source, done: FileReport) -> None:
    """Put what became of the rows beside those that could not be read, in the file's words."""
    report = source.report
    rejected = report.outcome.rejected + [
        source.rejected(each.row, source.given[each.row], _bad(each.column, each.error))
        for each in done.rejected
    ]
    done.rows = report.outcome.rows
    done.rejected = sorted(rejected, key=lambda each: each.row)
    report.outcome = done


def _bad(column: str, error: str) -> BadRowError:
    names = {"record": "upn", "student": "upn", "person": "last_name"}
    names |= {"legal_first_name": "first_name", "legal_last_name": "last_name"}
    names |= {"primary_need": "needs", "secondary_need": "needs"}
    return BadRowError(names.get(column, column), error)
