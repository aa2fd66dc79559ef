"""Reading the first sheet of an XLSX workbook into the text that CSV would hold."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, BinaryIO
from zipfile import ZipFile

from openpyxl import load_workbook

from keywork.home.imports.damaged import DAMAGED_WORKBOOK
from keywork.home.imports.report import BadFileError

MEGABYTE = 1024 * 1024
LARGEST_UNPACKED = 60 * MEGABYTE  # a whole school's largest sheet has some 10
MOST_MEMBERS = 2000
MOST_COLUMNS = 100
MOST_ROWS = 500_000
MOST_CELLS = 2_000_000  # filled ones
LEADING_ZEROS = re.compile(r"0{2,}")
MIDNIGHT = time(0, 0)


def read_workbook(stream: BinaryIO) -> Iterator[list[str]]:
    """Give the rows of the first sheet, header first, one by one. Raises BadFileError."""
    filled = 0
    try:
        _refuse_a_bomb(stream)
        for row in _cells(stream):
            texts = [_text(cell) for cell in row]
            filled += sum(1 for text in texts if text)
            if filled > MOST_CELLS:
                raise BadFileError(
                    f"has more than {MOST_CELLS:,} filled cells. Split it into smaller files."
                )
            yield texts
    except BadFileError:
        raise
    except DAMAGED_WORKBOOK as error:
        raise BadFileError("cannot be read as an XLSX workbook. Save it again.") from error


def _refuse_a_bomb(stream: BinaryIO) -> None:
    """Refuse what would unpack to more than a school's files ever hold."""
    with ZipFile(stream) as archive:
        members = archive.infolist()
    if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > LARGEST_UNPACKED:
        raise BadFileError(
            f"unpacks to more than {LARGEST_UNPACKED // MEGABYTE} MB. "
            "Split it, or save it as CSV with the columns needed."
        )
    stream.seek(0)


def _cells(stream: BinaryIO) -> Iterator[tuple[Any, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they are about styles, which are not read
        workbook = load_workbook(stream, read_only=True, data_only=True)
    sheet = workbook.worksheets[0]
    sheet.reset_dimensions()  # the size that a file claims for itself may be wrong
    for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), 1):
        if number > MOST_ROWS:
            raise BadFileError(f"has more than {MOST_ROWS:,} rows. Split it into smaller files.")
        yield row


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
