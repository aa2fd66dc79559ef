"""How a student gets on: grades, scores, barriers."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.models import StaffMember, User
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.form_page import form_page
from students.header import header
from students.models import Barrier, Student
from students.policies import (
    can_edit_profile,
    can_enter_grades,
    can_enter_scores,
    sight_of,
)
from students.progress_forms import BarrierFollowForm, BarrierForm, GradeForm, ScoreForm
from students.progress_page import progress_for
from students.services import StudentError
from students.services.progress import (
    follow_barrier,
    note_barrier,
    record_grade,
    record_score,
)
from students.views.profile import editable_student, seen_student


@requires(Capability.SEE_STUDENTS)
def progress(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show grades, scores and barriers; for those who see the student in full."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    sight = sight_of(viewer, student)
    context = {
        "student": student,
        "header": header(viewer, student, tab="progress"),
        "page": progress_for(student, viewer.on),
        "may_grade": can_enter_grades(viewer, student, sight),
        "may_score": can_enter_scores(viewer, student, sight),
        "may_edit": can_edit_profile(viewer, student, sight),
    }
    return render(request, "students/progress.html", context)


@requires(Capability.ENTER_PROGRESS)
def grade_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Enter a subject's grade of a data drop, then the next one's."""
    viewer = request.viewer
    student = _known_student(viewer, ref)
    allow(can_enter_grades(viewer, student, sight_of(viewer, student)))
    asked = {name: request.GET[name] for name in ("drop", "drop_on") if request.GET.get(name)}
    form = GradeForm(form_data(request), on=viewer.on, initial=asked)
    keep_typed(request, form, title=f"Grade of {student.name}", school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        sheet = record_grade(student=student, values=form.cleaned_data, by=viewer.user)
        messages.success(request, f"{sheet.subject} saved: {sheet.grade}. Add the next one.")
        same = urlencode({"drop": sheet.drop, "drop_on": f"{sheet.drop_on:%d/%m/%Y}"})
        return redirect(f"{reverse('students:grade_new', args=[student.ref])}?{same}")
    return _form_page(request, student, form, "Add grades")


@requires(Capability.ENTER_PROGRESS, Capability.EDIT_PROFILE)
def score_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Enter the score of a test."""
    viewer = request.viewer
    student = _known_student(viewer, ref)
    allow(can_enter_scores(viewer, student, sight_of(viewer, student)))
    form = ScoreForm(form_data(request), on=viewer.on)
    if request.method == "POST" and form.is_valid():
        try:
            score = record_score(student=student, values=form.cleaned_data, by=viewer.user)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"{score.get_kind_display()} saved: {score.score}.")
            return redirect(_back(viewer, student), student.ref)
    return _form_page(request, student, form, "Add a test score")


@requires(Capability.EDIT_PROFILE)
def barrier_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what the student sees as a barrier."""
    viewer = request.viewer
    student = editable_student(viewer, ref)
    staff = _staff(viewer, student)
    form = BarrierForm(
        form_data(request), on=viewer.on, staff=staff, initial={"owner": viewer.user.ref}
    )
    keep_typed(request, form, title=f"Barrier of {student.name}", school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        note_barrier(student=student, by=viewer.user, on=viewer.on, **form.cleaned_data)
        messages.success(request, f"Saved, as {student.first_name} sees it.")
        return redirect("students:progress", student.ref)
    return _form_page(request, student, form, "A barrier, as the student sees it")


@requires(Capability.EDIT_PROFILE)
def barrier_follow(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what was done about a barrier, and whether it is still there."""
    viewer = request.viewer
    barrier = get_visible_or_404(
        Barrier.objects.select_related("student", "owner"), viewer, ref=ref
    )
    student = editable_student(viewer, barrier.student.ref)
    initial = {
        "status": barrier.status,
        "follow_up": barrier.follow_up,
        "follow_up_on": barrier.follow_up_on,
        "owner": barrier.owner.ref if barrier.owner else "",
    }
    staff = _staff(viewer, student)
    form = BarrierFollowForm(
        form_data(request),
        on=viewer.on,
        staff=staff,
        initial=initial,
        shown_owner=barrier.owner,
    )
    title = f"What was done about a barrier of {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid() and _followed(form, barrier, viewer):
        messages.success(request, f"Saved. Tell {student.first_name} what was done.")
        return redirect("students:progress", student.ref)
    return _form_page(request, student, form, f"“{barrier.text}”")


def _followed(form: BarrierFollowForm, barrier: Barrier, viewer: Viewer) -> bool:
    try:
        follow_barrier(
            barrier=barrier, values=form.typed, seen=form.seen, by=viewer.user, on=viewer.on
        )
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    return True


def _known_student(viewer: Viewer, ref: str) -> Student:
    """Fetch a student as far as the viewer sees them: 404 out of sight."""
    shown = Student.objects.for_list(viewer.on).with_sight(viewer)
    found: Student = get_visible_or_404(
        shown.select_related("school__key_work_model"), viewer, ref=ref
    )
    return found


def _staff(viewer: Viewer, student: Student) -> Any:
    staff = StaffMember.objects.filter(school=student.school_id).in_post(viewer.on)
    return User.objects.filter(pk__in=staff.values("user"))


def _back(viewer: Viewer, student: Student) -> str:
    """Give the page to return to: the office, which enters scores, does not see the tab."""
    return "students:progress" if sight_of(viewer, student).in_full else "student"


def _form_page(
    request: KeyworkRequest, student: Student, form: BaseForm, title: str
) -> HttpResponse:
    return form_page(
        request, student, form, title, tab="progress", back=_back(request.viewer, student)
    )
