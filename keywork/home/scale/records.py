"""Sessions, targets, reviews, evidence and actions of synthetic students."""

import json
from dataclasses import dataclass
from datetime import date
from random import Random

from keywork.home.scale import words
from keywork.home.scale.people import Place
from keywork.home.scale.tables import Table
from keywork.home.scale.terms import MadeHalfTerm
from sessions.models import KeyworkSession, SessionAction, Target, TargetEvidence, TargetReview

SESSIONS_A_HALF_TERM = 3
HELD = 0.88
SETS_A_TARGET = 0.65
HAS_REVIEW = 0.35
HAS_EVIDENCE = 0.35
HAS_ACTION = 0.2
FOCUSES = tuple(KeyworkSession.Focus)
MISSED = ("pupil_absent", "pupil_absent", "declined", "staff_absent", "no_time")
OUTCOMES = (
    *[("achieved", "achieved")] * 5,
    *[("partly", "partly")] * 3,
    *[("not_achieved", "not_yet")] * 2,
)
# Days from the day a target is set: to its review; to its close, one of these.
REVIEW_AFTER = (14, 21, 28)
CLOSED_AFTER = (13, 14, 15, 21)
OPEN_AT_MOST = 3
# Older targets are closed: nobody keeps one open for longer than this.
OPEN_DAYS = 35
TALKS = 2000


@dataclass(frozen=True, slots=True)
class SetTarget:
    """A target that a session will set: the day, as an ordinal, and the session's id."""

    on: int
    keywork_session: int


class Records:
    """Writes one student's records after another into the tables."""

    def __init__(self, rng: Random, on: date, history: list[MadeHalfTerm]) -> None:
        self.rng, self.on, self.today = rng, on.toordinal(), on.isoformat()
        self.history = history
        self.talks = words.talks(rng, TALKS)
        self.sessions = Table(
            *(KeyworkSession, rng, "school_id", "student_id", "key_worker_id", "held_on"),
            *("starts_at", "status", "missed_reason", "minutes", "method", "venue", "focus"),
            *("themes", "pupil_voice", "feeling", "engagement", "details"),
            *("strategies_agreed", "signed_at", "signed_by_id"),
        )
        self.targets = Table(
            *(Target, rng, "school_id", "student_id", "keywork_session_id", "set_on"),
            *("set_by_id", "area", "text", "measure", "goal_count", "goal_unit", "baseline"),
            *("help", "review_on", "student_agreed", "status", "closed_on"),
        )
        self.reviews = Table(
            *(TargetReview, rng, "target_id", "keywork_session_id", "reviewed_on"),
            *("reviewed_by_id", "outcome", "evidence"),
        )
        self.evidence = Table(
            TargetEvidence, rng, "target_id", "noted_on", "noted_by_id", "count", "text"
        )
        self.actions = Table(
            *(SessionAction, rng, "keywork_session_id", "text", "owner_id", "due_on"),
            *("done_at", "done_by_id"),
        )

    @property
    def tables(self) -> dict[str, Table]:
        """Give the tables by name, in the order they are to be written in."""
        return {
            "sessions": self.sessions,
            "targets": self.targets,
            "reviews": self.reviews,
            "evidence": self.evidence,
            "actions": self.actions,
        }

    def add(self, school: int, place: Place) -> None:
        """Add a student's sessions of every half term, and what was agreed in them.

        One who joined only lately has none yet but this half term's planned one.
        """
        set_targets: list[SetTarget] = []
        for half_term in self.history[-1:] if place.is_new else self.history:
            for day in self._days(half_term):
                if day >= self.today:
                    self._plan(school, place, day)
                elif not place.is_new:
                    set_targets += self._past(school, place, day)
        keep_open = self.rng.randint(1, OPEN_AT_MOST)
        for left, target in zip(range(len(set_targets) - 1, -1, -1), set_targets, strict=True):
            is_open = left < keep_open and self.on - target.on <= OPEN_DAYS
            self._target(school, place, target, is_open=is_open)

    def _days(self, half_term: MadeHalfTerm) -> list[str]:
        """Give one day in each third of the half term."""
        part = len(half_term.days) // SESSIONS_A_HALF_TERM
        return [
            half_term.days[third * part + self.rng.randrange(part)]
            for third in range(SESSIONS_A_HALF_TERM)
        ]

    def _plan(self, school: int, place: Place, day: str) -> None:
        what = ("planned", "", 20, "one_to_one", "The quiet room", "", "[]", "", None, None, "")
        who = (school, place.student, place.key_worker)
        self.sessions.add(*who, day, "13:10:00", *what, "", None, None)

    def _past(self, school: int, place: Place, day: str) -> list[SetTarget]:
        """Add a session held or missed; give the target to set in it, if any."""
        rng = self.rng
        who = (school, place.student, place.key_worker)
        signed = (f"{day} 14:30:00", place.key_worker)
        if rng.random() >= HELD:
            what = ("missed", rng.choice(MISSED), None, "", "", "", "[]", "", None, None, "", "")
            self.sessions.add(*who, day, None, *what, *signed)
            return []
        session = self.sessions.add(
            *(*who, day, "13:10:00", "held", "", 20, "one_to_one", "The quiet room"),
            *(rng.choice(FOCUSES), json.dumps(["coping"]), rng.choice(words.PUPIL_WORDS)),
            *(rng.randint(1, 5), rng.randint(1, 4), rng.choice(self.talks)),
            *(rng.choice(words.STRATEGIES), *signed),
        )
        if rng.random() < HAS_ACTION:
            self._action(session, place.key_worker, day)
        if rng.random() >= SETS_A_TARGET:
            return []
        return [SetTarget(date.fromisoformat(day).toordinal(), session)]

    def _action(self, session: int, owner: int, day: str) -> None:
        agreed = date.fromisoformat(day).toordinal()
        done = agreed + 7 < self.on and self.rng.random() < 0.95
        by = date.fromordinal(agreed + 7).isoformat()
        ticked = (f"{by} 08:20:00", owner) if done else (None, None)
        self.actions.add(session, self.rng.choice(words.ACTIONS), owner, by, *ticked)

    def _target(self, school: int, place: Place, target: SetTarget, *, is_open: bool) -> None:
        rng, key_worker = self.rng, place.key_worker
        area, text, unit = rng.choice(words.TARGETS)
        goal = rng.randint(3, 5)
        closed = min(target.on + rng.choice(CLOSED_AFTER), self.on)
        closed_on = date.fromordinal(closed).isoformat()
        status, outcome = ("active", "") if is_open else rng.choice(OUTCOMES)
        added = self.targets.add(
            *(school, place.student, target.keywork_session),
            *(date.fromordinal(target.on).isoformat(), key_worker, area, text),
            *(f"{goal} of {unit}", goal, unit, "Once last week", rng.choice(words.STRATEGIES)),
            *(date.fromordinal(target.on + rng.choice(REVIEW_AFTER)).isoformat(), True, status),
            None if is_open else closed_on,
        )
        if not is_open and rng.random() < HAS_REVIEW:
            said = (outcome, "The planner and two teachers say so.")
            self.reviews.add(added, None, closed_on, key_worker, *said)
        if rng.random() < HAS_EVIDENCE:
            noted_on = date.fromordinal(min(target.on + 5, self.on)).isoformat()
            self.evidence.add(added, noted_on, key_worker, 1, "Seen in maths.")
