"""The rows that were not taken, as a file to correct and import again."""

import csv
import io
from pathlib import Path

from keywork.home.imports.report import ImportReport, Rejected
from keywork.home.imports.tables import Row, Table

FOLDER = "problems"
# A spreadsheet runs a cell that begins so as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARK = "'"
REASONS = ["row", "error_column", "error"]


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


def without_reasons(data: bytes) -> bytes:
    """Give a file of problem rows as one to import: without the reasons, cells as first written.

    Any other file comes back as it is; what is wrong with it is for its reader to say.
    """
    try:
        records = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return data
    if not records or records[0][-len(REASONS) :] != REASONS:
        return data
    width = len(records[0]) - len(REASONS)
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_unmarked(cell) for cell in each[:width]] for each in records)
    return out.getvalue().encode("utf-8-sig")


def _as_csv(table: Table, rejected: list[Rejected]) -> str:
    rows: dict[int, Row] = {row.number: row for row in table.rows}
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([*table.columns, *REASONS])
    for each in rejected:
        cells = [rows[each.row].cells[column] for column in table.columns]
        safe = [_safe(cell) for cell in (*cells, str(each.row), each.column, each.error)]
        writer.writerow(safe)
    return out.getvalue()


def _safe(cell: str) -> str:
    return f"{MARK}{cell}" if cell.startswith(FORMULA_STARTS) else cell


def _unmarked(cell: str) -> str:
    return cell[1:] if cell.startswith(MARK) and cell[1:].startswith(FORMULA_STARTS) else cell
