"""The live check of a target: Specific, Measurable, Achievable, Linked, Has a date.

Hints, never a block: a target that fails one can still be set.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

FEWEST_WORDS = 4
_VAGUE = re.compile(
    r"\b(?:be (?:good|better|nice|nicer|sensible)|behave|try (?:hard|harder|his best|her best"
    r"|my best|their best)|do (?:better|well)|improve|work harder)\b",
    re.IGNORECASE,
)
_NUMBER_WORDS = (
    "one two three four five six seven eight nine ten eleven twelve once twice half every no none"
)
_NUMBER = re.compile(rf"\d|\b(?:{'|'.join(_NUMBER_WORDS.split())})\b", re.IGNORECASE)
_ABSOLUTE = re.compile(r"\b(?:always|never|100 ?%|100 per ?cent)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetDraft:
    """A target as typed so far; empty where nothing is yet.

    `linked_to` is the outcome or area it serves, `helps` what will help.
    """

    text: str
    measure: str = ""
    baseline: str = ""
    helps: str = ""
    linked_to: str = ""
    review_on: date | None = None


class SmartPoint(NamedTuple):
    """One of the five: its name, whether it holds, what to do where it does not."""

    name: str
    ok: bool
    advice: str


def smart_check(target: TargetDraft, on: date) -> list[SmartPoint]:
    """The five points in order; `on` is the day the target is set."""
    found = {
        "Specific": specific_advice(target.text),
        "Measurable": measurable_advice(target.measure),
        "Achievable": achievable_advice(target),
        "Linked": "" if target.linked_to.strip() else "Choose the outcome or area it helps with",
        "Has a date": date_advice(target.review_on, on),
    }
    return [SmartPoint(name, not advice, advice) for name, advice in found.items()]


def specific_advice(text: str) -> str:
    """Advice where the text does not say what the pupil does; empty where it does."""
    if len(text.split()) < FEWEST_WORDS:
        return "Say what the pupil will do, and where or when"
    if vague := _VAGUE.search(text):
        return f"Say what “{vague[0].lower()}” looks like"
    return ""


def measurable_advice(measure: str) -> str:
    """Advice where the measure holds no number; empty where it does."""
    return "" if _NUMBER.search(measure) else "Say how many of what, like 4 lessons out of 5"


def achievable_advice(target: TargetDraft) -> str:
    """Advice where the step is absolute, or nothing says it is within reach."""
    if _ABSOLUTE.search(f"{target.text} {target.measure}"):
        return "Nobody manages always or never. Say how many times out of how many"
    if target.baseline.strip() or target.helps.strip():
        return ""
    return "Say where things stand now, or what will help"


def date_advice(review_on: date | None, on: date) -> str:
    """Advice where there is no review date after `on`; empty where there is."""
    if review_on is None:
        return "Choose the date to look at it again"
    return "" if review_on > on else "Choose a review date after today"
