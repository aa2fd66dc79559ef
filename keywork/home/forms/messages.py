"""When a school's messages go out, and from when on lateness is told to somebody above."""

from datetime import time
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.models import School

FROM = [time(8), time(8, 30), time(9)]
# The afternoon's nudge comes at half past two.
UNTIL = [time(15), time(15, 30), time(16)]


def _hours(hours: list[time], kept: time) -> list[tuple[str, str]]:
    return [(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in sorted({*hours, kept})]


class MessageHoursForm(forms.Form):
    messages_from = forms.TypedChoiceField(label="From", coerce=time.fromisoformat)
    messages_until = forms.TypedChoiceField(label="Until", coerce=time.fromisoformat)
    escalate_after = forms.IntegerField(
        label="Tell the SENCo of calls and sessions late by",
        min_value=1,
        max_value=20,
        help_text="School days. Where there is no SENCo: head of care, senior leaders, head.",
    )

    def __init__(self, data: Any = None, *, school: School) -> None:
        initial = {
            "messages_from": f"{school.messages_from:%H:%M}",
            "messages_until": f"{school.messages_until:%H:%M}",
            "escalate_after": school.escalate_after,
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
