"""Imports in the browser: choose files, look at what changes, import, see the result."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from keywork.access import KeyworkRequest, Viewer, get_visible_or_404, requires
from keywork.home.forms.exports import DecisionsForm
from keywork.home.forms.imports import UploadForm
from keywork.home.imports import UnreadableFilesError, pages, services
from keywork.home.imports.formats import FORMATS
from keywork.home.imports.problems import problems_file
from keywork.home.imports.report import BadFileError
from keywork.home.imports.uploads import folder_of
from keywork.home.mis.services import ask_for_import, take_export
from keywork.home.models import ImportRun
from keywork.home.tasks import send_job
from keywork.roles import Capability
from keywork.staff_policies import grantable_roles

RUNS_A_PAGE = 20


@require_safe
@requires(Capability.IMPORT_DATA)
def imports(request: KeyworkRequest) -> HttpResponse:
    """List what was imported at the school, newest first."""
    runs = ImportRun.objects.visible_to(request.viewer).filter(school=request.viewer.school)
    page = Paginator(runs.for_list(), RUNS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "home/imports/imports.html", {"page": page, "runs": list(page)})


@requires(Capability.IMPORT_DATA)
def import_new(request: KeyworkRequest) -> HttpResponse:
    """Take files and show what they would change."""
    viewer = request.viewer
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        try:
            run = _take(viewer, form)
        except UnreadableFilesError as error:
            form.add_problems(error.problems)
        else:
            return redirect("import_mapping" if run.is_export else "import_preview", run.ref)
    return render(
        request,
        "home/imports/new.html",
        {"form": form, "templates": pages.templates(), "not_yet": pages.not_yet()},
    )


def _take(viewer: Viewer, form: UploadForm) -> ImportRun:
    """Keep the files. Raises UnreadableFilesError."""
    uploads = form.cleaned_data["uploads"]
    if form.is_export:
        try:
            return take_export(
                school=viewer.chosen_school,
                by=viewer.user,
                kind=form.cleaned_data["kind"],
                upload=uploads[0],
                now=viewer.now,
            )
        except BadFileError as bad:
            raise UnreadableFilesError([(str(uploads[0].name), str(bad))]) from bad
    return services.prepare_import(
        school=viewer.chosen_school,
        by=viewer.user,
        grantable=grantable_roles(viewer),
        uploads=uploads,
        on=viewer.on,
        now=viewer.now,
    )


@requires(Capability.IMPORT_DATA)
def import_preview(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show what an import would change; on POST do it."""
    run = _run(request, ref)
    if run.status not in services.UNDECIDED:
        return redirect("import_result", run.ref)
    if run.is_busy and run.job:
        return redirect("job", run.job.ref)
    if run.status == ImportRun.Status.MATCHING:
        return redirect("import_mapping", run.ref)
    if request.method == "POST":
        return _apply(request, run)
    return render(request, "home/imports/preview.html", _preview(run))


def _preview(run: ImportRun) -> dict[str, Any]:
    """Give what the preview shows."""
    parts, mis = pages.parts_of(run), run.report.get("mis", {})
    return {
        "run": run,
        "parts": parts,
        "totals": pages.totals_of(parts),
        "not_supported": pages.left_out(run),
        "mis": mis,
        "decisions": pages.decisions_of(run, DecisionsForm(None, mis=mis)) if mis else None,
    }


def _run(request: KeyworkRequest, ref: str) -> ImportRun:
    """Give an import of the chosen school: roles and records are asked of that one."""
    runs = ImportRun.objects.select_related("job")
    return get_visible_or_404(runs, request.viewer, ref=ref, school=request.viewer.school)


def _apply(request: KeyworkRequest, run: ImportRun) -> HttpResponse:
    viewer = request.viewer
    try:
        if run.is_export or services.is_long(run):
            ask = ask_for_import if run.is_export else services.ask_for_import
            job = ask(run=run, by=viewer.user, now=viewer.now, send=send_job)
            return redirect("job", job.ref)
        services.apply_import(
            run=run,
            by=viewer.user,
            grantable=grantable_roles(viewer),
            on=viewer.on,
            now=viewer.now,
        )
    except services.AlreadyDecidedError:
        messages.info(request, "This import was decided on already.")
    except UnreadableFilesError as error:
        messages.error(request, f"Nothing was imported. {error}")
        return redirect("import_preview", run.ref)
    return redirect("import_result", run.ref)


@require_safe
@requires(Capability.IMPORT_DATA)
def import_result(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show what an import did."""
    run = _run(request, ref)
    if run.status in services.UNDECIDED:
        return redirect("import_preview", run.ref)
    context = {"run": run, "parts": pages.parts_of(run), "mis": run.report.get("mis", {})}
    return render(request, "home/imports/result.html", context)


@require_POST
@requires(Capability.IMPORT_DATA)
def import_cancel(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Forget an import that was not applied, and its files."""
    run = _run(request, ref)
    if run.is_busy and run.job:
        messages.info(request, "It is at work just now. Stop it first.")
        return redirect("job", run.job.ref)
    try:
        services.cancel_import(run=run)
        messages.success(request, "Import cancelled. Its files are gone.")
    except services.AlreadyDecidedError:
        messages.info(request, "This import was decided on already.")
    return redirect("imports")


@require_safe
@requires(Capability.IMPORT_DATA)
def import_problems(request: KeyworkRequest, ref: str, name: str) -> HttpResponse:
    """Give the rows of one file that were not taken, with the reason of each."""
    run = _run(request, ref)
    path = problems_file(folder_of(run.ref), name) if name in {*FORMATS, run.kind} else None
    if path is None:
        raise Http404
    return _download(path.read_bytes(), f"{name}-problems.csv")


@require_safe
@requires(Capability.IMPORT_DATA)
def import_template(request: KeyworkRequest, name: str) -> HttpResponse:
    """Give an empty file with the right header."""
    if name not in FORMATS:
        raise Http404
    return _download(pages.template_csv(name).encode(), f"{name}.csv")


def _download(content: bytes, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )
