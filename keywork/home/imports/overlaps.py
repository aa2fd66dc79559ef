"""Dated rows of one owner that must not overlap: found before the database would refuse them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from keywork.home.imports.importer import Draft


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of days of one owner, both ends inclusive; no end: for good."""

    owner: int
    start: date
    end: date | None

    def overlaps(self, other: Interval) -> bool:
        """Say whether a day lies in both."""
        return self.start <= (other.end or date.max) and other.start <= (self.end or date.max)


def reject_overlaps(
    drafts: Iterable[Draft],
    interval_of: Callable[[Draft], Interval],
    standing: Iterable[tuple[int, Interval]],
    what: str,
) -> None:
    """Reject, by its `start`, each row that overlaps an earlier one or what stays in the database.

    standing: (id, interval) of the records there; those that a row replaces do not count, until
    that row itself is rejected. what: "another half term", for the sentence.
    """
    by_owner: dict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_owner[interval_of(draft).owner].append(draft)
    there: dict[int, list[tuple[int, Interval]]] = defaultdict(list)
    for pk, interval in standing:
        there[interval.owner].append((pk, interval))
    for owner, group in by_owner.items():
        while _reject_first(group, interval_of, there[owner], what):
            pass


def _reject_first(
    group: list[Draft],
    interval_of: Callable[[Draft], Interval],
    standing: list[tuple[int, Interval]],
    what: str,
) -> bool:
    """Reject the first row that overlaps; False where none does."""
    alive = [draft for draft in group if draft.rejection is None]
    replaced = {draft.record.pk for draft in alive if draft.record is not None}
    taken = [(f"{what} at the school", each) for pk, each in standing if pk not in replaced]
    for draft in alive:
        mine = interval_of(draft)
        clash = next((where for where, each in taken if mine.overlaps(each)), None)
        if clash:
            draft.reject("start", f"Overlaps {clash}. Change the dates of one of them.")
            return True
        taken.append((f"{what} in row {draft.row.number}", mine))
    return False


def shrinking_first(
    drafts: Iterable[Draft], interval_of: Callable[[Draft], Interval]
) -> list[Draft]:
    """Order rows so that no moment between the first write and the last holds an overlap.

    A row's start is part of its key, so only ends move: those that move earlier go first.
    """

    def grows(draft: Draft) -> bool:
        if draft.record is None:
            return True
        end = interval_of(draft).end or date.max
        return end > (draft.record.end or date.max)

    return sorted(drafts, key=grows)
