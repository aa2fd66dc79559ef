"""What may be told to an agency, and when it should hear from the school again.

Plain Python: days are passed in. Sources: requirements S0-21 to S0-23, domain 5.5 and 6.1 (consent
is recorded for sharing, and is not the only ground to share).
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum, auto

USUAL_WEEKS = 6  # about once a half term; a school sets its own number
FEWEST_WEEKS, MOST_WEEKS = 1, 26


class Consent(StrEnum):
    """What is known of the family's consent to share."""

    NOT_ASKED = auto()
    GIVEN = auto()
    REFUSED = auto()
    NOT_NEEDED = auto()


class Verdict(StrEnum):
    """Whether something may be told: covered; only with a reason; not at all."""

    COVERED = auto()
    REASON = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class ConsentFacts:
    """A consent: its state, first and last day (inclusive; None: open), and what it covers."""

    state: Consent
    since: date | None = None
    until: date | None = None
    covers: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether something may be told, and why not, as a sentence without its full stop."""

    verdict: Verdict
    why: str = ""
    beyond: tuple[str, ...] = ()


def may_tell(consent: ConsentFacts, about: Collection[str], on: date) -> Answer:
    """Say whether consent covers telling these sorts of things on a day.

    Refused consent stands against everything; none asked, not in force or not wide enough asks
    for a reason. Where the law lets or makes the school share, no consent is needed.

    >>> given = ConsentFacts(Consent.GIVEN, covers=frozenset({"attendance"}))
    >>> may_tell(given, ["attendance"], date(2026, 11, 12)).verdict.value
    'covered'
    >>> may_tell(given, ["attendance", "health"], date(2026, 11, 12)).beyond
    ('health',)
    """
    if consent.state == Consent.GIVEN:
        return _given(consent, about, on)
    return _UNGIVEN[consent.state]


_UNGIVEN = {
    Consent.NOT_NEEDED: Answer(Verdict.COVERED),
    Consent.REFUSED: Answer(Verdict.REFUSED, "Consent to share was refused"),
    Consent.NOT_ASKED: Answer(Verdict.REASON, "Nobody has asked for consent to share yet"),
}


def _given(consent: ConsentFacts, about: Collection[str], on: date) -> Answer:
    if consent.since and on < consent.since:
        return Answer(Verdict.REASON, f"Consent begins on {_day(consent.since)}")
    if consent.until and on > consent.until:
        return Answer(Verdict.REASON, f"Consent ended on {_day(consent.until)}")
    beyond = tuple(each for each in about if each not in consent.covers)
    if beyond:
        return Answer(Verdict.REASON, "Consent does not cover", beyond)
    return Answer(Verdict.COVERED)


def update_due_on(informed_on: date, weeks: int) -> date:
    """Give the last day by which an agency should hear again.

    informed_on: when it was last told something or met, else when it became involved.
    weeks: the school's number.
    """
    return informed_on + timedelta(weeks=weeks)


def not_informed_since(on: date, weeks: int) -> date:
    """Give the day before which the last word is too long ago: `update_due_on` turned round."""
    return on - timedelta(weeks=weeks)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
