"""The form that corrects a signed session."""

from typing import Any

from django import forms

from sessions.forms.session import OTHER, SessionForm, text_box
from sessions.models import KeyworkSession


class CorrectionForm(SessionForm):
    """What is recorded, as it stands, and why it is changed."""

    reason = forms.CharField(
        label="Why do you change it?",
        widget=text_box(2),
        help_text="Stands beside the old text, which stays readable.",
        error_messages={"required": "Say why you change it"},
    )


def recorded_values(record: KeyworkSession, parameters: Any) -> dict[str, Any]:
    """Give a record's values as the form shows them."""
    names = (
        *("held_on", "starts_at", "venue", "method", "focus", "missed_reason", "missed_note"),
        *("pupil_voice", "feeling", "details", "themes", "engagement", "strategies_agreed"),
        "no_target_reason",
    )
    offered = parameters.session_minutes if parameters else ()
    usual = record.minutes in offered
    return {
        **{name: getattr(record, name) for name in names},
        "happened": "no" if record.status == KeyworkSession.Status.MISSED else "yes",
        "minutes": str(record.minutes) if usual else OTHER if record.minutes else "",
        "minutes_other": None if usual else record.minutes,
    }
