"""URLs of attendance: a student's tab, the school's table, questions to the office."""

from django.urls import path

from students.views import attendance, attendance_table, register_queries

STUDENT = "students/<str:ref>"
urlpatterns = [
    path("attendance/", attendance_table.attendance_table, name="attendance_table"),
    path(f"{STUDENT}/attendance/", attendance.attendance, name="attendance"),
    path(
        f"{STUDENT}/attendance/certificate.pdf",
        attendance.certificate,
        name="attendance_certificate",
    ),
    path(f"{STUDENT}/attendance/talks/new/", attendance.talk_new, name="talk_new"),
    path(
        "absence-talks/<str:ref>/withdrawal/", attendance.talk_withdrawal, name="talk_withdrawal"
    ),
    path(f"{STUDENT}/part-time/new/", attendance.part_time_new, name="part_time_new"),
    path("part-time/<str:ref>/edit/", attendance.part_time_edit, name="part_time_edit"),
    path(f"{STUDENT}/register-queries/new/", register_queries.query_new, name="query_new"),
    path("register-queries/", register_queries.queries, name="register_queries"),
    path("register-queries/<str:ref>/", register_queries.query_answer, name="register_query"),
]
