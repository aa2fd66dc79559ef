"""The directory of agencies and professionals, and who has not been kept informed."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from contacts import agency_queries as queries
from contacts.errors import ContactsError
from contacts.forms.agencies import AgencyForm, DirectoryFilter, ProfessionalForm, WeeksForm
from contacts.models import Agency, Professional
from contacts.services import agencies as services
from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability

A_PAGE = 30
WHOSE = {"mine": "My students", "all": "All students"}
READS_MANY = (Capability.SEE_SCHOOL_RECORDS, Capability.SEE_RESIDENT_RECORDS)


@requires(Capability.SEE_SCHOOL_NAMES)
def directory(request: KeyworkRequest) -> HttpResponse:
    """List the chosen school's agencies, narrowed by words and kind."""
    viewer, chosen = request.viewer, DirectoryFilter(request.GET)
    found = queries.directory(viewer, **chosen.values())
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "agencies": list(page),
        "filter": chosen,
        "narrowed": any(value for key, value in request.GET.items() if key != "page"),
        "may_manage": viewer.can(Capability.MANAGE_AGENCIES),
        "may_liaise": viewer.can(Capability.LIAISE),
        "weeks": viewer.chosen_school.agency_update_weeks,
    }
    return render(request, "contacts/agencies.html", context)


