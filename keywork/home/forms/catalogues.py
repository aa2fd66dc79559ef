"""What is asked about a school's slips and sessions: words, mandatory parts, points target."""

from typing import Any

from django import forms

from sessions.models import KeyworkSession
from students.slip_forms import PART_LABELS
from students.slip_log.words import OF_SESSIONS, USUAL

PARTS = list(PART_LABELS.items())
OFFERED = {**USUAL, **OF_SESSIONS}
GROUPS = {f"{kind}-{level}".rstrip("-"): (kind, level) for kind, level in OFFERED}
TITLES = {
    "category-low": "Low level: categories",
    "category-high": "High level: categories",
    "category-reward": "Rewards: categories",
    "location": "Places",
    "consequence": "Consequences",
    "response": "What staff do",
    "session_place": "Sessions: places",
    "session_theme": "Sessions: themes",
}
# What stands beside a school's own words and cannot be taken off.
ALWAYS = {"session_theme": KeyworkSession.Theme.labels}
LONGEST = {"session_place": 80}


class SlipRulesForm(forms.Form):
    points_target = forms.IntegerField(
        label="Points a week to aim for",
        min_value=1,
        max_value=1000,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
        error_messages={
            "required": "Enter a number, like 100",
            "invalid": "Enter a whole number, like 100",
        },
    )
    low = forms.MultipleChoiceField(
        label="A low-level slip must have",
        choices=PARTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    high = forms.MultipleChoiceField(
        label="A high-level slip must have",
        choices=PARTS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class WordForm(forms.Form):
    """A word, and for a category its points."""

    name = forms.CharField(
        label="Word",
        max_length=100,
        widget=forms.TextInput({"class": "form-control", "autocomplete": "off"}),
        error_messages={"required": "Enter a word"},
    )
    points = forms.IntegerField(
        label="Points",
        required=False,
        min_value=-100,
        max_value=100,
        widget=forms.NumberInput({"class": "form-control", "inputmode": "numeric"}),
        error_messages={"invalid": "Enter a whole number"},
    )

    def __init__(self, *args: Any, group: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not group.startswith("category"):
            del self.fields["points"]
        self.always = {
            *ALWAYS.get(group, ()),
            *(KeyworkSession.Theme.values if group in ALWAYS else ()),
        }
        self.longest = LONGEST.get(group)

    def clean_name(self) -> str:
        """Refuse a word that is always offered, and one that no record has room for."""
        name: str = self.cleaned_data["name"]
        if name.casefold() in {word.casefold() for word in self.always}:
            raise forms.ValidationError(f"“{name}” is there already")
        if self.longest and len(name) > self.longest:
            raise forms.ValidationError(f"Use {self.longest} characters at most")
        return name
