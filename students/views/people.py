"""Who a student is; the people around them are on a page of keywork.home."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.merging import ChangedMeanwhileError
from keywork.models import KeyWorkModel
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.form_page import form_page
from students.forms import IdentityForm
from students.models import Student
from students.policies import can_edit_identity
from students.services import StudentError, change_identity, create_student


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
    return form_page(request, shown, form, "Identity", tab="timeline", back="student")


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
