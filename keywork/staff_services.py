"""Changing staff: a new person, a changed post or account, the sign-in e-mail."""

from dataclasses import asdict, dataclass, fields
from datetime import date
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from keywork import account_messages
from keywork.access import Viewer
from keywork.authentication import sign_out_everywhere
from keywork.history import save_by
from keywork.merging import Marks, fields_to_write
from keywork.models import School, StaffMember, StaffRole, User
from keywork.roles import Role
from keywork.staff_policies import (
    gives_oneself,
    grantable_roles,
    keeps_own_key,
    may_change_account,
)

EMAIL_TAKEN = "Another account has this e-mail address."
USERNAME_TAKEN = "Another account has this username. Choose another."


class StaffError(Exception):
    """A change that is refused; the message is for the screen, about `field` of the form."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValues:
    """Who somebody is, at every school of theirs alike."""

    first_name: str
    last_name: str
    username: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostValues:
    """A post at one school: see the fields of `StaffMember`; days inclusive."""

    job_title: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    capacity: int | None = None
    induction_completed_on: date | None = None
    qualification: str = ""
    dbs_checked_on: date | None = None

    def covers(self, on: date) -> bool:
        """Say whether the post is held on a day."""
        begun = self.starts_on is None or self.starts_on <= on
        return begun and (self.ends_on is None or self.ends_on >= on)


@transaction.atomic
def add_person(
    *, school: School, account: AccountValues, post: PostValues, roles: frozenset[Role], by: Viewer
) -> StaffMember:
    """Give somebody a post at a school, with a new account or the one they have elsewhere.

    An account known elsewhere is found only by its exact username and e-mail together, and stays
    as it is. Raises StaffError.
    """
    user = _existing_account(account) or _new_account(account, by.user)
    if StaffMember.objects.filter(user=user, school=school).exists():
        raise StaffError("This person is on your list of staff already.", "username")
    record = StaffMember(user=user, school=school, **asdict(post))
    save_by(record, by.user)
    _set_roles(record, roles, by)
    return record


@transaction.atomic
def change_person(
    *,
    record: StaffMember,
    account: AccountValues | None,
    post: PostValues,
    roles: frozenset[Role],
    by: Viewer,
    seen: Marks | None = None,
) -> StaffMember:
    """Change a person's post, roles and (unless None) account; the end of a post signs them out.

    Raises StaffError: also where somebody would end their own right to manage staff. seen: what
    the form showed; raises ChangedMeanwhileError: see `keywork.merging`.
    """
    record = StaffMember.objects.select_for_update(of=("self",)).get(pk=record.pk)
    record.user = User.objects.select_for_update().get(pk=record.user_id)
    wanted = {**(asdict(account) if account else {}), **asdict(post), "roles": roles}
    values = _merged(record, wanted, may=grantable_roles(by), seen=seen)
    account = account and AccountValues(**{name: values[name] for name in asdict(account)})
    post = PostValues(**{name: values[name] for name in asdict(post)})
    roles = values["roles"]
    if record.user_id == by.user.pk and not (keeps_own_key(roles) and post.covers(by.on)):
        raise StaffError(
            "You cannot take your own access away. Ask another admin to do it.", "roles"
        )
    if account is not None:
        _change_account(record.user, account, by)
    was_in_post = _covers(record, by.on)
    for name, value in asdict(post).items():
        setattr(record, name, value)
    save_by(record, by.user)
    _set_roles(record, roles, by)
    ends = post.ends_on is not None and post.ends_on <= by.on
    if ends or (was_in_post and not post.covers(by.on)):
        sign_out_everywhere(record.user)
    return record


def _merged(
    record: StaffMember, wanted: dict[str, Any], *, may: frozenset[Role], seen: Marks | None
) -> dict[str, Any]:
    """Give what is to be, of what is now and what the form changed; may: the roles it offered."""
    held = frozenset(Role(role.role) for role in record.roles.all())
    account = {field.name for field in fields(AccountValues)}
    current = {
        name: getattr(record.user if name in account else record, name)
        for name in wanted
        if name != "roles"
    }
    current["roles"] = held & may
    offered = wanted | {"roles": wanted["roles"] & may}
    values = current | fields_to_write(
        seen, current=current, wanted=offered, together=[("starts_on", "ends_on")]
    )
    return values | {"roles": values["roles"] | (wanted["roles"] - may)}


def send_sign_in_email(*, record: StaffMember) -> None:
    """Send somebody the address at which they choose their password.

    Raises StaffError without an address or with an account that may not sign in.
    """
    user = record.user
    if not user.email or not user.is_active:
        raise StaffError("Record an e-mail address first.", "email")
    account_messages.invite(record)


def tell_old_address(user: User, old: str, by: User | None) -> None:
    """Tell somebody at their old address that they sign in with another.

    by: who changed it; None for whoever runs Keywork.
    """
    if not old or old.lower() == user.email.lower():
        return
    account_messages.tell_changed_address(user, old, by)


def _existing_account(account: AccountValues) -> User | None:
    """Give the account with exactly this username and e-mail; None where neither is taken."""
    taken = User.objects.filter(username__iexact=account.username)
    if account.email:
        taken = User.objects.filter(
            Q(username__iexact=account.username) | Q(email__iexact=account.email)
        )
    found = list(taken[:2])
    if not found:
        return None
    same = [
        user
        for user in found
        if user.username.lower() == account.username.lower()
        and user.email.lower() == account.email.lower() != ""
    ]
    if len(found) > 1 or not same or not same[0].is_active or same[0].is_demo != settings.DEMO:
        raise StaffError(
            "An account with this username or e-mail exists. If this person works at another "
            "school too, enter both exactly as they sign in there; else choose another username.",
            "username",
        )
    return same[0]


def _new_account(account: AccountValues, by: User) -> User:
    user = User(**asdict(account), is_demo=settings.DEMO)
    user.set_unusable_password()
    _save_account(user, by)
    return user


def _change_account(user: User, account: AccountValues, by: Viewer) -> None:
    if not may_change_account(by, user):
        raise StaffError("Another school or a system admin looks after this account.", "username")
    others = User.objects.exclude(pk=user.pk)
    if others.filter(username__iexact=account.username).exists():
        raise StaffError(USERNAME_TAKEN, "username")
    if account.email and others.filter(email__iexact=account.email).exists():
        raise StaffError(EMAIL_TAKEN, "email")
    old = user.email
    for name, value in asdict(account).items():
        setattr(user, name, value)
    _save_account(user, by.user)
    tell_old_address(user, old, by.user)


def _save_account(user: User, by: User) -> None:
    """Save an account; two people who enter the same one at once are told, as one would be."""
    try:
        with transaction.atomic():
            save_by(user, by)
    except IntegrityError as refused:
        by_email = "email" in str(refused)
        raise StaffError(
            EMAIL_TAKEN if by_email else USERNAME_TAKEN, "email" if by_email else "username"
        ) from refused


def _set_roles(record: StaffMember, roles: frozenset[Role], by: Viewer) -> None:
    """Give and take roles; those the viewer may not give stay as they are."""
    may = grantable_roles(by)
    held = {Role(role.role): role for role in record.roles.all()}
    if not roles - held.keys() <= may:
        raise StaffError("Only a system admin gives this role.", "roles")
    if gives_oneself(roles - held.keys(), to=record.user, by=by.user, grantable=may):
        raise StaffError("Nobody gives themselves a role. Ask another admin to do it.", "roles")
    for role in roles - held.keys():
        save_by(StaffRole(staff_member=record, role=role), by.user)
    for role in (held.keys() - roles) & may:
        marks: Any = held[role]
        marks._history_user = by.user
        held[role].delete()


def _covers(record: StaffMember, on: date) -> bool:
    return PostValues(starts_on=record.starts_on, ends_on=record.ends_on).covers(on)
