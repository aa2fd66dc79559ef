"""The log of contacts with home: of one student, one entry, what it was about."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts.call_policies import can_say_what_about, can_withdraw
from contacts.errors import ContactsError
from contacts.followup_policies import can_liaise
from contacts.models import ATTEMPTS, ContactLogEntry, FollowUp, Outcome
from contacts.rules import GOOD_NEWS_OF
from contacts.services.calls import say_what_about, withdraw_call
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.language import language_hints
from keywork.navigation import page_back
from keywork.roles import Capability
from students.header import header
from students.models import BehaviourRecord, Student
from students.other_names import hide_others
from students.policies import can_tell_colleagues, sight_of
from students.views.profile import seen_student

A_PAGE = 30
FILTERS = {
    "": ("Everything", Q()),
    "spoke": ("Spoke", Q(outcome=Outcome.SPOKE)),
    "attempts": ("Attempts", Q(outcome__in=ATTEMPTS)),
    "written": ("E-mails, texts and letters", Q(outcome=Outcome.SENT)),
    "good": ("Good news", Q(was_good_news=True)),
}
TEXTS = ("good_news", "summary", "home_view", "agreed")


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry as the log shows it: its texts without other students' names."""

    entry: ContactLogEntry
    texts: dict[str, str]
    about: list[str]


@dataclass(frozen=True, slots=True)
class Balance:
    """How many of a family's last contacts were good news."""

    good: int
    of: int


@requires(Capability.SEE_STUDENTS)
def student_log(request: KeyworkRequest, ref: str) -> HttpResponse:
    """List a student's contacts with home, newest first; for those who see them in full."""
    viewer = request.viewer
    student = seen_student(viewer, ref)
    show = request.GET.get("show", "")
    show = show if show in FILTERS else ""
    own = ContactLogEntry.objects.standing().filter(student=student).with_good_news()
    page = Paginator(own.filter(FILTERS[show][1]).for_list(), A_PAGE).get_page(
        request.GET.get("page")
    )
    base = reverse("contacts:log", args=[student.ref])
    context = {
        "student": student,
        "header": header(viewer, student, tab="home"),
        "page": page,
        "rows": _rows(student, list(page)),
        "balance": _balance(own),
        "show": show,
        "chips": [
            {"label": label, "url": f"{base}?show={key}" if key else base, "current": key == show}
            for key, (label, _) in FILTERS.items()
        ],
        "may_log": can_liaise(viewer, student, sight_of(viewer, student)),
    }
    return render(request, "contacts/log.html", context)


def _balance(own: Any) -> Balance:
    last = list(own.values_list("was_good_news", flat=True)[:GOOD_NEWS_OF])
    return Balance(sum(last), len(last))


def _rows(student: Student, entries: list[ContactLogEntry]) -> list[EntryRow]:
    """The entries with initials for other students named in them, in one query."""
    said = [getattr(each, name) for each in entries for name in TEXTS]
    shown = iter(hide_others(said, student.school_id, shown=[student.pk]) if any(said) else said)
    return [
        EntryRow(
            each,
            {name: next(shown) for name in TEXTS},
            [str(answer.record) for answer in each.answers.all()]
            + (["Weekly round-up"] if each.round_up else []),
        )
        for each in entries
    ]


@requires(Capability.LIAISE)
@require_POST
def language(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Answer with reminders about the wording of one text of the form."""
    viewer = request.viewer
    student = get_visible_or_404(Student.objects.with_sight(viewer), viewer, ref=ref)
    allow(can_liaise(viewer, student, sight_of(viewer, student)))
    hints = language_hints(" ".join(str(text) for text in request.POST.values()))
    return render(request, "components/language_hints.html", {"hints": hints})


@requires(Capability.SEE_STUDENTS)
def entry(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show one contact with home, to those who see the student in full and to its author."""
    viewer = request.viewer
    found = _entry(request, ref)
    sight = sight_of(viewer, found.student)
    in_full = sight.in_full
    raised = FollowUp.objects.standing().filter(
        source_kind=FollowUp.Source.CONTACT, source_ref=found.ref
    )
    context = {
        "entry": found,
        "row": _rows(found.student, [found])[0],
        "student": found.student,
        "in_full": in_full,
        "raised": list(raised.select_related("owner", "student")),
        "may_tell": can_tell_colleagues(viewer, found.student, sight),
        "may_withdraw": can_withdraw(viewer, found),
        "crumbs": [
            (found.student.name, found.student.get_absolute_url()),
            ("Home", reverse("contacts:log", args=[found.student.ref])),
        ]
        if in_full
        else [],
    }
    return render(request, "contacts/entry.html", context)


@requires(Capability.LIAISE)
@require_POST
def entry_about(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Say that a contact was about a slip, too: "Was it about this?", one tap."""
    viewer = request.viewer
    found = _entry(request, ref)
    allow(can_say_what_about(viewer, found))
    record = get_visible_or_404(BehaviourRecord, viewer, ref=request.POST.get("record", ""))
    try:
        say_what_about(entry=found, record=record, by=viewer.user)
    except ContactsError as problem:
        messages.error(request, problem.message)
    else:
        who = found.made_by.full_name if found.made_by else "Somebody"
        messages.success(request, f"Saved: {who} spoke to home about “{record}”.")
    return redirect(page_back(request) or found)


class WithdrawalForm(forms.Form):
    """Why a contact is taken back."""

    reason = forms.CharField(
        label="Why is it taken back?",
        max_length=200,
        error_messages={"required": "Say why you take it back"},
    )


@requires(Capability.SEE_STUDENTS)
def entry_withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take back a contact written by mistake, with why; the duties it answered come back."""
    viewer = request.viewer
    found = _entry(request, ref)
    allow(can_withdraw(viewer, found))
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_call(
                entry=found, by=viewer.user, now=viewer.now, reason=form.cleaned_data["reason"]
            )
        except ContactsError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Taken back. What it answered is due again.")
            return redirect("home")
    context = {"entry": found, "form": form, "crumbs": [(str(found), found.get_absolute_url())]}
    return render(request, "contacts/entry_withdrawal.html", context)


def _entry(request: KeyworkRequest, ref: str) -> ContactLogEntry:
    entries = ContactLogEntry.objects.for_list().select_related("school")
    found: ContactLogEntry = get_visible_or_404(entries, request.viewer, ref=ref)
    return found
