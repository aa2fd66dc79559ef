"""Marks, slips and what is said about them: who sees them, and what the database refuses."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from contacts.models import Contact, StudentContact
from students.models import (
    AbsenceTalk,
    AttendanceMark,
    AttendanceTally,
    Barrier,
    BehaviourChoice,
    BehaviourRecord,
    GradeSheet,
    Incident,
    RegisterQuery,
    SlipCorrection,
    TestScore,
)
from tests.factories import NOW, TODAY, StudentFactory, assign, make_school, make_staff, viewer

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def school():
    return make_school()


@pytest.fixture
def student(school):
    return StudentFactory(school=school)


@pytest.fixture
def key_worker(school, student):
    person = make_staff(school, "key_worker")
    assign(student, person)
    return person


def slip_of(student, **more):
    slip = BehaviourRecord(
        school=student.school, student=student, occurred_at=NOW, level="low", **more
    )
    slip.save()
    return slip


def records_of(student, person):
    """One record of each kind that belongs to what was said."""
    day = {"student": student, "date": TODAY, "session": "AM"}
    made = [
        AttendanceMark(**day, code="N"),
        AttendanceTally(student=student, year=2026, code="N", marks=1, latest=TODAY),
        AbsenceTalk(**day, code="N", said="Ill", talked_on=TODAY, talked_by=person),
        GradeSheet(student=student, drop="Autumn", drop_on=TODAY, subject="Art"),
        TestScore(student=student, kind="reading_age", taken_on=TODAY, score="9:04"),
        Barrier(student=student, noted_on=TODAY, noted_by=person, text="The bus"),
        BehaviourRecord(school=student.school, student=student, occurred_at=NOW, level="low"),
    ]
    for record in made:
        record.save()
    return made


@pytest.mark.parametrize(
    ("role", "seen"),
    [("senco", True), ("moderator", True), ("key_worker", False), ("teacher", False),
     ("admin", False), ("head_of_care", False)],
)  # fmt: skip
def test_who_sees_the_records_of_a_student(school, student, key_worker, role, seen):
    other = make_staff(school, role)
    for record in records_of(student, key_worker):
        model = type(record)
        assert model.objects.visible_to(viewer(key_worker)).count() == 1, model
        assert model.objects.visible_to(viewer(other)).exists() is seen, model


def test_nobody_of_another_school_sees_them(school, student, key_worker):
    stranger = make_staff(make_school(urn="999102"), "senco", "admin")
    for record in records_of(student, key_worker):
        assert not type(record).objects.visible_to(viewer(stranger)).exists()


def test_whoever_wrote_a_slip_sees_it_while_at_the_school(school, student):
    writer, named = make_staff(school, "teacher"), make_staff(school, "teacher")
    slip_of(student, staff=named, recorded_by=writer)
    slip_of(student)
    for person in (writer, named):
        assert BehaviourRecord.objects.visible_to(viewer(person)).count() == 1
    writer.staff_records.get().roles.get().delete()
    assert not BehaviourRecord.objects.visible_to(viewer(writer)).exists()


def test_a_withdrawn_slip_is_gone_from_sight(school, student, key_worker):
    slip = slip_of(student)
    slip.withdrawn_at, slip.withdrawn_by = NOW, key_worker
    slip.save()
    assert not BehaviourRecord.objects.visible_to(viewer(key_worker)).exists()
    assert slip.history.count() == 2


def test_a_register_query_reaches_the_office_and_not_teachers(school, student, key_worker):
    RegisterQuery(
        student=student, date=TODAY, session="AM", text="Routine", asked_at=NOW,
        asked_by=key_worker,
    ).save()  # fmt: skip
    office, teacher = make_staff(school, "admin"), make_staff(school, "teacher")
    assert RegisterQuery.objects.visible_to(viewer(office)).open().count() == 1
    assert RegisterQuery.objects.visible_to(viewer(key_worker)).count() == 1
    assert not RegisterQuery.objects.visible_to(viewer(teacher)).exists()


def test_contacts_are_for_those_who_may_read_identity(school, student, key_worker):
    person = Contact(school=school, first_name="Jo", last_name="Able")
    person.save()
    StudentContact(student=student, contact=person, priority=1).save()
    office, teacher = make_staff(school, "admin"), make_staff(school, "teacher")
    for who, seen in ((office, 1), (key_worker, 1), (teacher, 0)):
        assert Contact.objects.visible_to(viewer(who)).count() == seen
        assert StudentContact.objects.visible_to(viewer(who)).count() == seen


def refuses(record):
    with pytest.raises(IntegrityError), transaction.atomic():
        record.save(force_insert=True)


def test_what_the_database_refuses(school, student, key_worker):
    day = {"student": student, "date": TODAY, "session": "AM"}
    AttendanceMark(**day, code="/").save()
    refuses(AttendanceMark(**day, code="I"))
    slip_of(student, import_ref="B1")
    ref = {"school": school, "student": student, "occurred_at": NOW, "level": "low"}
    refuses(BehaviourRecord(**ref, import_ref="B1"))
    incident = Incident(school=school, occurred_at=NOW)
    incident.save()
    slip_of(student, incident=incident)
    refuses(BehaviourRecord(**ref, incident=incident))
    refuses(BehaviourChoice(school=school, kind="category", name="No level"))
    asked = {"text": "Why?", "asked_at": NOW, "asked_by": key_worker}
    refuses(SlipCorrection(record=slip_of(student), status="changed", **asked))
    refuses(Barrier(student=student, noted_on=TODAY, noted_by=key_worker, text="x", status="gone"))


def test_figures_take_the_tallies_and_leave_out_what_lies_outside(school):
    from keywork.school_calendar import calendars_of
    from students.attendance import attendance_of
    from students.services.marks import load_marks

    late_starter = StudentFactory(school=school, on_roll_from=date(2026, 9, 3))
    leaver = StudentFactory(school=school, left_on=date(2026, 9, 2))
    rows = [
        (day, student.pk, date(2026, 9, day), "AM", "O" if day < 4 else "/", None)
        for student in (late_starter, leaver)
        for day in (1, 2, 3, 4, 7)
    ]
    load_marks(school=school, rows=rows, file="test", now=NOW)
    calendar = calendars_of([school])[school.pk]
    first = attendance_of(school, date(2026, 9, 4), calendar=calendar)
    assert set(first.figures) == {late_starter.pk}
    found = first.figures[late_starter.pk]
    assert (found.possible, found.attended, found.unauthorised_10_weeks) == (2, 1, 1)
    assert first.marked_to == date(2026, 9, 4)
    second = attendance_of(school, date(2026, 9, 2), calendar=calendar)
    assert second.figures[leaver.pk].unauthorised == 2
