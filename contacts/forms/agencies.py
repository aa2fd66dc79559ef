"""Forms of the directory: an agency, somebody who works there, the school's number of weeks."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms

from contacts.agency_rules import FEWEST_WEEKS, MOST_WEEKS
from contacts.models import Agency, Professional
from contacts.services.agencies import AGENCY_FIELDS, PERSON_FIELDS
from keywork.forms import form_helper
from keywork.merging import MergingForm

EMAIL_ERRORS = {"invalid": "Enter an e-mail address, like duty.team@council.example.org"}


class DirectoryFilter(forms.Form):
    """What the directory is narrowed to, in the query string."""

    q = forms.CharField(
        label="Agency, team or person",
        required=False,
        max_length=80,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
    )
    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "Every kind"), *Agency.Kind.choices],
        widget=forms.Select({"class": "form-select"}),
    )
    retired = forms.BooleanField(
        label="Include those no longer in use",
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )

    def values(self) -> dict[str, Any]:
        """Give what is filtered by; a value that makes no sense filters nothing."""
        self.is_valid()
        found = {name: self.cleaned_data.get(name) or "" for name in ("q", "kind")}
        return {**found, "retired": bool(self.cleaned_data.get("retired"))}


class AgencyForm(MergingForm, forms.ModelForm):
    """An agency of the directory."""

    class Meta:
        model = Agency
        fields = AGENCY_FIELDS
        widgets = {"notes": forms.Textarea({"rows": 2})}
        labels = {"kind": "Kind", "name": "Name", "team": "Team"}
        help_texts = {
            "team": "Such as: front door, east team.",
            "notes": "Such as: duty line until 17:00. Nothing about a student.",
        }
        error_messages = {
            "name": {"required": "Enter the agency’s name"},
            "kind": {"required": "Choose what kind of agency it is"},
            "email": EMAIL_ERRORS,
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        ways = Div("phone", "email", css_class="field-row")
        helper.layout = Layout("kind", "name", "team", ways, "notes", "seen")
        return helper

    def _post_clean(self) -> None:
        """Leave saving to the service, which looks under its lock."""


class ProfessionalForm(MergingForm, forms.ModelForm):
    """Somebody who works at an agency."""

    class Meta:
        model = Professional
        fields = PERSON_FIELDS
        labels = {"name": "Name", "job_title": "Job"}
        error_messages = {"name": {"required": "Enter their name"}, "email": EMAIL_ERRORS}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        ways = Div("phone", "email", css_class="field-row")
        helper.layout = Layout("name", "job_title", ways, "seen")
        return helper

    def _post_clean(self) -> None:
        """Leave saving to the service, which looks under its lock."""


class WeeksForm(forms.Form):
    """After how many weeks an agency should hear again."""

    weeks = forms.IntegerField(
        label="Weeks",
        min_value=FEWEST_WEEKS,
        max_value=MOST_WEEKS,
        widget=forms.TextInput({"inputmode": "numeric"}),
        help_text="Counted from the last time they were told something or met.",
        error_messages={
            "required": f"Enter {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
            "invalid": f"Enter {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
            "min_value": f"Enter {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
            "max_value": f"Enter {FEWEST_WEEKS} to {MOST_WEEKS} weeks",
        },
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("Save")
