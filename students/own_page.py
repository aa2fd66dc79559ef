"""Records of one student as their own page shows them: other students stand as initials."""

from collections.abc import Iterable
from typing import Any

from students.models import Student
from students.other_names import hide_others

Texts = tuple[Any, tuple[str, ...]]


def hide_others_in(student: Student, records: Iterable[Texts]) -> None:
    """Put initials for other students of the school in these records, which nobody saves again.

    records: each with the names of its fields of free text. One query, or none without text.
    """
    places = [
        (record, name) for record, names in records for name in names if getattr(record, name)
    ]
    texts = [getattr(record, name) for record, name in places]
    shown = hide_others(texts, student.school_id, shown=[student.pk])
    for (record, name), text in zip(places, shown, strict=True):
        setattr(record, name, text)
