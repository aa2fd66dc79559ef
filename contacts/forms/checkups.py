"""A teacher's answer to a check-up."""

from typing import Any

from django import forms

from contacts.models import CheckupAnswer

SAY_WHAT = "Say in a sentence what needs action"


class CheckupAnswerForm(forms.Form):
    """One tap, or a flag with a sentence; each student's card is such a form."""

    checkup = forms.CharField(max_length=10)
    answer = forms.ChoiceField(
        choices=CheckupAnswer.Answer,
        error_messages={"required": "Choose “Nothing to flag”, or flag something"},
    )
    note = forms.CharField(
        required=False,
        max_length=500,
        error_messages={"max_length": "Keep it to one sentence of at most 500 characters"},
    )

    def clean(self) -> dict[str, Any]:
        """A flag needs its sentence."""
        cleaned = super().clean() or {}
        flagged = cleaned.get("answer") == CheckupAnswer.Answer.FLAG
        if flagged and not cleaned.get("note") and "note" not in self.errors:
            self.add_error("note", SAY_WHAT)
        return cleaned
