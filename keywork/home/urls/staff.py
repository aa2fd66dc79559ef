"""Staff records."""

from django.urls import path, re_path

from keywork.home.views import staff

# A ref has ten characters, so /staff/new/ is left for the form of a new person.
REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    path("staff/", staff.staff_list, name="staff"),
    path("staff/new/", staff.staff_new, name="staff_new"),
    re_path(rf"^staff/{REF}/$", staff.staff_edit, name="staff_edit"),
    re_path(rf"^staff/{REF}/invitation/$", staff.staff_invitation, name="staff_invitation"),
]
