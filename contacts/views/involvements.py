"""The agencies around one student: involvement, what was told, meetings, advice."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts import agency_queries as queries
from contacts.errors import ContactsError
from contacts.followup_policies import can_liaise
from contacts.followup_words import row_of
from contacts.forms.involvements import (
    AdviceForm,
    AgencyContactForm,
    InvolvementForm,
    MeetingForm,
)
from contacts.models import (
    Agency,
    AgencyAdvice,
    AgencyContact,
    AgencyMeeting,
    Involvement,
    Professional,
)
from contacts.services import involvements as services
from contacts.views.followups import staff_of
from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.undo import offer_undo
from students.form_page import form_page
from students.header import header
from students.models import Student
from students.own_page import hide_others_in
from students.policies import sight_of
from students.views.profile import seen_student

_form_page = partial(form_page, tab="agencies", back="contacts:student_agencies")
KINDS: dict[str, Any] = {
    "contact": AgencyContact,
    "meeting": AgencyMeeting,
    "advice": AgencyAdvice,
}


@requires(Capability.SEE_STUDENTS)
def of_student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show the agencies around a student, what they were told, meetings and advice."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    context = {
        "student": student,
        "header": header(viewer, student, tab="agencies"),
        "part": queries.agencies_part(viewer, student),
    }
    return render(request, "contacts/student_agencies.html", context)


@requires(Capability.LIAISE)
def new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down that an agency is around a student."""
    viewer = request.viewer
    student = _of_liaison(viewer, ref)
    form = _involvement_form(request, student, initial={"started_on": viewer.on})
    if request.method == "POST" and form.is_valid():
        try:
            services.involve_agency(student=student, values=form.cleaned_data, by=viewer.user)
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, "Saved.")
            return redirect("contacts:student_agencies", student.ref)
    return _form_page(request, student, form, "An agency that is involved")


@requires(Capability.LIAISE)
def edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change dates, role or consent of an involvement."""
    viewer = request.viewer
    record = _involvement(viewer, ref)
    student = _of_liaison(viewer, record.student.ref)
    initial = {name: getattr(record, name) for name in services.INVOLVEMENT_FIELDS}
    initial |= {"agency": record.agency.ref, "person": record.person and record.person.ref}
    form = _involvement_form(request, student, initial=initial, record=record)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_involvement(
                involvement=record, values=form.typed, by=viewer.user, seen=form.seen
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, "Saved.")
            return redirect("contacts:student_agencies", student.ref)
    return _form_page(request, student, form, str(record))


def _involvement_form(
    request: KeyworkRequest,
    student: Student,
    *,
    initial: dict[str, Any],
    record: Involvement | None = None,
) -> InvolvementForm:
    agencies = Agency.objects.filter(school=student.school_id)
    people = Professional.objects.filter(agency__school=student.school_id)
    people = people.select_related("agency").order_by("agency__name", "name")
    offered = agencies.in_use()
    if record:  # what is chosen stays on offer, retired or not
        offered |= agencies.filter(pk=record.agency_id)
        here = Q(retired_at=None, agency__retired_at=None)
        people = people.filter(here | Q(pk=record.person_id or 0))
    else:
        people = people.in_use()
    return InvolvementForm(
        form_data(request),
        on=request.viewer.on,
        agencies=offered,
        people=people,
        record=record,
        initial=initial,
    )


@requires(Capability.LIAISE)
def log_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what an agency was told, or told the school."""
    viewer = request.viewer
    record = _involvement(viewer, ref)
    student = _of_liaison(viewer, record.student.ref)
    whom = record.person.name if record.person else ""
    initial = {"direction": "told", "happened_on": viewer.on, "whom": whom}
    form = AgencyContactForm(form_data(request), on=viewer.on, initial=initial)
    title = f"A word with {record.agency.name} about {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            services.log_agency_contact(
                involvement=record,
                values=form.cleaned_data,
                by=viewer.user,
                may_override=viewer.can_at(Capability.SHARE_WITHOUT_CONSENT, student.school_id),
            )
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, f"Saved. The log of {record} is up to date.")
            return redirect("contacts:student_agencies", student.ref)
    context = {
        "student": student,
        "header": header(viewer, student, tab="agencies"),
        "form": form,
        "involvement": record,
        "consent": queries.consent_chip(record, viewer.on),
    }
    return render(request, "contacts/agency_log_new.html", context)


