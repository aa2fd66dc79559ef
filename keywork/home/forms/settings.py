"""What is asked about a school's calendar and key-work models."""

from dataclasses import fields
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.calendar_services import ClosedDayValues, HalfTermValues
from keywork.forms import DayField, DayForm
from keywork.key_work_presets import KeyWorkParameters
from keywork.merging import MergingForm
from keywork.models import ClosedDay, KeyWorkModel
from sessions.models import KeyworkSession


class DatesForm(MergingForm, DayForm, forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, Any]:
        """An empty last day of closed days is the first; it is never before it."""
        values = super().clean() or self.cleaned_data
        if values.get("start") and not values.get("end") and "end" not in self.errors:
            values["end"] = values["start"]
        first, last = values.get("start"), values.get("end")
        if first and last and last < first:
            self.add_error("end", "The last day is before the first day.")
        return values


class HalfTermForm(DatesForm):
    term = forms.CharField(
        max_length=60,
        help_text="Such as Autumn 2026. Half terms with the same term belong together.",
        error_messages={"required": "Enter the term, such as Autumn 2026"},
    )
    name = forms.CharField(
        label="Half term",
        max_length=100,
        help_text="Such as Autumn 1.",
        error_messages={"required": "Enter a name, such as Autumn 1"},
    )
    start = DayField(label="First day")
    end = DayField(label="Last day")

    def values(self) -> HalfTermValues:
        """Give what was entered."""
        return HalfTermValues(**self.typed)


class ClosedDayForm(DatesForm):
    kind = forms.ChoiceField(
        label="What", choices=ClosedDay.Kind.choices, widget=forms.RadioSelect, initial="inset"
    )
    name = forms.CharField(
        label="Name", max_length=100, required=False, help_text="Such as Snow, or Polling day."
    )
    start = DayField(label="First day")
    end = DayField(label="Last day", required=False, help_text="Empty: that day alone.")

    def values(self) -> ClosedDayValues:
        """Give what was entered."""
        return ClosedDayValues(**self.typed)


class LengthsField(forms.Field):
    """Lengths in minutes: "20, 30"."""

    def prepare_value(self, value: Any) -> Any:
        """Show a list as it is typed."""
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def to_python(self, value: Any) -> tuple[int, ...]:
        """Give the lengths; raises ValidationError."""
        parts = [part.strip() for part in str(value or "").split(",")]
        if not all(part.isdecimal() for part in parts if part):
            raise forms.ValidationError("Enter whole minutes, like 20 or 20, 30")
        return tuple(int(part) for part in parts if part)


class FocusesField(forms.Field):
    """Focuses in turn: "EHC plan, IEP"; empty where none is suggested."""

    choices = KeyworkSession.Focus.choices

    def prepare_value(self, value: Any) -> Any:
        """Show a list as it is typed."""
        labels = dict(self.choices)
        if isinstance(value, list | tuple):
            return ", ".join(labels.get(each, each) for each in value)
        return value

    def to_python(self, value: Any) -> tuple[str, ...]:
        """Give the focuses as stored; raises ValidationError."""
        known = {label.casefold(): key for key, label in self.choices}
        known |= {key: key for key in KeyworkSession.Focus.values}
        parts = [" ".join(part.split()) for part in str(value or "").split(",")]
        unknown = [part for part in parts if part and part.casefold() not in known]
        if unknown:
            offered = ", ".join(label for _, label in self.choices)
            raise forms.ValidationError(f"“{unknown[0]}” is no focus. Choose from: {offered}")
        return tuple(known[part.casefold()] for part in parts if part)


LABELS = {
    "session_every_school_days": "School days from one session to the next",
    "sessions_per_half_term": "Sessions in a half term",
    "sessions_per_term": "Sessions in a term",
    "session_minutes": "Lengths offered, in minutes",
    "session_minutes_max": "Longest session, in minutes",
    "weekly_call": "Speak to home every school week",
    "same_day_high_incident": "Call on the day of a high-level incident",
    "same_day_low_incidents": "Call once there are this many low-level incidents in a day",
    "same_day_reward": "Call for a reward marked worth a call",
    "same_day_absence_lateness": "Call for an unexplained absence, and for lateness",
    "targets_per_student_max": "Open targets a student has at most",
    "weekly_targets": "Set a target every school week",
    "teacher_checkup": "Ask every teacher of the student weekly",
    "termly_report": "A report each term",
    "pupil_on_a_page": "A pupil on a page each term",
    "iep_review": "An IEP review each term (SEN support and EHC plans)",
    "supervision": "Supervision of key workers each term",
    "caseload_max": "Students per key worker",
    "focus_rotation": "Focuses that sessions take in turn",
}
HINTS = {
    "session_minutes": "The first is offered first. Such as 20, or 20, 30.",
    "caseload_max": "More is a warning, not a block.",
    "focus_rotation": "The next that a half term lacks is suggested. In order, a comma between."
    f" Choose from: {', '.join(KeyworkSession.Focus.labels)}. Empty: none is suggested.",
}
EMPTY = "Empty: this rule does not apply."


class ModelForm(MergingForm, forms.Form):
    """The parameters of a key-work model, one field each, checked by KeyWorkParameters."""

    name = forms.CharField(max_length=100, error_messages={"required": "Give the model a name"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = {parameter.name: str(parameter.type) for parameter in fields(KeyWorkParameters)}
        for name in LABELS:
            self.fields[name] = _field(name, kinds[name])
        self.remember()
        self.helper = FormHelper()
        self.helper.form_tag = False

    @classmethod
    def initial_of(cls, model: KeyWorkModel) -> dict[str, Any]:
        """Give a model's values as the form shows them."""
        names = ["name", *LABELS]
        return {name: getattr(model, name) for name in names}

    def clean(self) -> dict[str, Any]:
        """Make the parameters; what cannot be said by one field is refused by them."""
        values = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.parameters = KeyWorkParameters(**{name: values[name] for name in LABELS})
            except ValueError as problem:
                name, _, message = str(problem).partition(": ")
                self.add_error(name, _in_words(message))
        return values


def _field(name: str, kind: str) -> forms.Field:
    label, hint = LABELS[name], HINTS.get(name, "")
    if kind == "bool":
        return forms.BooleanField(label=label, required=False)
    if name == "focus_rotation":
        return FocusesField(label=label, help_text=hint, required=False)
    if kind.startswith("tuple"):
        missing = {"required": "Enter at least one length, like 20"}
        return LengthsField(label=label, help_text=hint, error_messages=missing)
    optional = "None" in kind
    return forms.IntegerField(
        label=label,
        required=not optional,
        min_value=1,
        max_value=365,
        help_text=hint or (EMPTY if optional else ""),
        error_messages={"invalid": "Enter a whole number", "required": "Enter a number"},
    )


def _in_words(message: str) -> str:
    """Say a parameter's name as its field is called."""
    for name in sorted(LABELS, key=len, reverse=True):
        message = message.replace(name, f"“{LABELS[name]}”")
    return message[:1].upper() + message[1:]
