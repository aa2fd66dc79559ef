"""Targets of a student: open and past ones, a new one, one in full, its outcome and evidence."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.forms import day_echo
from keywork.kept_forms import keep_typed
from keywork.parked_forms import form_data
from keywork.refs import new_ref
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.undo import offer_undo
from sessions import rules
from sessions.forms.targets import CARRY_ON, CLOSE, ReviewForm, TargetForm
from sessions.models import Target, TargetReview
from sessions.policies import can_record
from sessions.services import targets as services
from sessions.target_cards import Life, card_of, chart_of
from sessions.views.loading import READS_RECORDS, student_in_full, student_to_record
from students.header import header
from students.models import Student
from students.own_page import Texts, hide_others_in
from students.policies import can_record_session, sight_of

PAST_A_PAGE = 20
SAID = ("text", "measure", "help")
REVIEW_AFTER_SCHOOL_DAYS = 10
FILTERS = [
    ("", "All"),
    ("achieved", "Achieved"),
    ("partly", "Partly"),
    ("not_achieved", "Not achieved"),
    ("withdrawn", "Withdrawn"),
]


@requires(*READS_RECORDS)
def targets(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Open targets of a student, then the past ones by outcome, and how they went over time."""
    student = student_in_full(request, student_ref)
    viewer, calendar = request.viewer, calendar_of(student.school)
    theirs = Target.objects.visible_to(viewer).filter(student=student)
    lives = [Life(*row) for row in theirs.values_list("set_on", "status", "closed_on")]
    active = list(theirs.filter(status=Target.Status.ACTIVE).with_progress())
    past = _past(request, student, lives)
    closed = list(past["page"])
    judged = [review for each in closed for review in each.reviews.all()]
    said: list[Texts] = [(each, SAID) for each in (*active, *closed)]
    hide_others_in(student, [*said, *((each, ("evidence",)) for each in judged)])
    open_now = [card_of(target, calendar, viewer.on) for target in active]
    open_now.sort(key=lambda card: (card.target.review_on is None, card.target.review_on))
    maximum = services.maximum_targets(student)
    context = {
        "header": header(viewer, student, tab="targets"),
        "cards": open_now,
        "maximum": maximum,
        "full": not rules.room_for_targets(len(open_now), maximum),
        "limit_words": services.TargetLimitError(maximum).message,
        "can_record": can_record_session(viewer, student, sight_of(viewer, student)),
        "chart": chart_of(lives, calendar, viewer.on),
        **past,
        "past": [card_of(target, calendar, viewer.on) for target in closed],
    }
    return render(request, "sessions/targets.html", context)


def _past(request: KeyworkRequest, student: Student, lives: list[Life]) -> dict[str, Any]:
    """One page of finished targets, newest first, and the filters above it with their counts."""
    outcome = request.GET.get("outcome", "")
    wanted = outcome if outcome in dict(FILTERS) else ""
    past = Target.objects.filter(student=student).exclude(status=Target.Status.ACTIVE)
    if wanted:
        past = past.filter(status=wanted)
    ordered = past.for_list().order_by("-closed_on", "-pk")
    page = Paginator(ordered, PAST_A_PAGE).get_page(request.GET.get("page"))
    page.object_list = list(page.object_list)  # read once: what is changed in it stays
    ended = [life.status for life in lives if life.status != Target.Status.ACTIVE]
    base = reverse("sessions:targets", args=[student.ref])
    chips = [
        {
            "label": f"{label} {ended.count(value) if value else len(ended)}",
            "url": f"{base}?{urlencode({'outcome': value})}" if value else base,
            "current": value == wanted,
        }
        for value, label in FILTERS
        if not value or value in ended or value == wanted
    ]
    return {"page": page, "chips": chips, "any_past": bool(ended)}


