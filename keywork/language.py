"""Reminders about wording: plain text in, sentences out. Hints only; they never block.

Sources: screens.md 4.4 to 4.6 (always and never, labels, "you did"), S2-62 (no promises are
made), S2-68.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_ABSOLUTE = re.compile(r"\b(always|never|constantly|every single time)\b", re.IGNORECASE)
_LABEL = re.compile(
    r"\b(naughty|lazy|attention[- ]seeking|manipulative|aggressive|defiant|rude|disruptive"
    r"|bad attitude|badly behaved|stupid|silly|violent|liar|troublemaker|kicked off"
    r"|threw a tantrum|refuser|challenging)\b",
    re.IGNORECASE,
)
_ACCUSING = re.compile(
    r"\b(you (?:did|didn['’]t|don['’]t|failed|refused|need to|must|should(?:n['’]t)?|were))\b",
    re.IGNORECASE,
)
_PROMISE = re.compile(
    r"\b(i (?:have )?promised?|we (?:have )?promised?|i guarantee|won['’]t tell anyone)\b",
    re.IGNORECASE,
)

_REMINDERS = (
    (_ABSOLUTE, "say how often you saw it, and when"),
    (_LABEL, "say what you saw or heard instead of a label"),
    (_ACCUSING, "say “I saw” or “I heard”, so that it can be read aloud"),
    (_PROMISE, "nothing is promised here; say what you will pass on, and to whom"),
)


def language_hints(text: str) -> list[str]:
    """Reminders about a text somebody typed, in a fixed order, one per kind; empty if none."""
    found = ((pattern.search(text), advice) for pattern, advice in _REMINDERS)
    return [f"“{match[0].lower()}”: {advice}" for match, advice in found if match]


def names_in(text: str, names: Iterable[str]) -> list[str]:
    """Those of the names that stand in the text as whole words, in the order given.

    Capitals count, so that "will" is not taken for Will.
    """
    return [name for name in names if name and re.search(rf"\b{re.escape(name)}\b", text)]
