"""When a school's messages go out and calls are made, and when lateness is told above."""

from datetime import time
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.forms import CLOCK, QuickTime
from keywork.models import School

FROM = [time(8), time(8, 30), time(9)]
# The afternoon's nudge comes at half past two.
UNTIL = [time(15), time(15, 30), time(16)]


def _hours(hours: list[time], kept: time) -> list[tuple[str, str]]:
    return [(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in sorted({*hours, kept})]


def _clock(label: str, like: str, help_text: str = "") -> forms.TimeField:
    return forms.TimeField(
        label=label,
        required=False,
        input_formats=CLOCK,
        widget=QuickTime,
        help_text=help_text,
        error_messages={"invalid": f"Enter a time, like {like}"},
    )


class MessageHoursForm(forms.Form):
    messages_from = forms.TypedChoiceField(label="From", coerce=time.fromisoformat)
    messages_until = forms.TypedChoiceField(label="Until", coerce=time.fromisoformat)
    escalate_after = forms.IntegerField(
        label="Tell the SENCo of calls and sessions late by",
        min_value=1,
        max_value=20,
        help_text="School days. Where there is no SENCo: head of care, senior leaders, head.",
    )
    calls_from = _clock("Calls home are made from", "15:15")
    calls_until = _clock(
        "Calls home are made until",
        "17:00",
        "Empty, both: at any time. Nobody is kept from a call at another time.",
    )

    def __init__(self, data: Any = None, *, school: School) -> None:
        initial = {
            "messages_from": f"{school.messages_from:%H:%M}",
            "messages_until": f"{school.messages_until:%H:%M}",
            "escalate_after": school.escalate_after,
            "calls_from": school.calls_from,
            "calls_until": school.calls_until,
        }
        super().__init__(data, initial=initial)
        choices = {
            "messages_from": _hours(FROM, school.messages_from),
            "messages_until": _hours(UNTIL, school.messages_until),
        }
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, Any]:
        """Ask for both times of calls or neither, the later one last."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        first, last = found.get("calls_from"), found.get("calls_until")
        wrong = "calls_from" in self.errors or "calls_until" in self.errors
        if not wrong and bool(first) != bool(last):
            missing = "calls_until" if first else "calls_from"
            self.add_error(missing, "Enter both times, or leave both empty")
        elif first and last and last <= first:
            self.add_error("calls_until", f"Enter a time after {first:%H:%M}")
        return found
