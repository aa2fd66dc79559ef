"""What was tried where poor attendance persists: child and family first, then the senior lead."""

from functools import partial

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.attendance_rules import missing_before_report
from contacts.errors import ContactsError
from contacts.followup_policies import can_liaise
from contacts.forms.attendance import LeadForm, ReportForm, StepForm
from contacts.models import AttendanceStep
from contacts.services import attendance as services
from contacts.services.involvements import withdraw_record
from contacts.views.followups import usual_due_day
from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.models import StaffMember, User
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.undo import offer_undo
from students.form_page import form_page
from students.header import header
from students.models import Student
from students.own_page import hide_others_in
from students.policies import sight_of
from students.views.profile import seen_student

_form_page = partial(form_page, tab="attendance", back="contacts:attendance_steps")


@requires(Capability.SEE_STUDENTS)
def steps(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show what was tried about a student's attendance, newest first."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    found = AttendanceStep.objects.standing().filter(student=student)
    rows = list(found.select_related("noted_by", "reported_to"))
    hide_others_in(student, [(each, ("note",)) for each in rows])
    context = {
        "student": student,
        "header": header(viewer, student, tab="attendance"),
        "steps": rows,
        "lead": student.school.attendance_lead,
        "may_name": viewer.can_at(Capability.MANAGE_ASSIGNMENTS, student.school_id),
        "missing": missing_before_report([each.kind for each in rows]),
        "may_liaise": can_liaise(viewer, student, sight_of(viewer, student)),
    }
    return render(request, "contacts/attendance_steps.html", context)


@requires(Capability.LIAISE)
def new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down something tried."""
    viewer = request.viewer
    student = _of_liaison(viewer, ref)
    form = StepForm(form_data(request), on=viewer.on, initial={"taken_on": viewer.on})
    title = f"Something tried about {student.name}’s attendance"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        services.take_step(student=student, by=viewer.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("contacts:attendance_steps", student.ref)
    return _form_page(request, student, form, "Something tried about attendance")


@requires(Capability.LIAISE)
@require_POST
def withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back a step written down by mistake; a report stands, as its reader has it."""
    viewer = request.viewer
    records = AttendanceStep.objects.standing().select_related("student")
    step = get_visible_or_404(records, viewer, ref=ref)
    student = _of_liaison(viewer, step.student.ref)
    allow(step.kind != AttendanceStep.Kind.REPORTED)
    withdraw_record(record=step, by=viewer.user, now=viewer.now)
    offer_undo(request, "Withdrawn.", kind="attendance_step", record=step)
    return redirect("contacts:attendance_steps", student.ref)


@requires(Capability.LIAISE)
def report(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Report persistent absence to the school's senior lead."""
    viewer = request.viewer
    student = _of_liaison(viewer, ref)
    form = ReportForm(form_data(request))
    title = f"Report of {student.name}’s absence"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        due_on = usual_due_day(student, viewer.on)
        try:
            step = services.report_absence(
                student=student, due_on=due_on, by=viewer.user, on=viewer.on, **form.cleaned_data
            )
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, f"Reported to {step.reported_to}. Their answer comes back.")
            return redirect("contacts:attendance_steps", student.ref)
    return _form_page(request, student, form, "Report persistent absence")


@requires(Capability.MANAGE_ASSIGNMENTS)
def lead(request: KeyworkRequest) -> HttpResponse:
    """Name the senior lead to whom persistent absence is reported."""
    viewer, school = request.viewer, request.viewer.chosen_school
    staff = StaffMember.objects.filter(school=school).in_post(viewer.on)
    named = school.attendance_lead
    form = LeadForm(
        form_data(request),
        staff=User.objects.filter(pk__in=staff.values("user")),
        initial={"lead": named.ref if named else ""},
    )
    if request.method == "POST" and form.is_valid():
        services.name_attendance_lead(school=school, by=viewer.user, **form.cleaned_data)
        messages.success(request, "Saved.")
        return redirect("contacts:attendance_lead")
    crumbs = [("Students", reverse("students:students"))]
    context = {"form": form, "title": "To whom persistent absence is reported", "crumbs": crumbs}
    return render(request, "contacts/agency_form.html", context)


def _of_liaison(viewer: Viewer, ref: str) -> Student:
    student = seen_student(viewer, ref)
    allow(can_liaise(viewer, student, sight_of(viewer, student)))
    return student
