"""Putting an early sign aside; when a school wants to be told."""

from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.forms import form_helper
from keywork.term_dates import SchoolCalendar
from students.rules.signals import SignalKind, Thresholds

LONGEST_WINDOW = 60


class DismissForm(forms.Form):
    """Why, and for how long; the choices are days from today and the end of the half term."""

    reason = forms.CharField(
        label="Why",
        max_length=300,
        widget=forms.TextInput,
        error_messages={"required": "Say why, such as: known illness, agreed with home"},
    )
    until = forms.ChoiceField(label="Do not show it", initial="14")

    def __init__(
        self, *args: Any, kind: SignalKind, on: date, calendar: SchoolCalendar, **kwargs: Any
    ) -> None:
        kwargs["prefix"] = kind.value
        super().__init__(*args, **kwargs)
        self.kind, self.on = kind, on
        half_term = calendar.half_term_of(on)
        self.ends = {str(days): on + timedelta(days=days) for days in (7, 14, 28)}
        if half_term and half_term.end > on:
            self.ends["half_term"] = half_term.end
        words = {"7": "For a week", "14": "For two weeks", "28": "For four weeks"}
        until: Any = self.fields["until"]
        until.choices = [
            (key, f"{words.get(key, 'For this half term')}, to {day.day} {day:%B}")
            for key, day in self.ends.items()
        ]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def last_day(self) -> date:
        """Give the last day on which the signal is not shown."""
        return self.ends[self.cleaned_data["until"]]


def _number(label: str, help_text: str, maximum: int, minimum: int = 0) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        help_text=help_text,
        min_value=minimum,
        max_value=maximum,
        error_messages={"required": "Enter a whole number; 0 turns the rule off"},
        widget=forms.TextInput({"inputmode": "numeric"}),
    )


class ThresholdsForm(forms.Form):
    window_days = _number(
        "School days looked at",
        "The last so many, against as many before.",
        LONGEST_WINDOW,
        5,
    )
    attendance_drop = _number(
        "Attendance is falling: percentage points",
        "From so many down. Both windows need 20 possible sessions. 0: off.",
        100,
    )
    slips_more = _number(
        "Slips are rising: slips more", "And at least twice as many as before. 0: off.", 100
    )
    points_drop = _number("Points are falling: per cent", "Fewer than before. 0: off.", 100)
    points_from = _number(
        "Points before, at least", "Below it a fall says little, and nothing is shown.", 1000
    )
    missed_sessions = _number(
        "Sessions missed", "Key-work sessions, student absent or declined. 0: off.", 50
    )

    def __init__(self, *args: Any, thresholds: Thresholds, **kwargs: Any) -> None:
        kwargs["initial"] = asdict(thresholds)
        super().__init__(*args, **kwargs)
        self.helper = form_helper("Save")

    def thresholds(self) -> Thresholds:
        """Give what was entered."""
        return Thresholds(**self.cleaned_data)
