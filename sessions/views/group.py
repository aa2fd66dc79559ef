"""A small-group session: first what all have in common, then one page per student."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.parked_forms import form_data
from keywork.roles import Capability
from sessions.forms.group import GroupForm
from sessions.policies import can_record
from sessions.services.groups import start_group
from sessions.words import venues_offered
from students.models import Student


@requires(Capability.RECORD_SESSION)
def group(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Choose who was there and write the shared part; then log each student's own."""
    viewer = request.viewer
    students = Student.objects.with_sight(viewer).select_related(
        "school__key_work_model", "key_work_model"
    )
    student = get_visible_or_404(students, viewer, ref=student_ref)
    allow(can_record(viewer, student))
    form = GroupForm(
        form_data(request),
        student=student,
        candidates=_candidates(request, student),
        on=viewer.on,
        initial=_initial(request, student),
    )
    title = f"Group session with {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        opened = start_group(
            students=form.students(), values=form.group_values(), by=viewer.user, now=viewer.now
        )
        return redirect("sessions:edit", opened[0].ref)
    context = {
        "form": form,
        "student": student,
        "venues": venues_offered(student, viewer.user.pk),
        "crumbs": [("Today", reverse("today")), (student.name, student.get_absolute_url())],
    }
    return render(request, "sessions/log_group.html", context)


def _candidates(request: KeyworkRequest, student: Student) -> list[Student]:
    """Those who may be in the group: of the same school, on roll, seen in full; own ones first."""
    viewer = request.viewer
    seen = Student.objects.visible_to(viewer).in_full_for(viewer).on_roll(viewer.on)
    others = list(seen.filter(school=student.school_id).exclude(pk=student.pk).by_name())
    own = set(Student.objects.caseload_of(viewer.user, viewer.on).values_list("pk", flat=True))
    return sorted(others, key=lambda each: each.pk not in own)


def _initial(request: KeyworkRequest, student: Student) -> dict[str, object]:
    model = student.model_in_force()
    return {
        "companions": request.GET.getlist("with"),
        "held_on": request.viewer.on,
        "minutes": model.session_minutes[0] if model and model.session_minutes else 20,
    }
