"""What other apps do when a student's key worker changes: what hangs on the person moves on.

An app above this one registers here, from its AppConfig.ready. It is called inside the change's
own transaction, with the students locked, once for all the students of a change.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from keywork.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A change as others hear of it.

    students: id → ids of those whose time as their key worker ended, or was undone. since: the
    first day on which somebody else, or nobody, is. by: None for the system. why: for the
    history of what moves.
    """

    students: dict[int, set[int]]
    since: date
    by: User | None
    why: str


FOLLOWERS: list[Callable[[HandOver], None]] = []


def when_key_workers_change(follow: Callable[[HandOver], None]) -> None:
    """Register what follows a change; once, however often an app is made ready."""
    if follow not in FOLLOWERS:
        FOLLOWERS.append(follow)


def tell_followers(change: HandOver) -> None:
    """Let the other apps move what hangs on the key worker."""
    for follow in FOLLOWERS:
        follow(change)
