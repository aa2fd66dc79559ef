"""What is shown of one student names no other: other students stand as initials.

Texts are people's own words, so this reads them: a first and last name side by side that belong
to another student of the school. Where the other students of an event are known, their first
names alone count, too.
"""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from string import ascii_uppercase
from typing import Any, NamedTuple

from django.db.models import Lookup, Q, QuerySet, Value
from django.db.models.functions import Concat, Lower, Replace

from keywork.prepared import prepared
from keywork.text import composed
from students.models import BehaviourRecord, Student

WORD = re.compile(r"[^\W\d_](?:[\w'-]*\w)?")  # no quotation mark or dash that follows it
POSSESSIVE = re.compile(r"'s\b", re.IGNORECASE)
STRAIGHT, CURLY = "'", "’"  # the office types one, a phone the other
SMALL = {ord(letter): letter.lower() for letter in ascii_uppercase}
DOT_ABOVE = "\u0307"  # what Python leaves of İ, and PostgreSQL not everywhere
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
    pattern, initials = _names_in_one(tuple(others), also_first)
    if not pattern:
        return text
    return pattern.sub(lambda found: initials[(found.lastindex or 0) - 1], composed(text))


@lru_cache(maxsize=256)  # a page has a hundred texts and the same few names
def _names_in_one(
    others: tuple[Named, ...], also_first: bool
) -> tuple[re.Pattern[str] | None, tuple[str, ...]]:
    """Give what finds any of the names, each in a group of its own, and each group's initials."""
    whole = [(name, each.initials) for each in others for name in each.full_names if name]
    whole.sort(key=lambda each: -len(each[0]))  # of two that begin alike, the whole one
    ways = [(f"(?i:{_spaced(name)})", initials) for name, initials in whole]
    if also_first:
        for each in others:
            alone = (*each.first_names, each.last_name)
            ways += [(_spaced(name), each.initials) for name in alone if name.strip()]
    if not ways:
        return None, ()
    joined = "|".join(f"({way})" for way, _ in ways)
    return re.compile(rf"(?<!\w)(?:{joined})(?!\w)"), tuple(initials for _, initials in ways)


def _spaced(name: str) -> str:
    words = (re.escape(word) for word in name.replace(CURLY, STRAIGHT).split())
    return r"\s+".join(words).replace(STRAIGHT, f"[{STRAIGHT}{CURLY}]")


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
    case. One query.
    """
    pairs = sorted({pair for text in texts for pair in _pairs(text)})
    if not (pairs or involved):
        return []
    events = involved._asdict() if involved else NO_EVENTS
    kept = set(apart_from)
    found = _called(school=school, pairs=json.dumps(pairs), **events)
    return [student for student in found if student.pk not in kept]


class Among(Lookup):
    """A text is one of those in a list, given as JSON: one parameter, however many there are.

    Thousands of parameters took psycopg longer to put in than the database to answer.
    """

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Give it for SQLite."""
        return self._as("(SELECT value FROM json_each({}))", compiler, connection)

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Give it for PostgreSQL."""
        return self._as("(SELECT json_array_elements_text({}::json))", compiler, connection)

    def _as(self, listed: str, compiler: Any, connection: Any) -> tuple[str, Any]:
        lhs, lhs_parameters = self.process_lhs(compiler, connection)
        rhs, rhs_parameters = self.process_rhs(compiler, connection)
        return f"{lhs} IN {listed.format(rhs)}", (*lhs_parameters, *rhs_parameters)


@prepared
def _called(
    *,
    school: int,
    pairs: str,
    student: int | None,
    begins: datetime | None,
    ends: datetime | None,
) -> QuerySet[Student]:
    wanted = Q()
    for first_name in ("legal_first_name", "preferred_first_name"):
        whole = Concat(first_name, Value(" "), "legal_last_name")
        wanted |= Q(Among(Lower(Replace(whole, Value(CURLY), Value(STRAIGHT))), pairs))
    if student and begins and ends:
        own = BehaviourRecord.objects.filter(student=student).within(begins, ends)
        events = own.exclude(incident=None).order_by().values("incident")
        involved = BehaviourRecord.objects.filter(incident__in=events).order_by()
        wanted |= Q(pk__in=involved.values("student"))
    return Student.objects.filter(wanted, school=school)


def _named(student: Student) -> Named:
    names = (student.preferred_first_name, student.legal_first_name)
    first = tuple(dict.fromkeys(filter(None, names)))
    return Named(first, student.legal_last_name, student.initials)


def _pairs(text: str) -> set[str]:
    """Two to four neighbouring words, in small letters: names of several words count."""
    words = WORD.findall(POSSESSIVE.sub("", composed(text).replace(CURLY, STRAIGHT)))
    return {
        small
        for size in (2, 3, 4)
        for at in range(len(words) - size + 1)
        for small in _in_small_letters(" ".join(words[at : at + size]))
    }


def _in_small_letters(pair: str) -> set[str]:
    """Give what a database may make of a name: SQLite knows small letters of English alone."""
    lower = pair.lower()
    if pair.isascii():
        return {lower}
    return {lower, lower.replace(DOT_ABOVE, ""), pair.translate(SMALL)}
