"""A key worker asks those who assign for a change of caseload."""

from hashlib import sha256
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from keywork.access import Viewer
from keywork.models import User
from keywork.outbox import MessageKind, NewMessage, queue_all, register
from keywork.roles import CAPABILITIES, Capability
from students.models import Student

KIND = "caseload_change"
ASSIGNING = [role for role, able in CAPABILITIES.items() if Capability.MANAGE_ASSIGNMENTS in able]


class NobodyAssignsError(Exception):
    """Nobody at the school but who asks, if they, may change who is whose key worker."""


def register_kind() -> None:
    """Make it known to the outbox: a notice in Keywork alone, so no e-mail says anything."""
    register(MessageKind(KIND, "Changes of caseload asked for", lambda rows, now: {}))


def own_students(viewer: Viewer) -> QuerySet[Student]:
    """Give whom the viewer is key worker of at the chosen school, by name."""
    mine = Student.objects.in_full_for(viewer).caseload_of(viewer.user, viewer.on)
    return mine.filter(school=viewer.chosen_school).by_name()


class ChangeForm(forms.Form):
    """What should change, and for whom where it is about one student."""

    student = forms.ModelChoiceField(
        queryset=Student.objects.none(),
        to_field_name="ref",
        required=False,
        empty_label="No one student",
        label="About",
        widget=forms.Select({"class": "form-select"}),
    )
    text = forms.CharField(
        label="What should change, and why",
        max_length=600,
        widget=forms.Textarea({"class": "form-control", "rows": 4, "spellcheck": "true"}),
        help_text="Such as: six students is one too many to see three times this half term.",
        error_messages={"required": "Say what should change"},
    )

    def __init__(self, *args: Any, students: QuerySet[Student], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["student"].queryset = students  # type: ignore[attr-defined] # of this field


@transaction.atomic
def ask_for_change(viewer: Viewer, *, text: str, student: Student | None) -> list[User]:
    """Tell everybody who assigns at the chosen school, but the viewer; give whom.

    The notice leads to the assignments, with the student ticked where it is about one. The same
    words are told once a day. Raises NobodyAssignsError.
    """
    school, asker = viewer.chosen_school, viewer.user
    told = list(User.objects.with_role_at(school, viewer.on, *ASSIGNING).exclude(pk=asker.pk))
    if not told:
        raise NobodyAssignsError
    path = reverse("assignments")
    if student:
        path = f"{reverse('assignment_changes')}?student={student.ref}"
    about = f"{asker.ref}:{sha256(f'{path} {text}'.encode()).hexdigest()[:20]}"
    queue_all(
        [
            NewMessage(
                kind=KIND,
                school=school,
                user=person,
                about=about,
                due_on=viewer.on,
                title=f"{asker.full_name} asks for a change of caseload",
                path=path,
                data={"lines": [f"{student.initials}: {text}" if student else text]},
                by_mail=False,
            )
            for person in told
        ],
        now=viewer.now,
    )
    return told
