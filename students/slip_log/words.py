"""The words a school offers on slips; a school that has set none yet is offered usual ones."""

from collections.abc import Sequence
from dataclasses import dataclass

from keywork.models import School
from students.models import BehaviourChoice, Level

Kind = BehaviourChoice.Kind
GROWTH_MINDSET = "Growth mindset"
GREEN_POINTS = "Green points"

USUAL: dict[tuple[str, str], tuple[str, ...]] = {
    (Kind.CATEGORY, Level.LOW): (
        *("Calling out", "Left the room", "Work not started", "Unkind words", "Uniform", "Phone"),
        "Other",
    ),
    (Kind.CATEGORY, Level.HIGH): (
        *("Physical aggression", "Dangerous behaviour", "Damage to property", "Absconding"),
        *("Bullying", "Prejudiced language", "Other"),
    ),
    (Kind.CATEGORY, Level.REWARD): (
        *(GREEN_POINTS, "Effort", "Kindness", "Teamwork", "Self-control", "Responsibility"),
        GROWTH_MINDSET,
    ),
    (Kind.LOCATION, ""): ("Classroom", "Corridor", "Dining hall", "Playground", "Off site"),
    (Kind.CONSEQUENCE, ""): (
        *("Conversation", "Loss of Enrichment", "Detention", "Restorative meeting", "Suspension"),
    ),
    (Kind.RESPONSE, ""): (
        *("Reminder", "Offered a choice", "Moved seat", "Time out", "Called for help"),
    ),
}
# What a school offers for key-work sessions; its own themes stand beside the usual ones.
OF_SESSIONS: dict[tuple[str, str], tuple[str, ...]] = {
    (Kind.SESSION_PLACE, ""): ("Academic Support Centre", "Library"),
    (Kind.SESSION_THEME, ""): (),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word on offer, and the points it gives unless told otherwise."""

    name: str
    points: int | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """What a slip's form offers, by (kind, level)."""

    offered: dict[tuple[str, str], list[Word]]

    def categories(self, level: str) -> list[Word]:
        """Give the categories of a level."""
        return self.offered[Kind.CATEGORY, level]

    def of(self, kind: str) -> list[Word]:
        """Give the places, consequences or responses."""
        return self.offered[kind, ""]

    def points_of(self, level: str, category: str) -> int | None:
        """Give the points of a category; one for a reward that says none."""
        named = [each.points for each in self.categories(level) if each.name == category]
        points = named[0] if named else None
        return 1 if points is None and level == Level.REWARD else points


def words_of(school: School) -> Words:
    """Read a school's words on offer, in one query."""
    chosen: dict[tuple[str, str], list[Word]] = {key: [] for key in USUAL}
    known = set()
    on_slips = {kind for kind, _ in USUAL}
    rows = BehaviourChoice.objects.filter(school=school, kind__in=on_slips)
    for each in rows.order_by("position", "name"):
        known.add((each.kind, each.level))
        if each.active:
            chosen[each.kind, each.level].append(Word(each.name, each.points))
    for key, names in USUAL.items():
        if key not in known:
            chosen[key] = [Word(name) for name in names]
    return Words(chosen)


def level_of(kind: str) -> str:
    """Give the level of what the form calls it: green points and growth mindset are rewards."""
    return Level.REWARD if kind in ("green", "growth") else kind


def names_of(words: Sequence[Word]) -> list[tuple[str, str]]:
    """Give words as choices of a field."""
    return [(word.name, word.name) for word in words]
