"""What the log form holds about targets when the session did not happen after all.

No target is judged or set in such a session. What was tapped is left out; what was written moves
into the note on what happened instead, so that nothing is lost and nothing hidden is in the way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from sessions.models import Target, TargetReview

Outcome = TargetReview.Outcome
WRITTEN = {
    "judge": ("evidence", "reason"),
    "target": ("text", "goal_count", "goal_unit", "help", "baseline", "measure", "linked_outcome"),
}
CHOSEN = {"judge": ("outcome", "carry_on"), "target": ("area", "student_agreed")}
A_TARGET = "a target"


@dataclass(frozen=True, slots=True)
class Aside:
    """A form without what concerns targets. moved: texts stand in its note; left_out: taps."""

    data: Any
    moved: bool = False
    left_out: bool = False


def set_aside(data: QueryDict, targets: Sequence[Target]) -> Aside:
    """Take what concerns targets out of a posted form; `targets`: those one may judge in it."""
    known = {each.ref: each.text.rstrip(". ") for each in targets}
    lines, left_out = [], False
    anew = data.copy()
    for kind, which in _parts(data):
        texts = [_take(anew, f"{kind}-{which}-{name}") for name in WRITTEN[kind]]
        chosen = [_take(anew, f"{kind}-{which}-{name}") for name in CHOSEN[kind]]
        said = "; ".join(text for text in texts if text)
        if said:
            outcome = f"{Outcome(chosen[0]).label}. " if chosen[0] in Outcome.values else ""
            about = f"On “{known.get(which, A_TARGET)}”: {outcome}" if kind == "judge" else ""
            lines.append(f"{about or 'A target not set: '}{said}")
        elif kind == "judge" and chosen[0]:
            left_out = True
    note = [text for text in (data.get("missed_note", ""), *lines) if text]
    anew["missed_note"] = "\n\n".join(note)
    return Aside(anew, bool(lines), left_out)


def _parts(data: QueryDict) -> list[tuple[str, str]]:
    """Give the kind and number or ref of each part, in the order of the form."""
    names = [name.split("-") for name in data]
    return list(dict.fromkeys((name[0], name[1]) for name in names if _is_part(name)))


def _is_part(name: list[str]) -> bool:
    return len(name) == 3 and name[0] in WRITTEN


def _take(data: QueryDict, name: str) -> str:
    """Take a field out of the form, and give what it held."""
    values = data.pop(name, [""])
    return " ".join(str(values[-1]).split())