@requires(Capability.SEE_SCHOOL_NAMES)
def agency(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show an agency, who works there, and the students seen in full whom it is around."""
    viewer = request.viewer
    found = _agency(viewer, ref)
    context = {
        "agency": found,
        "people": list(found.people.order_by("retired_at", "name", "pk")),
        "around": queries.around_agency(viewer, found),
        "may_manage": viewer.can_at(Capability.MANAGE_AGENCIES, found.school_id),
        "crumbs": [("Agencies", reverse("contacts:agencies"))],
    }
    return render(request, "contacts/agency.html", context)


@requires(Capability.MANAGE_AGENCIES)
def new(request: KeyworkRequest) -> HttpResponse:
    """Put an agency into the directory."""
    viewer = request.viewer
    form = AgencyForm(form_data(request))
    school = viewer.chosen_school
    at = f"agency_new.{school.ref}"
    keep_typed(request, form, title="A new agency", school_id=school.pk, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.add_agency(school=school, values=form.typed, by=viewer.user)
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, f"{made} is in the directory. Add who works there.")
            return redirect(made)
    return _form_page(request, form, "Add an agency")


@requires(Capability.MANAGE_AGENCIES)
def edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change an agency of the directory."""
    viewer = request.viewer
    found = _agency(viewer, ref)
    allow(viewer.can_at(Capability.MANAGE_AGENCIES, found.school_id))
    form = AgencyForm(form_data(request), instance=found)
    keep_typed(request, form, title=f"Changing {found.name}", school_id=found.school_id)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_agency(agency=found, values=form.typed, by=viewer.user, seen=form.seen)
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except ContactsError as problem:
            form.add_error(problem.field or None, problem.message)
        else:
            messages.success(request, "Saved.")
            return redirect(found)
    return _form_page(request, form, f"Change {found.name}", found)


@requires(Capability.MANAGE_AGENCIES)
@require_POST
def retirement(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take an agency out of use, or into use again; what was recorded stays."""
    found = _agency(request.viewer, ref)
    _retire(request, found, found)
    return redirect(found)


@requires(Capability.MANAGE_AGENCIES)
def person_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Add somebody who works at an agency."""
    viewer = request.viewer
    found = _agency(viewer, ref)
    allow(viewer.can_at(Capability.MANAGE_AGENCIES, found.school_id))
    form = ProfessionalForm(form_data(request))
    if request.method == "POST" and form.is_valid():
        made = services.add_professional(agency=found, values=form.typed, by=viewer.user)
        messages.success(request, f"{made.name} added.")
        return redirect(found)
    return _form_page(request, form, f"Somebody at {found.name}", found)


@requires(Capability.MANAGE_AGENCIES)
def person_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change a professional."""
    viewer = request.viewer
    person = _person(viewer, ref)
    allow(viewer.can_at(Capability.MANAGE_AGENCIES, person.agency.school_id))
    form = ProfessionalForm(form_data(request), instance=person)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_professional(
                person=person, values=form.typed, by=viewer.user, seen=form.seen
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        else:
            messages.success(request, "Saved.")
            return redirect(person.agency)
    return _form_page(request, form, f"Change {person.name}", person.agency)


@requires(Capability.MANAGE_AGENCIES)
@require_POST
def person_retirement(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take a professional out of use, or into use again."""
    person = _person(request.viewer, ref)
    _retire(request, person, person.agency)
    return redirect(person.agency)


@requires(Capability.LIAISE)
def updates(request: KeyworkRequest) -> HttpResponse:
    """List the agencies that have not been kept informed, the longest wait first."""
    viewer, school = request.viewer, request.viewer.chosen_school
    many = any(map(viewer.can, READS_MANY))
    asked = request.GET.get("show", "")
    whose = asked if asked in WHOSE and many else "mine"
    if many and not asked and not viewer.can(Capability.KEEP_CASELOAD):
        whose = "all"
    found = queries.to_update(viewer, school, whose=whose)
    page = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    base = reverse("contacts:agency_updates")
    chips = [
        {"label": label, "url": f"{base}?show={value}", "current": value == whose}
        for value, label in WHOSE.items()
    ]
    context = {
        "page": page,
        "rows": [queries.around(each, viewer.on, school.agency_update_weeks) for each in page],
        "chips": chips if many else [],
        "weeks": school.agency_update_weeks,
        "may_manage": viewer.can(Capability.MANAGE_AGENCIES),
        "crumbs": [("Agencies", reverse("contacts:agencies"))],
    }
    return render(request, "contacts/agency_updates.html", context)


@requires(Capability.MANAGE_AGENCIES)
def weeks(request: KeyworkRequest) -> HttpResponse:
    """Say after how many weeks an agency should hear again."""
    viewer, school = request.viewer, request.viewer.chosen_school
    form = WeeksForm(form_data(request), initial={"weeks": school.agency_update_weeks})
    if request.method == "POST" and form.is_valid():
        services.set_update_weeks(school=school, by=viewer.user, **form.cleaned_data)
        messages.success(request, "Saved. Updates follow it from now on.")
        return redirect("contacts:agencies")
    return _form_page(request, form, "When an agency should hear again")


def _agency(viewer: Viewer, ref: str) -> Agency:
    found: Agency = get_visible_or_404(Agency.objects.select_related("school"), viewer, ref=ref)
    return found


def _person(viewer: Viewer, ref: str) -> Professional:
    found: Professional = get_visible_or_404(
        Professional.objects.select_related("agency"), viewer, ref=ref
    )
    return found


def _retire(request: KeyworkRequest, record: Agency | Professional, of: Agency) -> None:
    viewer = request.viewer
    allow(viewer.can_at(Capability.MANAGE_AGENCIES, of.school_id))
    try:
        if "back" in request.POST:
            services.bring_back(record=record, by=viewer.user)
            messages.success(request, f"{record} is in use again.")
        else:
            services.retire(record=record, by=viewer.user, now=viewer.now)
            messages.success(request, f"{record} is no longer offered. What was recorded stays.")
    except ContactsError as problem:
        messages.error(request, f"{problem.message}.")


def _form_page(
    request: KeyworkRequest, form: BaseForm, title: str, of: Agency | None = None
) -> HttpResponse:
    crumbs = [("Agencies", reverse("contacts:agencies"))]
    context: dict[str, Any] = {"form": form, "title": title, "crumbs": crumbs}
    if of is not None:
        crumbs.append((str(of), of.get_absolute_url()))
    return render(request, "contacts/agency_form.html", context)
