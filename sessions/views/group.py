"""A small-group session: first what all have in common, then one page per student."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork import drafts
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability
from sessions.forms.group import GroupForm
from sessions.models import KeyworkSession
from sessions.policies import can_record
from sessions.queries import planned_with, who_may_join
from sessions.services.groups import GroupBegunError, begin_planned_group, is_begun, start_group
from sessions.words import venues_offered
from students.models import Student

ONE_SIGNED = "One of the group is signed already: correct there what all share."
OWN_PAGE = {"part", "missed"}


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
    record = _named(request, student)
    planned = record if record and not record.withdrawn_at else None
    form = _form(request, student, planned, record)
    if planned and request.method == "GET" and is_begun(planned.group_id):
        messages.warning(request, ONE_SIGNED)
        if not (vars(form)["kept"].draft or form_data(request)):
            return redirect("sessions:edit", planned.ref)
    if request.method == "POST" and form.is_valid() and (url := _begin(request, form, planned)):
        return redirect(url)
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

    On the day, and before one of the students' own pages is begun or asked for (?part=own), or
    why it is not possible is to be said (?missed=1).
    """
    group, viewer = record.group, request.viewer
    if group is None or group.shared_details or record.held_on > viewer.on:
        return ""
    if request.method != "GET" or OWN_PAGE & request.GET.keys() or form_data(request):
        return ""
    if is_begun(group.pk) or drafts.find_draft(viewer.user, f"session:{record.ref}"):
        return ""
    return f"{reverse('sessions:group', args=[record.student.ref])}?planned={record.ref}"


def _named(request: KeyworkRequest, student: Student) -> KeyworkSession | None:
    """The student's record of a group planned ahead, where the address names one.

    One that was cancelled is given, too: what was typed for it goes on as a group of its own.
    """
    ref = request.GET.get("planned")
    if not ref:
        return None
    records = KeyworkSession.objects.filter(student=student, group__isnull=False, ref=ref)
    found = records.select_related("group", "student").first()
    if found is None:
        raise Http404
    return found


def _form(
    request: KeyworkRequest,
    student: Student,
    planned: KeyworkSession | None,
    record: KeyworkSession | None,
) -> GroupForm:
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
        form.begin_with(planned)
    keep_typed(
        request,
        form,
        title=f"Group session with {student.name}",
        school_id=student.school_id,
        at=f"group.{record.ref}" if record else "",
        url=request.get_full_path() if record else "",
    )
    return form


def _begin(request: KeyworkRequest, form: GroupForm, planned: KeyworkSession | None) -> str:
    """Save what they have in common; give the address of the first student's own page.

    Empty where it could not be saved, which the form says.
    """
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
            begin_planned_group(planned=planned, seen=form.seen, **shared)
        except GroupBegunError:
            form.add_error(None, ONE_SIGNED)
            return ""
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
            return ""
    own = reverse("sessions:edit", args=[first.ref])
    return own if form.cleaned_data["shared_details"] else f"{own}?part=own"


def _initial(request: KeyworkRequest, student: Student) -> dict[str, object]:
    model = student.model_in_force()
    return {
        "companions": request.GET.getlist("with"),
        "held_on": request.viewer.on,
        "minutes": model.session_minutes[0] if model and model.session_minutes else 20,
    }
