"""Calendar and key-work models of a school."""

from django.urls import path, re_path

from keywork.home.views import models, settings

REF = r"(?P<ref>[0-9a-z]{10})"
DATES = r"(?P<kind>half-terms|closed-days)"

urlpatterns = [
    path("settings/", settings.index, name="settings"),
    path("settings/calendar/", settings.year, name="settings_calendar"),
    re_path(rf"^settings/calendar/{DATES}/new/$", settings.dates_new, name="settings_dates_new"),
    re_path(rf"^settings/calendar/{DATES}/{REF}/$", settings.dates_edit, name="settings_dates"),
    re_path(
        rf"^settings/calendar/{DATES}/{REF}/removal/$",
        settings.dates_removal,
        name="settings_dates_removal",
    ),
    path("settings/models/", models.model_list, name="settings_models"),
    re_path(rf"^settings/models/{REF}/$", models.model_edit, name="settings_model"),
    re_path(rf"^settings/models/{REF}/copy/$", models.model_copy, name="settings_model_copy"),
    re_path(rf"^settings/models/{REF}/reset/$", models.model_reset, name="settings_model_reset"),
    re_path(
        rf"^settings/models/{REF}/choice/$", models.model_choice, name="settings_model_choice"
    ),
]
