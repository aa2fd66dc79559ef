"""The check-up's e-mails: what they say when their turn comes."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contacts.checkup_links import address_of
from contacts.checkup_rules import answers_until
from contacts.models import CheckupAnswer, CheckupLink
from contacts.services.checkups import ASKED, CHASED
from keywork.dates import uk_today
from keywork.models import OutboxMessage, StaffMember
from keywork.outbox import Content, MessageKind, register


def register_kinds() -> None:
    """Make the e-mail and its reminder known to the outbox."""
    register(MessageKind(ASKED, "Weekly check-up", contents))
    register(MessageKind(CHASED, "Weekly check-up, once more", contents))


def contents(rows: Sequence[OutboxMessage], now: datetime) -> dict[int, Content]:
    """Give what each message says; none for who has answered all, left, or has no time left.

    Three queries. Neither subject nor text names a student: the page behind the link does.
    """
    refs = [row.data["link"] for row in rows]
    links = {
        link.ref: link
        for link in CheckupLink.objects.filter(ref__in=refs).select_related("school", "teacher")
    }
    living = [link for link in links.values() if now < link.expires_at and link.teacher.is_active]
    waiting = _waiting(living, now)
    found = {}
    for row in rows:
        link = links.get(row.data["link"])
        students = waiting[_key(link)] if link else 0
        if link and students:
            found[row.pk] = _content(link, students, chased=row.kind == CHASED)
    return found


def _waiting(links: Sequence[CheckupLink], now: datetime) -> "Counter[Any]":
    """Count the students each link still has to be answered for."""
    on = uk_today(now)
    schools = {link.school_id for link in links}
    posts = set(
        StaffMember.objects.filter(school__in=schools).in_post(on).values_list("user", "school")
    )
    living = [link for link in links if (link.teacher_id, link.school_id) in posts]
    rows = (
        CheckupAnswer.objects.waiting()
        .still_taught(on)
        .filter(
            teacher__in={link.teacher_id for link in living},
            checkup__week_starting__in={link.week_starting for link in living},
        )
        .values_list("teacher", "checkup__student__school", "checkup__week_starting")
    )
    wanted = {_key(link) for link in living}
    return Counter(row for row in rows if row in wanted)


def _key(link: CheckupLink) -> tuple[Any, ...]:
    return (link.teacher_id, link.school_id, link.week_starting)


def _content(link: CheckupLink, students: int, *, chased: bool) -> Content:
    counted = "1 student" if students == 1 else f"{students} students"
    subject = f"Check-up: {counted}"
    return Content(
        f"{subject}, not answered yet" if chased else subject,
        "contacts/mail/checkup",
        {
            "counted": counted,
            "many": students > 1,
            "chased": chased,
            "until": answers_until(link.week_starting),
            "url": address_of(link),
        },
    )
