"""From the words of an MIS to ours: dates, years, needs, levels, codes of the register."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from keywork.home.imports.cells import BadCellError
from keywork.home.mis.reader import Cell, as_text
from students.needs import NEEDS
from students.rules.attendance import CODES

SLASHED = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", re.ASCII)
TWO_FIGURE_YEAR = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{2}", re.ASCII)
ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
NAMED = ("%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d %b, %Y")
FLAGS = re.ASCII | re.IGNORECASE
CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})(?::(\d{2})(?:\.0+)?)?\s*([ap]\.?m\.?)?", FLAGS)
# Days since the last of 1899, as workbooks count; these are the years 1954 to 2118.
FIRST_SERIAL, LAST_SERIAL = 20_000, 80_000
SERIAL = re.compile(r"\d{5}(\.\d+)?", re.ASCII)
DAY_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 (a count of days, no moment)
MIDNIGHT = time(0, 0)
SECONDS_A_DAY = 86_400

YES = {"yes", "y", "true", "t", "1"}
NO = {"no", "n", "false", "f", "0"}
SEXES = {"m": "M", "male": "M", "boy": "M", "f": "F", "female": "F", "girl": "F"}
# Codes of before August 2024, and the one letter that some systems put for two.
OLD_CODES = {"H": "C", "F": "C", "J": "J1", "Y": "Y7", "<": "C1", ">": "C2", "?": "J1", "$": "Y1"}
SUB_CODE = re.compile(r"([A-Z/\\#])0\d", re.ASCII)
NO_MARK = {"", "-"}
NEED_WORDS = {re.sub(r"[^a-z]", "", text.lower()): code for code, text in NEEDS.items()}
NEED_WORDS |= {
    "otherdifficultydisability": "OTH",
    "autism": "ASD",
    "autisticspectrumcondition": "ASD",
    "visualimpairment": "VI",
    "seniorspecialistassessment": "NSA",
    "profoundandmultiplelearningdifficulty": "PMLD",
    "socialemotionalandmentalhealthdifficulties": "SEMH",
}


def squeeze(text: str) -> str:
    """Give a heading or word without case, blanks and punctuation: "Contact home?" contacthome."""
    return re.sub(r"[\W_]", "", text.lower().replace("&", "and"))


class Order(StrEnum):
    """How dates such as 05/06/2026 are read.

    DAY: as 5 June. DOUBTFUL: dates with the month first were seen in the same column, so one that
    could be either is refused. MONTH: somebody said that the month stands first.
    """

    DAY = "day"
    DOUBTFUL = "doubtful"
    MONTH = "month"


def read_day(cell: Cell, *, order: Order = Order.DAY) -> date:
    """Read a date: a cell of dates, dd/mm/yyyy, ISO, 5 Jan 2026, or a workbook's day number.

    order: of day and month in a date with figures. Raises BadCellError.
    """
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = as_text(cell).strip()
    if SERIAL.fullmatch(text) and FIRST_SERIAL <= float(text) <= LAST_SERIAL:
        return (DAY_ZERO + timedelta(days=int(float(text)))).date()
    if TWO_FIGURE_YEAR.fullmatch(text):
        raise BadCellError("Which century? Write the year with four figures.")
    found = SLASHED.fullmatch(text)
    if found:
        return _slashed(*map(int, found.groups()), order=order)
    iso = ISO.match(text)
    try:
        if iso and text[10:] in {"", "T00:00:00", " 00:00:00", " 00:00"}:
            return date(*map(int, iso.groups()))
    except ValueError:
        raise BadCellError("No such date. Use dd/mm/yyyy.") from None
    return _named(text)


def _slashed(first: int, second: int, year: int, *, order: Order) -> date:
    day, month = (second, first) if order == Order.MONTH else (first, second)
    if order == Order.MONTH and month > 12 >= day:
        raise BadCellError("The day stands first, and the others have the month first.")
    if month > 12 >= day:
        raise BadCellError("The month stands first. Export dates as dd/mm/yyyy.")
    if order == Order.DOUBTFUL and day <= 12 and day != month:
        raise BadCellError(
            "Could be either of two dates: others in this column have the month first. "
            "Export dates as dd/mm/yyyy."
        )
    try:
        return date(year, month, day)
    except ValueError:
        raise BadCellError("No such date. Use dd/mm/yyyy.") from None


def _named(text: str) -> date:
    for pattern in NAMED:
        try:
            return datetime.strptime(text, pattern).date()  # noqa: DTZ007 (a date)
        except ValueError:
            continue
    raise BadCellError("Not a date. Use dd/mm/yyyy, like 20/11/2026.")


def has_month_first(cell: Cell) -> bool:
    """Say whether a cell can only be a date with the month first, like 11/20/2026."""
    found = SLASHED.match(as_text(cell).strip()) if isinstance(cell, str) else None
    return found is not None and int(found[2]) > 12 >= int(found[1])


def read_moment(day: Cell, clock: Cell = "", *, order: Order = Order.DAY) -> datetime:
    """Read a date and a time, from one cell or two; local, without a zone. Raises BadCellError."""
    if isinstance(day, datetime) and day.time() != MIDNIGHT:
        return day.replace(microsecond=0)
    text = as_text(day).strip()
    if clock == "" and isinstance(day, str):
        head, _, rest = text.replace("T", " ").partition(" ")
        found = SLASHED.match(head) or ISO.match(head)
        if found and rest:
            return datetime.combine(read_day(head, order=order), read_clock(rest))
    if clock == "" and SERIAL.fullmatch(text) and "." in text:
        moment = DAY_ZERO + timedelta(seconds=round(float(text) * SECONDS_A_DAY))
        return moment.replace(second=0)
    return datetime.combine(read_day(day, order=order), read_clock(clock))


def read_clock(cell: Cell) -> time:
    """Read a time of day. Raises BadCellError."""
    if isinstance(cell, datetime):
        return cell.time().replace(second=0, microsecond=0)
    if isinstance(cell, time):
        return cell.replace(second=0, microsecond=0)
    if isinstance(cell, float) and 0 <= cell < 1:
        minutes = round(cell * 24 * 60)
        return time(minutes // 60 % 24, minutes % 60)
    found = CLOCK.fullmatch(as_text(cell).strip())
    if not found:
        raise BadCellError("Not a time. Use one like 09:35.")
    hour, minute, half = int(found[1]), int(found[2]), (found[4] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        raise BadCellError("There is no such time.") from None


def read_truth(cell: Cell) -> str:
    """Read T/F, Y/N and the like as yes or no. Raises BadCellError."""
    word = as_text(cell).strip().lower()
    if word in YES:
        return "yes"
    if word in NO:
        return "no"
    raise BadCellError("Use yes or no.")


def read_sex(cell: Cell) -> str:
    """Read M or F. Raises BadCellError."""
    word = as_text(cell).strip().lower()
    if word not in SEXES:
        raise BadCellError("Use M or F.")
    return SEXES[word]


def read_year_group(cell: Cell) -> str:
    """Read a year group; of several the last, which is the present one. Raises BadCellError."""
    last = re.split(r"[,;|]", as_text(cell).strip())[-1].strip()
    word = squeeze(last)
    if word in {"reception", "r", "yearr", "yr"}:
        return "R"
    found = re.fullmatch(r"(?:year|yr|y|nc|ncyear)?(\d{1,2})", word)
    if not found or not 1 <= int(found[1]) <= 14:
        raise BadCellError("Not a year group. Use one like Year 8.")
    return str(int(found[1]))


def read_sen_status(cell: Cell) -> str:
    """Read N, K or E from a letter, a letter with words, or words. Raises BadCellError."""
    text = as_text(cell).strip()
    word = squeeze(text)
    first = re.split(r"[^A-Za-z]", text)[0].upper()
    if first in {"E", "K", "N"}:
        return first
    if "ehc" in word or "healthandcareplan" in word or "statement" in word:
        return "E"
    if "nosen" in word or "nospecial" in word or word == "none":
        return "N"
    if "support" in word:
        return "K"
    raise BadCellError("Unknown SEN status. Use E, K or N.")


def read_needs(cell: Cell) -> list[str]:
    """Read needs, the first one first, from codes or words; several apart by ; or |.

    Words hold commas of their own, so a comma parts nothing. Raises BadCellError.
    """
    codes = []
    for part in re.split(r"[;|\n]", as_text(cell)):
        word = re.sub(r"[^a-z]", "", part.lower())
        if not word:
            continue
        code = word.upper() if word.upper() in NEEDS else NEED_WORDS.get(word)
        if code is None:
            raise BadCellError(f"Unknown need “{part.strip()}”. Use a code such as ASD.")
        codes.append(code)
    return list(dict.fromkeys(codes))


def read_level(cell: Cell) -> str:
    """Read low, high or reward from a school's words. Raises BadCellError."""
    word = squeeze(as_text(cell))
    for level, signs in (
        ("reward", ("reward", "positive", "green", "praise", "achiev", "merit", "growth")),
        ("high", ("high", "level3", "severe", "serious", "major")),
        ("low", ("low", "level1", "minor")),
        ("high", ("incident",)),
    ):
        if any(sign in word for sign in signs):
            return level
    raise BadCellError("Unknown level. Map it to low, high or reward.")


def read_code(cell: Cell) -> str:
    """Read a code of the register, from sub-codes and old codes too; "" is no mark.

    Raises BadCellError.
    """
    text = as_text(cell).strip()
    if text in NO_MARK:
        return ""
    code = text.upper()
    if code in CODES:
        return code
    sub = SUB_CODE.fullmatch(code)
    code = sub[1] if sub else code
    code = OLD_CODES.get(code, code)
    if code not in CODES:
        raise BadCellError("Unknown code of the register.")
    return code
