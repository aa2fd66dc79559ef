"""What reminders say: counts, kinds and days; never a name."""

from collections.abc import Mapping, Sequence
from datetime import date

from keywork.duties import DutyKind, DutyStatus
from keywork.home.duty_words import KIND_WORDS, long_day
from sessions.duties import counted

# Status → how a count of such duties is said, in this order.
COUNTED = {
    DutyStatus.OVERDUE: "late",
    DutyStatus.DUE: "due today",
    DutyStatus.AT_RISK: "tight",
}
Counts = Mapping[str, Mapping[str, int]]


def title_of(things: int, ahead: int) -> str:
    """Give a digest's subject: "4 things for today"."""
    if things:
        return f"{counted(things, 'thing')} for today"
    return f"{counted(ahead, 'thing')} coming up"


def lines_of(counts: Counts) -> list[str]:
    """Give one line for each kind of duty: "Session: 1 late, 2 due today"."""
    return [
        f"{kind_words(kind)}: " + ", ".join(_parts(by_status))
        for kind, by_status in counts.items()
    ]


def _parts(by_status: Mapping[str, int]) -> list[str]:
    return [f"{by_status[one]} {words}" for one, words in COUNTED.items() if by_status.get(one)]


def kind_words(kind: str) -> str:
    """Give the words of a kind of duty."""
    return KIND_WORDS[DutyKind(kind)]


def preparing(count: int, day: date, on: date) -> str:
    """Give the line for planned sessions to prepare: today's, or the next school day's."""
    when = "today" if day == on else f"on {long_day(day)}"
    return f"To prepare: {counted(count, 'session')} {when}"


def told(names: Sequence[str]) -> str:
    """Give the line for changes that colleagues tell of: how many, and students' initials."""
    initials = ", ".join(dict.fromkeys(initials_of(name) for name in names))
    return f"{told_title(len(names))} ({initials})"


def told_title(count: int) -> str:
    """Give the subject where there is nothing else: "1 change to know about"."""
    return f"{counted(count, 'change')} to know about"


def initials_of(name: str) -> str:
    """Give a student's initials: "A. F."."""
    return " ".join(f"{word[0].upper()}." for word in name.split()[:1] + name.split()[1:][-1:])
