"""Slip or reward: writing one, and reading one."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from keywork import drafts
from keywork.access import KeyworkRequest, get_visible_or_404, requires
from keywork.drafts import DraftConflictError
from keywork.kept_forms import drafts_of
from keywork.models import School
from keywork.parked_forms import form_data
from keywork.refs import is_ref, new_ref
from keywork.roles import Capability
from keywork.undo import offer_undo
from students.models import BehaviourRecord, SlipCorrection, Student
from students.other_names import hide_others
from students.policies import sight_of
from students.services.slips import SlipError, record_slip
from students.slip_drafts import (
    forget_slip,
    kept_slip,
    slip_draft_of,
    version_shown,
)
from students.slip_forms import ICONS, KINDS, ReasonForm, SlipForm
from students.slip_log.people import chip_names, found_by, last_place, offered_first, to_record
from students.slip_log.words import words_of
from students.slip_policies import can_correct
from students.views.slip_changes import answer_at, answer_form

TEXTS = (
    ("description", "What happened"),
    ("antecedent", "What came before"),
    ("response", "What staff did"),
    ("consequence", "What followed"),
    ("injury", "Injuries"),
    ("property_damage", "Damage to property"),
)


@requires(Capability.RECORD_SLIP)
def new(request: KeyworkRequest) -> HttpResponse:
    """Write a slip or reward; ?student= ticks the student one came from."""
    school, came_from = _school_and_student(request)
    if request.method != "POST" or request.POST.get("action") == "find":
        return _show(request, school, _form(request, school, came_from), came_from)
    if request.POST.get("action") == "draft":
        return _leave(request, school, came_from)
    form = _form(request, school, came_from)
    if not form.is_valid():
        return _show(request, school, form, came_from)
    by, slip, ref = request.viewer.user, form.new_slip(), form.cleaned_data["ref"]
    try:
        records = record_slip(slip=slip, school=school, ref=ref, by=by, now=request.viewer.now)
    except SlipError as problem:
        form.add_error(None, problem.message)
        return _show(request, school, form, came_from)
    forget_slip(by, ref, request.POST)
    offer_undo(request, _saved_words(request, records), kind="slip", record=records[0])
    if request.POST.get("action") == "another":
        return redirect("students:slip_new")
    return redirect(records[0])


@requires(Capability.RECORD_SLIP)
def who(request: KeyworkRequest) -> HttpResponse:
    """Answer with the students found by some letters, those ticked, and their parts."""
    school, came_from = _school_and_student(request)
    context = _people(request, school, came_from, request.GET.getlist("students"))
    return render(request, "students/slip_who.html", context)


@requires(Capability.RECORD_SLIP, Capability.SEE_STUDENTS)
def slip(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a slip, read-only, to those who see the student in full and to its author."""
    viewer = request.viewer
    records = BehaviourRecord.objects.select_related("student", "staff", "recorded_by", "school")
    record: BehaviourRecord = get_visible_or_404(records, viewer, ref=ref)
    in_full = sight_of(viewer, record.student).in_full
    asked = list(record.corrections.select_related("asked_by", "answered_by"))
    wanted = [getattr(record, name) for name, _ in TEXTS]
    wanted += [record.contentious_note, *(t for each in asked for t in (each.text, each.answer))]
    shown = hide_others(wanted, record.school_id, shown=[record.student_id])
    said = iter(shown[len(TEXTS) + 1 :])
    may_correct = can_correct(viewer, record)
    forms = _answers(request, record, asked) if may_correct else {}
    context = {
        "record": record,
        "student": record.student,
        "in_full": in_full,
        "texts": [(label, text) for (_, label), text in zip(TEXTS, shown, strict=False) if text],
        "others": _others(request, record),
        "contentious_note": shown[len(TEXTS)],
        "asked": [(each, next(said), next(said), forms.get(each.pk)) for each in asked],
        "may_correct": may_correct,
        "may_call": in_full and viewer.can_at(Capability.LIAISE, record.school_id),
        "crumbs": _crumbs(record, in_full=in_full),
    }
    return render(request, "students/slip.html", context)


def _answers(
    request: KeyworkRequest, record: BehaviourRecord, asked: list[SlipCorrection]
) -> dict[int, ReasonForm]:
    """Give a form for each request that waits for an answer; one query for all their drafts."""
    waiting = [each for each in asked if each.is_open]
    if not waiting:
        return {}
    kept = drafts_of(request, ReasonForm, [answer_at(each) for each in waiting])
    for each in waiting:
        each.record = record
    return {each.pk: answer_form(request, each, kept) for each in waiting}


def _leave(request: KeyworkRequest, school: School, came_from: Student | None) -> HttpResponse:
    """Keep what was typed as a draft, where no JavaScript does."""
    user, typed = request.viewer.user, request.POST.get("ref", "")
    subject = slip_draft_of(school, typed if is_ref(typed) else new_ref(), came_from)
    try:
        drafts.keep_posted(
            owner=user,
            subject=subject,
            posted=request.POST,
            device=drafts.device_of(request.headers.get("User-Agent", "")),
            now=request.viewer.now,
        )
    except DraftConflictError:
        return redirect("draft_compare", subject.key)
    messages.success(request, "Draft saved. The slip is not written yet.")
    return redirect("home")


def _school_and_student(request: KeyworkRequest) -> tuple[School, Student | None]:
    """The school the slip is of: that of the student one came from, else the chosen one."""
    viewer, ref = request.viewer, request.GET.get("student", "")
    if not ref:
        return viewer.chosen_school, None
    schools = {school.pk: school for school in viewer.schools}
    found = Student.objects.filter(school__in=list(schools), ref=ref).first()
    if found is None or not to_record(viewer, schools[found.school_id]).filter(pk=found.pk):
        raise Http404
    return schools[found.school_id], found


