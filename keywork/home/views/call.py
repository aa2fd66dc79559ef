"""Logging a contact with home: what to know beside what was said (screens.md 4.6)."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localtime

from contacts.adults import stale_words
from contacts.duties import call_duties, read_calls
from contacts.errors import ContactsError
from contacts.followup_policies import can_liaise
from contacts.forms.calls import ROUND_UP, CallForm, initial_values
from contacts.models import ContactLogEntry, StudentContact
from contacts.rules import is_time_to_call
from contacts.services.calls import log_call, sent_already
from contacts.views.followups import ANSWER_WITHIN, staff_of
from keywork import drafts
from keywork.access import KeyworkRequest, allow, requires
from keywork.drafts import DraftConflictError, DraftSubject
from keywork.duties import Duty, DutyKind
from keywork.home.call_card import BeforeCalling, before_calling, hours_words, tried_words
from keywork.home.duty_words import short_day
from keywork.models import Draft
from keywork.parked_forms import form_data
from keywork.refs import new_ref
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.term_dates import SchoolCalendar
from keywork.undo import offer_undo
from students.duties import read_roll
from students.models import Student
from students.policies import sight_of
from students.seen import student_in_sight

MANY = ("about", "not_students")


@dataclass
class CallPage:
    """What one request of the page works with."""

    request: KeyworkRequest
    student: Student
    calendar: SchoolCalendar
    adults: list[StudentContact]

    @cached_property
    def before(self) -> BeforeCalling:
        """Give what to know before ringing."""
        return before_calling(
            self.student,
            self.request.viewer.on,
            self.calendar,
            about=self.request.GET.get("about", ""),
        )

    @property
    def may_be_contacted(self) -> list[StudentContact]:
        """Give the adults to whom one may speak or write."""
        on = self.request.viewer.on
        return [each for each in self.adults if not each.why_not(on)]

    @cached_property
    def draft(self) -> Draft | None:
        """Give the draft of this page, if one is kept."""
        return drafts.find_draft(self.request.viewer.user, self.subject.key)

    @property
    def subject(self) -> DraftSubject:
        """Give what the page's draft is of."""
        return DraftSubject(
            key=f"call:{self.student.ref}",
            title=f"Contact with the home of {self.student.name}",
            url=reverse("call_new", args=[self.student.ref]),
            school_id=self.student.school_id,
        )

    def form(self, data: Any = None, typed: QueryDict | None = None) -> CallForm:
        """Give the form: bound to `data`, showing what was typed before, or as it is offered."""
        viewer = self.request.viewer
        return CallForm(
            data,
            on=viewer.on,
            now=viewer.now,
            student=self.student,
            adults=self.adults,
            records=self.before.records,
            staff=staff_of(self.student, viewer.on),
            initial=_as_initial(typed) if typed is not None else self._offered(),
        )

    def _offered(self) -> dict[str, Any]:
        viewer = self.request.viewer
        may = [each.ref for each in self.may_be_contacted]
        due = self.calendar.add_school_days(viewer.on, ANSWER_WITHIN)
        return initial_values(
            now=viewer.now,
            on=viewer.on,
            ref=new_ref(),
            adult=may[0] if may else "",
            about=self.before.owed or [ROUND_UP],
            owner=viewer.user,
            due=due or viewer.on + timedelta(days=7),
        )


