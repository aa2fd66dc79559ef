"""One export of an MIS in the browser: match its columns, look at what changes, import it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from keywork import jobs
from keywork.history import save_by
from keywork.home.imports.report import BadFileError
from keywork.home.imports.services import AlreadyDecidedError, lock_undecided
from keywork.home.imports.uploads import folder_of, remove_files
from keywork.home.mis.columns import count_known
from keywork.home.mis.files import NAME_KEPT, export_of, keep_export, look_at
from keywork.home.mis.problems import write_problems
from keywork.home.mis.reader import open_sheet
from keywork.home.mis.report import MisReport
from keywork.home.mis.run import DATE_ORDER, NOBODY, NOTHING_MORE, Watch, import_mis
from keywork.home.mis.source import OTHER, SAME
from keywork.home.mis.summary import summary_of
from keywork.home.mis.values import Order
from keywork.home.models import ImportRun
from keywork.models import ImportMapping, Job, School, User
from keywork.refs import new_ref

# Checked while the browser waits, which it does for about a second; longer files have a job.
ALONE: Callable[[], None] = lambda: None  # noqa: E731
CHECKED_AT_ONCE = {".csv": 300_000, ".xlsx": 100_000}


class BusyError(Exception):
    """A worker has the import just now."""


def take_export(
    *, school: School, by: User, kind: str, upload: UploadedFile, now: datetime
) -> ImportRun:
    """Keep an uploaded export and match what columns are known; nothing is imported.

    Raises BadFileError, keeping nothing, where the file cannot be read.
    """
    run = ImportRun(
        ref=new_ref(), school=school, kind=kind, created_by=by, created_at=now,
        files=[str(upload.name)[-NAME_KEPT:]], status=ImportRun.Status.MATCHING,
    )  # fmt: skip
    keep_export(upload, run.ref)
    try:
        found = _likeliest_mapping(run)
        glance = look_at(export_of(run.ref), kind, found.columns if found else {})
        if not glance.rows:
            raise BadFileError("has headings and no row below them.")
    except BaseException:
        remove_files(folder_of(run.ref))
        raise
    if found:
        run.columns, run.words, run.mapping_name = found.columns, found.values, found.name
    run.save()
    return run


def _likeliest_mapping(run: ImportRun) -> ImportMapping | None:
    """Give the remembered mapping whose headings the file has most of; None where it has none."""
    header = set(look_at(export_of(run.ref), run.kind, {}).header)
    known = ImportMapping.objects.filter(school=run.school, kind=run.kind)
    scored = [(len(header & set(each.columns)), each) for each in known]
    best = max(scored, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] else None


@transaction.atomic
def match_columns(
    *, run: ImportRun, by: User, columns: Mapping[str, str], order: Order, name: str
) -> ImportRun:
    """Say which column is which, and how dates are written; remembered by `name` if it has one.

    columns: heading → our name, or "" for one that is left out. Raises AlreadyDecidedError,
    BusyError.
    """
    run = _lock_idle(run)
    run.columns = dict(columns)
    run.words = {**run.words, DATE_ORDER: {"order": str(order)}}
    run.mapping_name, run.status, run.report = name, ImportRun.Status.MATCHING, {}
    run.save()
    _remember(run, by)
    return run


@transaction.atomic
def answer(
    *,
    run: ImportRun,
    by: User,
    answers: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
) -> ImportRun:
    """Take what a person says of students known by name alone, and of unknown words.

    Only questions that the last check asked count. Raises AlreadyDecidedError, BusyError.
    """
    run = _lock_idle(run)
    asked = {each["key"] for each in run.report.get("mis", {}).get("asks", [])}
    said = {key: each for key, each in answers.items() if key in asked and each in {SAME, OTHER}}
    run.answers = {**run.answers, **said}
    for column, meanings in words.items():
        run.words = {**run.words, column: {**run.words.get(column, {}), **meanings}}
    run.status = ImportRun.Status.MATCHING
    run.save()
    _remember(run, by)
    return run


def remembered(run: ImportRun) -> ImportMapping | None:
    """Give the mapping kept under the run's name for it, or None."""
    known = ImportMapping.objects.filter(school=run.school, kind=run.kind, name=run.mapping_name)
    return known.first() if run.mapping_name else None


