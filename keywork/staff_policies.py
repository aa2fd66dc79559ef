"""What a viewer may change about a member of staff."""

from keywork.access import Viewer
from keywork.models import StaffMember, User
from keywork.roles import CAPABILITIES, Capability, Role

# Roles that reach beyond one school's records; only a system admin gives or takes them.
ELEVATED = frozenset({Role.TRUST_LEAD, Role.SYSTEM_ADMIN})
# Roles that read what was said of students who are not their own.
READS_RECORDS = frozenset(
    role
    for role, may in CAPABILITIES.items()
    if may & {Capability.SEE_SCHOOL_RECORDS, Capability.SEE_RESIDENT_RECORDS}
)


def grantable_roles(viewer: Viewer) -> frozenset[Role]:
    """Give the roles that the viewer may give and take at the chosen school."""
    if not viewer.can(Capability.MANAGE_STAFF):
        return frozenset()
    return frozenset(Role) if Role.SYSTEM_ADMIN in viewer.roles else frozenset(Role) - ELEVATED


def gives_oneself(
    new: frozenset[Role], *, to: User | None, by: User | None, grantable: frozenset[Role]
) -> bool:
    """Say whether somebody gives roles to themselves, which only a system admin may.

    The office sees who students are and not what was said: one tick must not change that.
    new: the roles given that were not held; grantable: what `by` may give.
    """
    return bool(new) and to is not None and to == by and not grantable >= ELEVATED


def may_change_account(viewer: Viewer, user: User) -> bool:
    """Say whether the viewer may change a person's names, username and e-mail.

    An account belongs to every school where the person has or will have a post: an e-mail
    address changed by one of them would open the others.
    """
    posts = StaffMember.objects.filter(user=user).prefetch_related("roles")
    current = [post for post in posts if not (post.ends_on and post.ends_on < viewer.on)]
    if not all(viewer.can_at(Capability.MANAGE_STAFF, post.school_id) for post in current):
        return False
    held = frozenset(Role(role.role) for post in current for role in post.roles.all())
    return may_take_over(user, held, by=viewer.user, grantable=grantable_roles(viewer))


def may_take_over(
    user: User, held: frozenset[Role], *, by: User | None, grantable: frozenset[Role]
) -> bool:
    """Say whether an account's holder has no role that its new e-mail address would give away.

    Whoever changes an address can ask for a new password there. So the office does not change
    the account of a colleague who holds a role it may not give, or one that reads records; a
    system admin does. held: the roles of the account; grantable: what `by` may give.
    """
    if user.is_superuser:
        return False
    if grantable >= ELEVATED:
        return True
    return held <= grantable - (frozenset() if user == by else READS_RECORDS)


def keeps_own_key(roles: frozenset[Role]) -> bool:
    """Say whether these roles still manage staff: nobody locks themselves out."""
    return any(Capability.MANAGE_STAFF in CAPABILITIES[role] for role in roles)
