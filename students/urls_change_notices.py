"""URLs of what colleagues are told about a student."""

from django.urls import path

from students.views import change_notices

STUDENT = "students/<str:ref>/change-notices"
NOTICE = "change-notices/<str:ref>"
urlpatterns = [
    path(f"{STUDENT}/", change_notices.of_student, name="change_notices"),
    path(f"{STUDENT}/new/", change_notices.new, name="change_notice_new"),
    path(f"{NOTICE}/", change_notices.notice, name="change_notice"),
    path(f"{NOTICE}/read/", change_notices.read, name="change_notice_read"),
    path(f"{NOTICE}/correction/", change_notices.correction, name="change_notice_correction"),
    path(f"{NOTICE}/withdrawal/", change_notices.withdrawal, name="change_notice_withdrawal"),
]