def _remember(run: ImportRun, by: User) -> None:
    if not run.mapping_name:
        return
    mapping = remembered(run) or ImportMapping(
        school=run.school, kind=run.kind, name=run.mapping_name
    )
    if (mapping.columns, mapping.values) != (run.columns, run.words):
        mapping.columns, mapping.values = run.columns, run.words
        save_by(mapping, by)


def _lock_idle(run: ImportRun) -> ImportRun:
    locked = lock_undecided(run)
    if locked.is_busy:
        raise BusyError
    return locked


def look_for_changes(*, run: ImportRun, by: User, now: datetime, send: jobs.Send) -> Job | None:
    """Find out what an import would change: at once, or for a long file by a job, which is given.

    Raises BadFileError, AlreadyDecidedError, BusyError.
    """
    path = export_of(run.ref)
    if path.stat().st_size <= CHECKED_AT_ONCE[path.suffix]:
        check(run=run, now=now)
        return None
    return _ask_for(Job.Kind.EXPORT_CHECK, run, by, now, send)


def ask_for_import(*, run: ImportRun, by: User, now: datetime, send: jobs.Send) -> Job:
    """Have a checked export imported by a job. Raises AlreadyDecidedError.

    Somebody who asks while it is at work gets the job that is there.
    """
    return _ask_for(Job.Kind.EXPORT_IMPORT, run, by, now, send)


@transaction.atomic
def _ask_for(kind: Job.Kind, run: ImportRun, by: User, now: datetime, send: jobs.Send) -> Job:
    run = lock_undecided(run)
    if run.job is not None and run.is_busy:
        return run.job
    run.job = jobs.ask_for(kind=kind, about=run.ref, school=run.school, by=by, now=now, send=send)
    run.save()
    return run.job


def check(
    *, run: ImportRun, now: datetime, watch: Watch = NOBODY, conclude: Callable[[], None] = ALONE
) -> None:
    """Find out what an import would change, and keep that; nothing else is changed.

    conclude: called last in the transaction that keeps it. Raises BadFileError;
    AlreadyDecidedError where somebody cancelled it meanwhile.
    """
    report = _import(run, run.created_by, now, watch, dry_run=True)
    with transaction.atomic():
        kept = lock_undecided(run)
        _keep_report(kept, report)
        kept.status = ImportRun.Status.PREVIEWED
        kept.save()
        conclude()


def apply(
    *,
    run: ImportRun,
    by: User,
    now: datetime,
    watch: Watch = NOBODY,
    conclude: Callable[[], None] = ALONE,
) -> None:
    """Import the good rows, all or none, and note who did. The uploaded file is removed.

    conclude: called last in the transaction. Raises BadFileError; AlreadyDecidedError where it
    was imported, cancelled or matched anew before.
    """

    def note(report: MisReport) -> None:
        done = lock_undecided(run)
        if done.status != ImportRun.Status.PREVIEWED:
            raise AlreadyDecidedError
        _keep_report(done, report)
        done.status, done.applied_at, done.applied_by = ImportRun.Status.APPLIED, now, by
        done.save()
        conclude()

    path = export_of(run.ref)
    _import(run, by, now, watch, dry_run=False, conclude=note)
    path.unlink(missing_ok=True)


def _import(
    run: ImportRun,
    by: User,
    now: datetime,
    watch: Watch,
    *,
    dry_run: bool,
    conclude: Callable[[MisReport], None] = NOTHING_MORE,
) -> MisReport:
    return import_mis(
        export_of(run.ref),
        kind=run.kind,
        school=run.school,
        on=timezone.localdate(now),
        now=now,
        mapping=ImportMapping(columns=run.columns, values=run.words),
        by=by,
        name=run.files[0],
        dry_run=dry_run,
        answers=run.answers,
        watch=watch,
        conclude=conclude,
    )


def _keep_report(run: ImportRun, report: MisReport) -> None:
    columns = run.columns
    sheet = open_sheet(export_of(run.ref), lambda header: count_known(run.kind, header, columns))
    write_problems(folder_of(run.ref), run.kind, sheet, report)
    run.report = summary_of(report)
    run.good, run.rejected = report.outcome.good, len(report.outcome.rejected)
