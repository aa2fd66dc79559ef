"""The rows that were not taken, as a file to correct and import again."""

import csv
import io
from pathlib import Path

from keywork.home.imports.report import ImportReport, Rejected
from keywork.home.imports.tables import Row, Table

FOLDER = "problems"
# A spreadsheet runs a cell that begins so as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_problems(folder: Path, tables: dict[str, Table], report: ImportReport) -> None:
    """Write, beside an import's files, one CSV for each file with problem rows; older ones go."""
    target = folder / FOLDER
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        old.unlink()
    for table in tables.values():
        rejected = report.files[table.file].rejected
        if rejected:
            path = target / f"{table.format.name}.csv"
            path.write_text(_as_csv(table, rejected), encoding="utf-8-sig", newline="")


def problems_file(folder: Path, name: str) -> Path | None:
    """Give the path of the problem rows of a file, such as "students"; None where it has none."""
    path = folder / FOLDER / f"{name}.csv"
    return path if path.is_file() else None


def _as_csv(table: Table, rejected: list[Rejected]) -> str:
    rows: dict[int, Row] = {row.number: row for row in table.rows}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*table.columns, "row", "error_column", "error"])
    for each in rejected:
        cells = [rows[each.row].cells[column] for column in table.columns]
        safe = [_safe(cell) for cell in (*cells, str(each.row), each.column, each.error)]
        writer.writerow(safe)
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