@requires(Capability.LIAISE)
def call_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Log a call, meeting, e-mail, text or letter; ?about= the slip one came from."""
    page = _page(request, ref)
    if request.method != "POST":
        parked = form_data(request)
        if parked is not None:
            return _show(page, page.form(typed=parked), drafts.version_of(parked))
        typed = drafts.as_posted(page.draft.data) if page.draft else None
        version = page.draft.version if page.draft else drafts.NO_DRAFT
        return _show(page, page.form(typed=typed), version)
    if request.POST.get("action") == "draft":
        return _leave(page)
    return _save(page)


def _page(request: KeyworkRequest, ref: str) -> CallPage:
    """The student, if the viewer liaises about them: unseen is 404, seen by name only 403."""
    viewer = request.viewer
    student = student_in_sight(viewer, ref)
    allow(can_liaise(viewer, student, sight_of(viewer, student)))
    adults = student.contacts.current(viewer.on).select_related("contact")
    return CallPage(request, student, calendar_of(student.school), list(adults))


def _show(page: CallPage, form: CallForm, version: int) -> HttpResponse:
    before = page.before
    context = {
        "student": page.student,
        "form": form,
        "before": before,
        "card": before.card,
        "languages": _languages(page.may_be_contacted),
        "hours": hours_words(page.student.school.call_window),
        "too_early_or_late": not is_time_to_call(
            localtime(page.request.viewer.now).time(), page.student.school.call_window
        ),
        "stale": stale_words(page.may_be_contacted, page.request.viewer.on, page.calendar),
        "tried": [tried_words(each) for each in before.today],
        "links": _links(before),
        "about": [
            (form["about"][at], _about_note(before, each.ref))
            for at, each in enumerate([*before.records, None])
            if each is not None
        ],
        "draft": page.draft if page.request.method != "POST" else None,
        "draft_key": page.subject.key,
        "draft_token": drafts.token_for(page.request.viewer.user, page.subject),
        "version": version,
        "form_url": page.request.get_full_path(),
        "crumbs": [
            ("Today", reverse("today")),
            (page.student.name, page.student.get_absolute_url()),
        ],
    }
    return render(page.request, "home/call.html", context)


def _about_note(before: BeforeCalling, ref: str) -> str:
    return next((each.words for each in before.spoken if each.record.ref == ref), "")


def _links(before: BeforeCalling) -> list[dict[str, Any]]:
    """Each conversation of today that names no slip, with each slip that waits for one."""
    waiting = [each for each in before.records if each.ref in before.untold]
    return [
        {
            "words": tried_words(entry),
            "record": record,
            "url": reverse("contacts:entry_about", args=[entry.ref]),
        }
        for entry in before.unnamed
        for record in waiting
    ]


def _leave(page: CallPage) -> HttpResponse:
    viewer = page.request.viewer
    try:
        drafts.keep_posted(
            owner=viewer.user,
            subject=page.subject,
            posted=page.request.POST,
            device=drafts.device_of(page.request.headers.get("User-Agent", "")),
            now=viewer.now,
        )
    except DraftConflictError:
        return redirect("draft_compare", page.subject.key)
    messages.success(page.request, "Draft saved. The call is not logged yet.")
    return redirect("home")


def _save(page: CallPage) -> HttpResponse:
    request, viewer = page.request, page.request.viewer
    form = page.form(request.POST)
    if form.is_valid():
        ref, call = form.cleaned_data["ref"], form.new_call()
        if already := sent_already(ref, page.student, call, viewer.user):
            _forget_draft(page)
            return redirect(already)
        owed = _owed(page)
        try:
            entry = log_call(
                student=page.student,
                call=call,
                ref=ref,
                by=viewer.user,
                now=viewer.now,
            )
        except ContactsError as problem:
            field = problem.field if problem.field in form.fields else None
            form.add_error(field, problem.message)
        else:
            _forget_draft(page)
            offer_undo(request, _saved_words(entry, owed, _owed(page)), kind="call", record=entry)
            return redirect("home")
    return _show(page, form, drafts.version_of(request.POST))


def _forget_draft(page: CallPage) -> None:
    user, posted = page.request.viewer.user, page.request.POST
    drafts.discard_posted(owner=user, key=page.subject.key, posted=posted)


def _owed(page: CallPage) -> list[Duty]:
    on = page.request.viewer.on
    chosen = Student.objects.filter(pk=page.student.pk)
    roll = read_roll(page.student.school, on, calendar=page.calendar, students=chosen)
    return list(call_duties(roll, read_calls(roll)))


def _saved_words(entry: ContactLogEntry, before: list[Duty], after: list[Duty]) -> str:
    """Say what was saved, and which duties it answered or left."""
    if entry.is_attempt:
        again = f" You try again at {entry.try_again_at:%H:%M}." if entry.try_again_at else ""
        left = " The call stays due." if after else ""
        return f"{entry.get_outcome_display()} saved.{left}{again}"
    if not entry.spoke:
        weekly = any(each.kind == DutyKind.WEEKLY_CALL for each in after)
        note = " It does not count as this week’s call." if weekly else ""
        return f"{entry.get_channel_display()} saved.{note}"
    left_over = {(each.kind, each.due_on) for each in after}
    done = [each for each in before if (each.kind, each.due_on) not in left_over]
    answered = "; ".join(_duty_words(each, entry) for each in done)
    return f"Call saved. Home knows.{f' Answered: {answered}.' if answered else ''}"


def _duty_words(duty: Duty, entry: ContactLogEntry) -> str:
    if duty.kind == DutyKind.WEEKLY_CALL:
        return "this week’s call"
    if duty.due_on == entry.made_on:
        return "today’s call home"
    return f"the call home of {short_day(duty.due_on)}"


def _as_initial(typed: QueryDict) -> dict[str, Any]:
    return {name: typed.getlist(name) if name in MANY else typed.get(name) for name in typed}


def _languages(adults: list[StudentContact]) -> list[str]:
    return [
        f"{each.contact.name}: {each.contact.language}"
        + (", needs an interpreter" if each.contact.interpreter else "")
        for each in adults
        if each.contact.interpreter or each.contact.language.casefold() not in ("", "english")
    ]
