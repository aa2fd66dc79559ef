"""A small-group session: first what all have in common, then one page per student."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import drafts
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed, not_saved
from keywork.parked_forms import form_data
from keywork.roles import Capability
from sessions.forms.group import GroupForm
from sessions.models import KeyworkSession
from sessions.policies import can_record
from sessions.queries import planned_with, who_may_join
from sessions.services.groups import GroupBegunError, begin_planned_group, is_begun, start_group
from sessions.words import venues_offered
from students.models import Student


@requires(Capability.RECORD_SESSION)
def group(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Choose who was there and write the shared part; then log each student's own.

    ?planned= takes the student's record of a group planned ahead.
    """
    viewer = request.viewer
    students = Student.objects.with_sight(viewer).select_related(
        "school__key_work_model", "key_work_model"
    )
    student = get_visible_or_404(students, viewer, ref=student_ref)
    allow(can_record(viewer, student))
    planned = _planned(request, student)
    if planned and request.method == "GET" and is_begun(planned.group_id):
        return redirect(_overtaken(request, planned))
    form = _form(request, student, planned)
    if request.method == "POST" and form.is_valid():
        return redirect(_begin(request, form, planned))
    context = {
        "form": form,
        "student": student,
        "records": [planned, *form.others] if planned else [],
        "venues": venues_offered(student, viewer.user.pk),
        "crumbs": [("Today", reverse("today")), (student.name, student.get_absolute_url())],
    }
    return render(request, "sessions/log_group.html", context)


def group_page_first(request: KeyworkRequest, record: KeyworkSession) -> str:
    """Give the page of a planned group where nothing is written of what concerns all; else "".

    On the day, and before one of the students' own pages is begun or asked for (?part=own).
    """
    group, viewer = record.group, request.viewer
    if group is None or group.shared_details or record.held_on > viewer.on:
        return ""
    if request.method != "GET" or "part" in request.GET or form_data(request) is not None:
        return ""
    if is_begun(group.pk) or drafts.find_draft(viewer.user, f"session:{record.ref}"):
        return ""
    return f"{reverse('sessions:group', args=[record.student.ref])}?planned={record.ref}"


def _planned(request: KeyworkRequest, student: Student) -> KeyworkSession | None:
    """The student's record of a group planned ahead, where the address names one."""
    ref = request.GET.get("planned")
    if not ref:
        return None
    records = KeyworkSession.objects.filter(student=student, group__isnull=False)
    found: KeyworkSession = get_visible_or_404(
        records.select_related("group", "student"), request.viewer, ref=ref
    )
    return found


def _form(request: KeyworkRequest, student: Student, planned: KeyworkSession | None) -> GroupForm:
    viewer = request.viewer
    form = GroupForm(
        form_data(request),
        student=student,
        candidates=who_may_join(viewer, student),
        others=planned_with(planned, viewer) if planned else None,
        on=viewer.on,
        initial=_initial(request, student),
    )
    if planned:
        form.initial = {**form.initial, **form.as_planned(planned)}
    keep_typed(
        request,
        form,
        title=f"Group session with {student.name}",
        school_id=student.school_id,
        at=f"group.{planned.ref}" if planned else "",
        url=request.get_full_path() if planned else "",
    )
    return form


def _begin(request: KeyworkRequest, form: GroupForm, planned: KeyworkSession | None) -> str:
    """Save what they have in common; give the address of the first student's own page."""
    shared: dict[str, Any] = {
        "students": form.students(),
        "values": form.group_values(),
        "by": request.viewer.user,
        "now": request.viewer.now,
    }
    if planned is None:
        first = start_group(**shared)[0]
    else:
        first = planned
        try:
            begin_planned_group(planned=planned, **shared)
        except GroupBegunError:
            not_saved(request)
            return _overtaken(request, first)
    own = reverse("sessions:edit", args=[first.ref])
    return own if form.cleaned_data["shared_details"] else f"{own}?part=own"


def _overtaken(request: KeyworkRequest, planned: KeyworkSession) -> str:
    """Say that one of them is signed, and give the page of the record one came for."""
    messages.warning(request, "One of the group is signed already: correct there what all share.")
    return reverse("sessions:edit", args=[planned.ref])


def _initial(request: KeyworkRequest, student: Student) -> dict[str, object]:
    model = student.model_in_force()
    return {
        "companions": request.GET.getlist("with"),
        "held_on": request.viewer.on,
        "minutes": model.session_minutes[0] if model and model.session_minutes else 20,
    }
