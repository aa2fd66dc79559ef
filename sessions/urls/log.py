"""Preparing, logging and reading sessions."""

from django.urls import path

from sessions.views import briefing, comments, correction, group, log, session

urlpatterns = [
    path("students/<slug:student_ref>/sessions/new/", log.new, name="new"),
    path("students/<slug:student_ref>/sessions/language/", log.language, name="language"),
    path(
        "students/<slug:student_ref>/sessions/target-check/<int:number>/",
        log.target_check,
        name="target_check",
    ),
    path("students/<slug:student_ref>/briefing/", briefing.briefing, name="briefing"),
    path("students/<slug:student_ref>/sessions/group/", group.group, name="group"),
    path("sessions/<slug:ref>/", session.session, name="session"),
    path("sessions/<slug:ref>/edit/", log.edit, name="edit"),
    path("sessions/<slug:ref>/correction/", correction.correction, name="correction"),
    path("sessions/<slug:ref>/comments/new/", comments.comment_new, name="comment_new"),
    path("session-comments/<slug:ref>/done/", comments.comment_done, name="comment_done"),
    path(
        "session-comments/<slug:ref>/withdrawal/",
        comments.comment_withdrawal,
        name="comment_withdrawal",
    ),
]
