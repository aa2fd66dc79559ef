"""Reading an export as it comes: CSV in whatever encoding, or XLSX with titles and totals.

A sheet can be gone through more than once; its rows never stand in memory all together.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

from openpyxl import load_workbook

from keywork.home.imports.damaged import DAMAGED_WORKBOOK, DAMAGED_ZIP
from keywork.home.imports.report import BadFileError
from keywork.text import composed

LARGEST_FILE = 300 * 1024 * 1024
LARGEST_UNPACKED = 300 * 1024 * 1024
# A real sheet shrinks to a tenth or so; a bomb to a thousandth.
WORST_RATIO = 200
SMALL_MEMBER = 1024 * 1024
MOST_MEMBERS = 500
MOST_COLUMNS = 2000
MOST_ROWS = 3_000_000
LONGEST_CELL = 100_000
LONGEST_LINE = 4_000_000
HEADER_WITHIN = 25
NUL = "\x00"
TOTALS, MOST_OF_A_TOTAL = ("total", "grand total", "count:"), 2
# A cell that a spreadsheet would calculate is kept from it by this before it: see `problems`.
MARK = "'"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
MARKED = tuple(MARK + start for start in FORMULA_STARTS)

# Text, or of a workbook: a number, a date, a time.
Cell = str | int | float | date | datetime | time
Record = tuple[int, list[Cell]]
Judge = Callable[[list[str]], int]


@dataclass(frozen=True)
class Sheet:
    """A table in a file: its headings, and how to go through the rows below them."""

    header: list[str]
    first_row: int
    records: Callable[[], Iterator[Record]]

    def rows(self) -> Iterator[Record]:
        """Give row number (1 is the file's first) and cells; blank rows and totals left out."""
        for number, cells in self.records():
            if number > self.first_row and not _is_nothing(cells):
                yield number, cells


def open_sheet(path: Path, known: Judge) -> Sheet:
    """Find the table of a file: the row, of the first few, with most known headings.

    known: counts the headings it knows in a row. Raises BadFileError.
    """
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise BadFileError("is too large. Split it.")
        with path.open("rb") as stream:
            start = stream.read(8)
    except OSError as error:
        raise BadFileError(f"cannot be opened ({error.strerror}).") from None
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadFileError("is an old XLS workbook, or has a password. Save it as XLSX or CSV.")
    if path.suffix.lower() in {".xlsx", ".xlsm"} or start.startswith(b"PK\x03\x04"):
        return _open_workbook(path, known)
    encoding = _encoding_of(path)
    return _find_header(lambda: _csv_records(path, encoding), known)


def _find_header(records: Callable[[], Iterator[Record]], known: Judge) -> Sheet:
    best: tuple[int, int, list[str]] = (0, 0, [])
    for number, cells in islice(records(), HEADER_WITHIN):
        header = [as_text(cell).strip() for cell in cells]
        score = known(header)
        if score > best[0]:
            best = (score, number, header)
    if not best[0]:
        raise BadFileError(
            "has no row of known headings. Check that it is the right file, or map its columns."
        )
    return Sheet(best[2], best[1], records)


def _is_nothing(cells: list[Cell]) -> bool:
    """Say whether a row is blank, or a line such as "Total: 48", which stands alone."""
    filled: list[str] = []
    for cell in cells:
        if cell == "" or not (text := as_text(cell).strip()):
            continue
        filled.append(text)
        if len(filled) > MOST_OF_A_TOTAL:
            return False
    return not filled or filled[0].lower().startswith(TOTALS)


def as_text(cell: Cell) -> str:
    """Give a cell as text: a whole number without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return composed(str(cell))


def as_written(cell: Cell) -> str:
    """Give a cell as a person writes it: a workbook's date as dd/mm/yyyy, its time as 09:35."""
    if isinstance(cell, datetime):
        return cell.strftime("%d/%m/%Y %H:%M" if cell.hour or cell.minute else "%d/%m/%Y")
    if isinstance(cell, date):
        return cell.strftime("%d/%m/%Y")
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    return as_text(cell).strip()


def unmarked(text: str) -> str:
    """Take off the mark that kept a spreadsheet from taking a cell for a formula."""
    return text[1:] if text.startswith(MARKED) else text


# CSV


def _encoding_of(path: Path) -> str:
    """Find the encoding: UTF-8 where all of it is, else Windows-1252."""
    with path.open("rb") as stream:
        start = stream.read(4)
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            with path.open(encoding=encoding, newline="") as lines:
                while chunk := lines.read(1 << 20):
                    if NUL in chunk:
                        raise BadFileError("holds bytes that are no text. Save it as CSV UTF-8.")
        except UnicodeDecodeError:
            continue
        return encoding
    raise BadFileError("is in an encoding that cannot be read. Save it as CSV UTF-8.")


def _csv_records(path: Path, encoding: str) -> Iterator[Record]:
    csv.field_size_limit(LONGEST_CELL)
    try:
        with path.open(encoding=encoding, newline="") as lines:
            delimiter = _delimiter_of(lines)
            reader = csv.reader(_short_lines(lines), strict=True, delimiter=delimiter)
            for number, cells in enumerate(reader, 1):
                _refuse_size(number, len(cells))
                quoted = MARK in "".join(cells)  # few rows have any, and a million are read
                yield number, [unmarked(cell) for cell in cells] if quoted else list(cells)
    except csv.Error as error:
        raise BadFileError(
            f"cannot be read as CSV ({error}). Check its quotation marks."
        ) from None
    except UnicodeError:
        raise BadFileError(
            "is in an encoding that cannot be read. Save it as CSV UTF-8."
        ) from None


def _delimiter_of(lines: io.TextIOBase) -> str:
    first = lines.readline(LONGEST_LINE)
    lines.seek(0)
    return max(",;\t", key=first.count)


def _short_lines(lines: Any) -> Iterator[str]:
    while line := lines.readline(LONGEST_LINE):
        if len(line) >= LONGEST_LINE:
            raise BadFileError(
                "has a line of millions of characters. Check that it is the export."
            )
        yield line


def _refuse_size(rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise BadFileError(f"has more than {MOST_COLUMNS} columns. Check that it is the export.")
    if rows > MOST_ROWS:
        raise BadFileError(f"has more than {MOST_ROWS} rows. Split it.")


# XLSX


def _open_workbook(path: Path, known: Judge) -> Sheet:
    """Find the table in the workbook's sheets: the first one that has known headings."""
    refuse_bomb(path)
    with _workbook(path) as workbook:
        names = [sheet.title for sheet in workbook.worksheets]
    problem: BadFileError | None = None
    for name in names:
        try:
            return _find_header(lambda name=name: _sheet_records(path, name), known)  # type: ignore[misc]
        except BadFileError as error:
            problem = problem or error
    raise problem or BadFileError("has no sheet.")


def refuse_bomb(path: Path, largest: int = LARGEST_UNPACKED) -> None:
    """Look at a workbook's members before any is unpacked. Raises BadFileError.

    largest: bytes of all members together.
    """
    if not is_zipfile(path):
        raise BadFileError("is not an XLSX workbook. Open it and save it again.")
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (*DAMAGED_ZIP, OSError):
        raise BadFileError("is not an XLSX workbook. Open it and save it again.") from None
    bloated = any(
        m.file_size > SMALL_MEMBER and m.file_size > WORST_RATIO * max(m.compress_size, 1)
        for m in members
    )
    unpacked = sum(member.file_size for member in members)
    if bloated or unpacked > largest or len(members) > MOST_MEMBERS:
        raise BadFileError("unpacks to more than a school's export ever holds. Save it as CSV.")


@contextmanager
def _workbook(path: Path) -> Iterator[Any]:
    """Open a workbook to read values; whatever a broken one raises becomes a sentence."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # they are about styles, which are not read
            # data_only: of a formula the value last shown; nothing is ever calculated here.
            workbook = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            yield workbook
        finally:
            workbook.close()
    except BadFileError:
        raise
    except DAMAGED_WORKBOOK as error:
        raise BadFileError("cannot be read as an XLSX workbook. Save it again.") from error


def _sheet_records(path: Path, name: str) -> Iterator[Record]:
    with _workbook(path) as workbook:
        sheet = workbook[name]
        sheet.reset_dimensions()  # the size that a file claims for itself may be wrong
        for number, row in enumerate(sheet.iter_rows(), 1):
            _refuse_size(number, len(row))
            yield number, [_value(cell) for cell in row]


def _value(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return unmarked(value)
    if isinstance(value, int | float | date | time):
        return value
    return str(value)
