"""Drop-in times of a student: agree one, end one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.undo import offer_undo
from sessions.forms.planning import DropInForm
from sessions.models import DropInSlot
from sessions.policies import can_record
from sessions.queries import drop_in_slots_of
from sessions.services import drop_in as services
from sessions.views.loading import student_to_record


@requires(Capability.RECORD_SESSION)
def drop_in(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """The agreed times of a student, and a form for another one (S1-24, S1-25)."""
    student = student_to_record(request, student_ref)
    form = DropInForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            services.add_slot(
                student=student,
                key_worker=request.viewer.user,
                by=request.viewer.user,
                **form.cleaned_data,
            )
        except services.DropInError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"Drop-in time agreed with {student.first_name}.")
            return redirect("sessions:drop_in", student.ref)
    context = {
        "form": form,
        "student": student,
        "slots": drop_in_slots_of(student),
        "crumbs": [
            ("Calendar", reverse("sessions:calendar")),
            (student.name, student.get_absolute_url()),
        ],
    }
    return render(request, "sessions/drop_in.html", context)


@requires(Capability.RECORD_SESSION)
@require_POST
def drop_in_withdrawal(request: KeyworkRequest, slot_ref: str) -> HttpResponse:
    """End an agreed time; undone for ten minutes."""
    viewer = request.viewer
    slots = DropInSlot.objects.select_related("student")
    slot = get_visible_or_404(slots, viewer, ref=slot_ref)
    allow(can_record(viewer, slot.student))
    services.withdraw_slot(slot=slot, by=viewer.user, now=viewer.now)
    offer_undo(request, f"Drop-in time removed: {slot}.", kind="drop_in", record=slot)
    return redirect("sessions:drop_in", slot.student.ref)
