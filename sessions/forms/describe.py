"""The fields of a log form's draft in words, for the page that compares two of them."""

import re
from collections.abc import Sequence

from django import forms

from sessions.forms.afterwards import ActionForm
from sessions.forms.log import LogForm
from sessions.forms.parts import JudgementForm, TargetForm

MACHINERY = frozenset(
    {"ref", "target_count", "action_count", "day_offered", "next_offered", "settles"}
)
LABELS = {
    "pupil_voice": "The student’s view",
    "text": "What the student will do",
    "outcome": "How it went",
    "student_agreed": "The student agreed",
}
PARTS: dict[str, tuple[type[forms.Form], str]] = {
    "judge": (JudgementForm, "Last target"),
    "target": (TargetForm, "New target"),
    "action": (ActionForm, "Afterwards"),
}
PART_NAME = re.compile(r"(judge|target|action)-([0-9a-z]+)-(\w+)")


def describe_field(name: str, values: Sequence[str]) -> tuple[str, str]:
    """Give a field's label and its values in words; an empty label for the form's machinery."""
    if name in MACHINERY:
        return "", ""
    match = PART_NAME.fullmatch(name)
    form, heading = PARTS[match[1]] if match else (LogForm, "")
    own_name = match[3] if match else name
    field = form.base_fields.get(own_name)
    label = (field.label if field else "") or LABELS.get(own_name, own_name)
    if match and match[1] != "judge":
        heading = f"{heading} {match[2]}"
    words = [_in_words(field, value) for value in values if value]
    return (f"{heading}: {label}" if heading else str(label)), "\n".join(words)


def place_in_form(name: str) -> tuple[int, str, int]:
    """Give what to sort a field's name by, so that fields come as on the form.

    The database keeps a draft's fields in an order of its own.
    """
    match = PART_NAME.fullmatch(name)
    form = PARTS[match[1]][0] if match else LogForm
    names = list(form.base_fields)
    own_name = match[3] if match else name
    part = [*PARTS].index(match[1]) + 1 if match else 0
    at = names.index(own_name) if own_name in names else len(names)
    return part, match[2] if match else "", at


def _in_words(field: forms.Field | None, value: str) -> str:
    """A choice as its label, a tick as "Yes", a text as it stands."""
    if isinstance(field, forms.BooleanField):
        return "Yes"
    choices = dict(getattr(field, "choices", ()))
    found = {str(key): str(label) for key, label in choices.items()}
    return found.get(value, value)
