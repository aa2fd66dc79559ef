"""The log of slips and rewards: a student's, the school's, as a file; who goes unnoticed."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, requires
from keywork.home.behaviour_log import SlipLog
from keywork.roles import Capability
from keywork.school_calendar import calendar_of
from students.header import header
from students.models import SlipCorrection, Student
from students.seen import student_in_full
from students.services.exports import record_export
from students.slip_log.figures import (
    QUIET_WEEKS,
    WEEKS_CHARTED,
    below_the_radar,
    points_chart,
    school_weeks,
)
from students.slip_log.files import CONTENT_TYPES, write

READS_SLIPS = (
    Capability.KEEP_CASELOAD,
    Capability.SEE_SCHOOL_RECORDS,
    Capability.SEE_RESIDENT_RECORDS,
)
MOST_QUIET = 100


@requires(Capability.SEE_STUDENTS)
def student_log(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show a student's slips and rewards; for those who see the student in full."""
    student = _student(request, ref)
    log = SlipLog(request, student.school, student)
    weeks = school_weeks(log.calendar, request.viewer.on, WEEKS_CHARTED)
    target = student.school.points_target
    context = {
        "student": student,
        "header": header(request.viewer, student, tab="behaviour"),
        "points_chart": points_chart(log.all_records, weeks, target, request.viewer.on),
        "export_url": reverse("behaviour_export", args=[student.ref]),
        **_shown(log),
    }
    return render(request, "home/behaviour/student.html", context)


@requires(Capability.SEE_STUDENTS)
@require_POST
def student_export(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Give a student's slips, as narrowed, as a file; who took it is kept."""
    student = _student(request, ref)
    return _file(request, SlipLog(request, student.school, student))


@requires(Capability.RECORD_SLIP)
def school_log(request: KeyworkRequest) -> HttpResponse:
    """Show the slips of the chosen school that the viewer sees, their own among them."""
    viewer = request.viewer
    log = SlipLog(request, viewer.chosen_school)
    asked: list[SlipCorrection] = []
    if viewer.can(Capability.CORRECT_SLIP):
        corrections = SlipCorrection.objects.visible_to(viewer).open()
        corrections = corrections.filter(record__school=viewer.chosen_school)
        asked = list(corrections.select_related("record__student", "asked_by")[:10])
    context = {
        "export_url": reverse("slips_export"),
        "corrections": asked,
        "reads_slips": any(map(viewer.can, READS_SLIPS)),
        **_shown(log),
    }
    return render(request, "home/behaviour/school.html", context)


@requires(*READS_SLIPS)
@require_POST
def school_export(request: KeyworkRequest) -> HttpResponse:
    """Give the slips in sight, as narrowed, as a file; who took it is kept."""
    return _file(request, SlipLog(request, request.viewer.chosen_school))


@requires(*READS_SLIPS)
def quiet(request: KeyworkRequest) -> HttpResponse:
    """Show who has no slips and few points: easily overlooked (S2-54)."""
    viewer = request.viewer
    school = viewer.chosen_school
    weeks = school_weeks(calendar_of(school), viewer.on, QUIET_WEEKS)
    seen = Student.objects.in_full_for(viewer).filter(school=school).on_roll(viewer.on)
    target = school.points_target
    found = below_the_radar(seen, weeks, target).for_list(viewer.on) if weeks else ()
    students = list(found[: MOST_QUIET + 1])
    context = {
        "students": students[:MOST_QUIET],
        "more": len(students) > MOST_QUIET,
        "weeks": weeks,
        "target": target,
        "half": target / 2,
        "rows": [(each, round(each.points / len(weeks), 1)) for each in students[:MOST_QUIET]],
    }
    return render(request, "home/behaviour/quiet.html", context)


def _student(request: KeyworkRequest, ref: str) -> Student:
    """The student, if seen in full: out of sight is 404, known by name only 403."""
    return student_in_full(request.viewer, ref)


def _shown(log: SlipLog) -> dict[str, Any]:
    page, rows = log.page()
    return {
        "form": log.form,
        "chips": log.chips(),
        "narrowed": log.narrowed,
        "period": log.period,
        "figures": log.figures,
        "count": log.count,
        "page": page,
        "rows": rows,
        "query": log.request.GET.urlencode(),
        "has_errors": bool(log.form.errors),
    }


def _file(request: KeyworkRequest, log: SlipLog) -> HttpResponse:
    kind = request.POST.get("format", "")
    if kind not in CONTENT_TYPES:
        raise Http404
    made = log.file(kind)
    if made is None:
        messages.error(request, "Too many slips for one file of this kind. Narrow them first.")
        return redirect(_page_of(log))
    name, content = made
    record_export(
        school=log.school,
        student=log.student,
        kind="Behaviour log",
        about=content.about,
        rows=len(content.rows),
        file_name=name,
        by=request.viewer.user,
        now=request.viewer.now,
    )
    answer = HttpResponse(write(content, kind), content_type=CONTENT_TYPES[kind])
    disposition = content_disposition_header(as_attachment=True, filename=name)
    answer.headers["Content-Disposition"] = disposition or "attachment"
    return answer


def _page_of(log: SlipLog) -> str:
    page = reverse("behaviour", args=[log.student.ref]) if log.student else reverse("slips")
    return f"{page}?{log.request.GET.urlencode()}"
