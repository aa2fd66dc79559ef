"""A student whose weeks are counted by hand, and two others whose names no page may show.

Last session on Thursday 22 October 2026; today is Thursday 12 November. Since then ten school
days: 23 October, 2 to 6 and 9 to 12 November. The ten before: 9, 12 to 16 and 19 to 22 October.
"""

from datetime import UTC, date, datetime

from sessions.models import SessionAction, TargetEvidence, TargetReview
from students.models import AttendanceMark, Barrier, BehaviourRecord, Incident, Strategy
from tests import factories as make
from tests.factories import TODAY, SessionFactory, StudentFactory, TargetFactory

# What the page must say: measure, before, since, change.
TABLE = [
    ("Low-level slips", "5", "2", "Better, 3 fewer"),
    ("High-level slips", "0", "1", "Worse, 1 more"),
    ("Rewards", "3", "4", "Better, 1 more"),
    ("Points", "14", "22", "Better, 8 more"),
    ("Attendance", "91.7%", "95.0%", "Better, up 3.3"),
    ("Late", "2", "2", "Same"),
]
UPSETTING = "a chair went over"
OTHERS = ("Noah", "Patel", "Amelia", "Frost")
SECRET = "Noah Patel and Amelia Frost were there."


def october(day, hour=9):
    return datetime(2026, 10, day, hour, 20, tzinfo=UTC)


def november(day, hour=9):
    return datetime(2026, 11, day, hour, 20, tzinfo=UTC)


def slip(student, when, level="low", category="Phone", **more):
    record = BehaviourRecord(
        school=student.school,
        student=student,
        occurred_at=when,
        level=level,
        category=category,
        **more,
    )
    record.save()
    return record


def marks(student, days, code="/", **special):
    """Both sessions of some days; special: code by "mmdd" and session, such as d1012AM="L"."""
    for day in days:
        for session in ("AM", "PM"):
            found = special.get(f"d{day:%m%d}{session}", code)
            AttendanceMark(student=student, date=day, session=session, code=found).save(
                force_insert=True
            )


class Briefed:
    """Priya keeps Kit, whose record is planted; Noah and Amelia are others of the school."""

    def __init__(self):
        self.school = make.make_school()
        self.priya = make.make_staff(self.school, "key_worker", username="priya")
        self.staff = [make.make_staff(self.school, "teacher") for _ in range(3)]
        self.kit = self.pupil("Kit Sample", sen_status="E", ehcp_made_on=date(2026, 3, 10))
        self.noah, self.amelia = self.pupil("Noah Patel"), self.pupil("Amelia Frost")
        make.assign(self.kit, self.priya)
        self.last = SessionFactory(
            student=self.kit,
            key_worker=self.priya,
            held_on=date(2026, 10, 22),
            pupil_voice=f"Maths goes too fast. {SECRET}",
            details=SECRET,
            strategies_agreed=SECRET,
        )
        for text, done_at in ((f"Ask Ms Day. {SECRET}", november(3)), ("Tell home", None)):
            SessionAction(
                keywork_session=self.last,
                text=text,
                owner=self.priya,
                done_at=done_at,
                done_by=done_at and self.priya,
            ).save()
        self._slips()
        self._marks()
        self._target()
        Strategy(student=self.kit, text=f"Warn first. {SECRET}", added_on=TODAY).save()
        Barrier(
            student=self.kit,
            noted_on=TODAY,
            noted_by=self.priya,
            text=f"The bus is loud. {SECRET}",
            follow_up=SECRET,
            follow_up_on=date(2026, 11, 20),
        ).save()

    def pupil(self, name, **more):
        first, last = name.split()
        return StudentFactory(
            school=self.school, legal_first_name=first, legal_last_name=last, **more
        )

    def _slips(self):
        kit, (a, b, c) = self.kit, self.staff
        slip(kit, october(8), category="Uniform", staff=a)  # the day before the ten
        for when, staff in ((october(9), a), (october(12), b), (october(14), c)):
            slip(kit, when, category="Calling out", staff=staff, location="Lab 3")
        slip(kit, october(20), category="Phone", staff=a, location="Hall")
        slip(kit, october(22), category="Uniform", staff=a)
        slip(kit, october(23), category="Litter", staff=b, description=SECRET)
        slip(
            kit,
            november(6, 14),
            category="Calling out",
            staff=a,
            antecedent=SECRET,
            response=SECRET,
            consequence=SECRET,
        )
        for day, points in ((12, 5), (15, 5), (21, 4)):
            slip(kit, october(day), "reward", "Effort", points=points, staff=a)
        for day, points in ((3, 10), (4, 5), (9, 4), (10, 3)):
            slip(kit, november(day), "reward", "Kindness", points=points, staff=b)
        event = Incident(school=self.school, occurred_at=november(12))
        event.save()
        self.contentious = slip(
            kit,
            november(12),
            "high",
            "Aggression",
            staff=c,
            incident=event,
            contentious=True,
            contentious_note="Home was told. Noah was hurt.",
            description=f"Noah shouted and Kit answered; {UPSETTING}. {SECRET}",
        )
        slip(self.noah, november(12), "high", "Aggression", incident=event)
        withdrawn = slip(kit, november(10), category="Phone", staff=a)
        withdrawn.withdrawn_at, withdrawn.withdrawn_by = november(11), a
        withdrawn.save()

    def _marks(self):
        # Twelve sessions, one away, two late: 11 of 12. Then twenty, one away, two late.
        before = [date(2026, 10, day) for day in (12, 13, 14, 15, 16, 19)]
        marks(self.kit, before, d1012AM="L", d1013AM="L", d1019PM="I")
        since = [date(2026, 10, 23)]
        since += [date(2026, 11, day) for day in (2, 3, 4, 5, 6, 9, 10, 11, 12)]
        marks(self.kit, since, d1102AM="L", d1109AM="L", d1106PM="O")

    def _target(self):
        target = TargetFactory(student=self.kit, text=f"Show the card. {SECRET}", goal_count=5)
        TargetEvidence(
            target=target, noted_on=TODAY, noted_by=self.priya, count=2, text=SECRET
        ).save()
        TargetReview(
            target=target,
            reviewed_on=date(2026, 11, 5),
            reviewed_by=self.priya,
            outcome="partly",
            evidence=SECRET,
        ).save()
