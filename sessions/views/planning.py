"""Planning sessions with a student: one or a series; moving and cancelling one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.forms import day_echo
from keywork.kept_forms import keep_typed
from keywork.key_work_presets import FOCUS_ROTATION
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.undo import offer_undo
from sessions import rules
from sessions.forms.planning import PLACE, CancelForm, MoveForm, PlanForm, SeriesForm
from sessions.models import KeyworkSession
from sessions.policies import can_record
from sessions.queries import foci_held, last_timed_session, planned_with, who_may_join
from sessions.services import planning as services
from sessions.views.loading import student_to_record
from sessions.words import venues_offered
from students.models import Student


@requires(Capability.RECORD_SESSION)
def plan(request: KeyworkRequest, student_ref: str) -> HttpResponse:
    """Plan one session, or preview and then plan one a week to the end of the half term."""
    student = student_to_record(request, student_ref)
    data = form_data(request)
    form = PlanForm(
        data,
        on=request.viewer.on,
        initial={} if data else _suggested(request, student),
        candidates=who_may_join(request.viewer, student),
        **_lengths(student),
    )
    if request.method == "POST" and "again" not in request.POST and form.is_valid():
        if "confirmed" in request.POST:
            return _plan_series(request, student, form)
        if form.cleaned_data["repeat"]:
            return _preview(request, student, form)
        if _planned_one(request, student, form):
            return redirect("sessions:calendar")
    context = {
        "form": form,
        "student": student,
        "venues": venues_offered(student, request.viewer.user.pk),
        "crumbs": _crumbs(student),
    }
    return render(request, "sessions/plan.html", context)


def _planned_one(request: KeyworkRequest, student: Student, form: PlanForm) -> bool:
    try:
        planned = services.plan_session(
            student=student,
            key_worker=request.viewer.user,
            held_on=form.cleaned_data["held_on"],
            by=request.viewer.user,
            now=request.viewer.now,
            **form.details(),
        )
    except services.PlanningError as problem:
        form.add_error(problem.field, problem.message)
        return False
    names = _names(student, form)
    messages.success(request, f"Session with {names} planned for {_when(planned)}.")
    return True


def _preview(
    request: KeyworkRequest, student: Student, form: PlanForm, problem: str = ""
) -> HttpResponse:
    """Show every date of the series; only those without a clash, on open days, can be chosen."""
    dates = _proposed(request, student, form)
    context = {
        "form": form,
        "student": student,
        "crumbs": _crumbs(student),
        "dates": dates,
        "free": sum(1 for each in dates if not each.problem),
        "names": _names(student, form),
        "carried": _carried(form),
        "problem": problem,
    }
    return render(request, "sessions/plan_series.html", context)


def _plan_series(request: KeyworkRequest, student: Student, first: PlanForm) -> HttpResponse:
    """Plan the dates ticked in the preview, all or none."""
    offered = [each.day for each in _proposed(request, student, first)]
    people = list(first.candidates.values())
    form = SeriesForm(request.POST, on=request.viewer.on, offered=offered, candidates=people)
    if not form.is_valid():
        return _preview(request, student, first, str(form.errors["days"][0]))
    try:
        planned = services.plan_sessions(
            student=student,
            key_worker=request.viewer.user,
            days=form.chosen(),
            by=request.viewer.user,
            now=request.viewer.now,
            **first.details(),
        )
    except services.PlanningError as problem:
        return _preview(request, student, first, problem.message)
    count = f"{len(planned)} session{'' if len(planned) == 1 else 's'}"
    messages.success(request, f"{count} with {_names(student, first)} planned.")
    return redirect("sessions:calendar")


@requires(Capability.RECORD_SESSION)
def move(request: KeyworkRequest, session_ref: str) -> HttpResponse:
    """Move a planned session to another time or place."""
    planned = _planned(request, session_ref)
    form = MoveForm(
        form_data(request),
        on=request.viewer.on,
        initial={name: getattr(planned, name) for name in ("held_on", *PLACE)},
        student=planned.student,
        others=planned_with(planned, request.viewer),
        **_lengths(planned.student),
    )
    if request.method == "POST" and form.is_valid():
        try:
            moved = services.move_session(
                keywork_session=planned,
                together=form.together(),
                by=request.viewer.user,
                now=request.viewer.now,
                **form.place(),
            )
        except services.PlanningError as problem:
            form.add_error(problem.field, problem.message)
        else:
            messages.success(request, f"Session moved to {_when(moved)}.")
            return redirect("sessions:calendar")
    context = {
        "form": form,
        "planned": planned,
        "venues": venues_offered(planned.student, request.viewer.user.pk),
        "crumbs": _crumbs(planned.student),
    }
    return render(request, "sessions/plan_move.html", context)


@requires(Capability.RECORD_SESSION)
def cancellation(request: KeyworkRequest, session_ref: str) -> HttpResponse:
    """Cancel a planned session with a reason; undone for ten minutes."""
    planned = _planned(request, session_ref)
    others = planned_with(planned, request.viewer)
    form = CancelForm(form_data(request), student=planned.student, others=others)
    title = f"Cancelling a session with {planned.student.name}"
    keep_typed(request, form, title=title, school_id=planned.student.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            cancelled = services.cancel_session(
                keywork_session=planned,
                reason=form.cleaned_data["reason"],
                together=form.together(),
                by=request.viewer.user,
                now=request.viewer.now,
            )
        except services.PlanningError as problem:
            form.add_error(None, problem.message)
        else:
            said = f"Session of {_when(cancelled)} cancelled."
            offer_undo(request, said, kind="cancellation", record=cancelled)
            return redirect("sessions:calendar")
    context = {"form": form, "planned": planned, "crumbs": _crumbs(planned.student)}
    return render(request, "sessions/plan_cancel.html", context)


def _planned(request: KeyworkRequest, ref: str) -> KeyworkSession:
    """Give a planned session that the viewer may move; one held or missed is 404 here."""
    sessions = KeyworkSession.objects.planned().select_related("student__school", "key_worker")
    planned: KeyworkSession = get_visible_or_404(sessions, request.viewer, ref=ref)
    allow(can_record(request.viewer, planned.student))
    return planned


def _proposed(
    request: KeyworkRequest, student: Student, form: PlanForm
) -> list[services.ProposedDate]:
    data = form.cleaned_data
    return services.propose_series(
        student=student,
        key_worker=request.viewer.user,
        first=data["held_on"],
        weekday=data["held_on"].weekday(),
        starts_at=data["starts_at"],
        minutes=data["minutes"],
        now=request.viewer.now,
        companions=form.companions_chosen(),
    )


def _carried(form: PlanForm) -> list[tuple[str, Any]]:
    """Give what was typed, for the hidden fields of the preview."""
    values = [(name, form[name].value()) for name in PlanForm.base_fields]
    return [
        (name, each)
        for name, value in values
        for each in (value if isinstance(value, list) else [value or ""])
    ]


def _names(student: Student, form: PlanForm) -> str:
    """Name who is planned for: "Jayden", "Jayden, Mia and Kit"."""
    *most, last = [each.first_name for each in (student, *form.companions_chosen())]
    return f"{', '.join(most)} and {last}" if most else last


def _lengths(student: Student) -> dict[str, Any]:
    model = student.model_in_force()
    if model is None:
        return {}
    return {"lengths": model.session_minutes, "most": model.session_minutes_max}


def _suggested(request: KeyworkRequest, student: Student) -> dict[str, Any]:
    """The next school day, the time and place of the last session, and the focus that is due."""
    on = request.viewer.on
    calendar = calendar_of(student.school)
    half_term = calendar.half_term_of(on)
    last = last_timed_session(student)
    lengths = _lengths(student).get("lengths") or [None]
    held = foci_held(student, half_term.start, on) if half_term else []
    model = student.model_in_force()
    return {
        "held_on": calendar.add_school_days(on, 1),
        "starts_at": last.starts_at if last else None,
        "venue": last.venue if last else "",
        "minutes": lengths[0],
        "focus": rules.suggest_focus(
            held,
            has_ehcp=student.sen_status == Student.SenStatus.PLAN,
            rotation=model.focus_rotation if model else FOCUS_ROTATION,
        ),
    }


def _crumbs(student: Student) -> list[tuple[str, str]]:
    return [
        ("Calendar", reverse("sessions:calendar")),
        (student.name, student.get_absolute_url()),
    ]


def _when(planned: KeyworkSession) -> str:
    at = f" at {planned.starts_at:%H:%M}" if planned.starts_at else ""
    return f"{day_echo(planned.held_on)}{at}"
