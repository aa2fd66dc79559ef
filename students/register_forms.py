"""Forms about marks: a talk, a question to the office, its answer, agreed hours."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.forms import DayField, DayForm, form_helper
from keywork.merging import MergingForm
from students.models import PartTimeTimetable, RegisterQuery, Session
from students.rules.attendance import CODES

CODE_CHOICES = [
    ("", "Not sure"),
    *((each.code, f"{each.code}  {each.meaning}") for each in CODES.values()),
]
ANSWERS = [
    (RegisterQuery.Status.CHANGED.value, "Changed in the register"),
    (RegisterQuery.Status.STANDS.value, "Checked, and the mark stands"),
]


class MarkForm(DayForm, forms.Form):
    """A form about one session that has been: its date, and which half of the day."""

    day = DayField(past=True, label="Which day")
    session = forms.ChoiceField(
        choices=Session,
        widget=forms.RadioSelect,
        label="Morning or afternoon",
        error_messages={"required": "Choose morning or afternoon"},
    )

    def clean_day(self) -> Any:
        """Refuse a day to come: there is no mark yet."""
        day = self.cleaned_data["day"]
        if day > self.on:
            raise forms.ValidationError("Enter a day that has been")
        return day


class TalkForm(MarkForm):
    """What was said about an absence or lateness."""

    said = forms.CharField(
        label="What was said",
        widget=forms.Textarea({"rows": 4}),
        help_text="In the student’s words where you can. Promise nothing.",
        error_messages={"required": "Say what the student told you"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save talk")


class QueryForm(MarkForm):
    """A question to the office about a mark."""

    text = forms.CharField(
        label="What to check",
        widget=forms.Textarea({"rows": 3}),
        help_text="Such as: this M was a routine appointment, seen in the morning.",
        error_messages={"required": "Say what the office should check"},
    )
    suggested_code = forms.ChoiceField(
        choices=CODE_CHOICES, required=False, label="The code you would expect"
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Send to the office")


class AnswerForm(forms.Form):
    """The office's answer."""

    status = forms.ChoiceField(
        choices=ANSWERS,
        widget=forms.RadioSelect,
        label="What you found",
        error_messages={"required": "Choose what you found"},
    )
    answer = forms.CharField(
        label="Answer",
        widget=forms.Textarea({"rows": 3}),
        help_text="Change the mark in the register itself: it comes here with the next import.",
        error_messages={"required": "Write an answer for the person who asked"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Send answer")


class PartTimeForm(MergingForm, DayForm, forms.ModelForm):
    """Hours agreed for a time."""

    start = DayField(label="First day")
    end = DayField(required=False, label="Last day")
    review_on = DayField(required=False, label="Look again on")
    sessions_a_week = forms.IntegerField(
        min_value=1,
        max_value=10,
        label="Sessions a week",
        help_text="A full week has ten: five mornings, five afternoons.",
        error_messages={"required": "Enter how many sessions a week"},
    )

    class Meta:
        model = PartTimeTimetable
        fields = ("start", "end", "review_on", "sessions_a_week", "agreed")
        labels = {"agreed": "What was agreed, and with whom"}
        widgets = {"agreed": forms.Textarea({"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save")

    def clean(self) -> dict[str, Any]:
        """Check what two fields say together."""
        values = super().clean() or {}
        start, end = values.get("start"), values.get("end")
        if start and end and end < start:
            self.add_error("end", "The last day comes after the first")
        return values

    def _post_clean(self) -> None:
        """Leave overlaps and saving to the service, which looks under its lock."""
