"""What tests of check-ups share: a school with check-ups on the days of tests.factories.

The week is 9 to 13 November 2026. The teachers are Ann and Bob; Priya is the key worker.
"""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from contacts.checkup_links import new_link, token_of
from contacts.models import Checkup, CheckupAnswer
from students.models import TimetableEntry
from tests import factories as make
from tests.factories import StudentFactory

MONDAY, TUESDAY, WEDNESDAY = date(2026, 11, 9), date(2026, 11, 10), date(2026, 11, 11)


def morning(day):
    """Five past eight in winter, when local time is UTC."""
    return datetime(day.year, day.month, day.day, 8, 5, tzinfo=UTC)


def teach(student, *teachers, subject="Maths"):
    for teacher in teachers:
        TimetableEntry(student=student, teacher=teacher, subject=subject).save()


def make_fold(name="Fold School", urn="999101", model="mainstream_sen"):
    """Zayn is taught by Ann and Bob, Mia by Ann alone."""
    school = make.make_school(name, urn, model)
    priya = make.make_staff(school, "key_worker", username=f"priya{urn}", first_name="Priya")
    ann = make.make_staff(school, "teacher", username=f"ann{urn}", first_name="Ann")
    bob = make.make_staff(school, "teacher", username=f"bob{urn}", first_name="Bob")
    zayn = StudentFactory(school=school, legal_first_name="Zayn", legal_last_name="Clayforth")
    mia = StudentFactory(school=school, legal_first_name="Mia", legal_last_name="Holt")
    for student in (zayn, mia):
        make.assign(student, priya)
    teach(zayn, ann, bob)
    teach(mia, ann, subject="Art")
    return SimpleNamespace(school=school, priya=priya, ann=ann, bob=bob, zayn=zayn, mia=mia)


def ask(student, *teachers, week=MONDAY):
    """A check-up sent on a week's Monday, with what each teacher is asked."""
    checkup, _ = Checkup.objects.get_or_create(
        student=student, week_starting=week, defaults={"sent_on": week}
    )
    answers = [CheckupAnswer(checkup=checkup, teacher=each, asked_on=week) for each in teachers]
    for each in answers:
        each.save()
    return answers[0] if len(answers) == 1 else answers


def link_for(school, teacher, week=MONDAY):
    """A saved personal link; gives its token."""
    link = new_link(school=school, teacher=teacher, week_starting=week, now=morning(week))
    link.save()
    return token_of(link)