@requires(Capability.LIAISE)
def meeting_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down a meeting of an agency, and what was agreed there."""
    viewer = request.viewer
    student = _of_liaison(viewer, ref)
    form = MeetingForm(
        form_data(request),
        on=viewer.on,
        agencies=Agency.objects.filter(school=student.school_id).in_use(),
        staff=staff_of(student, viewer.on),
        initial={"held_on": viewer.on, "attended_by": viewer.user.ref},
    )
    title = f"A meeting about {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.log_agency_meeting(
                student=student,
                values=form.meeting(),
                agreed=list(form.agreed()),
                by=viewer.user,
            )
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, "Meeting saved.")
            return redirect(made)
    return _form_page(request, student, form, "A meeting of an agency")


@requires(Capability.SEE_STUDENTS)
def meeting(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a meeting and what became of what was agreed."""
    viewer = request.viewer
    records = AgencyMeeting.objects.standing().select_related("agency", "student", "attended_by")
    record = get_visible_or_404(records.select_related("noted_by"), viewer, ref=ref)
    student = seen_student(viewer, record.student.ref)
    agreed = queries.agreed_at([record.ref])
    agreed_texts = [(each, queries.AGREED_TEXTS) for each in agreed]
    hide_others_in(student, [(record, queries.MEETING_TEXTS), *agreed_texts])
    context = {
        "student": student,
        "header": header(viewer, student, tab="agencies"),
        "meeting": record,
        "agreed": [row_of(each, viewer.on) for each in agreed],
        "may_withdraw": can_liaise(viewer, student, sight_of(viewer, student)),
    }
    return render(request, "contacts/agency_meeting.html", context)


@requires(Capability.LIAISE)
def advice_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down advice on whether to involve an agency."""
    student = _of_liaison(request.viewer, ref)
    form = AdviceForm(
        form_data(request), on=request.viewer.on, initial={"asked_on": request.viewer.on}
    )
    return _advice_page(request, student, form, None)


@requires(Capability.LIAISE)
def advice_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Add what was advised, and what was decided and why."""
    viewer = request.viewer
    records = AgencyAdvice.objects.standing().select_related("student")
    record = get_visible_or_404(records, viewer, ref=ref)
    student = _of_liaison(viewer, record.student.ref)
    initial = {name: getattr(record, name) for name in services.ADVICE_FIELDS}
    form = AdviceForm(form_data(request), on=viewer.on, initial=initial)
    return _advice_page(request, student, form, record)


def _advice_page(
    request: KeyworkRequest, student: Student, form: AdviceForm, record: AgencyAdvice | None
) -> HttpResponse:
    viewer = request.viewer
    title = f"Advice on an agency for {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            services.save_advice(
                student=student,
                values=form.typed,
                by=viewer.user,
                on=viewer.on,
                current=record,
                seen=form.seen if record else None,
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, "Saved.")
            return redirect("contacts:student_agencies", student.ref)
    return _form_page(request, student, form, "Advice on involving an agency")


@requires(Capability.LIAISE)
@require_POST
def withdrawal(request: KeyworkRequest, kind: str, ref: str) -> HttpResponse:
    """Take back a line of the log, a meeting or advice written down by mistake."""
    viewer = request.viewer
    record = get_visible_or_404(KINDS[kind].objects.standing(), viewer, ref=ref)
    student = _of_liaison(viewer, record.student.ref)
    services.withdraw_record(record=record, by=viewer.user, now=viewer.now)
    offer_undo(request, "Withdrawn.", kind=f"agency_{kind}", record=record)
    return redirect(reverse("contacts:student_agencies", args=[student.ref]))


def _of_liaison(viewer: Viewer, ref: str) -> Student:
    """Fetch a student about whom the viewer may liaise: 404 out of sight, else 403."""
    student = seen_student(viewer, ref)
    allow(can_liaise(viewer, student, sight_of(viewer, student)))
    return student


def _involvement(viewer: Viewer, ref: str) -> Involvement:
    records = Involvement.objects.select_related("student", "agency", "person")
    found: Involvement = get_visible_or_404(records, viewer, ref=ref)
    return found
