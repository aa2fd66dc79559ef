"""How to work with a student: strategies, what helps them learn, timetable."""

from typing import Any

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, Viewer, allow, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.models import StaffMember, User
from keywork.parked_forms import form_data, form_token
from keywork.roles import Capability
from students.form_page import form_page
from students.forms import LessonForm, ProfileForm, StrategyForm
from students.header import header
from students.models import Strategy, Student
from students.own_page import Texts, hide_others_in
from students.policies import can_edit_profile, sight_of
from students.queries import strategies_of, timetable_of
from students.seen import student_in_full
from students.services import (
    StudentError,
    add_lesson,
    add_strategy,
    change_profile,
    put_strategy_back,
    remove_lesson,
    withdraw_strategy,
)

PROFILE_TEXTS = ("learning_style", "interests", "engaging_work")


@requires(Capability.SEE_STUDENTS)
def profile(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show how to work with a student; for those who see the student in full."""
    student = seen_student(request.viewer, ref)
    return _profile_page(request, student)


@requires(Capability.EDIT_PROFILE)
def profile_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change what is written about working with a student."""
    student = editable_student(request.viewer, ref)
    form = ProfileForm(form_data(request), instance=student, on=request.viewer.on)
    keep_typed(
        request, form, title=f"How to work with {student.name}", school_id=student.school_id
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_profile(student=student, values=form.typed, by=request.user, seen=form.seen)
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        else:
            messages.success(request, "Saved.")
            return redirect("students:profile", student.ref)
    # A fresh copy: checking the form has written what was typed on the other one.
    shown = seen_student(request.viewer, ref)
    return form_page(
        request,
        shown,
        form,
        f"How to work with {shown.first_name}",
        tab="profile",
        back="students:profile",
    )


@requires(Capability.EDIT_PROFILE)
@require_POST
def strategy_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down a strategy."""
    student = editable_student(request.viewer, ref)
    form = StrategyForm(request.POST)
    if form.is_valid():
        try:
            add_strategy(
                student=student, by=request.user, on=request.viewer.on, **form.cleaned_data
            )
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, "Strategy added. Teachers see it too.")
            return redirect("students:profile", student.ref)
    return _profile_page(request, student, strategy_form=form)


@requires(Capability.EDIT_PROFILE)
@require_POST
def strategy_withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Withdraw a strategy, or put it back."""
    strategies = Strategy.objects.filter(
        student__in=Student.objects.visible_to(request.viewer)
    ).select_related("student")
    strategy = get_object_or_404(strategies, ref=ref)
    allow_editing(request.viewer, strategy.student)
    if "back" in request.POST:
        put_strategy_back(strategy=strategy, by=request.user)
        messages.success(request, "Strategy put back.")
    else:
        withdraw_strategy(strategy=strategy, by=request.user, now=request.viewer.now)
        messages.success(request, "Strategy withdrawn. You can put it back below.")
    return redirect("students:profile", strategy.student.ref)


@requires(Capability.EDIT_PROFILE)
@require_POST
def lesson_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Add who teaches the student what."""
    student = editable_student(request.viewer, ref)
    form = LessonForm(request.POST, teachers=_teachers(request.viewer, student))
    if form.is_valid():
        try:
            add_lesson(student=student, by=request.user, **form.cleaned_data)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, "Timetable saved.")
            return redirect("students:profile", student.ref)
    return _profile_page(request, student, lesson_form=form)


@requires(Capability.EDIT_PROFILE)
@require_POST
def lesson_removal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take a lesson off the timetable: the teacher's ref and the subject name it."""
    student = editable_student(request.viewer, ref)
    named = {
        lookup: request.POST.get(name, "").replace("\0", "")
        for lookup, name in (("teacher__ref", "teacher"), ("subject", "subject"))
    }
    for entry in student.timetable.filter(**named).select_related("teacher"):
        remove_lesson(entry=entry, by=request.user)
        messages.success(request, f"{entry.subject} with {entry.teacher} removed.")
    return redirect("students:profile", student.ref)


def seen_student(viewer: Viewer, ref: str) -> Student:
    """Fetch a student the viewer sees in full: 404 out of sight, 403 by name or identity only."""
    return student_in_full(viewer, ref)


def editable_student(viewer: Viewer, ref: str) -> Student:
    """Fetch a student whose profile the viewer may change: 404 out of sight, else 403."""
    student = seen_student(viewer, ref)
    allow_editing(viewer, student)
    return student


def allow_editing(viewer: Viewer, student: Student) -> None:
    """Raise PermissionDenied unless the viewer may change the student's profile."""
    allow(can_edit_profile(viewer, student, sight_of(viewer, student)))


def _profile_page(
    request: KeyworkRequest,
    student: Student,
    *,
    strategy_form: BaseForm | None = None,
    lesson_form: BaseForm | None = None,
) -> HttpResponse:
    viewer = request.viewer
    used, withdrawn = strategies_of(student)
    head = header(viewer, student, tab="profile")
    said: list[Texts] = [(each, ("text",)) for each in (*used, *withdrawn)]
    hide_others_in(student, [(student, PROFILE_TEXTS), *said])
    context: dict[str, Any] = {
        "student": student,
        "header": head,
        "strategies": used,
        "withdrawn": withdrawn,
        "timetable": timetable_of(student),
        "may_edit": can_edit_profile(viewer, student, sight_of(viewer, student)),
        "has_errors": bool(strategy_form or lesson_form),
    }
    if context["may_edit"]:
        # Of the two forms the one that was kept over a sign-in; both are kept for this page,
        # since the addresses that they are posted to show none.
        kept = request.parked or QueryDict()
        strategy, lesson = (kept if name in kept else None for name in ("text", "subject"))
        page = reverse("students:profile", args=[student.ref])
        context |= {
            "form_token": form_token(viewer.user, page),
            "strategy_form": strategy_form or StrategyForm(strategy, auto_id="strategy_%s"),
            "lesson_form": lesson_form or LessonForm(lesson, teachers=_teachers(viewer, student)),
        }
    return render(request, "students/profile.html", context)


def _teachers(viewer: Viewer, student: Student) -> Any:
    staff = StaffMember.objects.filter(school=student.school_id).in_post(viewer.on)
    return User.objects.filter(pk__in=staff.values("user"))
