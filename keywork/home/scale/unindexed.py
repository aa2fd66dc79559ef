"""Filling PostgreSQL's tables first and indexing them after, as its own restore does.

A row written into a table of a dozen indexes and half a dozen links costs several times what the
row itself does. Everything is put back, and checked by the database, in the same transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager, nullcontext

from django.db import connection, models

CONSTRAINTS = """
    SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
    FROM pg_constraint WHERE conrelid = ANY(%s::regclass[]) AND contype IN ('f', 'u')
    ORDER BY contype DESC, conname
"""
INDEXES = """
    SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
    WHERE indrelid = ANY(%s::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid)
    ORDER BY 1
"""


def indexed_afterwards(written: Iterable[type[models.Model]]) -> Context[None]:
    """Take links, unique constraints and indexes off these tables until the end of the block.

    Keys stay, and so do checks. SQLite, which checks links at the end anyway, is left alone.
    """
    if connection.vendor != "postgresql":
        return nullcontext()
    return _indexed_afterwards(
        [connection.ops.quote_name(each._meta.db_table) for each in written]
    )


@contextmanager
def _indexed_afterwards(tables: list[str]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no check may wait while tables change
        cursor.execute(CONSTRAINTS, [tables])
        constraints = cursor.fetchall()
        for table, name, _ in constraints:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        cursor.execute(INDEXES, [tables])
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        for _, statement in indexes:
            cursor.execute(statement)
        for table, name, definition in constraints:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
