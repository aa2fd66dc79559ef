"""Early signs of a student, and a school's thresholds."""

from django.urls import path, re_path

from keywork.home.views import signals

REF = r"(?P<ref>[0-9a-z]{10})"

urlpatterns = [
    re_path(rf"^students/{REF}/signals/$", signals.signals, name="student_signals"),
    re_path(
        rf"^students/{REF}/signals/(?P<kind>[a-z]+)/dismissal/$",
        signals.dismissal,
        name="signal_dismissal",
    ),
    re_path(
        rf"^signals/dismissals/{REF}/restoration/$",
        signals.restoration,
        name="signal_restoration",
    ),
    path("settings/signals/", signals.thresholds, name="settings_signals"),
]
