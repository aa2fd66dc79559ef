"""Slips and rewards of synthetic students, and the events that two of them share."""

from collections.abc import Sequence
from random import Random

from keywork.home.scale import words
from keywork.home.scale.people import Place
from keywork.home.scale.tables import Table
from students.models import BehaviourRecord, Incident, Level
from students.slip_log.words import USUAL, Kind

SLIPS_A_YEAR = 20
# One student in fifty, among them one of the eleventh key worker's, has ten times as many.
BUSY_EVERY, BUSY_PLACE, BUSY_TIMES = 50, 2, 10
LEVELS = (*[Level.REWARD] * 12, *[Level.LOW] * 7, Level.HIGH)
POINTS = {Level.REWARD: (1, 2, 2, 5, 10), Level.LOW: (-1,), Level.HIGH: (-3, -5)}
HOURS = ((9, "Period 1"), (10, "Period 2"), (11, "Break"), (12, "Lunch"), (14, "Period 5"))
SHARED = 0.05
CONTENTIOUS = 0.02
NAMES_ANOTHER = 0.05

Event = tuple[int, str]  # id, when


class Slips:
    """Writes one student's slips after another. days: the past school days, as ISO dates."""

    def __init__(self, rng: Random, days: Sequence[str], years: int) -> None:
        self.rng, self.days, self.years = rng, days, years
        self.events: list[Event] = []
        self.incidents = Table(Incident, rng, "school_id", "occurred_at", "made_by_id")
        self.slips = Table(
            *(BehaviourRecord, rng, "school_id", "student_id", "staff_id", "recorded_by_id"),
            *("incident_id", "occurred_at", "recorded_at", "lesson", "level", "category"),
            *("points", "location", "description", "response", "consequence", "contentious"),
        )

    @property
    def tables(self) -> dict[str, Table]:
        """Give the tables by name, in the order they are to be written in."""
        return {"incidents": self.incidents, "slips": self.slips}

    def add(self, school: int, place: Place, index: int, staff: Sequence[int]) -> None:
        """Add the slips of a school's `index`th student; some are of events the last one shares.

        One who joined only lately has none. staff: ids of those who write slips.
        """
        if index == 0:
            self.events = []
        if place.is_new or not self.days:
            return
        for event in self.events:
            self._slip(school, place.student, self.rng.choice(staff), *event, shared=True)
        self.events = []
        often = BUSY_TIMES if index % BUSY_EVERY == BUSY_PLACE else self.rng.uniform(0.2, 1.8)
        for _ in range(int(SLIPS_A_YEAR * self.years * often)):
            self._event(school, place.student, self.rng.choice(staff))

    def _event(self, school: int, student: int, staff: int) -> None:
        """Add a slip of its own or, now and then, of an event the next student had part in."""
        rng = self.rng
        hour, _ = lesson = rng.choice(HOURS)
        at = f"{rng.choice(self.days)} {hour:02}:{rng.randrange(60):02}:00"
        if rng.random() >= SHARED:
            self._slip(school, student, staff, None, at, lesson=lesson[1])
            return
        event = (self.incidents.add(school, at, staff), at)
        self.events.append(event)
        self._slip(school, student, staff, *event, lesson=lesson[1], shared=True)

    def _slip(
        self,
        school: int,
        student: int,
        staff: int,
        incident: int | None,
        at: str,
        *,
        lesson: str = "",
        shared: bool = False,
    ) -> None:
        rng = self.rng
        level = rng.choice(LEVELS[12:] if shared else LEVELS)
        bad = level != Level.REWARD
        self.slips.add(
            *(school, student, staff, staff, incident, at, at, lesson, level.value),
            *(rng.choice(CATEGORIES[level]), rng.choice(POINTS[level]), rng.choice(PLACES)),
            self._what_happened(bad=bad),
            rng.choice(RESPONSES) if bad else "",
            rng.choice(CONSEQUENCES) if level == Level.HIGH else "",
            bad and rng.random() < CONTENTIOUS,
        )

    def _what_happened(self, *, bad: bool) -> str:
        text = self.rng.choice(words.SLIPS if bad else words.REWARDS)
        if self.rng.random() < NAMES_ANOTHER:
            text = f"{text} {self.rng.choice(words.FIRST_NAMES)} was there too."
        return text


CATEGORIES = {level: USUAL[Kind.CATEGORY, level] for level in Level}
PLACES, RESPONSES, CONSEQUENCES = (
    USUAL[kind, ""] for kind in (Kind.LOCATION, Kind.RESPONSE, Kind.CONSEQUENCE)
)
