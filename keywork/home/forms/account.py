"""What a person sets for themselves."""

from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.models import User
from keywork.models.people import Theme


class OwnSettingsForm(forms.ModelForm):
    theme = forms.ChoiceField(
        label="Colours", choices=Theme.choices, required=False, widget=forms.RadioSelect
    )
    keyboard_shortcuts = forms.BooleanField(
        label="Keyboard shortcuts",
        required=False,
        help_text="Single keys such as / for search. Turn them off if you dictate.",
    )

    class Meta:
        model = User
        fields = ["known_as", "theme", "keyboard_shortcuts"]
        labels = {"known_as": "First name shown"}
        help_texts = {"known_as": "What colleagues call you. Empty: the name the office recorded."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
