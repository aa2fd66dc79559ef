"""The directory of agencies, and the agencies around a student."""

from django.urls import path, re_path

from contacts.views import agencies, involvements

REF = r"(?P<ref>[0-9a-z]{10})"
urlpatterns = [
    path("agencies/", agencies.directory, name="agencies"),
    path("agencies/new/", agencies.new, name="agency_new"),
    path("agencies/updates/", agencies.updates, name="agency_updates"),
    path("agencies/weeks/", agencies.weeks, name="agency_weeks"),
    re_path(rf"^agencies/{REF}/$", agencies.agency, name="agency"),
    re_path(rf"^agencies/{REF}/edit/$", agencies.edit, name="agency_edit"),
    re_path(rf"^agencies/{REF}/retirement/$", agencies.retirement, name="agency_retirement"),
    re_path(rf"^agencies/{REF}/people/new/$", agencies.person_new, name="professional_new"),
    re_path(rf"^professionals/{REF}/edit/$", agencies.person_edit, name="professional_edit"),
    re_path(
        rf"^professionals/{REF}/retirement/$",
        agencies.person_retirement,
        name="professional_retirement",
    ),
    re_path(rf"^students/{REF}/agencies/$", involvements.of_student, name="student_agencies"),
    re_path(rf"^students/{REF}/agencies/new/$", involvements.new, name="involvement_new"),
    re_path(
        rf"^students/{REF}/agencies/meetings/new/$", involvements.meeting_new, name="meeting_new"
    ),
    re_path(rf"^students/{REF}/agencies/advice/new/$", involvements.advice_new, name="advice_new"),
    re_path(rf"^involvements/{REF}/edit/$", involvements.edit, name="involvement_edit"),
    re_path(rf"^involvements/{REF}/log/new/$", involvements.log_new, name="agency_log_new"),
    re_path(rf"^agency-meetings/{REF}/$", involvements.meeting, name="meeting"),
    re_path(rf"^agency-advice/{REF}/edit/$", involvements.advice_edit, name="advice_edit"),
    re_path(
        rf"^agency-log/(?P<kind>contact|meeting|advice)/{REF}/withdrawal/$",
        involvements.withdrawal,
        name="agency_withdrawal",
    ),
]
