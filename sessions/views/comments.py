"""A reviewer's comment on a session: writing it, ticking it off, taking it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from keywork.access import KeyworkRequest, Viewer, allow, get_visible_or_404, requires
from keywork.kept_forms import keep_typed
from keywork.models import User
from keywork.parked_forms import form_data
from sessions.forms.comment import CommentForm
from sessions.models import KeyworkSession, SessionComment
from sessions.policies import can_comment, can_tick_comment, can_withdraw_comment
from sessions.queries import comment_reader
from sessions.services import comments as services
from sessions.views.loading import OVERSEES, READS_RECORDS


@requires(*OVERSEES)
def comment_new(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Write to the author of a session's record, or to who has the student now."""
    viewer = request.viewer
    sessions = KeyworkSession.objects.select_related("student", "signed_by", "key_worker")
    record = get_visible_or_404(sessions, viewer, ref=ref)
    allow(can_comment(viewer, record))
    student, form = record.student, CommentForm(form_data(request))
    reader = comment_reader(record, on=viewer.on, now=viewer.now)
    title = f"Comment on a session with {student.name}"
    keep_typed(request, form, title=title, school_id=student.school_id)
    if request.method == "POST" and form.is_valid():
        services.write_comment(
            keywork_session=record, text=form.cleaned_data["text"], by=viewer.user, now=viewer.now
        )
        messages.success(request, f"Comment saved. {_told(reader, viewer)}".strip())
        return redirect(f"{record.get_absolute_url()}#comments")
    context = {
        "form": form,
        "record": record,
        "student": student,
        "told": _told(reader, viewer),
        "crumbs": [
            (student.name, student.get_absolute_url()),
            ("Session", reverse("sessions:session", args=[record.ref])),
        ],
    }
    return render(request, "sessions/comment_new.html", context)


def _told(reader: User | None, viewer: Viewer) -> str:
    """Say who is told of a comment: its author, or who has the student now."""
    if reader is None:
        return "Nobody is told: whoever recorded it no longer sees the student."
    return "" if reader == viewer.user else f"{reader.full_name} is told."


@require_POST
@requires(*READS_RECORDS)
def comment_done(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Say that one has read a comment that is one's own to read, and done what it asks."""
    comment = _comment(request, ref)
    allow(can_tick_comment(request.viewer, comment))
    done = services.tick_comment(comment=comment, by=request.viewer.user, now=request.viewer.now)
    if done.withdrawn_at:
        messages.warning(request, "This comment was taken back meanwhile.")
    else:
        messages.success(request, "Done. Who wrote it sees that.")
    return redirect(comment.get_absolute_url())


@require_POST
@requires(*OVERSEES)
def comment_withdrawal(request: KeyworkRequest, ref: str) -> HttpResponse:
    """Take one's comment back."""
    comment = _comment(request, ref)
    allow(can_withdraw_comment(request.viewer, comment))
    services.withdraw_comment(comment=comment, by=request.viewer.user, now=request.viewer.now)
    messages.success(request, "Comment taken back.")
    return redirect(comment.keywork_session.get_absolute_url())


def _comment(request: KeyworkRequest, ref: str) -> SessionComment:
    comments = SessionComment.objects.select_related(
        "keywork_session__signed_by", "keywork_session__key_worker"
    )
    comment: SessionComment = get_visible_or_404(comments, request.viewer, ref=ref)
    return comment