def _form(request: KeyworkRequest, school: School, came_from: Student | None) -> SlipForm:
    viewer = request.viewer
    data = form_data(request)
    finding = request.method == "POST" and request.POST.get("action") == "find"
    initial: dict[str, Any] = {}
    if data is None:
        initial = {
            "ref": new_ref(),
            "students": [came_from.ref] if came_from else [],
            "day": viewer.on,
            "at": timezone.localtime(viewer.now).time(),
            "location": last_place(viewer, school),
            "lesson": _lesson(request, came_from),
        }
    kept = kept_slip(viewer.user, request.GET.get("draft", "")) if data is None else None
    if kept:
        initial |= _typed(drafts.as_posted(kept.data))
    if finding and data is not None:
        initial, data = _typed(data), None
    return SlipForm(
        data,
        on=viewer.on,
        school=school,
        words=words_of(school),
        now=viewer.now,
        students=to_record(viewer, school),
        initial=initial,
    )


def _typed(posted: Any) -> dict[str, Any]:
    """What was typed, to show it again unchecked."""
    many = ("students", "responses")
    return {name: posted.getlist(name) if name in many else posted.get(name) for name in posted}


def _lesson(request: KeyworkRequest, student: Student | None) -> str:
    """The subject in which the viewer teaches the student, where there is only one."""
    if student is None:
        return ""
    taught = student.timetable.filter(teacher=request.viewer.user)
    subjects = sorted(set(taught.values_list("subject", flat=True)))
    return subjects[0] if len(subjects) == 1 else ""


def _show(
    request: KeyworkRequest, school: School, form: SlipForm, came_from: Student | None
) -> HttpResponse:
    user, ref = request.viewer.user, form["ref"].value() or new_ref()
    subject, draft = slip_draft_of(school, ref, came_from), kept_slip(user, ref)
    context = {
        "form": form,
        "draft": draft if request.method != "POST" else None,
        "draft_key": subject.key,
        "draft_token": drafts.token_for(user, subject),
        "version": version_shown(form_data(request), draft),
        "school": school,
        "kinds": [(value, label, ICONS[value]) for value, label in KINDS],
        "came_from": came_from,
        **_people(request, school, came_from, form.chosen_refs()),
    }
    return render(request, "students/slip_new.html", context)


def _people(
    request: KeyworkRequest, school: School, came_from: Student | None, refs: list[str]
) -> dict[str, Any]:
    """Those offered first, those found, those ticked, and which part each of several had."""
    viewer = request.viewer
    sent = request.POST or request.GET
    q = sent.get("who", "")
    first = offered_first(viewer, school)
    if came_from and came_from not in first:
        first = [came_from, *first]
    chosen = list(to_record(viewer, school).filter(ref__in=refs).by_name())
    matches = found_by(viewer, school, q)
    more = {each.pk: each for each in [*chosen, *matches]}
    found = [each for each in more.values() if each not in first]
    names = chip_names([*first, *found])
    parts = [(each, names[each.pk], sent.get(f"part_{each.ref}", "")) for each in chosen]
    return {
        "first": [(each.ref, names[each.pk], each in chosen) for each in first],
        "found": [(each.ref, each.name, each.reg_form, each in chosen) for each in found],
        "parts": parts if len(parts) > 1 else [],
        "part_choices": BehaviourRecord.Part.choices,
        "who": q,
        "who_url": f"{reverse('students:slip_who')}{_query(came_from)}",
        "nobody": bool(q.strip()) and not matches,
    }


def _query(came_from: Student | None) -> str:
    return f"?student={came_from.ref}" if came_from else ""


def _saved_words(request: KeyworkRequest, records: list[BehaviourRecord]) -> str:
    """Say what was saved, and that a call home is due where the student's model says so."""
    first, count = records[0], len(records)
    what = first.category or first.get_level_display()
    who = f"{count} students" if count > 1 else first.student.name
    words = f"{'Reward' if first.is_reward else 'Slip'} saved: {what}, {who}."
    return f"{words}{_call_words(request, records)}"


def _call_words(request: KeyworkRequest, records: list[BehaviourRecord]) -> str:
    first = records[0]
    rule = {"high": "same_day_high_incident"}.get(first.level)
    if first.call_home:
        rule = "same_day_reward"
    if not rule or first.occurred_on != request.viewer.on:
        return ""
    students = Student.objects.filter(pk__in=[each.student_id for each in records])
    due = [
        each.first_name
        for each in students.select_related("key_work_model", "school__key_work_model").by_name()
        if (model := each.model_in_force()) and getattr(model, rule)
    ]
    return f" Call home is now due today: {', '.join(due)}." if due else ""


def _others(request: KeyworkRequest, record: BehaviourRecord) -> list[dict[str, str]]:
    """The others of the event: initials alone, with a way to their slip for those who see it."""
    if record.incident_id is None:
        return []
    same = BehaviourRecord.objects.standing().filter(incident=record.incident_id)
    same = same.exclude(pk=record.pk).select_related("student")
    seen = set(
        BehaviourRecord.objects.visible_to(request.viewer)
        .filter(incident=record.incident_id)
        .values_list("pk", flat=True)
    )
    return [
        {
            "initials": each.student.initials,
            "part": each.get_part_display(),
            "url": each.get_absolute_url() if each.pk in seen else "",
        }
        for each in same.order_by("pk")
    ]


def _crumbs(record: BehaviourRecord, *, in_full: bool) -> list[tuple[str, str]]:
    if not in_full:
        return [("Slips", reverse("slips"))]
    student = record.student
    return [
        (student.name, student.get_absolute_url()),
        ("Behaviour", reverse("behaviour", args=[student.ref])),
    ]
