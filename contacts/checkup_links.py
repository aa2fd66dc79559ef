"""The personal link in a check-up's e-mail: made, and opened again.

Its token is worked out from the site's secret key and the row, so that the e-mail and its
reminder carry the same link while the database holds nothing but a hash of it.
"""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.urls import reverse
from django.utils.crypto import salted_hmac

from contacts.checkup_rules import answers_until
from contacts.models import CheckupAnswer, CheckupLink
from contacts.models.checkups import CheckupAnswerQuerySet
from keywork.dates import uk_today
from keywork.models import School, StaffMember, User

SALT = "contacts.checkup_link"


def new_link(*, school: School, teacher: User, week_starting: date, now: datetime) -> CheckupLink:
    """Give a teacher's link of a week, not saved yet."""
    link = CheckupLink(school=school, teacher=teacher, week_starting=week_starting, made_at=now)
    link.token_hash = hash_of(token_of(link))
    return link


def token_of(link: CheckupLink) -> str:
    """Give the token of a link: 256 bits that nobody without the site's secret key can guess."""
    what = f"{link.ref}:{link.school_id}:{link.teacher_id}:{link.week_starting.isoformat()}"
    digest = salted_hmac(SALT, what, algorithm="sha256").digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")


def hash_of(token: str) -> str:
    """Give what is kept of a token; it has 256 bits, so a plain hash will do."""
    return hashlib.sha256(token.encode()).hexdigest()


def address_of(link: CheckupLink) -> str:
    """Give the link as an e-mail carries it."""
    return settings.PUBLIC_URL + reverse("contacts:checkup_link", args=[token_of(link)])


@dataclass(frozen=True, slots=True)
class OpenedLink:
    """What a token opens: the link with its answers, or nothing.

    expired_on: the last day on which a link that is over could be used.
    """

    link: CheckupLink | None = None
    answers: tuple[CheckupAnswer, ...] = ()
    expired_on: date | None = None


NOTHING = OpenedLink()


def open_link(token: str, *, now: datetime) -> OpenedLink:
    """Give what a token opens now: a teacher's answers of its week, by the student's name.

    Nothing where it is unknown, or where the teacher has left or teaches none of these students
    any more. Reads only.
    """
    link = (
        CheckupLink.objects.select_related("school", "teacher")
        .filter(token_hash=hash_of(token))
        .first()
    )
    if link is None or not link.teacher.is_active:
        return NOTHING
    if now >= link.expires_at:
        return OpenedLink(expired_on=answers_until(link.week_starting))
    on = uk_today(now)
    staff = StaffMember.objects.filter(user=link.teacher, school=link.school).in_post(on)
    answers = tuple(answers_of(link, on).filter(teacher__in=staff.values("user")))
    return OpenedLink(link, answers) if answers else NOTHING


def answers_of(link: CheckupLink, on: date) -> CheckupAnswerQuerySet:
    """Give the answers that a link stands for on a day, by the student's name."""
    asked = CheckupAnswer.objects.filter(
        teacher=link.teacher, checkup__student__school=link.school
    )
    return asked.of_week(link.week_starting).still_taught(on).by_name()
