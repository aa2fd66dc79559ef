"""What the files of a school's past cannot hold: times of sessions, strategies, interests."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import cycle

from keywork.duties import DutyKind
from keywork.home.duties import standing_of
from keywork.models import School, User
from keywork.school_calendar import calendar_of
from sessions.models import KeyworkSession
from sessions.services.planning import PlanningError, plan_session
from students.models import Barrier, GradeSheet, Strategy, Student, TestScore

TIMES = (time(9, 0), time(9, 40), time(11, 20), time(13, 40), time(14, 20))
VENUES = ("Library nook", "Room 4", "The hub", "Sensory room")
STRATEGIES: Sequence[tuple[str, str]] = (
    (Strategy.Kind.HELPS, "Give a warning before a change, five minutes and one minute"),
    (Strategy.Kind.HELPS, "Ask twice, then give space"),
    (Strategy.Kind.HELPS, "First and then, on a card"),
    (Strategy.Kind.HELPS, "A job to do: handing out books settles the start of a lesson"),
    (Strategy.Kind.HELPS, "Sit near the door, facing the board"),
    (Strategy.Kind.DOES_NOT_HELP, "Being asked to explain in front of others"),
    (Strategy.Kind.DOES_NOT_HELP, "Raised voices, even when meant for somebody else"),
)
INTERESTS = ("Football, and drawing trainers", "Trains, and baking at home", "Minecraft, dogs")
LEARNING = ("Looks first, then tries. Short steps, ticked off.", "Talks it through, then writes.")
DROPS = (30, 4)  # weeks ago
SUBJECTS = ("English", "Maths", "Science")
BARRIERS = (
    ("The bus is late, so I miss the start.", "Bus firm rung; first lesson starts with a task."),
    ("I cannot see the board from where I sit.", "Seat moved; eye test asked for."),
    ("Maths is too fast after lunch.", "Slower start agreed with the teacher."),
)
RESIDENCE = "Beck House"
RESIDENTS = 6
MINUTES = 20
PLAN_DAYS = 5


def colour(school: School, now: datetime) -> None:
    """Fill in what makes the screens look used, as of `now`; no date of a duty moves."""
    _profiles(school, now.date())
    _times(school)
    _plans(school, now)
    _progress(school, now.date())


def _progress(school: School, on: date) -> None:
    """Give grades of two data drops, reading ages, a baseline and some barriers."""
    students = Student.objects.filter(school=school).on_roll(on).by_name()
    for number, student in enumerate(students):
        keeper = _key_worker(student, on)
        for weeks in DROPS:
            drop_on = on - timedelta(weeks=weeks)
            for at, subject in enumerate(SUBJECTS):
                GradeSheet(
                    student=student, drop=f"{drop_on:%B}", drop_on=drop_on,
                    subject=subject, grade=str(2 + (number + at + (weeks < 10)) % 5),
                    expected_grade=str(3 + (number + at) % 4), effort="BACD"[(number + at) % 4],
                ).save()  # fmt: skip
        for weeks, grown in ((40, 0), (8, 5)):
            months = 84 + number % 5 * 9 + grown
            TestScore(
                student=student, kind=TestScore.Kind.READING_AGE, value=months,
                score=f"{months // 12}:{months % 12:02}", taken_on=on - timedelta(weeks=weeks),
            ).save()  # fmt: skip
        if keeper and number % 3 == 0:
            text, done = BARRIERS[number // 3 % len(BARRIERS)]
            Barrier(
                student=student, text=text, follow_up=done, owner=keeper, noted_by=keeper,
                noted_on=on - timedelta(days=20), follow_up_on=on + timedelta(days=9),
            ).save()  # fmt: skip


def _key_worker(student: Student, on: date) -> User | None:
    current = student.assignments.current(on).primary().select_related("key_worker").first()
    return current.key_worker if current else None


def _profiles(school: School, on: date) -> None:
    students = Student.objects.filter(school=school).on_roll(on).by_name()
    strategies, interests, learning = cycle(STRATEGIES), cycle(INTERESTS), cycle(LEARNING)
    arrangements = cycle(Student.Arrangement.values)
    for number, student in enumerate(students):
        student.interests = next(interests)
        student.learning_style = next(learning)
        student.teaching_arrangement = next(arrangements)
        student.trusted_adult = "Mrs Brearley" if number % 3 == 0 else ""
        student.medical_alert = "Asthma: blue inhaler in the office" if number % 11 == 4 else ""
        student.residence = RESIDENCE if number < RESIDENTS else ""
        student.save()
        added_on = max(student.on_roll_from, on - timedelta(days=90 + 3 * number))
        for kind, text in (next(strategies), next(strategies)):
            Strategy(student=student, kind=kind, text=text, added_on=added_on).save()


def _times(school: School) -> None:
    """Give planned sessions a time and a place; one key worker's never fall together."""
    planned = KeyworkSession.objects.filter(school=school).planned().order_by("held_on", "pk")
    taken: dict[tuple[int | None, date], int] = {}
    for number, session in enumerate(planned):
        slot = taken.setdefault((session.key_worker_id, session.held_on), 0)
        taken[session.key_worker_id, session.held_on] = slot + 1
        session.starts_at = TIMES[slot % len(TIMES)]
        session.venue = VENUES[number % len(VENUES)]
        session.minutes = session.minutes or MINUTES
        session.save()


def _plans(school: School, now: datetime) -> None:
    """Plan a session on the day it must be held by, from today on, as a key worker would."""
    calendar = calendar_of(school)
    standing = standing_of(school, now.date(), calendar=calendar, horizon=PLAN_DAYS)
    students = {each.pk: each for each in Student.objects.filter(school=school)}
    workers = {each.username: each for each in User.objects.filter(staff_records__school=school)}
    places = cycle(VENUES)
    for duty in standing.duties:
        worker = workers.get(duty.owner)
        if duty.kind != DutyKind.SESSION or worker is None or duty.student_id is None:
            continue
        day = calendar.next_school_day(max(duty.act_by, now.date()))
        if day is not None:
            _plan(students[duty.student_id], worker, day, next(places), now)


def _plan(student: Student, worker: User, day: date, venue: str, now: datetime) -> None:
    """Plan at the first free time of the day; a full or closed day is left alone."""
    for starts_at in TIMES:
        try:
            plan_session(
                student=student, key_worker=worker, held_on=day, starts_at=starts_at,
                minutes=MINUTES, venue=venue, focus=KeyworkSession.Focus.STUDENT_VOICE,
                by=worker, now=now,
            )  # fmt: skip
        except PlanningError:
            continue
        return
