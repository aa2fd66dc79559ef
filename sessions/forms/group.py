"""The first page of a small-group session: who was there, when, and what concerns them all."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from keywork.forms import CLOCK, DayField, DayForm, QuickCheckbox, QuickTime
from keywork.language import names_in
from keywork.merging import MergingForm
from sessions.forms.parts import Unchecked
from sessions.forms.planning import student_choices
from sessions.forms.session import LONGEST_DAY_MINUTES, short_box, text_box
from sessions.models import KeyworkSession
from sessions.services.groups import GroupValues
from students.models import Student


class SharedPartForm(forms.Form):
    """A form with the part that stands on the records of all of a group."""

    shared_details = forms.CharField(
        label="What the group talked about",
        widget=text_box(4),
        required=False,
        help_text="Stands on every student’s record, so no name of another student.",
    )
    no_names = forms.BooleanField(
        label="It is not a student’s name",
        required=False,
        widget=QuickCheckbox,
    )
    names_refused = False

    def refuse_names(self, students: Sequence[Student], *, also: str = "") -> None:
        """Keep the names of the group out of what stands on everybody's record.

        also: another field that does.
        """
        if self.cleaned_data.get("no_names"):
            return
        for field in filter(None, ("shared_details", also)):
            written = self.cleaned_data.get(field, "")
            found = [each.first_name for each in students if names_in(written, _names(each))]
            if found:
                self.names_refused = True
                self.add_error(field, self.name_refused(found[0]))

    def name_refused(self, name: str) -> str:
        """Say what to do about a name."""
        return f"Write what concerns {name} on {name}’s own page, which comes next"


class GroupForm(MergingForm, Unchecked, DayForm, SharedPartForm):
    """What all records of a group session have in common.

    others: the records of the rest of a group that was planned ahead; else None.
    """

    field_order = ("companions", "held_on", "starts_at", "minutes", "venue", "focus")
    companions = forms.MultipleChoiceField(
        label="Who else was there?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one more student"},
    )
    held_on = DayField(label="Date", past=True)
    starts_at = forms.TimeField(
        label="Start",
        input_formats=CLOCK,
        required=False,
        widget=QuickTime,
        error_messages={"invalid": "Enter a time, like 13:40"},
    )
    minutes = forms.IntegerField(
        label="Minutes",
        min_value=1,
        max_value=LONGEST_DAY_MINUTES,
        required=False,
        widget=short_box(inputmode="numeric", autocomplete="off"),
        error_messages={"invalid": "Enter the number of minutes, like 20"},
    )
    venue = forms.CharField(
        label="Place", max_length=80, required=False, widget=short_box(list="venues")
    )
    focus = forms.ChoiceField(
        label="Focus",
        choices=KeyworkSession.Focus,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the focus"},
    )

    def __init__(
        self,
        *args: Any,
        student: Student,
        candidates: Sequence[Student],
        others: Sequence[KeyworkSession] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.student, self.others = student, others or []
        self.candidates = {each.ref: each for each in candidates}
        companions: Any = self.fields["companions"]
        companions.choices = student_choices(candidates)
        companions.required = others is None

    def begin_with(self, planned: KeyworkSession) -> None:
        """Begin with what was planned ahead."""
        self.initial = {
            **self.initial,
            "companions": [each.student.ref for each in self.others],
            "held_on": min(planned.held_on, self.on),
            "starts_at": planned.starts_at,
            "minutes": planned.minutes,
            "venue": planned.venue,
            "focus": planned.focus,
            "shared_details": planned.group.shared_details if planned.group else "",
        }
        self.remember()

    def clean_held_on(self) -> date:
        """Refuse a day still to come."""
        held_on: date = self.cleaned_data["held_on"]
        if held_on > self.on:
            raise forms.ValidationError("Choose today or an earlier day")
        return held_on

    def clean(self) -> dict[str, Any]:
        """Look for names in the part that stands on everybody's record."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        planned = [each.student for each in self.others]
        self.refuse_names(list(dict.fromkeys([*self.students(), *planned])))
        return cleaned

    def students(self) -> list[Student]:
        """Give who was there: the student one came from first."""
        chosen = self.cleaned_data.get("companions", [])
        return [self.student, *(self.candidates[ref] for ref in chosen)]

    def group_values(self) -> GroupValues:
        """Give what the records have in common."""
        names = ("held_on", "starts_at", "minutes", "venue", "focus", "shared_details")
        return GroupValues(**{name: self.cleaned_data[name] for name in names})


def _names(student: Student) -> tuple[str, ...]:
    """Give all that a student may be called; somebody's record can be read by their family."""
    return (student.first_name, student.legal_first_name, student.legal_last_name)
