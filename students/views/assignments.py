"""Key workers: who has whom, who has nobody, and changing it."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork import drafts
from keywork.access import KeyworkRequest, Viewer, allow, requires
from keywork.dates import parse_day
from keywork.kept_forms import form_name, keep_typed
from keywork.parked_forms import FIELD, form_data
from keywork.refs import is_ref
from keywork.roles import Capability
from students.filters import StudentFilter
from students.forms import AssignmentForm, EndAssignmentForm
from students.header import current_assignments
from students.models import Assignment, RegisterQuery, Student
from students.policies import can_manage_assignments
from students.queries import (
    KeyWorkerLoad,
    key_worker_loads,
    loads_after,
    suggest_key_workers,
    without_primary,
)
from students.services import (
    AssignmentError,
    assign_key_workers,
    end_assignment,
    undo_assignment,
)
from students.services.assignments import Change

ROWS_PER_PAGE = 30
KEPT = "kept"
LONGEST_URL = 300  # of a draft's page
NOT_POSTED_AGAIN = ("csrfmiddlewaretoken", FIELD, "step")


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the preview: from whom to whom, the load before and after, what to heed."""

    student: Student
    now: str
    new: str
    load: int
    load_after: int
    limit: int


@requires(Capability.MANAGE_ASSIGNMENTS)
def assignments(request: KeyworkRequest) -> HttpResponse:
    """List students with their key workers, those without one first, and everybody's load."""
    viewer = request.viewer
    here = Student.objects.visible_to(viewer).filter(school=viewer.school)
    found = StudentFilter(request.GET or None, viewer=viewer, queryset=here, sort="key_worker")
    listed = found.qs.for_list(viewer.on)
    page = Paginator(listed, ROWS_PER_PAGE).get_page(request.GET.get("page"))
    unassigned = without_primary(here.on_roll(viewer.on), viewer.on).count()
    coming = Assignment.objects.visible_to(viewer).filter(
        student__school=viewer.school, start__gte=viewer.on
    )
    context = {
        "page": page,
        "students": list(page),
        "filter": found.form,
        "unassigned": unassigned,
        "unassigned_text": f"{_have(unassigned)} no key worker.",
        "queries_text": _queries_text(viewer),
        "loads": key_worker_loads(viewer.chosen_school, viewer.on),
        "coming": list(
            coming.select_related("student", "key_worker").order_by("start", "pk")[:30]
        ),
    }
    return render(request, "students/assignments.html", context)


def _queries_text(viewer: Viewer) -> str:
    """Say how many register queries wait for the office, whose home this page is; else empty."""
    if not viewer.can(Capability.IMPORT_DATA):
        return ""
    waiting = RegisterQuery.objects.visible_to(viewer).open()
    count = waiting.filter(student__school=viewer.chosen_school).count()
    if not count:
        return ""
    return f"{count} register {'query waits' if count == 1 else 'queries wait'} for an answer."


@requires(Capability.MANAGE_ASSIGNMENTS)
def assignment_changes(request: KeyworkRequest) -> HttpResponse:
    """Choose new key workers for the students ticked, look the change over, make it."""
    viewer = request.viewer
    refs = _chosen_refs(request)[:ROWS_PER_PAGE]
    here = Student.objects.visible_to(viewer).filter(school=viewer.school, ref__in=refs)
    students = list(here.for_list(viewer.on).by_name())
    if not students:
        messages.warning(request, "Tick the students first.")
        return redirect("assignments")
    start = _start_of(request)
    loads = key_worker_loads(viewer.chosen_school, start)
    form = _assignment_form(request, students, loads)
    _keep(request, form)
    editing = request.method != "POST" or request.POST.get("step") == "edit"
    if editing or not form.is_valid():
        return render(request, "students/assignment_changes.html", _form_context(form))
    if request.POST.get("step") == "save":
        return _make_changes(request, form)
    return render(request, "students/assignment_preview.html", _preview(form, viewer.on))


@requires(Capability.MANAGE_ASSIGNMENTS)
def assignment_end(request: KeyworkRequest, ref: str) -> HttpResponse:
    """End an assignment on a day, with a reason."""
    assignment = _manageable(request, ref)
    form = EndAssignmentForm(form_data(request), on=request.viewer.on)
    if request.method == "POST" and form.is_valid():
        try:
            end_assignment(
                assignment=assignment,
                end=form.cleaned_data["end"],
                reason=form.reason_words(),
                by=request.user,
            )
        except AssignmentError as problem:
            form.add_error("end", problem.message)
        else:
            messages.success(request, f"Saved. {assignment.student}’s record says so.")
            return redirect("people", assignment.student.ref)
    return render(
        request, "students/assignment_end.html", {"assignment": assignment, "form": form}
    )


