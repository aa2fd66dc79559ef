"""Reading files into tables: CSV and XLSX give the same rows of trimmed text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from keywork.home.imports.formats import FORMATS, NOT_SUPPORTED, FileFormat
from keywork.home.imports.report import BadFileError, UnreadableFilesError
from keywork.home.imports.workbooks import read_workbook
from keywork.text import composed

LONGEST_CELL = 1_000_000
STREAMED = frozenset({"attendance.csv"})


@dataclass(slots=True)
class Row:
    """A record. number: 1 is the header's row; cells: column → trimmed text.

    extra: what stands to the right of the last column; nothing belongs there.
    """

    number: int
    cells: dict[str, str]
    extra: str = ""


@dataclass(frozen=True)
class Table:
    """One file, read. file: its name with ending; columns: those that it has, in its order."""

    file: str
    format: FileFormat
    columns: tuple[str, ...]
    rows: Sequence[Row] | StreamedRows


@dataclass(frozen=True)
class StreamedRows:
    """The records of a CSV file too long to hold: read anew each time they are gone through."""

    path: Path
    columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Row]:
        for number, record in self.records():
            row = read_row(number, record, self.columns)
            if row:
                yield row

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """Give number and cells of each record as they stand, empty ones and spaces included."""
        with self.path.open(encoding="utf-8-sig", newline="") as lines:
            records = csv.reader(lines, strict=True)
            next(records)
            yield from enumerate(records, 2)


def files_in(folder: Path) -> dict[str, Path]:
    """Give the files that a folder holds under names of the format: name with ending → path.

    Other files and folders are ignored. Raises UnreadableFilesError where `folder` is none.
    """
    if not folder.is_dir():
        raise UnreadableFilesError([(str(folder), "no such folder.")])
    return {
        path.name: path
        for name in (*FORMATS, *NOT_SUPPORTED)
        for path in (folder / f"{name}.csv", folder / f"{name}.xlsx")
        if path.is_file()
    }


def not_supported_in(names: Iterable[str]) -> list[str]:
    """Give the names of files that a later version will import, sorted."""
    return sorted(name for name in names if Path(name).stem in NOT_SUPPORTED)


def read_tables(paths: dict[str, Path]) -> dict[str, Table]:
    """Read every supported file whole: name without ending → table, in the order of import.

    Raises UnreadableFilesError that names each file that cannot be read, and why.
    """
    tables: dict[str, Table] = {}
    problems: list[tuple[str, str]] = []
    for name in FORMATS:
        both = [file for file in (f"{name}.csv", f"{name}.xlsx") if file in paths]
        if len(both) > 1:
            problems.append((both[0], f"there is {both[1]} too. Keep one of them."))
        elif both:
            try:
                tables[name] = _read_file(both[0], paths[both[0]])
            except BadFileError as bad:
                problems.append((both[0], str(bad)))
    if problems:
        raise UnreadableFilesError(problems)
    return tables


def _read_file(file: str, path: Path) -> Table:
    if file in STREAMED:
        return _stream_table(file, path)
    with path.open("rb") as stream:
        return read_table(file, stream)


def _stream_table(file: str, path: Path) -> Table:
    """Go through a long file once, so that what is wrong with it is known before the rest."""
    file_format = FORMATS[Path(file).stem]
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            records = csv.reader(lines, strict=True)
            columns = _check_header([cell.strip() for cell in next(records, [])], file_format)
            for _ in records:
                pass
    except UnicodeDecodeError:
        with path.open("rb") as stream:
            _csv_records(stream.read())  # says in which line
        raise
    except csv.Error as error:
        raise _bad_csv(error) from None
    return Table(file, file_format, columns, StreamedRows(path, columns))


def _bad_csv(error: csv.Error) -> BadFileError:
    return BadFileError(f"cannot be read as CSV ({error}). Check its quotation marks.")


def read_table(file: str, stream: BinaryIO) -> Table:
    """Read one file. Raises BadFileError."""
    file_format = FORMATS[Path(file).stem]
    records = read_workbook(stream) if file.endswith(".xlsx") else _csv_records(stream.read())
    try:
        header = [cell.strip() for cell in next(iter(records), [])]
        columns = _check_header(header, file_format)
        return Table(file, file_format, columns, list(_rows(records, columns)))
    except csv.Error as error:
        raise _bad_csv(error) from None


def _csv_records(data: bytes) -> Iterator[list[str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadFileError(
            f"not in UTF-8 (line {line}). Save it as “CSV UTF-8” and try again."
        ) from None
    csv.field_size_limit(LONGEST_CELL)
    # newline="": line ends inside quotation marks stay as they were given
    return csv.reader(io.StringIO(text, newline=""), strict=True)


def _check_header(header: list[str], file_format: FileFormat) -> tuple[str, ...]:
    while header and not header[-1]:
        header.pop()
    if not header:
        raise BadFileError("has no header. Its first row must name the columns.")
    known = ", ".join(column.name for column in file_format.columns)
    for position, name in enumerate(header, 1):
        if not name:
            raise BadFileError(f"column {position} has no name. Columns: {known}.")
        if name not in file_format.by_name:
            raise BadFileError(f"unknown column “{name}”. Columns: {known}.")
        if name in header[: position - 1]:
            raise BadFileError(f"column “{name}” stands there twice. Remove one.")
    return tuple(header)


def _rows(records: Iterable[Sequence[str]], columns: tuple[str, ...]) -> Iterator[Row]:
    """Give the records below the header; an empty one keeps its number but is not one."""
    for number, record in enumerate(records, 2):
        row = read_row(number, record, columns)
        if row:
            yield row


def read_row(number: int, record: Sequence[str], columns: tuple[str, ...]) -> Row | None:
    """Give a record as a row; None for an empty one."""
    cells, width = [composed(cell.strip()) for cell in record], len(columns)
    if not any(cells):
        return None
    padded = [*cells, *[""] * (width - len(cells))]
    extra = ", ".join(cell for cell in cells[width:] if cell)
    return Row(number, dict(zip(columns, padded, strict=False)), extra)
