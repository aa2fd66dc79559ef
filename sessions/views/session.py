"""A session to read: what was said, who signed it, what was changed since and why."""

from typing import Any

from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from keywork.access import KeyworkRequest, Viewer, get_visible_or_404, requires
from sessions.briefing import focus_words
from sessions.models import Amendment, KeyworkSession, SessionAction, SessionComment, TargetReview
from sessions.next_due import next_due_words
from sessions.policies import (
    can_comment,
    can_correct,
    can_log,
    can_record,
    can_withdraw_comment,
    is_author,
    is_fresh,
)
from sessions.views.loading import READS_RECORDS
from sessions.written import TargetsAround, targets_around, uncovered, written_of
from students.models import Student
from students.own_page import Texts, hide_others_in

THEMES = dict(KeyworkSession.Theme.choices)


@requires(*READS_RECORDS)
def session(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Show one session; ?read=1 right after it was finished, to be read with the student."""
    viewer = request.viewer
    record = get_visible_or_404(_whole(viewer), viewer, ref=ref)
    student = record.student
    targets = targets_around(record)
    record.targets_set = targets.new
    _name_nobody_else(record)
    records = can_record(viewer, student)
    context: dict[str, Any] = {
        "record": record,
        "student": student,
        **(_just_finished(record, targets, viewer) if "read" in request.GET else {}),
        "focus": focus_words(record.focus),
        "themes": [THEMES.get(theme, theme) for theme in record.themes],
        "too_long": _too_long(record),
        "shared": _shared_by(record),
        "can_correct": can_correct(viewer, record),
        "can_log": can_log(viewer, record),
        "fresh": is_fresh(viewer, record),
        "written": written_of(record, targets),
        "comments": _comments(viewer, record),
        "can_comment": can_comment(viewer, record),
        "actions": [
            (action, records or action.owner_id == viewer.user.pk) for action in record.agreed
        ],
        "crumbs": [
            ("Students", reverse("students:students")),
            (student.name, student.get_absolute_url()),
        ],
    }
    return render(request, "sessions/session.html", context)


def _comments(viewer: Viewer, record: Any) -> list[tuple[SessionComment, bool, bool]]:
    """Each comment, and whether the viewer may tick it, and take it back."""
    author = is_author(viewer, record)
    return [
        (each, author and not each.done_at, can_withdraw_comment(viewer, each))
        for each in record.said
    ]


def _shared_by(record: KeyworkSession) -> str:
    """Give what the group talked about, of those who were there."""
    if record.group is None or record.status == KeyworkSession.Status.MISSED:
        return ""
    return record.group.shared_details


def _name_nobody_else(record: Any) -> None:
    """Put initials for other students in all that the page shows; it is read and never saved."""
    said = ("details", "pupil_voice", "strategies_agreed", "missed_note", "no_target_reason")
    texts: list[Texts] = [(record, said)]
    if record.group:
        texts.append((record.group, ("shared_details",)))
    judged = [each.target for each in record.judged]
    texts += [(each, ("text", "help", "measure")) for each in (*record.targets_set, *judged)]
    texts += [(each, ("evidence", "reason")) for each in record.judged]
    texts += [(each, ("text",)) for each in record.agreed]
    texts += [(each, ("reason",)) for each in record.changed]
    texts += [(each, ("text",)) for each in record.said]
    hide_others_in(record.student, texts, lines=[each.changes for each in record.changed])


def _just_finished(
    record: KeyworkSession, targets: TargetsAround, viewer: Viewer
) -> dict[str, Any]:
    """What is said once, right after the session: what comes next, what its targets leave out."""
    return {
        "together": True,
        "next_due": next_due_words(record.student, viewer.on),
        "planned_next": _planned_next(record, viewer),
        "uncovered": uncovered(targets),
    }


def _planned_next(record: KeyworkSession, viewer: Viewer) -> KeyworkSession | None:
    ahead = KeyworkSession.objects.visible_to(viewer).planned()
    ahead = ahead.filter(student=record.student_id, held_on__gte=viewer.on)
    return ahead.order_by("held_on", "starts_at", "pk").first()


def _whole(viewer: Viewer) -> Any:
    """Sessions with all that their page shows; the student `with_sight`."""
    students = Student.objects.with_sight(viewer).select_related(
        "school__key_work_model", "key_work_model"
    )
    reviews = TargetReview.objects.standing().select_related("target")
    return KeyworkSession.objects.select_related(
        "key_worker", "signed_by", "group"
    ).prefetch_related(
        Prefetch("student", students),
        Prefetch("target_reviews", reviews, to_attr="judged"),
        Prefetch(
            "actions", SessionAction.objects.select_related("owner", "done_by"), to_attr="agreed"
        ),
        Prefetch(
            "comments",
            SessionComment.objects.standing().select_related("written_by", "done_by"),
            to_attr="said",
        ),
        Prefetch("amendments", Amendment.objects.select_related("made_by"), to_attr="changed"),
    )


def _too_long(record: KeyworkSession) -> str:
    """Say that the session was longer than the model allows; it is kept as it was."""
    model = record.student.model_in_force()
    maximum = model.session_minutes_max if model else None
    if not maximum or not record.minutes or record.minutes <= maximum:
        return ""
    return f"longer than the model’s {maximum} minutes"
