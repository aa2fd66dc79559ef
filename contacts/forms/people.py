"""The form of an adult around a student."""

import re
from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Fieldset, Layout
from django import forms

from contacts.models import StudentContact
from contacts.services.people import LINK, PERSON
from keywork.forms import DayField, DayForm, form_helper
from keywork.merging import MergingForm

PHONE = re.compile(r"\+?[\d\s().-]{7,25}(\s*(ext|x)\.?\s*\d{1,6})?", re.IGNORECASE)
ANSWERS = {"true": True, "false": False}
KNOWN = [("", "Not known"), ("true", "Yes"), ("false", "No")]


class YesNo(forms.Select):
    """A drop-down that shows a known answer as it is stored."""

    def format_value(self, value: Any) -> list[str]:
        """Give the key of the answer."""
        return [{True: "true", False: "false", None: ""}.get(value, str(value))]


def _yes_no(label: str) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label=label,
        choices=KNOWN,
        coerce=ANSWERS.get,
        empty_value=None,
        required=False,
        widget=YesNo({"class": "form-select"}),
    )


def _line(label: str, length: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **more)


def _tick(label: str, **more: Any) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, **more)


def _text(label: str, **more: Any) -> forms.CharField:
    box = forms.Textarea({"rows": 3})
    return forms.CharField(label=label, required=False, max_length=2000, widget=box, **more)


class ContactForm(MergingForm, DayForm, forms.Form):
    """Who an adult is to the student, how to reach them, and what they may be told."""

    title = _line("Title", 30)
    first_name = _line("First name", 80)
    last_name = forms.CharField(
        label="Last name", max_length=80, error_messages={"required": "Enter a last name"}
    )
    relationship = _line("Relationship", 60, help_text="Such as: mother, grandfather, carer.")
    priority = forms.IntegerField(
        label="Call them as number",
        min_value=1,
        max_value=20,
        help_text="1 is called first.",
        error_messages={"required": "Enter a number, like 1", "invalid": "Enter a number, like 1"},
    )
    parental_responsibility = _yes_no("Parental responsibility")
    lives_with = _yes_no("Lives with the student")
    receives_reports = _yes_no("Receives reports")
    phone = _line("Telephone", 40)
    email = forms.EmailField(
        label="E-mail",
        required=False,
        error_messages={"invalid": "Enter an e-mail address, like name@example.org"},
    )
    language = _line("Language", 60)
    interpreter = _yes_no("Needs an interpreter")
    address = _text("Address")
    address_confidential = _tick("Address is confidential")
    do_not_contact = _tick(
        "Must not be contacted", help_text="They can then be chosen for nothing here."
    )
    do_not_contact_reason = _text("Why")
    do_not_contact_on = DayField(label="Since", past=True, required=False)
    court_order = forms.ChoiceField(
        label="Court order",
        choices=[("", "None known"), *StudentContact.CourtOrder.choices],
        required=False,
    )
    court_order_from = DayField(label="Made on", past=True, required=False)
    court_order_until = DayField(label="Ends on", required=False)
    court_order_says = _text(
        "What it says", help_text="From the document itself, not from what somebody says of it."
    )
    court_order_forbids = _tick("It forbids contact")
    court_order_seen_on = DayField(
        label="You saw the document on",
        past=True,
        required=False,
        help_text="Your name is kept with it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.remember()

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        helper = form_helper("Save")
        helper.layout = Layout(
            "seen",
            Fieldset(
                "Who",
                Div("title", "first_name", "last_name", css_class="field-row"),
                Div("relationship", "priority", css_class="field-row"),
                Div(
                    *("parental_responsibility", "lives_with", "receives_reports"),
                    css_class="field-row",
                ),
            ),
            Fieldset(
                "How to reach them",
                Div("phone", "email", css_class="field-row"),
                Div("language", "interpreter", css_class="field-row"),
                *("address", "address_confidential"),
            ),
            Fieldset(
                "Must not be contacted",
                *("do_not_contact", "do_not_contact_reason", "do_not_contact_on"),
            ),
            Fieldset(
                "Court order",
                "court_order",
                Div("court_order_from", "court_order_until", css_class="field-row"),
                *("court_order_says", "court_order_forbids", "court_order_seen_on"),
            ),
        )
        return helper

    def clean_phone(self) -> str:
        """Refuse what is no telephone number."""
        phone: str = self.cleaned_data["phone"].strip()
        if phone and not PHONE.fullmatch(phone):
            raise forms.ValidationError("Enter a telephone number, like 07700 900123")
        return phone

    def clean(self) -> dict[str, Any]:
        """Ask why contact is forbidden, and what order forbids it."""
        values: dict[str, Any] = super().clean() or {}
        if values.get("do_not_contact") and not values.get("do_not_contact_reason"):
            self.add_error("do_not_contact_reason", "Say why they must not be contacted")
        if not values.get("do_not_contact"):
            values["do_not_contact_reason"], values["do_not_contact_on"] = "", None
        if not values.get("court_order"):
            if values.get("court_order_forbids"):
                self.add_error("court_order", "Choose which order forbids it")
            for name in ("court_order_from", "court_order_until", "court_order_seen_on"):
                values[name] = None
            values["court_order_says"] = ""
        begun, until = values.get("court_order_from"), values.get("court_order_until")
        if begun and until and until < begun:
            self.add_error("court_order_until", "An order ends after it was made")
        return values


def shown_values(link: StudentContact) -> dict[str, Any]:
    """Give an adult's values as the form shows them."""
    values = {name: getattr(link.contact, name) for name in PERSON}
    return values | {name: getattr(link, name) for name in LINK}


class EndForm(forms.Form):
    """Why somebody is no longer a contact."""

    reason = forms.CharField(
        label="Why are they no longer a contact?",
        max_length=200,
        error_messages={"required": "Say why"},
    )

    @property
    def helper(self) -> FormHelper:
        """Give the form's layout."""
        return form_helper("End this contact")
