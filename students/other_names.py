"""What is shown of one student names no other: other students stand as initials.

Texts are people's own words, so this reads them: a first and last name side by side that belong
to another student of the school. Where the other students of an event are known, their first
names alone count, too.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Concat, Lower

from keywork.prepared import prepared
from students.models import BehaviourRecord, Student

WORD = re.compile(r"[^\W\d_][\w'’-]*")
CHUNK = 16_384  # pairs of words in one query
NO_PAIRS = ("-",)  # of words there is none like it
NO_EVENTS: dict[str, Any] = {"student": None, "begins": None, "ends": None}


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody whose name is not shown: every way to write it, and what stands for it."""

    first_names: tuple[str, ...]
    last_name: str
    initials: str

    @property
    def full_names(self) -> list[str]:
        """Give first and last name together, once for each first name."""
        return [f"{first} {self.last_name}".strip() for first in self.first_names]


def named(students: Iterable[Student]) -> list[Named]:
    """Give these students' names, by law and as they go by."""
    return [_named(student) for student in students]


def initials_for_names(text: str, others: Iterable[Named], *, also_first: bool = False) -> str:
    """Put initials in place of the others' names, whatever the case of the letters.

    also_first: a first name alone, too, where it begins with a capital.
    """
    for other in others:
        for name in other.full_names:
            text = _replaced(text, name, other.initials, re.IGNORECASE)
        if also_first:
            for name in filter(None, (*other.first_names, other.last_name)):
                text = _replaced(text, name, other.initials, 0)
    return text


def hide_others(texts: Sequence[str], school: int, *, shown: Iterable[int]) -> list[str]:
    """Give the texts with initials for each student of a school named in full, in one query.

    shown: ids of students whose own page it is.
    """
    others = named(named_in(texts, school, apart_from=shown))
    return [initials_for_names(text, others) for text in texts]


class Events(NamedTuple):
    """The events that a student had part in, from one moment until before another."""

    student: int
    begins: datetime
    ends: datetime


def named_in(
    texts: Iterable[str],
    school: int,
    *,
    apart_from: Iterable[int] = (),
    involved: Events | None = None,
) -> list[Student]:
    """Give the students of a school whose first and last name stand side by side in the texts.

    apart_from: ids of students who may be named; involved: events whose students to give in any
    case. One query for CHUNK pairs of words.
    """
    pairs = sorted({pair for text in texts for pair in _pairs(text)})
    events = involved._asdict() if involved else NO_EVENTS
    found: list[Student] = []
    for start in range(0, max(len(pairs), 1 if involved else 0), CHUNK):
        chunk = tuple(pairs[start : start + CHUNK]) or NO_PAIRS
        found += _called(school=school, pairs=chunk, **events)
    kept = set(apart_from)
    return [student for student in found if student.pk not in kept]


@prepared
def _called(
    *,
    school: int,
    pairs: tuple[str, ...],
    student: int | None,
    begins: datetime | None,
    ends: datetime | None,
) -> QuerySet[Student]:
    wanted = Q(by_law__in=pairs) | Q(as_known__in=pairs)
    if student and begins and ends:
        own = BehaviourRecord.objects.filter(student=student).within(begins, ends)
        events = own.exclude(incident=None).order_by().values("incident")
        involved = BehaviourRecord.objects.filter(incident__in=events).order_by()
        wanted |= Q(pk__in=involved.values("student"))
    return Student.objects.alias(
        by_law=Lower(Concat("legal_first_name", Value(" "), "legal_last_name")),
        as_known=Lower(Concat("preferred_first_name", Value(" "), "legal_last_name")),
    ).filter(wanted, school=school)


def _named(student: Student) -> Named:
    names = (student.preferred_first_name, student.legal_first_name)
    first = tuple(dict.fromkeys(filter(None, names)))
    return Named(first, student.legal_last_name, student.initials)


def _pairs(text: str) -> set[str]:
    """Two to four neighbouring words, in small letters: names of several words count."""
    words = WORD.findall(re.sub(r"['’]s\b", "", text.lower()))
    return {
        " ".join(words[at : at + size])
        for size in (2, 3, 4)
        for at in range(len(words) - size + 1)
    }


def _replaced(text: str, name: str, initials: str, flags: int) -> str:
    words = r"\s+".join(re.escape(word) for word in name.split())
    return re.sub(rf"(?<!\w){words}(?!\w)", initials, text, flags=flags) if words else text
