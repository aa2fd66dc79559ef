"""staff.csv: the person's account, their post at this school, their roles."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.db.models.functions import Lower

from keywork.home.imports.context import in_chunks
from keywork.home.imports.formats import STAFF, Kind
from keywork.home.imports.importer import BadRowError, Draft, Importer
from keywork.home.imports.report import Example, FieldChange, Outcome
from keywork.models import StaffMember, StaffRole, User
from keywork.roles import Role
from keywork.staff_policies import gives_oneself, keeps_own_key, may_take_over
from keywork.staff_services import tell_old_address

IDENTITY = ("username", "email", "first_name", "last_name")


class StaffImporter(Importer):
    """Members of staff. An account that is new has no password until its owner sets one."""

    format = STAFF
    referred_to_as = Kind.STAFF
    users: dict[str, User]
    elsewhere: set[int]
    # whose each e-mail address is, in small letters: username
    addresses: dict[str, str]
    roles: dict[int, dict[str, StaffRole]]

    def match(self, drafts: list[Draft]) -> None:
        """Find the accounts of these usernames, their posts and roles at the school."""
        school = self.context.the_school
        names = [draft.key[0] for draft in drafts]
        accounts = User.objects.annotate(address=Lower("email"))
        addresses = {_address(draft) for draft in drafts} - {""}
        found = in_chunks(accounts, "address", addresses)
        self.addresses = {user.email.lower(): user.username for user in found}
        self.users = {u.username: u for u in in_chunks(User.objects.all(), "username", names)}
        users = [user.pk for user in self.users.values()]
        posts = list(in_chunks(StaffMember.objects.all(), "user_id", users))
        own = {post.user_id: post for post in posts if post.school_id == school.pk}
        self.elsewhere = {post.user_id for post in posts if post.school_id != school.pk}
        self.roles = {}
        ids = [post.pk for post in own.values()]
        for role in in_chunks(StaffRole.objects.all(), "staff_member_id", ids):
            self.roles.setdefault(role.staff_member_id, {})[role.role] = role
        for draft in drafts:
            user = self.users.get(draft.key[0])
            draft.record = own.get(user.pk) if user else None

    def check(self, draft: Draft) -> None:
        """Check the username, the dates, and what a school's own admin may not reach."""
        try:
            UnicodeUsernameValidator()(draft.key[0])
        except ValidationError:
            raise BadRowError("username", "Use letters, figures and @ . + - _ only.") from None
        starts, ends = draft.final("starts_on"), draft.final("ends_on")
        if starts and ends and ends < starts:
            raise BadRowError("ends_on", "Lies before starts_on. Check both dates.")
        if self.context.own_school_only:
            self._check_reach(draft)
        address, username = _address(draft), draft.key[0]
        if address and self.addresses.setdefault(address, username) != username:
            raise BadRowError("email", "Another account has this e-mail address.")

    def _check_reach(self, draft: Draft) -> None:
        user = self.users.get(draft.key[0])
        if user is not None and draft.record is None:
            raise BadRowError(
                "username",
                "Somebody who is not at your school has this username. Choose another, or ask "
                "whoever runs Keywork for you to add them.",
            )
        held = frozenset(
            Role(role) for role in (self.roles.get(draft.record.pk, {}) if draft.record else ())
        )
        changed = self.differences(user, _identity(draft)) if user is not None else []
        if user is not None and changed:
            self._check_account(user, held, changed[0])
        if "roles" in draft.cells:
            self._check_roles(draft, held)

    def _check_account(self, user: User, held: frozenset[Role], column: str) -> None:
        may, by = self.context.grantable, self.context.by
        if user.pk in self.elsewhere:
            text = "This account reaches beyond your school. Ask a system admin to change it."
            raise BadRowError(column, text)
        if not may_take_over(user, held, by=by, grantable=may):
            text = "Somebody with this person's roles has their account changed by a system admin."
            raise BadRowError(column, text)

    def _check_roles(self, draft: Draft, held: frozenset[Role]) -> None:
        wanted = {Role(role) for role in draft.cells["roles"]}
        beyond = (wanted ^ held) - self.context.grantable
        if beyond:
            raise BadRowError("roles", f"Only a system admin gives or takes: {_named(beyond)}.")
        user, by, may = self.users.get(draft.key[0]), self.context.by, self.context.grantable
        if gives_oneself(frozenset(wanted) - held, to=user, by=by, grantable=may):
            raise BadRowError("roles", "Nobody gives themselves a role. Ask another admin.")
        if user is not None and user == by and not keeps_own_key(frozenset(wanted)):
            raise BadRowError("roles", "You would lose your own way in. Ask a colleague.")

    def write(self, draft: Draft) -> Outcome:
        """Write account, post and roles; the row is created with the post."""
        user = self.users.get(draft.key[0]) or _new_user()
        old = user.email
        identity = self.put(draft, user, _identity(draft))
        tell_old_address(user, old, self.context.by)
        post = draft.record or StaffMember(school=self.context.the_school, user=user)
        values = {name: v for name, v in draft.values.items() if name not in IDENTITY}
        outcome = self.put(draft, post, values)
        roles_changed = "roles" in draft.cells and self._write_roles(draft, post)
        if outcome == Outcome.UNCHANGED and (identity != Outcome.UNCHANGED or roles_changed):
            return Outcome.UPDATED
        return outcome

    def show(self, draft: Draft) -> str:
        """Name the person."""
        return self.users[draft.key[0]].full_name

    def _write_roles(self, draft: Draft, post: StaffMember) -> bool:
        """Give and take roles; say whether any changed."""
        held = self.roles.get(post.pk, {})
        wanted = draft.cells["roles"]
        given = [StaffRole(staff_member=post, role=role) for role in wanted if role not in held]
        taken = [role for name, role in held.items() if name not in wanted]
        for role in (*given, *taken):
            self.context.stamp(role, self.file)
        for role in given:
            role.save()
        for role in taken:
            role.delete()
        if draft.record is not None and (given or taken):
            change = FieldChange("Roles", _named(held), _named(wanted))
            self.report.add_example(Example(draft.row.number, self.show(draft), (change,)))
        return bool(given or taken)


def _identity(draft: Draft) -> dict[str, str]:
    return {name: value for name, value in draft.values.items() if name in IDENTITY}


def _address(draft: Draft) -> str:
    return str(draft.values.get("email", "")).lower()


def _named(roles: Iterable[str]) -> str:
    return ", ".join(sorted(Role(role).label for role in roles)) or "empty"


def _new_user() -> User:
    user = User()
    user.set_unusable_password()
    return user
