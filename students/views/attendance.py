"""One student's attendance: the tab, talks about absences, agreed hours, the certificate."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.documents import pdf_response
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.undo import offer_undo
from students.attendance_certificate import certificate_of
from students.attendance_page import attendance_for
from students.form_page import form_page
from students.header import header
from students.models import AbsenceTalk, PartTimeTimetable, Student
from students.policies import can_edit_profile, can_record_session, sight_of
from students.register_forms import PartTimeForm, TalkForm
from students.services import StudentError
from students.services.register import record_talk, save_part_time, withdraw_talk
from students.views.profile import editable_student, seen_student

_form_page = partial(form_page, tab="attendance", back="students:attendance")


@requires(Capability.SEE_STUDENTS)
def attendance(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student's attendance; for those who see the student in full."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    calendar = calendar_of(student.school)
    starting = request.GET.get("half_term", "")
    sight = sight_of(viewer, student)
    context = {
        "student": student,
        "header": header(viewer, student, tab="attendance"),
        "page": attendance_for(student, viewer.on, calendar, starting=starting),
        "may_talk": can_record_session(viewer, student, sight),
        "may_edit": can_edit_profile(viewer, student, sight),
    }
    return render(request, "students/attendance.html", context)


@requires(Capability.RECORD_SESSION)
def talk_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what was said about an absence or lateness."""
    viewer = request.viewer
    student = talked_student(viewer, ref)
    form = TalkForm(form_data(request), on=viewer.on, initial=_asked(request))
    title = f"Talk with {student.name} about the register"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            talk = record_talk(student=student, by=viewer.user, on=viewer.on, **form.cleaned_data)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"Talk saved, about {talk.date:%A} {talk.date:%-d %B}.")
            return redirect("students:attendance", student.ref)
    return _form_page(request, student, form, "Talked about it")


@requires(Capability.RECORD_SESSION)
@require_POST
def talk_withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back what was written about a talk; it can be undone."""
    viewer = request.viewer
    talk = get_visible_or_404(AbsenceTalk.objects.select_related("student"), viewer, ref=ref)
    talked_student(viewer, talk.student.ref)
    withdrawn = withdraw_talk(talk=talk, by=viewer.user, now=viewer.now)
    offer_undo(request, "Talk withdrawn.", kind="absence_talk", record=withdrawn)
    return redirect("students:attendance", talk.student.ref)


@requires(Capability.EDIT_PROFILE)
def part_time_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down a part-time timetable."""
    return _part_time(request, editable_student(request.viewer, ref), None)


@requires(Capability.EDIT_PROFILE)
def part_time_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change or end a part-time timetable."""
    found = PartTimeTimetable.objects.select_related("student")
    current = get_visible_or_404(found, request.viewer, ref=ref)
    return _part_time(request, editable_student(request.viewer, current.student.ref), current)


@requires(Capability.SEE_STUDENTS)
def certificate(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Give the attendance certificate of the academic year to today, as a PDF."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    found = certificate_of(student, viewer.on, calendar_of(student.school))
    return pdf_response(
        "students/attendance_certificate.html",
        {"student": student, "certificate": found},
        title="Attendance certificate",
        school=student.school,
        viewer=viewer,
        filename=f"attendance-certificate-{slugify(student.name)}-{found.to.isoformat()}",
    )


def talked_student(viewer: Viewer, ref: str) -> Student:
    """Fetch a student with whom the viewer holds sessions: 404 out of sight, else 403."""
    student = seen_student(viewer, ref)
    allow(can_record_session(viewer, student, sight_of(viewer, student)))
    return student


def _asked(request: KeyworkRequest) -> dict[str, Any]:
    """Take the day and session that the link to the form named."""
    asked = {"day": request.GET.get("day", ""), "session": request.GET.get("session", "")}
    return {name: value for name, value in asked.items() if value}


def _part_time(
    request: KeyworkRequest, student: Student, current: PartTimeTimetable | None
) -> HttpResponse:
    on = request.viewer.on
    form = PartTimeForm(form_data(request), instance=current, on=on)
    keep_typed(
        request, form, title=f"Part-time timetable of {student.name}", school_id=student.school_id
    )
    if request.method == "POST" and form.is_valid():
        values, by = form.typed, request.viewer.user
        try:
            save_part_time(student=student, values=values, by=by, current=current, seen=form.seen)
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except StudentError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, "Part-time timetable saved. The figure stays as it is.")
            return redirect("students:attendance", student.ref)
    return _form_page(request, student, form, "Part-time timetable")
