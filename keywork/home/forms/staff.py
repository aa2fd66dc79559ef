"""What is asked about a member of staff."""

from dataclasses import fields
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.contrib.auth.validators import UnicodeUsernameValidator

from keywork.forms import DayField, DayForm
from keywork.merging import MergingForm
from keywork.roles import HOME_ORDER, Role
from keywork.staff_services import AccountValues, PostValues


class StaffFilter(forms.Form):
    q = forms.CharField(label="Name, username or e-mail", required=False, max_length=80)
    role = forms.ChoiceField(
        label="Role", required=False, choices=[("", "Every role"), *Role.choices]
    )
    left = forms.BooleanField(label="Include those who left", required=False)

    def values(self) -> dict[str, Any]:
        """Give what is filtered by; a value that makes no sense filters nothing."""
        self.is_valid()
        return {name: self.cleaned_data.get(name) or "" for name in ("q", "role", "left")}


class StaffForm(MergingForm, DayForm, forms.Form):
    first_name = forms.CharField(
        max_length=150, error_messages={"required": "Enter the first name"}
    )
    last_name = forms.CharField(max_length=150, error_messages={"required": "Enter the last name"})
    username = forms.CharField(
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        error_messages={"required": "Enter a username, such as p.jones"},
    )
    email = forms.EmailField(
        label="Work e-mail",
        max_length=254,
        help_text="Their sign-in e-mail goes there.",
        error_messages={
            "required": "Enter the work e-mail address",
            "invalid": "Enter an e-mail address, like p.jones@school.sch.uk",
        },
    )
    roles = forms.MultipleChoiceField(
        label="Roles at this school", required=False, widget=forms.CheckboxSelectMultiple
    )
    job_title = forms.CharField(max_length=120, required=False)
    starts_on = DayField(
        label="First day", required=False, help_text="Empty: has always been here."
    )
    ends_on = DayField(
        label="Last day",
        required=False,
        help_text="Their access ends after it. A last day of today or before signs them out now.",
    )
    capacity = forms.IntegerField(
        label="Students at most",
        required=False,
        min_value=0,
        max_value=99,
        help_text="Empty: the key-work model's limit.",
    )
    induction_completed_on = DayField(label="Induction completed", required=False, past=True)
    qualification = forms.CharField(max_length=250, required=False)
    dbs_checked_on = DayField(label="DBS certificate seen", required=False, past=True)

    def __init__(
        self, *args: Any, roles: frozenset[Role], with_account: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        offered: Any = self.fields["roles"]
        offered.choices = [(r.value, r.label) for r in HOME_ORDER if r in roles]
        self.with_account = with_account
        if not with_account:
            for name in ACCOUNT:
                del self.fields[name]
        self.remember(roles=frozenset(self.initial.get("roles", ())) & roles)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.layout = _layout(with_account=with_account)

    def clean(self) -> dict[str, Any]:
        """Check that the last day is not before the first."""
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "The last day is before the first day.")
        return values

    def account(self) -> AccountValues:
        """Give what was entered about the account, where it was asked."""
        return AccountValues(**{name: self.cleaned_data[name] for name in ACCOUNT})

    def post(self) -> PostValues:
        """Give what was entered about the post."""
        return PostValues(**{name: self.cleaned_data[name] for name in POST})

    def chosen_roles(self) -> frozenset[Role]:
        """Give the roles that were ticked."""
        return frozenset(Role(value) for value in self.cleaned_data["roles"])


ACCOUNT = tuple(field.name for field in fields(AccountValues))
POST = tuple(field.name for field in fields(PostValues))


def _layout(*, with_account: bool) -> Layout:
    account = [
        Div("first_name", "last_name", css_class="field-row"),
        Div("username", "email", css_class="field-row"),
    ]
    return Layout(
        "seen",
        *(account if with_account else ()),
        "roles",
        HTML('<h2 class="mt-4 mb-2">Post</h2>'),
        Div("job_title", "capacity", css_class="field-row"),
        Div("starts_on", "ends_on", css_class="field-row"),
        HTML('<h2 class="mt-4 mb-2">Fit to key-work</h2>'),
        Div("induction_completed_on", "dbs_checked_on", css_class="field-row"),
        "qualification",
    )
