"""What the worker does for an import, and where its job page leads when it is done."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils import timezone

from keywork.access import viewer_for
from keywork.home.imports.report import BadFileError, UnreadableFilesError
from keywork.home.imports.services import AlreadyDecidedError, apply_import
from keywork.home.mis import services
from keywork.home.mis.run import Watch
from keywork.home.models import ImportRun
from keywork.jobs import JobRefusedError, Progress, Runner
from keywork.models import Job
from keywork.staff_policies import grantable_roles

# So many cannot be mended by hand, and say that the file is another one than was meant.
MOST_PROBLEMS = 20_000
DECIDED = "Somebody imported or cancelled this meanwhile. Nothing was done twice."


class JobWatch(Watch):
    """Looks on for a job. Raises BadFileError where hardly a row is right."""

    def __init__(self, progress: Progress) -> None:
        self.progress = progress
        self.all_problems = 0

    def begin(self, noun: str, total: int = 0) -> None:
        """Hear what is counted now."""
        self.progress.begin(noun, total)

    def tick(self, done: int) -> None:
        """Hear how many are done. Raises what stops the job."""
        self.progress.tick(done)

    def problem(self, sentence: str) -> None:
        """Hear of a row that is not taken."""
        self.progress.problem(sentence)
        self.all_problems += 1
        if self.all_problems > MOST_PROBLEMS:
            raise BadFileError(
                f"has more than {MOST_PROBLEMS:,} rows with a problem, the first of them: "
                f"{self.progress.messages[0]} Check that it is the right file, of this school."
            )


def check_export(job: Job, progress: Progress) -> None:
    """Find out what an export would change."""
    run = ImportRun.objects.select_related("school", "created_by").get(ref=job.about)
    try:
        services.check(
            run=run, now=progress.clock(), watch=JobWatch(progress), conclude=progress.conclude
        )
    except BadFileError as bad:
        raise JobRefusedError(f"Nothing was imported. {run.files[0]} {bad}") from None
    except AlreadyDecidedError:
        raise JobRefusedError(DECIDED) from None


def import_export(job: Job, progress: Progress) -> None:
    """Import the good rows of an export."""
    run = ImportRun.objects.select_related("school").get(ref=job.about)
    try:
        services.apply(
            run=run,
            by=job.by,
            now=progress.clock(),
            watch=JobWatch(progress),
            conclude=progress.conclude,
        )
    except BadFileError as bad:
        raise JobRefusedError(f"Nothing was imported. {run.files[0]} {bad}") from None
    except AlreadyDecidedError:
        raise JobRefusedError(DECIDED) from None


def import_folder(job: Job, progress: Progress) -> None:
    """Import the good rows of a school's files, as whoever asked for it may."""
    now = progress.clock()
    on = timezone.localdate(now)
    run = ImportRun.objects.select_related("school").get(ref=job.about)
    viewer = viewer_for(job.by, now=now, on=on, school_id=job.school_id)
    progress.begin("files", len(run.files))
    try:
        apply_import(
            run=run, by=job.by, grantable=grantable_roles(viewer), on=on, now=now,
            tell=lambda file: progress.tick(progress.done + 1), conclude=progress.conclude,
        )  # fmt: skip
    except UnreadableFilesError as error:
        raise JobRefusedError(f"Nothing was imported. {error}") from None
    except AlreadyDecidedError:
        raise JobRefusedError(DECIDED) from None


RUNNERS: Mapping[str, Runner] = {
    Job.Kind.EXPORT_CHECK: check_export,
    Job.Kind.EXPORT_IMPORT: import_export,
    Job.Kind.FOLDER_IMPORT: import_folder,
}
PAGES = {
    Job.Kind.EXPORT_CHECK: "import_preview",
    Job.Kind.EXPORT_IMPORT: "import_result",
    Job.Kind.FOLDER_IMPORT: "import_result",
}


def page_after(job: Job) -> str:
    """Give the address of what a job that is done has made."""
    return reverse(PAGES[Job.Kind(job.kind)], args=[job.about])


def page_before(job: Job) -> str:
    """Give the address from which a job that came to nothing can be asked for anew."""
    if job.kind == Job.Kind.EXPORT_CHECK:
        return reverse("import_mapping", args=[job.about])
    return reverse("import_preview", args=[job.about])


def files_of(job: Job) -> str:
    """Name the files that a job works on."""
    run = ImportRun.objects.filter(ref=job.about).first()
    return ", ".join(run.files) if run else ""
