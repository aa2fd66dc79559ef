"""Telling colleagues of a change: writing it, reading it, correcting it, taking it back."""

from collections.abc import Collection
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork import drafts
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.drafts import DraftConflictError, DraftSubject
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.refs import new_ref
from keywork.roles import Capability
from keywork.undo import offer_undo
from students.change_notice_forms import CorrectionForm, TellForm
from students.change_notices import colleagues_of, notices_about
from students.header import header
from students.models import ChangeNotice, Student
from students.own_page import hide_others_in
from students.policies import (
    can_correct_notice,
    can_tell_colleagues,
    can_withdraw_notice,
    sight_of,
)
from students.seen import student_in_full, student_seen
from students.services import StudentError
from students.services.change_notices import (
    correct_notice,
    mark_notice_read,
    tell_colleagues,
    told_already,
    withdraw_notice,
)
from students.slip_forms import ReasonForm

A_PAGE = 30
SAID = ("text", "withdrawn_reason")


@requires(Capability.SEE_STUDENTS)
def of_student(request: KeyworkRequest, ref: str) -> HttpResponse:
    """List what colleagues were told about a student, newest first; for those who see all."""
    viewer = request.viewer
    student = student_in_full(viewer, ref)
    page = Paginator(notices_about(student), A_PAGE).get_page(request.GET.get("page"))
    listed = list(page)
    hide_others_in(student, [(each, SAID) for each in listed])
    context = {
        "student": student,
        "header": header(viewer, student, tab="timeline"),
        "page": page,
        "notices": listed,
        "may_tell": can_tell_colleagues(viewer, student, sight_of(viewer, student)),
    }
    return render(request, "students/change_notices.html", context)


@requires(Capability.LIAISE)
def new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Tell colleagues: those around the student are ticked, anybody else can be added."""
    viewer = request.viewer
    student = student_seen(viewer, ref)
    allow(can_tell_colleagues(viewer, student, sight_of(viewer, student)))
    if request.method != "POST":
        parked = form_data(request)
        draft = drafts.find_draft(viewer.user, _subject(student).key)
        typed = drafts.as_posted(draft.data) if draft and parked is None else parked
        return _show(request, student, _form(request, student, typed=typed), draft)
    if request.POST.get("action") == "draft":
        return _leave(request, student)
    form = _form(request, student, request.POST)
    if form.is_valid() and _told(request, student, form):
        return redirect(student)
    return _show(request, student, form, None)


def _form(
    request: KeyworkRequest, student: Student, data: Any = None, *, typed: QueryDict | None = None
) -> TellForm:
    """Give the form: bound to `data`, showing what was typed before, or as it is offered."""
    viewer = request.viewer
    colleagues = colleagues_of(student, viewer.on, apart_from=viewer.user)
    around = [each.person.ref for each in colleagues if each.around]
    offered: dict[str, Any] = {"ref": new_ref(), "told": around}
    if typed is not None:
        offered |= {**typed.dict(), "told": typed.getlist("told")}
    return TellForm(data, on=viewer.on, student=student, colleagues=colleagues, initial=offered)


def _subject(student: Student) -> DraftSubject:
    return DraftSubject(
        key=f"notice:{student.ref}",
        title=f"Tell colleagues about {student.name}",
        url=reverse("students:change_notice_new", args=[student.ref]),
        school_id=student.school_id,
    )


def _show(request: KeyworkRequest, student: Student, form: TellForm, draft: Any) -> HttpResponse:
    subject, posted = _subject(student), form_data(request)
    version = draft.version if draft else drafts.NO_DRAFT
    context = {
        "student": student,
        "form": form,
        "draft": draft,
        "draft_key": subject.key,
        "draft_token": drafts.token_for(request.viewer.user, subject),
        "version": version if posted is None else drafts.version_of(posted),
        "crumbs": [(student.name, student.get_absolute_url())],
    }
    return render(request, "students/change_notice_new.html", context)


def _leave(request: KeyworkRequest, student: Student) -> HttpResponse:
    """Keep what was typed as a draft, where no JavaScript does."""
    subject = _subject(student)
    try:
        drafts.keep_posted(
            owner=request.viewer.user,
            subject=subject,
            posted=request.POST,
            device=drafts.device_of(request.headers.get("User-Agent", "")),
            now=request.viewer.now,
        )
    except DraftConflictError:
        return redirect("draft_compare", subject.key)
    messages.success(request, "Draft saved. Nobody is told yet.")
    return redirect("home")


def _told(request: KeyworkRequest, student: Student, form: TellForm) -> ChangeNotice | None:
    viewer, values = request.viewer, form.cleaned_data
    already = told_already(values["ref"], student, viewer.user)
    if already and _same(already, form):
        return already
    try:
        notice = tell_colleagues(
            student=student,
            text=values["text"],
            until=values["until"],
            told=form.people,
            ref=new_ref() if already else values["ref"],
            by=viewer.user,
            now=viewer.now,
        )
    except StudentError as problem:
        form.add_error(problem.field, problem.message)
        return None
    drafts.discard_posted(owner=viewer.user, key=_subject(student).key, posted=request.POST)
    count = len(form.people)
    whom = form.people[0].full_name if count == 1 else f"{count} colleagues"
    offer_undo(request, f"Told {whom}.", kind="change_notice", record=notice)
    return notice


def _same(already: ChangeNotice, form: TellForm) -> bool:
    """Say whether a form sent again says what stands; changed after going back, it is another."""
    values, told = form.cleaned_data, {each.pk for each in form.people}
    same = all(getattr(already, name) == values[name] for name in ("text", "until"))
    known = set(already.readers.values_list("person", flat=True))
    return same and told <= known and already.withdrawn_at is None


@requires(Capability.SEE_STUDENTS)
def notice(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a notice to its author, to those it was told to and to those who see the student."""
    viewer = request.viewer
    found = _found(request, ref)
    in_full = sight_of(viewer, found.student).in_full
    readers = list(found.readers.select_related("person"))
    hide_others_in(found.student, [(found, SAID)])
    context = {
        "notice": found,
        "student": found.student,
        "in_full": in_full,
        "student_seen": Student.objects.visible_to(viewer).filter(pk=found.student_id).exists(),
        "mine": next((each for each in readers if each.person_id == viewer.user.pk), None),
        "sees_who_read": in_full or found.written_by_id == viewer.user.pk,
        "told": len(readers),
        "crumbs": _crumbs(found.student, in_full=in_full),
        "read": [each for each in readers if each.read_at],
        "unread": [each for each in readers if not each.read_at],
        "may_correct": can_correct_notice(viewer, found),
        "may_withdraw": can_withdraw_notice(viewer, found),
    }
    return render(request, "students/change_notice.html", context)


