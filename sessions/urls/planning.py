"""Calendar, planned sessions, drop-in, the calendar feed."""

from django.urls import path

from sessions.views import calendar, drop_in, feed, planning

urlpatterns = [
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar/feed/", feed.feed, name="feed"),
    path("calendar/feed/new/", feed.feed_made, name="feed_made"),
    path("calendar/feed/revocation/", feed.feed_revoked, name="feed_revoked"),
    path("calendar/feed/<str:token>.ics", feed.feed_file_view, name="feed_file"),
    path("students/<slug:student_ref>/sessions/plan/", planning.plan, name="plan"),
    path("sessions/<slug:session_ref>/move/", planning.move, name="move"),
    path("sessions/<slug:session_ref>/cancellation/", planning.cancellation, name="cancellation"),
    path("students/<slug:student_ref>/drop-in/", drop_in.drop_in, name="drop_in"),
    path("drop-in/<slug:slot_ref>/unused/", drop_in.drop_in_unused, name="drop_in_unused"),
    path(
        "drop-in/<slug:slot_ref>/withdrawal/",
        drop_in.drop_in_withdrawal,
        name="drop_in_withdrawal",
    ),
]
