"""Something noticed of a student's wellbeing: written, read, corrected, taken back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from students.models import Observation, Student
from students.observation_forms import ObservationCorrectionForm, ObservationForm
from students.own_page import hide_others_in
from students.policies import (
    WORKS_WITH_STUDENTS,
    can_correct_observation,
    can_note_observation,
    can_withdraw_observation,
    sight_of,
)
from students.seen import student_in_full
from students.services import StudentError
from students.services.observations import (
    correct_observation,
    note_observation,
    withdraw_observation,
)
from students.slip_forms import ReasonForm
from students.views.students import FIGURES


@requires(*WORKS_WITH_STUDENTS)
def new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what one noticed of a student seen in full."""
    viewer = request.viewer
    student = student_in_full(viewer, ref)
    allow(can_note_observation(viewer, student, sight_of(viewer, student)))
    form = ObservationForm(
        form_data(request), student=student, on=viewer.on, initial={"noticed_on": viewer.on}
    )
    title = f"Something noticed of {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        note_observation(student=student, values=form.cleaned_data, by=viewer.user)
        messages.success(request, "Saved. It stands in the timeline and the next briefing.")
        return redirect(student)
    context = {
        "form": form,
        "title": "Something noticed",
        "student": student,
        "leave": student.get_absolute_url(),
        "crumbs": _crumbs(student),
    }
    return render(request, "students/observation_form.html", context)


@requires(*FIGURES)
def observation(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show what was noticed, to those who see the student in full."""
    viewer, found = request.viewer, _found(request, ref)
    hide_others_in(found.student, [(found, ("text",))])
    context = {
        "observation": found,
        "student": found.student,
        "may_correct": can_correct_observation(viewer, found),
        "may_withdraw": can_withdraw_observation(viewer, found),
        "crumbs": _crumbs(found.student),
    }
    return render(request, "students/observation.html", context)


@requires(*FIGURES)
def correction(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change what one wrote; the history keeps the old."""
    viewer, found = request.viewer, _found(request, ref)
    allow(can_correct_observation(viewer, found))
    student = found.student
    shown = {"kind": found.kind, "text": found.text, "noticed_on": found.noticed_on}
    form = ObservationCorrectionForm(
        form_data(request), student=student, on=viewer.on, initial=shown
    )
    title = f"Correcting what was noticed of {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid() and _corrected(request, found, form):
        messages.success(request, "Changed. The history keeps what stood there.")
        return redirect(found)
    context = {
        "form": form,
        "title": "Correct what was noticed",
        "student": student,
        "leave": found.get_absolute_url(),
        "crumbs": [*_crumbs(student), (str(found), found.get_absolute_url())],
    }
    return render(request, "students/observation_form.html", context)


def _corrected(
    request: KeyworkRequest, found: Observation, form: ObservationCorrectionForm
) -> bool:
    by, values = request.viewer.user, form.cleaned_data
    try:
        correct_observation(observation=found, values=values, by=by, seen=form.seen)
    except StudentError as problem:
        form.add_error(problem.field, problem.message)
        return False
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    return True


@requires(*FIGURES)
def withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back what was noticed, with why."""
    viewer, found = request.viewer, _found(request, ref)
    allow(can_withdraw_observation(viewer, found))
    form = ReasonForm(
        form_data(request),
        label="Why is it taken back?",
        missing="Say why you take it back",
        longest=200,
    )
    title = f"Taking back what was noticed of {found.student.name}"
    keep_typed(request, form, title=title, school_id=found.student.school_id)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["text"]
        try:
            withdraw_observation(observation=found, reason=reason, by=viewer.user, now=viewer.now)
        except StudentError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Taken back. Its history stays.")
            return redirect(found.student)
    crumbs = [*_crumbs(found.student), (str(found), found.get_absolute_url())]
    context = {"observation": found, "form": form, "crumbs": crumbs}
    return render(request, "students/observation_withdrawal.html", context)


def _found(request: KeyworkRequest, ref: str) -> Observation:
    observations = Observation.objects.select_related("student", "noticed_by")
    found: Observation = get_visible_or_404(observations, request.viewer, ref=ref)
    return found


def _crumbs(student: Student) -> list[tuple[str, str]]:
    return [(student.name, student.get_absolute_url())]
