"""Reading the first sheet of an XLSX workbook into the text that CSV would hold."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from keywork.home.imports.report import BadFileError

LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_MEMBERS = 2000
MOST_COLUMNS = 100
MOST_ROWS = 500_000
LEADING_ZEROS = re.compile(r"0{2,}")
MIDNIGHT = time(0, 0)


def read_workbook(stream: BinaryIO) -> Iterator[list[str]]:
    """Give the rows of the first sheet, header first. Raises BadFileError."""
    try:
        _refuse_a_bomb(stream)
        rows = _cells(stream)
    except (BadZipFile, InvalidFileException, KeyError, ValueError, IndexError) as error:
        raise BadFileError("cannot be read as an XLSX workbook. Save it again.") from error
    return iter([[_text(cell) for cell in row] for row in rows])


def _refuse_a_bomb(stream: BinaryIO) -> None:
    """Refuse what would unpack to more than a school's files ever hold."""
    with ZipFile(stream) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > LARGEST_UNPACKED:
        raise BadFileError("is too large. Split it, or save it as CSV.")
    stream.seek(0)


def _cells(stream: BinaryIO) -> list[tuple[Any, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about styles, which are not read
        workbook = load_workbook(stream, read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # the size that a file claims for itself may be wrong
        return list(sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS))


def _text(cell: Any) -> str:
    """Give a cell as CSV would hold it: ISO dates, yes and no, whole numbers without a point."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number(value, cell.number_format)
    return str(value)


def _moment(value: datetime) -> str:
    """Give a date, or a date and time; a sheet's date is a moment at midnight."""
    if value.time() == MIDNIGHT:
        return value.date().isoformat()
    return value.isoformat(timespec="minutes" if value.second == 0 else "seconds")


def _number(value: float, number_format: str) -> str:
    """Give a number as it is shown: format 000000 keeps an admission number's zeros."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    text = str(int(value))
    return text.zfill(len(number_format)) if LEADING_ZEROS.fullmatch(number_format) else text
