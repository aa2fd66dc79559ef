"""A migration operation: the database refuses two dated rows of one owner that overlap."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation


class ForbidOverlap(Operation):
    """No two rows of `model` with the same `owner` overlap; dates inclusive, an empty end open.

    PostgreSQL: an exclusion constraint. SQLite, which has none: two triggers that say the same.
    where: a fixed SQL condition on the row, such as `role = 'primary'` (never user input).
    """

    reversible = True
    reduces_to_sql = True

    def __init__(self, model: str, *, name: str, owner: str, where: str = "true") -> None:
        self.model, self.name, self.owner, self.where = model, name, owner, where

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """Give what the migration writer needs to write this operation."""
        kwargs = {"name": self.name, "owner": self.owner, "where": self.where}
        return (self.__class__.__name__, [self.model], kwargs)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Change no model state: the constraint is the database's alone."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        """Add the constraint or the triggers."""
        table = to_state.apps.get_model(app_label, self.model)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
            schema_editor.execute(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{self.name}" EXCLUDE USING gist '
                f'("{self.owner}" WITH =, daterange("start", "end", \'[]\') WITH &&) '
                f"WHERE ({self.where})"
            )
            return
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(self._trigger(table, event))

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,
        to_state: Any,
    ) -> None:
        """Drop the constraint or the triggers."""
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{self.name}"')
            return
        for event in ("INSERT", "UPDATE"):
            schema_editor.execute(f'DROP TRIGGER "{self.name}_{event.lower()}"')

    def _trigger(self, table: str, event: str) -> str:
        condition = self.where.replace("role", "NEW.role")
        return (  # names and conditions come from migrations, never from users
            f'CREATE TRIGGER "{self.name}_{event.lower()}" BEFORE {event} ON "{table}" '  # noqa: S608
            f"WHEN {condition} BEGIN "
            f"SELECT RAISE(ABORT, '{self.name}') WHERE EXISTS ("
            f'SELECT 1 FROM "{table}" WHERE {self.where} AND "{self.owner}" = NEW."{self.owner}" '
            f"AND id IS NOT NEW.id "
            f'AND "start" <= COALESCE(NEW."end", \'9999-12-31\') '
            f'AND NEW."start" <= COALESCE("end", \'9999-12-31\')); END'
        )

    def describe(self) -> str:
        """Say what the operation does."""
        return f"Forbid overlaps of {self.model}: {self.name}"
