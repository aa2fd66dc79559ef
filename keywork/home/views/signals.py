"""Early signs of one student, and when a school wants to be told of them."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.home.forms.signals import DismissForm, ThresholdsForm
from keywork.home.signals import can_dismiss, signs_of_student
from keywork.kept_forms import drafts_of, keep_typed
from keywork.models import Draft
from keywork.parked_forms import form_data
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from students.models import SignalDismissal, Student
from students.own_page import hide_others_in
from students.policies import sight_of
from students.rules.signals import SignalKind
from students.services import signals as services
from students.signals import thresholds_of, watch_of


@requires(Capability.SEE_STUDENTS)
def signals(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student's early signs with their numbers, and those put aside."""
    return _page(request, _student(request, ref))


@requires(Capability.SEE_STUDENTS)
@require_POST
def dismissal(request: KeyworkRequest, ref: str, kind: str) -> HttpResponse:
    """Put a signal aside with a reason, for a chosen time."""
    viewer, student = request.viewer, _student(request, ref)
    allow(can_dismiss(viewer, student, sight_of(viewer, student)))
    if kind not in list(SignalKind):
        raise Http404
    form = DismissForm(
        request.POST, kind=SignalKind(kind), on=viewer.on, calendar=calendar_of(student.school)
    )
    _keep(request, student, form)
    if not form.is_valid():
        return _page(request, student, form)
    aside = services.dismiss_signal(
        student=student,
        kind=form.kind,
        reason=form.cleaned_data["reason"],
        until=form.last_day(),
        on=viewer.on,
        by=viewer.user,
    )
    messages.success(request, f"Put aside until {aside.until.day} {aside.until:%B}.")
    return redirect("student_signals", student.ref)


@requires(Capability.SEE_STUDENTS)
@require_POST
def restoration(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a signal again that was put aside."""
    viewer = request.viewer
    aside = get_visible_or_404(SignalDismissal.objects.select_related("student"), viewer, ref=ref)
    student = _student(request, aside.student.ref)
    allow(can_dismiss(viewer, student, sight_of(viewer, student)))
    services.restore_signal(dismissal=aside, by=viewer.user, now=viewer.now)
    messages.success(request, "It is shown again.")
    return redirect("student_signals", student.ref)


@requires(Capability.MANAGE_SIGNALS)
def thresholds(request: KeyworkRequest) -> HttpResponse:
    """Set a school's thresholds."""
    school = request.viewer.chosen_school
    form = ThresholdsForm(form_data(request), thresholds=thresholds_of(school))
    if request.method == "POST" and form.is_valid():
        services.set_thresholds(school=school, thresholds=form.thresholds(), by=request.user)
        messages.success(request, "Saved. Early signs follow it from now on.")
        return redirect("settings_signals")
    return render(request, "home/settings/signals.html", {"form": form})


def _student(request: KeyworkRequest, ref: str) -> Student:
    viewer = request.viewer
    students = Student.objects.with_sight(viewer).select_related("school")
    student: Student = get_visible_or_404(students, viewer, ref=ref)
    allow(sight_of(viewer, student).in_full)
    return student


def _at(student: Student, kind: SignalKind) -> str:
    return f"signal_dismissal.{student.ref}.{kind.value}"


def _keep(
    request: KeyworkRequest,
    student: Student,
    form: DismissForm,
    kept: Mapping[str, Draft] | None = None,
) -> None:
    """Keep why a signal is put aside, as it is typed; kept: the drafts of all the page's forms."""
    keep_typed(
        request,
        form,
        title=f"Early sign of {student.name} put aside",
        school_id=student.school_id,
        at=_at(student, form.kind),
        url=reverse("student_signals", args=[student.ref]),
        among=kept,
    )


def _page(
    request: KeyworkRequest, student: Student, refused: DismissForm | None = None
) -> HttpResponse:
    viewer, calendar = request.viewer, calendar_of(student.school)
    watch = watch_of(student.school, calendar, viewer.on)
    seen = signs_of_student(student, watch)
    forms = [
        refused
        if refused and refused.kind == signal.kind
        else DismissForm(kind=signal.kind, on=viewer.on, calendar=calendar)
        for signal in seen.shown
    ]
    kept = drafts_of(request, DismissForm, [_at(student, each) for each in SignalKind])
    for form in forms:
        _keep(request, student, form, kept)
    current = SignalDismissal.objects.current(viewer.on).filter(student=student)
    aside = list(current.select_related("dismissed_by"))
    hide_others_in(student, [(each, ("reason",)) for each in aside])
    context = {
        "student": student,
        "shown": list(zip(seen.shown, forms, strict=True)),
        "aside": aside,
        "watch": watch,
        "form": refused,
        "may_dismiss": can_dismiss(viewer, student, sight_of(viewer, student)),
        "may_set": viewer.can_at(Capability.MANAGE_SIGNALS, student.school_id),
        "crumbs": [
            ("Students", reverse("students:students")),
            (student.name, student.get_absolute_url()),
        ],
    }
    return render(request, "home/signals.html", context)
