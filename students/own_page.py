"""Records of one student as their own page shows them: other students stand as initials."""

from collections.abc import Iterable
from typing import Any

from students.models import Student
from students.other_names import hide_others

Texts = tuple[Any, tuple[str, ...]]


def hide_others_in(
    student: Student, records: Iterable[Texts], *, lines: Iterable[list[dict[str, Any]]] = ()
) -> None:
    """Put initials for other students of the school in these records, which nobody saves again.

    records: each with the names of its fields of free text; lines: lists of plain values, all of
    whose texts count. One query, or none without text.
    """
    places = [
        (record, name) for record, names in records for name in names if getattr(record, name)
    ]
    values = [
        (line, name)
        for each in lines
        for line in each
        for name, text in line.items()
        if text and isinstance(text, str)
    ]
    texts = [getattr(record, name) for record, name in places]
    texts += [line[name] for line, name in values]
    shown = iter(hide_others(texts, student.school_id, shown=[student.pk]) if texts else ())
    for record, name in places:
        setattr(record, name, next(shown))
    for line, name in values:
        line[name] = next(shown)
