"""Prepare and log a session: the briefing beside the form, on one page."""

from contextlib import suppress
from datetime import date

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork import drafts
from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.drafts import DraftConflictError
from keywork.language import language_hints
from keywork.models import Draft
from keywork.parked_forms import form_data
from keywork.refs import new_ref
from keywork.roles import Capability
from sessions.briefing import Briefing, focus_words, student_to_brief
from sessions.forms.log import LogForm, day_words
from sessions.forms.parts import TargetForm
from sessions.models import KeyworkSession
from sessions.policies import can_record
from sessions.sent_again import holds_all
from sessions.services.groups import next_of_group
from sessions.services.log import AlreadyLoggedError, Logged, TypedForm, log_session
from sessions.services.planning import mark_briefed
from sessions.services.targets import ReviewError, TargetLimitError
from sessions.views.group import group_page_first
from sessions.views.log_page import LogPage, plan_stands, subject_of
from students.models import Student

ADDS = ("add-target", "add-action")


@requires(Capability.RECORD_SESSION)
def new(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Log a session that was not planned; ?missed=1 starts at the reasons.

    One's own planned session of today, or an earlier one that was never logged, is gone on with,
    unless one asks for ?another=1 or has begun another already.
    """
    student = _student(request, student_ref)
    if companions := request.GET.getlist("with"):
        query = "&".join(f"with={ref}" for ref in companions if ref.isalnum())
        return redirect(f"{reverse('sessions:group', args=[student.ref])}?{query}")
    page = LogPage(request, student, None)
    return redirect(page.planned_url) if page.planned_url else _answer(page)


@requires(Capability.RECORD_SESSION)
def edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Log a planned session. One that is signed is only read, or corrected with a reason."""
    seen = KeyworkSession.objects.filter(
        student__in=Student.objects.in_full_for(request.viewer), ref=ref
    )
    record = seen.select_related("group", "student").first()
    if record is None:
        raise Http404
    student = _student(request, record.student.ref)
    if record.withdrawn_at or (not record.is_planned and request.method != "POST"):
        return _overtaken(request, student, record)
    if shared := group_page_first(request, record):
        return redirect(shared)
    return _answer(LogPage(request, student, record))


def _overtaken(request: KeyworkRequest, student: Student, record: KeyworkSession) -> HttpResponse:
    """The session was cancelled or signed: what was typed for it goes on as one of its own."""
    owner, key = request.viewer.user, f"session:{record.ref}"
    draft = drafts.find_draft(owner, key)
    data = drafts.fields_of(request.POST) if request.method == "POST" else draft and draft.data
    if not data:
        return redirect(get_visible_or_404(KeyworkSession, request.viewer, ref=record.ref))
    subject = subject_of(student, None)
    kept = drafts.move_draft(
        owner=owner, of=subject_of(student, record), to=subject, data=data, now=request.viewer.now
    )
    state = "cancelled" if record.withdrawn_at else "signed"
    messages.warning(request, f"That session was {state} meanwhile. Your text is kept here.")
    return redirect(
        kept.url if kept.key == subject.key else reverse("draft_compare", args=[subject.key])
    )


@requires(Capability.RECORD_SESSION)
@require_POST
def language(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Answer with reminders about the wording of one text of the form."""
    _student(request, student_ref)
    hints = language_hints(" ".join(str(text) for text in request.POST.values()))
    return render(request, "components/language_hints.html", {"hints": hints})


@requires(Capability.RECORD_SESSION)
@require_POST
def target_check(request: KeyworkRequest, student_ref: str, number: int) -> HttpResponse:
    """Answer with the SMART check of one target as typed so far."""
    student = _student(request, student_ref)
    form = TargetForm(
        request.POST,
        prefix=f"target-{number}",
        student=student,
        on=request.viewer.on,
        checked=False,
    )
    return render(request, "sessions/log_check.html", {"points": form.check()})


def _student(request: KeyworkRequest, ref: str) -> Student:
    """The student, if the viewer may record sessions: unseen is 404, seen by name only 403."""
    student = student_to_brief(request.viewer, ref)
    allow(can_record(request.viewer, student))
    return student


def _answer(page: LogPage) -> HttpResponse:
    request = page.request
    if request.method != "POST":
        parked = form_data(request)
        return _show(page, page.form(parked, checked=False)) if parked else _show_draft(page)
    action = request.POST.get("action", "finish")
    if action in ADDS:
        return _show(page, page.form(request.POST, checked=False, add=action))
    if action in ("draft", "briefed"):
        return _save_and_leave(page, read_only=action == "briefed")
    return _finish(page)


def _show_draft(page: LogPage) -> HttpResponse:
    """The page as one left it: with the draft, else with what is offered."""
    if page.draft is None:
        return _show(page, page.form())
    data = drafts.as_posted(page.draft.data)
    if page.planned is None and KeyworkSession.objects.filter(ref=data.get("ref", "")).exists():
        # Kept from a tab that was still open after the session was signed: a session of its own.
        data["ref"] = new_ref()
    if page.asks_for_reason:
        data["happened"] = "no"
    return _show(page, page.form(data, checked=False))


def _show(page: LogPage, form: LogForm, version: int | None = None) -> HttpResponse:
    if version is None:
        version = _version(page)
    form.offer_plans(page.briefing.open_plans, own=page.student_plan)
    form.offer_seniors()
    words = page.briefing.words
    context = {
        "form": form,
        "briefing": page.briefing,
        "student": page.student,
        "planned": page.planned,
        "draft": page.draft if page.request.method != "POST" else None,
        "draft_key": page.subject.key,
        "form_url": page.subject.url,
        "another_url": f"{reverse('sessions:new', args=[page.student.ref])}?another=1",
        "group_url": ""
        if page.planned and page.planned.group_id
        else reverse("sessions:group", args=[page.student.ref]),
        "draft_token": drafts.token_for(page.request.viewer.user, page.subject),
        "version": version,
        "crumbs": [
            ("Today", reverse("today")),
            (page.student.name, page.student.get_absolute_url()),
        ],
        "subtitle": subtitle(page.briefing, page.planned, form),
        "focuses": [focus_words(focus) for focus in page.briefing.half_term.focuses if focus],
        "venues": words.offered.venues(words.venues),
        "staff": [each.label for each in page.colleagues],
    }
    return render(page.request, "sessions/log.html", context)


def _version(page: LogPage) -> int:
    """The draft's version that the page shows: the one posted (or parked), else the stored one."""
    posted = form_data(page.request)
    if posted is not None:
        return drafts.version_of(posted)
    return page.draft.version if page.draft else drafts.NO_DRAFT


def _keep(page: LogPage) -> Draft:
    """Save what was posted as the draft; raises DraftConflictError, its text kept beside it."""
    request = page.request
    return drafts.keep_posted(
        owner=request.viewer.user,
        subject=page.subject,
        posted=request.POST,
        device=drafts.device_of(request.headers.get("User-Agent", "")),
        now=request.viewer.now,
    )


def _save_and_leave(page: LogPage, *, read_only: bool) -> HttpResponse:
    """Keep the draft; note that a planned session's briefing was read, where ticked or said so."""
    viewer = page.request.viewer
    if page.planned and (read_only or "briefed" in page.request.POST):
        mark_briefed(keywork_session=page.planned, by=viewer.user, now=viewer.now)
    try:
        _keep(page)
    except DraftConflictError:
        return redirect("draft_compare", page.subject.key)
    kept = f"Session with {page.student.name} is not finished."
    said = "Briefing read." if read_only else "Draft saved."
    messages.success(page.request, f"{said} {kept}")
    return redirect("home")


def _finish(page: LogPage) -> HttpResponse:
    if signed := _signed_before(page):
        return _sent_again(page, signed)
    form = page.form(page.request.POST)
    logged = _log(page, form) if form.is_valid() else None
    if logged is None:
        return _unfinished(page, form)
    if logged.sent_again:
        return _sent_again(page, logged.keywork_session)
    for name in form.told_nobody:
        words = "has no sign-in here, or more than one is called so: written down, nobody is told."
        messages.info(page.request, f"“{name}” {words}")
    if form.aside.left_out:
        messages.info(page.request, "How targets went is left out: the session did not happen.")
    if standing := page.still_standing(logged.keywork_session):
        messages.warning(page.request, plan_stands(standing))
    return _finished(page.request, logged, offered=form.cleaned_data["next_on"])


def _unfinished(page: LogPage, form: LogForm) -> HttpResponse:
    """Keep what was typed as the draft, and show what is to be mended."""
    try:
        draft = _keep(page)
    except DraftConflictError:
        return _refused(page)
    return _show(page, form, draft.version)


def _sent_again(page: LogPage, signed: KeyworkSession) -> HttpResponse:
    """The session is signed already; where this form says anything else, that is kept."""
    if holds_all(signed, page.request.POST):
        return redirect(signed)
    try:
        draft = _keep(page)
    except DraftConflictError:
        return _refused(page)
    # Another tab finished it and says something else: what stands here is a draft now.
    messages.warning(page.request, "You signed that session already. Your other text is kept.")
    return redirect(draft.url)


def _refused(page: LogPage) -> HttpResponse:
    """The draft changed elsewhere: compare, unless the same form was just signed there."""
    signed = _signed_before(page)
    if signed and holds_all(signed, page.request.POST):
        posted, owner = page.request.POST, page.request.viewer.user
        drafts.discard_posted(owner=owner, key=page.subject.key, posted=posted)
        return redirect(signed)
    return redirect("draft_compare", page.subject.key)


def _log(page: LogPage, form: LogForm) -> Logged | None:
    """Log the session; None where it cannot be: with the error on the form, or the draft newer."""
    request, viewer = page.request, page.request.viewer
    typed = TypedForm(
        key=page.subject.key,
        data=drafts.fields_of(request.POST),
        version=drafts.version_of(request.POST),
    )
    try:
        return log_session(
            student=page.student,
            log=form.session_log(),
            ref=page.planned.ref if page.planned else form.settled_ref,
            by=viewer.user,
            now=viewer.now,
            typed=typed,
        )
    except AlreadyLoggedError:
        form.add_error(None, "Somebody logged or cancelled this session meanwhile.")
    except (TargetLimitError, ReviewError) as problem:
        form.add_error(None, problem.message)
    except DraftConflictError:
        pass  # keeping the text finds it again, and sends to where both are compared
    except Exception:
        # Whatever went wrong, nothing typed is lost; where the draft is newer, it stands beside.
        with suppress(DraftConflictError):
            _keep(page)
        raise
    return None


def subtitle(briefing: Briefing, planned: KeyworkSession | None, form: LogForm) -> list[str]:
    """Give what stands below the name: form, what is planned, which of how many, the focus."""
    half_term = briefing.half_term
    focus = focus_words(form["focus"].value())
    facts = [
        briefing.student.reg_form,
        planned_words(planned) if planned else "",
        f"session {half_term.number_words} this half term",
        f"focus: {focus}" if focus and form.did_happen else "",
    ]
    return [fact for fact in facts if fact]


def planned_words(planned: KeyworkSession) -> str:
    """Say when and where a session was planned: "planned 13:40, Library nook"."""
    day = f"{planned.held_on.day} {planned.held_on:%B}"
    at = f", {planned.starts_at:%H:%M}" if planned.starts_at else ""
    return f"planned for {day}{at}{f', {planned.venue}' if planned.venue else ''}"


def _signed_before(page: LogPage) -> KeyworkSession | None:
    """The session that this form, or another tab's of the same session, has made already."""
    posted = page.request.POST
    refs = [page.planned.ref] if page.planned else [posted.get("ref"), posted.get("settles")]
    found = KeyworkSession.objects.filter(
        ref__in=[ref for ref in refs if ref],
        student=page.student,
        signed_by=page.request.viewer.user,
    )
    return found.first()


def _finished(request: KeyworkRequest, logged: Logged, *, offered: date | None) -> HttpResponse:
    keywork_session, planned = logged.keywork_session, logged.planned_next
    if logged.planning_problem:
        messages.warning(request, f"The next session is not planned: {logged.planning_problem}.")
    elif planned and planned.held_on != offered:
        day = day_words(planned.held_on, request.viewer.on)
        messages.info(request, f"Next session planned for {day}: what you logged moved it.")
    following = next_of_group(keywork_session, request.viewer.user)
    if following:
        messages.success(request, "Session saved. Now the next student of the group.")
        return redirect("sessions:edit", following.ref)
    return redirect(f"{keywork_session.get_absolute_url()}?read=1")
