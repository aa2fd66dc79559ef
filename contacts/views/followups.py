"""What somebody raised: writing it down, answering it, telling them."""

from datetime import date, timedelta
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.errors import ContactsError
from contacts.followup_policies import can_answer, can_liaise
from contacts.followup_queries import of_student as all_of_student
from contacts.followup_words import row_of
from contacts.forms.followups import AnswerForm, ChangeForm, RaiseForm, ToldForm
from contacts.models import FollowUp
from contacts.services import followups as services
from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.models import StaffMember, User
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.undo import offer_undo
from students.form_page import form_page
from students.header import header
from students.models import Student
from students.own_page import hide_others_in
from students.policies import sight_of
from students.views.profile import seen_student

_form_page = partial(form_page, tab="timeline", back="contacts:student_followups")
A_PAGE = 30
SAID = ("text", "raiser_name", "owner_name", "answer", "told_how")
ANSWER_STEP, TOLD_STEP = "follow_up_answer", "follow_up_told"  # kinds of undo
ANSWER_WITHIN = 5  # school days, unless somebody says otherwise


@requires(Capability.SEE_STUDENTS)
def of_student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """List all that was raised about a student, newest first: "you said, we did"."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    page = Paginator(all_of_student(student), A_PAGE).get_page(request.GET.get("page"))
    listed = list(page)
    hide_others_in(student, [(each, SAID) for each in listed])
    context = {
        "student": student,
        "header": header(viewer, student, tab="timeline"),
        "page": page,
        "rows": [row_of(each, viewer.on) for each in listed],
        "may_raise": can_liaise(viewer, student, sight_of(viewer, student)),
    }
    return render(request, "contacts/student_followups.html", context)


@requires(Capability.LIAISE)
def new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write down what somebody said, with who sees to it and by when."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    allow(can_liaise(viewer, student, sight_of(viewer, student)))
    initial = {
        "raised_by": request.GET.get("by", ""),
        "raised_on": viewer.on,
        "due_on": usual_due_day(student, viewer.on),
        "owner": viewer.user.ref,
    }
    staff = staff_of(student, viewer.on)
    form = RaiseForm(form_data(request), on=viewer.on, staff=staff, initial=initial)
    title = f"What somebody raised about {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid() and _raised(form, student, viewer):
        messages.success(request, "Saved. It stays on Follow-ups until it is answered.")
        return redirect("contacts:student_followups", student.ref)
    return _form_page(request, student, form, "What somebody raised")


def _raised(form: RaiseForm, student: Student, viewer: Viewer) -> FollowUp | None:
    values = dict(form.cleaned_data)
    try:
        return services.raise_follow_up(
            student=student, on=values.pop("raised_on"), by=viewer.user, **values
        )
    except ContactsError as problem:
        form.add_error(problem.field or None, problem.message)
        return None


@requires(Capability.SEE_STUDENTS)
def followup(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show what was said and what was done; its owner answers here, then says they know."""
    viewer = request.viewer
    found = _followup(viewer, ref)
    may_answer = can_answer(viewer, found)
    form = _step_form(request, found)
    if form and may_answer:
        _keep(request, form, found, "Answering")
    if request.method == "POST":
        allow(may_answer)
        if form is not None and form.is_valid() and _taken(form, found, viewer):
            done = found.waits_for_telling or not found.reply_wanted
            words = "Saved. It is done." if done else f"Saved. Now tell {found.raiser}."
            kind = ANSWER_STEP if isinstance(form, AnswerForm) else TOLD_STEP
            offer_undo(request, words, kind=kind, record=found)
            return redirect(found)
    hide_others_in(found.student, [(found, SAID)])
    context = {
        "followup": found,
        "row": row_of(found, viewer.on),
        "student_seen": sight_of(viewer, found.student).in_full,
        "form": form if may_answer else None,
        "may_change": may_answer and found.answered_at is None,
        "crumbs": [("Follow-ups", reverse("followups"))],
    }
    return render(request, "contacts/followup.html", context)


def _step_form(request: KeyworkRequest, found: FollowUp) -> AnswerForm | ToldForm | None:
    """Give the form of the next step; an answer posted after another's is still an answer."""
    data = form_data(request)
    if found.answered_at is None or (data is not None and "answer" in data):
        return AnswerForm(data)
    if found.waits_for_telling:
        on = request.viewer.on
        return ToldForm(data, on=on, initial={"told_on": on})
    return None


def _taken(form: AnswerForm | ToldForm, found: FollowUp, viewer: Viewer) -> bool:
    values, by = form.cleaned_data, viewer.user
    try:
        if isinstance(form, AnswerForm):
            services.answer_follow_up(follow_up=found, by=by, now=viewer.now, **values)
        else:
            services.tell_raiser(follow_up=found, by=by, **values)
    except ContactsError as problem:
        form.add_error(problem.field or None, problem.message)
        return False
    return True


@requires(Capability.SEE_STUDENTS)
def edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change its words, its owner or its day."""
    viewer = request.viewer
    found = _followup(viewer, ref)
    allow(can_answer(viewer, found))
    initial = {
        "text": found.text,
        "owner": found.owner.ref if found.owner else "",
        "owner_name": found.owner_name,
        "due_on": found.due_on,
    }
    staff = staff_of(found.student, viewer.on)
    form = ChangeForm(
        form_data(request),
        on=viewer.on,
        staff=staff,
        initial=initial,
        shown_owner=found.owner,
    )
    _keep(request, form, found, "Changing")
    if request.method == "POST" and form.is_valid() and _changed(form, found, viewer):
        messages.success(request, "Saved.")
        return redirect(found)
    context = {"followup": found, "form": form, "crumbs": [(found.text, found.get_absolute_url())]}
    return render(request, "contacts/followup_edit.html", context)


def _changed(form: ChangeForm, found: FollowUp, viewer: Viewer) -> bool:
    try:
        services.change_follow_up(
            follow_up=found, values=form.typed, seen=form.seen, by=viewer.user
        )
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    except ContactsError as problem:
        form.add_error(problem.field or None, problem.message)
        return False
    return True


@requires(Capability.SEE_STUDENTS)
@require_POST
def withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back what was written down by mistake."""
    viewer = request.viewer
    found = _followup(viewer, ref)
    allow(can_answer(viewer, found))
    services.withdraw_follow_up(follow_up=found, by=viewer.user, now=viewer.now)
    offer_undo(request, "Withdrawn.", kind="follow_up_withdrawal", record=found)
    return redirect("followups")


def _keep(request: KeyworkRequest, form: BaseForm, found: FollowUp, what: str) -> None:
    title = f"{what} a follow-up of {found.student.name}"
    keep_typed(request, form, title=title, school_id=found.student.school_id)


def usual_due_day(student: Student, on: date) -> date:
    """Give the day by which an answer is expected: five school days on."""
    day = calendar_of(student.school).add_school_days(on, ANSWER_WITHIN)
    return day or on + timedelta(days=7)


def staff_of(student: Student, on: date) -> Any:
    """Give the people in post at a student's school."""
    staff = StaffMember.objects.filter(school=student.school_id).in_post(on)
    return User.objects.filter(pk__in=staff.values("user"))


def _followup(viewer: Viewer, ref: str) -> FollowUp:
    people = ("student__school", "owner", "noted_by", "answered_by", "told_by")
    found: FollowUp = get_visible_or_404(FollowUp.objects.select_related(*people), viewer, ref=ref)
    return found