@requires(Capability.RECORD_SESSION)
def new_target(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Set a target outside a session; the check tells how SMART it is and stops nobody."""
    student = student_to_record(request, student_ref)
    viewer = request.viewer
    calendar = calendar_of(student.school)
    suggested = calendar.add_school_days(viewer.on, REVIEW_AFTER_SCHOOL_DAYS)
    offered = {"review_on": suggested, "ref": new_ref()}
    form = TargetForm(form_data(request), on=viewer.on, initial=offered)
    only_check = "check" in request.POST
    saving = request.method == "POST" and not only_check
    if saving and form.is_valid() and _set(request, student, form):
        return redirect("sessions:targets", student.ref)
    if only_check:
        form.is_valid()
        points = form.smart_points()
        form = TargetForm(initial=request.POST.dict(), on=viewer.on)
    else:
        points = form.smart_points() if form.is_bound else []
    context = {"header": header(viewer, student, tab="targets"), "form": form, "points": points}
    return render(request, "sessions/target_new.html", context)


def _set(request: KeyworkRequest, student: Student, form: TargetForm) -> bool:
    viewer = request.viewer
    try:
        services.set_target(
            student=student,
            keywork_session=None,
            values=form.values(),
            on=viewer.on,
            by=viewer.user,
            ref=form.cleaned_data["ref"],
        )
    except services.TargetLimitError as limit:
        form.add_error(None, limit.message)
        return False
    messages.success(
        request, f"Target set. Next look: {day_echo(form.cleaned_data['review_on'])}."
    )
    return True


@requires(*READS_RECORDS)
def target(request: KeyworkRequest, target_ref: str) -> HttpResponse:
    """One target: all that was written, counted and judged."""
    viewer = request.viewer
    found = _target(request, target_ref)
    calendar = calendar_of(found.student.school)
    evidence = found.evidence.standing().select_related("noted_by").order_by("-noted_on", "-pk")
    shown, reviews = list(evidence), list(found.reviews.all())[::-1]
    texts: list[Texts] = [(each, ("text",)) for each in shown]
    texts += [(each, ("evidence", "reason")) for each in reviews]
    hide_others_in(found.student, [(found, SAID), *texts])
    context = {
        "card": card_of(found, calendar, viewer.on),
        "evidence": shown,
        "reviews": reviews,
        "can_record": can_record(viewer, found.student),
        "crumbs": _crumbs(found),
    }
    return render(request, "sessions/target.html", context)


@requires(Capability.RECORD_SESSION)
def target_outcome(request: KeyworkRequest, target_ref: str) -> HttpResponse:
    """Judge a target: its outcome and what shows it; then it is closed or carried on."""
    viewer = request.viewer
    found = _target(request, target_ref)
    allow(can_record(viewer, found.student))
    form = ReviewForm(form_data(request), on=viewer.on, initial=_suggested(request, found))
    title = f"Review of a target of {found.student.name}"
    keep_typed(request, form, title=title, school_id=found.student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            review = services.review_target(
                target=found, on=viewer.on, by=viewer.user, **form.judgement()
            )
        except services.ReviewError as problem:
            form.add_error(problem.field, problem.message)
        else:
            offer_undo(request, _judged(review), kind="review", record=review)
            return redirect("sessions:targets", found.student.ref)
    calendar = calendar_of(found.student.school)
    card = card_of(found, calendar, viewer.on)
    context = {"card": card, "form": form, "crumbs": _crumbs(found)}
    return render(request, "sessions/target_outcome.html", context)


@requires(Capability.RECORD_SESSION)
@require_POST
def target_evidence(request: KeyworkRequest, target_ref: str) -> HttpResponse:
    """Count that the target was met once more, in one tap; undone for ten minutes."""
    viewer = request.viewer
    found = _target(request, target_ref)
    allow(can_record(viewer, found.student))
    try:
        noted = services.add_evidence(target=found, on=viewer.on, by=viewer.user)
    except services.ReviewError as problem:
        messages.error(request, problem.message)
    else:
        counted = found.progress + noted.count
        said = f"{counted} of {found.goal_count}" if found.goal_count else f"{counted} so far"
        offer_undo(request, f"Counted: {said}.", kind="evidence", record=noted)
    return redirect("sessions:targets", found.student.ref)


def _target(request: KeyworkRequest, ref: str) -> Target:
    targets = Target.objects.for_list().select_related("student__school", "set_by")
    return get_visible_or_404(targets, request.viewer, ref=ref)


def _crumbs(found: Target) -> list[tuple[str, str]]:
    student = found.student
    return [
        (student.name, student.get_absolute_url()),
        ("Targets", reverse("sessions:targets", args=[student.ref])),
    ]


def _suggested(request: KeyworkRequest, found: Target) -> dict[str, Any]:
    """The outcome of the button pressed, and for carrying on a date ten school days ahead."""
    outcome = request.GET.get("outcome", "")
    if outcome not in TargetReview.Outcome.values:
        return {}
    if outcome in (TargetReview.Outcome.ACHIEVED, TargetReview.Outcome.WITHDRAWN):
        return {"outcome": outcome, "then": CLOSE}
    calendar = calendar_of(found.student.school)
    ahead = calendar.add_school_days(request.viewer.on, REVIEW_AFTER_SCHOOL_DAYS)
    return {"outcome": outcome, "then": CARRY_ON, "extended_to": ahead}


def _judged(review: TargetReview) -> str:
    if review.extended_to:
        until = day_echo(review.extended_to)
        return f"{review.get_outcome_display()}. The target carries on. Next look: {until}."
    return f"Target closed: {review.target.get_status_display().lower()}."
