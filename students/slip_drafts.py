"""A slip not finished yet: kept as one types, under the ref that its form was given."""

from collections.abc import Sequence
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from keywork import drafts
from keywork.drafts import DraftSubject
from keywork.models import Draft, School, User
from keywork.refs import is_ref
from students.models import Student
from students.slip_forms import SlipForm

MACHINERY = frozenset({"ref", "who", "names_meant"})


def slip_draft_of(school: School, ref: str, came_from: Student | None) -> DraftSubject:
    """Give what a draft of a slip is of; ref: the one of its form."""
    asked = {"draft": ref, **({"student": came_from.ref} if came_from else {})}
    return DraftSubject(
        key=f"slip:new:{ref}",
        title=f"Slip or reward, {came_from.name}" if came_from else "Slip or reward",
        url=f"{reverse('students:slip_new')}?{urlencode(asked)}",
        school_id=school.pk,
    )


def kept_slip(owner: User, ref: str) -> Draft | None:
    """Give somebody's draft of the slip whose form had this ref, or None."""
    return drafts.find_draft(owner, f"slip:new:{ref}") if is_ref(ref) else None


def forget_slip(owner: User, ref: str, posted: QueryDict) -> None:
    """Drop the draft: the slip is saved, as posted."""
    drafts.discard_posted(owner=owner, key=f"slip:new:{ref}", posted=posted)


def version_shown(posted: QueryDict | None, draft: Draft | None) -> int:
    """Give the draft's version that a page shows: the posted one, else the stored one."""
    if posted is not None:
        return drafts.version_of(posted)
    return draft.version if draft else drafts.NO_DRAFT


def describe_slip_field(name: str, values: Sequence[str]) -> tuple[str, str]:
    """Give a field's label and its values in words; an empty label for the form's machinery."""
    field = SlipForm.base_fields.get(name)
    if field is None or name in MACHINERY:
        return "", ""
    filled = [each for each in values if each]
    if name == "students":
        return str(field.label), f"{len(filled)} chosen"
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    words = ["Yes" if each == "on" else choices.get(each, each) for each in filled]
    return str(field.label or name.capitalize()), "\n".join(words)


def place_in_slip(name: str) -> int:
    """Give what to sort a field's name by, so that fields come as on the form."""
    names = ["kind", "students", *SlipForm.base_fields]
    return names.index(name) if name in names else len(names)
