"""Forms about the agencies around a student: involvement, what was told, meetings, advice."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms

from contacts.forms.followups import staff_field
from contacts.models import (
    Agency,
    AgencyAdvice,
    AgencyContact,
    Involvement,
    Professional,
    Shared,
)
from contacts.services.involvements import Agreed
from keywork.forms import DayField, DayForm, LongSelect, form_helper
from keywork.merging import MergingForm

ACTIONS = 3


def _text(label: str, required: str = "", *, rows: int = 3, hint: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(required),
        widget=forms.Textarea({"rows": rows}),
        help_text=hint,
        error_messages={"required": required} if required else None,
    )


def _line(
    label: str, required: str = "", *, longest: int = 120, hint: str = ""
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=bool(required),
        max_length=longest,
        help_text=hint,
        error_messages={"required": required} if required else None,
    )


def _agency_field(label: str) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        queryset=Agency.objects.none(),
        to_field_name="ref",
        label=label,
        widget=LongSelect,
        empty_label="Choose",
        error_messages={
            "required": "Choose the agency; the directory takes new ones",
            "invalid_choice": "Choose an agency of the list",
        },
    )


def _sorts_field(label: str, hint: str) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label,
        required=False,
        choices=Shared,
        widget=forms.CheckboxSelectMultiple,
        help_text=hint,
    )


class _PastDays(DayForm, forms.Form):
    """Refuses days to come in the fields named `past_days`."""

    past_days: tuple[str, ...] = ()

    def clean(self) -> dict[str, Any]:
        """Refuse days to come."""
        found: dict[str, Any] = super().clean() or {}
        for name in self.past_days:
            day = found.get(name)
            if day and day > self.on:
                self.add_error(name, "Enter a day that has been")
        return found


class InvolvementForm(MergingForm, _PastDays):
    """An agency around a student, and what it may be told."""

    past_days = ("consent_on",)
    agency = _agency_field("Agency")
    person = forms.ModelChoiceField(
        queryset=Professional.objects.none(),
        to_field_name="ref",
        label="Who there",
        required=False,
        widget=LongSelect,
        empty_label="Nobody in particular",
    )
    role = _line("What they do", hint="Such as: social worker, weekly speech sessions.")
    started_on = DayField(past=True, label="Since")
    ended_on = DayField(past=True, required=False, label="Until", help_text="Empty while it runs.")
    keep_informed = forms.BooleanField(
        required=False, initial=True, label="Keep them informed: ask for an update when it is time"
    )
    consent = forms.ChoiceField(
        label="Consent to share",
        choices=Involvement.Consented,
        widget=forms.RadioSelect,
        initial=Involvement.Consented.NOT_ASKED,
        error_messages={"required": "Choose how consent stands"},
    )
    consent_by = _line(
        "Who said so", longest=160, hint="Such as: Mum, on the telephone. Or which law."
    )
    consent_on = DayField(past=True, required=False, label="When")
    consent_ends_on = DayField(required=False, label="Until", help_text="Empty: no end agreed.")
    may_share = _sorts_field("What may be shared", "As agreed with whoever gave consent.")

    def __init__(
        self, *args: Any, agencies: Any, people: Any, record: Involvement | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["agency"].queryset = agencies
        fields["person"].queryset = people
        fields["person"].label_from_instance = lambda each: f"{each.name}, {each.agency}"
        if record:
            self.remember(agency=record.agency, person=record.person)

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        parts: list[Any] = [
            "agency",
            "person",
            "role",
            Div("started_on", "ended_on", css_class="field-row"),
            "keep_informed",
            "consent",
            "consent_by",
            Div("consent_on", "consent_ends_on", css_class="field-row"),
            "may_share",
        ]
        helper.layout = Layout(*parts, *(["seen"] if "seen" in self.fields else []))
        return helper


class AgencyContactForm(_PastDays):
    """What an agency was told, or told the school."""

    past_days = ("happened_on",)
    direction = forms.ChoiceField(
        label="Which way",
        choices=AgencyContact.Direction,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who told whom"},
    )
    whom = _line("With whom")
    happened_on = DayField(past=True, label="When")
    how = forms.ChoiceField(
        label="How",
        choices=AgencyContact.How,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how"},
    )
    about = _sorts_field("About", "Tick all that you told them about.")
    text = _text("What was said", "Say what was said", hint="Short, and only what they need.")
    without_consent_because = _text(
        "Why without consent",
        rows=2,
        hint="Only where consent does not cover it: who decided, and on what ground.",
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        helper.layout = Layout(
            "direction",
            Div("whom", "happened_on", css_class="field-row"),
            "how",
            "about",
            "text",
            "without_consent_because",
        )
        return helper


class MeetingForm(_PastDays):
    """A meeting that somebody of the school went to, and what was agreed there."""

    past_days = ("held_on",)
    agency = _agency_field("Whose meeting")
    title = _line("Which meeting", "Say which meeting it was", hint="Such as: core group.")
    held_on = DayField(past=True, label="When")
    attended_by = staff_field("Who went", empty_label="Choose")
    attended_as = _line("As", "Say as what they went", longest=80, hint="Such as: key worker.")
    others = _line("Who else was there", longest=300)
    notes = _text("What was said and agreed", "Say what was said and agreed", rows=5)

    def __init__(self, *args: Any, agencies: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["agency"].queryset = agencies
        fields["attended_by"].queryset = staff
        fields["attended_by"].error_messages["required"] = "Choose who went"
        for number in range(1, ACTIONS + 1):
            owner = staff_field(f"Who does {number}", required=False, empty_label="Somebody else")
            owner.queryset = staff
            self.fields |= {
                f"action_{number}": _line(f"To do {number}", longest=500),
                f"owner_{number}": owner,
                f"owner_name_{number}": _line(f"Somebody else for {number}", longest=80),
                f"due_{number}": DayField(required=False, label=f"By, for {number}"),
            }
            due: Any = self.fields[f"due_{number}"]
            due.today_is(self.on)

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save meeting")
        rows = [
            Div(
                f"action_{number}",
                Div(
                    f"owner_{number}",
                    f"owner_name_{number}",
                    f"due_{number}",
                    css_class="field-row",
                ),
                css_class="mb-3",
            )
            for number in range(1, ACTIONS + 1)
        ]
        helper.layout = Layout(
            "agency",
            Div("title", "held_on", css_class="field-row"),
            Div("attended_by", "attended_as", css_class="field-row"),
            "others",
            "notes",
            HTML('<h3 class="mt-4">What was agreed</h3>'),
            HTML('<p class="small muted">Each goes on Follow-ups until it is done.</p>'),
            *rows,
        )
        return helper

    def clean(self) -> dict[str, Any]:
        """Ask for an owner and a day of what was agreed."""
        found = super().clean()
        for number in range(1, ACTIONS + 1):
            if not found.get(f"action_{number}"):
                continue
            if not (found.get(f"owner_{number}") or found.get(f"owner_name_{number}")):
                self.add_error(f"owner_{number}", "Choose who does it, or name somebody else")
            due, held = found.get(f"due_{number}"), found.get("held_on")
            if due is None and f"due_{number}" not in self.errors:
                self.add_error(f"due_{number}", "Enter a date, like 12/11/2026")
            elif due and held and due < held:
                self.add_error(f"due_{number}", "That is before the meeting")
        return found

    def meeting(self) -> dict[str, Any]:
        """Give the meeting's own values, of a valid form."""
        names = ("agency", "title", "held_on", "attended_by", "attended_as", "others", "notes")
        return {name: self.cleaned_data[name] for name in names}

    def agreed(self) -> Iterator[Agreed]:
        """Give what was agreed, of a valid form."""
        found = self.cleaned_data
        for number in range(1, ACTIONS + 1):
            if found[f"action_{number}"]:
                due: date = found[f"due_{number}"]
                yield Agreed(
                    found[f"action_{number}"],
                    found[f"owner_{number}"],
                    found[f"owner_name_{number}"],
                    due,
                )


class AdviceForm(MergingForm, _PastDays):
    """Advice on whether to involve an agency, and the decision."""

    past_days = ("asked_on",)
    about = _line("Which agency", "Say which agency it is about", longest=160)
    question = _text("What you asked", "Say what you asked")
    adviser = _line(
        "Who advised",
        "Say who advised you",
        longest=160,
        hint="Name and role, such as: Ms Wrigley, safeguarding lead.",
    )
    asked_on = DayField(past=True, label="When")
    advice = _text("What they advised")
    decision = forms.ChoiceField(
        label="Decision",
        choices=AgencyAdvice.Decision,
        widget=forms.RadioSelect,
        initial=AgencyAdvice.Decision.OPEN,
        error_messages={"required": "Choose what was decided"},
    )
    reason = _text("Why", rows=2, hint="What decided it, either way.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        asked = Div("adviser", "asked_on", css_class="field-row")
        helper.layout = Layout("about", "question", asked, "advice", "decision", "reason", "seen")
        return helper
