"""The fields of a call's draft in words, for the page that compares two of them."""

from collections.abc import Sequence

from contacts.forms.calls import CallForm

MACHINERY = frozenset({"ref", "not_students"})
NAMED_BY_REF = frozenset({"adult", "about", "asked_owner", "student_owner"})


def describe_call_field(name: str, values: Sequence[str]) -> tuple[str, str]:
    """Give a field's label and its values in words; an empty label for the form's machinery."""
    if name in MACHINERY or name not in CallForm.base_fields:
        return "", ""
    field = CallForm.base_fields[name]
    if name in NAMED_BY_REF:
        return str(field.label), f"{len([each for each in values if each])} chosen"
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    words = [choices.get(value, value) for value in values if value]
    return str(field.label or "Try again"), "\n".join(words)


def place_in_call(name: str) -> int:
    """Give what to sort a field's name by, so that fields come as on the form."""
    names = list(CallForm.base_fields)
    return names.index(name) if name in names else len(names)
