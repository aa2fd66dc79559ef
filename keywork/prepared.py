"""Statements put together once and read with other values (docs/decisions/0008).

The database answers a wide statement in a millisecond or two; Django takes ten to put it
together, for the same text every time. A function that gives a queryset and is marked
`@prepared` is called once for values that stand in for the real ones; from then on the finished
statement is read with the real values in their places.
"""

from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache, wraps
from typing import Any, NamedTuple, ParamSpec, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet

from keywork.access import Viewer
from keywork.models import School, User

P = ParamSpec("P")
KEPT = 256  # statements of one function
# No row has these numbers and texts, and nothing of a school happened in that year.
ANY_NUMBER, ANY_DAY = -(10**15), datetime(1000, 1, 1, tzinfo=UTC)
ANY_TEXT, NO_TEXT = "\ue000any", "\ue000no"
# A moment is a day to Python, too, so it comes first.
KINDS = {datetime: "moment", date: "day", int: "number", str: "text"}
# Tests set it: each statement is then held against what Django would have put together, the first
# times that it is read. By then the values in its places have been other ones.
checking = False
TIMES_CHECKED = 3


class Shape(NamedTuple):
    """What a statement's text depends on of one argument.

    kind: `number`, `day`, `moment` or `text`, whose value the statement does not depend on;
    `several`, of which it depends on what kinds they are and how many (`fixed`); `viewer`, on
    their roles at each school and which is chosen; `fixed`, on the value itself.
    """

    name: str
    kind: str
    fixed: Any = None


