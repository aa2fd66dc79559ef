"""An export of an MIS in the browser: match its columns, answer its questions."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, get_visible_or_404, requires
from keywork.home.forms.exports import DecisionsForm, MappingForm
from keywork.home.imports.report import BadFileError
from keywork.home.imports.services import UNDECIDED, AlreadyDecidedError
from keywork.home.mis import services
from keywork.home.mis.files import Glance, export_of, look_at
from keywork.home.mis.labels import KINDS
from keywork.home.mis.run import DATE_ORDER
from keywork.home.mis.values import Order
from keywork.home.models import ImportRun
from keywork.home.tasks import send_job
from keywork.parked_forms import form_data
from keywork.roles import Capability


@requires(Capability.IMPORT_DATA)
def import_mapping(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Say which column of an export is which; on POST look at what it would change."""
    run = _export(request, ref)
    if run.status not in UNDECIDED:
        return redirect("import_result", run.ref)
    if run.is_busy and run.job:
        return redirect("job", run.job.ref)
    try:
        glance = look_at(export_of(run.ref), run.kind, run.columns)
    except BadFileError as bad:
        messages.error(request, f"{run.files[0]} {bad}")
        return redirect("imports")
    form = _mapping_form(request, run, glance)
    if request.method == "POST" and form.is_valid():
        return _match(request, run, form)
    context = {"run": run, "form": form, "kind": KINDS[run.kind], "lines": form.lines()}
    context["remembered"] = services.remembered(run)
    return render(request, "home/imports/mapping.html", context)


def _mapping_form(request: KeyworkRequest, run: ImportRun, glance: Glance) -> MappingForm:
    return MappingForm(
        form_data(request),
        kind=run.kind,
        glance=glance,
        mapped=run.columns,
        order=run.words.get(DATE_ORDER, {}).get("order", Order.DAY),
        name=run.mapping_name,
    )


def _match(request: KeyworkRequest, run: ImportRun, form: MappingForm) -> HttpResponse:
    """Keep what was matched, and look for changes."""
    try:
        run = services.match_columns(
            run=run,
            by=request.viewer.user,
            columns=form.columns(),
            order=Order(form.cleaned_data["order"]),
            name=form.cleaned_data["name"],
        )
    except (AlreadyDecidedError, services.BusyError):
        messages.info(request, "Somebody decided on this import meanwhile.")
        return redirect("import_preview", run.ref)
    return look(request, run)


def look(request: KeyworkRequest, run: ImportRun) -> HttpResponse:
    """Look for changes: at once, or by a job whose page comes first."""
    viewer = request.viewer
    try:
        job = services.look_for_changes(run=run, by=viewer.user, now=viewer.now, send=send_job)
    except BadFileError as bad:
        messages.error(request, f"{run.files[0]} {bad}")
        return redirect("import_mapping", run.ref)
    except AlreadyDecidedError:
        return redirect("import_result", run.ref)
    return redirect("job", job.ref) if job else redirect("import_preview", run.ref)


@require_POST
@requires(Capability.IMPORT_DATA)
def import_answers(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take answers about students and words, and look for changes again."""
    run = _export(request, ref)
    form = DecisionsForm(request.POST, mis=run.report.get("mis", {}))
    if not form.is_valid():
        messages.error(request, "Choose one of the answers that are offered.")
        return redirect("import_preview", run.ref)
    try:
        run = services.answer(
            run=run, by=request.viewer.user, answers=form.answers(), words=form.meanings()
        )
    except (AlreadyDecidedError, services.BusyError):
        messages.info(request, "Somebody decided on this import meanwhile.")
        return redirect("import_preview", run.ref)
    return look(request, run)


def _export(request: KeyworkRequest, ref: str) -> ImportRun:
    """Give an export of the chosen school."""
    exports = ImportRun.objects.exclude(kind=ImportRun.FOLDER).select_related("job")
    return get_visible_or_404(exports, request.viewer, ref=ref, school=request.viewer.school)
