"""Imports in the browser: look at what files would change, then do it, or forget them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from keywork import jobs
from keywork.home.imports.context import Context
from keywork.home.imports.folder import NO_STEP, import_tables, refuse_several_schools
from keywork.home.imports.problems import write_problems
from keywork.home.imports.report import ImportReport, UnreadableFilesError
from keywork.home.imports.tables import Table, files_in, not_supported_in, read_tables
from keywork.home.imports.uploads import folder_of, keep_uploads, remove_files
from keywork.home.models import ImportRun
from keywork.models import Job, School, User
from keywork.models.jobs import SILENT_AFTER
from keywork.refs import new_ref
from keywork.roles import Role

# Files hold children's data: what nobody decided on goes after a day, what the rows of an
# import said after two months. That somebody imported, and how many rows, stays.
UNDECIDED_KEPT = timedelta(hours=24)
DETAILS_KEPT_DAYS = 60
IN_A_MOMENT = 500_000  # bytes of files that are imported while the browser waits
UNDECIDED = {ImportRun.Status.MATCHING, ImportRun.Status.PREVIEWED}


class AlreadyDecidedError(Exception):
    """The import was applied or cancelled meanwhile."""


def prepare_import(
    *,
    school: School,
    by: User,
    grantable: frozenset[Role],
    uploads: Sequence[UploadedFile],
    on: date,
    now: datetime,
) -> ImportRun:
    """Keep uploaded files and find out what they would change; nothing is changed.

    grantable: the roles that `by` may give and take.
    Raises UnreadableFilesError, keeping nothing, where a file cannot be read or is not about
    this school.
    """
    run = ImportRun(ref=new_ref(), school=school, created_by=by, created_at=now)
    folder = folder_of(run.ref)
    keep_uploads(uploads, folder)
    try:
        _import(run, _context(run, by, grantable, on, now), dry_run=True)
    except BaseException:
        remove_files(folder)
        raise
    run.save()
    return run


@transaction.atomic
def apply_import(
    *,
    run: ImportRun,
    by: User,
    grantable: frozenset[Role],
    on: date,
    now: datetime,
    tell: Callable[[str], None] = NO_STEP,
    conclude: Callable[[], None] = lambda: None,
) -> ImportRun:
    """Import the good rows, all or none, and note who did. The uploaded files are removed.

    tell: is given each file's name as it begins. conclude: called last in the transaction; what
    it raises takes everything back. Raises AlreadyDecidedError where somebody applied or
    cancelled it first.
    """
    run = lock_undecided(run)
    _import(run, _context(run, by, grantable, on, now), dry_run=False, tell=tell)
    run.status, run.applied_at, run.applied_by = ImportRun.Status.APPLIED, now, by
    run.save()
    conclude()
    transaction.on_commit(lambda: _remove_uploads(folder_of(run.ref)))
    return run


@transaction.atomic
def cancel_import(*, run: ImportRun) -> ImportRun:
    """Remove an import's files and what its preview said. Raises AlreadyDecidedError."""
    run = lock_undecided(run)
    run.status, run.report, run.answers = ImportRun.Status.CANCELLED, {}, {}
    run.save()
    transaction.on_commit(lambda: remove_files(folder_of(run.ref)))
    return run


def forget_old_imports(*, now: datetime) -> int:
    """Cancel imports nobody decided on, drop what old ones' rows said; give how many of both."""
    undecided = ImportRun.objects.filter(
        status__in=UNDECIDED, created_at__lt=now - UNDECIDED_KEPT
    ).exclude(job__finished_at=None, job__heard_at__gte=now - SILENT_AFTER)
    old = ImportRun.objects.filter(
        status=ImportRun.Status.APPLIED, applied_at__lt=now - timedelta(days=DETAILS_KEPT_DAYS)
    ).exclude(report={})
    lately = ImportRun.objects.filter(
        status=ImportRun.Status.APPLIED,
        applied_at__range=(now - 7 * UNDECIDED_KEPT, now - UNDECIDED_KEPT),
    )
    for run in lately:
        _remove_uploads(folder_of(run.ref))  # where whoever imported it was stopped before
    forgotten = 0
    for run in undecided:
        cancel_import(run=run)
        forgotten += 1
    for run in old:
        run.report, run.answers = {}, {}
        run.save()
        remove_files(folder_of(run.ref))
        forgotten += 1
    return forgotten


def is_long(run: ImportRun) -> bool:
    """Say whether importing takes longer than a browser should wait."""
    return sum(path.stat().st_size for path in files_in(folder_of(run.ref)).values()) > IN_A_MOMENT


@transaction.atomic
def ask_for_import(*, run: ImportRun, by: User, now: datetime, send: jobs.Send) -> Job:
    """Have a long import done by a job. Raises AlreadyDecidedError."""
    run = lock_undecided(run)
    if run.job is None or run.job.is_over:
        run.job = jobs.ask_for(
            kind=Job.Kind.FOLDER_IMPORT, about=run.ref, school=run.school, by=by, now=now,
            send=send,
        )  # fmt: skip
        run.save()
    return run.job


def lock_undecided(run: ImportRun) -> ImportRun:
    """Lock the import and look again: two people, or two clicks, decide once.

    Raises AlreadyDecidedError where it was applied or cancelled.
    """
    locked = ImportRun.objects.select_for_update().get(pk=run.pk)
    if locked.status not in UNDECIDED:
        raise AlreadyDecidedError
    return locked


def _context(
    run: ImportRun, by: User, grantable: frozenset[Role], on: date, now: datetime
) -> Context:
    return Context(
        on=on, now=now, by=by, school=run.school, own_school_only=True, grantable=grantable
    )


def _import(
    run: ImportRun, context: Context, *, dry_run: bool, tell: Callable[[str], None] = NO_STEP
) -> None:
    folder = folder_of(run.ref)
    paths = files_in(folder)
    tables = read_tables(paths)
    _refuse_other_schools(tables, run.school)
    report = ImportReport(not_supported=not_supported_in(paths))
    import_tables(tables, context, report, dry_run=dry_run, tell=tell)
    write_problems(folder, tables, report)
    run.report, run.good, run.rejected = report.as_record(), report.good, report.rejected
    run.files = [*report.files, *report.not_supported]


def _refuse_other_schools(tables: dict[str, Table], school: School) -> None:
    table = tables.get("school")
    if table is None:
        return
    refuse_several_schools(table)
    for row in table.rows:
        urn = row.cells.get("urn", "")
        if urn != school.urn:
            text = f"is about URN {urn or '(empty)'}. You can import {school.urn} only."
            raise UnreadableFilesError([(table.file, text)])


def _remove_uploads(folder: Path) -> None:
    """Remove what was uploaded; the problem rows stay for download."""
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_file():
            path.unlink()
