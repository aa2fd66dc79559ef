"""Data for tests: one small school unless told otherwise, every name invented."""

from datetime import UTC, date, datetime

import factory

from contacts import models as contacts
from keywork import models as kernel
from keywork.access import Viewer, viewer_for
from keywork.roles import Role
from keywork.school_setup import create_school
from sessions import models as sessions
from students import models as students

TODAY = date(2026, 11, 12)  # a Thursday in the second week of Autumn 2
NOW = datetime(2026, 11, 12, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery staple"

HALF_TERMS = (
    ("Autumn 2026", "Autumn 1", date(2026, 9, 1), date(2026, 10, 23)),
    ("Autumn 2026", "Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
    ("Spring 2027", "Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
    ("Spring 2027", "Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
)


def make_school(name="Fold School", urn="999101", model="special_day", calendar=True):
    """A school with its presets and, unless told not to, the calendar above."""
    school = create_school(urn=urn, name=name, model=model)
    for term, half, start, end in HALF_TERMS if calendar else ():
        kernel.HalfTerm(school=school, term=term, name=half, start=start, end=end).save()
    return school


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = kernel.User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    first_name = "Pat"
    last_name = factory.Sequence(lambda n: f"Person{n}")
    email = factory.LazyAttribute(lambda o: f"{o.username}@fold.example.org")

    @factory.post_generation
    def set_password(obj, create, extracted, **kwargs):
        obj.set_password(PASSWORD)
        obj.save()


def make_staff(school, *roles, **user):
    """A person with these roles at a school."""
    person = UserFactory(**user)
    add_roles(person, school, *roles)
    return person


def add_roles(person, school, *roles):
    """Give somebody a staff record and roles at a school."""
    record, _ = kernel.StaffMember.objects.get_or_create(user=person, school=school)
    for role in roles:
        kernel.StaffRole(staff_member=record, role=Role(role)).save()
    return record


def viewer(person, on=TODAY, now=NOW, school=None) -> Viewer:
    """How a person sees the site on a day."""
    return viewer_for(person, on=on, now=now, school_id=school.pk if school else None)


class StudentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = students.Student

    legal_first_name = factory.Sequence(lambda n: f"Kit{n}")
    legal_last_name = factory.Sequence(lambda n: f"Sample{n}")
    on_roll_from = date(2026, 9, 1)
    sen_status = "K"
    nc_year = "8"
    reg_form = "8C"


def assign(student, person, start=date(2026, 9, 1), role="primary", **more):
    """Make somebody a student's key worker."""
    assignment = students.Assignment(
        student=student, key_worker=person, start=start, role=role, reason="first", **more
    )
    assignment.save()
    return assignment


class SessionFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = sessions.KeyworkSession

    school = factory.SelfAttribute("student.school")
    held_on = date(2026, 11, 3)
    status = "held"
    minutes = 20
    method = "one_to_one"
    focus = "iep"


class TargetFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = sessions.Target

    school = factory.SelfAttribute("student.school")
    set_on = date(2026, 11, 3)
    area = "behaviour"
    text = factory.Sequence(lambda n: f"Show the card before leaving a lesson ({n})")
    measure = "4 of 5 lessons"
    review_on = date(2026, 11, 17)


def add_contact(student, first="Dawn", last="Thorne", *, person=None, priority=1, **link):
    """An adult around a student; link: fields of StudentContact, and those of the person."""
    own = {name: link.pop(name) for name in ("phone", "email", "language") if name in link}
    if person is None:
        person = contacts.Contact(
            school=student.school, first_name=first, last_name=last, title="Ms", **own
        )
        person.save()
    values = {"relationship": "Mother", "parental_responsibility": True, **link}
    added = contacts.StudentContact(student=student, contact=person, priority=priority, **values)
    added.save()
    return added


def log_contact(student, made_at=NOW, *, about=(), **values):
    """A conversation by phone, unless told otherwise; about: the slips that it names."""
    given = {"channel": "phone", "direction": "out", "outcome": "spoke", **values}
    entry = contacts.ContactLogEntry(
        school=student.school, student=student, made_at=made_at, **given
    )
    entry.save()
    for record in about:
        contacts.AnsweredRecord(entry=entry, record=record).save()
    return entry


def slip(student, occurred_at=NOW, level="high", **values):
    """A slip or reward."""
    given = {"category": "Left the room", **values}
    record = students.BehaviourRecord(
        school=student.school, student=student, occurred_at=occurred_at, level=level, **given
    )
    record.save()
    return record
