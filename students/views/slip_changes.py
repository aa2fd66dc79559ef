"""Correcting a slip, withdrawing it, asking for a correction: slips are never negotiated."""

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed, not_saved
from keywork.merging import ChangedMeanwhileError
from keywork.models import Draft
from keywork.parked_forms import form_data
from keywork.roles import Capability
from students.models import BehaviourRecord, Level, SlipCorrection, Student
from students.services.slips import (
    SlipError,
    ask_for_correction,
    correct_slip,
    let_stand,
    withdraw_slip,
)
from students.slip_forms import CorrectionForm, ReasonForm, recorded_values
from students.slip_log.words import words_of
from students.slip_policies import can_correct


@requires(Capability.RECORD_SLIP)
def correction(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Change a slip, with a reason; for those permitted."""
    record = _slip(request, ref)
    allow(can_correct(request.viewer, record))
    words = words_of(record.school)
    form = CorrectionForm(
        form_data(request),
        on=request.viewer.on,
        school=record.school,
        words=words,
        now=request.viewer.now,
        record=record,
        students=Student.objects.filter(school=record.school),
        initial=recorded_values(record),
    )
    _keep(request, record, form, "Correcting a slip")
    if request.method == "POST" and form.is_valid() and _correct(request, record, form):
        return redirect(record)
    context = {
        "form": form,
        "record": record,
        "categories": sorted({each.name for level in Level for each in words.categories(level)}),
        "asked": list(record.corrections.open().select_related("asked_by")),
        "crumbs": _crumbs(record),
    }
    return render(request, "students/slip_correction.html", context)


@requires(Capability.RECORD_SLIP)
def withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Withdraw a slip, with a reason; for those permitted."""
    record = _slip(request, ref)
    allow(can_correct(request.viewer, record))
    form = ReasonForm(
        form_data(request),
        label="Why do you withdraw it?",
        missing="Say why you withdraw it",
        longest=200,
    )
    _keep(request, record, form, "Withdrawing a slip")
    if request.method == "POST" and form.is_valid():
        try:
            withdraw_slip(
                record=record,
                reason=form.cleaned_data["text"],
                by=request.viewer.user,
                now=request.viewer.now,
            )
        except SlipError as problem:
            form.add_error(None, problem.message)
        else:
            messages.success(request, "Slip withdrawn. Its history stays.")
            return redirect("behaviour", record.student.ref)
    words = {
        "title": "Withdraw this slip",
        "note": "It is no longer counted or shown. The history keeps what it said.",
        "save": "Withdraw slip",
    }
    return _ask(request, record, form, words)


@requires(Capability.RECORD_SLIP)
def correction_request(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Ask those permitted to correct a slip; anybody who sees it may."""
    record = _slip(request, ref)
    form = ReasonForm(
        form_data(request),
        label="What should be corrected?",
        missing="Say what should be corrected",
        longest=1000,
    )
    _keep(request, record, form, "Asking for a correction")
    if request.method == "POST" and form.is_valid():
        ask_for_correction(
            record=record,
            text=form.cleaned_data["text"],
            by=request.viewer.user,
            now=request.viewer.now,
        )
        messages.success(request, "Asked. You see the answer on the slip.")
        return redirect(record)
    words = {
        "title": "Ask for a correction",
        "note": "Slips are not changed in a session. Those who look after slips check and answer.",
        "save": "Ask",
    }
    return _ask(request, record, form, words)


@requires(Capability.CORRECT_SLIP)
@require_POST
def answer(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Answer that a slip was checked and stands; for those permitted."""
    corrections = SlipCorrection.objects.select_related("record__student", "record__school")
    asked: SlipCorrection = get_visible_or_404(corrections, request.viewer, ref=ref)
    allow(can_correct(request.viewer, asked.record))
    form = answer_form(request, asked)
    if not form.is_valid():
        not_saved(request)
        messages.error(request, "Say why it stands")
        return redirect(asked.record)
    try:
        let_stand(
            correction=asked,
            answer=form.cleaned_data["text"],
            by=request.viewer.user,
            now=request.viewer.now,
        )
    except SlipError as problem:
        not_saved(request)
        messages.error(request, problem.message)
    else:
        messages.success(request, "Answered: the slip stands.")
    return redirect(asked.record)


def answer_form(
    request: KeyworkRequest, asked: SlipCorrection, kept: Mapping[str, Draft] | None = None
) -> ReasonForm:
    """Give the form in which a slip's page answers; kept: the drafts of all on the page."""
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="It stands, because",
        missing="Say why it stands",
        longest=1000,
        prefix=asked.ref,
    )
    keep_typed(
        request,
        form,
        title=f"Answer about a slip of {asked.record.student.name}",
        school_id=asked.record.school_id,
        at=answer_at(asked),
        url=asked.record.get_absolute_url(),
        among=kept,
    )
    return form


def answer_at(asked: SlipCorrection) -> str:
    """Give what tells the form of one answer from others."""
    return f"slip_answer.{asked.ref}"


def _slip(request: KeyworkRequest, ref: str) -> BehaviourRecord:
    records = BehaviourRecord.objects.select_related("student", "school", "staff")
    record: BehaviourRecord = get_visible_or_404(records, request.viewer, ref=ref)
    return record


def _keep(
    request: KeyworkRequest, record: BehaviourRecord, form: CorrectionForm | ReasonForm, what: str
) -> None:
    title = f"{what} of {record.student.name}"
    keep_typed(request, form, title=title, school_id=record.school_id)


def _correct(request: KeyworkRequest, record: BehaviourRecord, form: CorrectionForm) -> bool:
    try:
        changed = correct_slip(
            record=record,
            values=form.slip_values(),
            reason=form.cleaned_data["reason"],
            by=request.viewer.user,
            now=request.viewer.now,
            seen=form.seen,
        )
    except SlipError as problem:
        form.add_error(None, problem.message)
        return False
    except ChangedMeanwhileError as changed:
        form.show_meanwhile(changed)
        return False
    done = "Corrected. The old text stays readable." if changed else "Nothing was changed."
    messages.success(request, done)
    return True


def _ask(
    request: KeyworkRequest, record: BehaviourRecord, form: ReasonForm, words: dict[str, str]
) -> HttpResponse:
    context = {**words, "form": form, "record": record, "crumbs": _crumbs(record)}
    return render(request, "students/slip_ask.html", context)


def _crumbs(record: BehaviourRecord) -> list[tuple[str, str]]:
    return [(str(record), record.get_absolute_url())]
