"""The viewer of a page: who, at which schools in which roles, on which day.

Permission questions take a `Viewer`, not a user: roles are read once a request, and the day is
passed in, so a rule about "current" assignments never reads the clock.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict

from keywork.roles import HOME_ORDER, Capability, Role, capabilities_of

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from keywork.models import School, User

View = Callable[..., HttpResponse]


class KeyworkRequest(HttpRequest):
    """The request that views get: Django's, with what the middleware adds."""

    viewer: "Viewer"
    parked: QueryDict | None
    kept_key: str  # of the draft of the form that is posted (`keywork.kept_forms`)
    htmx: "HtmxDetails"
    user: "User"


@dataclass(frozen=True)
class Viewer:
    """Who is asking, and when.

    user: the signed-in user. now: aware. on: the local date of `now`.
    school: the school the pages are about (chosen by the user where there are several), or None.
    roles_at: school id → roles held there today. schools: those schools, by name.
    """

    user: "User"
    on: date
    now: datetime
    school: "School | None" = None
    schools: tuple["School", ...] = ()
    roles_at: dict[int, frozenset[Role]] = field(default_factory=dict)

    @property
    def roles(self) -> frozenset[Role]:
        """Give the roles held at the chosen school."""
        return self.roles_at.get(self.school.pk, frozenset()) if self.school else frozenset()

    @property
    def chosen_school(self) -> "School":
        """Give the school the pages are about; PermissionDenied (403) without one."""
        if self.school is None:
            raise PermissionDenied
        return self.school

    def at(self, school_id: int) -> "Viewer | None":
        """Give the viewer as they see that school's pages; None without a role there today."""
        school = next((each for each in self.schools if each.pk == school_id), None)
        return replace(self, school=school) if school else None

    @property
    def role_words(self) -> str:
        """Name the roles held, that of the home page first: "Key worker, teacher"."""
        held = [str(role.label) for role in HOME_ORDER if role in self.roles]
        # "SENCo" stays as it is.
        rest = [word if word[1].isupper() else word[0].lower() + word[1:] for word in held[1:]]
        return ", ".join(held[:1] + rest)

    def can(self, capability: Capability) -> bool:
        """Say whether a role at the chosen school gives this capability."""
        return capability in capabilities_of(self.roles)

    def can_at(self, capability: Capability, school_id: int) -> bool:
        """Say whether a role at that school gives this capability."""
        return capability in capabilities_of(self.roles_at.get(school_id, frozenset()))

    def schools_where(self, *capabilities: Capability) -> list[int]:
        """Give the ids of the schools where any of these capabilities is held, sorted."""
        return sorted(
            school_id
            for school_id, roles in self.roles_at.items()
            if not capabilities_of(roles).isdisjoint(capabilities)
        )


def viewer_for(user: "User", *, now: datetime, on: date, school_id: int | None = None) -> Viewer:
    """Read a user's current roles (one query) and give the viewer.

    A staff record counts from its `starts_on` to its `ends_on`, both inclusive: a leaver sees
    nothing from the day after. school_id: the chosen school; else the first by name.
    """
    from keywork.models import StaffRole  # noqa: PLC0415 (models import roles)

    rows = (
        StaffRole.objects.filter(staff_member__user=user)
        .filter(
            Q(staff_member__starts_on=None) | Q(staff_member__starts_on__lte=on),
            Q(staff_member__ends_on=None) | Q(staff_member__ends_on__gte=on),
        )
        .select_related("staff_member__school")
        .order_by("staff_member__school__name", "staff_member__school_id")
    )
    roles_at: dict[int, frozenset[Role]] = {}
    schools: dict[int, School] = {}
    for row in rows:
        school = schools.setdefault(row.staff_member.school_id, row.staff_member.school)
        roles_at[school.pk] = roles_at.get(school.pk, frozenset()) | {Role(row.role)}
    chosen = schools.get(school_id or 0) or next(iter(schools.values()), None)
    return Viewer(user, on, now, chosen, tuple(schools.values()), roles_at)


def requires(*capabilities: Capability) -> Callable[[View], View]:
    """Guard a view: signed in, and holding one of these capabilities at the chosen school.

    Someone signed out is sent to sign in; someone without the capability gets 403.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: KeyworkRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not any(request.viewer.can(capability) for capability in capabilities):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return _marked(login_required(guarded), *capabilities)

    return decorate


def signed_in(view: View) -> View:
    """Guard a view that anyone signed in may use: their own account, help, search."""
    return _marked(login_required(view), "signed in")


def public(reason: str) -> Callable[[View], View]:
    """Mark a view as open to everyone, and say why."""

    def decorate(view: View) -> View:
        return _marked(view, "public", reason)

    return decorate


def _marked(view: Any, *access: str) -> View:
    """Write on a view who may use it, for the guard that walks the URLs."""
    view.access = access
    return view


def get_visible_or_404(model_or_queryset: Any, viewer: Viewer, **lookup: Any) -> Any:
    """Fetch one record through `visible_to`; out of sight is the same 404 as missing.

    So is what no database keeps: a null character in what was posted.
    """
    if any("\0" in value for value in lookup.values() if isinstance(value, str)):
        raise Http404
    manager = getattr(model_or_queryset, "objects", model_or_queryset)
    found = manager.visible_to(viewer).filter(**lookup).first()
    if found is None:
        raise Http404
    return found


def allow(allowed: bool) -> None:
    """Raise PermissionDenied (403) unless allowed: seen, but not to be done by this viewer."""
    if not allowed:
        raise PermissionDenied
