"""Other students named in the history of one: they stand as initials."""

from dataclasses import replace
from typing import Any

from keywork.history import Change, Entry
from students.models import Student
from students.other_names import hide_others


def whose(record: Any) -> Student:
    """Give the student that a record is about."""
    found: Student = record if isinstance(record, Student) else record.student
    return found


def without_other_students(
    title: str, entries: list[Entry], student: Student
) -> tuple[str, list[Entry]]:
    """Put initials for other students named in a record about one: its name, texts; one query."""
    texts = [text for e in entries for text in (e.reason, e.about, *_texts_of(e))]
    shown = iter(hide_others([title, *texts], student.school_id, shown=[student.pk]))
    return next(shown), [
        replace(
            entry,
            reason=next(shown),
            about=next(shown),
            changes=[Change(each.label, next(shown), next(shown)) for each in entry.changes],
        )
        for entry in entries
    ]


def _texts_of(entry: Entry) -> list[str]:
    return [text for change in entry.changes for text in (change.before, change.after)]
