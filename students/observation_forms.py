"""Forms of what was noticed of a student's wellbeing."""

from datetime import date
from typing import Any

from django import forms

from keywork.forms import DayField, DayForm
from keywork.merging import MergingForm
from students.models import Observation, Student
from students.models.observations import LONGEST_OBSERVATION
from students.names_found import NamesFoundForm


class ObservationForm(DayForm, NamesFoundForm):
    """What was noticed, what it is about, and when."""

    kind = forms.ChoiceField(
        label="What is it about?",
        choices=Observation.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is about"},
    )
    text = forms.CharField(
        label="What did you notice?",
        max_length=LONGEST_OBSERVATION,
        widget=forms.Textarea({"class": "form-control", "rows": 4, "spellcheck": "true"}),
        help_text="What you saw and heard, not what you think is behind it. A worry about safety"
        " goes to the safeguarding lead now, not here.",
        error_messages={"required": "Write what you noticed"},
    )
    noticed_on = DayField(label="When", past=True)

    def __init__(self, *args: Any, student: Student, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.student = student
        self.fields["noticed_on"].widget.attrs["class"] += " form-control"

    def clean_noticed_on(self) -> date:
        """Refuse a day still to come."""
        day: date = self.cleaned_data["noticed_on"]
        if day > self.on:
            raise forms.ValidationError("Choose today or an earlier day")
        return day

    def clean(self) -> dict[str, Any]:
        """Check that the text names no other student."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self.refuse_names({"text": values.get("text") or ""}, self.on)
        return values


class ObservationCorrectionForm(MergingForm, ObservationForm):
    """An observation as it stands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()
