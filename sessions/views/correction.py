"""Correcting a signed session: everything may change, the old text stays, the reason is asked."""

from django.contrib import messages
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.merging import ChangedMeanwhileError
from keywork.parked_forms import form_data
from keywork.roles import Capability
from sessions.forms.correction import CorrectionForm, recorded_values
from sessions.models import KeyworkSession
from sessions.policies import can_correct, can_correct_shared, is_fresh
from sessions.services.amend import AmendmentError, amend_session
from sessions.words import Offered, offered_at
from students.models import Student
from students.own_page import hide_others_in


@requires(Capability.RECORD_SESSION)
def correction(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Amend a session that was held or missed; see `can_correct` for who may."""
    viewer = request.viewer
    record = get_visible_or_404(
        KeyworkSession.objects.select_related(
            "group", "student__school__key_work_model", "student__key_work_model"
        ),
        viewer,
        ref=ref,
    )
    allow(can_correct(viewer, record))
    offered = offered_at(record.school_id)
    form = _form(request, record, offered)
    title = f"Correcting a session with {record.student.name}"
    keep_typed(request, form, title=title, school_id=record.student.school_id)
    if request.method == "POST" and form.is_valid() and _amend(request, record, form):
        return redirect(record)
    student = record.student
    if record.group and not form.together:
        hide_others_in(student, [(record.group, ("shared_details",))])
    context = {
        "form": form,
        "record": record,
        "student": student,
        "venues": offered.places,
        "fresh": is_fresh(viewer, record),
        "crumbs": [
            (student.name, student.get_absolute_url()),
            ("Session", reverse("sessions:session", args=[record.ref])),
        ],
    }
    return render(request, "sessions/session_correction.html", context)


def _form(request: KeyworkRequest, record: KeyworkSession, offered: Offered) -> CorrectionForm:
    model = record.student.model_in_force()
    parameters = model.parameters() if model else None
    return CorrectionForm(
        form_data(request),
        record=record,
        together=_together(request.viewer, record),
        offered=lambda: offered,
        student=record.student,
        parameters=parameters,
        on=request.viewer.on,
        checked=request.method == "POST",
        initial=recorded_values(record, parameters),
    )


def _together(viewer: Viewer, record: KeyworkSession) -> list[Student]:
    """Give the students of the record's group, where the viewer may correct what they share."""
    if record.group_id is None:
        return []
    students = Prefetch("student", Student.objects.with_sight(viewer))
    group = KeyworkSession.objects.standing().filter(group=record.group_id)
    records = list(group.prefetch_related(students).order_by("pk"))
    return [each.student for each in records] if can_correct_shared(viewer, records) else []


def _amend(request: KeyworkRequest, record: KeyworkSession, form: CorrectionForm) -> bool:
    try:
        amendment = amend_session(
            keywork_session=record,
            values=form.session_values(),
            reason=form.cleaned_data["reason"],
            by=request.viewer.user,
            now=request.viewer.now,
            shared_details=form.shared_details,
            seen=form.seen,
        )
    except AmendmentError as problem:
        form.add_error(problem.field, problem.message)
        return False
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    done = "Changed. The old text stays readable." if amendment else "Nothing was changed."
    messages.success(request, done)
    return True
