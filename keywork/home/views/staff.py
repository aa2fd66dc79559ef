"""Staff records: list, new, edit, the sign-in e-mail."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from keywork import staff
from keywork.access import KeyworkRequest, requires
from keywork.home.forms.staff import POST, StaffFilter, StaffForm
from keywork.merging import ChangedMeanwhileError
from keywork.models import StaffMember
from keywork.parked_forms import form_data
from keywork.roles import Capability, Role
from keywork.staff_policies import grantable_roles, may_change_account
from keywork.staff_services import StaffError, add_person, change_person, send_sign_in_email

PER_PAGE = 30


@requires(Capability.MANAGE_STAFF)
def staff_list(request: KeyworkRequest) -> HttpResponse:
    """The staff of the chosen school, filtered by name, role and whether they are in post."""
    chosen = StaffFilter(request.GET)
    found = staff.search(request.viewer, **chosen.values())
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    rows = [staff.row(record, request.viewer.on) for record in page]
    return render(request, "home/staff/list.html", {"page": page, "rows": rows, "form": chosen})


@requires(Capability.MANAGE_STAFF)
def staff_new(request: KeyworkRequest) -> HttpResponse:
    """Add a person to the chosen school's staff, with a new account or their own elsewhere."""
    viewer = request.viewer
    form = StaffForm(
        form_data(request), on=viewer.on, roles=grantable_roles(viewer), with_account=True
    )
    if request.method == "POST" and form.is_valid():
        try:
            record = add_person(
                school=viewer.chosen_school,
                account=form.account(),
                post=form.post(),
                roles=form.chosen_roles(),
                by=viewer,
            )
        except StaffError as refused:
            form.add_error(refused.field, refused.message)
        else:
            messages.success(request, f"{record.user.full_name} is on the list of staff.")
            return redirect("staff_edit", record.ref)
    return render(request, "home/staff/new.html", {"form": form})


@requires(Capability.MANAGE_STAFF)
def staff_edit(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change a person's post, roles and, where the viewer may, account."""
    viewer = request.viewer
    record = _record_or_404(request, ref)
    form = _edit_form(request, record)
    if request.method == "POST" and form.is_valid():
        try:
            change_person(
                record=record,
                account=form.account() if form.with_account else None,
                post=form.post(),
                roles=form.chosen_roles() | (_roles(record) - grantable_roles(viewer)),
                by=viewer,
                seen=form.seen,
            )
        except ChangedMeanwhileError as changed:
            form.show_meanwhile(changed)
        except StaffError as refused:
            form.add_error(
                refused.field if refused.field in form.fields else None, refused.message
            )
        else:
            messages.success(request, "Staff record saved.")
            return redirect("staff")
    record = _record_or_404(request, ref)  # as saved, whatever the form said
    kept = [role.label for role in _roles(record) - grantable_roles(viewer)]
    context = {"form": form, "record": record, "row": staff.row(record, viewer.on), "kept": kept}
    return render(request, "home/staff/edit.html", context)


@require_POST
@requires(Capability.MANAGE_STAFF)
def staff_invitation(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Send a person the e-mail with which they choose their password."""
    record = _record_or_404(request, ref)
    try:
        send_sign_in_email(record=record)
    except StaffError as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, f"The sign-in e-mail is on its way to {record.user.email}.")
    return redirect("staff_edit", record.ref)


def _record_or_404(request: KeyworkRequest, ref: str) -> StaffMember:
    records = StaffMember.objects.manageable_by(request.viewer).for_list()
    return get_object_or_404(records, ref=ref, school=request.viewer.school)


def _roles(record: StaffMember) -> frozenset[Role]:
    return frozenset(Role(role.role) for role in record.roles.all())


def _edit_form(request: KeyworkRequest, record: StaffMember) -> StaffForm:
    viewer = request.viewer
    user = record.user
    initial: dict[str, Any] = {name: getattr(record, name) for name in POST}
    account = {name: getattr(user, name) for name in ("first_name", "last_name", "username")}
    initial |= {**account, "email": user.email, "roles": list(_roles(record))}
    return StaffForm(
        form_data(request),
        initial=initial,
        on=viewer.on,
        roles=grantable_roles(viewer),
        with_account=may_change_account(viewer, user),
    )
