"""Messages about an account itself: the invitation, a forgotten password, a changed address.

They go out at any hour. A link that opens something is made when the message is sent, so the
outbox never holds one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.timezone import localtime

from keywork import clock
from keywork.authentication import choose_password_url
from keywork.models import OutboxMessage, School, StaffMember, User
from keywork.outbox import ABOUT_ACCOUNTS, Content, MessageKind, NewMessage, queue, register
from keywork.outbox.kinds import Contents
from keywork.refs import new_ref

INVITATION, RESET, ADDRESS_CHANGED = "invitation", "password_reset", "address_changed"
TEMPLATES = {
    INVITATION: "account/email/invitation",
    RESET: "account/email/password_reset_key",
    ADDRESS_CHANGED: "account/email/address_changed",
}


def register_kinds() -> None:
    """Make them known to the outbox."""
    for name, label in (
        (INVITATION, "Sign-in e-mail"),
        (RESET, "Forgotten password"),
        (ADDRESS_CHANGED, "Changed sign-in e-mail"),
    ):
        register(MessageKind(name, label, account_messages, **ABOUT_ACCOUNTS))


def invite(record: StaffMember) -> None:
    """Send somebody the address at which they choose their password."""
    _queue(INVITATION, record.user, record.school)


def send_reset_link(user: User) -> None:
    """Send somebody who forgot their password the address at which they choose another."""
    _queue(RESET, user, _a_school_of(user))


def tell_changed_address(user: User, old: str, by: User | None) -> None:
    """Tell somebody at their old address that they sign in with another; by: who changed it."""
    said = f"a colleague ({by.initials})" if by else "whoever runs it"
    _queue(ADDRESS_CHANGED, user, _a_school_of(user), address=old, data={"by": said})


def _queue(kind: str, user: User, school: School | None, **more: Any) -> None:
    # A mail's turn is a fact of the machine, not of a rule: the clock is read here.
    now = clock.now()
    title = render_to_string(f"{TEMPLATES[kind]}_subject.txt").strip()
    message = NewMessage(
        kind=kind,
        due_on=localtime(now).date(),
        # Each is wanted, however often it is asked for in a day.
        about=new_ref(),
        title=title,
        school=school,
        user=user,
        **more,
    )
    queue(message, now=now)


def _a_school_of(user: User) -> School | None:
    """Give the school whose admins see it where the message cannot be sent."""
    post = StaffMember.objects.filter(user=user).select_related("school").order_by("pk").first()
    return post.school if post else None


def account_messages(rows: Sequence[OutboxMessage], now: datetime) -> Contents:
    """Say what an account's message says; one to an account that may not sign in is left out."""
    return {row.pk: _content(row, row.user) for row in rows if row.user and row.user.is_active}


def _content(row: OutboxMessage, user: User) -> Content:
    url = "" if row.kind == ADDRESS_CHANGED else choose_password_url(user)
    context = {
        "user": user,
        "username": user.username,
        "by": row.data.get("by", ""),
        "school": row.school.name if row.school else "",
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
        "url": url,
        "password_reset_url": url,
    }
    text = render_to_string(f"{TEMPLATES[row.kind]}_message.txt", context)
    return Content(row.title, context={"lines": text.strip().split("\n\n"), "url": ""})
