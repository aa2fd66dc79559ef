"""What is tried where poor attendance persists, and when it goes to a senior lead.

Plain Python. Sources: requirements S0-12 (log the strategies used) and S0-13 (child and family
first, then a named senior lead).
"""

from collections.abc import Collection
from enum import StrEnum, auto


class Step(StrEnum):
    """A rung of the ladder."""

    TALK = auto()
    CALL_HOME = auto()
    MEETING = auto()
    LETTER = auto()
    HOME_VISIT = auto()
    TIMETABLE = auto()
    REWARD = auto()
    AGENCY = auto()
    OTHER = auto()
    REPORTED = auto()


WITH_CHILD = frozenset({Step.TALK, Step.REWARD, Step.TIMETABLE})
WITH_FAMILY = frozenset({Step.CALL_HOME, Step.MEETING, Step.LETTER, Step.HOME_VISIT})


def missing_before_report(taken: Collection[str]) -> list[str]:
    """Give who has not been turned to yet: "the student", "the family", or neither.

    taken: the steps so far.

    >>> missing_before_report(["talk"])
    ['the family']
    """
    steps = frozenset(Step(each) for each in taken)
    tried = (("the student", WITH_CHILD), ("the family", WITH_FAMILY))
    return [who for who, group in tried if not steps & group]
