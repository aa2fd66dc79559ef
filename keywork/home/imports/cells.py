"""Reading one cell: text in, a value of its column's kind out, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from stdnum.gb import upn

from keywork.home.imports.formats import REFERENCES, Column, Kind

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ISO_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?", re.ASCII)
WHOLE_NUMBER = re.compile(r"\d{1,9}", re.ASCII)
# A check letter, eleven digits, then a digit or (a temporary UPN) a letter; no I, O or S.
UPN = re.compile(r"[A-HJ-NP-RT-Z]\d{11}[\dA-HJ-NP-RT-Z]", re.ASCII)
LARGEST_NUMBER = 32767
YEARS = range(1900, 2200)


class BadCellError(ValueError):
    """A cell that cannot be taken; the sentence says what to do."""


def read_cell(column: Column, text: str) -> Any:
    """Give the value of a cell of `column`; `text` is trimmed.

    A reference gives its text: whoever knows the records looks it up. Raises BadCellError.
    """
    if not text:
        if column.required:
            raise BadCellError("Needed: this cell is empty.")
        return () if column.kind == Kind.CODES else column.empty
    if "\x00" in text:
        raise BadCellError("Holds a character that no text has. Type it again.")
    if column.kind in REFERENCES:
        return text
    return READERS[column.kind](column, text)


def _read_text(column: Column, text: str) -> str:
    if column.limit and len(text) > column.limit:
        raise BadCellError(f"{len(text)} characters. Shorten it to {column.limit} at most.")
    return text


def _read_date(column: Column, text: str) -> date:
    try:
        found = date.fromisoformat(text) if ISO_DATE.fullmatch(text) else None
    except ValueError:
        raise BadCellError("There is no such date. Use yyyy-mm-dd, like 2026-11-20.") from None
    if found is None:
        raise BadCellError("Not a date. Use yyyy-mm-dd, like 2026-11-20.")
    if found.year not in YEARS:
        raise BadCellError("Use a year between 1900 and 2199.")
    return found


def _read_number(column: Column, text: str) -> int:
    if not WHOLE_NUMBER.fullmatch(text) or int(text) > LARGEST_NUMBER:
        raise BadCellError(f"Use a whole number from 0 to {LARGEST_NUMBER}.")
    return int(text)


def _read_moment(column: Column, text: str) -> datetime:
    """Read a local time; of the hour that comes twice in October, the first."""
    try:
        found = datetime.fromisoformat(text) if ISO_MOMENT.fullmatch(text) else None
    except ValueError:
        raise BadCellError("There is no such time. Use one like 2026-11-20T10:35.") from None
    if found is None:
        raise BadCellError("Not a date and time. Use one like 2026-11-20T10:35.")
    if found.year not in YEARS:
        raise BadCellError("Use a year between 1900 and 2199.")
    return timezone.make_aware(found)


def _read_signed(column: Column, text: str) -> int:
    sign, figures = (-1, text[1:]) if text[:1] in {"-", "−"} else (1, text)
    if not WHOLE_NUMBER.fullmatch(figures) or int(figures) > LARGEST_NUMBER:
        raise BadCellError(f"Use a whole number from -{LARGEST_NUMBER} to {LARGEST_NUMBER}.")
    return sign * int(figures)


def _read_yes_no(column: Column, text: str) -> bool:
    if text not in {"yes", "no"}:
        raise BadCellError("Use yes or no.")
    return text == "yes"


def _read_code(column: Column, text: str) -> str:
    if text not in column.codes:
        raise BadCellError(f"Unknown. Use one of: {', '.join(column.codes)}.")
    return text


def _read_codes(column: Column, text: str) -> tuple[str, ...]:
    parts = [part.strip() for part in text.split("|")]
    return tuple(dict.fromkeys(_read_code(column, part) for part in parts if part))


def _read_email(column: Column, text: str) -> str:
    try:
        validate_email(text)
    except ValidationError:
        raise BadCellError("Not an e-mail address. Use one like name@example.org.") from None
    return _read_text(column, text)


def _read_upn(column: Column, text: str) -> str:
    """Check shape and check letter; not the authority's number, for samples invent theirs."""
    if not UPN.fullmatch(text):
        raise BadCellError("Not a UPN: a capital letter, then twelve figures.")
    letter = upn.calc_check_digit(text[1:])
    if letter != text[0]:
        raise BadCellError(f"The check letter is wrong: these figures give {letter}. Check it.")
    return text


READERS: dict[Kind, Callable[[Column, str], Any]] = {
    Kind.TEXT: _read_text,
    Kind.DATE: _read_date,
    Kind.MOMENT: _read_moment,
    Kind.NUMBER: _read_number,
    Kind.SIGNED: _read_signed,
    Kind.YES_NO: _read_yes_no,
    Kind.CODE: _read_code,
    Kind.CODES: _read_codes,
    Kind.EMAIL: _read_email,
    Kind.UPN: _read_upn,
}
