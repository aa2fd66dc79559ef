"""Accounts and posts: what people read and set about themselves, and whom they may ask."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from keywork.access import Viewer
from keywork.models import StaffMember, StaffRole, User
from keywork.roles import HOME_ORDER, Role

# The rest of an account is the school's.
OWN_SETTINGS = (
    *("known_as", "theme", "keyboard_shortcuts"),
    *("digest", "digest_at", "declined_messages"),
)
# Whom Help names for what; the office first, because it can send people on.
ASK: tuple[tuple[str, Role], ...] = (
    ("Accounts, staff, students and their key workers", Role.ADMIN),
    ("Special educational needs", Role.SENCO),
    ("A worry about a student's safety", Role.DSL),
)


@dataclass(frozen=True, slots=True)
class Post:
    """A person's place at one school, as their own page shows it."""

    school: str
    roles: list[str]
    starts_on: date | None
    ends_on: date | None


def own_account(user: User) -> User:
    """Give a fresh copy of one's own account, to edit."""
    return User.objects.get(pk=user.pk)


def posts_of(user: User) -> list[Post]:
    """Give every post of a person, past and coming ones too, by school, in two queries."""
    records = StaffMember.objects.filter(user=user).for_list().order_by("school__name")
    return [
        Post(record.school.name, role_labels(record), record.starts_on, record.ends_on)
        for record in records
    ]


def role_labels(record: StaffMember) -> list[str]:
    """Give a staff record's roles in the order of the rail, as people say them."""
    held = {role.role for role in record.roles.all()}
    return [role.label for role in HOME_ORDER if role.value in held]


def who_to_ask(viewer: Viewer) -> list[tuple[str, list[str]]]:
    """Give (matter, names) for the viewer's school; a role that nobody holds is left out."""
    wanted = [role.value for _, role in ASK]
    records = (
        StaffMember.objects.filter(school=viewer.school, roles__role__in=wanted)
        .in_post(viewer.on)
        .select_related("user")
        .prefetch_related(Prefetch("roles", StaffRole.objects.filter(role__in=wanted)))
        .distinct()
    )
    names: dict[str, list[str]] = {}
    for record in records:
        for held in record.roles.all():
            names.setdefault(held.role, []).append(record.user.full_name)
    return [(matter, names[role.value]) for matter, role in ASK if role.value in names]


@transaction.atomic
def change_own_settings(*, by: User, **values: Any) -> None:
    """Set what people set for themselves, by the names of OWN_SETTINGS; raises KeyError else."""
    user = User.objects.select_for_update().get(pk=by.pk)
    for name in OWN_SETTINGS:
        setattr(user, name, values.pop(name))
    if values:
        raise KeyError(*values)
    user.save()
