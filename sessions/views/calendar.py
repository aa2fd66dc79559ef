"""My week: sessions planned, held and missed, drop-in times and closed days."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork.access import KeyworkRequest, requires
from keywork.dates import Span, week_of
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from sessions.queries import drop_in_slots_kept_by, drop_ins_of_week, sessions_of_week
from sessions.week import days_of_week
from students.models import Student

FURTHEST_WEEKS = 104


@requires(Capability.SEE_OWN_DUTIES)
def calendar(request: KeyworkRequest) -> HttpResponse:
    """A week, Monday to Sunday; `?week=` takes any date in it, this week by default."""
    viewer = request.viewer
    week = _week(request.GET.get("week", ""), viewer.on)
    dates = calendar_of(viewer.chosen_school)
    sessions, slots = sessions_of_week(viewer, week), drop_in_slots_kept_by(viewer)
    logged = drop_ins_of_week(slots, week)
    days = days_of_week(week, dates, sessions, slots, drop_ins=logged, on=viewer.on)
    caseload = Student.objects.visible_to(viewer).caseload_of(viewer.user, viewer.on).by_name()
    can_record = viewer.can(Capability.RECORD_SESSION)
    context = {
        "days": days,
        "week": week,
        "number": dates.week_number(week.start) or dates.week_number(week.end),
        "is_empty": not any(day.entries for day in days),
        "is_closed": all(day.closed for day in days),
        "is_this_week": week.start <= viewer.on <= week.end,
        "here": _address(week.start),
        "earlier": _address(week.start - timedelta(days=7)),
        "later": _address(week.start + timedelta(days=7)),
        "students": list(caseload) if can_record else [],
        "can_record": can_record,
    }
    return render(request, "sessions/calendar.html", context)


def _week(asked: str, on: date) -> Span:
    """The week of the date asked for; this week where it is no date, or years away."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        return week_of(on)
    return week_of(day) if abs((day - on).days) <= FURTHEST_WEEKS * 7 else week_of(on)


def _address(day: date) -> str:
    return f"{reverse('sessions:calendar')}?week={day.isoformat()}"
