"""How much of a held session's record is written (S2-67), and what its targets cover (S2-101).

Plain values in, an answer in words out; nothing here reads the database.
"""

from collections.abc import Iterable
from dataclasses import dataclass

COVERED = frozenset({"behaviour", "learning"})


@dataclass(frozen=True, slots=True)
class NewTarget:
    """What counts of a target set in the session."""

    measured: bool
    reviewed_on: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a held session's record holds.

    talked: anything written of what was talked about, or shared by the group. unjudged: targets
    open on the day that the session said nothing of. carried_on: whether any target stays open.
    """

    voice: bool
    feeling: bool
    talked: bool
    engagement: bool
    strategies_or_themes: bool
    unjudged: int
    new_targets: tuple[NewTarget, ...] = ()
    no_target_reason: bool = False
    carried_on: bool = False

    @property
    def target_whole(self) -> bool:
        """Say whether each new target can be reviewed; with none, whether it says why."""
        if self.new_targets:
            return all(each.measured and each.reviewed_on for each in self.new_targets)
        return self.no_target_reason or self.carried_on


@dataclass(frozen=True, slots=True)
class Completeness:
    """How many parts of how many are written, and the missing ones in words."""

    written: int
    parts: int
    missing: tuple[str, ...]

    @property
    def words(self) -> str:
        """Say it: "6 of 7 parts written. Missing: how school feels."."""
        if not self.missing:
            return f"All {self.parts} parts written."
        return f"{self.written} of {self.parts} parts written. Missing: {', '.join(self.missing)}."


def completeness(record: Written, name: str) -> Completeness:
    """Judge a held session's record; name: what the student is called."""
    unjudged = "a word on an open target"
    if record.unjudged > 1:
        unjudged = f"a word on {record.unjudged} open targets"
    whole = "a target, or why there is none"
    if record.new_targets:
        whole = "how and when to review the new target"
    parts = {
        f"{name}’s own words": record.voice,
        "how school feels": record.feeling,
        "what you talked about": record.talked,
        f"how {name} took part": record.engagement,
        "strategies or themes": record.strategies_or_themes,
        unjudged: not record.unjudged,
        whole: record.target_whole,
    }
    missing = tuple(words for words, there in parts.items() if not there)
    return Completeness(len(parts) - len(missing), len(parts), missing)


def uncovered_words(areas: Iterable[str]) -> str:
    """Say that no open target covers behaviour or learning; areas: of those open, "" where unsaid.

    Empty where one does, and where nothing is open.
    """
    found = set(areas)
    if not found or found & COVERED:
        return ""
    return "No open target is about behaviour or learning: general target setting covers both."
