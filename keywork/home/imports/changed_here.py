"""What people changed here after a file brought it: that stands, and no file writes over it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from keywork.home.imports.context import HANDED_OVER_FROM, IMPORTED_FROM, in_chunks
from keywork.home.imports.importer import Draft, Importer


def find_changed_here(importer: Importer, drafts: Iterable[Draft]) -> set[int]:
    """Give the ids of records whose rows would write over what somebody entered here.

    That is so where one of the values that a row would change is no longer the one that the last
    import left, or, of a record made here, the one it began with.
    """
    at_stake: dict[int, list[str]] = {}
    for draft in drafts:
        if draft.record is not None:
            names = importer.differences(draft.record, draft.values)
            at_stake.update({draft.record.pk: names} if names else {})
    records = {d.record.pk: d.record for d in drafts if d.record and d.record.pk in at_stake}
    return {
        pk
        for pk, left in _as_files_left_them(records).items()
        if any(getattr(left, name) != getattr(records[pk], name) for name in at_stake[pk])
    }


def _as_files_left_them(records: dict[int, Any]) -> dict[int, Any]:
    """Give id → the row of its history that the last import wrote, else its first.

    Its key worker is the one whom a file's assignments gave it to since: of all the rest that
    such a row holds, the import wrote nothing.
    """
    if not records:
        return {}
    history = type(next(iter(records.values()))).history.order_by("history_id")
    left: dict[int, Any] = {}
    for row in in_chunks(history, "id", records):
        why = row.history_change_reason or ""
        if row.id not in left or why.startswith(IMPORTED_FROM):
            left[row.id] = row
        elif why.startswith(HANDED_OVER_FROM):
            left[row.id].key_worker_id = row.key_worker_id
    return left
