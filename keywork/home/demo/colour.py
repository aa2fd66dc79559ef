"""What the files of a school's past cannot hold: times of sessions, strategies, interests."""

from collections.abc import Sequence
from datetime import date, time
from itertools import cycle

from keywork.models import School
from sessions.models import KeyworkSession
from students.models import Strategy, Student

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
RESIDENCE = "Beck House"
RESIDENTS = 6


def colour(school: School, on: date) -> None:
    """Fill in what makes the screens look used; nothing here changes what is due."""
    _profiles(school, on)
    _times(school, on)


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
        for kind, text in (next(strategies), next(strategies)):
            Strategy(student=student, kind=kind, text=text, added_on=on).save()


def _times(school: School, on: date) -> None:
    """Give planned sessions a time and a place; one key worker's never fall together."""
    planned = KeyworkSession.objects.filter(school=school).planned().order_by("held_on", "pk")
    taken: dict[tuple[int | None, date], int] = {}
    for number, session in enumerate(planned):
        slot = taken.setdefault((session.key_worker_id, session.held_on), 0)
        taken[session.key_worker_id, session.held_on] = slot + 1
        session.starts_at = TIMES[slot % len(TIMES)]
        session.venue = VENUES[number % len(VENUES)]
        session.minutes = session.minutes or 20
        session.save()
