"""Forms about what somebody raised: writing it down, changing it, answering, telling."""

from datetime import date
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms

from contacts.models import FollowUp
from keywork.forms import DayField, DayForm, LongSelect, form_helper
from keywork.merging import MergingForm
from keywork.models import User


def staff_field(label: str, **more: Any) -> forms.ModelChoiceField:
    """A drop-down of staff, who are named by their ref; a form sets its queryset."""
    return forms.ModelChoiceField(
        queryset=User.objects.none(),
        to_field_name="ref",
        label=label,
        widget=LongSelect,
        **more,
    )


class _OwnedForm(DayForm, forms.Form):
    """What it is about, who sees to it and by when."""

    text = forms.CharField(
        label="What they said",
        max_length=500,
        widget=forms.Textarea({"rows": 3}),
        help_text="In their words where you can.",
        error_messages={"required": "Say what they said"},
    )
    owner = staff_field("Who sees to it", required=False, empty_label="Somebody else")
    owner_name = forms.CharField(
        label="Somebody else",
        required=False,
        max_length=80,
        help_text="Only where it is nobody in the list, such as: school nurse.",
    )
    due_on = DayField(label="Answer by")

    def __init__(self, *args: Any, staff: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner: Any = self.fields["owner"]
        owner.queryset = staff

    def clean(self) -> dict[str, Any]:
        """Ask for an owner."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors.get("owner") and not (found.get("owner") or found.get("owner_name")):
            self.add_error("owner", "Choose who sees to it, or name somebody else")
        return found


class RaiseForm(_OwnedForm):
    """Something a parent, student, colleague or agency said that needs an answer."""

    raised_by = forms.ChoiceField(
        label="Who raised it",
        choices=FollowUp.RaisedBy,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who raised it"},
    )
    raiser_name = forms.CharField(
        label="Their name",
        required=False,
        max_length=120,
        help_text="Such as: Mum. Leave it empty where the student raised it.",
    )
    raised_on = DayField(past=True, label="When")
    reply_wanted = forms.BooleanField(
        required=False, initial=True, label="Tell them what was done about it"
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        helper.layout = Layout(
            "raised_by",
            Div("raiser_name", "raised_on", css_class="field-row"),
            "text",
            Div("owner", "owner_name", css_class="field-row"),
            "due_on",
            "reply_wanted",
        )
        return helper

    def clean_raised_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["raised_on"]
        if day > self.on:
            raise forms.ValidationError("Enter a day that has been")
        return day


class ChangeForm(MergingForm, _OwnedForm):
    """Other words, another owner, another day."""

    def __init__(self, *args: Any, shown_owner: User | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember(owner=shown_owner)

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        owner = Div("owner", "owner_name", css_class="field-row")
        helper.layout = Layout("text", owner, "due_on", "seen")
        return helper


class AnswerForm(forms.Form):
    """What was done."""

    answer = forms.CharField(
        label="What was done",
        widget=forms.Textarea({"rows": 3}),
        help_text="As you would say it to whoever raised it. If nothing can be done, say why.",
        error_messages={"required": "Say what was done"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save answer")


class ToldForm(DayForm, forms.Form):
    """That whoever raised it knows."""

    told_on = DayField(past=True, label="Told on")
    how = forms.CharField(
        label="How",
        required=False,
        max_length=200,
        help_text="Such as: on the telephone, in our session.",
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("They know")

    def clean_told_on(self) -> date:
        """Refuse a day to come."""
        day: date = self.cleaned_data["told_on"]
        if day > self.on:
            raise forms.ValidationError("Enter a day that has been")
        return day