@requires(Capability.SEE_STUDENTS)
@require_POST
def read(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Say that one has read it; for those it was told to."""
    found = _found(request, ref)
    allow(found.readers.filter(person=request.viewer.user).exists())
    viewer, edition = request.viewer, request.POST.get("edition", "")
    try:
        mark_notice_read(notice=found, edition=edition, by=viewer.user, now=viewer.now)
    except StudentError as problem:
        messages.error(request, problem.message)
        return redirect(found)
    messages.success(request, "Thank you. Whoever wrote it sees that you have read it.")
    return redirect("home")


@requires(Capability.SEE_STUDENTS)
def correction(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change text or day, or tell further people; for the author."""
    viewer = request.viewer
    found = _found(request, ref)
    allow(can_correct_notice(viewer, found))
    knows = {each.person_id: each.person for each in found.readers.select_related("person")}
    form = _correction_form(request, found, knows)
    title = f"Correcting what colleagues were told about {found.student.name}"
    keep_typed(request, form, title=title, school_id=found.student.school_id)
    valid = request.method == "POST" and form.is_valid()
    if valid and (saved := _corrected(request, found, form)):
        again = saved.edition != found.edition
        then = " Those who were told are asked to read it again." if again else ""
        messages.success(request, f"Saved.{then}")
        return redirect(found)
    context = {
        "notice": found,
        "form": form,
        "knows": list(knows.values()),
        "crumbs": [(str(found), found.get_absolute_url())],
    }
    return render(request, "students/change_notice_edit.html", context)


def _correction_form(
    request: KeyworkRequest, found: ChangeNotice, knows: Collection[int]
) -> CorrectionForm:
    """Give the form; knows: ids of those told already.

    Who is around a student, and telling more people of them, is for those who still see them.
    """
    viewer, student = request.viewer, found.student
    may_tell = can_tell_colleagues(viewer, student, sight_of(viewer, student))
    staff = colleagues_of(student, viewer.on, apart_from=viewer.user) if may_tell else []
    return CorrectionForm(
        form_data(request),
        on=viewer.on,
        student=student,
        colleagues=[each for each in staff if each.person.pk not in knows],
        initial={"text": found.text, "until": found.until},
    )


def _corrected(
    request: KeyworkRequest, found: ChangeNotice, form: CorrectionForm
) -> ChangeNotice | None:
    try:
        return correct_notice(
            notice=found,
            values=form.cleaned_data,
            told_too=form.people,
            by=request.viewer.user,
            now=request.viewer.now,
            seen=form.seen,
        )
    except StudentError as problem:
        form.add_error(problem.field, problem.message)
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
    return None


@requires(Capability.SEE_STUDENTS)
def withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take a notice back, with why; for the author and those who oversee the records."""
    found = _found(request, ref)
    allow(can_withdraw_notice(request.viewer, found))
    form = ReasonForm(
        form_data(request),
        label="Why is it taken back?",
        missing="Say why you take it back",
        longest=200,
    )
    title = f"Taking back what colleagues were told about {found.student.name}"
    keep_typed(request, form, title=title, school_id=found.student.school_id)
    if request.method == "POST" and form.is_valid():
        reason, viewer = form.cleaned_data["text"], request.viewer
        try:
            withdraw_notice(notice=found, reason=reason, by=viewer.user, now=viewer.now)
        except StudentError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Taken back. Those who had read it are told so.")
            return redirect(found)
    context = {"notice": found, "form": form, "crumbs": [(str(found), found.get_absolute_url())]}
    return render(request, "students/change_notice_withdrawal.html", context)


def _crumbs(student: Student, *, in_full: bool) -> list[tuple[str, str]]:
    """Give the way there; the others come from their notices."""
    if not in_full:
        return [("Notices", reverse("notices"))]
    all_told = reverse("students:change_notices", args=[student.ref])
    return [(student.name, student.get_absolute_url()), ("Told to colleagues", all_told)]


def _found(request: KeyworkRequest, ref: str) -> ChangeNotice:
    notices = ChangeNotice.objects.select_related(
        "student__school__key_work_model", "student__key_work_model", "written_by", "withdrawn_by"
    )
    found: ChangeNotice = get_visible_or_404(notices, request.viewer, ref=ref)
    return found
