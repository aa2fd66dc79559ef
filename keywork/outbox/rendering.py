"""From a row of the outbox to an e-mail: plain text and HTML, one recipient, a stable id."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string
from django.urls import reverse

from keywork.models import OutboxMessage
from keywork.outbox.kinds import Content, kind_named

UNSUBSCRIBE_SALT = "keywork.outbox.unsubscribe"


def message_id(row: OutboxMessage) -> str:
    """Give the Message-ID: the same each time the row is sent, so that a repeat is recognised."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{row.kind}.{row.ref}@{host}>"


def unsubscribe_url(row: OutboxMessage) -> str:
    """Give the address that declines this kind for this person without signing in, or ""."""
    if row.user is None or not kind_named(row.kind).optional:
        return ""
    token = signing.dumps([row.user.ref, row.kind], salt=UNSUBSCRIBE_SALT)
    return settings.PUBLIC_URL + reverse("unsubscribe", args=[token])


def email_of(
    row: OutboxMessage, content: Content, link: BaseEmailBackend
) -> EmailMultiAlternatives:
    """Render a message for the connection it goes out by."""
    unsubscribe = unsubscribe_url(row)
    context: dict[str, Any] = {
        "site_name": settings.SITE_NAME,
        "site_url": settings.PUBLIC_URL,
        "school": row.school.name if row.school else "",
        "url": settings.PUBLIC_URL + row.path,
        "unsubscribe_url": unsubscribe,
        "subject": content.subject,
        **content.context,
    }
    email = EmailMultiAlternatives(
        " ".join(content.subject.split()),
        render_to_string(f"{content.template}.txt", context),
        settings.DEFAULT_FROM_EMAIL,
        [address_of(row)],
        connection=link,
        headers=_headers(row, unsubscribe),
    )
    email.attach_alternative(render_to_string(f"{content.template}.html", context), "text/html")
    return email


def address_of(row: OutboxMessage) -> str:
    """Give where a message goes: its own address, else its user's of this moment, or ""."""
    return row.address or (row.user.email if row.user else "")


def _headers(row: OutboxMessage, unsubscribe: str) -> dict[str, str]:
    headers = {
        "Message-ID": message_id(row),
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
    }
    if unsubscribe:
        headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers
