"""A school's settings, and its calendar."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork import calendar_services as services
from keywork.access import KeyworkRequest, requires
from keywork.home.forms.settings import ClosedDayForm, HalfTermForm
from keywork.merging import ChangedMeanwhileError
from keywork.models import ClosedDay, HalfTerm
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from keywork.year_calendar import count_of, months_of, year_shown

Form = type[HalfTermForm] | type[ClosedDayForm]
KINDS: dict[str, tuple[Any, Form, Any, str]] = {
    "half-terms": (HalfTerm, HalfTermForm, services.save_half_term, "half term"),
    "closed-days": (ClosedDay, ClosedDayForm, services.save_closed_day, "INSET day or closure"),
}


@requires(Capability.MANAGE_CALENDAR, Capability.MANAGE_MODELS)
def index(request: KeyworkRequest) -> HttpResponse:
    """The list of what a school sets for itself."""
    may_set = request.viewer.can(Capability.MANAGE_SIGNALS)
    may_name = request.viewer.can(Capability.MANAGE_ASSIGNMENTS)
    may_keep = request.viewer.can(Capability.MANAGE_AGENCIES)
    context = {
        "signals_url": reverse("settings_signals") if may_set else "",
        "lead_url": reverse("contacts:attendance_lead") if may_name else "",
        "agency_weeks_url": reverse("contacts:agency_weeks") if may_keep else "",
    }
    return render(request, "home/settings/index.html", context)


@requires(Capability.MANAGE_CALENDAR)
def year(request: KeyworkRequest) -> HttpResponse:
    """A school year: its days month by month, their count, its half terms and closed days."""
    school, on = request.viewer.chosen_school, request.viewer.on
    shown = year_shown(request.GET.get("year", ""), on)
    school_calendar = calendar_of(school)
    within = {"school": school, "start__lte": shown.end, "end__gte": shown.start}
    context = {
        "year": shown.start.year,
        "months": months_of(school_calendar, shown, on),
        "count": count_of(school_calendar, shown),
        "half_terms": list(HalfTerm.objects.filter(**within)),
        "closed_days": list(ClosedDay.objects.filter(**within)),
    }
    return render(request, "home/settings/calendar.html", context)


@requires(Capability.MANAGE_CALENDAR)
def dates_new(request: KeyworkRequest, kind: str) -> HttpResponse:
    """Add a half term, INSET days or a closure."""
    return _dates(request, kind, None)


@requires(Capability.MANAGE_CALENDAR)
def dates_edit(request: KeyworkRequest, kind: str, ref: str) -> HttpResponse:
    """Change a half term, INSET days or a closure."""
    if form_data(request) and _was_removed(request, kind, ref):
        return _removed_meanwhile(request, kind)
    return _dates(request, kind, _record_or_404(request, kind, ref))


@require_POST
@requires(Capability.MANAGE_CALENDAR)
def dates_removal(request: KeyworkRequest, kind: str, ref: str) -> HttpResponse:
    """Take a half term or closed day out of the calendar."""
    record = _record_or_404(request, kind, ref)
    start = record.start
    services.remove_dates(record=record, by=request.user)
    messages.success(request, f"{record} removed. Due dates follow the calendar as it is now.")
    return _to_year(year_shown("", start).start.year)


def _dates(request: KeyworkRequest, kind: str, record: Any) -> HttpResponse:
    _, form_class, save, title = KINDS[kind]
    names = form_class.base_fields
    initial = {name: getattr(record, name) for name in names} if record else {}
    form = form_class(form_data(request), initial=initial, on=request.viewer.on)
    if request.method == "POST" and form.is_valid():
        try:
            saved = save(
                school=request.viewer.chosen_school,
                values=form.values(),
                by=request.user,
                record=record,
                seen=form.seen,
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except services.CalendarError as refused:
            form.add_error(
                refused.field if refused.field in form.fields else None, refused.message
            )
        else:
            messages.success(request, f"{saved} saved. Due dates follow the calendar.")
            return _to_year(year_shown("", saved.start).start.year)
    context = {"form": form, "record": record, "kind": kind, "what": title}
    return render(request, "home/settings/dates.html", context)


def _was_removed(request: KeyworkRequest, kind: str, ref: str) -> bool:
    model, school = KINDS[kind][0], request.viewer.chosen_school
    if model.objects.filter(ref=ref).exists():
        return False
    removed = model.history.filter(ref=ref, school=school, history_type="-")
    return bool(removed.exists())


def _removed_meanwhile(request: KeyworkRequest, kind: str) -> HttpResponse:
    """Show what was typed about dates that somebody removed: saving it adds them again."""
    _, form_class, _, title = KINDS[kind]
    form = form_class(form_data(request), on=request.viewer.on)
    form.add_error(None, "This was removed meanwhile. Save adds it again as you typed it.")
    context = {"form": form, "record": None, "kind": kind, "what": title}
    context["action"] = reverse("settings_dates_new", args=[kind])
    return render(request, "home/settings/dates.html", context)


def _record_or_404(request: KeyworkRequest, kind: str, ref: str) -> Any:
    records = KINDS[kind][0].objects.manageable_by(request.viewer)
    return get_object_or_404(records, ref=ref, school=request.viewer.school)


def _to_year(start: int) -> HttpResponse:
    return redirect(reverse("settings_calendar", query={"year": start}))
