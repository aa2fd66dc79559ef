"""Forms of what colleagues are told: what has changed, until when, and who is told."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from keywork.forms import DayField, DayForm
from keywork.merging import MergingForm
from keywork.models import User
from keywork.refs import IS_REF
from students.change_notices import Colleague
from students.models import Student
from students.models.change_notices import LONGEST
from students.names_found import NamesFoundForm

SHOWN_FOR, LONGEST_SHOWN = timedelta(days=30), timedelta(days=366)
MACHINERY = frozenset({"ref", "not_students", "seen"})


class _NoticeForm(DayForm, NamesFoundForm):
    """What has changed, for whom and how long."""

    text = forms.CharField(
        label="What has changed",
        max_length=LONGEST,
        widget=forms.Textarea({"class": "form-control", "rows": 4, "spellcheck": "true"}),
        help_text="What colleagues need in order to help; no more of the family than that.",
        error_messages={"required": "Say what has changed"},
    )
    until = DayField(
        label="Show until",
        required=False,
        help_text="The last day it counts. Empty: for 30 days.",
    )
    told = forms.MultipleChoiceField(
        label="Who is told",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "Choose from the list"},
    )

    def __init__(
        self, *args: Any, student: Student, colleagues: Sequence[Colleague], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.student = student
        self.colleagues = {each.person.ref: each for each in colleagues}
        self.fields["until"].widget.attrs["class"] += " form-control"
        told: Any = self.fields["told"]
        told.choices = [(ref, each.person.full_name) for ref, each in self.colleagues.items()]

    # What the page shows

    @property
    def around(self) -> list[tuple[int, Colleague, bool]]:
        """Give those around the student: number on the page, who, whether ticked."""
        return [row for row in self._rows() if row[1].around]

    @property
    def others(self) -> list[tuple[int, Colleague, bool]]:
        """Give the other colleagues of the school, likewise."""
        return [row for row in self._rows() if not row[1].around]

    @property
    def others_open(self) -> bool:
        """Say whether the list of the others must stand open."""
        return not self.around or any(ticked for _, _, ticked in self.others)

    def _rows(self) -> list[tuple[int, Colleague, bool]]:
        ticked = set(self["told"].value() or ())
        listed = enumerate(self.colleagues.items())
        return [(at, each, ref in ticked) for at, (ref, each) in listed]

    # Checking

    def clean_until(self) -> date:
        """Refuse a day that has been or is far off; thirty days where none is said."""
        day: date | None = self.cleaned_data["until"]
        if day and day < self.on:
            raise forms.ValidationError("This day has been: give the last day it is shown")
        if day and day > self.on + LONGEST_SHOWN:
            raise forms.ValidationError("Choose a day within a year")
        return day or self.on + SHOWN_FOR

    def clean(self) -> dict[str, Any]:
        """Check that the text names no other student."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        self.refuse_names({"text": values.get("text") or ""}, self.on)
        return values

    @property
    def people(self) -> list[User]:
        """Give whom the checked form tells."""
        return [self.colleagues[ref].person for ref in self.cleaned_data["told"]]


class TellForm(_NoticeForm):
    """A new notice."""

    ref = forms.CharField(widget=forms.HiddenInput, validators=[IS_REF])

    def clean_told(self) -> list[str]:
        """Ask for somebody to tell."""
        told: list[str] = self.cleaned_data["told"]
        if not told:
            raise forms.ValidationError("Choose who is told")
        return told


class CorrectionForm(MergingForm, _NoticeForm):
    """A notice as it stands; further people may be told."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["told"].label = "Tell these, too"
        self.remember()

    @property
    def others_open(self) -> bool:
        """Say whether somebody is ticked there."""
        return any(ticked for _, _, ticked in self.others)


def describe_notice_field(name: str, values: Sequence[str]) -> tuple[str, str]:
    """Give a field's label and its values in words; an empty label for the form's machinery."""
    if name in MACHINERY or name not in TellForm.base_fields:
        return "", ""
    filled = [each for each in values if each]
    label = str(TellForm.base_fields[name].label)
    return label, f"{len(filled)} chosen" if name == "told" else "\n".join(filled)


def place_in_notice(name: str) -> int:
    """Give what to sort a field's name by, so that fields come as on the form."""
    names = list(TellForm.base_fields)
    return names.index(name) if name in names else len(names)
