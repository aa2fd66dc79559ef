"""Forms about poor attendance that persists."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from contacts.attendance_rules import Step
from contacts.forms.followups import staff_field
from contacts.models import AttendanceStep
from keywork.forms import DayField, DayForm, form_helper


class StepForm(DayForm, forms.Form):
    """Something tried."""

    kind = forms.ChoiceField(
        label="What was tried",
        choices=[each for each in AttendanceStep.Kind.choices if each[0] != Step.REPORTED],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was tried"},
    )
    taken_on = DayField(past=True, label="When")
    note = forms.CharField(
        label="What was said or done, and did it help",
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Say what was said or done"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save")

    def clean_taken_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["taken_on"]
        if day > self.on:
            raise forms.ValidationError("Enter a day that has been")
        return day


class ReportForm(forms.Form):
    """What the senior lead should know."""

    note = forms.CharField(
        label="What the senior lead should know",
        max_length=450,
        widget=forms.Textarea({"rows": 3}),
        help_text="What was tried is on this page for them to read.",
        error_messages={"required": "Say what the senior lead should know"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Report")


class LeadForm(forms.Form):
    """To whom persistent absence is reported."""

    lead = staff_field("Senior lead for attendance", required=False, empty_label="Nobody yet")

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lead: Any = self.fields["lead"]
        lead.queryset = staff

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save")
