"""What is asked about a member of staff."""

from typing import Any

from django import forms

from keywork.roles import Role


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
