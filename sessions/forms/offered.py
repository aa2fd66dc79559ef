"""Days that the log form offers: one that nobody chose is offered anew where it is left as it was.

The form carries each offer beside its field. A draft holds both, so that a day typed stays, and
one that was only offered does not become the day of the session because somebody prepared it
the day before.
"""

from datetime import date

from django.http import QueryDict

from keywork.dates import parse_day

# What is said of a session once it was held, or once it was clear that it was not.
SAID_AFTERWARDS = (
    *("pupil_voice", "feeling", "details", "themes", "engagement", "strategies_agreed"),
    *("no_target_reason", "missed_reason", "missed_note"),
)
# The same in its repeated parts: how a target went, one that was agreed.
SAID_IN_PARTS = {"judge": {"outcome", "evidence", "reason"}, "target": {"text"}}

# What means the same day on both of these days names its year.
FAR_APART = (date(1950, 1, 1), date(2000, 1, 1))


def untouched(data: QueryDict, name: str, offered: str) -> date | None:
    """Give the day offered, of the field `offered`, where the field `name` still holds it."""
    day = _written(data.get(offered, ""))
    return day if day and _written(data.get(name, "")) == day else None


def day_afresh(data: QueryDict, *, fresh: date, planned: bool) -> tuple[QueryDict, str]:
    """Give the form as typed, with the day of the session offered anew, and what to say of it.

    fresh: the day offered now. planned: a planned session is being logged. One that was not
    planned, and of which somebody wrote how it went, was held on the day they began to write;
    once that was said, the day counts as chosen.
    """
    began = untouched(data, "held_on", "day_offered")
    if began is None or began == fresh:
        return data, ""
    words = f"You began this on {_long(began)}"
    if not planned and any(data.get(name) for name in data if _is_said_afterwards(name)):
        anew = data.copy()
        anew["day_offered"] = ""
        return anew, f"{words}, and that day is kept. Change it if the session was on another."
    anew = _offering(data, ("held_on", "day_offered"), fresh)
    return anew, f"{words}. Now it says {_long(fresh)}: change it if it is wrong."


def written_out(data: QueryDict, on: date) -> QueryDict:
    """Give a form kept on a day with a word such as "today" or "fri" as the day it meant then."""
    typed = str(data.get("held_on", ""))
    try:
        day = parse_day(typed, on, past=True)
    except ValueError:
        return data
    if not _written(typed):
        # It was typed, also where it is the day that was offered.
        data["held_on"], data["day_offered"] = f"{day:%d/%m/%Y}", ""
    return data


def next_afresh(data: QueryDict, fresh: date | None) -> QueryDict:
    """Give the form as typed, with the day of the next session offered anew if left as it was."""
    if fresh is None or untouched(data, "next_on", "next_offered") is None:
        return data
    return _offering(data, ("next_on", "next_offered"), fresh)


def day_in(data: QueryDict, on: date) -> date | None:
    """Give the day of the session as it is meant on the day `on`; None where it is no day."""
    try:
        return parse_day(data.get("held_on", ""), on, past=True)
    except ValueError:
        return None


def _is_said_afterwards(name: str) -> bool:
    part, _, rest = name.partition("-")
    said = SAID_IN_PARTS.get(part, ())
    return name in SAID_AFTERWARDS or rest.rpartition("-")[2] in said


def _offering(data: QueryDict, names: tuple[str, str], day: date) -> QueryDict:
    anew = data.copy()
    field, offered = names
    anew[field], anew[offered] = f"{day:%d/%m/%Y}", day.isoformat()
    return anew


def _written(text: str) -> date | None:
    """A day written out with its year; None for "today" or "12 nov", which somebody typed."""
    try:
        days = {parse_day(text, on) for on in FAR_APART}
    except ValueError:
        return None
    return days.pop() if len(days) == 1 and text[:1].isdecimal() else None


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B}"
