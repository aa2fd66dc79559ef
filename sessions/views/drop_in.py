"""Drop-in times of a student: agree one, end one."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.forms import day_echo
from keywork.navigation import page_back
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.undo import offer_undo
from sessions.forms.planning import DropInForm
from sessions.models import DropInSlot, KeyworkSession
from sessions.policies import can_record
from sessions.queries import drop_in_slots_of, drop_ins_lately
from sessions.services import drop_in as services
from sessions.views.loading import student_to_record
from students.models import Student


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
        "slots": drop_ins_lately(student, drop_in_slots_of(student), request.viewer.on),
        "here": reverse("sessions:drop_in", args=[student.ref]),
        "crumbs": [
            ("Calendar", reverse("sessions:calendar")),
            (student.name, student.get_absolute_url()),
        ],
    }
    return render(request, "sessions/drop_in.html", context)


@requires(Capability.RECORD_SESSION)
@require_POST
def drop_in_unused(request: KeyworkRequest, slot_ref: str) -> HttpResponse:
    """Log that a student did not come to an agreed time; undone for ten minutes (S1-26)."""
    viewer = request.viewer
    slots = DropInSlot.objects.select_related("student")
    slot = get_visible_or_404(slots, viewer, ref=slot_ref)
    allow(can_record(viewer, slot.student))
    day = _day(request.POST.get("day", "")) or viewer.on
    try:
        record = services.log_unused(slot=slot, day=day, by=viewer.user, now=viewer.now)
    except services.DropInError as problem:
        messages.error(request, f"{problem.message}.")
    else:
        said = f"Drop-in time of {slot.student.first_name} on {day_echo(day)} logged as not used."
        offer_undo(request, said, kind="drop_in_unused", record=record)
    return redirect(page_back(request) or reverse("sessions:drop_in", args=[slot.student.ref]))


def agreed_time(request: KeyworkRequest, student: Student) -> dict[str, Any]:
    """Give what the log form offers of a drop-in time that was used: ?drop_in= and ?day=."""
    ref = request.GET.get("drop_in")
    if not ref:
        return {}
    slots = DropInSlot.objects.visible_to(request.viewer).filter(student=student, ref=ref)
    slot = slots.first()
    if slot is None:
        return {}
    day = _day(request.GET.get("day", "")) or request.viewer.on
    values = {
        "method": KeyworkSession.Method.DROP_IN,
        "held_on": min(day, request.viewer.on),
        "starts_at": slot.starts_at,
    }
    return {**values, "venue": slot.venue} if slot.venue else values


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


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
