"""Rows on their way into one table, written many at a time.

Past the models on purpose: a million `save()` calls, each with its row of history, would take
hours, and tracked querysets refuse bulk writes because they leave no history. Here that is meant
(see the package's docstring); the database still checks every constraint.
"""

from collections.abc import Iterable
from random import Random
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max

from keywork.refs import CROCKFORD, REF_LENGTH

FLUSH_AT = 5000
REF_BITS = 5 * REF_LENGTH


class Table:
    """Collects rows of one model and writes them in blocks of `FLUSH_AT`.

    columns: the attribute names (`student_id`, `held_on`) that `add` is given, in its order; the
    primary key and `ref` are made here, every other column gets its field's default. Values are
    what both databases read as they stand: numbers, booleans, None, ISO dates, UTC times without
    an offset, JSON as text.
    """

    def __init__(self, model: type[models.Model], rng: Random, *columns: str) -> None:
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.model = model
        self.has_ref = "ref" in fields
        made = ["id", *(["ref"] if self.has_ref else [])]
        others = [name for name in fields if name not in {*made, *columns}]
        self.defaults = tuple(_default(fields[name]) for name in others)
        self.columns = [fields[name].column for name in [*made, *columns, *others]]
        self.rng = rng
        self.last_pk = model._base_manager.aggregate(last=Max("pk"))["last"] or 0
        self.added = 0
        self.rows: list[tuple[Any, ...]] = []

    def add(self, *values: Any) -> int:
        """Take one row; give its primary key."""
        self.last_pk += 1
        self.added += 1
        made = (self.last_pk, self._ref()) if self.has_ref else (self.last_pk,)
        self.rows.append((*made, *values, *self.defaults))
        return self.last_pk

    def flush_if_full(self) -> None:
        """Write what was collected, once it is a block."""
        if len(self.rows) >= FLUSH_AT:
            self.flush()

    def flush(self) -> None:
        """Write what was collected."""
        if connection.vendor == "postgresql":
            self._copy()
        else:
            self._insert()
        self.rows.clear()

    def _ref(self) -> str:
        # Not `new_ref`: the same seed gives the same data.
        bits = self.rng.getrandbits(REF_BITS)
        return "".join([CROCKFORD[bits >> shift & 31] for shift in range(0, REF_BITS, 5)])

    def _copy(self) -> None:
        statement = f"COPY {self._target()} FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in self.rows:
                copy.write_row(row)

    def _insert(self) -> None:
        places = ", ".join(["%s"] * len(self.columns))
        statement = f"INSERT INTO {self._target()} VALUES ({places})"  # noqa: S608 (own names)
        with connection.cursor() as cursor:
            cursor.executemany(statement, self.rows)

    def _target(self) -> str:
        def quoted(name: str | None) -> str:
            return str(connection.ops.quote_name(name or ""))

        columns = ", ".join(map(quoted, self.columns))
        return f"{quoted(self.model._meta.db_table)} ({columns})"


def _default(field: models.Field) -> Any:
    value = field.get_default()
    return field.get_db_prep_save(value, connection) if field.has_default() else value


def finish(tables: Iterable[Table]) -> None:
    """Let the database's own numbering go on after the numbers given here."""
    models_written = [table.model for table in tables]
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models_written):
            cursor.execute(statement)
