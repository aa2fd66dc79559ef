"""What is asked about a school's slips: its words, mandatory parts, points target."""

from typing import Any

from django import forms

from students.slip_forms import PART_LABELS
from students.slip_log.words import USUAL

PARTS = list(PART_LABELS.items())
GROUPS = {f"{kind}-{level}".rstrip("-"): (kind, level) for kind, level in USUAL}
TITLES = {
    "category-low": "Low level: categories",
    "category-high": "High level: categories",
    "category-reward": "Rewards: categories",
    "location": "Places",
    "consequence": "Consequences",
    "response": "What staff do",
}


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
