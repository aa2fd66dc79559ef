"""What key workers of the demo school told their colleagues this week."""

from datetime import datetime, timedelta

from keywork.models import School, User
from keywork.refs import new_ref
from students.change_notices import colleagues_of
from students.models import Student
from students.services.change_notices import mark_notice_read, tell_colleagues

SAID = (
    (
        "nakhtar",
        "Mum is in hospital this week; Grandad collects. Please be patient about homework.",
    ),
    (
        "sbrearley",
        "Has new glasses and does not like them yet. A quiet word is better than a remark.",
    ),
)
COUNTS_FOR = timedelta(days=6)


def add_notices(school: School, now: datetime) -> None:
    """Tell those around one student of each of two key workers; the first of them has read it."""
    written, on = now - timedelta(hours=2), now.date()
    for username, text in SAID:
        author = User.objects.get(username=username)
        own = Student.objects.filter(school=school).caseload_of(author, on)
        student = own.by_name()[0]
        around = [
            each.person for each in colleagues_of(student, on, apart_from=author) if each.around
        ]
        notice = tell_colleagues(
            student=student,
            text=text,
            until=on + COUNTS_FOR,
            told=around,
            ref=new_ref(),
            by=author,
            now=written,
        )
        mark_notice_read(notice=notice, by=around[0], now=now)
