"""What a person sets for themselves."""

from datetime import time
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms

from keywork.home.reminders.reading import HOURS
from keywork.models import User
from keywork.models.people import Theme
from keywork.outbox import kinds


def _as_bool(text: Any) -> bool:
    return str(text) == "True"


class OwnSettingsForm(forms.ModelForm):
    theme = forms.ChoiceField(
        label="Colours", choices=Theme.choices, required=False, widget=forms.RadioSelect
    )
    keyboard_shortcuts = forms.BooleanField(
        label="Keyboard shortcuts",
        required=False,
        help_text="Single keys such as / for search. Turn them off if you dictate.",
    )
    digest = forms.TypedChoiceField(
        label="What is due comes as",
        choices=[("True", "One message a day"), ("False", "A message for each thing")],
        coerce=_as_bool,
        widget=forms.RadioSelect,
    )
    digest_at = forms.TypedChoiceField(
        label="Told from",
        choices=[(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in HOURS],
        coerce=time.fromisoformat,
        help_text="On school days of your school, within its hours for messages.",
    )
    wanted = forms.MultipleChoiceField(
        label="By e-mail as well",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="What you leave out is told under Notices alone. Some messages always come.",
    )

    class Meta:
        model = User
        fields = ["known_as", "theme", "keyboard_shortcuts", "digest", "digest_at"]
        labels = {"known_as": "First name shown"}
        help_texts = {"known_as": "What colleagues call you. Empty: the name the office recorded."}

    def __init__(self, data: Any = None, *, instance: User) -> None:
        optional = [kind for kind in kinds() if kind.optional]
        initial = {
            "digest": str(instance.digest),
            "digest_at": f"{instance.digest_at:%H:%M}",
            "wanted": [one.name for one in optional if one.name not in instance.declined_messages],
        }
        super().__init__(data, instance=instance, initial=initial)
        wanted = self.fields["wanted"]
        wanted.choices = [(kind.name, kind.label) for kind in optional]  # type: ignore[attr-defined]
        self.helper = FormHelper()
        self.helper.form_tag = False

    def settings(self) -> dict[str, Any]:
        """Give the valid form's values as the service takes them."""
        values = dict(self.cleaned_data)
        wanted = values.pop("wanted")
        names = [kind.name for kind in kinds() if kind.optional]
        return {**values, "declined_messages": [name for name in names if name not in wanted]}