@requires(Capability.MANAGE_ASSIGNMENTS)
@require_POST
def assignment_undo(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back a change on its first day at the latest."""
    assignment = _manageable(request, ref)
    try:
        undo_assignment(assignment=assignment, by=request.user, on=request.viewer.on)
    except AssignmentError as problem:
        messages.error(request, problem.message)
    else:
        messages.success(request, f"{assignment.student}: the change is undone.")
    return redirect("assignments")


def _manageable(request: KeyworkRequest, ref: str) -> Assignment:
    seen = Assignment.objects.visible_to(request.viewer).select_related("student", "key_worker")
    assignment = get_object_or_404(seen, ref=ref)
    allow(can_manage_assignments(request.viewer, assignment.student))
    return assignment


def _start_of(request: KeyworkRequest) -> date:
    """Give the first day typed, on which loads are counted; today where it cannot be read."""
    try:
        return parse_day((form_data(request) or QueryDict()).get("start", ""), request.viewer.on)
    except ValueError:
        return request.viewer.on


def _assignment_form(
    request: KeyworkRequest, students: list[Student], loads: list[KeyWorkerLoad]
) -> AssignmentForm:
    on = request.viewer.on
    data = form_data(request)
    if data is not None:
        return AssignmentForm(data, students=students, loads=loads, on=on)
    suggested = suggest_key_workers(students, loads, on)
    initial: dict[str, Any] = {"start": on}
    form = AssignmentForm(students=students, loads=loads, on=on, initial=initial)
    for student in students:
        if suggestion := suggested.get(student.pk):
            field = form.fields[f"new_{student.ref}"]
            field.initial = suggestion.load.staff.user.ref
            field.help_text = f"Suggested: {suggestion.load.name} {suggestion.why}."
    return form


def _chosen_refs(request: KeyworkRequest) -> list[str]:
    """Give the refs of the students ticked: posted, in the address, or in the draft it names.

    Whatever else was sent under their name is left out: no database needs to look for it.
    """
    sent = form_data(request) or request.GET
    if KEPT in sent and "student" not in sent:
        key = f"{form_name(AssignmentForm)}:changes.{sent[KEPT]}"
        draft = drafts.find_draft(request.viewer.user, key)
        refs = draft.data.get("student", []) if draft else []
    else:
        refs = sent.getlist("student")
    return list(filter(is_ref, refs))


def _keep(request: KeyworkRequest, form: AssignmentForm) -> None:
    """Keep what is typed, for these students: they name the page, or its draft where many do."""
    refs = sorted(each.ref for each in form.students)
    query = urlencode({"student": refs}, doseq=True)
    name, page = sha256(query.encode()).hexdigest()[:16], reverse("assignment_changes")
    url = f"{page}?{query}"
    keep_typed(
        request,
        form,
        title=f"Change of key worker: {', '.join(each.name for each in form.students)}",
        school_id=request.viewer.chosen_school.pk,
        at=f"changes.{name}",
        url=url if len(url) <= LONGEST_URL else f"{page}?{KEPT}={name}",
    )


def _form_context(form: AssignmentForm) -> dict[str, Any]:
    return {"form": form, "rows": form.rows(), "loads": list(form.loads.values())}


def _preview(form: AssignmentForm, on: date) -> dict[str, Any]:
    values, changes = form.cleaned_data, form.changes()
    loads = list(form.loads.values())
    moved = changes if values["role"] == Assignment.Role.PRIMARY else []
    after = loads_after(loads, moved, values["start"])
    chosen = {new.staff.user_id: new for _, new in changes}
    return {
        "lines": [_planned(student, new, values["role"], on, after) for student, new in changes],
        "values": values,
        "reason": dict(Assignment.Reason.choices)[values["reason"]],
        "role": dict(Assignment.Role.choices)[values["role"]],
        "warnings": [text for pk, new in chosen.items() for text in new.warnings(after[pk])],
        "fields": _posted(form),
        "starts_later": values["start"] > on,
    }


def _planned(
    student: Student, new: KeyWorkerLoad, role: str, on: date, after: dict[int, int]
) -> Planned:
    now = _now_of(student, role, on)
    return Planned(student, now, new.name, new.load, after[new.staff.user_id], new.limit)


def _posted(form: AssignmentForm) -> list[tuple[str, str]]:
    """Give what was typed, to be posted again by the button of the preview."""
    posted: Any = form.data
    pairs = [(name, value) for name, values in posted.lists() for value in values]
    return [(name, value) for name, value in pairs if name not in NOT_POSTED_AGAIN]


def _now_of(student: Student, role: str, on: date) -> str:
    current = current_assignments(student, on)
    names = [each.key_worker.full_name for each in current if each.role == role]
    return ", ".join(names) or "nobody"


def _make_changes(request: KeyworkRequest, form: AssignmentForm) -> HttpResponse:
    changes = [Change(student, new.staff.user) for student, new in form.changes()]
    shared = {name: form.cleaned_data[name] for name in ("role", "start", "reason", "note")}
    try:
        made = assign_key_workers(changes=changes, by=request.user, **shared)
    except AssignmentError as problem:
        form.add_error(None, problem.message)
        context = _form_context(form)
        return render(request, "students/assignment_changes.html", context)
    messages.success(request, _made(len(made), shared["start"], request.viewer.on))
    return redirect("assignments")


def _made(count: int, start: date, on: date) -> str:
    words = "1 change" if count == 1 else f"{count} changes"
    when = "today" if start == on else f"on {start:%-d %B %Y}"
    undo = f" You can undo it {'until then' if start > on else 'today'}." if start >= on else ""
    return f"{words} saved, starting {when}.{undo}"


def _have(count: int) -> str:
    return "1 student has" if count == 1 else f"{count} students have"