Shapes = tuple[Shape, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A finished statement. places: index among its parameters → index among the values."""

    queryset: QuerySet[Any]
    compiler: Any
    sql: str
    parameters: tuple[Any, ...]
    places: dict[int, int]

    def read(self, values: list[Any]) -> list[Any]:
        """Give the rows, as the queryset does."""
        compiler = copy(self.compiler)
        compiler.connection = connections[self.queryset.db]  # of this thread
        finished = (self.sql, self.bound(values))
        compiler.as_sql = lambda *_, **__: finished
        bound: Any = self.queryset.all()
        bound.query.get_compiler = lambda *_, **__: compiler
        return list(bound)

    def bound(self, values: list[Any]) -> tuple[Any, ...]:
        """Give the parameters, with the real values in their places."""
        given, connection = list(self.parameters), connections[self.queryset.db]
        for place, index in self.places.items():
            given[place] = _adapted(values[index], connection)
        return tuple(given)


def prepared(make: Callable[P, QuerySet[Any]]) -> Callable[P, list[Any]]:
    """Let a function give the list of its queryset's rows, from a statement put together once.

    It is called with keywords. Numbers, dates, aware times and texts are values, as are those of a
    tuple, and a viewer's id, day, time and schools: the function must use them as they stand, and
    compute nothing from them (`on - timedelta(1)` is an argument of its own). Every other argument
    (None, an empty text, a truth value, a member of an enumeration) makes a statement of its own.
    What is to be prefetched is for the caller.
    """

    @lru_cache(maxsize=KEPT)
    def statement(shapes: Shapes) -> Statement | None:
        stand_ins: list[Any] = []
        arguments = {shape.name: _stand_in(shape, stand_ins) for shape in shapes}
        return _finished(cast(Any, make)(**arguments), stand_ins)

    checked: Counter[Shapes] = Counter()

    @wraps(make)
    def read(*args: P.args, **given: P.kwargs) -> list[Any]:
        values: list[Any] = []
        padded = {name: _padded(value) for name, value in given.items()}
        shapes = tuple(_taken_apart(name, value, values) for name, value in padded.items())
        found = statement(shapes)
        if checking and checked[shapes] < TIMES_CHECKED:
            checked[shapes] += 1
            _check(found, values, cast(Any, make)(**padded))
        return found.read(values) if found else []

    return read


def _padded(value: Any) -> Any:
    """Fill a tuple up with what no row has, so that few lengths make a statement each."""
    if not isinstance(value, tuple):
        return value
    missing = (1 << max(len(value) - 1, 0).bit_length()) - len(value)
    if value and isinstance(value[0], str):
        return (*value, *(f"{NO_TEXT}{at}" for at in range(missing)))
    return (*value, *range(-1, -missing - 1, -1))


def _taken_apart(name: str, value: Any, values: list[Any]) -> Shape:
    """Give an argument's shape, and add its values."""
    if isinstance(value, Viewer):
        return _viewer_taken_apart(name, value, values)
    if isinstance(value, tuple):
        values += value
        return Shape(name, "several", (_kind_of(value[0]), len(value)))
    kind = _kind_of(value)
    if kind != "fixed":
        values.append(value)
        return Shape(name, kind)
    return Shape(name, kind, value)


def _kind_of(value: Any) -> str:
    if value == "" or isinstance(value, bool | Enum):
        return "fixed"
    return next((kind for each, kind in KINDS.items() if isinstance(value, each)), "fixed")


def _viewer_taken_apart(name: str, viewer: Viewer, values: list[Any]) -> Shape:
    """The schools keep both their orders: the viewer's own, and by number."""
    numbers = sorted(viewer.roles_at)
    values += [viewer.user.pk, viewer.on, viewer.now, *numbers]
    roles = tuple((numbers.index(pk), held) for pk, held in viewer.roles_at.items())
    chosen = numbers.index(viewer.school.pk) if viewer.school else None
    return Shape(name, "viewer", (roles, chosen))


def _stand_in(shape: Shape, stand_ins: list[Any]) -> Any:
    """Give what stands in for an argument, adding what stands in for each of its values."""

    def another(kind: str) -> Any:
        at = len(stand_ins)
        stand_ins.append(_any(kind, at))
        return stand_ins[-1]

    if shape.kind == "fixed":
        return shape.fixed
    if shape.kind == "several":
        kind, length = shape.fixed
        return tuple(another(kind) for _ in range(length))
    if shape.kind != "viewer":
        return another(shape.kind)
    roles, chosen = shape.fixed
    user, on, now = User(pk=another("number")), another("day"), another("moment")
    numbers = [another("number") for _ in roles]
    school = None if chosen is None else School(pk=numbers[chosen])
    return Viewer(user, on, now, school, (), {numbers[at]: held for at, held in roles})


def _any(kind: str, at: int) -> Any:
    if kind == "number":
        return ANY_NUMBER + at
    if kind == "text":
        return f"{ANY_TEXT}{at}"
    moment = ANY_DAY + timedelta(days=at)
    return moment if kind == "moment" else moment.date()


def _finished(queryset: QuerySet[Any], stand_ins: list[Any]) -> Statement | None:
    """Put the statement together; None where no row can match."""
    if getattr(queryset, "_prefetch_related_lookups", ()):  # nothing else tells
        raise TypeError("A prefetch would be read with what stands in for the values.")
    connection = connections[queryset.db]
    compiler = queryset.query.get_compiler(queryset.db)
    try:
        sql, parameters = compiler.as_sql()
    except EmptyResultSet:
        return None
    known = {_adapted(value, connection): index for index, value in enumerate(stand_ins)}
    places = {
        place: known[parameter]
        for place, parameter in enumerate(parameters)
        if isinstance(parameter, int | str | date) and parameter in known
    }
    return Statement(queryset, compiler, sql, tuple(parameters), places)


def _adapted(value: Any, connection: Any) -> Any:
    """Give a value as the database takes it: SQLite keeps days and times as text."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    if isinstance(value, date):
        return connection.ops.adapt_datefield_value(value)
    return value


def _check(found: Statement | None, values: list[Any], queryset: QuerySet[Any]) -> None:
    """Raise AssertionError where the ORM would have said something else."""
    try:
        sql, parameters = queryset.query.get_compiler(queryset.db).as_sql()
    except EmptyResultSet:
        sql, parameters = "", ()
    ours = (found.sql, found.bound(values)) if found else ("", ())
    if ours != (sql, tuple(parameters)):
        raise AssertionError(f"Prepared:\n{ours}\nThe ORM:\n{(sql, parameters)}")
