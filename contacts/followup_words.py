"""How a follow-up is shown in lists."""

from dataclasses import dataclass
from datetime import date

from contacts.models import FollowUp
from keywork.duties import DutyStatus, status_of


@dataclass(frozen=True, slots=True)
class FollowUpRow:
    """A follow-up with its chip (status and words) and the words of its button."""

    followup: FollowUp
    status: str
    chip: str
    act: str


def row_of(followup: FollowUp, on: date) -> FollowUpRow:
    """Give a follow-up as lists show it: late, today, to come, to be told, or done."""
    if followup.is_done:
        words = f"Told {_day(followup.told_on)}" if followup.told_on else "Done"
        return FollowUpRow(followup, "done", words, "")
    if followup.waits_for_telling:
        return FollowUpRow(followup, "due", "Answered", f"Tell {followup.raiser}")
    status, day = status_of(followup.due_on, on), _day(followup.due_on, weekday=True)
    words = {DutyStatus.OVERDUE: f"Was for {day}", DutyStatus.DUE: "Today"}.get(status, day)
    return FollowUpRow(followup, status.value, words, "Answer")


def _day(day: date, *, weekday: bool = False) -> str:
    return f"{day:%a} {day.day} {day:%b}" if weekday else f"{day.day} {day:%b}"
