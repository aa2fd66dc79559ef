"""A small school with slips, for the tests of slips and rewards."""

from datetime import UTC, datetime

from students.models import BehaviourRecord, Incident
from tests import factories as make
from tests.factories import NOW, StudentFactory


def at(month, day, hour=11, minute=20):
    """A moment of 2026, UTC (local time in winter)."""
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def a_slip(student, when=None, level="low", category="Disruption", **more):
    """A slip as stored."""
    record = BehaviourRecord(
        school=student.school,
        student=student,
        occurred_at=when or at(11, 10),
        level=level,
        category=category,
        recorded_at=when or at(11, 10),
        **more,
    )
    record.save()
    return record


def an_incident(*students, by=None, **more):
    """One event: a record a student."""
    incident = Incident(school=students[0].school, occurred_at=at(11, 10), made_by=by)
    incident.save()
    return [
        a_slip(student, incident=incident, staff=by, recorded_by=by, **more)
        for student in students
    ]


class Fold:
    """Priya keeps Kit and Amelia, Noah is somebody else's; Tom teaches Kit."""

    def __init__(self):
        self.school = make.make_school()
        self.priya = make.make_staff(self.school, "key_worker", username="priya")
        self.tom = make.make_staff(self.school, "teacher", username="tom", last_name="Teach")
        self.sana = make.make_staff(self.school, "senco", username="sana", last_name="Senco")
        self.office = make.make_staff(self.school, "admin", username="office")
        self.kit = self.pupil("Kit Sample")
        self.amelia = self.pupil("Amelia Frost")
        self.noah = self.pupil("Noah Patel")
        make.assign(self.kit, self.priya)
        make.assign(self.amelia, self.priya)
        self.now = NOW

    def pupil(self, name, school=None):
        first, _, last = name.partition(" ")
        return StudentFactory(
            school=school or self.school, legal_first_name=first, legal_last_name=last
        )
