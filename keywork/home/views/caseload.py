"""The caseload."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html

from keywork.access import KeyworkRequest, Viewer, requires
from keywork.home.caseload import ORDERS, caseload_for
from keywork.home.caseload_change import (
    ChangeForm,
    NobodyAssignsError,
    ask_for_change,
    own_students,
)
from keywork.kept_forms import keep_typed
from keywork.parked_forms import form_data
from keywork.roles import Capability


@requires(Capability.KEEP_CASELOAD)
def caseload(request: KeyworkRequest) -> HttpResponse:
    """List the viewer's students, the longest wait first unless told otherwise."""
    q = request.GET.get("q", "").strip()[:100]
    sort = request.GET.get("sort", "")
    page = caseload_for(request.viewer, q=q, sort=sort)
    context = {"page": page, "q": q, "sort": sort if sort in ORDERS else "worst"}
    return render(request, "home/caseload.html", context)


@requires(Capability.KEEP_CASELOAD)
def caseload_change(request: KeyworkRequest) -> HttpResponse:
    """Ask those who assign for a change of caseload."""
    viewer = request.viewer
    form = ChangeForm(form_data(request), students=own_students(viewer))
    school = viewer.chosen_school
    at = f"caseload_change.{school.ref}"
    keep_typed(request, form, title="A change of caseload", school_id=school.pk, at=at)
    if request.method == "POST" and form.is_valid():
        try:
            told = ask_for_change(viewer, **form.cleaned_data)
        except NobodyAssignsError:
            form.add_error(None, _whom_to_ask(viewer))
        else:
            messages.success(request, f"Asked: {_few([each.full_name for each in told])}.")
            return redirect("caseload")
    return render(request, "home/caseload_change.html", {"form": form})


def _whom_to_ask(viewer: Viewer) -> str:
    """Say what to do where nobody else assigns: the viewer may themselves, or nobody may."""
    if not viewer.can(Capability.MANAGE_ASSIGNMENTS):
        return "Nobody here may change it in Keywork. Ask your head of school."
    return format_html(
        'Nobody else here may change it. You may: <a href="{}">change it under Key workers</a>.',
        reverse("assignments"),
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
