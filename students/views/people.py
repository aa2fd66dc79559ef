"""The people around a student, now and before; and who the student is."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.merging import ChangedMeanwhileError
from keywork.models import KeyWorkModel
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.forms import IdentityForm
from students.header import header
from students.models import Student
from students.own_page import hide_others_in
from students.policies import can_edit_identity, can_manage_assignments
from students.queries import adults_around, assignment_history
from students.services import StudentError, change_identity, create_student


@requires(Capability.SEE_STUDENTS)
def people(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show the adults around a student and all key workers so far."""
    viewer = request.viewer
    shown = Student.objects.for_list(viewer.on).with_sight(viewer)
    student = get_visible_or_404(shown.select_related("school__key_work_model"), viewer, ref=ref)
    head = header(viewer, student, tab="people")
    allow(not head.sight.by_name_only)
    history = assignment_history(student)
    hide_others_in(student, [(each, ("note",)) for each in history])
    context = {
        "student": student,
        "header": head,
        "adults": adults_around(student, viewer.on, in_full=head.sight.in_full),
        "assignments": history,
        "may_manage": can_manage_assignments(viewer, student),
    }
    return render(request, "students/people.html", context)


@requires(Capability.EDIT_IDENTITY)
def student_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change who a student is: names, roll, SEN status, model."""
    viewer = request.viewer
    student = get_visible_or_404(Student.objects.for_list(viewer.on), viewer, ref=ref)
    allow(can_edit_identity(viewer, student))
    models = KeyWorkModel.objects.filter(school=student.school)
    form = IdentityForm(form_data(request), instance=student, on=viewer.on, models=models)
    if request.method == "POST" and form.is_valid():
        try:
            change_identity(student=student, values=form.typed, by=request.user, seen=form.seen)
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, "Saved.")
            return redirect("student", student.ref)
    shown = get_visible_or_404(Student.objects.for_list(viewer.on), viewer, ref=ref)
    context = {
        "student": shown,
        "header": header(viewer, shown, tab="timeline"),
        "form": form,
        "title": "Identity",
        "back": "student",
    }
    return render(request, "students/edit.html", context)


@requires(Capability.EDIT_IDENTITY)
def student_new(request: KeyworkRequest) -> HttpResponse:
    """Put a student on the chosen school's roll."""
    viewer = request.viewer
    models = KeyWorkModel.objects.filter(school=viewer.school)
    form = IdentityForm(
        form_data(request), on=viewer.on, models=models, initial={"on_roll_from": viewer.on}
    )
    if request.method == "POST" and form.is_valid():
        try:
            student = create_student(
                school=viewer.chosen_school, values=form.cleaned_data, by=request.user
            )
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"{student} is on roll. Now give a key worker.")
            return redirect("student", student.ref)
    return render(request, "students/new.html", {"form": form})
